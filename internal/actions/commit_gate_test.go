package actions_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/gate"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

const gateCommit = "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0"

// gateStage is the state of the API from a certain time on. A run reads "ID.ATTEMPT
// STATUS/CONCLUSION BRANCH".
type gateStage struct {
	from   time.Duration
	runs   []string            // as their own pages show them
	index  []string            // as filtered lists show them; nil: as runs
	newest []string            // as the list without a filter shows them; nil: as runs
	jobs   map[string][]string // by the run's ID: ATTEMPT NAME=STATUS/CONCLUSION; none: build, with the status of the run
	fault  string              // down, or no workflow
}

// gateAPI is an API that changes with the (virtual) time, or with each request if step says so.
type gateAPI struct {
	began    time.Time
	stages   []gateStage
	step     func(request string) int
	requests []string        // what was asked for: index, newest, run 700, jobs 700 or attempt
	at       []time.Duration // when
	unread   int             // conditional requests that found nothing new
}

func (a *gateAPI) RoundTrip(req *http.Request) (*http.Response, error) {
	what := a.name(req.URL)
	now := time.Since(a.began)
	a.requests, a.at = append(a.requests, what), append(a.at, now)
	stage := a.stages[0]
	for _, candidate := range a.stages {
		if a.step == nil && now >= candidate.from {
			stage = candidate
		}
	}
	if a.step != nil {
		stage = a.stages[a.step(what)]
	}
	w := httptest.NewRecorder()
	body, found := stage.answer(what)
	tag := fmt.Sprintf("%q", body)
	switch {
	case stage.fault == "down":
		w.WriteHeader(http.StatusBadGateway)
	case !found:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		body = `{"message":"Not Found"}`
		_, _ = w.WriteString(body)
	case req.Header.Get("If-None-Match") == tag:
		a.unread++
		w.WriteHeader(http.StatusNotModified)
	default:
		w.Header().Set("ETag", tag)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.WriteString(body)
	}
	return w.Result(), nil
}

func (a *gateAPI) name(u *url.URL) string {
	parts := strings.Split(strings.TrimPrefix(u.Path, "/repos/acme/app"), "/")
	switch {
	case len(parts) < 3:
		return "repository"
	case parts[2] == "workflows" && u.Query().Get("head_sha") != "":
		return "index"
	case parts[2] == "workflows":
		return "newest"
	case len(parts) == 5:
		return "jobs " + parts[3]
	case len(parts) > 5:
		return "attempt"
	}
	return "run " + parts[3]
}

func (s gateStage) answer(what string) (body string, found bool) {
	kind, id, _ := strings.Cut(what, " ")
	list := s.runs
	switch {
	case kind == "repository":
		return `{"id":1}`, true
	case s.fault == "no workflow", kind == "attempt": // only the newest attempts are listed
		return "", false
	case kind == "index" && s.index != nil:
		list = s.index
	case kind == "newest" && s.newest != nil:
		list = s.newest
	}
	if kind == "index" || kind == "newest" {
		runs := []string{}
		for _, run := range list {
			runs = append(runs, runJSON(run))
		}
		return fmt.Sprintf(`{"total_count":%d,"workflow_runs":[%s]}`, len(runs), strings.Join(runs, ",")), true
	}
	for _, run := range list {
		if !strings.HasPrefix(run, id+".") {
			continue
		}
		if kind == "run" {
			return runJSON(run), true
		}
		return s.jobsJSON(id, run), true
	}
	return "", false
}

func runJSON(text string) string {
	words := strings.Fields(text)
	id, attempt, _ := strings.Cut(words[0], ".")
	status, conclusion, _ := strings.Cut(words[1], "/")
	branch := "main"
	if len(words) > 2 {
		branch = words[2]
	}
	end := "null"
	if conclusion != "" {
		end = fmt.Sprintf("%q", conclusion)
	}
	return fmt.Sprintf(`{"id":%s,"run_attempt":%s,"status":%q,"conclusion":%s,"event":"push","head_branch":%q,"head_sha":%q,`+
		`"path":".github/workflows/ci.yml","created_at":"2026-05-04T10:00:00Z","repository":{"id":1},"head_repository":{"id":1}}`,
		id, attempt, status, end, branch, gateCommit)
}

func (s gateStage) jobsJSON(id, run string) string {
	words := strings.Fields(run)
	_, attempt, _ := strings.Cut(words[0], ".")
	texts := s.jobs[id]
	if texts == nil {
		texts = []string{attempt + " build=" + words[1]}
	}
	jobs := []string{}
	for i, text := range texts {
		attempt, rest, _ := strings.Cut(text, " ")
		jobs = append(jobs, fmt.Sprintf(`{"id":%d,"run_id":%s,"run_attempt":%s,%s}`, i+1, id, attempt, fields(rest)))
	}
	return fmt.Sprintf(`{"total_count":%d,"jobs":[%s]}`, len(jobs), strings.Join(jobs, ","))
}

// gateOn reads api in a bubble.
func gateOn(t *testing.T, limit time.Duration, api *gateAPI, test func(context.Context, *actions.Client)) {
	t.Helper()
	inBubble(t, limit, 1, api, func(ctx context.Context, c *actions.Client) {
		api.began = time.Now()
		test(ctx, c)
	})
}

func gateQuery(change ...func(*actions.CommitQuery)) actions.CommitQuery {
	q := actions.CommitQuery{
		Repository: actions.Repository{Owner: "acme", Name: "app"}, Workflows: []string{"ci.yml"},
		Question: gate.Question{HeadSHA: gateCommit, Event: "push"},
	}
	for _, f := range change {
		f(&q)
	}
	return q
}

func untilDone(q *actions.CommitQuery) { q.WaitForCompletion = true }

func forRun(d time.Duration) func(*actions.CommitQuery) {
	return func(q *actions.CommitQuery) { q.WaitForRun = d }
}

func noReport(actions.Progress) {}

// TestAGateOpensOnTheSecondLook: an open gate is read twice, including the newest runs. A shut gate
// is read once.
func TestAGateOpensOnTheSecondLook(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		run, want string
		requests  []string
	}{
		{"700.1 completed/success", "all succeeded: ci.yml", []string{"index", "run 700", "jobs 700", "index", "newest", "run 700", "jobs 700"}},
		{"700.1 completed/failure", "ci.yml / build ended with failure", []string{"index", "run 700", "jobs 700"}},
		{"700.1 in_progress", "ci.yml / build is not completed (in_progress)", []string{"index", "run 700", "jobs 700"}},
	} {
		t.Run(tc.run, func(t *testing.T) {
			t.Parallel()
			api := &gateAPI{stages: []gateStage{{runs: []string{tc.run}}}}
			gateOn(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
				v, err := c.CommitGate(ctx, gateQuery(), noReport)
				if err != nil || v.Reason != tc.want || v.Open != (tc.run == "700.1 completed/success") {
					t.Errorf("got %+v, %v", v, err)
				}
			})
			// The run and its jobs are requested at the same time.
			got := slices.Clone(api.requests)
			slices.Sort(got)
			slices.Sort(tc.requests)
			if !slices.Equal(got, tc.requests) {
				t.Errorf("requests %q, want %q", api.requests, tc.requests)
			}
			if want := len(tc.requests) - 4; tc.want[:3] == "all" && api.unread != want {
				t.Errorf("%d requests found nothing new, want %d", api.unread, want)
			}
		})
	}
}

// TestAGateDoesNotOpenOnAStaleList: two readings must agree and be complete.
func TestAGateDoesNotOpenOnAStaleList(t *testing.T) {
	t.Parallel()
	done := gateStage{runs: []string{"700.1 completed/success"}}
	// afterLook moves to the next stage with each request for a filtered list.
	afterLook := func(api *gateAPI) {
		looks := -1
		api.step = func(request string) int {
			if request == "index" {
				looks++
			}
			return min(looks, len(api.stages)-1)
		}
	}
	for _, tc := range []struct {
		name   string
		stages []gateStage
		want   string
		looks  int
	}{
		{
			"the index misses the newest run",
			[]gateStage{{runs: []string{"701.1 in_progress", "700.1 completed/success"}, index: []string{"700.1 completed/success"}}},
			"ci.yml / build is not completed (in_progress)", 2,
		},
		{
			"the index misses every run",
			[]gateStage{{runs: []string{"700.1 queued"}, index: []string{}, jobs: map[string][]string{"700": {}}}},
			"ci.yml run 700 is not completed (queued)", 1,
		},
		{
			"the index is right and the newest page has moved on",
			[]gateStage{{runs: []string{"700.1 completed/success"}, newest: []string{}}},
			"all succeeded: ci.yml", 2,
		},
		{
			"the run restarts between two looks",
			[]gateStage{done, {runs: []string{"700.2 queued"}, index: done.runs, newest: done.runs}},
			"ci.yml / build is not completed (queued)", 2,
		},
		{
			"a new attempt is over at once",
			[]gateStage{done, {runs: []string{"700.2 completed/success"}, jobs: map[string][]string{"700": {"1 build=completed/success", "2 build=completed/success"}}}},
			"all succeeded: ci.yml", 3,
		},
		{
			"the list of jobs is behind a new attempt",
			[]gateStage{done, {runs: []string{"700.2 completed/success"}, jobs: map[string][]string{"700": {"1 build=completed/success"}}}},
			"ci.yml run 700 is of attempt 2, but lists no job of it", 2,
		},
		{
			"the run is behind its jobs",
			[]gateStage{{runs: done.runs, jobs: map[string][]string{"700": {"1 build=completed/success", "2 build=completed/success"}}}},
			"ci.yml run 700 has started again: its jobs are of attempt 2", 1,
		},
		{
			"the list knows a newer attempt than the run's page",
			[]gateStage{{runs: done.runs, newest: []string{"700.2 in_progress"}}},
			"ci.yml run 700 is not completed (in_progress)", 2,
		},
		{
			"a job appears late",
			[]gateStage{done, {runs: done.runs, jobs: map[string][]string{"700": {"1 build=completed/success", "1 deploy=queued"}}}},
			"ci.yml / deploy is not completed (queued), although its run is", 2,
		},
		{
			"a newer run whose page is missing",
			[]gateStage{{runs: done.runs, index: []string{"701.1 queued", "700.1 completed/success"}}},
			"ci.yml run 701 is listed, but it cannot be read", 1,
		},
		{
			"a run that is deleted between two looks",
			[]gateStage{{runs: []string{"701.1 completed/success next", "700.1 completed/success"}}, done},
			"all succeeded: ci.yml", 3,
		},
		{
			"another job with each look",
			[]gateStage{
				{runs: done.runs, jobs: map[string][]string{"700": {"1 a=completed/success"}}},
				{runs: done.runs, jobs: map[string][]string{"700": {"1 a=completed/success", "1 b=completed/success"}}},
				{runs: done.runs, jobs: map[string][]string{"700": {"1 a=completed/success", "1 b=completed/skipped"}}},
				{runs: done.runs, jobs: map[string][]string{"700": {"1 a=completed/success", "1 b=completed/neutral"}}},
			},
			"the runs changed each time they were read", 4,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			api := &gateAPI{stages: tc.stages}
			afterLook(api)
			gateOn(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
				v, err := c.CommitGate(ctx, gateQuery(), noReport)
				if err != nil || v.Reason != tc.want || v.Open != strings.HasPrefix(tc.want, "all succeeded") {
					t.Errorf("open %v: %s, %v\nwant %s", v.Open, v.Reason, err, tc.want)
				}
			})
			looks := 0
			for _, request := range api.requests {
				if request == "index" {
					looks++
				}
			}
			if looks != tc.looks {
				t.Errorf("%d looks, want %d", looks, tc.looks)
			}
		})
	}
}

// TestAGateWaits for runs to appear and for their completion.
func TestAGateWaits(t *testing.T) {
	t.Parallel()
	const anyTime = -1 // retries have random delays
	const success = "all succeeded: ci.yml"
	const none = "ci.yml has no run that counts: none for this commit by the event push from the repository itself"
	queued, running := []string{"700.1 queued"}, []string{"700.1 in_progress"}
	done := []string{"700.1 completed/success"}
	for _, tc := range []struct {
		name   string
		wait   []func(*actions.CommitQuery)
		stages []gateStage
		want   string
		ends   time.Duration
	}{
		{"no wait, no run", nil, []gateStage{{}}, none, 0},
		{"a run appears and is over later", []func(*actions.CommitQuery){forRun(5 * time.Minute), untilDone}, []gateStage{{}, {from: 6 * time.Second, runs: queued}, {from: 30 * time.Second, runs: done}}, success, 40625 * time.Millisecond},
		{"a run appears", []func(*actions.CommitQuery){forRun(5 * time.Minute)}, []gateStage{{}, {from: 6 * time.Second, runs: queued}}, "ci.yml / build is not completed (queued)", 12500 * time.Millisecond},
		{"a run that has appeared is over", []func(*actions.CommitQuery){forRun(5 * time.Minute)}, []gateStage{{}, {from: 6 * time.Second, runs: done}}, success, 12500 * time.Millisecond},
		{"no run appears", []func(*actions.CommitQuery){forRun(20 * time.Second), untilDone}, []gateStage{{}}, none, 20 * time.Second},
		{"a run appears in the last second", []func(*actions.CommitQuery){forRun(20 * time.Second)}, []gateStage{{}, {from: 20 * time.Second, runs: done}}, success, 20 * time.Second},
		{"no wait for a run", []func(*actions.CommitQuery){untilDone}, []gateStage{{}, {from: 6 * time.Second, runs: queued}}, none, 0},
		{"the workflow appears with its run", []func(*actions.CommitQuery){forRun(time.Minute), untilDone}, []gateStage{{fault: "no workflow"}, {from: 6 * time.Second, runs: done}}, success, 12500 * time.Millisecond},
		{"the index is behind for good", []func(*actions.CommitQuery){forRun(time.Minute), untilDone}, []gateStage{{runs: running, index: []string{}}, {from: 6 * time.Second, runs: done, index: []string{}}}, success, 12500 * time.Millisecond},
		{"a run that has been seen is not lost", []func(*actions.CommitQuery){forRun(time.Minute), untilDone}, []gateStage{{runs: running, index: []string{}}, {from: 6 * time.Second, runs: done, index: []string{}, newest: []string{}}}, success, 12500 * time.Millisecond},
		{"a newer run that the index misses is waited for", []func(*actions.CommitQuery){untilDone}, []gateStage{
			{runs: []string{"701.1 in_progress", "700.1 completed/failure"}, index: []string{"700.1 completed/failure"}},
			{from: 6 * time.Second, runs: []string{"701.1 completed/success", "700.1 completed/failure"}, index: []string{"700.1 completed/failure"}},
		}, success, 12500 * time.Millisecond},
		{"a list of jobs that is behind is waited for", []func(*actions.CommitQuery){untilDone}, []gateStage{{runs: done, jobs: map[string][]string{"700": {"1 build=in_progress"}}}, {from: 4 * time.Second, runs: done}}, success, 5 * time.Second},
		{"a failure ends the wait", []func(*actions.CommitQuery){untilDone}, []gateStage{{runs: running}, {from: 4 * time.Second, runs: []string{"700.1 completed/failure"}}}, "ci.yml / build ended with failure", 5 * time.Second},
		{"an outage", []func(*actions.CommitQuery){untilDone}, []gateStage{{runs: running}, {from: 4 * time.Second, fault: "down"}, {from: 45 * time.Second, runs: done}}, success, anyTime},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			api := &gateAPI{stages: tc.stages}
			gateOn(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
				v, err := c.CommitGate(ctx, gateQuery(tc.wait...), noReport)
				if err != nil || v.Reason != tc.want || v.Open != strings.HasPrefix(tc.want, "all succeeded") {
					t.Errorf("open %v: %s, %v\nwant %s", v.Open, v.Reason, err, tc.want)
				}
				if took := time.Since(api.began); took != tc.ends && tc.ends != anyTime {
					t.Errorf("after %s, want %s", took, tc.ends)
				}
			})
		})
	}
}

// TestAWorkflowThatDoesNotExist is an error at its place in the list, after the wait for its run.
func TestAWorkflowThatDoesNotExist(t *testing.T) {
	t.Parallel()
	for _, wait := range []time.Duration{0, 20 * time.Second} {
		api := &gateAPI{stages: []gateStage{{fault: "no workflow"}}}
		gateOn(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
			_, err := c.CommitGate(ctx, gateQuery(forRun(wait)), noReport)
			var e *actions.Error
			if !errors.As(err, &e) || e.Kind != actions.NotFound || e.Missing != actions.PartWorkflow || e.Place == nil || *e.Place != 0 {
				t.Errorf("got %+v", err)
			}
			if took := time.Since(api.began); took != wait {
				t.Errorf("after %s, want %s", took, wait)
			}
		})
	}
}

// TestAGateThatWaitsTooLong names what it waited for.
func TestAGateThatWaitsTooLong(t *testing.T) {
	t.Parallel()
	api := &gateAPI{stages: []gateStage{{runs: []string{"700.1 in_progress"}}}}
	gateOn(t, 10*time.Minute, api, func(ctx context.Context, c *actions.Client) {
		progress := []string{}
		_, err := c.CommitGate(ctx, gateQuery(untilDone), func(p actions.Progress) {
			progress = append(progress, fmt.Sprintf("%s: %s, next in %s", p.Object, p.Unfinished, p.Next))
		})
		var e *actions.Error
		if !errors.As(err, &e) || e.Kind != actions.OutOfTime || !e.Waited || e.Object != "acme/app commit f83a356604ae" || !slices.Equal(e.Unfinished, []string{"ci.yml / build (in_progress)"}) {
			t.Errorf("got %+v", err)
		}
		if want := "acme/app commit f83a356604ae: [ci.yml / build (in_progress)], next in 5s"; progress[0] != want {
			t.Errorf("progress %q, want %q", progress[0], want)
		}
	})
	// Polls become less frequent, and polls without a change use an ETag.
	gaps := []time.Duration{}
	last := time.Duration(0)
	for i, request := range api.requests {
		if request == "index" && api.at[i] > 0 {
			gaps, last = append(gaps, api.at[i]-last), api.at[i]
		}
	}
	if gaps[0] != 5*time.Second || slices.Max(gaps) != time.Minute {
		t.Errorf("gaps %s, want from 5s up to 1m", gaps)
	}
	if api.unread != len(api.requests)-3 {
		t.Errorf("%d of %d requests found nothing new", api.unread, len(api.requests))
	}
}

func TestAGateThatIsCancelledEndsAtOnce(t *testing.T) {
	t.Parallel()
	for _, stage := range []gateStage{{}, {runs: []string{"700.1 in_progress"}}} {
		api := &gateAPI{stages: []gateStage{stage}}
		gateOn(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(7*time.Minute, cancel)
			_, err := c.CommitGate(ctx, gateQuery(forRun(30*time.Minute), untilDone), noReport)
			if !errors.Is(err, context.Canceled) || time.Since(api.began) != 7*time.Minute {
				t.Errorf("after %s: %v", time.Since(api.began), err)
			}
		})
	}
}

// TestAGateDoesNotOpenOnAnError in any of its requests.
func TestAGateDoesNotOpenOnAnError(t *testing.T) {
	t.Parallel()
	done := gateStage{runs: []string{"700.1 completed/success"}}
	for failing := range 7 {
		api := &gateAPI{stages: []gateStage{done, {fault: "down"}}}
		n := -1
		api.step = func(string) int {
			n++
			return min(1, max(0, n-failing+1)) // this request and all after it fail
		}
		gateOn(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
			v, err := c.CommitGate(ctx, gateQuery(), noReport)
			if !errors.Is(err, actions.ServerFault) || v.Open {
				t.Errorf("request %d fails: open %v, %v", failing, v.Open, err)
			}
		})
	}
}

// TestAGateOnAServerWithoutAListOfAWorkflowsRuns uses the paths of the runs. Such a server does not
// send creation times and attempts of a run either.
func TestAGateOnAServerWithoutAListOfAWorkflowsRuns(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	other := githubtest.Object{"path": "ci.yml@refs/heads/main", "created_at": githubtest.Absent, "run_attempt": int64(0), "head_repository": nil, "workflow_id": githubtest.Absent}
	lint := maps.Clone(other)
	lint["path"], lint["conclusion"] = "lint.yml@refs/heads/main", "failure"
	disguised := maps.Clone(other) // anyone who can push can name a branch like a file
	disguised["path"], disguised["head_branch"] = "lint.yml@refs/heads/x/release.yml@y", "x/release.yml@y"
	world.Repository("acme/app").
		Run(700, 1, other).Job(70001, 700, githubtest.Object{"name": "build"}).
		Job(70002, 700, githubtest.Object{"name": "test", "run_attempt": int64(2)}). // ran again in place
		Run(701, 1, lint).Job(70101, 701, githubtest.Object{"name": "lint", "conclusion": "failure"}).
		Run(699, 1, disguised).Job(69901, 699, githubtest.Object{"name": "lint"})
	server := githubtest.New(t, world)
	server.FailAlways("lists of a workflow's runs", func(r githubtest.Request) bool { return strings.Contains(r.Path, "/actions/workflows/") }, noRoute)
	for workflow, want := range map[string]string{"ci.yml": "all succeeded: ci.yml", "lint.yml": "lint.yml / lint ended with failure",
		"release.yml": "release.yml has no run that counts: none for this commit by the event push from the repository itself"} {
		v, err := newClient(t, server, 4).CommitGate(t.Context(), gateQuery(func(q *actions.CommitQuery) { q.Workflows = []string{workflow} }), noReport)
		if err != nil || v.Reason != want || v.Open != (workflow == "ci.yml") {
			t.Errorf("got %+v, %v, want %s", v, err, want)
		}
	}
}

// TestAGateOnMoreRunsThanAreListed: a run of another branch may be among those that are not listed. With
// a branch, only its newest run decides. A count that is too high for good shuts nothing.
func TestAGateOnMoreRunsThanAreListed(t *testing.T) {
	t.Parallel()
	many := manyRuns(1001)
	one := manyRuns(1)
	for _, tc := range []struct {
		name, branch string
		world        *githubtest.World
		counts       int // total_count in place of the right one; 0: the right one
		want         gate.FaultKind
	}{
		{"more runs", "", many, 0, gate.FaultTooMany},
		{"more runs, of one branch", "main", many, 0, gate.FaultNone},
		{"a count that is too high", "", one, 2, gate.FaultNone},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, tc.world)
			if tc.counts > 0 {
				server.Handle("/repos/acme/app/actions/workflows/ci.yml/runs", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					answer := httptest.NewRecorder()
					githubtest.NewInMemory(t, tc.world).ServeHTTP(answer, r)
					body := strings.Replace(answer.Body.String(), `"total_count":1`, fmt.Sprintf(`"total_count":%d`, tc.counts), 1)
					githubtest.Body("application/json", body)(w, r)
				}))
			}
			v, err := newClient(t, server, 4).CommitGate(t.Context(), gateQuery(func(q *actions.CommitQuery) { q.Branch = tc.branch }), noReport)
			if err != nil || v.Fault.Kind != tc.want || v.Open != (tc.want == gate.FaultNone) {
				t.Errorf("open %v, %v: %s, %v", v.Open, v.Fault, v.Reason, err)
			}
		})
	}
}

// TestAGateOnAServerThatIgnoresFilters picks the runs itself. It opens on no run that a filter would have
// left out, and stays shut if runs are not listed.
func TestAGateOnAServerThatIgnoresFilters(t *testing.T) {
	t.Parallel()
	failed := func(more githubtest.Object) githubtest.Object {
		run := githubtest.Object{"conclusion": "failure", "created_at": "2026-05-05T10:00:00Z"}
		maps.Copy(run, more)
		return run
	}
	other := strings.Repeat("a", 40)
	for _, tc := range []struct {
		name, ignored string
		world         *githubtest.World
		query         actions.CommitQuery
		want          string
	}{
		{"the commit", "head_sha", manyRuns(1), actions.CommitQuery{}, "all succeeded: ci.yml"},
		{"the event", "event", manyRuns(1), actions.CommitQuery{}, "all succeeded: ci.yml"},
		{"the branch", "branch", manyRuns(1), actions.CommitQuery{Question: gate.Question{Branch: "main"}}, "all succeeded: ci.yml"},
		{"no run of the branch", "branch", manyRuns(1), actions.CommitQuery{Question: gate.Question{Branch: "next"}}, "ci.yml has no run that counts: none for this commit by the event push on the branch next from the repository itself"},
		{"more runs than are listed", "head_sha", manyRuns(1001), actions.CommitQuery{}, "ci.yml has more runs than can be listed, and the server ignores the filter for the commit, so a run could be overlooked"},
		{"more runs than are listed, of one branch", "head_sha", manyRuns(1001), actions.CommitQuery{Question: gate.Question{Branch: "main"}}, "ci.yml has more runs than can be listed, and the server ignores the filter for the commit, so a run could be overlooked"},
		{"more runs than are listed, with another event", "event", manyRuns(1001), actions.CommitQuery{}, "ci.yml has more runs of this commit than can be listed, so a branch could be overlooked"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.world.Repository("acme/app").
				Run(9001, 1, failed(githubtest.Object{"head_sha": other})).
				Run(9002, 1, failed(githubtest.Object{"event": "schedule"})).
				Run(9003, 1, failed(githubtest.Object{"event": "pull_request", "head_branch": "x"}))
			if tc.query.Branch != "" {
				tc.world.Repository("acme/app").Run(9004, 1, failed(githubtest.Object{"head_branch": "other"}))
			}
			server := githubtest.New(t, tc.world)
			api := githubtest.NewInMemory(t, tc.world)
			server.Handle("/repos/acme/app/actions/workflows/ci.yml/runs", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				query := r.URL.Query()
				query.Del(tc.ignored)
				r.URL.RawQuery = query.Encode()
				api.ServeHTTP(w, r)
			}))
			v, err := newClient(t, server, 4).CommitGate(t.Context(), gateQuery(func(q *actions.CommitQuery) { q.Branch = tc.query.Branch }), noReport)
			if err != nil || v.Reason != tc.want || v.Open != strings.HasPrefix(tc.want, "all succeeded") {
				t.Errorf("open %v, %v: %s, %v", v.Open, v.Fault, v.Reason, err)
			}
		})
	}
}

// TestAGateWhoseRepositoryVanishes: this is not a run that was deleted.
func TestAGateWhoseRepositoryVanishes(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, manyRuns(1))
	gone := githubtest.Status(http.StatusNotFound, "Not Found")
	server.FailAlways("the run", func(r githubtest.Request) bool { return strings.HasPrefix(r.Path, "/repos/acme/app/actions/runs/1") }, gone)
	server.FailAlways("the repository", githubtest.Path("/repos/acme/app"), gone)
	_, err := newClient(t, server, 4).CommitGate(t.Context(), gateQuery(), noReport)
	wantMissing(t, err, actions.PartRepository)
}

// TestAGateOnManyWorkflows reads them at the same time, and keeps their order.
func TestAGateOnManyWorkflows(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	q := gateQuery(func(q *actions.CommitQuery) { q.Workflows = nil })
	for i := range int64(20) {
		file := fmt.Sprintf("w%d.yml", i)
		q.Workflows = append(q.Workflows, file)
		world.Repository("acme/app").
			Run(700+i, 1, githubtest.Object{"workflow_id": 100 + i, "path": ".github/workflows/" + file}).
			Matrix(7000+1000*i, 700+i, 120, 0)
	}
	v, err := newClient(t, githubtest.New(t, world), 4).CommitGate(t.Context(), q, noReport)
	if err != nil || !v.Open || v.Reason != "all succeeded: "+strings.Join(q.Workflows, ", ") || len(v.Rows) != 20 || v.RunIDs["w7.yml"] != 707 {
		t.Errorf("got %+v, %v", v, err)
	}
}
