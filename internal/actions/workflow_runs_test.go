package actions_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

const runsPath = "/repos/acme/app/actions/runs"

// manyRuns is acme/app with n runs of one job each, a minute apart; the highest ID is the newest.
func manyRuns(n int) *githubtest.World {
	w := githubtest.NewWorld()
	r := w.Repository("acme/app")
	for i := range n {
		id := int64(i + 1)
		at := fmt.Sprintf("2026-05-%02dT%02d:%02d:00Z", 1+i/1440, i/60%24, i%60)
		r.Run(id, 1, githubtest.Object{"created_at": at, "updated_at": at}).Job(id*10, id, nil)
	}
	return w
}

func TestWorkflowRunsNewestFirst(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		have, most, want int
		requests         int
		more             bool
	}{
		{have: 0, most: 100, want: 0, requests: 1},
		{have: 5, most: 100, want: 5, requests: 1},
		{have: 5, most: 1, want: 1, requests: 1, more: true},
		{have: 250, most: 100, want: 100, requests: 1, more: true},
		{have: 250, most: 150, want: 150, requests: 2, more: true},
		{have: 250, most: 1000, want: 250, requests: 3},
		{have: 1200, most: 1000, want: 1000, requests: 10, more: true},
	} {
		t.Run(fmt.Sprintf("%d of %d", tc.most, tc.have), func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, manyRuns(tc.have))
			query := actions.RunsQuery{Repository: app(t), Max: tc.most}
			got, err := newClient(t, server, 10).WorkflowRuns(t.Context(), query)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Runs) != tc.want || got.Total == nil || *got.Total != int64(tc.have) || got.More(query) != tc.more {
				t.Fatalf("%d runs of %v, more is %v", len(got.Runs), got.Total, got.More(query))
			}
			for i, run := range got.Runs {
				if job.Value(run.ID) != int64(tc.have-i) {
					t.Fatalf("place %d holds run %d", i, job.Value(run.ID))
				}
			}
			if n := len(server.Requests()); n != tc.requests {
				t.Errorf("%d requests, want %d", n, tc.requests)
			}
		})
	}
}

func TestWorkflowRunsSendEveryFilter(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	_, err := newClient(t, server, 10).WorkflowRuns(t.Context(), actions.RunsQuery{
		Repository: app(t), Workflow: "ci.yml", Branch: "feature/ä b&c", Event: "push", Actor: "acme-bot", Status: "success",
		Created: ">=2026-05-01", HeadSHA: "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0", Max: 7,
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = "/repos/acme/app/actions/workflows/ci.yml/runs?actor=acme-bot&branch=feature%2F%C3%A4+b%26c&created=%3E%3D2026-05-01&event=push&exclude_pull_requests=true&head_sha=f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0&page=1&per_page=7&status=success"
	if got := server.Requests()[0].String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestRunsThatStartMeanwhile: a run that starts between two requests moves another one to the next
// page, so that it appears twice. Each run is listed once.
func TestRunsThatStartMeanwhile(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.NewWorld())
	asked := 0
	server.Handle(runsPath, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++ // the first page goes alone, and there are two
		number, _ := strconv.Atoi(r.URL.Query().Get("page"))
		all := []githubtest.Object{}
		for id := 149 + asked; id > 0; id-- {
			all = append(all, githubtest.Object{"id": id, "created_at": fmt.Sprintf("2026-05-04T%02d:%02d:00Z", id/60, id%60)})
		}
		githubtest.SendJSON(w, r, githubtest.Object{"total_count": len(all), "workflow_runs": all[(number-1)*100 : min(number*100, len(all))]})
	}))
	got, err := newClient(t, server, 10).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Max: 150})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[int64]bool{}
	for _, run := range got.Runs {
		ids[job.Value(run.ID)] = true
	}
	if len(got.Runs) != 150 || len(ids) != 150 || !slices.IsSortedFunc(got.Runs, func(a, b *job.Run) int { return int(job.Value(b.ID) - job.Value(a.ID)) }) {
		t.Errorf("%d runs, %d of them different", len(got.Runs), len(ids))
	}
}

func TestWorkflowRunsThatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, body, reason string }{
		{"no list", `{"total_count":0}`, "the answer has no list of runs"},
		{"another list", `{"total_count":0,"jobs":null}`, "the answer has no list of runs"},
		{"a null list without a count", `{"workflow_runs":null}`, "the answer has no list of runs"},
		{"a null list with a null count", `{"total_count":null,"workflow_runs":null}`, "the answer has no list of runs"},
		{"a null list with a count", `{"total_count":1,"workflow_runs":null}`, "the answer has no list of runs"},
		{"a null run", `{"total_count":1,"workflow_runs":[null]}`, "run 0 of the list has no id"},
		{"a run without an id", `{"total_count":1,"workflow_runs":[{}]}`, "run 0 of the list has no id"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.NewWorld())
			server.Handle(runsPath, http.HandlerFunc(githubtest.Body("application/json", tc.body)))
			_, err := newClient(t, server, 10).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Max: 10})
			var e *actions.Error
			if !errors.As(err, &e) || e.Kind != actions.Malformed || e.Reason != tc.reason || e.Object != "acme/app workflow runs" {
				t.Errorf("got %v, want %s", err, tc.reason)
			}
		})
	}
}

func TestAWorkflowThatIsNotThere(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	server.ExpectMissing("/repos/acme/app/actions/workflows/cd.yml/runs")
	_, err := newClient(t, server, 10).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Workflow: "cd.yml", Max: 10})
	wantMissing(t, err, actions.PartWorkflow)
}

func TestMoreIsTrueWhenNobodyTells(t *testing.T) {
	t.Parallel()
	w := actions.WorkflowRuns{Runs: make([]*job.Run, 5)}
	if !w.More(actions.RunsQuery{Max: 5}) || w.More(actions.RunsQuery{Max: 6}) {
		t.Error("want more with all that was wanted, and none below that")
	}
}

func TestParseWorkflow(t *testing.T) {
	t.Parallel()
	for s, good := range map[string]bool{
		"ci.yml": true, "123": true, "build and test.yml": true, "ci+release.yml": true, "größe#%.yml": true, "a b": true,
		"": false, ".": false, "..": false, "a/b.yml": false, `a\b.yml`: false, "a\nb": false,
		" ci.yml": false, "ci.yml ": false, "ci.yml\n": false, "\u00a0ci.yml": false, " ": false, "*.yml": false, "ci?.yml": false,
	} {
		if _, err := actions.ParseWorkflow(s); (err == nil) != good {
			t.Errorf("%q: %v", s, err)
		}
	}
	server := githubtest.New(t, githubtest.NewWorld())
	server.Handle("/repos/acme/app/actions/workflows/a ?#%2e.yml/runs", http.HandlerFunc(githubtest.Body("application/json", `{"total_count":0,"workflow_runs":[]}`)))
	if _, err := newClient(t, server, 1).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Workflow: "a ?#%2e.yml", Max: 1}); err != nil {
		t.Error(err)
	}
}
