package actions_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// TestBoundsSeeThroughStrings puts a list at the bound, and one beyond it, after any string:
// brackets and commas in a string do not count.
func TestBoundsSeeThroughStrings(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{`"`, `\`, `\\`, `[`, `]`, `{`, `}`, `,`, `:`, "a", "é", "\n"})
	atBound, beyond := "[0"+strings.Repeat(",0", actions.MaxEntries-1)+"]", "[0"+strings.Repeat(",0", actions.MaxEntries)+"]"
	rapid.Check(t, func(rt *rapid.T) {
		text, err := json.Marshal(strings.Join(rapid.SliceOfN(piece, 0, 20).Draw(rt, "pieces"), ""))
		if err != nil {
			rt.Fatal(err)
		}
		answer := func(list string) []byte {
			return []byte(`{` + string(text) + `:` + string(text) + `,"x":[` + string(text) + `,` + list + `,` + string(text) + `]}`)
		}
		if !actions.HasBoundedLists(answer(atBound)) {
			rt.Fatalf("%s: a list at the bound is refused", text)
		}
		if actions.HasBoundedLists(answer(beyond)) {
			rt.Fatalf("%s: a list beyond the bound passes", text)
		}
	})
}

// TestBoundsOfBrokenJSON must not panic. The decoder reports the error.
func TestBoundsOfBrokenJSON(t *testing.T) {
	t.Parallel()
	commas := strings.Repeat(",", actions.MaxEntries+1)
	for _, text := range []string{commas, `{"` + commas, `{"\` + commas, `{"a\"` + commas + `\`, `]}` + commas, `[` + commas} {
		_ = actions.HasBoundedLists([]byte(text))
	}
}
