package transport

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// conditional is a server like GitHub: it answers 304 to the ETag of the token's own view, and
// counts full and conditional answers.
type conditional struct {
	full, notModified atomic.Int64
}

func (c *conditional) RoundTrip(req *http.Request) (*http.Response, error) {
	etag := fmt.Sprintf(`W/"%s-%s-%s"`, req.URL.Path[1:], req.Header.Get("Authorization"), req.Header.Get("Accept"))
	remaining := fmt.Sprint(1000 - c.full.Load())
	if req.Header.Get("If-None-Match") == etag {
		c.notModified.Add(1)
		return response(req, 304, "", "ETag", etag, "X-RateLimit-Remaining", remaining, "X-GitHub-Request-Id", "304:1", "Set-Cookie", "s=1", "Content-Type", "x"), nil
	}
	c.full.Add(1)
	return response(req, 200, `{"path":"`+req.URL.Path+`"}`, "ETag", etag, "Link", `<next>; rel="next"`,
		"X-RateLimit-Remaining", remaining, "X-GitHub-Request-Id", "200:1", "Set-Cookie", "s=1"), nil
}

func TestSecondPlanIsAnswered304(t *testing.T) {
	t.Parallel()
	dir, hub := t.TempDir(), &conditional{}
	for plan := range 2 {
		client := newClient(t, Config{Base: hub, CacheDir: dir, Credential: StaticToken("s3cret", "test"), OnCacheError: func(err error) { t.Error(err) }})
		for i := range 5 {
			h := wantBody(t, client, fmt.Sprintf("%sjobs/%d", testBase, i), fmt.Sprintf(`{"path":"/jobs/%d"}`, i))
			if got := h.Get("Content-Type"); !strings.HasPrefix(got, "application/json") {
				t.Errorf("Content-Type = %q", got)
			}
			if got := h.Get("Link"); got != `<next>; rel="next"` {
				t.Errorf("Link = %q", got)
			}
			want := [2]string{fmt.Sprint(1000 - i), "995"}[plan]
			if got := h.Get("X-RateLimit-Remaining"); got != want {
				t.Errorf("plan %d: X-RateLimit-Remaining = %q, want %q", plan, got, want)
			}
			if plan == 1 && (h.Get("Set-Cookie") != "" || h.Get("X-GitHub-Request-Id") != "304:1") {
				t.Errorf("headers of a cached answer: %v", h)
			}
		}
	}
	if hub.full.Load() != 5 || hub.notModified.Load() != 5 {
		t.Errorf("%d full and %d conditional answers, want 5 and 5", hub.full.Load(), hub.notModified.Load())
	}
	checkModes(t, filepath.Join(dir, storeFormat))
	checkNoSecret(t, dir, "s3cret", "jobs", "s=1")
}

// checkNoSecret looks for texts in the names and, for the first of them, in the contents of all
// files.
func checkNoSecret(t *testing.T, dir, secret string, names ...string) {
	t.Helper()
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		for _, n := range append(names, secret, hex.EncodeToString([]byte(secret))) {
			if strings.Contains(strings.TrimPrefix(path, dir), n) {
				t.Errorf("the name %s contains %q", path, n)
			}
		}
		data, err := os.ReadFile(path)
		sum := sha256.Sum256([]byte(secret))
		for _, s := range []string{secret, hex.EncodeToString(sum[:]), "Set-Cookie"} {
			// The contents must not have a hash of the token either. (The stand-in's ETag quotes
			// the token, so it is left out.)
			text := strings.ReplaceAll(string(data), `Bearer `+secret, "")
			if strings.Contains(text, s) {
				t.Errorf("%s contains %q", path, s)
			}
		}
		return err
	})
}

func TestWhoAsksAndHowDecidesTheEntry(t *testing.T) {
	t.Parallel()
	dir, hub := t.TempDir(), &conditional{}
	ask := func(credential Credential, accept string) (conditionalRequest bool) {
		client := newClient(t, Config{Base: hub, CacheDir: dir, Credential: credential})
		before := hub.notModified.Load()
		wantBody(t, client, testBase+"x", `{"path":"/x"}`, "Accept", accept)
		return hub.notModified.Load() > before
	}
	for i, c := range []struct {
		credential Credential
		accept     string
		want       bool
	}{
		{nil, "a/json", false},
		{StaticToken("one", ""), "a/json", false},
		{StaticToken("two", ""), "a/json", false},
		{StaticToken("one", ""), "b/json", false},
		{nil, "a/json", true},
		{StaticToken("one", "other source"), "a/json", true},
		{StaticToken("two", ""), "a/json", true},
		{StaticToken("one", ""), "b/json", true},
	} {
		if got := ask(c.credential, c.accept); got != c.want {
			t.Errorf("request %d: answered by 304 %v, want %v", i, got, c.want)
		}
	}
}

func TestWhatIsNotCached(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]roundTrip{
		"404":          answer(404, "{}", "ETag", "e"),
		"no validator": answer(200, "{}"),
		"not JSON":     answer(200, "log", "ETag", "e", "Content-Type", "text/plain"),
		"no-store":     answer(200, "{}", "ETag", "e", "Cache-Control", "private, no-store"),
		"Vary *":       answer(200, "{}", "ETag", "e", "Vary", "*"),
		"a part only":  answer(200, "[]", "ETag", "e", "X-GitHub-SSO", "partial-results; organizations=1"),
		"a redirect":   answer(301, "{}", "ETag", "e", "Location", "https://other.test/"),
	} {
		for place, dir := range map[string]string{"folder": t.TempDir(), "memory": ""} {
			ctx := t.Context()
			if dir == "" {
				ctx = WithMemory(ctx)
			}
			wire := newScript(t, first, answer(200, "{}"))
			client := newClient(t, Config{Base: wire, CacheDir: dir})
			for range 2 {
				if _, _, _, err := fetch(ctx, client, testBase); err != nil {
					t.Fatal(err)
				}
			}
			got := wire.request(1).Header
			if len(got["If-None-Match"]) != 0 || len(got["If-Modified-Since"]) != 0 {
				t.Errorf("%s, %s: the second request was conditional: %v", place, name, got)
			}
		}
	}
}

func TestLastModifiedWillDo(t *testing.T) {
	t.Parallel()
	const date = "Sun, 01 Mar 2026 12:00:00 GMT"
	wire := newScript(t, answer(200, "{}", "Last-Modified", date), answer(304, ""))
	client := newClient(t, Config{Base: wire, CacheDir: t.TempDir()})
	wantBody(t, client, testBase, "{}")
	wantBody(t, client, testBase, "{}")
	if got := wire.request(1).Header.Get("If-Modified-Since"); got != date {
		t.Errorf("If-Modified-Since = %q", got)
	}
}

// A caller's own condition is passed on, and so is its 304.
func TestCallersConditionPasses(t *testing.T) {
	t.Parallel()
	wire := newScript(t, answer(304, ""))
	client := newClient(t, Config{Base: wire, CacheDir: t.TempDir()})
	if status, _, _, err := fetch(t.Context(), client, testBase, "If-None-Match", "mine"); status != 304 || err != nil {
		t.Errorf("%d %v", status, err)
	}
}

// An error replaces no entry: the next plan still needs no full transfer.
func TestFaultKeepsTheEntry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := newScript(t, answer(200, "{}", "ETag", "e"), answer(502, ""), answer(304, ""))
		client := newClient(t, Config{Base: wire, CacheDir: t.TempDir(), MaxRetries: 1})
		wantBody(t, client, testBase, "{}")
		wantBody(t, client, testBase, "{}")
	})
}

func TestConditionalRequestsObeyTheGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wire := newScript(t, answer(200, "{}", "ETag", "e"), answer(429, ""))
		client := newClient(t, Config{Base: wire, CacheDir: t.TempDir()})
		wantBody(t, client, testBase, "{}")
		for range 3 {
			if _, _, _, err := fetch(t.Context(), client, testBase); err == nil {
				t.Error("no error")
			}
		}
	})
}

func TestPinnedNeedsNoRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		wire := newScript(t,
			answer(200, `{"n":1}`, "Link", "<l>", "X-GitHub-Request-Id", "A:1", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1"),
			answer(200, `{"n":2}`), answer(200, `{"n":3}`), answer(200, `{"n":4}`), answer(404, "{}"), answer(200, `{"n":6}`))
		get := func(credential Credential, name, path, want string) http.Header {
			t.Helper()
			client := newClient(t, Config{Base: wire, CacheDir: dir, Credential: credential})
			body, h, err := fetchAndKeep(t.Context(), name, client, testBase+path)
			if err != nil || body != want {
				t.Errorf("%s %s: %q %v, want %q", name, path, body, err, want)
			}
			return h
		}
		one, two := StaticToken("one", ""), StaticToken("two", "")
		get(one, "run 1 attempt 1", "jobs", `{"n":1}`)
		h := get(two, "run 1 attempt 1", "jobs", `{"n":1}`)
		if h.Get("Link") != "<l>" || h.Get("X-GitHub-Request-Id") != "A:1" || h.Get("X-RateLimit-Remaining") != "" {
			t.Errorf("headers %v", h)
		}
		get(nil, "run 1 attempt 1", "jobs", `{"n":1}`)
		get(one, "run 1 attempt 2", "jobs", `{"n":2}`)
		get(one, "run 1 attempt 1", "jobs?page=2", `{"n":3}`)
		get(one, "", "jobs", `{"n":4}`) // no name: not pinned
		get(one, "gone", "jobs", "{}")  // a 404 is not pinned
		get(one, "gone", "jobs", `{"n":6}`)
		get(one, "gone", "jobs", `{"n":6}`)
		if wire.count() != 6 {
			t.Errorf("%d requests, want 6", wire.count())
		}
		checkNoSecret(t, dir, "run 1", "attempt")
	})
}

// filesIn lists the entries of a cache folder.
func filesIn(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != trimmedMark {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// An answer that no caller accepts is not stored, and the next request under the same name is sent
// again.
func TestNothingIsPinnedUnlessKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	wire := newScript(t, answer(200, `{"n":1}`, "ETag", "e"), answer(200, `{"n":2}`, "ETag", "e"), answer(200, `{"n":3}`), answer(200, `{"n":4}`))
	client := newClient(t, Config{Base: wire, CacheDir: dir})
	get := func(ctx context.Context, path, want string) {
		t.Helper()
		if _, body, _, err := fetch(ctx, client, testBase+path); err != nil || body != want {
			t.Errorf("%q %v, want %q", body, err, want)
		}
	}
	get(pinnedContext(t.Context(), "run"), "jobs", `{"n":1}`)
	ctx, keep := WithPinned(t.Context(), "run")
	keep() // nothing yet
	get(ctx, "jobs", `{"n":2}`)
	get(ctx, "jobs?page=2", `{"n":3}`)
	if files := filesIn(t, dir); len(files) != 0 {
		t.Errorf("before keep: files %v", files)
	}
	for i := range wire.count() {
		if tag := wire.request(i).Header.Get("If-None-Match"); tag != "" {
			t.Errorf("request %d asks with ETag %q", i, tag)
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		keep()
	}()
	<-done
	if files := filesIn(t, dir); len(files) != 2 {
		t.Errorf("after keep: files %v, want one for each page", files)
	}
	keep()
	for _, ctx := range []context.Context{ctx, pinnedContext(t.Context(), "run")} {
		get(ctx, "jobs", `{"n":2}`)
		get(ctx, "jobs?page=2", `{"n":3}`)
	}
	// Answers that come after one keep wait for the next.
	get(ctx, "jobs?page=3", `{"n":4}`)
	keep()
	get(pinnedContext(t.Context(), "run"), "jobs?page=3", `{"n":4}`)
}

// A pinned answer is not written again: not by the next plan, and not by another keep.
func TestKeepWritesOnlyWhatIsNew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	client := newClient(t, Config{Base: newScript(t, answer(200, "{}")), CacheDir: dir})
	ctx, first := WithPinned(t.Context(), "run")
	if _, _, _, err := fetch(ctx, client, testBase); err != nil {
		t.Fatal(err)
	}
	first()
	ctx, second := WithPinned(t.Context(), "run")
	if _, _, _, err := fetch(ctx, client, testBase); err != nil {
		t.Fatal(err)
	}
	for _, file := range filesIn(t, dir) {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	first()
	second()
	if files := filesIn(t, dir); len(files) != 0 {
		t.Errorf("written again: %v", files)
	}
}

// Only GitHub's own answers are cached: answers of other hosts leave no file, and requests to them
// carry no ETag.
func TestForeignHostIsNeverCached(t *testing.T) {
	t.Parallel()
	const elsewhere = "https://elsewhere.test/log"
	wire := roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("If-None-Match") != "" || req.Header.Get("If-Modified-Since") != "" {
			t.Errorf("a conditional request: %v", req.Header)
		}
		return response(req, 200, "{}", "ETag", "e", "Last-Modified", start.Format(http.TimeFormat)), nil
	})
	for _, dir := range []string{"", t.TempDir()} {
		client := newClient(t, Config{Base: wire, CacheDir: dir})
		pinned, keep := WithPinned(t.Context(), "run")
		for _, ctx := range []context.Context{t.Context(), pinned, WithMemory(t.Context())} {
			for range 2 {
				if _, body, _, err := fetch(ctx, client, elsewhere); body != "{}" || err != nil {
					t.Errorf("%q %v", body, err)
				}
				keep()
			}
		}
		client.CloseIdleConnections()
		if dir == "" {
			continue
		}
		if files := filesIn(t, dir); len(files) != 0 {
			t.Errorf("files %v", files)
		}
	}
}

// A run that was read while it was in progress has an ETag entry. Pinning the completed run does
// not transfer it again if it has not changed.
func TestPinningUsesTheETag(t *testing.T) {
	t.Parallel()
	hub := &conditional{}
	client := newClient(t, Config{Base: hub, CacheDir: t.TempDir()})
	wantBody(t, client, testBase+"x", `{"path":"/x"}`)
	for range 2 {
		if body, _, err := fetchAndKeep(t.Context(), "over", client, testBase+"x"); err != nil || body != `{"path":"/x"}` {
			t.Errorf("%q %v", body, err)
		}
	}
	if hub.full.Load() != 1 || hub.notModified.Load() != 1 {
		t.Errorf("%d full and %d conditional answers, want 1 and 1", hub.full.Load(), hub.notModified.Load())
	}
}

func TestDamagedEntryIsFetchedAgain(t *testing.T) {
	t.Parallel()
	dir, hub := t.TempDir(), &conditional{}
	client := newClient(t, Config{Base: hub, CacheDir: dir})
	wantBody(t, client, testBase+"x", `{"path":"/x"}`)
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != trimmedMark {
			return os.WriteFile(path, []byte("damaged"), 0o600)
		}
		return err
	})
	wantBody(t, client, testBase+"x", `{"path":"/x"}`)
	wantBody(t, client, testBase+"x", `{"path":"/x"}`)
	if hub.full.Load() != 2 || hub.notModified.Load() != 1 {
		t.Errorf("%d full and %d conditional answers, want 2 and 1", hub.full.Load(), hub.notModified.Load())
	}
}

// A file in place of the folder: not even root can write there.
func TestUnwritableCacheIsAWarning(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var warnings []error
	hub := &conditional{}
	client := newClient(t, Config{Base: hub, CacheDir: filepath.Join(file, "cache"), OnCacheError: func(err error) { warnings = append(warnings, err) }})
	if len(warnings) != 1 {
		t.Errorf("after New: warnings %v, want one", warnings)
	}
	for range 3 {
		wantBody(t, client, testBase+"x", `{"path":"/x"}`)
		if _, _, err := fetchAndKeep(t.Context(), "p", client, testBase+"x"); err != nil {
			t.Error(err)
		}
	}
	if len(warnings) != 1 {
		t.Errorf("warnings %v, want one", warnings)
	}
}

func TestCacheThatStopsBeingWritable(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	var warnings atomic.Int64
	client := newClient(t, Config{Base: &conditional{}, CacheDir: dir, OnCacheError: func(error) { warnings.Add(1) }})
	client.CloseIdleConnections() // the trim is over
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		wantBody(t, client, fmt.Sprintf("%s%d", testBase, i), fmt.Sprintf(`{"path":"/%d"}`, i))
	}
	if warnings.Load() != 1 {
		t.Errorf("%d warnings, want 1", warnings.Load())
	}
}

func TestNewTrims(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := openFolder(dir, testCodec(t))
	if err != nil {
		t.Fatal(err)
	}
	key := fingerprint("old")
	if err := s.put(key, &entry{}); err != nil {
		t.Fatal(err)
	}
	when := time.Now().Add(-2 * unusedFor)
	if err := os.Chtimes(fullPath(s, key), when, when); err != nil {
		t.Fatal(err)
	}
	newClient(t, Config{Base: newScript(t), CacheDir: dir}).CloseIdleConnections()
	if _, err := os.Stat(fullPath(s, key)); !os.IsNotExist(err) {
		t.Errorf("the old entry is still there: %v", err)
	}
}

const cacheWorkerURL = "TRANSPORT_TEST_CACHE_WORKER_URL"

// versioned answers with bodies that show whether they are complete, and with an ETag that changes
// all the time, so that processes overwrite each other.
func versioned(n *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := n.Add(1) / 7
		etag := fmt.Sprintf(`"%d"`, v)
		w.Header().Set("ETag", etag)
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, wholeBody(r.URL.Path, v))
	}
}

func wholeBody(path string, v int64) string {
	return fmt.Sprintf(`{"path":%q,"v":%d,"pad":"%s"}`, path, v, strings.Repeat(fmt.Sprint(v), 5000))
}

// cacheWorker is one of several processes that use one folder.
func cacheWorker(dir string) error {
	base, err := url.Parse(os.Getenv(cacheWorkerURL))
	if err != nil {
		return err
	}
	var cacheErr atomic.Value
	client, err := New(Config{BaseURL: base, CacheDir: dir, OnCacheError: func(err error) { cacheErr.Store(err) }})
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	for i := range 200 {
		path := fmt.Sprintf("/x/%d", i%3)
		name := ""
		if i%5 == 0 {
			name = fmt.Sprint(i % 10)
		}
		body, _, err := fetchAndKeep(context.Background(), name, client, base.String()+path)
		if err != nil {
			return err
		}
		var v int64
		if _, err := fmt.Sscanf(body, `{"path":"`+path+`","v":%d`, &v); err != nil || body != wholeBody(path, v) {
			return fmt.Errorf("%s: a broken body of %d bytes, %w", path, len(body), err)
		}
	}
	if err, _ := cacheErr.Load().(error); err != nil {
		return err
	}
	return nil
}

func TestCacheProcesses(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	s := server(t, versioned(&n))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "shared")
	var workers []*exec.Cmd
	for range 4 {
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env = append(os.Environ(), cacheWorkerEnv+"="+dir, cacheWorkerURL+"="+s.URL)
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		workers = append(workers, cmd)
	}
	for i, cmd := range workers {
		if err := cmd.Wait(); err != nil {
			t.Errorf("process %d: %v", i, err)
		}
	}
	// Pinned answers came from the folder: 4 x 40 of 800 needed no request.
	if got := n.Load(); got < 600 || got >= 4*200 {
		t.Errorf("%d requests", got)
	}
	checkModes(t, dir)
}
