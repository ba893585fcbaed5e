package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// cacheWorkerEnv turns this test binary into one of several processes that use one cache folder;
// see TestCacheProcesses.
const cacheWorkerEnv = "TRANSPORT_TEST_CACHE_WORKER"

func TestMain(m *testing.M) {
	for name, worker := range map[string]func(string) error{cacheWorkerEnv: cacheWorker, proxyWorkerEnv: proxyWorker, bucketWorkerEnv: bucketWorker} {
		if argument := os.Getenv(name); argument != "" {
			if err := worker(argument); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		}
	}
	goleak.VerifyTestMain(m)
}

// start is when the time in every synctest bubble begins.
var start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// roundTrip is a function as a RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// script answers one request after the other and records them. A request too many is an error, and
// an answer that is not used fails the test.
type script struct {
	t     *testing.T
	steps []roundTrip

	mu   sync.Mutex
	last time.Time // when the script or the last request began
	gaps []time.Duration
	reqs []*http.Request
}

func newScript(t *testing.T, steps ...roundTrip) *script {
	t.Helper()
	s := &script{t: t, steps: steps, last: time.Now()}
	t.Cleanup(func() {
		if n := s.count(); n < len(s.steps) {
			t.Errorf("%d requests were sent, want %d", n, len(s.steps))
		}
	})
	return s
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	n := len(s.reqs)
	s.reqs = append(s.reqs, req)
	if gap := time.Since(s.last); gap > 0 {
		s.gaps = append(s.gaps, gap)
	}
	s.last = time.Now()
	s.mu.Unlock()
	if n >= len(s.steps) {
		s.t.Errorf("request %d was not expected: %s %s", n+1, req.Method, req.URL)
		return nil, errors.New("not expected")
	}
	return s.steps[n](req)
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.reqs)
}

// waits returns the times between the requests, if there were any. It is for tests in a bubble,
// where only waiting takes time.
func (s *script) waits() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.gaps)
}

func (s *script) request(i int) *http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reqs[i]
}

// response makes an answer as if it came from the wire.
func response(req *http.Request, status int, body string, headers ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Add(headers[i], headers[i+1])
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body)), Request: req,
	}
}

func answer(status int, body string, headers ...string) roundTrip {
	return func(req *http.Request) (*http.Response, error) {
		return response(req, status, body, headers...), nil
	}
}

func fault(err error) roundTrip {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// cut is a 200 whose body ends too early.
func cut(body string) roundTrip {
	return func(req *http.Request) (*http.Response, error) {
		resp := response(req, 200, "")
		resp.ContentLength = int64(len(body)) + 10
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader([]byte(body)), brokenReader{io.ErrUnexpectedEOF}))
		return resp, nil
	}
}

type brokenReader struct{ err error }

func (b brokenReader) Read([]byte) (int, error) { return 0, b.err }

const testBase = "https://api.github.test/"

func mustURL(tb testing.TB, s string) *url.URL {
	tb.Helper()
	u, err := url.Parse(s)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

// newClient sets what a test does not care about.
func newClient(tb testing.TB, cfg Config) *http.Client {
	tb.Helper()
	if cfg.BaseURL == nil {
		cfg.BaseURL = mustURL(tb, testBase)
	}
	client, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(client.CloseIdleConnections)
	return client
}

// fetch sends a GET and returns the status and the whole body.
func fetch(ctx context.Context, client *http.Client, url string, headers ...string) (status int, body string, h http.Header, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", nil, err
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), resp.Header, err
}

// pinnedContext is for a caller that never keeps.
func pinnedContext(ctx context.Context, name string) context.Context {
	ctx, _ = WithPinned(ctx, name)
	return ctx
}

// fetchAndKeep is for a caller that accepts every answer.
func fetchAndKeep(ctx context.Context, name string, client *http.Client, url string) (body string, h http.Header, err error) {
	ctx, keep := WithPinned(ctx, name)
	_, body, h, err = fetch(ctx, client, url)
	keep()
	return body, h, err
}

// wantBody fetches and fails the test unless the answer is a 200 with that body.
func wantBody(t *testing.T, client *http.Client, url, want string, headers ...string) http.Header {
	t.Helper()
	status, body, h, err := fetch(t.Context(), client, url, headers...)
	if err != nil || status != 200 || body != want {
		t.Fatalf("GET %s: %d %q, %v; want 200 %q", url, status, body, err, want)
	}
	return h
}

// server is an httptest server that closes with the test.
func server(tb testing.TB, h http.HandlerFunc) *httptest.Server {
	tb.Helper()
	s := httptest.NewServer(h)
	tb.Cleanup(s.Close)
	return s
}

func testCodec(tb testing.TB) *codec {
	tb.Helper()
	c, err := newCodec()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}
