package actions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// JobsOfRuns lists the jobs of many runs of a repository, several at once, each by q with its own id,
// and hands each run's to take as they come: place is the run's place in runs, and calls of take come
// from several goroutines. The runs themselves are not asked again.
//
// A run that has been deleted since it was listed is left out, and its place given back. When that is
// every one of several, it is more likely that the token has lost its sight, and an error. Any other
// failure ends it all.
func (c *Client) JobsOfRuns(ctx context.Context, q RunQuery, runs []*job.Run, take func(place int, jobs []*job.Job)) (vanished []int, err error) {
	var mu sync.Mutex
	var missing error
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(c.cfg.MaxConcurrent)
	for place, run := range runs {
		g.Go(func() error {
			jobs, err := c.jobsOfRun(ctx, q, run)
			switch {
			case errors.Is(err, NotFound):
				mu.Lock()
				defer mu.Unlock()
				vanished, missing = append(vanished, place), err
				return nil
			case err != nil:
				return err
			}
			take(place, jobs)
			return nil
		})
	}
	err = g.Wait()
	slices.Sort(vanished)
	if err == nil && len(vanished) > 1 && len(vanished) == len(runs) {
		err = missing
	}
	return vanished, err
}

// jobsOfRun lists the jobs of a run that was listed a moment ago.
func (c *Client) jobsOfRun(ctx context.Context, q RunQuery, run *job.Run) ([]*job.Job, error) {
	ctx, keep := pinned(ctx, q.Repository, run)
	q.RunID = job.Value(run.ID)
	jobs, err := c.listJobs(ctx, q)
	if err != nil {
		return nil, err
	}
	if isFinal(run, jobs) {
		keep()
	}
	return settle(run, jobs, q.Filter), nil
}

// isFinal reports whether jobs are all that there will be of a run that says it is finished. A list
// that lags behind its run, an empty one, or one of an attempt that started since the run was listed
// must not be kept for good.
func isFinal(run *job.Run, jobs []*job.Job) bool {
	return len(jobs) > 0 && !slices.ContainsFunc(jobs, func(j *job.Job) bool {
		return j.Unfinished() || run.RunAttempt != nil && job.Value(j.RunAttempt) > *run.RunAttempt
	})
}

// pinned lets a cache keep the jobs of a finished run for good, under what the list has just said of
// the run: they do not change until it does. Whoever could read that list may read them, so the token
// does not matter.
func pinned(ctx context.Context, repo Repository, run *job.Run) (_ context.Context, keep func()) {
	if !run.Finished() || run.UpdatedAt == nil {
		return ctx, func() {}
	}
	return transport.WithPinned(ctx, fmt.Sprintf("%s run %d attempt %d of %s", repo, job.Value(run.ID), job.Value(run.RunAttempt), *run.UpdatedAt))
}
