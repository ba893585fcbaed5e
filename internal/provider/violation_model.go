package provider

import "github.com/runner-audit/terraform-provider-github-actions/internal/audit"

// violationObject is a violation as the audit and the label_violations function show it.
func violationObject() object[audit.Violation] {
	type violation = audit.Violation
	return object[violation]{
		int64Attr("run_id", "Id of the run that the job belongs to. Null when the job does not tell.", func(v violation) *int64 { return v.Job.RunID }),
		int64Attr("run_attempt", "Attempt of the run that the job belongs to, from 1. Null when the job does not tell.", func(v violation) *int64 { return v.Job.RunAttempt }),
		int64Attr("job_id", "Id of the job. Null when the job does not tell.", func(v violation) *int64 { return v.Job.ID }),
		stringAttr("job_name", "Name of the job. Null when the job does not tell.", func(v violation) *string { return v.Job.Name }),
		stringAttr("workflow_name", "Name of the workflow. Null when the job does not tell.", func(v violation) *string { return v.Job.WorkflowName }),
		stringAttr("head_branch", "Branch that the run was started on. Null when the job does not tell.", func(v violation) *string { return v.Job.HeadBranch }),
		stringListAttr("labels", "All runner labels of the job, in GitHub's order. Null when the job does not tell.", func(v violation) []string { return v.Job.Labels }),
		stringAttr("label", "The label at fault, as the job spells it. Null for a label that is missing.", func(v violation) *string { return v.Label }),
		stringAttr("reason", "`denied`: a deny pattern matches the label. `not_allowed`: patterns for allowed labels are set, and none matches it. `missing`: no label of the job matches a required pattern.", func(v violation) *string { return new(string(v.Reason)) }),
		stringAttr("pattern", "The pattern that was broken, as it was written: the first deny pattern that matches the label, or the required one that no label matches. Null for a label that is not allowed, since then no pattern matches.", func(v violation) *string { return v.Pattern }),
		stringAttr("html_url", "Address of the job's page. Null when the job does not tell.", func(v violation) *string { return v.Job.HTMLURL }),
	}
}
