package transport

import (
	"context"
	"sync/atomic"
	"time"
)

type contextKey int

const (
	streamingKey contextKey = iota
	withoutTokenKey
	pinnedKey
	traceKey
	flightKeyInContext
	memoryKey
)

// WithStreaming asks for a successful answer's body as it arrives: it is not
// read in advance, not shared with other callers and not kept in the cache. A
// fault after the headers is therefore the reader's to handle. The request
// counts as on the wire until the body is closed or read to its end.
func WithStreaming(ctx context.Context) context.Context {
	return context.WithValue(ctx, streamingKey, true)
}

func isStreaming(ctx context.Context) bool {
	on, _ := ctx.Value(streamingKey).(bool)
	return on
}

// WithoutToken is for addresses that are credentials themselves, such as the
// signed link of a log: the request carries no token although it may go to the
// origin of the base URL, its query is left out of the log as a whole, and a
// redirect is handed to the caller, who has to check where it leads.
func WithoutToken(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutTokenKey, true)
}

func isWithoutToken(ctx context.Context) bool {
	on, _ := ctx.Value(withoutTokenKey).(bool)
	return on
}

// WithPinned says that the answer to this GET never changes under name, for
// instance the jobs of an attempt that is over, named by its run, attempt and
// time of last change. With a cache, an answer kept under that name for the
// same URL is given without any request and whatever the token, so use it only
// for what the token at hand was just allowed to see. An empty name is none.
func WithPinned(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, pinnedKey, name)
}

// WithMemory is for somebody who asks the same things again and again until
// they change: answers are remembered for as long as the context is used, and
// asked for by ETag the next time, which costs no rate limit while nothing has
// changed. With a cache folder, that remembers them instead.
func WithMemory(ctx context.Context) context.Context {
	return context.WithValue(ctx, memoryKey, &memory{entries: map[string]*entry{}})
}

func memoryOf(ctx context.Context) *memory {
	m, _ := ctx.Value(memoryKey).(*memory)
	return m
}

func pinnedName(ctx context.Context) string {
	name, _ := ctx.Value(pinnedKey).(string)
	return name
}

// trace is what the layers tell the log about one call. All methods accept a
// nil trace, so that a layer works without a log above it.
type trace struct {
	attempts  atomic.Int64
	waited    atomic.Int64 // in a rate limit, nanoseconds
	fromCache atomic.Bool
	shared    atomic.Bool
}

func withTrace(ctx context.Context, t *trace) context.Context {
	return context.WithValue(ctx, traceKey, t)
}

func traceOf(ctx context.Context) *trace {
	t, _ := ctx.Value(traceKey).(*trace)
	return t
}

func (t *trace) sent() {
	if t != nil {
		t.attempts.Add(1)
	}
}

func (t *trace) cached() {
	if t != nil {
		t.fromCache.Store(true)
	}
}

func (t *trace) addWait(d time.Duration) {
	if t != nil {
		t.waited.Add(int64(d))
	}
}

func (t *trace) waitedSoFar() time.Duration {
	if t == nil {
		return 0
	}
	return time.Duration(t.waited.Load())
}

// copyFrom takes over what a shared request went through.
func (t *trace) copyFrom(o *trace, follower bool) {
	if t == nil {
		return
	}
	t.attempts.Store(o.attempts.Load())
	t.waited.Store(o.waited.Load())
	t.fromCache.Store(o.fromCache.Load())
	t.shared.Store(follower)
}
