package job

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FoldLabel folds a label: GitHub compares labels without case, so two labels are the same exactly
// when their folded forms are equal. Case is Unicode's simple folding, one character against one.
func FoldLabel(s string) string { return strings.Map(FoldRune, s) }

// FoldRune gives the smallest of the characters that simple folding takes for the same. For the
// letters of ASCII that is the capital.
func FoldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'a' <= r && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}
	smallest := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		smallest = min(smallest, next)
	}
	return smallest
}

// SetLabel is one label of a set.
type SetLabel struct {
	Folded   string
	Spelling string
}

// LabelSet makes a set of labels: distinct and sorted without case, each in the spelling that sorts
// first by its bytes. Order, case and repetition make no difference between two sets.
func LabelSet(labels []string) []SetLabel {
	set := make([]SetLabel, 0, len(labels))
	for _, label := range labels {
		set = append(set, SetLabel{Folded: FoldLabel(label), Spelling: label})
	}
	slices.SortFunc(set, func(a, b SetLabel) int {
		return cmp.Or(cmp.Compare(a.Folded, b.Folded), cmp.Compare(a.Spelling, b.Spelling))
	})
	return slices.CompactFunc(set, func(a, b SetLabel) bool { return a.Folded == b.Folded })
}
