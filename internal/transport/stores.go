package transport

import (
	"context"
	"fmt"
	"sync"
)

// stores are the places where a client keeps answers, in the order in which it asks them: its memory,
// the folder, the bucket. An answer that comes from the bucket is put into the nearest of the others,
// so that it is asked for once. An answer from GitHub goes into the nearest one and into the bucket.
type stores struct {
	memory *kept   // of pinned answers, which need no second look
	folder *folder // nil: not configured, or it cannot be trusted
	bucket *bucket // nil: not configured
	report func(error)
}

// openStores never fails: it reports a folder that it cannot write to, and still reads from it. It
// sends nothing to the bucket.
func openStores(cfg Config, tidy *sync.WaitGroup) (*stores, error) {
	s := &stores{memory: newKept(maxKept), report: reportOnce(cfg.OnCacheError)}
	if cfg.CacheDir == "" && cfg.Bucket == nil {
		return s, nil
	}
	codec, err := newCodec()
	if err != nil {
		return nil, err
	}
	if cfg.Bucket != nil {
		if s.bucket, err = newBucket(cfg, codec, reportOnce(cfg.OnCacheError)); err != nil {
			return nil, err
		}
	}
	if cfg.CacheDir == "" {
		return s, nil
	}
	switch s.folder, err = openFolder(cfg.CacheDir, codec); {
	case s.folder == nil:
		s.report(fmt.Errorf("the cache folder cannot be used: %w", err))
	case err != nil:
		s.report(fmt.Errorf("the cache folder cannot be written: %w", err))
	default:
		tidy.Go(s.folder.trimIfDue)
	}
	return s, nil
}

func reportOnce(f func(error)) func(error) {
	var once sync.Once
	return func(err error) {
		if f != nil {
			once.Do(func() { f(err) })
		}
	}
}

// lasting reports whether new answers are kept for the processes after this one.
func (s *stores) lasting() bool {
	return s.folder != nil && !s.folder.readOnly || s.bucket != nil && s.bucket.writes()
}

// get looks for an entry everywhere.
func (s *stores) get(ctx context.Context, key string, pinned bool) (*entry, bool) {
	if e, ok := s.getNear(ctx, key, pinned); ok || s.bucket == nil {
		return e, ok
	}
	e, ok := s.bucket.get(ctx, key)
	if ok {
		s.putNear(key, e, pinned)
	}
	return e, ok
}

// getNear looks for an entry on this machine.
func (s *stores) getNear(ctx context.Context, key string, pinned bool) (*entry, bool) {
	for _, near := range s.near(pinned) {
		if e, ok := near.get(ctx, key); ok {
			return e, true
		}
	}
	return nil, false
}

// near are the stores on this machine.
func (s *stores) near(pinned bool) []store {
	near := make([]store, 0, 2)
	if pinned {
		near = append(near, s.memory)
	}
	if s.folder != nil {
		near = append(near, s.folder)
	}
	return near
}

// put keeps an entry. It only reports a failure.
func (s *stores) put(key string, e *entry, pinned bool) {
	s.putNear(key, e, pinned)
	if s.bucket != nil && len(e.body) <= maxEntry {
		_ = s.bucket.put(key, e) // it reports by itself what fails later
	}
}

// putNear keeps an entry in the folder. A pinned one goes into memory where there is no folder that
// takes it.
func (s *stores) putNear(key string, e *entry, pinned bool) {
	if s.folder != nil && len(e.body) <= maxEntry {
		err := s.folder.put(key, e)
		if err == nil {
			return
		}
		s.report(fmt.Errorf("could not store an answer in the cache folder: %w", err))
	}
	if pinned {
		_ = s.memory.put(key, e)
	}
}

// holds reports whether a pinned entry is there. On this machine it looks for the entry without
// reading it; an entry of the bucket is read, and put near, so that it is asked for once.
func (s *stores) holds(ctx context.Context, key string) bool {
	if s.memory.has(key) || s.folder != nil && s.folder.has(key) {
		return true
	}
	_, ok := s.get(ctx, key, true)
	return ok
}

// flush waits, for some seconds at most, until the bucket has what was kept.
func (s *stores) flush(ctx context.Context) {
	if s.bucket != nil {
		s.bucket.flush(ctx)
	}
}
