package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

func TestBodyLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		status  int
		size    int
		length  int64 // announced; -1: not at all
		want    int   // bytes handed up
		tooLong bool
	}{
		{"small", 200, 5, 5, 5, false},
		{"exactly at the limit", 200, 10, -1, 10, false},
		{"above, announced", 200, 11, 11, 0, true},
		{"above, not announced", 200, 11, -1, 0, true},
		{"error body below", 404, 3, -1, 3, false},
		{"error body above is cut", 404, 9, -1, 4, false},
		{"announced far too much", 500, 3, 1 << 40, 3, false},
		{"empty", 204, 0, 0, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			closed := false
			base := roundTrip(func(req *http.Request) (*http.Response, error) {
				resp := response(req, c.status, strings.Repeat("x", c.size))
				resp.ContentLength = c.length
				resp.Body = closeSpy{resp.Body, &closed}
				return resp, nil
			})
			b := &buffer{next: base, maxBody: 10, maxErrorBody: 4}
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, testBase, nil)
			resp, err := b.RoundTrip(req)
			var tooLarge *BodyTooLargeError
			if errors.As(err, &tooLarge) != c.tooLong {
				t.Fatalf("error %v", err)
			}
			if !closed {
				t.Error("the wire's body was not closed")
			}
			if c.tooLong {
				return
			}
			data, err := io.ReadAll(resp.Body)
			if err != nil || len(data) != c.want || resp.ContentLength != int64(c.want) {
				t.Errorf("%d bytes, length %d, %v; want %d", len(data), resp.ContentLength, err, c.want)
			}
		})
	}
}

type closeSpy struct {
	io.ReadCloser
	closed *bool
}

func (c closeSpy) Close() error {
	*c.closed = true
	return c.ReadCloser.Close()
}

// Reading reuses memory; an answer that was returned must not be in it.
func TestBodiesDoNotShareMemory(t *testing.T) {
	t.Parallel()
	n := 0
	b := &buffer{maxBody: 1000, next: roundTrip(func(req *http.Request) (*http.Response, error) {
		n++
		return response(req, 200, strings.Repeat(fmt.Sprint(n%10), 500)), nil
	})}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, testBase, nil)
	var all []*http.Response
	for range 20 {
		resp, err := b.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, resp)
	}
	for i, resp := range all {
		if data, _ := io.ReadAll(resp.Body); string(data) != strings.Repeat(fmt.Sprint((i+1)%10), 500) {
			t.Errorf("body %d became %.10q…", i+1, data)
		}
	}
}

func TestTooLargeIsNotRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := newScript(t, func(req *http.Request) (*http.Response, error) {
			resp := response(req, 200, "")
			resp.ContentLength = maxBody + 1
			return resp, nil
		})
		client := newClient(t, Config{Base: wire, MaxRetries: 3})
		_, _, _, err := fetch(t.Context(), client, testBase)
		var tooLarge *BodyTooLargeError
		if !errors.As(err, &tooLarge) || tooLarge.Limit != maxBody {
			t.Errorf("error %v", err)
		}
	})
}

// The status of a 4xx is worth more than the rest of its body.
func TestErrorStatusSurvivesACutBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := newScript(t, func(req *http.Request) (*http.Response, error) {
			resp, err := cut(`{"message":"No`)(req)
			resp.StatusCode = http.StatusNotFound
			return resp, err
		})
		client := newClient(t, Config{Base: wire, MaxRetries: 3})
		status, body, _, err := fetch(t.Context(), client, testBase)
		if status != 404 || body != `{"message":"No` || err != nil {
			t.Errorf("%d %q %v", status, body, err)
		}
	})
}

func TestContextEndsABody(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "{")
		_ = http.NewResponseController(w).Flush()
		cancel()
		<-r.Context().Done()
	})
	client := newClient(t, Config{BaseURL: mustURL(t, s.URL), MaxRetries: 3})
	if _, _, _, err := fetch(ctx, client, s.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestStreamingIsNotReadInAdvance(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	base := roundTrip(func(req *http.Request) (*http.Response, error) {
		resp := response(req, 200, "")
		resp.Body, resp.ContentLength = r, -1
		return resp, nil
	})
	client := newClient(t, Config{Base: base, MaxConcurrent: 1})
	req, _ := http.NewRequestWithContext(WithStreaming(t.Context()), http.MethodGet, testBase, nil)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	// The answer is here before a byte of its body was written.
	go func() {
		fmt.Fprint(w, "late")
		_ = w.Close()
	}()
	data, err := io.ReadAll(resp.Body)
	if string(data) != "late" || err != nil {
		t.Errorf("%q %v", data, err)
	}
	_ = resp.Body.Close()
}

// An error body is always read: it is small, and no caller streams it.
func TestStreamedErrorIsLimited(t *testing.T) {
	t.Parallel()
	b := &buffer{next: answer(410, "much too long"), maxBody: 1, maxErrorBody: 4}
	req, _ := http.NewRequestWithContext(WithStreaming(t.Context()), http.MethodGet, testBase, nil)
	resp, err := b.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if data, _ := io.ReadAll(resp.Body); string(data) != "much" {
		t.Errorf("%q", data)
	}
}

func TestStreamingStillReadsErrors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := newScript(t, answer(403, `{"message":"You have exceeded a secondary rate limit."}`), answer(200, "log"))
		client := newClient(t, Config{Base: wire, MaxRateLimitWait: unnamedLimit})
		req, _ := http.NewRequestWithContext(WithStreaming(t.Context()), http.MethodGet, testBase, nil)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if data, _ := io.ReadAll(resp.Body); string(data) != "log" {
			t.Errorf("%q", data)
		}
		if w := wire.waits(); len(w) != 1 || w[0] != unnamedLimit {
			t.Errorf("waits %v", w)
		}
	})
}
