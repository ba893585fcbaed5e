package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"golang.org/x/sync/errgroup"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

const auditType = "github_actions_runner_label_audit"

func TestAccRunnerLabelAudit(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	const at = "data.github_actions_runner_label_audit.app"
	config := providerBlock(server) + `
		data "github_actions_runner_label_audit" "app" {
		  repository    = "app"
		  denied_labels = ["UBUNTU-20.*"]
		}
		data "github_actions_runner_label_audit" "all" {
		  repositories  = ["ap*"]
		  denied_labels = ["UBUNTU-20.*"]

		  exception {
		    repository = "app"
		    label      = "ubuntu-20.04"
		    reason     = "moves in autumn"
		  }
		}`
	const all = "data.github_actions_runner_label_audit.all"
	violation := tfjsonpath.New("violations").AtSliceIndex(0)
	planTwice(t, config,
		statecheck.ExpectKnownValue(at, tfjsonpath.New("compliant"), knownvalue.Bool(false)),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("violation_count"), knownvalue.Int64Exact(1)),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("truncated"), knownvalue.Bool(false)),
		statecheck.ExpectKnownValue(at, violation.AtMapKey("job_name"), knownvalue.StringExact("docs")),
		statecheck.ExpectKnownValue(at, violation.AtMapKey("label"), knownvalue.StringExact("ubuntu-20.04")),
		statecheck.ExpectKnownValue(at, violation.AtMapKey("pattern"), knownvalue.StringExact("UBUNTU-20.*")),
		statecheck.ExpectKnownValue(at, violation.AtMapKey("reason"), knownvalue.StringExact("denied")),
		statecheck.ExpectKnownValue(all, tfjsonpath.New("compliant"), knownvalue.Bool(true)),
		statecheck.ExpectKnownValue(all, tfjsonpath.New("excepted_count"), knownvalue.Int64Exact(1)),
		statecheck.ExpectKnownValue(all, tfjsonpath.New("by_repository").AtSliceIndex(0).AtMapKey("repository"), knownvalue.StringExact("acme/app")),
	)
}

// TestAnAuditFieldForField compares a small audit with a complete report written by hand.
func TestAnAuditFieldForField(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	world.Repository("acme/app").
		Run(1, 1, githubtest.Object{"created_at": "2026-05-01T10:00:00Z"}).
		Run(2, 1, githubtest.Object{"created_at": "2026-05-02T10:00:00Z"}).
		Job(11, 1, githubtest.Object{"name": "old", "labels": []any{"Linux", "gpu"}, "runner_group_name": "b"}).
		Job(21, 2, githubtest.Object{"name": "build", "labels": []any{"gpu", "linux"}, "runner_group_name": "a", "started_at": "2026-05-04T10:00:01Z", "completed_at": "2026-05-04T10:00:11Z"}).
		Job(22, 2, githubtest.Object{"name": "skipped", "labels": []any{}, "conclusion": "skipped", "runner_id": 0, "runner_name": "", "runner_group_name": ""})
	got, diags := configured(t, githubtest.New(t, world)).read(auditType, args{
		"repository": "app", "allowed_labels": []string{"linux"}, "denied_labels": []string{"gp?"}, "required_labels": []string{"linux"}, "max_runs": 2,
	})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	violation := func(run, job int, name, group, label, reason, pattern, labels string) string {
		message := map[string]string{"denied": `which denied_labels forbids ("gp?").`, "not_allowed": "which allowed_labels does not allow."}[reason]
		return fmt.Sprintf(`{"repository":"acme/app","runner_group_name":%q,"message":%q,"run_id":%d,"run_attempt":1,"job_id":%d,"job_name":%q,"workflow_name":"CI","head_branch":"main","labels":%s,"label":%q,"reason":%q,"pattern":%s,"html_url":"https://github.com/acme/app/actions/runs/%d/job/%d"}`,
			group, fmt.Sprintf("acme/app: job %q of workflow \"CI\" uses label %q, %s", name, label, message), run, job, name, labels, label, reason, pattern, run, job)
	}
	var want any
	err := json.Unmarshal([]byte(`{
		"compliant": false, "violation_count": 4, "excepted_count": 0, "run_count": 2, "job_count": 3, "truncated": false,
		"complete": true, "problems": [], "owner": "acme",
		"by_repository": [{"repository": "acme/app", "run_count": 2, "job_count": 3, "truncated": false, "violation_count": 4, "compliant": false}],
		"oldest_run_at": "2026-05-01T10:00:00Z", "newest_run_at": "2026-05-02T10:00:00Z",
		"violations": [`+strings.Join([]string{
		violation(2, 21, "build", "a", "gpu", "denied", `"gp?"`, `["gpu","linux"]`),
		violation(2, 21, "build", "a", "gpu", "not_allowed", `null`, `["gpu","linux"]`),
		violation(1, 11, "old", "b", "gpu", "denied", `"gp?"`, `["Linux","gpu"]`),
		violation(1, 11, "old", "b", "gpu", "not_allowed", `null`, `["Linux","gpu"]`),
	}, ",")+`],
		"label_sets": [
			{"labels": ["gpu","Linux"], "job_count": 2, "violation_count": 4, "total_duration_seconds": 123, "runner_groups": ["a","b"],
			 "queued_seconds": {"p50": 1, "p95": 7, "max": 7}, "duration_seconds": {"p50": 10, "p95": 113, "max": 113}},
			{"labels": [], "job_count": 1, "violation_count": 0, "total_duration_seconds": 0, "runner_groups": [],
			 "queued_seconds": {"p50": null, "p95": null, "max": null}, "duration_seconds": {"p50": null, "p95": null, "max": null}}
		]}`), &want)
	if err != nil {
		t.Fatal(err)
	}
	wanted, _ := want.(map[string]any)
	for name, value := range wanted {
		if g, w := asJSON(t, got[name]), asJSON(t, value); g != w {
			t.Errorf("%s is %s\nwant %s", name, g, w)
		}
	}
}

func TestAnAuditWithoutRulesIsFiguresOnly(t *testing.T) {
	t.Parallel()
	got, diags := configured(t, githubtest.New(t, githubtest.Demo())).read(auditType, args{"repository": "app", "max_runs": 2})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	if sets, _ := got["label_sets"].([]any); got["compliant"] != true || len(sets) == 0 || got["truncated"] != true {
		t.Errorf("compliant %v, %d label sets, truncated %v", got["compliant"], len(sets), got["truncated"])
	}
}

func TestBadPatterns(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"allowed_labels", "denied_labels", "required_labels"} {
		for pattern, want := range map[string]string{
			"":            `"": the pattern is empty`,
			" ":           `" ": the pattern is empty`,
			" linux":      `" linux": the pattern begins or ends with white space`,
			"linux, x64":  `"linux, x64": this is a list in one string; write each label as a separate element`,
			"^ubuntu-.*$": `"^ubuntu-.*$": patterns are not regular expressions; leave out ^ and $`,
			"!linux":      `"!linux": a pattern cannot be negated; list labels that jobs must not use in denied_labels`,
		} {
			t.Run(list+pattern, func(t *testing.T) {
				t.Parallel()
				server := githubtest.New(t, githubtest.NewWorld())
				_, got := configured(t, server).read(auditType, args{"repository": "app", list: []string{"ok", pattern}})
				full := fmt.Sprintf("error at %s.ElementKeyInt(1): Invalid label pattern: %s[1] cannot be %s. A pattern matches a whole label; * matches any characters and ? one character.", list, list, want)
				if got.String() != full || len(server.Requests()) > 0 {
					t.Errorf("got  %s\nwant %s", got, full)
				}
			})
		}
	}
}

// TestAnAuditOfNothingSaysSo: without any runs, the rules pass with a warning.
func TestAnAuditOfNothingSaysSo(t *testing.T) {
	t.Parallel()
	p := configured(t, githubtest.New(t, githubtest.Demo()))
	got, diags := p.read(auditType, args{"repository": "app", "branch": "mian", "denied_labels": []string{"ubuntu-20.04"}})
	const want = "warning: No run of acme/app matched: compliant is true because there were no jobs to check. Check the filters: GitHub answers a branch, status, event or user that it does not know with an empty list."
	if diags.String() != want || got["compliant"] != true || fmt.Sprint(got["run_count"]) != "0" {
		t.Errorf("compliant %v over %v runs\ngot  %s\nwant %s", got["compliant"], got["run_count"], diags, want)
	}
	if _, diags := p.read(auditType, args{"repository": "app", "branch": "mian"}); len(diags) > 0 {
		t.Errorf("without rules: %s", diags)
	}
}

// TestAVanishedRunIsToldOf: a deleted run is left out of the figures, with a warning. A run that
// cannot be read is a problem, and the audit is then not compliant.
func TestAVanishedRunIsToldOf(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	p := configuredWith(t, server, args{"max_retries": 0})
	const jobs = "/repos/acme/app/actions/runs/701/jobs"
	server.Fail(jobs, githubtest.Status(http.StatusNotFound, "Not Found"))
	server.Fail("/repos/acme/app/actions/runs/701", githubtest.Status(http.StatusNotFound, "Not Found"))
	got, diags := p.read(auditType, args{"repository": "app"})
	const want = "warning: Some runs are left out: These runs were deleted after they were listed: acme/app run 701. The figures do not include them."
	if diags.String() != want || fmt.Sprint(got["run_count"]) != "2" {
		t.Errorf("run_count %v\ngot  %s\nwant %s", got["run_count"], diags, want)
	}
	server.FailAlways("the jobs", githubtest.Path(jobs), githubtest.Status(http.StatusBadGateway, "Server Error"))
	got, diags = p.read(auditType, args{"repository": "app"})
	const problem = "Cannot read acme/app run 701: GitHub answered 502: Server Error."
	const warning = "warning: Some repositories or runs could not be read: The result does not include them: complete is false, and problems lists them.\n\n- " + problem + "\n\n" + serverFaultRemedy
	if diags.String() != warning || got["compliant"] != false || got["complete"] != false || fmt.Sprint(got["run_count"]) != "2" {
		t.Errorf("compliant %v, complete %v, run_count %v\ngot  %s\nwant %s", got["compliant"], got["complete"], got["run_count"], diags, warning)
	}
	if want := fmt.Sprintf(`[{"message":%q,"reason":"server_error","repository":"acme/app","run_id":701}]`, problem); compactJSON(t, got["problems"]) != want {
		t.Errorf("problems %s\nwant %s", compactJSON(t, got["problems"]), want)
	}
}

// TestAnAuditWhoseOnlyRunVanishes: the filters are not at fault.
func TestAnAuditWhoseOnlyRunVanishes(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, runsOfTen(1))
	for _, path := range []string{"/repos/acme/app/actions/runs/1", "/repos/acme/app/actions/runs/1/jobs"} {
		server.FailAlways(path, githubtest.Path(path), githubtest.Status(http.StatusNotFound, "Not Found"))
	}
	_, diags := configured(t, server).read(auditType, args{"repository": "app", "denied_labels": []string{"x"}})
	const want = "warning: Some runs are left out: These runs were deleted after they were listed: acme/app run 1. The figures do not include them.\n" +
		"warning: No run of acme/app was checked: compliant is true because all runs that matched were deleted after they were listed."
	if diags.String() != want {
		t.Errorf("got  %s\nwant %s", diags, want)
	}
}

// TestAnAuditWithoutTheJobsOfARun: a run that is there, without its jobs, is a problem.
func TestAnAuditWithoutTheJobsOfARun(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, runsOfTen(2))
	server.FailAlways("the jobs", githubtest.Path("/repos/acme/app/actions/runs/1/jobs"), githubtest.Status(http.StatusNotFound, "Not Found"))
	got, diags := configured(t, server).read(auditType, args{"repository": "app", "denied_labels": []string{"x"}})
	const want = "warning: Some repositories or runs could not be read: The result does not include them: complete is false, and problems lists them.\n\n" +
		"- Cannot read acme/app run 1: GitHub answered 404: Not Found: the server shows the run, but not its jobs.\n\n" +
		"What GitHub lists and does not show was deleted since, or is not visible. The request was anonymous. GitHub also answers 404 for a private repository: set token or app_auth in the provider block, or GITHUB_TOKEN."
	if diags.String() != want || got["compliant"] != false || got["complete"] != false {
		t.Errorf("compliant %v, complete %v\ngot  %s\nwant %s", got["compliant"], got["complete"], diags, want)
	}
}

// runsOfTen is acme/app with n finished runs of ten jobs each.
func runsOfTen(n int) *githubtest.World {
	world := githubtest.NewWorld()
	r := world.Repository("acme/app")
	for i := range n {
		id := int64(i + 1)
		at := fmt.Sprintf("2026-05-%02dT%02d:%02d:00Z", 1+i/1440, i/60%24, i%60)
		r.Run(id, 1, githubtest.Object{"created_at": at, "updated_at": at})
		for j := range int64(10) {
			labels := []any{"self-hosted", "linux"}
			if j == 9 && i%10 == 0 {
				labels = []any{"ubuntu-20.04"}
			}
			r.Job(id*100+j, id, githubtest.Object{"labels": labels, "name": fmt.Sprintf("job %d", j)})
		}
	}
	return world
}

// TestAThousandRunsInOneRead: 1,000 runs with ten jobs each need 1,010 requests. The second audit
// only needs the ten pages of the list, even with another token. The state contains the violations,
// not the jobs.
func TestAThousandRunsInOneRead(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, runsOfTen(1000))
	folder := filepath.Join(t.TempDir(), "cache")
	audit := func(token string) map[string]any {
		p := configuredWith(t, server, args{"cache_path": folder, "token": token, "requests_per_minute": 0, "max_concurrent_requests": 50})
		got, diags := p.read(auditType, args{"repository": "app", "max_runs": 1000, "denied_labels": []string{"ubuntu-20.?4"}})
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		return got
	}
	first := audit("one")
	if fmt.Sprintf("%v %v %v", first["run_count"], first["job_count"], first["violation_count"]) != "1000 10000 100" {
		t.Fatalf("%v runs, %v jobs, %v violations", first["run_count"], first["job_count"], first["violation_count"])
	}
	if n := len(server.Requests()); n != 1010 {
		t.Errorf("%d requests, want 1010", n)
	}
	second := audit("two")
	again := server.Requests()[1010:]
	for _, r := range again {
		if r.Path != "/repos/acme/app/actions/runs" {
			t.Fatalf("the second audit asks for %s", r)
		}
	}
	if len(again) != 10 {
		t.Errorf("the second audit has %d requests, want 10", len(again))
	}
	state := asJSON(t, second)
	if state != asJSON(t, first) {
		t.Error("the second audit says something else")
	}
	if n := strings.Count(state, `"job_id"`); n != 100 {
		t.Errorf("the state has %d rows of jobs, want the 100 violations alone", n)
	}
}

// BenchmarkAudit reads 1,000 runs of ten jobs each, 50 requests at once: by the audit, and by a
// bare client that requests the same pages from the same server and discards them, which shows the
// cost of the server.
func BenchmarkAudit(b *testing.B) {
	server := githubtest.New(b, runsOfTen(1000))
	b.Run("audit", func(b *testing.B) {
		p := newProtocol(b, nil)
		if diags := p.configure(args{"base_url": server.BaseURL(), "owner": "acme", "requests_per_minute": 0, "max_concurrent_requests": 50}); len(diags) > 0 {
			b.Fatal(diags)
		}
		kind := p.schema.DataSourceSchemas[auditType].ValueType()
		request := p.readRequest(auditType, p.value(kind, args{"repository": "app", "max_runs": 1000, "denied_labels": []string{"ubuntu-20.?4"}}))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := p.server.ReadDataSource(b.Context(), request); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("floor", func(b *testing.B) {
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 50}}
		defer client.CloseIdleConnections()
		fetch := func(path string) error {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.BaseURL()+"repos/acme/app/actions/runs"+path, nil)
			if err != nil {
				return err
			}
			resp, err := client.Do(req)
			if err != nil {
				return err
			}
			_, err = io.Copy(io.Discard, resp.Body)
			return errors.Join(err, resp.Body.Close())
		}
		b.ReportAllocs()
		for b.Loop() {
			g := errgroup.Group{}
			g.SetLimit(50)
			for page := range 10 {
				g.Go(func() error { return fetch(fmt.Sprintf("?per_page=100&page=%d", page+1)) })
			}
			for run := range 1000 {
				g.Go(func() error { return fetch(fmt.Sprintf("/%d/jobs?per_page=100", run+1)) })
			}
			if err := g.Wait(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestOnlyWhatIsFinalIsKept: each of these runs looks finished at first but is not. The second
// audit must see the change, although the first one had a cache.
func TestOnlyWhatIsFinalIsKept(t *testing.T) {
	t.Parallel()
	const list, jobs = "/repos/acme/app/actions/runs", "/repos/acme/app/actions/runs/1/jobs"
	run := func(status, updated string) string {
		return fmt.Sprintf(`{"total_count":1,"workflow_runs":[{"id":1,"run_attempt":1,"status":%q,"created_at":"2026-05-01T10:00:00Z","updated_at":%q}]}`, status, updated)
	}
	job := func(status string, attempt int, label string) string {
		return fmt.Sprintf(`{"total_count":1,"jobs":[{"id":11,"run_id":1,"run_attempt":%d,"status":%q,"labels":[%q]}]}`, attempt, status, label)
	}
	const early, late = "2026-05-01T10:10:00Z", "2026-05-01T10:20:00Z"
	for _, tc := range []struct {
		name       string
		run1, run2 string // the list at the first and the second audit
		job1       string // the jobs at the first audit; at the second, a completed one on "new"
		fails      bool   // the first audit
	}{
		{"a run under way", run("in_progress", early), run("completed", early), job("completed", 1, "old"), false},
		{"a run that has changed since", run("completed", early), run("completed", late), job("completed", 1, "old"), false},
		{"a list that lags behind its run", run("completed", early), run("completed", early), job("in_progress", 1, "old"), false},
		{"a run that was started again", run("completed", early), run("completed", early), job("completed", 2, "old"), false},
		{"an answer that is not a list", run("completed", early), run("completed", early), `{"message":"please log in"}`, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.NewWorld())
			folder := filepath.Join(t.TempDir(), "cache")
			audit := func(run, job string) (map[string]any, messages) {
				serve := func(body string) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						githubtest.SendJSON(w, r, json.RawMessage(body))
					})
				}
				server.Handle(list, serve(run))
				server.Handle(jobs, serve(job))
				return configuredWith(t, server, args{"cache_path": folder}).read(auditType, args{"repository": "app"})
			}
			if _, diags := audit(tc.run1, tc.job1); diags.hasError() != tc.fails {
				t.Fatal(diags)
			}
			got, diags := audit(tc.run2, job("completed", 1, "new"))
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if text := asJSON(t, got["label_sets"]); !strings.Contains(text, `"new"`) || strings.Contains(text, `"old"`) {
				t.Errorf("the second audit sees %s", text)
			}
		})
	}
}
