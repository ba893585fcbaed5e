package provider

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// parsed is the function's result. A number that is 0 is null.
func parsed(host, owner, repository string, run, attempt, job int) map[string]any {
	number := func(n int) any {
		if n == 0 {
			return nil
		}
		return json.Number(strconv.Itoa(n))
	}
	return map[string]any{
		"host": host, "owner": owner, "repository": repository,
		"run_id": number(run), "attempt_number": number(attempt), "job_id": number(job),
	}
}

func TestParseActionsURL(t *testing.T) {
	t.Parallel()
	refused := func(reason string) string {
		return "argument 0: not a GitHub Actions URL: " + reason + ". Use the URL of a run or a job, such as https://github.com/acme/app/actions/runs/700/job/70004, or of its API endpoint, such as https://api.github.com/repos/acme/app/actions/runs/700"
	}
	checkCalls(t, "parse_actions_url", []functionCase{
		{"a job's page", []any{"https://github.com/acme/app/actions/runs/700/job/70004?pr=1#step:4:12"}, parsed("github.com", "acme", "app", 700, 0, 70004), ""},
		{"an attempt at the API", []any{"https://ghe.corp.test:8443/api/v3/repos/acme/app/actions/runs/700/attempts/2/jobs"}, parsed("ghe.corp.test:8443", "acme", "app", 700, 2, 0), ""},
		{"a job at GHE.com's API", []any{"https://api.octo.ghe.com/repos/acme/app/actions/jobs/70004"}, parsed("octo.ghe.com", "acme", "app", 0, 0, 70004), ""},
		{"an id that a float would round", []any{"https://github.com/acme/app/actions/runs/9007199254740993"}, parsed("github.com", "acme", "app", 9007199254740993, 0, 0), ""},
		{"raw logs of a check run", []any{"https://github.com/acme/app/commit/f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0/checks/70004/logs"}, parsed("github.com", "acme", "app", 0, 0, 70004), ""},
		{"an attempt of a job on Forgejo", []any{"https://codeberg.org/acme/app/actions/runs/14/jobs/0/attempt/1"}, parsed("codeberg.org", "acme", "app", 14, 0, 0), ""},
		{"the list of runs", []any{"https://github.com/acme/app/actions"}, parsed("github.com", "acme", "app", 0, 0, 0), ""},
		{"unknown", []any{unknown}, unknown, ""},
		{"another page", []any{"https://github.com/acme/app/issues/1"}, nil, refused("it does not lead to a run, a job or a workflow")},
		{"no scheme", []any{"github.com/acme/app/actions/runs/700"}, nil, refused("it does not start with https:// or http://")},
		{"an id too large", []any{"https://github.com/acme/app/actions/runs/9223372036854775808"}, nil, refused("its run ID is not a whole number from 1 to 9223372036854775807")},
		{"a password, which does not show", []any{"https://me:hunter2@github.com/acme/app/actions/runs/700"}, nil, refused("it contains a user name or password")},
		{"an escaped name", []any{"https://github.com/acme/%2e%2e/actions/runs/700"}, nil, refused("the name contains '%'")},
	})
}

// TestTheProvidersOwnLinksAreRead: the URLs in a job give the IDs of its run and job.
func TestTheProvidersOwnLinksAreRead(t *testing.T) {
	t.Parallel()
	p := configured(t, githubtest.New(t, githubtest.Demo()))
	run, diags := p.read("github_actions_run_jobs", args{"repository": "app", "run_id": 700, "filter": "all"})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	jobs, _ := run["jobs"].([]any)
	job, _ := jobs[0].(map[string]any)
	for link, want := range map[string]map[string]any{
		"html_url":      parsed("github.com", "acme", "app", 700, 0, 70001),
		"url":           parsed("github.com", "acme", "app", 0, 0, 70001),
		"run_url":       parsed("github.com", "acme", "app", 700, 0, 0),
		"check_run_url": parsed("github.com", "acme", "app", 0, 0, 70001),
	} {
		got, err := p.call("parse_actions_url", job[link])
		if err != "" || asJSON(t, got) != asJSON(t, want) {
			t.Errorf("%s %v: got %s%s", link, job[link], asJSON(t, got), err)
		}
	}
}

// TestNoLinkShowsInAnError: a link can contain a password in several places.
func TestNoLinkShowsInAnError(t *testing.T) {
	t.Parallel()
	p := newProtocol(t, nil)
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[A-Z]{12}`).Draw(t, "secret")
		form := rapid.SampledFrom([]string{
			"https://%s@github.com/acme/app/actions/runs/700", "https://me:%s@github.com/acme/app/actions/runs/x", "me:%s@github.com/x",
			"https://github.com/acme/app/issues?token=%s", "https://github.com/acme/app#%s", "https://github.com/%%zz%s", "%s://x", "https://%s",
			"https://github.com/acme/app/actions/runs/%s", "https://github.com/%s+/app/actions/runs/7",
		}).Draw(t, "form")
		_, err := p.call("parse_actions_url", fmt.Sprintf(form, secret))
		if err == "" || strings.Contains(strings.ToUpper(err), secret) {
			t.Fatalf("%s: the error is %q", form, err)
		}
	})
}

func TestAccParseActionsURL(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	version := []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(nil),
		TerraformVersionChecks:   version,
		Steps: []resource.TestStep{
			// A configuration that fails cannot be destroyed, so these come first.
			{Config: requiredProviders + `
				output "link" { value = provider::github::parse_actions_url("https://github.com/acme/app") }`,
				ExpectError: asShown(`Invalid value for "url" parameter: not a GitHub Actions URL: it does not lead to a run, a job or a workflow. Use`)},
			{Config: requiredProviders + `
				output "link" { value = provider::github::parse_actions_url(null) }`,
				ExpectError: asShown(`Invalid value for "url" parameter: argument must not be null`)},
			{Config: requiredProviders + `
				output "link" { value = provider::github::parse_actions_url("https://github.com/acme/app/actions/runs/700") }`,
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("link", knownvalue.ObjectExact(map[string]knownvalue.Check{
					"host": knownvalue.StringExact("github.com"), "owner": knownvalue.StringExact("acme"), "repository": knownvalue.StringExact("app"),
					"run_id": knownvalue.Int64Exact(700), "attempt_number": knownvalue.Null(), "job_id": knownvalue.Null(),
				}))}},
			{Config: providerBlock(server) + `
				resource "terraform_data" "link" { input = "https://github.com/acme/app/actions/runs/700" }
				output "run" { value = provider::github::parse_actions_url(terraform_data.link.output).run_id }`,
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("run", knownvalue.Int64Exact(700))}},
		},
	})
}

func TestAccParseActionsURLExample(t *testing.T) {
	t.Parallel()
	checkExample(t, "parse_actions_url", statecheck.ExpectKnownOutputValue("why_it_failed", knownvalue.TupleExact([]knownvalue.Check{knownvalue.StringExact("Run make test")})))
}
