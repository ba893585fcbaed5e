package provider

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

const jobsType = "github_actions_jobs"

// idsOf are the IDs of the listed jobs.
func idsOf(got map[string]any) string {
	jobs, _ := got["jobs"].([]any)
	ids := make([]string, len(jobs))
	for i, row := range jobs {
		of, _ := row.(map[string]any)
		ids[i] = fmt.Sprint(of["id"])
	}
	return strings.Join(ids, " ")
}

func TestJobsThatMatch(t *testing.T) {
	t.Parallel()
	p := configured(t, githubtest.New(t, usageWorld()))
	for _, tc := range []struct {
		name    string
		a       args
		want    string // IDs, newest first
		matched json.Number
	}{
		{"all", args{}, "31 24 23 13 12 11", "6"},
		{"by name", args{"name": "b*"}, "23 11", "2"},
		{"by label, without case", args{"labels": []string{"LINUX"}}, "31 23 12 11", "4"},
		{"by two labels", args{"labels": []string{"linux", "gpu"}}, "", "0"},
		{"by group", args{"runner_group": "B?g"}, "12 11", "2"},
		{"by runner", args{"runner": "GitHub Actions 1000031"}, "31", "1"},
		{"by conclusion", args{"job_conclusion": "failure"}, "12", "1"},
		{"by status", args{"job_status": "completed", "name": "plan"}, "31", "1"},
		{"the newest", args{"max_results": 2}, "31 24", "6"},
		{"of a run's filter", args{"event": "schedule"}, "31", "1"},
		{"of all attempts, a copy once", args{"filter": "all", "name": "build"}, "21 11", "2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.a["repositories"] = []string{"acme/*"}
			got, diags := p.read(jobsType, tc.a)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if ids := idsOf(got); ids != tc.want || got["matched_count"] != tc.matched {
				t.Errorf("got %q of %v, want %q of %s", ids, got["matched_count"], tc.want, tc.matched)
			}
		})
	}
}

// TestAJobThatWasFoundFieldForField checks that a job has its repository and all attributes of a
// job.
func TestAJobThatWasFoundFieldForField(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	world.Repository("acme/app").Run(700, 1, nil).Job(1, 700, githubtest.Object{"steps": githubtest.Steps(2)})
	p := configured(t, githubtest.New(t, world))
	alone, diags := p.read("github_actions_job", args{"repository": "app", "job_id": 1})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	for _, withSteps := range []bool{true, false} {
		got, diags := p.read(jobsType, args{"repository": "app", "include_steps": withSteps})
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		rows, _ := got["jobs"].([]any)
		row, _ := rows[0].(map[string]any)
		want := map[string]any{"repository": "acme/app"}
		for name := range jobObject().attributes() {
			want[name] = alone[name]
		}
		if !withSteps {
			want["steps"] = []any{}
		}
		if g, w := asJSON(t, row), asJSON(t, want); g != w {
			t.Errorf("steps %v: got %s\nwant %s", withSteps, g, w)
		}
		if g, w := asJSON(t, got["by_repository"]), asJSON(t, []any{map[string]any{"repository": "acme/app", "run_count": 1, "job_count": 1, "truncated": false, "matched_count": 1}}); g != w {
			t.Errorf("by repository: got %s\nwant %s", g, w)
		}
	}
}

// TestAFailedStep: failed_step works even if the steps are not in the result.
func TestAFailedStep(t *testing.T) {
	t.Parallel()
	got, diags := configured(t, githubtest.New(t, githubtest.Demo())).read(jobsType, args{
		"repository": "app", "filter": "all", "failed_step": "run MAKE *",
	})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	rows, _ := got["jobs"].([]any)
	if len(rows) != 1 {
		t.Fatalf("got %s", asJSON(t, rows))
	}
	row, _ := rows[0].(map[string]any)
	steps, _ := row["steps"].([]any)
	if fmt.Sprint(row["id"]) != "70004" || len(steps) != 0 {
		t.Errorf("got %s", asJSON(t, row))
	}
}

func TestBadJobQueries(t *testing.T) {
	t.Parallel()
	p := configured(t, githubtest.New(t, usageWorld()))
	for name, tc := range map[string]struct {
		a    args
		want string
	}{
		"an empty name":              {args{"name": ""}, `^error at name: `},
		"a label that never matches": {args{"labels": []string{"!linux"}}, `^error at labels.*: Invalid label pattern: labels\[0\] cannot be "!linux": `},
		"too many results":           {args{"max_results": 10_001}, `^error at max_results: Invalid number: max_results must be a whole number between 1 and 10000, not 10001\.$`},
		"an unknown conclusion":      {args{"job_conclusion": "failed"}, `^warning at job_conclusion: Unknown job_conclusion: GitHub does not document "failed"\. If it does not exist, no job matches\. Check the spelling: these names are in lower case, such as completed or failure\.$`},
		"a queued failure":           {args{"job_status": "queued", "job_conclusion": "failure"}, `^error at job_conclusion: No job can match: Only completed jobs have a conclusion, and job_status is "queued"\. Remove job_conclusion, or set job_status to completed\.$`},
		"an empty status":            {args{"job_status": ""}, `^error at job_status: .*Remove it to find all jobs\.$`},
	} {
		tc.a["repository"] = "app"
		if _, diags := p.read(jobsType, tc.a); !regexp.MustCompile(tc.want).MatchString(diags.String()) {
			t.Errorf("%s: got %s\nwant %s", name, diags, tc.want)
		}
	}
}

func TestAccJobs(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, usageWorld())
	const at = "data.github_actions_jobs.gpu"
	planTwice(t, providerBlock(server)+`
		data "github_actions_jobs" "gpu" {
		  repositories = ["*"]
		  labels       = ["gpu*"]
		}`,
		statecheck.ExpectKnownValue(at, tfjsonpath.New("jobs"), knownvalue.ListSizeExact(1)),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("jobs").AtSliceIndex(0).AtMapKey("repository"), knownvalue.StringExact("acme/app")),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("matched_count"), knownvalue.Int64Exact(1)),
	)
}
