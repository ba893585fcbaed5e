package audit

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// row writes a violation as `reason label pattern`, with - for null.
func row(v Violation) string {
	orDash := func(s *string) string {
		if s == nil {
			return "-"
		}
		return *s
	}
	return fmt.Sprintf("%s %s %s", v.Reason, orDash(v.Label), orDash(v.Pattern))
}

func rowsOf(violations []Violation) []string {
	var rows []string
	for _, v := range violations {
		rows = append(rows, row(v))
	}
	return rows
}

func mustRules(t interface {
	Helper()
	Fatal(...any)
}, allowed, denied, required []string) *Rules {
	t.Helper()
	rules, err := NewRules(map[List][]string{ListAllowedLabels: allowed, ListDeniedLabels: denied, ListRequiredLabels: required})
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func TestViolations(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name                      string
		allowed, denied, required []string
		labels                    []string
		conclusion                string
		want                      []string
	}{
		{name: "no rules", labels: []string{"self-hosted"}},
		{name: "no rules, no labels"},

		{name: "denied", denied: []string{"macos-*"}, labels: []string{"linux", "MacOS-13"},
			want: []string{"denied MacOS-13 macos-*"}},
		{name: "denied by several: the first in the list", denied: []string{"x", "mac*", "macos-*"}, labels: []string{"macos-13"},
			want: []string{"denied macos-13 mac*"}},
		{name: "two labels denied by one pattern", denied: []string{"macos-*"}, labels: []string{"macos-14", "macos-13"},
			want: []string{"denied macos-14 macos-*", "denied macos-13 macos-*"}},
		{name: "nothing denied in an empty list", denied: []string{}, labels: []string{"macos-13"}},
		{name: "nothing to deny without labels", denied: []string{"*"}},

		{name: "allowed", allowed: []string{"ubuntu-*", "self-hosted"}, labels: []string{"Self-Hosted", "ubuntu-24.04"}},
		{name: "not allowed: no pattern to blame", allowed: []string{"ubuntu-*", "self-hosted"}, labels: []string{"self-hosted", "gpu"},
			want: []string{"not_allowed gpu -"}},
		{name: "an empty allow list allows nothing", allowed: []string{}, labels: []string{"gpu", "linux"},
			want: []string{"not_allowed gpu -", "not_allowed linux -"}},
		{name: "an empty allow list has nothing against a job without labels", allowed: []string{}},

		{name: "required and there", required: []string{"SELF-hosted", "linux*"}, labels: []string{"linux-x64", "self-hosted"}},
		{name: "one label serves two required patterns", required: []string{"linux*", "*x64"}, labels: []string{"linux-x64"}},
		{name: "missing, in the order of the list", required: []string{"z", "linux", "a"}, labels: []string{"Linux"},
			want: []string{"missing - z", "missing - a"}},
		{name: "missing without any label", required: []string{"linux"},
			want: []string{"missing - linux"}},
		{name: "missing: even a star wants some label", required: []string{"*"},
			want: []string{"missing - *"}},
		{name: "nothing missing in an empty list", required: []string{}, labels: []string{"linux"}},
		{name: "a pattern twice is one rule", required: []string{"Linux", "linux", "gpu", "LINUX"}, labels: []string{"x"},
			want: []string{"missing - Linux", "missing - gpu"}},

		{name: "denied and not allowed are two facts", allowed: []string{"ubuntu-*"}, denied: []string{"macos-*"}, labels: []string{"macos-13"},
			want: []string{"denied macos-13 macos-*", "not_allowed macos-13 -"}},
		{name: "denied though allowed", allowed: []string{"ubuntu-*"}, denied: []string{"*-20.04"}, labels: []string{"ubuntu-20.04"},
			want: []string{"denied ubuntu-20.04 *-20.04"}},
		{name: "all in order: by label, then what is missing",
			allowed: []string{"linux"}, denied: []string{"gpu", "win*"}, required: []string{"self-hosted", "x64"},
			labels: []string{"windows", "linux", "other", "GPU"},
			want: []string{
				"denied windows win*", "not_allowed windows -",
				"not_allowed other -",
				"denied GPU gpu", "not_allowed GPU -",
				"missing - self-hosted", "missing - x64",
			}},

		{name: "a repeated label counts once, as first spelled", allowed: []string{}, denied: []string{"gpu"},
			labels: []string{"Gpu", "x", "gpu", "GPU", "X"},
			want:   []string{"denied Gpu gpu", "not_allowed Gpu -", "not_allowed x -"}},
		{name: "more labels than the room set aside", denied: []string{"gpu"}, required: []string{"l39"},
			labels: append(manyLabels(40), "gpu"),
			want:   []string{"denied gpu gpu"}},

		// GitHub lists skipped jobs without labels: they did not request a runner.
		{name: "skipped without labels misses nothing", required: []string{"linux"}, conclusion: "skipped"},
		{name: "skipped with labels is judged by them", allowed: []string{"linux"}, denied: []string{"gpu"}, required: []string{"x64"},
			labels: []string{"gpu"}, conclusion: "skipped",
			want: []string{"denied gpu gpu", "not_allowed gpu -", "missing - x64"}},
		{name: "cancelled without labels is judged", required: []string{"linux"}, conclusion: "cancelled",
			want: []string{"missing - linux"}},
		{name: "a group alone has no labels and does ask", required: []string{"linux"}, conclusion: "success",
			want: []string{"missing - linux"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			rules := mustRules(t, tc.allowed, tc.denied, tc.required)
			j := &job.Job{Labels: tc.labels}
			if tc.conclusion != "" {
				j.Conclusion = &tc.conclusion
			}
			if got := rowsOf(rules.Violations(j)); !slices.Equal(got, tc.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tc.want, "\n"))
			}
		})
	}
}

func manyLabels(n int) []string {
	var labels []string
	for i := range n {
		// Together, these are longer than the buffer for short labels.
		labels = append(labels, fmt.Sprintf("l%d", i), fmt.Sprintf("a-label-of-some-length-%d", i))
	}
	return labels
}

func TestViolationsNameTheirJob(t *testing.T) {
	t.Parallel()
	rules := mustRules(t, nil, []string{"gpu"}, []string{"linux"})
	full := &job.Job{
		ID: new(int64(3)), RunID: new(int64(1)), RunAttempt: new(int64(2)), Name: new("build"), WorkflowName: new("CI"),
		Labels: []string{"x", "GPU"}, Conclusion: new("success"),
	}
	for name, j := range map[string]*job.Job{"all known": full, "all null but the labels": {Labels: full.Labels}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := []Violation{
				{Job: j, Label: new("GPU"), Reason: ReasonDenied, Pattern: new("gpu")},
				{Job: j, Reason: ReasonMissing, Pattern: new("linux")},
			}
			if got := rules.Violations(j); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestNoRules(t *testing.T) {
	t.Parallel()
	j := &job.Job{Labels: []string{"gpu"}}
	var none *Rules
	if got := none.Violations(j); got != nil {
		t.Errorf("nil rules: %v", rowsOf(got))
	}
	if got := new(Rules).Violations(j); got != nil {
		t.Errorf("zero rules: %v", rowsOf(got))
	}
}

func TestNewRulesNamesThePatternAtFault(t *testing.T) {
	t.Parallel()
	ok := []string{"a", "b*"}
	for _, tc := range []struct {
		name                      string
		allowed, denied, required []string
		want                      RuleError
		text                      string
	}{
		{"allowed, empty", []string{""}, ok, ok,
			RuleError{ListAllowedLabels, 0, "", ErrEmptyPattern}, `allowed_labels[0] "": the pattern is empty`},
		{"denied, blank", ok, []string{"a", " \t"}, ok,
			RuleError{ListDeniedLabels, 1, " \t", ErrEmptyPattern}, `denied_labels[1] " \t": the pattern is empty`},
		{"required, padded", nil, nil, []string{"a", "a", " b"},
			RuleError{ListRequiredLabels, 2, " b", ErrPaddedPattern}, `required_labels[2] " b": the pattern begins or ends with white space`},
		{"the first of several", ok, []string{"a", "", " "}, []string{""},
			RuleError{ListDeniedLabels, 1, "", ErrEmptyPattern}, `denied_labels[1] "": the pattern is empty`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			rules, err := NewRules(map[List][]string{ListAllowedLabels: tc.allowed, ListDeniedLabels: tc.denied, ListRequiredLabels: tc.required})
			if rules != nil {
				t.Error("rules beside an error")
			}
			got, is := errors.AsType[*RuleError](err)
			if !is || *got != tc.want {
				t.Fatalf("error %#v, want %#v", err, tc.want)
			}
			if !errors.Is(err, tc.want.Err) {
				t.Errorf("errors.Is does not find %v", tc.want.Err)
			}
			if err.Error() != tc.text {
				t.Errorf("error text %q, want %q", err, tc.text)
			}
		})
	}
}

var (
	someLabels   = []string{"linux", "Linux", "LINUX", "gpu", "GPU", "x64", "self-hosted", "runs-on=1/cpu=2", "runs-on=2/cpu=2", ""}
	somePatterns = []string{"linux", "Linux", "l*", "*x*", "gpu", "g?u", "*", "?*", "runs-on=*", "arm", "self-hosted"}
)

// patternLists draws nil, empty and filled lists.
func patternLists() *rapid.Generator[[]string] {
	return rapid.OneOf(rapid.Just[[]string](nil), rapid.SliceOfN(rapid.SampledFrom(somePatterns), 0, 4))
}

func jobLabels() *rapid.Generator[[]string] {
	return rapid.SliceOfN(rapid.SampledFrom(someLabels), 0, 5)
}

func TestListsAreJudgedOnTheirOwn(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		allowed := patternLists().Draw(t, "allowed")
		denied := patternLists().Draw(t, "denied")
		required := patternLists().Draw(t, "required")
		j := &job.Job{Labels: jobLabels().Draw(t, "labels")}

		together := rowsOf(mustRules(t, allowed, denied, required).Violations(j))
		apart := slices.Concat(
			rowsOf(mustRules(t, allowed, nil, nil).Violations(j)),
			rowsOf(mustRules(t, nil, denied, nil).Violations(j)),
			rowsOf(mustRules(t, nil, nil, required).Violations(j)),
		)
		slices.Sort(together)
		slices.Sort(apart)
		if !slices.Equal(together, apart) {
			t.Fatalf("together %q, apart %q", together, apart)
		}
	})
}

// The documented rules, one by one, for any labels and rules.
func TestViolationsSayWhatTheContractSays(t *testing.T) {
	t.Parallel()
	matchesAny := func(patterns []string, label string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return plainMatch([]rune(p), []rune(label)) })
	}
	rapid.Check(t, func(t *rapid.T) {
		allowed := patternLists().Draw(t, "allowed")
		denied := patternLists().Draw(t, "denied")
		required := patternLists().Draw(t, "required")
		j := &job.Job{Labels: jobLabels().Draw(t, "labels")}

		var deniedNow, notAllowedNow, missingNow []string
		for _, v := range mustRules(t, allowed, denied, required).Violations(j) {
			switch v.Reason {
			case ReasonDenied:
				deniedNow = append(deniedNow, strings.ToLower(*v.Label))
				if !matchesAny([]string{*v.Pattern}, *v.Label) {
					t.Fatalf("%q is said to match %q", *v.Pattern, *v.Label)
				}
			case ReasonNotAllowed:
				notAllowedNow = append(notAllowedNow, strings.ToLower(*v.Label))
			case ReasonMissing:
				missingNow = append(missingNow, strings.ToLower(*v.Pattern))
			default:
				t.Fatalf("reason %q", v.Reason)
			}
		}

		var wantDenied, wantNotAllowed, wantMissing []string
		add := func(to *[]string, s string) {
			if s = strings.ToLower(s); !slices.Contains(*to, s) {
				*to = append(*to, s)
			}
		}
		for _, label := range j.Labels {
			if matchesAny(denied, label) {
				add(&wantDenied, label)
			}
			if allowed != nil && !matchesAny(allowed, label) {
				add(&wantNotAllowed, label)
			}
		}
		for _, pattern := range required {
			if !slices.ContainsFunc(j.Labels, func(label string) bool { return matchesAny([]string{pattern}, label) }) {
				add(&wantMissing, pattern)
			}
		}
		if !slices.Equal(deniedNow, wantDenied) || !slices.Equal(notAllowedNow, wantNotAllowed) || !slices.Equal(missingNow, wantMissing) {
			t.Fatalf("denied %q, want %q; not allowed %q, want %q; missing %q, want %q",
				deniedNow, wantDenied, notAllowedNow, wantNotAllowed, missingNow, wantMissing)
		}
	})
}
