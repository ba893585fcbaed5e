// Package provider is the Terraform face of internal/actions: schemas, values and the wording of
// diagnostics. It is the only package that imports terraform-plugin-framework.
package provider

import (
	"context"
	"net/http"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// New returns a factory of the provider as the binary serves it.
func New(version string) func() provider.Provider {
	return func() provider.Provider {
		return newProvider(version, machine{getenv: os.Getenv, ghToken: transport.GHToken})
	}
}

// machine is what the provider reads from the machine that it runs on. Tests bring their own.
type machine struct {
	getenv  func(name string) string                                  // empty for a variable that is not set
	ghToken func(ctx context.Context, host string) transport.GHResult // what gh would use for a host
	base    http.RoundTripper                                         // sends the requests; nil: the network
	bucket  http.RoundTripper                                         // sends those to the bucket of cache_url; nil: the network
}

// githubProvider is the provider: its block and the lists of its data sources, functions and ephemeral
// resources.
type githubProvider struct {
	version string
	machine machine
}

var _ provider.ProviderWithFunctions = (*githubProvider)(nil)

func newProvider(version string, m machine) *githubProvider {
	return &githubProvider{version: version, machine: m}
}

// typeName is the prefix of every data source. It is integrations/github's as well; the README shows
// how to use both in one configuration.
const typeName = "github"

func (p *githubProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = typeName
	resp.Version = p.version
}

func (p *githubProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

func (p *githubProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	config := configReader{req.Config, p.machine, &resp.Diagnostics}.read(ctx)
	if resp.Diagnostics.HasError() {
		return
	}
	data := &providerData{owner: config.owner}
	config.transport.UserAgent = "terraform-provider-github-actions/" + p.version + " terraform/" + req.TerraformVersion
	config.transport.Base = p.machine.base
	config.transport.OnCacheError = data.cache.failed
	client, err := transport.New(config.transport)
	if err != nil {
		// Everything else is checked on its own argument.
		reportArgument(&resp.Diagnostics, path.Root("ca_cert_pem"), err)
		return
	}
	data.flush = func(ctx context.Context) { transport.Flush(ctx, client) }
	data.cache.report(&resp.Diagnostics)
	data.client = actions.NewClient(actions.Config{
		HTTP:          client,
		BaseURL:       config.transport.BaseURL,
		UserAgent:     config.transport.UserAgent,
		MaxConcurrent: config.transport.MaxConcurrent,
		TokenSource:   config.tokenSource(),
		App:           transport.IsApp(config.transport.Credential),
		GHFinding:     config.ghFinding,
	})
	resp.DataSourceData, resp.EphemeralResourceData = data, data
}

func (p *githubProvider) DataSources(context.Context) []func() datasource.DataSource {
	return finished(
		newJobDataSource,
		newRunJobsDataSource,
		newWorkflowRunsDataSource,
		newCommitGateDataSource,
		newRunnerLabelAuditDataSource,
		newJobUsageDataSource,
		newJobsDataSource,
		newJobLogsDataSource,
	)
}

// Functions lists the functions. They send no requests, so they do not need the provider block.
func (p *githubProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		newParseActionsURLFunction,
		newLabelViolationsFunction,
		newTimelineFunction,
		newUsageChartFunction,
	}
}

func (p *githubProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newJobLogsEphemeral}
}

func (p *githubProvider) Resources(context.Context) []func() resource.Resource { return nil }
