package audit

import (
	"cmp"
	"slices"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/bounded"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// MaxSummaryRows is the maximum number of rows in a summary.
const MaxSummaryRows = 10_000

// maxSummaryKeys is the maximum number of rows in memory. It is higher than MaxSummaryRows, because
// the order of the rows is known only after all jobs.
const maxSummaryKeys = 5 * MaxSummaryRows

// SummaryRow is one violation as often as jobs repeat it.
type SummaryRow struct {
	Repository   string
	WorkflowName *string
	JobName      *string

	// Label is null if the label of the violation is null. If jobs spell a label in several ways,
	// this is the spelling that sorts first by its bytes.
	Label   *string
	Pattern *string
	Reason  Reason

	Count int64

	// FirstSeenAt and LastSeenAt are the earliest and the latest time of these jobs: when each was
	// created, or else started, or else when its run was created. Null if all of them are unknown.
	FirstSeenAt *time.Time
	LastSeenAt  *time.Time

	// HTMLURL and RunnerGroupName are those of the newest job.
	HTMLURL         *string
	RunnerGroupName *string
}

// summaryRow is a row with the values that decide which of its jobs is the newest.
type summaryRow struct {
	SummaryRow
	run, job int64
}

// seenAt is the time of a job in a summary.
func seenAt(j *job.Job, run *job.Run) *time.Time {
	return cmp.Or(j.CreatedAt, j.StartedAt, run.CreatedAt)
}

// summarize counts one violation.
func summarize(rows *bounded.Map[summaryRow], v Violation, run *job.Run) {
	row := rows.At(summaryKey(v))
	if row == nil {
		return
	}
	at := seenAt(v.Job, run)
	runID, jobID := cmp.Or(job.Value(v.Job.RunID), job.Value(run.ID)), job.Value(v.Job.ID)
	newest := row.Count == 0 || cmp.Or(
		newestFirst(at, row.LastSeenAt), cmp.Compare(row.run, runID), cmp.Compare(row.job, jobID)) < 0
	if row.Count == 0 {
		row.SummaryRow = SummaryRow{
			Repository: v.Repository, WorkflowName: v.Job.WorkflowName, JobName: v.Job.Name,
			Label: v.Label, Pattern: v.Pattern, Reason: v.Reason,
		}
	}
	row.Count++
	if v.Label != nil && *v.Label < *row.Label {
		row.Label = v.Label
	}
	if at != nil && (row.FirstSeenAt == nil || at.Before(*row.FirstSeenAt)) {
		row.FirstSeenAt = new(*at)
	}
	if !newest {
		return
	}
	if at != nil {
		row.LastSeenAt = new(*at)
	}
	row.run, row.job = runID, jobID
	row.HTMLURL, row.RunnerGroupName = v.Job.HTMLURL, v.Job.RunnerGroupName
}

// summaryKey is equal for two violations if, and only if, they belong to the same row. Labels are
// compared without case.
func summaryKey(v Violation) []byte {
	label := v.Label
	if label != nil {
		label = new(job.FoldLabel(*label))
	}
	var key []byte
	for _, s := range []*string{&v.Repository, v.Job.WorkflowName, v.Job.Name, label, v.Pattern, new(string(v.Reason))} {
		key = bounded.AppendText(key, s)
	}
	return key
}

// summary returns the rows in order: the highest count first, then by repository, workflow, job,
// label, pattern and reason.
func summary(held *bounded.Map[summaryRow], limit int) (rows []SummaryRow, cut bool) {
	cut = held.Cut()
	rows = make([]SummaryRow, 0, held.Len())
	for row := range held.All() {
		rows = append(rows, row.SummaryRow)
	}
	slices.SortFunc(rows, func(a, b SummaryRow) int {
		return cmp.Or(
			cmp.Compare(b.Count, a.Count),
			cmp.Compare(a.Repository, b.Repository),
			compareTexts(a.WorkflowName, b.WorkflowName),
			compareTexts(a.JobName, b.JobName),
			compareTexts(a.Label, b.Label),
			compareTexts(a.Pattern, b.Pattern),
			cmp.Compare(a.Reason, b.Reason),
		)
	})
	if len(rows) > limit {
		rows, cut = rows[:limit:limit], true
	}
	return rows, cut
}

// compareTexts sorts null first.
func compareTexts(a, b *string) int {
	return cmp.Or(compareNull(a == nil, b == nil), cmp.Compare(job.Value(a), job.Value(b)))
}

func compareNull(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
