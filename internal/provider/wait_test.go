package provider

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// inBubble is a provider that runs each read in its own synctest bubble, so that Terraform, which
// cannot be in a bubble, does not wait in real time.
type inBubble struct {
	tfprotov6.ProviderServer
	t      *testing.T
	waited *atomic.Int64 // what the reads waited in all
}

func (b inBubble) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (resp *tfprotov6.ReadDataSourceResponse, err error) {
	synctest.Test(b.t, func(*testing.T) {
		began := time.Now()
		// A bubble cannot wait for a context from outside.
		resp, err = b.ProviderServer.ReadDataSource(context.WithoutCancel(ctx), req)
		b.waited.Add(int64(time.Since(began)))
	})
	return resp, err
}

// machineOn is machineWith, reading server without a connection.
func machineOn(server *githubtest.Server) machine {
	m := machineWith(nil)
	m.base = server.RoundTripper()
	return m
}

// finishes makes run 702 of the demo in progress for the given number of requests, and then
// completed.
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

// TestAccGate is an apply that waits for a run. The run is completed after two polls, and the
// postcondition passes.
func TestAccGate(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	finishes(server, 2)
	var waited atomic.Int64
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"github-actions": func() (tfprotov6.ProviderServer, error) {
				return inBubble{newServer(newProvider("test", machineOn(server))), t, &waited}, nil
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
	if waited.Load() != int64(12500*time.Millisecond) {
		t.Errorf("it waited %s in all, want 5s and 7.5s", time.Duration(waited.Load()))
	}
}

// TestAGateThatNeverOpens ends at its timeout with the names of the unfinished jobs.
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
			synctest.Test(t, func(t *testing.T) {
				p := newProtocolOn(t, machineOn(server))
				if diags := p.configure(args{"base_url": server.BaseURL(), "owner": "acme"}); len(diags) > 0 {
					t.Fatal(diags)
				}
				tc.a["repository"], tc.a["wait_for_completion"], tc.a["timeouts"] = "app", true, args{"read": "2s"}
				_, got := p.read(tc.typeName, tc.a)
				if len(got) != 1 || !regexp.MustCompile(tc.want).MatchString(got[0]) {
					t.Errorf("got  %s\nwant %s", got, tc.want)
				}
			})
		})
	}
}

// TestAWaitTellsTheLog: the log shows each poll, to explain a long plan.
func TestAWaitTellsTheLog(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	finishes(server, 1)
	synctest.Test(t, func(t *testing.T) {
		p := newProtocolOn(t, machineOn(server))
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
	})
}

// TestWithoutWaitingTheAnswerIsNow: by default, a read does not wait and sends each request once.
func TestWithoutWaitingTheAnswerIsNow(t *testing.T) {
	t.Parallel()
	for _, wait := range []any{nil, false} {
		server := githubtest.New(t, githubtest.Demo())
		synctest.Test(t, func(t *testing.T) {
			p := newProtocolOn(t, machineOn(server))
			if diags := p.configure(args{"base_url": server.BaseURL(), "owner": "acme"}); len(diags) > 0 {
				t.Fatal(diags)
			}
			began := time.Now()
			got, diags := p.read("github_actions_run_jobs", args{"repository": "app", "run_id": 702, "wait_for_completion": wait})
			if len(diags) > 0 || got["completed"] != false || got["succeeded"] != false || time.Since(began) != 0 {
				t.Errorf("completed %v, succeeded %v after %s, %s", got["completed"], got["succeeded"], time.Since(began), diags)
			}
		})
		if requests := server.Requests(); len(requests) != 2 {
			t.Errorf("requests %v, want the run and its jobs", requests)
		}
	}
}
