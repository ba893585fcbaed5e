package transport

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		url  string
		want string // part of the error; "": accepted
	}{
		{"https://api.github.com/", ""},
		{"https://github.acme.example/api/v3/", ""},
		{"https://api.acme.ghe.com", ""},
		{"HTTPS://api.github.com/", ""},
		{"http://127.0.0.1:8080/", ""},
		{"http://127.8.9.1/", ""},
		{"http://[::1]:8080/", ""},
		{"http://localhost/api/v3/", ""},
		{"http://LOCALHOST/", ""},
		{"http://api.github.com/", "must use https"},
		{"http://localhost.evil.example/", "must use https"},
		{"http://10.0.0.1/", "must use https"},
		{"http://0.0.0.0/", "must use https"},
		{"ftp://api.github.com/", "must use https"},
		{"api.github.com", "needs https:// and a host"},
		{"https:///x", "needs https:// and a host"},
		{"https:opaque", "needs https:// and a host"},
		{"https://user:s3cret@api.github.com/", "user name or password"},
		{"https://user@api.github.com/", "user name or password"},
		{"https://api.github.com/?a=b", "query or a fragment"},
		{"https://api.github.com/?", "query or a fragment"},
		{"https://api.github.com/#x", "query or a fragment"},
	} {
		u, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		_, err = New(Config{BaseURL: u})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want %q", c.url, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

func TestNegativeSettings(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{
		{MaxConcurrent: -1}, {RequestsPerMinute: -1}, {MaxRetries: -1}, {RetryDelay: -time.Second}, {MaxRateLimitWait: -time.Second},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%+v: no error", cfg)
		}
	}
}

func TestDefaultIsGitHub(t *testing.T) {
	t.Parallel()
	wire := newScript(t, answer(200, "{}"))
	client, err := New(Config{Base: wire, Credential: StaticToken("s3cret", "")})
	if err != nil {
		t.Fatal(err)
	}
	wantBody(t, client, "https://api.github.com/x", "{}")
	if got := wire.request(0).Header.Get("Authorization"); got != "Bearer s3cret" {
		t.Errorf("Authorization = %q", got)
	}
}

type closing struct {
	http.RoundTripper
	closed bool
}

func (c *closing) CloseIdleConnections() { c.closed = true }

func TestCloseIdleConnectionsReachesTheWire(t *testing.T) {
	t.Parallel()
	wire := &closing{}
	client, err := New(Config{Base: wire, CacheDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if client.CloseIdleConnections(); !wire.closed {
		t.Error("the base was not told")
	}
}
