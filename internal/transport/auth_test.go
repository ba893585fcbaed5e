package transport

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

func TestTokenGoesHomeOnly(t *testing.T) {
	t.Parallel()
	const base = "https://api.github.test/api/v3/"
	for _, c := range []struct {
		url  string
		want bool
	}{
		{"https://api.github.test/api/v3/x", true},
		{"https://api.github.test/elsewhere", true},
		{"https://API.GitHub.Test:443/x", true},
		{"HTTPS://api.github.test/x", true},
		{"http://api.github.test/x", false},
		{"http://api.github.test:443/x", false},
		{"https://api.github.test:8443/x", false},
		{"https://sub.api.github.test/x", false},
		{"https://github.test/x", false},
		{"https://api.github.test.evil.test/x", false},
		{"https://api.github.test./x", false},
		{"https://api.github.test@evil.test/x", false},
		{"https://user:pass@api.github.test/x", true},
	} {
		t.Run(c.url, func(t *testing.T) {
			t.Parallel()
			wire := newScript(t, answer(200, "{}"))
			client := newClient(t, Config{BaseURL: mustURL(t, base), Credential: StaticToken("s3cret", "test"), Base: wire})
			if _, _, _, err := fetch(t.Context(), client, c.url, "Authorization", "Bearer smuggled"); err != nil {
				t.Fatal(err)
			}
			want := ""
			if c.want {
				want = "Bearer s3cret"
			}
			if got := wire.request(0).Header.Get("Authorization"); got != want {
				t.Errorf("Authorization = %q, want %q", got, want)
			}
		})
	}
}

func TestAnonymousStripsAuthorization(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Authorization", "authorization", "AUTHORIZATION"} {
		wire := newScript(t, answer(200, "{}"))
		client := newClient(t, Config{Base: wire})
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, testBase, nil)
		req.Header[name] = []string{"Bearer smuggled"}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := wire.request(0).Header; len(got) != 0 {
			t.Errorf("headers %v", got)
		}
	}
}

// A different Host header means a different site at the same address.
func TestAnotherHostHeaderGetsNoToken(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{"": "Bearer s3cret", "API.github.test": "Bearer s3cret", "evil.test": ""} {
		wire := newScript(t, answer(200, "{}"))
		client := newClient(t, Config{Base: wire, Credential: StaticToken("s3cret", "")})
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, testBase, nil)
		req.Host = host
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := wire.request(0).Header.Get("Authorization"); got != want {
			t.Errorf("Host %q: Authorization = %q, want %q", host, got, want)
		}
	}
}

func TestRequestIsNotMutatedNorReturnedWithToken(t *testing.T) {
	t.Parallel()
	for _, stream := range []bool{false, true} {
		wire := newScript(t, answer(200, "{}"))
		client := newClient(t, Config{Credential: StaticToken("s3cret", "test"), Base: wire, UserAgent: "agent/1"})
		ctx := t.Context()
		if stream {
			ctx = WithStreaming(ctx)
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, testBase, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if len(req.Header) != 0 {
			t.Errorf("the caller's request got headers: %v", req.Header)
		}
		if resp.Request != req {
			t.Error("the answer's request is not the caller's")
		}
		if got := wire.request(0).Header.Get("User-Agent"); got != "agent/1" {
			t.Errorf("User-Agent = %q", got)
		}
	}
}

func TestStaticTokenThatCannotBeSent(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", " \n", "two words", "line\nbreak", "t\x00", "tökén"} {
		client := newClient(t, Config{Credential: StaticToken(token, "GITHUB_TOKEN"), MaxRetries: 3, Base: newScript(t)})
		_, _, _, err := fetch(t.Context(), client, testBase)
		var credential *CredentialError
		if !errors.As(err, &credential) || credential.Source != "GITHUB_TOKEN" {
			t.Errorf("token %q: error %v, want a CredentialError from GITHUB_TOKEN", token, err)
		}
		if s := strings.TrimSpace(token); s != "" && strings.Contains(err.Error(), s) {
			t.Errorf("the error contains the token: %v", err)
		}
	}
}

func TestStaticTokenTrimsAndHides(t *testing.T) {
	t.Parallel()
	c := StaticToken(" \ts3cret\r\n", "the provider's token argument")
	if got, err := c.Token(t.Context()); got != "s3cret" || err != nil {
		t.Errorf("Token = %q, %v", got, err)
	}
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), c.Fingerprint(), c.Source()} {
		if strings.Contains(text, "s3cret") {
			t.Errorf("the token shows in %q", text)
		}
	}
	if c.Fingerprint() == StaticToken("other", "").Fingerprint() {
		t.Error("two tokens have one fingerprint")
	}
	if StaticToken("other\n", "").Fingerprint() != StaticToken("other", "").Fingerprint() {
		t.Error("white space around a token changes who is asking")
	}
	if c.Fingerprint() != StaticToken("s3cret", "elsewhere").Fingerprint() {
		t.Error("one token from two sources has two fingerprints")
	}
}

// The copy of the request that has the token must not be returned to any layer above.
func TestAuthReturnsTheRequestItGot(t *testing.T) {
	t.Parallel()
	home := originOf(mustURL(t, testBase))
	for _, l := range []layer{&tokenAuth{home: home, credential: StaticToken("s3cret", "")}, &appAuth{home: home}} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, testBase, nil)
		if _, app := l.(*appAuth); app {
			req.Header.Set("Authorization", "Bearer assertion")
		}
		resp, err := l.over(answer(200, "")).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.Request.Header.Get("Authorization"); got != "" {
			t.Errorf("%T: the answer's request has Authorization %q", l, got)
		}
	}
}

// The App's assertion is guarded like a token.
func TestAssertionGoesHomeOnly(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{testBase: "Bearer assertion", "https://elsewhere.test/": ""} {
		wire := newScript(t, answer(200, ""))
		l := (&appAuth{home: originOf(mustURL(t, testBase))}).over(wire)
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, url, nil)
		req.Header.Set("Authorization", "Bearer assertion")
		if _, err := l.RoundTrip(req); err != nil {
			t.Fatal(err)
		}
		if got := wire.request(0).Header.Get("Authorization"); got != want {
			t.Errorf("%s got %q, want %q", url, got, want)
		}
	}
}

// TestWithoutToken: even a request to the base URL's own origin has no token; redirects are not
// followed, answers are neither shared nor cached, and no part of the query is logged.
func TestWithoutToken(t *testing.T) {
	t.Parallel()
	wire := newScript(t, answer(200, "{}", "ETag", "e"), answer(200, "{}", "ETag", "e"), answer(302, "", "Location", testBase+"next"))
	client := newClient(t, Config{Credential: StaticToken("s3cret", "test"), Base: wire, CacheDir: t.TempDir()})
	var log logBuffer
	ctx := WithoutToken(tflogtest.RootLogger(t.Context(), &log))
	const query = "?S1GNED&sig=S1GNED&page=S1GNED"
	for range 3 {
		if _, _, _, err := fetch(ctx, client, testBase+"log"+query); err != nil {
			t.Fatal(err)
		}
	}
	for i := range wire.count() {
		h := wire.request(i).Header
		if h.Get("Authorization") != "" || h.Get("If-None-Match") != "" {
			t.Errorf("request %d has %v", i, h)
		}
	}
	if lines := log.lines(t, "GitHub request"); len(lines) != 3 || lines[2]["path"] != testBase+"log" || lines[2]["status"] != 302.0 || strings.Contains(log.String(), "S1GNED") {
		t.Errorf("logged:\n%s", log.String())
	}
}
