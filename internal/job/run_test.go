package job_test

import (
	"slices"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

func TestVerdict(t *testing.T) {
	t.Parallel()
	completed := func(conclusion *string) *job.Run {
		return &job.Run{Status: new("completed"), Conclusion: conclusion}
	}
	good, bad := ran(0, 1, 2), with(ran(0, 1, 2), conclusion("failure"), id(2), name("test"))
	unclear := with(ran(0, 1, 2), func(j *job.Job) { j.Conclusion = nil })
	running := with(ran(0, 1, 2), func(j *job.Job) { j.Status, j.Conclusion = new("in_progress"), nil })
	repaired := with(ran(5, 6, 7), attempt(2), id(12), name("test"))
	for _, tc := range []struct {
		name                 string
		of                   job.RunJobs
		completed, succeeded bool
		failed               []string
	}{
		{"success", job.RunJobs{Run: completed(new("success")), Jobs: []*job.Job{good}}, true, true, []string{}},
		{"success without jobs", job.RunJobs{Run: completed(new("success"))}, true, true, []string{}},
		{"success although a job failed: continue-on-error", job.RunJobs{Run: completed(new("success")), Jobs: []*job.Job{good, bad}}, true, true, []string{"test"}},
		{"failure", job.RunJobs{Run: completed(new("failure")), Jobs: []*job.Job{good, bad}}, true, false, []string{"test"}},
		{"completed without a conclusion", job.RunJobs{Run: completed(nil), Jobs: []*job.Job{good}}, true, false, []string{}},
		{"neutral is not a success", job.RunJobs{Run: completed(new("neutral")), Jobs: []*job.Job{good}}, true, false, []string{}},
		{"running, and a conclusion already", job.RunJobs{Run: &job.Run{Status: new("in_progress"), Conclusion: new("success")}, Jobs: []*job.Job{good}}, false, false, []string{}},
		{"running although its jobs are over: more may come", job.RunJobs{Run: &job.Run{Status: new("in_progress")}, Jobs: []*job.Job{good}}, false, false, []string{}},
		{"a run without a status", job.RunJobs{Run: &job.Run{}, Jobs: []*job.Job{good}}, false, false, []string{}},

		{"no run: all jobs are well", job.RunJobs{Jobs: []*job.Job{good}}, true, true, []string{}},
		{"no run: a job failed", job.RunJobs{Jobs: []*job.Job{good, bad}}, true, false, []string{"test"}},
		{"no run: a job failed and was repaired by a re-run", job.RunJobs{Jobs: []*job.Job{good, bad, repaired}}, true, true, []string{"test"}},
		{"no run: a job ended without a conclusion", job.RunJobs{Jobs: []*job.Job{unclear}}, true, false, []string{"build"}},
		{"no run: a job is under way", job.RunJobs{Jobs: []*job.Job{good, running}}, false, false, []string{}},
		{"no run, no jobs", job.RunJobs{}, false, false, []string{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if c, s := tc.of.Completed(), tc.of.Succeeded(); c != tc.completed || s != tc.succeeded {
				t.Errorf("completed %t, succeeded %t; want %t, %t", c, s, tc.completed, tc.succeeded)
			}
			if got := tc.of.FailedJobs(); got == nil || !slices.Equal(got, tc.failed) {
				t.Errorf("failed jobs %q, want %q", got, tc.failed)
			}
			var status, conclusion *string
			if tc.of.Run != nil {
				status, conclusion = tc.of.Run.Status, tc.of.Run.Conclusion
				if tc.of.Run.Finished() != tc.completed {
					t.Errorf("the run is finished: %t", tc.of.Run.Finished())
				}
			}
			if tc.of.Status() != status || tc.of.Conclusion() != conclusion {
				t.Errorf("status %v, conclusion %v; want the run's", tc.of.Status(), tc.of.Conclusion())
			}
		})
	}
}

func TestLabelsOfARun(t *testing.T) {
	t.Parallel()
	labels := func(labels ...string) *job.Job { return &job.Job{Labels: labels} }
	if got := (job.RunJobs{}).Labels(); got == nil || len(got) != 0 {
		t.Errorf("no jobs: got %q", got)
	}
	of := job.RunJobs{Jobs: []*job.Job{labels("x64", "linux"), labels(), labels("Linux", "x64")}}
	if got, want := of.Labels(), []string{"Linux", "linux", "x64"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
