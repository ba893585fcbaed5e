package joblog

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// MaxSanitizedBytes is the maximum size of what Sanitize returns, in bytes, including the ellipsis
// of a text that was cut.
const MaxSanitizedBytes = 1024

const ellipsis = "…"

// Sanitize makes one line of s that is safe to show in a message, for names and texts that come
// from elsewhere. The result is valid UTF-8 without control characters, at most MaxSanitizedBytes
// long. A longer text is cut in front of a rune and ends in "…". Sanitising twice gives the same as
// once.
//
// Read treats the text of each line by the same rules, except that there a tab stays a tab and "\n"
// is the end of a line.
//
//   - Escape sequences are removed: CSI, OSC (to BEL or ST), DCS, SOS, PM and APC (to ST), nF and
//     single-character ones, introduced by ESC or by a C1 control. As in a terminal, CAN, SUB,
//     another ESC or a C1 control ends a sequence early. The end of the line ends a sequence that
//     nothing else ends. Only strings (OSC to APC) can contain other characters outside ASCII: a
//     CSI, nF or single-character sequence ends in front of such a character, and the character is
//     kept.
//   - C0 controls, DEL and C1 controls are removed. C1 controls are the characters U+0080 to
//     U+009F. A lone byte 0x9B is not UTF-8, and a terminal that reads UTF-8 does not obey it.
//   - CR, VT, FF, NEL, IND, RI, a CSI that moves the cursor, U+2028 and U+2029 separate two texts
//     that do not touch, or cover each other, on a screen. One space takes their place, unless a
//     blank is there already, or the line starts or ends there. So a progress bar drawn with CR
//     reads "10% 20% 30%". Text that was overwritten on a screen is kept, because otherwise a log
//     could hide what it did. Here, "\n" separates texts too and a tab becomes one space.
//   - Characters that reorder text or are invisible are removed: U+061C, U+180E, U+200B, U+200E,
//     U+200F, U+202A to U+202E, U+2060 to U+206F, U+FEFF, U+FFF9 to U+FFFB and the tags U+E0000 to
//     U+E007F. Joiners (U+200C, U+200D) and variation selectors stay, because scripts and emoji
//     need them.
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

// The control characters that have a meaning for a cleaner.
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

// A cleaner sanitises a line that can come in pieces. Its output never contains ESC, so the text
// before and after a removed sequence cannot form a new one. Call reset before each line.
type cleaner struct {
	state state
	gap   bool // a space is due before the next character
	last  byte // the last byte of the output before this call to append
}

func (c *cleaner) reset() { *c = cleaner{last: ' '} }

// append adds src, sanitised, to dst, which holds the end of the line so far or nothing. Unless src
// is the last part of the line, it can end inside a rune: rest is the start of that rune, and must
// come before the next part.
func (c *cleaner) append(dst, src []byte, last bool) (out, rest []byte) {
	for len(src) > 0 {
		n := 0
		switch c.state {
		case inText:
			dst, n = c.text(dst, src, last)
		case inControl, inCommand, inString:
			n = c.run(src)
		case inEscape, inShift: // these are a character long
		}
		if src = src[n:]; len(src) == 0 {
			break
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

// text takes the start of src that needs no state but the gap: text, invalid bytes, and controls
// that are removed without a trace. It returns the length of that start.
func (c *cleaner) text(dst, src []byte, last bool) (out []byte, n int) {
	for n < len(src) {
		switch b := src[n]; {
		case b >= utf8.RuneSelf:
			size := 0
			if startsRune(b) {
				size = wideLen(src[n:])
				dst = c.print(dst, src[n:n+size])
			}
			if size == 0 {
				size = invalidLen(src[n:], last)
				dst = c.printInvalid(dst, size)
			}
			if size == 0 {
				return dst, n
			}
			n += size
		case b >= ' ' && b != del, b == '\t':
			size := plainLen(src[n:])
			dst = c.print(dst, src[n:n+size])
			n += size
		case meaningless(b):
			n++
		default:
			return dst, n
		}
	}
	return dst, n
}

// meaningless says whether a control character has no effect on a line.
func meaningless(b byte) bool {
	const meaning = 1<<'\t' | 1<<'\n' | 1<<'\v' | 1<<'\f' | 1<<'\r' | 1<<can | 1<<sub | 1<<esc
	return b == del || b < ' ' && meaning>>b&1 == 0
}

// run is the length of the start of src that can be left out at once because it does not change the
// state.
func (c *cleaner) run(src []byte) int {
	if c.state != inControl {
		return plainLen(src)
	}
	n := 0
	for n < len(src) && ' ' <= src[n] && src[n] < '@' {
		n++
	}
	return n
}

// print adds text to the output, after the space that may be due.
func (c *cleaner) print(dst, text []byte) []byte {
	if len(text) == 0 {
		return dst
	}
	if c.gap {
		dst = c.fillGap(dst, text[0])
	}
	return append(dst, text...)
}

var replacements = bytes.Repeat([]byte("\ufffd"), 1<<10) //nolint:gochecknoglobals // constant

// printInvalid adds a replacement character for each of count bytes.
func (c *cleaner) printInvalid(dst []byte, count int) []byte {
	for count > 0 {
		n := min(count, len(replacements)/len("\ufffd"))
		dst = c.print(dst, replacements[:n*len("\ufffd")])
		count -= n
	}
	return dst
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

// control takes a control character. Inside a sequence it has its usual effect, and the sequence
// goes on. Inside a string it is part of the string.
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

// sequence takes a character from space to tilde that is part of a sequence.
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

// controlLen is the length of the CSI sequence at the start of text, 0 if there is none or its end
// is missing. Most sequences in a log are complete CSI sequences.
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

// movesCursor says whether the CSI sequence with this final byte moves the cursor. Erasing does not
// count: compilers write "erase to the end of the line" after every change of colour.
func movesCursor(final byte) bool {
	switch final {
	case 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'Z', '`', 'a', 'd', 'e', 'f':
		return true
	}
	return false
}

// wide takes one rune from U+0080 on, or utf8.RuneError for an invalid byte.
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

// hidden says whether r reorders the text around it or is invisible, and scripts do not need it.
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

// textLen is the length of the start of text that needs no change.
func textLen(text []byte) int {
	n := 0
	for n < len(text) {
		size := 0
		if text[n] < utf8.RuneSelf {
			size = plainLen(text[n:])
		} else {
			size = wideLen(text[n:])
		}
		if size == 0 {
			break
		}
		n += size
	}
	return n
}

// wideLen is the length of the start of text that needs no change and is outside ASCII.
func wideLen(text []byte) int {
	n := 0
	for n < len(text) && text[n] >= utf8.RuneSelf {
		r, size := utf8.DecodeRune(text[n:])
		if size == 1 || r < 0xa0 || r == '\u2028' || r == '\u2029' || hidden(r) {
			break
		}
		n += size
	}
	return n
}

// startsRune says whether a byte from 0x80 on can be the first of a rune.
func startsRune(b byte) bool { return 0xc2 <= b && b <= 0xf4 }

// invalidLen is how many bytes at the start of text are not part of valid UTF-8. Unless text is the
// last of its line, its end can be the start of a rune.
func invalidLen(text []byte, last bool) int {
	n := 0
	for n < len(text) && text[n] >= utf8.RuneSelf {
		if startsRune(text[n]) {
			_, size := utf8.DecodeRune(text[n:])
			if size > 1 || !last && !utf8.FullRune(text[n:]) {
				break
			}
		}
		n++
	}
	return n
}

const (
	everyByte = 0x0101010101010101 // times b: b in each of eight bytes
	highBits  = 0x80 * everyByte
)

// plainLen is the length of the plain start of text: printable ASCII and tabs, which stand for
// themselves.
func plainLen(text []byte) int {
	n := 0
	for len(text)-n >= 8 {
		eight := binary.LittleEndian.Uint64(text[n:])
		// The lowest high bit that is set is that of the first byte that is less than a space, or
		// DEL or more. (Bits above it may be carries.)
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

// clip returns the longest start of text, which is valid UTF-8, that has at most limit bytes and
// does not end inside a rune.
func clip(text []byte, limit int) []byte {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
