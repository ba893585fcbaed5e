package actions_test

import (
	"maps"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

func TestTiming(t *testing.T) {
	t.Parallel()
	const ten, later, muchLater = "2026-05-04T10:00:00Z", "2026-05-04T10:00:42Z", "2026-05-04T11:00:42Z"
	never := githubtest.Object{"runner_id": 0, "runner_name": ""}
	for _, tc := range []struct {
		name             string
		fields           githubtest.Object
		queued, duration any // int64 seconds, or nil for null
	}{
		{"a job that ran", githubtest.Object{"created_at": ten, "started_at": later, "completed_at": muchLater}, int64(42), int64(3600)},
		{"another zone", githubtest.Object{"created_at": ten, "started_at": "2026-05-04T12:00:42+02:00", "completed_at": muchLater}, int64(42), int64(3600)},
		{"fractions are dropped", githubtest.Object{"created_at": ten, "started_at": "2026-05-04T10:00:01.900Z", "completed_at": "2026-05-04T10:00:02.100Z"}, int64(1), int64(0)},
		{"a job under way", githubtest.Object{"created_at": ten, "started_at": later, "completed_at": nil}, int64(42), nil},
		{"no time of creation", githubtest.Object{"created_at": githubtest.Absent, "started_at": later, "completed_at": muchLater}, nil, int64(3600)},
		{"clocks disagree", githubtest.Object{"created_at": later, "started_at": ten, "completed_at": ten}, int64(0), int64(0)},
		{"ended before it started", githubtest.Object{"created_at": ten, "started_at": muchLater, "completed_at": later}, int64(3642), int64(0)},
		{"skipped", githubtest.Object{"conclusion": "skipped", "created_at": ten, "started_at": later, "completed_at": muchLater}, nil, nil},
		{"no runner ever", merge(never, githubtest.Object{"conclusion": "cancelled", "created_at": ten, "started_at": later, "completed_at": muchLater}), nil, nil},
		{"no runner, clocks disagree", merge(never, githubtest.Object{"created_at": later, "started_at": ten, "completed_at": ten}), nil, nil},
		{"a runner with a name but no id", githubtest.Object{"runner_id": 0, "created_at": ten, "started_at": later, "completed_at": muchLater}, int64(42), int64(3600)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			j, err := readJob(t, tc.fields)
			if err != nil {
				t.Fatal(err)
			}
			if got := seconds(j.QueuedSeconds()); got != tc.queued {
				t.Errorf("queued %v, want %v", got, tc.queued)
			}
			if got := seconds(j.DurationSeconds()); got != tc.duration {
				t.Errorf("duration %v, want %v", got, tc.duration)
			}
		})
	}
}

func TestStepTiming(t *testing.T) {
	t.Parallel()
	steps := []any{
		githubtest.Object{"number": 1, "started_at": "2020-01-20T09:42:40.000-08:00", "completed_at": "2020-01-20T09:42:41.000-08:00"},
		githubtest.Object{"number": 2, "started_at": "2020-01-20T17:42:41Z"},
	}
	ran, err := readJob(t, githubtest.Object{"steps": steps})
	if err != nil {
		t.Fatal(err)
	}
	if got := seconds(ran.StepDurationSeconds(ran.Steps[0])); got != int64(1) {
		t.Errorf("a finished step took %v, want 1", got)
	}
	if got := seconds(ran.StepDurationSeconds(ran.Steps[1])); got != nil {
		t.Errorf("an unfinished step took %v, want null", got)
	}
	skipped, err := readJob(t, githubtest.Object{"steps": steps, "conclusion": "skipped"})
	if err != nil {
		t.Fatal(err)
	}
	if got := seconds(skipped.StepDurationSeconds(skipped.Steps[0])); got != nil {
		t.Errorf("a step of a skipped job took %v, want null", got)
	}
}

func seconds(s *int64) any {
	if s == nil {
		return nil
	}
	return *s
}

func merge(objects ...githubtest.Object) githubtest.Object {
	all := githubtest.Object{}
	for _, o := range objects {
		maps.Copy(all, o)
	}
	return all
}
