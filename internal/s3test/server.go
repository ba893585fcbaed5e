//go:build s3

package s3test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// What every server here has.
const (
	Bucket = "answers"
	Region = "eu-central-1"
)

// Server is a real S3 server with one bucket, behind a proxy that can be slow or broken.
type Server struct {
	URL    string // of the proxy
	Folder string // of the bucket

	mu      sync.Mutex
	asked   map[string]int // by method
	fault   http.HandlerFunc
	latency time.Duration
}

// Start starts a server that takes the credentials in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and
// ends it with the test. S3_SERVER must name its program: a test that cannot run fails.
func Start(tb testing.TB, options ...string) *Server {
	tb.Helper()
	program, key, secret := os.Getenv("S3_SERVER"), os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	if program == "" || key == "" || secret == "" {
		tb.Fatal("S3_SERVER, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set: run make test-s3")
	}
	// The path of a socket has at most 100 characters or so; that of a test's folder may have more.
	dir, err := os.MkdirTemp("", "s3") //nolint:usetesting // see above
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &Server{Folder: filepath.Join(dir, "buckets", Bucket), asked: map[string]int{}}
	if err := os.MkdirAll(s.Folder, 0o700); err != nil {
		tb.Fatal(err)
	}
	socket := filepath.Join(dir, "socket")
	ctx, stop := context.WithCancel(context.Background())
	args := append([]string{"--port", socket, "--region", Region, "--quiet", "--keep-alive"}, options...)
	cmd := exec.CommandContext(ctx, program, append(args, "posix", filepath.Dir(s.Folder))...)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+key, "ROOT_SECRET_KEY="+secret)
	if err := cmd.Start(); err != nil {
		stop()
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it is killed in the end
		close(ended)
	}()
	tb.Cleanup(func() {
		stop()
		<-ended
	})
	s.awaitSocket(ctx, tb, socket, ended)
	s.serve(tb, socket)
	return s
}

// awaitSocket waits until the server listens.
func (s *Server) awaitSocket(ctx context.Context, tb testing.TB, socket string, ended chan struct{}) {
	tb.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1500 {
		if conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket); err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-ended:
			tb.Fatal("the S3 server ended")
		case <-tick.C:
		}
	}
	tb.Fatal("the S3 server does not listen")
}

// serve puts the proxy in front. It keeps the Host header, which is signed.
func (s *Server) serve(tb testing.TB, socket string) {
	tb.Helper()
	wire := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
		MaxIdleConnsPerHost: 64, DisableCompression: true,
	}
	proxy := &httputil.ReverseProxy{
		Transport: wire,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", "s3", r.In.Host
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The server notices that a client has left only when the body has been read.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.mu.Lock()
		s.asked[r.Method]++
		fault, latency := s.fault, s.latency
		s.mu.Unlock()
		if latency > 0 {
			select {
			case <-time.After(latency):
			case <-r.Context().Done():
				return
			}
		}
		if fault != nil {
			recorded := &touched{ResponseWriter: w}
			if fault(recorded, r); recorded.touched {
				return
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	s.URL = front.URL
	tb.Cleanup(func() {
		front.Close()
		wire.CloseIdleConnections()
	})
}

// touched notes whether a fault has answered.
type touched struct {
	http.ResponseWriter

	touched bool
}

func (t *touched) WriteHeader(status int) {
	t.touched = true
	t.ResponseWriter.WriteHeader(status)
}

func (t *touched) Write(data []byte) (int, error) {
	t.touched = true
	return t.ResponseWriter.Write(data)
}

// SetFault lets f answer requests. What it does not answer goes to the server. nil: no fault.
func (s *Server) SetFault(f http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// SetLatency delays each request.
func (s *Server) SetLatency(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.latency = d
}

// Count is the number of requests with a method.
func (s *Server) Count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[method]
}

// CacheURL is the value of cache_url for a prefix of the bucket.
func (s *Server) CacheURL(prefix string) string {
	return "s3://" + Bucket + "/" + prefix + "?region=" + Region + "&endpoint=" + s.URL
}

// Objects are the files of the objects under a prefix.
func (s *Server) Objects(tb testing.TB, prefix string) (files []string) {
	tb.Helper()
	err := filepath.WalkDir(filepath.Join(s.Folder, prefix), func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasPrefix(d.Name(), ".") {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}
