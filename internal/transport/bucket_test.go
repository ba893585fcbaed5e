package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// memoryS3 is a store in memory, on the wire of one or several clients. It knows what a cache needs.
// The real server's turn is in s3_test.go.
type memoryS3 struct {
	mu      sync.Mutex
	objects map[string]string
	asked   []string // METHOD KEY
	latency time.Duration
	fault   roundTrip // its answer counts if it gives one, or an error
}

func (m *memoryS3) RoundTrip(req *http.Request) (*http.Response, error) {
	key := strings.TrimPrefix(req.URL.Path, "/bucket/")
	m.mu.Lock()
	m.asked = append(m.asked, req.Method+" "+key)
	m.mu.Unlock()
	if err := Sleep(req.Context(), m.latency); err != nil {
		return nil, err
	}
	if m.fault != nil {
		if resp, err := m.fault(req); resp != nil || err != nil {
			return resp, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if req.Method == http.MethodPut {
		body, err := io.ReadAll(req.Body)
		m.objects[key] = string(body)
		return response(req, 200, "", "ETag", `"e"`), err
	}
	body, ok := m.objects[key]
	if !ok {
		return s3Error(404, "NoSuchKey", "")(req)
	}
	return response(req, 200, body, "ETag", `"e"`, "Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT"), nil
}

func (m *memoryS3) requests() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.asked)
}

func (m *memoryS3) has(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.objects[key]
	return ok
}

func (m *memoryS3) count(method string) (n int) {
	for _, asked := range m.requests() {
		if strings.HasPrefix(asked, method+" ") {
			n++
		}
	}
	return n
}

// s3Error is an answer of S3. Its message holds what must not be shown.
func s3Error(status int, code, region string) roundTrip {
	body := fmt.Sprintf(`<?xml version="1.0"?><Error><Code>%s</Code><Message>s3cret %s</Message><Region>%s</Region></Error>`, code, code, region)
	return answer(status, body, "Content-Type", "application/xml")
}

func newMemoryS3() *memoryS3 { return &memoryS3{objects: map[string]string{}} }

// testBucket is a bucket on that wire.
func testBucket(tb testing.TB, wire http.RoundTripper, address string) *Bucket {
	tb.Helper()
	b, err := ParseBucket(address, func(string) string { return "" })
	if err != nil {
		tb.Fatal(err)
	}
	b.Base = wire
	b.identity = &identity{known: credentials.NewStaticV4("AKIATEST", "s3cret", "s3cret-session"), source: "test"}
	return b
}

const bucketURL = "s3://bucket/audit?endpoint=http://127.0.0.1:9000"

// warnings collects what a client reports.
type warnings struct {
	mu   sync.Mutex
	errs []error
}

func (w *warnings) add(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.errs = append(w.errs, err)
}

func (w *warnings) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return fmt.Sprint(w.errs)
}

// github answers every request with its path and an ETag, and counts.
type github struct {
	mu      sync.Mutex
	asked   int
	latency time.Duration
}

func (g *github) RoundTrip(req *http.Request) (*http.Response, error) {
	g.mu.Lock()
	g.asked++
	g.mu.Unlock()
	if err := Sleep(req.Context(), g.latency); err != nil {
		return nil, err
	}
	if req.Header.Get("If-None-Match") != "" {
		return response(req, 304, ""), nil
	}
	return response(req, 200, githubSays(req.URL.Path), "ETag", `"e"`), nil
}

func githubSays(path string) string { return fmt.Sprintf(`{"path":%q}`, path) }

func (g *github) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

// readRuns reads runs as the provider does: some at a time, each accepted, with a flush at the end.
func readRuns(ctx context.Context, client *http.Client, runs int) error {
	var wg sync.WaitGroup
	errs := make(chan error, runs)
	places := make(chan struct{}, DefaultMaxConcurrent)
	for i := range runs {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			path := fmt.Sprintf("/runs/%d/jobs", i)
			body, _, err := fetchAndKeep(ctx, fmt.Sprint("run ", i), client, strings.TrimSuffix(testBase, "/")+path)
			if err == nil && body != githubSays(path) {
				err = fmt.Errorf("%s: got %q", path, body)
			}
			if err != nil {
				errs <- err
			}
		})
	}
	wg.Wait()
	Flush(ctx, client)
	close(errs)
	return <-errs
}

// TestBucketIsSharedByMachines: two machines with nothing in common but the bucket, and different
// tokens, ask GitHub once.
func TestBucketIsSharedByMachines(t *testing.T) {
	t.Parallel()
	s3, api := newMemoryS3(), &github{}
	for i, token := range []string{"first", "second", "third"} {
		client := newClient(t, Config{Base: api, Credential: StaticToken(token, "test"), Bucket: testBucket(t, s3, bucketURL), CacheDir: map[int]string{2: t.TempDir()}[i]})
		for range 2 {
			if err := readRuns(t.Context(), client, 20); err != nil {
				t.Fatal(err)
			}
		}
		if !HasCache(client) {
			t.Error("a bucket is no cache for the next process")
		}
	}
	if api.count() != 20 || s3.count("PUT") != 20 || s3.count("GET") != 60 {
		t.Errorf("GitHub got %d requests, the bucket %d GETs and %d PUTs", api.count(), s3.count("GET"), s3.count("PUT"))
	}
	for key, data := range s3.objects {
		name, ours := strings.CutPrefix(key, "audit/v2/")
		if !ours || len(name) != 64 || strings.ContainsAny(name, "/_") {
			t.Errorf("key %s", key)
		}
		for _, secret := range []string{"s3cret", "AKIATEST", "first", "second"} {
			if strings.Contains(data, secret) {
				t.Errorf("%s contains %s", key, secret)
			}
		}
	}
}

// TestBucketKeepsWhatIsRevalidatedByToken: other answers are kept too, but for the token that got them.
func TestBucketKeepsWhatIsRevalidatedByToken(t *testing.T) {
	t.Parallel()
	s3, api := newMemoryS3(), &github{}
	var conditional []bool
	wire := roundTrip(func(req *http.Request) (*http.Response, error) {
		conditional = append(conditional, req.Header.Get("If-None-Match") != "")
		return api.RoundTrip(req)
	})
	for _, token := range []string{"first", "first", "second"} {
		client := newClient(t, Config{Base: wire, Credential: StaticToken(token, "test"), Bucket: testBucket(t, s3, bucketURL)})
		wantBody(t, client, testBase+"runs", githubSays("/runs"))
		Flush(t.Context(), client)
	}
	if fmt.Sprint(conditional) != "[false true false]" || len(s3.objects) != 2 {
		t.Errorf("conditional: %v, %d objects", conditional, len(s3.objects))
	}
}

// TestFolderIsFilledFromTheBucket, and asked first.
func TestFolderIsFilledFromTheBucket(t *testing.T) {
	t.Parallel()
	s3, api, dir := newMemoryS3(), &github{}, t.TempDir()
	for _, c := range []struct {
		dir        string
		bucket     bool
		gets, asks int // in all
	}{
		{"", true, 1, 1},                      // the bucket is filled
		{dir, true, 2, 1},                     // the folder is filled
		{dir, true, 2, 1},                     // and asked first
		{dir, false, 2, 1},                    // and works alone
		{filepath.Join(dir, "x"), true, 3, 1}, // another one
	} {
		cfg := Config{Base: api, CacheDir: c.dir}
		if c.bucket {
			cfg.Bucket = testBucket(t, s3, bucketURL)
		}
		if err := readRuns(t.Context(), newClient(t, cfg), 1); err != nil {
			t.Fatal(err)
		}
		if s3.count("GET") != c.gets || api.count() != c.asks || s3.count("PUT") != 1 {
			t.Errorf("%+v: %d GETs, %d PUTs, GitHub %d", c, s3.count("GET"), s3.count("PUT"), api.count())
		}
	}
}

// TestAnObjectIsCopiedAsItIs: what comes from the bucket goes into the folder unchanged, whatever version
// of the provider compressed it, and takes no place in memory beside its body.
func TestAnObjectIsCopiedAsItIs(t *testing.T) {
	t.Parallel()
	best := testCodec(t)
	zip, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		t.Fatal(err)
	}
	best.zip = zip
	key, want := fingerprint("a"), &entry{ETag: `"e"`, ContentType: "application/json", body: jobsBody(1, 10)}
	object, err := best.encode(key, want)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := testCodec(t).encode(key, want); err != nil || bytes.Equal(again, object) {
		t.Fatalf("the two are compressed alike, or %v", err)
	}
	for _, dir := range []string{"", t.TempDir()} {
		s3, tidy := newMemoryS3(), &sync.WaitGroup{}
		s, err := openStores(Config{CacheDir: dir, Bucket: testBucket(t, s3, bucketURL)}, tidy)
		if err != nil {
			t.Fatal(err)
		}
		tidy.Wait()
		s3.objects[s.bucket.at.object(key)] = string(object)
		for range 2 {
			if e, ok := s.get(t.Context(), key, true); !ok || !bytes.Equal(e.body, want.body) || e.ETag != want.ETag {
				t.Errorf("folder %q: got %v", dir, e)
			}
		}
		if dir != "" {
			if file, err := os.ReadFile(filepath.Join(dir, storeFormat, key)); err != nil || !bytes.Equal(file, object) {
				t.Errorf("the file differs from the object, or %v", err)
			}
		} else if at := s.memory.answers[key]; at == nil || at.Value.(*keptAnswer).entry.data != nil {
			t.Error("the memory does not hold the entry, or holds its data too")
		}
	}
	e, ok := best.decode(key, object)
	if !ok {
		t.Fatal("the object is damaged")
	}
	if data, err := best.encode(fingerprint("b"), e); err != nil || bytes.Equal(data, object) {
		t.Errorf("the data of one key is used for another, or %v", err)
	}
}

// TestHoldsAsksTheBucketOnce: what Holds has found needs no second request.
func TestHoldsAsksTheBucketOnce(t *testing.T) {
	t.Parallel()
	s3, api := newMemoryS3(), &github{}
	if err := readRuns(t.Context(), newClient(t, Config{Base: api, Bucket: testBucket(t, s3, bucketURL)}), 1); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", t.TempDir()} {
		client := newClient(t, Config{Base: api, CacheDir: dir, Bucket: testBucket(t, s3, bucketURL)})
		before := s3.count("GET")
		for i, want := range []bool{true, true, false} {
			run := []int{0, 0, 1}[i]
			req, err := http.NewRequestWithContext(pinnedContext(t.Context(), fmt.Sprint("run ", run)), http.MethodGet, fmt.Sprintf("%sruns/%d/jobs", testBase, run), nil)
			if err != nil {
				t.Fatal(err)
			}
			if Holds(client, req) != want {
				t.Errorf("folder %q, run %d: %v", dir, run, !want)
			}
		}
		if err := readRuns(t.Context(), client, 1); err != nil {
			t.Fatal(err)
		}
		if asked := s3.count("GET") - before; asked != 2 || api.count() != 1 {
			t.Errorf("folder %q: %d GETs, GitHub %d", dir, asked, api.count())
		}
	}
}

// TestBucketFaults: whatever a store does, the read is right and takes seconds more, and there is one
// warning at most.
func TestBucketFaults(t *testing.T) {
	t.Parallel()
	const permissions = "; the credentials need s3:GetObject and s3:PutObject for the prefix, and s3:ListBucket for the bucket, without which a missing object is answered with AccessDenied; with read_only=true nothing is written"
	const notUsed = "[the bucket s3://bucket/audit is not used: "
	onPut := func(fault roundTrip) roundTrip {
		return func(req *http.Request) (*http.Response, error) {
			if req.Method != http.MethodPut {
				return nil, nil
			}
			return fault(req)
		}
	}
	hang := roundTrip(func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	for _, c := range []struct {
		name  string
		fault roundTrip
		most  int // requests to the store
		took  time.Duration
		want  string
	}{
		{"503", s3Error(503, "SlowDown", ""), 20, time.Second, notUsed + "the store answers 503 SlowDown]"},
		{"500 without a body", answer(500, "s3cret", "Content-Type", "text/plain"), 20, time.Second, notUsed + "the store answers 500 Internal Server Error]"},
		{"a hanging store", hang, 20, bucketTimeout + time.Second, notUsed + "it did not answer within 3s]"},
		{"a hanging store for writes", onPut(hang), 80, bucketFlush, "[nothing is written to the bucket s3://bucket/audit: it did not answer within 3s]"},
		{"a reset", fault(errors.New("read tcp 127.0.0.1:1->127.0.0.1:2: connection reset by peer")), 20, time.Second, notUsed + "read tcp 127.0.0.1:1->127.0.0.1:2: connection reset by peer]"},
		{"a proxy with a password", fault(errors.New("proxyconnect tcp: http://me:s3cret@proxy: refused")), 20, time.Second, notUsed + "proxyconnect tcp: http://***@proxy: refused]"},
		{"the end of the connection", fault(io.EOF), 20, time.Second, notUsed + "the connection was closed before the answer was complete]"},
		{"a cut body", cutS3, 20, time.Second, notUsed + "the connection was closed before the answer was complete]"},
		{"denied", s3Error(403, "AccessDenied", ""), 20, time.Second, notUsed + "the store answers 403 AccessDenied" + permissions + "]"},
		{"denied for writes", onPut(s3Error(403, "AccessDenied", "")), 70, time.Second, "[nothing is written to the bucket s3://bucket/audit: the store answers 403 AccessDenied" + permissions + "]"},
		{"no such bucket", s3Error(404, "NoSuchBucket", ""), 20, time.Second, notUsed + "the store answers 404 NoSuchBucket; check the name of the bucket, its region and the endpoint]"},
		{"a web server", answer(404, "<html>s3cret<br></html>", "Content-Type", "text/html"), 70, time.Second, "[nothing is written to the bucket s3://bucket/audit: the store answers 404 NoSuchKey; check the endpoint: it does not answer as an S3-compatible store does]"},
		{"a wrong key", s3Error(403, "SignatureDoesNotMatch", ""), 20, time.Second, notUsed + "the store answers 403 SignatureDoesNotMatch; check the AWS credentials in the environment, in the profile or of the role]"},
		{"a wrong region", s3Error(400, "AuthorizationHeaderMalformed", "eu-west-1"), 20, time.Second, notUsed + "the store answers 400 AuthorizationHeaderMalformed; the bucket is in another region than us-east-1: add region=eu-west-1 to the URL]"},
		{"a redirect", answer(301, "", "Location", "http://elsewhere.test/", "X-Amz-Bucket-Region", "eu-west-1"), 20, time.Second, notUsed + "the store answers 301 Moved Permanently; the bucket is in another region than us-east-1: add region=eu-west-1 to the URL]"},
		{"a wrong clock", s3Error(403, "RequestTimeTooSkewed", ""), 20, time.Second, notUsed + "the store answers 403 RequestTimeTooSkewed; set the clock of this machine]"},
		{"a code that is text", s3Error(400, "s3cret is not a code", ""), 20, time.Second, notUsed + "the store answers 400 Bad Request]"},
		{"damaged objects", answer(200, "{}", "Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT"), 120, time.Second, "[]"},
		{"an object of another key", answer(200, otherEntry(t), "Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT"), 120, time.Second, "[]"},
		{"no fault", nil, 120, time.Second, "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s3, api, found := newMemoryS3(), &github{latency: time.Millisecond}, &warnings{}
				s3.fault = c.fault
				began := time.Now()
				client := newClient(t, Config{Base: api, Bucket: testBucket(t, s3, bucketURL), OnCacheError: found.add})
				for range 2 {
					if err := readRuns(t.Context(), client, 60); err != nil {
						t.Error(err)
					}
				}
				if got := found.String(); got != c.want || strings.Contains(got, "s3cret") {
					t.Errorf("it warns of %s\nwant: %s", got, c.want)
				}
				if took := time.Since(began); took > c.took || len(s3.requests()) > c.most || api.count() != 60 {
					t.Errorf("it took %s, the store got %d requests, GitHub %d", took, len(s3.requests()), api.count())
				}
				client.CloseIdleConnections()
			})
		})
	}
}

// cutS3 is an object whose transfer ends too early.
func cutS3(req *http.Request) (*http.Response, error) {
	resp, err := cut("github-actions-cache")(req)
	resp.Header.Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
	return resp, err
}

func otherEntry(t *testing.T) string {
	t.Helper()
	data, err := testCodec(t).encode(fingerprint("other"), &entry{body: []byte(`{"wrong":true}`)})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestOneFailureIsNotWorthAWarning, when everything else works.
func TestOneFailureIsNotWorthAWarning(t *testing.T) {
	t.Parallel()
	s3, found := newMemoryS3(), &warnings{}
	var once sync.Once
	s3.fault = func(req *http.Request) (resp *http.Response, err error) {
		once.Do(func() { resp, err = s3Error(503, "SlowDown", "")(req) })
		return resp, err
	}
	client := newClient(t, Config{Base: &github{}, Bucket: testBucket(t, s3, bucketURL), OnCacheError: found.add})
	if err := readRuns(t.Context(), client, 20); err != nil || found.String() != "[]" {
		t.Errorf("%v, it warns of %s", err, found)
	}
	// With nothing that worked, one failure is: a plan may have only one request.
	s3.fault = s3Error(503, "SlowDown", "")
	client = newClient(t, Config{Base: &github{}, Bucket: testBucket(t, s3, bucketURL), OnCacheError: found.add})
	if err := readRuns(t.Context(), client, 1); err != nil || found.String() != "[the bucket s3://bucket/audit is not used: the store answers 503 SlowDown]" {
		t.Errorf("%v, it warns of %s", err, found)
	}
}

// TestReadOnlyBucket: nothing is written, and what is there is used.
func TestReadOnlyBucket(t *testing.T) {
	t.Parallel()
	s3, api := newMemoryS3(), &github{}
	for _, address := range []string{bucketURL + "&read_only=true", bucketURL, bucketURL + "&read_only=true"} {
		client := newClient(t, Config{Base: api, Bucket: testBucket(t, s3, address)})
		if HasCache(client) != (address == bucketURL) {
			t.Errorf("%s: HasCache is %v", address, HasCache(client))
		}
		if err := readRuns(t.Context(), client, 5); err != nil {
			t.Fatal(err)
		}
	}
	if api.count() != 10 || s3.count("PUT") != 5 {
		t.Errorf("GitHub got %d requests, the bucket %d PUTs", api.count(), s3.count("PUT"))
	}
}

// TestNothingIsAskedBeforeItIsNeeded: a bucket costs nothing until there is something to look for.
func TestNothingIsAskedBeforeItIsNeeded(t *testing.T) {
	t.Parallel()
	s3 := newMemoryS3()
	client := newClient(t, Config{Base: &github{}, Bucket: testBucket(t, s3, bucketURL)})
	Flush(t.Context(), client)
	Flush(t.Context(), http.DefaultClient)
	client.CloseIdleConnections()
	if len(s3.requests()) > 0 {
		t.Errorf("it asked %v", s3.requests())
	}
}

// TestWritesDoNotSlowARead: entries are written while the read goes on, and the end of the read waits
// for them.
func TestWritesDoNotSlowARead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s3 := newMemoryS3()
		s3.fault = func(req *http.Request) (*http.Response, error) {
			if req.Method == http.MethodPut {
				return nil, Sleep(req.Context(), 100*time.Millisecond)
			}
			return nil, nil
		}
		client := newClient(t, Config{Base: &github{latency: 80 * time.Millisecond}, Bucket: testBucket(t, s3, bucketURL)})
		began := time.Now()
		if err := readRuns(t.Context(), client, 100); err != nil {
			t.Fatal(err)
		}
		// 100 runs, 10 at a time, 80 ms each: 800 ms; without a background 1800 ms.
		if took := time.Since(began); took > 1500*time.Millisecond || len(s3.objects) != 100 {
			t.Errorf("it took %s, %d objects", took, len(s3.objects))
		}
		client.CloseIdleConnections()
	})
}

// TestQueueIsBounded: what does not fit is not written, and nothing waits.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s3 := newMemoryS3()
		s3.latency = time.Second
		b, err := newBucket(Config{Bucket: testBucket(t, s3, bucketURL), MaxConcurrent: 1}, testCodec(t), func(error) {})
		if err != nil {
			t.Fatal(err)
		}
		b.most = 64 << 10
		random := rand.NewChaCha8([32]byte{})
		for i := range 100 {
			body := make([]byte, 2<<10)
			_, _ = random.Read(body)
			if err := b.put(fingerprint(fmt.Sprint(i)), &entry{body: body}); err != nil {
				t.Fatal(err)
			}
		}
		b.mu.Lock()
		size := b.size
		b.mu.Unlock()
		b.close()
		if size > b.most || b.size != 0 || len(b.pending()) > 0 {
			t.Errorf("%d bytes waited, %d are left", size, b.size)
		}
	})
}

// TestFlushWaitsOnlyForWhatWasKeptBefore: a read that ends does not wait for what others keep meanwhile.
func TestFlushWaitsOnlyForWhatWasKeptBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s3 := newMemoryS3()
		s3.latency = 100 * time.Millisecond
		b, err := newBucket(Config{Bucket: testBucket(t, s3, bucketURL), MaxConcurrent: 1}, testCodec(t), func(error) {})
		if err != nil {
			t.Fatal(err)
		}
		keep := func(name string) {
			if err := b.put(fingerprint(name), &entry{body: []byte(name)}); err != nil {
				t.Error(err)
			}
		}
		// 160 answers, 8 at a time, 100 ms each: 2 s. Then others keep answers faster than they are written.
		for i := range 160 {
			keep(fmt.Sprint("before ", i))
		}
		keep("mine")
		others, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			for i := 0; Sleep(others, 5*time.Millisecond) == nil; i++ {
				keep(fmt.Sprint("after ", i))
			}
		})
		began := time.Now()
		b.flush(t.Context())
		if took := time.Since(began); took != 2100*time.Millisecond || !s3.has(b.at.object(fingerprint("mine"))) {
			t.Errorf("it took %s, want 2.1s", took)
		}
		cancel()
		wg.Wait()
		b.close()
	})
}

// TestFlushFromManyGoroutines: whatever others do, what a reader has kept is there when its flush ends,
// and nothing is left at the end.
func TestFlushFromManyGoroutines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s3 := newMemoryS3()
		s3.latency = 3 * time.Millisecond
		b, err := newBucket(Config{Bucket: testBucket(t, s3, bucketURL), MaxConcurrent: 1}, testCodec(t), func(error) {})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for reader := range 20 {
			wg.Go(func() {
				for i := range 20 {
					key := fingerprint(fmt.Sprint(reader, i))
					if err := b.put(key, &entry{body: []byte(key)}); err != nil {
						t.Error(err)
					}
					if i%(reader+1) > 0 {
						continue
					}
					if b.flush(t.Context()); !s3.has(b.at.object(key)) {
						t.Errorf("reader %d: answer %d is not there", reader, i)
					}
				}
			})
		}
		wg.Wait()
		b.close()
		if s3.count("PUT") != 400 || len(b.pending()) > 0 || b.size != 0 {
			t.Errorf("%d PUTs, %d bytes are left", s3.count("PUT"), b.size)
		}
	})
}

// TestFlushEndsWhenTheBucketIsLeft: what is given up is not waited for.
func TestFlushEndsWhenTheBucketIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s3 := newMemoryS3()
		s3.latency, s3.fault = time.Second, s3Error(403, "AccessDenied", "")
		b, err := newBucket(Config{Bucket: testBucket(t, s3, bucketURL), MaxConcurrent: 1}, testCodec(t), func(error) {})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100 {
			if err := b.put(fingerprint(fmt.Sprint(i)), &entry{body: []byte("{}")}); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		b.flush(t.Context())
		if took := time.Since(began); took != time.Second || s3.count("PUT") != bucketWrites {
			t.Errorf("it took %s and %d PUTs", took, s3.count("PUT"))
		}
		b.close()
	})
}

// TestACallerThatLeavesIsNoFailure: a plan that is cancelled says nothing about the store.
func TestACallerThatLeavesIsNoFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s3, found := newMemoryS3(), &warnings{}
		s3.latency = time.Second
		client := newClient(t, Config{Base: &github{}, Bucket: testBucket(t, s3, bucketURL), OnCacheError: found.add})
		for range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			if err := readRuns(ctx, client, 1); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			cancel()
		}
		if found.String() != "[]" {
			t.Errorf("it warns of %s", found)
		}
		client.CloseIdleConnections()
	})
}

// TestACallerThatLeavesIsNoSuccess: it does not hide that nothing has worked.
func TestACallerThatLeavesIsNoSuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s3, found := newMemoryS3(), &warnings{}
		s3.latency, s3.fault = time.Second, s3Error(503, "SlowDown", "")
		client := newClient(t, Config{Base: &github{}, Bucket: testBucket(t, s3, bucketURL), OnCacheError: found.add})
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := readRuns(ctx, client, 1); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := readRuns(t.Context(), client, 1); err != nil || found.String() != "[the bucket s3://bucket/audit is not used: the store answers 503 SlowDown]" {
			t.Errorf("%v, it warns of %s", err, found)
		}
		client.CloseIdleConnections()
	})
}

// TestAHangingBucketHasALimitForACallerThatJoins: the deadline of a shared request moves, from that of a
// caller that leaves to that of one that stays. The bucket must not depend on it.
func TestAHangingBucketHasALimitForACallerThatJoins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s3 := newMemoryS3()
		s3.latency = time.Hour
		client := newClient(t, Config{Base: &github{}, Bucket: testBucket(t, s3, bucketURL)})
		read := func(limit time.Duration) (string, error) {
			ctx, cancel := context.WithTimeout(pinnedContext(t.Context(), "run 0"), limit)
			defer cancel()
			_, body, _, err := fetch(ctx, client, testBase+"runs/0/jobs")
			return body, err
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := read(time.Second); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the first caller: %v", err)
			}
		})
		synctest.Wait()
		joined := time.Now()
		body, err := read(10 * time.Minute)
		if took := time.Since(joined); err != nil || body != githubSays("/runs/0/jobs") || took != bucketTimeout {
			t.Errorf("the second caller: %q, %v after %s, want GitHub's answer after %s", body, err, took, bucketTimeout)
		}
		wg.Wait()
		client.CloseIdleConnections()
	})
}

// TestNoCredentials: without credentials nothing is sent, and the warning says where they come from.
func TestNoCredentials(t *testing.T) {
	t.Parallel()
	s3, api, found := newMemoryS3(), &github{}, &warnings{}
	bucket := testBucket(t, s3, bucketURL)
	bucket.identity.known = credentials.New(&credentials.Static{})
	client := newClient(t, Config{Base: api, Bucket: bucket, OnCacheError: found.add})
	const want = "[the bucket s3://bucket/audit is not used: could not get AWS credentials from test: there are none; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or a role]"
	if err := readRuns(t.Context(), client, 20); err != nil || found.String() != want || len(s3.requests()) > 0 {
		t.Errorf("%v, it warns of %s, the store got %v", err, found, s3.requests())
	}
}

// TestBucketFailsAtAnyMoment: with faults drawn at random, two machines always read the same, and warn
// once at most.
func TestBucketFailsAtAnyMoment(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s3, api := newMemoryS3(), &github{latency: 80 * time.Millisecond}
				s3.latency = 20 * time.Millisecond
				s3.fault = randomFaults(seed, s3)
				began := time.Now()
				for _, token := range []string{"first", "second"} {
					found := &warnings{}
					client := newClient(t, Config{Base: api, Credential: StaticToken(token, "test"), Bucket: testBucket(t, s3, bucketURL), OnCacheError: found.add})
					if err := readRuns(t.Context(), client, 200); err != nil {
						t.Error(err)
					}
					client.CloseIdleConnections()
					if len(found.errs) > 1 {
						t.Errorf("it warns of %s", found)
					}
				}
				if took := time.Since(began); took > time.Minute || api.count() > 400 {
					t.Errorf("it took %s and %d requests to GitHub", took, api.count())
				}
			})
		})
	}
}

// randomFaults spoils a share of the requests that depends on the seed.
func randomFaults(seed uint64, s3 *memoryS3) roundTrip {
	random := rand.New(rand.NewPCG(seed, 1))
	share := random.Float64()
	var mu sync.Mutex
	return func(req *http.Request) (*http.Response, error) {
		mu.Lock()
		spoil, kind := random.Float64() < share, random.IntN(8)
		mu.Unlock()
		if !spoil {
			return nil, nil
		}
		switch kind {
		case 0:
			return s3Error(503, "SlowDown", "")(req)
		case 1:
			return nil, errors.New("connection reset by peer")
		case 2:
			return cutS3(req)
		case 3:
			<-req.Context().Done()
			return nil, req.Context().Err()
		case 4:
			return nil, Sleep(req.Context(), time.Second)
		case 5:
			return s3Error(500, "InternalError", "")(req)
		case 6:
			s3.mu.Lock()
			defer s3.mu.Unlock()
			for _, key := range slices.Sorted(maps.Keys(s3.objects)) { // damage what is there
				s3.objects[key] = s3.objects[key][:len(s3.objects[key])/2]
				break
			}
			return nil, nil
		}
		return response(req, 200, "not an entry", "Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT"), nil
	}
}

// bucketWorkerEnv turns this test binary into a process that finds its credentials in its environment.
// Its value is the endpoint of a store.
const bucketWorkerEnv = "TRANSPORT_TEST_BUCKET_WORKER"

func bucketWorker(endpoint string) error {
	bucket, err := ParseBucket("s3://bucket/audit?endpoint="+endpoint, os.Getenv)
	if err != nil {
		return err
	}
	base, err := url.Parse(testBase)
	if err != nil {
		return err
	}
	client, err := New(Config{BaseURL: base, Base: &github{}, Bucket: bucket, OnCacheError: func(err error) { fmt.Println("warning:", err) }})
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	return readRuns(context.Background(), client, 1)
}
