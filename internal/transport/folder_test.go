package transport

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func testStore(t *testing.T) *folder {
	t.Helper()
	s, err := openFolder(filepath.Join(t.TempDir(), "cache"), testCodec(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fullPath is where the file of an entry is.
func fullPath(s *folder, key string) string {
	return filepath.Join(s.root.Name(), key)
}

func TestStoreKeepsWhatItIsGiven(t *testing.T) {
	t.Parallel()
	s := testStore(t)
	key := fingerprint("x")
	if _, ok := s.get(t.Context(), key); ok {
		t.Fatal("an empty store has an entry")
	}
	in := &entry{ETag: `W/"a"`, ContentType: "application/json", Link: "<x>", body: []byte("{\n}\n\x00")}
	if err := s.put(key, in); err != nil {
		t.Fatal(err)
	}
	out, ok := s.get(t.Context(), key)
	if !ok || out.ETag != in.ETag || out.Link != in.Link || string(out.body) != string(in.body) {
		t.Errorf("got %+v, %v", out, ok)
	}
	in.body = []byte("newer")
	if err := s.put(key, in); err != nil {
		t.Fatal(err)
	}
	if out, _ := s.get(t.Context(), key); string(out.body) != "newer" {
		t.Errorf("got %q", out.body)
	}
}

func TestDamagedEntryIsAMiss(t *testing.T) {
	t.Parallel()
	flip := func(i int) func([]byte) []byte {
		return func(b []byte) []byte { b[(i+len(b))%len(b)] ^= 1; return b }
	}
	for name, damage := range map[string]func([]byte) []byte{
		"empty":       func([]byte) []byte { return nil },
		"garbage":     func([]byte) []byte { return []byte("not an entry at all") },
		"cut":         func(b []byte) []byte { return b[:len(b)-1] },
		"cut head":    func(b []byte) []byte { return b[:30] },
		"longer":      func(b []byte) []byte { return append(b, 'x') },
		"magic":       flip(0),
		"checksum":    flip(len(storeMagic) + 3),
		"meta":        flip(len(storeMagic) + 70),
		"body":        flip(-1),
		"another key": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := testStore(t)
			key := fingerprint("x")
			if err := s.put(key, &entry{ETag: "e", ContentType: "application/json", body: []byte("body")}); err != nil {
				t.Fatal(err)
			}
			if damage == nil { // a file that lost its way, whole as it is
				other := fingerprint("y")
				if err := os.Rename(fullPath(s, key), fullPath(s, other)); err != nil {
					t.Fatal(err)
				}
				key = other
			} else {
				data, err := os.ReadFile(fullPath(s, key))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(fullPath(s, key), damage(data), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if e, ok := s.get(t.Context(), key); ok {
				t.Errorf("got %+v", e)
			}
			if _, err := os.Stat(fullPath(s, key)); !os.IsNotExist(err) {
				t.Errorf("the damaged file is still there: %v", err)
			}
		})
	}
}

func TestStorePermissions(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	top := filepath.Join(t.TempDir(), "a", "b")
	s, err := openFolder(top, testCodec(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.put(fingerprint("x"), &entry{}); err != nil {
		t.Fatal(err)
	}
	s.trim()
	checkModes(t, filepath.Dir(top))
}

// checkModes fails for anything below dir that other users could read.
func checkModes(t *testing.T, dir string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		} else {
			files++
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Errorf("%d files, %v", files, err)
	}
}

func TestStoreInsideAnOpenFolder(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	top := t.TempDir()
	if err := os.Mkdir(filepath.Join(top, storeFormat), 0o755); err != nil {
		t.Fatal(err)
	}
	s, err := openFolder(top, testCodec(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.put(fingerprint("x"), &entry{}); err != nil {
		t.Fatal(err)
	}
	checkModes(t, filepath.Join(top, storeFormat))
}

// A user who can write to the folder above could put a link there.
func TestStoreDoesNotFollowALink(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	if err := os.Symlink(t.TempDir(), filepath.Join(top, storeFormat)); err != nil {
		t.Skip(err)
	}
	if s, err := openFolder(top, testCodec(t)); s != nil || err == nil {
		t.Errorf("got a store behind a link, %v", err)
	}
}

func TestOversizedEntryIsNotKept(t *testing.T) {
	t.Parallel()
	s := testStore(t)
	key := fingerprint("x")
	if err := s.put(key, &entry{body: make([]byte, maxEntry+1)}); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(fullPath(s, key)); !os.IsNotExist(err) {
		t.Errorf("it was kept: %v", err)
	}
}

func TestTrimRemovesWhatNobodyUses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := testStore(t)
		put := func(name string, age time.Duration) string {
			key := fingerprint(name)
			if err := s.put(key, &entry{body: []byte(name)}); err != nil {
				t.Fatal(err)
			}
			when := time.Now().Add(-age)
			if err := os.Chtimes(fullPath(s, key), when, when); err != nil {
				t.Fatal(err)
			}
			return key
		}
		fresh, old, used := put("fresh", time.Hour), put("old", unusedFor+time.Hour), put("used", unusedFor+time.Hour)
		left := filepath.Join(filepath.Dir(fullPath(s, fresh)), fresh+".123"+temporaryMark)
		if err := os.WriteFile(left, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(-2 * time.Hour)
		if err := os.Chtimes(left, when, when); err != nil {
			t.Fatal(err)
		}
		if _, ok := s.get(t.Context(), used); !ok { // reading it makes it young
			t.Fatal("entry missing")
		}
		s.trim()
		for name, c := range map[string]struct {
			path string
			want bool
		}{"fresh": {fullPath(s, fresh), true}, "used": {fullPath(s, used), true}, "old": {fullPath(s, old), false}, "left over": {left, false}} {
			if _, err := os.Stat(c.path); (err == nil) != c.want {
				t.Errorf("%s: %v, want kept %v", name, err, c.want)
			}
		}

		// Once a day is enough.
		old = put("old", unusedFor+time.Hour)
		s.trimIfDue()
		if _, err := os.Stat(fullPath(s, old)); err != nil {
			t.Errorf("trimmed twice on one day: %v", err)
		}
		time.Sleep(trimEvery)
		s.trimIfDue()
		if _, err := os.Stat(fullPath(s, old)); err == nil {
			t.Error("not trimmed on the next day")
		}
	})
}

func TestTrimKeepsTheFolderSmall(t *testing.T) {
	t.Parallel()
	s := testStore(t)
	// Sparse files take no space on the disk.
	const n = 20
	paths := make([]string, n)
	for i := range n {
		paths[i] = fullPath(s, fingerprint(strings.Repeat("x", i)))
		f, err := os.Create(paths[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Truncate(maxEntry); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
		when := time.Now().Add(-time.Duration(n-i) * time.Hour)
		if err := os.Chtimes(paths[i], when, when); err != nil {
			t.Fatal(err)
		}
	}
	s.trim()
	for i, p := range paths {
		_, err := os.Stat(p)
		if want := i >= n-maxStore/maxEntry; (err == nil) != want {
			t.Errorf("file %d: %v, want kept %v", i, err, want)
		}
	}
}

// TestStoreIsSmall: the jobs of 1,000 runs of 10 jobs take at most 5 MB; this is a tenth of them.
func TestStoreIsSmall(t *testing.T) {
	t.Parallel()
	s := testStore(t)
	raw := 0
	for i := range 100 {
		body := jobsBody(i, 10)
		raw += len(body)
		if err := s.put(fingerprint(fmt.Sprint(i)), &entry{ETag: `W/"0123456789abcdef"`, ContentType: "application/json; charset=utf-8", RequestID: "C0DE:1", body: body}); err != nil {
			t.Fatal(err)
		}
	}
	kept, total := s.sweep(time.Now())
	if len(kept) != 100 || raw < 2_000_000 || total > 500_000 {
		t.Errorf("%d entries of %d bytes take %d", len(kept), raw, total)
	}
}

// TestHostileEntryIsAMiss: entries with a right checksum that hold more than they say, or claim too
// much.
func TestHostileEntryIsAMiss(t *testing.T) {
	t.Parallel()
	s := testStore(t)
	key := fingerprint("x")
	bomb := s.codec.zip.EncodeAll(make([]byte, 256<<20), nil)
	if len(bomb) > maxEntry {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	for name, c := range map[string]struct {
		meta string
		body []byte
	}{
		"a bomb":              {`{"size":10}`, bomb},
		"an honest bomb":      {fmt.Sprintf(`{"size":%d}`, 256<<20), bomb},
		"a bomb of full size": {fmt.Sprintf(`{"size":%d}`, maxEntry), bomb},
		"a negative size":     {`{"size":-1}`, nil},
		"one byte less":       {`{"size":3}`, s.codec.zip.EncodeAll([]byte("body"), nil)},
		"one byte more":       {`{"size":5}`, s.codec.zip.EncodeAll([]byte("body"), nil)},
		"not compressed":      {`{"size":4}`, []byte("body")},
		"not JSON":            {`{"size":`, s.codec.zip.EncodeAll([]byte("body"), nil)},
	} {
		rest := strings.Replace(c.meta, `{`, `{"key":"`+key+`",`, 1) + "\n" + string(c.body)
		sum := sha256.Sum256([]byte(rest))
		if err := os.WriteFile(fullPath(s, key), []byte(storeMagic+hex.EncodeToString(sum[:])+"\n"+rest), 0o600); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if e, ok := s.get(t.Context(), key); ok {
			t.Errorf("%s: got %d bytes", name, len(e.body))
		}
		runtime.ReadMemStats(&after)
		// Other tests allocate too; the bomb alone would be 256 MiB.
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 200<<20 {
			t.Errorf("%s: allocated %d bytes", name, grown)
		}
	}
}

// TestOldFormatIsAMiss: what an earlier version stored is neither read nor in the way.
func TestOldFormatIsAMiss(t *testing.T) {
	t.Parallel()
	s := testStore(t)
	key := fingerprint("x")
	rest := `{"key":"` + key + `","content_type":"application/json"}` + "\n{}"
	sum := sha256.Sum256([]byte(rest))
	if err := os.WriteFile(fullPath(s, key), []byte("github-actions-cache 1 "+hex.EncodeToString(sum[:])+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.get(t.Context(), key); ok {
		t.Error("an entry of the old format is a hit")
	}
}

// TestTrimWhenItGrows: many processes that each write a little trim the folder too, before the day is
// over.
func TestTrimWhenItGrows(t *testing.T) {
	t.Parallel()
	top := filepath.Join(t.TempDir(), "cache")
	first, err := openFolder(top, testCodec(t))
	if err != nil {
		t.Fatal(err)
	}
	first.trimIfDue() // today's
	old := fingerprint("old")
	if err := first.put(old, &entry{}); err != nil {
		t.Fatal(err)
	}
	when := time.Now().Add(-2 * unusedFor)
	if err := os.Chtimes(fullPath(first, old), when, when); err != nil {
		t.Fatal(err)
	}
	body := make([]byte, growthUnit) // random, so that it stays as large
	if _, err := rand.Read(body); err != nil {
		t.Fatal(err)
	}
	for i := range trimAfter {
		if _, err := os.Stat(fullPath(first, old)); err != nil {
			t.Fatalf("trimmed after %d MiB: %v", i, err)
		}
		s, err := openFolder(top, testCodec(t))
		if err != nil {
			t.Fatal(err)
		}
		s.trimIfDue()
		if err := s.put(fingerprint(fmt.Sprint(i)), &entry{body: body}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(fullPath(first, old)); !os.IsNotExist(err) {
		t.Errorf("not trimmed after %d MiB: %v", trimAfter, err)
	}
	if _, err := os.Stat(filepath.Join(first.root.Name(), grownMark)); !os.IsNotExist(err) {
		t.Errorf("the growth is still counted: %v", err)
	}
}

// TestTrimLeavesOtherFilesAlone, should the folder turn out to be another one.
func TestTrimLeavesOtherFilesAlone(t *testing.T) {
	t.Parallel()
	s := testStore(t)
	when := time.Now().Add(-2 * unusedFor)
	for _, name := range []string{"notes.txt", "x.tmp", strings.Repeat("a", 63), strings.Repeat("g", 64), fingerprint("x") + ".go"} {
		file := filepath.Join(s.root.Name(), name)
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, when, when); err != nil {
			t.Fatal(err)
		}
		s.trim()
		if _, err := os.Stat(file); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
