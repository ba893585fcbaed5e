package transport

import (
	"context"
	"sync"
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
	freshKey
)

// WithStreaming asks for the body of a successful answer as it arrives: it is not read in advance,
// not shared with other callers and not cached. The reader has to handle errors after the headers.
// The request keeps its slot until the body is closed or read to its end.
func WithStreaming(ctx context.Context) context.Context {
	return context.WithValue(ctx, streamingKey, true)
}

func isStreaming(ctx context.Context) bool {
	on, _ := ctx.Value(streamingKey).(bool)
	return on
}

// WithoutToken is for URLs that are credentials themselves, such as the signed link of a log. The
// request carries no token, even to the origin of the base URL. Its query is not logged. A redirect
// is returned to the caller, who has to check where it leads.
func WithoutToken(ctx context.Context) context.Context {
	return context.WithValue(ctx, withoutTokenKey, true)
}

func isWithoutToken(ctx context.Context) bool {
	on, _ := ctx.Value(withoutTokenKey).(bool)
	return on
}

// WithPinned says that the answers to GETs under this context never change under name, for example
// the jobs of a completed attempt, named by its run, attempt and time of last change. An answer that
// was kept under that name for the same URL is returned without a request, whatever the token. So use
// it only for what the current token was just allowed to read. An empty name pins nothing.
//
// Other answers are requested, and only held until keep is called, which writes all that is held to
// the cache: to the folder, to the bucket, or to both (see [Flush]). Without a folder, the client also
// keeps it in memory as long as there is room. A pinned
// answer that is wrong stays wrong, so call keep only after the answers have been read and found
// complete; without that call nothing is pinned. keep may be called from any goroutine, with nothing
// held, and more than once; each call keeps what has come since the last one.
func WithPinned(ctx context.Context, name string) (_ context.Context, keep func()) {
	p := &pin{name: name}
	return context.WithValue(ctx, pinnedKey, p), p.keep
}

// DropPinned forgets what is held under a context. Call it before a list is read again: a page of the
// reading that is thrown away must not be kept beside those of the next one.
func DropPinned(ctx context.Context) {
	if p := pinOf(ctx); p != nil {
		p.drop()
	}
}

// pin holds the answers of one caller until that caller accepts them.
type pin struct {
	name string

	mu   sync.Mutex
	held map[string]*found // by the entry's key
}

func pinOf(ctx context.Context) *pin {
	p, _ := ctx.Value(pinnedKey).(*pin)
	return p
}

func pinnedName(ctx context.Context) string {
	if p := pinOf(ctx); p != nil {
		return p.name
	}
	return ""
}

func (p *pin) hold(f *found) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == nil {
		p.held = map[string]*found{}
	}
	p.held[f.pinned] = f
}

func (p *pin) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = nil
}

func (p *pin) keep() {
	p.mu.Lock()
	held := p.held
	p.held = nil
	p.mu.Unlock()
	for key, f := range held {
		f.cache.stores.put(key, f.entry, true)
	}
}

// WithMemory is for a caller that asks the same questions until the answers change. Answers are
// remembered as long as the context is used, and revalidated by ETag the next time, which does not
// count against the rate limit while nothing has changed. A cache folder is used too: it serves the
// first question, and keeps the answer for later runs.
func WithMemory(ctx context.Context) context.Context {
	return context.WithValue(ctx, memoryKey, &memory{entries: map[string]*entry{}})
}

func memoryOf(ctx context.Context) *memory {
	m, _ := ctx.Value(memoryKey).(*memory)
	return m
}

// WithFresh is for a caller whose answers must not be older than now. Its requests do not join requests
// that are in flight already, whose answers may have been made before. They do share later ones.
func WithFresh(ctx context.Context) context.Context {
	return context.WithValue(ctx, freshKey, time.Now())
}

// freshSince is zero for a caller that takes any answer.
func freshSince(ctx context.Context) time.Time {
	since, _ := ctx.Value(freshKey).(time.Time)
	return since
}

// trace is what the layers report to the log about one call. All methods accept a nil trace, so
// that a layer works without a log above it.
type trace struct {
	attempts  atomic.Int64
	waited    atomic.Int64 // for a rate limit, in nanoseconds
	waits     atomic.Int64 // how many those were
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
		t.waits.Add(1)
	}
}

func (t *trace) waitsSoFar() int {
	if t == nil {
		return 0
	}
	return int(t.waits.Load())
}

func (t *trace) waitedSoFar() time.Duration {
	if t == nil {
		return 0
	}
	return time.Duration(t.waited.Load())
}

// copyFrom takes over what a shared request reported.
func (t *trace) copyFrom(o *trace, follower bool) {
	if t == nil {
		return
	}
	t.attempts.Store(o.attempts.Load())
	t.waited.Store(o.waited.Load())
	t.fromCache.Store(o.fromCache.Load())
	t.shared.Store(follower)
}
