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

// MaxText is how many UTF-16 units Mermaid reads, unless a site raises it: a longer chart is not drawn.
const MaxText = 50_000

// reserved are the characters that mean something to Mermaid or Markdown: the ends of a name and a
// statement (: ; and, before version 11, #), comments and directives (% { }), its own placeholder for
// entities (ﬂ), tags and quotes, and Markdown's fence.
const reserved = ":;#%{}<>&\"`\\ﬂ"

// Safe makes a name from outside a label that cannot be anything else, and that still reads as the
// name: reserved characters become the entities that Mermaid shows as the character. White space, line
// ends included, becomes one space; what cannot be seen is left out. More than limit characters are cut.
func Safe(name string, limit int) string {
	text := visible(name)
	if len(text) > limit {
		text = append(text[:limit-1:limit-1], '…')
	}
	return escape(text, reserved)
}

// inQuotes are the reserved characters that also mean something between quotes. A colon does only in
// one word with an entity: Mermaid then takes both for a colour.
const inQuotes = "#%<>&\"`\\ﬂ"

// Quoted is a name from outside between quotes, by the rules of Safe. It is cut to a width: a wide
// character counts as two, and an entity as what Mermaid measures in its place. A name of which nothing
// can be seen is a dash, since Mermaid reads no empty strings.
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

// visible are the characters of a name that can be seen, with one space for white space.
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

// Units counts as JavaScript does.
func Units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
