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
		"both":                      {"##[error]a\n##[warning]b\n##[error]c", []string{"a", "c"}, []string{"b"}},
		"after a stamp":             {stamp + "##[error]a\r\n", []string{"a"}, nil},
		"coloured":                  {stamp + "\x1b[31m##[error]\x1b[1ma\x1b[0m\n", []string{"a"}, nil},
		"a sequence in the marker":  {"##\x1b[0m[error]a\n", []string{"a"}, nil},
		"after CR":                  {"\r##[error]a\n", []string{"a"}, nil},
		"blanks stay":               {"##[error]  a \n", []string{"  a "}, nil},
		"no text":                   {"##[error]\n##[warning]\n", []string{""}, []string{""}},
		"not at the start":          {"a ##[error]b\n ##[error]c\n10%\r##[error]d\n", nil, nil},
		"other markers":             {"##[notice]a\n##[debug]b\n##[group]c\n##[Error]d\n::error::e\n##[errors]f\n", nil, nil},
		"a marker in the text":      {"##[error]##[warning]a\n", []string{"##[warning]a"}, nil},
		"the text is sanitised too": {"##[error]a\u202eb\x00\xff\n", []string{"ab\ufffd"}, nil},
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

func TestMatchesSeeTheSanitisedLine(t *testing.T) {
	t.Parallel()
	log := stamp + "\x1b[31mFAIL\x1b[0m pkg\r\n" + stamp + "ok pkg\n" + stamp + "##[error]FAIL"
	got := mustRead(t, log, Options{Pattern: regexp.MustCompile(`^FAIL pkg$|^##\[error\]`)})
	if want := []string{"FAIL pkg", "##[error]FAIL"}; !slices.Equal(got.Matches, want) || got.MatchCount != 2 {
		t.Errorf("got %q, count %d; want %q", got.Matches, got.MatchCount, want)
	}
}

// Of many, both ends are kept: the cause and what ended the job.
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

// What a pattern sees ends at the first character that does not fit: a later,
// smaller one must not come up behind it.
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

// A log of nothing but matches must not keep the collector busy.
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
