package provider

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

const usageType = "github_actions_job_usage"

// usageWorld has two repositories with jobs in two weeks. The second attempt of run 2 carries one
// job over and runs the other again.
func usageWorld() *githubtest.World {
	world := githubtest.NewWorld()
	at := func(created, started, completed string) githubtest.Object {
		return githubtest.Object{"created_at": created, "started_at": started, "completed_at": completed}
	}
	job := func(times githubtest.Object, fields githubtest.Object) githubtest.Object {
		maps.Copy(times, fields)
		return times
	}
	world.Repository("acme/app").
		Run(1, 1, githubtest.Object{"created_at": "2026-11-12T10:00:00Z", "event": "push"}).
		Job(11, 1, job(at("2026-11-12T10:00:00Z", "2026-11-12T10:00:10Z", "2026-11-12T10:01:11Z"), githubtest.Object{"name": "build", "labels": []any{"linux"}, "runner_group_name": "big"})).
		Job(12, 1, job(at("2026-11-12T10:00:00Z", "2026-11-12T10:00:30Z", "2026-11-12T10:00:30Z"), githubtest.Object{"name": "lint", "labels": []any{"Linux"}, "conclusion": "failure", "runner_group_name": "big"})).
		Job(13, 1, job(at("2026-11-12T10:00:00Z", "2026-11-12T10:00:00Z", "2026-11-12T10:00:00Z"), githubtest.Object{"name": "deploy", "labels": []any{}, "conclusion": "skipped", "runner_id": 0, "runner_name": "", "runner_group_name": ""})).
		Run(2, 1, githubtest.Object{"created_at": "2026-11-17T10:00:00Z", "conclusion": "failure"}).
		Run(2, 2, githubtest.Object{"created_at": "2026-11-17T10:00:00Z"}).
		Job(21, 2, job(at("2026-11-17T10:00:00Z", "2026-11-17T10:00:05Z", "2026-11-17T10:02:05Z"), githubtest.Object{"name": "build", "labels": []any{"linux"}})).
		Job(22, 2, job(at("2026-11-17T10:00:00Z", "2026-11-17T10:00:05Z", "2026-11-17T10:03:05Z"), githubtest.Object{"name": "test", "labels": []any{"gpu"}, "conclusion": "failure"})).
		Job(23, 2, job(at("2026-11-17T11:00:00Z", "2026-11-17T10:00:05Z", "2026-11-17T10:02:05Z"), githubtest.Object{"name": "build", "labels": []any{"linux"}, "run_attempt": 2})).
		Job(24, 2, job(at("2026-11-17T11:00:00Z", "2026-11-17T11:00:07Z", "2026-11-17T11:04:07Z"), githubtest.Object{"name": "test", "labels": []any{"gpu"}, "run_attempt": 2}))
	world.Repository("acme/infra").
		Run(3, 1, githubtest.Object{"created_at": "2026-11-17T12:00:00Z", "event": "schedule"}).
		Job(31, 3, job(at("2026-11-17T12:00:00Z", "2026-11-17T12:00:20Z", "2026-11-17T12:00:50Z"), githubtest.Object{"name": "plan", "labels": []any{"linux"}}))
	return world
}

// TestUsageByLabelsAndWeek compares with figures calculated by hand. With filter all, the
// carried-over build (23) counts once, as job 21, and both attempts of test count.
func TestUsageByLabelsAndWeek(t *testing.T) {
	t.Parallel()
	got, diags := configured(t, githubtest.New(t, usageWorld())).read(usageType, args{
		"repositories": []string{"app", "infra"}, "filter": "all", "group_by": []string{"labels", "week"},
	})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	const nothing = `"repository":null,"workflow":null,"job":null,"runner_group":null,"runner":null,"branch":null,"event":null,"actor":null,"conclusion":null,"day":null,"month":null`
	var want any
	if err := json.Unmarshal([]byte(`{
		"rows": [
			{`+nothing+`,"labels":["gpu"],"week":"2026-W47","job_count":2,"failed_count":1,"billable_minutes":7,
			 "queued_seconds":{"p50":5,"p95":7,"max":7,"total":12},"duration_seconds":{"p50":180,"p95":240,"max":240,"total":420}},
			{`+nothing+`,"labels":["linux"],"week":"2026-W47","job_count":2,"failed_count":0,"billable_minutes":3,
			 "queued_seconds":{"p50":5,"p95":20,"max":20,"total":25},"duration_seconds":{"p50":30,"p95":120,"max":120,"total":150}},
			{`+nothing+`,"labels":["Linux"],"week":"2026-W46","job_count":2,"failed_count":1,"billable_minutes":3,
			 "queued_seconds":{"p50":10,"p95":30,"max":30,"total":40},"duration_seconds":{"p50":0,"p95":61,"max":61,"total":61}},
			{`+nothing+`,"labels":[],"week":"2026-W46","job_count":1,"failed_count":0,"billable_minutes":0,
			 "queued_seconds":{"p50":null,"p95":null,"max":null,"total":0},"duration_seconds":{"p50":null,"p95":null,"max":null,"total":0}}
		],
		"by_repository": [
			{"repository":"acme/app","run_count":2,"job_count":6,"truncated":false,"failed_count":2,"total_duration_seconds":601,"billable_minutes":12},
			{"repository":"acme/infra","run_count":1,"job_count":1,"truncated":false,"failed_count":0,"total_duration_seconds":30,"billable_minutes":1}
		],
		"run_count": 3, "job_count": 7, "truncated": false, "complete": true, "problems": [],
		"oldest_run_at": "2026-11-12T10:00:00Z", "newest_run_at": "2026-11-17T12:00:00Z"
	}`), &want); err != nil {
		t.Fatal(err)
	}
	wanted, _ := want.(map[string]any)
	for name, value := range wanted {
		if g, w := asJSON(t, got[name]), asJSON(t, value); g != w {
			t.Errorf("%s is %s\nwant %s", name, g, w)
		}
	}
}

// TestUsageWithoutKeysIsOneRow: there is one row, even without jobs.
func TestUsageWithoutKeysIsOneRow(t *testing.T) {
	t.Parallel()
	p := configured(t, githubtest.New(t, usageWorld()))
	for _, tc := range []struct {
		branch string
		jobs   json.Number
	}{{"main", "5"}, {"nothing-here", "0"}} {
		got, diags := p.read(usageType, args{"repository": "app", "branch": tc.branch})
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		rows, _ := got["rows"].([]any)
		if len(rows) != 1 {
			t.Fatalf("%s: %d rows", tc.branch, len(rows))
		}
		row, _ := rows[0].(map[string]any)
		if row["job_count"] != tc.jobs || row["week"] != nil || row["labels"] != nil {
			t.Errorf("%s: the row is %s", tc.branch, asJSON(t, row))
		}
	}
}

func TestBadUsageKeys(t *testing.T) {
	t.Parallel()
	p := configured(t, githubtest.New(t, githubtest.NewWorld()))
	for name, tc := range map[string]struct {
		keys []string
		want string
	}{
		"an unknown key": {[]string{"job", "label"}, `^error at group_by.*: Invalid key: group_by\[1\] cannot be "label": .*\. Use any of repository, workflow, job, labels, runner_group, runner, branch, event, actor, conclusion, day, week, month, each once\.$`},
		"a key twice":    {[]string{"job", "job"}, `^error at group_by.*: Invalid key: group_by\[1\] cannot be "job": it is in the list already\.`},
	} {
		if _, diags := p.read(usageType, args{"repository": "app", "group_by": tc.keys}); !regexp.MustCompile(tc.want).MatchString(diags.String()) {
			t.Errorf("%s: got %s\nwant %s", name, diags, tc.want)
		}
	}
}

func TestAccJobUsage(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, usageWorld())
	const at = "data.github_actions_job_usage.fleet"
	row := tfjsonpath.New("rows").AtSliceIndex(0)
	planTwice(t, providerBlock(server)+`
		data "github_actions_job_usage" "fleet" {
		  repositories = ["*"]
		  group_by     = ["repository", "month"]
		}`,
		statecheck.ExpectKnownValue(at, tfjsonpath.New("rows"), knownvalue.ListSizeExact(2)),
		statecheck.ExpectKnownValue(at, row.AtMapKey("repository"), knownvalue.StringExact("acme/app")),
		statecheck.ExpectKnownValue(at, row.AtMapKey("month"), knownvalue.StringExact("2026-11")),
		statecheck.ExpectKnownValue(at, row.AtMapKey("duration_seconds").AtMapKey("total"), knownvalue.Int64Exact(61+120+240)),
	)
}

// TestCreatedWithinIsNamed: a server that ignores the filter, or shows no creation time, is reported on
// the argument that the user wrote.
func TestCreatedWithinIsNamed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ run, want string }{
		"ignored":   {`{"id":1,"status":"queued","created_at":"2020-01-01T00:00:00Z"}`, `^error at created_within: Cannot read acme/app workflow runs: The server ignored created_within, and the answer would be wrong: run 1 has created_at "2020-01-01T00:00:00Z"`},
		"unchecked": {`{"id":1,"status":"queued"}`, `(?m)^warning at created_within: Cannot check created_within: The server may have ignored created_within: the runs of acme/app that it lists do not have the field that shows it\.$`},
	} {
		server := githubtest.New(t, githubtest.NewWorld())
		server.Handle("/repos/acme/app/actions/runs", http.HandlerFunc(githubtest.Body("application/json", `{"total_count":1,"workflow_runs":[`+tc.run+`]}`)))
		server.Handle("/repos/acme/app/actions/runs/1/jobs", http.HandlerFunc(githubtest.Body("application/json", `{"total_count":0,"jobs":[]}`)))
		if _, diags := configured(t, server).read(usageType, args{"repository": "app", "created_within": "30d"}); !regexp.MustCompile(tc.want).MatchString(diags.String()) {
			t.Errorf("%s: got %s\nwant %s", name, diags, tc.want)
		}
	}
}
