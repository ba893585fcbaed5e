package audit

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

func TestGroupViolations(t *testing.T) {
	t.Parallel()
	type lists = map[List][]string
	inGroup := func(group string, labels ...string) *job.Job {
		j := &job.Job{Status: new("completed"), Conclusion: new("success"), RunnerName: new("r"), Labels: labels}
		if group != "" {
			j.RunnerGroupName = &group
		}
		return j
	}
	of := func(j *job.Job, change func(*job.Job)) *job.Job {
		change(j)
		return j
	}
	neverRan := func(j *job.Job) { j.RunnerName = nil }
	skipped := func(j *job.Job) { j.Conclusion = new("skipped") }
	unknown := func(j *job.Job) { j.RunnerName, j.RunnerUnknown = nil, true }
	status := func(s string) func(*job.Job) {
		return func(j *job.Job) { j.Status, j.Conclusion = &s, nil }
	}
	for _, tc := range []struct {
		name  string
		rules lists
		job   *job.Job
		want  []string
	}{
		{"denied", lists{ListDeniedRunnerGroups: {"x", "gpu*", "*"}}, inGroup("GPU pool", "linux"), []string{"group_denied - gpu*"}},
		{"not denied", lists{ListDeniedRunnerGroups: {"gpu"}}, inGroup("Default", "linux"), nil},
		{"no group to deny", lists{ListDeniedRunnerGroups: {"*"}}, inGroup("", "linux"), nil},
		{"allowed", lists{ListAllowedRunnerGroups: {"default"}}, inGroup("Default", "linux"), nil},
		{"not allowed", lists{ListAllowedRunnerGroups: {"default"}}, inGroup("gpu", "linux"), []string{"group_not_allowed - -"}},
		{"an empty list allows no group", lists{ListAllowedRunnerGroups: {}}, inGroup("gpu", "linux"), []string{"group_not_allowed - -"}},
		{"ran in no group", lists{ListAllowedRunnerGroups: {"*"}}, inGroup("", "linux"), []string{"group_not_allowed - -"}},
		{"ran in a group with an empty name", lists{ListAllowedRunnerGroups: {"*"}}, of(inGroup("", "linux"), func(j *job.Job) { j.RunnerGroupName = new("") }), []string{"group_not_allowed - -"}},
		{"denied and not allowed are two facts", lists{ListAllowedRunnerGroups: {"default"}, ListDeniedRunnerGroups: {"gpu"}}, inGroup("gpu"), []string{"group_denied - gpu", "group_not_allowed - -"}},
		{"denied though allowed", lists{ListAllowedRunnerGroups: {"*"}, ListDeniedRunnerGroups: {"gpu"}}, inGroup("gpu"), []string{"group_denied - gpu"}},

		{"never ran", lists{ListAllowedRunnerGroups: {}, ListDeniedRunnerGroups: {"*"}}, of(inGroup("gpu", "linux"), neverRan), nil},
		{"skipped", lists{ListAllowedRunnerGroups: {}, ListDeniedRunnerGroups: {"*"}}, of(inGroup("gpu", "linux"), skipped), nil},
		{"still queued", lists{ListAllowedRunnerGroups: {}}, of(of(inGroup("", "linux"), neverRan), status("queued")), nil},
		{"under way", lists{ListAllowedRunnerGroups: {}}, of(inGroup("gpu", "linux"), status("in_progress")), []string{"group_not_allowed - -"}},
		{"a step that started proves a run", lists{ListAllowedRunnerGroups: {}}, of(of(inGroup("", "linux"), neverRan), func(j *job.Job) { j.StepStarted = true }), []string{"group_not_allowed - -"}},

		// Objects passed to a function may lack all fields about runners.
		{"a source without runners: over", lists{ListAllowedRunnerGroups: {}}, of(inGroup("", "linux"), unknown), []string{"group_not_allowed - -"}},
		{"a source without runners: under way", lists{ListAllowedRunnerGroups: {}}, of(of(inGroup("", "linux"), unknown), status("in_progress")), []string{"group_not_allowed - -"}},
		{"a source without runners: queued", lists{ListAllowedRunnerGroups: {}}, of(of(inGroup("", "linux"), unknown), status("queued")), nil},
		{"a source without runners and status", lists{ListAllowedRunnerGroups: {}}, &job.Job{RunnerUnknown: true}, nil},

		{"a group alone", lists{ListAllowedLabels: {"linux"}}, inGroup("gpu"), []string{"unlabeled - -"}},
		{"a group alone, and no label is allowed", lists{ListAllowedLabels: {}}, inGroup("gpu"), []string{"unlabeled - -"}},
		{"a group alone, which is allowed", lists{ListAllowedLabels: {"linux"}, ListAllowedRunnerGroups: {"g*"}}, inGroup("gpu"), nil},
		{"a group alone, which is not allowed", lists{ListAllowedLabels: {"linux"}, ListAllowedRunnerGroups: {"x"}}, inGroup("gpu"), []string{"unlabeled - -", "group_not_allowed - -"}},
		{"no labels and no group", lists{ListAllowedLabels: {"linux"}, ListAllowedRunnerGroups: {"*"}}, inGroup(""), []string{"unlabeled - -", "group_not_allowed - -"}},
		{"a group that is allowed makes no label pass", lists{ListAllowedLabels: {"linux"}, ListAllowedRunnerGroups: {"*"}}, inGroup("gpu", "arm"), []string{"not_allowed arm -"}},
		{"no labels, never ran", lists{ListAllowedLabels: {"linux"}}, of(inGroup(""), neverRan), nil},
		{"no labels, skipped", lists{ListAllowedLabels: {"linux"}}, of(inGroup(""), skipped), nil},
		{"no labels, and none is asked for", lists{ListDeniedLabels: {"*"}}, inGroup("gpu"), nil},
		{"in order", lists{ListAllowedLabels: {"linux"}, ListRequiredLabels: {"b", "a"}, ListAllowedRunnerGroups: {}, ListDeniedRunnerGroups: {"*"}}, inGroup("gpu"),
			[]string{"unlabeled - -", "missing - b", "missing - a", "group_denied - *", "group_not_allowed - -"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			rules, err := NewRules(tc.rules)
			if err != nil {
				t.Fatal(err)
			}
			if got := rowsOf(rules.Violations(tc.job)); !slices.Equal(got, tc.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
			}
		})
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	for _, list := range Lists() {
		// A list of label patterns refuses patterns that can never match a label. A list of names
		// does not.
		_, err := NewRules(map[List][]string{list: {"a", "^b$"}})
		if want := strings.HasSuffix(string(list), "_labels"); errors.Is(err, ErrRegexp) != want || list.AreLabels() != want {
			t.Errorf("%s: error %v, AreLabels %t", list, err, list.AreLabels())
		}
		_, err = NewRules(map[List][]string{list: {"a", " "}})
		if wrong, is := errors.AsType[*RuleError](err); !is || *wrong != (RuleError{list, 1, " ", ErrEmptyPattern}) {
			t.Errorf("%s: error %v", list, err)
		}
	}
}

func TestViolationsOfAList(t *testing.T) {
	t.Parallel()
	original, duplicate := carriedOver("gpu", "x")
	other := &job.Job{Labels: []string{"GPU"}}
	rules := mustRules(t, []string{"gpu"}, []string{"gpu"}, nil)
	got := rules.ViolationsOf([]*job.Job{duplicate, other, original})
	if want := []string{"denied GPU gpu", "denied gpu gpu", "not_allowed x -"}; !slices.Equal(rowsOf(got), want) || got[0].Job != other || got[1].Job != original {
		t.Errorf("got %q, want %q", rowsOf(got), want)
	}
	if got := (*Rules)(nil).ViolationsOf([]*job.Job{other}); got != nil {
		t.Errorf("nil rules: %q", rowsOf(got))
	}
}

// Groups are judged separately: label rules do not change violations about groups. Group rules do
// not change violations about labels, except for jobs without labels.
func TestGroupsAreJudgedOnTheirOwn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		patterns := map[List][]string{}
		labels, groups := map[List][]string{}, map[List][]string{}
		for _, list := range Lists() {
			patterns[list] = patternLists().Draw(t, string(list))
			if list.AreLabels() {
				labels[list] = patterns[list]
			} else {
				groups[list] = patterns[list]
			}
		}
		j := &job.Job{
			Labels:          rapid.SliceOfN(rapid.SampledFrom(someLabels), 1, 4).Draw(t, "labels"),
			RunnerName:      rapid.Ptr(rapid.Just("r"), true).Draw(t, "runner"),
			RunnerGroupName: rapid.Ptr(rapid.SampledFrom([]string{"gpu", "Linux"}), true).Draw(t, "group"),
		}
		of := func(patterns map[List][]string) []string {
			rules, err := NewRules(patterns)
			if err != nil {
				t.Fatal(err)
			}
			return rowsOf(rules.Violations(j))
		}
		if got, want := of(patterns), slices.Concat(of(labels), of(groups)); !slices.Equal(got, want) {
			t.Fatalf("together %q, apart %q", got, want)
		}
	})
}
