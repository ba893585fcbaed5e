package audit

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// Errors of a pattern. Each of these patterns would make a rule that never matches. For a deny
// rule, this is worse than an error. All except the first apply only to label patterns.
var (
	// ErrEmptyPattern: the pattern is empty or only white space.
	ErrEmptyPattern = errors.New("the pattern is empty")
	// ErrPaddedPattern: labels do not begin or end with white space. The usual cause is splitting
	// "a, b" at the comma.
	ErrPaddedPattern = errors.New("the pattern begins or ends with white space")
	// ErrSeveralLabels: a label may contain a comma, but a comma and a space make a list.
	ErrSeveralLabels = errors.New("this is a list in one string; write each label as a separate element")
	// ErrNegated: labels do not start with !.
	ErrNegated = errors.New("a pattern cannot be negated; list labels that jobs must not use in denied_labels")
	// ErrExpression: GitHub evaluates expressions before a job gets its labels.
	ErrExpression = errors.New("jobs have labels without expressions; write * in place of ${{ … }}")
	// ErrQuoted: the quotes of YAML are not part of a label.
	ErrQuoted = errors.New("labels have no quotes; write the label without them")
	// ErrRegexp: the pattern begins with ^ or ends with $.
	ErrRegexp = errors.New("patterns are not regular expressions; leave out ^ and $")
	// ErrAlternatives: labels do not contain |.
	ErrAlternatives = errors.New("a pattern has no alternatives; write each side of | as a separate element")
	// ErrEscaped: labels do not contain a backslash.
	ErrEscaped = errors.New(`a pattern has no escapes; leave out \, since only * and ? are special`)
)

// anyOne represents `?` in a piece. Characters of a label are never negative.
const anyOne rune = -1

// Pattern matches whole labels or names and ignores case. `*` matches any number of characters,
// also none, and also `/` and `=`. `?` matches exactly one character. Every other character matches
// itself: brackets and escapes are not special.
//
// A character is a Unicode code point. A byte that is not valid UTF-8 counts as
// one U+FFFD.
//
// A Pattern never changes, so several goroutines may use it.
type Pattern struct {
	source string
	// pieces is the folded pattern cut at each `*`. A label matches when it
	// begins with the first piece, ends with the last and has the others in
	// this order between them. One piece means that there is no `*`.
	pieces [][]rune
}

// NewLabelPattern compiles a pattern for labels. It refuses patterns that can never match a label. The
// error is one of those above, and says what to write instead.
func NewLabelPattern(source string) (*Pattern, error) {
	p, err := NewPattern(source)
	switch {
	case err != nil:
		return nil, err
	case strings.TrimSpace(source) != source:
		return nil, ErrPaddedPattern
	case isList(source):
		return nil, ErrSeveralLabels
	case strings.HasPrefix(source, "!"):
		return nil, ErrNegated
	case strings.Contains(source, "${{"):
		return nil, ErrExpression
	case strings.ContainsAny(source, `'"`):
		return nil, ErrQuoted
	case strings.HasPrefix(source, "^") || strings.HasSuffix(source, "$"):
		return nil, ErrRegexp
	case strings.Contains(source, "|"):
		return nil, ErrAlternatives
	case strings.Contains(source, `\`):
		return nil, ErrEscaped
	}
	return p, nil
}

// isList reports whether a comma is followed by white space.
func isList(source string) bool {
	_, rest, more := strings.Cut(source, ",")
	for more {
		if first, _ := utf8.DecodeRuneInString(rest); unicode.IsSpace(first) {
			return true
		}
		_, rest, more = strings.Cut(rest, ",")
	}
	return false
}

// LabelPatternDoubt returns a possible mistake in a label pattern that NewLabelPattern accepts, or
// "". Labels may contain such characters, but this is rare.
func LabelPatternDoubt(source string) string {
	switch {
	case strings.Contains(source, ".*"):
		return "`.*` matches a dot and then any characters. A pattern is not a regular expression: write `*` for any characters."
	case strings.ContainsAny(source, "[]"):
		return "`[` and `]` match themselves. A pattern has no sets of characters: write `?` for one character, or each label as a separate element."
	case strings.ContainsAny(source, "{}"):
		return "`{` and `}` match themselves. A pattern has no alternatives: write each label as a separate element."
	}
	return ""
}

// NamePatternDoubt is LabelPatternDoubt for a pattern that NewPattern accepts. Names may contain such
// characters too.
func NamePatternDoubt(source string) string {
	switch {
	case strings.TrimSpace(source) != source:
		return "It begins or ends with white space, which names rarely do. Leave it out."
	case strings.Contains(source, "${{"):
		return "`${{` matches itself. Names have values in place of expressions: write `*` for them."
	case strings.HasPrefix(source, "^") || strings.HasSuffix(source, "$"):
		return "`^` and `$` match themselves. A pattern is not a regular expression, and matches the whole name: leave them out."
	case strings.Contains(source, ".*"):
		return "`.*` matches a dot and then any characters. A pattern is not a regular expression: write `*` for any characters."
	case isAlternative(source):
		return "`|` matches itself. A pattern has no alternatives: write each name as a pattern of its own."
	}
	return ""
}

// isAlternative reports whether a pattern has a | without white space beside it. In names, it usually has.
func isAlternative(source string) bool {
	before, after, has := strings.Cut(source, "|")
	return has && before != "" && after != "" && strings.TrimRight(before, " ") == before && strings.TrimLeft(after, " ") == after
}

// NewPattern compiles a pattern for names, which may contain any character. The error is
// [ErrEmptyPattern].
func NewPattern(source string) (*Pattern, error) {
	if strings.TrimSpace(source) == "" {
		return nil, ErrEmptyPattern
	}
	p := &Pattern{source: source}
	for piece := range strings.SplitSeq(source, "*") {
		folded := appendFolded(nil, piece)
		for i, r := range folded {
			if r == '?' {
				folded[i] = anyOne
			}
		}
		p.pieces = append(p.pieces, folded)
	}
	return p, nil
}

// String returns the pattern as the user wrote it.
func (p *Pattern) String() string { return p.source }

// Match reports whether the pattern matches the whole label. It needs at most as many steps as the
// length of the label times the length of the pattern.
func (p *Pattern) Match(label string) bool {
	var room [64]rune
	return p.matchFolded(appendFolded(room[:0], label))
}

// matchFolded is Match for a label that is already folded, so that each label of a job is folded
// only once for all rules.
func (p *Pattern) matchFolded(label []rune) bool {
	head := p.pieces[0]
	if len(p.pieces) == 1 {
		return len(label) == len(head) && startsWith(label, head)
	}

	tail := p.pieces[len(p.pieces)-1]
	end := len(label) - len(tail)
	if end < len(head) || !startsWith(label, head) || !startsWith(label[end:], tail) {
		return false
	}

	// The leftmost place for each piece leaves the most room for the pieces after it, so the search
	// never has to go back.
	rest := label[len(head):end]
	for _, piece := range p.pieces[1 : len(p.pieces)-1] {
		for !startsWith(rest, piece) {
			if len(rest) == 0 {
				return false
			}
			rest = rest[1:]
		}
		rest = rest[len(piece):]
	}
	return true
}

// equivalent reports whether two patterns are equal without case.
func (p *Pattern) equivalent(other *Pattern) bool {
	return slices.EqualFunc(p.pieces, other.pieces, slices.Equal[[]rune])
}

// startsWith reports whether text begins with piece.
func startsWith(text, piece []rune) bool {
	if len(text) < len(piece) {
		return false
	}
	for i, r := range piece {
		if r != anyOne && r != text[i] {
			return false
		}
	}
	return true
}

// appendFolded appends the folded characters of s.
func appendFolded(to []rune, s string) []rune {
	for _, r := range s {
		to = append(to, job.FoldRune(r))
	}
	return to
}
