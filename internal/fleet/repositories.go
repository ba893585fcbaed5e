package fleet

import (
	"cmp"
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// Entry names one repository, or is a pattern for the names of an owner's repositories, in which `*`
// stands for any characters and `?` for one. Names are compared without case.
type Entry struct {
	repository actions.Repository
	isPattern  bool
}

// ErrOwnerPattern says that a pattern stands where an owner must be named.
var ErrOwnerPattern = errors.New("the owner is a pattern")

// ParseEntry reads `name` or `owner/name`; the name may be a pattern. It holds both parts to the rules
// of actions.ParseRepository.
func ParseEntry(s string) (Entry, error) {
	if owner, _, both := strings.Cut(s, "/"); both && strings.ContainsAny(owner, "*?") {
		return Entry{}, ErrOwnerPattern
	}
	// What stands for characters is held to the rules as if it were one.
	repo, err := actions.ParseRepository(strings.NewReplacer("*", "x", "?", "x").Replace(s))
	if err != nil {
		return Entry{}, err
	}
	repo.Name = s[strings.Index(s, "/")+1:]
	return Entry{repository: repo, isPattern: strings.ContainsAny(repo.Name, "*?")}, nil
}

// String is the entry as people write it.
func (e Entry) String() string {
	if e.repository.Owner == "" {
		return e.repository.Name
	}
	return e.repository.String()
}

// IsPattern reports whether the entry is a pattern.
func (e Entry) IsPattern() bool { return e.isPattern }

// Owner is the owner in the entry; empty when it has none.
func (e Entry) Owner() string { return e.repository.Owner }

// Resolve gives the entry an owner, as actions.Repository has it.
func (e Entry) Resolve(beside, fallback string) (Entry, error) {
	repo, err := e.repository.Resolve(beside, fallback)
	return Entry{repository: repo, isPattern: e.isPattern}, err
}

// matches reports whether a repository is the one, or one of those, that the entry stands for. An entry
// without an owner is for any.
func (e Entry) matches(repo actions.Repository) bool {
	if e.repository.Owner != "" && !strings.EqualFold(e.repository.Owner, repo.Owner) {
		return false
	}
	// Neither part holds a character that is special to path.Match, other than these two.
	ok, err := path.Match(strings.ToLower(e.repository.Name), strings.ToLower(repo.Name))
	return ok && err == nil
}

// key is the same for all spellings of a repository.
func key(repo actions.Repository) string { return strings.ToLower(repo.String()) }

// findRepositories turns the entries into repositories, in the order of their names.
func (r *reader) findRepositories(ctx context.Context) error {
	found := map[string]*target{}
	for i, entry := range r.sel.Repositories {
		// One that is named in full is read as such, wherever a pattern finds it too.
		if repo := entry.repository; !entry.isPattern && found[key(repo)] == nil && !r.excludes(repo) {
			found[key(repo)] = newTarget(repo, i, true)
		}
	}
	lists := map[string]actions.OwnedRepositories{}
	for i, entry := range r.sel.Repositories {
		if !entry.isPattern {
			continue
		}
		owner := strings.ToLower(entry.Owner())
		list, known := lists[owner]
		if !known {
			var err error
			if list, err = r.client.OwnedRepositories(ctx, entry.Owner()); err != nil {
				return &EntryError{Index: i, Err: err}
			}
			lists[owner] = list
			if list.OnlyPublic {
				r.report.OnlyPublic = append(r.report.OnlyPublic, entry.Owner())
			}
		}
		if !r.pick(found, i, list.Repositories) {
			r.report.Unmatched = append(r.report.Unmatched, i)
		}
	}
	for _, name := range sortedKeys(found) {
		found[name].place = len(r.targets)
		r.targets = append(r.targets, found[name])
	}
	r.progress.found(len(r.targets))
	return nil
}

// pick takes the repositories that a pattern stands for. It reports whether there is any that could be
// read, whether it is taken or known already.
func (r *reader) pick(found map[string]*target, i int, repos []actions.OwnedRepository) (matched bool) {
	for _, repo := range repos {
		if repo.Archived || repo.Disabled || !r.sel.Repositories[i].matches(repo.Repository) || r.excludes(repo.Repository) {
			continue
		}
		matched = true
		if k := key(repo.Repository); found[k] == nil {
			found[k] = newTarget(repo.Repository, i, false)
		}
	}
	return matched
}

func (r *reader) excludes(repo actions.Repository) bool {
	return slices.ContainsFunc(r.sel.Exclude, func(e Entry) bool { return e.matches(repo) })
}

func newTarget(repo actions.Repository, entry int, named bool) *target {
	return &target{RepositoryReport: RepositoryReport{Repository: repo}, entry: entry, named: named}
}

func sortedKeys(found map[string]*target) []string {
	keys := make([]string, 0, len(found))
	for k := range found {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, cmp.Compare)
	return keys
}
