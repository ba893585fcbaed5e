package actions_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// Several callers with the same question share one request. These tests are about answers that were made
// before a second look began: it must not take them.

// lateAPI takes its time before it makes an answer, and before it sends one.
type lateAPI struct {
	*gateAPI

	mu    sync.Mutex
	asked map[string]int
	delay func(what string, nth int) (before, after time.Duration)
}

func (a *lateAPI) RoundTrip(req *http.Request) (*http.Response, error) {
	what := a.name(req.URL)
	a.mu.Lock()
	if a.asked == nil {
		a.asked = map[string]int{}
	}
	a.asked[what]++
	before, after := a.delay(what, a.asked[what])
	a.mu.Unlock()

	if err := transport.Sleep(req.Context(), before); err != nil {
		return nil, err
	}
	a.mu.Lock()
	resp, err := a.gateAPI.RoundTrip(req)
	a.mu.Unlock()
	if err := transport.Sleep(req.Context(), after); err != nil {
		return nil, err
	}
	return resp, err
}

// reads runs both readers in a bubble.
func (a *lateAPI) reads(t *testing.T, one, other func(context.Context, *actions.Client)) {
	t.Helper()
	inBubble(t, time.Hour, 4, a, func(ctx context.Context, c *actions.Client) {
		a.began = time.Now()
		var readers sync.WaitGroup
		readers.Go(func() { one(ctx, c) })
		readers.Go(func() { other(ctx, c) })
		readers.Wait()
	})
}

// TestAGateDoesNotTakeAnOlderList: another reader has asked for the newest runs before run 701 started,
// and gets the answer late. The search index does not know run 701 yet.
func TestAGateDoesNotTakeAnOlderList(t *testing.T) {
	t.Parallel()
	old := []string{"700.1 completed/success"}
	api := &lateAPI{
		gateAPI: &gateAPI{stages: []gateStage{{runs: old}, {from: time.Second, runs: []string{"701.1 in_progress", old[0]}, index: old}}},
		delay: func(what string, nth int) (before, after time.Duration) {
			if what == "newest" && nth == 1 {
				return 0, 20 * time.Second
			}
			return 0, 0
		},
	}
	api.reads(t, func(ctx context.Context, c *actions.Client) {
		list, err := c.WorkflowRuns(ctx, actions.RunsQuery{Repository: app(t), Workflow: "ci.yml", Max: 100})
		if err != nil || !slices.Equal(list.IDs(), []int64{700}) {
			t.Errorf("the other reader got %v, %v", list.IDs(), err)
		}
	}, func(ctx context.Context, c *actions.Client) {
		if err := transport.Sleep(ctx, 5*time.Second); err != nil {
			t.Error(err)
		}
		v, err := c.CommitGate(ctx, gateQuery(), noReport)
		if want := "ci.yml / build is not completed (in_progress)"; err != nil || v.Open || v.Reason != want {
			t.Errorf("open %v: %s, %v", v.Open, v.Reason, err)
		}
	})
}

// TestAWaitDoesNotTakeOlderJobs: another reader has asked for the jobs at 10 s, while the run was in
// progress, and gets the answer at 40 s. The first look of the wait ends at 30 s, and the run's page is
// then "completed".
func TestAWaitDoesNotTakeOlderJobs(t *testing.T) {
	t.Parallel()
	api := &lateAPI{
		gateAPI: &gateAPI{stages: []gateStage{{runs: []string{"700.1 in_progress"}}, {from: 20 * time.Second, runs: []string{"700.1 completed/success"}}}},
		delay: func(what string, nth int) (before, after time.Duration) {
			switch {
			case what == "run 700" && nth == 1:
				return 30 * time.Second, 0
			case what == "jobs 700" && nth == 2:
				return 0, 30 * time.Second
			}
			return 0, 0
		},
	}
	api.reads(t, func(ctx context.Context, c *actions.Client) {
		if err := transport.Sleep(ctx, 10*time.Second); err != nil {
			t.Error(err)
		}
		run := &job.Run{ID: new(int64(700)), Status: new("in_progress")}
		jobs, err := c.JobsOfRun(ctx, actions.JobsQuery{Repository: app(t), Run: run})
		if err != nil || len(jobs) != 1 || !jobs[0].Unfinished() {
			t.Errorf("the other reader got %+v, %v", jobs, err)
		}
	}, func(ctx context.Context, c *actions.Client) {
		run, err := c.WaitRunJobs(ctx, actions.RunQuery{Repository: app(t), RunID: 700}, noReport)
		if err != nil || !run.Completed() || len(run.Jobs) != 1 || run.Jobs[0].Unfinished() {
			t.Errorf("got %+v, %v", run, err)
		}
	})
}
