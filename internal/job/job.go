// Package job says what a workflow run, a job and a step are, and holds every rule about them. The
// rest of the provider asks this package instead of deciding again.
//
// The package is pure. It imports nothing of this module, sends no requests and reads no clock.
//
// A nil pointer is null: GitHub did not say, or there is nothing to say yet. Values come from
// internal/actions, which turns what servers send for "nothing" into nil, or from a list of objects
// that a user hands to a function.
package job

import (
	"slices"
	"time"
)

// The values of status and conclusion that rules depend on. Both sets are open: every other value
// passes through unchanged.
const (
	StatusCompleted = "completed"

	ConclusionSuccess   = "success"
	ConclusionSkipped   = "skipped"
	ConclusionNeutral   = "neutral"
	ConclusionCancelled = "cancelled"
)

// Job is one job of a workflow run.
type Job struct {
	ID           *int64
	RunID        *int64
	RunAttempt   *int64
	Name         *string
	WorkflowName *string
	HeadBranch   *string
	HeadSHA      *string
	Status       *string
	Conclusion   *string

	// Labels are the runner labels that the job asked for, in the order of the API.
	Labels []string

	RunnerID        *int64
	RunnerName      *string
	RunnerGroupID   *int64
	RunnerGroupName *string

	CreatedAt   *time.Time
	StartedAt   *time.Time
	CompletedAt *time.Time

	// Steps are in the order of the API. Where they were not read, StepStarted still says whether
	// one of them has started.
	Steps       []*Step
	StepStarted bool

	NodeID      *string
	URL         *string
	HTMLURL     *string
	RunURL      *string
	CheckRunURL *string

	// RunnerUnknown says that the source of this job knows nothing about runners or steps, so their
	// absence does not mean that the job never ran. An answer of the API always knows.
	RunnerUnknown bool

	// RerunInPlace says that a server ran the job again under its old ID and kept the old
	// CreatedAt. MarkReruns finds this out.
	RerunInPlace bool
}

// Step is one step of a job.
type Step struct {
	Number      *int64
	Name        *string
	Status      *string
	Conclusion  *string
	StartedAt   *time.Time
	CompletedAt *time.Time
}

// Unfinished reports whether the job is not completed.
func (j *Job) Unfinished() bool { return Value(j.Status) != StatusCompleted }

// Failed reports whether the job is completed and did not end well. Every conclusion that is not
// known to be harmless counts as a failure, null included, so that a conclusion that GitHub adds
// later does not open a gate.
func (j *Job) Failed() bool { return !j.Unfinished() && !IsHarmless(j.Conclusion) }

// IsHarmless reports whether a conclusion is success, skipped or neutral.
func IsHarmless(conclusion *string) bool {
	return slices.Contains([]string{ConclusionSuccess, ConclusionSkipped, ConclusionNeutral}, Value(conclusion))
}

// NeverRan reports whether no runner ever worked on the job: it was skipped, or no runner was
// assigned and no step has started. GitHub gives such jobs start and end times all the same. Some
// servers send no runner fields at all, so a started step also proves that a job ran.
func (j *Job) NeverRan() bool {
	if Value(j.Conclusion) == ConclusionSkipped {
		return true
	}
	return !j.RunnerUnknown && j.RunnerID == nil && j.RunnerName == nil && !j.anyStepStarted()
}

// UnfinishedStep is the first step that is not completed although the job is, or nil. It is a sign that
// GitHub ended the job because it lost contact with the runner.
func (j *Job) UnfinishedStep() *Step {
	if j.Unfinished() {
		return nil
	}
	for _, s := range j.Steps {
		if s.Status != nil && *s.Status != StatusCompleted {
			return s
		}
	}
	return nil
}

func (j *Job) anyStepStarted() bool {
	return j.StepStarted || slices.ContainsFunc(j.Steps, func(s *Step) bool { return s.StartedAt != nil })
}

// WithoutSteps is a copy of the job without its steps. It still knows whether one has started.
func (j *Job) WithoutSteps() *Job {
	bare := *j
	bare.Steps, bare.StepStarted = nil, j.anyStepStarted()
	return &bare
}

// CarriedOver reports whether a partial re-run took the job over from an earlier attempt without
// running it again. GitHub lists such a job with a new ID and the creation time of the re-run, but
// with the times of the attempt that ran it, so it ends before it is created.
func (j *Job) CarriedOver() bool {
	return Value(j.RunAttempt) > 1 && j.CreatedAt != nil && j.CompletedAt != nil && j.CompletedAt.Before(*j.CreatedAt)
}

// QueuedSeconds is how long the job waited for its runner: started minus created, in whole seconds.
// It is nil when either time is null, the job never ran, or its creation time belongs to another
// attempt than its start (carried over, or run again in place).
func (j *Job) QueuedSeconds() *int64 {
	if j.CarriedOver() || j.RerunInPlace || j.NeverRan() {
		return nil
	}
	return elapsed(j.CreatedAt, j.StartedAt)
}

// DurationSeconds is how long the job ran: completed minus started, in whole seconds. It is nil when
// either time is null or the job never ran.
func (j *Job) DurationSeconds() *int64 {
	if j.NeverRan() {
		return nil
	}
	return elapsed(j.StartedAt, j.CompletedAt)
}

// StepDurationSeconds is how long one step of the job ran, by the rule of DurationSeconds.
func (j *Job) StepDurationSeconds(s *Step) *int64 {
	if j.NeverRan() {
		return nil
	}
	return elapsed(s.StartedAt, s.CompletedAt)
}

// elapsed is nil without both ends. The clocks of runners and of GitHub differ, so an end can lie
// before its start: that is zero seconds, never less.
func elapsed(from, to *time.Time) *int64 {
	if from == nil || to == nil {
		return nil
	}
	return new(max(0, int64(to.Sub(*from)/time.Second)))
}

// IsNoTime reports whether t lies on one of the two days that servers send for "no time": the zero
// time of Go (year 1) and the Unix epoch, in the zone of t or in UTC.
func IsNoTime(t time.Time) bool { return onNoDay(t) || onNoDay(t.UTC()) }

func onNoDay(t time.Time) bool {
	year, month, day := t.Date()
	return (year == 1 || year == 1970) && month == time.January && day == 1
}

// Value is what p points to, or the zero value for nil.
func Value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// WithoutEmpty is a list of labels without the empty ones, which mean nothing. It uses the same array.
func WithoutEmpty(labels []string) []string {
	return slices.DeleteFunc(labels, func(label string) bool { return label == "" })
}

// NotZero is p, or nil where p points to the zero value.
func NotZero[T comparable](p *T) *T {
	if zero := *new(T); p == nil || *p == zero {
		return nil
	}
	return p
}
