package provider

import (
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
		statecheck.ExpectKnownValue(at, run.AtMapKey("id"), knownvalue.Int64Exact(700)),
		statecheck.ExpectKnownValue(at, run.AtMapKey("run_attempt"), knownvalue.Int64Exact(2)),
		statecheck.ExpectKnownValue(at, run.AtMapKey("path"), knownvalue.StringExact(".github/workflows/ci.yml")),
		statecheck.ExpectKnownValue(at, run.AtMapKey("actor"), knownvalue.StringExact("acme-bot")),
	)
}

// TestARunFieldForField: every attribute of a run, from the fields that GitHub documents.
func TestARunFieldForField(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	world.Repository("acme/app").Run(700, 3, githubtest.Object{
		"name": "CI", "display_title": "Fix the build", "run_number": 412, "event": "push", "status": "completed", "conclusion": "failure",
		"head_branch": "main", "head_sha": "abc", "path": ".github/workflows/ci.yml", "workflow_id": 11, "actor": nil,
		"created_at": "2026-05-04T12:00:00+02:00", "updated_at": "2026-05-04T10:10:00.5Z", "run_started_at": nil, "html_url": "https://github.com/acme/app/actions/runs/700",
	})
	got, diags := configured(t, githubtest.New(t, world)).read("github_actions_workflow_runs", args{"repository": "app"})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	const want = `{
  "actor": null,
  "conclusion": "failure",
  "created_at": "2026-05-04T10:00:00Z",
  "display_title": "Fix the build",
  "event": "push",
  "head_branch": "main",
  "head_sha": "abc",
  "html_url": "https://github.com/acme/app/actions/runs/700",
  "id": 700,
  "name": "CI",
  "path": ".github/workflows/ci.yml",
  "run_attempt": 3,
  "run_number": 412,
  "run_started_at": null,
  "status": "completed",
  "updated_at": "2026-05-04T10:10:00.5Z",
  "workflow_id": 11
}`
	runs, _ := got["runs"].([]any)
	if len(runs) != 1 || asJSON(t, runs[0]) != want {
		t.Errorf("got %s\nwant %s", asJSON(t, runs), want)
	}
}

// TestBadRunFilters: both data sources that take the filters refuse the same things, before any request.
func TestBadRunFilters(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		a    args
		want string
	}{
		{"an empty workflow", args{"workflow": ""}, `^error at workflow: Not a workflow: "" is not a workflow: the workflow is "", which is no name\.`},
		{"a path for a workflow", args{"workflow": ".github/workflows/ci.yml"}, `^error at workflow: Not a workflow: "\.github/workflows/ci\.yml" is a path\. Write the workflow's file name alone: ci\.yml\.$`},
		{"a workflow with a backslash", args{"workflow": `a\b.yml`}, `^error at workflow: Not a workflow: .* is not a workflow: a file name has no slash and no control character in it\. Write its file name`},
		{"a workflow that climbs", args{"workflow": ".."}, `^error at workflow: Not a workflow: "\.\." is not a workflow: the workflow is "\.\.", which is no name\. Write its file name, such as ci\.yml, or its id\.$`},
		{"an empty branch", args{"branch": ""}, `^error at branch: Not a branch: branch is empty; leave it out for the runs of all branches\.$`},
		{"a ref for a branch", args{"branch": "refs/heads/main"}, `^error at branch: Not a branch: "refs/heads/main" is a ref\. Write the branch's name alone: main\.$`},
		{"a short commit", args{"head_sha": "f83a356"}, `^error at head_sha: .*must be a whole commit id; GitHub finds nothing for a short one, got: f83a356$`},
		{"a date that is none", args{"created": "last week"}, `^error at created: Not a date or range of dates: "last week" cannot be used: last week is not a date of the calendar\. Write a date such as 2026-05-04, with >, >=, < or <= before it if need be, or a range such as 2026-05-01\.\.2026-05-31\.$`},
		{"a date that no calendar has", args{"created": ">=2026-13-45"}, `2026-13-45 is not a date of the calendar`},
		{"a range that ends before it begins", args{"created": "2026-05-31..2026-05-01"}, `it ends before it begins`},
		{"half a range", args{"created": "2026-05-01.."}, `a date is missing; an open range is written >=2026-05-01 or 2026-05-01\.\.\*`},
		{"a range without ends", args{"created": "*..*"}, `both ends are open; leave it out for all runs`},
		{"an empty date", args{"created": ""}, `a date is missing`},
	} {
		for _, typeName := range []string{"github_actions_workflow_runs", "github_actions_runner_label_audit"} {
			t.Run(tc.name+" "+typeName, func(t *testing.T) {
				t.Parallel()
				server := githubtest.New(t, githubtest.NewWorld())
				a := args{"repository": "app"}
				for name, value := range tc.a {
					a[name] = value
				}
				_, got := configured(t, server).read(typeName, a)
				if len(got) != 1 || !regexp.MustCompile(tc.want).MatchString(got[0]) || len(server.Requests()) > 0 {
					t.Errorf("got  %s\nwant %s\nafter %d requests", got, tc.want, len(server.Requests()))
				}
			})
		}
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

func TestMaxResultsIsBounded(t *testing.T) {
	t.Parallel()
	p := configured(t, githubtest.New(t, githubtest.NewWorld()))
	for argument, typeName := range map[string]string{"max_results": "github_actions_workflow_runs", "max_runs": "github_actions_runner_label_audit"} {
		for _, n := range []int{0, 1001} {
			_, got := p.read(typeName, args{"repository": "app", argument: n})
			if len(got) != 1 || !regexp.MustCompile(`^error at `+argument+`: .*between 1 and 1000`).MatchString(got[0]) {
				t.Errorf("%s = %d: %s", argument, n, got)
			}
		}
	}
}
