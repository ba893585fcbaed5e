package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestPlay: what the runner sends for each way in which a job ends.
func TestPlay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, workflow, job, branch, attempt, payload string

		want   []string // requests: path, result, steps with their results, lines and whether these are all
		played int64
	}{
		{"a success", "ci.yml", "build", "main", "1", "", []string{
			"/UpdateTask  []", "/UpdateLog 6 true", "/UpdateTask RESULT_SUCCESS [RESULT_SUCCESS RESULT_SUCCESS]",
		}, 1},
		{"the first attempt on Windows", "ci.yml", "test", "main", "1", "windows", []string{
			"/UpdateTask  []", "/UpdateLog 9 true", "/UpdateTask RESULT_FAILURE [RESULT_SUCCESS RESULT_FAILURE]",
		}, 1},
		{"the second attempt on Windows", "ci.yml", "test", "main", "2", "windows", []string{
			"/UpdateTask  []", "/UpdateLog 6 true", "/UpdateTask RESULT_SUCCESS [RESULT_SUCCESS RESULT_SUCCESS]",
		}, 1},
		{"the second attempt of a broken commit", "ci.yml", "test", "broken", "2", "windows", []string{
			"/UpdateTask  []", "/UpdateLog 9 true", "/UpdateTask RESULT_FAILURE [RESULT_SUCCESS RESULT_FAILURE]",
		}, 1},
		{"a skipped job", "many.yml", "docs", "main", "1", "", []string{
			"/UpdateTask  []", "/UpdateLog 0 true", "/UpdateTask RESULT_SKIPPED []",
		}, 1},
		{"a job that is held", "held.yml", "hold", "main", "1", "", []string{"/UpdateTask  []", "/UpdateLog 6 false"}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got = append(got, summary(t, r))
			}))
			defer server.Close()
			r := &runner{client: client{base: server.URL}}
			err := r.play(t.Context(), &task{ID: 7, WorkflowPayload: []byte(tc.payload), Context: taskContext{
				Workflow: tc.workflow, Job: tc.job, RefName: tc.branch, RunAttempt: tc.attempt,
			}})
			if err != nil || !slices.Equal(got, tc.want) || r.played.Load() != tc.played || len(r.held) != int(1-tc.played) {
				t.Errorf("%q, %v, played %d, held %d", got, err, r.played.Load(), len(r.held))
			}
		})
	}
}

func summary(t *testing.T, r *http.Request) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	if r.URL.Path == "/UpdateLog" {
		var log logRows
		if err := json.Unmarshal(text, &log); err != nil || log.TaskID != 7 {
			t.Errorf("%s: %v", text, err)
		}
		return fmt.Sprint(r.URL.Path, " ", len(log.Rows), " ", log.NoMore)
	}
	var u update
	if err := json.Unmarshal(text, &u); err != nil || u.State.ID != 7 {
		t.Errorf("%s: %v", text, err)
	}
	results := []result{}
	for _, s := range u.State.Steps {
		if s.Result != "" {
			results = append(results, s.Result)
		}
	}
	return fmt.Sprint(r.URL.Path, " ", u.State.Result, " ", results)
}

// TestWorkflowText: a workflow with a matrix and a job that waits for another.
func TestWorkflowText(t *testing.T) {
	t.Parallel()
	const want = `name: ci
on: push
jobs:
  lint:
    runs-on: linux
    steps:
      - name: Set up
        run: make check
      - name: Check
        run: make check
  test:
    runs-on: linux
    needs: lint
    strategy:
      matrix:
        system: [debian, fedora, windows]
    steps:`
	if got := workflowText("ci.yml"); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s", got)
	}
}
