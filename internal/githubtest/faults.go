package githubtest

import (
	"net/http"
	"strconv"
)

// Fault answers one request in place of the world.
type Fault func(http.ResponseWriter, *http.Request)

type fault struct {
	path string
	left []Fault
}

// Fail answers the next requests for path (without Prefix) with these faults, one each.
func (s *Server) Fail(path string, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &fault{path: path, left: faults})
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

// Body answers 200 with a body as it is, whatever it is.
func Body(contentType, body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(body))
	}
}

// Truncated promises more than it sends, and hangs up.
func Truncated() Fault {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"id":`))
	}
}

// Reset hangs up without an answer.
func Reset() Fault {
	return func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
}
