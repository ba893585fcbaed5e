package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// jobDataSource is github_actions_job: one job by its ID.
type jobDataSource struct{ dataSource }

func newJobDataSource() datasource.DataSource { return &jobDataSource{} }

func (d *jobDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_actions_job"
}

func (d *jobDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one job of a workflow run by its ID: status, runner, runner labels, times and steps. To list the jobs of a run, use `github_actions_run_jobs`.",
		Attributes: mergeAttributes(repositoryArguments(), jobObject().attributes(), map[string]schema.Attribute{
			"job_id": schema.NumberAttribute{
				Required:            true,
				MarkdownDescription: "ID of the job, at least 1. It is the number at the end of the URL of the job's page (`…/actions/runs/RUN/job/JOB`), and `id` of each job of `github_actions_run_jobs`.",
				Validators:          []validator.Number{positive()},
			},
			"wait_for_completion": waitAttribute("the job is completed, or its run is completed without it, which is an error"),
		}),
		Blocks: waitingReadTimeouts(),
	}
}

func (d *jobDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	in := input{req.Config, &resp.Diagnostics}
	repo := d.repository(ctx, in)
	id := in.int64Or(ctx, "job_id", 0)
	wait, limit := in.waits(ctx)
	ctx, cancel := in.withTimeout(ctx, "read", limit)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	j, err := d.job(ctx, repo, id, wait)
	if err != nil {
		reportError(&resp.Diagnostics, err)
		return
	}
	d.setState(ctx, in, &resp.State, repo, jobObject().values(j))
}

// job reads the job, once it is completed if wait says so.
func (d *jobDataSource) job(ctx context.Context, repo actions.Repository, id int64, wait bool) (*job.Job, error) {
	if wait {
		return d.client.WaitJob(ctx, repo, id, logProgress(ctx))
	}
	return d.client.Job(ctx, repo, id)
}
