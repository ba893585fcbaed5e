package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/timeline"
)

// timelineFunction is timeline: jobs over time as a Mermaid chart.
type timelineFunction struct{}

func newTimelineFunction() function.Function { return &timelineFunction{} }

func (f *timelineFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "timeline"
}

func (f *timelineFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Draw jobs over time as a Mermaid Gantt chart",
		MarkdownDescription: "Gives the text of a Mermaid `gantt` chart with one bar for the time that each job was queued and one for the time that it ran, for a pull-request comment, a step summary or any Markdown that GitHub shows: put it between a line of three backticks with `mermaid` and a line of three backticks. The text has no line end after its last line. Needs Terraform 1.8 or OpenTofu 1.7.\n\n" +
			"- Jobs of several runs, attempts or workflows stand in a section each. Sections and jobs are in the order of their first moment, so the order of the list makes no difference.\n" +
			"- Jobs that ended with another conclusion than `success`, `skipped` or `neutral` are drawn as `crit`, other finished jobs as `done`; jobs under way, and jobs that still wait for a runner, as `active`. A bar that has no end yet goes on to the latest moment that any job of the list tells.\n" +
			"- Jobs that are over and never ran (skipped, or no runner took them) and jobs without the times for a bar are left out. Mermaid draws no chart of more than 50,000 characters, which is some 300 jobs: the last jobs are then left out. The title says how many are.\n" +
			"- The axis is in the time zone of who reads the chart, as on GitHub's pages; the title names the first and the last moment in UTC.\n" +
			"- Names are made safe for Mermaid and shortened to 100 characters.\n\n" +
			"The result is never null: an empty list gives a chart without bars. Null for `jobs` is an error, and the result is unknown while anything is that the chart shows.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "jobs",
				MarkdownDescription: "List, tuple or set of job objects, such as `jobs` of `github_actions_run_jobs` or a `flatten` of several of them. Of each it reads `id`, `run_id`, `run_attempt`, `name`, `workflow_name`, `status`, `conclusion`, `created_at`, `started_at`, `completed_at`, `runner_id` and `runner_name`. Other attributes do not count, and what is absent is null; where both `runner_id` and `runner_name` are absent, a job with a start ran.",
			},
		},
		Return: function.StringReturn{},
	}
}

func (f *timelineFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var value types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &value); resp.Error != nil {
		return
	}
	in := argument{position: jobsArgument}
	jobs := timelineJobs(in.read("jobs", value))
	switch {
	case in.fault != nil:
		resp.Error = in.fault
	case in.unknown:
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
	default:
		resp.Error = resp.Result.Set(ctx, timeline.Chart(jobs))
	}
}

// timelineJobs reads what the chart shows.
func timelineJobs(jobs element) []*job.Job {
	objects := jobs.objectList()
	read := make([]*job.Job, len(objects))
	for i, object := range objects {
		read[i] = &job.Job{
			ID:            object.at("id").int64Value(),
			RunID:         object.at("run_id").int64Value(),
			RunAttempt:    object.at("run_attempt").int64Value(),
			Name:          object.at("name").stringValue(),
			WorkflowName:  object.at("workflow_name").stringValue(),
			Status:        object.at("status").stringValue(),
			Conclusion:    object.at("conclusion").stringValue(),
			CreatedAt:     object.at("created_at").timeValue(),
			StartedAt:     object.at("started_at").timeValue(),
			CompletedAt:   object.at("completed_at").timeValue(),
			RunnerUnknown: !noRunner(object),
		}
	}
	return read
}

// noRunner reports whether a job says that no runner took it. GitHub's own objects, as jsondecode gives
// them, say it with an id of 0 and an empty name.
func noRunner(job fields) bool {
	id, name := job.at("runner_id"), job.at("runner_name")
	n, s := id.int64Value(), name.stringValue()
	return (id.value != nil || name.value != nil) && (n == nil || *n == 0) && (s == nil || *s == "")
}
