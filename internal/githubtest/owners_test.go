package githubtest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// owners is a world with an organization, two users, and repositories of each.
func owners() *githubtest.World {
	world := githubtest.NewWorld().Account("ada").Users("bob")
	world.Repository("acme/app")
	world.Repository("acme/secret").Set(githubtest.Object{"private": true})
	world.Repository("acme/old").Set(githubtest.Object{"archived": true, "fork": true})
	world.Repository("ada/notes")
	world.Repository("ada/diary").Set(githubtest.Object{"visibility": "private"})
	world.Repository("bob/site").Set(githubtest.Object{"disabled": true})
	world.Repository("bob/mail").Set(githubtest.Object{"private": true})
	return world
}

// listed are the names of repositories in an answer.
func listed(t *testing.T, body string) string {
	t.Helper()
	var list []struct {
		FullName string `json:"full_name"`
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	names := make([]string, len(list))
	for i, repository := range list {
		names[i] = repository.FullName
	}
	return strings.Join(names, " ")
}

func TestListsOfRepositories(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, owners())
	for path, want := range map[string]string{
		"/orgs/acme/repos":                                    "acme/old acme/secret acme/app",
		"/orgs/ACME/repos?sort=full_name":                     "acme/app acme/old acme/secret",
		"/orgs/acme/repos?direction=asc":                      "acme/app acme/secret acme/old",
		"/orgs/acme/repos?type=public":                        "acme/old acme/app",
		"/orgs/acme/repos?type=private":                       "acme/secret",
		"/orgs/acme/repos?type=sources":                       "acme/secret acme/app",
		"/orgs/acme/repos?type=forks":                         "acme/old",
		"/users/ada/repos":                                    "ada/notes",
		"/users/bob/repos":                                    "bob/site",
		"/users/acme/repos":                                   "acme/app acme/old",
		"/user/repos?affiliation=owner":                       "ada/diary ada/notes",
		"/user/repos?affiliation=owner&visibility=private":    "ada/diary",
		"/user/repos?affiliation=collaborator":                "",
		"/user/repos?affiliation=owner,organization_member":   "ada/diary ada/notes",
		"/user/repos?affiliation=owner&sort=created":          "ada/diary ada/notes",
		"/user/repos?sort=full_name&direction=desc&page=1":    "ada/notes ada/diary",
		"/user/repos?affiliation=owner&per_page=1&page=2":     "ada/notes",
		"/user/repos?affiliation=owner&per_page=1&page=99999": "",
	} {
		status, body, _ := get(t, server, path, "Authorization", "Bearer one")
		if got := listed(t, body); status != 200 || got != want {
			t.Errorf("%s: %d %s, want %s", path, status, got, want)
		}
	}
	if _, body, _ := get(t, server, "/orgs/acme/repos"); listed(t, body) != "acme/old acme/app" {
		t.Errorf("without a token: %s", listed(t, body))
	}
}

func TestARepositorysFlags(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, owners())
	for path, want := range map[string]string{
		"/repos/acme/app":    "false public false false",
		"/repos/acme/secret": "true private false false",
		"/repos/acme/old":    "false public true false",
		"/repos/ada/diary":   "true private false false",
		"/repos/bob/site":    "false public false true",
	} {
		r := first(t, answerOf(t, server, path))
		if got := fmt.Sprint(r["private"], " ", r["visibility"], " ", r["archived"], " ", r["disabled"]); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// TestListsOfRepositoriesHavePages: an array has its pages in the Link header alone.
func TestListsOfRepositoriesHavePages(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	for i := range 237 {
		world.Repository(fmt.Sprintf("acme/app-%03d", i))
	}
	server := githubtest.New(t, world)
	for query, want := range map[string]struct {
		repositories int
		first, rels  string
	}{
		"":                     {30, "acme/app-236", "next last"},
		"?per_page=100&page=2": {100, "acme/app-136", "prev next last"},
		"?per_page=100&page=3": {37, "acme/app-036", "prev"},
		"?per_page=100&page=4": {0, "", "prev"},
	} {
		_, body, header := get(t, server, "/orgs/acme/repos"+query)
		names := strings.Fields(listed(t, body))
		if len(names) != want.repositories || len(names) > 0 && names[0] != want.first {
			t.Errorf("%q: %d from %v", query, len(names), names)
		}
		var rels []string
		for link := range strings.SplitSeq(header.Get("Link"), ",") {
			_, rel, _ := strings.Cut(link, `rel="`)
			rels = append(rels, strings.TrimSuffix(rel, `"`))
		}
		if got := strings.Join(rels, " "); got != want.rels || strings.Contains(body, "total_count") {
			t.Errorf("%q: Link %s, want %s", query, got, want.rels)
		}
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, owners())
	for path, want := range map[string]string{
		"/user": "ada User", "/users/ada": "ada User", "/users/acme": "acme Organization", "/orgs/acme": "acme Organization",
	} {
		account := first(t, answerOf(t, server, path))
		if got := fmt.Sprint(account["login"], " ", account["type"]); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	for _, path := range []string{"/orgs/ada", "/orgs/bob/repos"} {
		if status, _, _ := get(t, server, path); status != 404 {
			t.Errorf("%s: %d; a user is not an organization", path, status)
		}
	}
	for _, path := range []string{"/user", "/user/repos"} {
		if status, _, _ := get(t, server, path); status != 401 {
			t.Errorf("%s without a token: %d", path, status)
		}
		app := githubtest.New(t, githubtest.NewWorld().Organizations("empty"))
		if status, _, _ := get(t, app, path, "Authorization", "Bearer one"); status != 403 {
			t.Errorf("%s with an App's token: %d", path, status)
		}
		if status, body, _ := get(t, app, "/orgs/empty/repos"); status != 200 || body != "[]" {
			t.Errorf("an organization without repositories: %d %s", status, body)
		}
	}
	r := &recorder{}
	unknown := githubtest.New(r, owners())
	for _, path := range []string{"/orgs/nobody", "/users/nobody/repos"} {
		if status, _, _ := get(t, unknown, path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if got := r.end(); len(got) != 2 {
		t.Errorf("unknown accounts must be announced: %v", got)
	}
}
