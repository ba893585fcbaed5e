package fleet

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// Progress is the progress of a read.
type Progress struct {
	RepositoriesDone int
	Repositories     int // 0 until they are known
	RunsDone         int
	Runs             int  // the runs listed so far
	RequestsLeft     *int // what the API host still accepts; nil if unknown
}

// counter counts for Progress.
type counter struct {
	repositoriesDone, repositories, runsDone, runs atomic.Int64
}

func (c *counter) found(n int)     { c.repositories.Store(int64(n)) }
func (c *counter) listed(n int)    { c.runs.Add(int64(n)) }
func (c *counter) repositoryDone() { c.repositoriesDone.Add(1) }
func (c *counter) runDone()        { c.runsDone.Add(1) }

// report calls opts.Progress at regular intervals until stop is called.
func (c *counter) report(ctx context.Context, client *actions.Client, opts Options) (stop func()) {
	if opts.Progress == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		ticker := time.NewTicker(cmp.Or(opts.Interval, DefaultInterval))
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				opts.Progress(c.now(client))
			}
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

func (c *counter) now(client *actions.Client) Progress {
	p := Progress{
		RepositoriesDone: int(c.repositoriesDone.Load()), Repositories: int(c.repositories.Load()),
		RunsDone: int(c.runsDone.Load()), Runs: int(c.runs.Load()),
	}
	if budget, known := client.Budget(); known {
		p.RequestsLeft = &budget.Remaining
	}
	return p
}
