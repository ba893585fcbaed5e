package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slow answers after a second and counts; it ends when its context ends.
func slow(sent *atomic.Int64, body string, headers ...string) roundTrip {
	return func(req *http.Request) (*http.Response, error) {
		sent.Add(1)
		select {
		case <-time.After(time.Second):
			return response(req, 200, body, headers...), nil
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
}

func TestIdenticalGETsAreOneRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int64
		client := newClient(t, Config{Base: slow(&sent, `{"a":1}`, "X-Test", "v")})
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				h := wantBody(t, client, testBase, `{"a":1}`)
				if got := h.Get("X-Test"); got != "v" {
					t.Errorf("another caller's change shows: %q", got)
				}
				h.Set("X-Test", "mine") // a header map of its own: -race would tell
			})
		}
		wg.Wait()
		if sent.Load() != 1 {
			t.Errorf("%d requests, want 1", sent.Load())
		}
		wantBody(t, client, testBase, `{"a":1}`)
		if sent.Load() != 2 {
			t.Errorf("%d requests, want 2: an answer is not kept beyond its flight", sent.Load())
		}
	})
}

// TestAFreshCallerSharesOnlyLaterRequests: three callers, half a second apart; the last two are fresh since
// the second one came.
func TestAFreshCallerSharesOnlyLaterRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int64
		client := newClient(t, Config{Base: slow(&sent, "{}")})
		get := func(ctx context.Context) {
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, testBase, nil)
			resp, err := client.Do(req)
			if err != nil {
				t.Error(err)
				return
			}
			_ = resp.Body.Close()
		}
		var callers sync.WaitGroup
		callers.Go(func() { get(t.Context()) })
		time.Sleep(500 * time.Millisecond)
		fresh := WithFresh(t.Context())
		callers.Go(func() { get(fresh) })
		time.Sleep(250 * time.Millisecond)
		callers.Go(func() { get(fresh) })
		callers.Go(func() { get(t.Context()) }) // shares the newest request
		callers.Wait()
		if sent.Load() != 2 {
			t.Errorf("%d requests, want 2", sent.Load())
		}
	})
}

func TestWhatIsNotIdentical(t *testing.T) {
	t.Parallel()
	get := func(ctx context.Context, url string, kv ...string) *http.Request {
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		for i := 0; i+1 < len(kv); i += 2 {
			req.Header.Set(kv[i], kv[i+1])
		}
		return req
	}
	withHost := func(req *http.Request, host string) *http.Request {
		req.Host = host
		return req
	}
	pairs := func(ctx context.Context) map[string][2]*http.Request {
		return map[string][2]*http.Request{
			"path":      {get(ctx, testBase+"a"), get(ctx, testBase+"b")},
			"query":     {get(ctx, testBase+"?page=1"), get(ctx, testBase+"?page=2")},
			"host":      {get(ctx, testBase), get(ctx, "https://other.test/")},
			"Accept":    {get(ctx, testBase, "Accept", "a/b"), get(ctx, testBase, "Accept", "c/d")},
			"version":   {get(ctx, testBase, "X-GitHub-Api-Version", "2022-11-28"), get(ctx, testBase)},
			"Range":     {get(ctx, testBase, "Range", "bytes=0-1"), get(ctx, testBase, "Range", "bytes=0-1")},
			"condition": {get(ctx, testBase, "If-None-Match", `"x"`), get(ctx, testBase, "If-None-Match", `"x"`)},
			"Host":      {withHost(get(ctx, testBase), "a.test"), withHost(get(ctx, testBase), "b.test")},
			"streaming": {get(WithStreaming(ctx), testBase), get(WithStreaming(ctx), testBase)},
			"pinned":    {get(pinnedContext(ctx, "a"), testBase), get(pinnedContext(ctx, "b"), testBase)},
		}
	}
	for name := range pairs(t.Context()) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var sent atomic.Int64
				client := newClient(t, Config{Base: slow(&sent, "{}")})
				var wg sync.WaitGroup
				for _, req := range pairs(t.Context())[name] {
					wg.Go(func() {
						resp, err := client.Do(req)
						if err != nil {
							t.Error(err)
							return
						}
						_, _ = io.Copy(io.Discard, resp.Body)
						_ = resp.Body.Close()
					})
				}
				wg.Wait()
				if sent.Load() != 2 {
					t.Errorf("%d requests, want 2", sent.Load())
				}
			})
		})
	}
}

// Each caller of a shared request has its own pin: any of them may keep the answer, and the others
// do no harm.
func TestSharedPinnedAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		keepers  []int // of leader 0 and follower 1
		requests int64
	}{
		{"the leader keeps", []int{0}, 1},
		{"the follower keeps", []int{1}, 1},
		{"both keep", []int{0, 1}, 1},
		{"nobody keeps", nil, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var sent atomic.Int64
				client := newClient(t, Config{Base: slow(&sent, "{}"), CacheDir: t.TempDir()})
				keeps := make([]func(), 2)
				var wg sync.WaitGroup
				for i := range keeps {
					ctx, keep := WithPinned(t.Context(), "a")
					keeps[i] = keep
					wg.Go(func() {
						if _, _, _, err := fetch(ctx, client, testBase); err != nil {
							t.Error(err)
						}
					})
					synctest.Wait() // the first one leads
				}
				wg.Wait()
				if sent.Load() != 1 {
					t.Errorf("%d requests, want a shared one", sent.Load())
				}
				for _, i := range c.keepers {
					wg.Go(keeps[i]) // at once: -race would tell
				}
				wg.Wait()
				if _, _, _, err := fetch(pinnedContext(t.Context(), "a"), client, testBase); err != nil || sent.Load() != c.requests {
					t.Errorf("%d requests, want %d; %v", sent.Load(), c.requests, err)
				}
			})
		})
	}
}

func TestLeaderLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int64
		client := newClient(t, Config{Base: slow(&sent, "{}")})
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		left := make(chan time.Duration)
		began := time.Now()
		go func() {
			_, _, _, err := fetch(ctx, client, testBase)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the leader got %v", err)
			}
			left <- time.Since(began)
		}()
		synctest.Wait()
		done := make(chan struct{})
		go func() {
			defer close(done)
			wantBody(t, client, testBase, "{}")
		}()
		if d := <-left; d != 500*time.Millisecond {
			t.Errorf("the leader left after %s", d)
		}
		<-done
		if sent.Load() != 1 {
			t.Errorf("%d requests, want 1", sent.Load())
		}
	})
}

func TestLastCallerEndsTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan time.Duration, 1)
		began := time.Now()
		base := roundTrip(func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			ended <- time.Since(began)
			return nil, req.Context().Err()
		})
		client := newClient(t, Config{Base: base, MaxRetries: 3})
		for _, d := range []time.Duration{time.Second, 2 * time.Second} {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), d)
				defer cancel()
				_, _, _, _ = fetch(ctx, client, testBase)
			}()
		}
		if d := <-ended; d != 2*time.Second {
			t.Errorf("the request ended after %s, want 2s", d)
		}
		synctest.Wait()
	})
}

func TestErrorsAreShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int64
		base := roundTrip(func(*http.Request) (*http.Response, error) {
			sent.Add(1)
			time.Sleep(time.Second)
			return nil, errReset
		})
		client := newClient(t, Config{Base: base})
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if _, _, _, err := fetch(t.Context(), client, testBase); !errors.Is(err, errReset) {
					t.Errorf("error %v", err)
				}
			})
		}
		wg.Wait()
		if sent.Load() != 1 {
			t.Errorf("%d requests, want 1", sent.Load())
		}
	})
}

// Two callers share a request that runs into a limit of 30 s. One has an hour and waits. The other
// has ten seconds and fails at once, whether it came before the limit or later.
func TestShortDeadlineInASharedWait(t *testing.T) {
	t.Parallel()
	for _, joins := range []time.Duration{0, 5 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			var sent atomic.Int64
			base := roundTrip(func(req *http.Request) (*http.Response, error) {
				time.Sleep(time.Second)
				if sent.Add(1) == 1 {
					return response(req, 429, "", "Retry-After", "30"), nil
				}
				return response(req, 200, "{}"), nil
			})
			client := newClient(t, Config{Base: base, MaxRateLimitWait: time.Minute})
			done := make(chan struct{})
			go func() {
				defer close(done)
				wantBody(t, client, testBase, "{}")
			}()
			synctest.Wait()
			time.Sleep(joins)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			began := time.Now()
			_, _, _, err := fetch(ctx, client, testBase)
			var limit *RateLimitError
			if !errors.As(err, &limit) || !limit.ByDeadline || time.Since(began) > time.Second {
				t.Errorf("after %s: %v", time.Since(began), err)
			}
			<-done
			if sent.Load() != 2 {
				t.Errorf("%d requests, want 2", sent.Load())
			}
		})
	}
}
