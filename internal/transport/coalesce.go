package transport

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// coalescer turns identical GETs that are in flight at the same time into one request. That request
// does not depend on the context of one caller: it lasts as long as at least one caller waits for
// it.
//
// golang.org/x/sync/singleflight is not enough here: it runs its function under the first caller's
// context, and does not end it when all callers have left.
type coalescer struct {
	next http.RoundTripper

	mu      sync.Mutex
	flights map[flightKey]*flight
}

func newCoalescer(next http.RoundTripper) *coalescer {
	return &coalescer{next: next, flights: map[flightKey]*flight{}}
}

// flightKey is everything that decides what the answer is.
type flightKey struct{ url, accept, version, pinned string }

// flight is one request for several callers.
type flight struct {
	key    flightKey
	began  time.Time
	cancel context.CancelFunc
	trace  *trace

	done  chan struct{} // closed when the four below are set
	resp  *http.Response
	data  []byte
	err   error
	found *found // what the callers may keep; nil: nothing

	mu      sync.Mutex
	callers map[*http.Request]time.Time // their deadlines, zero for none
	limit   *RateLimitError             // the limit being waited for
	opens   time.Time
	limited chan struct{} // closed when limit changes
}

// shareable reports whether the answer to a request depends on nothing but its flightKey.
func shareable(req *http.Request) bool {
	ctx := req.Context()
	if req.Method != http.MethodGet || req.Body != nil && req.Body != http.NoBody || isStreaming(ctx) || isWithoutToken(ctx) {
		return false
	}
	if req.Host != "" && req.Host != req.URL.Host {
		return false
	}
	for name := range req.Header {
		switch name {
		case "Range", "If-Range", "If-None-Match", "If-Match", "If-Modified-Since", "If-Unmodified-Since":
			return false
		}
	}
	return true
}

func (c *coalescer) RoundTrip(req *http.Request) (*http.Response, error) {
	if !shareable(req) {
		return c.next.RoundTrip(req)
	}
	dropRequest(req)
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, follower := c.join(req)
	defer c.leave(f, req)
	for {
		told := f.toldLimit()
		if err := f.tooLate(req); err != nil {
			return nil, err
		}
		select {
		case <-f.done:
			traceOf(ctx).copyFrom(f.trace, follower)
			return f.answer(req)
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-told:
		}
	}
}

func (c *coalescer) join(req *http.Request) (f *flight, follower bool) {
	ctx := req.Context()
	deadline, _ := ctx.Deadline()
	key := flightKey{
		url:     req.URL.String(),
		accept:  req.Header.Get("Accept"),
		version: req.Header.Get("X-GitHub-Api-Version"),
		pinned:  pinnedName(ctx),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	f, follower = c.flights[key]
	if follower && !f.began.Before(freshSince(ctx)) {
		f.mu.Lock()
		f.callers[req] = deadline
		f.mu.Unlock()
		return f, true
	}
	flying, f := newFlight(ctx, key)
	c.flights[key] = f
	f.callers[req] = deadline
	// A clone: the first caller may leave and reuse its request.
	go c.fly(f, req.Clone(flying))
	return f, false
}

func newFlight(ctx context.Context, key flightKey) (context.Context, *flight) {
	f := &flight{
		key: key, began: time.Now(), trace: &trace{}, done: make(chan struct{}),
		callers: map[*http.Request]time.Time{}, limited: make(chan struct{}),
	}
	inner, cancel := context.WithCancel(withTrace(context.WithoutCancel(ctx), f.trace))
	f.cancel = cancel
	return flightContext{Context: inner, flight: f}, f
}

func (c *coalescer) fly(f *flight, req *http.Request) {
	defer f.cancel()
	resp, err := c.next.RoundTrip(req)
	if err == nil {
		f.found = foundIn(resp)
		f.data, err = bodyOf(resp)
	}
	f.resp, f.err = resp, err
	c.mu.Lock()
	c.forget(f)
	c.mu.Unlock()
	close(f.done)
}

// leave ends the flight when its last caller leaves.
func (c *coalescer) leave(f *flight, req *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f.mu.Lock()
	delete(f.callers, req)
	empty := len(f.callers) == 0
	f.mu.Unlock()
	if empty {
		c.forget(f)
		f.cancel()
	}
}

// forget lets the next caller start a new flight. The caller holds c.mu.
func (c *coalescer) forget(f *flight) {
	if c.flights[f.key] == f {
		delete(c.flights, f.key)
	}
}

// answer gives each caller its own headers and body, and keeps the answer for it.
func (f *flight) answer(req *http.Request) (*http.Response, error) {
	if f.err != nil {
		return nil, f.err
	}
	f.found.take(req.Context())
	resp := *f.resp
	resp.Header = f.resp.Header.Clone()
	resp.Trailer = f.resp.Trailer.Clone()
	resp.Request = req
	return withBody(&resp, f.data), nil
}

func (f *flight) toldLimit() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.limited
}

// tooLate returns the rate limit that is being waited for, if this caller has to leave before it
// opens.
func (f *flight) tooLate(req *http.Request) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if deadline := f.callers[req]; f.limit != nil && !deadline.IsZero() && !f.opens.Before(deadline) {
		return f.limit
	}
	return nil
}

// flightContext ends when the last caller has left. Its deadline is the latest of theirs, so that
// the flight waits for a limit only if at least one caller can.
type flightContext struct {
	context.Context //nolint:containedctx // it is a context
	flight          *flight
}

func (c flightContext) Deadline() (time.Time, bool) {
	c.flight.mu.Lock()
	defer c.flight.mu.Unlock()
	var latest time.Time
	for _, deadline := range c.flight.callers {
		if deadline.IsZero() {
			return time.Time{}, false
		}
		if deadline.After(latest) {
			latest = deadline
		}
	}
	return latest, !latest.IsZero()
}

func (c flightContext) Value(key any) any {
	if key == flightKeyInContext {
		return c.flight
	}
	return c.Context.Value(key)
}

// tellCallers tells the callers of a shared request that it waits for a rate limit, so that those
// with an earlier deadline fail now, with the limit as the reason.
func tellCallers(ctx context.Context, limit *RateLimitError, opens time.Time) {
	f, _ := ctx.Value(flightKeyInContext).(*flight)
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.limit, f.opens = limit, opens
	close(f.limited)
	f.limited = make(chan struct{})
}
