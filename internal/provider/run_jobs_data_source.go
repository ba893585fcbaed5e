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

// runJobsDataSource is github_actions_run_jobs: all jobs of a run, and the state of the run.
type runJobsDataSource struct{ dataSource }

func newRunJobsDataSource() datasource.DataSource { return &runJobsDataSource{} }

func (d *runJobsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_actions_run_jobs"
}

func (d *runJobsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists all jobs of a workflow run, or of one attempt of it, with runners, runner labels, times and steps, and reads the status and conclusion of the run.",
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
	d.setState(ctx, in, &resp.State, repo, runJobsObject().values(run))
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
			MarkdownDescription: "ID of the run, at least 1. It is the number in the URL of the run's page (`…/actions/runs/RUN`).",
			Validators:          []validator.Number{positive()},
		},
		"attempt_number": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: "Number of the attempt to list, at least 1. Default: `filter` selects the attempts. Conflicts with `filter`.",
			Validators:          []validator.Number{positive(), numbervalidator.ConflictsWith(path.MatchRoot("filter"))},
		},
		"filter": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Attempts to list: `latest` (default), the jobs of the newest attempt; `all`, the jobs of every attempt; " +
				"`final`, for each job name the jobs of the highest attempt that has this name, as GitHub shows the run after a partial re-run. If the newest attempt skips a whole matrix or reusable workflow, its jobs of earlier attempts are left out. Conflicts with `attempt_number`.",
			Validators: []validator.String{validOneOf(job.Filters()...)},
		},
		"wait_for_completion": waitAttribute("the run is completed"),
		"include_steps": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether to list the steps of each job. Default: `true`. If false, `steps` is empty, which keeps the plan and the state of a large run small.",
		},
	}
}

func runJobsObject() object[job.RunJobs] {
	type run = job.RunJobs
	return object[run]{
		objectListAttr("jobs", "Jobs of the run, unique by `id`, ordered by `run_attempt`, then `id`.", jobObject(), func(r run) []*job.Job { return r.Jobs }),
		int64Attr("total_count", "Number of jobs in `jobs`.", func(r run) *int64 { n := int64(len(r.Jobs)); return &n }),
		stringListAttr("labels", "All runner labels that occur in `jobs`, sorted, without duplicates.", run.Labels),
		stringListAttr("failed_jobs", "Names of the completed jobs whose conclusion is not `success`, `skipped` or `neutral`, in the order of `jobs`. Do not use this list alone as a gate: it can be empty for a run that was cancelled, did not start or waits for an approval. Use `succeeded`.", run.FailedJobs),
		stringAttr("run_status", "Status of the run, or of the attempt if `attempt_number` is set, as GitHub reports it. Null if the API lists the jobs but returns 404 for the run or attempt itself.", run.Status),
		stringAttr("run_conclusion", "Conclusion of the run, or of the attempt if `attempt_number` is set, as GitHub reports it. Null until the run is completed, and if the API returns 404 for the run or attempt itself.", run.Conclusion),
		boolAttr("completed", "True if `run_status` is `completed`. Completed jobs are not enough, because GitHub may not list jobs yet that wait for other jobs. If the API returns 404 for the run or attempt itself: true if there are jobs and all of them are completed.", run.Completed),
		boolAttr("succeeded", "True if the run is completed and `run_conclusion` is `success`. If the API returns 404 for the run or attempt itself: true if there are jobs, all of them are completed, and none of the jobs that `filter = \"final\"` selects has failed.", run.Succeeded),
	}
}
