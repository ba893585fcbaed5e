package bounded

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestKeepsTheFirstKeysWhateverTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(0, 6).Draw(t, "limit")
		keys := rapid.SliceOf(rapid.StringOfN(rapid.SampledFrom([]rune("abc")), 0, 2, -1)).Draw(t, "keys")

		want := map[string]int{}
		for _, key := range keys {
			want[key]++
		}
		distinct := slices.Sorted(maps.Keys(want))
		for _, key := range distinct[min(max(limit, 1), len(distinct)):] {
			delete(want, key)
		}

		type counted struct {
			key string
			n   int
		}
		m := New[counted](limit)
		for _, key := range keys {
			if v := m.At([]byte(key)); v != nil {
				v.key = key
				v.n++
			}
			if len(m.values) > max(limit, 1)*2 {
				t.Fatalf("%d keys held for a limit of %d", len(m.values), limit)
			}
		}
		if cut := len(distinct) > max(limit, 1); m.Cut() != cut || m.Len() != len(want) {
			t.Fatalf("cut %t, length %d; want %t, %d", m.Cut(), m.Len(), cut, len(want))
		}
		got := map[string]int{}
		for v := range m.All() {
			got[v.key] = v.n
		}
		if !maps.Equal(got, want) || m.Cut() != (len(distinct) > max(limit, 1)) {
			t.Fatalf("kept %v, want %v", got, want)
		}
	})
}
