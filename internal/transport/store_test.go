package transport

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func testStore(t *testing.T) *store {
	t.Helper()
	s, err := openStore(filepath.Join(t.TempDir(), "cache"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStoreKeepsWhatItIsGiven(t *testing.T) {
	t.Parallel()
	s := testStore(t)
	key := fingerprint("x")
	if _, ok := s.get(key); ok {
		t.Fatal("an empty store has an entry")
	}
	in := &entry{ETag: `W/"a"`, ContentType: "application/json", Link: "<x>", body: []byte("{\n}\n\x00")}
	if err := s.put(key, in); err != nil {
		t.Fatal(err)
	}
	out, ok := s.get(key)
	if !ok || out.ETag != in.ETag || out.Link != in.Link || string(out.body) != string(in.body) {
		t.Errorf("got %+v, %v", out, ok)
	}
	in.body = []byte("newer")
	if err := s.put(key, in); err != nil {
		t.Fatal(err)
	}
	if out, _ := s.get(key); string(out.body) != "newer" {
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
				if err := os.MkdirAll(filepath.Dir(s.path(other)), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.Rename(s.path(key), s.path(other)); err != nil {
					t.Fatal(err)
				}
				key = other
			} else {
				data, err := os.ReadFile(s.path(key))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(s.path(key), damage(data), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if e, ok := s.get(key); ok {
				t.Errorf("got %+v", e)
			}
			if _, err := os.Stat(s.path(key)); !os.IsNotExist(err) {
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
	s, err := openStore(top)
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
	s, err := openStore(top)
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
	if s, err := openStore(top); s != nil || err == nil {
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
	if _, err := os.Stat(s.path(key)); !os.IsNotExist(err) {
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
			if err := os.Chtimes(s.path(key), when, when); err != nil {
				t.Fatal(err)
			}
			return key
		}
		fresh, old, used := put("fresh", time.Hour), put("old", unusedFor+time.Hour), put("used", unusedFor+time.Hour)
		left := filepath.Join(filepath.Dir(s.path(fresh)), "123"+temporaryMark)
		if err := os.WriteFile(left, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(-2 * time.Hour)
		if err := os.Chtimes(left, when, when); err != nil {
			t.Fatal(err)
		}
		if _, ok := s.get(used); !ok { // reading it makes it young
			t.Fatal("entry missing")
		}
		s.trim()
		for name, c := range map[string]struct {
			path string
			want bool
		}{"fresh": {s.path(fresh), true}, "used": {s.path(used), true}, "old": {s.path(old), false}, "left over": {left, false}} {
			if _, err := os.Stat(c.path); (err == nil) != c.want {
				t.Errorf("%s: %v, want kept %v", name, err, c.want)
			}
		}

		// Once a day is enough.
		old = put("old", unusedFor+time.Hour)
		s.trim()
		if _, err := os.Stat(s.path(old)); err != nil {
			t.Errorf("trimmed twice on one day: %v", err)
		}
		time.Sleep(trimEvery)
		s.trim()
		if _, err := os.Stat(s.path(old)); err == nil {
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
		paths[i] = s.path(fingerprint(strings.Repeat("x", i)))
		if err := os.MkdirAll(filepath.Dir(paths[i]), 0o700); err != nil {
			t.Fatal(err)
		}
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
