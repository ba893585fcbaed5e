package actions_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// Answers of real servers that GitHub's documentation does not describe.

const workflowRunsPath = "/repos/acme/app/actions/runs"

// TestALargePageThatFailsForGood: GitHub answers some large pages of any list with 502 every time.
// Smaller pages give the same entries, each once and in order.
func TestALargePageThatFailsForGood(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		fails githubtest.Match
		jobs  int
	}{
		{"every page above 50", githubtest.PagesAbove(50, jobsPath), 237},
		{"every page above 30", githubtest.PagesAbove(30, jobsPath), 237},
		{"every page above 10", githubtest.PagesAbove(10, jobsPath), 88},
		{"the second page alone", func(r githubtest.Request) bool {
			return r.Path == jobsPath && r.Query.Get("page") == "2" && r.Query.Get("per_page") == "100"
		}, 237},
		{"the last page alone", func(r githubtest.Request) bool {
			return r.Path == jobsPath && r.Query.Get("page") == "3" && r.Query.Get("per_page") == "100"
		}, 237},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, world(tc.jobs, 0))
			server.FailAlways(tc.name, tc.fails, githubtest.Status(http.StatusBadGateway, "Server Error"))
			got, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700})
			if err != nil || len(got.Jobs) != tc.jobs {
				t.Fatalf("got %d jobs, %v, want %d", len(got.Jobs), err, tc.jobs)
			}
			for i, j := range got.Jobs {
				if job.Value(j.ID) != int64(i+1) {
					t.Fatalf("place %d holds job %d", i, job.Value(j.ID))
				}
			}
		})
	}
	t.Run("a list of runs", func(t *testing.T) {
		t.Parallel()
		server := githubtest.New(t, manyRuns(237))
		server.FailAlways("large pages", githubtest.PagesAbove(50, workflowRunsPath), githubtest.Status(http.StatusBadGateway, "Server Error"))
		got, err := newClient(t, server, 10).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Max: 150})
		if err != nil || len(got.Runs) != 150 || job.Value(got.Runs[0].ID) != 237 || job.Value(got.Runs[149].ID) != 88 {
			t.Fatalf("got %d runs, %v, want the newest 150", len(got.Runs), err)
		}
	})
}

// TestAPageThatNoSizeHelps: only the size of an answer is a reason to ask for smaller pages.
func TestAPageThatNoSizeHelps(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusNotImplemented, http.StatusNetworkAuthenticationRequired} {
		server := githubtest.New(t, manyRuns(1))
		server.Fail(workflowRunsPath, githubtest.Status(status, "no"))
		_, err := newClient(t, server, 1).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Max: 1})
		if !errors.Is(err, actions.ServerFault) || len(server.Requests()) != 1 {
			t.Errorf("%d: %v after %d requests", status, err, len(server.Requests()))
		}
	}
}

// TestALargePageBeyondAShortFirstPage: the count promises more than the first page shows, so the next one
// is asked for, and it fails for good at every size that is larger than the first page was long.
func TestALargePageBeyondAShortFirstPage(t *testing.T) {
	t.Parallel()
	tooLarge := func(_, size int) int {
		if size > 30 {
			return http.StatusBadGateway
		}
		return 0
	}
	for _, tc := range []struct {
		name string
		*pages
		want int
	}{
		{"a count that was too high once", &pages{size: 100, jobs: always(8), total: func(jobs, request int) any { return jobs + max(0, 5-request) }, status: tooLarge}, 8},
		{"a server with short pages", &pages{size: 20, jobs: always(95), total: honest, link: properLink, status: func(number, size int) int {
			if number == 2 {
				return tooLarge(number, size)
			}
			return 0
		}}, 95},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, world(0, 0))
			server.Handle(jobsPath, tc.pages)
			got, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700})
			if err != nil || len(got.Jobs) != tc.want {
				t.Fatalf("got %d jobs, %v, want %d", len(got.Jobs), err, tc.want)
			}
		})
	}
}

// TestACountThatStaysTooHigh: the count of a search index can promise more than GitHub shows, for good.
// A list of jobs comes from no index and stays strict.
func TestACountThatStaysTooHigh(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.NewWorld())
	server.Handle(workflowRunsPath, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		runs := []any{}
		if r.URL.Query().Get("page") == "1" {
			for id := range 15 {
				runs = append(runs, githubtest.Object{"id": id + 1, "status": "completed", "conclusion": "failure"})
			}
		}
		githubtest.SendJSON(w, r, githubtest.Object{"total_count": 16, "workflow_runs": runs})
	}))
	query := actions.RunsQuery{Repository: app(t), Status: "failure", Max: 100}
	got, err := newClient(t, server, 10).WorkflowRuns(t.Context(), query)
	if err != nil || len(got.Runs) != 15 || job.Value(got.Total) != 16 || !got.Short || !got.More(query) {
		t.Errorf("got %d runs of %v, short %v, %v", len(got.Runs), job.Value(got.Total), got.Short, err)
	}
	if n := len(server.Requests()); n != 4 {
		t.Errorf("%d requests, want two readings of two pages", n)
	}
}

// TestARunThatDoesNotExist: some servers answer 200 with no jobs for it, and only the 404 for the
// run itself shows it. If the server does not have that endpoint, the result is an empty list.
func TestARunThatDoesNotExist(t *testing.T) {
	t.Parallel()
	empty := http.HandlerFunc(githubtest.Body("application/json", `{"total_count":0,"jobs":[]}`))
	t.Run("its own 404", func(t *testing.T) {
		t.Parallel()
		server := githubtest.New(t, world(0, 0))
		server.Handle("/repos/acme/app/actions/runs/9/jobs", empty)
		server.ExpectMissing("/repos/acme/app/actions/runs/9")
		_, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 9})
		wantMissing(t, err, actions.PartRun)
	})
	t.Run("a wait ends at once", func(t *testing.T) {
		t.Parallel()
		server := githubtest.New(t, world(0, 0))
		server.Handle("/repos/acme/app/actions/runs/9/jobs", empty)
		server.ExpectMissing("/repos/acme/app/actions/runs/9")
		_, err := newClient(t, server, 10).WaitRunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 9}, func(actions.Progress) {
			t.Error("the wait continues")
		})
		wantMissing(t, err, actions.PartRun)
	})
	t.Run("no such route", func(t *testing.T) {
		t.Parallel()
		server := githubtest.New(t, world(0, 0))
		server.Handle("/repos/acme/app/actions/runs/9/jobs", empty)
		server.Handle("/repos/acme/app/actions/runs/9", http.HandlerFunc(noRoute))
		got, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 9})
		if err != nil || got.Completed() || got.Run != nil {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

// noRoute is the answer of servers for an endpoint that they do not have.
func noRoute(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "404 page not found", http.StatusNotFound)
}

// TestAFilterThatTheServerIgnores: otherwise an audit or a gate could be wrong without an error.
func TestAFilterThatTheServerIgnores(t *testing.T) {
	t.Parallel()
	const sha, other = "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0", "0000000000000000000000000000000000000000"
	whole := githubtest.Object{
		"head_branch": "main", "event": "push", "actor": githubtest.Object{"login": "octo"}, "status": "completed",
		"conclusion": "success", "head_sha": sha, "created_at": "2026-03-01T10:00:00Z", "updated_at": "2026-03-01T10:10:00Z",
	}
	without := func(field string) githubtest.Object {
		fields := merge(whole)
		delete(fields, field)
		return fields
	}
	for _, tc := range []struct {
		name      string
		query     actions.RunsQuery
		fields    githubtest.Object
		ignored   actions.Part
		reason    string
		unchecked actions.Part
	}{
		{name: "another branch", query: actions.RunsQuery{Branch: "release"}, fields: whole, ignored: actions.PartBranch, reason: `run 1 has head_branch "main", not "release"`},
		{name: "the branch", query: actions.RunsQuery{Branch: "main"}, fields: whole},
		{name: "no branch in the answer", query: actions.RunsQuery{Branch: "main"}, fields: without("head_branch"), unchecked: actions.PartBranch},
		{name: "another event", query: actions.RunsQuery{Event: "schedule"}, fields: whole, ignored: actions.PartEvent, reason: `run 1 has event "push", not "schedule"`},
		{name: "another actor", query: actions.RunsQuery{Actor: "someone"}, fields: whole, ignored: actions.PartActor, reason: `run 1 has actor "octo", not "someone"`},
		{name: "the actor without case", query: actions.RunsQuery{Actor: "OCTO"}, fields: whole},
		{name: "another conclusion", query: actions.RunsQuery{Status: "failure"}, fields: whole, ignored: actions.PartStatus, reason: `run 1 has status "success", not "failure"`},
		{name: "the conclusion", query: actions.RunsQuery{Status: "success"}, fields: whole},
		{name: "the status", query: actions.RunsQuery{Status: "completed"}, fields: whole},
		{name: "another commit", query: actions.RunsQuery{HeadSHA: other}, fields: whole, ignored: actions.PartHeadSHA, reason: fmt.Sprintf("run 1 has head_sha %q, not %q", sha, other)},
		{name: "before the range", query: actions.RunsQuery{Created: ">=2026-03-02"}, fields: whole, ignored: actions.PartCreated, reason: `run 1 has created_at "2026-03-01T10:00:00Z", not ">=2026-03-02"`},
		{name: "in the range", query: actions.RunsQuery{Created: "2026-02-01..2026-03-01"}, fields: whole},
		{name: "no created_at in the answer", query: actions.RunsQuery{Created: ">=2026-03-02"}, fields: without("created_at"), unchecked: actions.PartCreated},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.NewWorld())
			server.Handle(workflowRunsPath, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				githubtest.SendJSON(w, r, githubtest.Object{"total_count": 1, "workflow_runs": []any{merge(tc.fields, githubtest.Object{"id": 1})}})
			}))
			tc.query.Repository, tc.query.Max = app(t), 10
			got, err := newClient(t, server, 1).WorkflowRuns(t.Context(), tc.query)
			if tc.ignored != "" {
				var e *actions.Error
				if !errors.As(err, &e) || e.Kind != actions.FilterIgnored || e.Missing != tc.ignored || e.Reason != tc.reason {
					t.Fatalf("got %v, want %s ignored: %s", err, tc.ignored, tc.reason)
				}
				return
			}
			if err != nil || fmt.Sprint(got.Unchecked) != fmt.Sprint([]actions.Part{tc.unchecked}) && (tc.unchecked != "" || len(got.Unchecked) > 0) {
				t.Errorf("unchecked %q, %v, want %q", got.Unchecked, err, tc.unchecked)
			}
		})
	}
}

// TestAServerWithoutAListOfAWorkflowsRuns: the runs of the repository contain the path of their
// file.
func TestAServerWithoutAListOfAWorkflowsRuns(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.NewWorld())
	server.Handle("/repos/acme/app/actions/workflows/ci.yml/runs", http.HandlerFunc(noRoute))
	server.Handle(workflowRunsPath, http.HandlerFunc(githubtest.Body("application/json", `{"total_count":3,"workflow_runs":[
		{"id":3,"path":"ci.yml@refs/heads/main","run_attempt":0},
		{"id":2,"path":"nightly.yml@refs/heads/main"},
		{"id":1,"path":".gitea/workflows/ci.yml"}]}`)))
	got, err := newClient(t, server, 1).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Workflow: "ci.yml", Max: 10})
	if err != nil || len(got.Runs) != 2 || job.Value(got.Total) != 2 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if first := got.Runs[0]; job.Value(first.ID) != 3 || job.Value(first.Path) != "ci.yml" || first.RunAttempt != nil {
		t.Errorf("got run %d, path %q, attempt %v", job.Value(first.ID), job.Value(first.Path), first.RunAttempt)
	}
}

// TestAWorkflowAmongManyRuns: such a server is asked for the newest 1,000 runs of the repository. What lies
// behind them is not known, and the list says so.
func TestAWorkflowAmongManyRuns(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, workflow string
		runs, most     int
		found          int
		total          *int64
		more           bool
	}{
		{"more runs than are shown", "ci.yml", 5000, 100, 3, nil, true},
		{"by ID", "11", 5000, 100, 3, nil, true},
		{"as many as are wanted", "ci.yml", 5000, 2, 2, nil, true},
		{"all runs are shown", "ci.yml", 900, 100, 3, new(int64(3)), false},
		{"none of all", "none.yml", 900, 100, 0, new(int64(0)), false},
	} {
		server := githubtest.New(t, githubtest.NewWorld())
		server.Handle("/repos/acme/app/actions/workflows/"+tc.workflow+"/runs", http.HandlerFunc(noRoute))
		server.Handle(workflowRunsPath, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			page, _ := strconv.Atoi(r.URL.Query().Get("page"))
			size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
			runs := []any{}
			for n := (page - 1) * size; n < min(page*size, tc.runs); n++ {
				run := githubtest.Object{"id": tc.runs - n, "path": "nightly.yml@refs/heads/main", "workflow_id": 12}
				if n%400 == 0 {
					run = githubtest.Object{"id": tc.runs - n, "path": "ci.yml@refs/heads/main", "workflow_id": 11}
				}
				runs = append(runs, run)
			}
			githubtest.SendJSON(w, r, githubtest.Object{"total_count": tc.runs, "workflow_runs": runs})
		}))
		q := actions.RunsQuery{Repository: app(t), Workflow: tc.workflow, Max: tc.most}
		got, err := newClient(t, server, 4).WorkflowRuns(t.Context(), q)
		if err != nil || len(got.Runs) != tc.found || (got.Total == nil) != (tc.total == nil) || job.Value(got.Total) != job.Value(tc.total) || got.More(q) != tc.more {
			t.Errorf("%s: %d runs, total %d, more %v, %v", tc.name, len(got.Runs), job.Value(got.Total), got.More(q), err)
		}
	}
}

// TestAWorkflowThatNoRunShows: the runs have no path and no workflow_id, so an empty list would be a guess.
func TestAWorkflowThatNoRunShows(t *testing.T) {
	t.Parallel()
	for _, workflow := range []string{"ci.yml", "11"} {
		server := githubtest.New(t, world(0, 0))
		server.Handle("/repos/acme/app/actions/workflows/"+workflow+"/runs", http.HandlerFunc(noRoute))
		server.Handle(workflowRunsPath, http.HandlerFunc(githubtest.Body("application/json", `{"total_count":1,"workflow_runs":[{"id":1}]}`)))
		_, err := newClient(t, server, 1).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Workflow: workflow, Max: 10})
		var e *actions.Error
		if !errors.As(err, &e) || e.Kind != actions.FilterIgnored || e.Missing != actions.PartWorkflow ||
			e.Reason != "the server does not list the runs of a workflow, and its runs do not say which workflow they are of" {
			t.Errorf("%s: %+v", workflow, err)
		}
	}
}

// TestThePathOfAWorkflowHasNoRef: GitHub appends it for a file of another repository, and Gitea always.
func TestThePathOfAWorkflowHasNoRef(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string][2]string{
		".github/workflows/ci.yml":                  {".github/workflows/ci.yml", "ci.yml"},
		".github/workflows/build.yml@main":          {".github/workflows/build.yml", "build.yml"},
		".github/workflows/build.yaml@refs/tags/v1": {".github/workflows/build.yaml", "build.yaml"},
		".github/workflows/build@2.yml":             {".github/workflows/build@2.yml", "build@2.yml"},
		"ci.yml@refs/heads/main":                    {"ci.yml", "ci.yml"},
		"lint.yml@refs/heads/x/ci.yml@y":            {"lint.yml", "lint.yml"},
		"a.yml@b.yml@refs/heads/main":               {"a.yml@b.yml", "a.yml@b.yml"},
		".github/workflows/evil.yaml@x/ci.yml@y":    {".github/workflows/evil.yaml", "evil.yaml"},
		".github/workflows/evil.yml@x/ci.yaml@y":    {".github/workflows/evil.yml", "evil.yml"},
		"dynamic/pages/pages-build-deployment":      {"dynamic/pages/pages-build-deployment", "pages-build-deployment"},
	} {
		w := githubtest.NewWorld()
		w.Repository("acme/app").Run(700, 1, githubtest.Object{"path": sent})
		got, err := newClient(t, githubtest.New(t, w), 1).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Max: 1})
		if err != nil {
			t.Fatal(err)
		}
		if run := got.Runs[0]; job.Value(run.Path) != want[0] || job.Value(run.File()) != want[1] {
			t.Errorf("%s: path %q, file %q", sent, job.Value(run.Path), job.Value(run.File()))
		}
	}
}

// TestARunThatStartsAgainBetweenTwoPages: the first page is of attempt 1 and the second of attempt 2, with as
// many jobs. A server that lists each job with its own latest attempt is believed after a second reading.
func TestARunThatStartsAgainBetweenTwoPages(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		mixed    bool // for good
		requests int
		first    int64 // attempt of the first job of the answer
	}{
		{"it starts again", false, 4, 2},
		{"each job has its own attempt", true, 4, 1},
	} {
		var requests atomic.Int64
		server := githubtest.New(t, world(0, 0))
		server.Handle(jobsPath, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n := requests.Add(1)
			jobs := []any{}
			first, count, attempt := 0, 100, 2
			if r.URL.Query().Get("page") == "2" {
				first, count = 100, 50
			} else if n == 1 || tc.mixed {
				attempt = 1
			}
			for i := range count {
				jobs = append(jobs, githubtest.Object{"id": 1000*attempt + first + i, "run_id": 700, "run_attempt": attempt, "name": fmt.Sprint("job ", first+i)})
			}
			githubtest.SendJSON(w, r, githubtest.Object{"total_count": 150, "jobs": jobs})
		}))
		got, err := newClient(t, server, 4).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700})
		if err != nil || len(got.Jobs) != 150 || int(requests.Load()) != tc.requests || job.Value(got.Jobs[0].RunAttempt) != tc.first || job.Value(got.Jobs[149].RunAttempt) != 2 {
			t.Errorf("%s: %d jobs after %d requests, %v", tc.name, len(got.Jobs), requests.Load(), err)
		}
	}
}

// TestAMissingWorkflowIsNotAMissingRoute: it is a 404 in JSON.
func TestAMissingWorkflowIsNotAMissingRoute(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, manyRuns(1))
	server.ExpectMissing("/repos/acme/app/actions/workflows/none.yml/runs")
	_, err := newClient(t, server, 1).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Workflow: "none.yml", Max: 10})
	wantMissing(t, err, actions.PartWorkflow)
}

// TestAServerWithoutAttempts: the error is about the attempt.
func TestAServerWithoutAttempts(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, world(1, 0))
	for _, path := range []string{runPath + "/attempts/1", runPath + "/attempts/1/jobs"} {
		server.Handle(path, http.HandlerFunc(noRoute))
	}
	_, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700, Attempt: 1})
	var e *actions.Error
	if !errors.As(err, &e) || e.Missing != actions.PartAttempt || e.Reason != "this server keeps no attempts of a run" {
		t.Errorf("got %+v", err)
	}
}

// TestAServerThatListsOnlyTheNewestAttempt: Gitea 1.27 keeps attempts and ignores filter.
func TestAServerThatListsOnlyTheNewestAttempt(t *testing.T) {
	t.Parallel()
	newest := http.HandlerFunc(githubtest.Body("application/json", `{"total_count":2,"jobs":[
		{"id":31,"run_id":700,"run_attempt":3,"name":"test","status":"completed","conclusion":"success"},
		{"id":30,"run_id":700,"run_attempt":3,"name":"report","status":"completed","conclusion":"neutral"}]}`))
	attempts := []string{runPath + "/attempts/1/jobs", runPath + "/attempts/2/jobs"}
	for _, tc := range []struct {
		filter job.Filter
		want   []int64
	}{
		{job.FilterLatest, []int64{30, 31}},
		{job.FilterAll, []int64{11, 12, 13, 14, 21, 30, 31}},
		{job.FilterFinal, []int64{11, 13, 14, 30, 31}},
	} {
		t.Run(string(tc.filter), func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, rerun())
			server.Handle(jobsPath, newest)
			client := newClient(t, server, 10)
			run, err := client.RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700, Filter: tc.filter})
			if got := jobIDs(run.Jobs); err != nil || !slices.Equal(got, tc.want) {
				t.Errorf("jobs %v, %v, want %v", got, err, tc.want)
			}
			jobs, err := client.JobsOfRun(t.Context(), actions.JobsQuery{Repository: app(t), Run: listedRun(t, client), Filter: tc.filter})
			if got := jobIDs(jobs); err != nil || !slices.Equal(got, tc.want) {
				t.Errorf("of a listed run: jobs %v, %v, want %v", got, err, tc.want)
			}
			for _, path := range attempts {
				if n := requestsFor(server, path); (n > 0) != (tc.filter != job.FilterLatest) {
					t.Errorf("%d requests for %s", n, path)
				}
			}
		})
	}
	t.Run("without an endpoint for attempts", func(t *testing.T) {
		t.Parallel()
		server := githubtest.New(t, rerun())
		server.Handle(jobsPath, newest)
		for _, path := range attempts {
			server.Handle(path, http.HandlerFunc(noRoute))
		}
		_, err := newClient(t, server, 1).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700, Filter: job.FilterAll})
		var e *actions.Error
		if !errors.As(err, &e) || e.Kind != actions.FilterIgnored || e.Missing != actions.PartFilter ||
			e.Reason != "the list has only jobs of attempt 3, and this server does not list earlier attempts" {
			t.Errorf("got %+v", err)
		}
		if _, err := newClient(t, server, 1).CommitGate(t.Context(), gateQuery(), noReport); !errors.As(err, &e) || e.Kind != actions.FilterIgnored || e.Missing != "" {
			t.Errorf("a gate, which has no filter: got %+v", err)
		}
	})
	t.Run("an attempt that the server does not know", func(t *testing.T) {
		t.Parallel()
		server := githubtest.New(t, rerun())
		server.Handle(jobsPath, newest)
		server.Fail(attempts[0], githubtest.Status(http.StatusNotFound, "Not Found"))
		run, err := newClient(t, server, 1).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700, Filter: job.FilterAll})
		if got := jobIDs(run.Jobs); err != nil || !slices.Equal(got, []int64{21, 30, 31}) {
			t.Errorf("jobs %v, %v", got, err)
		}
	})
}

func jobIDs(jobs []*job.Job) (ids []int64) {
	for _, j := range jobs {
		ids = append(ids, job.Value(j.ID))
	}
	return ids
}

// TestAnActorThatTheServerFailsOn: some servers answer 500 for a user that they do not know.
func TestAnActorThatTheServerFailsOn(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, manyRuns(1))
	server.FailAlways("the actor", func(r githubtest.Request) bool { return r.Query.Get("actor") != "" }, githubtest.Status(500, "user does not exist [uid: 0, name: nobody]"))
	_, err := newClient(t, server, 1).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Actor: "nobody", Max: 10})
	var e *actions.Error
	if !errors.As(err, &e) || e.Kind != actions.ServerFault || e.Missing != actions.PartActor {
		t.Errorf("got %+v", err)
	}
	down := githubtest.New(t, manyRuns(1))
	down.FailAlways("everything", githubtest.Path(workflowRunsPath), githubtest.Status(500, "no"))
	_, err = newClient(t, down, 1).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Actor: "nobody", Max: 10})
	if !errors.As(err, &e) || e.Kind != actions.ServerFault || e.Missing != "" {
		t.Errorf("a server that is down: got %+v", err)
	}
}

// TestAJobThatRanAgainInPlace: same ID, old creation, new times. Its run keeps no attempts.
func TestAJobThatRanAgainInPlace(t *testing.T) {
	t.Parallel()
	again := githubtest.Object{"run_attempt": 2, "created_at": "2026-11-25T17:43:54Z", "started_at": "2026-11-25T17:45:20Z", "completed_at": "2026-11-25T17:45:23Z"}
	for _, tc := range []struct {
		name   string
		run    githubtest.Object
		queued any
	}{
		{"a server without attempts", githubtest.Object{"run_attempt": 0, "created_at": githubtest.Absent}, nil},
		{"as old as its run", githubtest.Object{"run_attempt": 2, "created_at": "2026-11-25T17:43:54Z"}, nil},
		{"created with the re-run", githubtest.Object{"run_attempt": 2, "created_at": "2026-11-25T09:00:00Z"}, int64(86)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := githubtest.NewWorld()
			w.Repository("acme/app").Run(700, 1, tc.run).Job(1, 700, again)
			client := newClient(t, githubtest.New(t, w), 10)
			j, err := client.Job(t.Context(), app(t), 1)
			if err != nil || seconds(j.QueuedSeconds()) != tc.queued || seconds(j.DurationSeconds()) != int64(3) {
				t.Errorf("the job queued %v and ran %v, %v, want %v", seconds(j.QueuedSeconds()), seconds(j.DurationSeconds()), err, tc.queued)
			}
			run, err := client.RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700, Filter: job.FilterAll})
			if err != nil || len(run.Jobs) != 1 || seconds(run.Jobs[0].QueuedSeconds()) != tc.queued {
				t.Errorf("in the list: %+v, %v, want %v", run.Jobs, err, tc.queued)
			}
		})
	}
}

// TestALogOfAnUnfinishedJob: some servers send it, and it would look complete.
func TestALogOfAnUnfinishedJob(t *testing.T) {
	t.Parallel()
	w := githubtest.NewWorld()
	w.Repository("acme/app").Run(700, 1, nil).Job(1, 700, githubtest.Object{"status": "in_progress", "conclusion": nil}).Log(1, logText)
	_, _, err := readLog(t, newLogClient(t, githubtest.New(t, w), nil))
	if !errors.Is(err, actions.JobUnfinished) {
		t.Errorf("got %v", err)
	}
}

// TestALogThatIsAnsweredWith500: the job shows the reason.
func TestALogThatIsAnsweredWith500(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		job  githubtest.Object
		want actions.Kind
	}{
		{"skipped", githubtest.Object{"conclusion": "skipped"}, actions.JobNeverRan},
		{"cancelled", githubtest.Object{"conclusion": "cancelled"}, actions.LogNotStored},
		{"finished", nil, actions.ServerFault},
	} {
		w := githubtest.NewWorld()
		w.Repository("acme/app").Run(700, 1, nil).Job(1, 700, tc.job)
		server := githubtest.New(t, w)
		server.FailAlways("the log", githubtest.Path(logsPath), githubtest.Status(500, "Failed to generate URL to download logs"))
		if _, _, err := readLog(t, newClient(t, server, 1)); !errors.Is(err, tc.want) {
			t.Errorf("%s: got %v, want %s", tc.name, err, tc.want)
		}
	}
}

// TestAPropertyThatNothingReads: an unused property with any value does not break an answer.
func TestAPropertyThatNothingReads(t *testing.T) {
	t.Parallel()
	t.Run("of the repository that a 404 asks for", func(t *testing.T) {
		t.Parallel()
		server := githubtest.New(t, githubtest.NewWorld())
		server.ExpectMissing(jobsPath)
		server.AllowMissing(runPath) // the jobs' 404 may come first, and end it
		server.Handle("/repos/acme/app", http.HandlerFunc(githubtest.Body("application/json",
			`{"id":"text","name":7,"custom_properties":{"Type":["Service","Library"],"pci":true},"owner":[]}`)))
		_, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700})
		wantMissing(t, err, actions.PartRun)
	})
	t.Run("of a run", func(t *testing.T) {
		t.Parallel()
		server := githubtest.New(t, world(1, 0))
		server.Handle(runPath, http.HandlerFunc(githubtest.Body("application/json",
			`{"id":700,"status":"completed","conclusion":"success","head_commit":7,"pull_requests":"none","referenced_workflows":{},
			"repository":{"full_name":"acme/app","id":1,"custom_properties":{"a":["b"]},"topics":{}},"actor":{"login":"octo","id":"x"}}`)))
		got, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700})
		if err != nil || !got.Succeeded() || job.Value(got.Run.Actor) != "octo" {
			t.Errorf("got %+v, %v", got.Run, err)
		}
	})
}

// TestListsInsideAnAnswerAreBounded: five million empty steps fit into 15 MB.
func TestListsInsideAnAnswerAreBounded(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"steps":  `{"id":1,"steps":[` + strings.Repeat("{},", 10_000) + `{}]}`,
		"labels": `{"id":1,"labels":[` + strings.Repeat(`"a",`, 10_000) + `"a"]}`,
		"others": `{"id":1,"other":{"x":[` + strings.Repeat(`0,`, 10_000) + `0]}}`,
	} {
		e := failWith(t, githubtest.Body("application/json", text))
		if e.Kind != actions.Malformed || e.Reason != "the answer has a list of more than 10000 entries" {
			t.Errorf("%s: got %v", name, e)
		}
	}
	fine := `{"id":1,"name":"[[,,,\"[,` + strings.Repeat(",", 20_000) + `","steps":[` + strings.Repeat("{},", 9_999) + `{}]}`
	server := githubtest.New(t, githubtest.NewWorld())
	server.Fail(jobPath, githubtest.Body("application/json", fine))
	if j, err := newClient(t, server, 1).Job(t.Context(), app(t), 1); err != nil || len(j.Steps) != 10_000 {
		t.Errorf("ten thousand steps: %v", err)
	}
}

// TestAnEmptyListIsNotFinal: if the jobs of a finished run are not listed yet, they must be read
// again.
func TestAnEmptyListIsNotFinal(t *testing.T) {
	t.Parallel()
	if actions.IsFinal(&job.Run{RunAttempt: new(int64(1))}, nil) {
		t.Error("no jobs at all pass for final")
	}
	if !actions.IsFinal(&job.Run{RunAttempt: new(int64(1))}, []*job.Job{{Status: new("completed")}}) {
		t.Error("a finished job does not")
	}
}

// TestRequestsAskAsGitHubsPageSays: requests have GitHub's media type and exclude pull requests.
func TestRequestsAskAsGitHubsPageSays(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, manyRuns(1))
	if _, err := newClient(t, server, 1).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Max: 10}); err != nil {
		t.Fatal(err)
	}
	r := server.Requests()[0]
	if r.Header.Get("Accept") != "application/vnd.github+json" || r.Query.Get("exclude_pull_requests") != "true" {
		t.Errorf("got %s with %v", r, r.Header)
	}
}

// TestAWorkflowThatIsText: Forgejo sends the name of the workflow's file as workflow_id.
func TestAWorkflowThatIsText(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ fields, id, suite, path string }{
		{`"workflow_id":"ci.yml"`, "null", "null", "ci.yml"},
		{`"workflow_id":"ci.yml","path":null`, "null", "null", "ci.yml"},
		{`"workflow_id":"ci.yml","path":""`, "null", "null", "ci.yml"},
		{`"workflow_id":"ci.yml","path":".forgejo/workflows/other.yml"`, "null", "null", ".forgejo/workflows/other.yml"},
		{`"workflow_id":"159038"`, "159038", "null", "null"},
		{`"workflow_id":159038,"check_suite_id":7`, "159038", "7", "null"},
		{`"workflow_id":"","check_suite_id":"7"`, "null", "7", "null"},
		{`"workflow_id":null,"check_suite_id":"x"`, "null", "null", "null"},
		{`"workflow_id":1.5,"check_suite_id":1e400`, "null", "null", "null"},
		{`"workflow_id":true,"check_suite_id":false`, "null", "null", "null"},
		{`"workflow_id":["ci.yml"],"check_suite_id":{"id":1}`, "null", "null", "null"},
		{`"workflow_id":123456789012345678901234567890,"check_suite_id":"123456789012345678901234567890"`, "null", "null", "null"},
	} {
		t.Run(tc.fields, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.NewWorld())
			server.Handle(workflowRunsPath, http.HandlerFunc(githubtest.Body("application/json", `{"total_count":1,"workflow_runs":[{"id":254,`+tc.fields+`}]}`)))
			got, err := newClient(t, server, 10).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Max: 10})
			if err != nil || len(got.Runs) != 1 {
				t.Fatalf("got %v, %v", got.Runs, err)
			}
			run := got.Runs[0]
			if id, suite, path := textOf(run.WorkflowID), textOf(run.CheckSuiteID), textOf(run.Path); id != tc.id || suite != tc.suite || path != tc.path {
				t.Errorf("got workflow_id %s, check_suite_id %s, path %s", id, suite, path)
			}
		})
	}
	t.Run("a filter by the file", func(t *testing.T) {
		t.Parallel()
		server := githubtest.New(t, githubtest.NewWorld())
		server.Handle("/repos/acme/app/actions/workflows/ci.yml/runs", http.NotFoundHandler())
		server.Handle(workflowRunsPath, http.HandlerFunc(githubtest.Body("application/json",
			`{"total_count":2,"workflow_runs":[{"id":255,"workflow_id":"lint.yml"},{"id":254,"workflow_id":"ci.yml"}]}`)))
		got, err := newClient(t, server, 10).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Workflow: "ci.yml", Max: 10})
		if err != nil || !slices.Equal(got.IDs(), []int64{254}) {
			t.Errorf("got runs %v, %v, want run 254", got.IDs(), err)
		}
	})
}

// TestAnEmptyListThatIsNull: Go encodes a list without a value as null.
func TestAnEmptyListThatIsNull(t *testing.T) {
	t.Parallel()
	t.Run("runs", func(t *testing.T) {
		t.Parallel()
		server := githubtest.New(t, githubtest.NewWorld())
		server.Handle(workflowRunsPath, http.HandlerFunc(githubtest.Body("application/json", `{"total_count":0,"workflow_runs":null}`)))
		got, err := newClient(t, server, 10).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Max: 10})
		if err != nil || len(got.Runs) > 0 || textOf(got.Total) != "0" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
	for _, skipSteps := range []bool{false, true} {
		t.Run(fmt.Sprint("jobs, without steps ", skipSteps), func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, world(1, 0))
			server.Handle(jobsPath, http.HandlerFunc(githubtest.Body("application/json", ` {"jobs" : null, "total_count":0}`)))
			got, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700, SkipSteps: skipSteps})
			if err != nil || len(got.Jobs) > 0 {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	t.Run("repositories, which no count confirms", func(t *testing.T) {
		t.Parallel()
		server := githubtest.New(t, githubtest.NewWorld())
		server.Handle("/orgs/acme/repos", http.HandlerFunc(githubtest.Body("application/json", "null\n")))
		if _, err := newClient(t, server, 10).OwnedRepositories(t.Context(), "acme"); !errors.Is(err, actions.Malformed) {
			t.Errorf("got %v", err)
		}
	})
}

// TestATimeThatIsEmpty: an empty text is no time, for a run, a job and a step.
func TestATimeThatIsEmpty(t *testing.T) {
	t.Parallel()
	for _, skipSteps := range []bool{false, true} {
		server := githubtest.New(t, githubtest.NewWorld())
		server.Handle(runPath, http.HandlerFunc(githubtest.Body("application/json", `{"id":700,"created_at":"","updated_at":"","run_started_at":""}`)))
		server.Handle(jobsPath, http.HandlerFunc(githubtest.Body("application/json",
			`{"total_count":1,"jobs":[{"id":1,"created_at":"","started_at":"","completed_at":"","steps":[{"started_at":"","completed_at":""}]}]}`)))
		got, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700, SkipSteps: skipSteps})
		if err != nil || len(got.Jobs) != 1 {
			t.Fatalf("without steps %v: got %+v, %v", skipSteps, got, err)
		}
		j := got.Jobs[0]
		times := []*time.Time{got.Run.CreatedAt, got.Run.UpdatedAt, got.Run.RunStartedAt, j.CreatedAt, j.StartedAt, j.CompletedAt}
		if !skipSteps {
			times = append(times, j.Steps[0].StartedAt, j.Steps[0].CompletedAt)
		}
		for i, at := range times {
			if at != nil {
				t.Errorf("without steps %v: time %d is %s, want null", skipSteps, i, at)
			}
		}
		if !j.NeverRan() {
			t.Errorf("without steps %v: a step without a time passes for a start", skipSteps)
		}
	}
}
