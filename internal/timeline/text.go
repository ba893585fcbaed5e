package timeline

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// maxName is how many characters of a name are shown.
const maxName = 100

// reserved are the characters that mean something to Mermaid or Markdown: the ends of a name and a
// statement (: ; and, before version 11, #), comments and directives (% { }), its own placeholder for
// entities (ﬂ), tags and quotes, and Markdown's fence.
const reserved = ":;#%{}<>&\"`\\ﬂ"

// safe makes a name from outside a label that cannot be anything else, and that still reads as the name:
// reserved characters become the entities that Mermaid shows as the character. White space, line ends
// included, becomes one space; what cannot be seen is left out.
func safe(name string) string {
	visible := []rune(strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsGraphic(r):
			return r
		}
		return -1
	}, name)), " "))
	if len(visible) > maxName {
		visible = append(visible[:maxName-1:maxName-1], '…')
	}
	var b strings.Builder
	for _, r := range visible {
		if strings.ContainsRune(reserved, r) {
			fmt.Fprintf(&b, "#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// units counts as JavaScript does.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
