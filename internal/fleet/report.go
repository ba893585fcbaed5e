package fleet

import (
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// Report is what a read looked at, beside the jobs themselves.
type Report struct {
	Repositories []RepositoryReport // by name, without case
	Problems     []Problem          // by repository; the repository's own first, then its newest run

	RunCount     int // runs whose jobs were read
	JobCount     int // jobs, without copies (job.WithoutCopies)
	FinishedRuns int // of these runs, those that are over
	Truncated    bool
	OldestRunAt  *time.Time
	NewestRunAt  *time.Time

	OnlyPublic []string // owners of whom only public repositories are listed, as the entries spell them
	Unmatched  []int    // entries with a pattern that no repository matches
}

// RepositoryReport is what a read looked at in one repository.
type RepositoryReport struct {
	Repository actions.Repository

	RunCount    int
	JobCount    int
	Truncated   bool                 // more runs match than were looked at
	Listed      actions.WorkflowRuns // the list of runs, which may leave something open
	Vanished    []int64              // runs that were deleted after they were listed
	OldestRunAt *time.Time
	NewestRunAt *time.Time

	done, unreadable int
}

// Complete reports whether all that was selected was read.
func (r Report) Complete() bool { return !r.Truncated && len(r.Problems) == 0 }

// NoJobs reports whether there are finished runs and no job at all: a token or a server that hides jobs
// looks like this.
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

// widen is the span from oldest to newest with another time in it.
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
