package transport

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Budget is how many requests the API host still takes, as its newest answer says.
type Budget struct {
	Limit     int       // requests in each window; 0: the host does not say
	Remaining int       // requests left until Reset
	Reset     time.Time // when Remaining becomes Limit again; zero: the host does not say

	// MaxWait is Config.MaxRateLimitWait: a request waits no longer than this for Reset.
	MaxWait time.Duration
}

// hearBudget learns the budget from an answer. Answers overtake each other, so within one window the
// lowest figure counts.
func (s *rateState) hearBudget(resp *http.Response, now time.Time) {
	heard, ok := budgetOf(resp.Header, now)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sameWindow := s.budget != nil && heard.Reset.Sub(s.budget.Reset).Abs() <= clockSlack
	if sameWindow {
		heard.Remaining = min(heard.Remaining, s.budget.Remaining)
	}
	s.budget = &heard
}

// isCore reports whether the rate-limit headers of an answer are about the core of the API. Other
// resources, such as the search, have budgets of their own.
func isCore(h http.Header) bool {
	resource := h.Get("X-RateLimit-Resource")
	return resource == "" || resource == "core"
}

// budgetOf reads the headers of an answer.
func budgetOf(h http.Header, now time.Time) (Budget, bool) {
	if !isCore(h) {
		return Budget{}, false
	}
	remaining, ok := count(h, "X-RateLimit-Remaining")
	if !ok {
		return Budget{}, false
	}
	limit, _ := count(h, "X-RateLimit-Limit")
	reset, known := resetTime(h, now)
	if !known {
		reset = time.Time{}
	}
	return Budget{Limit: limit, Remaining: remaining, Reset: reset}, true
}

func count(h http.Header, name string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(h.Get(name)))
	return n, err == nil && n >= 0
}

// left is the budget now: a window that is over has been followed by a new one.
func (s *rateState) left(now time.Time) (Budget, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.budget == nil {
		return Budget{}, false
	}
	b := *s.budget
	b.MaxWait = s.maxWait
	if !b.Reset.IsZero() && !now.Before(b.Reset.Add(resetGuard)) {
		if b.Limit == 0 {
			return Budget{}, false
		}
		b.Remaining, b.Reset = b.Limit, time.Time{}
	}
	return b, true
}

// BudgetOf returns what the API host has said last about the requests that are left. It is false
// before the first answer, when the host sends no such headers, and when New has not made the client.
func BudgetOf(client *http.Client) (Budget, bool) {
	c, ok := client.Transport.(*chain)
	if !ok {
		return Budget{}, false
	}
	return c.gate.left(time.Now())
}

// Holds reports whether a request under a pin (see [WithPinned]) would be answered from what is kept,
// without asking the API. If a bucket is configured, it may send a request there, and it keeps the
// answer on this machine. So call it from several goroutines if there is much to ask.
func Holds(client *http.Client, req *http.Request) bool {
	c, ok := client.Transport.(*chain)
	return ok && c.cache.holds(req)
}

// HasCache reports whether a client keeps answers for the processes after it.
func HasCache(client *http.Client) bool {
	c, ok := client.Transport.(*chain)
	return ok && c.cache.stores.lasting()
}
