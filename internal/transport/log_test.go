package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-log/tfsdklog"
)

// logBuffer is a log that several goroutines write.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// lines returns the entries with that message.
func (b *logBuffer) lines(t *testing.T, message string) []map[string]any {
	t.Helper()
	all, err := tflogtest.MultilineJSONDecode(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]any
	for _, l := range all {
		if l["@message"] == message {
			out = append(out, l)
		}
	}
	return out
}

func TestLogLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		ctx := tflogtest.RootLogger(context.Background(), &log)
		wire := newScript(t, answer(502, ""), answer(429, "", "Retry-After", "3"),
			answer(200, "{}", "ETag", "e", "X-RateLimit-Remaining", "17", "X-GitHub-Request-Id", "A:1"), answer(304, ""))
		client := newClient(t, Config{
			Base: wire, MaxRetries: 1, MaxRateLimitWait: time.Minute, CacheDir: t.TempDir(),
		})
		const path = "repos/o/r/actions/runs/1/jobs?per_page=100&page=2"
		for range 2 {
			if _, _, _, err := fetch(ctx, client, testBase+path); err != nil {
				t.Fatal(err)
			}
		}
		lines := log.lines(t, "GitHub request")
		if len(lines) != 2 {
			t.Fatalf("%d lines, want 2:\n%s", len(lines), log.String())
		}
		var total time.Duration
		for _, w := range wire.waits() {
			total += w
		}
		for name, want := range map[string]any{
			"@level": "debug", "method": "GET", "path": "/" + path, "status": 200.0, "attempts": 3.0, "from_cache": false,
			"duration_ms": float64(total.Milliseconds()), "rate_limit_wait_ms": 3000.0, "rate_limit_remaining": "17", "request_id": "A:1",
		} {
			if got := lines[0][name]; got != want {
				t.Errorf("%s = %v, want %v", name, got, want)
			}
		}
		if l := lines[1]; l["from_cache"] != true || l["attempts"] != 1.0 {
			t.Errorf("the second line: %v", l)
		}
		if n := len(log.lines(t, "Waiting for GitHub's rate limit")); n != 1 {
			t.Errorf("%d lines about the wait, want 1", n)
		}
	})
}

func TestLogOfAFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		ctx := tflogtest.RootLogger(context.Background(), &log)
		client := newClient(t, Config{Base: newScript(t, fault(errReset), fault(errReset)), MaxRetries: 1})
		if _, _, _, err := fetch(ctx, client, testBase); err == nil {
			t.Fatal("no error")
		}
		lines := log.lines(t, "GitHub request failed")
		if len(lines) != 1 || lines[0]["attempts"] != 2.0 || !strings.Contains(fmt.Sprint(lines[0]["error"]), "connection reset") {
			t.Errorf("lines %v", lines)
		}
	})
}

// TestLogsDebug: a line is only prepared for a logger that would write it, and asking writes nothing.
func TestLogsDebug(t *testing.T) {
	t.Parallel()
	var log logBuffer
	for name, c := range map[string]struct {
		ctx  context.Context //nolint:containedctx // a row of a table
		want bool
	}{
		"no logger": {t.Context(), false},
		"TRACE":     {tfsdklog.NewRootProviderLogger(t.Context(), tfsdklog.WithLevel(hclog.Trace)), true},
		"DEBUG":     {tfsdklog.NewRootProviderLogger(t.Context(), tfsdklog.WithLevel(hclog.Debug)), true},
		"INFO":      {tfsdklog.NewRootProviderLogger(t.Context(), tfsdklog.WithLevel(hclog.Info)), false},
		"OFF":       {tfsdklog.NewRootProviderLogger(t.Context(), tfsdklog.WithLevel(hclog.Off)), false},
		"a test's":  {tflogtest.RootLogger(t.Context(), &log), true},
	} {
		if got := logsDebug(c.ctx); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if log.String() != "" {
		t.Errorf("asking wrote %s", log.String())
	}
}

// Callers write errors into their own logs and diagnostics.
func TestSafeErrorText(t *testing.T) {
	t.Parallel()
	err := errors.New(`Get "https://blob.test/log?sig=S1GNED": proxyconnect http://user:s3cret@proxy.test: refused`)
	const want = `Get "https://blob.test/log?***": proxyconnect http://***@proxy.test: refused`
	if got := SafeErrorText(err); got != want {
		t.Errorf("got %q", got)
	}
}

func TestLogOfAnotherHost(t *testing.T) {
	t.Parallel()
	var log logBuffer
	ctx := tflogtest.RootLogger(context.Background(), &log)
	client := newClient(t, Config{Base: newScript(t, answer(200, ""))})
	if _, _, _, err := fetch(ctx, client, "https://blob.other.test/a%2Fb?sig=x&page=1"); err != nil {
		t.Fatal(err)
	}
	if got := log.lines(t, "GitHub request")[0]["path"]; got != "https://blob.other.test/a%2Fb" {
		t.Errorf("path %q", got)
	}
}

func TestMaskQuery(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"per_page=100&page=2&filter=all":              "per_page=100&page=2&filter=all",
		"sig=AbC%2F&se=2026&sp=r&page=1":              "sig=***&se=***&sp=***&page=1",
		"X-Amz-Signature=a&X-Amz-Credential=b":        "X-Amz-Signature=***&X-Amz-Credential=***",
		"token=a&access_token=b&Token=c":              "token=***&access_token=***&Token=***",
		"page=1;token=x":                              "page=1;token=x",
		"flag":                                        "flag",
		"%74oken=x":                                   "%74oken=***",
		"created=%3E2026-01-01&branch=feature%2Fx&a=": "created=%3E2026-01-01&branch=feature%2Fx&a=***",
	} {
		if got := maskQuery(in); got != want {
			t.Errorf("maskQuery(%q) = %q, want %q", in, got, want)
		}
	}
}

// All kinds of secrets that pass through the chain, at the level TRACE: none of them may be in the
// log or in an error.
func TestNoSecretInTheTraceLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log logBuffer
		ctx := tflogtest.RootLogger(context.Background(), &log)
		secrets := []string{"ghp_s3cret", "ghs_s3cret", "smuggled", "s1gnature", "c00kie", "basicpass", "PRIVATE KEY", "Bearer", "logtext"}
		signed := "https://blob.other.test/log?sig=s1gnature&se=1"
		hub := roundTrip(func(req *http.Request) (*http.Response, error) {
			switch {
			case strings.HasSuffix(req.URL.Path, "/access_tokens"):
				return response(req, 201, `{"token":"ghs_s3cret","expires_at":"2999-01-01T00:00:00Z"}`), nil
			case req.URL.Path == "/redirect":
				return response(req, 302, "", "Location", signed, "Set-Cookie", "c00kie"), nil
			case req.URL.Path == "/fault":
				return nil, fmt.Errorf("proxy http://user:basicpass@proxy.test refused %q", signed)
			case req.URL.Path == "/limit":
				return response(req, 429, `{"message":"logtext"}`, "Retry-After", "1"), nil
			}
			return response(req, 200, `{"logtext":1}`, "ETag", "e", "Set-Cookie", "c00kie"), nil
		})
		app, err := AppInstallation(mustURL(t, testBase), 12, 34, appPEM(), nil, "app_auth")
		if err != nil {
			t.Fatal(err)
		}
		for _, credential := range []Credential{StaticToken("ghp_s3cret", "GITHUB_TOKEN"), app} {
			client := newClient(t, Config{
				Base: hub, Credential: credential, CacheDir: t.TempDir(), MaxRetries: 1, MaxRateLimitWait: time.Second,
			})
			for _, url := range []string{
				testBase + "ok?token=smuggled&page=1", testBase + "ok", signed, testBase + "redirect", testBase + "fault", testBase + "limit",
				"https://user:basicpass@api.github.test/ok",
			} {
				for _, streaming := range []bool{false, true} {
					ctx := ctx
					if streaming {
						ctx = WithStreaming(ctx)
					}
					_, _, _, err := fetch(ctx, client, url, "Authorization", "Bearer smuggled", "Cookie", "c00kie")
					// The URL in a *url.Error is the caller's own; ours is the error below it.
					if inner := errors.Unwrap(err); inner != nil {
						for _, s := range secrets {
							if strings.Contains(inner.Error(), s) {
								t.Errorf("the error of %s contains %q: %v", url, s, inner)
							}
						}
					}
				}
			}
		}
		text := log.String()
		if n := len(log.lines(t, "GitHub request")); n < 10 {
			t.Fatalf("only %d lines: the test looks at nothing", n)
		}
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("the log contains %q", s)
			}
		}
	})
}
