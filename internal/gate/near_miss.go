package gate

import (
	"fmt"
	"strings"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// maxNearMisses is how many runs a message names.
const maxNearMisses = 3

// nearMiss names the runs of the commit that do not count, the newest first, and says why they do not.
// It is empty if there are none.
func (q Question) nearMiss(w Workflow) string {
	var near []*job.Run
	known := map[int64]bool{}
	for _, run := range w.Others {
		is, shown := run.IsOf(w.Name)
		if id := job.Value(run.ID); (is || !shown) && q.isOfCommit(run) && !q.Counts(w.Name, run) && !known[id] {
			known[id] = true
			near = append(near, run)
		}
	}
	sortNewest(near)
	var all []string
	for _, run := range near[:min(len(near), maxNearMisses)] {
		all = append(all, fmt.Sprintf("run %d %s", job.Value(run.ID), q.whyNot(run)))
	}
	switch rest := len(near) - maxNearMisses; {
	case len(near) == 0:
		return ""
	case len(near) == 1:
		return fmt.Sprintf("%s has a run of this commit that does not count: %s", w.Name, all[0])
	case rest > 0:
		all = append(all, fmt.Sprintf("and %d more", rest))
	}
	return fmt.Sprintf("%s has runs of this commit that do not count: %s", w.Name, strings.Join(all, "; "))
}

// whyNot says what about a run of the commit keeps it from counting.
func (q Question) whyNot(run *job.Run) string {
	var why []string
	switch event := job.Value(run.Event); {
	case q.hasEvent(run):
	case event == "":
		why = append(why, "has no event")
	default:
		why = append(why, "has the event "+event)
	}
	switch branch := job.Value(run.HeadBranch); {
	case q.hasBranch(run):
	case branch == "":
		why = append(why, "has no branch")
	default:
		why = append(why, "is on the branch "+branch)
	}
	switch head := job.Value(run.HeadRepository); {
	case isOwn(run):
	case head == "":
		why = append(why, "does not name the repository that it comes from")
	default:
		why = append(why, "comes from "+head)
	}
	last := len(why) - 1
	if last == 0 {
		return why[0]
	}
	return strings.Join(why[:last], ", ") + " and " + why[last]
}
