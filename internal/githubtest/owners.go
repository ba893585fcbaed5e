package githubtest

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// owner returns the account of that name. If there is none, it adds an organization.
func (w *World) owner(login string) Object {
	key := strings.ToLower(login)
	if w.owners[key] == nil {
		w.owners[key] = User(login)
		w.owners[key]["type"] = "Organization"
	}
	return w.owners[key]
}

// Users makes these owners users. All others are organizations.
func (w *World) Users(logins ...string) *World { return w.setType("User", logins) }

// Organizations adds organizations, for those that own no repository.
func (w *World) Organizations(logins ...string) *World { return w.setType("Organization", logins) }

func (w *World) setType(kind string, logins []string) *World {
	for _, login := range logins {
		w.owner(login)["type"] = kind
	}
	for _, repository := range w.repositories {
		repository.minimal.changed()
	}
	return w
}

// Account says which user the token belongs to. Without one, GET /user answers 403, as for an App's
// installation token.
func (w *World) Account(login string) *World {
	w.account = login
	return w.Users(login)
}

func (s *Server) serveAccount(w http.ResponseWriter, r *http.Request) {
	if s.refuseStranger(w, r) {
		return
	}
	user := s.world.publicAccount(s.world.owner(s.world.account))
	maps.Copy(user, Object{
		"private_gists": 0, "total_private_repos": 0, "owned_private_repos": 0, "disk_usage": 0,
		"collaborators": 0, "two_factor_authentication": true,
	})
	SendJSON(w, r, user)
}

// refuseStranger refuses a request about the token's own account when there is no token or the
// token is not a user's.
func (s *Server) refuseStranger(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case r.Header.Get("Authorization") == "":
		Status(http.StatusUnauthorized, "Requires authentication")(w, r)
	case s.world.account == "":
		Status(http.StatusForbidden, "Resource not accessible by integration")(w, r)
	default:
		return false
	}
	return true
}

// ownerInPath finds the account that a path names. Without one, or if its type is not the wanted
// one, the answer is 404; the type is a fact of the world, so only an unknown name is unexpected.
func (s *Server) ownerInPath(w http.ResponseWriter, r *http.Request, name, wantType string) Object {
	owner := s.world.owners[strings.ToLower(r.PathValue(name))]
	switch {
	case owner == nil:
		s.notFound(w, r)
	case wantType != "" && owner["type"] != wantType:
		missing(w)
		return nil
	}
	return owner
}

func (s *Server) serveUser(w http.ResponseWriter, r *http.Request) {
	if owner := s.ownerInPath(w, r, "user", ""); owner != nil {
		SendJSON(w, r, s.world.publicAccount(owner))
	}
}

func (s *Server) serveOrganization(w http.ResponseWriter, r *http.Request) {
	if owner := s.ownerInPath(w, r, "org", "Organization"); owner != nil {
		SendJSON(w, r, s.world.organization(owner))
	}
}

// serveAccountRepositories lists what the token's user owns; the world has no collaborators or
// members.
func (s *Server) serveAccountRepositories(w http.ResponseWriter, r *http.Request) {
	if s.refuseStranger(w, r) {
		return
	}
	query := r.URL.Query()
	if affiliation := query.Get("affiliation"); affiliation != "" && !slices.Contains(strings.Split(affiliation, ","), "owner") {
		s.sendList(w, r, nil)
		return
	}
	wanted := query.Get("visibility")
	list := s.world.list(query, "full_name", func(r *Repository) bool {
		return r.isOwnedBy(s.world.account) && (wanted == "" || wanted == "all" || (wanted == "private") == r.isPrivate())
	})
	s.sendList(w, r, list)
}

// serveUserRepositories lists public repositories only, with any token or none.
func (s *Server) serveUserRepositories(w http.ResponseWriter, r *http.Request) {
	owner := s.ownerInPath(w, r, "user", "")
	if owner == nil {
		return
	}
	list := s.world.list(r.URL.Query(), "full_name", func(r *Repository) bool {
		return r.isOwnedBy(text(owner["login"])) && !r.isPrivate()
	})
	s.sendList(w, r, list)
}

// serveOrganizationRepositories lists all repositories to a token, and the public ones without.
func (s *Server) serveOrganizationRepositories(w http.ResponseWriter, r *http.Request) {
	owner := s.ownerInPath(w, r, "org", "Organization")
	if owner == nil {
		return
	}
	isAnonymous, kind := r.Header.Get("Authorization") == "", r.URL.Query().Get("type")
	list := s.world.list(r.URL.Query(), "created", func(r *Repository) bool {
		return r.isOwnedBy(text(owner["login"])) && (!isAnonymous || !r.isPrivate()) && r.isOfType(kind)
	})
	s.sendList(w, r, list)
}

func (r *Repository) isOwnedBy(login string) bool {
	owner, _, _ := strings.Cut(r.name, "/")
	return strings.EqualFold(owner, login)
}

func (r *Repository) isPrivate() bool { return r.minimal.Object["private"] == true }

// isOfType is the type filter of an organization's list.
func (r *Repository) isOfType(kind string) bool {
	switch kind {
	case "public", "private":
		return r.isPrivate() == (kind == "private")
	case "forks", "sources":
		return (r.minimal.Object["fork"] == true) == (kind == "forks")
	}
	return true
}

// list is the repositories to keep, in the order that a request asks for.
func (w *World) list(query url.Values, byDefault string, keep func(*Repository) bool) []Object {
	var list []Object
	for _, repository := range w.repositories {
		if keep(repository) {
			list = append(list, repository.whole())
		}
	}
	by := cmp.Or(query.Get("sort"), byDefault)
	key := by
	if by != "full_name" {
		key += "_at"
	}
	isDescending := cmp.Or(query.Get("direction"), map[bool]string{true: "asc", false: "desc"}[by == "full_name"]) == "desc"
	slices.SortFunc(list, func(a, b Object) int {
		order := cmp.Or(
			strings.Compare(strings.ToLower(text(a[key])), strings.ToLower(text(b[key]))),
			strings.Compare(text(a["full_name"]), text(b["full_name"])),
		)
		if isDescending {
			return -order
		}
		return order
	})
	return list
}
