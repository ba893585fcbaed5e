package actions_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// rerun is a run of three jobs whose second attempt ran only one of them again, and whose third ran a
// job that was not there before. Two jobs share a name.
func rerun() *githubtest.World {
	w := githubtest.NewWorld()
	r := w.Repository("acme/app").Run(700, 1, githubtest.Object{"conclusion": "failure"}).Run(700, 2, githubtest.Object{"conclusion": "failure"}).Run(700, 3, nil)
	addJob := func(id, attempt int64, name, conclusion string) {
		r.Job(id, 700, githubtest.Object{"run_attempt": attempt, "name": name, "conclusion": conclusion})
	}
	addJob(12, 1, "test", "failure")
	addJob(11, 1, "build", "success")
	addJob(13, 1, "lint", "success")
	addJob(14, 1, "lint", "success")
	addJob(21, 2, "test", "failure")
	addJob(31, 3, "test", "success")
	addJob(30, 3, "report", "neutral")
	return w
}

func TestFiltersAndAttempts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		query actions.RunQuery
		want  []int64
	}{
		{"latest unless said otherwise", actions.RunQuery{}, []int64{30, 31}},
		{"latest", actions.RunQuery{Filter: job.FilterLatest}, []int64{30, 31}},
		{"all", actions.RunQuery{Filter: job.FilterAll}, []int64{11, 12, 13, 14, 21, 30, 31}},
		{"final", actions.RunQuery{Filter: job.FilterFinal}, []int64{11, 13, 14, 30, 31}},
		{"one attempt", actions.RunQuery{Attempt: 2}, []int64{21}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.query.Repository, tc.query.RunID = app(t), 700
			got, err := newClient(t, githubtest.New(t, rerun()), 10).RunJobs(t.Context(), tc.query)
			if err != nil {
				t.Fatal(err)
			}
			var ids []int64
			for _, j := range got.Jobs {
				ids = append(ids, job.Value(j.ID))
			}
			if !slices.Equal(ids, tc.want) {
				t.Errorf("jobs %v, want %v", ids, tc.want)
			}
		})
	}
}

func TestJobsWithoutAttemptsAreOrderedByID(t *testing.T) {
	t.Parallel()
	w := githubtest.NewWorld()
	r := w.Repository("acme/app").Run(700, 1, nil)
	for _, id := range []int64{3, 1, 2} {
		r.Job(id, 700, githubtest.Object{"run_attempt": githubtest.Absent, "name": strconv.FormatInt(id, 10)})
	}
	got, err := newClient(t, githubtest.New(t, w), 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700, Filter: job.FilterFinal})
	if err != nil || len(got.Jobs) != 3 {
		t.Fatalf("got %v, %v", got.Jobs, err)
	}
	for i, j := range got.Jobs {
		if job.Value(j.ID) != int64(i+1) || j.RunAttempt != nil {
			t.Errorf("place %d holds job %d of attempt %v", i, job.Value(j.ID), j.RunAttempt)
		}
	}
}

// outcome contains the fields of a run that a gate uses.
type outcome struct {
	status, conclusion   string // "-": null
	completed, succeeded bool
	failed               []string
}

func outcomeOf(r job.RunJobs) outcome {
	text := func(s *string) string {
		if s == nil {
			return "-"
		}
		return *s
	}
	return outcome{text(r.Status()), text(r.Conclusion()), r.Completed(), r.Succeeded(), r.FailedJobs()}
}

func TestTheRunDecides(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		run  githubtest.Object
		jobs []githubtest.Object
		want outcome
	}{
		{
			"all listed jobs are done, but the run waits for more",
			githubtest.Object{"status": "in_progress", "conclusion": nil},
			[]githubtest.Object{{"name": "build"}},
			outcome{"in_progress", "-", false, false, []string{}},
		},
		{
			"the run says queued while a job runs",
			githubtest.Object{"status": "queued", "conclusion": nil},
			[]githubtest.Object{{"name": "build", "status": "in_progress", "conclusion": nil}},
			outcome{"queued", "-", false, false, []string{}},
		},
		{
			"a job may fail without failing the run",
			nil,
			[]githubtest.Object{{"name": "build"}, {"name": "flaky", "conclusion": "failure"}},
			outcome{"completed", "success", true, true, []string{"flaky"}},
		},
		{
			"every conclusion that is not harmless is a failure",
			githubtest.Object{"conclusion": "startup_failure"},
			[]githubtest.Object{
				{"name": "a", "conclusion": "cancelled"}, {"name": "b", "conclusion": "skipped"}, {"name": "c", "conclusion": "neutral"},
				{"name": "d", "conclusion": "timed_out"}, {"name": "e", "conclusion": "something_new"}, {"name": "f", "conclusion": nil},
				{"name": "g", "status": "in_progress", "conclusion": nil},
			},
			outcome{"completed", "startup_failure", true, false, []string{"a", "d", "e", "f"}},
		},
		{"a run without jobs", nil, nil, outcome{"completed", "success", true, true, []string{}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := githubtest.NewWorld()
			r := w.Repository("acme/app").Run(700, 1, tc.run)
			for i, job := range tc.jobs {
				r.Job(int64(i+1), 700, job)
			}
			got, err := newClient(t, githubtest.New(t, w), 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700})
			if err != nil {
				t.Fatal(err)
			}
			wantOutcome(t, got, tc.want)
		})
	}
}

func wantOutcome(t *testing.T, got job.RunJobs, want outcome) {
	t.Helper()
	if g, w := fmt.Sprintf("%+v", outcomeOf(got)), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("got  %s\nwant %s", g, w)
	}
}

// TestWithoutARunPageTheJobsDecide: some servers list the jobs of an attempt but return 404 for the
// attempt.
func TestWithoutARunPageTheJobsDecide(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		filter job.Filter
		jobs   []any
		want   outcome
	}{
		{"all done well", "", []any{githubtest.Object{"id": 1, "name": "a", "status": "completed", "conclusion": "success"}}, outcome{"-", "-", true, true, []string{}}},
		{"one under way", "", []any{githubtest.Object{"id": 1, "name": "a", "status": "queued"}}, outcome{"-", "-", false, false, []string{}}},
		{"one failed", "", []any{githubtest.Object{"id": 1, "name": "a", "status": "completed", "conclusion": "failure"}}, outcome{"-", "-", true, false, []string{"a"}}},
		{"one failed at first", job.FilterAll, []any{
			githubtest.Object{"id": 1, "name": "a", "run_attempt": 1, "status": "completed", "conclusion": "failure"},
			githubtest.Object{"id": 2, "name": "a", "run_attempt": 2, "status": "completed", "conclusion": "success"},
		}, outcome{"-", "-", true, true, []string{"a"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.NewWorld())
			server.ExpectMissing(runPath)
			server.Handle(jobsPath, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				githubtest.SendJSON(w, r, githubtest.Object{"total_count": len(tc.jobs), "jobs": tc.jobs})
			}))
			got, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700, Filter: tc.filter})
			if err != nil {
				t.Fatal(err)
			}
			wantOutcome(t, got, tc.want)
		})
	}
}

func TestLabelsAreDistinctAndSorted(t *testing.T) {
	t.Parallel()
	w := githubtest.NewWorld()
	w.Repository("acme/app").Run(700, 1, nil).
		Job(1, 700, githubtest.Object{"labels": []any{"self-hosted", "linux"}}).
		Job(2, 700, githubtest.Object{"labels": []any{"linux", "Linux", "gpu=a100"}}).
		Job(3, 700, githubtest.Object{"labels": githubtest.Absent})
	got, err := newClient(t, githubtest.New(t, w), 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Linux", "gpu=a100", "linux", "self-hosted"}; !slices.Equal(got.Labels(), want) {
		t.Errorf("got %q, want %q", got.Labels(), want)
	}
}

func TestRunJobsRefusesWhatIsNotTheRun(t *testing.T) {
	t.Parallel()
	const attempt = runPath + "/attempts/2"
	for _, tc := range []struct {
		name, path string
		attempt    int64
		body       string
		reason     string
	}{
		{"another run", runPath, 0, `{"id":701}`, "the answer is run 701"},
		{"a run without an id", runPath, 0, `{}`, "the answer is a run without an id"},
		{"another attempt", attempt, 2, `{"id":700,"run_attempt":1}`, "the answer is attempt 1"},
		{"no list", jobsPath, 0, `{"total_count":0}`, "the answer has no list of jobs"},
		{"a null list without a count", jobsPath, 0, `{"jobs":null}`, "the answer has no list of jobs"},
		{"a null list with a count", jobsPath, 0, `{"total_count":1,"jobs":null}`, "the answer has no list of jobs"},
		{"another list", jobsPath, 0, `{"total_count":0,"workflow_runs":null}`, "the answer has no list of jobs"},
		{"a null job", jobsPath, 0, `{"total_count":1,"jobs":[null]}`, "on page 1 job 0 of the list is null"},
		{"a job without an id", jobsPath, 0, `{"total_count":1,"jobs":[{}]}`, "on page 1 job 0 of the list has no id"},
		{"another run's job", jobsPath, 0, `{"total_count":1,"jobs":[{"id":1,"run_id":701}]}`, "on page 1 job 1 belongs to run 701"},
		{"a null step", jobsPath, 0, `{"total_count":1,"jobs":[{"id":1,"steps":[null]}]}`, "on page 1 step 0 of job 1 is null"},
		{"an empty body", jobsPath, 0, ``, "the answer is empty"},
		{"a web page", jobsPath, 0, `<html>`, "the answer is a web page, not JSON"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, rerun())
			server.Handle(tc.path, http.HandlerFunc(githubtest.Body("application/json", tc.body)))
			_, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700, Attempt: tc.attempt})
			var e *actions.Error
			if !errors.As(err, &e) || e.Kind != actions.Malformed || e.Reason != tc.reason {
				t.Fatalf("got %v, want a malformed answer because %s", err, tc.reason)
			}
		})
	}
}

func TestRunNotFoundTellsWhichPart(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		query   actions.RunQuery
		missing []string
		want    actions.Part
		object  string
		reason  string
	}{
		{"the repository", actions.RunQuery{RunID: 5}, []string{"/repos/acme/other/actions/runs/5", "/repos/acme/other/actions/runs/5/jobs", "/repos/acme/other"}, actions.PartRepository, "acme/other run 5", ""},
		{"the run", actions.RunQuery{RunID: 5}, []string{"/repos/acme/app/actions/runs/5", "/repos/acme/app/actions/runs/5/jobs"}, actions.PartRun, "acme/app run 5", ""},
		{"the run of an attempt", actions.RunQuery{RunID: 5, Attempt: 9}, []string{"/repos/acme/app/actions/runs/5", "/repos/acme/app/actions/runs/5/attempts/9", "/repos/acme/app/actions/runs/5/attempts/9/jobs"}, actions.PartRun, "acme/app run 5 attempt 9", ""},
		{"the attempt", actions.RunQuery{RunID: 700, Attempt: 9}, []string{"/repos/acme/app/actions/runs/700/attempts/9", "/repos/acme/app/actions/runs/700/attempts/9/jobs"}, actions.PartAttempt, "acme/app run 700 attempt 9", "the latest attempt of this run is 3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, rerun())
			// Of two concurrent requests, the slower one may be cancelled before it is sent.
			for _, path := range tc.missing {
				server.AllowMissing(path)
			}
			tc.query.Repository = app(t)
			if tc.want == actions.PartRepository {
				tc.query.Repository = repository(t, "acme/other")
			}
			_, err := newClient(t, server, 10).RunJobs(t.Context(), tc.query)
			wantMissing(t, err, tc.want)
			var e *actions.Error
			if errors.As(err, &e) && (e.Object != tc.object || e.Reason != tc.reason) {
				t.Errorf("got %q, %q, want %q, %q", e.Object, e.Reason, tc.object, tc.reason)
			}
		})
	}
}

// TestSkippedSteps: without its steps, the rest of a job is the same. This includes whether a job
// without a runner ran, which only the steps show.
func TestSkippedSteps(t *testing.T) {
	t.Parallel()
	started := []any{githubtest.Object{"number": 1, "started_at": nil}, githubtest.Object{"number": 2, "started_at": "2026-05-04T10:00:08Z"}}
	waiting := []any{githubtest.Object{"number": 1, "started_at": nil}, githubtest.Object{"number": 2, "started_at": "1970-01-01T00:00:00Z"}}
	none := githubtest.Object{"runner_id": nil, "runner_name": nil, "runner_group_id": nil, "runner_group_name": nil}
	w := githubtest.NewWorld()
	w.Repository("acme/app").Run(700, 1, nil).
		Job(1, 700, githubtest.Object{"steps": githubtest.Steps(3)}).
		Job(2, 700, merge(none, githubtest.Object{"steps": started})).
		Job(3, 700, merge(none, githubtest.Object{"steps": waiting})).
		Job(4, 700, merge(none, githubtest.Object{"steps": nil})).
		Job(5, 700, merge(none, githubtest.Object{"steps": githubtest.Absent})).
		Job(6, 700, merge(none, githubtest.Object{"steps": started, "conclusion": "skipped"}))
	client := newClient(t, githubtest.New(t, w), 10)
	with, err := client.RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700})
	if err != nil {
		t.Fatal(err)
	}
	without, err := client.RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700, SkipSteps: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, j := range without.Jobs {
		same := *with.Jobs[i]
		if j.NeverRan() != same.NeverRan() || seconds(j.QueuedSeconds()) != seconds(same.QueuedSeconds()) {
			t.Errorf("job %d: never ran is %t, want %t", *j.ID, j.NeverRan(), same.NeverRan())
		}
		same.Steps, same.StepStarted = []*job.Step{}, j.StepStarted
		if !reflect.DeepEqual(*j, same) {
			t.Errorf("job %d is %+v, want %+v", *j.ID, *j, same)
		}
	}
	if ran := without.Jobs[1]; ran.NeverRan() || !ran.StepStarted {
		t.Error("a job with a started step counts as one that never ran")
	}
}

// TestStepsThatNobodyReads: unused steps are not parsed, unless only they show whether the job ran.
func TestStepsThatNobodyReads(t *testing.T) {
	t.Parallel()
	odd := githubtest.Object{"steps": []any{githubtest.Object{"started_at": 1.5}, nil}}
	read := func(fields githubtest.Object) error {
		w := githubtest.NewWorld()
		w.Repository("acme/app").Run(700, 1, nil).Job(1, 700, fields)
		_, err := newClient(t, githubtest.New(t, w), 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700, SkipSteps: true})
		return err
	}
	if err := read(odd); err != nil {
		t.Errorf("with a runner: %v", err)
	}
	err := read(merge(odd, githubtest.Object{"runner_id": 0, "runner_name": ""}))
	var e *actions.Error
	if !errors.As(err, &e) || e.Kind != actions.Malformed || e.Reason != "on page 1 job 1 has steps that are not those that GitHub documents" {
		t.Errorf("without one: %v", err)
	}
}
