package provider

import (
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// jobObject is the job as every data source shows it. The jobs it gets are normalised: what GitHub
// sends for "nothing" is nil already.
func jobObject() object[*job.Job] {
	return object[*job.Job]{
		int64Attr("id", "Id of the job, unique on the host: the `job_id` of other data sources.", func(j *job.Job) *int64 { return j.ID }),
		int64Attr("run_id", "Id of the run that the job belongs to.", func(j *job.Job) *int64 { return j.RunID }),
		int64Attr("run_attempt", "Attempt of the run that the job belongs to, from 1. Null when the server does not tell.", func(j *job.Job) *int64 { return j.RunAttempt }),
		stringAttr("name", "Name of the job as the run's page shows it, with the values of its matrix.", func(j *job.Job) *string { return j.Name }),
		stringAttr("workflow_name", "Name of the workflow. Null when the server does not tell.", func(j *job.Job) *string { return j.WorkflowName }),
		stringAttr("head_branch", "Branch that the run was started on. Null when the server does not tell, as for a deleted fork.", func(j *job.Job) *string { return j.HeadBranch }),
		stringAttr("head_sha", "Commit that the run was started on.", func(j *job.Job) *string { return j.HeadSHA }),
		stringAttr("status", "How far the job is, as GitHub says it: `queued`, `waiting`, `in_progress`, `completed` and others; the set is open.", func(j *job.Job) *string { return j.Status }),
		stringAttr("conclusion", "How the job ended, as GitHub says it: `success`, `failure`, `cancelled`, `skipped`, `timed_out` and others; the set is open. Null until the job is completed.", func(j *job.Job) *string { return j.Conclusion }),
		stringListAttr("labels", "Runner labels that the job asked for with `runs-on`, in GitHub's order. Empty when it asked for none; null when the server does not tell.", func(j *job.Job) []string { return j.Labels }),
		int64Attr("runner_id", "Id of the runner that took the job. Null until one did.", func(j *job.Job) *int64 { return j.RunnerID }),
		stringAttr("runner_name", "Name of the runner that took the job. Null until one did.", func(j *job.Job) *string { return j.RunnerName }),
		int64Attr("runner_group_id", "Id of that runner's group. GitHub's own hosted runners can have 0. Null until a runner took the job.", func(j *job.Job) *int64 { return j.RunnerGroupID }),
		stringAttr("runner_group_name", "Name of that runner's group. Null until a runner took the job.", func(j *job.Job) *string { return j.RunnerGroupName }),
		timeAttr("created_at", "When the job was created (RFC 3339, UTC). Null when the server does not tell.", func(j *job.Job) *time.Time { return j.CreatedAt }),
		timeAttr("started_at", "When the job started (RFC 3339, UTC). GitHub gives a time for skipped jobs too. Null until then.", func(j *job.Job) *time.Time { return j.StartedAt }),
		timeAttr("completed_at", "When the job ended (RFC 3339, UTC). Null until then.", func(j *job.Job) *time.Time { return j.CompletedAt }),
		int64Attr("queued_seconds", "Whole seconds from `created_at` to `started_at`: how long the job waited for its runner. Never negative: 0 where two clocks disagree. Null when either time is null, when the job never ran (it was skipped, or no runner was assigned and no step started), and when the job is `carried_over` or a server ran it again under its old `created_at`.", (*job.Job).QueuedSeconds),
		int64Attr("duration_seconds", "Whole seconds from `started_at` to `completed_at`: how long the job ran. Never negative: 0 where two clocks disagree. Null when either time is null or the job never ran (it was skipped, or no runner was ever assigned).", (*job.Job).DurationSeconds),
		boolAttr("carried_over", "Whether a partial re-run took the job over from an earlier attempt without running it again: its attempt is above 1 and it ended before it was created. GitHub lists such a job with a new `id` and the old times.", (*job.Job).CarriedOver),
		objectListAttr("steps", "Steps of the job in GitHub's order. Empty while the job has not started, and when it never ran.", stepObject(), jobSteps),
		stringAttr("node_id", "Id of the job in GitHub's GraphQL API.", func(j *job.Job) *string { return j.NodeID }),
		stringAttr("url", "Address of the job in the API.", func(j *job.Job) *string { return j.URL }),
		stringAttr("html_url", "Address of the job's page. Null when the server does not tell.", func(j *job.Job) *string { return j.HTMLURL }),
		stringAttr("run_url", "Address of the run in the API.", func(j *job.Job) *string { return j.RunURL }),
		stringAttr("check_run_url", "Address of the job's check run in the API.", func(j *job.Job) *string { return j.CheckRunURL }),
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
		int64Attr("number", "Number of the step in its job, from 1. Numbers can have gaps.", func(s jobStep) *int64 { return s.step.Number }),
		stringAttr("name", "Name of the step.", func(s jobStep) *string { return s.step.Name }),
		stringAttr("status", "How far the step is, as GitHub says it: `queued`, `in_progress`, `completed` and others; the set is open.", func(s jobStep) *string { return s.step.Status }),
		stringAttr("conclusion", "How the step ended, as GitHub says it: `success`, `failure`, `cancelled`, `skipped` and others; the set is open. Null until the step is completed.", func(s jobStep) *string { return s.step.Conclusion }),
		timeAttr("started_at", "When the step started (RFC 3339, UTC). Null until then.", func(s jobStep) *time.Time { return s.step.StartedAt }),
		timeAttr("completed_at", "When the step ended (RFC 3339, UTC). Null until then.", func(s jobStep) *time.Time { return s.step.CompletedAt }),
		int64Attr("duration_seconds", "Whole seconds from `started_at` to `completed_at`. Never negative: 0 where two clocks disagree. Null when either time is null or the job never ran.", func(s jobStep) *int64 { return s.job.StepDurationSeconds(s.step) }),
	}
}
