package gate_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/gate"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// The worlds of the property test. They have their own plain types, so that the statement of the
// rule below shares nothing with the code under test. An empty string is an absent value.
type world struct {
	event, branch     string
	required, mayFail []string
	workflows         []worldWorkflow
}

type worldWorkflow struct {
	name      string // ci.yml or 11
	truncated bool
	any       bool // the list is of all commits
	runs      []worldRun
}

type worldRun struct {
	id                 int64
	created            int // minutes
	attempt            int64
	file               string
	workflow           int64
	event, branch, sha string
	head               string // own, renamed, absent; or fork and others that are not trusted
	status, conclusion string
	unreadable         bool
	jobs               []worldJob
}

type worldJob struct {
	name, status, conclusion string
	attempt                  int64
	carried                  bool // a partial re-run took it over
	ran                      bool // a runner worked on it
}

// opens states the rule a second time: the gate is open exactly if all of these conditions are
// true.
func opens(w world) bool {
	var all []worldJob
	for _, workflow := range w.workflows {
		deciding := decidingRuns(w, workflow)
		if len(deciding) == 0 {
			return false // each workflow has a run
		}
		if workflow.truncated && (w.branch == "" || workflow.any) {
			return false // and no branch, or no run, can be missing
		}
		for _, run := range deciding {
			if !passes(run, w.mayFail) {
				return false // and each run that decides passes
			}
			all = append(all, lastJobs(run)...)
		}
	}
	for _, pattern := range w.required {
		matched := 0
		for _, j := range all {
			if matches(pattern, j.name) {
				matched++
				if j.status != "completed" || j.conclusion != "success" {
					return false // and each required job succeeded
				}
			}
		}
		if matched == 0 {
			return false // and each pattern matches a job
		}
	}
	return len(w.workflows) > 0
}

// decidingRuns are the runs of a workflow that count and that are the newest of their branch.
func decidingRuns(w world, workflow worldWorkflow) (deciding []worldRun) {
	for _, run := range workflow.runs {
		if !counts(w, workflow.name, run) {
			continue
		}
		newest := true
		for _, other := range workflow.runs {
			if counts(w, workflow.name, other) && other.branch == run.branch &&
				(other.created > run.created || other.created == run.created && other.id > run.id) {
				newest = false
			}
		}
		if newest {
			deciding = append(deciding, run)
		}
	}
	return deciding
}

func counts(w world, workflow string, run worldRun) bool {
	rightWorkflow := run.file == "" || run.file == workflow
	if workflow == "11" {
		rightWorkflow = run.workflow == 0 || run.workflow == 11
	}
	rightEvent := w.event == "" || run.event == w.event
	rightBranch := w.branch == "" || run.branch == w.branch
	trusted := run.head == "own" || run.head == "renamed"
	if run.head == "" {
		switch run.event {
		case "push", "schedule", "workflow_dispatch", "repository_dispatch", "merge_group":
			trusted = true
		}
	}
	return rightWorkflow && rightEvent && rightBranch && trusted && run.sha == commit
}

// lastJobs are the jobs that the run's page shows in the end.
func lastJobs(run worldRun) (last []worldJob) {
	// From which attempt on the jobs replace all before.
	start := int64(0)
	for attempt := int64(1); attempt <= 3; attempt++ {
		now, before, carried := map[string]bool{}, map[string]bool{}, false
		for _, j := range run.jobs {
			switch {
			case j.attempt == attempt:
				now[j.name] = true
				carried = carried || j.carried
			case j.attempt < attempt && j.attempt >= start && !replaced(run.jobs, j, attempt):
				before[j.name] = true
			}
		}
		complete := len(now) > 0 && !carried
		for name := range before {
			complete = complete && (now[name] || strings.Contains(name, "${{"))
		}
		if complete {
			start = attempt
		}
	}
	for _, j := range run.jobs {
		if j.attempt >= start && !replaced(run.jobs, j, 3) {
			last = append(last, j)
		}
	}
	return last
}

// replaced: a job of a later attempt, up to the one given, has the same name or is the skipped whole
// that j is a part of.
func replaced(all []worldJob, j worldJob, upTo int64) bool {
	for _, later := range all {
		if later.attempt <= j.attempt || later.attempt > upTo {
			continue
		}
		if later.name == j.name {
			return true
		}
		if later.status != "completed" || later.conclusion == "success" || later.ran && later.conclusion != "skipped" || !isPartOf(j.name, later.name) {
			continue
		}
		doubtful := later.name == "${{ matrix.n }}"
		for _, own := range all {
			doubtful = doubtful || own.attempt < later.attempt && own.name == later.name && own.ran && own.conclusion != "skipped"
		}
		failed := j.status == "completed" && j.conclusion != "success" && j.conclusion != "skipped" && j.conclusion != "neutral"
		if !doubtful || !failed {
			return true
		}
	}
	return false
}

// isPartOf knows the names of this test.
func isPartOf(name, whole string) bool {
	switch whole {
	case "${{ matrix.n }}":
		return true
	case "test (${{ matrix.n }})":
		return name == "test (1)" || name == "test (2) / unit"
	case "test":
		return name == "test (1)" || name == "test (2) / unit" || name == "test (${{ matrix.n }})"
	case "build":
		return name == "build / arm"
	}
	return false
}

func passes(run worldRun, mayFail []string) bool {
	if run.unreadable || run.status != "completed" || len(run.jobs) == 0 {
		return false
	}
	// The run and its jobs are of the same attempt.
	highest := int64(0)
	for _, j := range run.jobs {
		highest = max(highest, j.attempt)
	}
	if run.attempt != 0 && highest != run.attempt {
		return false
	}
	failed := 0
	for _, j := range lastJobs(run) {
		if j.status != "completed" || j.conclusion == "" {
			return false
		}
		switch j.conclusion {
		case "success", "skipped", "neutral":
		case "failure", "cancelled", "timed_out":
			failed++
			if run.conclusion == "failure" && !matchesOne(mayFail, j.name) {
				return false
			}
		default:
			if run.conclusion == "failure" {
				return false
			}
		}
	}
	return run.conclusion == "success" || run.conclusion == "failure" && failed > 0
}

func matchesOne(patterns []string, name string) bool {
	for _, p := range patterns {
		if matches(p, name) {
			return true
		}
	}
	return false
}

// matches knows the patterns of this test: a name, or a beginning with a star.
func matches(pattern, name string) bool {
	if start, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(strings.ToLower(name), start)
	}
	return strings.EqualFold(pattern, name)
}

// Generators. They draw values that open a gate more often, because otherwise almost all gates are
// shut.

type generator struct {
	*rapid.T

	odds int // how much more often the usual value is drawn than each other value
}

func (t generator) often(label, usual string, others ...string) string {
	// rapid draws small numbers more often than large ones.
	usually := (t.odds - 1) * len(others)
	if n := rapid.IntRange(0, usually+len(others)).Draw(t.T, label); n > usually {
		return others[n-usually-1]
	}
	return usual
}

func (t generator) number(label string, from, to int64) int64 {
	return rapid.Int64Range(from, to).Draw(t.T, label)
}

func (t generator) count(label string, counts ...int) int {
	return rapid.SampledFrom(counts).Draw(t.T, label)
}

func drawWorld(rt *rapid.T) world {
	t := generator{rt, rapid.SampledFrom([]int{2, 3, 6}).Draw(rt, "odds")}
	w := world{
		event:  t.often("event", "push", "", "pull_request"),
		branch: t.often("branch", "", "main"),
	}
	for range t.number("required", 0, 2) {
		w.required = append(w.required, t.often("pattern", "build", "te*", "lint"))
	}
	for range t.number("may fail", 0, 2) {
		w.mayFail = append(w.mayFail, t.often("pattern", "te*", "*", "lint", "build"))
	}
	for i := range t.number("workflows", 1, 2) {
		workflow := worldWorkflow{name: []string{"ci.yml", "11"}[i], truncated: t.often("truncated", "", "yes") != "", any: t.often("any commit", "", "yes") != ""}
		for n := range t.count("runs", 1, 2, 3, 0) {
			workflow.runs = append(workflow.runs, drawRun(t, 100*i+int64(n)+1))
		}
		w.workflows = append(w.workflows, workflow)
	}
	return w
}

func drawRun(t generator, id int64) worldRun {
	run := worldRun{
		id: id, created: int(t.number("created", 0, 2)),
		file:     t.often("file", "ci.yml", "", "other.yml"),
		workflow: 11, sha: t.often("commit", commit, "", strings.Repeat("0", 40)),
		event:      t.often("event", "push", "", "pull_request", "pull_request_target", "schedule", "merge_group", "workflow_dispatch", "repository_dispatch", "workflow_run"),
		branch:     t.often("branch", "main", "", "next"),
		head:       t.often("head", "own", "", "renamed", "fork", "namesake", "nothing to compare"),
		status:     t.often("status", "completed", "", "queued", "in_progress", "waiting", "new_status"),
		conclusion: t.often("conclusion", "success", "failure", "failure", "", "cancelled", "skipped", "neutral", "timed_out", "action_required", "startup_failure", "stale", "new_conclusion"),
		unreadable: t.often("unreadable", "", "yes") != "",
	}
	if t.often("workflow", "", "other") != "" {
		run.workflow = 12 * t.number("workflow", 0, 1)
	}
	attempts := int64(1)
	if t.often("attempts", "one", "more") == "more" {
		attempts = t.number("attempts", 2, 3)
	}
	run.attempt = attempts
	if t.often("run_attempt", "right", "wrong") == "wrong" {
		run.attempt = t.number("run_attempt", 0, 3)
	}
	for range t.count("jobs", 2, 1, 3, 4, 0) {
		run.jobs = append(run.jobs, drawJob(t, attempts))
	}
	return run
}

func drawJob(t generator, attempts int64) worldJob {
	j := worldJob{
		name:       t.often("name", "build", "test (1)", "Test (2)", "lint", "test (${{ matrix.n }})", "test", "test (2) / unit", "build / arm", "${{ matrix.n }}"),
		status:     t.often("job status", "completed", "", "queued", "in_progress"),
		conclusion: t.often("job conclusion", "success", "failure", "failure", "skipped", "neutral", "cancelled", "timed_out", "", "new_conclusion"),
		attempt:    t.number("job attempt", 1, attempts),
	}
	j.ran = t.often("ran", "", "no") == ""
	j.carried = j.attempt > 1 && t.number("carried", 0, 1) == 1
	return j
}

// The same worlds in the types of the code under test.

func (w world) judge(question gate.Question) gate.Verdict {
	workflows := []gate.Workflow{}
	for _, workflow := range w.workflows {
		list := gate.Workflow{Name: workflow.name, Truncated: workflow.truncated, OfAnyCommit: workflow.any}
		for _, run := range workflow.runs {
			list.Runs = append(list.Runs, run.toRun())
		}
		workflows = append(workflows, list)
	}
	return question.Judge(workflows)
}

func present[T comparable](v T) *T {
	if zero := *new(T); v == zero {
		return nil
	}
	return &v
}

func (r worldRun) toRun() gate.Run {
	made := gate.Run{Unreadable: r.unreadable, Run: &job.Run{
		ID: &r.id, RunAttempt: present(r.attempt), Event: present(r.event), Status: present(r.status), Conclusion: present(r.conclusion),
		HeadBranch: present(r.branch), HeadSHA: present(r.sha), WorkflowID: present(r.workflow),
		CreatedAt:  new(morning.Add(time.Duration(r.created) * time.Minute)),
		Repository: new("acme/app"), RepositoryID: new(int64(1)),
	}}
	if r.file != "" {
		made.Path = new(".github/workflows/" + r.file)
	}
	switch r.head {
	case "own":
		made.HeadRepository, made.HeadRepositoryID = new("acme/app"), new(int64(1))
	case "renamed":
		made.HeadRepository, made.HeadRepositoryID = new("acme/old"), new(int64(1))
	case "fork":
		made.HeadRepository, made.HeadRepositoryID = new("eve/app"), new(int64(2))
	case "namesake":
		made.HeadRepository, made.HeadRepositoryID = new("acme/app"), new(int64(2))
	}
	if r.head == "nothing to compare" {
		made.HeadRepositoryID, made.Repository, made.RepositoryID = new(int64(1)), nil, nil
	}
	for i, j := range r.jobs {
		one := &job.Job{
			ID: new(int64(i + 1)), Name: new(j.name), RunAttempt: new(j.attempt), Status: present(j.status), Conclusion: present(j.conclusion),
			CreatedAt: new(morning), CompletedAt: new(morning.Add(time.Minute)),
		}
		if j.ran {
			one.RunnerID = new(int64(3))
		}
		if j.carried {
			one.CompletedAt = new(morning.Add(-time.Minute))
		}
		made.Jobs = append(made.Jobs, one)
	}
	return made
}

// TestNothingElseOpensIt: the gate is open exactly if the rule says so. `make gate-check` compares
// a million worlds.
func TestNothingElseOpensIt(t *testing.T) {
	t.Parallel()
	known := map[string]gate.Pattern{}
	for _, source := range []string{"build", "te*", "lint", "*"} {
		known[source] = patterns(t, source)[0]
	}
	list := func(sources []string) (all []gate.Pattern) {
		for _, source := range sources {
			all = append(all, known[source])
		}
		return all
	}
	var opened, shut atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		want := opens(w)
		got := w.judge(gate.Question{HeadSHA: commit, Event: w.event, Branch: w.branch, Required: list(w.required), MayFail: list(w.mayFail)})
		if got.Open != want {
			t.Fatalf("open %v, want %v: %s", got.Open, want, got.Reason)
		}
		if got.Open && !got.Completed || got.Open != (got.Fault.Kind == gate.FaultNone) || got.Reason == "" || strings.Contains(got.Reason, "\n") {
			t.Fatalf("the verdict contradicts itself: %+v", got)
		}
		if want {
			opened.Add(1)
		} else {
			shut.Add(1)
		}
	})
	t.Logf("open %d times, shut %d times", opened.Load(), shut.Load())
	if total := opened.Load() + shut.Load(); total >= 10_000 && opened.Load() < total/50 {
		t.Errorf("only %d of %d worlds open the gate: the test proves too little", opened.Load(), total)
	}
}
