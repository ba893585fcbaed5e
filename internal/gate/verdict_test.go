package gate_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/audit"
	"github.com/runner-audit/terraform-provider-github-actions/internal/gate"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

const commit = "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0"

var morning = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)

// aRun is a run of ci.yml by a push to main, completed with success, with one job that succeeded.
func aRun(change ...func(*gate.Run)) gate.Run {
	run := gate.Run{
		Run: &job.Run{
			ID: new(int64(700)), RunAttempt: new(int64(1)), Event: new("push"), Status: new("completed"), Conclusion: new("success"),
			HeadBranch: new("main"), HeadSHA: new(commit), Path: new(".github/workflows/ci.yml"), WorkflowID: new(int64(11)),
			Repository: new("acme/app"), RepositoryID: new(int64(1)), HeadRepository: new("acme/app"), HeadRepositoryID: new(int64(1)),
			CreatedAt: new(morning),
		},
		Jobs: jobs("build=success"),
	}
	for _, f := range change {
		f(&run)
	}
	return run
}

// jobs reads NAME=CONCLUSION, NAME=STATUS/ and, for another attempt, N:NAME=CONCLUSION.
func jobs(texts ...string) []*job.Job {
	list := []*job.Job{}
	for i, text := range texts {
		attempt := int64(1)
		if n, rest, ok := strings.Cut(text, ":"); ok {
			_, _ = fmt.Sscan(n, &attempt)
			text = rest
		}
		name, end, _ := strings.Cut(text, "=")
		j := &job.Job{ID: new(int64(i + 1)), RunAttempt: &attempt, Name: &name, Status: new("completed"), Conclusion: &end}
		switch status, running := strings.CutSuffix(end, "/"); {
		case running:
			j.Status, j.Conclusion = &status, nil
		case end == "null":
			j.Conclusion = nil
		}
		list = append(list, j)
	}
	return list
}

func with(list ...string) func(*gate.Run) {
	return func(r *gate.Run) { r.Jobs = jobs(list...) }
}

func ended(conclusion string) func(*gate.Run) {
	return func(r *gate.Run) { r.Conclusion = &conclusion }
}

func change(f func(*job.Run)) func(*gate.Run) { return func(r *gate.Run) { f(r.Run) } }

func patterns(tb testing.TB, sources ...string) []gate.Pattern {
	tb.Helper()
	list := []gate.Pattern{}
	for _, source := range sources {
		p, err := audit.NewPattern(source)
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func running(status string) func(*gate.Run) {
	return func(r *gate.Run) { r.Status, r.Conclusion = &status, nil }
}

const open = "all succeeded: ci.yml"

// TestOneWorkflow is the rule, case by case.
func TestOneWorkflow(t *testing.T) {
	t.Parallel()
	const none = "ci.yml has no run that counts: none for this commit by the event push from the repository itself"
	fork := change(func(r *job.Run) { r.HeadRepository, r.HeadRepositoryID = new("eve/app"), new(int64(2)) })
	at := func(seconds int, id int64) func(*gate.Run) {
		return change(func(r *job.Run) { r.CreatedAt, r.ID = new(morning.Add(time.Duration(seconds)*time.Second)), &id })
	}
	on := func(branch string) func(*gate.Run) { return change(func(r *job.Run) { r.HeadBranch = &branch }) }
	by := func(event string) func(*gate.Run) { return change(func(r *job.Run) { r.Event = &event }) }
	attempt := func(n int64) func(*gate.Run) { return change(func(r *job.Run) { r.RunAttempt = &n }) }
	for _, tc := range []struct {
		name     string
		runs     []gate.Run
		required []string
		mayFail  []string
		any      bool // event = ""
		branch   string
		want     string
		done     bool
	}{
		{name: "success", runs: []gate.Run{aRun()}, want: open, done: true},
		{name: "no run", want: none},
		{name: "queued", runs: []gate.Run{aRun(running("queued"), with())}, want: "ci.yml run 700 is not completed (queued)"},
		{name: "a job runs", runs: []gate.Run{aRun(running("in_progress"), with("build=success", "test=in_progress/"))}, want: "ci.yml / test is not completed (in_progress)"},
		{name: "all listed jobs are over", runs: []gate.Run{aRun(running("in_progress"))}, want: "ci.yml run 700 is not completed (in_progress)"},
		{name: "no status", runs: []gate.Run{aRun(change(func(r *job.Run) { r.Status, r.Conclusion = nil, nil }))}, want: "ci.yml run 700 is not completed (status unknown)"},
		{name: "an empty run", runs: []gate.Run{aRun(with())}, want: "ci.yml run 700 lists no jobs", done: true},
		{name: "cancelled", runs: []gate.Run{aRun(ended("cancelled"))}, mayFail: []string{"*"}, want: "ci.yml run 700 ended with cancelled", done: true},
		{name: "startup failure", runs: []gate.Run{aRun(ended("startup_failure"), with())}, want: "ci.yml run 700 ended with startup_failure", done: true},
		{name: "an invalid workflow file", runs: []gate.Run{aRun(ended("failure"), with())}, mayFail: []string{"*"}, want: "ci.yml run 700 ended with failure and has no jobs: its workflow file may be invalid", done: true},
		{name: "skipped", runs: []gate.Run{aRun(ended("skipped"))}, want: "ci.yml run 700 ended with skipped", done: true},
		{name: "neutral", runs: []gate.Run{aRun(ended("neutral"))}, want: "ci.yml run 700 ended with neutral", done: true},
		{name: "a new conclusion", runs: []gate.Run{aRun(ended("fine_i_guess"))}, want: "ci.yml run 700 ended with fine_i_guess", done: true},
		{name: "no conclusion", runs: []gate.Run{aRun(change(func(r *job.Run) { r.Conclusion = nil }))}, want: "ci.yml run 700 is completed, but has no conclusion"},
		{name: "unreadable", runs: []gate.Run{aRun(func(r *gate.Run) { r.Unreadable = true })}, want: "ci.yml run 700 is listed, but it cannot be read"},

		{name: "failure", runs: []gate.Run{aRun(ended("failure"), with("build=success", "e2e=failure"))}, want: "ci.yml / e2e ended with failure", done: true},
		{name: "failure that may be", runs: []gate.Run{aRun(ended("failure"), with("build=success", "E2E (1)=failure", "e2e (2)=cancelled"))}, mayFail: []string{"e2e*"}, want: open + "; failed, but may fail: ci.yml / E2E (1), ci.yml / e2e (2)", done: true},
		{name: "one more failure", runs: []gate.Run{aRun(ended("failure"), with("e2e=failure", "lint=timed_out"))}, mayFail: []string{"e2e*"}, want: "ci.yml / lint ended with timed_out", done: true},
		{name: "failure without a failed job", runs: []gate.Run{aRun(ended("failure"), with("build=success", "e2e=skipped"))}, mayFail: []string{"*"}, want: "ci.yml run 700 ended with failure, but none of its jobs failed", done: true},
		{name: "failure with a running job", runs: []gate.Run{aRun(ended("failure"), with("e2e=failure", "lint=in_progress/"))}, mayFail: []string{"*"}, want: "ci.yml / lint is not completed (in_progress), although its run is"},
		{name: "failure with an unknown conclusion", runs: []gate.Run{aRun(ended("failure"), with("e2e=exploded"))}, mayFail: []string{"*"}, want: "ci.yml / e2e ended with exploded, which is not a known conclusion", done: true},
		{name: "a job without a conclusion", runs: []gate.Run{aRun(ended("failure"), with("e2e=null"))}, mayFail: []string{"*"}, want: "ci.yml / e2e is completed, but has no conclusion"},
		{name: "success with a running job", runs: []gate.Run{aRun(with("build=success", "lint=queued/"))}, want: "ci.yml / lint is not completed (queued), although its run is"},
		{name: "continue-on-error", runs: []gate.Run{aRun(with("build=success", "lint=failure"))}, want: open, done: true},

		{name: "a required job", runs: []gate.Run{aRun(with("LINT=success", "docs=skipped"))}, required: []string{"lint"}, want: open, done: true},
		{name: "a missing required job", runs: []gate.Run{aRun()}, required: []string{"build", "lint"}, want: "no job matches the required pattern lint", done: true},
		{name: "a skipped required job", runs: []gate.Run{aRun(with("test (1)=success", "test (2)=skipped"))}, required: []string{"test (*)"}, want: "the required job ci.yml / test (2) ended with skipped", done: true},
		{name: "a neutral required job", runs: []gate.Run{aRun(with("lint=neutral"))}, required: []string{"lint"}, want: "the required job ci.yml / lint ended with neutral", done: true},
		{name: "a required job that the newest attempt skipped with its matrix", runs: []gate.Run{aRun(attempt(2), with("lint=failure", "test (1)=success", "2:lint=success", "2:test (${{ matrix.n }})=skipped"))}, required: []string{"lint", "TEST (1)"}, want: "no job matches the required pattern TEST (1): ci.yml / test (${{ matrix.n }}) was skipped", done: true},
		{name: "a pattern that matches the skipped matrix itself", runs: []gate.Run{aRun(attempt(2), with("test (1)=success", "2:test (${{ matrix.n }})=skipped"))}, required: []string{"test (*)"}, want: "the required job ci.yml / test (${{ matrix.n }}) ended with skipped", done: true},
		{name: "a required job that the newest attempt skipped with its matrix, under the bare name", runs: []gate.Run{aRun(attempt(2), with("lint=failure", "test (1)=success", "2:lint=success", "2:test=skipped"))}, required: []string{"test (1)"}, want: "no job matches the required pattern test (1): ci.yml / test was skipped", done: true},
		{name: "a required job that the newest attempt skipped with its reusable workflow", runs: []gate.Run{aRun(attempt(2), with("lint=failure", "call / build=success", "2:lint=success", "2:call=skipped"))}, required: []string{"call / build"}, want: "no job matches the required pattern call / build: ci.yml / call was skipped", done: true},
		{name: "a required job whose reusable workflow was cancelled", runs: []gate.Run{aRun(ended("failure"), attempt(2), with("call / build=success", "2:lint=failure", "2:call=cancelled"))}, required: []string{"call / build"}, mayFail: []string{"*"}, want: "no job matches the required pattern call / build: ci.yml / call did not run (cancelled)", done: true},
		{name: "a required job whose name is only an expression", runs: []gate.Run{aRun(attempt(2), with("lint=failure", "linux=success", "2:lint=success", "2:${{ matrix.os }}=skipped"))}, required: []string{"linux"}, want: "no job matches the required pattern linux: ci.yml / ${{ matrix.os }} was skipped", done: true},
		{name: "a matrix that the only attempt skipped", runs: []gate.Run{aRun(with("lint=success", "test (${{ matrix.n }})=skipped"))}, required: []string{"test (1)"}, want: "no job matches the required pattern test (1): ci.yml / test (${{ matrix.n }}) was skipped", done: true},
		{name: "an old failure of a matrix that the newest attempt skipped", runs: []gate.Run{aRun(ended("failure"), attempt(2), with("lint=failure", "test (1)=failure", "2:lint=failure", "2:test (${{ matrix.n }})=skipped"))}, mayFail: []string{"lint"}, want: open + "; failed, but may fail: ci.yml / lint", done: true},
		{name: "a matrix of another size in the newest attempt", runs: []gate.Run{aRun(attempt(2), with("shard (1/2)=failure", "shard (2/2)=success", "2:shard (1/1)=success"))}, required: []string{"shard (*)"}, want: "the required job ci.yml / shard (1/2) ended with failure", done: true},
		{name: "a required job with continue-on-error", runs: []gate.Run{aRun(with("lint=failure"))}, required: []string{"lint"}, want: "the required job ci.yml / lint ended with failure", done: true},
		{name: "a required job is never excused", runs: []gate.Run{aRun(ended("failure"), with("lint=failure"))}, required: []string{"lint"}, mayFail: []string{"*"}, want: "the required job ci.yml / lint ended with failure", done: true},

		{name: "a fork", runs: []gate.Run{aRun(fork)}, want: none},
		{name: "a fork does not hide the run", runs: []gate.Run{aRun(fork, at(60, 701)), aRun()}, want: open, done: true},
		{name: "the same name, another id", runs: []gate.Run{aRun(change(func(r *job.Run) { r.HeadRepositoryID = new(int64(2)) }))}, want: none},
		{name: "the same id, another name", runs: []gate.Run{aRun(change(func(r *job.Run) { r.HeadRepository = new("acme/old") }))}, want: open, done: true},
		{name: "names alone", runs: []gate.Run{aRun(change(func(r *job.Run) { r.RepositoryID, r.HeadRepository = nil, new("Acme/App") }))}, want: open, done: true},
		{name: "ids of 0", runs: []gate.Run{aRun(change(func(r *job.Run) {
			r.RepositoryID, r.HeadRepositoryID, r.HeadRepository = new(int64(0)), new(int64(0)), new("eve/app")
		}))}, want: none},
		{name: "nothing to compare", runs: []gate.Run{aRun(change(func(r *job.Run) { r.RepositoryID, r.HeadRepository = nil, nil }))}, want: none},
		{name: "nothing at all to compare", runs: []gate.Run{aRun(change(func(r *job.Run) { r.RepositoryID, r.Repository, r.HeadRepository = nil, nil, nil }))}, want: none},

		{name: "another event", runs: []gate.Run{aRun(by("schedule"))}, want: none},
		{name: "any event", any: true, runs: []gate.Run{aRun(by("schedule"))}, want: open, done: true},
		{name: "another commit", runs: []gate.Run{aRun(change(func(r *job.Run) { r.HeadSHA = new(strings.Repeat("0", 40)) }))}, want: none},
		{name: "no commit", runs: []gate.Run{aRun(change(func(r *job.Run) { r.HeadSHA = nil }))}, want: none},
		{name: "a commit in capitals", runs: []gate.Run{aRun(change(func(r *job.Run) { r.HeadSHA = new(strings.ToUpper(commit)) }))}, want: open, done: true},
		{name: "another branch", branch: "main", runs: []gate.Run{aRun(on("next"))}, want: "ci.yml has no run that counts: none for this commit by the event push on the branch main from the repository itself"},
		{name: "the branch", branch: "main", runs: []gate.Run{aRun(), aRun(on("next"), ended("failure"))}, want: open, done: true},
		{name: "another workflow", runs: []gate.Run{aRun(change(func(r *job.Run) { r.Path = new(".github/workflows/xci.yml") }))}, want: none},

		{name: "the newest of a branch", runs: []gate.Run{aRun(ended("failure"), at(0, 700)), aRun(at(60, 699))}, want: open, done: true},
		{name: "the newest of a branch failed", runs: []gate.Run{aRun(at(0, 701)), aRun(ended("cancelled"), at(60, 700))}, want: "ci.yml run 700 ended with cancelled", done: true},
		{name: "two of one second", runs: []gate.Run{aRun(at(0, 701)), aRun(ended("cancelled"), at(0, 702))}, want: "ci.yml run 702 ended with cancelled", done: true},
		{name: "without creation times", runs: []gate.Run{aRun(at(60, 701)), aRun(ended("cancelled"), at(0, 702), change(func(r *job.Run) { r.CreatedAt = nil }))}, want: "ci.yml run 702 ended with cancelled", done: true},
		{name: "a newer run on another branch", any: true, runs: []gate.Run{aRun(ended("failure"), with("build=failure")), aRun(at(60, 701), on("next"), by("workflow_dispatch"))}, want: "ci.yml / build ended with failure", done: true},

		{name: "a re-run", runs: []gate.Run{aRun(attempt(2), with("build=success", "test=failure", "2:test=success"))}, want: open, done: true},
		{name: "a re-run that failed", runs: []gate.Run{aRun(attempt(2), ended("failure"), with("build=success", "test=success", "2:test=failure"))}, want: "ci.yml / test ended with failure", done: true},
		{name: "the list of a re-run is behind", runs: []gate.Run{aRun(attempt(2))}, want: "ci.yml run 700 is of attempt 2, but lists no job of it"},
		{name: "the jobs of a re-run have no attempt", runs: []gate.Run{aRun(attempt(2), func(r *gate.Run) { r.Jobs[0].RunAttempt = nil })}, want: "ci.yml run 700 is of attempt 2, but the API does not return the attempt of its jobs", done: true},
		{name: "the run is behind", runs: []gate.Run{aRun(with("build=success", "2:build=success"))}, want: "ci.yml run 700 has started again: its jobs are of attempt 2"},
		{name: "no attempts", runs: []gate.Run{aRun(change(func(r *job.Run) { r.RunAttempt = nil }), with("build=success", "2:test=success"))}, want: open, done: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			q := gate.Question{HeadSHA: commit, Event: "push", Branch: tc.branch, Required: patterns(t, tc.required...), MayFail: patterns(t, tc.mayFail...)}
			if tc.any {
				q.Event = ""
			}
			v := q.Judge([]gate.Workflow{{Name: "ci.yml", Runs: tc.runs}})
			if v.Reason != tc.want || v.Open != strings.HasPrefix(tc.want, open) || v.Completed != tc.done {
				t.Errorf("open %v, completed %v: %s\nwant completed %v: %s", v.Open, v.Completed, v.Reason, tc.done, tc.want)
			}
			if v.Open == (v.Fault.Kind != gate.FaultNone) {
				t.Errorf("open %v with the fault %v", v.Open, v.Fault)
			}
		})
	}
}

// TestAHiddenHeadRepository: without its name, the event must be one that a fork cannot cause.
func TestAHiddenHeadRepository(t *testing.T) {
	t.Parallel()
	for event, own := range map[string]bool{
		"push": true, "schedule": true, "workflow_dispatch": true, "repository_dispatch": true, "merge_group": true,
		"pull_request": false, "pull_request_target": false, "workflow_run": false, "issue_comment": false, "release": false, "": false,
	} {
		run := aRun(change(func(r *job.Run) { r.HeadRepository, r.HeadRepositoryID, r.Event = nil, nil, &event }))
		if v := (gate.Question{HeadSHA: commit}).Judge([]gate.Workflow{{Name: "ci.yml", Runs: []gate.Run{run}}}); v.Open != own {
			t.Errorf("%q: open %v: %s", event, v.Open, v.Reason)
		}
	}
}

// TestAnUnsettledVerdict: answers that keep changing neither open the gate nor end a wait.
func TestAnUnsettledVerdict(t *testing.T) {
	t.Parallel()
	v := (gate.Question{HeadSHA: commit, Event: "push"}).Judge([]gate.Workflow{{Name: "ci.yml", Runs: []gate.Run{aRun()}}})
	if !v.Open || !v.Completed {
		t.Fatalf("the verdict itself is shut: %s", v.Reason)
	}
	if u := v.Unsettled(); u.Open || u.Completed || u.Fault.Kind != gate.FaultUnclear || len(u.Unfinished) == 0 {
		t.Errorf("got %+v", u)
	}
}

// TestSeveralWorkflows: all must pass, and the first that does not is named. The rest of the verdict.
func TestSeveralWorkflows(t *testing.T) {
	t.Parallel()
	security := func(r *gate.Run) { r.Path, r.ID = new(".github/workflows/security.yml"), new(int64(800)) }
	q := gate.Question{HeadSHA: commit, Event: "push", Required: patterns(t, "scan")}
	ci := gate.Workflow{Name: "ci.yml", Runs: []gate.Run{
		aRun(ended("failure"), with("build=failure", "test=success")),
		aRun(running("in_progress"), with("build=in_progress/", "lint=queued/"), change(func(r *job.Run) {
			r.ID, r.HeadBranch, r.CreatedAt = new(int64(701)), new("next"), new(morning.Add(time.Minute))
		})),
	}}
	got := q.Judge([]gate.Workflow{ci, {Name: "security.yml", Runs: []gate.Run{aRun(security, with("scan=success", "slow=failure"))}}, {Name: "9"}})
	if got.Open || got.Completed || got.Reason != "ci.yml / build ended with failure" || got.Fault != (gate.Fault{Kind: gate.FaultRun}) {
		t.Errorf("got %+v", got)
	}
	if want := map[string]int64{"ci.yml": 701, "security.yml": 800}; !reflect.DeepEqual(got.RunIDs, want) {
		t.Errorf("runs %v, want %v", got.RunIDs, want)
	}
	if want := []string{"ci.yml / build", "security.yml / slow"}; !slices.Equal(got.FailedJobs, want) {
		t.Errorf("failed %q, want %q", got.FailedJobs, want)
	}
	if want := []string{"ci.yml / build (in_progress)", "ci.yml / lint (queued)"}; !slices.Equal(got.Unfinished, want) {
		t.Errorf("unfinished %q, want %q", got.Unfinished, want)
	}
	if want := []string{"9"}; !slices.Equal(got.Missing, want) {
		t.Errorf("missing %q, want %q", got.Missing, want)
	}
	rows := []string{}
	for _, row := range got.Rows {
		rows = append(rows, fmt.Sprint(row.Workflow, job.Value(row.Run.ID), row.FailedJobs))
	}
	if want := []string{"ci.yml701 []", "ci.yml700 [build]", "security.yml800 [slow]"}; !slices.Equal(rows, want) {
		t.Errorf("rows %q, want %q", rows, want)
	}

	both := []gate.Workflow{{Name: "11", Runs: []gate.Run{aRun()}}, {Name: "security.yml", Runs: []gate.Run{aRun(security, with("scan=success"))}}}
	if got := q.Judge(both); !got.Open || !got.Completed || got.Reason != "all succeeded: 11, security.yml" {
		t.Errorf("got %+v", got)
	}
	both[0].Name = "12"
	if got := q.Judge(both); got.Open || got.Fault != (gate.Fault{Kind: gate.FaultWorkflow}) {
		t.Errorf("a run of workflow 11 counts for 12: %+v", got)
	}
	if got := q.Judge(nil); got.Open {
		t.Error("it is open without workflows")
	}
}

// TestTheReasonThatComesFirst: what waiting for completion does not change outranks what is not completed,
// whatever the order of the workflows. Of several reasons of one rank, the first is reported.
func TestTheReasonThatComesFirst(t *testing.T) {
	t.Parallel()
	is := func(file string, id int64) func(*gate.Run) {
		return func(r *gate.Run) { r.Path, r.ID = new(".github/workflows/"+file), &id }
	}
	workflow := func(name string, runs ...gate.Run) gate.Workflow { return gate.Workflow{Name: name, Runs: runs} }
	runs := func(name string, changes ...func(*gate.Run)) gate.Workflow {
		return workflow(name, aRun(append([]func(*gate.Run){is(name, 700)}, changes...)...))
	}
	underWay := runs("run.yml", running("in_progress"), with("build=in_progress/"))
	again := runs("again.yml", with("build=success", "2:build=success"))
	failed := runs("fail.yml", ended("failure"), with("build=failure"))
	hidden := runs("hidden.yml", func(r *gate.Run) { r.Unreadable = true })
	behind := runs("behind.yml", with("build=success", "lint=queued/"))
	undecided := runs("undecided.yml", change(func(r *job.Run) { r.Conclusion = nil }))
	missing := workflow("none.yml")
	cut := runs("cut.yml")
	cut.Truncated = true
	for _, tc := range []struct {
		name      string
		workflows []gate.Workflow
		want      gate.Fault
		reason    string // its beginning
	}{
		{"an unfinished run", []gate.Workflow{underWay}, gate.Fault{Kind: gate.FaultUnfinished}, "run.yml / build is not completed"},
		{"a run that has started again", []gate.Workflow{again}, gate.Fault{Kind: gate.FaultUnfinished}, "again.yml run 700 has started again"},
		{"unfinished, missing", []gate.Workflow{underWay, missing}, gate.Fault{Kind: gate.FaultWorkflow, Place: 1}, "none.yml has no run"},
		{"missing, unfinished", []gate.Workflow{missing, underWay}, gate.Fault{Kind: gate.FaultWorkflow}, "none.yml has no run"},
		{"unfinished, failed", []gate.Workflow{underWay, failed}, gate.Fault{Kind: gate.FaultRun, Place: 1}, "fail.yml / build ended"},
		{"unfinished, failed, missing", []gate.Workflow{underWay, failed, missing}, gate.Fault{Kind: gate.FaultRun, Place: 1}, "fail.yml / build ended"},
		{"failed, unfinished", []gate.Workflow{failed, underWay}, gate.Fault{Kind: gate.FaultRun}, "fail.yml / build ended"},
		{"unfinished, cut", []gate.Workflow{underWay, cut}, gate.Fault{Kind: gate.FaultTooMany, Place: 1}, "cut.yml has more runs"},
		{"unclear, missing", []gate.Workflow{hidden, missing}, gate.Fault{Kind: gate.FaultWorkflow, Place: 1}, "none.yml has no run"},
		{"unclear, unfinished", []gate.Workflow{behind, underWay}, gate.Fault{Kind: gate.FaultUnclear}, "behind.yml / lint is not completed (queued), although"},
		{"no conclusion, unreadable", []gate.Workflow{undecided, hidden}, gate.Fault{Kind: gate.FaultUnclear}, "undecided.yml run 700 is completed, but"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			// No job is called nothing, but one may still come.
			v := (gate.Question{HeadSHA: commit, Event: "push", Required: patterns(t, "nothing")}).Judge(tc.workflows)
			if v.Fault != tc.want || !strings.HasPrefix(v.Reason, tc.reason) {
				t.Errorf("got %+v: %s\nwant %+v: %s", v.Fault, v.Reason, tc.want, tc.reason)
			}
		})
	}
}

// TestTheStateAtFault is the status or conclusion of what the reason names.
func TestTheStateAtFault(t *testing.T) {
	t.Parallel()
	other := change(func(r *job.Run) { r.Path = new(".github/workflows/other.yml") })
	for _, tc := range []struct {
		run  gate.Run
		want string
	}{
		{aRun(), ""},
		{aRun(running("pending"), with()), "pending"},
		{aRun(running("in_progress"), with("build=success", "deploy=waiting/", "lint=queued/")), "waiting"},
		{aRun(ended("action_required"), with()), "action_required"},
		{aRun(ended("failure"), with("build=timed_out")), "timed_out"},
		{aRun(ended("failure"), with()), "failure"},
		{aRun(with()), ""},
		{aRun(other), ""},
	} {
		v := (gate.Question{HeadSHA: commit, Event: "push"}).Judge([]gate.Workflow{{Name: "ci.yml", Runs: []gate.Run{tc.run}}})
		if v.State != tc.want {
			t.Errorf("%q, want %q: %s", v.State, tc.want, v.Reason)
		}
	}
	waiting := gate.Workflow{Name: "ci.yml", Runs: []gate.Run{aRun(running("waiting"), with())}}
	if v := (gate.Question{HeadSHA: commit, Event: "push"}).Judge([]gate.Workflow{waiting, {Name: "none.yml"}}); v.State != "" {
		t.Errorf("the state of another reason stays: %q", v.State)
	}
}

// TestANearMiss: if a workflow has no run that counts, the verdict names the runs of the commit that do not
// count, and why.
func TestANearMiss(t *testing.T) {
	t.Parallel()
	other := func(id int64, changes ...func(*job.Run)) *job.Run {
		run := aRun().Run
		run.ID = &id
		for _, f := range changes {
			f(run)
		}
		return run
	}
	by := func(event string) func(*job.Run) { return func(r *job.Run) { r.Event = &event } }
	on := func(branch string) func(*job.Run) { return func(r *job.Run) { r.HeadBranch = &branch } }
	from := func(r *job.Run) { r.HeadRepository, r.HeadRepositoryID = new("eve/app"), new(int64(2)) }
	hidden := func(r *job.Run) { r.HeadRepository, r.HeadRepositoryID = nil, nil }
	elsewhere := func(r *job.Run) { r.Path = new(".github/workflows/other.yml") }
	before := func(r *job.Run) { r.HeadSHA = new(strings.Repeat("0", 40)) }
	for _, tc := range []struct {
		name   string
		others []*job.Run
		branch string
		want   string
	}{
		{"nothing else", nil, "", ""},
		{"another commit", []*job.Run{other(1, by("schedule"), before)}, "", ""},
		{"another workflow", []*job.Run{other(1, by("schedule"), elsewhere)}, "", ""},
		{"another event", []*job.Run{other(1, by("pull_request"))}, "", "ci.yml has a run of this commit that does not count: run 1 has the event pull_request"},
		{"another branch", []*job.Run{other(1, on("release/1"))}, "main", "ci.yml has a run of this commit that does not count: run 1 is on the branch release/1"},
		{"a fork", []*job.Run{other(1, from)}, "", "ci.yml has a run of this commit that does not count: run 1 comes from eve/app"},
		{"all of it", []*job.Run{other(1, by("pull_request"), on("next"), from)}, "main", "ci.yml has a run of this commit that does not count: run 1 has the event pull_request, is on the branch next and comes from eve/app"},
		{"nothing is known", []*job.Run{other(1, by(""), on(""), hidden)}, "main", "ci.yml has a run of this commit that does not count: run 1 has no event, has no branch and does not name the repository that it comes from"},
		{"the newest first, each once", []*job.Run{other(1, by("schedule")), other(2, by("release")), other(1, by("schedule"))}, "", "ci.yml has runs of this commit that do not count: run 2 has the event release; run 1 has the event schedule"},
		{"many", []*job.Run{other(1, by("a")), other(2, by("b")), other(3, by("c")), other(4, by("d")), other(5, by("\x1b[31me\nf"))}, "", "ci.yml has runs of this commit that do not count: run 5 has the event e f; run 4 has the event d; run 3 has the event c; and 2 more"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			q := gate.Question{HeadSHA: commit, Event: "push", Branch: tc.branch}
			v := q.Judge([]gate.Workflow{{Name: "ci.yml", Others: tc.others}, {Name: "none.yml", Others: []*job.Run{other(9, by("schedule"))}}})
			if v.NearMiss != tc.want || v.Fault != (gate.Fault{Kind: gate.FaultWorkflow}) {
				t.Errorf("got  %q, %v\nwant %q", v.NearMiss, v.Fault, tc.want)
			}
		})
	}
	failed := gate.Workflow{Name: "ci.yml", Runs: []gate.Run{aRun(ended("cancelled"))}}
	if v := (gate.Question{HeadSHA: commit, Event: "push"}).Judge([]gate.Workflow{failed, {Name: "ci.yml", Others: []*job.Run{other(1, by("schedule"))}}}); v.NearMiss != "" {
		t.Errorf("a near miss for another reason: %q", v.NearMiss)
	}
}

// TestTheJobsThatThereAre: the verdict has their names, each once, for a required job that is missing.
func TestTheJobsThatThereAre(t *testing.T) {
	t.Parallel()
	q := gate.Question{HeadSHA: commit, Event: "push", Required: patterns(t, "build", "CI / build (push)")}
	v := q.Judge([]gate.Workflow{{Name: "ci.yml", Runs: []gate.Run{aRun(with("test (1)=success", "build=success", "build=skipped", "\x1b[31mred=success"))}}})
	if v.Fault != (gate.Fault{Kind: gate.FaultRequired}) {
		t.Errorf("got %v", v.Fault)
	}
	q.Required = q.Required[1:]
	v = q.Judge([]gate.Workflow{{Name: "ci.yml", Runs: []gate.Run{aRun(with("test (1)=success", "build=success", "build=skipped", "\x1b[31mred=success"))}}})
	if want := []string{"test (1)", "build", "red"}; v.Fault != (gate.Fault{Kind: gate.FaultNoJob}) || !slices.Equal(v.Jobs, want) {
		t.Errorf("got %v, %q, want %q", v.Fault, v.Jobs, want)
	}
}

// TestATruncatedList can hide the newest run of a branch, unless there is one branch only.
func TestATruncatedList(t *testing.T) {
	t.Parallel()
	for _, branch := range []string{"", "main"} {
		q := gate.Question{HeadSHA: commit, Event: "push", Branch: branch}
		got := q.Judge([]gate.Workflow{{Name: "ci.yml", Runs: []gate.Run{aRun()}, Truncated: true}})
		if want := cmp.Or(branch, "none") == "main"; got.Open != want || !got.Completed {
			t.Errorf("branch %q: %+v", branch, got)
		}
	}
}

// TestATruncatedListOfAllCommits can hide any run.
func TestATruncatedListOfAllCommits(t *testing.T) {
	t.Parallel()
	for _, branch := range []string{"", "main"} {
		for _, truncated := range []bool{true, false} {
			q := gate.Question{HeadSHA: commit, Event: "push", Branch: branch}
			got := q.Judge([]gate.Workflow{{Name: "ci.yml", Runs: []gate.Run{aRun()}, Truncated: truncated, OfAnyCommit: true}})
			if got.Open == truncated || truncated && got.Fault.Kind != gate.FaultUnlisted {
				t.Errorf("branch %q, truncated %v: %+v", branch, truncated, got)
			}
			// The run may be one of those that are not listed.
			got = q.Judge([]gate.Workflow{{Name: "ci.yml", Truncated: truncated, OfAnyCommit: true}})
			if got.Open || len(got.Missing) != 1 || (got.Fault.Kind == gate.FaultUnlisted) != truncated {
				t.Errorf("without a run, branch %q, truncated %v: %+v", branch, truncated, got)
			}
		}
	}
}

// TestTheReasonIsOnePrintableLine, whatever a job is called.
func TestTheReasonIsOnePrintableLine(t *testing.T) {
	t.Parallel()
	run := aRun(ended("failure"), with("x=failure"))
	run.Jobs[0].Name = new("\x1b[31mred\x1b[0m\nsecond\u202e")
	got := gate.Question{HeadSHA: commit, Event: "push"}.Judge([]gate.Workflow{{Name: "ci.yml", Runs: []gate.Run{run}}})
	if want := "ci.yml / red second ended with failure"; got.Reason != want {
		t.Errorf("got %q, want %q", got.Reason, want)
	}
}
