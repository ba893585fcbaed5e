package fleet

import (
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// Report describes what was read, without the jobs.
type Report struct {
	Repositories []RepositoryReport // by name, without case
	Problems     []Problem          // sorted by repository; first the repository itself, then its runs, newest first

	RunCount     int // runs whose jobs were read
	JobCount     int // jobs, without copies (job.WithoutCopies)
	FinishedRuns int // how many of these runs are completed
	Truncated    bool
	OldestRunAt  *time.Time
	NewestRunAt  *time.Time

	OnlyPublic []string // owners with only their public repositories listed, spelled as in the entries
	Renamed    []Renamed
	Unmatched  []int // indexes of patterns that no repository matches, and of names that are excluded
}

// RepositoryReport describes what was read of one repository.
type RepositoryReport struct {
	Repository actions.Repository

	RunCount    int
	JobCount    int
	Truncated   bool                 // more runs match than were read
	Listed      actions.WorkflowRuns // the list of runs, which may be incomplete
	Vanished    []int64              // runs that were deleted after they were listed
	OldestRunAt *time.Time
	NewestRunAt *time.Time

	done, unreadable int
}

// Complete reports whether everything selected was read.
func (r Report) Complete() bool { return !r.Truncated && len(r.Problems) == 0 }

// VanishedRuns is the number of runs that were deleted after they were listed.
func (r Report) VanishedRuns() (n int) {
	for _, repository := range r.Repositories {
		n += len(repository.Vanished)
	}
	return n
}

// NoJobs reports whether there are finished runs but no jobs. The usual cause is a token that
// cannot read jobs, or a server that does not list them.
func (r Report) NoJobs() bool { return r.FinishedRuns > 0 && r.JobCount == 0 }

func (r *Report) add(t *target) {
	r.Repositories = append(r.Repositories, t.RepositoryReport)
	r.RunCount += t.RunCount
	r.JobCount += t.JobCount
	r.FinishedRuns += t.finished
	r.Truncated = r.Truncated || t.Truncated
	r.OldestRunAt, r.NewestRunAt = widen(r.OldestRunAt, r.NewestRunAt, t.OldestRunAt)
	r.OldestRunAt, r.NewestRunAt = widen(r.OldestRunAt, r.NewestRunAt, t.NewestRunAt)
}

func (r *RepositoryReport) sawRun(run *job.Run) {
	r.OldestRunAt, r.NewestRunAt = widen(r.OldestRunAt, r.NewestRunAt, run.CreatedAt)
}

// widen extends the span from oldest to newest by another time.
func widen(oldest, newest, at *time.Time) (_, _ *time.Time) {
	if at == nil {
		return oldest, newest
	}
	if oldest == nil || at.Before(*oldest) {
		oldest = at
	}
	if newest == nil || at.After(*newest) {
		newest = at
	}
	return oldest, newest
}
