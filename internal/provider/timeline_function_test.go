package provider

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// chart is the text of a chart, from its title and the lines after its head.
func chart(title string, lines ...string) string {
	head := []string{"gantt", "title " + title, "dateFormat x", "axisFormat %H:%M:%S", "todayMarker off"}
	return strings.Join(append(head, lines...), "\n    ")
}

func TestTimeline(t *testing.T) {
	t.Parallel()
	job := func(change args) args {
		job := args{
			"id": 1, "run_id": 700, "run_attempt": 1, "name": "build: linux", "workflow_name": "CI", "status": "completed", "conclusion": "failure",
			"created_at": "2026-05-04T10:00:00Z", "started_at": "2026-05-04T12:00:06.5+02:00", "completed_at": "2026-05-04T10:03:10Z",
			"runner_id": 5, "runner_name": "runner-5", "labels": []any{true}, "steps": unknown,
		}
		maps.Copy(job, change)
		return job
	}
	without := func(job args, names ...string) args {
		for _, name := range names {
			delete(job, name)
		}
		return job
	}
	notDrawn := chart("No jobs to draw · 1 of 1 jobs not drawn")
	drawn := chart("CI · run 700 · 2026-05-04 10:00:00 to 10:03:10 UTC",
		"Queued 6s · build#58; linux :1777888800000, 6s",
		"Ran 3m4s, failure · build#58; linux :crit, 1777888806000, 184s")
	checkCalls(t, "timeline", []functionCase{
		{name: "no jobs", arguments: []any{[]any{}}, want: chart("No jobs to draw")},
		{name: "an empty list of a type", arguments: []any{asList(t, tftypes.Object{AttributeTypes: map[string]tftypes.Type{}})}, want: chart("No jobs to draw")},
		{name: "a job", arguments: []any{[]any{job(nil)}}, want: drawn},
		{name: "a job that says nothing of runners", arguments: []any{[]any{without(job(nil), "runner_id", "runner_name")}}, want: drawn},
		{name: "no runner", arguments: []any{[]any{job(args{"runner_id": nil, "runner_name": nil, "steps": nil})}}, want: notDrawn},
		{name: "no runner as GitHub says it", arguments: []any{[]any{job(args{"runner_id": 0, "runner_name": "", "steps": []any{args{"started_at": nil}}})}}, want: notDrawn},
		{name: "no runner by name alone", arguments: []any{[]any{without(job(args{"runner_name": nil, "steps": nil}), "runner_id")}}, want: notDrawn},
		{name: "a runner by name alone", arguments: []any{[]any{job(args{"runner_id": nil})}}, want: drawn},
		{name: "a runner by id alone", arguments: []any{[]any{job(args{"runner_name": nil})}}, want: drawn},
		{name: "skipped", arguments: []any{[]any{job(args{"conclusion": "skipped"})}}, want: notDrawn},
		{name: "nothing but times", arguments: []any{[]any{args{"status": nil, "started_at": "2026-05-04T10:00:00Z", "completed_at": "2026-05-04T10:00:09Z"}}}, want: chart("Jobs · 2026-05-04 10:00:00 to 10:00:09 UTC", "Ran 9s · unnamed job :done, 1777888800000, 9s")},
		{name: "nothing at all", arguments: []any{[]any{args{"status": nil}}}, want: notDrawn},
		{name: "no runner, but a step that started", arguments: []any{[]any{job(args{"runner_id": nil, "runner_name": nil, "steps": []any{args{"started_at": "2026-05-04T10:00:06Z"}}})}}, want: drawn},
		{name: "an empty conclusion", arguments: []any{[]any{job(args{"conclusion": "", "status": "in_progress", "completed_at": nil})}}, want: chart("CI · run 700 · 2026-05-04 10:00:00 to 10:00:07 UTC",
			"Queued 6s · build#58; linux :1777888800000, 6s", "Running · build#58; linux :active, 1777888806000, 1s")},
		{name: "keys in camelCase", arguments: []any{[]any{args{
			"id": 1, "runId": 700, "runAttempt": 1, "name": "build: linux", "workflowName": "CI", "status": "completed", "conclusion": "failure",
			"createdAt": "2026-05-04T10:00:00Z", "startedAt": "2026-05-04T10:00:06Z", "completedAt": "2026-05-04T10:03:10Z", "runnerId": 5,
		}}}, want: drawn},
		{name: "an object that is not a job", arguments: []any{[]any{args{"name": "x"}}}, err: "argument 0: jobs[0] has no attribute status, so it is not a job"},

		{name: "unknown jobs", arguments: []any{unknown}, want: unknown},
		{name: "an unknown name", arguments: []any{[]any{job(args{"name": unknown})}}, want: unknown},
		{name: "an unknown time", arguments: []any{[]any{job(args{"started_at": unknown})}}, want: unknown},
		{name: "an unknown runner", arguments: []any{[]any{job(args{"runner_id": unknown})}}, want: unknown},

		{name: "null jobs", arguments: []any{nil}, err: "argument 0: jobs must be a list of objects, not null"},
		{name: "a string", arguments: []any{"jobs"}, err: "argument 0: jobs must be a list of objects, not a string"},
		{name: "a time that is none", arguments: []any{[]any{job(nil), job(args{"started_at": "soon\x1b[0m"})}}, err: `argument 0: jobs[1].started_at must be a time such as 2026-05-04T10:00:00Z (RFC 3339), not "soon"`},
		{name: "an empty time", arguments: []any{[]any{job(args{"created_at": ""})}}, err: `argument 0: jobs[0].created_at must be a time such as 2026-05-04T10:00:00Z (RFC 3339), not ""`},
		{name: "a time that is a number", arguments: []any{[]any{job(args{"completed_at": 1})}}, err: "argument 0: jobs[0].completed_at must be a string, not a number"},
	})
}

// demoChart is the chart of all attempts of the demo's CI run.
const demoChart = `gantt
    title Jobs · 2026-05-04 10:00:00 to 10:24:40 UTC · 1 of 7 jobs not drawn
    dateFormat x
    axisFormat %H:%M:%S
    todayMarker off
    section CI · attempt 1
    Queued 6s · test (ubuntu-24.04, 1.25) :1777888800000, 6s
    Ran 3m4s · test (ubuntu-24.04, 1.25) :done, 1777888806000, 184s
    Queued 15s · test (ubuntu-24.04, 1.26) :1777888800000, 15s
    Ran 4m30s · test (ubuntu-24.04, 1.26) :done, 1777888815000, 270s
    Queued 24s · test (windows-2025, 1.26) :1777888800000, 24s
    Ran 5m56s · test (windows-2025, 1.26) :done, 1777888824000, 356s
    Queued 33s · test (macos-15, 1.26) :1777888800000, 33s
    Ran 7m22s, failure · test (macos-15, 1.26) :crit, 1777888833000, 442s
    section CI · attempt 2
    Queued 21s · test (macos-15, 1.26) :1777889700000, 21s
    Ran 7m59s · test (macos-15, 1.26) :done, 1777889721000, 479s
    Queued 7s · package :1777890202000, 7s
    Ran 1m11s · package :done, 1777890209000, 71s`

func TestAccTimelineExample(t *testing.T) {
	t.Parallel()
	checkExample(t, "timeline", statecheck.ExpectKnownOutputValue("timeline", knownvalue.StringExact("```mermaid\n"+demoChart+"\n```\n")))
}

// TestAccTimeline calls the function on a run under way and on bad input.
func TestAccTimeline(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(nil),
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		Steps: []resource.TestStep{
			// A configuration that fails cannot be destroyed, so these come first.
			{Config: providerBlock(server) + `
				output "chart" { value = provider::github::timeline([{ started_at = "soon" }]) }`,
				ExpectError: asShown(`Invalid value for "jobs" parameter: jobs[0].started_at must be a time such as 2026-05-04T10:00:00Z (RFC 3339), not "soon".`)},
			{Config: providerBlock(server) + `
				data "github_actions_run_jobs" "nightly" {
				  repository = "app"
				  run_id     = 702
				}
				output "chart" { value = provider::github::timeline(data.github_actions_run_jobs.nightly.jobs) }`,
				ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("chart", knownvalue.StringExact(chart(
					"Nightly · run 702 · 2026-05-04 10:00:00 to 10:00:09 UTC · 1 of 3 jobs not drawn",
					"Queued 8s · fuzz :1777888800000, 8s",
					"Running · fuzz :active, 1777888808000, 1s",
					"Waiting · benchmark :active, 1777888800000, 8s")))}},
		},
	})
	if requests := server.Requests(); !strings.Contains(requests[0].Path, "/runs/702") {
		t.Errorf("requests: %v", requests)
	}
}
