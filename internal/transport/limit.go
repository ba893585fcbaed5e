package transport

import (
	"io"
	"net/http"
	"sync"
)

// limiter bounds how many requests are on the wire at once. A request counts until its body is closed.
type limiter struct {
	places chan struct{}
	next   http.RoundTripper
}

func newLimiter(n int, next http.RoundTripper) *limiter {
	return &limiter{places: make(chan struct{}, n), next: next}
}

func (l *limiter) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case l.places <- struct{}{}:
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	leave := sync.OnceFunc(func() { <-l.places })
	resp, err := l.next.RoundTrip(req)
	if err != nil {
		leave()
		return nil, err
	}
	resp.Body = &bodyWithEnd{ReadCloser: resp.Body, end: leave}
	return resp, nil
}

// CloseIdleConnections passes http.Client's wish on.
func (l *limiter) CloseIdleConnections() { closeIdle(l.next) }

// CloseIdleConnections passes http.Client's wish on.
func (a *authenticator) CloseIdleConnections() { closeIdle(a.next) }

func closeIdle(rt http.RoundTripper) {
	if c, ok := rt.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// bodyWithEnd tells when a body is closed.
type bodyWithEnd struct {
	io.ReadCloser
	end func()
}

func (b *bodyWithEnd) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}
