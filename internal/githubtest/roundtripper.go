package githubtest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"
)

// RoundTripper reaches the server without a socket. It answers any URL with the server's host.
// Bodies are complete in memory before an answer returns. All of it runs in the goroutine's own
// synctest bubble, if there is one.
func (s *Server) RoundTripper() http.RoundTripper { return roundTripper{s} }

type roundTripper struct{ server *Server }

// RoundTrip hands the request to the server and waits for the whole answer or the end of the
// context.
func (t roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	if _, host, _ := strings.Cut(t.server.URL, "://"); r.URL.Host != host {
		return nil, fmt.Errorf("githubtest: the host %s is not the stand-in's, %s", r.URL.Host, host)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	arrived, err := arrive(r)
	if err != nil {
		return nil, err
	}
	recorder := httptest.NewRecorder()
	panicked := make(chan any, 1)
	go func() {
		defer func() { panicked <- recover() }()
		t.server.ServeHTTP(recorder, arrived)
	}()
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case p := <-panicked:
		if p != nil && p != http.ErrAbortHandler { //nolint:errorlint // a panic's value, not an error chain
			panic(p)
		}
		if p != nil && !recorder.Flushed {
			return nil, io.EOF // as net/http says when the server closes the connection
		}
		return respond(recorder, r, p != nil), nil
	}
}

// arrive converts a client's request to the request that a server sees.
func arrive(r *http.Request) (*http.Request, error) {
	arrived := r.Clone(r.Context())
	arrived.Body = http.NoBody
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		arrived.Body = io.NopCloser(bytes.NewReader(body))
	}
	arrived.RequestURI, arrived.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1234"
	if arrived.Host == "" {
		arrived.Host = r.URL.Host
	}
	return arrived, nil
}

// respond makes the response. A body that is shorter than its Content-Length, or that the handler
// aborted, ends in an error as it does on a connection.
func respond(recorder *httptest.ResponseRecorder, r *http.Request, aborted bool) *http.Response {
	resp := recorder.Result()
	resp.Request, resp.Proto, resp.ProtoMajor, resp.ProtoMinor = r, "HTTP/1.1", 1, 1
	if resp.Header.Get("Date") == "" {
		resp.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	length := int64(recorder.Body.Len())
	announced, err := strconv.ParseInt(resp.Header.Get("Content-Length"), 10, 64)
	switch {
	case aborted || err == nil && announced > length:
		resp.Body = io.NopCloser(io.MultiReader(recorder.Body, cutOff{}))
	case err != nil:
		announced = length
	}
	resp.ContentLength = announced
	if aborted && err != nil {
		resp.ContentLength = -1
	}
	return resp
}

// cutOff is where a connection ended.
type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
