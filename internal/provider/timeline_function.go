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
		MarkdownDescription: "Returns the text of a Mermaid `gantt` chart with two bars for each job: the time that it was queued and the time that it ran. Use it in a pull-request comment, a step summary or any other Markdown that GitHub shows, in a code block with the language `mermaid`. The last line does not end with a line break. Requires Terraform 1.8 or OpenTofu 1.7, or later.\n\n" +
			"- Each workflow, run and attempt has its own section if there are several. Sections and jobs are ordered by time, so the order of the list does not matter.\n" +
			"- Completed jobs whose conclusion is not `success`, `skipped` or `neutral` are drawn as `crit`, and other completed jobs as `done`. Jobs that run or wait for a runner are drawn as `active`. Their bar ends at the latest time that occurs in the list.\n" +
			"- The chart omits completed jobs that never ran (skipped, or no runner was assigned) and jobs without the times for a bar. Mermaid does not draw a chart of more than 50,000 characters, which is about 300 jobs, so the chart also omits the last jobs of a longer list. The title says how many jobs are not drawn.\n" +
			"- The axis uses the time zone of the browser, as GitHub's pages do. The title shows the first and the last time in UTC.\n" +
			"- A job that a re-run carried over is drawn once, if its original is in the list.\n" +
			"- Names are escaped for Mermaid and shortened to 100 characters.\n\n" +
			"The result is never null: an empty list returns a chart without bars. If `jobs` is null, the function fails. The result is unknown if an attribute that the function reads is unknown.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "jobs",
				MarkdownDescription: "List, tuple or set of job objects, such as `jobs` of `github_actions_run_jobs`, or several of these lists combined with `flatten`. The function reads `id`, `run_id`, `run_attempt`, `name`, `workflow_name`, `status`, `conclusion`, `created_at`, `started_at`, `completed_at`, `runner_id`, `runner_name` and `steps[*].started_at` of each job and ignores other attributes. Keys can be in snake_case or in camelCase. A missing attribute counts as null, but an object without `status` is an error, because it is not a job. If `runner_id` and `runner_name` are both missing, a job with a start time counts as a job that ran.",
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
	jobs := jobArgument(in.read("jobs", value), "status", func(fields, *job.Job) {})
	switch {
	case in.fault != nil:
		resp.Error = in.fault
	case in.unknown:
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
	default:
		resp.Error = resp.Result.Set(ctx, timeline.Chart(jobs))
	}
}
