package joblog

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestContentIsTheEnd(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		log       string
		lines     int
		bytes     int
		want      string
		truncated bool
	}{
		"all":                              {"a\nb\nc\n", 0, 100, "a\nb\nc", false},
		"just all lines":                   {"a\nb\nc\n", 3, 100, "a\nb\nc", false},
		"last lines":                       {"a\nb\nc\n", 2, 100, "b\nc", true},
		"last line":                        {"a\nb\nc", 1, 100, "c", true},
		"empty lines are lines":            {"a\n\n\n", 2, 100, "\n", true},
		"negative is no limit":             {"a\nb\n", -1, 100, "a\nb", false},
		"just all bytes":                   {"abc\ndef\n", 0, 7, "abc\ndef", false},
		"one byte less":                    {"abc\ndef\n", 0, 6, "bc\ndef", true},
		"end of the only line":             {"abcdef", 0, 2, "ef", true},
		"not the end of a cut line":        {"abc\ndef\n", 0, 4, "def", true},
		"an empty line before the cut":     {"abc\n\ndef\n", 0, 4, "\ndef", true},
		"an empty line after the cut":      {"abc\n\ndef\n", 0, 5, "\ndef", true},
		"an empty line that lines cut":     {"abc\n\ndef\n", 2, 4, "\ndef", true},
		"lines, then bytes":                {"a\nbcd\nef\n", 2, 5, "cd\nef", true},
		"in front of a rune":               {"aé日", 0, 4, "日", true},
		"no room for a rune":               {"日", 0, 2, "", true},
		"no room for a rune, then a line":  {"日\na", 0, 3, "a", true},
		"counted after sanitising":         {"\x1b[31ma\x1b[0m\r\n", 0, 1, "a", false},
		"no bytes":                         {"a\n", 0, 0, "", true},
		"no bytes, negative":               {"a\n", 0, -1, "", true},
		"no bytes of nothing":              {"\x1b[31m\r\n", 0, 0, "", false},
		"no bytes of lines with no text":   {"\n\n", 0, 0, "", true},
		"only the last line, which is not": {"aaa\n\n", 0, 1, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := mustRead(t, tc.log, Options{TailLines: tc.lines, MaxBytes: tc.bytes})
			if got.Content != tc.want || got.Truncated != tc.truncated {
				t.Errorf("got %q, truncated %v; want %q, %v", got.Content, got.Truncated, tc.want, tc.truncated)
			}
		})
	}
}

// Sizes around one and several blocks, where the tail starts to drop blocks.
func TestTailAcrossBlocks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(0, 3*blockBytes).Draw(t, "limit")
		lines := rapid.IntRange(0, 5).Draw(t, "lines")
		kept := newTail(limit)
		var whole strings.Builder
		for range rapid.IntRange(0, 6).Draw(t, "writes") {
			p := strings.Repeat("x", rapid.IntRange(0, 2*blockBytes).Draw(t, "length")) +
				rapid.SampledFrom([]string{"", "\n", "é\n", "\n\n", "日"}).Draw(t, "end")
			kept.write([]byte(p))
			whole.WriteString(p)
			if got := len(kept.blocks) * blockBytes; got > limit+2*blockBytes {
				t.Fatalf("holds %d bytes for a limit of %d", got, limit)
			}
		}
		got, truncated := kept.text(lines)
		want, wantTruncated := referenceTail(strings.Split(whole.String(), "\n"), lines, limit)
		if got != want || truncated != wantTruncated {
			t.Errorf("limit %d, %d lines, %d bytes: got %s, truncated %v; want %s, %v",
				limit, lines, whole.Len(), abridged(got), truncated, abridged(want), wantTruncated)
		}
	})
}
