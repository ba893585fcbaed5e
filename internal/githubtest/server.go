// Package githubtest is a stand-in for GitHub's Actions API, for tests, benchmarks and the demo. It
// serves raw JSON below a path prefix, as GitHub Enterprise Server does, records what it was asked,
// injects faults, and fails the test on a request that nobody announced.
package githubtest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Prefix is the path below which the API is served.
const Prefix = "/api/v3"

// TB is what a Server needs of a *testing.T. The demo, which has none, passes nil.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Cleanup(func())
}

// Server is the stand-in.
type Server struct {
	*httptest.Server
	world *World

	mu         sync.Mutex
	requests   []Request
	handlers   map[string]http.Handler
	faults     []*fault
	missing    map[string]bool // announced 404s: path -> still to be asked for
	unexpected []string
}

// Request is one request as it arrived.
type Request struct {
	Method string
	Path   string // without Prefix
	Query  url.Values
	Header http.Header
	Host   string
	Status int // of the answer; 0 while there is none
}

// String is the request as a person reads it in a failed test.
func (r Request) String() string {
	if len(r.Query) == 0 {
		return r.Path
	}
	return r.Path + "?" + r.Query.Encode()
}

// New starts a server that knows world. With a test it closes by itself, and fails the test for
// requests that were not announced, and for announced 404s and faults that nobody asked for.
func New(tb TB, world *World) *Server {
	s := &Server{world: world, handlers: map[string]http.Handler{}, missing: map[string]bool{}}
	s.Server = httptest.NewUnstartedServer(s)
	s.Start()
	if tb != nil {
		tb.Helper()
		tb.Cleanup(func() {
			s.Close()
			s.verify(tb)
		})
	}
	return s
}

// BaseURL is the address of the API: what base_url has to be.
func (s *Server) BaseURL() string { return s.URL + Prefix + "/" }

// Handle serves path (without Prefix) with a handler of the test's own.
func (s *Server) Handle(path string, h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[path] = h
}

// ExpectMissing announces requests that have to come and end in a 404.
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

// Requests are the requests so far, in order of arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ServeHTTP answers one request: a fault, a handler of the test's, the world, or 404.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, below := strings.CutPrefix(r.URL.Path, Prefix)
	request := Request{Method: r.Method, Path: path, Query: r.URL.Query(), Header: r.Header.Clone(), Host: r.Host}
	number, handler, fault := s.record(request)
	w = &statusRecorder{ResponseWriter: w, note: func(status int) { s.answered(number, status) }}
	h := w.Header()
	h.Set("X-GitHub-Request-Id", fmt.Sprintf("TEST:%d", number+1))
	h.Set("X-RateLimit-Limit", "5000")
	h.Set("X-RateLimit-Remaining", "4999")
	h.Set("X-RateLimit-Reset", "4102444800")
	switch {
	case fault != nil:
		fault(w, r)
	case handler != nil:
		handler.ServeHTTP(w, r)
	case !below && s.serveStorage(w, r, request):
	case !below || r.Method != http.MethodGet || !s.serveWorld(w, r, request):
		s.notFound(w, request)
	}
}

// statusRecorder notes the status of an answer.
type statusRecorder struct {
	http.ResponseWriter
	note func(status int)
	done bool
}

func (r *statusRecorder) WriteHeader(status int) {
	if !r.done {
		r.done = true
		r.note(status)
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *statusRecorder) Write(p []byte) (int, error) {
	if !r.done {
		r.done = true
		r.note(http.StatusOK)
	}
	return r.ResponseWriter.Write(p)
}

// Unwrap lets handlers flush.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (s *Server) answered(number, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[number].Status = status
}

// record notes a request and says who answers it.
func (s *Server) record(request Request) (number int, _ http.Handler, _ Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	number = len(s.requests)
	s.requests = append(s.requests, request)
	for _, f := range s.faults {
		if len(f.left) > 0 && f.path == request.Path {
			next := f.left[0]
			f.left = f.left[1:]
			return number, nil, next
		}
	}
	return number, s.handlers[request.Path], nil
}

func (s *Server) notFound(w http.ResponseWriter, request Request) {
	s.mu.Lock()
	if _, announced := s.missing[request.Path]; announced {
		s.missing[request.Path] = false
	} else {
		s.unexpected = append(s.unexpected, request.Method+" "+request.String())
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte(`{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}`))
}

// verify fails the test for what was not announced, and for what was announced in vain.
func (s *Server) verify(tb TB) {
	tb.Helper()
	for _, request := range s.unexpected {
		tb.Errorf("githubtest: unexpected request: %s", request)
	}
	for path, outstanding := range s.missing {
		if outstanding {
			tb.Errorf("githubtest: nobody asked for %s, which was announced as missing", path)
		}
	}
	for _, f := range s.faults {
		if len(f.left) > 0 {
			tb.Errorf("githubtest: %d of the faults for %s were not used", len(f.left), f.path)
		}
	}
}

// serveWorld answers from the world, or reports that it has nothing to say.
func (s *Server) serveWorld(w http.ResponseWriter, r *http.Request, request Request) bool {
	parts := strings.Split(strings.Trim(request.Path, "/"), "/")
	if len(parts) < 3 || parts[0] != "repos" {
		return false
	}
	repository := s.world.repositories[strings.ToLower(parts[1]+"/"+parts[2])]
	if repository == nil {
		return false
	}
	if s.serveLog(w, repository, parts[3:]) {
		return true
	}
	answer, ok := repository.answer(parts[3:], request.Query, w.Header(), s.URL+r.URL.Path)
	if ok {
		SendJSON(w, r, answer)
	}
	return ok
}

// answer serves one endpoint. at is the address of the request, for the Link header.
func (r *Repository) answer(path []string, query url.Values, h http.Header, at string) (any, bool) {
	var ids []int64
	pattern := make([]string, len(path))
	for i, part := range path {
		pattern[i] = part
		if id, err := strconv.ParseInt(part, 10, 64); err == nil {
			pattern[i], ids = "N", append(ids, id)
		}
	}
	if len(path) == 4 && path[1] == "workflows" {
		pattern[2] = "W" // a file name or an id
	}
	switch strings.Join(pattern, "/") {
	case "":
		return Object{"id": 1, "name": r.name[strings.Index(r.name, "/")+1:], "full_name": r.name}, true
	case "actions/jobs/N":
		return present(r.job(ids[0]))
	case "actions/runs/N":
		return present(r.run(ids[0], 0))
	case "actions/runs/N/attempts/N":
		return present(r.run(ids[0], ids[1]))
	case "actions/runs":
		return Page("workflow_runs", r.newest("", query), query, h, at), true
	case "actions/workflows/W/runs":
		runs := r.newest(path[2], query)
		return Page("workflow_runs", runs, query, h, at), r.hasWorkflow(path[2])
	case "actions/runs/N/jobs":
		attempt := r.attempts[ids[0]]
		if query.Get("filter") == "all" {
			attempt = 0
		}
		return Page("jobs", r.runJobs(ids[0], attempt), query, h, at), r.run(ids[0], 0) != nil
	case "actions/runs/N/attempts/N/jobs":
		return Page("jobs", r.runJobs(ids[0], ids[1]), query, h, at), r.run(ids[0], ids[1]) != nil
	}
	return nil, false
}

func present(object Object) (any, bool) { return object, object != nil }

// Page cuts one page out of a list, as GitHub does: 30 unless asked for up to 100, total_count and a
// Link header beside it.
func Page(name string, all []Object, query url.Values, h http.Header, at string) Object {
	size, number := 30, 1
	if n, err := strconv.Atoi(query.Get("per_page")); err == nil && n > 0 {
		size = min(n, 100)
	}
	if n, err := strconv.Atoi(query.Get("page")); err == nil && n > 0 {
		number = n
	}
	from := min((number-1)*size, len(all))
	to := min(from+size, len(all))
	last := max(1, (len(all)+size-1)/size)
	link := func(page int, rel string) string {
		q := url.Values{}
		for k, v := range query {
			q[k] = v
		}
		q.Set("page", strconv.Itoa(page))
		return fmt.Sprintf(`<%s?%s>; rel="%s"`, at, q.Encode(), rel)
	}
	var links []string
	if number > 1 {
		links = append(links, link(number-1, "prev"))
	}
	if number < last {
		links = append(links, link(number+1, "next"), link(last, "last"))
	}
	if len(links) > 0 {
		h.Set("Link", strings.Join(links, ", "))
	}
	return Object{"total_count": len(all), name: append([]Object{}, all[from:to]...)}
}

// SendJSON answers 200 with an ETag, or 304 to whoever has that ETag already.
func SendJSON(w http.ResponseWriter, r *http.Request, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	// GitHub's ETags depend on who asks.
	tag := fmt.Sprintf(`W/"%x"`, sha256.Sum256(append(body, r.Header.Get("Authorization")...)))
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, max-age=60, s-maxage=60")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(body)
}
