package audit

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// collect puts all jobs into one run and returns the rows of the label sets.
func collect(rules *Rules, jobs ...Job) []LabelSet {
	c := NewCollector(rules, 10)
	c.AddRun(0, RunInfo{}, jobs)
	return c.Result().LabelSets
}

func jobWith(labels ...string) Job { return Job{Labels: labels} }

func TestLabelSetsWithoutOrderOrCase(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		jobs []Job
		want [][]string // in the order of the rows
	}{
		{"none", nil, [][]string{}},
		{"order", []Job{jobWith("b", "a"), jobWith("a", "b")}, [][]string{{"a", "b"}}},
		{"case", []Job{jobWith("linux"), jobWith("Linux"), jobWith("LINUX")}, [][]string{{"LINUX"}}},
		{"spelling label by label", []Job{jobWith("Self-Hosted", "linux"), jobWith("Linux", "self-hosted")}, [][]string{{"Linux", "Self-Hosted"}}},
		{"repeated", []Job{jobWith("x64", "X64", "x64"), jobWith("x64")}, [][]string{{"X64"}}},
		{"sorted without case", []Job{jobWith("b", "C", "a")}, [][]string{{"a", "b", "C"}}},
		{"beyond ASCII", []Job{jobWith("grün"), jobWith("GRÜN")}, [][]string{{"GRÜN"}}},
		{"no labels is a set", []Job{jobWith(), {Labels: []string{}}, {Conclusion: new("skipped")}}, [][]string{{}}},
		{"an empty label is not no labels", []Job{jobWith(""), jobWith(), jobWith()}, [][]string{{}, {""}}},
		{"no separator confuses", []Job{jobWith("a", "b"), jobWith("ab"), jobWith("a,b"), jobWith("a\x00b"), jobWith("\x01b", "a"), jobWith("a\x01b")},
			[][]string{{"\x01b", "a"}, {"a", "b"}, {"a\x00b"}, {"a\x01b"}, {"a,b"}, {"ab"}}},
		{"most jobs first, ties by labels", []Job{jobWith("z"), jobWith("B", "c"), jobWith("b"), jobWith("a", "x"), jobWith("z"), jobWith()},
			[][]string{{"z"}, {}, {"a", "x"}, {"b"}, {"B", "c"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := make([][]string, 0)
			var jobs int64
			for _, set := range collect(nil, tc.jobs...) {
				got = append(got, set.Labels)
				jobs += set.JobCount
			}
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if jobs != int64(len(tc.jobs)) {
				t.Errorf("%d jobs in the sets, want %d", jobs, len(tc.jobs))
			}
		})
	}
}

func TestLabelSetFigures(t *testing.T) {
	t.Parallel()
	rules := mustRules(t, []string{"linux"}, []string{"gpu"}, []string{"x64"})
	got := collect(rules,
		Job{Labels: []string{"gpu", "linux"}, QueuedSeconds: new(int64(3)), DurationSeconds: new(int64(100)), RunnerGroupName: new("west")},
		Job{Labels: []string{"linux", "GPU"}, QueuedSeconds: new(int64(0)), DurationSeconds: new(int64(50)), RunnerGroupName: new("Default")},
		Job{Labels: []string{"gpu", "linux"}, QueuedSeconds: new(int64(9)), RunnerGroupName: new("west")}, // still running
		Job{Labels: []string{"gpu", "linux"}}, // still queued
		Job{Conclusion: new("skipped"), RunnerGroupName: new("")},
	)
	want := []LabelSet{
		{
			Labels:   []string{"GPU", "linux"},
			JobCount: 4,
			// Each job is denied gpu, not allowed gpu, and misses x64.
			ViolationCount:       12,
			Queued:               Figures{P50: new(int64(3)), P95: new(int64(9)), Max: new(int64(9))},
			Duration:             Figures{P50: new(int64(50)), P95: new(int64(100)), Max: new(int64(100))},
			TotalDurationSeconds: 150,
			RunnerGroups:         []string{"Default", "west"},
		},
		{Labels: []string{}, JobCount: 1, RunnerGroups: []string{}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

// Two jobs share a row exactly when their labels are the same set without case.
func TestLabelSetKeyTellsSetsApart(t *testing.T) {
	t.Parallel()
	// Short labels of few characters, length bytes among them, provoke keys
	// that run into each other.
	label := rapid.StringOfN(rapid.SampledFrom([]rune("aAb\x00\x01\x02")), 0, 4, -1)
	plainSet := func(labels []string) []string {
		var set []string
		for _, l := range labels {
			set = append(set, strings.ToLower(l))
		}
		slices.Sort(set)
		return slices.Compact(set)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(label, 0, 4).Draw(t, "a")
		b := rapid.OneOf(rapid.SliceOfN(label, 0, 4), rapid.Permutation(a)).Draw(t, "b")
		same := string(appendKey(nil, labelSet(a))) == string(appendKey(nil, labelSet(b)))
		if want := slices.Equal(plainSet(a), plainSet(b)); same != want {
			t.Fatalf("%q and %q: same set %t, want %t", a, b, same, want)
		}
	})
}
