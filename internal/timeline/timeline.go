// Package timeline draws jobs over time as a Gantt chart in Mermaid's language, which GitHub shows in
// comments, step summaries and Markdown files.
//
// It is pure: the chart depends only on the jobs, not on their order and not on a clock.
package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/mermaid"
)

// maxName is the maximum number of characters of a name in a chart.
const maxName = 100

// maxHead is an upper bound for the size of everything before the first section or bar.
const maxHead = 2_000

// Chart draws a bar for the time each job was queued and one for the time it ran, without a line end
// after the last line.
//
// A bar without an end extends to the latest time in any of the jobs. Jobs that never ran or lack
// the times for a bar are left out. The last jobs are left out if the chart is too long for
// Mermaid. The title says how many. Copies of jobs in the list are not drawn and not counted
// (job.WithoutCopies).
//
// Times are milliseconds since 1970, so that the bars are right in every time zone: Mermaid treats
// times without a zone as local and labels the axis in the reader's zone. The title names the first
// and the last time in UTC.
func Chart(jobs []*job.Job) string {
	jobs = prepare(jobs)
	now := latest(jobs)
	var all []drawn
	for _, j := range jobs {
		if bars := barsOf(j, now); len(bars) > 0 {
			all = append(all, drawn{j, sectionOf(j), bars})
		}
	}
	sections := newSections(all)
	slices.SortFunc(all, func(a, b drawn) int {
		order := cmp.Or(
			cmp.Compare(sections.place[a.section], sections.place[b.section]),
			cmp.Compare(a.from(), b.from()),
			cmp.Compare(job.Value(a.job.ID), job.Value(b.job.ID)))
		if order == 0 {
			order = strings.Compare(a.lines(), b.lines())
		}
		return order
	})

	var body strings.Builder
	room := mermaid.MaxText - maxHead
	shown := 0
	var last section
	for i, d := range all {
		text := d.lines()
		if sections.several() && (i == 0 || d.section != last) {
			text = "\n    section " + sections.label(d.section) + text
		}
		if room -= mermaid.Units(text); room < 0 {
			break
		}
		body.WriteString(text)
		last = d.section
		shown++
	}
	return head(all[:shown], sections, len(jobs)) + body.String()
}

// head is everything before the first section or bar.
func head(shown []drawn, sections sections, jobs int) string {
	title, axis := "No jobs to draw", "%H:%M:%S"
	if len(shown) > 0 {
		from, to := shown[0].from(), shown[0].to()
		for _, d := range shown {
			from, to = min(from, d.from()), max(to, d.to())
		}
		title = sections.title() + " · " + period(from, to)
		switch span := to - from; {
		case span >= 24*60*60:
			axis = "%m-%d %H:%M"
		case span >= 2*60*60:
			axis = "%H:%M"
		}
	}
	if left := jobs - len(shown); left > 0 {
		title += fmt.Sprintf(" · %d of %d jobs not drawn", left, jobs)
	}
	return "gantt" +
		"\n    title " + title +
		"\n    dateFormat x" +
		"\n    axisFormat " + axis +
		"\n    todayMarker off"
}

// drawn is a job that has bars.
type drawn struct {
	job     *job.Job
	section section
	bars    []bar
}

func (d drawn) from() int64 { return d.bars[0].from }

func (d drawn) to() int64 { return d.bars[len(d.bars)-1].to }

// bar is one bar; its times are seconds since 1970.
type bar struct {
	from, to int64
	label    string // what the job did in this time
	tag      string // Mermaid's: done, active, crit or none
}

// barsOf are the job's bars in their order.
func barsOf(j *job.Job, now int64) []bar {
	created, started, completed := seconds(j.CreatedAt), seconds(j.StartedAt), seconds(j.CompletedAt)
	over := !j.Unfinished() || completed != 0
	switch {
	case over && j.NeverRan():
		return nil // GitHub returns times for such jobs too
	case !over && (started == 0 || waits(j)):
		if from := cmp.Or(created, started); from != 0 {
			return []bar{{from: from, to: max(now, from+1), label: "Waiting", tag: "active"}}
		}
		return nil
	case started == 0:
		return nil
	}
	var bars []bar
	if queued := job.Value(j.QueuedSeconds()); queued > 0 {
		bars = append(bars, bar{from: created, to: started, label: "Queued " + elapsed(queued)})
	}
	switch {
	case !over:
		bars = append(bars, bar{from: started, to: max(now, started+1), label: "Running", tag: "active"})
	case completed != 0:
		bars = append(bars, ran(j, started, completed))
	}
	return bars
}

// ran is the bar of a finished job. It is at least one second long, so that it is visible.
func ran(j *job.Job, started, completed int64) bar {
	b := bar{
		from: started, to: max(completed, started+1),
		label: "Ran " + elapsed(job.Value(j.DurationSeconds())), tag: "done",
	}
	if j.Failed() {
		b.label += ", " + cmp.Or(mermaid.Safe(job.Value(j.Conclusion), maxName), "no conclusion")
		b.tag = "crit"
	}
	return b
}

// waits reports whether an unfinished job waits for its runner. GitHub returns a start for waiting
// jobs too.
func waits(j *job.Job) bool {
	switch job.Value(j.Status) {
	case "in_progress":
		return false
	case "queued", "waiting", "pending", "requested":
		return true
	}
	return j.NeverRan()
}

// lines are the bars in Mermaid's language, each with the line end before it. They start with a
// word of this package, because Mermaid treats some words at the start of a line as keywords.
func (d drawn) lines() string {
	name := "unnamed job"
	if d.job.ID != nil {
		name = fmt.Sprintf("job %d", *d.job.ID)
	}
	if d.job.Name != nil {
		name = cmp.Or(mermaid.Safe(*d.job.Name, maxName), name)
	}
	var text strings.Builder
	for _, b := range d.bars {
		tag := ""
		if b.tag != "" {
			tag = b.tag + ", "
		}
		fmt.Fprintf(&text, "\n    %s · %s :%s%d, %ds", b.label, name, tag, b.from*1000, b.to-b.from)
	}
	return text.String()
}

// latest is the latest time in any of the jobs.
func latest(jobs []*job.Job) int64 {
	var now int64
	for _, j := range jobs {
		now = max(now, seconds(j.CreatedAt), seconds(j.StartedAt), seconds(j.CompletedAt))
	}
	return now
}

// seconds is a moment as seconds since 1970, 0 for none.
func seconds(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return t.Unix()
}

// elapsed formats a span as 45s, 3m4s or 1h2m3s.
func elapsed(seconds int64) string {
	h, m, s := seconds/3600, seconds/60%60, seconds%60
	switch {
	case h > 0:
		return fmt.Sprintf("%dh%dm%ds", h, m, s)
	case m > 0:
		return fmt.Sprintf("%dm%ds", m, s)
	}
	return fmt.Sprintf("%ds", s)
}

// period names the first and the last time. It has the date once if both are on the same day.
func period(from, to int64) string {
	a, b := time.Unix(from, 0).UTC(), time.Unix(to, 0).UTC()
	end := time.TimeOnly
	if a.Format(time.DateOnly) != b.Format(time.DateOnly) {
		end = time.DateTime
	}
	return a.Format(time.DateTime) + " to " + b.Format(end) + " UTC"
}
