package audit

import (
	"errors"
	"slices"
	"strings"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// What can be wrong with a pattern. Each would make a rule that silently never
// matches, and a deny rule that never matches is worse than an error.
var (
	// ErrEmptyPattern: the pattern is empty or nothing but white space.
	ErrEmptyPattern = errors.New("the pattern is empty")
	// ErrPaddedPattern: the pattern begins or ends with white space, which no
	// label does; most often it comes from splitting "a, b" at the comma. A
	// label that does can still be matched with `?` or `*`.
	ErrPaddedPattern = errors.New("the pattern begins or ends with white space")
	// ErrSeveralLabels: a label has no comma in it, so the pattern could never
	// match; it is a list in one text.
	ErrSeveralLabels = errors.New("a label has no comma in it; write each label as an element of its own")
	// ErrRegexp: the pattern begins with ^ or ends with $, which no label does.
	ErrRegexp = errors.New("patterns are no regular expressions")
)

// anyOne stands for `?` among the characters of a piece. No character of a
// label is negative.
const anyOne rune = -1

// Pattern matches whole labels, without case. `*` matches any run of
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

// NewPattern compiles a pattern. The error is [ErrEmptyPattern],
// [ErrPaddedPattern], [ErrSeveralLabels] or [ErrRegexp].
func NewPattern(source string) (*Pattern, error) {
	switch trimmed := strings.TrimSpace(source); {
	case trimmed == "":
		return nil, ErrEmptyPattern
	case trimmed != source:
		return nil, ErrPaddedPattern
	case strings.Contains(source, ","):
		return nil, ErrSeveralLabels
	case strings.HasPrefix(source, "^") || strings.HasSuffix(source, "$"):
		return nil, ErrRegexp
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
