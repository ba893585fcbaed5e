package transport

import (
	"container/list"
	"context"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// maxKept bounds the compressed answers that one client keeps in memory. The jobs of a run take a few
// kilobytes, so this is many thousands of runs.
const maxKept = 64 << 20

// keptOverhead is about what an answer costs beside its body: the entry, its header fields and its
// place in the list.
const keptOverhead = 512

// kept holds pinned answers in memory, compressed, as long as the client lives: for one plan. It is
// for answers that the folder does not take, so that data sources that ask the same questions share
// the answers. When it is full, the answer that was used longest ago goes first.
type kept struct {
	limit int

	mu      sync.Mutex
	size    int
	newest  *list.List // of *keptAnswer, used most recently first
	answers map[string]*list.Element
	zip     *zstd.Encoder // made when the first answer comes
	unzip   *zstd.Decoder
}

type keptAnswer struct {
	key    string
	entry  entry // without its body and its data
	packed []byte
}

func (a *keptAnswer) size() int { return len(a.packed) + keptOverhead }

func newKept(limit int) *kept {
	return &kept{limit: limit, newest: list.New(), answers: map[string]*list.Element{}}
}

// has reports whether there is an answer, without reading it.
func (k *kept) has(key string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.answers[key] != nil
}

func (k *kept) get(_ context.Context, key string) (*entry, bool) {
	k.mu.Lock()
	at := k.answers[key]
	if at == nil {
		k.mu.Unlock()
		return nil, false
	}
	k.newest.MoveToFront(at)
	answer, _ := at.Value.(*keptAnswer)
	unzip := k.unzip
	k.mu.Unlock()
	e := answer.entry
	var err error
	e.body, err = unzip.DecodeAll(answer.packed, make([]byte, 0, e.Size))
	return &e, err == nil
}

// put keeps an answer if it can be compressed at all. An answer that takes more than a quarter of
// the memory is not worth the others.
func (k *kept) put(key string, e *entry) error {
	if !k.start() {
		return nil
	}
	answer := &keptAnswer{key: key, entry: *e}
	answer.entry.body, answer.entry.data, answer.entry.Size = nil, nil, len(e.body)
	answer.packed = k.zip.EncodeAll(e.body, nil)
	if answer.size() > k.limit/4 {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if old := k.answers[key]; old != nil {
		k.drop(old)
	}
	k.answers[key] = k.newest.PushFront(answer)
	k.size += answer.size()
	for k.size > k.limit {
		k.drop(k.newest.Back())
	}
	return nil
}

// drop removes an answer. The caller holds the lock.
func (k *kept) drop(at *list.Element) {
	answer, _ := k.newest.Remove(at).(*keptAnswer)
	delete(k.answers, answer.key)
	k.size -= answer.size()
}

// start makes the two halves of zstd once. Neither has goroutines.
func (k *kept) start() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.unzip != nil {
		return true
	}
	zip, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	if err != nil {
		return false
	}
	unzip, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxBody))
	if err != nil {
		return false
	}
	k.zip, k.unzip = zip, unzip
	return true
}
