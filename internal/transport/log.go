package transport

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// logger writes one line for each call, at DEBUG: the request, the answer and what it took. Of the
// headers it writes only GitHub's rate limit and request id, so there is nothing to mask.
type logger struct {
	next http.RoundTripper
	home origin
}

func (l *logger) RoundTrip(req *http.Request) (*http.Response, error) {
	t := &trace{} // needed without a log too: the gate adds up the waits in it
	ctx := withTrace(req.Context(), t)
	start := time.Now()
	resp, err := l.next.RoundTrip(req.WithContext(ctx))
	if logsDebug(ctx) {
		l.line(ctx, req, resp, err, time.Since(start))
	}
	if err != nil {
		return nil, err
	}
	// The caller's own request, not the copy with our context.
	resp.Request = req
	return resp, nil
}

// line writes the line of one call.
func (l *logger) line(ctx context.Context, req *http.Request, resp *http.Response, err error, took time.Duration) {
	t := traceOf(ctx)
	fields := map[string]any{
		"method":      req.Method,
		"path":        l.place(req),
		"duration_ms": took.Milliseconds(),
		"attempts":    t.attempts.Load(),
		"from_cache":  t.fromCache.Load(),
	}
	if t.shared.Load() {
		fields["shared"] = true
	}
	if waited := t.waitedSoFar(); waited > 0 {
		fields["rate_limit_wait_ms"] = waited.Milliseconds()
	}
	if err != nil {
		fields["error"] = SafeErrorText(err)
		tflog.Debug(ctx, "GitHub request failed", fields)
		return
	}
	fields["status"] = resp.StatusCode
	if v := resp.Header.Get("X-RateLimit-Remaining"); v != "" {
		fields["rate_limit_remaining"] = v
	}
	if v := resp.Header.Get("X-GitHub-Request-Id"); v != "" {
		fields["request_id"] = v
	}
	tflog.Debug(ctx, "GitHub request", fields)
}

// logsDebug reports whether tflog.Debug would write anything, so that nothing is prepared in vain.
// tflog has no such question. It takes its logger from the context, so this offers it a context that
// keeps the logger for itself.
func logsDebug(ctx context.Context) bool {
	probe := loggerProbe{Context: ctx}
	tflog.Debug(&probe, "")
	return probe.logger != nil && probe.logger.IsDebug()
}

// loggerProbe is a context that notes the logger that is asked for, and gives none.
type loggerProbe struct {
	context.Context //nolint:containedctx // it is a context
	logger          hclog.Logger
}

func (p *loggerProbe) Value(key any) any {
	value := p.Context.Value(key)
	if logger, ok := value.(hclog.Logger); ok {
		p.logger = logger
		return nil
	}
	return value
}

// place is the path with the harmless parameters of the query. For another host and for a request
// without the token, whose links are usually signed, it is host and path only.
func (l *logger) place(req *http.Request) string {
	u := req.URL
	if !l.home.has(u) || isWithoutToken(req.Context()) {
		return u.Scheme + "://" + u.Host + u.EscapedPath()
	}
	if u.RawQuery == "" {
		return u.EscapedPath()
	}
	return u.EscapedPath() + "?" + maskQuery(u.RawQuery)
}

// maskQuery keeps the values of parameters that GitHub's lists take and hides all others. A list of
// what to hide would miss the next kind of signature.
func maskQuery(raw string) string {
	parts := strings.Split(raw, "&")
	for i, part := range parts {
		name, _, has := strings.Cut(part, "=")
		if has && !harmlessParameter(name) {
			parts[i] = name + "=***"
		}
	}
	return strings.Join(parts, "&")
}

func harmlessParameter(name string) bool {
	switch name {
	case "per_page", "page", "filter", "status", "branch", "event", "actor", "created", "head_sha",
		"exclude_pull_requests", "check_suite_id":
		return true
	}
	return false
}

// What URLs in a message may contain: a query, user info. The patterns are compiled once and never
// change.
var (
	queryInText    = regexp.MustCompile(`\?[^\s"'<>]+`)
	userInfoInText = regexp.MustCompile(`://[^\s"'/@]+@`)
)

// SafeErrorText is an error's text without what URLs in it may contain: queries, which may hold a
// signature, and user info. Errors of net/http quote the target of a redirect or the address of a
// proxy, so show them only in this form.
func SafeErrorText(err error) string {
	text := queryInText.ReplaceAllString(err.Error(), "?***")
	return userInfoInText.ReplaceAllString(text, "://***@")
}
