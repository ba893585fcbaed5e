package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// sendAll sends n requests at once and returns when each was on the wire, counted from the start.
func sendAll(t *testing.T, n, perMinute, concurrent int) []time.Duration {
	t.Helper()
	var mu sync.Mutex
	var sent []time.Duration
	began := time.Now()
	base := roundTrip(func(req *http.Request) (*http.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, time.Since(began))
		return response(req, 200, "{}"), nil
	})
	client := newClient(t, Config{Base: base, RequestsPerMinute: perMinute, MaxConcurrent: concurrent})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if _, _, _, err := fetch(t.Context(), client, fmt.Sprintf("%s%d", testBase, i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	return sent
}

func TestPaceHoldsInEveryMinute(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ perMinute, concurrent, n int }{
		{900, 10, 3000}, {900, 100, 3000}, {60, 10, 200}, {12, 10, 50}, {2, 10, 8}, {1, 10, 4}, {1, 1, 4}, {7, 3, 40},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sent := sendAll(t, c.n, c.perMinute, c.concurrent)
				for i := range sent {
					if j := i + c.perMinute; j < len(sent) && sent[j]-sent[i] < time.Minute {
						t.Fatalf("%d requests in %s", c.perMinute+1, sent[j]-sent[i])
					}
				}
				// No request is delayed without need: each full minute's requests are sent
				// together.
				if last, want := sent[len(sent)-1], time.Duration((c.n-1)/c.perMinute)*window; last != want {
					t.Errorf("%d requests took %s, want %s", c.n, last, want)
				}
			})
		})
	}
}

func TestAMinutesRequestsAreNotSlowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		if sent := sendAll(t, 900, 900, 10); sent[899] != 0 {
			t.Errorf("the last of 900 requests left after %s, want at once", sent[899])
		}
	})
}

// TestThePaceIsOfTheAPI: requests to other hosts, such as a log storage, do not count.
func TestThePaceIsOfTheAPI(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		base := roundTrip(func(req *http.Request) (*http.Response, error) { return response(req, 200, "{}"), nil })
		client := newClient(t, Config{Base: base, RequestsPerMinute: 1, MaxConcurrent: 1})
		for _, url := range []string{testBase, "https://storage.test/a", "https://storage.test/b", "https://storage.test/c"} {
			if _, _, _, err := fetch(t.Context(), client, url); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("the storage had to wait for %s", took)
		}
	})
}

func TestPaceAndDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, Config{Base: newScript(t, answer(200, "{}"), answer(200, "{}")), RequestsPerMinute: 1, MaxRetries: 3})
		wantBody(t, client, testBase, "{}")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, _, _, err := fetch(ctx, client, testBase); !errors.Is(err, ErrPaceDeadline) || !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 0 {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, _, _, err := fetch(ctx, client, testBase); !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		synctest.Wait()
		// Neither of the two has used up a turn.
		wantBody(t, client, testBase, "{}")
		if d := time.Since(began).Round(time.Second); d != window {
			t.Errorf("the next turn came after %s, want %s", d, window)
		}
	})
}
