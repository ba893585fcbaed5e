package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

func compactJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// organisation is acme with some repositories. Each has three runs with one job. The jobs of lib
// use a different label.
func organisation() *githubtest.World {
	world := githubtest.NewWorld().Account("ada").Users("bob")
	for i, name := range []string{"acme/app", "acme/app-api", "acme/lib", "acme/old", "bob/site"} {
		r := world.Repository(name)
		for run := range int64(3) {
			id := int64(i)*100 + run + 1
			at := fmt.Sprintf("2026-05-0%dT10:00:00Z", run+1)
			label := "ubuntu-24.04"
			if name == "acme/lib" {
				label = "ubuntu-20.04"
			}
			r.Run(id, 1, githubtest.Object{"created_at": at, "updated_at": at}).
				Job(id*10, id, githubtest.Object{"name": "build", "labels": []any{label}, "created_at": at})
		}
	}
	world.Repository("acme/old").Set(githubtest.Object{"archived": true})
	return world
}

func TestAnAuditOfAnOrganisation(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, organisation())
	got, diags := configured(t, server).read(auditType, args{
		"repositories": []string{"*", "bob/site"}, "exclude_repositories": []string{"app-*"}, "denied_labels": []string{"ubuntu-20.04"}, "max_runs": 2,
	})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	for name, want := range map[string]string{
		"compliant": "false", "complete": "false", "truncated": "true", "run_count": "6", "job_count": "6", "violation_count": "2", "owner": "null",
		"oldest_run_at": `"2026-05-02T10:00:00Z"`, "newest_run_at": `"2026-05-03T10:00:00Z"`, "problems": "[]",
		"by_repository": `[` +
			`{"compliant":true,"job_count":2,"repository":"acme/app","run_count":2,"truncated":true,"violation_count":0},` +
			`{"compliant":false,"job_count":2,"repository":"acme/lib","run_count":2,"truncated":true,"violation_count":2},` +
			`{"compliant":true,"job_count":2,"repository":"bob/site","run_count":2,"truncated":true,"violation_count":0}]`,
		"summary": `[{"count":2,"first_seen_at":"2026-05-02T10:00:00Z","html_url":"https://github.com/acme/lib/actions/runs/203/job/2030","job_name":"build","label":"ubuntu-20.04","last_seen_at":"2026-05-03T10:00:00Z",` +
			`"message":"acme/lib: job \"build\" of workflow \"CI\" uses label \"ubuntu-20.04\", which denied_labels forbids (\"ubuntu-20.04\"); 2 jobs, last on 2026-05-03.",` +
			`"pattern":"ubuntu-20.04","reason":"denied","repository":"acme/lib","runner_group_name":"GitHub Actions","workflow_name":"CI"}]`,
	} {
		if got := compactJSON(t, got[name]); got != want {
			t.Errorf("%s is %s\nwant %s", name, got, want)
		}
	}
}

func TestWhatIsWrongWithASelection(t *testing.T) {
	t.Parallel()
	repositories := func(list ...string) args { return args{"repositories": list} }
	for name, tc := range map[string]struct {
		args
		want string
	}{
		"nothing":               {args{}, "error at repository: Missing repository: Set repository to one repository, or repositories to a list of names and patterns."},
		"both":                  {args{"repository": "app", "repositories": []string{"app"}}, "error at repositories: Two selections: Set either repository or repositories, not both."},
		"an empty list":         {repositories(), "error at repositories: Empty repositories: repositories must not be empty. Name at least one."},
		"twice":                 {repositories("app", "app"), `error at repositories.ElementKeyInt(1): Invalid repository: repositories[1] cannot be "app": it is in the list already. Remove it.`},
		"a pattern of owners":   {repositories("*/app"), `error at repositories.ElementKeyInt(0): Invalid repository: repositories[0] cannot be "*/app": the owner is a pattern. Name the owner, and write a pattern for the name only, such as acme/app-*.`},
		"no name":               {repositories("acme/"), `error at repositories.ElementKeyInt(0): Invalid repository: repositories[0] cannot be "acme/": the name is empty. Write name or owner/name, with letters, digits, "-", "_" and "." only.`},
		"an address to clone":   {repositories("acme/app.git"), `error at repositories.ElementKeyInt(0): Invalid repository: repositories[0] cannot be "acme/app.git": the name ends in .git. Write acme/app.`},
		"an exclusion":          {args{"repository": "app", "exclude_repositories": []string{"a b"}}, `error at exclude_repositories.ElementKeyInt(0): Invalid repository: exclude_repositories[0] cannot be "a b": the name contains ' '. Write name or owner/name, with letters, digits, "-", "_" and "." only.`},
		"a pattern for one":     {args{"repository": "acme/app-*"}, `error at repository: Invalid repository: repository cannot be "acme/app-*": it takes one repository. Write repositories = ["acme/app-*"] for all that the pattern matches.`},
		"only .git":             {repositories("acme/.git"), `error at repositories.ElementKeyInt(0): Invalid repository: repositories[0] cannot be "acme/.git": the name ends in .git. Write name or owner/name, with letters, digits, "-", "_" and "." only.`},
		"two ranges":            {args{"repository": "app", "created": "2026-05-04", "created_within": "30d"}, "error at created_within: Two ranges of dates: Set either created or created_within, not both."},
		"an age of no time":     {args{"repository": "app", "created_within": "0d"}, `error at created_within: Invalid duration: created_within must be a duration greater than zero, in hours such as 720h or in days such as 30d, not "0d".`},
		"an age without a unit": {args{"repository": "app", "created_within": "30"}, `error at created_within: Invalid duration: created_within must be a duration greater than zero, in hours such as 720h or in days such as 30d, not "30".`},
		"an age without end":    {args{"repository": "app", "created_within": "9999999999999d"}, `error at created_within: Invalid duration: created_within must be a duration greater than zero, in hours such as 720h or in days such as 30d, not "9999999999999d".`},
		"too many runs":         {args{"repository": "app", "max_runs": 10_001}, "error at max_runs: Invalid number: max_runs must be a whole number between 1 and 10000, not 10001."},
		"an empty group":        {args{"repository": "app", "denied_runner_groups": []string{" "}}, "error at denied_runner_groups.ElementKeyInt(0): Invalid runner group pattern: denied_runner_groups[0] must not be empty. A pattern matches the whole name of a runner group; * matches any characters and ? one character."},
		"an exception for all":  {args{"repository": "app", "exception": []args{{"reason": "x"}}}, "error at exception.ElementKeyInt(0): Invalid exception: exception[0] would match every violation. Set at least one of repository, workflow, job and label."},
		"an exception's day":    {args{"repository": "app", "exception": []args{{"job": "x", "until": "31.12.2026"}}}, `error at exception.ElementKeyInt(0).until: Invalid day: exception[0].until must be a day such as 2026-12-31, not "31.12.2026".`},
		"an exception's label":  {args{"repository": "app", "exception": []args{{"label": "a, b"}}}, `error at exception.ElementKeyInt(0).label: Invalid label pattern: exception[0].label cannot be "a, b": this is a list in one string; write each label as a separate element. A pattern matches a whole label; * matches any characters and ? one character.`},
		"an exception's name":   {args{"repository": "app", "exception": []args{{"job": ""}}}, "error at exception.ElementKeyInt(0).job: Invalid pattern: exception[0].job must not be empty. Remove it to match any name. A pattern matches the whole name; * matches any characters and ? one character."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, organisation())
			if _, diags := configured(t, server).read(auditType, tc.args); diags.String() != tc.want || len(server.Requests()) > 0 {
				t.Errorf("got  %s\nwant %s", diags, tc.want)
			}
		})
	}
}

func TestARepositoryOfManyWithoutAnOwner(t *testing.T) {
	t.Parallel()
	p := newProtocol(t, nil)
	if diags := p.configure(args{"base_url": "http://127.0.0.1:1/"}); len(diags) > 0 {
		t.Fatal(diags)
	}
	const want = `error at repositories.ElementKeyInt(1): Missing owner: The owner of "app-*" is not set. Write OWNER/app-*, or set owner here, in the provider block or in GITHUB_OWNER.`
	if _, diags := p.read(auditType, args{"repositories": []string{"acme/app", "app-*"}}); diags.String() != want {
		t.Errorf("got  %s\nwant %s", diags, want)
	}
}

// TestWhatAReadOfManyTells checks the whole text of errors and warnings.
func TestWhatAReadOfManyTells(t *testing.T) {
	t.Parallel()
	const lib = "/repos/acme/lib/actions/runs"
	forbidden := githubtest.Status(http.StatusForbidden, "Resource not accessible by personal access token")
	for name, tc := range map[string]struct {
		args
		prepare func(*githubtest.Server)
		want    string // beginning
	}{
		"one that a pattern found": {
			args{"repositories": []string{"*"}}, func(s *githubtest.Server) { s.FailAlways("runs", githubtest.Path(lib), forbidden) },
			"warning: Some repositories or runs could not be read: The result does not include them: complete is false, and problems lists them.\n\n- Cannot read acme/lib workflow runs: GitHub answered 403: Resource not accessible by personal access token.",
		},
		"one that is named": {
			args{"repositories": []string{"app", "lib"}}, func(s *githubtest.Server) { s.FailAlways("runs", githubtest.Path(lib), forbidden) },
			"error at repositories.ElementKeyInt(1): Cannot read acme/lib workflow runs: GitHub answered 403: Resource not accessible by personal access token.",
		},
		"one that does not exist": {
			args{"repositories": []string{"app", "none"}}, func(s *githubtest.Server) { s.AllowMissing("/repos/acme/none", "/repos/acme/none/actions/runs") },
			"error at repositories.ElementKeyInt(1): Cannot read acme/none workflow runs: GitHub answered 404: Not Found.",
		},
		"an owner that does not exist": {
			args{"repositories": []string{"nobody/*"}}, func(s *githubtest.Server) { s.AllowMissing("/orgs/nobody/repos", "/users/nobody/repos") },
			"error at repositories.ElementKeyInt(0): Cannot read repositories of nobody: GitHub answered 404: Not Found.\n\nGitHub shows no user or organisation with this login. Check the owner.",
		},
		"an owner whose repositories cannot be listed": {
			args{"repositories": []string{"app", "acme/*"}},
			func(s *githubtest.Server) {
				s.FailAlways("the list", githubtest.Path("/orgs/acme/repos"), githubtest.Status(http.StatusForbidden, "Resource not accessible by integration", "X-Accepted-GitHub-Permissions", "metadata=read"))
			},
			"error at repositories.ElementKeyInt(1): Cannot read repositories of acme: GitHub answered 403: Resource not accessible by integration.",
		},
		"an owner with another name": {
			args{"repositories": []string{"app", "acme/*"}},
			func(s *githubtest.Server) {
				s.FailAlways("the list", githubtest.Path("/orgs/acme/repos"), githubtest.Body("application/json", `[{"id":1,"full_name":"newco/app"}]`))
			},
			"error at repositories.ElementKeyInt(1): Cannot read repositories of acme: GitHub lists the repositories of newco instead, so this owner may have been renamed.\n\nIf it was, write newco as the owner.",
		},
		"a pattern that matches nothing": {
			args{"repositories": []string{"app", "x*", "old*"}}, nil,
			`warning at repositories.ElementKeyInt(1): No repository matches: repositories[1] is "acme/x*", and no repository of acme that the token can see matches it. Archived, disabled and excluded repositories are left out.` +
				"\n" + `warning at repositories.ElementKeyInt(2): No repository matches: repositories[2] is "acme/old*", and no`,
		},
		"an old and a new name": {
			args{"repositories": []string{"former", "app", "app-api"}, "denied_labels": []string{"x"}},
			func(s *githubtest.Server) {
				s.Handle("/repos/acme/former/actions/runs", http.RedirectHandler(githubtest.Prefix+"/repos/acme/app/actions/runs?per_page=100", http.StatusMovedPermanently))
			},
			`warning at repositories.ElementKeyInt(0): A repository has a new name: repositories[0] is "acme/former", and acme/former is acme/app now. Several entries select this repository, and its runs count once. Remove this entry.`,
		},
		"two old names": {
			args{"repositories": []string{"former", "earlier"}},
			func(s *githubtest.Server) {
				for _, path := range []string{"", "/1/jobs", "/2/jobs", "/3/jobs"} {
					for _, name := range []string{"former", "earlier"} {
						s.Handle("/repos/acme/"+name+"/actions/runs"+path, http.RedirectHandler(githubtest.Prefix+"/repos/acme/app/actions/runs"+path+"?per_page=100", http.StatusMovedPermanently))
					}
				}
			},
			`warning at repositories.ElementKeyInt(0): A repository has a new name: repositories[0] is "acme/former", and acme/former is acme/app now. Several entries select this repository, and its runs count once. Remove this entry.` +
				"\n" + `warning at repositories.ElementKeyInt(1): A repository has a new name: repositories[1] is "acme/earlier", and acme/earlier is acme/app now. Several entries select this repository, and its runs count once. Write acme/app here.`,
		},
		"a name that is excluded": {
			args{"repositories": []string{"app", "lib"}, "exclude_repositories": []string{"lib"}}, nil,
			`warning at repositories.ElementKeyInt(1): A listed repository is excluded: repositories[1] is "acme/lib", and exclude_repositories leaves it out.`,
		},
		"nothing but an excluded name": {
			args{"repository": "app", "exclude_repositories": []string{"app"}, "denied_labels": []string{"x"}}, nil,
			`warning at repository: A listed repository is excluded: repository is "acme/app", and exclude_repositories leaves it out.` +
				"\nwarning: No repository was checked: compliant is true because no repository is left to check.",
		},
		"another user": {
			args{"repositories": []string{"bob/*"}}, nil,
			"warning: Only public repositories are listed: bob is a user, and GitHub lists only the public repositories of a user unless the token is the user's own. To read private repositories, write their full names, with a token that can read them.",
		},
		"a workflow that none has": {
			args{"repositories": []string{"app*"}, "workflow": "none.yml"},
			func(s *githubtest.Server) {
				s.AllowMissing("/repos/acme/app/actions/workflows/none.yml/runs", "/repos/acme/app-api/actions/workflows/none.yml/runs")
			},
			`error at workflow: No repository has the workflow: None of the 2 matching repositories has the workflow "none.yml". Write the name of its file in .github/workflows, such as ci.yml, or its ID, not its display name.`,
		},
		"a workflow that one lacks and one hides": {
			args{"repositories": []string{"app*"}, "workflow": "none.yml", "denied_labels": []string{"x"}},
			func(s *githubtest.Server) {
				s.AllowMissing("/repos/acme/app/actions/workflows/none.yml/runs")
				s.FailAlways("the other", githubtest.Path("/repos/acme/app-api/actions/workflows/none.yml/runs"), githubtest.Status(http.StatusUnavailableForLegalReasons, "Repository access blocked"))
			},
			"warning: Some repositories or runs could not be read: The result does not include them: complete is false, and problems lists them.\n\n- Cannot read acme/app-api runs of workflow none.yml: GitHub answered 451: Repository access blocked.\n\nGitHub has blocked the repository, for every token.",
		},
		"nothing to audit": {
			args{"repositories": []string{"app*", "lib"}, "branch": "mian", "denied_labels": []string{"x"}}, nil,
			"warning: No run of 2 entries of repositories matched: compliant is true because there were no jobs to check. Check the filters",
		},
		"a budget that is too small": {
			args{"repositories": []string{"app*"}},
			func(s *githubtest.Server) {
				s.SetRateLimit(githubtest.RateLimit{Limit: 60, Remaining: 7, Reset: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)})
			},
			"error: The rate limit is too low: The jobs of the selected runs need 6 requests, and GitHub allows 4 more. No jobs were read. Plan again later, select fewer runs or repositories, or set cache_path or cache_url: a plan then keeps what it reads, and the next plan continues from there. To let the plan wait, raise max_rate_limit_wait in the provider block and read in the timeouts block.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, organisation())
			if tc.prepare != nil {
				tc.prepare(server)
			}
			_, diags := configured(t, server).read(auditType, tc.args)
			if !strings.HasPrefix(diags.String(), tc.want) {
				t.Errorf("got  %s\nwant %s", diags, tc.want)
			}
		})
	}
}

// TestProblemsHaveRemedies: each remedy is told once, however many repositories it is for, and problems
// keeps its short messages.
func TestProblemsHaveRemedies(t *testing.T) {
	t.Parallel()
	sso := func(org string) githubtest.Fault {
		return githubtest.Status(403, "Resource protected by organization SAML enforcement.", "X-GitHub-SSO", "required; url=https://github.com/orgs/"+org+"/sso?authorization_request=A")
	}
	noPermission := githubtest.Status(403, "Resource not accessible by integration", "X-Accepted-GitHub-Permissions", "actions=read")
	const head = "warning: Some repositories or runs could not be read: The result does not include them: complete is false, and problems lists them.\n\n"
	const cannot = "- Cannot read acme/app-%d workflow runs: GitHub answered "
	const saml, refused, gone = cannot + "403: Resource protected by organization SAML enforcement.\n", cannot + "403: Resource not accessible by integration.\n", cannot + "404: Not Found.\n"
	const authorise = "\nThe organisation requires single sign-on. Authorise the token from the provider's token argument for it at this address, then plan again: https://github.com/orgs/%s/sso?authorization_request=A"
	const permission = "\nThe token from the provider's token argument cannot read this: GitHub requires the permission actions=read (fine-grained token or App)."
	const invisible = "\nWhat GitHub lists and does not show was deleted since, or is not visible. GitHub also answers 404 for what a token cannot see: the token from the provider's token argument needs read access to Actions on this repository (fine-grained token or App: Actions: read; classic token: repo)."
	for name, tc := range map[string]struct {
		faults []githubtest.Fault // of acme/app-0, acme/app-1, …
		want   string
	}{
		"single sign-on":     {[]githubtest.Fault{sso("acme")}, fmt.Sprintf(saml+authorise, 0, "acme")},
		"one organisation":   {[]githubtest.Fault{sso("acme"), githubtest.Status(403, "Resource protected by organization SAML enforcement.", "X-GitHub-SSO", "required; url=https://github.com/orgs/acme/sso?authorization_request=B")}, fmt.Sprintf(saml+saml+authorise, 0, 1, "acme")},
		"twice the same":     {[]githubtest.Fault{noPermission, noPermission}, fmt.Sprintf(refused+refused+permission, 0, 1)},
		"of several kinds":   {[]githubtest.Fault{noPermission, sso("acme"), noPermission, githubtest.Status(404, "Not Found")}, fmt.Sprintf(refused+saml+refused+gone+permission+"\n"+authorise+"\n"+invisible, 0, 1, 2, 3, "acme")},
		"blocked":            {[]githubtest.Fault{githubtest.Status(451, "Repository access blocked")}, fmt.Sprintf(cannot+"451: Repository access blocked.\n\nGitHub has blocked the repository, for every token. Its page on GitHub says why.", 0)},
		"too many of a kind": {[]githubtest.Fault{sso("a"), sso("b"), sso("c"), sso("d"), sso("e"), sso("f")}, fmt.Sprintf(saml+saml+saml+saml+saml+saml, 0, 1, 2, 3, 4, 5) + fmt.Sprintf(authorise+"\n"+authorise+"\n"+authorise+"\n"+authorise+"\n"+authorise, "a", "b", "c", "d", "e")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := githubtest.NewWorld()
			for i := range len(tc.faults) + 1 {
				world.Repository(fmt.Sprintf("acme/app-%d", i)).Run(int64(i+1), 1, nil).Job(int64(i+1), int64(i+1), nil)
			}
			server := githubtest.New(t, world)
			for i, fault := range tc.faults {
				path := fmt.Sprintf("/repos/acme/app-%d/actions/runs", i)
				server.FailAlways(path, githubtest.Path(path), fault)
			}
			got, diags := configuredWith(t, server, args{"token": "one"}).read(jobsType, args{"repositories": []string{"*"}})
			if diags.String() != head+tc.want {
				t.Errorf("got  %s\nwant %s", diags, head+tc.want)
			}
			if text := compactJSON(t, got["problems"]); strings.Contains(text, "single sign-on") || strings.Contains(text, "permission") {
				t.Errorf("problems %s", text)
			}
		})
	}
}

// TestAListWithoutWhatNeedsSingleSignOn: an audit of a part of an organisation is not compliant.
func TestAListWithoutWhatNeedsSingleSignOn(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, organisation())
	server.FailAlways("the list", githubtest.Path("/orgs/acme/repos"), func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-GitHub-SSO", "partial-results; organizations=21955855,20582480")
		githubtest.Body("application/json", `[{"id":1,"full_name":"acme/app"}]`)(w, r)
	})
	got, diags := configuredWith(t, server, args{"token": "one"}).read(auditType, args{"repositories": []string{"*"}, "denied_labels": []string{"x"}})
	const problem = "Cannot read all repositories of acme: The list is not complete: it lacks what requires single sign-on (organisations 21955855, 20582480)."
	const want = "warning: Some repositories or runs could not be read: The result does not include them: complete is false, and problems lists them.\n\n- " + problem +
		"\n\nThe organisation requires single sign-on. Authorise the token from the provider's token argument for it in the settings of the token."
	if diags.String() != want {
		t.Errorf("got  %s\nwant %s", diags, want)
	}
	if fmt.Sprintf("%v %v %v", got["compliant"], got["complete"], got["run_count"]) != "false false 3" {
		t.Errorf("compliant %v, complete %v, %v runs", got["compliant"], got["complete"], got["run_count"])
	}
	if want := fmt.Sprintf(`[{"message":%q,"reason":"forbidden","repository":"acme/*","run_id":null}]`, problem); compactJSON(t, got["problems"]) != want {
		t.Errorf("problems %s\nwant %s", compactJSON(t, got["problems"]), want)
	}
}

// TestAnEmptyListThatIsNotComplete: compliant is false, so no warning says that it is true.
func TestAnEmptyListThatIsNotComplete(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, organisation())
	server.FailAlways("the list", githubtest.Path("/orgs/acme/repos"), func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-GitHub-SSO", "partial-results; organizations=1")
		githubtest.Body("application/json", `[]`)(w, r)
	})
	got, diags := configured(t, server).read(auditType, args{"repositories": []string{"*"}, "denied_labels": []string{"x"}})
	if len(diags) != 2 || !strings.HasPrefix(diags[0], "warning: Some repositories or runs could not be read: ") || !strings.HasPrefix(diags[1], "warning at repositories.ElementKeyInt(0): No repository matches: ") || got["compliant"] != false {
		t.Errorf("compliant %v, got %s", got["compliant"], diags)
	}
}

// TestABudgetIsResumed: with a cache, each plan keeps what fits and reports its progress.
func TestABudgetIsResumed(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, organisation())
	reset := time.Now().Add(30 * time.Minute).UTC().Truncate(time.Second)
	server.SetRateLimit(githubtest.RateLimit{Limit: 60, Remaining: 7, Reset: reset})
	folder := t.TempDir()
	read := func() (map[string]any, messages) {
		return configuredWith(t, server, args{"cache_path": folder, "max_concurrent_requests": 1}).read(auditType, args{"repositories": []string{"app*"}})
	}
	_, diags := read()
	at := reset.Format(time.RFC3339)
	want := fmt.Sprintf("error: The rate limit is too low for one plan: The jobs of the selected runs needed 6 requests, and GitHub allowed 4 more until %s. The cache has the jobs of 4 of 6 runs now. Plan again after %s: the next plan continues from there.", at, at)
	if diags.String() != want {
		t.Errorf("got  %s\nwant %s", diags, want)
	}
	server.SetRateLimit(githubtest.RateLimit{Limit: 60, Remaining: 10, Reset: reset})
	if got, diags := read(); len(diags) > 0 || fmt.Sprint(got["job_count"]) != "6" {
		t.Errorf("%v jobs, %s", got["job_count"], diags)
	}
}

// TestExceptions: violations that match do not count. Exceptions without an effect are warnings.
func TestExceptions(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, organisation())
	got, diags := configured(t, server).read(auditType, args{
		"repositories": []string{"app", "lib"}, "denied_labels": []string{"ubuntu-*"},
		"exception": []args{
			{"repository": "lib", "label": "ubuntu-20.04", "until": "2999-12-31", "reason": "moves in autumn"},
			{"repository": "acme/app", "workflow": "ci.yml", "until": "2020-12-31"},
			{"job": "nothing"},
		},
	})
	const want = "warning at exception.ElementKeyInt(1): An exception has expired: exception[1] has expired, so the violations that it matches (3) count. Remove it, or set a later until.\n" +
		"warning at exception.ElementKeyInt(2): An exception matches nothing: exception[2] matches no violation of the runs that were checked. Remove it if it is not needed any more."
	if diags.String() != want {
		t.Errorf("got  %s\nwant %s", diags, want)
	}
	if fmt.Sprintf("%v %v %v", got["violation_count"], got["excepted_count"], got["compliant"]) != "3 3 false" {
		t.Errorf("%v violations, %v excepted, compliant %v", got["violation_count"], got["excepted_count"], got["compliant"])
	}
	if blocks, _ := got["exception"].([]any); len(blocks) != 3 {
		t.Errorf("the state has %d exceptions", len(blocks))
	}
}

// TestRunnerGroups: the audit applies the rules for groups.
func TestRunnerGroups(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, organisation())
	got, diags := configured(t, server).read(auditType, args{"repository": "app", "allowed_runner_groups": []string{"own*"}, "denied_runner_groups": []string{"github actions"}})
	if len(diags) > 0 || fmt.Sprint(got["violation_count"]) != "6" || !strings.Contains(compactJSON(t, got["summary"]), `"reason":"group_not_allowed"`) {
		t.Errorf("%v violations, %s\n%s", got["violation_count"], compactJSON(t, got["summary"]), diags)
	}
}

// TestFinishedRunsWithoutJobs: the token may lack access to jobs, so the audit is not compliant.
func TestFinishedRunsWithoutJobs(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	world.Repository("acme/app").Run(1, 1, nil)
	_, diags := configured(t, githubtest.New(t, world)).read(auditType, args{"repository": "app", "denied_labels": []string{"x"}})
	const want = "warning: No job in the finished runs of acme/app: Finished runs have jobs, but GitHub listed none for 1 of them, so nothing was checked."
	if !strings.HasPrefix(diags.String(), want) {
		t.Errorf("got  %s\nwant %s", diags, want)
	}
}

// TestTheLogSaysHowFarAReadIs, with the words and fields that the guide shows.
func TestTheLogSaysHowFarAReadIs(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	report := logFleet(tflogtest.RootLogger(t.Context(), &log))
	report(fleet.Progress{RepositoriesDone: 4, Repositories: 312, RunsDone: 131, Runs: 9360, RequestsLeft: new(14540)})
	report(fleet.Progress{Repositories: 312})
	got, err := tflogtest.MultilineJSONDecode(&log)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d lines, %v", len(got), err)
	}
	for i, want := range []string{
		`{"@level":"info","@message":"Reading the jobs of workflow runs","@module":"provider","repositories":312,"repositories_done":4,"requests_left":14540,"runs":9360,"runs_done":131}`,
		`{"@level":"info","@message":"Reading the jobs of workflow runs","@module":"provider","repositories":312,"repositories_done":0,"runs":0,"runs_done":0}`,
	} {
		if line := compactJSON(t, got[i]); line != want {
			t.Errorf("got %s\nwant %s", line, want)
		}
	}
}
