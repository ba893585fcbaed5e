package joblog

import (
	"cmp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxLiterals is how many texts a set holds at most. More would make the search slow.
	maxLiterals = 64

	// maxLiteralBytes is how long a text of a set is at most. A longer one would be no rarer.
	maxLiteralBytes = 64

	// minLiteralBytes is how long a text must be to be worth a search.
	minLiteralBytes = 2

	// maxClass is how many characters a class has at most to be written out.
	maxClass = 8
)

// literals are texts of which at least one is in every match of a regular expression.
type literals struct {
	texts   []string
	anyCase bool // ASCII letters match in either case; texts has them in lower case
	whole   bool // a line that has one of texts matches
}

// requiredLiterals returns the literals of a regular expression in Perl syntax. There are no texts
// if the expression can match without any that is worth a search.
func requiredLiterals(expression string) literals {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return literals{}
	}
	var c collector
	found := c.expression(re)
	best, whole := found.required, false
	if shortest(found.exact) >= minLiteralBytes {
		best, whole = found.exact, !c.asserted
	}
	if len(best) == 0 {
		return literals{}
	}
	// If some letters match in either case, the search takes all letters in either case.
	if c.anyCase {
		lower := make([]string, len(best))
		for i, text := range best {
			lower[i] = lowerASCII(text)
		}
		best, whole = lower, whole && !c.oneCase
	}
	slices.Sort(best)
	return literals{texts: slices.Compact(best), anyCase: c.anyCase, whole: whole}
}

// A finding is what is known about the matches of an expression. nil says that nothing is.
type finding struct {
	exact    []string // every match is one of these
	required []string // every match has one of these in it
}

// best is the better set of texts of which one is in every match; nil if there is none.
func (f finding) best() []string { return better(f.exact, f.required) }

// better returns the set that fewer lines have a text of: the one whose shortest text is longer, or
// the smaller one. A set with a text that is too short is not worth a search.
func better(texts, others []string) []string {
	if shortest(texts) < minLiteralBytes {
		return others
	}
	if cmp.Or(cmp.Compare(shortest(others), shortest(texts)), cmp.Compare(len(texts), len(others))) < 0 {
		return texts
	}
	return others
}

// shortest is the length of the shortest text, 0 if there is none.
func shortest(texts []string) int {
	if len(texts) == 0 {
		return 0
	}
	length := len(texts[0])
	for _, text := range texts {
		length = min(length, len(text))
	}
	return length
}

// A collector looks through an expression and notes what concerns all of it.
type collector struct {
	asserted bool // it has assertions such as "^", so a text that is there need not match
	anyCase  bool // it has letters that match in either case
	oneCase  bool // it has letters that must have one case
}

func (c *collector) expression(re *syntax.Regexp) finding {
	switch re.Op {
	case syntax.OpLiteral:
		return concatenate(re.Rune, func(r rune) finding { return c.character(r, re.Flags) })
	case syntax.OpCharClass:
		return c.class(re)
	case syntax.OpEmptyMatch:
		return finding{exact: []string{""}}
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		c.asserted = true
		return finding{exact: []string{""}}
	case syntax.OpCapture:
		return c.expression(re.Sub[0])
	case syntax.OpConcat:
		return concatenate(re.Sub, c.expression)
	case syntax.OpAlternate:
		return c.alternate(re.Sub)
	case syntax.OpQuest:
		if inner := c.expression(re.Sub[0]); inner.exact != nil {
			return finding{exact: append([]string{""}, inner.exact...)}
		}
	case syntax.OpPlus:
		return finding{required: c.expression(re.Sub[0]).best()}
	case syntax.OpRepeat:
		if inner := c.expression(re.Sub[0]); re.Min > 0 {
			return finding{required: inner.best()}
		}
	case syntax.OpStar, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
	}
	return finding{}
}

// character looks at one character of a literal.
func (c *collector) character(r rune, flags syntax.Flags) finding {
	switch lower := unicode.ToLower(r); {
	case !utf8.ValidRune(r):
		return finding{}
	case flags&syntax.FoldCase == 0 || unicode.SimpleFold(r) == r:
		c.oneCase = c.oneCase || asciiLetter(r)
		return finding{exact: []string{string(r)}}
	case asciiLetter(r) && lower != 'k' && lower != 's': // these match a character outside ASCII too
		c.anyCase = true
		return finding{exact: []string{string(lower)}}
	}
	return finding{}
}

func asciiLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

// class writes out a class of few characters.
func (c *collector) class(re *syntax.Regexp) finding {
	var f finding
	for i := 0; i+1 < len(re.Rune); i += 2 {
		for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
			if len(f.exact) == maxClass || !utf8.ValidRune(r) {
				return finding{}
			}
			c.oneCase = c.oneCase || asciiLetter(r)
			f.exact = append(f.exact, string(r))
		}
	}
	return f
}

// alternate looks at expressions of which one matches.
func (c *collector) alternate(all []*syntax.Regexp) finding {
	var exact, required []string
	allExact, allRequired := true, true
	for _, re := range all {
		f := c.expression(re)
		allExact = allExact && f.exact != nil
		exact = append(exact, f.exact...)
		best := f.best()
		allRequired = allRequired && best != nil
		required = append(required, best...)
	}
	var f finding
	if allExact && len(exact) <= maxLiterals {
		f.exact = exact
	}
	if allRequired && len(required) <= maxLiterals {
		f.required = required
	}
	return f
}

// concatenate looks at expressions that match one after the other. As long as their matches are
// known, it joins them; where it cannot, it starts again and remembers the best set so far.
func concatenate[T any](parts []T, look func(T) finding) finding {
	joined := []string{""}
	var best []string
	gap := false
	for _, part := range parts {
		f := look(part)
		if longer := product(joined, f.exact); longer != nil {
			joined = longer
			continue
		}
		gap = true
		best = better(f.required, better(joined, best))
		joined = []string{""}
		if f.exact != nil {
			joined = f.exact
		}
	}
	if !gap {
		return finding{exact: joined}
	}
	return finding{required: better(joined, best)}
}

// product joins each of the starts with each of the ends. It returns nil if the result is too
// large.
func product(starts, ends []string) []string {
	if len(starts)*len(ends) > maxLiterals {
		return nil
	}
	var all []string
	for _, start := range starts {
		for _, end := range ends {
			if len(start)+len(end) > maxLiteralBytes {
				return nil
			}
			all = append(all, start+end)
		}
	}
	return all
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}
