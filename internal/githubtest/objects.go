package githubtest

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"strings"
	"sync"
)

// The hosts of the links in answers. They do not depend on the URL of the stand-in.
const (
	apiURL = "https://api.github.com"
	webURL = "https://github.com"
)

// idOf returns the ID for a name. It is the same in every world.
func idOf(name string) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(strings.ToLower(name)))
	return int64(h.Sum32()) + 1
}

// links adds one property for each pair of a name and the rest of its URL.
func (o Object) links(base string, rest map[string]string) Object {
	for name, end := range rest {
		o[name] = base + end
	}
	return o
}

// shared is an object that many answers contain. It keeps its JSON, since a page of runs would
// otherwise encode the same repository two hundred times.
type shared struct {
	Object
	mu  sync.Mutex
	raw []byte
}

// MarshalJSON encodes the object the first time.
func (s *shared) MarshalJSON() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.raw == nil {
		raw, err := json.Marshal(s.Object)
		if err != nil {
			return nil, err
		}
		s.raw = raw
	}
	return s.raw, nil
}

// changed makes the next answer encode the object again.
func (s *shared) changed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw = nil
}

// object is a value as an object; nil if it is not one.
func object(v any) Object {
	switch o := v.(type) {
	case Object:
		return o
	case *shared:
		return o.Object
	}
	return nil
}

// User is a whole account, as GitHub's schema has it for an actor: the value for a run's actor or
// triggering_actor.
func User(login string) Object {
	id := idOf(login)
	return Object{
		"login": login, "id": id, "node_id": fmt.Sprintf("U_%d", id), "gravatar_id": "", "type": "User",
		"site_admin": false, "user_view_type": "public", "html_url": webURL + "/" + login,
		"avatar_url": fmt.Sprintf("https://avatars.githubusercontent.com/u/%d?v=4", id),
	}.links(apiURL+"/users/"+login, map[string]string{
		"url": "", "followers_url": "/followers", "following_url": "/following{/other_user}",
		"gists_url": "/gists{/gist_id}", "starred_url": "/starred{/owner}{/repo}",
		"subscriptions_url": "/subscriptions", "organizations_url": "/orgs", "repos_url": "/repos",
		"events_url": "/events{/privacy}", "received_events_url": "/received_events",
	})
}

// Fork is a user's fork (owner/name) as it is sent inside a run: the value for head_repository.
func Fork(fullName string) Object {
	owner, _, _ := strings.Cut(fullName, "/")
	fork := minimalRepository(fullName, User(owner))
	fork["fork"] = true
	return fork
}

// minimalRepository is a repository as it is sent inside a run.
func minimalRepository(fullName string, owner Object) Object {
	id := idOf(fullName)
	return Object{
		"id": id, "node_id": fmt.Sprintf("R_%d", id), "name": fullName[strings.Index(fullName, "/")+1:],
		"full_name": fullName, "owner": owner, "private": false, "fork": false, "description": nil,
		"html_url": webURL + "/" + fullName,
	}.links(apiURL+"/repos/"+fullName, map[string]string{
		"url": "", "archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}",
		"blobs_url": "/git/blobs{/sha}", "branches_url": "/branches{/branch}",
		"collaborators_url": "/collaborators{/collaborator}", "comments_url": "/comments{/number}",
		"commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}",
		"contents_url": "/contents/{+path}", "contributors_url": "/contributors",
		"deployments_url": "/deployments", "downloads_url": "/downloads", "events_url": "/events",
		"forks_url": "/forks", "git_commits_url": "/git/commits{/sha}", "git_refs_url": "/git/refs{/sha}",
		"git_tags_url": "/git/tags{/sha}", "hooks_url": "/hooks",
		"issue_comment_url": "/issues/comments{/number}", "issue_events_url": "/issues/events{/number}",
		"issues_url": "/issues{/number}", "keys_url": "/keys{/key_id}", "labels_url": "/labels{/name}",
		"languages_url": "/languages", "merges_url": "/merges", "milestones_url": "/milestones{/number}",
		"notifications_url": "/notifications{?since,all,participating}", "pulls_url": "/pulls{/number}",
		"releases_url": "/releases{/id}", "stargazers_url": "/stargazers",
		"statuses_url": "/statuses/{sha}", "subscribers_url": "/subscribers",
		"subscription_url": "/subscription", "tags_url": "/tags", "teams_url": "/teams",
		"trees_url": "/git/trees{/sha}",
	})
}

// repositoryDetails are the properties that a repository's own answer and lists of repositories
// have on top of the minimal ones.
func repositoryDetails(fullName, createdAt string) Object {
	details := Object{
		"archived": false, "disabled": false, "visibility": "public", "default_branch": "main",
		"created_at": createdAt, "updated_at": createdAt, "pushed_at": createdAt,
		"homepage": nil, "language": nil, "license": nil, "mirror_url": nil, "topics": []any{},
		"permissions": Object{"admin": false, "maintain": false, "push": false, "triage": false, "pull": true},
		"clone_url":   webURL + "/" + fullName + ".git", "svn_url": webURL + "/" + fullName,
		"git_url": "git://github.com/" + fullName + ".git", "ssh_url": "git@github.com:" + fullName + ".git",
		"has_downloads": true, "has_issues": true, "has_projects": true, "has_wiki": true,
		"has_pages": false, "has_discussions": false,
	}
	for _, count := range []string{
		"forks", "forks_count", "open_issues", "open_issues_count", "size", "stargazers_count",
		"watchers", "watchers_count", "network_count", "subscribers_count",
	} {
		details[count] = 0
	}
	return details
}

// publicAccount is the answer about one account.
func (w *World) publicAccount(owner Object) Object {
	account := maps.Clone(owner)
	maps.Copy(account, Object{
		"name": nil, "company": nil, "blog": nil, "location": nil, "email": nil, "hireable": nil,
		"bio": nil, "public_repos": w.countPublic(owner), "public_gists": 0, "followers": 0,
		"following": 0, "created_at": firstDay, "updated_at": firstDay,
	})
	return account
}

// organization is the answer about one organization.
func (w *World) organization(owner Object) Object {
	organization := Object{
		"has_organization_projects": true, "has_repository_projects": true, "description": nil,
		"public_repos": w.countPublic(owner), "public_gists": 0, "followers": 0, "following": 0,
		"created_at": firstDay, "updated_at": firstDay, "archived_at": nil,
	}.links(apiURL+"/orgs/"+text(owner["login"]), map[string]string{
		"url": "", "repos_url": "/repos", "events_url": "/events", "hooks_url": "/hooks",
		"issues_url": "/issues", "members_url": "/members{/member}",
		"public_members_url": "/public_members{/member}",
	})
	for _, same := range []string{"login", "id", "node_id", "avatar_url", "html_url", "type"} {
		organization[same] = owner[same]
	}
	return organization
}

func (w *World) countPublic(owner Object) int {
	n := 0
	for _, repository := range w.repositories {
		if repository.isOwnedBy(text(owner["login"])) && !repository.isPrivate() {
			n++
		}
	}
	return n
}
