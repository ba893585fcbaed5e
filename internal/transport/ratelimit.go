package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

const (
	// unnamedLimit is what GitHub advises for a limit that names no time.
	unnamedLimit = 60 * time.Second
	// resetGuard: GitHub's clock counts whole seconds, so a limit that resets at a second may last
	// until the next one.
	resetGuard = time.Second
	// shortestLimit prevents a busy loop on a limit whose reset has passed already.
	shortestLimit = time.Second
	// absurdLimit: GitHub's longest window is an hour. A header that says more than a year is not a
	// valid time, but milliseconds, for example.
	absurdLimit = 366 * 24 * time.Hour
	// clockSlack: an answer takes time to arrive and its Date counts whole seconds, so a smaller
	// difference does not mean that a clock is wrong.
	clockSlack = 5 * time.Second
	// longestLimit is GitHub's longest window, with a margin. A Date that is farther away from the
	// end of a limit does not come from GitHub's clock.
	longestLimit = time.Hour + time.Minute
	// maxLimitRounds is how often one request is sent again after a wait.
	maxLimitRounds = 3
)

// errLimitLearnt says that a limit became known after the rate gate and before the wire. Nothing
// was sent.
var errLimitLearnt = errors.New("a rate limit became known before the request was sent")

// limit is one rate limit, as an answer described it.
type limit struct {
	reset     time.Time // what messages say
	opens     time.Time // when the next request may be sent
	secondary bool
	status    int
	requestID string
}

// rateState is what all requests of a client know about the rate limit.
type rateState struct {
	maxWait time.Duration

	mu     sync.Mutex
	known  limit
	budget *Budget // nil: no answer has said
}

func newRateState(maxWait time.Duration) *rateState {
	return &rateState{maxWait: maxWait}
}

// learn keeps the limit that lasts longest.
func (s *rateState) learn(l limit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.opens.After(s.known.opens) {
		s.known = l
	}
}

// current returns the limit in force, if any.
func (s *rateState) current() (limit, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known, time.Now().Before(s.known.opens)
}

func (s *rateState) closed() bool {
	_, yes := s.current()
	return yes
}

// fail describes a limit that is not waited for.
func (s *rateState) fail(l limit, byDeadline bool) *RateLimitError {
	return &RateLimitError{
		Secondary: l.secondary, Reset: l.reset, Wait: max(0, time.Until(l.reset)), MaxWait: s.maxWait,
		StatusCode: l.status, RequestID: l.requestID, ByDeadline: byDeadline,
	}
}

// failAfter describes a limit that has been waited for often enough.
func (s *rateState) failAfter(l limit, rounds int) *RateLimitError {
	e := s.fail(l, false)
	e.Rounds = rounds
	return e
}

// pass returns when no limit is in force, or at once with an error if the wait would be longer than
// this request may wait.
func (s *rateState) pass(ctx context.Context) error {
	for {
		l, closed := s.current()
		if !closed {
			return nil
		}
		now := time.Now()
		t := traceOf(ctx)
		switch wait := max(0, l.reset.Sub(now)); {
		case s.maxWait <= 0 || wait > s.maxWait:
			return s.fail(l, false)
		case t.waitedSoFar()+wait > s.maxWait:
			return s.failAfter(l, t.waitsSoFar())
		}
		if deadline, ok := ctx.Deadline(); ok && !l.opens.Before(deadline) {
			return s.fail(l, true)
		}
		tellCallers(ctx, s.fail(l, true), l.opens)
		wait := l.opens.Sub(now)
		tflog.Warn(ctx, "Waiting for GitHub's rate limit", map[string]any{
			"secondary": l.secondary, "wait_ms": wait.Milliseconds(), "reset": l.reset.UTC().Format(time.RFC3339),
		})
		if err := Sleep(ctx, wait); err != nil {
			return err
		}
		// The guard is our own addition: it does not count as waiting for the limit.
		t.addWait(max(0, l.reset.Sub(now)))
	}
}

// rateGate holds requests back while a limit is in force, and learns limits from the answers.
type rateGate struct {
	next  http.RoundTripper
	state *rateState
	home  origin
}

func (g *rateGate) RoundTrip(req *http.Request) (*http.Response, error) {
	if !g.home.has(req.URL) {
		return g.next.RoundTrip(req)
	}
	ctx := req.Context()
	for round := 0; ; {
		if err := g.state.pass(ctx); err != nil {
			dropRequest(req)
			return nil, err
		}
		resp, err := g.next.RoundTrip(req)
		if err != nil && !errors.Is(err, errLimitLearnt) {
			return nil, err
		}
		if err == nil {
			l, refused := g.state.hear(resp)
			if !refused {
				return resp, nil
			}
			_ = resp.Body.Close()
			if round++; round > maxLimitRounds {
				// It may have waited for another request before its first attempt.
				return nil, g.state.failAfter(l, max(maxLimitRounds, traceOf(ctx).waitsSoFar()))
			}
		}
		next, ok := again(req)
		if !ok {
			l, _ := g.state.current()
			return nil, g.state.fail(l, false)
		}
		req = next
	}
}

// hear learns what an answer says about a limit, and reports whether this request was refused by
// one. concurrencyLimiter calls it too, because a slot must not go to the next request before the
// answer has been heard. Hearing an answer twice changes nothing.
func (s *rateState) hear(resp *http.Response) (l limit, refused bool) {
	now := time.Now()
	s.hearBudget(resp, now)
	l, told, refused := limitOf(resp, now)
	if told {
		s.learn(l)
	}
	return l, refused
}

// limitOf reads a limit from an answer: told says whether there is one, refused whether this
// request was refused by it.
func limitOf(resp *http.Response, now time.Time) (l limit, told, refused bool) {
	used := strings.TrimSpace(resp.Header.Get("X-RateLimit-Remaining")) == "0"
	refused = isRefusal(resp, used)
	l = limit{secondary: !used || saysSecondary(resp), status: resp.StatusCode, requestID: resp.Header.Get("X-GitHub-Request-Id")}
	reset, known := resetTime(resp.Header, now)
	if !refused {
		// The last request of the hour succeeds; the next one would not.
		if !used || !known || !reset.After(now) || !isCore(resp.Header) {
			return l, false, false
		}
		l.reset, l.opens = reset, reset.Add(resetGuard)
		return l, true, false
	}
	if wait, ok := retryAfter(resp.Header, now); ok {
		l.reset = now.Add(wait)
		l.opens = l.reset
	} else if used && known {
		l.reset, l.opens = reset, reset.Add(resetGuard)
	} else {
		l.reset = now.Add(unnamedLimit)
		l.opens = l.reset
	}
	if earliest := now.Add(shortestLimit); l.opens.Before(earliest) {
		l.opens = earliest
	}
	return l, true, true
}

// isRefusal tells a rate limit from a 403 for missing permission.
func isRefusal(resp *http.Response, used bool) bool {
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		return used || resp.Header.Get("Retry-After") != "" || saysRateLimit(resp)
	}
	return false
}

// saysRateLimit reads the body of GitHub's error, which can be a plain text.
func saysRateLimit(resp *http.Response) bool {
	message, _ := errorOf(resp)
	return strings.Contains(message, "rate limit") || saysSecondary(resp)
}

// saysSecondary reports whether the body speaks of a secondary limit. "abuse" is the older name of these;
// GitHub Enterprise Server still uses it.
func saysSecondary(resp *http.Response) bool {
	message, doc := errorOf(resp)
	return strings.Contains(message, "secondary rate limit") || strings.Contains(message, "abuse detection") ||
		strings.Contains(doc, "secondary-rate-limits") || strings.Contains(doc, "abuse-rate-limits")
}

// errorOf is the message and the link of an error in lower case. A web page has none.
func errorOf(resp *http.Response) (message, doc string) {
	if resp.StatusCode < http.StatusBadRequest {
		return "", ""
	}
	data, err := bodyOf(resp)
	if err != nil {
		return "", ""
	}
	var body struct {
		Message          string `json:"message"`
		DocumentationURL string `json:"documentation_url"`
	}
	switch text := bytes.TrimSpace(data); {
	case json.Unmarshal(text, &body) == nil:
	case !bytes.HasPrefix(text, []byte("<")):
		body.Message = string(text)
	}
	return strings.ToLower(body.Message), strings.ToLower(body.DocumentationURL)
}

// resetTime reads the end of the hourly quota; false if the header is not a valid time.
func resetTime(h http.Header, now time.Time) (time.Time, bool) {
	seconds, err := strconv.ParseInt(strings.TrimSpace(h.Get("X-RateLimit-Reset")), 10, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}, false
	}
	t := byOurClock(time.Unix(seconds, 0), h, now)
	return t, t.Before(now.Add(absurdLimit))
}

// byOurClock converts the end of a limit from GitHub's clock to this machine's. The answer's Date
// comes from GitHub's clock too, so the time left is the difference of the two. Without this, a
// fast local clock makes a limit look over while it is still in force, and a slow one makes the
// wait too long.
func byOurClock(end time.Time, h http.Header, now time.Time) time.Time {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return end
	}
	left, ahead := end.Sub(date), now.Sub(date)
	if left <= 0 || left > longestLimit {
		return end
	}
	if end.After(now) && ahead.Abs() <= clockSlack {
		return end
	}
	return now.Add(left)
}

// retryAfter reads a Retry-After header, in seconds or as a date; false if it is not valid. A date
// in the past is zero.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		if seconds < 0 || seconds > int64(absurdLimit/time.Second) {
			return 0, false
		}
		return time.Duration(seconds) * time.Second, true
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	if date = byOurClock(date, h, now); !date.Before(now.Add(absurdLimit)) {
		return 0, false
	}
	if !date.After(now) {
		return 0, true
	}
	return date.Sub(now) + resetGuard, true
}
