package provider

import (
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// jobObject is the job as every data source shows it. The jobs it gets are normalised: what GitHub
// sends for "nothing" is nil already.
func jobObject() object[*job.Job] {
	return object[*job.Job]{
		int64Attr("id", "ID of the job, unique on the GitHub host. Use it as `job_id` of other data sources.", func(j *job.Job) *int64 { return j.ID }),
		int64Attr("run_id", "ID of the run that the job belongs to. Null if the API does not return it.", func(j *job.Job) *int64 { return j.RunID }),
		int64Attr("run_attempt", "Number of the attempt that the job belongs to, starting at 1. Null if the API does not return it.", func(j *job.Job) *int64 { return j.RunAttempt }),
		stringAttr("name", "Name of the job as the run's page shows it, including the values of its matrix. Null if the API does not return it.", func(j *job.Job) *string { return j.Name }),
		stringAttr("workflow_name", "Name of the workflow. Null if the API does not return it.", func(j *job.Job) *string { return j.WorkflowName }),
		stringAttr("head_branch", "Branch that the run used. Null if the API does not return it, for example for a deleted fork.", func(j *job.Job) *string { return j.HeadBranch }),
		stringAttr("head_sha", "Commit that the run used, as a full SHA. Null if the API does not return it.", func(j *job.Job) *string { return j.HeadSHA }),
		stringAttr("status", "Status of the job, as GitHub reports it: `queued`, `waiting`, `in_progress`, `completed` and others. GitHub can add values. Null if the API does not return it.", func(j *job.Job) *string { return j.Status }),
		stringAttr("conclusion", "Conclusion of the job, as GitHub reports it: `success`, `failure`, `cancelled`, `skipped`, `timed_out` and others. GitHub can add values. Null until the job is completed.", func(j *job.Job) *string { return j.Conclusion }),
		stringListAttr("labels", "Runner labels that the job requests with `runs-on`, in the order of the API. Empty if the job requests none. Null if the API does not return it.", func(j *job.Job) []string { return j.Labels }),
		int64Attr("runner_id", "ID of the runner that runs the job. Null until a runner is assigned.", func(j *job.Job) *int64 { return j.RunnerID }),
		stringAttr("runner_name", "Name of the runner that runs the job. Null until a runner is assigned.", func(j *job.Job) *string { return j.RunnerName }),
		int64Attr("runner_group_id", "ID of the runner's group. It can be 0 for GitHub-hosted runners. Null until a runner is assigned.", func(j *job.Job) *int64 { return j.RunnerGroupID }),
		stringAttr("runner_group_name", "Name of the runner's group. Null until a runner is assigned.", func(j *job.Job) *string { return j.RunnerGroupName }),
		timeAttr("created_at", "Time when the job was created (RFC 3339, UTC). Null if the API does not return it.", func(j *job.Job) *time.Time { return j.CreatedAt }),
		timeAttr("started_at", "Time when the job started (RFC 3339, UTC). GitHub also sets it for skipped jobs. Null until the job starts.", func(j *job.Job) *time.Time { return j.StartedAt }),
		timeAttr("completed_at", "Time when the job ended (RFC 3339, UTC). Null until the job ends.", func(j *job.Job) *time.Time { return j.CompletedAt }),
		int64Attr("queued_seconds", "Time that the job waited for its runner, in whole seconds: from `created_at` to `started_at`. Never negative: 0 if clocks differ. Null if one of the times is null, if the job never ran (it was skipped, or no runner was assigned and no step started), if the job is `carried_over`, or if a server ran it again under its old `created_at`.", (*job.Job).QueuedSeconds),
		int64Attr("duration_seconds", "Time that the job ran, in whole seconds: from `started_at` to `completed_at`. Never negative: 0 if clocks differ. Null if one of the times is null, or if the job never ran (it was skipped, or no runner was assigned and no step started).", (*job.Job).DurationSeconds),
		boolAttr("carried_over", "True if a partial re-run did not run the job again but took over its result from an earlier attempt: `run_attempt` is greater than 1 and `completed_at` is before `created_at`. GitHub lists such a job with a new `id` and the old start and end.", (*job.Job).CarriedOver),
		objectListAttr("steps", "Steps of the job, in the order of the API. Empty if the job has not started or never ran.", stepObject(), jobSteps),
		stringAttr("node_id", "ID of the job in GitHub's GraphQL API. Null if the API does not return it.", func(j *job.Job) *string { return j.NodeID }),
		stringAttr("url", "URL of the job in the API. Null if the API does not return it.", func(j *job.Job) *string { return j.URL }),
		stringAttr("html_url", "URL of the job's page on GitHub. Null if the API does not return it.", func(j *job.Job) *string { return j.HTMLURL }),
		stringAttr("run_url", "URL of the run in the API. Null if the API does not return it.", func(j *job.Job) *string { return j.RunURL }),
		stringAttr("check_run_url", "URL of the job's check run in the API. Null if the API does not return it.", func(j *job.Job) *string { return j.CheckRunURL }),
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
		int64Attr("number", "Number of the step in its job, starting at 1. Numbers can have gaps. Null if the API does not return it.", func(s jobStep) *int64 { return s.step.Number }),
		stringAttr("name", "Name of the step. Null if the API does not return it.", func(s jobStep) *string { return s.step.Name }),
		stringAttr("status", "Status of the step, as GitHub reports it: `queued`, `in_progress`, `completed` and others. GitHub can add values. Null if the API does not return it.", func(s jobStep) *string { return s.step.Status }),
		stringAttr("conclusion", "Conclusion of the step, as GitHub reports it: `success`, `failure`, `cancelled`, `skipped` and others. GitHub can add values. Null until the step is completed.", func(s jobStep) *string { return s.step.Conclusion }),
		timeAttr("started_at", "Time when the step started (RFC 3339, UTC). Null until the step starts.", func(s jobStep) *time.Time { return s.step.StartedAt }),
		timeAttr("completed_at", "Time when the step ended (RFC 3339, UTC). Null until the step ends.", func(s jobStep) *time.Time { return s.step.CompletedAt }),
		int64Attr("duration_seconds", "Time that the step ran, in whole seconds: from `started_at` to `completed_at`. Never negative: 0 if clocks differ. Null if one of the times is null, or if the job never ran.", func(s jobStep) *int64 { return s.job.StepDurationSeconds(s.step) }),
	}
}
