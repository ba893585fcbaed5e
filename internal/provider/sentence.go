package provider

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/runner-audit/terraform-provider-github-actions/internal/joblog"
)

// clean makes text from outside safe to show on a terminal: what GitHub and its users send is data.
func clean(s string) string { return joblog.Sanitize(s) }

// sentence joins the parts that are not empty with colons, cleans the result and ends it with a full
// stop.
func sentence(parts ...string) string {
	s := clean(joinPresent(": ", parts))
	if first, size := utf8.DecodeRuneInString(s); !startsWithName(s) {
		s = string(unicode.ToUpper(first)) + s[size:]
	}
	if strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// startsWithName reports whether a sentence starts with the name of an argument, whose first letter
// stays as it is.
func startsWithName(s string) bool {
	first, _, _ := strings.Cut(s, " ")
	return strings.ContainsAny(first, "_[") || s == ""
}

// paragraphs joins the parts that are not empty with blank lines.
func paragraphs(parts ...string) string { return joinPresent("\n\n", parts) }

func joinPresent(separator string, parts []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), separator)
}

// prefixed puts prefix before s, unless s is empty.
func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// shortList names the first of many.
func shortList(names []string) string {
	const shown = 20
	if rest := len(names) - shown; rest > 0 {
		names = append(slices.Clone(names[:shown]), fmt.Sprintf("and %d more", rest))
	}
	return strings.Join(names, ", ")
}
