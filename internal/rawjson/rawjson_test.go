package rawjson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/rawjson"
)

// anyJSON makes objects and arrays with names and strings of special characters.
func anyJSON() *rapid.Generator[any] {
	piece := rapid.SampledFrom([]string{`"`, `\`, `\\`, `[`, `{`, `[]`, `{}`, `,`, `:`, "a", "é", "\n"})
	text := rapid.Map(rapid.SliceOfN(piece, 0, 6), func(pieces []string) string { return strings.Join(pieces, "") })
	scalar := rapid.OneOf(rapid.Map(text, func(s string) any { return s }), rapid.Map(rapid.Int(), func(n int) any { return n }), rapid.Just[any](nil), rapid.Just[any](true))
	inner := rapid.OneOf(scalar,
		rapid.Map(rapid.SliceOfN(scalar, 0, 3), func(l []any) any { return l }),
		rapid.Map(rapid.MapOfN(text, scalar, 0, 3), func(m map[string]any) any { return m }))
	return rapid.OneOf(
		rapid.Map(rapid.SliceOfN(inner, 0, 4), func(l []any) any { return l }),
		rapid.Map(rapid.MapOfN(text, inner, 0, 4), func(m map[string]any) any { return m }))
}

// TestEveryCutIsSeen cuts texts of JSON at each byte. Their strings have no closing bracket alone.
func TestEveryCutIsSeen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text, err := json.Marshal(anyJSON().Draw(rt, "value"))
		if err != nil {
			rt.Fatal(err)
		}
		if rawjson.IsCut(text) || rawjson.IsCut([]byte("\r\n "+string(text)+"\n")) {
			rt.Fatalf("%s is whole", text)
		}
		for end := 1; end < len(text); end++ {
			if !rawjson.IsCut(text[:end]) {
				rt.Fatalf("%s is cut", text[:end])
			}
		}
	})
}

// TestOtherTextsAreNotCut: the decoder says what is wrong with them.
func TestOtherTextsAreNotCut(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " \n", "nul", `"text`, "<html>", "]", "}{", "[]]", "{}{", `{"a":1} x`, "[1,]", `{"a":"}"}`, `["]]}"]`} {
		if rawjson.IsCut([]byte(text)) {
			t.Errorf("%q counts as cut", text)
		}
	}
}

func BenchmarkIsCut(b *testing.B) {
	job := `{"id":29679449526,"name":"test (ubuntu-24.04, 1.26)","status":"completed","steps":[` +
		strings.Repeat(`{"name":"Run actions/checkout@v4","status":"completed","conclusion":"success","number":1,"started_at":"2026-01-20T09:42:40.000-08:00"},`, 12) + `null]},`
	text := []byte("[" + strings.Repeat(job, 100) + "null]")
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if rawjson.IsCut(text) {
			b.Fatal("it is whole")
		}
	}
}
