// Package gate decides from the workflow runs of a commit whether CI succeeded.
//
// The package is pure: it sends no requests and reads no clock. If anything is uncertain, the gate
// stays shut.
package gate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// Pattern matches whole job names.
type Pattern interface {
	Match(name string) bool
	String() string // as the user wrote it
}

// Question says which runs count, and what their jobs must fulfil.
type Question struct {
	HeadSHA string
	Event   string // empty: any
	Branch  string // empty: any

	Required []Pattern // each must match a job, and all jobs that it matches must succeed
	MayFail  []Pattern // a failed run passes if these match all its failed jobs
}

// Counts reports whether a run from the list of a workflow counts. A filter does not match an
// absent value. Only the workflow may be absent from the run, because runs are listed by workflow.
func (q Question) Counts(workflow string, run *job.Run) bool {
	is, known := run.IsOf(workflow)
	return (is || !known) && q.isOfCommit(run) && q.hasEvent(run) && q.hasBranch(run) && isOwn(run)
}

func (q Question) isOfCommit(run *job.Run) bool {
	return run.HeadSHA != nil && strings.EqualFold(*run.HeadSHA, q.HeadSHA)
}

func (q Question) hasEvent(run *job.Run) bool {
	return q.Event == "" || job.Value(run.Event) == q.Event
}

func (q Question) hasBranch(run *job.Run) bool {
	return q.Branch == "" || job.Value(run.HeadBranch) == q.Branch
}

// isOwn reports whether the commit of a run comes from the repository that the run is in. A fork
// can use the same branch names, so only the head repository shows this. If the run does not name
// it, its event must be one that a fork cannot cause.
func isOwn(run *job.Run) bool {
	headID, ownID := job.Value(run.HeadRepositoryID), job.Value(run.RepositoryID)
	head, own := job.Value(run.HeadRepository), job.Value(run.Repository)
	switch {
	case headID == 0 && head == "":
		return slices.Contains([]string{"push", "schedule", "workflow_dispatch", "repository_dispatch", "merge_group"}, job.Value(run.Event))
	case headID != 0 && ownID != 0:
		return headID == ownID
	}
	return head != "" && strings.EqualFold(head, own)
}

// Newest picks from the runs of a workflow those that decide: of the runs that count, the newest of each
// branch. The newest run comes first.
func (q Question) Newest(workflow string, runs []*job.Run) []*job.Run {
	counting := slices.DeleteFunc(slices.Clone(runs), func(run *job.Run) bool { return !q.Counts(workflow, run) })
	sortNewest(counting)
	branches := map[string]bool{}
	return slices.DeleteFunc(counting, func(run *job.Run) bool {
		branch := job.Value(run.HeadBranch)
		older := branches[branch]
		branches[branch] = true
		return older
	})
}

// sortNewest puts the newest run first: by creation, then by ID, because creation times are whole
// seconds and IDs grow. If a server sends no creation times, only IDs decide.
func sortNewest(runs []*job.Run) {
	undated := slices.ContainsFunc(runs, func(run *job.Run) bool { return run.CreatedAt == nil })
	slices.SortStableFunc(runs, func(a, b *job.Run) int {
		byID := cmp.Compare(job.Value(b.ID), job.Value(a.ID))
		if undated {
			return byID
		}
		return cmp.Or(b.CreatedAt.Compare(*a.CreatedAt), byID)
	})
}
