package joblog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"pgregory.net/rapid"
)

const stamp = "2024-05-01T12:34:56.1234567Z "

// all keeps the whole text of a test's log.
var all = Options{MaxBytes: DefaultMaxBytes}

func mustRead(t *testing.T, log string, o Options) Summary {
	t.Helper()
	sum, err := Read(strings.NewReader(log), o)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return sum
}

func TestReadWhole(t *testing.T) {
	t.Parallel()
	log := "\ufeff" + stamp + "##[group]Run make\r\n" +
		stamp + "\x1b[36;1mmake\x1b[0m\r\n" +
		stamp + "##[warning]old\r\n" +
		stamp + "##[error]Process completed with exit code 2.\r\n"
	got := mustRead(t, log, Options{TailLines: 3, MaxBytes: 1000, Pattern: regexp.MustCompile(`^make$|exit code \d`)})
	want := Summary{
		Content:      "make\n##[warning]old\n##[error]Process completed with exit code 2.",
		Truncated:    true,
		SizeBytes:    int64(len(log)),
		LineCount:    4,
		SHA256:       "6ac8195f9c1d83a180df020c20ce6cc9f01535979769a3c4d48cfc0839d240f2",
		Errors:       []string{"Process completed with exit code 2."},
		ErrorCount:   1,
		Warnings:     []string{"old"},
		WarningCount: 1,
		Matches:      []string{"make", "##[error]Process completed with exit code 2."},
		MatchCount:   2,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestReadEmptyLog(t *testing.T) {
	t.Parallel()
	got := mustRead(t, "", all)
	want := Summary{
		SHA256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		Errors: []string{}, Warnings: []string{},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestReadWithoutPatternHasNoMatches(t *testing.T) {
	t.Parallel()
	if got := mustRead(t, "a\n", all); got.Matches != nil {
		t.Errorf("no pattern: matches %q, want nil", got.Matches)
	}
	o := Options{Pattern: regexp.MustCompile("b")}
	if got := mustRead(t, "a\n", o); got.Matches == nil || len(got.Matches) > 0 {
		t.Errorf("no match: matches %#v, want an empty list", got.Matches)
	}
}

func TestReadLines(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		log   string
		want  string
		lines int64
	}{
		"one":                           {"a", "a", 1},
		"line end at the end":           {"a\n", "a", 1},
		"two":                           {"a\nb", "a\nb", 2},
		"one empty line":                {"\n", "", 1},
		"two empty lines":               {"\n\n", "\n", 2},
		"empty lines at the end":        {"a\n\n\n", "a\n\n", 3},
		"CR LF":                         {"a\r\nb\r\n", "a\nb", 2},
		"CR CR LF":                      {"a\r\r\nb\r\r\n", "a\nb", 2},
		"CR at the end":                 {"a\nb\r", "a\nb", 2},
		"CR alone is a line":            {"\r", "", 1},
		"LF CR":                         {"a\n\rb\n", "a\nb", 2},
		"progress bar":                  {"10%\r20%\r100%\ndone\n", "10% 20% 100%\ndone", 2},
		"tabs stay":                     {"\ta\tb\n", "\ta\tb", 1},
		"mark":                          {"\ufeffa\n", "a", 1},
		"mark alone":                    {"\ufeff", "", 0},
		"mark and line end":             {"\ufeff\n", "", 1},
		"mark alone in a last line":     {"a\n\ufeff", "a\n", 2},
		"stamp":                         {stamp + "a\n", "a", 1},
		"stamp after mark":              {"\ufeff" + stamp + "a\n", "a", 1},
		"stamp after a later mark":      {"a\n\ufeff" + stamp + "b\n", "a\nb", 2},
		"stamp then mark":               {stamp + "\ufeffa\n", "a", 1},
		"indentation after the stamp":   {stamp + "  a\n", "  a", 1},
		"one stamp only":                {stamp + stamp + "a\n", stamp + "a", 1},
		"stamp alone":                   {strings.TrimSpace(stamp) + "\n" + strings.TrimSpace(stamp) + "\r\n" + strings.TrimSpace(stamp), "\n\n", 3},
		"stamp with a space alone":      {stamp + "\n", "", 1},
		"fractions":                     {"2024-05-01T12:34:56.1Z a\n2024-05-01T12:34:56.123456789Z b\n", "a\nb", 2},
		"another form after GitHub's":   {stamp + "a\n2024-05-01T12:34:56.123Z b\n", "a\n2024-05-01T12:34:56.123Z b", 2},
		"another form, none before":     {"a\n2024-05-01T12:34:56.123Z b\n" + stamp + "c\n", "a\n2024-05-01T12:34:56.123Z b\nc", 3},
		"no fraction":                   {"2024-05-01T12:34:56Z a\n", "2024-05-01T12:34:56Z a", 1},
		"empty fraction":                {"2024-05-01T12:34:56.Z a\n", "2024-05-01T12:34:56.Z a", 1},
		"long fraction":                 {"2024-05-01T12:34:56.1234567890Z a\n", "2024-05-01T12:34:56.1234567890Z a", 1},
		"other zone":                    {"2024-05-01T12:34:56.1+00:00 a\n", "2024-05-01T12:34:56.1+00:00 a", 1},
		"small letters":                 {"2024-05-01t12:34:56.1z a\n", "2024-05-01t12:34:56.1z a", 1},
		"no zone":                       {"2024-05-01T12:34:56.1", "2024-05-01T12:34:56.1", 1},
		"tab after the stamp":           {"2024-05-01T12:34:56.1Z\ta\n", "2024-05-01T12:34:56.1Z\ta", 1},
		"CR after the stamp":            {"2024-05-01T12:34:56.1Z\ra\n", "2024-05-01T12:34:56.1Z a", 1},
		"letter among digits":           {"2024-05-O1T12:34:56.1Z a\n", "2024-05-O1T12:34:56.1Z a", 1},
		"blank before the stamp":        {" " + stamp + "a\n", " " + stamp + "a", 1},
		"stamp within a line":           {"a " + stamp + "b\n", "a " + stamp + "b", 1},
		"sequence before the stamp":     {"\x1b[m" + stamp + "a\n", stamp + "a", 1},
		"sequence in the stamp":         {"2024\x1b[m" + stamp[4:] + "a\n", stamp + "a", 1},
		"open sequence ends with line":  {"a\x1b]0;b\nc\x1b[\nd\x1b\ne\x1bPf\n\x1b_g\r\nh", "a\nc\nd\ne\n\nh", 6},
		"half a rune ends with line":    {"a\xe2\x82\n\xacb\n", "a\ufffd\ufffd\n\ufffdb", 2},
		"half a rune at the end":        {"a\xe2\x82", "a\ufffd\ufffd", 1},
		"line and paragraph separators": {"a\u2028b\u2029c\n", "a b c", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustRead(t, tc.log, all)
			if got.Content != tc.want || got.LineCount != tc.lines || got.Truncated {
				t.Errorf("got %q, %d lines, truncated %v; want %q, %d lines", got.Content, got.LineCount, got.Truncated, tc.want, tc.lines)
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	for name, tc := range map[string]struct {
		r    io.Reader
		want error
	}{
		"at once":       {iotest.ErrReader(broken), broken},
		"after a line":  {io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)), broken},
		"in a piece":    {io.MultiReader(strings.NewReader(strings.Repeat("x", pieceBytes+5)), iotest.ErrReader(broken)), broken},
		"after a piece": {io.MultiReader(strings.NewReader(strings.Repeat("x", pieceBytes)), iotest.ErrReader(broken)), broken},
		"with data":     {iotest.DataErrReader(io.MultiReader(strings.NewReader("a\n"), iotest.ErrReader(broken))), broken},
		"cut off":       {io.MultiReader(strings.NewReader("a\n"), iotest.ErrReader(io.ErrUnexpectedEOF)), io.ErrUnexpectedEOF},
		"EOF wrapped":   {io.MultiReader(strings.NewReader("a\n"), iotest.ErrReader(fmt.Errorf("stream: %w", io.EOF))), io.EOF},
		"timeout":       {iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("ab"))), iotest.ErrTimeout},
		"no progress":   {stuck{}, io.ErrNoProgress},
		"bufio's own":   {iotest.ErrReader(bufio.ErrBufferFull), bufio.ErrBufferFull},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Read(tc.r, Options{MaxBytes: 100, Pattern: regexp.MustCompile("a")})
			if !errors.Is(err, tc.want) {
				t.Errorf("error %v, want %v in it", err, tc.want)
			}
			if !reflect.DeepEqual(got, Summary{}) {
				t.Errorf("summary %+v beside an error", got)
			}
		})
	}
}

func TestReadErrorSaysHowFarItCame(t *testing.T) {
	t.Parallel()
	_, err := Read(io.MultiReader(strings.NewReader("abc\nd"), iotest.ErrReader(io.ErrUnexpectedEOF)), all)
	if want := "reading the log, after 5 bytes: unexpected EOF"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// stuck never returns data and never ends.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// Read skips runs of empty lines at once, and counts and keeps each of them.
func TestManyEmptyLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		run := rapid.Custom(func(t *rapid.T) string {
			text := rapid.SampledFrom([]string{"", "a", "\r", "a\r", " ", "\x1b[m", stamp, stamp + "##[error]a", "##[warning]b", "\ufeff"}).Draw(t, "text")
			empty := rapid.SampledFrom([]string{"\n", "\r\n", "\r\r\n"}).Draw(t, "empty")
			return text + strings.Repeat(empty, rapid.IntRange(0, 60).Draw(t, "count"))
		})
		log := strings.Join(rapid.SliceOfN(run, 0, 8).Draw(t, "runs"), "")
		o := Options{MaxBytes: 50, TailLines: rapid.IntRange(0, 60).Draw(t, "lines")}
		if p := rapid.SampledFrom([]string{"", "^$", "a"}).Draw(t, "pattern"); p != "" {
			o.Pattern = regexp.MustCompile(p)
		}
		compareWithReference(t, log, o, atOnce, byByte, byHalf)
	})
}

// longLine draws a line around the length where Read changes from lines to pieces, with something
// at the borders that must not be split.
func longLine() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		b.WriteString(rapid.SampledFrom([]string{"", stamp, "\ufeff", "##[error]", stamp + "##[warning]"}).Draw(t, "start"))
		for range rapid.IntRange(1, 3).Draw(t, "borders") {
			fill := rapid.SampledFrom([]string{"x", "é", "日", "\xff", "\x1b[m", "\r"}).Draw(t, "fill")
			to := (b.Len()/pieceBytes+1)*pieceBytes - rapid.IntRange(0, 12).Draw(t, "before")
			b.WriteString(strings.Repeat(fill, max(0, to-b.Len())/len(fill)))
			b.WriteString(strings.ReplaceAll(drawText(t, 8), "\n", ""))
		}
		return b.String()
	})
}

func drawOptions(t *rapid.T) Options {
	o := Options{
		TailLines: rapid.IntRange(-1, 6).Draw(t, "tail lines"),
		MaxBytes:  rapid.OneOf(rapid.IntRange(-1, 30), rapid.IntRange(0, 5*blockBytes)).Draw(t, "max bytes"),
	}
	if p := rapid.SampledFrom([]string{"", "word", "^$", "é+$", "^[^#]"}).Draw(t, "pattern"); p != "" {
		o.Pattern = regexp.MustCompile(p)
	}
	return o
}

func compareWithReference(t interface {
	Helper()
	Errorf(string, ...any)
}, log string, o Options, readers ...func(string) io.Reader) {
	t.Helper()
	want := referenceRead(log, o)
	for i, reader := range readers {
		got, err := Read(reader(log), o)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("reader %d of %s with %+v (%v):\ngot  %s\nwant %s", i, abridged(log), o, err, abridged(fmt.Sprintf("%+v", got)), abridged(fmt.Sprintf("%+v", want)))
		}
	}
}

func abridged(s string) string {
	if len(s) <= 1000 {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q … %q (%d bytes)", s[:500], s[len(s)-500:], len(s))
}

func atOnce(log string) io.Reader    { return strings.NewReader(log) }
func byByte(log string) io.Reader    { return iotest.OneByteReader(strings.NewReader(log)) }
func byHalf(log string) io.Reader    { return iotest.HalfReader(strings.NewReader(log)) }
func endInData(log string) io.Reader { return iotest.DataErrReader(strings.NewReader(log)) }

func TestReadIsTheReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.Custom(func(t *rapid.T) string {
			return rapid.SampledFrom([]string{"", stamp, "\ufeff" + stamp}).Draw(t, "start") + drawText(t, 8)
		})
		lines := rapid.SliceOfN(line, 0, 12).Draw(t, "lines")
		end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end")
		log := strings.Join(lines, end) + rapid.SampledFrom([]string{"", end}).Draw(t, "last")
		compareWithReference(t, log, drawOptions(t), atOnce, byByte, byHalf, endInData)
	})
}

func TestReadOfLongLinesIsTheReference(t *testing.T) {
	t.Parallel()
	count := 0
	rapid.Check(t, func(t *rapid.T) {
		if count++; count > 6 {
			return // each is large, and the seed differs from run to run
		}
		log := strings.Join(rapid.SliceOfN(longLine(), 1, 2).Draw(t, "lines"), "\n") +
			rapid.SampledFrom([]string{"", "\n", "\r\n", "\nword\n"}).Draw(t, "last")
		compareWithReference(t, log, drawOptions(t), atOnce, byHalf)
	})
}

// The lengths around the change from lines to pieces, one by one.
func TestReadAtThePieceBorder(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"", "\n", "\r\n", "\nb"} {
		for length := pieceBytes - 3; length <= pieceBytes+3; length++ {
			for _, last := range []string{"", "日", "\x1b[1m", "\xe2\x82", "\ra", "\r"} {
				log := stamp + strings.Repeat("x", length-len(stamp)-len(last)) + last + end
				compareWithReference(t, log, Options{MaxBytes: 20}, atOnce)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", "\n", "a\nb\r\n", "\ufeff" + stamp + "##[error]x\n", stamp + "\x1b[31mred\x1b[0m\n##[warning]w\n", "a\x1b]0;t\nb\x1bP",
		"10%\r20%\n", stamp + "::error a=b::c%0D%0Ad%0De%\n2024-05-01T12:34:56.1Z f\n\n", "::stop-commands::t\n::error::a\n::T::\n::warning::b\n", "\xff\xe2\x82\n", "\u2028\u202e\u009b1m\n", strings.Repeat("é\n", 30),
	} {
		f.Add([]byte(seed), uint8(2), uint8(10))
		f.Add([]byte(seed), uint8(0), uint8(255))
	}
	pattern := regexp.MustCompile("[a-m]")
	f.Fuzz(func(t *testing.T, raw []byte, tailLines, maxBytes uint8) {
		log := string(raw)
		o := Options{TailLines: int(tailLines), MaxBytes: int(maxBytes), Pattern: pattern}
		compareWithReference(t, log, o, atOnce, byByte)
		got := mustRead(t, log, o)
		if r, bad := forbidden(got.Content, "\t\n"); bad || !utf8.ValidString(got.Content) {
			t.Errorf("%q: content %q has %U", log, got.Content, r)
		}
		for _, text := range append(got.Errors, got.Warnings...) {
			if r, bad := forbidden(text, "\t\n"); bad || !utf8.ValidString(text) {
				t.Errorf("%q: annotation %q has %U", log, text, r)
			}
		}
		for _, line := range got.Matches {
			if r, bad := forbidden(line, "\t"); bad || !utf8.ValidString(line) {
				t.Errorf("%q: line %q has %U", log, line, r)
			}
		}
		if len(got.Content) > o.MaxBytes || tailLines > 0 && strings.Count(got.Content, "\n") >= o.TailLines {
			t.Errorf("%q: content %q is beyond %+v", log, got.Content, o)
		}
		// A sequence that is left open does not reach into the next line.
		if got := mustRead(t, log+"\nword", Options{TailLines: 1, MaxBytes: 10}); got.Content != "word" {
			t.Errorf("%q: the line after it is %q", log, got.Content)
		}
		if got := mustRead(t, log, Options{MaxBytes: 8 * len(log)}); got.Truncated {
			t.Errorf("%q: truncated, with room for all", log)
		}
	})
}
