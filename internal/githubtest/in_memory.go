package githubtest

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"net/http/httptest"
)

// InMemory answers requests to the stand-in without a connection. A test inside a synctest bubble
// needs it: the time there stands still while a goroutine waits for the network. Make the Server
// outside the bubble.
func (s *Server) InMemory() http.RoundTripper { return inMemory{s} }

type inMemory struct{ server *Server }

func (m inMemory) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	// As net/http's server does, a handler that panics hangs up.
	defer func() {
		if recover() != nil {
			resp, err = nil, io.EOF
		}
	}()
	arrived := req.Clone(req.Context())
	arrived.Host = cmp.Or(req.Host, req.URL.Host)
	arrived.RequestURI = req.URL.RequestURI()
	if arrived.Body == nil {
		arrived.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	m.server.ServeHTTP(recorder, arrived)
	resp = recorder.Result()
	resp.Request = req
	if sent := recorder.Body.Len(); resp.ContentLength > int64(sent) {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(recorder.Body.Bytes()), cutOff{}))
	}
	return resp, nil
}

// cutOff is the end of a body that is shorter than announced.
type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
