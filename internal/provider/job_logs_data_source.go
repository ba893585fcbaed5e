package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// jobLogsDataSource is github_actions_job_logs as a data source: a log whose end goes into the state.
type jobLogsDataSource struct{ dataSource }

func newJobLogsDataSource() datasource.DataSource { return &jobLogsDataSource{} }

func (d *jobLogsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_actions_job_logs"
}

func (d *jobLogsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Log of one job: its end, its error and warning lines, the lines that match a pattern, and figures of the whole. " +
			"The log is streamed, so its size does not matter.\n\n" +
			"~> **What stays in the state:** everything on this page. `content` and `matches` are marked sensitive, which hides them in Terraform's output; " +
			"in the state and in a saved plan they stand in plain text, like `errors` and `warnings`. " +
			"A log can hold what nobody should keep, though GitHub masks the secrets that it knows. " +
			"Keep `tail_lines` or `max_bytes` small, or use the ephemeral resource of the same name (Terraform 1.10 or OpenTofu 1.11 and later), of which nothing is kept.",
		Attributes: mergeAttributes(jobLogsArguments(), jobLogObject().attributes()),
		Blocks:     readTimeouts(),
	}
}

func (d *jobLogsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	in := input{req.Config, &resp.Diagnostics}
	query := d.jobLogQuery(ctx, in)
	ctx, cancel := in.withTimeout(ctx, "read", defaultReadTimeout)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	log, err := d.readJobLog(ctx, query)
	if err != nil {
		reportError(&resp.Diagnostics, err)
		return
	}
	d.setState(in, &resp.State, query.repository, jobLogObject().values(log))
}
