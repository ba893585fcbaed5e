//go:build unix

package transport

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestOddFilesAreMisses: what is not a regular file in an entry's place is a miss, without blocking,
// and does not keep the next entry from being stored.
func TestOddFilesAreMisses(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(file string) error{
		"a pipe":             func(file string) error { return syscall.Mkfifo(file, 0o600) },
		"a folder":           func(file string) error { return os.Mkdir(file, 0o700) },
		"a device":           func(file string) error { return syscall.Mknod(file, syscall.S_IFCHR|0o600, 1<<8|5) },
		"a link to a device": func(file string) error { return os.Symlink("/dev/zero", file) },
		"a link to nothing":  func(file string) error { return os.Symlink("nothing", file) },
		"a link to itself":   func(file string) error { return os.Symlink(filepath.Base(file), file) },
		"a link to the entry": func(file string) error {
			if err := os.Rename(file+".moved", file+".entry"); err != nil {
				return err
			}
			return os.Symlink(filepath.Base(file)+".entry", file)
		},
		"a link to the entry elsewhere": func(file string) error {
			elsewhere := filepath.Join(filepath.Dir(filepath.Dir(file)), "elsewhere")
			if err := os.Rename(file+".moved", elsewhere); err != nil {
				return err
			}
			return os.Symlink(elsewhere, file)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := testStore(t)
			key := fingerprint("x")
			file := fullPath(s, key)
			if err := s.put(key, &entry{body: []byte("body")}); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(file, file+".moved"); err != nil {
				t.Fatal(err)
			}
			if err := place(file); err != nil {
				t.Skip(err) // only root may make a device
			}
			began := time.Now()
			if e, ok := s.get(t.Context(), key); ok || time.Since(began) > 5*time.Second {
				t.Errorf("got %v, %v after %s", e, ok, time.Since(began))
			}
			if err := s.put(key, &entry{body: []byte("body")}); err != nil {
				t.Fatal(err)
			}
			if e, ok := s.get(t.Context(), key); !ok || string(e.body) != "body" {
				t.Errorf("the next entry is not stored: %v", ok)
			}
		})
	}
}

// TestFolderOfAnotherUserIsRefused, also by root.
func TestFolderOfAnotherUserIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	named, err := os.Lstat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := checkFolder(root, named, os.Geteuid()); err != nil {
		t.Error(err)
	}
	if err := checkFolder(root, named, os.Geteuid()+1); err == nil || err.Error() != dir+" belongs to another user" {
		t.Errorf("error %v", err)
	}
	other, err := os.Lstat(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := checkFolder(root, other, os.Geteuid()); err == nil || !strings.Contains(err.Error(), "was replaced") {
		t.Errorf("error %v", err)
	}
}

// TestRootRefusesAUsersFolder is the same through openFolder, where this test may give folders away.
func TestRootRefusesAUsersFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root may give a folder away")
	}
	top := t.TempDir()
	dir := filepath.Join(top, storeFormat)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	if s, err := openFolder(top, testCodec(t)); s != nil || err == nil || !strings.Contains(err.Error(), "belongs to another user") {
		t.Errorf("got a store, %v", err)
	}
}

// TestStoreHoldsOnToItsFolder: a folder that takes its place later is neither read nor written.
func TestStoreHoldsOnToItsFolder(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	s, err := openFolder(top, testCodec(t))
	if err != nil {
		t.Fatal(err)
	}
	key := fingerprint("x")
	if err := s.put(key, &entry{body: []byte("mine")}); err != nil {
		t.Fatal(err)
	}
	dir, victim := filepath.Join(top, storeFormat), t.TempDir()
	if err := os.Rename(dir, dir+".moved"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, dir); err != nil {
		t.Fatal(err)
	}
	if e, ok := s.get(t.Context(), key); !ok || string(e.body) != "mine" {
		t.Errorf("got %v, %v", e, ok)
	}
	if err := s.put(fingerprint("y"), &entry{}); err != nil {
		t.Fatal(err)
	}
	s.trim()
	if files, err := os.ReadDir(victim); err != nil || len(files) > 0 {
		t.Errorf("the other folder has %v, %v", files, err)
	}
}
