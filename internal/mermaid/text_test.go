package mermaid_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/mermaid"
)

func TestSafe(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"test (ubuntu-24.04, 1.25)":       "test (ubuntu-24.04, 1.25)",
		"a: b; c":                         "a#58; b#59; c",
		"PR #12":                          "PR #35;12",
		"#58;":                            "#35;58#59;",
		"100%":                            "100#37;",
		"a\r\nclick b href \"x\"":         "a click b href #34;x#34;",
		"a\u2028b\u2029c\u0085d\te\x00f":  "a b c d ef",
		"<br/>&lt;":                       "#60;br/#62;#38;lt#59;",
		"```\n```":                        "#96;#96;#96; #96;#96;#96;",
		"\u202egnp.exe\u200b \x1b[31mred": "gnp.exe [31mred",
		"ﬂ°°60¶ß":                         "#64258;°°60¶ß",
		"bad \xff byte":                   "bad \ufffd byte",
		"日本語 🚀 é":                         "日本語 🚀 é",
		`C:\dir`:                          "C#58;#92;dir",
		" \t ":                            "",
		strings.Repeat("é", 100):          strings.Repeat("é", 100),
		strings.Repeat("é", 99) + ":x":    strings.Repeat("é", 99) + "…",
		strings.Repeat(":", 101):          strings.Repeat("#58;", 99) + "…",
	} {
		if got := mermaid.Safe(in, 100); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestQuoted(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                            `"-"`,
		"\n\u202e\x1b":                `"-"`,
		"CI: build (1, 2)":            `"CI: build (1, 2)"`,
		`say "hi"`:                    `"say #34;hi#34;"`,
		`style a:"b"`:                 `"style a#58;#34;b#34;"`,
		"PR #12":                      `"PR #35;12"`,
		"${{ matrix.os }}":            `"${{ matrix.os }}"`,
		"%%{init: {}}":                `"#37;#37;{init#58; {}}"`,
		"`md`":                        `"#96;md#96;"`,
		"<b>&amp;":                    `"#60;b#62;#38;amp;"`,
		"a\n\tb\u2028c\u202ed\x1b":    `"a b cd"`,
		strings.Repeat("é", 40):       `"` + strings.Repeat("é", 40) + `"`,
		strings.Repeat("é", 41):       `"` + strings.Repeat("é", 39) + `…"`,
		strings.Repeat("日", 20):       `"` + strings.Repeat("日", 20) + `"`,
		strings.Repeat("日", 21):       `"` + strings.Repeat("日", 19) + `…"`,
		strings.Repeat(`"`, 5):        `"` + strings.Repeat("#34;", 5) + `"`,
		strings.Repeat(`"`, 6):        `"` + strings.Repeat("#34;", 4) + `…"`,
		strings.Repeat("x", 38) + `"`: `"` + strings.Repeat("x", 38) + `…"`,
	} {
		if got := mermaid.Quoted(in, 40); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

// TestNoNameLeavesItsQuotes: any name becomes one string of harmless characters and entities, and a
// colon is never next to an entity.
func TestNoNameLeavesItsQuotes(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^"(?:[^#%<>&"` + "`" + `\\ﬂ\n\r:]|#[0-9]+;)+"$|^"[^#%<>&"` + "`" + `\\ﬂ\n\r]+"$`)
	hostile := rapid.SampledFrom([]string{"\n", "\r", "\u2028", "\"", "#", "#34;", "%%", "%%{init: {}}%%", "`", "\"`", "<br>", "]", "\\", "ﬂ°°34¶ß", "\x00", "\xff", "style x:#f;"})
	rapid.Check(t, func(t *rapid.T) {
		name := strings.Join(rapid.SliceOfN(rapid.OneOf(hostile, rapid.String()), 0, 5).Draw(t, "parts"), "")
		got := mermaid.Quoted(name, rapid.IntRange(1, 60).Draw(t, "width"))
		if !form.MatchString(got) || strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsGraphic(r) }) {
			t.Fatalf("%q gives %q", name, got)
		}
	})
}

func TestUnits(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{"": 0, "aé日": 3, "🚀": 2} {
		if got := mermaid.Units(in); got != want {
			t.Errorf("%q: %d, want %d", in, got, want)
		}
	}
}
