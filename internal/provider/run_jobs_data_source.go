package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/numbervalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// runJobsDataSource is github_actions_run_jobs: the jobs of a run, whole, and how the run stands.
type runJobsDataSource struct{ dataSource }

func newRunJobsDataSource() datasource.DataSource { return &runJobsDataSource{} }

func (d *runJobsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_actions_run_jobs"
}

func (d *runJobsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "All jobs of a workflow run or of one attempt of it, with runners, runner labels, times and steps, and how the run itself stands.",
		Attributes:          mergeAttributes(repositoryArguments(), runJobsArguments(), runJobsObject().attributes()),
		Blocks:              waitingReadTimeouts(),
	}
}

func (d *runJobsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	in := input{req.Config, &resp.Diagnostics}
	repo := d.repository(ctx, in)
	includeSteps := get[types.Bool](ctx, in, "include_steps")
	query := actions.RunQuery{
		Repository: repo,
		RunID:      in.int64Or(ctx, "run_id", 0),
		Attempt:    in.int64Or(ctx, "attempt_number", 0),
		Filter:     job.Filter(get[types.String](ctx, in, "filter").ValueString()),
		SkipSteps:  !includeSteps.IsNull() && !includeSteps.ValueBool(),
	}
	wait, limit := in.waits(ctx)
	ctx, cancel := in.withTimeout(ctx, "read", limit)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	run, err := d.run(ctx, query, wait)
	if err != nil {
		reportError(&resp.Diagnostics, err)
		return
	}
	d.setState(in, &resp.State, repo, runJobsObject().values(run))
}

// run reads the run and its jobs, once the run is over if wait says so.
func (d *runJobsDataSource) run(ctx context.Context, query actions.RunQuery, wait bool) (job.RunJobs, error) {
	if wait {
		return d.client.WaitRunJobs(ctx, query, logProgress(ctx))
	}
	return d.client.RunJobs(ctx, query)
}

func runJobsArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"run_id": schema.NumberAttribute{
			Required:            true,
			MarkdownDescription: "Id of the run, at least 1: the number in a run's web address (`…/actions/runs/RUN`).",
			Validators:          []validator.Number{positive()},
		},
		"attempt_number": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: "Attempt of the run to list, from 1. Null: by `filter`. The two cannot be used together.",
			Validators:          []validator.Number{positive(), numbervalidator.ConflictsWith(path.MatchRoot("filter"))},
		},
		"filter": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Which attempts to list: `latest` (default), the jobs of the newest attempt; `all`, the jobs of every attempt; " +
				"`final`, for each job name the jobs of the highest attempt that has it, which is what the run's page shows after a partial re-run.",
			Validators: []validator.String{validOneOf(job.Filters()...)},
		},
		"wait_for_completion": waitAttribute("run"),
		"include_steps": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether `jobs` carry their steps. Default: `true`. `false` leaves `steps` empty, which keeps plan and state of a large run small.",
		},
	}
}

func runJobsObject() object[job.RunJobs] {
	type run = job.RunJobs
	return object[run]{
		objectListAttr("jobs", "The jobs, unique by `id`, ordered by `run_attempt`, then `id`.", jobObject(), func(r run) []*job.Job { return r.Jobs }),
		int64Attr("total_count", "Number of `jobs`.", func(r run) *int64 { n := int64(len(r.Jobs)); return &n }),
		stringListAttr("labels", "Distinct runner labels of all `jobs`, sorted.", run.Labels),
		stringListAttr("failed_jobs", "Names of the completed jobs whose conclusion is none of `success`, `skipped` and `neutral`, in the order of `jobs`. Alone it is no gate: a run that was cancelled, did not start or waits for an approval can have none; see `succeeded`.", run.FailedJobs),
		stringAttr("run_status", "How far the run is (with `attempt_number`: the attempt), as GitHub says it. Null where the server lists the jobs but has no page for the run or attempt.", run.Status),
		stringAttr("run_conclusion", "How the run ended (with `attempt_number`: the attempt), as GitHub says it. Null until it is completed, and where the server has no page for the run or attempt.", run.Conclusion),
		boolAttr("completed", "Whether the run is over: `run_status` is `completed`. That all listed jobs are completed is not enough, since jobs that wait for others may not be listed yet. Only where `run_status` is null for want of a page do the jobs decide; without any job it is then false.", run.Completed),
		boolAttr("succeeded", "Whether `run_conclusion` is `success`. Where the server has no page for the run or attempt, whether there are jobs, all are completed and, of each name's last attempt, none is one of `failed_jobs`.", run.Succeeded),
	}
}
