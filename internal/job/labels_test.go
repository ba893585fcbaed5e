package job_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// Folding is what puts labels into one set, so it has to agree with the standard library on every
// character there is.
func TestFoldingAgreesWithEqualFold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Rune().Draw(t, "a")
		b := rapid.OneOf(
			rapid.Rune(),
			rapid.SampledFrom([]rune(strings.ToUpper(string(a))+strings.ToLower(string(a))+strings.ToTitle(string(a)))),
		).Draw(t, "b")
		want := strings.EqualFold(string(a), string(b))
		if got := job.FoldLabel(string(a)) == job.FoldLabel(string(b)); got != want {
			t.Fatalf("%q and %q fold to the same: %t, want %t", a, b, got, want)
		}
	})
}

func TestLabelSet(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		labels []string
		want   []job.SetLabel
	}{
		{nil, []job.SetLabel{}},
		{[]string{"x64", "Linux", "linux"}, []job.SetLabel{{Folded: "LINUX", Spelling: "Linux"}, {Folded: "X64", Spelling: "x64"}}},
		{[]string{"b", "C", "a"}, []job.SetLabel{{Folded: "A", Spelling: "a"}, {Folded: "B", Spelling: "b"}, {Folded: "C", Spelling: "C"}}},
		{[]string{""}, []job.SetLabel{{Folded: "", Spelling: ""}}},
	} {
		labels := slices.Clone(tc.labels)
		if got := job.LabelSet(labels); !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%q: got %v, want %v", tc.labels, got, tc.want)
		}
		if !slices.Equal(labels, tc.labels) {
			t.Errorf("the labels were changed to %q", labels)
		}
	}
}
