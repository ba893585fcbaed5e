package joblog

import "regexp"

// A pattern decides which lines match Options.Pattern.
type pattern struct {
	regexp *regexp.Regexp
}

func newPattern(r *regexp.Regexp) *pattern {
	if r == nil {
		return nil
	}
	return &pattern{regexp: r}
}

func (p *pattern) matches(line []byte) bool { return p.regexp.Match(line) }
