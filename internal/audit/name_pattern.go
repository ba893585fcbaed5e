package audit

import "strings"

// NewNamePattern compiles a pattern for names of jobs, which may hold anything. The error is
// [ErrEmptyPattern].
func NewNamePattern(source string) (*Pattern, error) {
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
