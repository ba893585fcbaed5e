package joblog

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestSanitize(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"empty":                        {"", ""},
		"plain":                        {"build (ubuntu-latest)", "build (ubuntu-latest)"},
		"blanks stay":                  {"  a  b ", "  a  b "},
		"not ASCII":                    {"Prüfung – 日本語 ✓", "Prüfung – 日本語 ✓"},
		"CSI colour":                   {"\x1b[1;31mred\x1b[0m", "red"},
		"CSI with intermediate":        {"a\x1b[1 qb", "ab"},
		"CSI private":                  {"a\x1b[?25lb\x1b[>c", "ab"},
		"CSI by C1":                    {"a\u009b31mb", "ab"},
		"raw byte 0x9B is no control":  {"a\x9b31mb", "a\ufffd31mb"},
		"CSI erase parts nothing":      {"\x1b[01m\x1b[Kfoo.c:1:\x1b[m\x1b[K error", "foo.c:1: error"},
		"CSI move parts":               {"50%\x1b[1G60%\x1b[2K\x1b[1;1H70%", "50% 60% 70%"},
		"OSC to BEL":                   {"a\x1b]0;title\x07b", "ab"},
		"OSC to ST":                    {"a\x1b]8;;https://example.com/\x1b\\link\x1b]8;;\x1b\\b", "alinkb"},
		"OSC to C1 ST":                 {"a\x1b]0;title\u009cb", "ab"},
		"OSC by C1":                    {"a\u009d0;title\x07b", "ab"},
		"OSC with text outside ASCII":  {"a\x1b]0;\u201cé\u201d\x07b", "ab"},
		"DCS is not ended by BEL":      {"a\x1bPq\x07#0\x1b\\b", "ab"},
		"SOS, PM, APC":                 {"a\x1bXs\x1b\\b\x1b^p\x1b\\c\x1b_q\x1b\\d", "abcd"},
		"SOS, PM, APC, DCS by C1":      {"a\u0098s\u009cb\u009ep\u009cc\u009fq\u009cd\u0090r\u009ce", "abcde"},
		"single character":             {"a\x1b7b\x1b8c\x1b=d\x1bce", "abcde"},
		"nF":                           {"a\x1b(Bb\x1b#8c\x1b $0d", "abcd"},
		"IND, NEL, RI part":            {"a\x1bDb\x1bEc\x1bMd\u0084e\u0085f\u008dg", "a b c d e f g"},
		"CAN and SUB break off":        {"\x1b[31\x18a\x1b]0;\x1ab", "ab"},
		"ESC breaks off":               {"\x1b[3\x1b[31ma\x1b]0;t\x1b[1mb", "ab"},
		"a wide character breaks off":  {"a\x1bé\x1b[3é\x1b(é", "aééé"},
		"control amidst CSI":           {"a\x1b[3\x001mb\x1b[\t1mc", "ab\tc"},
		"DEL amidst CSI":               {"a\x1b[3\x7f1mb\x1b[\x7fmc", "abc"},
		"pieces join to nothing":       {"\x1b\x1b[31m[0mX", "[0mX"},
		"pieces do not make a control": {"\xc2\x1b[m\x9b31mX", "\ufffd\ufffd31mX"},
		"pieces do not make a rune":    {"\xe2\x1b[m\x80\xae", "\ufffd\ufffd\ufffd"},
		"unterminated at the end":      {"a\x1b", "a"},
		"unterminated CSI":             {"a\x1b[3", "a"},
		"unterminated OSC":             {"a\x1b]0;title", "a"},
		"unterminated ends with line":  {"a\x1b]0;title\nb\x1b[3\nc\x1b\nd\x1bPq\ne\x1b(\nf", "a b c d e f"},
		"C0, DEL":                      {"a\x00\x01\x07\b\x0e\x1f\x7fb", "ab"},
		"C1":                           {"a\u0080\u0086\u0099b", "ab"},
		"CR, VT, FF, LS, PS part":      {"a\rb\vc\fd\u2028e\u2029f", "a b c d e f"},
		"parted once":                  {"a\r\r\x1b[K\rb \rc\r d", "a b c d"},
		"nothing to part":              {"\r\na\n\r", "a"},
		"line ends and tabs":           {"a\nb\r\nc\td", "a b c d"},
		"bidi":                         {"a\u202eb\u202c\u2066c\u2069\u200ed\u200f\u061ce", "abcde"},
		"unseen":                       {"a\u200bb\u2060c\ufeffd\u180ee\ufffaf\U000e0041g", "abcdefg"},
		"joiners stay":                 {"👩\u200d💻 نمی\u200cخواهم ✔\ufe0f", "👩\u200d💻 نمی\u200cخواهم ✔\ufe0f"},
		"neighbours of unseen stay":    {"\u061b\u061d\u200a\u2010\u2027\u202f\u2065x\u2070\ufff8\ufffc\U000e0080", "\u061b\u061d\u200a\u2010\u2027\u202fx\u2070\ufff8\ufffc\U000e0080"},
		"invalid UTF-8":                {"a\xffb\xe2\x82c\xc0\xafd\xed\xa0\x80", "a\ufffdb\ufffd\ufffdc\ufffd\ufffdd\ufffd\ufffd\ufffd"},
		"U+FFFD stays":                 {"\ufffd", "\ufffd"},
		"no-break space stays":         {"a\u00a0b", "a\u00a0b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// A line keeps its tabs, so the case about tabs is for Sanitize only.
			if got := cleanWhole(tc.in); !strings.Contains(tc.in, "\n") && !strings.HasSuffix(name, "tabs") && got != tc.want {
				t.Errorf("line: got %q, want %q", got, tc.want)
			}
			if got, want := Sanitize(tc.in), strings.ReplaceAll(tc.want, "\t", " "); got != want {
				t.Errorf("Sanitize: got %q, want %q", got, want)
			}
		})
	}
}

func TestSanitizeCutsLongText(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"fits":            {strings.Repeat("x", 1024), strings.Repeat("x", 1024)},
		"one too many":    {strings.Repeat("x", 1025), strings.Repeat("x", 1021) + "…"},
		"between runes":   {"x" + strings.Repeat("é", 1000), "x" + strings.Repeat("é", 510) + "…"},
		"after sequences": {strings.Repeat("\x1b[31m", 1000) + "x", "x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Sanitize(tc.in); got != tc.want {
				t.Errorf("got %d bytes %q, want %d bytes", len(got), got, len(tc.want))
			}
		})
	}
}

// Both ways to write a sequence must have the same effect.
func TestC1IsShortForESC(t *testing.T) {
	t.Parallel()
	for b := byte('@'); b <= '_'; b++ {
		long := "a\x1b" + string(rune(b)) + "1;2mb\x07c\x1b\\d"
		short := "a" + string(rune(b)+0x40) + "1;2mb\x07c\u009cd"
		if got, want := cleanWhole(short), cleanWhole(long); got != want {
			t.Errorf("U+%04X: got %q, with ESC %q", rune(b)+0x40, got, want)
		}
	}
}

// plainLen looks at eight bytes at once. Each byte must stop it at every position or at none.
func TestPlainLen(t *testing.T) {
	t.Parallel()
	for length := range 20 {
		for at := range length {
			for b := range 256 {
				text := []byte(strings.Repeat("~", length))
				text[at] = byte(b)
				want := length
				if b != '\t' && (b < ' ' || b > '~') {
					want = at
				}
				if got := plainLen(text); got != want {
					t.Fatalf("byte %#02x at %d of %d: got %d, want %d", b, at, length, got, want)
				}
				// The byte after it must not change that.
				if at+1 < length {
					text[at+1] = 0
					if got := plainLen(text); got != min(want, at+1) {
						t.Fatalf("byte %#02x at %d of %d, then NUL: got %d", b, at, length, got)
					}
				}
			}
		}
	}
}

func TestTextLenIsWhatStaysAsItIs(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= utf8.MaxRune; r++ {
		switch r { // skips letters and unassigned code points to save time
		case 0x3000:
			r = 0xd700
		case 0x10100:
			r = 0xdff00
		case 0xe0200:
			r = 0x10ff00
		}
		if !utf8.ValidRune(r) || r == '\n' {
			continue
		}
		in := "ab" + string(r) + "c"
		want := referenceClean(in) == in
		if got := cleanWhole(in) == in; got != want {
			t.Fatalf("%U: stays %v, want %v", r, got, want)
		}
		if got := textLen([]byte(in)) == len(in); got != want {
			t.Fatalf("%U: passed through %v, want %v", r, got, want)
		}
	}
}

// cleanWhole sanitises one line in one piece.
func cleanWhole(line string) string {
	var c cleaner
	c.reset()
	out, _ := c.append(nil, []byte(line), true)
	return string(out)
}

// cleanBytewise sanitises one line a byte at a time.
func cleanBytewise(line string) string {
	var c cleaner
	c.reset()
	var out, carry []byte
	for i := range len(line) {
		piece, rest := c.append(nil, append(carry, line[i]), i == len(line)-1)
		out = append(out, piece...)
		carry = append([]byte(nil), rest...)
	}
	return string(out)
}

// logPiece draws text that has a meaning for Read or a cleaner.
func logPiece() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{
			"\x1b", "\x1b[", "\x1b]", "\x1bP", "\x1b(", "\x1b\\", "\u009b", "\u009d", "\u0090", "\u009c", "\u0085", "\u0080",
			"\x1b[31m", "\x1b[2K", "\x1b[1G", "\x1b]0;t\x07", "\x1b]8;;u\x1b\\", "\x07", "\x18", "\x1a", "\x00", "\x7f",
			"\r", "\t", " ", "\v", "0", ";", "m", "[", "]", "word", "##[error]", "##[warning]", "##[notice]",
			"::", "::error::", " ::Warning title=a b::", "::notice::", "::stop-commands::t", "::t::", "%0A", "%0D", "%25", "%0a",
			"é", "日本", "\u202e", "\u2028", "\ufeff", "\ufffd", "\xff", "\xe2", "\xe2\x80", "\x80", "\xc2", "\x9b",
			"2024-05-01T12:34:56.1234567Z ", "2024-05-01T12:34:56.1Z", "2024-05-01T12:34:56Z ",
		}),
		rapid.StringN(0, 6, -1),
		rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOfN(rapid.Byte(), 0, 6).Draw(t, "bytes")) }),
	)
}

func drawText(t *rapid.T, pieces int) string {
	return strings.Join(rapid.SliceOfN(logPiece(), 0, pieces).Draw(t, "text"), "")
}

func TestCleanerIsTheReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		line := strings.ReplaceAll(drawText(t, 20), "\n", "")
		want := referenceClean(line)
		if got := cleanWhole(line); got != want {
			t.Errorf("%q in one piece: got %q, want %q", line, got, want)
		}
		if got := cleanBytewise(line); got != want {
			t.Errorf("%q byte by byte: got %q, want %q", line, got, want)
		}
		if got := cleanWhole(want); got != want {
			t.Errorf("%q twice: got %q, want %q", line, got, want)
		}
	})
}

// The text between complete sequences is kept whole.
func TestTextBetweenSequencesSurvives(t *testing.T) {
	t.Parallel()
	sequence := rapid.OneOf(
		rapid.StringMatching(`\x1b\[[0-?]{0,5}[ -/]{0,2}[JKSTg-~]`),
		rapid.StringMatching(`[\x{9b}][0-?]{0,5}[JKSTg-~]`),
		rapid.StringMatching(`(\x1b\]|[\x{9d}])[ -~é日]{0,9}(\x07|\x1b\\|[\x{9c}])`),
		rapid.StringMatching(`(\x1b[PX^_]|[\x{90}\x{98}\x{9e}\x{9f}])[ -~é\x07]{0,9}(\x1b\\|[\x{9c}])`),
		rapid.StringMatching(`\x1b[ -/]{1,3}[0-~]`),
		rapid.StringMatching(`\x1b[0-C=>a-~]`),
	)
	rapid.Check(t, func(t *rapid.T) {
		var in, want strings.Builder
		for range rapid.IntRange(0, 12).Draw(t, "parts") {
			in.WriteString(sequence.Draw(t, "sequence"))
			word := rapid.StringMatching(`[A-Za-z0-9 \[\];é]{0,12}`).Draw(t, "word")
			in.WriteString(word)
			want.WriteString(word)
		}
		if got := cleanWhole(in.String()); got != want.String() {
			t.Errorf("%q: got %q, want %q", in.String(), got, want.String())
		}
	})
}

func FuzzSanitize(f *testing.F) {
	for _, seed := range []string{
		"plain", "\x1b[31mred\x1b[0m", "\x1b\x1b[31m[0m", "\x1b]0;t\x07x", "\x1b]8;;u\x1b\\l\x1b]8;;\x1b\\", "\x1bPq\x1b\\",
		"\u009b31mx", "\xc2\x1b[m\x9b", "10%\r20%\r\n", "a\u202eb\u2028c", "\xff\xfe\x00", strings.Repeat("é", 600),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Sanitize(s)
		if r, bad := forbidden(got, ""); bad {
			t.Errorf("%q: %q has %U", s, got, r)
		}
		if len(got) > MaxSanitizedBytes {
			t.Errorf("%q: %d bytes", s, len(got))
		}
		if again := Sanitize(got); again != got {
			t.Errorf("%q: sanitised %q, and again %q", s, got, again)
		}
		if !utf8.ValidString(got) {
			t.Errorf("%q: %q is not UTF-8", s, got)
		}
		for line := range strings.SplitSeq(s, "\n") {
			if got, want := cleanWhole(line), referenceClean(line); got != want {
				t.Errorf("%q: got %q, want %q", line, got, want)
			}
			// Without the start of a sequence, all letters must stay.
			if !strings.ContainsFunc(line, func(r rune) bool { return r == 0x1b || 0x80 <= r && r < 0xa0 }) {
				if got, want := letters(cleanWhole(line)), letters(line); got != want {
					t.Errorf("%q: letters %q, want %q", line, got, want)
				}
			}
		}
	})
}

// forbidden returns the first rune of s that a cleaner must not put out, except for those in but.
func forbidden(s, but string) (rune, bool) {
	for _, r := range s {
		control := r < ' ' || 0x7f <= r && r < 0xa0 || r == '\u2028' || r == '\u2029'
		if (control || unseen.MatchString(string(r))) && !strings.ContainsRune(but, r) {
			return r, true
		}
	}
	return 0, false
}

func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return -1
	}, s)
}
