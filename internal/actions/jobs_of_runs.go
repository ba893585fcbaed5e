package actions

import (
	"context"
	"errors"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
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
			jobs, err := c.JobsOfRun(ctx, JobsQuery{Repository: q.Repository, Run: run, Filter: q.Filter, SkipSteps: q.SkipSteps})
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
