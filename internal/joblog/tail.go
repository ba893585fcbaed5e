package joblog

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

var newlines = bytes.Repeat(newline, 1<<10) //nolint:gochecknoglobals // constant

// blockBytes is how much a tail allocates, and drops, at once.
const blockBytes = 32 << 10

// A tail keeps the end of a text: at least its last limit bytes and the byte before them, at most
// two blocks more. It grows with the text, so a short log needs little memory even if the limit is
// high.
type tail struct {
	limit   int
	blocks  []*[blockBytes]byte // oldest first; all but the last are full
	held    int                 // bytes in blocks
	dropped bool                // there were bytes before those held
}

func newTail(limit int) tail { return tail{limit: max(limit, 0)} }

func (t *tail) write(p []byte) {
	if t.limit == 0 {
		t.dropped = t.dropped || len(p) > 0
		return
	}
	for len(p) > 0 {
		room := len(t.blocks)*blockBytes - t.held
		if room == 0 {
			t.addBlock()
			room = blockBytes
		}
		n := copy(t.blocks[len(t.blocks)-1][blockBytes-room:], p)
		t.held += n
		p = p[n:]
	}
}

// writeNewlines writes a number of line ends.
func (t *tail) writeNewlines(count int64) {
	for count > 0 {
		n := min(count, int64(len(newlines)))
		t.write(newlines[:n])
		count -= n
	}
}

// addBlock makes room after the last block, which is full.
func (t *tail) addBlock() {
	if t.held-blockBytes <= t.limit {
		t.blocks = append(t.blocks, new([blockBytes]byte))
		return
	}
	oldest := t.blocks[0]
	copy(t.blocks, t.blocks[1:])
	t.blocks[len(t.blocks)-1] = oldest
	t.held -= blockBytes
	t.dropped = true
}

// text returns the last lines of the text, or all of them if lines is 0 or less, and of these at
// most the last limit bytes. truncated says that this is not the whole text.
func (t *tail) text(lines int) (text string, truncated bool) {
	start := 0
	if lines > 0 {
		start = t.lineStart(lines)
	}
	if t.held-start > t.limit {
		start = t.runeStart(t.held - t.limit)
	}
	return t.from(start), t.dropped || start > 0
}

// lineStart is the offset where the last lines begin, 0 if fewer are held.
func (t *tail) lineStart(lines int) int {
	for i, block := range slices.Backward(t.blocks) {
		end := t.filled(i)
		for {
			at := bytes.LastIndexByte(block[:end], '\n')
			if at < 0 {
				break
			}
			if lines--; lines == 0 {
				return i*blockBytes + at + 1
			}
			end = at
		}
	}
	return 0
}

// runeStart is the first offset from at on where the text can be cut. at must not be 0.
func (t *tail) runeStart(at int) int {
	for at < t.held && !utf8.RuneStart(t.byteAt(at)) {
		at++
	}
	// Only the line end is left of the line that was cut. Without this it would look like an empty
	// line.
	if at < t.held && t.byteAt(at) == '\n' && t.byteAt(at-1) != '\n' {
		at++
	}
	return at
}

func (t *tail) byteAt(at int) byte { return t.blocks[at/blockBytes][at%blockBytes] }

// filled is how much of a block is in use.
func (t *tail) filled(block int) int { return min(t.held-block*blockBytes, blockBytes) }

// from returns what is held from an offset on.
func (t *tail) from(start int) string {
	var b strings.Builder
	b.Grow(t.held - start)
	for i := start / blockBytes; i < len(t.blocks); i++ {
		b.Write(t.blocks[i][max(0, start-i*blockBytes):t.filled(i)])
	}
	return b.String()
}
