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
		MarkdownDescription: "Log of one job, read anew whenever Terraform plans or applies: its end, its error and warning lines, the lines that match a pattern, figures of the whole, and the link to it. " +
			"The log is streamed, so its size does not matter.\n\n" +
			"-> **What stays in the state:** nothing of it, neither there nor in a saved plan. " +
			"In return, Terraform lets its values go only where they are not kept either: " +
			"conditions of other blocks and checks, locals, provider blocks, write-only arguments, and variables and outputs of child modules that are `ephemeral`. " +
			"(Conditions in the ephemeral block itself work, but `terraform show -json` of Terraform 1.11 crashes on a plan with them.) " +
			"To show a log in an output of the root module, use the data source of the same name, which keeps it in the state.",
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
	if values, ok := e.result(in, query.repository, openedJobLogObject().values(log)); ok {
		resp.Result.Raw = values
	}
}
