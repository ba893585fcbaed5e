package githubtest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// client sends requests without a socket.
type client struct {
	t      *testing.T
	server *githubtest.Server
}

func (c client) get(path string, headers ...string) *http.Response {
	c.t.Helper()
	return c.getURL(c.server.BaseURL()+strings.TrimPrefix(path, "/"), headers...)
}

// getURL sends a request and reads the body. The body of the response can be read again.
func (c client) getURL(url string, headers ...string) *http.Response {
	c.t.Helper()
	resp, err := c.try(c.t.Context(), url, headers...)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp
}

func (c client) try(ctx context.Context, url string, headers ...string) (*http.Response, error) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.server.RoundTripper().RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(strings.NewReader(string(body)))
	return resp, err
}

// TestTheRoundTripperAnswersAsASocketDoes compares the two.
func TestTheRoundTripperAnswersAsASocketDoes(t *testing.T) {
	t.Parallel()
	world := githubtest.Demo()
	socket := githubtest.New(t, world)
	for _, path := range []string{"/repos/acme/app", "/repos/acme/app/actions/runs?per_page=2", "/repos/acme/app/actions/jobs/70004/logs", "/repos/none/here"} {
		socket.AllowMissing(path)
		status, body, header := get(t, socket, path, "Authorization", "Bearer one")
		resp := client{t, socket}.get(path, "Authorization", "Bearer one")
		got, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != status || string(got) != body {
			t.Errorf("%s: %d %s, want %d %s", path, resp.StatusCode, got, status, body)
		}
		for name := range header {
			if name != "X-Github-Request-Id" && name != "Date" && resp.Header.Get(name) != header.Get(name) && name != "Content-Length" {
				t.Errorf("%s: %s is %q, want %q", path, name, resp.Header.Get(name), header.Get(name))
			}
		}
		if resp.ContentLength != int64(len(body)) || resp.Header.Get("Date") == "" {
			t.Errorf("%s: %d bytes at %q", path, resp.ContentLength, resp.Header.Get("Date"))
		}
	}
}

func TestTheRoundTripperBreaksAsASocketDoes(t *testing.T) {
	t.Parallel()
	server := githubtest.NewInMemory(t, githubtest.Demo())
	const path = "/repos/acme/app"
	flushed := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	server.Fail(path, githubtest.Reset(), githubtest.Truncated(), flushed)
	for _, want := range []error{io.EOF, io.ErrUnexpectedEOF, io.ErrUnexpectedEOF} {
		if _, err := (client{t, server}).try(t.Context(), server.BaseURL()+"repos/acme/app"); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	_, err := client{t, server}.try(t.Context(), "https://elsewhere.test/")
	if err == nil || err.Error() != "githubtest: the host elsewhere.test is not the stand-in's, github.test" {
		t.Errorf("another host: %v", err)
	}
}

// TestTheRoundTripperEndsWithItsContext, on the clock of a bubble.
func TestTheRoundTripperEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := githubtest.NewInMemory(t, githubtest.Demo())
		server.Handle("/repos/acme/app", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		start := time.Now()
		_, err := client{t, server}.try(ctx, server.BaseURL()+"repos/acme/app")
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Hour {
			t.Errorf("%v after %s", err, time.Since(start))
		}
	})
}

// TestAHandlerGetsTheBody: an App's exchange is a POST.
func TestAHandlerGetsTheBody(t *testing.T) {
	t.Parallel()
	server := githubtest.NewInMemory(t, githubtest.NewWorld())
	const exchange = "/app/installations/1/access_tokens"
	server.Handle(exchange, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusCreated)
		_, _ = io.Copy(w, r.Body)
	}))
	resp, err := (&http.Client{Transport: server.RoundTripper()}).Post(server.URL+githubtest.Prefix+exchange, "text/plain", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "hello" || resp.StatusCode != http.StatusCreated {
		t.Errorf("%d %s %v", resp.StatusCode, body, err)
	}
	if got := server.Requests()[0]; got.Method != http.MethodPost || got.Host != "github.test" || got.Status != 201 {
		t.Errorf("got %+v", got)
	}
}

// TestOnlyDocumentedPathsAreServed: neither another method nor a path that the mux would redirect.
func TestOnlyDocumentedPathsAreServed(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	server := githubtest.NewInMemory(r, githubtest.Demo())
	server.AllowOutsideContract() // each request must fail the test once
	paths := []string{"//repos/acme/app", "/repos/acme/app/../app", "/repos/acme/app/", "/repos/acme/app/actions/jobs/x", "/repos/acme/app/actions/jobs"}
	for _, path := range paths {
		if resp := (client{t, server}).getURL(server.URL + githubtest.Prefix + path); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodHead, http.MethodDelete} {
		req, err := http.NewRequestWithContext(t.Context(), method, server.BaseURL()+"repos/acme/app", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := server.RoundTripper().RoundTrip(req)
		if err != nil || resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %v %v", method, resp, err)
		}
		_ = resp.Body.Close()
	}
	if got := r.end(); len(got) != len(paths)+3 {
		t.Errorf("got %d of %d: %v", len(got), len(paths)+3, got)
	}
}
