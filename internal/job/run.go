package job

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Run is one workflow run, or one attempt of it.
type Run struct {
	ID           *int64
	Name         *string
	DisplayTitle *string
	RunNumber    *int64
	RunAttempt   *int64
	Event        *string
	Status       *string
	Conclusion   *string
	HeadBranch   *string
	HeadSHA      *string

	// Path is the file of the workflow, without the ref that some servers append.
	Path       *string
	WorkflowID *int64

	Actor           *string // login of who started the run
	TriggeringActor *string // login of who started this attempt

	// Repository is where the workflow ran, HeadRepository where the commit comes from: a fork, for a
	// pull request from one. Both are owner/name.
	Repository       *string
	RepositoryID     *int64
	HeadRepository   *string
	HeadRepositoryID *int64

	CheckSuiteID       *int64
	CreatedAt          *time.Time
	UpdatedAt          *time.Time
	RunStartedAt       *time.Time // when this attempt started
	HTMLURL            *string
	PreviousAttemptURL *string
}

// File is the name of the workflow's file, such as ci.yml. Nil if the API does not return the path.
func (r *Run) File() *string {
	if Value(r.Path) == "" {
		return nil
	}
	return new(path.Base(*r.Path))
}

// IsOf reports whether the run is of a workflow, which is the name of a file or an ID. A name of digits
// only is an ID, as for GitHub. known is false if the run does not show its workflow.
func (r *Run) IsOf(workflow string) (is, known bool) {
	if id, err := strconv.ParseInt(workflow, 10, 64); err == nil {
		return Value(r.WorkflowID) == id, r.WorkflowID != nil
	}
	file := r.File()
	return strings.EqualFold(Value(file), workflow), file != nil
}

// Finished reports whether the run is over.
func (r *Run) Finished() bool { return Value(r.Status) == StatusCompleted }

// RunJobs is a run and its jobs, read at the same moment.
type RunJobs struct {
	Run  *Run   // nil where the server lists the jobs but returns 404 for the run or attempt itself
	Jobs []*Job // unique by ID, ordered by attempt, then ID
}

// Status is the status of the run or attempt. Nil without a run.
func (r RunJobs) Status() *string {
	if r.Run == nil {
		return nil
	}
	return r.Run.Status
}

// Conclusion is the conclusion of the run or attempt. Nil until it is over, and without a run.
func (r RunJobs) Conclusion() *string {
	if r.Run == nil {
		return nil
	}
	return r.Run.Conclusion
}

// Completed reports whether the run is over. The jobs decide only where there is no run to ask. A run
// without jobs is then not over: its jobs may not exist yet.
func (r RunJobs) Completed() bool {
	if r.Run != nil {
		return r.Run.Finished()
	}
	return len(r.Jobs) > 0 && !slices.ContainsFunc(r.Jobs, (*Job).Unfinished)
}

// Succeeded reports whether the run is over and its conclusion is success. Where there is no run to
// ask, it reports whether the jobs are over and none of the final ones failed.
func (r RunJobs) Succeeded() bool {
	if !r.Completed() {
		return false
	}
	if r.Run != nil {
		return Value(r.Run.Conclusion) == ConclusionSuccess
	}
	return !slices.ContainsFunc(Final(r.Jobs), (*Job).Failed)
}

// FailedJobs are the names of the jobs that failed, in the order of Jobs. Never nil.
func (r RunJobs) FailedJobs() []string {
	names := []string{}
	for _, j := range r.Jobs {
		if j.Failed() {
			names = append(names, Value(j.Name))
		}
	}
	return names
}

// Labels are the distinct runner labels of all jobs, sorted. Never nil.
func (r RunJobs) Labels() []string {
	labels := []string{}
	for _, j := range r.Jobs {
		labels = append(labels, j.Labels...)
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}
