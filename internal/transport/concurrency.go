package transport

import (
	"io"
	"net/http"
	"sync"
)

// concurrencyLimiter limits the number of requests on the wire at the same time. A request holds
// its slot until its body has been read, or, for a streamed body, until it is closed or at its end.
type concurrencyLimiter struct {
	next  http.RoundTripper
	slots chan struct{}
	home  origin
	gate  *rateState
}

func (l *concurrencyLimiter) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	select {
	case l.slots <- struct{}{}:
	case <-ctx.Done():
		dropRequest(req)
		return nil, ctx.Err()
	}
	release := sync.OnceFunc(func() { <-l.slots })
	if err := ctx.Err(); err != nil {
		// Both cases of the select were ready.
		release()
		dropRequest(req)
		return nil, err
	}
	if l.gate.closed() && l.home.has(req.URL) {
		release()
		dropRequest(req)
		return nil, errLimitLearnt
	}
	traceOf(ctx).sent()
	resp, err := l.next.RoundTrip(req)
	if err != nil {
		release()
		return nil, err
	}
	if l.home.has(req.URL) {
		l.gate.hear(resp)
	}
	if _, done := resp.Body.(*memoryBody); done {
		release()
		return resp, nil
	}
	resp.Body = &releasingBody{ReadCloser: resp.Body, release: release}
	return resp, nil
}

type releasingBody struct {
	io.ReadCloser
	release func()
}

func (b *releasingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.release()
	}
	return n, err
}

func (b *releasingBody) Close() error {
	defer b.release()
	return b.ReadCloser.Close()
}
