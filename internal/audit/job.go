// Package audit judges the labels of GitHub Actions jobs by rules and adds up
// how the jobs were queued and how long they ran, for each set of labels.
//
// It is pure: it knows neither Terraform nor GitHub's client, asks for nothing
// and keeps no clock. [Rules] judges one job, [Collector] adds up the jobs of
// many runs.
//
// GitHub compares labels without case, so everything here does: patterns,
// repeated labels of one job, and the sets that jobs are grouped by. Without
// case means Unicode's simple folding, one character against one character.
package audit

// Job is what the audit reads of one job. A nil pointer is null: GitHub did
// not say, or the caller does not know. Only Labels and Conclusion decide about
// violations; the rest names the job in them or feeds the figures.
//
// The audit keeps the slices and pointers it is given in the violations it
// reports and never writes to them; a caller must not either, once they are
// handed over.
type Job struct {
	RunID        *int64
	RunAttempt   *int64
	JobID        *int64
	JobName      *string
	WorkflowName *string
	HeadBranch   *string
	HTMLURL      *string

	// Labels are the labels that the job asked a runner for, in the order of
	// the API. Nil and empty both mean that it has none.
	Labels []string

	// Conclusion is GitHub's: `skipped` is the one value that matters here, see
	// [Rules.Violations].
	Conclusion *string

	// QueuedSeconds and DurationSeconds are whole seconds, null for a job that
	// never ran or is not that far yet.
	QueuedSeconds   *int64
	DurationSeconds *int64

	// RunnerGroupName is null for a job that no runner took, and on runners
	// that belong to no group.
	RunnerGroupName *string
}

// conclusionSkipped is what GitHub concludes of a job whose `if` was false or
// whose needs did not succeed.
const conclusionSkipped = "skipped"

// askedForNoRunner tells a job that never got as far as asking for a runner:
// GitHub lists skipped jobs with no labels, because their runs-on was never
// evaluated. A job with `runs-on: {group: …}` has no labels either, but it does
// ask for a runner, so the empty list alone proves nothing.
func (j *Job) askedForNoRunner() bool {
	return len(j.Labels) == 0 && j.Conclusion != nil && *j.Conclusion == conclusionSkipped
}
