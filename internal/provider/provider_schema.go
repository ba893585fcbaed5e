package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// providerSchema is the provider block. Names and meanings are integrations/github's wherever it has
// the same thing.
func providerSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		"owner": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "User or organisation that owns the repositories of data sources which do not name one. Environment: `GITHUB_OWNER`. Null: each data source has to name it.",
			Validators:          []validator.String{ownerValidator{}},
		},
		"token": schema.StringAttribute{
			Optional: true, Sensitive: true,
			MarkdownDescription: "Token that is sent to the scheme, host and port of `base_url` and nowhere else. It needs read access to Actions (fine-grained: Actions: read; classic: `repo`, for private repositories). Environment: `GITHUB_TOKEN`, for any host; after that, what `gh` would use for the host. Null and nothing found: requests are anonymous, which GitHub allows for public repositories, 60 an hour. Conflicts with `app_auth`.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1), stringvalidator.ConflictsWith(path.MatchRoot("app_auth"))},
		},
		"base_url": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Address of the REST API: `https://api.github.com/` (default), `https://HOST/api/v3/` for GitHub Enterprise Server, `https://api.SUBDOMAIN.ghe.com/` for GHE.com. It is taken as written. Plain `http` is allowed for a loopback host only. Environment: `GITHUB_BASE_URL`.",
			Validators:          []validator.String{baseURLValidator{}},
		},
		"ca_cert_pem": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Root certificates in PEM form that are trusted beside the system's, for a GitHub Enterprise Server with a certificate of its own. The contents, not a path: `file(\"ca.pem\")`. Null: the system's alone.",
			Validators:          []validator.String{certificateValidator{}},
		},
	}
	for name, attribute := range trafficArguments() {
		attributes[name] = attribute
	}
	return schema.Schema{
		MarkdownDescription: "Reads GitHub Actions workflow jobs as data that a plan can reason about: fields, steps, runners, runner labels and attempts.",
		Attributes:          attributes,
		Blocks:              map[string]schema.Block{"app_auth": appAuthBlock()},
	}
}

// trafficArguments steer how hard GitHub is asked, and for how long.
func trafficArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"max_concurrent_requests": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: "How many requests may be under way at the same time, over all data sources: 1 to 100, default 10.",
			Validators:          []validator.Number{between(1, 100)},
		},
		"requests_per_minute": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: "How many requests may be sent in any minute; more wait for their turn: 0 to 60000, default 900, since GitHub's secondary limit is 900 points a minute and a read costs one. 0 switches pacing off.",
			Validators:          []validator.Number{between(0, 60_000)},
		},
		"max_retries": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: "How often a request is tried again after a server fault (5xx), a broken connection or an answer that was cut short: 0 to 100, default 3. Refusals (4xx) are never tried again.",
			Validators:          []validator.Number{between(0, 100)},
		},
		"retry_delay_ms": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: "First wait before such a retry, in milliseconds: 1 to 30000, default 1000. It doubles with each retry, up to 30 seconds, and a part of it is random.",
			Validators:          []validator.Number{between(1, 30_000)},
		},
		"max_rate_limit_wait": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Longest wait for a rate limit, as a duration such as `30s` or `5m`. Default `1m`. A limit that resets later than that, or later than the read's own time-out, fails at once and says when it resets. `0s`: never wait.",
			Validators:          []validator.String{durationValidator{}},
		},
		"cache_path": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Folder for answers that are kept between runs and asked for again by ETag, which with a token costs no rate limit when nothing has changed. A relative path is one below the folder that Terraform runs in. Several Terraform processes can share it; only the user that runs Terraform can read it. Environment: `GITHUB_CACHE_PATH`. Null: nothing is kept.",
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1), cachePathValidator{}},
		},
	}
}

func appAuthBlock() schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Read as the installation of a GitHub App, whose token is renewed by itself during a long run. What an `app_auth` block leaves out comes from the environment; without a block, and without `token`, all three variables together have the same effect. Conflicts with `token`.",
		Attributes: map[string]schema.Attribute{
			"id": schema.NumberAttribute{
				Optional:            true,
				MarkdownDescription: "Id of the App. Required, here or in the environment: `GITHUB_APP_ID`.",
				Validators:          []validator.Number{positive()},
			},
			"installation_id": schema.NumberAttribute{
				Optional:            true,
				MarkdownDescription: "Id of the App's installation in the organisation or account. Required, here or in the environment: `GITHUB_APP_INSTALLATION_ID`.",
				Validators:          []validator.Number{positive()},
			},
			"pem_file": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "The App's private key in PEM form: its contents, not a path; `\\n` may stand for a line end. Required, here or in the environment: `GITHUB_APP_PEM_FILE`.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		},
	}
}
