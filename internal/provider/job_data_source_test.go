package provider

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// documentedAttributes are the expected attributes of GitHub's documented example. They are written
// from the documentation, not from output: the times of its steps are eight hours west of UTC.
const documentedAttributes = `{
  "job_id": 399444496, "repository": "octo-org/octo-repo", "owner": "octo-org", "timeouts": null, "wait_for_completion": null,
  "id": 399444496, "run_id": 29679449, "run_attempt": null, "name": "build", "workflow_name": "CI",
  "head_branch": "main", "head_sha": "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0",
  "status": "completed", "conclusion": "success", "labels": ["self-hosted", "foo", "bar"],
  "runner_id": 1, "runner_name": "my runner", "runner_group_id": 2, "runner_group_name": "my runner group",
  "created_at": null, "started_at": "2020-01-20T17:42:40Z", "completed_at": "2020-01-20T17:44:39Z",
  "queued_seconds": null, "duration_seconds": 119, "carried_over": false,
  "node_id": "MDEyOldvcmtmbG93IEpvYjM5OTQ0NDQ5Ng==",
  "url": "https://api.github.com/repos/octo-org/octo-repo/actions/jobs/399444496",
  "html_url": "https://github.com/octo-org/octo-repo/runs/29679449/jobs/399444496",
  "run_url": "https://api.github.com/repos/octo-org/octo-repo/actions/runs/29679449",
  "check_run_url": "https://api.github.com/repos/octo-org/octo-repo/check-runs/399444496",
  "steps": [
    {"number": 1, "name": "Set up job", "status": "completed", "conclusion": "success", "started_at": "2020-01-20T17:42:40Z", "completed_at": "2020-01-20T17:42:41Z", "duration_seconds": 1},
    {"number": 2, "name": "Run actions/checkout@v2", "status": "completed", "conclusion": "success", "started_at": "2020-01-20T17:42:41Z", "completed_at": "2020-01-20T17:42:45Z", "duration_seconds": 4},
    {"number": 3, "name": "Set up Ruby", "status": "completed", "conclusion": "success", "started_at": "2020-01-20T17:42:45Z", "completed_at": "2020-01-20T17:42:45Z", "duration_seconds": 0},
    {"number": 4, "name": "Run actions/cache@v3", "status": "completed", "conclusion": "success", "started_at": "2020-01-20T17:42:45Z", "completed_at": "2020-01-20T17:42:48Z", "duration_seconds": 3},
    {"number": 5, "name": "Install Bundler", "status": "completed", "conclusion": "success", "started_at": "2020-01-20T17:42:48Z", "completed_at": "2020-01-20T17:42:52Z", "duration_seconds": 4},
    {"number": 6, "name": "Install Gems", "status": "completed", "conclusion": "success", "started_at": "2020-01-20T17:42:52Z", "completed_at": "2020-01-20T17:42:53Z", "duration_seconds": 1},
    {"number": 7, "name": "Run Tests", "status": "completed", "conclusion": "success", "started_at": "2020-01-20T17:42:53Z", "completed_at": "2020-01-20T17:42:59Z", "duration_seconds": 6},
    {"number": 8, "name": "Deploy to Heroku", "status": "completed", "conclusion": "success", "started_at": "2020-01-20T17:42:59Z", "completed_at": "2020-01-20T17:44:39Z", "duration_seconds": 100},
    {"number": 16, "name": "Post actions/cache@v3", "status": "completed", "conclusion": "success", "started_at": "2020-01-20T17:44:39Z", "completed_at": "2020-01-20T17:44:39Z", "duration_seconds": 0},
    {"number": 17, "name": "Complete job", "status": "completed", "conclusion": "success", "started_at": "2020-01-20T17:44:39Z", "completed_at": "2020-01-20T17:44:39Z", "duration_seconds": 0}
  ]
}`

func TestTheDocumentedJobFieldForField(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	got, diags := configured(t, server).read("github_actions_job", args{"repository": "octo-org/octo-repo", "job_id": 399444496})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	var want any
	if err := json.Unmarshal([]byte(documentedAttributes), &want); err != nil {
		t.Fatal(err)
	}
	if g, w := asJSON(t, got), asJSON(t, want); g != w {
		t.Errorf("got %s\nwant %s", g, w)
	}
}

func TestAccJob(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	const at = "data.github_actions_job.documented"
	config := providerBlock(server) + `
		data "github_actions_job" "documented" {
		  repository = "octo-org/octo-repo"
		  job_id     = 399444496
		}`
	var want map[string]any
	if err := json.Unmarshal([]byte(documentedAttributes), &want); err != nil {
		t.Fatal(err)
	}
	var checks []statecheck.StateCheck
	for name, value := range want {
		checks = append(checks, statecheck.ExpectKnownValue(at, tfjsonpath.New(name), exactly(value)))
	}
	planTwice(t, config, checks...)
}

// exactly is the check for a value that was written as JSON.
func exactly(v any) knownvalue.Check {
	switch v := v.(type) {
	case string:
		return knownvalue.StringExact(v)
	case float64:
		return knownvalue.Int64Exact(int64(v))
	case bool:
		return knownvalue.Bool(v)
	case []any:
		list := make([]knownvalue.Check, len(v))
		for i := range v {
			list[i] = exactly(v[i])
		}
		return knownvalue.ListExact(list)
	case map[string]any:
		object := map[string]knownvalue.Check{}
		for name := range v {
			object[name] = exactly(v[name])
		}
		return knownvalue.ObjectExact(object)
	}
	return knownvalue.Null()
}

// TestWhatTheUserWroteStays: a computed argument never changes the configuration.
func TestWhatTheUserWroteStays(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name        string
		a           args
		repository  string
		owner       string
		requestPath string
	}{
		{"a bare name", args{"repository": "app"}, "app", "acme", "/repos/acme/app/actions/jobs/70001"},
		{"a full name", args{"repository": "Acme/App"}, "Acme/App", "Acme", "/repos/Acme/App/actions/jobs/70001"},
		{"an owner beside a bare name", args{"repository": "app", "owner": "ACME"}, "app", "ACME", "/repos/ACME/app/actions/jobs/70001"},
		{"an owner beside a full name", args{"repository": "acme/app", "owner": "ACME"}, "acme/app", "ACME", "/repos/acme/app/actions/jobs/70001"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.Demo())
			tc.a["job_id"] = 70001
			got, diags := configured(t, server).read("github_actions_job", tc.a)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if got["repository"] != tc.repository || got["owner"] != tc.owner {
				t.Errorf("repository %v, owner %v, want %s, %s", got["repository"], got["owner"], tc.repository, tc.owner)
			}
			if requests := server.Requests(); len(requests) != 1 || requests[0].Path != tc.requestPath {
				t.Errorf("requests %v, want %s alone", requests, tc.requestPath)
			}
		})
	}
}
