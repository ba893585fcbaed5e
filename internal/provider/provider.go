// Package provider is the Terraform face of internal/actions: schemas, values and the wording of
// diagnostics. It is the only package that imports terraform-plugin-framework.
package provider

import (
	"context"
	"os"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// New returns a factory of the provider as the binary serves it.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return newProvider(version, os.Getenv) }
}

// githubProvider is the provider block and the list of what the provider offers.
type githubProvider struct {
	version string
	getenv  func(string) string // empty for a variable that is not set
}

var _ provider.ProviderWithFunctions = (*githubProvider)(nil)

func newProvider(version string, getenv func(string) string) *githubProvider {
	return &githubProvider{version: version, getenv: getenv}
}

// typeName is the prefix of every data source. It is integrations/github's as well; the README shows
// how to use both in one configuration.
const typeName = "github"

func (p *githubProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = typeName
	resp.Version = p.version
}

func (p *githubProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads GitHub Actions workflow jobs as data that a plan can reason about: fields, steps, runners, runner labels and attempts.",
		Attributes: map[string]schema.Attribute{
			"owner": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "User or organisation that owns the repositories of data sources which do not name one. Environment: `GITHUB_OWNER`. Null: each data source has to name it.",
				Validators:          []validator.String{ownerValidator{}},
			},
			"token": schema.StringAttribute{
				Optional: true, Sensitive: true,
				MarkdownDescription: "Token that is sent to the host of `base_url` and nowhere else. It needs read access to Actions (fine-grained: Actions: read; classic: `repo`, for private repositories). Environment: `GITHUB_TOKEN`. Null: requests are anonymous, which GitHub allows for public repositories, 60 an hour.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"base_url": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Address of the REST API: `https://api.github.com/` (default), `https://HOST/api/v3/` for GitHub Enterprise Server, `https://api.SUBDOMAIN.ghe.com/` for GHE.com. It is taken as written. Plain `http` is allowed for a loopback host only. Environment: `GITHUB_BASE_URL`.",
				Validators:          []validator.String{baseURLValidator{}},
			},
			"max_concurrent_requests": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How many requests may be under way at the same time, over all data sources: 1 to 100, default 10.",
				Validators:          []validator.Int64{int64validator.Between(1, 100)},
			},
		},
	}
}

func (p *githubProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	s := readSettings(ctx, req.Config, p.getenv, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	client := transport.New(transport.Config{
		BaseURL:       s.baseURL,
		Credential:    transport.StaticToken(s.token, s.tokenSource),
		MaxConcurrent: s.maxConcurrent,
	})
	resp.DataSourceData = &providerData{
		client: actions.NewClient(client, s.baseURL, p.userAgent(req.TerraformVersion), s.maxConcurrent),
		owner:  s.owner,
	}
}

func (p *githubProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newJobDataSource,
		newRunJobsDataSource,
	}
}

// Functions need nothing of the provider block: they ask GitHub for nothing.
func (p *githubProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		newParseActionsURLFunction,
		newLabelViolationsFunction,
		newTimelineFunction,
	}
}

func (p *githubProvider) Resources(context.Context) []func() resource.Resource { return nil }

// userAgent tells GitHub's people who is asking.
func (p *githubProvider) userAgent(terraformVersion string) string {
	return "terraform-provider-github-actions/" + p.version + " terraform/" + terraformVersion
}
