package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/audit"
	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/jobsearch"
)

// The default and the maximum of max_results.
const (
	defaultMaxJobs = 100
	maxJobs        = 10_000
)

// jobsDataSource is github_actions_jobs: the jobs of many runs that match a query.
type jobsDataSource struct{ fleetDataSource }

func newJobsDataSource() datasource.DataSource { return &jobsDataSource{} }

func (d *jobsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_actions_jobs"
}

func (d *jobsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the jobs of many runs that match a query, newest first, in one repository or in many: for example the jobs that ran on a runner, that use a runner group, or that failed in a step. For figures, use `github_actions_job_usage`.",
		Attributes:          mergeAttributes(selectionArguments("search"), jobsArguments(), jobsObject().attributes()),
		Blocks:              fleetTimeouts(),
	}
}

// ValidateConfig also checks the two arguments about the state of a job against each other.
func (d *jobsDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	d.fleetDataSource.ValidateConfig(ctx, req, resp)
	in := input{req.Config, &resp.Diagnostics}
	status, conclusion := get[types.String](ctx, in, "job_status"), get[types.String](ctx, in, "job_conclusion")
	if isSet(status) && isSet(conclusion) && status.ValueString() != "" && status.ValueString() != job.StatusCompleted {
		reportConclusionOfUnfinished(in.diags, status.ValueString())
	}
}

func (d *jobsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	in := input{req.Config, &resp.Diagnostics}
	selected, timeout := d.selection(ctx, in)
	query := in.jobQuery(ctx)
	includeSteps := get[types.Bool](ctx, in, "include_steps").ValueBool()
	selected.SkipSteps = !includeSteps && query.FailedStep == nil
	most := int(in.int64Or(ctx, "max_results", defaultMaxJobs))
	ctx, cancel := in.withTimeout(ctx, "read", timeout)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	collector := jobsearch.NewCollector(query, most)
	read, ok := d.readFleet(ctx, in, selected, func(item fleet.Item) {
		collector.AddRun(item.Repository.String(), item.Jobs)
	})
	if !ok {
		return
	}
	report := newJobsReport(collector, read, includeSteps)
	reportNoJobs(in.diags, selected, read)
	d.setState(ctx, in, &resp.State, actions.Repository{Owner: selected.owner}, jobsObject().values(report))
}

func jobsArguments() map[string]schema.Attribute {
	const pattern = " A pattern matches the whole name and ignores case; `*` matches any characters and `?` one character."
	name := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description + pattern, Validators: []validator.String{validNamePattern()}}
	}
	value := func(description string, valid validator.String) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: []validator.String{valid}}
	}
	return map[string]schema.Attribute{
		"name": name("Pattern of the names of the jobs. Default: any."),
		"labels": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Patterns of runner labels. Each must match a label of the job. Default: any labels." + pattern,
			Validators:          []validator.List{validLabelPatterns()},
		},
		"runner":         name("Pattern of the names of the runners that ran the jobs. Default: any runner, or none."),
		"runner_group":   name("Pattern of the names of the runner groups that ran the jobs. Default: any group, or none."),
		"job_conclusion": value("Conclusion of the jobs, such as `failure`. Only completed jobs have one, so `job_status` must then be `completed` or not set. GitHub can add values. Default: any. The filter `status` is about runs.", validConclusion()),
		"job_status":     value("Status of the jobs, such as `queued` or `completed`. GitHub can add values. Default: any. The filter `status` is about runs.", validJobStatus()),
		"failed_step":    name("Pattern of the name of a step that failed: its conclusion is not `success`, `skipped` or `neutral`. Default: any job."),
		"include_steps": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether the jobs in `jobs` include their steps. If `false`, `steps` is empty, which keeps the plan and the state small. Default: `false`.",
		},
		"max_results": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: fmt.Sprintf("Maximum number of jobs to list: 1 to %d, default %d. `matched_count` counts all jobs that match.", maxJobs, defaultMaxJobs),
			Validators:          []validator.Number{between(1, maxJobs)},
		},
	}
}

// jobQuery reads the arguments that jobs must match. The validators have checked each pattern.
func (in input) jobQuery(ctx context.Context) jobsearch.Query {
	pattern := func(name string) jobsearch.Pattern {
		text := get[types.String](ctx, in, name)
		if text.IsNull() {
			return nil
		}
		compiled, err := audit.NewPattern(text.ValueString())
		if err != nil {
			return nil
		}
		return compiled
	}
	query := jobsearch.Query{
		Name: pattern("name"), Runner: pattern("runner"), RunnerGroup: pattern("runner_group"), FailedStep: pattern("failed_step"),
		Conclusion: get[types.String](ctx, in, "job_conclusion").ValueString(),
		Status:     get[types.String](ctx, in, "job_status").ValueString(),
	}
	for _, text := range in.strings(ctx, "labels") {
		if compiled, err := audit.NewLabelPattern(text); err == nil {
			query.Labels = append(query.Labels, compiled)
		}
	}
	return query
}
