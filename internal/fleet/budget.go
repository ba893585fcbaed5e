package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// BudgetError says that a read needs more requests than the API host takes within the time that the
// read may wait. Nothing of such a read is used, but what it has read is kept for the next one where
// there is a cache.
type BudgetError struct {
	Needed int       // requests for jobs that the read needed, at least
	Left   int       // requests that the host took when they began
	Reset  time.Time // when the host takes more; zero when it does not say

	HasCache bool
	Kept     int // runs whose jobs are kept now
	Runs     int // runs that are wanted

	// Err is the rate limit that ended the read half-way. Nil when the count showed before that the
	// requests would not suffice.
	Err error
}

func (e *BudgetError) Error() string {
	return fmt.Sprintf("%d requests are needed and %d are left: the jobs of %d of %d runs are kept", e.Needed, e.Left, e.Kept, e.Runs)
}

func (e *BudgetError) Unwrap() error { return e.Err }

// plan is what a read means to ask for.
type plan struct {
	uncached []ask        // the runs that need a request
	fits     int          // how many requests the host takes in time
	over     *BudgetError // nil: all of them fit
}

// plan compares the requests that the jobs need with what the host still takes. It sends none. A run
// needs one request, and more where it has more than a page of jobs, which only its jobs can tell.
func (r *reader) plan(ctx context.Context, asks []ask) (plan, error) {
	budget, known := r.client.Budget()
	if !known {
		return plan{}, ctx.Err()
	}
	p := plan{fits: fitting(ctx, budget)}
	if len(asks) <= p.fits {
		return p, nil // without a look into the cache, which may be far away
	}
	p.uncached = r.notKept(ctx, asks)
	if len(p.uncached) <= p.fits {
		return p, nil
	}
	p.over = &BudgetError{
		Needed: len(p.uncached), Left: budget.Remaining, Reset: budget.Reset, HasCache: r.client.HasCache(),
		Kept: len(asks) - len(p.uncached), Runs: len(asks),
	}
	if !p.over.HasCache {
		return plan{}, p.over
	}
	return p, nil
}

// looksAtOnce is how many looks into the cache there are at the same time: a cache may be far away.
const looksAtOnce = 16

// notKept are the runs whose jobs a request would be needed for, in their order.
func (r *reader) notKept(ctx context.Context, asks []ask) (left []ask) {
	kept := make([]bool, len(asks))
	var looks errgroup.Group
	looks.SetLimit(looksAtOnce)
	for i, a := range asks {
		looks.Go(func() error {
			kept[i] = r.client.JobsKept(ctx, r.jobsQuery(a))
			return nil
		})
	}
	_ = looks.Wait() // a look has no error
	for i, a := range asks {
		if !kept[i] {
			left = append(left, a)
		}
	}
	return left
}

// fitting is how many requests the host takes while the read may go on: those that are left, and those
// of the next window where a request may wait for it.
func fitting(ctx context.Context, budget actions.Budget) int {
	if budget.Reset.IsZero() || time.Until(budget.Reset) > budget.MaxWait {
		return budget.Remaining
	}
	if deadline, ok := ctx.Deadline(); ok && !budget.Reset.Before(deadline) {
		return budget.Remaining
	}
	return budget.Remaining + budget.Limit
}

// keepWhatFits asks for as many runs as the host takes, so that the next read finds their jobs in the
// cache, and ends with the error. Runs whose jobs may still change are left to that read.
func (r *reader) keepWhatFits(ctx context.Context, p plan) error {
	var lasting []ask
	for _, a := range p.uncached {
		if r.jobsQuery(a).CanKeep() && len(lasting) < p.fits {
			lasting = append(lasting, a)
		}
	}
	r.take = func(Item) {}
	_, err := r.askAll(ctx, lasting, false)
	if err != nil && !isLimit(err) {
		return err
	}
	return r.over(ctx, p.over, p.uncached, err)
}

// over completes the error with how far the read came.
func (r *reader) over(ctx context.Context, e *BudgetError, asks []ask, err error) error {
	e.Err = err
	if budget, known := r.client.Budget(); known && !budget.Reset.IsZero() {
		e.Reset = budget.Reset
	}
	e.Kept += len(asks) - len(r.notKept(ctx, asks))
	return e
}

// interrupted words the end of a read by a rate limit that nothing foretold: others use the same token,
// or some runs have many jobs. Without a cache there is nothing to add to the limit's own error.
func (r *reader) interrupted(ctx context.Context, asks []ask, err error) error {
	if !isLimit(err) || !r.client.HasCache() {
		return err
	}
	e := &BudgetError{HasCache: true, Runs: len(asks)}
	_ = r.over(ctx, e, asks, err)
	e.Needed = len(asks) - e.Kept
	return e
}

func isLimit(err error) bool {
	return errors.Is(err, actions.PrimaryLimit) || errors.Is(err, actions.SecondaryLimit)
}
