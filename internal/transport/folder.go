package transport

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxStore      = 256 << 20
	unusedFor     = 30 * 24 * time.Hour
	trimEvery     = 24 * time.Hour
	touchEvery    = time.Hour
	temporaryMark = ".tmp"
	probeName     = "probe"

	// trimmedMark is a file whose time says when the folder was trimmed last, whichever process did it.
	trimmedMark = "trimmed"
	// grownMark is a file with one byte for each growthUnit that was written since then. Appending to it
	// is how all processes count together without a lock.
	grownMark  = "grown"
	growthUnit = 1 << 20
	// trimAfter is how many growthUnits may be written before the folder is trimmed early.
	trimAfter = 32
)

// folder keeps entries in a folder that several processes share. Each entry is one file with its own
// checksum, written under another name and then renamed. So a reader sees a complete entry or none,
// whatever other processes write at the same time, and nothing ever waits for a lock.
//
// It is our own code because github.com/rogpeppe/go-internal/cache makes its folders 0777 and its
// files 0666 less the umask, with no way to change that, and drops what was not used for five days; a
// weekly plan would find nothing.
type folder struct {
	// root is the folder named after the format, in the user's folder. All access goes through this
	// handle, so that what happens to the folders above it after openFolder has no effect.
	root     *os.Root
	codec    *codec
	readOnly bool         // it could not be written to when it was opened
	written  atomic.Int64 // bytes that are not counted in grownMark yet
	trimming sync.Mutex   // held by the one trim of this process
}

// openFolder makes the folder and tries to write to it. There are two kinds of error: without a store,
// the folder may belong to somebody else, and its contents cannot be trusted; with a store, the folder
// can be read but not written.
//
// The folders above need not belong to this user, nor be closed to others: many CI systems have
// working folders that anyone can write to. A user who can write there can only put another folder in
// this one's place before it is opened. That one is refused unless this user owns it, and after that
// the handle holds on to it.
func openFolder(dir string, codec *codec) (*folder, error) {
	dir = filepath.Join(dir, storeFormat)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	named, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	if !named.IsDir() {
		// A link may lead to another user's folder.
		return nil, errors.New(dir + " is not a folder")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	if err := checkFolder(root, named, os.Geteuid()); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	s := &folder{root: root, codec: codec}
	probe := temporaryName(probeName)
	if err := s.write(probe, nil); err != nil {
		s.readOnly = true
		return s, err
	}
	return s, root.Remove(probe)
}

// checkFolder makes sure that the open folder is the one that was looked at, that the user with this
// id owns it, and that others cannot enter it.
func checkFolder(root *os.Root, named fs.FileInfo, euid int) error {
	info, err := root.Stat(".")
	switch {
	case err != nil:
		return err
	case !os.SameFile(info, named):
		return errors.New(root.Name() + " was replaced while it was opened")
	case !ownedBy(info, euid):
		// This holds for root too: the owner could have put anything there.
		return errors.New(root.Name() + " belongs to another user")
	case info.Mode().Perm() == 0o700:
		return nil
	}
	return root.Chmod(".", 0o700)
}

// get returns the entry, or false if it is missing, damaged or of another key.
func (s *folder) get(_ context.Context, key string) (*entry, bool) {
	info, data, err := s.read(key)
	if err != nil {
		return nil, false
	}
	e, ok := s.codec.decode(key, data)
	if !ok {
		_ = s.root.Remove(key)
		return nil, false
	}
	// The modification time means last used, for trim; once an hour is exact enough.
	if now := time.Now(); now.Sub(info.ModTime()) > touchEvery {
		_ = s.root.Chtimes(key, now, now)
	}
	return e, true
}

// read reads a file that does not change any more: a newer entry is another file under the same name.
// What is not a regular file, or too large, has no data, so it decodes to a miss and is removed.
func (s *folder) read(name string) (fs.FileInfo, []byte, error) {
	info, err := s.root.Lstat(name)
	if err != nil || !isEntryFile(info) {
		return info, nil, err
	}
	// Should a pipe take its place right now, openFlags keep this from waiting for a writer.
	f, err := s.root.OpenFile(name, openFlags, 0)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err = f.Stat(); err != nil || !isEntryFile(info) {
		return info, nil, err
	}
	data := make([]byte, info.Size())
	_, err = io.ReadFull(f, data)
	return info, data, err
}

// has reports whether there is a file for the entry. Whether it is complete shows when it is read.
func (s *folder) has(key string) bool {
	info, err := s.root.Lstat(key)
	return err == nil && isEntryFile(info)
}

func isEntryFile(info fs.FileInfo) bool {
	return info.Mode().IsRegular() && info.Size() <= maxEntry+maxMeta
}

// put stores an entry, and trims the folder if it has grown much.
func (s *folder) put(key string, e *entry) error {
	if len(e.body) > maxEntry {
		return nil
	}
	data, err := s.codec.encode(key, e)
	if err != nil {
		return err
	}
	temporary := temporaryName(key)
	if err = s.write(temporary, data); err == nil {
		err = s.root.Rename(temporary, key)
	}
	if err != nil {
		_ = s.root.Remove(temporary)
		return err
	}
	if s.count(int64(len(data))) {
		s.trim()
	}
	return nil
}

func temporaryName(name string) string { return name + "." + rand.Text() + temporaryMark }

func (s *folder) write(name string, data []byte) error {
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// count adds what was written to the growth of the folder, and reports whether that is large.
func (s *folder) count(n int64) bool {
	if s.written.Add(n) < growthUnit {
		return false
	}
	units := s.written.Swap(0) / growthUnit
	f, err := s.root.OpenFile(grownMark, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	_, _ = f.Write(make([]byte, units))
	info, err := f.Stat()
	return err == nil && info.Size() >= trimAfter
}

// trimIfDue trims the folder if that was not done for a day, or if it has grown since.
func (s *folder) trimIfDue() {
	trimmed, err := s.root.Stat(trimmedMark)
	if err == nil && time.Since(trimmed.ModTime()) < trimEvery {
		if grown, err := s.root.Stat(grownMark); err != nil || grown.Size() < trimAfter {
			return
		}
	}
	s.trim()
}

// trim removes entries that were not used for a month, then the least recently used ones above the
// maximum size of the folder.
func (s *folder) trim() {
	if !s.trimming.TryLock() {
		return
	}
	defer s.trimming.Unlock()
	now := time.Now()
	// First, so that only one of several processes goes through the folder.
	if err := s.root.WriteFile(trimmedMark, nil, 0o600); err != nil {
		return
	}
	_ = s.root.Chtimes(trimmedMark, now, now)
	_ = s.root.Remove(grownMark)
	kept, total := s.sweep(now)
	slices.SortFunc(kept, func(a, b storedFile) int { return a.used.Compare(b.used) })
	for _, f := range kept {
		if total <= maxStore {
			return
		}
		if s.root.Remove(f.name) == nil {
			total -= f.size
		}
	}
}

type storedFile struct {
	name string
	size int64
	used time.Time
}

// sweep removes what is too old, and returns the rest with its size in all. It leaves every file
// alone that does not have the name of an entry.
func (s *folder) sweep(now time.Time) (kept []storedFile, total int64) {
	_ = fs.WalkDir(s.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !ours(name) {
			return nil //nolint:nilerr // what cannot be read stays
		}
		info, err := d.Info()
		if err != nil {
			return nil //nolint:nilerr // another process has removed it
		}
		age := now.Sub(info.ModTime())
		if age > unusedFor || strings.HasSuffix(name, temporaryMark) && age > time.Hour {
			_ = s.root.Remove(name)
			return nil
		}
		kept = append(kept, storedFile{name, info.Size(), info.ModTime()})
		total += info.Size()
		return nil
	})
	return kept, total
}

// ours reports whether a file has the name of an entry, or of one that is being written.
func ours(name string) bool {
	if rest, temporary := strings.CutSuffix(name, temporaryMark); temporary {
		name = strings.TrimSuffix(rest, path.Ext(rest))
	}
	_, err := hex.DecodeString(name)
	return name == probeName || err == nil && len(name) == 2*sha256.Size
}
