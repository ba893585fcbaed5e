package transport

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v4"
)

// appKey is made once: it takes a while.
var appKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func appPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(appKey())})
}

// appHub is GitHub for one App, below a path as on GitHub Enterprise Server. It checks the App's
// assertion and returns the tokens ghs_1, ghs_2, …
type appHub struct {
	t        *testing.T
	life     time.Duration // of a token; negative: expired when given
	exchange roundTrip     // answers the exchange instead,
	spoilt   int64         // so many times; 0: once

	tokens    atomic.Int64
	exchanges atomic.Int64
	mu        sync.Mutex
	seen      []string // the Authorization of each other request
}

func (h *appHub) RoundTrip(req *http.Request) (*http.Response, error) {
	authorization := req.Header.Get("Authorization")
	if req.URL.Path != "/api/v3/app/installations/34/access_tokens" {
		h.mu.Lock()
		h.seen = append(h.seen, authorization)
		h.mu.Unlock()
		return response(req, 200, "{}"), nil
	}
	n := h.exchanges.Add(1)
	claims := &jwt.RegisteredClaims{}
	_, err := jwt.ParseWithClaims(strings.TrimPrefix(authorization, "Bearer "), claims,
		func(*jwt.Token) (any, error) { return &appKey().PublicKey, nil }, jwt.WithValidMethods([]string{"RS256"}))
	if err != nil || claims.Issuer != "12" || req.Method != http.MethodPost {
		h.t.Errorf("exchange by %s with %v: %v", req.Method, claims, err)
	}
	if body, err := io.ReadAll(req.Body); err != nil || int64(len(body)) != req.ContentLength || len(body) == 0 {
		h.t.Errorf("exchange %d has the body %q, %v; want all %d bytes", n, body, err, req.ContentLength)
	}
	if h.exchange != nil && n <= max(h.spoilt, 1) {
		return h.exchange(req)
	}
	body := fmt.Sprintf(`{"token":"ghs_%d","expires_at":%q}`, h.tokens.Add(1), time.Now().Add(h.life).UTC().Format(time.RFC3339))
	return response(req, 201, body), nil
}

func (h *appHub) client(t *testing.T, cfg Config) *http.Client {
	t.Helper()
	cfg.BaseURL = mustURL(t, testBase+"api/v3/")
	credential, err := AppInstallation(cfg.BaseURL, 12, 34, appPEM(), nil, "app_auth")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Base, cfg.Credential = h, credential
	return newClient(t, cfg)
}

func TestAppTokenIsKeptWhileItLasts(t *testing.T) {
	t.Parallel()
	hub := &appHub{t: t, life: time.Hour}
	client := hub.client(t, Config{MaxConcurrent: 1}) // the exchange must not need a second slot
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			wantBody(t, client, fmt.Sprintf("%sapi/v3/x/%d", testBase, i), "{}")
		})
	}
	wg.Wait()
	if hub.exchanges.Load() != 1 || len(hub.seen) != 20 {
		t.Errorf("%d exchanges for %d requests, want 1 for 20", hub.exchanges.Load(), len(hub.seen))
	}
	for _, a := range hub.seen {
		if a != "Bearer ghs_1" {
			t.Errorf("Authorization = %q", a)
		}
	}
}

func TestAppTokenIsRenewed(t *testing.T) {
	t.Parallel()
	hub := &appHub{t: t, life: 30 * time.Second} // less than the minute before its end
	client := hub.client(t, Config{})
	for range 3 {
		wantBody(t, client, testBase+"api/v3/x", "{}")
	}
	if got := fmt.Sprint(hub.seen); got != "[Bearer ghs_1 Bearer ghs_2 Bearer ghs_3]" {
		t.Errorf("tokens %s", got)
	}
}

func TestAppTokenGoesHomeOnly(t *testing.T) {
	t.Parallel()
	hub := &appHub{t: t, life: time.Hour}
	client := hub.client(t, Config{})
	if _, _, _, err := fetch(t.Context(), client, "https://elsewhere.test/"); err != nil {
		t.Fatal(err)
	}
	if hub.exchanges.Load() != 0 || hub.seen[0] != "" {
		t.Errorf("%d exchanges, Authorization %q", hub.exchanges.Load(), hub.seen[0])
	}
}

func TestAppExchangeFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		exchange  roundTrip
		cfg       Config
		want      string // part of the error; "": none
		status    int
		exchanges int64
	}{
		{"wrong key", answer(401, `{"message":"A JSON web token could not be decoded"}`, "X-GitHub-Request-Id", "A:1"), Config{MaxRetries: 3}, "GitHub answered 401", 401, 1},
		{"no such installation", answer(404, `{}`, "X-GitHub-Request-Id", "A:1"), Config{MaxRetries: 3}, "GitHub answered 404", 404, 1},
		{"suspended", answer(403, `{"message":"This installation has been suspended"}`), Config{MaxRetries: 3}, "GitHub answered 403", 403, 1},
		{"a huge refusal", answer(422, strings.Repeat("s3cret ", 100_000)), Config{}, "GitHub answered 422", 422, 1},
		{"no token in it", answer(201, `{}`), Config{}, "no installation token", 201, 1},
		{"not JSON", answer(201, `<html>`), Config{}, "GitHub's answer to the request for an installation token cannot be read: invalid character", 201, 1},
		{"another type", answer(200, `{"token":1}`), Config{}, "GitHub's answer to the request for an installation token cannot be read: json", 201, 1},
		// A second token does no harm, so the exchange is repeated although it is a POST: a
		// credential must not fail where a GET would be retried.
		{"reset", fault(errReset), Config{MaxRetries: 3}, "", 0, 2},
		{"502", answer(502, "<html>"), Config{MaxRetries: 3}, "", 0, 2},
		{"cut short", cut(`{"tok`), Config{MaxRetries: 3}, "", 0, 2},
		{"cut short, with the right length", answer(201, `{"token":"ghs_`), Config{MaxRetries: 3}, "", 0, 2},
		{"502 without retries", answer(502, "<html>"), Config{}, "GitHub answered 502", 502, 1},
		{"reset without retries", fault(errReset), Config{}, "connection reset", 0, 1},
		{"a limit waited for", answer(429, "", "Retry-After", "5"), Config{MaxRateLimitWait: time.Minute}, "", 0, 2},
		{"a redirect elsewhere", answer(307, "", "Location", "https://elsewhere.test/x?s3cret"), Config{MaxRetries: 3}, "the request for an installation token was redirected to https://elsewhere.test; check base_url", 307, 1},
		{"a redirect at home", answer(301, "", "Location", "/app/x?a=b"), Config{}, "redirected to https://api.github.test; check base_url", 301, 1},
		{"a redirect to nowhere", answer(302, "", "Location", "https://[s3cret"), Config{}, "redirected to an address that is not valid; check base_url", 302, 1},
		{"a line break in the token", answer(201, `{"token":"ghs_a\nb","expires_at":"2999-01-01T00:00:00Z"}`), Config{MaxRetries: 3}, "GitHub's answer contains an installation token with white space or control characters", 201, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := &appHub{t: t, life: time.Hour, exchange: c.exchange}
				client := hub.client(t, c.cfg)
				_, _, _, err := fetch(t.Context(), client, testBase+"api/v3/x")
				if hub.exchanges.Load() != c.exchanges {
					t.Errorf("%d exchanges, want %d", hub.exchanges.Load(), c.exchanges)
				}
				if c.want == "" {
					if err != nil {
						t.Error(err)
					}
					return
				}
				var credential *CredentialError
				if !errors.As(err, &credential) || credential.Source != "app_auth" || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("error %v, want a CredentialError with %q", err, c.want)
				}
				if !credential.App || strings.Contains(err.Error(), "s3cret") || strings.HasPrefix(c.name, "a redirect") != (credential.RedirectedTo != "") {
					t.Errorf("App %v, redirected to %q: %v", credential.App, credential.RedirectedTo, err)
				}
				if want := map[int]string{401: "A JSON web token could not be decoded", 403: "This installation has been suspended"}[c.status]; len(credential.Body) > maxQuoted || !strings.Contains(string(credential.Body), want) {
					t.Errorf("body %.100q, want %s", credential.Body, want)
				}
				if credential.StatusCode != c.status || (c.status == 401 && credential.RequestID != "A:1") {
					t.Errorf("status %d, id %q", credential.StatusCode, credential.RequestID)
				}
				if len(hub.seen) != 0 {
					t.Error("the request was sent without a token")
				}
			})
		})
	}
}

// The error of a permanent fault says what is known: the status, or the number of attempts.
func TestAppExchangeFaultsThatStay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		exchange roundTrip
		status   int
		attempts int
	}{
		{"503", answer(503, ""), 503, 0},
		{"reset", fault(errReset), 0, 3},
		{"cut short", cut(`{"tok`), 0, 3},
		{"cut short, with the right length", answer(201, `{"tok`), 0, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hub := &appHub{t: t, life: time.Hour, exchange: c.exchange, spoilt: 100}
				client := hub.client(t, Config{MaxRetries: 2})
				_, _, _, err := fetch(t.Context(), client, testBase+"api/v3/x")
				var credential *CredentialError
				if !errors.As(err, &credential) || credential.StatusCode != c.status {
					t.Fatalf("error %v, want a CredentialError with status %d", err, c.status)
				}
				var attempts *AttemptsError
				if errors.As(err, &attempts) != (c.attempts > 0) || attempts != nil && attempts.Attempts != c.attempts {
					t.Errorf("error %v, want %d attempts", err, c.attempts)
				}
				if hub.exchanges.Load() != 3 || len(hub.seen) != 0 {
					t.Errorf("%d exchanges and %d requests, want 3 and none", hub.exchanges.Load(), len(hub.seen))
				}
			})
		})
	}
}

// A limit that the exchange runs into applies to all requests: it is reported as a limit, and
// closes the gate.
func TestAppExchangeIntoALimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := &appHub{t: t, life: time.Hour, exchange: answer(403, "", "Retry-After", "3600")}
		client := hub.client(t, Config{MaxRateLimitWait: time.Minute})
		for range 3 {
			_, _, _, err := fetch(t.Context(), client, testBase+"api/v3/x")
			var limit *RateLimitError
			if !errors.As(err, &limit) || limit.Wait != time.Hour {
				t.Errorf("error %v", err)
			}
		}
		if hub.exchanges.Load() != 1 {
			t.Errorf("%d exchanges, want 1", hub.exchanges.Load())
		}
	})
}

// A caller that waits for another caller's exchange leaves when its own context ends, and does not
// end the exchange.
func TestAppWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	appKey() // made outside the bubble: its time would count
	synctest.Test(t, func(t *testing.T) {
		rt := roundTrip(func(req *http.Request) (*http.Response, error) {
			time.Sleep(10 * time.Second)
			return response(req, 201, `{"token":"ghs_x","expires_at":"2999-01-01T00:00:00Z"}`), nil
		})
		credential, err := AppInstallation(mustURL(t, testBase), 12, 34, appPEM(), rt, "app_auth")
		if err != nil {
			t.Fatal(err)
		}
		first := make(chan struct{})
		go func() {
			defer close(first)
			if token, err := credential.Token(t.Context()); token != "ghs_x" || err != nil {
				t.Errorf("%q %v", token, err)
			}
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if _, err := credential.Token(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		<-first
	})
}

// A caller whose context ends during the exchange gets the context's error, not a CredentialError.
func TestAppExchangeEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	rt := roundTrip(func(req *http.Request) (*http.Response, error) {
		cancel()
		return nil, req.Context().Err()
	})
	credential, err := AppInstallation(mustURL(t, testBase), 12, 34, appPEM(), rt, "app_auth")
	if err != nil {
		t.Fatal(err)
	}
	_, err = credential.Token(ctx)
	var bad *CredentialError
	if !errors.Is(err, context.Canceled) || errors.As(err, &bad) {
		t.Errorf("error %v", err)
	}
}

func TestAppSettings(t *testing.T) {
	t.Parallel()
	base := mustURL(t, testBase)
	rt := answer(200, "")
	for name, err := range map[string]error{
		"no key":       second(AppInstallation(base, 1, 2, nil, rt, "app_auth")),
		"not a key":    second(AppInstallation(base, 1, 2, []byte("s3cret key"), rt, "app_auth")),
		"no id":        second(AppInstallation(base, 0, 2, appPEM(), rt, "app_auth")),
		"no install":   second(AppInstallation(base, 1, -2, appPEM(), rt, "app_auth")),
		"no base":      second(AppInstallation(nil, 1, 2, appPEM(), rt, "app_auth")),
		"http to host": second(AppInstallation(mustURL(t, "http://api.github.test/"), 1, 2, appPEM(), rt, "app_auth")),
	} {
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	app, err := AppInstallation(base, 1, 2, appPEM(), rt, "app_auth")
	if err != nil || !IsApp(app) || IsApp(StaticToken("t", "")) || IsApp(nil) {
		t.Errorf("IsApp is wrong; %v", err)
	}
	printOf := func(app, installation int64) string {
		c, err := AppInstallation(base, app, installation, appPEM(), rt, "x")
		if err != nil {
			t.Fatal(err)
		}
		return c.Fingerprint()
	}
	if printOf(1, 23) == printOf(12, 3) {
		t.Error("fingerprints do not tell who is asking")
	}
}

func second(_ Credential, err error) error { return err }
