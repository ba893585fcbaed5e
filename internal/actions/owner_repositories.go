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
)

// OwnedRepositories are the repositories of a user or an organisation that the token can see.
type OwnedRepositories struct {
	Repositories []OwnedRepository // unique, oldest first

	// OnlyPublic is true if GitHub lists only public repositories: the owner is a user, and the
	// token belongs to another account.
	OnlyPublic bool
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
	repos, err := c.listByName(ctx, owner, "orgs/"+owner+"/repos")
	if !errors.Is(err, NotFound) {
		return OwnedRepositories{Repositories: repos}, err
	}
	isOwn, accountErr := c.isOwnAccount(ctx, owner)
	if accountErr != nil {
		return OwnedRepositories{}, accountErr
	}
	if isOwn {
		repos, _, err = c.listOwned(ctx, owner, "user/repos", url.Values{"affiliation": {"owner"}})
		return OwnedRepositories{Repositories: repos}, err
	}
	repos, err = c.listByName(ctx, owner, "users/"+owner+"/repos")
	if e := (*Error)(nil); errors.As(err, &e) && e.Kind == NotFound && !isMissingRoute(err) {
		return OwnedRepositories{}, e.about(PartOwner)
	}
	return OwnedRepositories{Repositories: repos, OnlyPublic: err == nil}, err
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
func (c *Client) listByName(ctx context.Context, owner, path string) ([]OwnedRepository, error) {
	repos, other, err := c.listOwned(ctx, owner, path, nil)
	if err == nil && len(repos) == 0 && other != "" {
		return nil, &Error{Kind: OwnerRenamed, Object: "repositories of " + owner, Missing: PartOwner, Status: http.StatusOK, Reason: other}
	}
	return repos, err
}

// listOwned reads one of the three lists. The oldest repository comes first, so a new repository
// does not move the others to another page. It skips repositories of other owners; other is the first
// of these owners.
func (c *Client) listOwned(ctx context.Context, owner, path string, query url.Values) (repos []OwnedRepository, other string, _ error) {
	object := "repositories of " + owner
	got, err := list[wireOwned]{
		object: object,
		fetch: func(ctx context.Context, number, size int) (page[wireOwned], error) {
			q := url.Values{
				"per_page": {strconv.Itoa(size)}, "page": {strconv.Itoa(number)},
				"sort": {"created"}, "direction": {"asc"},
			}
			maps.Copy(q, query)
			return c.ownedPage(ctx, object, path+"?"+q.Encode())
		},
		id:        func(r wireOwned) int64 { return *r.ID },
		size:      perPage,
		atOnce:    c.cfg.MaxConcurrent,
		shortEnds: true,
	}.all(ctx)
	if e := (*Error)(nil); errors.As(err, &e) && e.Kind == Forbidden {
		return nil, "", e.about(PartOwner) // no repository is at fault
	}
	if err != nil {
		return nil, "", err
	}
	repos = make([]OwnedRepository, 0, len(got.items))
	for _, w := range got.items {
		repo, err := ParseRepository(w.FullName)
		if err != nil {
			return nil, "", malformed(object, http.Header{}, fmt.Sprintf("it lists %q: %s", w.FullName, err), nil)
		}
		if strings.EqualFold(repo.Owner, owner) {
			repos = append(repos, OwnedRepository{Repository: repo, Archived: w.Archived, Disabled: w.Disabled})
		} else {
			other = cmp.Or(other, repo.Owner)
		}
	}
	return repos, other, nil
}

func (c *Client) ownedPage(ctx context.Context, object, path string) (page[wireOwned], error) {
	answer := []wireOwned{}
	header, err := c.get(ctx, object, path, &answer)
	if err != nil {
		return page[wireOwned]{}, err
	}
	for i, w := range answer {
		if w.ID == nil || w.FullName == "" {
			return page[wireOwned]{}, malformed(object, header, fmt.Sprintf("repository %d of the list has no id or no name", i), nil)
		}
	}
	// GitHub does not send a count with a list of repositories. Other servers do.
	var total *int
	if n, err := strconv.Atoi(header.Get("X-Total-Count")); err == nil {
		total = &n
	}
	return newPage(answer, total, header), nil
}
