package actions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
)

// OwnedRepositories are the repositories of a user or an organisation that the token can see.
type OwnedRepositories struct {
	Repositories []OwnedRepository // unique, oldest first

	// OnlyPublic is true if GitHub lists only public repositories: the owner is a user, and the
	// token belongs to another account.
	OnlyPublic bool

	// Partial says why repositories are missing. Nil if the list is complete.
	Partial *Error
}

// OwnedRepository is one repository of an owner.
type OwnedRepository struct {
	Repository

	Archived bool // read-only: workflows do not run
	Disabled bool // by GitHub
}

// OwnedRepositories lists the repositories of an owner. GitHub has a different list for each kind
// of owner, and only its answers show the kind.
func (c *Client) OwnedRepositories(ctx context.Context, owner string) (OwnedRepositories, error) {
	owned, err := c.listByName(ctx, owner, "orgs/"+owner+"/repos")
	if !errors.Is(err, NotFound) {
		return owned, err
	}
	isOwn, accountErr := c.isOwnAccount(ctx, owner)
	if accountErr != nil {
		return OwnedRepositories{}, accountErr
	}
	if isOwn {
		list, err := c.listOwned(ctx, owner, "user/repos", url.Values{"affiliation": {"owner"}})
		return OwnedRepositories{Repositories: list.repos}, err // none belongs to an organisation
	}
	owned, err = c.listByName(ctx, owner, "users/"+owner+"/repos")
	if e := (*Error)(nil); errors.As(err, &e) && e.Kind == NotFound && !isMissingRoute(err) {
		return OwnedRepositories{}, e.about(PartOwner)
	}
	owned.OnlyPublic = err == nil
	return owned, err
}

// isOwnAccount reports whether the token belongs to the user of that name. An App's token does not
// belong to a user, so GitHub refuses the request.
func (c *Client) isOwnAccount(ctx context.Context, login string) (bool, error) {
	if c.cfg.TokenSource == "" {
		return false, nil
	}
	var user struct {
		Login string `json:"login"`
	}
	_, err := c.get(ctx, "the account of the token", "user", &user)
	switch {
	case errors.Is(err, Forbidden) || errors.Is(err, NotFound):
		return false, nil
	case err != nil:
		return false, err
	}
	return strings.EqualFold(user.Login, login), nil
}

// wireOwned contains the fields that are decoded of a repository in a list.
type wireOwned struct {
	ID       *int64 `json:"id"`
	FullName string `json:"full_name"`
	Archived bool   `json:"archived"`
	Disabled bool   `json:"disabled"`
}

// listByName reads a list whose address contains the owner. GitHub redirects the old name of an owner to
// the new one: the list then has only repositories of another owner.
func (c *Client) listByName(ctx context.Context, owner, path string) (OwnedRepositories, error) {
	list, err := c.listOwned(ctx, owner, path, nil)
	if err == nil && len(list.repos) == 0 && list.other != "" {
		err = &Error{Kind: OwnerRenamed, Object: "repositories of " + owner, Missing: PartOwner, Status: http.StatusOK, Reason: list.other}
	}
	return OwnedRepositories{Repositories: list.repos, Partial: list.partial}, err
}

// ownedList is one of the three lists.
type ownedList struct {
	repos   []OwnedRepository // of the owner
	other   string            // another owner in the list; empty if there is none
	partial *Error            // see OwnedRepositories
}

// listOwned reads one of the three lists. The oldest repository comes first, so a new repository
// does not move the others to another page. It skips repositories of other owners.
func (c *Client) listOwned(ctx context.Context, owner, path string, query url.Values) (ownedList, error) {
	object := "repositories of " + owner
	var partial atomic.Pointer[Error]
	got, err := list[wireOwned]{
		object: object,
		fetch: func(ctx context.Context, number, size int) (page[wireOwned], error) {
			q := url.Values{
				"per_page": {strconv.Itoa(size)}, "page": {strconv.Itoa(number)},
				"sort": {"created"}, "direction": {"asc"},
			}
			maps.Copy(q, query)
			repos, header, err := c.ownedPage(ctx, object, path+"?"+q.Encode())
			if lacks := partialBySSO("all "+object, header); lacks != nil {
				c.cfg.tellWho(lacks)
				partial.Store(lacks)
			}
			return repos, err
		},
		id:        func(r wireOwned) int64 { return *r.ID },
		size:      perPage,
		atOnce:    c.cfg.MaxConcurrent,
		shortEnds: true,
	}.all(ctx)
	if e := (*Error)(nil); errors.As(err, &e) && e.Kind == Forbidden {
		return ownedList{}, e.about(PartOwner) // no repository is at fault
	}
	if err != nil {
		return ownedList{}, err
	}
	result := ownedList{repos: make([]OwnedRepository, 0, len(got.items)), partial: partial.Load()}
	for _, w := range got.items {
		repo, err := ParseRepository(w.FullName)
		if err != nil {
			return ownedList{}, malformed(object, http.Header{}, fmt.Sprintf("it lists %q: %s", w.FullName, err), nil)
		}
		if strings.EqualFold(repo.Owner, owner) {
			result.repos = append(result.repos, OwnedRepository{Repository: repo, Archived: w.Archived, Disabled: w.Disabled})
		} else {
			result.other = cmp.Or(result.other, repo.Owner)
		}
	}
	return result, nil
}

func (c *Client) ownedPage(ctx context.Context, object, path string) (page[wireOwned], http.Header, error) {
	answer := []wireOwned{}
	header, err := c.get(ctx, object, path, &answer)
	if err != nil {
		return page[wireOwned]{}, nil, err
	}
	for i, w := range answer {
		if w.ID == nil || w.FullName == "" {
			return page[wireOwned]{}, nil, malformed(object, header, fmt.Sprintf("repository %d of the list has no id or no name", i), nil)
		}
	}
	// GitHub does not send a count with a list of repositories. Other servers do.
	var total *int
	if n, err := strconv.Atoi(header.Get("X-Total-Count")); err == nil {
		total = &n
	}
	return newPage(answer, total, header), header, nil
}
