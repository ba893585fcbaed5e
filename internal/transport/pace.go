package transport

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// errPaceDeadline is a deadline that comes before this request's turn.
var errPaceDeadline = fmt.Errorf("requests_per_minute leaves this request no turn in time: %w", context.DeadlineExceeded)

// window is a minute with a margin: requests are counted where they leave this
// process, and GitHub counts where they arrive.
const window = time.Minute + time.Second

// pacer lets no minute have more requests than the limit, and holds none back
// before that: GitHub counts requests in a minute and does not ask for even
// spacing, so a plan of a few hundred requests need not take a minute. (A token
// bucket would have to spread them, golang.org/x/time/rate's among them.)
type pacer struct {
	clock Clock

	mu    sync.Mutex
	turns []time.Time // a ring of the last turns given, as many as the limit
	next  int         // the oldest of them, and the place of the next
}

// newPacer returns nil for no pacing.
func newPacer(perMinute int, clock Clock) *pacer {
	if perMinute <= 0 {
		return nil
	}
	return &pacer{clock: clock, turns: make([]time.Time, perMinute)}
}

// take gives the next turn, unless it comes too late for ctx.
func (p *pacer) take(ctx context.Context, now time.Time) (turn time.Time, place int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	turn = now
	if earliest := p.turns[p.next].Add(window); earliest.After(now) {
		turn = earliest
	}
	if turn.After(now) && endsWithin(ctx, p.clock, turn.Sub(now)) {
		return turn, 0, false
	}
	place = p.next
	p.turns[place] = turn
	p.next = (place + 1) % len(p.turns)
	return turn, place, true
}

// giveBack undoes a turn that was not used. One that others have lined up
// behind stays: theirs are promised.
func (p *pacer) giveBack(turn time.Time, place int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if (place+1)%len(p.turns) == p.next && p.turns[place].Equal(turn) {
		p.next = place
		p.turns[place] = turn.Add(-window)
	}
}

func (p *pacer) wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := p.clock.Now()
	turn, place, ok := p.take(ctx, now)
	if !ok {
		return errPaceDeadline
	}
	if err := p.clock.Sleep(ctx, turn.Sub(now)); err != nil {
		p.giveBack(turn, place)
		return err
	}
	return nil
}

type paced struct {
	next  http.RoundTripper
	pacer *pacer
	home  origin
}

func (p *paced) RoundTrip(req *http.Request) (*http.Response, error) {
	if p.home.has(req.URL) {
		if err := p.pacer.wait(req.Context()); err != nil {
			dropRequest(req)
			return nil, err
		}
	}
	return p.next.RoundTrip(req)
}
