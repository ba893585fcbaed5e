package actions

import (
	"time"

	"github.com/google/go-github/v62/github"
)

// QueuedSeconds is how long a job waited for its runner: started minus created, in whole seconds. It
// is nil when either time is null or the job never ran.
func QueuedSeconds(job *github.WorkflowJob) *int64 {
	return elapsed(job.CreatedAt, job.StartedAt, NeverRan(job))
}

// DurationSeconds is how long a job ran: completed minus started, in whole seconds. It is nil when
// either time is null or the job never ran.
func DurationSeconds(job *github.WorkflowJob) *int64 {
	return elapsed(job.StartedAt, job.CompletedAt, NeverRan(job))
}

// StepDurationSeconds is how long one step of a job ran, by the rule of DurationSeconds.
func StepDurationSeconds(job *github.WorkflowJob, step *github.TaskStep) *int64 {
	return elapsed(step.StartedAt, step.CompletedAt, NeverRan(job))
}

// NeverRan reports whether no runner ever worked on a normalised job: it was skipped, or none was
// assigned. GitHub gives such jobs start and end times all the same, which would read as an answer.
func NeverRan(job *github.WorkflowJob) bool {
	return job.GetConclusion() == "skipped" || job.RunnerID == nil && job.RunnerName == nil
}

// elapsed is null without both ends. Clocks of runners and of GitHub differ, so that an end can lie
// before its start: that is zero seconds, never less.
func elapsed(from, to *github.Timestamp, neverRan bool) *int64 {
	if from == nil || to == nil || neverRan {
		return nil
	}
	seconds := max(0, int64(to.Sub(from.Time)/time.Second))
	return &seconds
}
