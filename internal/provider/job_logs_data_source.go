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
		MarkdownDescription: "Reads the log of one job: the end of the log, its errors and warnings, the lines that match a pattern, and the size of the whole log. " +
			"The provider streams the log, so large logs do not need more memory.\n\n" +
			"~> **What stays in the state:** all attributes of this data source. `content` and `matches` are sensitive, so Terraform hides them in its output. " +
			"The state and a saved plan contain them in plain text, like `errors` and `warnings`. " +
			"GitHub masks the secrets that it knows, but a log can contain other confidential text. " +
			"Keep `tail_lines` or `max_bytes` small, or use the ephemeral resource of the same name (Terraform 1.10 or OpenTofu 1.11 and later), which leaves nothing in the state.",
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
	d.setState(ctx, in, &resp.State, query.repository, jobLogObject().values(log))
}
