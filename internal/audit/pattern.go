package audit

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// What can be wrong with a pattern. Each would make a rule that never matches and does not say so, which
// for a deny rule is worse than an error. All but the first are wrong in a label pattern alone.
var (
	// ErrEmptyPattern: the pattern is empty or nothing but white space.
	ErrEmptyPattern = errors.New("the pattern is empty")
	// ErrPaddedPattern: no label begins or ends with white space. Most often this comes from splitting
	// "a, b" at the comma.
	ErrPaddedPattern = errors.New("the pattern begins or ends with white space")
	// ErrSeveralLabels: a comma may be part of a label, but a comma and a blank are a list.
	ErrSeveralLabels = errors.New("this is a list in one string; write each label as an element of its own")
	// ErrNegated: a leading ! is no part of a label.
	ErrNegated = errors.New("a pattern cannot be negated; list labels that jobs must not use in denied_labels")
	// ErrExpression: GitHub has put in the values of expressions before a job gets its labels.
	ErrExpression = errors.New("jobs have labels without expressions; write * in place of ${{ … }}")
	// ErrQuoted: the quotes of YAML are no part of a label.
	ErrQuoted = errors.New("labels have no quotes; write the label without them")
	// ErrRegexp: the pattern begins with ^ or ends with $.
	ErrRegexp = errors.New("patterns are not regular expressions; leave out ^ and $")
	// ErrAlternatives: a | is no part of a label.
	ErrAlternatives = errors.New("a pattern has no alternatives; write each side of | as an element of its own")
	// ErrEscaped: a backslash is no part of a label.
	ErrEscaped = errors.New(`a pattern has no escapes; leave out \, since only * and ? are special`)
)

// anyOne stands for `?` among the characters of a piece. No character of a
// label is negative.
const anyOne rune = -1

// Pattern matches whole labels or names, without case. `*` matches any run of
// characters, the empty one and `/` and `=` included; `?` matches exactly one
// character; everything else stands for itself: there are no brackets and no
// escapes.
//
// A character is a Unicode code point. A byte that is not valid UTF-8 counts as
// one U+FFFD.
//
// A Pattern never changes and may be used by many goroutines at once.
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

// LabelPatternDoubt says what may be wrong with a label pattern that NewLabelPattern takes. It is empty
// when nothing is. Labels may hold such characters, but hardly any do.
func LabelPatternDoubt(source string) string {
	switch {
	case strings.Contains(source, ".*"):
		return "`.*` matches a dot and then any characters. A pattern is not a regular expression: write `*` for any characters."
	case strings.ContainsAny(source, "[]"):
		return "`[` and `]` stand for themselves. A pattern has no sets of characters: write `?` for one character, or each label as an element of its own."
	case strings.ContainsAny(source, "{}"):
		return "`{` and `}` stand for themselves. A pattern has no alternatives: write each label as an element of its own."
	}
	return ""
}

// NewPattern compiles a pattern for names, which may hold anything. The error is [ErrEmptyPattern].
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

// String is the pattern as the user wrote it.
func (p *Pattern) String() string { return p.source }

// Match reports whether the pattern matches the whole label. It takes at most
// as many steps as the label's length times the pattern's, whatever they are.
func (p *Pattern) Match(label string) bool {
	var room [64]rune
	return p.matchFolded(appendFolded(room[:0], label))
}

// matchFolded is Match for a label that is folded already, so that a job's
// label is folded once and not once for each rule.
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

	// The leftmost place for each piece leaves the most room for those that
	// follow, so a place once taken need never be given back.
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

// equivalent reports whether two patterns are the same but for case.
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
