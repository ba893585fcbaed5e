package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// defaultMaxRuns is how many runs are looked at unless the configuration says otherwise: one page.
const defaultMaxRuns = 100

// workflowRunsDataSource is github_actions_workflow_runs: the newest runs that match a filter.
type workflowRunsDataSource struct{ dataSource }

func newWorkflowRunsDataSource() datasource.DataSource { return &workflowRunsDataSource{} }

func (d *workflowRunsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_actions_workflow_runs"
}

func (d *workflowRunsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the newest workflow runs of a repository that match the filters. Use it to find the run of a commit or branch, and `github_actions_run_jobs` to read the jobs of that run. To check the jobs of many runs, use `github_actions_runner_label_audit`, which covers all of them in one read.",
		Attributes: mergeAttributes(repositoryArguments(), runsFilterArguments(), workflowRunsObject().attributes(), map[string]schema.Attribute{
			"max_results": schema.NumberAttribute{
				Optional:            true,
				MarkdownDescription: "Maximum number of runs to list: 1 to 1000, default 100. GitHub returns at most 1000 runs of a filtered list.",
				Validators:          []validator.Number{between(1, actions.MaxFilteredRuns)},
			},
		}),
		Blocks: readTimeouts(),
	}
}

func (d *workflowRunsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	in := input{req.Config, &resp.Diagnostics}
	repo := d.repository(ctx, in)
	query := in.runsQuery(ctx, repo, in.int64Or(ctx, "max_results", defaultMaxRuns))
	ctx, cancel := in.withTimeout(ctx, "read", defaultReadTimeout)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	runs, err := d.client.WorkflowRuns(ctx, query)
	if err != nil {
		reportError(&resp.Diagnostics, err)
		return
	}
	reportRunList(&resp.Diagnostics, repo, runs)
	d.setState(ctx, in, &resp.State, repo, workflowRunsObject().values(runs))
}

func workflowRunsObject() object[actions.WorkflowRuns] {
	type list = actions.WorkflowRuns
	return object[list]{
		int64Attr("total_count", "Number of runs that match the filters, as GitHub reports it. It can be higher than the number of runs in `runs`. Null if the API does not return it.", func(l list) *int64 { return l.Total }),
		int64ListAttr("ids", "IDs of the runs in `runs`, in the same order, newest first. Unlike `runs`, a mocked provider in `terraform test` can set it.", list.IDs),
		int64Attr("latest_id", "ID of the newest run in `runs`. Null if no run matches the filters.", list.LatestID),
		objectListAttr("runs", "Runs, newest first, at most `max_results`.", runObject(), func(l list) []*job.Run { return l.Runs }),
	}
}
