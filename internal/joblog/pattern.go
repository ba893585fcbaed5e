package joblog

import (
	"bytes"
	"regexp"
	"slices"
)

// A pattern decides which lines match Options.Pattern.
//
// A regular expression with alternatives takes a hundred times as long for a line as the rest of
// Read. But most expressions can match only where one of a few words is, such as "error" or "warn"
// for (?i)error|warn, and most lines have none of them. So a pattern looks for these words first.
type pattern struct {
	regexp *regexp.Regexp
	words  literals // words.texts is empty: there are none to look for
	empty  bool     // whether an empty line matches

	// There are two ways to look for words. A few that must have one case are looked for one by
	// one. For others, pairs has a bit for the first two bytes of each word, in every case that
	// counts: where none of these pairs is, no word is.
	few   [][]byte
	pairs *[1 << 16 / 64]uint64
}

// fewWords is up to how many words it is faster to look for them one by one.
const fewWords = 3

func newPattern(r *regexp.Regexp) *pattern {
	if r == nil {
		return nil
	}
	p := &pattern{regexp: r, words: requiredLiterals(r.String()), empty: r.MatchString("")}
	if len(p.words.texts) == 0 {
		return p
	}
	if len(p.words.texts) <= fewWords && !p.words.anyCase {
		for _, word := range p.words.texts {
			p.few = append(p.few, []byte(word))
		}
		return p
	}
	p.pairs = new([1 << 16 / 64]uint64)
	for _, word := range p.words.texts {
		for _, first := range p.cases(word[0]) {
			for _, second := range p.cases(word[1]) {
				pair := uint16(first)<<8 | uint16(second)
				p.pairs[pair/64] |= 1 << (pair % 64)
			}
		}
	}
	return p
}

// cases are the bytes that count as b.
func (p *pattern) cases(b byte) []byte {
	if p.words.anyCase && 'a' <= b && b <= 'z' {
		return []byte{b, b - 'a' + 'A'}
	}
	return []byte{b}
}

// matches says whether a line matches: valid UTF-8 of at most MaxPatternBytes.
func (p *pattern) matches(line []byte) bool {
	switch {
	case len(line) == 0:
		return p.empty
	case len(p.words.texts) == 0:
		return p.regexp.Match(line)
	case !p.hasWord(line):
		return false
	}
	return p.words.whole || p.regexp.Match(line)
}

// hasWord says whether one of the words is in line.
func (p *pattern) hasWord(line []byte) bool {
	if p.pairs == nil {
		return slices.ContainsFunc(p.few, func(word []byte) bool { return bytes.Contains(line, word) })
	}
	pair := uint16(line[0])
	for i, b := range line[1:] {
		pair = pair<<8 | uint16(b)
		if p.pairs[pair/64]&(1<<(pair%64)) != 0 && p.wordAt(line[i:]) {
			return true
		}
	}
	return false
}

func (p *pattern) wordAt(text []byte) bool {
	if !p.words.anyCase {
		return slices.ContainsFunc(p.words.texts, func(word string) bool {
			return len(text) >= len(word) && string(text[:len(word)]) == word
		})
	}
	return slices.ContainsFunc(p.words.texts, func(word string) bool {
		return len(text) >= len(word) && equalLower(text[:len(word)], word)
	})
}

// equalLower compares text, with its ASCII letters in lower case, with a word of the same length.
func equalLower(text []byte, word string) bool {
	for i, b := range text {
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		if b != word[i] {
			return false
		}
	}
	return true
}
