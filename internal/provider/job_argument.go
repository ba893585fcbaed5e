package provider

import (
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// jobArgument reads a list of job objects, as functions take it. required is an attribute that each
// object must have, although it may be null: an object without it is not a job, and the result for it
// would be wrong in silence.
func jobArgument(jobs element, required string, read func(fields, *job.Job)) []*job.Job {
	objects := jobs.objectList()
	list := make([]*job.Job, len(objects))
	for i, object := range objects {
		list[i] = jobFrom(object)
		read(object, list[i])
		if object.values != nil && object.at(required).isAbsent() {
			object.of.in.blame(notAJobError(object.of.in.position, object.of.place, required))
		}
	}
	return list
}

// jobFrom reads what every rule about jobs needs. An empty conclusion, a runner ID of 0 and an empty
// runner name mean nothing, as in the answers of the API.
func jobFrom(object fields) *job.Job {
	j := &job.Job{
		ID:           object.at("id").int64Value(),
		RunID:        object.at("run_id").int64Value(),
		RunAttempt:   object.at("run_attempt").int64Value(),
		Name:         object.at("name").stringValue(),
		WorkflowName: object.at("workflow_name").stringValue(),
		Status:       object.at("status").stringValue(),
		Conclusion:   job.NotZero(object.at("conclusion").stringValue()),
		CreatedAt:    object.at("created_at").timeValue(),
		StartedAt:    object.at("started_at").timeValue(),
		CompletedAt:  object.at("completed_at").timeValue(),
		RunnerID:     job.NotZero(object.at("runner_id").int64Value()),
		RunnerName:   job.NotZero(object.at("runner_name").stringValue()),
	}
	j.RunnerUnknown = object.at("runner_id").isAbsent() && object.at("runner_name").isAbsent()
	if !j.RunnerUnknown && j.RunnerID == nil && j.RunnerName == nil {
		// A server that sends no runners still has jobs that ran: their steps show it.
		j.StepStarted = anyStepStarted(object.at("steps"))
	}
	return j
}

func anyStepStarted(steps element) bool {
	if steps.isNull() {
		return false
	}
	for _, step := range steps.objectList() {
		if at := step.at("started_at").timeValue(); at != nil && !job.IsNoTime(*at) {
			return true
		}
	}
	return false
}
