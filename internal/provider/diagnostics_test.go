package provider

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// TestEveryErrorIsWorded pins the whole text of the diagnostic for each kind of error: the object, the
// cause, the remedy, GitHub's request id, and the attribute at fault.
func TestEveryErrorIsWorded(t *testing.T) {
	t.Parallel()
	reset := time.Date(2026, 5, 4, 11, 0, 0, 0, time.UTC)
	const invisible = "GitHub gives the same answer for what a token may not see: the token from GITHUB_TOKEN needs Actions: read on this repository (classic: repo)."
	const anonymous = "set token or app_auth in the provider block, or GITHUB_TOKEN."
	const summary = "Cannot read acme/app job 1"
	for _, tc := range []struct {
		name    string
		err     actions.Error
		at      string // the attribute; "": none
		summary string // "": summary
		detail  string
	}{
		{
			name: "no such repository", at: "repository",
			err:     actions.Error{Kind: actions.NotFound, Missing: actions.PartRepository, Object: "acme/app run 700", Status: 404, Message: "Not Found", TokenSource: "GITHUB_TOKEN", RequestID: "C0DE:1"},
			summary: "Cannot read acme/app run 700",
			detail: "GitHub answered 404: Not Found.\n\n" +
				"There is no such repository, or it cannot be seen. Check owner and name. " + invisible + "\n\n" +
				"GitHub's request id: C0DE:1",
		},
		{
			name: "no such repository, without a token", at: "repository",
			err:     actions.Error{Kind: actions.NotFound, Missing: actions.PartRepository, Object: "acme/app run 700", Status: 404, Message: "Not Found"},
			summary: "Cannot read acme/app run 700",
			detail: "GitHub answered 404: Not Found.\n\n" +
				"There is no such repository, or it cannot be seen. Check owner and name. The request was anonymous, and GitHub gives the same answer for a private repository: " + anonymous,
		},
		{
			name: "no such run", at: "run_id",
			err:     actions.Error{Kind: actions.NotFound, Missing: actions.PartRun, Object: "acme/app run 700", Status: 404, Message: "Not Found", RequestID: "C0DE:1"},
			summary: "Cannot read acme/app run 700",
			detail: "GitHub answered 404: Not Found.\n\n" +
				"The repository is there, but it has no such run: it was deleted, or the id belongs to another repository. The id is the number after /actions/runs/ in the run's web address.\n\n" +
				"GitHub's request id: C0DE:1",
		},
		{
			name: "no such attempt", at: "attempt_number",
			err:     actions.Error{Kind: actions.NotFound, Missing: actions.PartAttempt, Object: "acme/app run 700 attempt 9", Status: 404, Message: "Not Found", Reason: "the latest attempt of this run is 3"},
			summary: "Cannot read acme/app run 700 attempt 9",
			detail:  "GitHub answered 404: Not Found: the latest attempt of this run is 3.\n\nThe run is there, but it has no such attempt.",
		},
		{
			name: "no such job", at: "job_id",
			err: actions.Error{Kind: actions.NotFound, Missing: actions.PartJob, Status: 404, Message: "Not Found"},
			detail: "GitHub answered 404: Not Found.\n\n" +
				"The repository is there, but it has no such job: its run was deleted, or the id belongs to another repository or is a run's. The id is the number after /job/ in the job's web address.",
		},
		{
			name:   "nobody knows what is missing",
			err:    actions.Error{Kind: actions.NotFound, Status: 404, Message: "Not Found", TokenSource: "GITHUB_TOKEN"},
			detail: "GitHub answered 404: Not Found.\n\nCheck owner, repository and id. " + invisible,
		},
		{
			name: "a refused token",
			err:  actions.Error{Kind: actions.BadCredentials, Status: 401, Message: "Bad credentials", TokenSource: "GITHUB_TOKEN", RequestID: "C0DE:1"},
			detail: "GitHub answered 401: Bad credentials.\n\n" +
				"The token from GITHUB_TOKEN was refused. Check that it is complete, has not expired and belongs to the host of base_url.\n\nGitHub's request id: C0DE:1",
		},
		{
			name:   "no token where one is wanted",
			err:    actions.Error{Kind: actions.BadCredentials, Status: 401, Message: "Requires authentication"},
			detail: "GitHub answered 401: Requires authentication.\n\nThe request was anonymous, and this host wants a token: " + anonymous,
		},
		{
			name: "an App whose key is refused",
			err:  actions.Error{Kind: actions.NoToken, Status: 401, TokenSource: "app_auth", RequestID: "C0DE:1", Err: errors.New("GitHub answered 401 to the request for an installation token")},
			detail: "No token could be had from app_auth: GitHub answered 401 to the request for an installation token.\n\n" +
				"Check that pem_file is a key of the App with this id, and that this machine's clock is right: GitHub takes the App's signature for a few minutes only.\n\nGitHub's request id: C0DE:1",
		},
		{
			name: "an App that is not installed",
			err:  actions.Error{Kind: actions.NoToken, Status: 404, TokenSource: "app_auth", Err: errors.New("GitHub answered 404 to the request for an installation token")},
			detail: "No token could be had from app_auth: GitHub answered 404 to the request for an installation token.\n\n" +
				"Check installation_id, and that the App is still installed there: it is the number at the end of the installation's web address.",
		},
		{
			name: "an App that meets a fault of GitHub's",
			err:  actions.Error{Kind: actions.NoToken, Status: 502, TokenSource: "app_auth", Err: errors.New("GitHub answered 502 to the request for an installation token")},
			detail: "No token could be had from app_auth: GitHub answered 502 to the request for an installation token.\n\n" +
				"This is a fault on GitHub's side, and trying again did not help: plan again later, and look at the host's status page.",
		},
		{
			name: "an App that finds no host",
			err:  actions.Error{Kind: actions.NoToken, TokenSource: "app_auth", Err: &transport.AttemptsError{Attempts: 4, Err: errors.New("connection refused")}},
			detail: "No token could be had from app_auth: connection refused (4 attempts).\n\n" +
				"Check base_url, the network and, if there is one, the proxy (HTTPS_PROXY).",
		},
		{
			name: "an App of which GitHub says nothing",
			err:  actions.Error{Kind: actions.NoToken, TokenSource: "GITHUB_APP_ID", Err: errors.New("GitHub's answer contains no installation token")},
			detail: "No token could be had from GITHUB_APP_ID: GitHub's answer contains no installation token.\n\n" +
				"Check id, installation_id and pem_file of app_auth (GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID, GITHUB_APP_PEM_FILE).",
		},
		{
			name: "a permission that is missing",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, Message: "Resource not accessible by personal access token", TokenSource: "the provider's token argument", AcceptedPermissions: "actions=read"},
			detail: "GitHub answered 403: Resource not accessible by personal access token.\n\n" +
				"The token from the provider's token argument may not read this: GitHub asks for the permission actions=read (fine-grained token or App).",
		},
		{
			name: "a scope that is missing",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, Message: "Must have admin rights", TokenSource: "GITHUB_TOKEN", AcceptedScopes: "repo", Scopes: "gist, read:org"},
			detail: "GitHub answered 403: Must have admin rights.\n\n" +
				"The token from GITHUB_TOKEN may not read this: it has the scopes gist, read:org, and one of these is needed: repo.",
		},
		{
			name: "a refusal without a reason",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, TokenSource: "GITHUB_TOKEN"},
			detail: "GitHub answered 403.\n\n" +
				"The token from GITHUB_TOKEN may not read this: it needs read access to Actions on this repository (fine-grained token or App: Actions: read; classic token: repo).",
		},
		{
			name:   "a refusal without a token",
			err:    actions.Error{Kind: actions.Forbidden, Status: 403, Message: "Forbidden"},
			detail: "GitHub answered 403: Forbidden.\n\nThe request was anonymous: " + anonymous,
		},
		{
			name: "single sign-on",
			err:  actions.Error{Kind: actions.SSO, Status: 403, Message: "Resource protected by organization SAML enforcement.", TokenSource: "GH_TOKEN", SSOLink: "https://github.com/orgs/acme/sso?authorization_request=A1"},
			detail: "GitHub answered 403: Resource protected by organization SAML enforcement.\n\n" +
				"The organisation wants the token from GH_TOKEN authorised for single sign-on. Open this address, then plan again: https://github.com/orgs/acme/sso?authorization_request=A1",
		},
		{
			name: "single sign-on without a link",
			err:  actions.Error{Kind: actions.SSO, Status: 403, Message: "SAML.", TokenSource: "GH_TOKEN"},
			detail: "GitHub answered 403: SAML.\n\n" +
				"The organisation wants the token from GH_TOKEN authorised for single sign-on: do so in the token's settings.",
		},
		{
			name: "the hourly limit",
			err:  actions.Error{Kind: actions.PrimaryLimit, Status: 403, Reason: "the wait is longer than max_rate_limit_wait allows, 1m0s", Reset: reset, TokenSource: "GITHUB_TOKEN", RequestID: "C0DE:1"},
			detail: "GitHub's hourly rate limit is used up: the wait is longer than max_rate_limit_wait allows, 1m0s.\n\n" +
				"The limit resets at 2026-05-04T11:00:00Z: plan again after that, or let the plan wait for it: raise max_rate_limit_wait in the provider block, and read in the timeouts block. With cache_path, later plans cost less.\n\nGitHub's request id: C0DE:1",
		},
		{
			name: "the hourly limit without a token",
			err:  actions.Error{Kind: actions.PrimaryLimit, Status: 403, Reset: reset},
			detail: "GitHub's hourly rate limit is used up.\n\n" +
				"The limit resets at 2026-05-04T11:00:00Z: plan again after that, or let the plan wait for it: raise max_rate_limit_wait in the provider block, and read in the timeouts block. Anonymous requests are limited to 60 an hour: " + anonymous,
		},
		{
			name: "a limit beyond the read's time-out",
			err:  actions.Error{Kind: actions.PrimaryLimit, Status: 403, Reason: "the wait is longer than the read's time-out allows", Reset: reset, TokenSource: "GITHUB_TOKEN", Err: &transport.RateLimitError{ByDeadline: true}},
			detail: "GitHub's hourly rate limit is used up: the wait is longer than the read's time-out allows.\n\n" +
				"The limit resets at 2026-05-04T11:00:00Z: plan again after that, or raise read in the timeouts block above the wait. With cache_path, later plans cost less.",
		},
		{
			name: "a limit that ends a wait",
			err:  actions.Error{Kind: actions.SecondaryLimit, Status: 429, Waited: true, Unfinished: []string{"test (in_progress)"}},
			detail: "GitHub asked to slow down (secondary rate limit). This ended the wait for completion. Unfinished jobs: test (in_progress).\n\n" +
				"Lower max_concurrent_requests or requests_per_minute if it comes again.",
		},
		{
			name: "a filter that GitHub does not take",
			err:  actions.Error{Kind: actions.Unexpected, Status: 422, Message: "Validation Failed"},
			detail: "GitHub answered 422: Validation Failed.\n\n" +
				"GitHub does not accept one of the filters: check created, status, event, actor and head_sha.",
		},
		{
			name: "a host that hangs up",
			err:  actions.Error{Kind: actions.Unreachable, Err: &transport.AttemptsError{Attempts: 4, Err: io.EOF}},
			detail: "The API host closed the connection without an answer: EOF (4 attempts).\n\n" +
				"Check base_url, the network and, if there is one, the proxy (HTTPS_PROXY).",
		},
		{
			name: "an address that is no API's",
			err:  actions.Error{Kind: actions.NotFound, Status: 404, TokenSource: "GITHUB_TOKEN", NoAPI: "https://ghe.test/"},
			detail: "GitHub answered 404.\n\n" +
				"This may not be an API's address: base_url is https://ghe.test/, and on GitHub Enterprise Server it ends in /api/v3/. If it is right, check owner, repository and id. " + invisible,
		},
		{
			name:   "a signature in a cause",
			err:    actions.Error{Kind: actions.Unreachable, Err: errors.New(`failed to parse Location header "https://blob.test/x?sig=SECRET"`)},
			detail: "The API host could not be reached: failed to parse Location header \"https://blob.test/x?***\".\n\nCheck base_url, the network and, if there is one, the proxy (HTTPS_PROXY).",
		},
		{
			name: "the secondary limit",
			err:  actions.Error{Kind: actions.SecondaryLimit, Status: 429, Reason: "the wait is longer than the read's time-out allows", Reset: reset},
			detail: "GitHub asked to slow down (secondary rate limit): the wait is longer than the read's time-out allows.\n\n" +
				"The limit resets at 2026-05-04T11:00:00Z: plan again after that, or let the plan wait for it: raise max_rate_limit_wait in the provider block, and read in the timeouts block. Lower max_concurrent_requests or requests_per_minute if it comes again.",
		},
		{
			name: "malformed",
			err:  actions.Error{Kind: actions.Malformed, Status: 200, Reason: "the answer is a web page, not JSON", RequestID: "C0DE:1"},
			detail: "GitHub's answer cannot be used: the answer is a web page, not JSON.\n\n" +
				"Check base_url: on GitHub Enterprise Server it ends in /api/v3/. A proxy or a login page in between can answer in GitHub's place too.\n\nGitHub's request id: C0DE:1",
		},
		{
			name: "incomplete",
			err:  actions.Error{Kind: actions.Incomplete, Status: 200, Reason: "the list says it has 200 entries, but only 150 came in 3 readings"},
			detail: "The list did not arrive whole: the list says it has 200 entries, but only 150 came in 3 readings.\n\n" +
				"The run may have changed while it was read: plan again. If it stays so, the server's total_count is wrong.",
		},
		{
			name:   "gone",
			err:    actions.Error{Kind: actions.Gone, Status: 410, Message: "Gone"},
			detail: "GitHub answered 410: Gone.\n\nGitHub has deleted it; how long it keeps such things is set in the repository's Actions settings.",
		},
		{
			name: "a redirect to another host",
			err:  actions.Error{Kind: actions.Redirected, Status: 301, Location: "https://elsewhere.test"},
			detail: "The API redirects to https://elsewhere.test, which this provider does not follow: the token would not be safe there.\n\n" +
				"Set base_url to the address that the API is really served at.",
		},
		{
			name:   "redirects without end",
			err:    actions.Error{Kind: actions.Redirected, Reason: "more than 10 redirects"},
			detail: "The API redirects without end: more than 10 redirects.\n\nSet base_url to the address that the API is really served at.",
		},
		{
			name: "server fault",
			err:  actions.Error{Kind: actions.ServerFault, Status: 502, Message: "Server Error", RequestID: "C0DE:1"},
			detail: "GitHub answered 502: Server Error.\n\n" +
				"This is a fault on GitHub's side, and trying again did not help: plan again later, and look at the host's status page.\n\nGitHub's request id: C0DE:1",
		},
		{
			name: "an answer that breaks off",
			err:  actions.Error{Kind: actions.Interrupted, Err: errors.New("the answer was cut short: unexpected EOF (4 attempts)")},
			detail: "GitHub's answer broke off: the answer was cut short: unexpected EOF (4 attempts).\n\n" +
				"Plan again later. If it stays so, look at what stands between this machine and that host, such as a proxy.",
		},
		{
			name: "a job that is not over", at: "job_id",
			err: actions.Error{Kind: actions.JobUnfinished, Missing: actions.PartJob, Status: 404, Message: "Not Found", Reason: "in_progress", RequestID: "C0DE:1"},
			detail: "The job has not finished (status in_progress).\n\n" +
				"GitHub hands a log out when its job is over: plan again then.\n\nGitHub's request id: C0DE:1",
		},
		{
			name: "a job that never ran", at: "job_id",
			err: actions.Error{Kind: actions.JobNeverRan, Missing: actions.PartJob, Status: 404, Message: "Not Found", Reason: "skipped"},
			detail: "The job never ran (conclusion skipped), so there is no log of it.\n\n" +
				"Choose a job that a runner worked on: its runner_name is not null.",
		},
		{
			name: "a log that has expired", at: "job_id",
			err: actions.Error{Kind: actions.LogExpired, Missing: actions.PartJob, Status: 410, Message: "Gone"},
			detail: "GitHub answered 410: Gone.\n\n" +
				"The log has expired or was deleted; how long GitHub keeps logs is set in the repository's Actions settings. Run the job again if its log is needed.",
		},
		{
			name: "a log that is gone from its storage", at: "job_id",
			err: actions.Error{Kind: actions.LogExpired, Missing: actions.PartJob, Status: 404, Location: "https://blob.test"},
			detail: "The log's storage at https://blob.test answered 404.\n\n" +
				"The log has expired or was deleted; how long GitHub keeps logs is set in the repository's Actions settings. Run the job again if its log is needed.",
		},
		{
			name: "a link that is not followed",
			err:  actions.Error{Kind: actions.LinkUnusable, Status: 302, Reason: "it is an address for http, and only https is safe", RequestID: "C0DE:1"},
			detail: "GitHub answered with a link to the log that is not followed: it is an address for http, and only https is safe.\n\n" +
				"Look at how base_url's server stores its logs, and at what stands in between, such as a proxy. The link must be https, without a user name or password.\n\nGitHub's request id: C0DE:1",
		},
		{
			name: "a storage that refuses",
			err:  actions.Error{Kind: actions.StorageRefused, Status: 403, Location: "https://blob.test"},
			detail: "The log's storage at https://blob.test answered 403.\n\n" +
				"A fresh link did not help. Plan again later; if it stays so, look at this machine's way to that host, such as a proxy, and at the host's status page.",
		},
		{
			name: "a log that breaks off",
			err:  actions.Error{Kind: actions.Interrupted, Location: "https://blob.test", Err: errors.New("after 4096 bytes: unexpected EOF")},
			detail: "The log broke off on its way from https://blob.test: after 4096 bytes: unexpected EOF.\n\n" +
				"Plan again later. If it stays so, look at what stands between this machine and that host, such as a proxy.",
		},
		{
			name: "a storage that is out of reach",
			err:  actions.Error{Kind: actions.Unreachable, Location: "https://blob.test", Err: errors.New("dial tcp: lookup blob.test: no such host")},
			detail: "The log's storage at https://blob.test could not be reached: dial tcp: lookup blob.test: no such host.\n\n" +
				"Logs are not stored on the API host. Let this machine reach that host too, and check the proxy if there is one (HTTPS_PROXY).",
		},
		{
			name:   "out of time, in an ephemeral resource",
			err:    actions.Error{Kind: actions.OutOfTime, Err: timeoutError{"open", 30 * time.Second}},
			detail: "The read ended before GitHub answered: the read's time-out of 30s passed.\n\nRaise open in the timeouts block if the repository needs longer.",
		},
		{
			name:   "unexpected",
			err:    actions.Error{Kind: actions.Unexpected, Status: 418, Message: "I'm a teapot"},
			detail: "GitHub answered 418: I'm a teapot.",
		},
		{
			name: "unreachable",
			err:  actions.Error{Kind: actions.Unreachable, Err: errors.New("dial tcp: lookup ghe.test: no such host")},
			detail: "The API host could not be reached: dial tcp: lookup ghe.test: no such host.\n\n" +
				"Check base_url, the network and, if there is one, the proxy (HTTPS_PROXY).",
		},
		{
			name: "a certificate that is not trusted",
			err:  actions.Error{Kind: actions.Unreachable, Err: &tls.CertificateVerificationError{Err: errors.New("x509: certificate signed by unknown authority")}},
			detail: "The API host could not be reached: tls: failed to verify certificate: x509: certificate signed by unknown authority.\n\n" +
				"The host's certificate is not trusted here: give its root certificate in ca_cert_pem, or check base_url.",
		},
		{
			name: "out of time",
			err:  actions.Error{Kind: actions.OutOfTime, Err: errors.New("the read's time-out of 10m0s passed")},
			detail: "The read ended before GitHub answered: the read's time-out of 10m0s passed.\n\n" +
				"Raise read in the timeouts block if the repository needs longer.",
		},
		{
			name: "out of time while waiting", summary: "acme/app run 700 is not completed",
			err: actions.Error{Kind: actions.OutOfTime, Object: "acme/app run 700", Waited: true, LastStatus: "in_progress", Unfinished: []string{"test (in_progress)", "dep\x1b[31mloy (queued)"}, Err: errors.New("the read's time-out of 1h0m0s passed")},
			detail: "The read's time-out of 1h0m0s passed. Unfinished jobs: test (in_progress), deploy (queued).\n\n" +
				"Raise read in the timeouts block, or look at why it takes so long: a job that stays queued may wait for a runner that does not exist.",
		},
		{
			name: "out of time with all jobs done", summary: "acme/app run 700 is not completed",
			err: actions.Error{Kind: actions.OutOfTime, Object: "acme/app run 700", Waited: true, LastStatus: "in_progress", Err: errors.New("the read's time-out of 1h0m0s passed")},
			detail: "The read's time-out of 1h0m0s passed. All jobs that are listed are completed, but its status is in_progress.\n\n" +
				"Raise read in the timeouts block, or look at why it takes so long: a job that stays queued may wait for a runner that does not exist.",
		},
		{
			name:   "cancelled",
			err:    actions.Error{Kind: actions.OutOfTime, Err: context.Canceled},
			detail: "Terraform cancelled the read.",
		},
		{
			name: "what GitHub says is data",
			err:  actions.Error{Kind: actions.ServerFault, Status: 500, Message: "\x1b[31mred\x1b]0;title\x07\u202e\nnext", RequestID: "C0\x1b[0mDE"},
			detail: "GitHub answered 500: red next.\n\n" +
				"This is a fault on GitHub's side, and trying again did not help: plan again later, and look at the host's status page.\n\nGitHub's request id: C0DE",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if tc.err.Object == "" {
				tc.err.Object, tc.summary = "acme/app job 1", summary
			}
			var diags diag.Diagnostics
			reportError(&diags, &tc.err)
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

func TestAnErrorOfNoKindIsABug(t *testing.T) {
	t.Parallel()
	var diags diag.Diagnostics
	reportError(&diags, context.Canceled)
	if len(diags) != 1 || diags[0].Detail() != "This is a bug in the provider, please report it: context canceled" {
		t.Errorf("got %v", diags)
	}
}
