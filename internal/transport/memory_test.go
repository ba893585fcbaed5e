package transport

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestMemoryAsksByETag: a caller that polls asks by ETag. A caller that does not poll, and the next
// one that polls, start without ETags.
func TestMemoryAsksByETag(t *testing.T) {
	t.Parallel()
	var asked []string
	base := roundTrip(func(req *http.Request) (*http.Response, error) {
		tag := req.Header.Get("If-None-Match")
		asked = append(asked, tag)
		if tag == `"1"` {
			return response(req, http.StatusNotModified, ""), nil
		}
		return response(req, http.StatusOK, `{"v":1}`, "ETag", `"1"`, "Content-Type", "application/json"), nil
	})
	client := newClient(t, Config{Base: base})
	polling := WithMemory(t.Context())
	for _, ctx := range []context.Context{polling, polling, t.Context(), polling, WithMemory(t.Context())} {
		if status, body, _, err := fetch(ctx, client, testBase); err != nil || status != http.StatusOK || body != `{"v":1}` {
			t.Fatalf("%d %s, %v", status, body, err)
		}
	}
	if want := []string{"", `"1"`, "", `"1"`, ""}; !slices.Equal(asked, want) {
		t.Errorf("asked with %q, want %q", asked, want)
	}
}

// A folder that cannot be written must not make polling expensive: the memory works without it.
func TestMemoryWithAFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	for _, before := range []bool{true, false} {
		dir := filepath.Join(t.TempDir(), "cache")
		spoil := func() {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(dir, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if before {
			spoil()
		}
		hub := &conditional{}
		client := newClient(t, Config{Base: hub, CacheDir: dir})
		client.CloseIdleConnections() // the trim is over
		if !before {
			spoil()
		}
		ctx := WithMemory(t.Context())
		for range 3 {
			if _, body, _, err := fetch(ctx, client, testBase+"x"); err != nil || body != `{"path":"/x"}` {
				t.Fatalf("%q %v", body, err)
			}
		}
		if hub.full.Load() != 1 || hub.notModified.Load() != 2 {
			t.Errorf("spoilt before %v: %d full and %d conditional answers, want 1 and 2", before, hub.full.Load(), hub.notModified.Load())
		}
	}
}

// With both, the folder serves the first poll and keeps the answers after the last.
func TestMemoryBeforeTheFolder(t *testing.T) {
	t.Parallel()
	dir, hub := t.TempDir(), &conditional{}
	get := func(ctx context.Context) {
		t.Helper()
		client := newClient(t, Config{Base: hub, CacheDir: dir})
		if _, body, _, err := fetch(ctx, client, testBase+"x"); err != nil || body != `{"path":"/x"}` {
			t.Errorf("%q %v", body, err)
		}
	}
	get(WithMemory(t.Context())) // into both
	get(t.Context())             // by the folder
	ctx := WithMemory(t.Context())
	get(ctx) // by the folder, which the memory lacks
	for _, file := range filesIn(t, dir) {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	get(ctx) // by the memory
	if files := filesIn(t, dir); len(files) != 0 {
		t.Errorf("a 304 has written %v", files)
	}
	if hub.full.Load() != 1 || hub.notModified.Load() != 3 {
		t.Errorf("%d full and %d conditional answers, want 1 and 3", hub.full.Load(), hub.notModified.Load())
	}
}

// Each caller that polls remembers the answer of a shared request itself, whether or not the caller
// that sent it remembers, and whether the answer came in full or as a 304.
func TestEachCallerRemembers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hub := &conditional{}
		var sent atomic.Int64
		base := roundTrip(func(req *http.Request) (*http.Response, error) {
			sent.Add(1)
			time.Sleep(time.Second)
			return hub.RoundTrip(req)
		})
		client := newClient(t, Config{Base: base})
		together := func(callers ...context.Context) {
			t.Helper()
			var wg sync.WaitGroup
			for _, ctx := range callers {
				wg.Go(func() {
					if _, body, _, err := fetch(ctx, client, testBase+"x"); err != nil || body != `{"path":"/x"}` {
						t.Errorf("%q %v", body, err)
					}
				})
				synctest.Wait() // in this order
			}
			wg.Wait()
		}
		plain, one, two, three := t.Context(), WithMemory(t.Context()), WithMemory(t.Context()), WithMemory(t.Context())
		together(plain, one, two) // in full
		together(one)
		together(two, three) // by 304
		together(three)
		if hub.full.Load() != 1 || hub.notModified.Load() != 3 || sent.Load() != 4 {
			t.Errorf("%d full and %d conditional answers, want 1 and 3", hub.full.Load(), hub.notModified.Load())
		}
	})
}
