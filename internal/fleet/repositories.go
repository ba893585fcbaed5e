package fleet

import (
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// Entry names one repository, or is a pattern for the names of an owner's repositories, in which
// `*` matches any characters and `?` one character. Names are compared without case.
type Entry struct {
	repository actions.Repository
	isPattern  bool
}

// ErrOwnerPattern says that the owner is a pattern.
var ErrOwnerPattern = errors.New("the owner is a pattern")

// ParseEntry reads `name` or `owner/name`; the name may be a pattern. Both parts must follow the
// rules of actions.ParseRepository.
func ParseEntry(s string) (Entry, error) {
	if owner, _, both := strings.Cut(s, "/"); both && strings.ContainsAny(owner, "*?") {
		return Entry{}, ErrOwnerPattern
	}
	// To check the rules, each wildcard counts as one letter.
	repo, err := actions.ParseRepository(strings.NewReplacer("*", "x", "?", "x").Replace(s))
	if err != nil {
		return Entry{}, err
	}
	repo.Name = s[strings.Index(s, "/")+1:]
	return Entry{repository: repo, isPattern: strings.ContainsAny(repo.Name, "*?")}, nil
}

// String returns the entry as users write it.
func (e Entry) String() string {
	if e.repository.Owner == "" {
		return e.repository.Name
	}
	return e.repository.String()
}

// IsPattern reports whether the entry is a pattern.
func (e Entry) IsPattern() bool { return e.isPattern }

// Owner is the owner in the entry, or "".
func (e Entry) Owner() string { return e.repository.Owner }

// Resolve adds the owner to the entry, by the rules of actions.Repository.
func (e Entry) Resolve(beside, fallback string) (Entry, error) {
	repo, err := e.repository.Resolve(beside, fallback)
	return Entry{repository: repo, isPattern: e.isPattern}, err
}

// matches reports whether the entry names or matches a repository. An entry without an owner
// matches any owner.
func (e Entry) matches(repo actions.Repository) bool {
	if e.repository.Owner != "" && !strings.EqualFold(e.repository.Owner, repo.Owner) {
		return false
	}
	// Except for * and ?, the names cannot contain a special character of path.Match.
	ok, err := path.Match(strings.ToLower(e.repository.Name), strings.ToLower(repo.Name))
	return ok && err == nil
}

// key is equal for all spellings of a repository.
func key(repo actions.Repository) string { return strings.ToLower(repo.String()) }

// findRepositories turns the entries into repositories, in the order of their names.
func (r *reader) findRepositories(ctx context.Context) error {
	found := map[string]*target{}
	for i, entry := range r.sel.Repositories {
		// A repository that is named in full counts as named, even if a pattern matches it too.
		switch repo := entry.repository; {
		case entry.isPattern:
		case r.excludes(repo):
			r.report.Unmatched = append(r.report.Unmatched, i)
		case found[key(repo)] == nil:
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
			if list, err = r.listOwner(ctx, entry.Owner()); err != nil {
				return &EntryError{Index: i, Err: err}
			}
			lists[owner] = list
		}
		if !r.pick(found, i, list.Repositories) {
			r.report.Unmatched = append(r.report.Unmatched, i)
		}
	}
	slices.Sort(r.report.Unmatched)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		r.targets = append(r.targets, found[name])
	}
	r.progress.found(len(r.targets))
	return nil
}

// listOwner lists the repositories of an owner, and reports what the list leaves out.
func (r *reader) listOwner(ctx context.Context, owner string) (actions.OwnedRepositories, error) {
	list, err := r.client.OwnedRepositories(ctx, owner)
	if err != nil {
		return list, err
	}
	if list.OnlyPublic {
		r.report.OnlyPublic = append(r.report.OnlyPublic, owner)
	}
	if list.Partial != nil {
		r.report.Problems = append(r.report.Problems, newProblem(actions.Repository{Owner: owner, Name: AllRepositories}, nil, list.Partial))
	}
	return list, nil
}

// pick adds the repositories that a pattern matches. It reports whether there is one that can be
// read, even if it had already been added.
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
