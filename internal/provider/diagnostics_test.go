package provider

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// TestEveryErrorIsWorded pins the whole text of the diagnostic for each kind of error: the object, the
// cause, the remedy, GitHub's request id, and the attribute at fault.
func TestEveryErrorIsWorded(t *testing.T) {
	t.Parallel()
	reset := time.Date(2026, 5, 4, 11, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name    string
		err     error
		at      string // the attribute; "": none
		summary string
		detail  string
	}{
		{
			name: "no such repository", at: "repository",
			err:     &actions.Error{Kind: actions.NotFound, Missing: actions.PartRepository, Object: "acme/app run 700", Status: 404, Message: "Not Found", RequestID: "C0DE:1"},
			summary: "Cannot read acme/app run 700",
			detail: "GitHub answered 404: Not Found.\n\n" +
				"There is no such repository, or the token cannot see it. Check owner and name. GitHub gives the same answer for what a token may not see: a private repository needs a token with Actions: read (classic: repo).\n\n" +
				"GitHub's request id: C0DE:1",
		},
		{
			name: "no such run", at: "run_id",
			err:     &actions.Error{Kind: actions.NotFound, Missing: actions.PartRun, Object: "acme/app run 700", Status: 404, Message: "Not Found", RequestID: "C0DE:1"},
			summary: "Cannot read acme/app run 700",
			detail: "GitHub answered 404: Not Found.\n\n" +
				"The repository is there, but it has no such run: it was deleted, or the id belongs to another repository. The id is the number after /actions/runs/ in the run's web address.\n\n" +
				"GitHub's request id: C0DE:1",
		},
		{
			name: "no such attempt", at: "attempt_number",
			err:     &actions.Error{Kind: actions.NotFound, Missing: actions.PartAttempt, Object: "acme/app run 700 attempt 9", Status: 404, Message: "Not Found", Reason: "the latest attempt of this run is 3"},
			summary: "Cannot read acme/app run 700 attempt 9",
			detail:  "GitHub answered 404: Not Found: the latest attempt of this run is 3.\n\nThe run is there, but it has no such attempt.",
		},
		{
			name: "no such job", at: "job_id",
			err:     &actions.Error{Kind: actions.NotFound, Missing: actions.PartJob, Object: "acme/app job 1", Status: 404, Message: "Not Found"},
			summary: "Cannot read acme/app job 1",
			detail: "GitHub answered 404: Not Found.\n\n" +
				"The repository is there, but it has no such job: its run was deleted, or the id belongs to another repository or is a run's. The id is the number after /job/ in the job's web address.",
		},
		{
			name:    "nobody knows what is missing",
			err:     &actions.Error{Kind: actions.NotFound, Object: "acme/app job 1", Status: 404, Message: "Not Found"},
			summary: "Cannot read acme/app job 1",
			detail: "GitHub answered 404: Not Found.\n\n" +
				"Check owner, repository and id. GitHub gives the same answer for what a token may not see: a private repository needs a token with Actions: read (classic: repo).",
		},
		{
			name:    "malformed",
			err:     &actions.Error{Kind: actions.Malformed, Object: "acme/app job 1", Status: 200, Reason: "the answer is a web page, not JSON", RequestID: "C0DE:1"},
			summary: "Cannot read acme/app job 1",
			detail: "GitHub's answer cannot be used: the answer is a web page, not JSON.\n\n" +
				"Check base_url: on GitHub Enterprise Server it ends in /api/v3/. A proxy or a login page in between can answer in GitHub's place too.\n\n" +
				"GitHub's request id: C0DE:1",
		},
		{
			name:    "incomplete",
			err:     &actions.Error{Kind: actions.Incomplete, Object: "acme/app run 700", Status: 200, Reason: "the list says it has 200 entries, but only 150 came in 3 readings"},
			summary: "Cannot read acme/app run 700",
			detail: "The list did not arrive whole: the list says it has 200 entries, but only 150 came in 3 readings.\n\n" +
				"The run may have changed while it was read: plan again. If it stays so, the server's total_count is wrong.",
		},
		{
			name:    "gone",
			err:     &actions.Error{Kind: actions.Gone, Object: "acme/app job 1", Status: 410, Message: "Gone"},
			summary: "Cannot read acme/app job 1",
			detail:  "GitHub answered 410: Gone.\n\nGitHub has deleted it; its retention time is set in the repository's Actions settings.",
		},
		{
			name:    "redirected",
			err:     &actions.Error{Kind: actions.Redirected, Object: "acme/app job 1", Status: 301, Location: "https://elsewhere.test"},
			summary: "Cannot read acme/app job 1",
			detail: "The API redirects to another host, https://elsewhere.test, which this provider does not follow: the token would not be safe there.\n\n" +
				"Set base_url to the address that the API is really served at.",
		},
		{
			name:    "server fault",
			err:     &actions.Error{Kind: actions.ServerFault, Object: "acme/app job 1", Status: 502, Message: "Server Error", RequestID: "C0DE:1"},
			summary: "Cannot read acme/app job 1",
			detail: "GitHub answered 502: Server Error.\n\n" +
				"This is a fault on GitHub's side: try again later, and look at the host's status page.\n\nGitHub's request id: C0DE:1",
		},
		{
			name:    "unexpected",
			err:     &actions.Error{Kind: actions.Unexpected, Object: "acme/app job 1", Status: 418, Message: "I'm a teapot"},
			summary: "Cannot read acme/app job 1",
			detail:  "GitHub answered 418: I'm a teapot.",
		},
		{
			name:    "unreachable",
			err:     &actions.Error{Kind: actions.Unreachable, Object: "acme/app job 1", Err: errors.New("dial tcp: lookup ghe.test: no such host")},
			summary: "Cannot read acme/app job 1",
			detail: "The API host could not be reached: dial tcp: lookup ghe.test: no such host.\n\n" +
				"Check base_url, the network and, if there is one, the proxy (HTTPS_PROXY).",
		},
		{
			name:    "out of time",
			err:     &actions.Error{Kind: actions.OutOfTime, Object: "acme/app job 1", Err: errors.New("the read's time-out of 10m0s passed")},
			summary: "Cannot read acme/app job 1",
			detail: "The read ended before GitHub answered: the read's time-out of 10m0s passed.\n\n" +
				"Raise read in the timeouts block if the repository needs longer.",
		},
		{
			name:    "primary limit",
			err:     &actions.Error{Kind: actions.PrimaryLimit, Object: "acme/app job 1", Status: 403, Message: "API rate limit exceeded", Reset: reset},
			summary: "Cannot read acme/app job 1",
			detail:  "GitHub answered 403: API rate limit exceeded.\n\nThe limit resets at 2026-05-04T11:00:00Z.",
		},
		{
			name:    "what GitHub says is data",
			err:     &actions.Error{Kind: actions.ServerFault, Object: "acme/app job 1", Status: 500, Message: "\x1b[31mred\x1b]0;title\x07\u202e\nnext", RequestID: "C0\x1bDE"},
			summary: "Cannot read acme/app job 1",
			detail: "GitHub answered 500: [31mred]0;title next.\n\n" +
				"This is a fault on GitHub's side: try again later, and look at the host's status page.\n\nGitHub's request id: C0DE",
		},
		{
			name:    "an error of no kind",
			err:     context.Canceled,
			summary: "Cannot read from GitHub",
			detail:  "This is a bug in the provider, please report it: context canceled",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			reportError(&diags, tc.err)
			if len(diags) != 1 || diags[0].Severity() != diag.SeverityError {
				t.Fatalf("got %v, want one error", diags)
			}
			if diags[0].Summary() != tc.summary || diags[0].Detail() != tc.detail {
				t.Errorf("got  %q\n     %q\nwant %q\n     %q", diags[0].Summary(), diags[0].Detail(), tc.summary, tc.detail)
			}
			at := ""
			if located, ok := diags[0].(diag.DiagnosticWithPath); ok {
				at = located.Path().String()
			}
			if at != tc.at {
				t.Errorf("it stands on %q, want %q", at, tc.at)
			}
		})
	}
}
