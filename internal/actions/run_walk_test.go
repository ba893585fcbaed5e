package actions_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// runsAt is acme/app with a run for each time, IDs from 1, oldest first.
func runsAt(times ...time.Time) *githubtest.World {
	w := githubtest.NewWorld()
	r := w.Repository("acme/app")
	for i, at := range times {
		addRun(r, int64(i+1), at)
	}
	return w
}

func addRun(r *githubtest.Repository, id int64, at time.Time) {
	r.Run(id, 1, githubtest.Object{"created_at": at.Format(time.RFC3339), "updated_at": at.Format(time.RFC3339)})
}

func runEpoch() time.Time { return time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC) }

// spread is n times from the first, each later than the one before it.
func spread(n int, step time.Duration) []time.Time {
	times := make([]time.Time, n)
	for i := range times {
		times[i] = runEpoch().Add(time.Duration(i) * step)
	}
	return times
}

// before calls a function before each request is sent.
type before struct {
	next   http.RoundTripper
	call   func(request int, r *http.Request)
	mu     sync.Mutex
	asked  int
	active sync.Mutex // one request at a time, so that the order is the test's
}

func (b *before) RoundTrip(r *http.Request) (*http.Response, error) {
	b.active.Lock()
	defer b.active.Unlock()
	b.mu.Lock()
	b.asked++
	n := b.asked
	b.mu.Unlock()
	b.call(n, r)
	return b.next.RoundTrip(r)
}

func clientOver(tb testing.TB, server *githubtest.Server, wire http.RoundTripper) *actions.Client {
	tb.Helper()
	base, err := url.Parse(server.BaseURL())
	if err != nil {
		tb.Fatal(err)
	}
	return actions.NewClient(actions.Config{HTTP: &http.Client{Transport: wire}, BaseURL: base, UserAgent: "test", MaxConcurrent: 10})
}

// wantRuns fails unless the runs are these IDs, from the newest down to the oldest.
func wantRuns(t *testing.T, runs []*job.Run, newest, oldest int64) {
	t.Helper()
	if int64(len(runs)) != newest-oldest+1 {
		t.Errorf("%d runs, want %d", len(runs), newest-oldest+1)
		return
	}
	for i, run := range runs {
		if job.Value(run.ID) != newest-int64(i) {
			t.Fatalf("place %d holds run %d, want %d", i, job.Value(run.ID), newest-int64(i))
		}
	}
}

func TestRunsBeyondAThousand(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name           string
		times          []time.Time
		query          actions.RunsQuery
		newest, oldest int64
		requests       int
		more           bool
	}{
		{"a filtered list", spread(2500, time.Minute), actions.RunsQuery{Event: "push", Max: 10_000}, 2500, 1, 10 + 10 + 6, false},
		{"no more than are wanted", spread(2500, time.Minute), actions.RunsQuery{Event: "push", Max: 1500}, 2500, 1001, 10 + 6, true},
		{"exactly as many as there are", spread(1500, time.Minute), actions.RunsQuery{Event: "push", Max: 1500}, 1500, 1, 10 + 6, false},
		{"a thousand, and no more than that", spread(1000, time.Minute), actions.RunsQuery{Event: "push", Max: 1001}, 1000, 1, 10 + 1, false},
		{
			"within a range", spread(2500, time.Minute), actions.RunsQuery{Created: "2026-05-01T00:10..2026-05-02T00:00", Max: 10_000},
			1441, 11, 10 + 5, false,
		},
		{"hundreds in one second", spread(2500, 2*time.Millisecond), actions.RunsQuery{Event: "push", Max: 10_000}, 2500, 1, 0, false},
		{"an unfiltered list", spread(2500, time.Minute), actions.RunsQuery{Max: 10_000}, 2500, 1, 25, false},
		{"a workflow's list", spread(1200, time.Minute), actions.RunsQuery{Workflow: "ci.yml", Max: 10_000}, 1200, 1, 12, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, runsAt(tc.times...))
			query := tc.query
			query.Repository = app(t)
			got, err := newClient(t, server, 10).WorkflowRuns(t.Context(), query)
			if err != nil {
				t.Fatal(err)
			}
			wantRuns(t, got.Runs, tc.newest, tc.oldest)
			if got.More(query) != tc.more || got.Short || got.Cut || len(got.Unchecked) > 0 {
				t.Errorf("more is %v, short %v, cut %v, unchecked %v", got.More(query), got.Short, got.Cut, got.Unchecked)
			}
			if n := len(server.Requests()); tc.requests > 0 && n != tc.requests {
				t.Errorf("%d requests, want %d", n, tc.requests)
			}
		})
	}
}

// TestRunsBeyondAThousandWhileRunsStart: a run starts before each request. Each run that was there
// at the start is listed exactly once.
func TestRunsBeyondAThousandWhileRunsStart(t *testing.T) {
	t.Parallel()
	for _, event := range []string{"push", ""} {
		for _, step := range []time.Duration{time.Minute, 3 * time.Millisecond} {
			t.Run(fmt.Sprintf("event %q, a run each %s", event, step), func(t *testing.T) {
				t.Parallel()
				times := spread(2500, step)
				server := githubtest.New(t, runsAt(times...))
				transport := &http.Transport{}
				t.Cleanup(transport.CloseIdleConnections)
				wire := &before{next: transport, call: func(n int, _ *http.Request) {
					server.Update(func(w *githubtest.World) {
						addRun(w.Repository("acme/app"), int64(2500+n), times[2499].Add(time.Duration(n)*step))
					})
				}}
				query := actions.RunsQuery{Repository: app(t), Event: event, Max: 10_000}
				got, err := clientOver(t, server, wire).WorkflowRuns(t.Context(), query)
				if err != nil {
					t.Fatal(err)
				}
				seen := map[int64]int{}
				for _, run := range got.Runs {
					seen[job.Value(run.ID)]++
				}
				for id := int64(1); id <= 2500; id++ {
					if seen[id] != 1 {
						t.Fatalf("run %d came %d times", id, seen[id])
					}
				}
				if got.Short || got.Cut || got.More(query) {
					t.Errorf("short %v, cut %v, more %v", got.Short, got.Cut, got.More(query))
				}
				t.Logf("%d requests for %d runs", wire.asked, len(got.Runs))
			})
		}
	}
}

// TestARunThatGoesWhileRunsAreRead: a later run moves to a page that was already read. The list is
// read again.
func TestARunThatGoesWhileRunsAreRead(t *testing.T) {
	t.Parallel()
	times := spread(1500, time.Minute)
	server := githubtest.New(t, runsAt(times...))
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	wire := &before{next: transport, call: func(n int, _ *http.Request) {
		if n == 4 { // run 1450 stops matching
			server.Update(func(w *githubtest.World) {
				w.Repository("acme/app").Run(1450, 1, githubtest.Object{"event": "schedule", "created_at": times[1449].Format(time.RFC3339)})
			})
		}
	}}
	got, err := clientOver(t, server, wire).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Event: "push", Max: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Runs) != 1000 || job.Value(got.Runs[999].ID) != 500 {
		t.Errorf("%d runs, the last is %d", len(got.Runs), job.Value(got.Runs[len(got.Runs)-1].ID))
	}
	if wire.asked < 20 { // 21, when the pages of the first reading come out of order
		t.Errorf("%d requests, want two readings", wire.asked)
	}
}

// TestMoreThanAThousandInOneSecond: older runs cannot be listed, so the answer says that it is
// incomplete.
func TestMoreThanAThousandInOneSecond(t *testing.T) {
	t.Parallel()
	for _, newer := range []int{0, 300} {
		times := append(spread(20, time.Second), slices.Repeat([]time.Time{runEpoch().Add(time.Minute)}, 1200)...)
		for i := range newer {
			times = append(times, runEpoch().Add(time.Hour+time.Duration(i)*time.Second))
		}
		server := githubtest.New(t, runsAt(times...))
		query := actions.RunsQuery{Repository: app(t), Event: "push", Max: 10_000}
		got, err := newClient(t, server, 10).WorkflowRuns(t.Context(), query)
		if err != nil || !got.Cut || !got.More(query) {
			t.Errorf("%d newer: cut %v, more %v, %v", newer, got.Cut, got.More(query), err)
		}
		wantRuns(t, got.Runs[:newer], int64(1220+newer), 1221)
		if len(got.Runs) != newer+1000 {
			t.Errorf("%d newer: %d runs", newer, len(got.Runs))
		}
	}
}

// endsAtThousand is a server that shows only the first 1,000 runs of any list, and that may not know the
// range.
func endsAtThousand(n int, knowsCreated, dated, says bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		number, _ := strconv.Atoi(query.Get("page"))
		size, _ := strconv.Atoi(query.Get("per_page"))
		created, _ := actions.ParseCreated(query.Get("created"))
		all := []any{}
		total := 0
		for id := n; id > 0; id-- {
			at := runEpoch().Add(time.Duration(id) * time.Minute)
			if knowsCreated && query.Get("created") != "" && !created.Has(at) {
				continue
			}
			run := githubtest.Object{"id": id}
			if dated {
				run["created_at"] = at.Format(time.RFC3339)
			}
			if total++; total <= 1000 {
				all = append(all, run)
			}
		}
		answer := githubtest.Object{"workflow_runs": all[min(len(all), (number-1)*size):min(len(all), number*size)]}
		if says {
			answer["total_count"] = total
		}
		githubtest.SendJSON(w, r, answer)
	}
}

func TestServersThatEndEveryListAtAThousand(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name                      string
		knowsCreated, dated, says bool
		want                      int
		cut                       bool
	}{
		{"it says how many there are", true, true, true, 2500, false},
		{"it does not say how many there are", true, true, false, 2500, false},
		{"it ignores the range", false, true, true, 1000, true},
		{"it sends no creation times", true, false, true, 1000, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.NewWorld())
			server.Handle(runsPath, endsAtThousand(2500, tc.knowsCreated, tc.dated, tc.says))
			query := actions.RunsQuery{Repository: app(t), Max: 10_000}
			got, err := newClient(t, server, 10).WorkflowRuns(t.Context(), query)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Runs) != tc.want || got.Cut != tc.cut || got.More(query) != tc.cut {
				t.Errorf("%d runs, cut %v, more %v", len(got.Runs), got.Cut, got.More(query))
			}
		})
	}
}

func TestCreatedAsText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-05-04":                         "2026-05-04T00:00:00Z..2026-05-04T23:59:59Z",
		">=2026-05-04":                       ">=2026-05-04T00:00:00Z",
		">2026-05-04":                        ">=2026-05-05T00:00:00Z",
		"<=2026-05-04":                       "<=2026-05-04T23:59:59Z",
		"<2026-05-04":                        "<=2026-05-03T23:59:59Z",
		"2026-05-04..*":                      ">=2026-05-04T00:00:00Z",
		"2026-05-04T10:00..2026-05-04T12:00": "2026-05-04T10:00:00Z..2026-05-04T12:00:59Z",
		"2026-05-04T12:00:00+02:00":          "2026-05-04T10:00:00Z..2026-05-04T10:00:00Z",
		">=2026-05-04T10:00:00.5Z":           ">=2026-05-04T10:00:01Z",
	} {
		created, err := actions.ParseCreated(in)
		if err != nil || created.String() != want {
			t.Errorf("%s: %s, %v; want %s", in, created, err, want)
		}
		if again, err := actions.ParseCreated(created.String()); err != nil || again.String() != want {
			t.Errorf("%s: %s is read as %s, %v", in, want, again, err)
		}
	}
	if s := (actions.Created{}).String(); s != "" {
		t.Errorf("no range is %q", s)
	}
	at := time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
	created, _ := actions.ParseCreated("2026-05-01..2026-05-03")
	if got := created.UpTo(at).String(); !strings.HasSuffix(got, "..2026-05-03T23:59:59Z") {
		t.Errorf("a later end does not extend the range: %s", got)
	}
	if got := created.UpTo(at.AddDate(0, 0, -2)).String(); got != "2026-05-01T00:00:00Z..2026-05-02T10:00:00Z" {
		t.Errorf("an earlier end: %s", got)
	}
}
