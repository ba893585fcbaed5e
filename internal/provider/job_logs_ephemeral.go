package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
)

// jobLogsEphemeral is github_actions_job_logs as an ephemeral resource: a log of which nothing is kept.
type jobLogsEphemeral struct{ *providerData }

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*jobLogsEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*jobLogsEphemeral)(nil)
)

func newJobLogsEphemeral() ephemeral.EphemeralResource { return &jobLogsEphemeral{} }

func (e *jobLogsEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_actions_job_logs"
}

func (e *jobLogsEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the log of one job each time Terraform plans or applies: the end of the log, its errors and warnings, the lines that match a pattern, the size of the whole log, and its download URL. " +
			"The provider streams the log, so large logs do not need more memory.\n\n" +
			"-> **What stays in the state:** nothing. A saved plan does not contain the log either. " +
			"For this reason, Terraform accepts its values only where they are not saved: " +
			"in conditions of other blocks and checks, locals, provider blocks, write-only arguments, and `ephemeral` variables and outputs of child modules. " +
			"(Conditions in the ephemeral block itself work, but `terraform show -json` of Terraform 1.11 crashes on such a plan.) " +
			"To show a log in an output of the root module, use the data source of the same name, which saves the log in the state.",
		Attributes: inEphemeral(mergeAttributes(jobLogsArguments(), openedJobLogObject().attributes())),
		Blocks:     map[string]schema.Block{"timeouts": timeoutsBlock("open", "Default: `10m`.")},
	}
}

func (e *jobLogsEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.providerData = providerDataOf(req.ProviderData, "ephemeral resource", &resp.Diagnostics)
}

func (e *jobLogsEphemeral) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	input{req.Config, &resp.Diagnostics}.checkOwners(ctx)
}

func (e *jobLogsEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	defer e.finish(ctx, &resp.Diagnostics)
	in := input{req.Config, &resp.Diagnostics}
	query := e.jobLogQuery(ctx, in)
	ctx, cancel := in.withTimeout(ctx, "open", defaultReadTimeout)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	log, err := e.readJobLog(ctx, query)
	if err != nil {
		reportError(&resp.Diagnostics, err)
		return
	}
	if values, ok := e.result(in, query.repository, openedJobLogObject().values(log)); ok && !in.isOutOfTime(ctx) {
		resp.Result.Raw = values
	}
}
