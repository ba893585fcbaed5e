package actions

import (
	"bytes"

	"github.com/runner-audit/terraform-provider-github-actions/internal/rawjson"
)

// maxEntries bounds each list inside an answer: jobs of a page, labels and steps of a job. GitHub sends
// no more than a few hundred. An empty step takes three bytes of JSON and a hundred times as much memory,
// so the size of an answer alone does not bound what it costs.
const maxEntries = 10_000

// hasBoundedLists reports whether no list in a JSON text has more than maxEntries entries. It only
// counts commas between brackets; whether the text is JSON at all is for the decoder to say.
func hasBoundedLists(text []byte) bool {
	if bytes.Count(text, []byte{','}) < maxEntries {
		return true // most answers: counting one byte is many times as fast as what follows
	}
	var counts []int // of entries, for each open bracket; of an object -1
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			i = rawjson.EndOfString(text, i)
		case c == '[':
			counts = append(counts, 1)
		case c == '{':
			counts = append(counts, -1)
		case c == ']' || c == '}':
			counts = counts[:max(0, len(counts)-1)]
		case c == ',' && len(counts) > 0 && counts[len(counts)-1] > 0:
			counts[len(counts)-1]++
			if counts[len(counts)-1] > maxEntries {
				return false
			}
		}
	}
	return true
}
