package transport

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/time/rate"
)

// errPaceDeadline is a deadline that comes before this request's turn.
var errPaceDeadline = fmt.Errorf("requests_per_minute leaves this request no turn in time: %w", context.DeadlineExceeded)

// pacer spaces requests so that no minute has more than the limit, while a
// small plan's burst goes at once.
type pacer struct {
	limiter *rate.Limiter
	clock   Clock
}

// newPacer returns nil for no pacing. A bucket of b tokens that fills every t
// lets b + (60 s / t) - 1 requests through in the minute that starts with a
// burst; t is chosen so that this is perMinute, not perMinute + b.
func newPacer(perMinute, burst int, clock Clock) *pacer {
	if perMinute <= 0 {
		return nil
	}
	burst = min(burst, (perMinute+1)/2)
	every := time.Minute / time.Duration(perMinute-burst+1)
	return &pacer{limiter: rate.NewLimiter(rate.Every(every+1), burst), clock: clock}
}

func (p *pacer) wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := p.clock.Now()
	turn := p.limiter.ReserveN(now, 1)
	delay := turn.DelayFrom(now)
	if delay <= 0 {
		return nil
	}
	if endsWithin(ctx, p.clock, delay) {
		turn.CancelAt(now)
		return errPaceDeadline
	}
	if err := p.clock.Sleep(ctx, delay); err != nil {
		turn.CancelAt(p.clock.Now())
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
