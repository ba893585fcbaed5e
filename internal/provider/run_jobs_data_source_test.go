package provider

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

func TestAccRunJobs(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	const at = "data.github_actions_run_jobs.ci"
	config := providerBlock(server) + `
		data "github_actions_run_jobs" "ci" {
		  repository    = "app"
		  run_id        = 700
		  filter        = "final"
		  include_steps = false
		  timeouts { read = "30s" }
		}`
	names := []knownvalue.Check{
		knownvalue.StringExact("test (ubuntu-24.04, 1.25)"), knownvalue.StringExact("test (ubuntu-24.04, 1.26)"),
		knownvalue.StringExact("test (windows-2025, 1.26)"), knownvalue.StringExact("test (macos-15, 1.26)"), knownvalue.StringExact("package"),
	}
	checks := []statecheck.StateCheck{
		statecheck.ExpectKnownValue(at, tfjsonpath.New("total_count"), knownvalue.Int64Exact(5)),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("labels"), knownvalue.ListExact([]knownvalue.Check{
			knownvalue.StringExact("macos-15"), knownvalue.StringExact("ubuntu-24.04"), knownvalue.StringExact("windows-2025"),
		})),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("failed_jobs"), knownvalue.ListSizeExact(0)),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("run_status"), knownvalue.StringExact("completed")),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("run_conclusion"), knownvalue.StringExact("success")),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("completed"), knownvalue.Bool(true)),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("succeeded"), knownvalue.Bool(true)),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("owner"), knownvalue.StringExact("acme")),
	}
	for i, name := range names {
		job := tfjsonpath.New("jobs").AtSliceIndex(i)
		checks = append(checks,
			statecheck.ExpectKnownValue(at, job.AtMapKey("name"), name),
			statecheck.ExpectKnownValue(at, job.AtMapKey("steps"), knownvalue.ListSizeExact(0)))
	}
	planTwice(t, config, checks...)
}

// TestAccBadInput checks what Terraform shows for bad input: the diagnostic points to the line at
// fault, and GitHub gets no requests.
func TestAccBadInput(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.NewWorld())
	step := func(arguments, at string) resource.TestStep {
		return resource.TestStep{
			Config:      providerBlock(server) + "data \"github_actions_run_jobs\" \"ci\" {\n" + arguments + "\n}\n",
			ExpectError: regexp.MustCompile(at),
		}
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(nil),
		Steps: []resource.TestStep{
			step("repository = \"acme/../app\"\nrun_id = 1", `(?s)Invalid repository.*repository = "acme/\.\./app".*letters, digits`),
			step("repository = \"acme/app\"\nrun_id = 0", `(?s)run_id = 0.*must be a whole number of at\s+least\s+1`),
		},
	})
	if requests := server.Requests(); len(requests) > 0 {
		t.Errorf("requests for bad input: %v", requests)
	}
}

// TestBadInputIsRefusedBeforeAnyRequest checks the whole diagnostic of each error, with its
// attribute.
func TestBadInputIsRefusedBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	const job, run = "github_actions_job", "github_actions_run_jobs"
	for _, tc := range []struct {
		name, typeName string
		a              args
		want           string // a regular expression over the only message
	}{
		{"a malformed repository", job, args{"repository": "acme/app?x", "job_id": 1}, `^error at repository: Invalid repository: repository cannot be "acme/app\?x": the name contains '\?'\. Write name or owner/name, with letters, digits, "-", "_" and "\." only\.$`},
		{"the address to clone", job, args{"repository": "acme/app.git", "job_id": 1}, `^error at repository: Invalid repository: repository cannot be "acme/app\.git": the name ends in \.git\. Write acme/app\.$`},
		{"a URL for a repository", job, args{"repository": "https://github.com/acme/app", "job_id": 1}, `^error at repository: Invalid repository: repository cannot be "https://github\.com/acme/app": it is a URL\. Write name or owner/name, such as hashicorp/terraform\.$`},
		{"a repository with an escape sequence", job, args{"repository": "acme/\x1b[31mapp", "job_id": 1}, `^error at repository: Invalid repository: repository cannot be "acme/app": the name contains '\\x1b'`},
		{"a malformed owner", job, args{"repository": "app", "owner": "..", "job_id": 1}, `^error at owner: Invalid owner: owner cannot be "\.\.": the owner is not valid\. Write the login of a user or an organisation, with letters, digits, "-", "_" and "\." only\.$`},
		{"an empty owner", job, args{"repository": "app", "owner": "", "job_id": 1}, `^error at owner: Empty owner: owner must not be empty\. Remove it to use the owner in repository or the provider's owner, or set it to a user or an organisation\.$`},
		{"two owners", job, args{"repository": "acme/app", "owner": "other", "job_id": 1}, `^error at owner: Two owners: owner is "other", but repository is "acme/app"\. Remove owner, or correct repository\.$`},
		{"a job id below 1", job, args{"repository": "app", "job_id": 0}, `^error at job_id: Invalid number: job_id must be a whole number of at least 1, not 0\.$`},
		{"a run id below 1", run, args{"repository": "app", "run_id": -5}, `^error at run_id: Invalid number: run_id must be a whole number of at least 1, not -5\.$`},
		{"a run id that is not whole", run, args{"repository": "app", "run_id": 1.5}, `^error at run_id: Invalid number: run_id must be a whole number of at least 1, not 1\.5\.$`},
		{"a run id of twenty digits", run, args{"repository": "app", "run_id": 1e19}, `^error at run_id: Invalid number: run_id must be at most 9223372036854775807, not 10000000000000000000\.`},
		{"an attempt below 1", run, args{"repository": "app", "run_id": 1, "attempt_number": 0}, `^error at attempt_number: Invalid number: attempt_number must be a whole number of at least 1, not 0\.$`},
		{"an unknown filter", run, args{"repository": "app", "run_id": 1, "filter": "newest"}, `^error at filter: Invalid filter: filter must be one of latest, all, final, not "newest"\.$`},
		{"filter with attempt_number", run, args{"repository": "app", "run_id": 1, "filter": "all", "attempt_number": 1}, `^error at attempt_number: .*"filter" cannot be specified when "attempt_number" is specified$`},
		{"a timeout that is not a duration", run, args{"repository": "app", "run_id": 1, "timeouts": args{"read": "5 minutes"}}, `^error at timeouts\.read: Invalid timeout: timeouts\.read must be a duration greater than zero, such as 30s, 5m or 1h30m, not "5 minutes"\.$`},
		{"a timeout of zero", run, args{"repository": "app", "run_id": 1, "timeouts": args{"read": "0s"}}, `^error at timeouts\.read: Invalid timeout: timeouts\.read must be a duration greater than zero, such as 30s, 5m or 1h30m, not "0s"\.$`},
		{"a negative timeout", run, args{"repository": "app", "run_id": 1, "timeouts": args{"read": "-5m"}}, `^error at timeouts\.read: Invalid timeout: .*, not "-5m"\.$`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.NewWorld())
			_, got := configured(t, server).read(tc.typeName, tc.a)
			if len(got) != 1 || !regexp.MustCompile(tc.want).MatchString(got[0]) {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			if requests := server.Requests(); len(requests) > 0 {
				t.Errorf("requests for bad input: %v", requests)
			}
		})
	}
	t.Run("no owner anywhere", func(t *testing.T) {
		t.Parallel()
		server := githubtest.New(t, githubtest.NewWorld())
		p := newProtocol(t, nil)
		if diags := p.configure(args{"base_url": server.BaseURL()}); len(diags) > 0 {
			t.Fatal(diags)
		}
		_, got := p.read(job, args{"repository": "app", "job_id": 1})
		const want = `error at repository: Missing owner: The owner of repository "app" is not set. Write OWNER/app, or set owner here, in the provider block or in GITHUB_OWNER.`
		if got.String() != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// TestALargeRunArrivesWhole: 237 jobs are three pages. With the run, this needs four requests.
func TestALargeRunArrivesWhole(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	world.Repository("acme/app").Run(900, 1, nil).Matrix(1, 900, 237, 3)
	server := githubtest.New(t, world)
	got, diags := configured(t, server).read("github_actions_run_jobs", args{"repository": "app", "run_id": 900})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	jobs, _ := got["jobs"].([]any)
	if len(jobs) != 237 || fmt.Sprint(got["total_count"]) != "237" {
		t.Fatalf("%d jobs, total_count %v", len(jobs), got["total_count"])
	}
	for i := range jobs {
		job, _ := jobs[i].(map[string]any)
		steps, _ := job["steps"].([]any)
		if fmt.Sprint(job["id"]) != strconv.Itoa(i+1) || len(steps) != 3 {
			t.Fatalf("place %d holds job %v with %d steps", i, job["id"], len(steps))
		}
	}
	if n := len(server.Requests()); n != 4 {
		t.Errorf("%d requests, want 4", n)
	}
}

func TestWithoutSteps(t *testing.T) {
	t.Parallel()
	p := configured(t, githubtest.New(t, githubtest.Demo()))
	for _, tc := range []struct {
		include any
		want    int
	}{{nil, 4}, {true, 4}, {false, 0}} {
		got, diags := p.read("github_actions_run_jobs", args{"repository": "app", "run_id": 700, "include_steps": tc.include})
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		jobs, _ := got["jobs"].([]any)
		job, _ := jobs[0].(map[string]any)
		if steps, ok := job["steps"].([]any); !ok || len(steps) != tc.want {
			t.Errorf("include_steps %v: steps %v, want %d", tc.include, job["steps"], tc.want)
		}
	}
}

// BenchmarkRunJobsValues measures only the values of the state of a large run.
func BenchmarkRunJobsValues(b *testing.B) {
	second := func(s int) *time.Time { return new(time.Unix(int64(1_777_888_800+s), 0)) }
	jobs := make([]*job.Job, 256)
	for i := range jobs {
		j := &job.Job{
			ID: new(int64(i)), RunID: new(int64(900)), Name: new("test"), Status: new("completed"),
			RunnerID: new(int64(1)), Labels: []string{"self-hosted", "linux"}, CreatedAt: second(0), StartedAt: second(5), CompletedAt: second(90),
		}
		for n := range 12 {
			j.Steps = append(j.Steps, &job.Step{Number: new(int64(n)), Name: new("step"), StartedAt: second(n), CompletedAt: second(n + 1)})
		}
		jobs[i] = j
	}
	b.ReportAllocs()
	for b.Loop() {
		runJobsObject().terraform(job.RunJobs{Jobs: jobs})
	}
}

// BenchmarkRunJobsState measures a large run from the request to the answer for Terraform: two
// round trips to the stand-in, the values, and the work of the framework and the protocol.
func BenchmarkRunJobsState(b *testing.B) {
	for _, size := range []struct{ jobs, steps int }{{256, 12}, {2560, 12}} {
		b.Run(fmt.Sprintf("%dx%d", size.jobs, size.steps), func(b *testing.B) {
			world := githubtest.NewWorld()
			world.Repository("acme/app").Run(900, 1, nil).Matrix(1, 900, size.jobs, size.steps)
			server := githubtest.New(b, world)
			p := configured(b, server)
			kind := p.schema.DataSourceSchemas["github_actions_run_jobs"].ValueType()
			request := p.readRequest("github_actions_run_jobs", p.value(kind, args{"repository": "app", "run_id": 900}))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.server.ReadDataSource(b.Context(), request); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
