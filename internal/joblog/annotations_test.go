package joblog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestAnnotations(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		log              string
		errors, warnings []string
	}{
		"both":                            {"##[error]a\n##[warning]b\n##[error]c", []string{"a", "c"}, []string{"b"}},
		"after a stamp":                   {stamp + "##[error]a\r\n", []string{"a"}, nil},
		"coloured":                        {stamp + "\x1b[31m##[error]\x1b[1ma\x1b[0m\n", []string{"a"}, nil},
		"a sequence in the marker":        {"##\x1b[0m[error]a\n", []string{"a"}, nil},
		"after CR":                        {"\r##[error]a\n", []string{"a"}, nil},
		"blanks stay":                     {"##[error]  a \n", []string{"  a "}, nil},
		"no text":                         {"##[error]\n##[warning]\n", []string{""}, []string{""}},
		"not at the start":                {"a ##[error]b\n ##[error]c\n10%\r##[error]d\n", nil, nil},
		"other markers":                   {"##[notice]a\n##[debug]b\n##[group]c\n##[Error]d\n##[errors]f\n", nil, nil},
		"a marker in the text":            {"##[error]##[warning]a\n", []string{"##[warning]a"}, nil},
		"the text is sanitised too":       {"##[error]a\u202eb\x00\xff\n", []string{"ab\ufffd"}, nil},
		"several lines":                   {stamp + "##[error]a\nb\r\n\n  c\n" + stamp + "d\ne\n", []string{"a\nb\n\n  c"}, nil},
		"several lines, then another":     {stamp + "##[error]a\nb\n" + stamp + "##[warning]c\nd\n", []string{"a\nb"}, []string{"c\nd"}},
		"several lines at the end":        {stamp + "##[error]a\nb", []string{"a\nb"}, nil},
		"the first line empty":            {stamp + "##[error]\na\n", []string{"\na"}, nil},
		"empty lines at the end":          {stamp + "##[error]a\n\n\n" + stamp + "b\n", []string{"a"}, nil},
		"a marker in a later line":        {stamp + "##[error]a\n##[warning]b\n", []string{"a\n##[warning]b"}, nil},
		"a command in a later line":       {stamp + "##[error]a\n::warning::b\n", []string{"a\n::warning::b"}, nil},
		"a program's stamp":               {stamp + "##[error]a\n2024-05-01T12:34:56.123Z b\n", []string{"a\n2024-05-01T12:34:56.123Z b"}, nil},
		"later lines are sanitised":       {stamp + "##[error]a\n\x1b[31mb\x1b[0m\u202e\rc\xff\n", []string{"a\nb c\ufffd"}, nil},
		"a mark ends a message":           {stamp + "##[error]a\n\ufeffb\nc\n", []string{"a"}, nil},
		"without stamps, one line each":   {"##[error]a\nb\n##[error]c\n", []string{"a", "c"}, nil},
		"stamps of another form":          {"2024-05-01T12:34:56.123Z ##[error]a\nb\n2024-05-01T12:34:57.1Z c\n", []string{"a\nb"}, nil},
		"of a notice":                     {stamp + "##[notice]a\n##[error]b\n" + stamp + "##[error]c\n", []string{"c"}, nil},
		"of other text":                   {stamp + "a\n##[error]b\nc\n", []string{"b"}, nil},
		"commands":                        {"::error::a\n::warning::b\n::notice::c\n::debug::d\n", []string{"a"}, []string{"b"}},
		"a command with properties":       {stamp + "::error file=a.go,line=1,title=x%3Ay::a: b::c\n", []string{"a: b::c"}, nil},
		"a command with a blank":          {"::error ::a\n", []string{"a"}, nil},
		"a command without a message":     {"::error::\n", []string{""}, nil},
		"a command in capitals":           {"::ERROR::a\n::Warning::b\n", []string{"a"}, []string{"b"}},
		"an indented command":             {stamp + " \t\u00a0\r::error::a\n", []string{"a"}, nil},
		"escapes in a command":            {"::error::a%0Ab%0D%0Ac%0Dd%25e%250A%0a%2\n", []string{"a\nb\nc d%e%0A%0a%2"}, nil},
		"an escape for a line at the end": {"::error::a%0A%0A\n", []string{"a"}, nil},
		"escapes and later lines":         {stamp + "::error::a%0A\nb\n", []string{"a\n\nb"}, nil},
		"a command that is sanitised":     {"::error::a\x1b[31mb%0A\u202ec\n", []string{"ab\nc"}, nil},
		"no command":                      {"Error: ::error::a\n:error::b\n::error:c\n::errors::d\n::error,x=y::e\n::error\n:: error::f\n", nil, nil},
		"a command in a script":           {stamp + "\x1b[36;1m::error::a\x1b[0m\n", nil, nil},
		"stopped commands":                {"::stop-commands::t\n::error::a\n##[error]b\n::T::\n::error::c\n::t::\n::error::d\n", []string{"b", "c", "d"}, nil},
		"stopped until the next log":      {"::stop-commands::t\n::error::a\n\ufeff" + stamp + "::error::b\n", []string{"b"}, nil},
		"stopped without a token":         {"::stop-commands::\n::error::a\n::stop-commands::Error\n::error::b\n", []string{"a", "b"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustRead(t, tc.log, Options{})
			if !slices.Equal(got.Errors, tc.errors) || got.ErrorCount != int64(len(tc.errors)) {
				t.Errorf("errors %q, count %d; want %q", got.Errors, got.ErrorCount, tc.errors)
			}
			if !slices.Equal(got.Warnings, tc.warnings) || got.WarningCount != int64(len(tc.warnings)) {
				t.Errorf("warnings %q, count %d; want %q", got.Warnings, got.WarningCount, tc.warnings)
			}
			if got.Errors == nil || got.Warnings == nil {
				t.Error("nil for no lines, want an empty list")
			}
		})
	}
}

// TestAnnotationOfManyLinesIsCut: the limit is that of the whole message, and the next one is
// whole.
func TestAnnotationOfManyLinesIsCut(t *testing.T) {
	t.Parallel()
	lines := strings.Repeat("123456789é\n", 2*MaxLineBytes/12)
	for name, tc := range map[string]struct{ more, want string }{
		"the first line empty":      {"", ("\n" + lines)[:MaxLineBytes]},
		"in front of a rune":        {"123456789", ("123456789\n" + lines)[:MaxLineBytes-1]},
		"after one more":            {"x", ("x\n" + lines)[:MaxLineBytes]},
		"in empty lines":            {strings.Repeat("x", MaxLineBytes-5) + strings.Repeat("\n", 70000), strings.Repeat("x", MaxLineBytes-5) + "\n\n\n\n\n"},
		"nothing after what is cut": {strings.Repeat("x", MaxLineBytes-1) + "é", strings.Repeat("x", MaxLineBytes-1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustRead(t, stamp+"##[error]"+tc.more+"\n"+lines+stamp+"##[error]next", Options{})
			if len(got.Errors) != 2 || got.Errors[0] != tc.want || got.Errors[1] != "next" {
				t.Errorf("got %s\nwant %s and next", abridged(fmt.Sprintf("%q", got.Errors)), abridged(tc.want))
			}
		})
	}
}

// TestRecordedLogOfGitea: its runner stamps each line and leaves commands as they are.
func TestRecordedLogOfGitea(t *testing.T) {
	t.Parallel()
	log := "2026-11-25T17:45:20.7151469Z \x1b[36;1mSet up job\x1b[0m\n" +
		"2026-11-25T17:45:20.7687144Z ::group::Run step 0\n" +
		"2026-11-25T17:45:20.7687152Z ::warning::old tool\n" +
		"2026-11-25T17:45:20.7687158Z output of step 0\n" +
		"2026-11-25T17:45:20.7687161Z ::endgroup::\n" +
		"2026-11-25T17:45:21.8211741Z ::warning::old tool\n"
	got := mustRead(t, log, Options{})
	if want := []string{"old tool", "old tool"}; !slices.Equal(got.Warnings, want) || got.WarningCount != 2 || got.ErrorCount != 0 {
		t.Errorf("warnings %q, count %d, %d errors; want %q", got.Warnings, got.WarningCount, got.ErrorCount, want)
	}
}

func TestMatchesSeeTheSanitisedLine(t *testing.T) {
	t.Parallel()
	log := stamp + "\x1b[31mFAIL\x1b[0m pkg\r\n" + stamp + "ok pkg\n" + stamp + "##[error]FAIL"
	got := mustRead(t, log, Options{Pattern: regexp.MustCompile(`^FAIL pkg$|^##\[error\]`)})
	if want := []string{"FAIL pkg", "##[error]FAIL"}; !slices.Equal(got.Matches, want) || got.MatchCount != 2 {
		t.Errorf("got %q, count %d; want %q", got.Matches, got.MatchCount, want)
	}
}

// A list that is full keeps both ends: the cause and what ended the job.
func TestListsKeepBothEnds(t *testing.T) {
	t.Parallel()
	for _, count := range []int{0, 1, 50, 51, 99, 100, 101, 149, 150, 151, 999, 1000, 1001, 3210} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			t.Parallel()
			var log strings.Builder
			for i := range count {
				fmt.Fprintf(&log, "##[error]%d\n##[warning]w%d\n", i, i)
			}
			got := mustRead(t, log.String(), Options{Pattern: regexp.MustCompile(`^##\[error\]`)})
			wantEnds(t, "errors", got.Errors, got.ErrorCount, count, 100, "")
			wantEnds(t, "warnings", got.Warnings, got.WarningCount, count, 100, "w")
			wantEnds(t, "matches", got.Matches, got.MatchCount, count, 1000, "##[error]")
		})
	}
}

func wantEnds(t *testing.T, what string, got []string, gotCount int64, count, limit int, prefix string) {
	t.Helper()
	var want []string
	for i := range count {
		if count <= limit || i < limit/2 || i >= count-limit/2 {
			want = append(want, fmt.Sprint(prefix, i))
		}
	}
	if !slices.Equal(got, want) || gotCount != int64(count) {
		t.Errorf("%s: count %d, want %d\ngot  %q\nwant %q", what, gotCount, count, got, want)
	}
}

func TestLongLinesAreCut(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want string }{
		"just fits":         {strings.Repeat("x", MaxLineBytes), strings.Repeat("x", MaxLineBytes)},
		"one too many":      {strings.Repeat("x", MaxLineBytes) + "y", strings.Repeat("x", MaxLineBytes)},
		"in front of runes": {"x" + strings.Repeat("é", MaxLineBytes), "x" + strings.Repeat("é", MaxLineBytes/2-1)},
		"longer than seen":  {strings.Repeat("日", pieceBytes), strings.Repeat("日", MaxLineBytes/3)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustRead(t, "##[error]"+tc.text+"\n##[warning]"+tc.text+"\n"+tc.text+"\n", Options{Pattern: regexp.MustCompile("^[^#]")})
			for what, lines := range map[string][]string{"errors": got.Errors, "warnings": got.Warnings, "matches": got.Matches} {
				if len(lines) != 1 || lines[0] != tc.want {
					t.Errorf("%s: got %s, want %s", what, abridged(fmt.Sprint(lines)), abridged(tc.want))
				}
			}
		})
	}
}

// A pattern sees more of a line than the list shows, but not all of it.
func TestPatternSeesTheStartOfALine(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		before  int
		pattern string
		want    bool
	}{
		"beyond what is shown": {MaxLineBytes + 100, "word", true},
		"at the limit":         {MaxPatternBytes - 4, "word", true},
		"across the limit":     {MaxPatternBytes - 3, "word", false},
		"beyond the limit":     {MaxPatternBytes + 100, "word", false},
		"end at the cut":       {MaxPatternBytes + 100, "^x+$", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := strings.Repeat("x", tc.before) + "word"
			got := mustRead(t, log, Options{Pattern: regexp.MustCompile(tc.pattern)})
			if (got.MatchCount == 1) != tc.want {
				t.Errorf("matched %v, want %v", got.MatchCount == 1, tc.want)
			}
		})
	}
}

// What a pattern sees ends at the first character that does not fit. A later, smaller one must not
// follow in its place.
func TestPatternSeesNoPatchwork(t *testing.T) {
	t.Parallel()
	before := stamp + strings.Repeat("x", MaxPatternBytes-1)
	wide := (2*pieceBytes - len(before)) / len("日")
	if (2*pieceBytes-len(before))%len("日") != 0 {
		t.Fatal("the piece does not end where the test needs it to")
	}
	got := mustRead(t, before+strings.Repeat("日", wide)+"abc", Options{Pattern: regexp.MustCompile("[^x]")})
	if got.MatchCount != 0 {
		t.Error("the pattern saw a character beyond the first that did not fit")
	}
}

// A log in which every line matches must not keep the garbage collector busy.
func TestListsReuseTheirMemory(t *testing.T) {
	t.Parallel()
	e := excerpt{limit: 4}
	for range 4 {
		e.add([]byte(strings.Repeat("x", 100)))
	}
	before := []*byte{&e.latest[0][0], &e.latest[1][0]}
	for range 100 {
		e.add([]byte("shorter"))
	}
	if after := []*byte{&e.latest[0][0], &e.latest[1][0]}; !slices.Equal(before, after) {
		t.Error("the last lines are stored elsewhere than those they took the place of")
	}
}
