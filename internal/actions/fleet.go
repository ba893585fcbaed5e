package actions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/google/go-github/v62/github"
	"golang.org/x/sync/errgroup"

	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// JobsOfRuns lists the jobs of many runs, several at once, and hands each run's to take as they come:
// place is the run's place in runs, and calls of take come from several goroutines. The runs themselves
// are not asked again.
//
// A run that has vanished since it was listed is left out, and its place given back. Any other failure
// ends it all.
func (c *Client) JobsOfRuns(ctx context.Context, repo Repository, runs []*Run, filter Filter, take func(place int, jobs []*github.WorkflowJob)) (vanished []int, err error) {
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(c.cfg.MaxConcurrent)
	for place, run := range runs {
		g.Go(func() error {
			jobs, err := c.listJobs(pinned(ctx, repo, run), RunQuery{Repository: repo, RunID: run.GetID(), Filter: filter})
			switch {
			case errors.Is(err, NotFound):
				mu.Lock()
				defer mu.Unlock()
				vanished = append(vanished, place)
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
	return vanished, err
}

// pinned lets a cache keep the jobs of a finished run for good, under what the list has just said of
// the run: they do not change until it does. Whoever could read that list may read them, so the token
// does not matter.
func pinned(ctx context.Context, repo Repository, run *Run) context.Context {
	if run.GetStatus() != completed || run.UpdatedAt == nil {
		return ctx
	}
	return transport.WithPinned(ctx, fmt.Sprintf("%s run %d attempt %d of %s", repo, run.GetID(), run.GetRunAttempt(), run.GetUpdatedAt().UTC()))
}
