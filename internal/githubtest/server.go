// Package githubtest is a stand-in for GitHub's Actions API, for tests, benchmarks and the demo. It
// serves raw JSON below a path prefix, as GitHub Enterprise Server does, records the requests that
// it gets, injects faults, and fails the test on a request that the test did not announce.
package githubtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Prefix is the path below which the API is served.
const Prefix = "/api/v3"

// TB is what a Server needs of a *testing.T. The demo runs outside a test and passes nil.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Cleanup(func())
}

// Server is the stand-in.
type Server struct {
	*httptest.Server
	mux *http.ServeMux

	worldMu sync.RWMutex // held for writing while Update changes the world
	world   *World

	mu         sync.Mutex
	requests   []Request
	handlers   map[string]http.Handler
	faults     []*fault
	missing    map[string]bool // announced 404s: path -> the request must still come
	unexpected []string
	outside    bool // requests need not be GitHub's operations
	rate       rateLimit
	latency    time.Duration
}

// Request is one request as it arrived.
type Request struct {
	Method string
	Path   string // without Prefix
	Query  url.Values
	Header http.Header
	Host   string
	Status int // of the answer; 0 until there is one
}

func newRequest(r *http.Request) Request {
	return Request{
		Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, Prefix), Query: r.URL.Query(),
		Header: r.Header.Clone(), Host: r.Host,
	}
}

// String is the request as a person reads it in a failed test.
func (r Request) String() string {
	if len(r.Query) == 0 {
		return r.Path
	}
	return r.Path + "?" + r.Query.Encode()
}

// New starts a server that serves world. With a test, the server closes when the test ends. It
// fails the test for requests that were not announced, and for announced 404s and faults that no
// request used.
func New(tb TB, world *World) *Server {
	s := newServer(world)
	s.Server = httptest.NewUnstartedServer(s)
	s.Start()
	if tb != nil {
		tb.Helper()
		s.endWith(tb)
	}
	return s
}

// NewInMemory is New without a socket: only its RoundTripper reaches the server. A test can
// therefore make one inside a synctest bubble.
func NewInMemory(tb TB, world *World) *Server {
	s := newServer(world)
	s.Server = &httptest.Server{URL: "https://github.test"}
	if tb != nil {
		tb.Helper()
		s.endWith(tb)
	}
	return s
}

func newServer(world *World) *Server {
	s := &Server{
		world: world, handlers: map[string]http.Handler{}, missing: map[string]bool{}, rate: defaultRateLimit(),
	}
	s.mux = s.routes()
	return s
}

func (s *Server) endWith(tb TB) {
	tb.Cleanup(func() {
		s.Close()
		s.verify(tb)
	})
}

// Close stops the server.
func (s *Server) Close() {
	if s.Listener != nil {
		s.Server.Close()
	}
}

// BaseURL is the address of the API: the value for base_url.
func (s *Server) BaseURL() string { return s.URL + Prefix + "/" }

// Handle serves path (without Prefix) with the test's own handler.
func (s *Server) Handle(path string, h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[path] = h
}

// ExpectMissing announces requests that must come and end in a 404.
func (s *Server) ExpectMissing(paths ...string) { s.announce(paths, true) }

// AllowMissing announces requests that end in a 404 if they come.
func (s *Server) AllowMissing(paths ...string) { s.announce(paths, false) }

func (s *Server) announce(paths []string, must bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, path := range paths {
		s.missing[path] = must
	}
}

// SetLatency delays every answer. It is for benchmarks: a test that needs an order of events uses a
// handler that blocks until the test says so.
func (s *Server) SetLatency(latency time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency = latency
}

// Update changes the world while the server is in use, between two answers.
func (s *Server) Update(change func(*World)) {
	s.worldMu.Lock()
	defer s.worldMu.Unlock()
	change(s.world)
}

// Requests are the requests so far, in order of arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ServeHTTP answers one request: with a refusal when the rate limit is used up, else with a fault,
// the test's own handler, the world's answer, or 404.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	number, next := s.record(newRequest(r), strings.HasPrefix(r.URL.Path, Prefix+"/"))
	answer := &answer{ResponseWriter: w, server: s, number: number, hasUser: r.Header.Get("Authorization") != ""}
	answer.Header().Set("X-GitHub-Request-Id", fmt.Sprintf("TEST:%d", number+1))
	if next.latency > 0 && !pause(r, next.latency) {
		return
	}
	switch {
	case strings.HasPrefix(r.URL.Path, Prefix) && !s.charge(answer):
		refuse(answer)
	case next.fault != nil:
		next.fault(answer, r)
	case next.handler != nil:
		next.handler.ServeHTTP(answer, r)
	case r.Method != http.MethodGet || !isClean(r.URL.EscapedPath()):
		s.notFound(answer, r)
	default:
		s.worldMu.RLock()
		defer s.worldMu.RUnlock()
		s.mux.ServeHTTP(answer, r)
	}
}

// pause waits, and reports whether the client is still there.
func pause(r *http.Request, latency time.Duration) bool {
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// isClean reports whether the mux serves a path as it is. It would redirect others, which GitHub
// does not.
func isClean(escaped string) bool {
	return escaped == "/" || strings.TrimSuffix(escaped, "/") == path.Clean(escaped)
}

// answer is a response whose status the server records.
type answer struct {
	http.ResponseWriter
	server  *Server
	number  int // of the request
	started bool
	charged bool // counts against the rate limit
	hasUser bool // the request carried an Authorization header
}

func (a *answer) WriteHeader(status int) {
	if !a.started {
		a.started = true
		a.server.answered(a, status)
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	if !a.started {
		a.started = true
		a.server.answered(a, http.StatusOK)
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap lets handlers flush.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (s *Server) answered(a *answer, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[a.number].Status = status
	if status == http.StatusNotModified && a.charged && a.hasUser { // to anonymous requests, a 304 is not free
		s.rate.refund(a.Header())
	}
}

// planned is what happens to a request that the world does not answer.
type planned struct {
	latency time.Duration
	fault   Fault
	handler http.Handler
}

// record stores a request, checks it against GitHub's description, and chooses what answers it.
func (s *Server) record(request Request, isAPI bool) (number int, _ planned) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if isAPI {
		s.holdToContract(request)
	}
	number = len(s.requests)
	s.requests = append(s.requests, request)
	for _, f := range s.faults {
		if next := f.take(request); next != nil {
			return number, planned{latency: s.latency, fault: next}
		}
	}
	return number, planned{latency: s.latency, handler: s.handlers[request.Path]}
}

// notFound answers 404, and remembers the request if the test did not announce it.
func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	request := newRequest(r)
	s.mu.Lock()
	if _, announced := s.missing[request.Path]; announced {
		s.missing[request.Path] = false
	} else {
		s.unexpected = append(s.unexpected, request.Method+" "+request.String())
	}
	s.mu.Unlock()
	missing(w)
}

// missing answers 404 as GitHub does.
func missing(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte(`{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}`))
}

// complain fails the test for a request when the test ends.
func (s *Server) complain(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unexpected = append(s.unexpected, what)
}

// verify fails the test for requests that were not announced, and for announcements that no request
// used.
func (s *Server) verify(tb TB) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, request := range s.unexpected {
		tb.Errorf("githubtest: unexpected request: %s", request)
	}
	for path, outstanding := range s.missing {
		if outstanding {
			tb.Errorf("githubtest: no request for %s, which ExpectMissing announced", path)
		}
	}
	for _, f := range s.faults {
		switch {
		case len(f.left) > 0:
			tb.Errorf("githubtest: %d of the faults for %s were not used", len(f.left), f.what)
		case f.lasting != nil && !f.used:
			tb.Errorf("githubtest: the lasting fault for %s was not used", f.what)
		}
	}
}
