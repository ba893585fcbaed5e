package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

const (
	runsOfOne = "/repos/acme/app-1/actions/runs"
	jobsOfTwo = "/repos/acme/app-1/actions/runs/2/jobs"
)

func problems(report fleet.Report) string {
	var all []string
	for _, p := range report.Problems {
		all = append(all, fmt.Sprintf("%s %d %s", p.Repository.Name, job.Value(p.RunID), p.Reason))
	}
	return strings.Join(all, ", ")
}

// TestARepositoryThatCannotBeRead: it is a problem if a pattern matched it, and an error about its
// entry if the entry names it. An error that affects the whole read ends the read.
func TestARepositoryThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		fault githubtest.Fault
		kind  actions.Kind
		want  fleet.Reason // empty: it ends the read in any case
	}{
		{"403", githubtest.Status(403, "Resource not accessible by integration"), actions.Forbidden, fleet.ReasonForbidden},
		{"404", githubtest.Status(404, "Not Found"), actions.NotFound, fleet.ReasonNotFound},
		{"451", githubtest.Status(451, "Repository access blocked"), actions.Forbidden, fleet.ReasonBlocked},
		{"500", githubtest.Status(500, "Server Error"), actions.ServerFault, fleet.ReasonServerError},
		{"no answer", githubtest.Reset(), actions.Unreachable, fleet.ReasonUnreachable},
		{"no list", githubtest.Body("application/json", "{}"), actions.Malformed, fleet.ReasonUnreadable},
		{"single sign-on", githubtest.Status(403, "SAML", "X-GitHub-SSO", "required"), actions.SSO, fleet.ReasonForbidden},
		{"401", githubtest.Status(401, "Bad credentials"), actions.BadCredentials, ""},
		{"422", githubtest.Status(422, "Validation Failed"), actions.Unexpected, ""},
		{"a rate limit", githubtest.Status(429, "slow down", "Retry-After", "3600"), actions.SecondaryLimit, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, named := range []bool{false, true} {
				server := githubtest.NewInMemory(t, fleetOf(3, 3))
				server.FailAlways("runs", githubtest.Path(runsOfOne), tc.fault)
				sel := fleet.Selection{Repositories: entries(t, "app-*")}
				if named {
					sel.Repositories = entries(t, "app-0", "app-1", "app-2")
				}
				got, report, err := read(t.Context(), newClient(t, server, config{}), sel)
				if !named && tc.want != "" {
					if err != nil || got.runs() != "app-0/3 app-0/2 app-0/1 app-2/3 app-2/2 app-2/1" || problems(report) != "app-1 0 "+string(tc.want) || report.Complete() {
						t.Errorf("%s, problems %s, complete %v, %v", got.runs(), problems(report), report.Complete(), err)
					}
					if p := report.Problems[0]; p.RunID != nil || p.Err == nil || p.Err.Kind != tc.kind {
						t.Errorf("problem %+v", p)
					}
					continue
				}
				var entry *fleet.EntryError
				// A limit is the host's: the repository that meets it may be any of the three.
				hosts := tc.kind == actions.SecondaryLimit
				if !errors.Is(err, tc.kind) || errors.As(err, &entry) != named || named && entry.Index != 1 && !hosts {
					t.Errorf("named %v: %v", named, err)
				}
			}
		})
	}
}

// TestARunThatCannotBeRead: the read continues, and tries the run once more at the end.
func TestARunThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		faults  []githubtest.Fault
		lasting githubtest.Fault
		want    string
	}{
		{"once", []githubtest.Fault{githubtest.Body("application/json", "{}")}, nil, ""},
		{"twice", []githubtest.Fault{githubtest.Body("application/json", "{}"), githubtest.Body("application/json", "{}")}, nil, "app-1 2 unreadable"},
		{"a lasting 5xx", nil, githubtest.Status(502, "Server Error"), "app-1 2 server_error"},
		{"a refusal", []githubtest.Fault{githubtest.Status(403, "no")}, nil, "app-1 2 forbidden"},
		{"a deleted run", []githubtest.Fault{githubtest.Status(410, "gone")}, nil, "app-1 2 not_found"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, entry := range []string{"*", "app-1"} {
				server := githubtest.NewInMemory(t, fleetOf(2, 3))
				if tc.lasting != nil {
					server.FailAlways("jobs", githubtest.Path(jobsOfTwo), tc.lasting)
				} else {
					server.FailWhere("jobs", githubtest.Path(jobsOfTwo), tc.faults...)
				}
				_, report, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, entry)})
				if err != nil || problems(report) != tc.want || report.Complete() != (tc.want == "") {
					t.Fatalf("problems %s, want %s; complete %v, %v", problems(report), tc.want, report.Complete(), err)
				}
				last := report.Repositories[len(report.Repositories)-1]
				if want := 3 - len(report.Problems); last.RunCount != want || last.JobCount != want {
					t.Errorf("%d runs, %d jobs, want %d", last.RunCount, last.JobCount, want)
				}
			}
		})
	}
}

// TestRunsThatVanish: a run that was deleted after it was listed is left out and reported. If all
// of several runs are missing, the token probably cannot read them.
func TestRunsThatVanish(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		entry string
		runs  int // of the repository
		gone  int // of these
		want  string
		err   bool
	}{
		{entry: "app-0", runs: 3, gone: 1}, {entry: "app-?", runs: 3, gone: 2},
		{entry: "app-0", runs: 1, gone: 1}, {entry: "app-?", runs: 1, gone: 1},
		{entry: "app-0", runs: 2, gone: 2, err: true}, {entry: "app-?", runs: 2, gone: 2, want: "app-0 0 not_found"},
	} {
		server := githubtest.NewInMemory(t, fleetOf(1, tc.runs))
		for id := range tc.gone {
			path := fmt.Sprintf("/repos/acme/app-0/actions/runs/%d", id+1)
			server.Fail(path+"/jobs", githubtest.Status(404, "Not Found"))
			server.Fail(path, githubtest.Status(404, "Not Found"))
		}
		_, report, err := read(t.Context(), newClient(t, server, config{atOnce: 1}), fleet.Selection{Repositories: entries(t, tc.entry)})
		var entry *fleet.EntryError
		if errors.As(err, &entry) != tc.err || !tc.err && err != nil || tc.err && !errors.Is(err, actions.NotFound) {
			t.Errorf("%+v: %v", tc, err)
			continue
		}
		if tc.err {
			continue
		}
		vanished := len(report.Repositories[0].Vanished)
		if problems(report) != tc.want || tc.want == "" && vanished != tc.gone || report.RunCount != tc.runs-tc.gone {
			t.Errorf("%+v: problems %s, %d vanished, %d runs", tc, problems(report), vanished, report.RunCount)
		}
	}
}

// TestAReportDoesNotDependOnTheOrderOfAnswers: a plan must not change because another run failed first.
func TestAReportDoesNotDependOnTheOrderOfAnswers(t *testing.T) {
	t.Parallel()
	const runs = 8
	newest := fmt.Sprintf("acme/app-0 run %d", runs)
	for range 5 {
		for _, entry := range []string{"*", "app-0"} {
			server := githubtest.NewInMemory(t, fleetOf(2, runs))
			isRun := func(r githubtest.Request) bool { return strings.HasPrefix(r.Path, "/repos/acme/app-0/actions/runs/") }
			server.FailAlways("runs", isRun, githubtest.Status(http.StatusNotFound, "Not Found"))
			_, report, err := read(t.Context(), newClient(t, server, config{atOnce: runs}), fleet.Selection{Repositories: entries(t, entry)})
			failed := (*actions.Error)(nil)
			if !errors.As(err, &failed) && len(report.Problems) == 1 {
				failed = report.Problems[0].Err
			}
			if (err != nil) != (entry == "app-0") || failed == nil || failed.Object != newest {
				t.Errorf("%s: %+v, %v", entry, report.Problems, err)
			}
		}
	}
}

// TestDeletedRunsAreInOrder: the warning about them must not change either.
func TestDeletedRunsAreInOrder(t *testing.T) {
	t.Parallel()
	for range 5 {
		server := githubtest.NewInMemory(t, fleetOf(1, 8))
		isOld := func(r githubtest.Request) bool {
			return strings.Contains(r.Path, "/actions/runs/") && !strings.Contains(r.Path, "/actions/runs/8")
		}
		server.FailAlways("runs", isOld, githubtest.Status(http.StatusNotFound, "Not Found"))
		_, report, err := read(t.Context(), newClient(t, server, config{atOnce: 8}), fleet.Selection{Repositories: entries(t, "app-0")})
		if err != nil || fmt.Sprint(report.Repositories[0].Vanished) != "[7 6 5 4 3 2 1]" {
			t.Errorf("%v, %v", report.Repositories[0].Vanished, err)
		}
	}
}

// TestJobsThatAreMissing: only a run that answers 404 itself was deleted. Otherwise its jobs cannot be read,
// which is a problem, and for a repository without any readable run an error.
func TestJobsThatAreMissing(t *testing.T) {
	t.Parallel()
	noRoute := githubtest.Fault(http.NotFound)
	for _, tc := range []struct {
		name      string
		jobs, run githubtest.Fault // run: nil: it is there
		asks      int              // requests for the run
		message   string           // of the problem
		kind      actions.Kind     // of the error; empty: none
	}{
		{"a run that is there", githubtest.Status(404, "Not Found"), nil, 1, "the server shows the run, but not its jobs: Not Found", ""},
		{"a run that is refused", githubtest.Status(404, "Not Found"), githubtest.Status(403, "no"), 1, "Not Found", ""},
		{"a run that fails", githubtest.Status(404, "Not Found"), githubtest.Status(502, "Server Error"), 1, "Not Found", ""},
		{"a server without the run's endpoint", githubtest.Status(404, "Not Found"), noRoute, 1, "Not Found", ""},
		{"a server without the jobs' endpoint", noRoute, nil, 0, "", ""},
		{"a bad token", githubtest.Status(404, "Not Found"), githubtest.Status(401, "Bad credentials"), 1, "", actions.BadCredentials},
		{"a rate limit", githubtest.Status(404, "Not Found"), githubtest.Status(429, "slow down", "Retry-After", "3600"), 1, "", actions.SecondaryLimit},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			const run = "/repos/acme/app-0/actions/runs/2"
			for _, runs := range []int{2, 3} {
				server := githubtest.NewInMemory(t, fleetOf(1, runs))
				server.FailAlways("the jobs", githubtest.Path(run+"/jobs"), tc.jobs)
				if tc.run != nil {
					server.FailAlways("the run", githubtest.Path(run), tc.run)
				}
				_, report, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, "app-0")})
				asks := 0
				for _, r := range server.Requests() {
					if r.Path == run {
						asks++
					}
				}
				if tc.kind != "" {
					if !errors.Is(err, tc.kind) {
						t.Errorf("got %v", err)
					}
					continue
				}
				if err != nil || problems(report) != "app-0 2 not_found" || report.Complete() || report.RunCount != runs-1 || len(report.Repositories[0].Vanished) > 0 || asks != tc.asks {
					t.Fatalf("problems %s, complete %v, %d runs, asked for the run %d times, %v", problems(report), report.Complete(), report.RunCount, asks, err)
				}
				if got := report.Problems[0].Err.Error(); !strings.HasSuffix(got, tc.message) {
					t.Errorf("got %s", got)
				}
			}
		})
	}
}

// TestTheOnlyRunWhoseJobsAreMissing: the token may lack access to jobs, so the read must not look complete.
func TestTheOnlyRunWhoseJobsAreMissing(t *testing.T) {
	t.Parallel()
	for _, entry := range []string{"app-0", "app-?"} {
		server := githubtest.NewInMemory(t, fleetOf(1, 1))
		server.FailAlways("the jobs", githubtest.Path("/repos/acme/app-0/actions/runs/1/jobs"), githubtest.Status(404, "Not Found"))
		_, report, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, entry)})
		var named *fleet.EntryError
		if isNamed := entry == "app-0"; errors.As(err, &named) != isNamed || !isNamed && (err != nil || problems(report) != "app-0 1 not_found") {
			t.Errorf("%s: problems %s, %v", entry, problems(report), err)
		}
	}
}

// TestNoRunOfANamedRepository: if none of its runs can be read, the read fails for the repository.
func TestNoRunOfANamedRepository(t *testing.T) {
	t.Parallel()
	server := githubtest.NewInMemory(t, fleetOf(1, 3))
	server.FailAlways("jobs", func(r githubtest.Request) bool { return strings.HasSuffix(r.Path, "/jobs") }, githubtest.Status(403, "Resource not accessible"))
	_, _, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, "app-0")})
	var entry *fleet.EntryError
	if !errors.As(err, &entry) || !errors.Is(err, actions.Forbidden) {
		t.Errorf("got %v", err)
	}
}

// TestAHostThatIsDown: the read ends, instead of reporting a problem for each of a thousand runs.
func TestAHostThatIsDown(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ repositories, runs int }{{1, 100}, {50, 2}, {2, 300}, {3, 100}} {
		world := fleetOf(tc.repositories, tc.runs)
		world.Repository("acme/quiet") // has no runs
		server := githubtest.NewInMemory(t, world)
		var isDown atomic.Bool
		server.FailAlways("everything, from the first request for jobs on", func(r githubtest.Request) bool {
			if strings.HasSuffix(r.Path, "/jobs") {
				isDown.Store(true)
			}
			return isDown.Load()
		}, githubtest.Reset())
		_, _, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, "*"), MaxRuns: tc.runs})
		if !errors.Is(err, actions.Unreachable) {
			t.Errorf("%d repositories: %v", tc.repositories, err)
		}
		if n := kinds(server)["jobs"]; n > 30 {
			t.Errorf("%d repositories: %d requests", tc.repositories, n)
		}
	}
}

// TestSomeRunsThatCannotBeRead: they never cost the rest of the read, however many they are and wherever.
func TestSomeRunsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name               string
		repositories, runs int
		broken             func(repository string, run int) bool
		taken, problems    int
	}{
		{"scattered in the only repository", 1, 400, func(_ string, run int) bool { return run%16 == 0 }, 375, 25},
		{"all of one of several", 3, 60, func(repository string, _ int) bool { return repository == "app-1" }, 120, 60},
		{"scattered in several", 3, 100, func(_ string, run int) bool { return run%10 == 0 }, 270, 30},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.NewInMemory(t, fleetOf(tc.repositories, tc.runs))
			server.FailAlways("jobs", func(r githubtest.Request) bool {
				parts := strings.Split(r.Path, "/") // "", repos, acme, app-0, actions, runs, 1, jobs
				if len(parts) != 8 {
					return false
				}
				run, err := strconv.Atoi(parts[6])
				return err == nil && tc.broken(parts[3], run)
			}, githubtest.Status(502, "Bad Gateway"))
			got, report, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, "*"), MaxRuns: tc.runs})
			if err != nil || len(got.items) != tc.taken || len(report.Problems) != tc.problems || report.Complete() {
				t.Errorf("%d runs, %d problems, complete %v, %v", len(got.items), len(report.Problems), report.Complete(), err)
			}
		})
	}
}

// TestALimitAmongFailures: a limit that the request about another repository meets is not an outage, so
// the read ends with the limit and not with a failure of the broken repository.
func TestALimitAmongFailures(t *testing.T) {
	t.Parallel()
	server := githubtest.NewInMemory(t, fleetOf(2, 60))
	server.FailAlways("app-0", func(r githubtest.Request) bool {
		return strings.HasPrefix(r.Path, "/repos/acme/app-0/") && strings.HasSuffix(r.Path, "/jobs")
	}, githubtest.Status(502, "Bad Gateway"))
	server.FailAlways("the question about app-1", func(r githubtest.Request) bool { return r.Query.Get("per_page") == "1" }, githubtest.Status(429, "slow down", "Retry-After", "3600"))
	_, _, err := read(t.Context(), newClient(t, server, config{atOnce: 1}), fleet.Selection{Repositories: entries(t, "*")})
	if !errors.Is(err, actions.SecondaryLimit) {
		t.Errorf("got %v", err)
	}
}

// TestListsThatCannotBeRead: the second pass over the lists never ends the read either.
func TestListsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const repositories = 200
	server := githubtest.NewInMemory(t, fleetOf(repositories, 1))
	server.FailAlways("every eighth list", func(r githubtest.Request) bool {
		var n int
		_, err := fmt.Sscanf(r.Path, "/repos/acme/app-%d/actions/runs", &n)
		return err == nil && strings.HasSuffix(r.Path, "/actions/runs") && n%8 == 0
	}, githubtest.Status(502, "Bad Gateway"))
	got, report, err := read(t.Context(), newClient(t, server, config{atOnce: 1}), fleet.Selection{Repositories: entries(t, "*")})
	if err != nil || len(got.items) != repositories-25 || len(report.Problems) != 25 {
		t.Errorf("%d runs, %d problems, %v", len(got.items), len(report.Problems), err)
	}
}

// TestAWorkflowThatNoReadableOneHas: what cannot be read may have it, so this is a problem and no error.
func TestAWorkflowThatNoReadableOneHas(t *testing.T) {
	t.Parallel()
	server := githubtest.NewInMemory(t, fleetOf(2, 1))
	server.AllowMissing("/repos/acme/app-0/actions/workflows/none.yml/runs")
	server.FailAlways("app-1", func(r githubtest.Request) bool { return strings.HasPrefix(r.Path, "/repos/acme/app-1/") }, githubtest.Status(451, "Repository access blocked"))
	_, report, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, "*"), Runs: actions.RunsQuery{Workflow: "none.yml"}})
	if err != nil || problems(report) != "app-1 0 blocked" || report.Complete() || report.RunCount != 0 || len(report.Repositories) != 2 {
		t.Errorf("problems %s, complete %v, %d runs of %d repositories, %v", problems(report), report.Complete(), report.RunCount, len(report.Repositories), err)
	}
}

func TestAWorkflowThatSomeLack(t *testing.T) {
	t.Parallel()
	world := fleetOf(3, 2)
	world.Repository("acme/app-1").Run(9, 1, githubtest.Object{"path": ".github/workflows/cd.yml", "workflow_id": int64(12)}).Job(90, 9, nil)
	for _, tc := range []struct {
		entry, workflow, want string
		requests              map[string]int
	}{
		{"*", "cd.yml", "app-1/9", map[string]int{"repositories": 1, "runs": 3, "jobs": 1}},
		{"*", "none.yml", "none of 3 repositories has the workflow none.yml: acme/app-0 runs of workflow none.yml: not found or not visible: HTTP 404: Not Found", nil},
		{"app-0", "cd.yml", "repositories[0]: acme/app-0 runs of workflow cd.yml: not found or not visible: HTTP 404: Not Found", nil},
	} {
		server := githubtest.NewInMemory(t, world)
		for i := range 3 {
			for _, name := range []string{"cd.yml", "none.yml"} {
				server.AllowMissing(fmt.Sprintf("/repos/acme/app-%d/actions/workflows/%s/runs", i, name))
			}
		}
		got, report, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, tc.entry), Runs: actions.RunsQuery{Workflow: tc.workflow}})
		if tc.requests == nil {
			if err == nil || err.Error() != tc.want || !errors.Is(err, actions.NotFound) {
				t.Errorf("%s in %s: %v", tc.workflow, tc.entry, err)
			}
			continue
		}
		if err != nil || got.runs() != tc.want || len(report.Repositories) != 3 || !report.Complete() {
			t.Errorf("%s, %d repositories, %v", got.runs(), len(report.Repositories), err)
		}
		wantRequests(t, server, tc.requests)
	}
}

// TestAnOwnerWhoseListIsPartial: this is a problem of the owner, once for all its patterns.
func TestAnOwnerWhoseListIsPartial(t *testing.T) {
	t.Parallel()
	server := githubtest.NewInMemory(t, fleetOf(2, 1))
	server.FailAlways("the list", githubtest.Path("/orgs/acme/repos"), githubtest.Fault(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-GitHub-SSO", "partial-results; organizations=1")
		githubtest.Body("application/json", `[{"id":1,"full_name":"acme/app-0"}]`)(w, r)
	}))
	got, report, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, "app-?", "acme/*", "app-1")})
	if err != nil || got.runs() != "app-0/1 app-1/1" || problems(report) != "* 0 forbidden" || report.Complete() {
		t.Errorf("%s, problems %s, complete %v, %v", got.runs(), problems(report), report.Complete(), err)
	}
}

func TestAnOwnerThatCannotBeListed(t *testing.T) {
	t.Parallel()
	server := githubtest.NewInMemory(t, fleetOf(1, 1))
	server.AllowMissing("/orgs/nobody/repos", "/users/nobody/repos")
	_, _, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, "app-0", "nobody/*")})
	var entry *fleet.EntryError
	if !errors.As(err, &entry) || entry.Index != 1 || !errors.Is(err, actions.NotFound) {
		t.Errorf("got %v", err)
	}
}

// TestAReadThatIsCancelled: it ends with an error, at any stage.
func TestAReadThatIsCancelled(t *testing.T) {
	t.Parallel()
	for after := range 12 {
		server := githubtest.NewInMemory(t, fleetOf(2, 5))
		ctx, cancel := context.WithCancel(t.Context())
		left := after
		_, err := fleet.Read(ctx, newClient(t, server, config{atOnce: 1}), fleet.Selection{Repositories: entries(t, "*")}, fleet.Options{}, func(fleet.Item) {
			if left--; left == 0 {
				cancel()
			}
		})
		if cancelled := ctx.Err() != nil; cancelled != errors.Is(err, actions.OutOfTime) && after != 10 || err != nil && !cancelled {
			t.Errorf("cancelled after %d: %v", after, err)
		}
		cancel()
	}
}

// TestFinishedRunsWithoutAnyJob: the report says so, because the token may lack access to jobs.
func TestFinishedRunsWithoutAnyJob(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	world.Repository("acme/app").Run(1, 1, nil)
	_, report, err := read(t.Context(), newClient(t, githubtest.NewInMemory(t, world), config{}), fleet.Selection{Repositories: entries(t, "app")})
	if err != nil || !report.NoJobs() {
		t.Errorf("%+v, %v", report, err)
	}
	world.Repository("acme/app").Run(1, 1, githubtest.Object{"status": "queued"})
	_, report, err = read(t.Context(), newClient(t, githubtest.NewInMemory(t, world), config{}), fleet.Selection{Repositories: entries(t, "app")})
	if err != nil || report.NoJobs() {
		t.Errorf("a queued run: %+v, %v", report, err)
	}
}
