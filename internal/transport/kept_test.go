package transport

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestPinnedInMemory: without a folder, an answer that was kept needs no second request in this
// process, and only under its own name.
func TestPinnedInMemory(t *testing.T) {
	t.Parallel()
	wire := newScript(t, answer(200, `{"n":1}`), answer(200, `{"n":2}`), answer(200, `{"n":3}`))
	client := newClient(t, Config{Base: wire})
	for _, c := range []struct{ pin, want string }{
		{"a", `{"n":1}`}, {"a", `{"n":1}`}, {"b", `{"n":2}`}, {"a", `{"n":1}`}, {"", `{"n":3}`},
	} {
		body, _, err := fetchAndKeep(t.Context(), c.pin, client, testBase)
		if body != c.want || err != nil {
			t.Errorf("%q: %q %v, want %q", c.pin, body, err, c.want)
		}
	}
	if HasCache(client) {
		t.Error("memory is no cache for the next process")
	}
}

// TestNothingIsInMemoryUnlessKept: an answer that its caller did not accept is asked for again.
func TestNothingIsInMemoryUnlessKept(t *testing.T) {
	t.Parallel()
	client := newClient(t, Config{Base: newScript(t, answer(200, `{"n":1}`), answer(200, `{"n":2}`))})
	for _, want := range []string{`{"n":1}`, `{"n":2}`} {
		if _, body, _, err := fetch(pinnedContext(t.Context(), "a"), client, testBase); body != want || err != nil {
			t.Errorf("%q %v, want %q", body, err, want)
		}
	}
}

func TestHolds(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"", t.TempDir()} {
		client := newClient(t, Config{Base: newScript(t, answer(200, `{"n":1}`)), CacheDir: dir})
		request := func(pin, url string) *http.Request {
			req, err := http.NewRequestWithContext(pinnedContext(t.Context(), pin), http.MethodGet, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			return req
		}
		if Holds(client, request("a", testBase)) {
			t.Error("it holds what was never asked for")
		}
		if _, _, err := fetchAndKeep(t.Context(), "a", client, testBase); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			pin, url string
			want     bool
		}{
			{"a", testBase, true}, {"b", testBase, false}, {"", testBase, false}, {"a", testBase + "?page=2", false},
			{"a", "https://elsewhere.test/", false},
		} {
			if got := Holds(client, request(c.pin, c.url)); got != c.want {
				t.Errorf("folder %q, pin %q of %s: %v", dir, c.pin, c.url, got)
			}
		}
		if HasCache(client) != (dir != "") {
			t.Errorf("folder %q: HasCache is %v", dir, HasCache(client))
		}
	}
	if Holds(http.DefaultClient, &http.Request{}) || HasCache(http.DefaultClient) {
		t.Error("a client of another origin holds something")
	}
}

// TestAFolderThatCannotBeWrittenLeavesTheMemory: an answer that the folder does not take is still
// asked for once.
func TestAFolderThatCannotBeWrittenLeavesTheMemory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "cache")
	client := newClient(t, Config{Base: newScript(t, answer(200, `{"n":1}`)), CacheDir: dir})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if body, _, err := fetchAndKeep(t.Context(), "a", client, testBase); body != `{"n":1}` || err != nil {
			t.Errorf("%q %v", body, err)
		}
	}
}

// TestTheMemoryIsBounded: the answers that were used longest ago go first, and the size that is
// counted is that of what is left.
func TestTheMemoryIsBounded(t *testing.T) {
	t.Parallel()
	k := newKept(10 * keptOverhead)
	for i := range 20 {
		_ = k.put(fmt.Sprint(i), &entry{body: []byte("{}")})
		k.get(t.Context(), "0")
	}
	var there []string
	size := 0
	for i := range 20 {
		if k.has(fmt.Sprint(i)) {
			there = append(there, fmt.Sprint(i))
		}
	}
	for at := k.newest.Front(); at != nil; at = at.Next() {
		answer, _ := at.Value.(*keptAnswer)
		size += answer.size()
	}
	if got := strings.Join(there, " "); got != "0 12 13 14 15 16 17 18 19" || size != k.size || size > k.limit || len(k.answers) != len(there) {
		t.Errorf("it keeps %s in %d of %d bytes, counted %d", got, size, k.limit, k.size)
	}
	large := make([]byte, 3*keptOverhead)
	_, _ = rand.Read(large) // it does not get smaller
	_ = k.put("large", &entry{body: large})
	if k.has("large") {
		t.Error("it keeps an answer of more than a quarter of its memory")
	}
	_ = k.put("19", &entry{body: []byte(`{"new":true}`)})
	if e, ok := k.get(t.Context(), "19"); !ok || string(e.body) != `{"new":true}` || len(k.answers) > len(there) {
		t.Errorf("a newer answer did not replace the old one: %v", e)
	}
}

func TestTheMemoryFromManyGoroutines(t *testing.T) {
	t.Parallel()
	k := newKept(50 * keptOverhead)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				key := fmt.Sprint((g*31 + i) % 97)
				if e, ok := k.get(t.Context(), key); ok && string(e.body) != key {
					t.Errorf("%s holds %s", key, e.body)
				}
				_ = k.put(key, &entry{body: []byte(key)})
			}
		})
	}
	wg.Wait()
}

// TestOnlyAFolderThatCanBeWrittenKeepsAnswers: on a read-only disk, entries are read and none are added.
func TestOnlyAFolderThatCanBeWrittenKeepsAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		folder *folder
		lasts  bool
	}{{nil, false}, {&folder{}, true}, {&folder{readOnly: true}, false}} {
		if got := (&stores{folder: c.folder}).lasting(); got != c.lasts {
			t.Errorf("folder %v: %v", c.folder != nil, got)
		}
	}
}
