package fleet

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// BudgetError says that a read needs more requests than the API host accepts within the time that
// the read may wait. The read fails. With a cache, what it has read is kept for the next read.
type BudgetError struct {
	Needed int       // the minimum number of requests for jobs that the read needed
	Left   int       // requests that the host still accepted at that time
	Reset  time.Time // when the host accepts more; zero if unknown

	HasCache bool
	Kept     int // runs whose jobs are kept now
	Runs     int // runs that are wanted

	// Err is the rate limit that ended a read after it started. Nil if the count showed in advance
	// that there were too few requests.
	Err error
}

func (e *BudgetError) Error() string {
	return fmt.Sprintf("%d requests are needed and %d are left: the jobs of %d of %d runs are kept", e.Needed, e.Left, e.Kept, e.Runs)
}

func (e *BudgetError) Unwrap() error { return e.Err }

// plan lists the requests that a read needs.
type plan struct {
	uncached []ask        // the runs that need a request
	fits     int          // the number of requests that the host accepts in time
	over     *BudgetError // nil: the budget is enough
}

// plan compares the number of requests for jobs with the number that the host still accepts. It
// sends no requests. It counts one request for each run. A run with more than one page of jobs
// needs more, but this is not known in advance.
func (r *reader) plan(ctx context.Context, asks []ask) (plan, error) {
	budget, known := r.client.Budget()
	if !known {
		return plan{}, nil
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

// fitting is the number of requests that the host accepts until the read must end: those that are left,
// and those of the next window if a request may wait for it.
func fitting(ctx context.Context, budget actions.Budget) int {
	if budget.Reset.IsZero() || time.Until(budget.Reset) > budget.MaxWait {
		return budget.Remaining
	}
	if deadline, ok := ctx.Deadline(); ok && !budget.Reset.Before(deadline) {
		return budget.Remaining
	}
	if budget.Limit == 0 {
		return math.MaxInt // the host does not say how large the next window is
	}
	return budget.Remaining + budget.Limit
}

// keepWhatFits reads as many runs as the host accepts, so that the next read finds their jobs in
// the cache, and returns the error. It skips runs whose jobs can still change.
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

// over adds the progress of the read to the error.
func (r *reader) over(ctx context.Context, e *BudgetError, asks []ask, err error) error {
	e.Err = err
	if budget, known := r.client.Budget(); known && !budget.Reset.IsZero() {
		e.Reset = budget.Reset
	}
	e.Kept += len(asks) - len(r.notKept(ctx, asks))
	return e
}

// interrupted returns the error for an unexpected rate limit: others use the same token, or some
// runs have many jobs. Without a cache, it returns the error of the limit unchanged.
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
