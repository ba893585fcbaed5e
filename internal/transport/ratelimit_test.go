package transport

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func unix(t time.Time) string { return fmt.Sprint(t.Unix()) }

const (
	secondaryBody    = `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`
	abuseBody        = `{"message":"You have triggered an abuse detection mechanism."}`
	secondaryDocBody = `{"message":"Slow down.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`
	abuseDocBody     = `{"message":"Slow down.","documentation_url":"https://docs.github.com/rest#abuse-rate-limits"}`
	deniedBody       = `{"message":"Resource not accessible by integration"}`
)

func TestLimitOf(t *testing.T) {
	t.Parallel()
	h := func(kv ...string) []string { return kv }
	const never = time.Duration(math.MinInt64)
	date := func(d time.Duration) string { return start.Add(d).Format(http.TimeFormat) }
	for _, c := range []struct {
		name      string
		status    int
		headers   []string
		body      string
		refused   bool
		opens     time.Duration // from now; never: no limit told
		secondary bool
	}{
		{"plain 200", 200, h("X-RateLimit-Remaining", "42", "X-RateLimit-Reset", unix(start.Add(time.Hour))), "", false, never, false},
		{"the last of the hour", 200, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(time.Hour))), "", false, time.Hour + time.Second, false},
		{"the last, as 304", 304, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(time.Minute))), "", false, 61 * time.Second, false},
		{"the last, reset over", 200, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(-time.Minute))), "", false, never, false},
		{"the last, no reset", 200, h("X-RateLimit-Remaining", "0"), "", false, never, false},
		{"429 bare", 429, nil, "", true, time.Minute, true},
		{"429 with seconds", 429, h("Retry-After", "7"), "", true, 7 * time.Second, true},
		{"429 with a date", 429, h("Retry-After", start.Add(30*time.Second).Format(http.TimeFormat)), "", true, 31 * time.Second, true},
		{"429 with an old date", 429, h("Retry-After", start.Add(-time.Hour).Format(http.TimeFormat)), "", true, time.Second, true},
		{"429 with 0", 429, h("Retry-After", "0"), "", true, time.Second, true},
		{"429 negative", 429, h("Retry-After", "-5"), "", true, time.Minute, true},
		{"429 garbage", 429, h("Retry-After", "soon"), "", true, time.Minute, true},
		{"429 huge", 429, h("Retry-After", "9223372036854775807"), "", true, time.Minute, true},
		{"429 overflow", 429, h("Retry-After", "92233720368547758080"), "", true, time.Minute, true},
		{"429 Retry-After beats reset", 429, h("Retry-After", "7", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(time.Hour))), "", true, 7 * time.Second, false},
		{"429 with quota left ignores reset", 429, h("X-RateLimit-Remaining", "10", "X-RateLimit-Reset", unix(start.Add(time.Hour))), "", true, time.Minute, true},
		{"403 used up", 403, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(90*time.Second))), "", true, 91 * time.Second, false},
		{"403 used up, reset over", 403, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(-time.Hour))), "", true, time.Second, false},
		{"403 used up, reset in milliseconds", 403, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", fmt.Sprint(start.UnixMilli())), "", true, time.Minute, false},
		{"403 used up, reset negative", 403, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "-1"), "", true, time.Minute, false},
		{"403 used up, reset garbage", 403, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "noon"), "", true, time.Minute, false},
		{"403 with Retry-After", 403, h("Retry-After", "60"), deniedBody, true, time.Minute, true},
		{"403 secondary by its message", 403, nil, secondaryBody, true, time.Minute, true},
		{"403 abuse by its message", 403, nil, abuseBody, true, time.Minute, true},
		{"403 abuse by its link", 403, nil, abuseDocBody, true, time.Minute, true},
		{"403 secondary by its link", 403, nil, secondaryDocBody, true, time.Minute, true},
		{"403 denied", 403, h("X-RateLimit-Remaining", "10"), deniedBody, false, never, false},
		{"403 secondary, although the hour is used up too", 403, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(time.Hour))), secondaryBody, true, time.Hour + time.Second, true},
		{"403 in plain text", 403, nil, "API rate limit exceeded for 192.0.2.1\n", true, time.Minute, true},
		{"403 denied in plain text", 403, nil, "Request forbidden by administrative rules.", false, never, false},
		{"the last of another resource", 200, h("X-RateLimit-Resource", "search", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(time.Hour))), "", false, never, false},
		{"403 of another resource", 403, h("X-RateLimit-Resource", "search", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(time.Minute))), "", true, 61 * time.Second, false},
		{"403 not JSON", 403, nil, "<html>rate limit</html>", false, never, false},
		// A local clock that is 20 minutes fast, 20 minutes slow, or two seconds fast: the answer's
		// own time tells how long is left.
		{"ahead", 403, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(-10*time.Minute)), "Date", date(-20*time.Minute)), "", true, 10*time.Minute + time.Second, false},
		{"behind", 403, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(30*time.Minute)), "Date", date(20*time.Minute)), "", true, 10*time.Minute + time.Second, false},
		{"a little ahead", 403, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start), "Date", date(-2*time.Second)), "", true, 3 * time.Second, false},
		{"no skew, a slow answer", 403, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(time.Minute)), "Date", date(-3*time.Second)), "", true, 61 * time.Second, false},
		{"ahead, the last of the hour", 200, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(-10*time.Minute)), "Date", date(-20*time.Minute)), "", false, 10*time.Minute + time.Second, false},
		{"years behind", 403, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.AddDate(50, 0, 0).Add(time.Minute)), "Date", start.AddDate(50, 0, 0).Format(http.TimeFormat)), "", true, 61 * time.Second, false},
		{"ahead, Retry-After a date", 429, h("Retry-After", date(-19*time.Minute), "Date", date(-20*time.Minute)), "", true, 61 * time.Second, true},
		{"Date after the reset", 403, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(time.Minute)), "Date", date(time.Hour)), "", true, 61 * time.Second, false},
		{"Date long before", 403, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(-time.Hour)), "Date", date(-24*time.Hour)), "", true, time.Second, false},
		{"Date garbage", 403, h("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(-time.Hour)), "Date", "noon"), "", true, time.Second, false},
		{"401", 401, nil, "", false, never, false},
		{"503 with Retry-After", 503, h("Retry-After", "7"), "", false, never, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, testBase, nil)
			l, told, refused := limitOf(response(req, c.status, c.body, c.headers...), start)
			if refused != c.refused || told != (c.opens != never) {
				t.Fatalf("refused %v, told %v; want %v, %v", refused, told, c.refused, c.opens != never)
			}
			if !told {
				return
			}
			if got := l.opens.Sub(start); got != c.opens || l.secondary != c.secondary {
				t.Errorf("opens in %s, secondary %v; want %s, %v", got, l.secondary, c.opens, c.secondary)
			}
		})
	}
}

func TestRateLimitIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := newScript(t, answer(429, "", "Retry-After", "30"), answer(200, "{}"))
		client := newClient(t, Config{Base: wire, MaxRateLimitWait: time.Minute, MaxRetries: 3})
		wantBody(t, client, testBase, "{}")
		if w := wire.waits(); len(w) != 1 || w[0] != 30*time.Second {
			t.Errorf("waits %v, want one of 30s", w)
		}
	})
}

func TestLimitInAnHourFailsAtOnce(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 429} {
		synctest.Test(t, func(t *testing.T) {
			reset := start.Add(time.Hour)
			wire := newScript(t, answer(status, "", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(reset), "X-GitHub-Request-Id", "AB:12"))
			client := newClient(t, Config{Base: wire, MaxRateLimitWait: time.Minute, MaxRetries: 3})
			for range 3 { // the second and third call send nothing
				_, _, _, err := fetch(t.Context(), client, testBase)
				var limit *RateLimitError
				if !errors.As(err, &limit) {
					t.Fatalf("error %v", err)
				}
				want := RateLimitError{Reset: limit.Reset, Wait: time.Hour, MaxWait: time.Minute, StatusCode: status, RequestID: "AB:12"}
				if *limit != want || !limit.Reset.Equal(reset) {
					t.Errorf("got %+v, want %+v", *limit, want)
				}
				const text = "GitHub's primary rate limit resets at 2000-01-01T01:00:00Z, in 1h0m0s: the wait is longer than the maximum, 1m0s"
				if limit.Error() != text {
					t.Errorf("text %q", limit)
				}
			}
			if w := wire.waits(); len(w) != 0 {
				t.Errorf("waits %v", w)
			}
			time.Sleep(time.Hour + time.Second)
			wire.steps = append(wire.steps, answer(200, "{}"))
			wantBody(t, client, testBase, "{}")
		})
	}
}

func TestNoWaitAllowed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, Config{Base: newScript(t, answer(429, "", "Retry-After", "0"))})
		_, _, _, err := fetch(t.Context(), client, testBase)
		var limit *RateLimitError
		if !errors.As(err, &limit) || !limit.Secondary {
			t.Errorf("error %v", err)
		}
	})
}

// A successful answer that used up the quota closes the gate for the next.
func TestLastRequestOfTheHour(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := newScript(t,
			answer(200, "1", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(40*time.Second))),
			answer(200, "2"))
		client := newClient(t, Config{Base: wire, MaxRateLimitWait: time.Minute})
		wantBody(t, client, testBase, "1")
		wantBody(t, client, testBase, "2")
		if w := wire.waits(); len(w) != 1 || w[0] != 41*time.Second {
			t.Errorf("waits %v, want one of 41s", w)
		}
	})
}

func TestRoundsAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		steps := make([]roundTrip, 1+maxLimitRounds)
		for i := range steps {
			steps[i] = answer(429, "", "Retry-After", "0")
		}
		client := newClient(t, Config{Base: newScript(t, steps...), MaxRateLimitWait: time.Hour, MaxRetries: 3})
		_, _, _, err := fetch(t.Context(), client, testBase)
		var limit *RateLimitError
		if !errors.As(err, &limit) || limit.Rounds != maxLimitRounds || limit.ByDeadline {
			t.Fatalf("error %v", err)
		}
		const text = "GitHub's secondary rate limit resets at 2000-01-01T00:00:03Z, in 0s: the limit was still in force after 3 waits"
		if limit.Error() != text {
			t.Errorf("text %q", limit)
		}
	})
}

// A request that waited before its first attempt has waited once more.
func TestRoundsCountEveryWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		steps := []roundTrip{answer(200, "{}", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(start.Add(time.Minute)))}
		for range 1 + maxLimitRounds {
			steps = append(steps, answer(429, "", "Retry-After", "1"))
		}
		client := newClient(t, Config{Base: newScript(t, steps...), MaxRateLimitWait: time.Hour})
		wantBody(t, client, testBase, "{}")
		_, _, _, err := fetch(t.Context(), client, testBase)
		var limit *RateLimitError
		if !errors.As(err, &limit) || limit.Rounds != 1+maxLimitRounds {
			t.Errorf("error %v", err)
		}
	})
}

// To a clock that is 20 minutes fast, the reset seems to have passed. The wait is right all the
// same, and there is only one.
func TestSkewedClockWaitsOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		github := func() time.Time { return time.Now().Add(-20 * time.Minute) }
		reset := github().Add(30 * time.Second)
		hub := roundTrip(func(req *http.Request) (*http.Response, error) {
			h := []string{"Date", github().UTC().Format(http.TimeFormat), "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", unix(reset)}
			if github().Before(reset) {
				return response(req, 403, "", h...), nil
			}
			return response(req, 200, "{}"), nil
		})
		wire := newScript(t, hub.RoundTrip, hub.RoundTrip)
		client := newClient(t, Config{Base: wire, MaxRateLimitWait: time.Minute})
		wantBody(t, client, testBase, "{}")
		if w := wire.waits(); len(w) != 1 || w[0] != 31*time.Second {
			t.Errorf("waits %v, want one of 31s", w)
		}
	})
}

// Three waits of 30 s would be more than the 75 s allowed to one request.
func TestWaitsOfOneRequestAddUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		again := answer(429, "", "Retry-After", "30")
		wire := newScript(t, again, again, again)
		client := newClient(t, Config{Base: wire, MaxRateLimitWait: 75 * time.Second})
		_, _, _, err := fetch(t.Context(), client, testBase)
		var limit *RateLimitError
		if !errors.As(err, &limit) || len(wire.waits()) != 2 || limit.Rounds != 2 {
			t.Fatalf("after waits %v: %v", wire.waits(), err)
		}
		// 30 s are less than 75 s, so that cannot be the reason.
		const text = "GitHub's secondary rate limit resets at 2000-01-01T00:01:30Z, in 30s: the limit was still in force after 2 waits"
		if limit.Error() != text {
			t.Errorf("text %q", limit)
		}
	})
}

// One wait, and then a limit that is too long by itself: that is the reason.
func TestTooLongAfterAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := newScript(t, answer(429, "", "Retry-After", "30"), answer(429, "", "Retry-After", "3600"))
		client := newClient(t, Config{Base: wire, MaxRateLimitWait: time.Minute})
		_, _, _, err := fetch(t.Context(), client, testBase)
		var limit *RateLimitError
		if !errors.As(err, &limit) || limit.Rounds != 0 || limit.Wait != time.Hour {
			t.Errorf("error %v", err)
		}
	})
}

// TestDeadlineBeforeTheReset: a request that could be sent at the very end of its time is too late as well.
func TestDeadlineBeforeTheReset(t *testing.T) {
	t.Parallel()
	for _, timeout := range []time.Duration{20 * time.Second, 30 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			client := newClient(t, Config{Base: newScript(t, answer(429, "", "Retry-After", "30")), MaxRateLimitWait: time.Minute, MaxRetries: 3})
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			began := time.Now()
			for _, ctx := range []context.Context{ctx, WithStreaming(ctx)} {
				_, _, _, err := fetch(ctx, client, testBase)
				var limit *RateLimitError
				if !errors.As(err, &limit) || !limit.ByDeadline || time.Since(began) != 0 {
					t.Errorf("%s: after %s: %v", timeout, time.Since(began), err)
				}
			}
		})
	}
}

func TestRateLimitWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, Config{Base: newScript(t, answer(429, "", "Retry-After", "30")), MaxRateLimitWait: time.Minute})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		began := time.Now()
		_, _, _, err := fetch(ctx, client, testBase)
		if !errors.Is(err, context.Canceled) || time.Since(began) != 3*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}

// 50 readers of different pages and one slot: the first one learns of the limit, and no other may
// send a request into it, neither from the gate nor from the queue for the slot.
func TestManyGoroutinesOneRequestIntoALimit(t *testing.T) {
	t.Parallel()
	for _, waits := range []bool{false, true} {
		t.Run(fmt.Sprint("waits ", waits), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var early, late atomic.Int64
				opens := time.Now().Add(30 * time.Second)
				base := roundTrip(func(req *http.Request) (*http.Response, error) {
					time.Sleep(time.Millisecond) // the others queue up meanwhile
					if time.Now().Before(opens) {
						early.Add(1)
						return response(req, 403, secondaryBody, "Retry-After", "30"), nil
					}
					late.Add(1)
					return response(req, 200, "{}"), nil
				})
				cfg := Config{Base: base, MaxConcurrent: 1, RequestsPerMinute: 6000}
				if waits {
					cfg.MaxRateLimitWait = time.Minute
				}
				client := newClient(t, cfg)
				var failed atomic.Int64
				var wg sync.WaitGroup
				for i := range 50 {
					wg.Go(func() {
						_, _, _, err := fetch(t.Context(), client, fmt.Sprintf("%spage/%d", testBase, i))
						if _, isLimit := errors.AsType[*RateLimitError](err); isLimit {
							failed.Add(1)
						} else if err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				if early.Load() != 1 {
					t.Errorf("%d requests into the limit, want 1", early.Load())
				}
				wantLate, wantFailed := int64(0), int64(50)
				if waits {
					wantLate, wantFailed = 50, 0
				}
				if late.Load() != wantLate || failed.Load() != wantFailed {
					t.Errorf("%d answered, %d failed; want %d, %d", late.Load(), failed.Load(), wantLate, wantFailed)
				}
			})
		})
	}
}

// Another host's 429 does not concern GitHub.
func TestForeignHostDoesNotCloseTheGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, Config{Base: newScript(t, answer(429, ""), answer(200, "{}"))})
		if status, _, _, err := fetch(t.Context(), client, "https://elsewhere.test/"); status != 429 || err != nil {
			t.Errorf("%d %v", status, err)
		}
		wantBody(t, client, testBase, "{}")
	})
}
