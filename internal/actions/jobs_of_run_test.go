package actions_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// wholeClient uses internal/transport, as the provider does.
func wholeClient(tb testing.TB, server *githubtest.Server, folder string) *actions.Client {
	tb.Helper()
	base, err := url.Parse(server.BaseURL())
	if err != nil {
		tb.Fatal(err)
	}
	client, err := transport.New(transport.Config{BaseURL: base, CacheDir: folder, Base: server.RoundTripper()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(client.CloseIdleConnections)
	return actions.NewClient(actions.Config{HTTP: client, BaseURL: base, UserAgent: "test", MaxConcurrent: 10})
}

func listedRun(t *testing.T, client *actions.Client) *job.Run {
	t.Helper()
	list, err := client.WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Max: 1})
	if err != nil {
		t.Fatal(err)
	}
	return list.Runs[0]
}

func requestsFor(server *githubtest.Server, path string) (n int) {
	for _, r := range server.Requests() {
		if r.Path == path {
			n++
		}
	}
	return n
}

// TestAFinishedRunIsAskedForOnce: for any number of callers and any filter, at the same time or
// later, with and without a cache folder.
func TestAFinishedRunIsAskedForOnce(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"", t.TempDir()} {
		server := githubtest.NewInMemory(t, world(3, 0))
		client := wholeClient(t, server, folder)
		run := listedRun(t, client)
		query := actions.JobsQuery{Repository: app(t), Run: run}
		if client.JobsKept(t.Context(), query) || !query.CanKeep() {
			t.Error("the jobs are kept before they are read, or cannot be kept")
		}
		var wg sync.WaitGroup
		for _, filter := range []job.Filter{"", job.FilterLatest, job.FilterAll, job.FilterFinal} {
			for range 4 {
				wg.Go(func() {
					jobs, err := client.JobsOfRun(t.Context(), actions.JobsQuery{Repository: app(t), Run: run, Filter: filter})
					if err != nil || len(jobs) != 3 {
						t.Errorf("%q: %d jobs, %v", filter, len(jobs), err)
					}
				})
			}
		}
		wg.Wait()
		if n := requestsFor(server, jobsPath); n != 1 {
			t.Errorf("folder %q: %d requests, want 1", folder, n)
		}
		if !client.JobsKept(t.Context(), query) || client.HasCache() != (folder != "") {
			t.Errorf("folder %q: the jobs are not kept, or HasCache is %v", folder, client.HasCache())
		}
	}
}

// TestAReadingThatIsThrownAwayIsNotKept: a list that changes while it is read is read again. If the server
// then fails on large pages, the second reading has smaller ones, and the page of the first reading, with
// its wrong count, would be found by each later caller.
func TestAReadingThatIsThrownAwayIsNotKept(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"", t.TempDir()} {
		server := githubtest.NewInMemory(t, world(3, 0))
		server.FailWhere("the first page", func(r githubtest.Request) bool {
			return r.Path == jobsPath && r.Query.Get("page") == "1" && r.Query.Get("per_page") == "100"
		}, githubtest.Body("application/json", `{"total_count":4,"jobs":[{"id":1,"run_id":700,"status":"completed"}]}`), githubtest.Status(http.StatusBadGateway, "Server Error"))
		client := wholeClient(t, server, folder)
		query := actions.JobsQuery{Repository: app(t), Run: listedRun(t, client)}
		for n := range 2 {
			if jobs, err := client.JobsOfRun(t.Context(), query); err != nil || len(jobs) != 3 {
				t.Errorf("folder %q, call %d: %d jobs, %v", folder, n, len(jobs), err)
			}
		}
	}
}

// TestWhatIsNotKept: the jobs of an unfinished run, an empty list, and a list that has changed.
func TestWhatIsNotKept(t *testing.T) {
	t.Parallel()
	running := world(1, 0)
	running.Repository("acme/app").Run(700, 1, githubtest.Object{"status": "in_progress", "conclusion": nil})
	lagging := world(1, 0)
	lagging.Repository("acme/app").Job(1, 700, githubtest.Object{"status": "in_progress", "conclusion": nil})
	for name, w := range map[string]*githubtest.World{"an unfinished run": running, "no jobs": world(0, 0), "an unfinished job": lagging} {
		server := githubtest.NewInMemory(t, w)
		client := wholeClient(t, server, "")
		query := actions.JobsQuery{Repository: app(t), Run: listedRun(t, client)}
		for range 2 {
			if _, err := client.JobsOfRun(t.Context(), query); err != nil {
				t.Fatal(err)
			}
		}
		if n := requestsFor(server, jobsPath); n != 2 || client.JobsKept(t.Context(), query) {
			t.Errorf("%s: %d requests, kept %v", name, n, client.JobsKept(t.Context(), query))
		}
	}
}

// TestARerunThatStartsMeanwhile: a caller that wants all attempts still gets the jobs of the first
// one.
func TestARerunThatStartsMeanwhile(t *testing.T) {
	t.Parallel()
	for filter, want := range map[job.Filter]int{job.FilterLatest: 1, job.FilterAll: 4, job.FilterFinal: 4} {
		server := githubtest.NewInMemory(t, world(3, 0))
		client := wholeClient(t, server, "")
		run := listedRun(t, client)
		server.Update(func(w *githubtest.World) {
			w.Repository("acme/app").Run(700, 2, githubtest.Object{"status": "in_progress"}).Job(9, 700, githubtest.Object{"run_attempt": 2, "name": "again"})
		})
		query := actions.JobsQuery{Repository: app(t), Run: run, Filter: filter}
		jobs, err := client.JobsOfRun(t.Context(), query)
		if err != nil || len(jobs) != want || client.JobsKept(t.Context(), query) {
			t.Errorf("%s: %d jobs, want %d; %v", filter, len(jobs), want, err)
		}
	}
}

// TestACallerThatLeavesItsTurn: a caller that waits for another one stops if its context ends.
func TestACallerThatLeavesItsTurn(t *testing.T) {
	t.Parallel()
	server := githubtest.NewInMemory(t, world(1, 0))
	arrived, answer := make(chan struct{}), make(chan struct{})
	client := wholeClient(t, server, "")
	run := listedRun(t, client)
	server.FailWhere("jobs", githubtest.Path(jobsPath), func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-answer
		githubtest.Status(http.StatusNotFound, "Not Found")(w, r)
	})
	query := actions.JobsQuery{Repository: app(t), Run: run}
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := client.JobsOfRun(t.Context(), query); err == nil {
			t.Error("want the first caller's 404")
		}
	})
	<-arrived
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client.JobsOfRun(ctx, query)
	if !errors.Is(err, actions.OutOfTime) {
		t.Errorf("got %v", err)
	}
	close(answer)
	wg.Wait()
	if jobs, err := client.JobsOfRun(t.Context(), query); err != nil || len(jobs) != 1 {
		t.Errorf("after the failure: %d jobs, %v", len(jobs), err)
	}
}
