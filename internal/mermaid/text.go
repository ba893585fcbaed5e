// Package mermaid makes names safe for charts in Mermaid's language.
//
// It is pure and imports nothing of this module.
package mermaid

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// MaxText is the number of UTF-16 units that Mermaid reads by default. It does not draw longer
// charts.
const MaxText = 50_000

// reserved are the characters that mean something to Mermaid or Markdown: the ends of a name and a
// statement (: ; and, before version 11, #), comments and directives (% { }), its own placeholder for
// entities (ﬂ), tags and quotes, and Markdown's fence.
const reserved = ":;#%{}<>&\"`\\ﬂ"

// Safe turns an untrusted name into text without special meaning, which still shows the name:
// reserved characters become entities, which Mermaid shows as the character. White space, including
// line ends, becomes one space. Invisible characters are removed. The text is cut after limit
// characters.
func Safe(name string, limit int) string {
	text := visible(name)
	if len(text) > limit {
		text = append(text[:limit-1:limit-1], '…')
	}
	return escape(text, reserved)
}

// inQuotes are the reserved characters that also have a meaning between quotes. A colon has one
// only in a word with an entity: Mermaid then treats both as a colour.
const inQuotes = "#%<>&\"`\\ﬂ"

// Quoted returns an untrusted name between quotes, by the rules of Safe. It is cut to a width: a
// wide character counts as two, and an entity as the text that Mermaid measures in its place. A
// name without visible characters becomes a dash, because Mermaid does not accept empty strings.
func Quoted(name string, width int) string {
	text := visible(name)
	if len(text) == 0 {
		text = []rune("-")
	}
	set := inQuotes
	if strings.ContainsAny(string(text), inQuotes) {
		set += ":"
	}
	if measure(text, set) > width {
		used, fits := 1, 0 // 1 for the ellipsis
		for _, r := range text {
			if used += measure([]rune{r}, set); used > width {
				break
			}
			fits++
		}
		text = append(text[:fits:fits], '…')
	}
	return `"` + escape(text, set) + `"`
}

// visible returns the visible characters of a name, with one space for white space.
func visible(name string) []rune {
	return []rune(strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsGraphic(r):
			return r
		}
		return -1
	}, name)), " "))
}

func escape(text []rune, set string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune(set, r) {
			fmt.Fprintf(&b, "#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// measure is how wide a text is.
func measure(text []rune, set string) int {
	width := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune(set, r):
			width += len("fl__") + len(fmt.Sprint(r)) + len("__") // as wide as Mermaid's placeholder
		case r >= 0x1100:
			width += 2
		default:
			width++
		}
	}
	return width
}

// Units counts UTF-16 units, as JavaScript does.
func Units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
