package provider

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/gate"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

const (
	gateType   = "github_actions_commit_gate"
	demoCommit = "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0"
)

// gateArgs are the arguments of a gate for the demo's commit, with more added.
func gateArgs(more args) args {
	a := args{"repository": "app", "head_sha": demoCommit, "workflows": []string{"ci.yml"}}
	maps.Copy(a, more)
	return a
}

func TestAccCommitGate(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	const at = "data.github_actions_commit_gate.ci"
	config := providerBlock(server) + `
		data "github_actions_commit_gate" "ci" {
		  repository   = "app"
		  head_sha     = "F83A356604AE3C5D03E1B46EF4D1CA77D64A90B0"
		  workflows    = ["ci.yml", "12"]
		  must_succeed = true
		}`
	planTwice(t, config,
		statecheck.ExpectKnownValue(at, tfjsonpath.New("succeeded"), knownvalue.Bool(true)),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("head_sha"), knownvalue.StringExact("F83A356604AE3C5D03E1B46EF4D1CA77D64A90B0")),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("event"), knownvalue.Null()),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("reason"), knownvalue.StringExact("all succeeded: ci.yml, 12")),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("run_ids"), knownvalue.MapExact(map[string]knownvalue.Check{
			"ci.yml": knownvalue.Int64Exact(700), "12": knownvalue.Int64Exact(701),
		})),
		statecheck.ExpectKnownValue(at, tfjsonpath.New("runs"), knownvalue.ListSizeExact(2)),
	)
}

// TestAGateFieldForField checks every attribute of a gate that is shut.
func TestAGateFieldForField(t *testing.T) {
	t.Parallel()
	world := githubtest.Demo()
	world.Repository("acme/app").
		Run(710, 1, githubtest.Object{"conclusion": "failure", "created_at": "2026-05-04T12:00:00Z", "head_branch": "next", "run_attempt": int64(1)}).
		Job(71001, 710, githubtest.Object{"name": "e2e", "conclusion": "failure"}).
		Job(71002, 710, githubtest.Object{"name": "lint"})
	got, diags := configured(t, githubtest.New(t, world)).read(gateType, gateArgs(args{"workflows": []string{"ci.yml", "nightly.yml"}, "event": "push"}))
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	for name := range gateArgs(args{"event": nil, "branch": nil, "owner": nil, "timeouts": nil}) {
		delete(got, name)
	}
	for name, value := range got {
		if value == nil {
			delete(got, name) // arguments that are not set
		}
	}
	const want = `{
  "completed": false,
  "failed_jobs": [
    "ci.yml / e2e"
  ],
  "reason": "ci.yml / e2e ended with failure",
  "run_ids": {
    "ci.yml": 710
  },
  "runs": [
    {
      "conclusion": "failure",
      "event": "push",
      "failed_jobs": [
        "e2e"
      ],
      "head_branch": "next",
      "html_url": "https://github.com/acme/app/actions/runs/710",
      "run_attempt": 1,
      "run_id": 710,
      "status": "completed",
      "workflow": "ci.yml"
    },
    {
      "conclusion": "success",
      "event": "push",
      "failed_jobs": [],
      "head_branch": "main",
      "html_url": "https://github.com/acme/app/actions/runs/700",
      "run_attempt": 2,
      "run_id": 700,
      "status": "completed",
      "workflow": "ci.yml"
    }
  ],
  "succeeded": false
}`
	if asJSON(t, got) != want {
		t.Errorf("got %s\nwant %s", asJSON(t, got), want)
	}
}

// TestWhichRunsCount: the arguments decide which runs count.
func TestWhichRunsCount(t *testing.T) {
	t.Parallel()
	world := githubtest.Demo()
	world.Repository("acme/app").
		Run(710, 1, githubtest.Object{"created_at": "2026-05-04T12:00:00Z", "event": "pull_request", "conclusion": "failure", "head_repository": githubtest.Fork("eve/app")}).
		Run(711, 1, githubtest.Object{"created_at": "2026-05-04T12:00:00Z", "event": "workflow_dispatch", "head_branch": "next"}).
		Job(71101, 711, githubtest.Object{"name": "e2e", "conclusion": "failure"})
	server := githubtest.New(t, world)
	for _, tc := range []struct {
		name string
		a    args
		want string
	}{
		{"pushes by default", nil, "all succeeded: ci.yml"},
		{"any event, without the fork", args{"event": ""}, "all succeeded: ci.yml"},
		{"another event", args{"event": "workflow_dispatch"}, "all succeeded: ci.yml"},
		{"a fork alone", args{"event": "pull_request"}, "ci.yml has no run that counts: none for this commit by the event pull_request from the repository itself"},
		{"a branch", args{"event": "", "branch": "main"}, "all succeeded: ci.yml"},
		{"another branch", args{"event": "workflow_dispatch", "branch": "main"}, "ci.yml has no run that counts: none for this commit by the event workflow_dispatch on the branch main from the repository itself"},
		{"required jobs", args{"required_jobs": []string{"TEST (*)", "package"}}, "all succeeded: ci.yml"},
		{"a required job with a comma", args{"required_jobs": []string{"test (macos-15, 1.26)"}}, "all succeeded: ci.yml"},
		{"a required job that is not there", args{"required_jobs": []string{"test*", "lint"}}, "no job matches the required pattern lint"},
		{"a required job that failed", args{"event": "workflow_dispatch", "required_jobs": []string{"e2e"}}, "the required job ci.yml / e2e ended with failure"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, diags := configured(t, server).read(gateType, gateArgs(tc.a))
			if len(diags) > 0 || got["reason"] != tc.want || got["succeeded"] != strings.HasPrefix(tc.want, "all succeeded") {
				t.Errorf("got  %v: %v %s\nwant %s", got["succeeded"], got["reason"], diags, tc.want)
			}
		})
	}
}

// TestAGateThatMustSucceed points at the argument at fault and says what to do.
func TestAGateThatMustSucceed(t *testing.T) {
	t.Parallel()
	world := githubtest.Demo()
	world.Repository("acme/app").
		Workflow(14, "Deploy", ".github/workflows/deploy.yml").
		Run(715, 1, githubtest.Object{"workflow_id": int64(15), "path": ".github/workflows/lint.yml", "conclusion": "cancelled"}).
		Run(716, 1, githubtest.Object{"workflow_id": int64(16), "path": ".github/workflows/fails.yml", "conclusion": "failure"}).
		Job(71601, 716, githubtest.Object{"name": "e2e", "conclusion": "failure"}).
		Run(717, 1, githubtest.Object{"workflow_id": int64(17), "path": ".github/workflows/slow.yml", "status": "in_progress", "conclusion": nil}).
		Job(71701, 717, githubtest.Object{"name": "build", "status": "in_progress", "conclusion": nil}).
		Run(719, 1, githubtest.Object{"workflow_id": int64(19), "path": ".github/workflows/skips.yml", "run_attempt": int64(1)}).
		Job(71901, 719, githubtest.Object{"name": "test (${{ matrix.n }})", "conclusion": "skipped"}).
		Run(718, 1, githubtest.Object{"workflow_id": int64(18), "path": ".github/workflows/behind.yml", "run_attempt": int64(1)}).
		Job(71801, 718, githubtest.Object{"name": "build", "status": "in_progress", "conclusion": nil})
	const page = "https://github.com/acme/app/actions/runs/"
	const names = "Names of jobs are without the workflow and the event that GitHub's pages show beside them. The runs have these jobs: \"test (ubuntu-24.04, 1.25)\", \"test (ubuntu-24.04, 1.26)\", \"test (windows-2025, 1.26)\", \"test (macos-15, 1.26)\", \"package\"."
	const summary = ": CI has not succeeded for acme/app commit f83a356604ae: The gate is shut: "
	for _, tc := range []struct {
		name string
		a    args
		want string
	}{
		{"a failed job", args{"workflows": []string{"fails.yml"}}, "error at must_succeed" + summary + "fails.yml / e2e ended with failure.\n\nfails.yml: " + page + "716"},
		{"a cancelled run", args{"workflows": []string{"ci.yml", "15"}}, "error at must_succeed" + summary + "15 run 715 ended with cancelled.\n\nci.yml: " + page + "700\n15: " + page + "715"},
		{"no run", args{"workflows": []string{"ci.yml", "deploy.yml"}}, "error at workflows[1]" + summary + "deploy.yml has no run that counts: none for this commit by the event push from the repository itself.\n\nTo wait for a run that has not started yet, set wait_for_run. Check event and branch too.\n\nci.yml: " + page + "700"},
		{"a failed job beside no run", args{"workflows": []string{"fails.yml", "deploy.yml"}}, "error at must_succeed" + summary + "fails.yml / e2e ended with failure.\n\nfails.yml: " + page + "716"},
		{"a failed job beside a run that is under way", args{"workflows": []string{"slow.yml", "fails.yml"}}, "error at must_succeed" + summary + "fails.yml / e2e ended with failure.\n\nslow.yml: " + page + "717\nfails.yml: " + page + "716"},
		{"no run beside a run that is under way", args{"workflows": []string{"slow.yml", "deploy.yml"}}, "error at workflows[1]" + summary + "deploy.yml has no run that counts: none for this commit by the event push from the repository itself.\n\nTo wait for a run that has not started yet, set wait_for_run. Check event and branch too.\n\nslow.yml: " + page + "717"},
		{"the same with a wait for completion", args{"workflows": []string{"slow.yml", "deploy.yml"}, "wait_for_completion": true}, "error at workflows[1]" + summary + "deploy.yml has no run that counts: none for this commit by the event push from the repository itself.\n\nTo wait for a run that has not started yet, set wait_for_run. Check event and branch too.\n\nslow.yml: " + page + "717"},
		{"answers that contradict each other", args{"workflows": []string{"behind.yml"}}, "error at must_succeed" + summary + "behind.yml / build is not completed (in_progress), although its run is.\n\nGitHub's answers contradict each other, usually only for a short time. Plan again later.\n\nbehind.yml: " + page + "718"},
		{"a required job that is missing", args{"required_jobs": []string{"package", "lint"}}, "error at required_jobs[1]" + summary + "no job matches the required pattern lint.\n\n" + names + "\n\nci.yml: " + page + "700"},
		{"a required job whose matrix was skipped", args{"workflows": []string{"skips.yml"}, "required_jobs": []string{"test (1)"}}, "error at required_jobs[0]" + summary + "no job matches the required pattern test (1): skips.yml / test (${{ matrix.n }}) was skipped.\n\nskips.yml: " + page + "719"},
		{"a run that is under way", args{"workflows": []string{"nightly.yml"}, "event": "schedule"}, "error at must_succeed" + summary + "nightly.yml / fuzz is not completed (in_progress).\n\nTo wait until the runs are completed, set wait_for_completion.\n\nnightly.yml: " + page + "702"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, world)
			tc.a["must_succeed"] = true
			_, got := configured(t, server).read(gateType, gateArgs(tc.a))
			if len(got) != 1 || steps(got[0]) != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
	t.Run("what succeeded passes", func(t *testing.T) {
		t.Parallel()
		got, diags := configured(t, githubtest.New(t, world)).read(gateType, gateArgs(args{"must_succeed": true}))
		if len(diags) > 0 || got["succeeded"] != true {
			t.Errorf("got %v, %s", got, diags)
		}
	})
	t.Run("a failed job that may fail passes", func(t *testing.T) {
		t.Parallel()
		a := args{"workflows": []string{"fails.yml"}, "may_fail_jobs": []string{"e2e"}, "must_succeed": true}
		got, diags := configured(t, githubtest.New(t, world)).read(gateType, gateArgs(a))
		if len(diags) > 0 || got["succeeded"] != true || got["reason"] != "all succeeded: fails.yml; failed, but may fail: fails.yml / e2e" {
			t.Errorf("got %v, %s", got, diags)
		}
	})
}

// TestAGateOnAServerThatIgnoresHeadSHA selects the runs itself.
func TestAGateOnAServerThatIgnoresHeadSHA(t *testing.T) {
	t.Parallel()
	world := githubtest.Demo()
	world.Repository("acme/app").Run(730, 1, githubtest.Object{"head_sha": strings.Repeat("a", 40), "conclusion": "failure", "created_at": "2026-06-01T00:00:00Z"})
	server, api := githubtest.New(t, world), githubtest.NewInMemory(t, world)
	server.Handle("/repos/acme/app/actions/workflows/ci.yml/runs", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		query.Del("head_sha")
		r.URL.RawQuery = query.Encode()
		api.ServeHTTP(w, r)
	}))
	got, diags := configured(t, server).read(gateType, gateArgs(args{"must_succeed": true}))
	if ids, _ := got["run_ids"].(map[string]any); len(diags) > 0 || got["succeeded"] != true || fmt.Sprint(ids["ci.yml"]) != "700" {
		t.Errorf("got %v, %s", got, diags)
	}
}

// TestAGateOnTooManyRuns says how to get all of them listed.
func TestAGateOnTooManyRuns(t *testing.T) {
	t.Parallel()
	for kind, want := range map[gate.FaultKind]string{
		gate.FaultTooMany:  "Set branch.",
		gate.FaultUnlisted: "Delete old runs of the workflow, so that the server can list all of them.",
	} {
		if got := gateRemedy(actions.CommitQuery{}, gate.Verdict{Fault: gate.Fault{Kind: kind}}); got != want {
			t.Errorf("%s: got %q, want %q", kind, got, want)
		}
	}
}

// TestAGateThatMissesARun names the run that it has seen and that does not count.
func TestAGateThatMissesARun(t *testing.T) {
	t.Parallel()
	const wait = "To wait for a run that has not started yet, set wait_for_run. Check event and branch too."
	fields := func(more githubtest.Object) githubtest.Object {
		run := githubtest.Object{"workflow_id": int64(20), "path": ".github/workflows/pr.yml"}
		maps.Copy(run, more)
		return run
	}
	for _, tc := range []struct {
		name string
		run  githubtest.Object
		a    args
		want string
	}{
		{"another event", githubtest.Object{"event": "pull_request"}, nil, "pr.yml has a run of this commit that does not count: run 720 has the event pull_request. " + wait},
		{"another branch", githubtest.Object{"head_branch": "release/1"}, args{"branch": "main"}, "pr.yml has a run of this commit that does not count: run 720 is on the branch release/1. " + wait},
		{"a merge queue", githubtest.Object{"event": "merge_group", "head_branch": "gh-readonly-queue/main/pr-7-0"}, args{"event": "merge_group", "branch": "main"}, "pr.yml has a run of this commit that does not count: run 720 is on the branch gh-readonly-queue/main/pr-7-0. " + wait},
		{"a fork", githubtest.Object{"event": "pull_request", "head_repository": githubtest.Fork("eve/app")}, args{"event": "pull_request"}, "pr.yml has a run of this commit that does not count: run 720 comes from eve/app. " + wait},
		{"the merge commit of a pull request", githubtest.Object{"event": "pull_request"}, args{"event": "pull_request", "head_sha": strings.Repeat("0", 40)}, "For pull_request, head_sha must be the head commit of the pull request (github.event.pull_request.head.sha), not its merge commit (github.sha). " + wait},
		{"another commit", nil, args{"head_sha": strings.Repeat("0", 40)}, wait},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			world := githubtest.NewWorld()
			world.Repository("acme/app").Workflow(20, "PR", ".github/workflows/pr.yml").Run(720, 1, fields(tc.run))
			a := args{"workflows": []string{"pr.yml"}, "must_succeed": true}
			maps.Copy(a, tc.a)
			_, got := configured(t, githubtest.New(t, world)).read(gateType, gateArgs(a))
			if len(got) != 1 || !strings.HasPrefix(steps(got[0]), "error at workflows[0]: ") || !strings.HasSuffix(got[0], " from the repository itself.\n\n"+tc.want) {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// TestAGatePatternThatIsProbablyWrong is a warning.
func TestAGatePatternThatIsProbablyWrong(t *testing.T) {
	t.Parallel()
	p := configured(t, githubtest.New(t, githubtest.Demo()))
	for _, tc := range []struct {
		a    args
		want string
	}{
		{args{"may_fail_jobs": []string{"x", "CI.yml / e2e"}}, `warning at may_fail_jobs[1]: Unusual job pattern: may_fail_jobs[1] is "CI.yml / e2e". It begins with one of workflows, but the name of a job does not contain its workflow. Write e2e.`},
		{args{"required_jobs": []string{"package", "ci.yml / package"}}, `warning at required_jobs[1]: Unusual job pattern: required_jobs[1] is "ci.yml / package". It begins with one of workflows, but the name of a job does not contain its workflow. Write package.`},
		{args{"may_fail_jobs": []string{"test (${{ matrix.os }})"}}, "warning at may_fail_jobs[0]: Unusual job pattern: may_fail_jobs[0] is \"test (${{ matrix.os }})\". `${{` matches itself. Names have values in place of expressions: write `*` for them."},
	} {
		if _, got := p.read(gateType, gateArgs(tc.a)); len(got) != 1 || steps(got[0]) != tc.want {
			t.Errorf("got  %s\nwant %s", got, tc.want)
		}
	}
	kind := p.schema.DataSourceSchemas[gateType].ValueType()
	half := args{"workflows": []any{unknown, "ci.yml"}, "required_jobs": []any{unknown, "x / y"}, "may_fail_jobs": unknown}
	if got := p.validate(gateType, p.value(kind, gateArgs(half))); len(got) > 0 {
		t.Errorf("values that are not known yet: %s", got)
	}
	for _, usual := range []string{"package", "call / build", "security.yml / x", "ci.yml /"} {
		if _, got := p.read(gateType, gateArgs(args{"may_fail_jobs": []string{usual}})); len(got) > 0 {
			t.Errorf("%q: %s", usual, got)
		}
	}
}

// TestAGateThatSomebodyMustOpen: the remedy depends on the status or conclusion at fault.
func TestAGateThatSomebodyMustOpen(t *testing.T) {
	t.Parallel()
	const wait = "To wait until the runs are completed, set wait_for_completion."
	for _, tc := range []struct {
		name     string
		run, job githubtest.Object
		want     string // the reason and the remedy
	}{
		{"waiting", githubtest.Object{"status": "waiting", "conclusion": nil}, githubtest.Object{"name": "build", "status": "waiting", "conclusion": nil},
			"ci.yml / build is not completed (waiting).\n\nIt needs an approval, or another protection rule of its environment must pass. " + wait},
		{"pending", githubtest.Object{"status": "pending", "conclusion": nil}, nil,
			"ci.yml run 710 is not completed (pending).\n\nIts concurrency group lets it start when another run or job is completed. " + wait},
		{"action_required", githubtest.Object{"conclusion": "action_required"}, nil,
			"ci.yml run 710 ended with action_required.\n\nIt needs an approval before it starts. Approve it on the page of the run."},
		{"startup_failure", githubtest.Object{"conclusion": "startup_failure"}, nil,
			"ci.yml run 710 ended with startup_failure.\n\nThe workflow file may be invalid. The page of the run shows the cause."},
		{"an invalid workflow file", githubtest.Object{"conclusion": "failure"}, nil,
			"ci.yml run 710 ended with failure and has no jobs: its workflow file may be invalid."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			world := githubtest.NewWorld()
			repo := world.Repository("acme/app").Workflow(11, "CI", ".github/workflows/ci.yml").Run(710, 1, tc.run)
			if tc.job != nil {
				repo.Job(71001, 710, tc.job)
			}
			_, got := configured(t, githubtest.New(t, world)).read(gateType, gateArgs(args{"must_succeed": true}))
			want := "error at must_succeed: CI has not succeeded for acme/app commit f83a356604ae: The gate is shut: " + tc.want + "\n\nci.yml: https://github.com/acme/app/actions/runs/710"
			if len(got) != 1 || got[0] != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestAGateWithARunWithoutJobs: waiting does not help if the jobs of a completed run cannot be read.
func TestAGateWithARunWithoutJobs(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	server.FailAlways("jobs", githubtest.Path("/repos/acme/app/actions/runs/700/jobs"), githubtest.Status(404, "Not Found"))
	_, got := configured(t, server).read(gateType, gateArgs(args{"must_succeed": true}))
	const want = "error at must_succeed: CI has not succeeded for acme/app commit f83a356604ae: The gate is shut: ci.yml run 700 is listed, but it cannot be read.\n\n" +
		"GitHub's answers contradict each other, usually only for a short time. Plan again later.\n\nci.yml: https://github.com/acme/app/actions/runs/700"
	if len(got) != 1 || got[0] != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// steps writes an index in a list as users do.
func steps(message string) string {
	return regexp.MustCompile(`\.?ElementKeyInt\((\d+)\)`).ReplaceAllString(message, "[$1]")
}

// TestAMissingWorkflowOfAGate is an error on its element of workflows.
func TestAMissingWorkflowOfAGate(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	server.ExpectMissing("/repos/acme/app/actions/workflows/no.yml/runs")
	_, got := configured(t, server).read(gateType, gateArgs(args{"workflows": []string{"ci.yml", "no.yml"}}))
	const want = "error at workflows[1]: Cannot read acme/app runs of workflow no.yml: GitHub answered 404: Not Found.\n\n" +
		"The repository exists, but the workflow does not. Write the name of its file in .github/workflows, such as ci.yml, or its ID, not its display name."
	if len(got) != 1 || !strings.HasPrefix(steps(got[0]), want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestBadGates are refused before any request.
func TestBadGates(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		a    args
		want string
	}{
		{"a short commit", args{"head_sha": "f83a356"}, `error at head_sha: Invalid commit ID: head_sha must be a full commit ID of 40 hexadecimal digits (64 in a SHA-256 repository), not "f83a356": GitHub finds no run for a short one.`},
		{"a commit with a line break", args{"head_sha": demoCommit + "\n"}, `error at head_sha: Invalid commit ID: head_sha contains white space: there is a blank or a line break before or after the commit ID. Remove it, for example with trimspace().`},
		{"a branch for a commit", args{"head_sha": "main"}, `error at head_sha: Invalid commit ID: head_sha must be a full commit ID of 40 hexadecimal digits (64 in a SHA-256 repository), not "main". "git rev-parse NAME" shows the commit ID of a branch or tag.`},
		{"an empty commit", args{"head_sha": ""}, "error at head_sha: Empty head_sha: head_sha must not be empty. Set it to the full ID of the commit, as `git rev-parse HEAD` shows it."},
		{"no workflow", args{"workflows": []string{}}, `error at workflows: Empty workflows: workflows must not be empty. Name at least one.`},
		{"an empty workflow", args{"workflows": []string{"ci.yml", ""}}, `error at workflows[1]: Invalid workflow: workflows[1] must not be empty. Write the name of its file, such as ci.yml, or its ID.`},
		{"a null workflow beside patterns", args{"workflows": []any{"ci.yml", nil}, "required_jobs": []string{"build"}}, `error at workflows[1]: Invalid workflow: workflows[1] must not be null.`},
		{"a null pattern", args{"may_fail_jobs": []any{"build", nil}}, `error at may_fail_jobs[1]: Invalid job pattern: may_fail_jobs[1] must not be null. A pattern matches the whole name of a job; * matches any characters and ? one character.`},
		{"a workflow twice", args{"workflows": []string{"ci.yml", "ci.yml"}}, `error at workflows[1]: Invalid workflow: workflows[1] cannot be "ci.yml": it is in the list already. Remove it.`},
		{"a workflow with a blank before it", args{"workflows": []string{"ci.yml", " sec.yml"}}, `error at workflows[1]: Invalid workflow: workflows[1] cannot be " sec.yml": the name begins or ends with white space. Write sec.yml.`},
		{"a pattern for a workflow", args{"workflows": []string{"*.yml"}}, `error at workflows[0]: Invalid workflow: workflows[0] cannot be "*.yml": it is a pattern. Write the name of one file, such as ci.yml, or its ID.`},
		{"a path for a workflow", args{"workflows": []string{".github/workflows/ci.yml"}}, `error at workflows[0]: Invalid workflow: workflows[0] cannot be ".github/workflows/ci.yml": the name contains a slash, a backslash or a control character. Write only the name of the file: ci.yml.`},
		{"an empty branch", args{"branch": ""}, `error at branch: Empty branch: branch must not be empty. Remove it to count the runs of any branch.`},
		{"a ref", args{"branch": "refs/heads/main"}, `error at branch: Invalid branch: branch cannot be "refs/heads/main": it is a ref. Write only the name: main.`},
		{"a branch with its owner", args{"branch": "octo:main"}, `error at branch: Invalid branch: branch cannot be "octo:main": it contains ":", which git does not allow. Write only the name: main.`},
		{"an empty pattern", args{"required_jobs": []string{"build", " "}}, `error at required_jobs[1]: Invalid job pattern: required_jobs[1] must not be empty. A pattern matches the whole name of a job; * matches any characters and ? one character.`},
		{"an empty excuse", args{"may_fail_jobs": []string{""}}, `error at may_fail_jobs[0]: Invalid job pattern: may_fail_jobs[0] must not be empty. A pattern matches the whole name of a job; * matches any characters and ? one character.`},
		{"no duration", args{"wait_for_run": "5 minutes"}, `error at wait_for_run: Invalid duration: wait_for_run must be a duration greater than zero, such as 30s or 5m, not "5 minutes". Remove it if you do not want to wait for a missing run.`},
		{"no time", args{"wait_for_run": "0s"}, `error at wait_for_run: Invalid duration: wait_for_run must be a duration greater than zero, such as 30s or 5m, not "0s". Remove it if you do not want to wait for a missing run.`},
		{"a wait as long as the timeout", args{"wait_for_run": "30m", "timeouts": args{"read": "30m"}}, `error at wait_for_run: wait_for_run is too long: wait_for_run is 30m0s, and the timeout of the read is 30m0s. Set wait_for_run to less, or raise read in the timeouts block.`},
		{"a wait as long as the default", args{"wait_for_run": "2h"}, `error at wait_for_run: wait_for_run is too long: wait_for_run is 2h0m0s, and the timeout of the read is 1h0m0s. Set wait_for_run to less, or raise read in the timeouts block.`},
		{"two owners", args{"repository": "acme/app", "owner": "eve"}, `error at owner: Two owners: owner is "eve", but repository is "acme/app". Remove owner, or correct repository.`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.NewWorld())
			_, got := configured(t, server).read(gateType, gateArgs(tc.a))
			if len(got) != 1 || steps(got[0]) != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			if requests := server.Requests(); len(requests) > 0 {
				t.Errorf("requests for bad input: %v", requests)
			}
		})
	}
}

// TestAnUnknownEventOfAGate is a warning: GitHub can add events.
func TestAnUnknownEventOfAGate(t *testing.T) {
	t.Parallel()
	got, diags := configured(t, githubtest.New(t, githubtest.Demo())).read(gateType, gateArgs(args{"event": "Push"}))
	if len(diags) != 1 || !strings.HasPrefix(diags[0], `warning at event: Unknown event: "Push" is not an event that GitHub documents. If it does not exist, no run counts and the gate stays shut.`) || got["succeeded"] != false {
		t.Errorf("got %v, %s", got["reason"], diags)
	}
}

// TestAGateWaitsForRunAndCompletion: the run appears after some time, and completes later. Requests
// have the commit in lower case.
func TestAGateWaitsForRunAndCompletion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		world := githubtest.NewWorld()
		world.Repository("acme/app").Workflow(11, "CI", ".github/workflows/ci.yml")
		server := githubtest.NewInMemory(t, world)
		p := newProtocolOn(t, machineOn(server))
		if diags := p.configure(args{"base_url": server.BaseURL(), "owner": "acme"}); len(diags) > 0 {
			t.Fatal(diags)
		}
		later := func(after time.Duration, fields githubtest.Object) {
			time.AfterFunc(after, func() {
				server.Update(func(w *githubtest.World) {
					w.Repository("acme/app").Run(700, 1, fields).Job(70001, 700, githubtest.Object{"name": "build"})
				})
			})
		}
		later(time.Minute, githubtest.Object{"status": "in_progress", "conclusion": nil})
		later(10*time.Minute, nil)
		began := time.Now()
		got, diags := p.read(gateType, gateArgs(args{"head_sha": strings.ToUpper(demoCommit), "wait_for_run": "5m", "wait_for_completion": true, "must_succeed": true}))
		if took := time.Since(began); len(diags) > 0 || got["succeeded"] != true || took < 10*time.Minute || took > 11*time.Minute {
			t.Errorf("after %s: %v, %s", took, got["reason"], diags)
		}
		for _, request := range server.Requests() {
			if sha := request.Query.Get("head_sha"); sha != "" && sha != demoCommit {
				t.Errorf("head_sha %s", sha)
			}
		}
	})
}

// TestAGateWithoutARun: after the wait, the gate is shut, or the read fails with must_succeed.
func TestAGateWithoutARun(t *testing.T) {
	t.Parallel()
	for _, must := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			world := githubtest.NewWorld()
			world.Repository("acme/app").Workflow(11, "CI", ".github/workflows/ci.yml")
			server := githubtest.NewInMemory(t, world)
			p := newProtocolOn(t, machineOn(server))
			if diags := p.configure(args{"base_url": server.BaseURL(), "owner": "acme"}); len(diags) > 0 {
				t.Fatal(diags)
			}
			began := time.Now()
			got, diags := p.read(gateType, gateArgs(args{"wait_for_run": "90s", "must_succeed": must}))
			if took := time.Since(began); took != 90*time.Second {
				t.Errorf("after %s", took)
			}
			const want = "The read waited 1m30s for a run, as wait_for_run says. Check that the commit is pushed, and check event and branch."
			switch ids, _ := got["run_ids"].(map[string]any); {
			case must && (len(diags) != 1 || !strings.HasPrefix(steps(diags[0]), "error at workflows[0]: ") || !strings.Contains(diags[0], want)):
				t.Errorf("got %s, want %s", diags, want)
			case !must && (len(diags) > 0 || got["succeeded"] != false || got["completed"] != false || len(ids) > 0):
				t.Errorf("got %v, %s", got, diags)
			}
		})
	}
}

// TestAGateThatTimesOut names what it waited for.
func TestAGateThatTimesOut(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	synctest.Test(t, func(t *testing.T) {
		p := newProtocolOn(t, machineOn(server))
		if diags := p.configure(args{"base_url": server.BaseURL(), "owner": "acme"}); len(diags) > 0 {
			t.Fatal(diags)
		}
		_, got := p.read(gateType, gateArgs(args{"workflows": []string{"nightly.yml"}, "event": "schedule", "wait_for_completion": true, "timeouts": args{"read": "2m"}}))
		const want = "error: acme/app commit f83a356604ae is not completed: The read's timeout of 2m0s passed. Unfinished jobs: nightly.yml / fuzz (in_progress), nightly.yml / benchmark (queued)."
		if len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// TestAccCommitGateIsShut checks the error for a gate that must open but is shut.
func TestAccCommitGateIsShut(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	var waited atomic.Int64
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"github-actions": func() (tfprotov6.ProviderServer, error) {
				return inBubble{providerserver.NewProtocol6(newProvider("test", machineOn(server)))(), t, &waited}, nil
			},
		},
		Steps: []resource.TestStep{{
			PlanOnly: true,
			Config: providerBlock(server) + `
				data "github_actions_commit_gate" "ci" {
				  repository          = "app"
				  head_sha            = "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0"
				  workflows           = ["ci.yml"]
				  required_jobs       = ["lint"]
				  wait_for_run        = "1m"
				  wait_for_completion = true
				  must_succeed        = true
				}`,
			ExpectError: asShown("The gate is shut: no job matches the required pattern lint."),
		}},
	})
	if waited.Load() != 0 {
		t.Errorf("it waited %s", time.Duration(waited.Load()))
	}
}

// TestAGateAsksTwice counts all requests for an open gate with one workflow.
func TestAGateAsksTwice(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	if _, diags := configured(t, server).read(gateType, gateArgs(nil)); len(diags) > 0 {
		t.Fatal(diags)
	}
	fresh := slices.DeleteFunc(server.Requests(), func(r githubtest.Request) bool { return r.Status == 304 })
	if all := server.Requests(); len(all) != 7 || len(fresh) != 4 {
		t.Errorf("%d requests, %d of them with a new answer: %v", len(all), len(fresh), all)
	}
}
