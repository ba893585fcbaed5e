package audit

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// today is the current day in the tests.
func today() time.Time { return time.Date(2026, 9, 21, 23, 59, 59, 0, time.UTC) }

func mustExceptions(t interface {
	Helper()
	Fatal(...any)
}, exceptions ...Exception) *Exceptions {
	t.Helper()
	compiled, err := NewExceptions(exceptions, today())
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func TestWhatAnExceptionMatches(t *testing.T) {
	t.Parallel()
	ci := &job.Run{Path: new(".github/workflows/build-all.yml")}
	build := &job.Job{Name: new("build"), WorkflowName: new("CI: main"), Labels: []string{"GPU"}}
	denied := Violation{Repository: "acme/app", Job: build, Label: new("GPU"), Reason: ReasonDenied, Pattern: new("g*")}
	missing := Violation{Repository: "acme/app", Job: build, Reason: ReasonMissing, Pattern: new("linux-*")}
	group := Violation{Repository: "acme/app", Job: build, Reason: ReasonGroupDenied, Pattern: new("g*")}
	unlabeled := Violation{Repository: "acme/app", Job: build, Reason: ReasonUnlabeled}
	for _, tc := range []struct {
		name string
		e    Exception
		v    Violation
		want bool
	}{
		{"repository by name", Exception{Repository: new("App")}, denied, true},
		{"repository by owner and name", Exception{Repository: new("acme/*")}, denied, true},
		{"repository by owner alone", Exception{Repository: new("acme")}, denied, false},
		{"another repository", Exception{Repository: new("lib")}, denied, false},
		{"a repository that is not known", Exception{Repository: new("*")}, Violation{Job: build}, false},
		{"workflow by name", Exception{Workflow: new("ci: *")}, denied, true},
		{"workflow by file", Exception{Workflow: new("build-all.yml")}, denied, true},
		{"workflow by path", Exception{Workflow: new(".github/workflows/build-all.yml")}, denied, true},
		{"workflow by a part of its path", Exception{Workflow: new("workflows/build-all.yml")}, denied, false},
		{"workflow by the end of its path", Exception{Workflow: new("*/build-all.yml")}, denied, true},
		{"a pattern without a slash is not for a path", Exception{Workflow: new("*workflows*")}, denied, false},
		{"another path", Exception{Workflow: new(".github/workflows/release.yml")}, denied, false},
		{"another workflow", Exception{Workflow: new("release.yml")}, denied, false},
		{"job", Exception{Job: new("b*")}, denied, true},
		{"another job", Exception{Job: new("test")}, denied, false},
		{"a job without a name", Exception{Job: new("*")}, Violation{Job: &job.Job{}}, false},
		{"label", Exception{Label: new("gpu")}, denied, true},
		{"another label", Exception{Label: new("linux")}, denied, false},
		{"the pattern of a denied label is not its label", Exception{Label: new("g")}, denied, false},
		{"label for missing is the pattern", Exception{Label: new("linux-*")}, missing, true},
		{"label for missing is not a label of the job", Exception{Label: new("gpu")}, missing, false},
		{"no label matches a group", Exception{Label: new("*")}, group, false},
		{"no label matches unlabeled", Exception{Label: new("*")}, unlabeled, false},
		{"others match a group", Exception{Job: new("build")}, group, true},
		{"others match unlabeled", Exception{Repository: new("app")}, unlabeled, true},
		{"all that are given", Exception{Repository: new("app"), Workflow: new("ci*"), Job: new("build"), Label: new("gpu")}, denied, true},
		{"all but the repository", Exception{Repository: new("lib"), Workflow: new("ci*"), Job: new("build"), Label: new("gpu")}, denied, false},
		{"all but the label", Exception{Repository: new("app"), Workflow: new("ci*"), Job: new("build"), Label: new("x")}, denied, false},
	} {
		e := mustExceptions(t, tc.e)
		uses := e.uses()
		if got := e.match(tc.v, ci, uses); got != tc.want || (uses[0].Count == 1) != tc.want {
			t.Errorf("%s: %t, counted %d; want %t", tc.name, got, uses[0].Count, tc.want)
		}
	}
	byRun := mustExceptions(t, Exception{Workflow: new("nightly")})
	if !byRun.match(Violation{Job: &job.Job{}}, &job.Run{Name: new("Nightly")}, byRun.uses()) {
		t.Error("a workflow by the name of its run")
	}
}

func TestExceptionsEnd(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		until   *string
		today   time.Time
		expired bool
	}{
		{nil, today(), false},
		{new("2026-09-21"), time.Date(2026, 9, 21, 0, 0, 0, 0, time.UTC), false},
		{new("2026-09-21"), time.Date(2026, 9, 21, 23, 59, 59, 999, time.UTC), false},
		{new("2026-09-21"), time.Date(2026, 9, 22, 0, 0, 0, 0, time.UTC), true},
		{new("2026-09-21"), time.Date(2026, 9, 22, 1, 0, 0, 0, time.FixedZone("", 2*3600)), false}, // still the 21st in UTC
		{new("2026-09-21"), time.Date(2026, 9, 21, 23, 0, 0, 0, time.FixedZone("", -2*3600)), true},
		{new("2024-02-29"), today(), true},
	} {
		e, err := NewExceptions([]Exception{{Job: new("*"), Until: tc.until}}, tc.today)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.uses()[0].Expired; got != tc.expired {
			t.Errorf("until %q on %s: expired %t", job.Value(tc.until), tc.today, got)
		}
	}
}

func TestExceptionsInAnAudit(t *testing.T) {
	t.Parallel()
	exceptions := mustExceptions(t,
		Exception{Job: new("build"), Until: new("2026-09-20")},
		Exception{Job: new("build"), Label: new("gpu")},
		Exception{Label: new("GPU")},
		Exception{Job: new("other")},
	)
	c := NewCollector(mustRules(t, []string{"linux"}, []string{"gpu"}, nil), exceptions, 10)
	build := &job.Job{Name: new("build"), Labels: []string{"gpu", "arm"}}
	counts := c.AddRun("acme/app", nil, []*job.Job{build, {Name: new("test"), Labels: []string{"gpu"}}})
	got := c.Result()
	want := []ExceptionUse{{Expired: true, Count: 3}, {Count: 2}, {Count: 4}, {}}
	if !slices.Equal(got.Exceptions, want) {
		t.Errorf("uses %v, want %v", got.Exceptions, want)
	}
	if got.ExceptedCount != 4 || got.ViolationCount != 1 || got.Compliant || len(got.Summary) != 1 || len(got.Violations) != 1 ||
		row(got.Violations[0]) != "not_allowed arm -" || len(counts) != 1 || counts[build] != 1 {
		t.Errorf("got %s, counts %v", describe(got), counts)
	}
}

func TestAllExcepted(t *testing.T) {
	t.Parallel()
	c := NewCollector(mustRules(t, nil, []string{"gpu"}, nil), mustExceptions(t, Exception{Repository: new("app")}), 10)
	c.AddRun("acme/app", nil, []*job.Job{{Labels: []string{"gpu"}}})
	if got := c.Result(); !got.Compliant || got.ExceptedCount != 1 || len(got.ByRepository) != 0 {
		t.Errorf("got %s", describe(got))
	}
}

func TestNewExceptionsNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	ok := Exception{Job: new("*")}
	for _, tc := range []struct {
		e    Exception
		want ExceptionError
		text string
	}{
		{Exception{}, ExceptionError{1, "", "", ErrMatchesAll},
			`exception[1]: the exception matches every violation; give at least one of repository, workflow, job and label`},
		{Exception{Until: new("2026-12-31"), Reason: new("x")}, ExceptionError{1, "", "", ErrMatchesAll},
			`exception[1]: the exception matches every violation; give at least one of repository, workflow, job and label`},
		{Exception{Repository: new("")}, ExceptionError{1, "repository", "", ErrEmptyPattern},
			`exception[1].repository "": the pattern is empty`},
		{Exception{Workflow: new(" ")}, ExceptionError{1, "workflow", " ", ErrEmptyPattern},
			`exception[1].workflow " ": the pattern is empty`},
		{Exception{Job: new("")}, ExceptionError{1, "job", "", ErrEmptyPattern},
			`exception[1].job "": the pattern is empty`},
		{Exception{Label: new("!gpu")}, ExceptionError{1, "label", "!gpu", ErrNegated},
			`exception[1].label "!gpu": a pattern cannot be negated; list labels that jobs must not use in denied_labels`},
		{Exception{Job: new("x"), Until: new("31.12.2026")}, ExceptionError{1, "until", "31.12.2026", ErrNotDate},
			`exception[1].until "31.12.2026": not a date as in 2026-12-31`},
		{Exception{Job: new("x"), Until: new("2026-02-30")}, ExceptionError{1, "until", "2026-02-30", ErrNotDate},
			`exception[1].until "2026-02-30": not a date as in 2026-12-31`},
		{Exception{Job: new("x"), Until: new("")}, ExceptionError{1, "until", "", ErrNotDate},
			`exception[1].until "": not a date as in 2026-12-31`},
	} {
		compiled, err := NewExceptions([]Exception{ok, tc.e}, today())
		got, is := errors.AsType[*ExceptionError](err)
		if compiled != nil || !is || *got != tc.want || !errors.Is(err, tc.want.Err) || err.Error() != tc.text {
			t.Errorf("got %v, want %s", err, tc.text)
		}
	}
	// Names may contain characters that labels cannot.
	if _, err := NewExceptions([]Exception{{Repository: new("a, b"), Workflow: new("^CI$"), Job: new(`"build" | !x`)}}, today()); err != nil {
		t.Error(err)
	}
}
