package actions_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// withToken sends a token with each request.
type withToken struct{ next http.RoundTripper }

func (w withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer one")
	return w.next.RoundTrip(r)
}

func clientWithToken(tb testing.TB, server *githubtest.Server) *actions.Client {
	tb.Helper()
	base, err := url.Parse(server.BaseURL())
	if err != nil {
		tb.Fatal(err)
	}
	transport := &http.Transport{}
	tb.Cleanup(transport.CloseIdleConnections)
	return actions.NewClient(actions.Config{
		HTTP: &http.Client{Transport: withToken{transport}}, BaseURL: base, UserAgent: "test", MaxConcurrent: 10, TokenSource: "the test",
	})
}

func ownersWorld() *githubtest.World {
	w := githubtest.NewWorld().Account("ada").Users("bob")
	w.Repository("acme/app").Set(githubtest.Object{"custom_properties": githubtest.Object{"team": []any{"a", "b"}}})
	w.Repository("acme/secret").Set(githubtest.Object{"private": true})
	w.Repository("acme/old").Set(githubtest.Object{"archived": true})
	w.Repository("ada/diary").Set(githubtest.Object{"private": true, "disabled": true})
	w.Repository("bob/mail").Set(githubtest.Object{"private": true})
	w.Repository("bob/site")
	return w
}

func TestOwnedRepositories(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		owner     string
		anonymous bool
		account   string // of the token; "": an App's
		want      string
		public    bool
		requests  string
	}{
		{"ACME", false, "ada", "acme/app acme/secret acme/old(archived)", false, "/orgs/ACME/repos"},
		{"acme", true, "ada", "acme/app acme/old(archived)", false, "/orgs/acme/repos"},
		{"Ada", false, "ada", "ada/diary(disabled)", false, "/orgs/Ada/repos /user /user/repos"},
		{"bob", false, "ada", "bob/site", true, "/orgs/bob/repos /user /users/bob/repos"},
		{"bob", false, "", "bob/site", true, "/orgs/bob/repos /user /users/bob/repos"},
		{"bob", true, "ada", "bob/site", true, "/orgs/bob/repos /users/bob/repos"},
	} {
		t.Run(fmt.Sprintf("%s, anonymous %v, account %q", tc.owner, tc.anonymous, tc.account), func(t *testing.T) {
			t.Parallel()
			world := ownersWorld()
			if tc.account == "" {
				world.Account("")
			}
			server := githubtest.New(t, world)
			client := clientWithToken(t, server)
			if tc.anonymous {
				client = newClient(t, server, 10)
			}
			got, err := client.OwnedRepositories(t.Context(), tc.owner)
			if err != nil {
				t.Fatal(err)
			}
			var names, paths []string
			for _, r := range got.Repositories {
				name := r.String()
				if r.Archived {
					name += "(archived)"
				}
				if r.Disabled {
					name += "(disabled)"
				}
				names = append(names, name)
			}
			for _, r := range server.Requests() {
				paths = append(paths, r.Path)
			}
			if strings.Join(names, " ") != tc.want || got.OnlyPublic != tc.public || strings.Join(paths, " ") != tc.requests {
				t.Errorf("%s, only public %v, asked %s", names, got.OnlyPublic, paths)
			}
		})
	}
}

func TestManyOwnedRepositories(t *testing.T) {
	t.Parallel()
	for n, requests := range map[int]int{0: 1, 99: 1, 101: 2, 230: 3} {
		world := githubtest.NewWorld().Organizations("acme")
		for i := range n {
			world.Repository(fmt.Sprintf("acme/app-%d", i))
		}
		server := githubtest.New(t, world)
		if n == 230 {
			server.FailAlways("large pages", githubtest.PagesAbove(50, ""), githubtest.Status(http.StatusBadGateway, "Server Error"))
		}
		got, err := newClient(t, server, 10).OwnedRepositories(t.Context(), "acme")
		if err != nil || len(got.Repositories) != n {
			t.Fatalf("%d repositories of %d, %v", len(got.Repositories), n, err)
		}
		for i, r := range got.Repositories {
			if r.Name != fmt.Sprintf("app-%d", i) {
				t.Fatalf("place %d holds %s", i, r)
			}
		}
		if asked := len(server.Requests()); n != 230 && asked != requests {
			t.Errorf("%d repositories: %d requests, want %d", n, asked, requests)
		}
	}
}

func TestOwnedRepositoriesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const list = "/orgs/acme/repos"
	for _, tc := range []struct {
		name, path string
		fault      githubtest.Fault
		kind       actions.Kind
		reason     string
	}{
		{"no such owner", "", nil, actions.NotFound, ""},
		{"refused", list, githubtest.Status(403, "Resource not accessible by integration"), actions.Forbidden, ""},
		{"a bad token", "/user", githubtest.Status(401, "Bad credentials"), actions.BadCredentials, ""},
		{"no array", list, githubtest.Body("application/json", `{"message":"hm"}`), actions.Malformed, "the answer is not a JSON array"},
		{"a path for a name", list, githubtest.Body("application/json", `[{"id":1,"full_name":"acme/../x"}]`), actions.Malformed, `it lists "acme/../x": the name contains '/'`},
		{"no name", list, githubtest.Body("application/json", `[{"id":1}]`), actions.Malformed, "repository 0 of the list has no id or no name"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			world := githubtest.NewWorld().Account("ada")
			server := githubtest.New(t, world)
			server.AllowMissing(list, "/users/acme/repos")
			if tc.fault != nil {
				server.FailAlways(tc.path, githubtest.Path(tc.path), tc.fault)
			}
			_, err := clientWithToken(t, server).OwnedRepositories(t.Context(), "acme")
			var e *actions.Error
			if isRefused := tc.kind == actions.Forbidden; errors.As(err, &e) && isRefused != (e.Missing == actions.PartOwner) && tc.path != "" {
				t.Errorf("the error is about %q", e.Missing)
			}
			if !errors.As(err, &e) || e.Kind != tc.kind || e.Reason != tc.reason || tc.path != "/user" && e.Object != "repositories of acme" {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestAnOwnerWithAnotherName: GitHub redirects the old name of an owner to the new one, and the list then
// has the repositories of the new name only. It must not look like an owner without repositories.
func TestAnOwnerWithAnotherName(t *testing.T) {
	t.Parallel()
	list := func(names ...string) githubtest.Fault {
		var rows []string
		for i, name := range names {
			rows = append(rows, fmt.Sprintf(`{"id":%d,"full_name":%q}`, i+1, name))
		}
		return githubtest.Body("application/json", "["+strings.Join(rows, ",")+"]")
	}
	for _, tc := range []struct {
		name, owner, path string
		answer            githubtest.Fault
		other, want       string // the other owner; else the repositories
	}{
		{"an organisation", "acme", "/orgs/acme/repos", list("newco/app", "newco/lib"), "newco", ""},
		{"a user", "bob", "/users/bob/repos", list("robert/site"), "robert", ""},
		{"several owners", "acme", "/orgs/acme/repos", list("newco/app", "zoo/app"), "newco", ""},
		{"one of its own among others", "acme", "/orgs/acme/repos", list("newco/app", "ACME/lib"), "", "ACME/lib"},
		{"no repository", "acme", "/orgs/acme/repos", list(), "", ""},
		// Some servers list there what the account may use. Its name has just been read.
		{"the token's own user", "ada", "/user/repos", list("acme/app"), "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, ownersWorld())
			server.FailAlways("the list", githubtest.Path(tc.path), tc.answer)
			got, err := clientWithToken(t, server).OwnedRepositories(t.Context(), tc.owner)
			if tc.other != "" {
				var e *actions.Error
				if !errors.As(err, &e) || e.Kind != actions.OwnerRenamed || e.Missing != actions.PartOwner || e.Reason != tc.other || e.Object != "repositories of "+tc.owner {
					t.Errorf("got %v", err)
				}
				return
			}
			var names []string
			for _, r := range got.Repositories {
				names = append(names, r.String())
			}
			if err != nil || strings.Join(names, " ") != tc.want {
				t.Errorf("%s, %v", names, err)
			}
		})
	}
}

// TestAListWithoutWhatNeedsSingleSignOn: GitHub says so in a header of any page. A user's own repositories
// belong to no organisation, so they are whole.
func TestAListWithoutWhatNeedsSingleSignOn(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, owner, path, page, header string
		reason                          string // empty: the list is whole
	}{
		{"an organisation", "acme", "/orgs/acme/repos", "1", "partial-results; organizations=21955855,20582480", "it lacks what requires single sign-on (organisations 21955855, 20582480)"},
		{"the second page", "acme", "/orgs/acme/repos", "2", "partial-results; organizations=21955855", "it lacks what requires single sign-on (organisations 21955855)"},
		{"without the organisations", "acme", "/orgs/acme/repos", "1", "Partial-Results", "it lacks what requires single sign-on"},
		{"another header", "acme", "/orgs/acme/repos", "1", "required; url=https://github.com/orgs/acme/sso", ""},
		{"another user", "bob", "/users/bob/repos", "1", "partial-results; organizations=1", "it lacks what requires single sign-on (organisations 1)"},
		{"the token's own user", "ada", "/user/repos", "1", "partial-results; organizations=1", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, ownersWorld())
			pages := map[string]string{}
			for n, from := range []int{0, 100} {
				var rows []string
				for id := from; id < from+100-50*n; id++ {
					rows = append(rows, fmt.Sprintf(`{"id":%d,"full_name":"%s/app-%d"}`, id+1, tc.owner, id))
				}
				pages[fmt.Sprint(n+1)] = "[" + strings.Join(rows, ",") + "]"
			}
			server.Handle(tc.path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				page := r.URL.Query().Get("page")
				if page == tc.page {
					w.Header().Set("X-GitHub-SSO", tc.header)
				}
				githubtest.Body("application/json", pages[page])(w, r)
			}))
			got, err := clientWithToken(t, server).OwnedRepositories(t.Context(), tc.owner)
			if err != nil || len(got.Repositories) != 150 {
				t.Fatalf("%d repositories, %v", len(got.Repositories), err)
			}
			p := got.Partial
			if tc.reason == "" {
				if p != nil {
					t.Errorf("got %v", p)
				}
				return
			}
			if p == nil || p.Kind != actions.SSO || p.Reason != tc.reason || p.Object != "all repositories of "+tc.owner || p.TokenSource != "the test" || p.Status != 200 || p.RequestID == "" {
				t.Errorf("got %+v", p)
			}
		})
	}
}

// TestARepositoryFromAListNeedsNoSecondLook: a 404 for the workflow of a listed repository is about
// the workflow, so no other request is needed.
func TestARepositoryFromAListNeedsNoSecondLook(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	server.ExpectMissing("/repos/acme/app/actions/workflows/cd.yml/runs")
	_, err := newClient(t, server, 10).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: app(t), Workflow: "cd.yml", Max: 10, Listed: true})
	wantMissing(t, err, actions.PartWorkflow)
	if n := len(server.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}
