package audit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/bounded"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// summaryOf is the summary of one run's jobs with a denied label.
func summaryOf(t *testing.T, jobs ...*job.Job) []SummaryRow {
	t.Helper()
	c := NewCollector(mustRules(t, nil, []string{"ubuntu-20.*"}, nil), nil, 10)
	c.AddRun("acme/app", &job.Run{ID: new(int64(1)), CreatedAt: at(1000)}, jobs)
	return c.Result().Summary
}

func TestSummaryCountsAndDates(t *testing.T) {
	t.Parallel()
	build := func(id int64, label string, created, started *time.Time) *job.Job {
		return &job.Job{
			ID: &id, Name: new("build"), WorkflowName: new("CI"), Labels: []string{label}, CreatedAt: created, StartedAt: started,
			HTMLURL: new(fmt.Sprint("https://github.com/job/", id)), RunnerGroupName: new(fmt.Sprint("group ", id)),
		}
	}
	got := summaryOf(t,
		build(3, "ubuntu-20.04", at(50), at(60)),
		build(4, "Ubuntu-20.04", nil, at(90)), // no creation: its start
		build(5, "UBUNTU-20.04", at(20), nil),
		build(6, "ubuntu-20.04", at(90), nil), // as new as 4, of a higher ID
		build(7, "linux", at(500), nil),       // no violation
	)
	if len(got) != 1 {
		t.Fatalf("%d rows", len(got))
	}
	row := got[0]
	if row.Count != 4 || *row.Label != "UBUNTU-20.04" || !row.FirstSeenAt.Equal(*at(20)) || !row.LastSeenAt.Equal(*at(90)) ||
		*row.HTMLURL != "https://github.com/job/6" || *row.RunnerGroupName != "group 6" {
		t.Errorf("got %+v", row)
	}
	if got := summaryOf(t, build(1, "ubuntu-20.04", nil, nil)); !got[0].FirstSeenAt.Equal(*at(1000)) || !got[0].LastSeenAt.Equal(*at(1000)) {
		t.Errorf("without times it is the run's: got %+v", got[0])
	}
}

// TestSummaryTellsRowsApart: null and empty are different, and two names cannot look like one.
func TestSummaryTellsRowsApart(t *testing.T) {
	t.Parallel()
	names := []*string{nil, new(""), new("a"), new("A"), new("a\x00"), new("\x02a")}
	var jobs []*job.Job
	for _, workflow := range names {
		for _, name := range names {
			jobs = append(jobs, &job.Job{Name: name, WorkflowName: workflow, Labels: []string{"ubuntu-20.04"}})
		}
	}
	if got := summaryOf(t, jobs...); len(got) != len(jobs) {
		t.Errorf("%d rows, want %d", len(got), len(jobs))
	}
}

func TestSummaryIsCut(t *testing.T) {
	t.Parallel()
	held := bounded.New[summaryRow](4)
	for _, name := range []string{"d", "b", "a", "c", "b", "e", "e", "e"} {
		v := Violation{Repository: name, Job: &job.Job{}, Reason: ReasonMissing, Pattern: new("p")}
		summarize(held, v, &job.Run{})
	}
	names := func(rows []SummaryRow) string {
		var names []string
		for _, r := range rows {
			names = append(names, fmt.Sprint(r.Repository, r.Count))
		}
		return strings.Join(names, " ")
	}
	for _, name := range []string{"f", "g"} { // makes the map drop keys, so that it does not keep the last one
		summarize(held, Violation{Repository: name, Job: &job.Job{}, Reason: ReasonMissing, Pattern: new("p")}, &job.Run{})
	}
	summarize(held, Violation{Repository: "z", Job: &job.Job{}, Reason: ReasonMissing, Pattern: new("p")}, &job.Run{})
	// The keys that are held are the first four, and among those the highest count comes first.
	for limit, want := range map[int]string{10: "b2 a1 c1 d1", 2: "b2 a1"} {
		if rows, cut := summary(held, limit); names(rows) != want || !cut {
			t.Errorf("limit %d: got %s, cut %t", limit, names(rows), cut)
		}
	}
	c := NewCollector(mustRules(t, nil, []string{"x"}, nil), nil, 10)
	jobs := make([]*job.Job, MaxSummaryRows+1)
	for i := range jobs {
		jobs[i] = &job.Job{Name: new(fmt.Sprint(i)), Labels: []string{"x"}}
	}
	c.AddRun("acme/app", nil, jobs[1:])
	if r := c.Result(); len(r.Summary) != MaxSummaryRows || r.SummaryCut {
		t.Errorf("as many as the limit: %d rows, cut %t", len(r.Summary), r.SummaryCut)
	}
	c.AddRun("acme/app", nil, jobs[:1])
	if r := c.Result(); len(r.Summary) != MaxSummaryRows || !r.SummaryCut || r.ViolationCount != MaxSummaryRows+1 {
		t.Errorf("one more: %d rows, cut %t", len(r.Summary), r.SummaryCut)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	full := &job.Job{Name: new("build"), WorkflowName: new("CI"), RunnerGroupName: new("gpu pool")}
	for _, tc := range []struct {
		v    Violation
		want string
	}{
		{Violation{Repository: "acme/app", Job: full, Label: new("ubuntu-20.04"), Reason: ReasonDenied, Pattern: new("ubuntu-20.*")},
			`acme/app: job "build" of workflow "CI" uses label "ubuntu-20.04", which denied_labels forbids ("ubuntu-20.*")`},
		{Violation{Repository: "acme/app", Job: full, Label: new("mac"), Reason: ReasonNotAllowed},
			`acme/app: job "build" of workflow "CI" uses label "mac", which allowed_labels does not allow`},
		{Violation{Repository: "acme/app", Job: full, Reason: ReasonMissing, Pattern: new("self-hosted")},
			`acme/app: job "build" of workflow "CI" has no label that matches "self-hosted", which required_labels asks for`},
		{Violation{Repository: "acme/app", Job: full, Reason: ReasonUnlabeled},
			`acme/app: job "build" of workflow "CI" asks for no label and ran in runner group "gpu pool", so allowed_labels does not allow it`},
		{Violation{Repository: "acme/app", Job: full, Reason: ReasonGroupDenied, Pattern: new("gpu*")},
			`acme/app: job "build" of workflow "CI" ran in runner group "gpu pool", which denied_runner_groups forbids ("gpu*")`},
		{Violation{Repository: "acme/app", Job: full, Reason: ReasonGroupNotAllowed},
			`acme/app: job "build" of workflow "CI" ran in runner group "gpu pool", which allowed_runner_groups does not allow`},
		{Violation{Job: &job.Job{Name: new("build")}, Reason: ReasonGroupNotAllowed},
			`Job "build" ran without a runner group, which allowed_runner_groups does not allow`},
		{Violation{Repository: "acme/app", Job: &job.Job{}, Reason: ReasonUnlabeled},
			`acme/app: a job without a name asks for no label and ran without a runner group, so allowed_labels does not allow it`},
		{Violation{Job: &job.Job{}, Reason: ReasonNotAllowed, Label: new("x\x1b[31m\n\"\u202ey")},
			`A job without a name uses label "x\x1b[31m\n\"\u202ey", which allowed_labels does not allow`},
		{Violation{Job: &job.Job{Name: new(strings.Repeat("é", 101))}, Reason: ReasonNotAllowed, Label: new("")},
			`Job "` + strings.Repeat("é", 99) + `…" uses label "", which allowed_labels does not allow`},
	} {
		if got := tc.v.Message(); got != tc.want+"." {
			t.Errorf("got\n%s\nwant\n%s.", got, tc.want)
		}
		row := SummaryRow{
			Repository: tc.v.Repository, JobName: tc.v.Job.Name, WorkflowName: tc.v.Job.WorkflowName,
			RunnerGroupName: tc.v.Job.RunnerGroupName, Label: tc.v.Label, Reason: tc.v.Reason, Pattern: tc.v.Pattern,
		}
		day := time.Date(2026, 11, 20, 23, 30, 0, 0, time.FixedZone("", -3600)) // the next day in UTC
		for _, seen := range []struct {
			count int64
			last  *time.Time
			want  string
		}{
			{12, &day, "; 12 jobs, last on 2026-11-21."},
			{1, &day, "; 1 job, on 2026-11-21."},
			{2, nil, "; 2 jobs."},
			{1, nil, "; 1 job."},
		} {
			row.Count, row.LastSeenAt = seen.count, seen.last
			if got := row.Message(); got != tc.want+seen.want {
				t.Errorf("got\n%s\nwant\n%s%s", got, tc.want, seen.want)
			}
		}
	}
}

func TestEveryReasonHasItsMessage(t *testing.T) {
	t.Parallel()
	var seen []string
	for _, reason := range []Reason{ReasonDenied, ReasonNotAllowed, ReasonMissing, ReasonUnlabeled, ReasonGroupDenied, ReasonGroupNotAllowed, "other"} {
		seen = append(seen, Violation{Job: &job.Job{}, Reason: reason}.Message())
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 7 {
		t.Errorf("two reasons share a message: %q", seen)
	}
}
