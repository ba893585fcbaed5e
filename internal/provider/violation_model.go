package provider

import (
	"github.com/runner-audit/terraform-provider-github-actions/internal/audit"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// violationObject is a violation as the audit and the label_violations function show it.
func violationObject() object[audit.Violation] {
	type violation = audit.Violation
	return object[violation]{
		stringAttr("repository", "Repository of the job, as `owner/name`. Null if it is not known.", func(v violation) *string { return job.NotZero(&v.Repository) }),
		int64Attr("run_id", "ID of the run that the job belongs to. Null if the job does not have it.", func(v violation) *int64 { return v.Job.RunID }),
		int64Attr("run_attempt", "Number of the attempt that the job belongs to, starting at 1. Null if the job does not have it.", func(v violation) *int64 { return v.Job.RunAttempt }),
		int64Attr("job_id", "ID of the job. Null if the job does not have it.", func(v violation) *int64 { return v.Job.ID }),
		stringAttr("job_name", "Name of the job. Null if the job does not have it.", func(v violation) *string { return v.Job.Name }),
		stringAttr("workflow_name", "Name of the workflow. Null if the job does not have it.", func(v violation) *string { return v.Job.WorkflowName }),
		stringAttr("head_branch", "Branch that the run used. Null if the job does not have it.", func(v violation) *string { return v.Job.HeadBranch }),
		stringListAttr("labels", "All runner labels of the job, in the order of the API. Null if the job does not have it.", func(v violation) []string { return v.Job.Labels }),
		stringAttr("label", "Label that breaks the rule, as the job spells it. Null for other reasons than `denied` and `not_allowed`.", func(v violation) *string { return v.Label }),
		stringAttr("reason", "Kind of violation. `denied`: the label matches a denied pattern. `not_allowed`: allowed patterns are set and the label matches none of them. `missing`: no label of the job matches a required pattern. `unlabeled`: the job ran without labels, so it asked for a runner group alone, and no allowed group lets it pass. `group_denied`: the runner group matches a denied pattern. `group_not_allowed`: allowed groups are set and the group of the job, which can be null, matches none of them.", func(v violation) *string { return new(string(v.Reason)) }),
		stringAttr("pattern", "Pattern of the rule, as written in the configuration: the first denied pattern that the label or group matches, or the required pattern that no label matches. Null for other reasons, because then no pattern matches.", func(v violation) *string { return v.Pattern }),
		stringAttr("runner_group_name", "Name of the runner group that ran the job. Null if the job does not have it.", func(v violation) *string { return v.Job.RunnerGroupName }),
		stringAttr("message", "Sentence that says what is wrong, for people.", func(v violation) *string { return new(clean(v.Message())) }),
		stringAttr("html_url", "URL of the job's page on GitHub. Null if the job does not have it.", func(v violation) *string { return v.Job.HTMLURL }),
	}
}
