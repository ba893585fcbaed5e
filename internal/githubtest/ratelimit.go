package githubtest

import (
	"net/http"
	"strconv"
	"time"
)

// RateLimit is a budget of requests.
type RateLimit struct {
	Limit     int       // requests in each hour
	Remaining int       // requests left until Reset
	Reset     time.Time // when Remaining becomes Limit again
}

// rateLimit is the budget that the server shows, and whether it counts requests against it.
type rateLimit struct {
	RateLimit
	shown, counted bool
}

// defaultRateLimit is what every answer shows unless a test asks for something else. It never runs
// out.
func defaultRateLimit() rateLimit {
	return rateLimit{RateLimit: RateLimit{Limit: 5000, Remaining: 4999, Reset: time.Unix(4102444800, 0)}, shown: true}
}

// SetRateLimit gives the server one budget for all requests to the API. Each request counts, except
// those answered 304. Each answer carries the X-RateLimit headers, and once Remaining is 0 the
// server answers 403 until Reset, when an hour with a new budget begins.
func (s *Server) SetRateLimit(limit RateLimit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rate = rateLimit{RateLimit: limit, shown: true, counted: true}
}

// OmitRateLimit makes the server one that has no rate limit and sends no X-RateLimit headers.
func (s *Server) OmitRateLimit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rate = rateLimit{}
}

// RateLimit is the current budget.
func (s *Server) RateLimit() RateLimit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rate.RateLimit
}

// charge counts a request, and reports whether the budget covered it.
func (s *Server) charge(a *answer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &s.rate
	if r.counted {
		if now := time.Now(); !now.Before(r.Reset) {
			r.Remaining, r.Reset = r.Limit, now.Add(time.Hour)
		}
		if a.charged = r.Remaining > 0; a.charged {
			r.Remaining--
		}
	}
	r.send(a.Header())
	return a.charged || !r.counted
}

// refund takes back a charge and corrects the headers.
func (r *rateLimit) refund(h http.Header) {
	r.Remaining = min(r.Remaining+1, r.Limit)
	r.send(h)
}

func (r *rateLimit) send(h http.Header) {
	if !r.shown {
		return
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(r.Limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(r.Remaining))
	h.Set("X-RateLimit-Used", strconv.Itoa(r.Limit-r.Remaining))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(r.Reset.Unix(), 10))
	h.Set("X-RateLimit-Resource", "core")
}

func refuse(w http.ResponseWriter) {
	Status(http.StatusForbidden, "API rate limit exceeded for user ID 1.")(w, nil)
}
