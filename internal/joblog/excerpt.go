package joblog

const (
	// MaxAnnotations is how many annotations Summary.Errors and Summary.Warnings each hold at most.
	MaxAnnotations = 100

	// MaxMatches is how many lines Summary.Matches holds at most.
	MaxMatches = 1000

	// MaxLineBytes is how long an entry of these lists is at most: 8 KiB, after sanitising and
	// without the marker of an annotation. For an annotation of several lines, it is the limit of
	// all of them together.
	MaxLineBytes = 8 << 10
)

// An excerpt keeps all entries up to a limit. If there are more, it keeps the first half and the
// last half of the limit.
type excerpt struct {
	limit  int
	count  int64 // entries that were added
	first  []string
	latest [][]byte // ring of the last half; its slots are reused
}

func (e *excerpt) add(entry []byte) {
	entry = clip(entry, MaxLineBytes)
	half := e.limit / 2
	if len(e.first) < e.limit-half {
		e.first = append(e.first, string(entry))
	} else {
		slot := e.oldest()
		if len(e.latest) < half {
			slot = len(e.latest)
			e.latest = append(e.latest, nil)
		}
		e.latest[slot] = append(e.latest[slot][:0], entry...)
	}
	e.count++
}

// oldest is the slot of the ring that holds its oldest entry. If the ring is full, the next entry
// goes there.
func (e *excerpt) oldest() int {
	if len(e.latest) < e.limit/2 {
		return 0
	}
	return int((e.count - int64(len(e.first))) % int64(len(e.latest)))
}

// entries returns what was kept, in the order it was added; never nil.
func (e *excerpt) entries() []string {
	entries := make([]string, 0, len(e.first)+len(e.latest))
	entries = append(entries, e.first...)
	for i := range e.latest {
		entries = append(entries, string(e.latest[(e.oldest()+i)%len(e.latest)]))
	}
	return entries
}

// A beginning keeps the start of a text that comes in parts: at most limit bytes, in whole runes.
type beginning struct {
	limit int
	text  []byte
	full  bool // something was left out, so what follows would not be adjacent
}

func (b *beginning) reset() { b.text, b.full = b.text[:0], false }

func (b *beginning) add(part []byte) {
	if b.full {
		return
	}
	kept := clip(part, b.limit-len(b.text))
	b.text = append(b.text, kept...)
	b.full = len(kept) < len(part)
}
