package audit

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPatternMatch(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, label string
		want           bool
	}{
		// Literals match whole labels, without case.
		{"linux", "linux", true},
		{"linux", "Linux", true},
		{"LINUX", "linux", true},
		{"linux", "linux-large", false},
		{"linux", "self-linux", false},
		{"linux", "linu", false},
		{"linux", "", false},

		// `*` matches any number of characters, also none.
		{"*", "", true},
		{"*", "anything", true},
		{"**", "", true},
		{"ubuntu-*", "ubuntu-24.04", true},
		{"ubuntu-*", "Ubuntu-", true},
		{"ubuntu-*", "ubuntu", false},
		{"*-arm", "ubuntu-24.04-arm", true},
		{"*-arm", "ubuntu-24.04-arm64", false},
		{"*large*", "ubuntu-xlarge-8", true},
		{"*large*", "ubuntu-small", false},
		{"a*b*c", "aXbXbXc", true},
		{"a*b*c", "acb", false},
		{"a**c", "ac", true},
		{"*ab*ab*", "xaby", false},

		// The two ends must not share a character.
		{"ab*ba", "aba", false},
		{"ab*ba", "abba", true},
		{"*a*", "a", true},
		{"a*a", "a", false},

		// `/` and `=` are characters like any other.
		{"runs-on=*", "runs-on=123456/runner=2cpu-linux-x64", true},
		{"runs-on=*/runner=2cpu-*", "runs-on=123456/runner=2cpu-linux-x64", true},
		{"runs-on=*/runner=4cpu-*", "runs-on=123456/runner=2cpu-linux-x64", false},
		{"a?b", "a/b", true},
		{"a?b", "a=b", true},

		// `?` matches exactly one character, not one byte.
		{"ubuntu-2?.04", "ubuntu-22.04", true},
		{"ubuntu-2?.04", "ubuntu-2.04", false},
		{"ubuntu-2?.04", "ubuntu-222.04", false},
		{"?", "", false},
		{"?", "é", true},
		{"?", "日", true},
		{"??", "日", false},
		{"*?", "", false},
		{"*?", "x", true},
		{"?*?", "x", false},
		{"?*?", "xy", true},
		{"*?a*", "a", false},
		{"*?a*", "ba", true},

		// Other characters are not special.
		{"[ab]", "a", false},
		{"[ab]", "[AB]", true},
		{"a.c", "abc", false},
		{`\*`, "*", false},
		{`\*`, `\anything`, true},
		{"{ab}", "a", false},
		{"$HOME", "$home", true},
		{"a|b", "a", false},
		{"(?i)a", "a", false},

		// Simple folding: one character for one.
		{"grün", "GRÜN", true},
		{"σ", "ς", true},
		{"\u212a", "k", true}, // KELVIN SIGN
		{"k", "\u212a", true},
		{"straße", "STRASSE", false},
		{"straße", "STRAẞE", true},
		{"@", "`", false},
		{"[", "{", false},

		// A bad byte is one character, and the same as U+FFFD.
		{"a?c", "a\xffc", true},
		{"a\ufffdc", "a\xffc", true},
	} {
		t.Run(tc.pattern+" on "+tc.label, func(t *testing.T) {
			t.Parallel()
			p, err := NewPattern(tc.pattern)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Match(tc.label); got != tc.want {
				t.Errorf("pattern %q on label %q: matches = %t, want %t", tc.pattern, tc.label, got, tc.want)
			}
			if p.String() != tc.pattern {
				t.Errorf("String() = %q, want the pattern as written, %q", p, tc.pattern)
			}
		})
	}
}

func TestNewPatternRefusesOnlyWhatIsEmpty(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"", " ", "\t\n\u00a0"} {
		if _, err := NewPattern(source); !errors.Is(err, ErrEmptyPattern) {
			t.Errorf("NewPattern(%q): error %v", source, err)
		}
	}
	for _, source := range []string{" b", "a, b", "!x", "^a$", "'a'", "a|b", `a\b`, "${{ x }}", "build: [a]"} {
		if p, err := NewPattern(source); err != nil || !p.Match(source) {
			t.Errorf("NewPattern(%q): error %v, or it does not match itself", source, err)
		}
	}
}

func TestNewLabelPatternRefuses(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]error{
		"":                         ErrEmptyPattern,
		" ":                        ErrEmptyPattern,
		"\t\n\u00a0":               ErrEmptyPattern,
		" b":                       ErrPaddedPattern,
		"b ":                       ErrPaddedPattern,
		"b\n":                      ErrPaddedPattern,
		"linux, x64":               ErrSeveralLabels,
		"a,b,\tc":                  ErrSeveralLabels,
		"a,\u00a0b":                ErrSeveralLabels,
		"!linux":                   ErrNegated,
		"!*":                       ErrNegated,
		"${{ matrix.os }}":         ErrExpression,
		"ubuntu-${{ matrix.v }}":   ErrExpression,
		"'linux'":                  ErrQuoted,
		`"linux"`:                  ErrQuoted,
		`linux"`:                   ErrQuoted,
		"^ubuntu":                  ErrRegexp,
		"ubuntu.*$":                ErrRegexp,
		"^$":                       ErrRegexp,
		"linux|windows":            ErrAlternatives,
		`ubuntu-2.\d`:              ErrEscaped,
		"a b":                      nil,
		"runs-on,runner=2cpu":      nil,
		"runs-on,runner=2cpu,":     nil,
		"runs-on=*/runner=2cpu-*":  nil,
		"not!first":                nil,
		"a^b":                      nil,
		"$a":                       nil,
		"ubuntu-.*":                nil,
		"[self-hosted]":            nil,
		"{a,b}":                    nil,
		"machine=a(b)+c@d#e%f&g~h": nil,
	} {
		p, err := NewLabelPattern(source)
		if !errors.Is(err, want) || (p == nil) != (want != nil) {
			t.Errorf("NewLabelPattern(%q): error %v, want %v", source, err, want)
		}
	}
}

func TestErrorsSayWhatToWriteInstead(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		ErrEmptyPattern:  "the pattern is empty",
		ErrPaddedPattern: "the pattern begins or ends with white space",
		ErrSeveralLabels: "this is a list in one string; write each label as a separate element",
		ErrNegated:       "a pattern cannot be negated; list labels that jobs must not use in denied_labels",
		ErrExpression:    "jobs have labels without expressions; write * in place of ${{ … }}",
		ErrQuoted:        "labels have no quotes; write the label without them",
		ErrRegexp:        "patterns are not regular expressions; leave out ^ and $",
		ErrAlternatives:  "a pattern has no alternatives; write each side of | as a separate element",
		ErrEscaped:       `a pattern has no escapes; leave out \, since only * and ? are special`,
	} {
		if err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}

func TestLabelPatternDoubt(t *testing.T) {
	t.Parallel()
	const (
		dotStar  = "`.*` matches a dot and then any characters. A pattern is not a regular expression: write `*` for any characters."
		brackets = "`[` and `]` match themselves. A pattern has no sets of characters: write `?` for one character, or each label as a separate element."
		braces   = "`{` and `}` match themselves. A pattern has no alternatives: write each label as a separate element."
	)
	for source, want := range map[string]string{
		"ubuntu-.*":           dotStar,
		"[a].*":               dotStar,
		"ubuntu-2[24].04":     brackets,
		"[self-hosted":        brackets,
		"{linux,windows}":     braces,
		"linux}":              braces,
		"ubuntu-*":            "",
		"ubuntu-2?.04":        "",
		"ubuntu-24.04":        "",
		"runs-on,runner=2cpu": "",
	} {
		if got := LabelPatternDoubt(source); got != want {
			t.Errorf("LabelPatternDoubt(%q): got %q, want %q", source, got, want)
		}
	}
}

// A matcher that tries every place for every star would need for ever for each of these patterns,
// and the test would time out.
func TestPatternMatchNeverExplodes(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("a", 20_000)
	for name, pattern := range map[string]string{
		"many stars, last piece missing":  strings.Repeat("*a", 1_000) + "*b*",
		"many stars, wrong end":           strings.Repeat("*a", 1_000) + "*b",
		"stars and single characters":     strings.Repeat("*?", 1_000) + "*b*",
		"pieces that nearly fit anywhere": strings.Repeat("*aaaaaaab", 20) + "*",
		"more pieces than characters":     strings.Repeat("*a", 20_001) + "*",
		"a run of stars":                  strings.Repeat("*", 10_000) + "b*",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := NewPattern(pattern)
			if err != nil {
				t.Fatal(err)
			}
			if p.Match(label) {
				t.Error("matches, and must not")
			}
		})
	}
	p, err := NewPattern(strings.Repeat("*a", 20_000) + "*")
	if err != nil {
		t.Fatal(err)
	}
	if !p.Match(label) {
		t.Error("as many pieces as characters: must match")
	}
}

// plainMatch implements the documented rule by trying every possibility. It uses the standard
// library to ignore case.
func plainMatch(pattern, label []rune) bool {
	if len(pattern) == 0 {
		return len(label) == 0
	}
	switch pattern[0] {
	case '*':
		for i := range len(label) + 1 {
			if plainMatch(pattern[1:], label[i:]) {
				return true
			}
		}
		return false
	case '?':
		return len(label) > 0 && plainMatch(pattern[1:], label[1:])
	default:
		return len(label) > 0 &&
			strings.EqualFold(string(pattern[0]), string(label[0])) &&
			plainMatch(pattern[1:], label[1:])
	}
}

var (
	labelRunes   = []rune{'a', 'A', 'b', 'k', '\u212a', 'ſ', 'S', 'ß', '/', '=', '日'}
	patternRunes = append([]rune{'*', '*', '*', '?', '?'}, labelRunes...)
)

func TestPatternMatchIsThePlainOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.SliceOfN(rapid.SampledFrom(patternRunes), 1, 9).Draw(t, "pattern")
		label := rapid.SliceOfN(rapid.SampledFrom(labelRunes), 0, 12).Draw(t, "label")
		p, err := NewPattern(string(pattern))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := p.Match(string(label)), plainMatch(pattern, label); got != want {
			t.Fatalf("pattern %q on label %q: matches = %t, want %t", string(pattern), string(label), got, want)
		}
	})
}

// Two random strings rarely match, so this test makes the label from the pattern. It also tests
// that one more character at the end does not match.
func TestPatternMatchesWhatItStandsFor(t *testing.T) {
	t.Parallel()
	letters := []rune("aAbBzZéÉσΣ")
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.SliceOfN(rapid.SampledFrom(append([]rune("**??"), letters...)), 1, 20).Draw(t, "pattern")
		var label strings.Builder
		for _, r := range pattern {
			switch {
			case r == '*':
				label.WriteString(string(rapid.SliceOfN(rapid.SampledFrom(labelRunes), 0, 4).Draw(t, "run")))
			case r == '?':
				label.WriteRune(rapid.SampledFrom(labelRunes).Draw(t, "one"))
			case rapid.Bool().Draw(t, "capital"):
				label.WriteString(strings.ToUpper(string(r)))
			default:
				label.WriteString(strings.ToLower(string(r)))
			}
		}
		p, err := NewPattern(string(pattern))
		if err != nil {
			t.Fatal(err)
		}
		if !p.Match(label.String()) {
			t.Fatalf("pattern %q does not match %q", string(pattern), label.String())
		}
		if pattern[len(pattern)-1] != '*' && pattern[len(pattern)-1] != '?' && p.Match(label.String()+"!") {
			t.Fatalf("pattern %q matches %q with a character too many", string(pattern), label.String()+"!")
		}
	})
}
