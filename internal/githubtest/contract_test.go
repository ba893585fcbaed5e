package githubtest_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/contract"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// exceptions are answers that differ from GitHub's description, each with the reason.
var exceptions = map[string]string{
	example + "/jobs/399444496: created_at is missing":                        lacking,
	example + "/runs/29679449/jobs: jobs[0].created_at is missing":            lacking,
	example + "/runs/29679449/attempts/1/jobs: jobs[0].created_at is missing": lacking,
}

const (
	example = "/repos/octo-org/octo-repo/actions"
	lacking = "GitHub's documented example of a job lacks the time"
)

// TestEveryAnswerIsGitHubs compares each answer of the demo's world with GitHub's description of
// each server.
func TestEveryAnswerIsGitHubs(t *testing.T) {
	t.Parallel()
	world := githubtest.Demo().Account("ada")
	world.Repository("ada/notes").Workflow(9, "Idle", ".github/workflows/idle.yml")
	server := githubtest.New(t, world)
	facts, used, answered := githubtest.Contract(), map[string]bool{}, map[string]bool{}
	for _, path := range demoPaths() {
		status, body, _ := get(t, server, path, "Authorization", "Bearer one")
		bare, _, _ := strings.Cut(path, "?")
		for _, described := range facts.Servers {
			operation := facts.Operation(described, "GET", bare)
			answered[operation] = true
			for _, wrong := range facts.CheckAnswer(described, operation, status, []byte(body)) {
				complaint := bare + ": " + wrong
				used[complaint] = true
				if exceptions[complaint] == "" {
					t.Errorf("%s: %s", described, complaint)
				}
			}
		}
	}
	for complaint := range exceptions {
		if !used[complaint] {
			t.Errorf("the exception is not needed: %s", complaint)
		}
	}
	for _, operation := range contract.Used() {
		if strings.HasPrefix(operation, "GET ") && !answered[operation] {
			t.Errorf("no answer to %s was checked", operation)
		}
	}
}

// demoPaths are requests for everything in the demo's world.
func demoPaths() []string {
	paths := []string{
		"/user", "/user/repos", "/users/ada", "/users/ada/repos", "/orgs/acme", "/orgs/acme/repos",
		"/repos/ada/notes/actions/workflows", "/repos/ada/notes/actions/runs",
		"/repos/acme/app/actions/jobs/70004/logs", "/repos/acme/app/actions/workflows/ci.yml/runs?status=success",
	}
	for repository, runs := range map[string]map[string][]string{
		"acme/app": {
			"700": {"70001", "70002", "70003", "70004", "70005", "70006", "70007"},
			"701": {"70101", "70102", "70103", "70104"}, "702": {"70201", "70202", "70203"},
		},
		"acme/infra": {"800": {"80001"}}, "acme/web": {"901": {"90101"}, "904": {"90402", "90405"}},
		"acme/legacy": {"1001": {"100101"}}, "octo-org/octo-repo": {"29679449": {"399444496"}},
	} {
		base := "/repos/" + repository
		paths = append(paths, base, base+"/actions/runs", base+"/actions/workflows", base+"/actions/workflows/11")
		for run, jobs := range runs {
			path := base + "/actions/runs/" + run
			paths = append(paths, path, path+"/jobs", path+"/jobs?filter=all", path+"/attempts/1", path+"/attempts/1/jobs")
			for _, job := range jobs {
				paths = append(paths, base+"/actions/jobs/"+job)
			}
		}
	}
	return slices.DeleteFunc(paths, func(path string) bool {
		// These have another workflow.
		return slices.Contains([]string{"/repos/acme/infra/actions/workflows/11", "/repos/acme/web/actions/workflows/11", "/repos/acme/legacy/actions/workflows/11"}, path)
	})
}

// TestRequestsOutsideTheContractFailTheTest: a path or a parameter that GitHub does not have.
func TestRequestsOutsideTheContractFailTheTest(t *testing.T) {
	t.Parallel()
	const runs = "/repos/acme/app/actions/runs"
	for path, want := range map[string]string{
		runs + "?per_page=101": "per_page is 101, want at most 100",
		runs + "?page=0":       `page is "0", want a number from 1`,
		runs + "?state=done":   "state is not a parameter",
		runs + "?status=done":  `status is "done", want one of completed`,
	} {
		r := &recorder{}
		_, _, _ = get(t, githubtest.New(r, githubtest.Demo()), path)
		if got := r.end(); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("%s: %v", path, got)
		}
		r = &recorder{}
		server := githubtest.New(r, githubtest.Demo())
		server.AllowOutsideContract()
		_, _, _ = get(t, server, path)
		if got := r.end(); len(got) > 0 {
			t.Errorf("%s: %v", path, got)
		}
	}
}

// TestTheFactsAreOfThreeServers: GitHub itself and two Enterprise Servers.
func TestTheFactsAreOfThreeServers(t *testing.T) {
	t.Parallel()
	facts := githubtest.Contract()
	if len(facts.Servers) != 3 || facts.Servers[0] != "api.github.com" || !strings.HasPrefix(facts.Package, "npm @octokit/openapi@") {
		t.Errorf("%s of %v", facts.Package, facts.Servers)
	}
	if got, want := slices.Sorted(maps.Keys(facts.Operations)), contract.Used(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v: run make contract-update", got, want)
	}
}
