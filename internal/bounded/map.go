// Package bounded keeps values by key in bounded memory.
//
// It is pure and imports nothing of this module.
package bounded

import (
	"encoding/binary"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Map keeps a value for each of the first keys, in the order of their bytes, up to a limit. A key
// that is dropped never comes back, because the keys before it stay. The result does not
// depend on the order in which the keys arrive, and the values that are kept are complete.
type Map[V any] struct {
	limit  int
	values map[string]*V
	last   string // no key after this one is kept; only once cut
	cut    bool
}

// New makes an empty map that keeps at most limit keys. A limit below 1 is 1.
func New[V any](limit int) *Map[V] {
	return &Map[V]{limit: max(limit, 1), values: map[string]*V{}}
}

// At returns the value of a key for the caller to change. It is the zero value if the key is new,
// and nil if the key is not kept.
func (m *Map[V]) At(key []byte) *V {
	if v := m.values[string(key)]; v != nil {
		return v
	}
	if m.cut && string(key) > m.last {
		return nil
	}
	v := new(V)
	m.values[string(key)] = v
	// The map grows by half before the next cut, so that sorting stays cheap for each key.
	if len(m.values) > m.limit+m.limit/2 {
		m.trim()
		return m.values[string(key)]
	}
	return v
}

// AppendText appends a text to a key. Two keys are equal only if all their texts are: the length comes
// first, because a text may contain any separator. 0 means nil.
func AppendText(key []byte, text *string) []byte {
	if text == nil {
		return append(key, 0)
	}
	key = binary.AppendUvarint(key, uint64(len(*text))+1)
	return append(key, *text...)
}

// Cut reports whether there were more keys than the limit.
func (m *Map[V]) Cut() bool { return m.cut || len(m.values) > m.limit }

// All returns the values that are kept, in random order.
func (m *Map[V]) All() iter.Seq[*V] {
	m.trim()
	return maps.Values(m.values)
}

// Len is the number of values that are kept.
func (m *Map[V]) Len() int { return min(len(m.values), m.limit) }

// trim drops the keys beyond the limit.
func (m *Map[V]) trim() {
	if len(m.values) <= m.limit {
		return
	}
	keys := slices.SortedFunc(maps.Keys(m.values), strings.Compare)
	for _, key := range keys[m.limit:] {
		delete(m.values, key)
	}
	m.last, m.cut = keys[m.limit-1], true
}
