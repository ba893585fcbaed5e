package githubtest

import (
	"net/http"
	"strconv"
)

// Fault answers one request in place of the world.
type Fault func(http.ResponseWriter, *http.Request)

// Match picks requests. It runs while the server is locked, so it must not call the server.
type Match func(Request) bool

type fault struct {
	what    string
	match   Match
	left    []Fault
	lasting Fault
	used    bool
}

// take gives the fault for a request; nil if there is none.
func (f *fault) take(request Request) Fault {
	if len(f.left) == 0 && f.lasting == nil || !f.match(request) {
		return nil
	}
	f.used = true
	if len(f.left) == 0 {
		return f.lasting
	}
	next := f.left[0]
	f.left = f.left[1:]
	return next
}

// Fail answers the next requests for path (without Prefix) with these faults, one each.
func (s *Server) Fail(path string, faults ...Fault) { s.FailWhere(path, Path(path), faults...) }

// FailWhere answers the next requests that match with these faults, one each. what names the
// requests when the test fails because some faults were not used.
func (s *Server) FailWhere(what string, match Match, faults ...Fault) {
	s.addFault(&fault{what: what, match: match, left: faults})
}

// FailAlways answers every request that matches with the same fault. At least one must come.
func (s *Server) FailAlways(what string, match Match, lasting Fault) {
	s.addFault(&fault{what: what, match: match, lasting: lasting})
}

func (s *Server) addFault(f *fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// Path matches the requests for a path (without Prefix).
func Path(path string) Match { return func(r Request) bool { return r.Path == path } }

// PagesAbove matches the requests for pages of more than size, for a path (without Prefix) or for
// all if path is empty.
func PagesAbove(size int, path string) Match {
	return func(r Request) bool {
		n, err := strconv.Atoi(r.Query.Get("per_page"))
		return err == nil && n > size && (path == "" || r.Path == path)
	}
}

// Status answers with a status, a JSON message and headers given as name, value, name, value.
func Status(status int, message string, headers ...string) Fault {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"message":` + strconv.Quote(message) + `}`))
	}
}

// Body answers 200 with a body that it does not check.
func Body(contentType, body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(body))
	}
}

// Truncated announces a longer body than it sends, and closes the connection.
func Truncated() Fault {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"id":`))
	}
}

// Cut sends the beginning of an answer as if it were all of it, as some proxies do.
func Cut() Fault { return Body("application/json; charset=utf-8", `{"id":70001,"name":"te`) }

// Reset closes the connection without an answer.
func Reset() Fault {
	return func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
}
