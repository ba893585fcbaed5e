//go:build s3

package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/s3test"
)

// These tests need a real S3 server: make test-s3.

// auditFleet audits the runs of fleet with a provider of its own, as another process does.
func auditFleet(tb testing.TB, server *githubtest.Server, runs int, block args) (state map[string]any, diags messages) {
	tb.Helper()
	p := newProtocol(tb, nil)
	block["base_url"], block["owner"], block["requests_per_minute"], block["retry_delay_ms"] = server.BaseURL(), "acme", 0, 1
	if diags := p.configure(block); len(diags) > 0 {
		tb.Fatal(diags)
	}
	return p.read(auditType, args{"repositories": []string{"acme/*"}, "max_runs": runs, "denied_labels": []string{"ubuntu-20.?4"}})
}

// TestS3RunsAreReadOnce: two processes with nothing in common but the bucket, and different tokens, read
// an organisation's finished runs from GitHub once.
func TestS3RunsAreReadOnce(t *testing.T) {
	t.Parallel()
	server, s3 := githubtest.New(t, runsOfTen(200)), s3test.Start(t)
	var states []string
	for _, token := range []string{"one", "two"} {
		got, diags := auditFleet(t, server, 200, args{"cache_url": s3.CacheURL("audit"), "token": token})
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		if runs, jobs := fmt.Sprint(got["run_count"]), fmt.Sprint(got["job_count"]); runs != "200" || jobs != "2000" {
			t.Errorf("%s runs, %s jobs", runs, jobs)
		}
		states = append(states, asJSON(t, got))
	}
	jobs, others := 0, 0
	for _, r := range server.Requests() {
		if strings.HasSuffix(r.Path, "/jobs") {
			jobs++
		} else {
			others++
		}
	}
	if jobs != 200 || states[0] != states[1] {
		t.Errorf("%d requests for jobs; the same state: %v", jobs, states[0] == states[1])
	}
	// The objects are there when the read is over: Terraform ends the process then. The lists are there for
	// each token.
	if n := len(s3.Objects(t, "audit")); n != 200+others {
		t.Errorf("%d objects for %d requests", n, jobs+others)
	}
}

// TestS3FailureIsOneWarning: a store that fails is one warning, and the answer is the same.
func TestS3FailureIsOneWarning(t *testing.T) {
	t.Parallel()
	server, s3 := githubtest.New(t, runsOfTen(50)), s3test.Start(t)
	want, diags := auditFleet(t, server, 50, args{})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	s3.SetFault(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	got, diags := auditFleet(t, server, 50, args{"cache_url": s3.CacheURL("audit")})
	const warning = "warning: The bucket in cache_url is not used: The bucket s3://answers/audit is not used: the store answers 503 Service Unavailable. The provider reads from GitHub what no cache has, which takes longer and uses more of the rate limit."
	if diags.String() != warning || asJSON(t, got) != asJSON(t, want) {
		t.Errorf("got  %s\nwant %s", diags, warning)
	}
}

// BenchmarkS3ThousandRuns reads 1,000 finished runs from GitHub, 80 ms away, and from a bucket, 20 ms
// away.
func BenchmarkS3ThousandRuns(b *testing.B) {
	server, s3 := githubtest.New(b, runsOfTen(1000)), s3test.Start(b)
	server.SetLatency(80 * time.Millisecond)
	s3.SetLatency(20 * time.Millisecond)
	fill := 0
	for _, c := range []struct {
		name  string
		block func() args
	}{
		{"GitHub", func() args { return args{} }},
		{"GitHub, which fills the bucket", func() args { fill++; return args{"cache_url": s3.CacheURL(fmt.Sprint(fill))} }},
		{"bucket", func() args { return args{"cache_url": s3.CacheURL("1")} }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for range b.N {
				if _, diags := auditFleet(b, server, 1000, c.block()); len(diags) > 0 {
					b.Fatal(diags)
				}
			}
		})
	}
}
