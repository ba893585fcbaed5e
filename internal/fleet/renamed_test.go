package fleet_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// renamed makes the server redirect the lists of runs of old names to acme/app-0, as GitHub does after a
// repository was renamed.
func renamed(server *githubtest.Server, names ...string) {
	for _, name := range names {
		redirect := http.RedirectHandler(githubtest.Prefix+"/repos/acme/app-0/actions/runs?per_page=100", http.StatusMovedPermanently)
		server.Handle("/repos/"+name+"/actions/runs", redirect)
		for id := range 3 {
			jobs := fmt.Sprintf("/actions/runs/%d/jobs", id+1)
			server.Handle("/repos/"+name+jobs, http.RedirectHandler(githubtest.Prefix+"/repos/acme/app-0"+jobs, http.StatusMovedPermanently))
		}
	}
}

// TestARepositoryUnderSeveralNames: GitHub answers an old name of a repository too. Its runs count once,
// under its name now if that is selected.
func TestARepositoryUnderSeveralNames(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		entries      []string
		repositories string // in the report
		renamed      string // entry, old name, new name, whether it is still read
		want         string
	}{
		{"the old and the new name", []string{"old", "app-0"}, "acme/app-0", "0 acme/old acme/app-0 false", "app-0/3 app-0/2 app-0/1"},
		{"the new and the old name", []string{"app-0", "zoo"}, "acme/app-0", "1 acme/zoo acme/app-0 false", "app-0/3 app-0/2 app-0/1"},
		{"another owner", []string{"APP-0", "newco/app-0"}, "acme/APP-0", "1 newco/app-0 acme/app-0 false", "APP-0/3 APP-0/2 APP-0/1"},
		{"a pattern for the new name", []string{"old", "app-?"}, "acme/app-0 acme/app-1", "0 acme/old acme/app-0 false", "app-0/3 app-0/2 app-0/1 app-1/3 app-1/2 app-1/1"},
		{"two old names", []string{"zoo", "old"}, "acme/old", "0 acme/zoo acme/app-0 false, 1 acme/old acme/app-0 true", "old/3 old/2 old/1"},
		{"all three", []string{"old", "zoo", "app-0"}, "acme/app-0", "0 acme/old acme/app-0 false, 1 acme/zoo acme/app-0 false", "app-0/3 app-0/2 app-0/1"},
		{"the old name alone", []string{"old"}, "acme/old", "", "old/3 old/2 old/1"},
		{"two repositories", []string{"old", "app-1"}, "acme/app-1 acme/old", "", "app-1/3 app-1/2 app-1/1 old/3 old/2 old/1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.NewInMemory(t, fleetOf(2, 3))
			renamed(server, "acme/old", "acme/zoo", "newco/app-0")
			got, report, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, tc.entries...)})
			if err != nil {
				t.Fatal(err)
			}
			var names, told []string
			for _, r := range report.Repositories {
				names = append(names, r.Repository.String())
			}
			for _, r := range report.Renamed {
				told = append(told, fmt.Sprintf("%d %s %s %v", r.Entry, r.Old, r.New, r.IsRead))
			}
			if strings.Join(names, " ") != tc.repositories || strings.Join(told, ", ") != tc.renamed || got.runs() != tc.want {
				t.Errorf("%s, renamed %q, runs %s", names, told, got.runs())
			}
			if report.RunCount != len(got.items) || report.JobCount != len(got.items) || !report.Complete() {
				t.Errorf("%d runs, %d jobs, complete %v", report.RunCount, report.JobCount, report.Complete())
			}
		})
	}
}

// TestServersThatDoNotSayWhoseRunsTheyAre: without an ID, the name decides. Without both, nothing is merged.
func TestServersThatDoNotSayWhoseRunsTheyAre(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		repository any
		runs       int
	}{
		{githubtest.Object{"full_name": "Acme/App"}, 1},
		{githubtest.Object{"id": 0, "full_name": "acme/app"}, 1},
		{githubtest.Object{}, 2},
		{nil, 2},
	} {
		world := githubtest.NewWorld()
		for _, name := range []string{"acme/app", "acme/old"} {
			world.Repository(name).Run(1, 1, githubtest.Object{"repository": tc.repository}).Job(10, 1, nil)
		}
		_, report, err := read(t.Context(), newClient(t, githubtest.NewInMemory(t, world), config{}), fleet.Selection{Repositories: entries(t, "old", "app")})
		if err != nil || report.RunCount != tc.runs {
			t.Errorf("%v: %d runs, %v", tc.repository, report.RunCount, err)
		}
	}
}

// TestARenamedRepositoryCountsAsNamed: a failure is an error about the entry that names it, although a
// pattern matches its new name.
func TestARenamedRepositoryCountsAsNamed(t *testing.T) {
	t.Parallel()
	server := githubtest.NewInMemory(t, fleetOf(2, 3))
	renamed(server, "acme/old")
	server.FailAlways("jobs", func(r githubtest.Request) bool {
		return strings.HasPrefix(r.Path, "/repos/acme/app-0/") && strings.HasSuffix(r.Path, "/jobs")
	}, githubtest.Status(403, "Resource not accessible"))
	_, _, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, "app-?", "old")})
	if err == nil || !strings.HasPrefix(err.Error(), "repositories[1]: acme/app-0 run ") {
		t.Errorf("got %v", err)
	}
}
