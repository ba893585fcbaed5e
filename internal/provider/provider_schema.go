package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// providerSchema is the provider block. Names and meanings are those of integrations/github wherever it
// has the same argument.
func providerSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		"owner": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "User or organisation that owns the repositories, for data sources that do not set an owner. Environment: `GITHUB_OWNER`. Null: each data source must set it.",
			Validators:          []validator.String{validProviderOwner()},
		},
		"token": schema.StringAttribute{
			Optional: true, Sensitive: true,
			MarkdownDescription: "Token for the API. The provider sends it only to the scheme, host and port of `base_url`. It needs read access to Actions (fine-grained token: Actions: read; classic token: `repo`, for private repositories). Environment: `GITHUB_TOKEN`, for any host; if that is not set, the token that `gh` uses for the host. Without a token, requests are anonymous: GitHub allows 60 per hour, for public repositories. Conflicts with `app_auth`.",
			Validators:          []validator.String{validToken(), stringvalidator.ConflictsWith(path.MatchRoot("app_auth"))},
		},
		"base_url": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "URL of the REST API: `https://api.github.com/` (default), `https://HOST/api/v3/` for GitHub Enterprise Server, `https://api.SUBDOMAIN.ghe.com/` for GHE.com. The provider does not change it. Plain `http` is allowed only for a loopback host. Environment: `GITHUB_BASE_URL`.",
			Validators:          []validator.String{validBaseURL()},
		},
		"ca_cert_pem": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Root certificates in PEM form to trust in addition to those of the system, for a GitHub Enterprise Server with its own certificate. Set it to the contents of a file, not to its path: `file(\"ca.pem\")`. A line break can be written as `\\n`. Null: only those of the system.",
			Validators:          []validator.String{validCertificates()},
		},
	}
	maps.Copy(attributes, trafficArguments())
	return schema.Schema{
		MarkdownDescription: "Reads GitHub Actions workflow jobs as data that a plan can reason about: fields, steps, runners, runner labels and attempts.",
		Attributes:          attributes,
		Blocks:              map[string]schema.Block{"app_auth": appAuthBlock()},
	}
}

// trafficArguments say how many requests are sent, how often they are retried and what is cached.
func trafficArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"max_concurrent_requests": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: "Maximum number of requests at the same time, over all data sources: 1 to 100, default 10.",
			Validators:          []validator.Number{between(1, 100)},
		},
		"requests_per_minute": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: "Maximum number of requests per minute; further requests wait: 0 to 60000. The default is 900, because GitHub's secondary rate limit is 900 points per minute and a read costs one point. 0 switches this limit off.",
			Validators:          []validator.Number{between(0, 60_000)},
		},
		"max_retries": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: "How often to retry a request after a server error (5xx), a broken connection or an incomplete answer: 0 to 100, default 3. Other errors (4xx) are not retried.",
			Validators:          []validator.Number{between(0, 100)},
		},
		"retry_delay_ms": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: "Longest wait before the first retry, in milliseconds: 1 to 30000, default 1000. It doubles with each retry, up to 30 seconds. The provider waits a random time between half of it and all of it. A `Retry-After` header of a 503 can make the wait longer, up to 30 seconds.",
			Validators:          []validator.Number{between(1, 30_000)},
		},
		"max_rate_limit_wait": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Longest wait for a rate limit, as a duration such as `30s` or `5m`. Default: `1m`. If the limit resets later than that, or later than the timeout of the read, the read fails at once and says when the limit resets. `0s`: never wait.",
			Validators:          []validator.String{validDuration()},
		},
		"cache_path": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Folder in which the provider keeps answers between runs. Data sources that read many runs do not request the jobs of completed runs again. For other answers, the provider asks GitHub only whether they have changed (by ETag); with a token, an unchanged answer does not count against the rate limit. A relative path starts at the folder that Terraform runs in. Several Terraform processes can share the folder; only the user that runs Terraform can read it. Environment: `GITHUB_CACHE_PATH`. Null: nothing is kept.",
			Validators:          []validator.String{validCachePath()},
		},
		"cache_url": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Bucket in which the provider keeps answers for many machines: `s3://BUCKET/PREFIX`, in AWS or in any S3-compatible store. Parameters: `region` (default: `AWS_REGION`, then `AWS_DEFAULT_REGION`, then `us-east-1`), `endpoint` (URL of another store, for example `s3://BUCKET/PREFIX?endpoint=https://minio.example.com:9000`; plain `http` only for a loopback host) and `read_only` (`true`: nothing is written). " +
				"Credentials come from the AWS environment variables, a web identity, the shared profile or the role of the machine. With `cache_path`, the folder is asked first. A bucket that is slow or fails is a warning, never an error. Everyone who can read the bucket can read the answers in it, and the provider trusts what it finds there: see the guide \"Caches in CI\". Environment: `GITHUB_CACHE_URL`. Null: no bucket.",
			Validators: []validator.String{validCacheURL()},
		},
	}
}

func appAuthBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Authenticate as the installation of a GitHub App. The provider renews the token during a long run. Arguments that the block does not set come from the environment. Without the block, and without `token`, setting all three variables has the same effect. Conflicts with `token`.",
		Attributes: map[string]schema.Attribute{
			"id": schema.NumberAttribute{
				Optional:            true,
				MarkdownDescription: "ID of the App. Required, here or in the environment: `GITHUB_APP_ID`.",
				Validators:          []validator.Number{positive()},
			},
			"installation_id": schema.NumberAttribute{
				Optional:            true,
				MarkdownDescription: "ID of the installation of the App in the organisation or account. Required, here or in the environment: `GITHUB_APP_INSTALLATION_ID`.",
				Validators:          []validator.Number{positive()},
			},
			"pem_file": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "Private key of the App in PEM form: the contents of the file, not its path. A line break can be written as `\\n`. Required, here or in the environment: `GITHUB_APP_PEM_FILE`.",
				Validators:          []validator.String{validPrivateKey()},
			},
		},
	}
}
