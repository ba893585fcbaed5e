package transport

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

const (
	storeFormat   = "v1"
	storeMagic    = "github-actions-cache 1 "
	maxEntry      = 16 << 20
	maxMeta       = 64 << 10
	maxStore      = 256 << 20
	unusedFor     = 30 * 24 * time.Hour
	trimEvery     = 24 * time.Hour
	touchEvery    = time.Hour
	temporaryMark = ".tmp"
)

// store keeps entries in a folder that several processes share. Each entry is one file with its own
// checksum, written under another name and then renamed. So a reader sees a complete entry or none,
// whatever other processes write at the same time, and nothing ever waits for a lock.
//
// It is our own code because github.com/rogpeppe/go-internal/cache makes its folders 0777 and its
// files 0666 less the umask, with no way to change that, and drops what was not used for five days;
// a weekly plan would find nothing.
type store struct {
	dir string // named after the format, below the user's folder
}

// entry is one stored answer. It lists the header fields that it keeps, so that a cookie or another
// secret is never stored.
type entry struct {
	Key          string `json:"key"`
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	ContentType  string `json:"content_type"`
	Link         string `json:"link,omitempty"`
	RequestID    string `json:"request_id,omitempty"`

	body []byte
}

// openStore makes the folder and tries to write to it. There are two kinds of error: without a
// store, the folder may belong to somebody else, and its contents cannot be trusted; with a store,
// the folder can be read but not written.
func openStore(dir string) (*store, error) {
	s := &store{dir: filepath.Join(dir, storeFormat)}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	info, err := os.Lstat(s.dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		// A link may lead to another user's folder.
		return nil, errors.New(s.dir + " is not a folder")
	}
	if info.Mode().Perm() != 0o700 {
		// Another program made it, or another user; in that case Chmod fails.
		if err := os.Chmod(s.dir, 0o700); err != nil { //nolint:gosec // a folder needs the x bit
			return nil, err
		}
	}
	probe, err := os.CreateTemp(s.dir, "*"+temporaryMark)
	if err != nil {
		return s, err
	}
	return s, errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func (s *store) path(key string) string {
	return filepath.Join(s.dir, key[:2], key)
}

// get returns the entry, or false if it is missing, damaged or of another key.
func (s *store) get(key string) (*entry, bool) {
	path := s.path(key)
	f, err := os.Open(path) //nolint:gosec // a hash, in a folder that the user names
	if err != nil {
		return nil, false
	}
	info, data, err := readEntry(f)
	_ = f.Close()
	if err != nil {
		return nil, false
	}
	e, ok := decodeEntry(data)
	if !ok || e.Key != key {
		_ = os.Remove(path)
		return nil, false
	}
	// The modification time means last used, for trim; once an hour is exact enough.
	if now := time.Now(); now.Sub(info.ModTime()) > touchEvery {
		_ = os.Chtimes(path, now, now)
	}
	return e, true
}

// readEntry reads a file that does not change any more: a newer entry is another file under the
// same name.
func readEntry(f *os.File) (fs.FileInfo, []byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxEntry+maxMeta {
		return info, nil, nil // decodes to a miss, and is removed
	}
	data := make([]byte, info.Size())
	_, err = io.ReadFull(f, data)
	return info, data, err
}

func (s *store) put(key string, e *entry) error {
	if len(e.body) > maxEntry {
		return nil
	}
	// A copy: the entry may be in a caller's memory too.
	named := *e
	named.Key = key
	data, err := encodeEntry(&named)
	if err != nil {
		return err
	}
	path := s.path(key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	// CreateTemp makes files 0600, and rename keeps that.
	f, err := os.CreateTemp(filepath.Dir(path), "*"+temporaryMark)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// encodeEntry writes a line with the checksum of all that follows, a line of JSON, and the body as
// it is.
func encodeEntry(e *entry) ([]byte, error) {
	meta, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	if len(meta) > maxMeta/2 {
		return nil, errors.New("the headers of the answer are too long")
	}
	head := len(storeMagic) + 2*sha256.Size + 1
	data := make([]byte, head, head+len(meta)+1+len(e.body))
	data = append(append(append(data, meta...), '\n'), e.body...)
	sum := sha256.Sum256(data[head:])
	copy(data, storeMagic)
	hex.Encode(data[len(storeMagic):], sum[:])
	data[head-1] = '\n'
	return data, nil
}

func decodeEntry(data []byte) (*entry, bool) {
	head := len(storeMagic) + 2*sha256.Size + 1
	if len(data) < head || string(data[:len(storeMagic)]) != storeMagic {
		return nil, false
	}
	sum := sha256.Sum256(data[head:])
	if string(data[len(storeMagic):head]) != hex.EncodeToString(sum[:])+"\n" {
		return nil, false
	}
	meta, body, ok := bytes.Cut(data[head:], []byte{'\n'})
	e := &entry{body: body}
	if !ok || json.Unmarshal(meta, e) != nil {
		return nil, false
	}
	return e, true
}

// trim removes entries that were not used for a month, then the least recently used ones above the
// maximum size of the folder, at most once a day for all processes.
func (s *store) trim() {
	marker := filepath.Join(s.dir, "trimmed")
	now := time.Now()
	if info, err := os.Stat(marker); err == nil && now.Sub(info.ModTime()) < trimEvery {
		return
	}
	// First, so that only one of several processes goes through the folder.
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		return
	}
	_ = os.Chtimes(marker, now, now)
	type file struct {
		path string
		size int64
		used time.Time
	}
	var kept []file
	var total int64
	_ = filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || path == marker {
			return nil //nolint:nilerr // a file that cannot be read stays
		}
		info, err := d.Info()
		if err != nil {
			return nil //nolint:nilerr // another process has removed it
		}
		age := now.Sub(info.ModTime())
		if age > unusedFor || strings.HasSuffix(path, temporaryMark) && age > time.Hour {
			_ = os.Remove(path) //nolint:gosec // the folder is ours alone, see openStore
			return nil
		}
		kept = append(kept, file{path, info.Size(), info.ModTime()})
		total += info.Size()
		return nil
	})
	sort.Slice(kept, func(i, j int) bool { return kept[i].used.Before(kept[j].used) })
	for _, f := range kept {
		if total <= maxStore {
			return
		}
		if os.Remove(f.path) == nil {
			total -= f.size
		}
	}
}
