package joblog

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRequiredLiterals(t *testing.T) {
	t.Parallel()
	const anyCase, whole = true, true
	for expression, want := range map[string]literals{
		`error`:                      {[]string{"error"}, !anyCase, whole},
		`foo|bar|baz`:                {[]string{"bar", "baz", "foo"}, !anyCase, whole},
		`(?i)error|warn`:             {[]string{"error", "warn"}, anyCase, whole},
		`(?i)\b(error|fatal|panic):`: {[]string{"error:", "fatal:", "panic:"}, anyCase, !whole},
		`^FAIL\b`:                    {[]string{"FAIL"}, !anyCase, !whole},
		`--- FAIL: (Test\w+)`:        {[]string{"--- FAIL: "}, !anyCase, !whole},
		`exit code [1-9]\d*`:         {[]string{"exit code "}, !anyCase, !whole},
		`(?i)exit code 1`:            {[]string{"exit code 1"}, anyCase, whole},
		`[Ee]rror`:                   {[]string{"error"}, anyCase, !whole},
		`err[0-3]`:                   {[]string{"err0", "err1", "err2", "err3"}, !anyCase, whole},
		`err[0-9]`:                   {[]string{"err"}, !anyCase, !whole},
		`colou?r`:                    {[]string{"color", "colour"}, !anyCase, whole},
		`(foo)+|(bar){2,}`:           {[]string{"bar", "foo"}, !anyCase, !whole},
		`a.*error.*b`:                {[]string{"error"}, !anyCase, !whole},
		`.*(foo|.*bar)`:              {[]string{"bar", "foo"}, !anyCase, !whole},
		`größe|日`:                    {[]string{"größe", "日"}, !anyCase, whole},
		`(?i)kill`:                   {[]string{"ill"}, anyCase, !whole},
		`(?i)success`:                {[]string{"ucce"}, anyCase, !whole},
		`(?i)größe`:                  {[]string{"gr"}, anyCase, !whole},
		`(?i)日本`:                     {[]string{"日本"}, !anyCase, whole},
		`(?i:error) ABC`:             {[]string{"error abc"}, anyCase, !whole},
		strings.Repeat("x", 70):      {[]string{strings.Repeat("x", 64)}, !anyCase, !whole},
		``:                           {},
		`x`:                          {},
		`a|error`:                    {},
		`error|\d+`:                  {},
		`(error)?`:                   {},
		`(error)*`:                   {},
		`(error){0,2}`:               {},
		`\d+ \w+`:                    {},
		`[^a-z]{3}`:                  {},
		`(?i)ss`:                     {},
		`[^\x00-\x{10FFFF}]|error`:   {},
		`^$`:                         {},
	} {
		if got := requiredLiterals(expression); got.anyCase != want.anyCase || got.whole != want.whole || !slices.Equal(got.texts, want.texts) {
			t.Errorf("%s: got %+v, want %+v", expression, got, want)
		}
	}
}

// If matches have no word in common, only the expression decides.
func TestPatternWithoutWords(t *testing.T) {
	t.Parallel()
	for expression, line := range map[string]string{
		`^$`: "", `x`: "axb", `a|error`: "a", `error|\d+`: "1", `(error)?`: "", `(?i)ss`: "ſS", `(?i)kill`: "\u212aill", `(?i)größe`: "GRÖẞE",
	} {
		if !newPattern(regexp.MustCompile(expression)).matches([]byte(line)) {
			t.Errorf("%s does not match %q", expression, line)
		}
	}
}

// expression draws a regular expression that can have every operator.
func expression(depth int) *rapid.Generator[string] {
	leaves := rapid.OneOf(
		rapid.SampledFrom([]string{
			"error", "warn", "kill", "ss", "größe", "É", "日", "\u212a", "ſ", "x", " ", `\.`, ".", `\d`, `\w+`, "[ab]", "[A-Za-z]", "[^a]", "[éa]", "[Kk]", "^", "$", `\b`, `\B`, "(?:)",
			`\x{D800}`, `\x{FFFD}`,
		}),
		rapid.StringMatching(`[a-c]{1,3}`),
	)
	if depth == 0 {
		return leaves
	}
	return rapid.Custom(func(t *rapid.T) string {
		inner := expression(depth - 1)
		a := inner.Draw(t, "a")
		switch rapid.IntRange(0, 7).Draw(t, "operator") {
		case 0:
			return a
		case 1, 2:
			return a + inner.Draw(t, "b")
		case 3:
			return "(" + a + "|" + inner.Draw(t, "b") + ")"
		case 4:
			return "(?i:" + a + ")"
		case 5:
			return "(?-i:" + a + ")"
		default:
			return "(?:" + a + ")" + rapid.SampledFrom([]string{"?", "*", "+", "{2}", "{0,1}", "{1,2}", "??", "+?"}).Draw(t, "repeat")
		}
	})
}

// TestPatternIsTheExpression: the search for words never changes what matches.
func TestPatternIsTheExpression(t *testing.T) {
	t.Parallel()
	word := rapid.OneOf(
		rapid.SampledFrom([]string{"error", "ERROR", "Warn", "kill", "\u212aill", "sS", "ſs", "GRÖSSE", "größe", "é", "É", "日", "\ufffd", " ", ".", "a", "b", "c", "x", "K", "1"}),
		rapid.StringMatching(`[a-cA-C]{1,3}`),
	)
	rapid.Check(t, func(t *rapid.T) {
		r, err := regexp.Compile(expression(rapid.IntRange(0, 4).Draw(t, "depth")).Draw(t, "expression"))
		if err != nil {
			t.Skip(err) // nested repeats can be too large
		}
		p := newPattern(r)
		for range 10 {
			line := strings.Join(rapid.SliceOfN(word, 0, 8).Draw(t, "line"), "")
			if got, want := p.matches([]byte(line)), r.MatchString(line); got != want {
				t.Fatalf("%s on %q: got %v, want %v (%+v)", r, line, got, want, p.words)
			}
		}
	})
}

func FuzzPattern(f *testing.F) {
	for _, expression := range []string{`foo|bar`, `(?i)error|warn`, `^a+b?$`, `(?i)kill|ſ`, `[Ee]rr(or)?s?`, `\bx{2,3}|日本`} {
		f.Add(expression, "an Error, foo; \u212aill xx 日本")
	}
	f.Fuzz(func(t *testing.T, expression, line string) {
		r, err := regexp.Compile(expression)
		if err != nil {
			t.Skip(err)
		}
		line = strings.ToValidUTF8(line, "\ufffd")
		if got, want := newPattern(r).matches([]byte(line)), r.MatchString(line); got != want {
			t.Errorf("%q on %q: got %v, want %v", expression, line, got, want)
		}
	})
}
