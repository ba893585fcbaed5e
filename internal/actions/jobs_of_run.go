package actions

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// JobsQuery selects the jobs of a run that has just been listed.
type JobsQuery struct {
	Repository Repository
	Run        *job.Run
	Filter     job.Filter // empty: latest
	SkipSteps  bool       // the jobs come without their steps, which is faster
}

// JobsOfRun lists the jobs of a listed run. It does not read the run again. The jobs of a finished
// run are kept, so they are requested once for any number of callers.
func (c *Client) JobsOfRun(ctx context.Context, q JobsQuery) ([]*job.Job, error) {
	name := q.pin()
	if name != "" {
		// Another caller may be about to keep the same jobs.
		done, err := c.turns.wait(ctx, name)
		if err != nil {
			return nil, errorFromTransport(ctx, q.list().object(), err)
		}
		defer done()
	}
	ctx, keep := transport.WithPinned(ctx, name)
	jobs, err := c.listJobsOf(ctx, q.list(), q.Run)
	if err != nil {
		return nil, err
	}
	if name != "" && isFinal(q.Run, jobs) {
		keep()
	} else if q.list().Filter != q.filter() && hasLaterAttempt(q.Run, jobs) {
		all := q.list()
		all.Filter = q.filter()
		if jobs, err = c.listJobsOf(ctx, all, q.Run); err != nil {
			return nil, err
		}
	}
	return settle(q.Run, jobs, q.filter()), nil
}

func (c *Client) listJobsOf(ctx context.Context, q RunQuery, run *job.Run) ([]*job.Job, error) {
	jobs, err := c.listJobs(ctx, q)
	if err != nil {
		return nil, err
	}
	return c.withEarlierAttempts(ctx, q, run, jobs)
}

// JobsKept reports whether JobsOfRun would answer without a request. It only checks the first page
// of the list.
func (c *Client) JobsKept(ctx context.Context, q JobsQuery) bool {
	name := q.pin()
	if name == "" {
		return false
	}
	ctx, _ = transport.WithPinned(ctx, name)
	req, err := c.newRequest(ctx, q.list().page(1, perPage))
	return err == nil && transport.Holds(c.cfg.HTTP, req)
}

// CanKeep reports whether the jobs of a run are kept after they are read. They are not if the run
// can still change.
func (q JobsQuery) CanKeep() bool { return q.pin() != "" }

func (q JobsQuery) filter() job.Filter {
	if q.Filter == "" {
		return job.FilterLatest
	}
	return q.Filter
}

// list is the list to request. If a run has one attempt, all filters select the same jobs, so they
// share one list.
func (q JobsQuery) list() RunQuery {
	filter := q.filter()
	if job.Value(q.Run.RunAttempt) == 1 {
		filter = job.FilterLatest
	}
	return RunQuery{Repository: q.Repository, RunID: job.Value(q.Run.ID), Filter: filter, SkipSteps: q.SkipSteps}
}

// pin identifies the state of a finished run in the list of runs: its jobs do not change unless
// this does. A token that can read that list can read the jobs, so pin does not depend on the
// token. It is empty for a run whose jobs may change.
func (q JobsQuery) pin() string {
	if !q.Run.Finished() || q.Run.UpdatedAt == nil {
		return ""
	}
	return fmt.Sprintf("%s run %d attempt %d of %s", q.Repository, job.Value(q.Run.ID), job.Value(q.Run.RunAttempt), *q.Run.UpdatedAt)
}

// isFinal reports whether jobs is the final list of a finished run. A list that lags behind its
// run, an empty list, or a list with an attempt that started after the run was listed must not be
// kept.
func isFinal(run *job.Run, jobs []*job.Job) bool {
	return len(jobs) > 0 && !slices.ContainsFunc(jobs, (*job.Job).Unfinished) && !hasLaterAttempt(run, jobs)
}

// hasLaterAttempt reports whether an attempt started since the run was listed.
func hasLaterAttempt(run *job.Run, jobs []*job.Job) bool {
	return slices.ContainsFunc(jobs, func(j *job.Job) bool {
		return run.RunAttempt != nil && job.Value(j.RunAttempt) > *run.RunAttempt
	})
}

// Budget is the number of requests that the API host still accepts.
type Budget = transport.Budget

// Budget returns the budget in the host's newest answer. It is false if the host does not send one.
func (c *Client) Budget() (Budget, bool) { return transport.BudgetOf(c.cfg.HTTP) }

// HasCache reports whether answers are stored for later processes.
func (c *Client) HasCache() bool { return transport.HasCache(c.cfg.HTTP) }

// MaxConcurrent is the maximum number of concurrent requests.
func (c *Client) MaxConcurrent() int { return c.cfg.MaxConcurrent }

// newRequest returns a request exactly as it is sent.
func (c *Client) newRequest(ctx context.Context, path string) (*http.Request, error) {
	req, err := c.requests.NewRequest(http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/vnd.github+json")
	return req.WithContext(ctx), nil
}

// turns lets one caller at a time work under the same name.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // closed when the turn ends
}

// wait returns when it is the caller's turn. The turn ends when the caller calls done.
func (t *turns) wait(ctx context.Context, name string) (done func(), err error) {
	for {
		t.mu.Lock()
		other, busy := t.taken[name]
		if !busy {
			mine := make(chan struct{})
			if t.taken == nil {
				t.taken = map[string]chan struct{}{}
			}
			t.taken[name] = mine
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				defer t.mu.Unlock()
				delete(t.taken, name)
				close(mine)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
