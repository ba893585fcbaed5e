package job_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// at is a moment of the tests, in seconds after some start.
func at(seconds int64) *time.Time { return new(time.Unix(1_790_000_000+seconds, 0).UTC()) }

// ran is a job that a runner worked on.
func ran(created, started, completed int64) *job.Job {
	return &job.Job{
		ID: new(int64(1)), RunID: new(int64(7)), RunAttempt: new(int64(1)), Name: new("build"),
		Status: new("completed"), Conclusion: new("success"), RunnerID: new(int64(3)), RunnerName: new("r"),
		CreatedAt: at(created), StartedAt: at(started), CompletedAt: at(completed),
	}
}

func with(j *job.Job, changes ...func(*job.Job)) *job.Job {
	for _, change := range changes {
		change(j)
	}
	return j
}

func id(n int64) func(*job.Job)      { return func(j *job.Job) { j.ID = &n } }
func attempt(n int64) func(*job.Job) { return func(j *job.Job) { j.RunAttempt = &n } }
func name(s string) func(*job.Job)   { return func(j *job.Job) { j.Name = &s } }
func withoutRunner(j *job.Job)       { j.RunnerID, j.RunnerName = nil, nil }
func conclusion(s string) func(*job.Job) {
	return func(j *job.Job) { j.Conclusion = &s }
}

func TestFailedAndUnfinished(t *testing.T) {
	t.Parallel()
	completed := new("completed")
	for _, tc := range []struct {
		status, conclusion *string
		unfinished, failed bool
	}{
		{completed, new("success"), false, false},
		{completed, new("skipped"), false, false},
		{completed, new("neutral"), false, false},
		{completed, new("failure"), false, true},
		{completed, new("cancelled"), false, true},
		{completed, new("timed_out"), false, true},
		{completed, new("action_required"), false, true},
		{completed, new("startup_failure"), false, true},
		{completed, new("something new"), false, true},
		{completed, new("Success"), false, true},
		{completed, new(""), false, true},
		{completed, nil, false, true},
		{new("in_progress"), new("failure"), true, false},
		{new("in_progress"), nil, true, false},
		{new("queued"), nil, true, false},
		{new("something new"), nil, true, false},
		{nil, new("failure"), true, false},
		{nil, nil, true, false},
	} {
		j := &job.Job{Status: tc.status, Conclusion: tc.conclusion}
		if j.Unfinished() != tc.unfinished || j.Failed() != tc.failed {
			t.Errorf("status %q, conclusion %q: unfinished %t, failed %t; want %t, %t",
				job.Value(tc.status), job.Value(tc.conclusion), j.Unfinished(), j.Failed(), tc.unfinished, tc.failed)
		}
		if harmless := job.IsHarmless(tc.conclusion); !j.Unfinished() && harmless == j.Failed() {
			t.Errorf("conclusion %q: harmless %t and failed %t", job.Value(tc.conclusion), harmless, j.Failed())
		}
	}
}

func TestNeverRan(t *testing.T) {
	t.Parallel()
	started := []*job.Step{{Name: new("Set up job")}, {Name: new("Run"), StartedAt: at(6)}}
	for _, tc := range []struct {
		name string
		job  *job.Job
		want bool
	}{
		{"a runner", ran(0, 5, 9), false},
		{"a runner by id", with(ran(0, 5, 9), func(j *job.Job) { j.RunnerName = nil }), false},
		{"a runner by name", with(ran(0, 5, 9), func(j *job.Job) { j.RunnerID = nil }), false},
		{"no runner", with(ran(0, 5, 9), withoutRunner), true},
		{"no runner, cancelled", with(ran(0, 5, 9), withoutRunner, conclusion("cancelled")), true},
		{"skipped", with(ran(0, 5, 9), conclusion("skipped")), true},
		{"skipped, and a step started", with(ran(0, 5, 9), conclusion("skipped"), func(j *job.Job) { j.Steps = started }), true},
		{"skipped, on a source without runners", with(ran(0, 5, 9), withoutRunner, conclusion("skipped"), func(j *job.Job) { j.RunnerUnknown = true }), true},
		{"a source without runners", with(ran(0, 5, 9), withoutRunner, func(j *job.Job) { j.RunnerUnknown = true }), false},
		{"a server without runner fields: a step started", with(ran(0, 5, 9), withoutRunner, func(j *job.Job) { j.Steps = started }), false},
		{"the same, where steps were not read", with(ran(0, 5, 9), withoutRunner, func(j *job.Job) { j.StepStarted = true }), false},
		{"steps, but none started", with(ran(0, 5, 9), withoutRunner, func(j *job.Job) { j.Steps = started[:1] }), true},
		{"queued", &job.Job{Status: new("queued")}, true},
	} {
		if got := tc.job.NeverRan(); got != tc.want {
			t.Errorf("%s: %t, want %t", tc.name, got, tc.want)
		}
	}
}

func TestCarriedOver(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		job  *job.Job
		want bool
	}{
		{"created after its end, in attempt 2", with(ran(500, 5, 9), attempt(2)), true},
		{"created after its end, in attempt 3", with(ran(500, 5, 9), attempt(3)), true},
		{"a job that ran in attempt 2", with(ran(500, 505, 509), attempt(2)), false},
		{"created at its end", with(ran(9, 5, 9), attempt(2)), false},
		{"in attempt 1: clocks that disagree", ran(500, 5, 9), false},
		{"in no attempt", with(ran(500, 5, 9), func(j *job.Job) { j.RunAttempt = nil }), false},
		{"no creation", with(ran(500, 5, 9), attempt(2), func(j *job.Job) { j.CreatedAt = nil }), false},
		{"no end", with(ran(500, 5, 9), attempt(2), func(j *job.Job) { j.CompletedAt = nil }), false},
	} {
		if got := tc.job.CarriedOver(); got != tc.want {
			t.Errorf("%s: %t, want %t", tc.name, got, tc.want)
		}
	}
}

func TestQueuedAndDurationSeconds(t *testing.T) {
	t.Parallel()
	null := func(field func(*job.Job) **time.Time) func(*job.Job) {
		return func(j *job.Job) { *field(j) = nil }
	}
	created := func(j *job.Job) **time.Time { return &j.CreatedAt }
	started := func(j *job.Job) **time.Time { return &j.StartedAt }
	completed := func(j *job.Job) **time.Time { return &j.CompletedAt }
	const none = -1
	for _, tc := range []struct {
		name             string
		job              *job.Job
		queued, duration int64
	}{
		{"both", ran(0, 6, 190), 6, 184},
		{"zero is a figure", ran(0, 0, 0), 0, 0},
		{"clocks that disagree", ran(9, 6, 2), 0, 0},
		{"not created", with(ran(0, 6, 190), null(created)), none, 184},
		{"not started", with(ran(0, 6, 190), null(started)), none, none},
		{"not completed", with(ran(0, 6, 190), null(completed)), 6, none},
		{"never ran", with(ran(0, 6, 190), withoutRunner), none, none},
		{"skipped", with(ran(0, 6, 190), conclusion("skipped")), none, none},
		{"a source without runners", with(ran(0, 6, 190), withoutRunner, func(j *job.Job) { j.RunnerUnknown = true }), 6, 184},
		{"carried over", with(ran(500, 6, 190), attempt(2)), none, 184},
		{"run again in place", with(ran(0, 6, 190), func(j *job.Job) { j.RerunInPlace = true }), none, 184},
		{"whole seconds", with(ran(0, 6, 190), func(j *job.Job) {
			j.CreatedAt, j.CompletedAt = new(j.CreatedAt.Add(100*time.Millisecond)), new(j.CompletedAt.Add(900*time.Millisecond))
		}), 5, 184},
	} {
		or := func(n *int64) int64 {
			if n == nil {
				return none
			}
			return *n
		}
		if q, d := or(tc.job.QueuedSeconds()), or(tc.job.DurationSeconds()); q != tc.queued || d != tc.duration {
			t.Errorf("%s: queued %d, duration %d; want %d, %d (%d is null)", tc.name, q, d, tc.queued, tc.duration, none)
		}
	}
}

func TestStepDurationSeconds(t *testing.T) {
	t.Parallel()
	j := ran(0, 6, 190)
	for _, tc := range []struct {
		step *job.Step
		want *int64
	}{
		{&job.Step{StartedAt: at(6), CompletedAt: at(16)}, new(int64(10))},
		{&job.Step{StartedAt: at(16), CompletedAt: at(6)}, new(int64(0))},
		{&job.Step{StartedAt: at(6)}, nil},
		{&job.Step{CompletedAt: at(6)}, nil},
	} {
		if got := j.StepDurationSeconds(tc.step); (got == nil) != (tc.want == nil) || job.Value(got) != job.Value(tc.want) {
			t.Errorf("%v to %v: %v, want %v", tc.step.StartedAt, tc.step.CompletedAt, got, tc.want)
		}
	}
	if got := with(j, conclusion("skipped")).StepDurationSeconds(&job.Step{StartedAt: at(6), CompletedAt: at(16)}); got != nil {
		t.Errorf("a step of a skipped job: %d", *got)
	}
}

func TestFiguresAreNeverNegative(t *testing.T) {
	t.Parallel()
	moment := rapid.Ptr(rapid.Map(rapid.Int64Range(-1e9, 1e9), func(n int64) time.Time { return *at(n) }), true)
	rapid.Check(t, func(t *rapid.T) {
		j := &job.Job{
			RunnerUnknown: true,
			CreatedAt:     moment.Draw(t, "created"), StartedAt: moment.Draw(t, "started"), CompletedAt: moment.Draw(t, "completed"),
		}
		if q, d := j.QueuedSeconds(), j.DurationSeconds(); job.Value(q) < 0 || job.Value(d) < 0 {
			t.Fatalf("queued %d, duration %d", job.Value(q), job.Value(d))
		}
	})
}

func TestIsNoTime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"0001-01-01T00:00:00Z":      true,
		"0001-01-01T08:00:00+08:00": true,
		"0000-12-31T16:00:00-08:00": true, // the first day in UTC
		"1970-01-01T00:00:00Z":      true,
		"1970-01-01T08:00:00+08:00": true,
		"1969-12-31T16:00:00-08:00": true, // the first day in UTC
		"1970-01-01T23:59:59Z":      true,
		"1970-01-01T23:00:00-08:00": true, // the first day where it was written
		"1970-01-02T00:00:00Z":      false,
		"1969-12-31T23:59:59Z":      false,
		"2026-01-01T00:00:00Z":      false,
		"1971-01-01T00:00:00Z":      false,
		"0001-01-02T00:00:00Z":      false,
	} {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := job.IsNoTime(moment); got != want {
			t.Errorf("%s: %t, want %t", text, got, want)
		}
	}
	if !job.IsNoTime(time.Time{}) {
		t.Error("the zero time is a time")
	}
}

func TestValue(t *testing.T) {
	t.Parallel()
	if job.Value[string](nil) != "" || job.Value(new("a")) != "a" || job.Value[int64](nil) != 0 {
		t.Error("Value must give the value or the zero value")
	}
}

// TestUnfinishedStep: a step that is not completed although its job is. A server that sends no status
// proves nothing.
func TestUnfinishedStep(t *testing.T) {
	t.Parallel()
	completed, running, pending, silent := step("completed"), step("in_progress"), step("pending"), &job.Step{Name: new("silent")}
	for name, tc := range map[string]struct {
		status string
		steps  []*job.Step
		want   *job.Step
	}{
		"no steps":         {"completed", nil, nil},
		"all completed":    {"completed", []*job.Step{completed, completed}, nil},
		"one runs":         {"completed", []*job.Step{completed, running, pending}, running},
		"one has to start": {"completed", []*job.Step{completed, pending}, pending},
		"no status":        {"completed", []*job.Step{silent, silent}, nil},
		"the job runs":     {"in_progress", []*job.Step{completed, running}, nil},
	} {
		j := &job.Job{Status: &tc.status, Steps: tc.steps}
		if got := j.UnfinishedStep(); got != tc.want {
			t.Errorf("%s: got %+v, want %+v", name, got, tc.want)
		}
	}
}

func step(status string) *job.Step { return &job.Step{Name: &status, Status: &status} }
