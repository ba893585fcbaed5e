package joblog

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// MaxSanitizedBytes is the longest that Sanitize returns, in bytes, the
// ellipsis of a cut text included.
const MaxSanitizedBytes = 1024

const ellipsis = "…"

// Sanitize makes one line of s that is safe to show in a message, for names
// and texts that came from elsewhere. The result is valid UTF-8 without
// control characters, at most MaxSanitizedBytes long: of a longer text the
// start is kept, cut in front of a rune, and "…" says so. Sanitising twice is
// the same as once.
//
// Read treats the text of each line by the same rules, except that there a tab
// stays a tab and "\n" is the end of a line.
//
//   - Escape sequences are removed: CSI, OSC (to BEL or ST), DCS, SOS, PM and
//     APC (to ST), nF and single-character ones, introduced by ESC or by a C1
//     control. CAN, SUB, another ESC or a C1 control breaks one off, as in a
//     terminal. One that nothing ends, ends with its line. Of other characters
//     outside ASCII only strings can consist (OSC to APC): in front of one, a
//     CSI, nF or single-character sequence ends, and the character is kept.
//   - C0 controls, DEL and C1 controls are removed. U+009B and its kin are
//     meant; a lone byte 0x9B is not UTF-8 and no terminal that reads UTF-8
//     obeys it.
//   - Whatever moves the cursor stands between two texts that would not touch,
//     or would cover one another, on a screen: CR, VT, FF, NEL, IND, RI, a CSI
//     that moves, U+2028 and U+2029. One space takes its place, unless a blank
//     is there already, or the line starts or ends there. So a progress bar
//     drawn with CR reads "10% 20% 30%": no text is dropped as overwritten,
//     since that would let a log hide what it did. Here, "\n" does the same
//     and a tab is one space.
//   - Characters that reorder text or cannot be seen are removed: U+061C,
//     U+180E, U+200B, U+200E, U+200F, U+202A to U+202E, U+2060 to U+206F,
//     U+FEFF, U+FFF9 to U+FFFB and the tags U+E0000 to U+E007F. Joiners
//     (U+200C, U+200D) and variation selectors stay: scripts and emoji need
//     them.
//   - Each byte that is not part of valid UTF-8 becomes U+FFFD.
func Sanitize(s string) string {
	var c cleaner
	c.reset()
	out, _ := c.append(nil, []byte(s), true)
	for i, b := range out {
		if b == '\t' {
			out[i] = ' '
		}
	}
	if len(out) > MaxSanitizedBytes {
		return string(clip(out, MaxSanitizedBytes-len(ellipsis))) + ellipsis
	}
	return string(out)
}

// The control characters that mean something to a cleaner.
const (
	bel = 0x07
	can = 0x18
	sub = 0x1a
	esc = 0x1b
	del = 0x7f
)

// A state says what the next character belongs to.
type state uint8

const (
	inText    state = iota
	inEscape        // after ESC
	inShift         // nF: after ESC and an intermediate
	inControl       // CSI: parameters and intermediates
	inCommand       // OSC: until BEL or ST
	inString        // DCS, SOS, PM, APC: until ST
)

// A cleaner sanitises a line that may come in pieces. ESC never leaves it, in
// whatever order pieces are removed, so that what stood around a removed
// sequence cannot make up a new one. Call reset before each line.
type cleaner struct {
	state state
	gap   bool // a space is due before the next character
	last  byte // what was put out last, by the call to append before this one
}

func (c *cleaner) reset() { *c = cleaner{last: ' '} }

// append adds src, sanitised, to dst, which holds the end of the line so far or
// nothing. Unless src is the last of the line, it may end inside a rune: rest
// is that beginning, to be put before the next piece.
func (c *cleaner) append(dst, src []byte, last bool) (out, rest []byte) {
	for len(src) > 0 {
		if n := c.run(src); n > 0 {
			if c.state == inText {
				dst = c.print(dst, src[:n])
			}
			src = src[n:]
			continue
		}
		if n := controlLen(src); n > 0 {
			c.endControl(src[n-1])
			src = src[n:]
			continue
		}
		if src[0] < utf8.RuneSelf {
			dst = c.ascii(dst, src[0])
			src = src[1:]
			continue
		}
		r, n := utf8.DecodeRune(src)
		if r == utf8.RuneError && !last && !utf8.FullRune(src) {
			break
		}
		dst = c.wide(dst, r)
		src = src[n:]
	}
	if len(dst) > 0 {
		c.last = dst[len(dst)-1]
	}
	return dst, src
}

// run is the length of the start of src that can be put out, or left out, in
// one go because it leaves the state as it is.
func (c *cleaner) run(src []byte) int {
	switch c.state {
	case inText:
		return textLen(src)
	case inControl:
		n := 0
		for n < len(src) && ' ' <= src[n] && src[n] < '@' {
			n++
		}
		return n
	case inCommand, inString:
		return plainLen(src)
	case inEscape, inShift: // a character long
	}
	return 0
}

// print puts out text, with the space before it that may be due.
func (c *cleaner) print(dst, text []byte) []byte {
	if c.gap {
		dst = c.fillGap(dst, text[0])
	}
	return append(dst, text...)
}

func (c *cleaner) fillGap(dst []byte, next byte) []byte {
	c.gap = false
	last := c.last
	if len(dst) > 0 {
		last = dst[len(dst)-1]
	}
	if blank(last) || blank(next) {
		return dst
	}
	return append(dst, ' ')
}

func blank(b byte) bool { return b == ' ' || b == '\t' }

// ascii takes one character below U+0080.
func (c *cleaner) ascii(dst []byte, b byte) []byte {
	switch {
	case b == esc:
		c.state = inEscape
	case b == can, b == sub:
		c.state = inText
	case b == '\n':
		c.state = inText
		c.gap = true
	case b < ' ', b == del:
		return c.control(dst, b)
	case c.state == inText:
		return c.print(dst, []byte{b})
	default:
		c.sequence(b)
	}
	return dst
}

// control takes a control character. Amidst a sequence it does what it always
// does, and the sequence goes on; amidst a string it is a part of it.
func (c *cleaner) control(dst []byte, b byte) []byte {
	switch {
	case c.state == inCommand && b == bel:
		c.state = inText
	case c.state == inCommand, c.state == inString:
	case b == '\t':
		return c.print(dst, []byte{b})
	case b == '\r', b == '\v', b == '\f':
		c.gap = true
	}
	return dst
}

// sequence takes a character from space to tilde that is not text.
func (c *cleaner) sequence(b byte) {
	switch c.state {
	case inEscape:
		c.introduce(b)
	case inShift:
		if b >= '0' {
			c.state = inText
		}
	case inControl:
		if b >= '@' {
			c.endControl(b)
		}
	case inText, inCommand, inString: // these never come here
	}
}

// endControl takes the final byte of a CSI sequence.
func (c *cleaner) endControl(final byte) {
	c.state = inText
	c.gap = c.gap || movesCursor(final)
}

// controlLen is the length of the CSI sequence at the start of text if all of
// it is there, which is what most sequences in a log are, else 0.
func controlLen(text []byte) int {
	if len(text) < 3 || text[0] != esc || text[1] != '[' {
		return 0
	}
	n := 2
	for n < len(text) && ' ' <= text[n] && text[n] < '@' {
		n++
	}
	if n == len(text) || text[n] < '@' || text[n] >= del {
		return 0
	}
	return n + 1
}

// introduce takes the character after ESC.
func (c *cleaner) introduce(b byte) {
	switch b {
	case '[':
		c.state = inControl
	case ']':
		c.state = inCommand
	case 'P', 'X', '^', '_':
		c.state = inString
	case 'D', 'E', 'M': // IND, NEL, RI
		c.state = inText
		c.gap = true
	default:
		c.state = inText
		if b < '0' {
			c.state = inShift
		}
	}
}

// movesCursor says whether the CSI sequence with this final byte puts the
// cursor elsewhere. Erasing is not among them: compilers put an "erase to the
// end of the line" behind every change of colour.
func movesCursor(final byte) bool {
	switch final {
	case 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'Z', '`', 'a', 'd', 'e', 'f':
		return true
	}
	return false
}

// wide takes one rune from U+0080 on, utf8.RuneError for a byte that is none.
func (c *cleaner) wide(dst []byte, r rune) []byte {
	if r < 0xa0 {
		// A C1 control is short for ESC and the character 0x40 below.
		c.introduce(byte(r - 0x40))
		return dst
	}
	if c.state == inCommand || c.state == inString {
		return dst
	}
	c.state = inText
	switch {
	case r == '\u2028', r == '\u2029':
		c.gap = true
	case !hidden(r):
		if c.gap {
			dst = c.fillGap(dst, utf8.RuneSelf)
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// hidden says whether r reorders the text around it or cannot be seen, and no
// script needs it.
func hidden(r rune) bool {
	switch {
	case r < 0x061c:
		return false
	case r < 0x2070:
		return r == 0x061c || r == 0x180e || r == 0x200b || r == 0x200e || r == 0x200f ||
			0x202a <= r && r <= 0x202e || 0x2060 <= r
	}
	return r == 0xfeff || 0xfff9 <= r && r <= 0xfffb || 0xe0000 <= r && r <= 0xe007f
}

// textLen is the length of the start of text that stands for itself.
func textLen(text []byte) int {
	n := 0
	for n < len(text) {
		if text[n] < utf8.RuneSelf {
			plain := plainLen(text[n:])
			if plain == 0 {
				break
			}
			n += plain
			continue
		}
		r, size := utf8.DecodeRune(text[n:])
		if size == 1 || r < 0xa0 || r == '\u2028' || r == '\u2029' || hidden(r) {
			break
		}
		n += size
	}
	return n
}

const (
	everyByte = 0x0101010101010101 // times b: b in each of eight bytes
	highBits  = 0x80 * everyByte
)

// plainLen is the length of the plain start of text: printable ASCII and tabs,
// which stand for themselves.
func plainLen(text []byte) int {
	n := 0
	for len(text)-n >= 8 {
		eight := binary.LittleEndian.Uint64(text[n:])
		// The lowest high bit that is set is that of the first byte that is
		// less than a space, or DEL or more. (Bits above it may be carries.)
		below := (eight - ' '*everyByte) &^ eight
		above := (eight + everyByte) | eight
		stops := (below | above) & highBits
		if stops == 0 {
			n += 8
			continue
		}
		n += bits.TrailingZeros64(stops) / 8
		if text[n] != '\t' {
			return n
		}
		n++
	}
	for n < len(text) && (' ' <= text[n] && text[n] < del || text[n] == '\t') {
		n++
	}
	return n
}

// clip returns the longest start of text, which is valid UTF-8, that has at
// most limit bytes and does not end inside a rune.
func clip(text []byte, limit int) []byte {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
