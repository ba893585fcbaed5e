package transport

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// ErrPaceDeadline says that Config.RequestsPerMinute would delay a request beyond the end of its
// context. Nothing was sent, so it says nothing about GitHub.
var ErrPaceDeadline = fmt.Errorf("requests_per_minute would delay this request beyond its deadline: %w", context.DeadlineExceeded)

// window is a minute with a margin: the requests are counted when they leave this process, and
// GitHub counts them when they arrive.
const window = time.Minute + time.Second

// pacer keeps the number of requests in any minute within the limit, and delays none before that.
// GitHub counts requests per minute and does not ask for even spacing, so a plan of a few hundred
// requests need not take a minute. A token bucket such as golang.org/x/time/rate would have to
// spread them.
type pacer struct {
	limit int

	mu    sync.Mutex
	turns []time.Time // of the last minute, or reserved for later, in order
}

// newPacer returns nil if there is no limit.
func newPacer(perMinute int) *pacer {
	if perMinute <= 0 {
		return nil
	}
	return &pacer{limit: perMinute}
}

// take reserves the next turn, unless it comes too late for ctx.
func (p *pacer) take(ctx context.Context) (turn time.Time, wait time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for len(p.turns) > 0 && !p.turns[0].Add(window).After(now) {
		p.turns = p.turns[1:]
	}
	turn = now
	if full := len(p.turns) - p.limit; full >= 0 {
		turn = p.turns[full].Add(window)
		wait = turn.Sub(now)
		if endsWithin(ctx, wait) {
			return turn, wait, false
		}
	}
	p.turns = append(p.turns, turn)
	return turn, wait, true
}

// giveBack returns a turn that was not used. A turn with later ones behind it stays: those have
// been promised already.
func (p *pacer) giveBack(turn time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := len(p.turns) - 1; last >= 0 && p.turns[last].Equal(turn) {
		p.turns = p.turns[:last]
	}
}

func (p *pacer) wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	turn, delay, ok := p.take(ctx)
	if !ok {
		return ErrPaceDeadline
	}
	if err := Sleep(ctx, delay); err != nil {
		p.giveBack(turn)
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
