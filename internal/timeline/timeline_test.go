package timeline

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// clock is a moment in seconds after 2026-05-04 10:00 UTC, which is 1777888800 since 1970.
func clock(seconds int64) *time.Time {
	return new(time.Unix(1777888800+seconds, 0))
}

// finished is a job of run 700 that a runner worked on.
func finished(id int64, name, conclusion string, created, started, completed int64) *job.Job {
	return &job.Job{
		ID: new(id), RunID: new(int64(700)), RunAttempt: new(int64(1)), Name: new(name), WorkflowName: new("CI"),
		Status: new("completed"), Conclusion: new(conclusion), RunnerName: new("runner 1"),
		CreatedAt: clock(created), StartedAt: clock(started), CompletedAt: clock(completed),
	}
}

func TestChart(t *testing.T) {
	t.Parallel()
	of := func(j *job.Job, change func(*job.Job)) *job.Job {
		change(j)
		return j
	}
	skipped := of(finished(5, "package", "skipped", 200, 200, 200), func(j *job.Job) { j.RunnerName = nil })
	unfinished := func(status string, change func(*job.Job)) *job.Job {
		return of(finished(6, "deploy", "", 300, 310, 0), func(j *job.Job) {
			j.Status, j.Conclusion, j.CompletedAt = new(status), nil, nil
			change(j)
		})
	}
	nothing := func(*job.Job) {}
	second := func(j *job.Job) { j.RunAttempt = new(int64(2)) }
	for _, tc := range []struct {
		name  string
		jobs  []*job.Job
		title string
		lines []string // after the head
	}{
		{"no jobs", nil, "No jobs to draw", nil},
		{"one job", []*job.Job{finished(1, "build", "success", 0, 6, 190)}, "CI · run 700 · 2026-05-04 10:00:00 to 10:03:10 UTC", []string{
			"Queued 6s · build :1777888800000, 6s",
			"Ran 3m4s · build :done, 1777888806000, 184s",
		}},
		{"by time, whatever their order", []*job.Job{finished(3, "c", "success", 10, 10, 20), finished(2, "b", "success", 0, 0, 20), finished(1, "a", "success", 10, 10, 20)}, "CI · run 700 · 2026-05-04 10:00:00 to 10:00:20 UTC", []string{
			"Ran 20s · b :done, 1777888800000, 20s",
			"Ran 10s · a :done, 1777888810000, 10s",
			"Ran 10s · c :done, 1777888810000, 10s",
		}},
		{"other conclusions", []*job.Job{finished(1, "a", "failure", 0, 0, 3600), finished(2, "b", "timed_out", 0, 0, 1), finished(3, "c", "neutral", 0, 0, 1), finished(4, "d", "some;thing", 0, 0, 1)}, "CI · run 700 · 2026-05-04 10:00:00 to 11:00:00 UTC", []string{
			"Ran 1h0m0s, failure · a :crit, 1777888800000, 3600s",
			"Ran 1s, timed_out · b :crit, 1777888800000, 1s",
			"Ran 1s · c :done, 1777888800000, 1s",
			"Ran 1s, some#59;thing · d :crit, 1777888800000, 1s",
		}},
		{"completed without a conclusion, which internal/job counts as failed", []*job.Job{
			of(finished(1, "a", "", 0, 0, 9), func(j *job.Job) { j.Conclusion = nil }),
			finished(2, "b", "", 0, 0, 9),
		}, "CI · run 700 · 2026-05-04 10:00:00 to 10:00:09 UTC", []string{
			"Ran 9s, no conclusion · a :crit, 1777888800000, 9s",
			"Ran 9s, no conclusion · b :crit, 1777888800000, 9s",
		}},
		{"over by its end alone", []*job.Job{{Name: new("a"), StartedAt: clock(0), CompletedAt: clock(9), Conclusion: new(""), RunnerUnknown: true}}, "Jobs · 2026-05-04 10:00:00 to 10:00:09 UTC", []string{
			"Ran 9s · a :done, 1777888800000, 9s",
		}},
		{"an empty conclusion is not over", []*job.Job{unfinished("in_progress", func(j *job.Job) { j.Conclusion = new("") })}, "CI · run 700 · 2026-05-04 10:05:00 to 10:05:11 UTC", []string{
			"Queued 10s · deploy :1777889100000, 10s",
			"Running · deploy :active, 1777889110000, 1s",
		}},
		{"a conclusion beats a status", []*job.Job{of(finished(1, "a", "failure", 0, 0, 9), func(j *job.Job) { j.Status = new("in_progress") })}, "CI · run 700 · 2026-05-04 10:00:00 to 10:00:09 UTC", []string{
			"Ran 9s, failure · a :crit, 1777888800000, 9s",
		}},
		{"a step that started proves a run", []*job.Job{of(finished(1, "a", "success", 0, 0, 9), func(j *job.Job) { j.RunnerName, j.StepStarted = nil, true })}, "CI · run 700 · 2026-05-04 10:00:00 to 10:00:09 UTC", []string{
			"Ran 9s · a :done, 1777888800000, 9s",
		}},
		{"a carried-over job beside its original", []*job.Job{
			of(finished(11, "a", "success", 500, 5, 9), second),
			finished(1, "a", "success", 0, 5, 9),
		}, "CI · run 700 · 2026-05-04 10:00:00 to 10:00:09 UTC", []string{
			"Queued 5s · a :1777888800000, 5s",
			"Ran 4s · a :done, 1777888805000, 4s",
		}},
		{"a carried-over job alone", []*job.Job{of(finished(11, "a", "success", 500, 5, 9), second)}, "CI · run 700 · attempt 2 · 2026-05-04 10:00:05 to 10:00:09 UTC", []string{
			"Ran 4s · a :done, 1777888805000, 4s",
		}},
		{"run again in place, among jobs of the first attempt", []*job.Job{
			finished(1, "a", "success", 0, 5, 9),
			of(finished(2, "b", "success", 0, 300, 305), second),
			finished(3, "c", "success", 0, 310, 312), // after b, so it ran again as well
		}, "Jobs · 2026-05-04 10:00:00 to 10:05:12 UTC", []string{
			"section CI · attempt 1",
			"Queued 5s · a :1777888800000, 5s",
			"Ran 4s · a :done, 1777888805000, 4s",
			"Ran 2s · c :done, 1777889110000, 2s",
			"section CI · attempt 2",
			"Ran 5s · b :done, 1777889100000, 5s",
		}},
		{"run again in place, as its run told", []*job.Job{of(finished(1, "a", "success", 0, 300, 305), func(j *job.Job) { j.RerunInPlace = true })}, "CI · run 700 · 2026-05-04 10:05:00 to 10:05:05 UTC", []string{
			"Ran 5s · a :done, 1777889100000, 5s",
		}},
		{"attempts of different runs say nothing about each other", []*job.Job{
			of(finished(1, "a", "success", 60, 65, 69), func(j *job.Job) { second(j); j.RunID = new(int64(701)) }),
			finished(2, "b", "success", 70, 75, 79),
		}, "Jobs · 2026-05-04 10:01:00 to 10:01:19 UTC", []string{
			"section CI · run 701",
			"Queued 5s · a :1777888860000, 5s",
			"Ran 4s · a :done, 1777888865000, 4s",
			"section CI · run 700",
			"Queued 5s · b :1777888870000, 5s",
			"Ran 4s · b :done, 1777888875000, 4s",
		}},
		{"fractions of a second are cut at both ends", []*job.Job{of(finished(1, "a", "success", 0, 6, 190), func(j *job.Job) {
			j.StartedAt, j.CompletedAt = new(j.StartedAt.Add(900*time.Millisecond)), new(j.CompletedAt.Add(100*time.Millisecond))
		})}, "CI · run 700 · 2026-05-04 10:00:00 to 10:03:10 UTC", []string{
			"Queued 6s · a :1777888800000, 6s",
			"Ran 3m4s · a :done, 1777888806000, 184s",
		}},
		{"clocks that disagree", []*job.Job{finished(1, "a", "success", 9, 6, 2)}, "CI · run 700 · 2026-05-04 10:00:06 to 10:00:07 UTC", []string{
			"Ran 0s · a :done, 1777888806000, 1s",
		}},
		{"never ran", []*job.Job{skipped, of(finished(4, "lint", "cancelled", 0, 5, 9), func(j *job.Job) { j.RunnerName = nil }), finished(1, "a", "success", 0, 0, 10)}, "CI · run 700 · 2026-05-04 10:00:00 to 10:00:10 UTC · 2 of 3 jobs not drawn", []string{
			"Ran 10s · a :done, 1777888800000, 10s",
		}},
		{"no job ran", []*job.Job{skipped}, "No jobs to draw · 1 of 1 jobs not drawn", nil},
		{"skipped, and runners are unknown", []*job.Job{of(finished(5, "package", "skipped", 200, 200, 200), func(j *job.Job) { j.RunnerName, j.RunnerUnknown = nil, true })}, "No jobs to draw · 1 of 1 jobs not drawn", nil},
		{"no times", []*job.Job{{Name: new("a")}, {Conclusion: new("success"), CreatedAt: clock(1)}, {Status: new("completed"), CreatedAt: clock(1)}}, "No jobs to draw · 3 of 3 jobs not drawn", nil},
		{"no time of creation", []*job.Job{of(finished(1, "a", "success", 0, 5, 9), func(j *job.Job) { j.CreatedAt = nil })}, "CI · run 700 · 2026-05-04 10:00:05 to 10:00:09 UTC", []string{
			"Ran 4s · a :done, 1777888805000, 4s",
		}},
		{"no end", []*job.Job{of(finished(1, "a", "success", 0, 5, 9), func(j *job.Job) { j.CompletedAt = nil })}, "CI · run 700 · 2026-05-04 10:00:00 to 10:00:05 UTC", []string{
			"Queued 5s · a :1777888800000, 5s",
		}},
		{"times that stand for none", []*job.Job{of(finished(1, "a", "success", 0, 5, 9), func(j *job.Job) { j.CreatedAt, j.CompletedAt = new(time.Unix(8*60*60, 0)), new(time.Time{}) })}, "No jobs to draw · 1 of 1 jobs not drawn", nil},
		{"running until the latest moment", []*job.Job{unfinished("in_progress", nothing), finished(1, "a", "success", 0, 0, 400)}, "CI · run 700 · 2026-05-04 10:00:00 to 10:06:40 UTC", []string{
			"Ran 6m40s · a :done, 1777888800000, 400s",
			"Queued 10s · deploy :1777889100000, 10s",
			"Running · deploy :active, 1777889110000, 90s",
		}},
		{"running since the latest moment", []*job.Job{unfinished("in_progress", nothing)}, "CI · run 700 · 2026-05-04 10:05:00 to 10:05:11 UTC", []string{
			"Queued 10s · deploy :1777889100000, 10s",
			"Running · deploy :active, 1777889110000, 1s",
		}},
		{"in progress before its runner shows", []*job.Job{unfinished("in_progress", func(j *job.Job) { j.RunnerName = nil })}, "CI · run 700 · 2026-05-04 10:05:00 to 10:05:11 UTC", []string{
			"Queued 10s · deploy :1777889100000, 10s",
			"Running · deploy :active, 1777889110000, 1s",
		}},
		{"waiting, although GitHub gives a start", []*job.Job{unfinished("queued", nothing)}, "CI · run 700 · 2026-05-04 10:05:00 to 10:05:10 UTC", []string{
			"Waiting · deploy :active, 1777889100000, 10s",
		}},
		{"an unknown status, with a runner", []*job.Job{unfinished("thinking", nothing)}, "CI · run 700 · 2026-05-04 10:05:00 to 10:05:11 UTC", []string{
			"Queued 10s · deploy :1777889100000, 10s",
			"Running · deploy :active, 1777889110000, 1s",
		}},
		{"an unknown status, without a runner", []*job.Job{unfinished("thinking", func(j *job.Job) { j.RunnerName = nil })}, "CI · run 700 · 2026-05-04 10:05:00 to 10:05:10 UTC", []string{
			"Waiting · deploy :active, 1777889100000, 10s",
		}},
		{"waiting since its start, without a creation time", []*job.Job{unfinished("queued", func(j *job.Job) { j.CreatedAt = nil })}, "CI · run 700 · 2026-05-04 10:05:10 to 10:05:11 UTC", []string{
			"Waiting · deploy :active, 1777889110000, 1s",
		}},
		{"names and times alone", []*job.Job{{Name: new("a"), CreatedAt: clock(0), StartedAt: clock(1), CompletedAt: clock(3), RunnerUnknown: true}, {Name: new("b"), StartedAt: clock(2), RunnerUnknown: true}}, "Jobs · 2026-05-04 10:00:00 to 10:00:03 UTC", []string{
			"Queued 1s · a :1777888800000, 1s",
			"Ran 2s · a :done, 1777888801000, 2s",
			"Running · b :active, 1777888802000, 1s",
		}},
		{"no name", []*job.Job{{ID: new(int64(9)), StartedAt: clock(0), CompletedAt: clock(3), RunnerUnknown: true}, {Name: new(" \n\u200b"), StartedAt: clock(1), CompletedAt: clock(3), RunnerUnknown: true}}, "Jobs · 2026-05-04 10:00:00 to 10:00:03 UTC", []string{
			"Ran 3s · job 9 :done, 1777888800000, 3s",
			"Ran 2s · unnamed job :done, 1777888801000, 2s",
		}},
		{"a re-run", []*job.Job{of(finished(1, "a", "success", 0, 0, 1), func(j *job.Job) { j.RunAttempt = new(int64(2)) })}, "CI · run 700 · attempt 2 · 2026-05-04 10:00:00 to 10:00:01 UTC", []string{
			"Ran 1s · a :done, 1777888800000, 1s",
		}},
		{"two attempts", []*job.Job{of(finished(2, "a", "success", 60, 60, 61), func(j *job.Job) { j.RunAttempt = new(int64(2)) }), finished(1, "a", "failure", 0, 0, 1)}, "Jobs · 2026-05-04 10:00:00 to 10:01:01 UTC", []string{
			"section CI · attempt 1",
			"Ran 1s, failure · a :crit, 1777888800000, 1s",
			"section CI · attempt 2",
			"Ran 1s · a :done, 1777888860000, 1s",
		}},
		{"three runs, one of nothing that is known", []*job.Job{
			of(finished(2, "a", "success", 60, 60, 61), func(j *job.Job) { j.RunID, j.WorkflowName = new(int64(701)), new("Release: %%{init}%%") }),
			of(finished(3, "b", "success", 90, 90, 91), func(j *job.Job) { j.RunID, j.RunAttempt, j.WorkflowName = nil, nil, nil }),
			finished(1, "a", "success", 0, 0, 1),
			finished(4, "z", "success", 95, 95, 96),
		}, "Jobs · 2026-05-04 10:00:00 to 10:01:36 UTC", []string{
			"section CI · run 700",
			"Ran 1s · a :done, 1777888800000, 1s",
			"Ran 1s · z :done, 1777888895000, 1s",
			"section Release#58; #37;#37;#123;init#125;#37;#37; · run 701",
			"Ran 1s · a :done, 1777888860000, 1s",
			"section Other jobs",
			"Ran 1s · b :done, 1777888890000, 1s",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			head := []string{"gantt", "title " + tc.title, "dateFormat x", "axisFormat %H:%M:%S", "todayMarker off"}
			want := strings.Join(append(head, tc.lines...), "\n    ")
			if got := Chart(tc.jobs); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestChartChangesNoJob: the caller's jobs may be shared.
func TestChartChangesNoJob(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		jobs := rapid.SliceOfN(anyJob(), 0, 5).Draw(t, "jobs")
		before := make([]job.Job, len(jobs))
		for i, j := range jobs {
			before[i] = *j
		}
		Chart(jobs)
		for i, j := range jobs {
			if !reflect.DeepEqual(*j, before[i]) {
				t.Fatalf("job %d was changed from %+v to %+v", i, before[i], *j)
			}
		}
	})
}

// TestEveryWaitingStatusWaits: GitHub returns a start for jobs that wait for a runner or an
// approval.
func TestEveryWaitingStatusWaits(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"queued", "waiting", "pending", "requested"} {
		got := Chart([]*job.Job{{Name: new("a"), Status: new(status), CreatedAt: clock(0), StartedAt: clock(5)}})
		if want := "\n    Waiting · a :active, 1777888800000, 5s"; !strings.HasSuffix(got, want) || strings.Contains(got, "Queued") {
			t.Errorf("%s: got\n%s\nwant%s", status, got, want)
		}
	}
}

// TestTiesHaveAnOrder: bars that start at the same time have the same order for any order of the
// list.
func TestTiesHaveAnOrder(t *testing.T) {
	t.Parallel()
	of := func(change func(*job.Job)) *job.Job {
		j := &job.Job{Name: new("a"), StartedAt: clock(0), CompletedAt: clock(1), RunnerUnknown: true}
		change(j)
		return j
	}
	for name, jobs := range map[string][]*job.Job{
		"names":     {of(func(j *job.Job) { j.Name = new("b") }), of(func(j *job.Job) { j.Name = new("c") }), of(func(*job.Job) {})},
		"ends":      {of(func(j *job.Job) { j.CompletedAt = clock(3) }), of(func(j *job.Job) { j.CompletedAt = clock(2) }), of(func(*job.Job) {})},
		"runs":      {of(func(j *job.Job) { j.RunID = new(int64(1)) }), of(func(j *job.Job) { j.RunID = new(int64(3)) }), of(func(j *job.Job) { j.RunID = new(int64(2)) })},
		"attempts":  {of(func(j *job.Job) { j.RunAttempt = new(int64(1)) }), of(func(j *job.Job) { j.RunAttempt = new(int64(3)) }), of(func(j *job.Job) { j.RunAttempt = new(int64(2)) })},
		"workflows": {of(func(j *job.Job) { j.WorkflowName = new("x") }), of(func(j *job.Job) { j.WorkflowName = new("z") }), of(func(j *job.Job) { j.WorkflowName = new("y") })},
	} {
		want := Chart(jobs)
		// The order of maps is random, so one try is not enough.
		for range 20 {
			jobs = append(jobs[1:], jobs[0])
			if got := Chart(jobs); got != want {
				t.Fatalf("%s: got\n%s\nand\n%s", name, got, want)
			}
		}
	}
}

// TestAxis: long charts need no seconds, and those over days need the day.
func TestAxis(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		seconds     int64
		title, axis string
	}{
		{7199, "10:00:00 to 11:59:59 UTC", "%H:%M:%S"},
		{7200, "10:00:00 to 12:00:00 UTC", "%H:%M"},
		{86399, "10:00:00 to 2026-05-05 09:59:59 UTC", "%H:%M"},
		{86400, "10:00:00 to 2026-05-05 10:00:00 UTC", "%m-%d %H:%M"},
	} {
		got := Chart([]*job.Job{finished(1, "a", "success", 0, 0, tc.seconds)})
		if !strings.Contains(got, tc.title+"\n") || !strings.Contains(got, "axisFormat "+tc.axis+"\n") {
			t.Errorf("%d seconds: got\n%s\nwant %s and %s", tc.seconds, got, tc.title, tc.axis)
		}
	}
}

// name draws names that could have a meaning in Mermaid.
func name() *rapid.Generator[string] {
	hostile := rapid.SampledFrom([]string{
		"\n", "\r", "\u2028", "\u2029", "\u0085", "click a call b()", "section x", "gantt", "title x", "%%", "%%{init: {\"theme\":\"dark\"}}%%", "```", "---\n",
		":", ";", "#", "#59;", ",", "\"", "'", "`", "{", "}", "(", ")", "[", "<br>", "<script>", "dateFormat YYYY", "axisFormat %d", "2026-05-04", "done, ",
		"after a", "accTitle: x", "accDescr {", "href \"", "call f", "style a:b#c;", "ﬂ°°60¶ß", "\x00", "\x1b[0m", "\xff", "\u202e",
	})
	return rapid.Map(rapid.SliceOfN(rapid.OneOf(hostile, rapid.String()), 0, 5), func(parts []string) string { return strings.Join(parts, "") })
}

func anyJob() *rapid.Generator[*job.Job] {
	moment := rapid.Ptr(rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.OneOf(rapid.Int64Range(1777888800, 1777889800), rapid.Int64Range(-62135596800, 253402300000)).Draw(t, "moment"), 0)
	}), true)
	small := rapid.Ptr(rapid.Int64Range(0, 3), true)
	names := rapid.Ptr(name(), true)
	return rapid.Custom(func(t *rapid.T) *job.Job {
		return &job.Job{
			ID: small.Draw(t, "id"), RunID: small.Draw(t, "run"), RunAttempt: small.Draw(t, "attempt"),
			Name: names.Draw(t, "name"), WorkflowName: names.Draw(t, "workflow"),
			Status:     rapid.Ptr(rapid.OneOf(rapid.SampledFrom([]string{"queued", "in_progress", "completed"}), name()), true).Draw(t, "status"),
			Conclusion: rapid.Ptr(rapid.OneOf(rapid.SampledFrom([]string{"success", "failure", "skipped"}), name()), true).Draw(t, "conclusion"),
			CreatedAt:  moment.Draw(t, "created"), StartedAt: moment.Draw(t, "started"), CompletedAt: moment.Draw(t, "completed"),
			RunnerID: small.Draw(t, "runner"), RunnerUnknown: rapid.Bool().Draw(t, "runner unknown"),
		}
	})
}

// TestNoNameIsMoreThanAName: for any names, each line of the chart has a form that this package
// writes, names consist only of entities and harmless characters, and the chart does not depend on
// the order of the jobs.
func TestNoNameIsMoreThanAName(t *testing.T) {
	t.Parallel()
	const label = `(?:[^:;#%{}<>&"` + "`" + `\\ﬂ\n\r]|#[0-9]+;)`
	head := regexp.MustCompile(`^gantt\n    title (?:No jobs to draw|` + label + `+ · \d{4}-\d\d-\d\d \d\d:\d\d:\d\d to (?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d UTC)(?: · [1-9]\d* of [1-9]\d* jobs not drawn)?\n    dateFormat x\n    axisFormat %(?:H:%M:%S|H:%M|m-%d %H:%M)\n    todayMarker off$`)
	line := regexp.MustCompile(`^    (?:section ` + label + `+|(?:Queued [0-9hms]+|Waiting|Running|Ran [0-9hms]+(?:, ` + label + `+)?) · ` + label + `+ :(?:(?:done|active|crit), )?[1-9]\d*, [1-9]\d*s)$`)
	rapid.Check(t, func(t *rapid.T) {
		jobs := rapid.SliceOfN(anyJob(), 0, 8).Draw(t, "jobs")
		chart := Chart(jobs)
		if i := strings.IndexFunc(chart, func(r rune) bool { return r != '\n' && !unicode.IsGraphic(r) }); i >= 0 {
			t.Fatalf("%q cannot be seen in %q", chart[i:], chart)
		}
		all := strings.Split(chart, "\n")
		if first := strings.Join(all[:5], "\n"); !head.MatchString(first) {
			t.Fatalf("the head is\n%s", first)
		}
		for _, l := range all[5:] {
			if !line.MatchString(l) {
				t.Fatalf("a line is\n%q", l)
			}
		}
		if again := Chart(rapid.Permutation(jobs).Draw(t, "order")); again != chart {
			t.Fatalf("in another order the chart is\n%s\nand not\n%s", again, chart)
		}
	})
}

// TestEveryJobIsDrawnOrCounted: the bars, the jobs and the title's count add up.
func TestEveryJobIsDrawnOrCounted(t *testing.T) {
	t.Parallel()
	count := regexp.MustCompile(` · (\d+) of (\d+) jobs not drawn\n`)
	rapid.Check(t, func(t *rapid.T) {
		jobs := rapid.SliceOfN(anyJob(), 0, 8).Draw(t, "jobs")
		drawn, bars := 0, 0
		prepared := prepare(jobs)
		now := latest(prepared)
		jobs = prepared
		for _, j := range jobs {
			if n := len(barsOf(j, now)); n > 0 {
				drawn, bars = drawn+1, bars+n
			}
		}
		chart := Chart(jobs)
		want := "[]"
		if left := len(jobs) - drawn; left > 0 {
			want = fmt.Sprintf("[ · %d of %d jobs not drawn\n %d %d]", left, len(jobs), left, len(jobs))
		}
		if got := fmt.Sprint(count.FindStringSubmatch(chart)); got != want {
			t.Fatalf("the title counts %q, want %q", got, want)
		}
		if got := len(regexp.MustCompile(`(?m) :[a-z0-9, ]+s$`).FindAllString(chart, -1)); got != bars {
			t.Fatalf("%d bars, want %d, in\n%s", got, bars, chart)
		}
	})
}

// TestAChartIsNeverTooLongForMermaid counts as JavaScript does: a rocket is two.
func TestAChartIsNeverTooLongForMermaid(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"short", strings.Repeat("🚀", 200), strings.Repeat("ﬂ", 200)} {
		var jobs []*job.Job
		for i := range int64(1000) {
			j := finished(i, name, strings.Repeat("ﬂ", 200), i, i+1, i+2)
			j.RunID = new(i / 10)
			j.WorkflowName = new(name)
			jobs = append(jobs, j)
		}
		slices.Reverse(jobs)
		chart := Chart(jobs)
		length := 0
		for _, r := range chart {
			if length++; r > 0xffff {
				length++
			}
		}
		if length > 50_000 || length < 45_000 {
			t.Errorf("the chart is %d long", length)
		}
		var left, all int
		title := strings.Split(chart, "\n")[1]
		if _, err := fmt.Sscanf(title[strings.LastIndex(title, " · "):], " · %d of %d jobs not drawn", &left, &all); err != nil || all != 1000 {
			t.Fatalf("the title is %q: %v", title, err)
		}
		if shown := strings.Count(chart, "\n    Ran "); shown != 1000-left {
			t.Errorf("%d jobs are drawn, and %d said to be left out of 1000", shown, left)
		}
		if !strings.Contains(chart, "\n    Ran 1s, ") || !strings.Contains(chart, "1777888800000, 1s") {
			t.Error("the first job is not drawn")
		}
	}
}

func BenchmarkChart(b *testing.B) {
	var jobs []*job.Job
	for i := range int64(10_000) {
		j := finished(i, "test (ubuntu-24.04, 1.26)", "success", i, i+6, i+190)
		j.RunID = new(i / 10)
		jobs = append(jobs, j)
	}
	for b.Loop() {
		Chart(jobs)
	}
}
