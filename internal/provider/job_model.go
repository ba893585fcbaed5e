package provider

import (
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// jobObject is the job as every data source shows it. The jobs it gets are normalised: what GitHub
// sends for "nothing" is nil already.
func jobObject() object[*job.Job] {
	return object[*job.Job]{
		number("id", "Id of the job, unique on the host: the `job_id` of other data sources.", func(j *job.Job) *int64 { return j.ID }),
		number("run_id", "Id of the run that the job belongs to.", func(j *job.Job) *int64 { return j.RunID }),
		number("run_attempt", "Attempt of the run that the job belongs to, from 1. Null when the server does not tell.", func(j *job.Job) *int64 { return j.RunAttempt }),
		text("name", "Name of the job as the run's page shows it, with the values of its matrix.", func(j *job.Job) *string { return j.Name }),
		text("workflow_name", "Name of the workflow. Null when the server does not tell.", func(j *job.Job) *string { return j.WorkflowName }),
		text("head_branch", "Branch that the run was started on. Null when the server does not tell, as for a deleted fork.", func(j *job.Job) *string { return j.HeadBranch }),
		text("head_sha", "Commit that the run was started on.", func(j *job.Job) *string { return j.HeadSHA }),
		text("status", "How far the job is, as GitHub says it: `queued`, `waiting`, `in_progress`, `completed` and others; the set is open.", func(j *job.Job) *string { return j.Status }),
		text("conclusion", "How the job ended, as GitHub says it: `success`, `failure`, `cancelled`, `skipped`, `timed_out` and others; the set is open. Null until the job is completed.", func(j *job.Job) *string { return j.Conclusion }),
		texts("labels", "Runner labels that the job asked for with `runs-on`, in GitHub's order. Empty when it asked for none; null when the server does not tell.", func(j *job.Job) []string { return j.Labels }),
		number("runner_id", "Id of the runner that took the job. Null until one did.", func(j *job.Job) *int64 { return j.RunnerID }),
		text("runner_name", "Name of the runner that took the job. Null until one did.", func(j *job.Job) *string { return j.RunnerName }),
		number("runner_group_id", "Id of that runner's group. GitHub's own hosted runners can have 0. Null until a runner took the job.", func(j *job.Job) *int64 { return j.RunnerGroupID }),
		text("runner_group_name", "Name of that runner's group. Null until a runner took the job.", func(j *job.Job) *string { return j.RunnerGroupName }),
		moment("created_at", "When the job was created (RFC 3339, UTC). Null when the server does not tell.", func(j *job.Job) *time.Time { return j.CreatedAt }),
		moment("started_at", "When the job started (RFC 3339, UTC). GitHub gives a time for skipped jobs too. Null until then.", func(j *job.Job) *time.Time { return j.StartedAt }),
		moment("completed_at", "When the job ended (RFC 3339, UTC). Null until then.", func(j *job.Job) *time.Time { return j.CompletedAt }),
		number("queued_seconds", "Whole seconds from `created_at` to `started_at`: how long the job waited for its runner. Never negative: 0 where two clocks disagree. Null when either time is null or the job never ran (it was skipped, or no runner was ever assigned).", (*job.Job).QueuedSeconds),
		number("duration_seconds", "Whole seconds from `started_at` to `completed_at`: how long the job ran. Never negative: 0 where two clocks disagree. Null when either time is null or the job never ran (it was skipped, or no runner was ever assigned).", (*job.Job).DurationSeconds),
		rows("steps", "Steps of the job in GitHub's order. Empty while the job has not started, and when it never ran.", stepObject(), jobSteps),
		text("node_id", "Id of the job in GitHub's GraphQL API.", func(j *job.Job) *string { return j.NodeID }),
		text("url", "Address of the job in the API.", func(j *job.Job) *string { return j.URL }),
		text("html_url", "Address of the job's page. Null when the server does not tell.", func(j *job.Job) *string { return j.HTMLURL }),
		text("run_url", "Address of the run in the API.", func(j *job.Job) *string { return j.RunURL }),
		text("check_run_url", "Address of the job's check run in the API.", func(j *job.Job) *string { return j.CheckRunURL }),
	}
}

// jobStep is a step together with its job, which alone knows whether a runner ever worked on it.
type jobStep struct {
	job  *job.Job
	step *job.Step
}

func jobSteps(j *job.Job) []jobStep {
	steps := make([]jobStep, len(j.Steps))
	for i, step := range j.Steps {
		steps[i] = jobStep{j, step}
	}
	return steps
}

func stepObject() object[jobStep] {
	return object[jobStep]{
		number("number", "Number of the step in its job, from 1. Numbers can have gaps.", func(s jobStep) *int64 { return s.step.Number }),
		text("name", "Name of the step.", func(s jobStep) *string { return s.step.Name }),
		text("status", "How far the step is, as GitHub says it: `queued`, `in_progress`, `completed` and others; the set is open.", func(s jobStep) *string { return s.step.Status }),
		text("conclusion", "How the step ended, as GitHub says it: `success`, `failure`, `cancelled`, `skipped` and others; the set is open. Null until the step is completed.", func(s jobStep) *string { return s.step.Conclusion }),
		moment("started_at", "When the step started (RFC 3339, UTC). Null until then.", func(s jobStep) *time.Time { return s.step.StartedAt }),
		moment("completed_at", "When the step ended (RFC 3339, UTC). Null until then.", func(s jobStep) *time.Time { return s.step.CompletedAt }),
		number("duration_seconds", "Whole seconds from `started_at` to `completed_at`. Never negative: 0 where two clocks disagree. Null when either time is null or the job never ran.", func(s jobStep) *int64 { return s.job.StepDurationSeconds(s.step) }),
	}
}
