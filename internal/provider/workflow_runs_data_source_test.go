package provider

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

func TestAccWorkflowRuns(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	const at = "data.github_actions_workflow_runs.ci"
	config := providerBlock(server) + `
		data "github_actions_workflow_runs" "ci" {
		  repository  = "app"
		  workflow    = "ci.yml"
		  branch      = "main"
		  status      = "success"
		  max_results = 5
		}`
	run := tfjsonpath.New("runs").AtSliceIndex(0)
	planTwice(t, config,
		statecheck.ExpectKnownValue(at, tfjsonpath.New("total_count"), knownvalue.Int64Exact(1)),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("runs"), knownvalue.ListSizeExact(1)),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("ids"), knownvalue.ListExact([]knownvalue.Check{knownvalue.Int64Exact(700)})),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("latest_id"), knownvalue.Int64Exact(700)),
		statecheck.ExpectKnownValue(at, run.AtMapKey("id"), knownvalue.Int64Exact(700)),
		statecheck.ExpectKnownValue(at, run.AtMapKey("run_attempt"), knownvalue.Int64Exact(2)),
		statecheck.ExpectKnownValue(at, run.AtMapKey("path"), knownvalue.StringExact(".github/workflows/ci.yml")),
		statecheck.ExpectKnownValue(at, run.AtMapKey("actor"), knownvalue.StringExact("acme-bot")),
	)
}

// TestARunFieldForField checks every attribute of a run that has all fields that GitHub documents.
func TestARunFieldForField(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	world.Repository("acme/app").Run(700, 3, githubtest.Object{
		"name": "CI", "display_title": "Fix the build", "run_number": 412, "event": "push", "status": "completed", "conclusion": "failure",
		"head_branch": "main", "head_sha": "abc", "path": ".github/workflows/ci.yml", "workflow_id": 11, "actor": nil, "triggering_actor": githubtest.User("octo"),
		"head_repository": githubtest.Fork("mallory/app"), "check_suite_id": 9,
		"created_at": "2026-05-04T12:00:00+02:00", "updated_at": "2026-05-04T10:10:00.5Z", "run_started_at": nil, "html_url": "https://github.com/acme/app/actions/runs/700",
	})
	got, diags := configured(t, githubtest.New(t, world)).read("github_actions_workflow_runs", args{"repository": "app"})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	const want = `{
  "actor": null,
  "check_suite_id": 9,
  "conclusion": "failure",
  "created_at": "2026-05-04T10:00:00Z",
  "display_title": "Fix the build",
  "event": "push",
  "head_branch": "main",
  "head_repository": "mallory/app",
  "head_sha": "abc",
  "html_url": "https://github.com/acme/app/actions/runs/700",
  "id": 700,
  "name": "CI",
  "path": ".github/workflows/ci.yml",
  "previous_attempt_url": "https://api.github.com/repos/acme/app/actions/runs/700/attempts/2",
  "run_attempt": 3,
  "run_number": 412,
  "run_started_at": null,
  "status": "completed",
  "triggering_actor": "octo",
  "updated_at": "2026-05-04T10:10:00.5Z",
  "workflow_id": 11
}`
	runs, _ := got["runs"].([]any)
	if len(runs) != 1 || asJSON(t, runs[0]) != want {
		t.Errorf("got %s\nwant %s", asJSON(t, runs), want)
	}
}

// TestBadRunFilters: both data sources with these filters refuse the same values, before any
// request.
func TestBadRunFilters(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		a    args
		want string
	}{
		{"an empty workflow", args{"workflow": ""}, `^error at workflow: Empty workflow: workflow must not be empty\. Remove it to list all runs\.$`},
		{"a path for a workflow", args{"workflow": ".github/workflows/ci.yml"}, `^error at workflow: Invalid workflow: workflow cannot be "\.github/workflows/ci\.yml": the name contains a slash, a backslash or a control character\. Write only the name of the file: ci\.yml\.$`},
		{"a workflow with a backslash", args{"workflow": `a\b.yml`}, `^error at workflow: Invalid workflow: .*: the name contains a slash, a backslash or a control character\. Write the name of its file`},
		{"a workflow that climbs", args{"workflow": ".."}, `^error at workflow: Invalid workflow: workflow cannot be "\.\.": the name is not valid\. Write the name of its file, such as ci\.yml, or its ID\.$`},
		{"a workflow with a blank before it", args{"workflow": " ci.yml"}, `^error at workflow: Invalid workflow: workflow cannot be " ci\.yml": the name begins or ends with white space\. Write ci\.yml\.$`},
		{"a workflow with a line break", args{"workflow": "ci.yml\n"}, `: the name begins or ends with white space\. Write ci\.yml\.$`},
		{"a blank for a workflow", args{"workflow": " "}, `: the name begins or ends with white space\. Write the name of its file, such as ci\.yml, or its ID\.$`},
		{"a pattern for a workflow", args{"workflow": "*.yml"}, `^error at workflow: Invalid workflow: workflow cannot be "\*\.yml": it is a pattern\. Write the name of one file, such as ci\.yml, or its ID\.$`},
		{"a wildcard for a workflow", args{"workflow": "ci-?.yml"}, `: it is a pattern\. Write the name of one file`},
		{"an empty branch", args{"branch": ""}, `^error at branch: Empty branch: branch must not be empty\. Remove it to list all runs\.$`},
		{"a ref for a branch", args{"branch": "refs/heads/feature/x"}, `^error at branch: Invalid branch: branch cannot be "refs/heads/feature/x": it is a ref\. Write only the name: feature/x\.$`},
		{"the ref of a tag", args{"branch": "refs/tags/v1.2.3"}, `^error at branch: Invalid branch: branch cannot be "refs/tags/v1\.2\.3": it is a ref\. Write only the name: v1\.2\.3\.$`},
		{"the ref of a pull request", args{"branch": "refs/pull/7/merge"}, `^error at branch: Invalid branch: .*: it is a ref\. Write the name of the branch that the pull request comes from\.$`},
		{"another ref", args{"branch": "refs/notes/x"}, `^error at branch: Invalid branch: .*: it is a ref\. Write the name of one branch, such as main\.$`},
		{"a pattern for a branch", args{"branch": "release/*"}, `^error at branch: Invalid branch: branch cannot be "release/\*": it is a pattern\. Write the name of one branch, such as main\.$`},
		{"a branch with blanks around", args{"branch": " main"}, `^error at branch: Invalid branch: branch cannot be " main": it contains white space\. Write the name of one branch, such as main\.$`},
		{"a branch with a blank inside", args{"branch": "my branch"}, `^error at branch: Invalid branch: .*: it contains white space\.`},
		{"a URL for a branch", args{"branch": "https://github.com/acme/app/tree/feature/x"}, `^error at branch: Invalid branch: branch cannot be "https://github\.com/acme/app/tree/feature/x": it is a URL\. Write only the name: feature/x\.$`},
		{"another URL for a branch", args{"branch": "https://github.com/acme/app"}, `^error at branch: Invalid branch: branch cannot be "https://github\.com/acme/app": it is a URL\. Write the name of one branch, such as main\.$`},
		{"a branch with the owner of its fork", args{"branch": "octo:main"}, `^error at branch: Invalid branch: branch cannot be "octo:main": it contains ":", which git does not allow\. Write only the name: main\.$`},
		{"a commit before a branch", args{"branch": "main~1"}, `^error at branch: Invalid branch: branch cannot be "main~1": it contains "~", which git does not allow\. Write the name of one branch, such as main\.$`},
		{"the parent of a branch", args{"branch": "main^"}, `: it contains "\^", which git does not allow\. Write the name of one branch`},
		{"a branch with a bracket", args{"branch": "release-[0-9]"}, `: it contains "\[", which git does not allow\.`},
		{"a branch with a backslash", args{"branch": `feature\x`}, `: it contains "\\\\", which git does not allow\. Write feature/x\.$`},
		{"a range of branches", args{"branch": "a..b"}, `^error at branch: Invalid branch: branch cannot be "a\.\.b": it contains "\.\.", which git does not allow\. Write the name of one branch, such as main\.$`},
		{"an upstream", args{"branch": "main@{u}"}, `: it contains "@{", which git does not allow\.`},
		{"a branch with a slash at its end", args{"branch": "main/"}, `^error at branch: Invalid branch: branch cannot be "main/": it ends with "/"\. Write main\.$`},
		{"a branch with a slash at its start", args{"branch": "/main"}, `: it begins with "/"\. Write main\.$`},
		{"a branch with two slashes", args{"branch": "feature//x"}, `: it contains "//", which git does not allow\. Write feature/x\.$`},
		{"a branch of slashes", args{"branch": "//"}, `: it begins with "/"\. Write the name of one branch, such as main\.$`},
		{"a branch with a dot at its start", args{"branch": ".main"}, `: a part of it begins with "\."\. Write the name of one branch, such as main\.$`},
		{"a part of a branch with a dot at its start", args{"branch": "feature/.x"}, `: a part of it begins with "\."\.`},
		{"a branch with a dot at its end", args{"branch": "main."}, `: it ends with "\."\. Write the name of one branch, such as main\.$`},
		{"a lock file", args{"branch": "main.lock"}, `: a part of it ends with "\.lock"\.`},
		{"a part of a branch that is a lock file", args{"branch": "a.lock/b"}, `: a part of it ends with "\.lock"\.`},
		{"the short name of HEAD", args{"branch": "@"}, `: it is "@", which is short for HEAD\. Write the name of one branch, such as main\.$`},
		{"an address for a user", args{"actor": "octo@example.com"}, `^error at actor: Invalid actor: actor cannot be "octo@example\.com": it contains "@"\. Write the login of one user, with letters, digits, "-", "_" and "\." only, and \[bot\] at its end for an app\.$`},
		{"a URL for a user", args{"actor": "https://github.com/octo"}, `^error at actor: Invalid actor: actor cannot be "https://github\.com/octo": it is a URL\. Write octo\.$`},
		{"the URL of an app", args{"actor": "https://github.com/apps/dependabot"}, `: it is a URL\. Write dependabot\[bot\]\.$`},
		{"another URL for a user", args{"actor": "https://example.com/?u=octo"}, `: it is a URL\. Write the login of one user`},
		{"a user with a slash", args{"actor": "octo/"}, `^error at actor: Invalid actor: actor cannot be "octo/": it contains "/"\. Write octo\.$`},
		{"a user with a display name", args{"actor": "Octo Müller"}, `: it contains white space\. Write the login of one user, with letters`},
		{"an umlaut", args{"actor": "müller"}, `: it contains "ü"\. Write the login of one user`},
		{"a bot in the middle", args{"actor": "a[bot]b"}, `: it contains "\["\. Write the login of one user`},
		{"a bot alone", args{"actor": "[bot]"}, `: it has nothing before \[bot\]\. Write the login of one user`},
		{"a mention for a user", args{"actor": "@octocat"}, `^error at actor: Invalid actor: actor cannot be "@octocat": it starts with @\. Write octocat\.$`},
		{"a user with blanks around", args{"actor": " octocat "}, `^error at actor: Invalid actor: actor cannot be " octocat ": it contains white space\. Write octocat\.$`},
		{"two users", args{"actor": "octocat hubot"}, `^error at actor: Invalid actor: .*: it contains white space\. Write the login of one user, with letters, digits, "-", "_" and "\." only, and \[bot\] at its end for an app\.$`},
		{"an empty user", args{"actor": ""}, `^error at actor: Empty actor: actor must not be empty\. Remove it to list all runs\.$`},
		{"an empty event", args{"event": ""}, `^error at event: Empty event: event must not be empty\. Remove it to list all runs\.$`},
		{"an empty status", args{"status": ""}, `^error at status: Empty status: status must not be empty\. Remove it to list all runs\.$`},
		{"a short commit", args{"head_sha": "f83a356"}, `^error at head_sha: Invalid commit ID: head_sha must be a full commit ID of 40 hexadecimal digits \(64 in a SHA-256 repository\), not "f83a356": GitHub finds no run for a short one\.$`},
		{"a commit with a line break", args{"head_sha": demoCommit + "\n"}, `^error at head_sha: Invalid commit ID: head_sha contains white space: there is a blank or a line break before or after the commit ID\. Remove it, for example with trimspace\(\)\.$`},
		{"a commit with a blank before it", args{"head_sha": " " + demoCommit}, `: head_sha contains white space: `},
		{"a branch for a commit", args{"head_sha": "main"}, `^error at head_sha: Invalid commit ID: head_sha must be a full commit ID of 40 hexadecimal digits \(64 in a SHA-256 repository\), not "main"\. "git rev-parse NAME" shows the commit ID of a branch or tag\.$`},
		{"a branch with a line break for a commit", args{"head_sha": "main\n"}, `, not "main.*"\. "git rev-parse NAME" shows`},
		{"a commit with a digit too many", args{"head_sha": demoCommit + "0"}, `, not "` + demoCommit + `0"\. "git rev-parse NAME" shows`},
		{"a date that is none", args{"created": "last week"}, `^error at created: Invalid date or range of dates: created cannot be "last week": last week is not a valid date\. Write a date such as 2026-05-04, with >, >=, < or <= before it if needed, or a range such as 2026-05-01\.\.2026-05-31\.$`},
		{"a date that no calendar has", args{"created": ">=2026-13-45"}, `created cannot be ">=2026-13-45": 2026-13-45 is not a valid date\.`},
		{"a range that ends before it begins", args{"created": "2026-05-31..2026-05-01"}, `: it ends before it starts\. Write a date`},
		{"half a range", args{"created": "2026-05-01.."}, `: a date is missing\. Write an open range as >=2026-05-01 or 2026-05-01\.\.\*\.$`},
		{"a range without ends", args{"created": "*..*"}, `: both ends are open\. Remove created to list all runs\.$`},
		{"an empty date", args{"created": ""}, `^error at created: Empty created: created must not be empty\. Remove it to list all runs\.$`},
	} {
		for _, typeName := range []string{"github_actions_workflow_runs", "github_actions_runner_label_audit"} {
			t.Run(tc.name+" "+typeName, func(t *testing.T) {
				t.Parallel()
				server := githubtest.New(t, githubtest.NewWorld())
				a := args{"repository": "app"}
				maps.Copy(a, tc.a)
				_, got := configured(t, server).read(typeName, a)
				if len(got) != 1 || !regexp.MustCompile(tc.want).MatchString(got[0]) || len(server.Requests()) > 0 {
					t.Errorf("got  %s\nwant %s\nafter %d requests", got, tc.want, len(server.Requests()))
				}
			})
		}
	}
}

// TestUnknownFiltersAreAWarning: GitHub can add events and statuses, but it answers unknown ones
// with an empty list, which looks like "no runs".
func TestUnknownFiltersAreAWarning(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		a    args
		want string
	}{
		{"an event", args{"event": "Push"}, `warning at event: Unknown event: "Push" is not an event that GitHub documents. If it does not exist, the list of runs is empty. Check the spelling: these names are in lower case, such as push, pull_request or schedule.`},
		{"a status", args{"status": "failed"}, `warning at status: Unknown status: "failed" is not a status or conclusion that GitHub documents. If it does not exist, the list of runs is empty. Check the spelling: these names are in lower case, such as completed, success or failure.`},
		{"a known event", args{"event": "workflow_dispatch"}, ""},
		{"a known conclusion", args{"status": "startup_failure"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.Demo())
			server.AllowOutsideContract() // GitHub's description lists no startup_failure
			a := args{"repository": "app"}
			maps.Copy(a, tc.a)
			state, got := configured(t, server).read("github_actions_workflow_runs", a)
			if got.String() != tc.want || state == nil || len(server.Requests()) == 0 {
				t.Errorf("got  %s after %d requests\nwant %s", got, len(server.Requests()), tc.want)
			}
		})
	}
}

func TestGoodDates(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	p := configured(t, server)
	for _, created := range []string{
		"2026-05-04", ">=2026-05-04", "<2026-05-04", "2026-05-01..2026-05-31", "*..2026-05-31", "2026-05-01..*",
		"2026-05-04T10:00:00Z", "<2026-05-04T10:00:00.5Z", ">2026-05-04T10:00:00+02:00", "2026-05-04T10:00..2026-05-04T11:00",
	} {
		if _, diags := p.read("github_actions_workflow_runs", args{"repository": "app", "created": created}); len(diags) > 0 {
			t.Errorf("%s: %s", created, diags)
		}
		requests := server.Requests()
		if got := requests[len(requests)-1].Query.Get("created"); got != created {
			t.Errorf("GitHub got %q, want %q", got, created)
		}
	}
}

// TestUsualRunFilters: names that git and servers allow are sent as they are.
func TestUsualRunFilters(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	p := configured(t, server)
	for name, values := range map[string][]string{
		"branch": {"main", "feature/x", "v1.2.3", "a.b/c.d", "1@2", "a@b", "-x", "gh-readonly-queue/main/pr-7-0123", "käse", "a{b}", "x.locked", "lock", "#7", "a$b", "100%"},
		"actor":  {"octo", "octo_corp", "octo-1", "o.cto", "dependabot[bot]", "github-actions[bot]", "Octo", "-", "0"},
	} {
		for _, value := range values {
			if _, diags := p.read("github_actions_workflow_runs", args{"repository": "app", name: value}); len(diags) > 0 {
				t.Errorf("%s %q: %s", name, value, diags)
			}
			requests := server.Requests()
			if got := requests[len(requests)-1].Query.Get(name); got != value {
				t.Errorf("%s %q: GitHub got %q", name, value, got)
			}
		}
	}
}

// TestAnEventThatNoRunHas is a warning, as an unknown event is.
func TestAnEventThatNoRunHas(t *testing.T) {
	t.Parallel()
	p := configured(t, githubtest.New(t, githubtest.Demo()))
	const want = `warning at event: No run has this event: No run has the event workflow_call: a called workflow is a part of its caller's run, which has the caller's event, such as push. `
	if _, diags := p.read("github_actions_workflow_runs", args{"repository": "app", "event": "workflow_call"}); diags.String() != want+"Write the caller's event, or remove event." {
		t.Errorf("got  %s\nwant %s", diags, want)
	}
	if _, diags := p.read(gateType, gateArgs(args{"event": "workflow_call"})); diags.String() != want+`Write the caller's event, or "" for any.` {
		t.Errorf("got  %s\nwant %s", diags, want)
	}
}

func TestMaxResultsIsBounded(t *testing.T) {
	t.Parallel()
	p := configured(t, githubtest.New(t, githubtest.NewWorld()))
	for _, tc := range []struct {
		argument, typeName string
		most               int
	}{{"max_results", "github_actions_workflow_runs", 1000}, {"max_runs", "github_actions_runner_label_audit", 10_000}} {
		for _, n := range []int{0, tc.most + 1} {
			_, got := p.read(tc.typeName, args{"repository": "app", tc.argument: n})
			if len(got) != 1 || !regexp.MustCompile(fmt.Sprintf(`^error at %s: .*between 1 and %d,`, tc.argument, tc.most)).MatchString(got[0]) {
				t.Errorf("%s = %d: %s", tc.argument, n, got)
			}
		}
	}
}

// TestARunListSaysWhatItLeavesOpen: a count that stays too high, and a filter that cannot be
// checked, are warnings. A filter that the server ignored is an error.
func TestARunListSaysWhatItLeavesOpen(t *testing.T) {
	t.Parallel()
	list := func(t *testing.T, total int, run githubtest.Object) *protocol {
		t.Helper()
		server := githubtest.New(t, githubtest.NewWorld())
		server.Handle("/repos/acme/app/actions/runs", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			runs := []any{}
			if r.URL.Query().Get("page") == "1" {
				runs = append(runs, run)
			}
			githubtest.SendJSON(w, r, githubtest.Object{"total_count": total, "workflow_runs": runs})
		}))
		return configured(t, server)
	}
	const runsType = "github_actions_workflow_runs"
	got, diags := list(t, 2, githubtest.Object{"id": 7, "status": "completed"}).read(runsType, args{"repository": "app", "status": "completed"})
	if want := "warning: GitHub counts more runs than it shows: For acme/app, GitHub says that 2 runs match and shows 1, in repeated readings. The list is what GitHub shows. Lists with a filter come from a search index, whose count can stay too high."; diags.String() != want || fmt.Sprint(got["latest_id"]) != "7" {
		t.Errorf("latest_id %v\ngot  %s\nwant %s", got["latest_id"], diags, want)
	}
	_, diags = list(t, 1, githubtest.Object{"id": 7}).read(runsType, args{"repository": "app", "created": ">=2026-05-01"})
	if want := "warning at created: Cannot check created: The server may have ignored created: the runs of acme/app that it lists do not have the field that shows it."; diags.String() != want {
		t.Errorf("got  %s\nwant %s", diags, want)
	}
	_, diags = list(t, 1, githubtest.Object{"id": 7, "event": "push"}).read(runsType, args{"repository": "app", "event": "schedule"})
	if want := `error at event: Cannot read acme/app workflow runs: The server ignored event, and the answer would be wrong: run 7 has event "push", not "schedule".

Remove the filter and select the runs in the configuration, or use another filter that the server knows.`; diags.String() != want {
		t.Errorf("got  %s\nwant %s", diags, want)
	}
}
