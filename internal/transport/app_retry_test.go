package transport

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// lagging is a GitHub that refuses some of an App's requests. It counts the exchanges and notes the
// requests.
type lagging struct {
	refuse    func(token string, age time.Duration) int // status, 0: the token is good
	mu        sync.Mutex
	exchanges int
	made      time.Time
	seen      []string
}

func (l *lagging) RoundTrip(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if req.Method == http.MethodPost {
		l.exchanges++
		l.made = time.Now()
		return response(req, 201, fmt.Sprintf(`{"token":"ghs_%d","expires_at":"2999-01-01T00:00:00Z"}`, l.exchanges)), nil
	}
	token := req.Header.Get("Authorization")[len("Bearer "):]
	l.seen = append(l.seen, token)
	if status := l.refuse(token, time.Since(l.made)); status != 0 {
		return response(req, status, `{"message":"Bad credentials"}`), nil
	}
	return response(req, 200, "{}"), nil
}

func (l *lagging) client(t *testing.T) *http.Client {
	t.Helper()
	credential, err := AppInstallation(mustURL(t, testBase), 12, 34, appPEM(), nil, "app_auth")
	if err != nil {
		t.Fatal(err)
	}
	return newClient(t, Config{Base: l, Credential: credential, MaxRetries: 3})
}

// TestNewAppTokenIsRepeated: a refusal within five seconds of a token's making is replication lag.
func TestNewAppTokenIsRepeated(t *testing.T) {
	t.Parallel()
	appKey() // made outside the bubbles, once
	until := func(lag time.Duration, status int) func(string, time.Duration) int {
		return func(_ string, age time.Duration) int {
			if age < lag {
				return status
			}
			return 0
		}
	}
	const ever = time.Hour
	for _, c := range []struct {
		name      string
		refuse    func(string, time.Duration) int
		status    int
		exchanges int
		took      [2]time.Duration
	}{
		{"no lag", until(0, 0), 200, 1, [2]time.Duration{0, 0}},
		{"401 for 100 ms", until(100*time.Millisecond, 401), 200, 1, [2]time.Duration{100 * time.Millisecond, 250 * time.Millisecond}},
		{"401 for 3 s", until(3*time.Second, 401), 200, 1, [2]time.Duration{3 * time.Second, 5 * time.Second}},
		{"403 for 3 s", until(3*time.Second, 403), 200, 1, [2]time.Duration{3 * time.Second, 5 * time.Second}},
		{"403 to the end", until(ever, 403), 403, 1, [2]time.Duration{5 * time.Second, 5 * time.Second}},
		{"401 to the end", until(ever, 401), 401, 2, [2]time.Duration{10 * time.Second, 10 * time.Second}},
		{"404", until(ever, 404), 404, 1, [2]time.Duration{0, 0}},
		{"401 for the first token", func(token string, _ time.Duration) int {
			if token == "ghs_1" {
				return 401
			}
			return 0
		}, 200, 2, [2]time.Duration{5 * time.Second, 5 * time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := &lagging{refuse: c.refuse}
				client := hub.client(t)
				began := time.Now()
				status, _, _, err := fetch(t.Context(), client, testBase)
				took := time.Since(began)
				if err != nil || status != c.status || hub.exchanges != c.exchanges || took < c.took[0] || took > c.took[1] {
					t.Errorf("%d %v with %d exchanges after %s; want %d with %d after %s", status, err, hub.exchanges, took, c.status, c.exchanges, c.took)
				}
				if len(hub.seen) > 40 {
					t.Errorf("%d requests", len(hub.seen))
				}
			})
		})
	}
}

// TestOldAppTokenIsReplacedOnce: a 401 for a token that is not new any more. All requests that meet it
// share one new token.
func TestOldAppTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	appKey()
	synctest.Test(t, func(t *testing.T) {
		revoked := false
		hub := &lagging{refuse: func(token string, _ time.Duration) int {
			if revoked && token == "ghs_1" {
				return 401
			}
			return 0
		}}
		client := hub.client(t)
		wantBody(t, client, testBase, "{}")
		time.Sleep(10 * time.Minute)
		revoked = true
		began := time.Now()
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() { wantBody(t, client, fmt.Sprintf("%sx/%d", testBase, i), "{}") })
		}
		wg.Wait()
		if hub.exchanges != 2 || time.Since(began) != 0 {
			t.Errorf("%d exchanges, want 2; after %s", hub.exchanges, time.Since(began))
		}
	})
}

// TestOld403IsAnAnswer: a 403 for a token that is not new is about permission.
func TestOld403IsAnAnswer(t *testing.T) {
	t.Parallel()
	appKey()
	synctest.Test(t, func(t *testing.T) {
		denied := false
		hub := &lagging{refuse: func(string, time.Duration) int {
			if denied {
				return 403
			}
			return 0
		}}
		client := hub.client(t)
		wantBody(t, client, testBase, "{}")
		time.Sleep(time.Minute)
		denied = true
		if status, _, _, err := fetch(t.Context(), client, testBase+"x"); status != 403 || err != nil || len(hub.seen) != 2 || hub.exchanges != 1 {
			t.Errorf("%d %v after %q", status, err, hub.seen)
		}
	})
}

// TestRepeatingEndsWithTheContext: a refusal is worth more than "deadline exceeded", and a
// cancellation ends the wait.
func TestRepeatingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	appKey()
	synctest.Test(t, func(t *testing.T) {
		hub := &lagging{refuse: func(string, time.Duration) int { return 401 }}
		client := hub.client(t)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if status, _, _, err := fetch(ctx, client, testBase); status != 401 || err != nil {
			t.Errorf("%d %v", status, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		hub := &lagging{refuse: func(string, time.Duration) int { return 401 }}
		client := hub.client(t)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		if _, _, _, err := fetch(WithStreaming(ctx), client, testBase); err == nil || time.Since(began) != time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		synctest.Wait()
	})
}
