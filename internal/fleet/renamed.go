package fleet

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// Renamed is an entry that names a repository by an old name, while another entry selects the same
// repository.
type Renamed struct {
	Entry    int // index of the entry
	Old, New actions.Repository
	IsRead   bool // the repository is read under the old name, because New is not selected
}

// identity is equal for all names of a repository. It is empty if the runs do not show it.
func (t *target) identity() string {
	for _, run := range t.runs {
		if id := job.Value(run.RepositoryID); id > 0 {
			return fmt.Sprint(id)
		}
		if now, err := actions.ParseRepository(job.Value(run.Repository)); err == nil {
			return key(now)
		}
	}
	return ""
}

// nameNow is the name of a repository in its runs: GitHub redirects an old name.
func (t *target) nameNow() actions.Repository {
	for _, run := range t.runs {
		if now, err := actions.ParseRepository(job.Value(run.Repository)); err == nil && now.Owner != "" {
			return now
		}
	}
	return t.Repository
}

// mergeRenamed leaves one target for each repository, so that its runs do not count twice if it is
// selected by its old and its new name.
func (r *reader) mergeRenamed() {
	same := map[string][]*target{}
	for _, t := range r.targets {
		if id := t.identity(); id != "" {
			same[id] = append(same[id], t)
		}
	}
	dropped := map[*target]bool{}
	for _, t := range r.targets { // in their order, so that the report does not change from read to read
		all := same[t.identity()]
		if len(all) < 2 || all[0] != t {
			continue
		}
		kept := r.keepOne(all)
		for _, other := range all {
			dropped[other] = other != kept
		}
	}
	slices.SortFunc(r.report.Renamed, func(a, b Renamed) int { return cmp.Compare(a.Entry, b.Entry) })
	r.targets = slices.DeleteFunc(r.targets, func(t *target) bool { return dropped[t] })
	r.progress.found(len(r.targets))
}

// keepOne chooses the target with the current name, and reports the entries with old names.
func (r *reader) keepOne(same []*target) *target {
	now := same[0].nameNow()
	isNow := func(t *target) bool { return key(t.Repository) == key(now) }
	kept := same[max(0, slices.IndexFunc(same, isNow))]
	for _, t := range same {
		if t.named && !isNow(t) {
			r.report.Renamed = append(r.report.Renamed, Renamed{Entry: t.entry, Old: t.Repository, New: now, IsRead: t == kept})
		}
		if t.named && !kept.named {
			kept.named, kept.entry = true, t.entry
		}
		if t != kept {
			r.progress.listed(-len(t.runs))
		}
	}
	return kept
}
