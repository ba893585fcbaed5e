package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestConcurrencyLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int64
		base := roundTrip(func(req *http.Request) (*http.Response, error) {
			n := now.Add(1)
			defer now.Add(-1)
			for m := most.Load(); n > m; m = most.Load() {
				most.CompareAndSwap(m, n)
			}
			time.Sleep(time.Second)
			return response(req, 200, "{}"), nil
		})
		client := newClient(t, Config{Base: base, MaxConcurrent: 4})
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				if _, _, _, err := fetch(t.Context(), client, fmt.Sprintf("%s%d", testBase, i)); err != nil {
					t.Error(err)
				}
			})
		}
		began := time.Now()
		wg.Wait()
		if most.Load() != 4 || time.Since(began) != 5*time.Second {
			t.Errorf("at most %d at once, %s in all; want 4 and 5s", most.Load(), time.Since(began))
		}
	})
}

// With one slot: a request in back-off and a request that waits for a rate limit let others pass.
func TestNoSlotIsHeldWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var failed atomic.Bool
		base := roundTrip(func(req *http.Request) (*http.Response, error) {
			if req.URL.Path == "/failing" && failed.CompareAndSwap(false, true) {
				return response(req, 502, ""), nil
			}
			return response(req, 200, "{}"), nil
		})
		client := newClient(t, Config{Base: base, MaxConcurrent: 1, MaxRetries: 1, RetryDelay: 20 * time.Second})
		done := make(chan struct{})
		go func() {
			defer close(done)
			wantBody(t, client, testBase+"failing", "{}")
		}()
		synctest.Wait() // it is in its back-off
		began := time.Now()
		wantBody(t, client, testBase+"other", "{}")
		if d := time.Since(began); d != 0 {
			t.Errorf("the other request waited %s", d)
		}
		<-done
	})
}

func TestQueueForASlotEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		unblock := make(chan struct{})
		var sent atomic.Int64
		base := roundTrip(func(req *http.Request) (*http.Response, error) {
			sent.Add(1)
			<-unblock
			return response(req, 200, "{}"), nil
		})
		client := newClient(t, Config{Base: base, MaxConcurrent: 1})
		go func() { _, _, _, _ = fetch(t.Context(), client, testBase+"first") }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, _, err := fetch(ctx, client, testBase+"second"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		close(unblock)
		synctest.Wait()
		if sent.Load() != 1 {
			t.Errorf("%d requests were sent, want 1", sent.Load())
		}
	})
}

func TestStreamHoldsItsSlotUntilItsEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*http.Response){
		"closed":           func(r *http.Response) { _ = r.Body.Close() },
		"read, not closed": func(r *http.Response) { _, _ = io.Copy(io.Discard, r.Body) },
		"read": func(r *http.Response) {
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
			_ = r.Body.Close() // a second close gives no second slot back
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newClient(t, Config{Base: answer(200, "{}"), MaxConcurrent: 1})
				req, _ := http.NewRequestWithContext(WithStreaming(t.Context()), http.MethodGet, testBase, nil)
				resp, err := client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if _, _, _, err := fetch(ctx, client, testBase); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("while the stream is open: %v", err)
				}
				end(resp)
				wantBody(t, client, testBase, "{}")
				wantBody(t, client, testBase, "{}")
			})
		})
	}
}
