package transport

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// benchBody has the size of about 20 jobs with their steps.
var benchBody = `{"total_count":20,"jobs":[` + strings.Repeat(`{"id":1,"name":"build","labels":["ubuntu-latest"]},`, 1200) + `{}]}`

func benchmark(b *testing.B, client *http.Client, base string) {
	b.Helper()
	b.ReportAllocs()
	var n atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			// Different paths, so that coalescing saves nothing.
			_, body, _, err := fetch(context.Background(), client, fmt.Sprintf("%sjobs/%d", base, n.Add(1)%64))
			if err != nil || len(body) != len(benchBody) {
				b.Errorf("%d bytes, %v", len(body), err)
				return
			}
		}
	})
}

func inMemory(req *http.Request) (*http.Response, error) {
	if req.Header.Get("If-None-Match") != "" {
		return response(req, 304, "", "X-RateLimit-Remaining", "4999"), nil
	}
	resp := response(req, 200, "", "X-RateLimit-Remaining", "4999", "ETag", `"e"`)
	resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(benchBody)), int64(len(benchBody))
	return resp, nil
}

func fullChain(b *testing.B, base string, wire http.RoundTripper, dir string) *http.Client {
	b.Helper()
	return newClient(b, Config{
		BaseURL: mustURL(b, base), Base: wire, Credential: StaticToken("token", "benchmark"),
		MaxRetries: 3, MaxConcurrent: 100, RequestsPerMinute: 2_000_000_000, CacheDir: dir,
	})
}

// BenchmarkBare is http.Client without the chain, BenchmarkChain with it, both on an answer of 60
// kB from memory: the difference is what the chain costs.
func BenchmarkBare(b *testing.B) {
	benchmark(b, &http.Client{Transport: roundTrip(inMemory)}, testBase)
}

func BenchmarkChain(b *testing.B) {
	benchmark(b, fullChain(b, testBase, roundTrip(inMemory), ""), testBase)
}

// BenchmarkChainCached reads each answer from the folder after a 304.
func BenchmarkChainCached(b *testing.B) {
	benchmark(b, fullChain(b, testBase, roundTrip(inMemory), b.TempDir()), testBase)
}

// The same over a loopback connection.
func BenchmarkLoopbackBare(b *testing.B) {
	s := server(b, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, benchBody) })
	wire := &http.Transport{MaxIdleConnsPerHost: 100}
	b.Cleanup(wire.CloseIdleConnections)
	benchmark(b, &http.Client{Transport: wire}, s.URL+"/")
}

func BenchmarkLoopbackChain(b *testing.B) {
	s := server(b, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, benchBody) })
	benchmark(b, fullChain(b, s.URL+"/", nil, ""), s.URL+"/")
}
