package joblog

const (
	// MaxAnnotations is how many lines Summary.Errors, and as many
	// Summary.Warnings, hold at most.
	MaxAnnotations = 100

	// MaxMatches is how many lines Summary.Matches holds at most.
	MaxMatches = 1000

	// MaxLineBytes is how long a line in these lists is at most: 8 KiB,
	// after sanitising and without the marker of an annotation.
	MaxLineBytes = 8 << 10
)

// The markers that a runner puts before the text of ::error:: and ::warning::,
// and of its own errors, when it writes the log. They count only at the start
// of a line.
var (
	errorMarker   = []byte("##[error]")   //nolint:gochecknoglobals // constant
	warningMarker = []byte("##[warning]") //nolint:gochecknoglobals // constant
)

// An excerpt keeps lines up to a limit, and of more the first and the last
// half of it.
type excerpt struct {
	limit  int
	count  int64 // lines that were added
	first  []string
	latest [][]byte // ring of the last half; its slots are used again
}

func (e *excerpt) add(line []byte) {
	line = clip(line, MaxLineBytes)
	half := e.limit / 2
	if len(e.first) < e.limit-half {
		e.first = append(e.first, string(line))
	} else {
		slot := e.oldest()
		if len(e.latest) < half {
			slot = len(e.latest)
			e.latest = append(e.latest, nil)
		}
		e.latest[slot] = append(e.latest[slot][:0], line...)
	}
	e.count++
}

// oldest is the slot of the ring that holds its oldest line, and takes the next
// one if the ring is full.
func (e *excerpt) oldest() int {
	if len(e.latest) < e.limit/2 {
		return 0
	}
	return int((e.count - int64(len(e.first))) % int64(len(e.latest)))
}

// lines returns what was kept in the order it came; never nil.
func (e *excerpt) lines() []string {
	lines := make([]string, 0, len(e.first)+len(e.latest))
	lines = append(lines, e.first...)
	for i := range e.latest {
		lines = append(lines, string(e.latest[(e.oldest()+i)%len(e.latest)]))
	}
	return lines
}
