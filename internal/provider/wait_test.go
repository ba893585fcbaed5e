package provider

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// impatient is a clock whose waits are over at once, unless the context is.
type impatient struct{ waits *atomic.Int64 }

func (impatient) Now() time.Time { return time.Now() }

func (c impatient) Sleep(ctx context.Context, d time.Duration) error {
	c.waits.Add(int64(d))
	return ctx.Err()
}

// stuck is a clock whose waits end with the context alone.
type stuck struct{}

func (stuck) Now() time.Time { return time.Now() }

func (stuck) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	<-ctx.Done()
	return ctx.Err()
}

// machineWithClock is machineWith with another clock.
func machineWithClock(clock transport.Clock) machine {
	m := machineWith(nil)
	m.clock = clock
	return m
}

// finishes makes run 702 of the demo say that it is under way so many times, and then that it is over.
func finishes(server *githubtest.Server, polls int64) {
	var asked atomic.Int64
	server.Handle("/repos/acme/app/actions/runs/702", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) <= polls {
			githubtest.SendJSON(w, r, githubtest.Object{"id": 702, "status": "in_progress"})
			return
		}
		githubtest.SendJSON(w, r, githubtest.Object{"id": 702, "status": "completed", "conclusion": "success"})
	}))
}

// TestAccGate is an apply that waits for a run which is over after two polls, and passes its
// postcondition.
func TestAccGate(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	finishes(server, 2)
	var waits atomic.Int64
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"github-actions": func() (tfprotov6.ProviderServer, error) {
				return providerserver.NewProtocol6(newProvider("test", machineWithClock(impatient{&waits})))(), nil
			},
		},
		Steps: []resource.TestStep{{
			PlanOnly: true,
			Config: providerBlock(server) + `
				data "github_actions_run_jobs" "ci" {
				  repository          = "app"
				  run_id              = 702
				  wait_for_completion = true
				  lifecycle {
				    postcondition {
				      condition     = self.completed && self.succeeded
				      error_message = "CI has not succeeded."
				    }
				  }
				}`,
		}},
	})
	if waits.Load() != int64(12500*time.Millisecond) {
		t.Errorf("it waited %s in all, want 5s and 7.5s", time.Duration(waits.Load()))
	}
}

// TestAGateThatNeverOpens ends at its time-out with the names of what was still running.
func TestAGateThatNeverOpens(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		typeName string
		a        args
		want     string
	}{
		{"github_actions_run_jobs", args{"run_id": 702}, `^error: acme/app run 702 is not completed: The read's timeout of 2s passed\. Unfinished jobs: fuzz \(in_progress\), benchmark \(queued\)\.`},
		{"github_actions_job", args{"job_id": 70202}, `^error: acme/app job 70202 is not completed: The read's timeout of 2s passed\. Unfinished jobs: benchmark \(queued\)\.`},
	} {
		t.Run(tc.typeName, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.Demo())
			p := newProtocolOn(t, machineWithClock(stuck{}))
			if diags := p.configure(args{"base_url": server.BaseURL(), "owner": "acme"}); len(diags) > 0 {
				t.Fatal(diags)
			}
			tc.a["repository"], tc.a["wait_for_completion"], tc.a["timeouts"] = "app", true, args{"read": "2s"}
			_, got := p.read(tc.typeName, tc.a)
			if len(got) != 1 || !regexp.MustCompile(tc.want).MatchString(got[0]) {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// TestAWaitTellsTheLog: a plan that takes an hour should say why.
func TestAWaitTellsTheLog(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	finishes(server, 1)
	var waits atomic.Int64
	p := newProtocolOn(t, machineWithClock(impatient{&waits}))
	if diags := p.configure(args{"base_url": server.BaseURL(), "owner": "acme"}); len(diags) > 0 {
		t.Fatal(diags)
	}
	var log bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &log)
	_, diags := p.readContext(ctx, "github_actions_run_jobs", args{"repository": "app", "run_id": 702, "wait_for_completion": true})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	for _, want := range []string{`"@level":"info"`, `"@message":"Waiting for completion"`, `"object":"acme/app run 702"`, `"status":"in_progress"`, `"unfinished_jobs":["fuzz (in_progress)","benchmark (queued)"]`, `"next_poll_seconds":5`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s is not in the log\n%s", want, log.String())
		}
	}
}

// TestWithoutWaitingTheAnswerIsNow: the default neither waits nor asks twice.
func TestWithoutWaitingTheAnswerIsNow(t *testing.T) {
	t.Parallel()
	for _, wait := range []any{nil, false} {
		server := githubtest.New(t, githubtest.Demo())
		p := newProtocolOn(t, machineWithClock(stuck{}))
		if diags := p.configure(args{"base_url": server.BaseURL(), "owner": "acme"}); len(diags) > 0 {
			t.Fatal(diags)
		}
		got, diags := p.read("github_actions_run_jobs", args{"repository": "app", "run_id": 702, "wait_for_completion": wait})
		if len(diags) > 0 || got["completed"] != false || got["succeeded"] != false {
			t.Errorf("completed %v, succeeded %v, %s", got["completed"], got["succeeded"], diags)
		}
		if requests := server.Requests(); len(requests) != 2 {
			t.Errorf("requests %v, want the run and its jobs", requests)
		}
	}
}
