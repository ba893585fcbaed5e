package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

var errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

func TestRetryTable(t *testing.T) {
	t.Parallel()
	ok := answer(200, `{"ok":true}`)
	for _, c := range []struct {
		name       string
		steps      []roundTrip // every one must be used
		retries    int
		wantStatus int
		wantTries  int // of an AttemptsError; 0: no error
	}{
		{"no fault", []roundTrip{ok}, 3, 200, 0},
		{"502, truncated, reset", []roundTrip{answer(502, "bad"), cut(`{"o`), fault(errReset), ok}, 3, 200, 0},
		{"500, 503, 504", []roundTrip{answer(500, ""), answer(503, ""), answer(504, ""), ok}, 3, 200, 0},
		{"5xx to the end", []roundTrip{answer(502, ""), answer(503, ""), answer(500, "last")}, 2, 500, 0},
		{"5xx without retries", []roundTrip{answer(502, "")}, 0, 502, 0},
		{"501", []roundTrip{answer(501, "")}, 3, 501, 0},
		{"400", []roundTrip{answer(400, "")}, 3, 400, 0},
		{"401", []roundTrip{answer(401, "")}, 3, 401, 0},
		{"403", []roundTrip{answer(403, `{"message":"Must have admin rights"}`)}, 3, 403, 0},
		{"404", []roundTrip{answer(404, "")}, 3, 404, 0},
		{"410", []roundTrip{answer(410, "")}, 3, 410, 0},
		{"422", []roundTrip{answer(422, "")}, 3, 422, 0},
		{"truncated to the end", []roundTrip{cut(""), cut("{"), cut(`{"`)}, 2, 0, 3},
		{"cut, and its length says that this is all", []roundTrip{answer(200, `{"o`), answer(200, `[{"a":1}`), ok}, 3, 200, 0},
		{"truncated to the end, with the right length", []roundTrip{answer(200, `{"o":"x`), answer(200, "[")}, 1, 0, 2},
		{"an error that is cut", []roundTrip{answer(404, `{"mess`)}, 3, 404, 0},
		{"reset to the end", []roundTrip{fault(errReset), fault(errReset)}, 1, 0, 2},
		{"EOF", []roundTrip{fault(io.EOF), ok}, 1, 200, 0},
		{"no such host", []roundTrip{fault(&net.DNSError{Err: "no such host", IsNotFound: true})}, 3, 0, 1},
		{"resolver down", []roundTrip{fault(&net.DNSError{Err: "server misbehaving", IsTemporary: true}), ok}, 3, 200, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				wire := newScript(t, c.steps...)
				client := newClient(t, Config{Base: wire, MaxRetries: c.retries, RetryDelay: time.Second})
				status, _, _, err := fetch(t.Context(), client, testBase)
				if status != c.wantStatus {
					t.Errorf("status %d, want %d", status, c.wantStatus)
				}
				var attempts *AttemptsError
				if got := errors.As(err, &attempts); got != (c.wantTries > 0) {
					t.Fatalf("error %v", err)
				}
				if attempts != nil && attempts.Attempts != c.wantTries {
					t.Errorf("%d attempts, want %d", attempts.Attempts, c.wantTries)
				}
				if strings.HasPrefix(c.name, "truncated") && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("error %v is not io.ErrUnexpectedEOF", err)
				}
				checkBackoff(t, wire.waits(), time.Second)
			})
		})
	}
}

func checkBackoff(t *testing.T, waits []time.Duration, first time.Duration) {
	t.Helper()
	for i, got := range waits {
		full := min(first<<i, maxBackoff)
		if got < full/2 || got > full {
			t.Errorf("wait %d is %s, want between %s and %s", i+1, got, full/2, full)
		}
	}
}

func TestBackoffIsCappedAndJittered(t *testing.T) {
	t.Parallel()
	r := &retrier{delay: time.Second}
	seen := map[time.Duration]bool{}
	for attempt := 1; attempt <= 200; attempt++ {
		d := r.backoff(attempt, nil)
		if d <= 0 || d > maxBackoff {
			t.Fatalf("attempt %d waits %s", attempt, d)
		}
		seen[d] = true
	}
	if len(seen) < 100 {
		t.Errorf("only %d different waits of 200", len(seen))
	}
}

func TestRetryAfterOf503NeverBeatsTheCap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for header, want := range map[string][2]time.Duration{
			"7":                    {7 * time.Second, 7 * time.Second},
			"86400":                {maxBackoff, maxBackoff},
			"-1":                   {500 * time.Millisecond, time.Second},
			"soon":                 {500 * time.Millisecond, time.Second},
			"99999999999999999999": {500 * time.Millisecond, time.Second},
		} {
			wire := newScript(t, answer(503, "", "Retry-After", header), answer(200, "{}"))
			client := newClient(t, Config{Base: wire, MaxRetries: 1})
			wantBody(t, client, testBase, "{}")
			if w := wire.waits(); len(w) != 1 || w[0] < want[0] || w[0] > want[1] {
				t.Errorf("Retry-After %q: waits %v, want %v", header, w, want)
			}
		}
	})
}

func TestRetryWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, Config{Base: newScript(t, fault(errReset)), MaxRetries: 3, RetryDelay: 20 * time.Second})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		_, _, _, err := fetch(ctx, client, testBase)
		if !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		synctest.Wait()
	})
}

// A wait that would outlast the deadline does not start: the cause is worth more than "deadline
// exceeded".
func TestRetryKeepsTheCauseWhenTheDeadlineIsNear(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, Config{Base: newScript(t, answer(502, "why")), MaxRetries: 3, RetryDelay: 20 * time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		status, body, _, err := fetch(ctx, client, testBase)
		if err != nil || status != 502 || body != "why" || time.Since(began) != 0 {
			t.Errorf("after %s: %d %q %v; want the 502 at once", time.Since(began), status, body, err)
		}
	})
}

func TestOtherMethodsAreRetriedOnlyWhenNeverSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		for _, c := range []struct {
			name  string
			steps []roundTrip
		}{
			{"refused", []roundTrip{fault(refused), answer(201, "{}")}},
			{"reset", []roundTrip{fault(errReset)}},
			{"502", []roundTrip{answer(502, "")}},
		} {
			var bodies []string
			wire := newScript(t, c.steps...)
			base := roundTrip(func(req *http.Request) (*http.Response, error) {
				data, err := io.ReadAll(req.Body)
				bodies = append(bodies, string(data))
				if err != nil {
					return nil, err
				}
				return wire.RoundTrip(req)
			})
			client := newClient(t, Config{Base: base, MaxRetries: 2})
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, testBase, strings.NewReader("payload"))
			if err != nil {
				t.Fatal(err)
			}
			if resp, err := client.Do(req); err == nil {
				_ = resp.Body.Close()
			}
			for _, b := range bodies {
				if b != "payload" {
					t.Errorf("%s: an attempt had the body %q", c.name, b)
				}
			}
		}
	})
}

// The same three faults from a real server on a real connection.
func TestFaultsOnTheWire(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	s := server(t, func(w http.ResponseWriter, _ *http.Request) {
		switch n.Add(1) {
		case 1:
			w.WriteHeader(http.StatusBadGateway)
		case 2:
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `{"part`)
		case 3:
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		default:
			fmt.Fprint(w, `{"whole":true}`)
		}
	})
	client := newClient(t, Config{BaseURL: mustURL(t, s.URL), MaxRetries: 3, RetryDelay: time.Millisecond})
	wantBody(t, client, s.URL, `{"whole":true}`)
	if n.Load() != 4 {
		t.Errorf("%d requests, want 4", n.Load())
	}
}

func TestUntrustedCertificateIsNotRetried(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	client := newClient(t, Config{BaseURL: mustURL(t, s.URL), MaxRetries: 3, RetryDelay: time.Millisecond})
	_, _, _, err := fetch(t.Context(), client, s.URL)
	var attempts *AttemptsError
	if !errors.As(err, &attempts) || attempts.Attempts != 1 {
		t.Errorf("error %v, want one attempt", err)
	}
}
