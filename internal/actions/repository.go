package actions

import (
	"errors"
	"fmt"
	"strings"
)

// Repository names one repository. Both parts are safe in a request path: ParseRepository and
// ParseOwner are the only ways to make them.
type Repository struct {
	Owner string
	Name  string
}

// String is the form people write: owner/name.
func (r Repository) String() string { return r.Owner + "/" + r.Name }

// path is the part of every request path that names the repository.
func (r Repository) path() string { return "repos/" + r.Owner + "/" + r.Name }

// ErrNoOwner says that a repository has no owner and no other place gives one.
var ErrNoOwner = errors.New("no owner")

// ErrTwoOwners says that a repository has another owner than the one beside it.
var ErrTwoOwners = errors.New("two owners")

// ErrGitSuffix says that a repository ends as the address to clone it does.
var ErrGitSuffix = errors.New("the name ends in .git")

// ParseRepository reads `name` or `owner/name`. The owner stays empty in the first form.
//
// The names must use GitHub's alphabet (letters, digits, `-`, `_`, `.`), because they become
// part of a path that carries a token: a `..`, `?`, `#` or `%2f` in a name would ask another
// endpoint than the one the configuration reads.
func ParseRepository(s string) (Repository, error) {
	owner, name, both := strings.Cut(s, "/")
	if !both {
		owner, name = "", s
	}
	if both {
		if err := checkName("owner", owner); err != nil {
			return Repository{}, err
		}
	}
	if err := checkName("name", name); err != nil {
		return Repository{}, err
	}
	if strings.HasSuffix(name, ".git") {
		return Repository{}, ErrGitSuffix
	}
	return Repository{Owner: owner, Name: name}, nil
}

// ParseOwner checks the login of a user or an organisation by the same rule as ParseRepository.
func ParseOwner(s string) (string, error) { return s, checkName("owner", s) }

func checkName(what, s string) error {
	switch s {
	case "":
		return fmt.Errorf("the %s is empty", what)
	case ".", "..":
		return fmt.Errorf("the %s is not valid", what)
	}
	for _, r := range s {
		if !isNameRune(r) {
			return fmt.Errorf("the %s contains %q", what, r)
		}
	}
	return nil
}

func isNameRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.'
}

// Resolve gives the repository an owner: its own, else the one beside it, else the fallback. An owner
// beside it that is not its own is an error; GitHub compares logins without case, and so does this.
func (r Repository) Resolve(beside, fallback string) (Repository, error) {
	switch {
	case r.Owner != "" && beside != "" && !strings.EqualFold(r.Owner, beside):
		return Repository{}, ErrTwoOwners
	case r.Owner != "":
		return r, nil
	case beside != "":
		return Repository{Owner: beside, Name: r.Name}, nil
	case fallback != "":
		return Repository{Owner: fallback, Name: r.Name}, nil
	}
	return Repository{}, ErrNoOwner
}
