package provider

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// TestEveryErrorIsWorded pins the whole text of the diagnostic for each kind of error: the object,
// the cause, the remedy, GitHub's request ID, and the attribute at fault.
func TestEveryErrorIsWorded(t *testing.T) {
	t.Parallel()
	reset := time.Date(2026, 5, 4, 11, 0, 0, 0, time.UTC)
	const invisible = "GitHub also answers 404 for what a token cannot see: the token from GITHUB_TOKEN needs read access to Actions on this repository (fine-grained token or App: Actions: read; classic token: repo)."
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
				"The repository does not exist, or it is not visible. Check owner and name. " + invisible + "\n\n" +
				"GitHub's request id: C0DE:1",
		},
		{
			name: "no such repository, without a token", at: "repository",
			err:     actions.Error{Kind: actions.NotFound, Missing: actions.PartRepository, Object: "acme/app run 700", Status: 404, Message: "Not Found"},
			summary: "Cannot read acme/app run 700",
			detail: "GitHub answered 404: Not Found.\n\n" +
				"The repository does not exist, or it is not visible. Check owner and name. The request was anonymous. GitHub also answers 404 for a private repository: " + anonymous,
		},
		{
			name: "no such run", at: "run_id",
			err:     actions.Error{Kind: actions.NotFound, Missing: actions.PartRun, Object: "acme/app run 700", Status: 404, Message: "Not Found", RequestID: "C0DE:1"},
			summary: "Cannot read acme/app run 700",
			detail: "GitHub answered 404: Not Found.\n\n" +
				"The repository exists, but the run does not: it was deleted, or the ID belongs to another repository. The ID is the number after /actions/runs/ in the URL of the run.\n\n" +
				"GitHub's request id: C0DE:1",
		},
		{
			name: "no such attempt", at: "attempt_number",
			err:     actions.Error{Kind: actions.NotFound, Missing: actions.PartAttempt, Object: "acme/app run 700 attempt 9", Status: 404, Message: "Not Found", Reason: "the latest attempt of this run is 3"},
			summary: "Cannot read acme/app run 700 attempt 9",
			detail:  "GitHub answered 404: Not Found: the latest attempt of this run is 3.\n\nThe run exists, but the attempt does not.",
		},
		{
			name: "no such job", at: "job_id",
			err: actions.Error{Kind: actions.NotFound, Missing: actions.PartJob, Status: 404, Message: "Not Found"},
			detail: "GitHub answered 404: Not Found.\n\n" +
				"The repository exists, but the job does not: its run was deleted, or the ID belongs to another repository or to a run. The ID is the number after /job/ in the URL of the job.",
		},
		{
			name:   "the missing part is unknown",
			err:    actions.Error{Kind: actions.NotFound, Status: 404, Message: "Not Found", TokenSource: "GITHUB_TOKEN"},
			detail: "GitHub answered 404: Not Found.\n\nCheck owner, repository and ID. " + invisible,
		},
		{
			name: "a renamed owner", at: "owner",
			err:     actions.Error{Kind: actions.OwnerRenamed, Missing: actions.PartOwner, Object: "repositories of acme", Status: 200, Reason: "newco"},
			summary: "Cannot read repositories of acme",
			detail:  "GitHub lists the repositories of newco instead, so this owner may have been renamed.\n\nIf it was, write newco as the owner.",
		},
		{
			name: "a refused token",
			err:  actions.Error{Kind: actions.BadCredentials, Status: 401, Message: "Bad credentials", TokenSource: "GITHUB_TOKEN", RequestID: "C0DE:1"},
			detail: "GitHub answered 401: Bad credentials.\n\n" +
				"GitHub refused the token from GITHUB_TOKEN. Check that it is complete, has not expired and belongs to the host of base_url.\n\nGitHub's request id: C0DE:1",
		},
		{
			name:   "no token where one is wanted",
			err:    actions.Error{Kind: actions.BadCredentials, Status: 401, Message: "Requires authentication"},
			detail: "GitHub answered 401: Requires authentication.\n\nThe request was anonymous. This host requires a token: " + anonymous,
		},
		{
			name: "no token, and gh was asked",
			err:  actions.Error{Kind: actions.BadCredentials, Status: 401, Message: "Requires authentication", GHFinding: "gh did not answer within 5s"},
			detail: "GitHub answered 401: Requires authentication.\n\n" +
				"The request was anonymous, and gh gave no token: gh did not answer within 5s. This host requires a token: set token or app_auth in the provider block, or GITHUB_TOKEN.",
		},
		{
			name: "an App whose installation token is refused",
			err:  actions.Error{Kind: actions.BadCredentials, Status: 401, Message: "Bad credentials", TokenSource: "app_auth", App: true},
			detail: "GitHub answered 401: Bad credentials.\n\n" +
				"GitHub refused the installation token of the App from app_auth, and a new one as well. Check that the App is still installed and not suspended, and that it belongs to the host of base_url.",
		},
		{
			name: "an App whose exchange redirects",
			err:  actions.Error{Kind: actions.NoToken, Status: 301, TokenSource: "app_auth", Err: errors.New("GitHub redirected the request to https://ghe.test")},
			detail: "Could not get a token from app_auth: GitHub redirected the request to https://ghe.test.\n\n" +
				"Set base_url to the address that the API is really served at.",
		},
		{
			name: "a filter that the server ignores",
			err:  actions.Error{Kind: actions.FilterIgnored, Status: 200, Missing: actions.PartBranch, Reason: `run 7 has head_branch "x", not "main"`},
			at:   "branch",
			detail: "The server ignored branch, and the answer would be wrong: run 7 has head_branch \"x\", not \"main\".\n\n" +
				"Remove the filter and select the runs in the configuration, or use another filter that the server knows.",
		},
		{
			name: "a server that lists only the newest attempt",
			err:  actions.Error{Kind: actions.FilterIgnored, Status: 200, Missing: actions.PartFilter, Reason: "the list has only jobs of attempt 3, and this server does not list earlier attempts"},
			at:   "filter",
			detail: "The server ignored filter, and the answer would be wrong: the list has only jobs of attempt 3, and this server does not list earlier attempts.\n\n" +
				`Only filter = "latest" works on this server.`,
		},
		{
			name: "a gate on a server that lists only the newest attempt",
			err:  actions.Error{Kind: actions.FilterIgnored, Status: 200, Reason: "the list has only jobs of attempt 3, and this server does not list earlier attempts"},
			detail: "The answer would be wrong: the list has only jobs of attempt 3, and this server does not list earlier attempts.\n\n" +
				"Start a new run of the workflow instead of a re-run: a run with one attempt can be judged.",
		},
		{
			name: "an actor that the server fails on",
			err:  actions.Error{Kind: actions.ServerFault, Status: 500, Message: "user does not exist", Missing: actions.PartActor},
			at:   "actor",
			detail: "GitHub answered 500: user does not exist.\n\n" +
				"The server answers the same request without actor, so it may not know this user. Check the login.",
		},
		{
			name: "a log that was never stored",
			err:  actions.Error{Kind: actions.LogNotStored, Status: 404, Message: "BlobNotFound", Missing: actions.PartJob, Reason: "the job was cancelled"},
			at:   "job_id",
			detail: "GitHub answered 404: BlobNotFound.\n\n" +
				"The log was probably never stored: the job was cancelled. If you need the log, run the job again.",
		},
		{
			name: "a log that the runner did not send",
			err:  actions.Error{Kind: actions.LogNotStored, Status: 404, Location: "https://blob.test", Missing: actions.PartJob, Reason: "the runner stopped reporting before the end of the step \"x\u202e\""},
			at:   "job_id",
			detail: "The log storage at https://blob.test answered 404.\n\n" +
				"The log was probably never stored: the runner stopped reporting before the end of the step \"x\". If you need the log, run the job again.",
		},
		{
			name: "a log that may come",
			err:  actions.Error{Kind: actions.LogMissing, Status: 404, Message: "Not Found", Missing: actions.PartJob},
			at:   "job_id",
			detail: "GitHub answered 404: Not Found.\n\n" +
				"The job was completed less than a day ago, so its log has probably not expired: it is not stored yet, it was never stored, or it was deleted. Plan again in a few minutes. If there is still no log then, run the job again.",
		},
		{
			name: "an old log that may never have been stored",
			err:  actions.Error{Kind: actions.LogExpired, Status: 404, Message: "Not Found", Missing: actions.PartJob, Reason: "the job was cancelled"},
			at:   "job_id",
			detail: "GitHub answered 404: Not Found.\n\n" +
				"The log was probably never stored: the job was cancelled. If it was stored, it has expired or was deleted. If you need the log, run the job again.",
		},
		{
			name: "a server without attempts",
			err:  actions.Error{Kind: actions.NotFound, Status: 404, NoRoute: true, Missing: actions.PartAttempt, Reason: "this server keeps no attempts of a run"},
			at:   "attempt_number",
			detail: "GitHub answered 404: this server keeps no attempts of a run.\n\n" +
				"The run exists. Remove attempt_number to read its jobs as they are now.",
		},
		{
			name: "a wait through an outage",
			err: actions.Error{
				Kind: actions.OutOfTime, Object: "acme/app run 700", Waited: true, LastStatus: "in_progress", Err: timeoutError{"read", time.Hour},
				LastFailure: &actions.Error{Kind: actions.ServerFault, Status: 502, Message: "Server Error"},
			},
			summary: "acme/app run 700 is not completed",
			detail: "The read's timeout of 1h0m0s passed. The last request failed. GitHub answered 502: Server Error.\n\n" +
				"Plan again when the host answers. Check its status page, and proxies and firewalls on the way to it.",
		},
		{
			name: "an App whose key is refused",
			err:  actions.Error{Kind: actions.NoToken, Status: 401, TokenSource: "app_auth", RequestID: "C0DE:1", Err: errors.New("GitHub answered 401 when asked for a token of the App's installation")},
			detail: "Could not get a token from app_auth: GitHub answered 401 when asked for a token of the App's installation.\n\n" +
				"Check that pem_file is a private key of the App with this ID, and that the clock of this machine is right: GitHub accepts the App's signature for a few minutes only.\n\nGitHub's request id: C0DE:1",
		},
		{
			name: "an App that is not installed",
			err:  actions.Error{Kind: actions.NoToken, Status: 404, TokenSource: "app_auth", Err: errors.New("GitHub answered 404 when asked for a token of the App's installation")},
			detail: "Could not get a token from app_auth: GitHub answered 404 when asked for a token of the App's installation.\n\n" +
				"Check installation_id, and that the App is still installed: the ID is the number at the end of the URL of the installation.",
		},
		{
			name: "an App that meets a fault of GitHub's",
			err:  actions.Error{Kind: actions.NoToken, Status: 502, TokenSource: "app_auth", Err: errors.New("GitHub answered 502 when asked for a token of the App's installation")},
			detail: "Could not get a token from app_auth: GitHub answered 502 when asked for a token of the App's installation.\n\n" +
				"This is a fault on GitHub's side, and retries did not help. Plan again later, and check the status page of the host.",
		},
		{
			name: "an App that finds no host",
			err:  actions.Error{Kind: actions.NoToken, TokenSource: "app_auth", Err: &transport.AttemptsError{Attempts: 4, Err: errors.New("connection refused")}},
			detail: "Could not get a token from app_auth: connection refused (4 attempts).\n\n" +
				"Check base_url, the network and the proxy (HTTPS_PROXY) if there is one.",
		},
		{
			name: "an App of which GitHub says nothing",
			err:  actions.Error{Kind: actions.NoToken, TokenSource: "GITHUB_APP_ID", Err: errors.New("GitHub's answer contains no installation token")},
			detail: "Could not get a token from GITHUB_APP_ID: GitHub's answer contains no installation token.\n\n" +
				"Check id, installation_id and pem_file of app_auth (GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID, GITHUB_APP_PEM_FILE).",
		},
		{
			name: "a permission that is missing",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, Message: "Resource not accessible by personal access token", TokenSource: "the provider's token argument", AcceptedPermissions: "actions=read"},
			detail: "GitHub answered 403: Resource not accessible by personal access token.\n\n" +
				"The token from the provider's token argument cannot read this: GitHub requires the permission actions=read (fine-grained token or App).",
		},
		{
			name: "a scope that is missing",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, Message: "Must have admin rights", TokenSource: "GITHUB_TOKEN", AcceptedScopes: "repo", Scopes: "gist, read:org"},
			detail: "GitHub answered 403: Must have admin rights.\n\n" +
				"The token from GITHUB_TOKEN cannot read this: it has the scopes gist, read:org, and needs one of repo.",
		},
		{
			name: "a refusal without a reason",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, TokenSource: "GITHUB_TOKEN"},
			detail: "GitHub answered 403.\n\n" +
				"The token from GITHUB_TOKEN cannot read this: it needs read access to Actions on this repository (fine-grained token or App: Actions: read; classic token: repo).",
		},
		{
			name: "a refusal with a message that is not known",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, Message: "Not today", TokenSource: "GITHUB_TOKEN"},
			detail: "GitHub answered 403: Not today.\n\n" +
				"If a permission is missing, the token from GITHUB_TOKEN needs read access to Actions on this repository (fine-grained token or App: Actions: read; classic token: repo). If not, a policy of the organisation may refuse the request.",
		},
		{
			name: "a list of repositories that is refused", at: "owner",
			err:     actions.Error{Kind: actions.Forbidden, Missing: actions.PartOwner, Object: "repositories of acme", Status: 403, Message: "Resource not accessible by integration", TokenSource: "app_auth", App: true},
			summary: "Cannot read repositories of acme",
			detail: "GitHub answered 403: Resource not accessible by integration.\n\n" +
				"The token from app_auth cannot read this: it needs read access to the repositories of this owner (fine-grained token or App: Metadata: read; classic token: repo).",
		},
		{
			name: "a list of repositories that is refused for an unknown reason", at: "owner",
			err:     actions.Error{Kind: actions.Forbidden, Missing: actions.PartOwner, Object: "repositories of acme", Status: 403, Message: "Not today", TokenSource: "GITHUB_TOKEN"},
			summary: "Cannot read repositories of acme",
			detail: "GitHub answered 403: Not today.\n\n" +
				"If a permission is missing, the token from GITHUB_TOKEN needs read access to the repositories of this owner (fine-grained token or App: Metadata: read; classic token: repo). If not, a policy of the organisation may refuse the request.",
		},
		{
			name:    "a list without what requires single sign-on",
			err:     actions.Error{Kind: actions.SSO, Object: "all repositories of acme", Status: 200, Reason: "it lacks what requires single sign-on (organisations 1,2)", TokenSource: "GITHUB_TOKEN"},
			summary: "Cannot read all repositories of acme",
			detail: "The list is not complete: it lacks what requires single sign-on (organisations 1,2).\n\n" +
				"The organisation requires single sign-on. Authorise the token from GITHUB_TOKEN for it in the settings of the token.",
		},
		{
			name: "an IP allow list",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, Message: "The `acme` organization has an IP allow list enabled", TokenSource: "GITHUB_TOKEN", AcceptedPermissions: "actions=read"},
			detail: "GitHub answered 403: The `acme` organization has an IP allow list enabled.\n\n" +
				"The IP address of this machine is not on the IP allow list of the organisation or enterprise. Run Terraform from an address on the list, or ask an owner to add this one.",
		},
		{
			name: "a classic token that is forbidden",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, Message: "`acme` forbids access via a personal access token (classic).", TokenSource: "GITHUB_TOKEN"},
			detail: "GitHub answered 403: `acme` forbids access via a personal access token (classic).\n\n" +
				"The organisation does not accept classic personal access tokens, and the token from GITHUB_TOKEN is one. Use a GitHub App or a fine-grained token.",
		},
		{
			name: "a token that lives too long",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, Message: "`acme` forbids access via a token if its lifetime is greater than 366 days", TokenSource: "GITHUB_TOKEN"},
			detail: "GitHub answered 403: `acme` forbids access via a token if its lifetime is greater than 366 days.\n\n" +
				"The organisation does not accept tokens that live this long. Shorten the lifetime of the token from GITHUB_TOKEN, or use a GitHub App.",
		},
		{
			name: "a kind of token that is forbidden",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, Message: "`acme` forbids access via a fine-grained personal access token", TokenSource: "GITHUB_TOKEN"},
			detail: "GitHub answered 403: `acme` forbids access via a fine-grained personal access token.\n\n" +
				"The organisation does not accept this kind of token. Use a GitHub App instead of the token from GITHUB_TOKEN, or ask an owner of the organisation.",
		},
		{
			name: "an OAuth App that is not approved",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, Message: "The `acme` organization has enabled OAuth App access restrictions", TokenSource: "gh auth token"},
			detail: "GitHub answered 403: The `acme` organization has enabled OAuth App access restrictions.\n\n" +
				"The organisation has not approved the OAuth App that the token belongs to. Ask an owner to approve it, or use a personal access token or a GitHub App.",
		},
		{
			name: "single sign-on without its header",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, Message: "Resource protected by organization SAML enforcement.", TokenSource: "GITHUB_TOKEN"},
			detail: "GitHub answered 403: Resource protected by organization SAML enforcement.\n\n" +
				"The organisation requires single sign-on. Authorise the token from GITHUB_TOKEN for it in the settings of the token.",
		},
		{
			name: "a repository that is blocked",
			err:  actions.Error{Kind: actions.Forbidden, Status: 451, Message: "Repository access blocked", TokenSource: "GITHUB_TOKEN"},
			detail: "GitHub answered 451: Repository access blocked.\n\n" +
				"GitHub has blocked the repository, for every token. Its page on GitHub says why.",
		},
		{
			name: "an account that is suspended",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, Message: "Sorry. Your account was suspended", TokenSource: "GITHUB_TOKEN"},
			detail: "GitHub answered 403: Sorry. Your account was suspended.\n\n" +
				"The account of the token from GITHUB_TOKEN is suspended. Use a token of another account, or contact GitHub Support.",
		},
		{
			name: "an installation that is suspended",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, Message: "This installation has been suspended", TokenSource: "app_auth"},
			detail: "GitHub answered 403: This installation has been suspended.\n\n" +
				"The installation of the GitHub App is suspended. Unsuspend it in the settings of the organisation or account that it is installed in.",
		},
		{
			name: "too many failed logins",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, Message: "Maximum number of login attempts exceeded.", TokenSource: "GITHUB_TOKEN"},
			detail: "GitHub answered 403: Maximum number of login attempts exceeded.\n\n" +
				"GitHub has seen too many failed logins. Check that the token is valid, and plan again later.",
		},
		{
			name: "a refusal by a proxy",
			err:  actions.Error{Kind: actions.Forbidden, Status: 403, WebPage: true, TokenSource: "GITHUB_TOKEN"},
			detail: "The answer is a web page with status 403, not an answer of the API.\n\n" +
				"A proxy or firewall may have refused the request. Check base_url, and proxies and firewalls on the way to that host.",
		},
		{
			name:   "a refusal without a token",
			err:    actions.Error{Kind: actions.Forbidden, Status: 403, Message: "Forbidden"},
			detail: "GitHub answered 403: Forbidden.\n\nThe request was anonymous. S" + anonymous[1:],
		},
		{
			name: "single sign-on",
			err:  actions.Error{Kind: actions.SSO, Status: 403, Message: "Resource protected by organization SAML enforcement.", TokenSource: "GH_TOKEN", SSOLink: "https://github.com/orgs/acme/sso?authorization_request=A1"},
			detail: "GitHub answered 403: Resource protected by organization SAML enforcement.\n\n" +
				"The organisation requires single sign-on. Authorise the token from GH_TOKEN for it at this address, then plan again: https://github.com/orgs/acme/sso?authorization_request=A1",
		},
		{
			name: "single sign-on without a link",
			err:  actions.Error{Kind: actions.SSO, Status: 403, Message: "SAML.", TokenSource: "GH_TOKEN"},
			detail: "GitHub answered 403: SAML.\n\n" +
				"The organisation requires single sign-on. Authorise the token from GH_TOKEN for it in the settings of the token.",
		},
		{
			name: "the hourly limit",
			err:  actions.Error{Kind: actions.PrimaryLimit, Status: 403, Reason: "the wait would be longer than max_rate_limit_wait (1m0s)", Reset: reset, TokenSource: "GITHUB_TOKEN", RequestID: "C0DE:1"},
			detail: "GitHub's hourly rate limit is used up: the wait would be longer than max_rate_limit_wait (1m0s).\n\n" +
				"The limit resets at 2026-05-04T11:00:00Z. Plan again after that. To let the plan wait, raise max_rate_limit_wait in the provider block and the timeout in the timeouts block. With cache_path or cache_url, later plans use less of the limit.\n\nGitHub's request id: C0DE:1",
		},
		{
			name: "the hourly limit without a token",
			err:  actions.Error{Kind: actions.PrimaryLimit, Status: 403, Reset: reset},
			detail: "GitHub's hourly rate limit is used up.\n\n" +
				"The limit resets at 2026-05-04T11:00:00Z. Plan again after that. To let the plan wait, raise max_rate_limit_wait in the provider block and the timeout in the timeouts block. Anonymous requests are limited to 60 per hour: " + anonymous,
		},
		{
			name: "a limit beyond the read's timeout",
			err:  actions.Error{Kind: actions.PrimaryLimit, Status: 403, Reason: "the wait is longer than the read's timeout allows", Reset: reset, TokenSource: "GITHUB_TOKEN", Err: &transport.RateLimitError{ByDeadline: true}},
			detail: "GitHub's hourly rate limit is used up: the wait is longer than the read's timeout allows.\n\n" +
				"The limit resets at 2026-05-04T11:00:00Z. Plan again after that, or raise the timeout in the timeouts block, so that it is longer than the wait. With cache_path or cache_url, later plans use less of the limit.",
		},
		{
			name: "a limit that has been reset since",
			err:  actions.Error{Kind: actions.PrimaryLimit, Status: 403, Reset: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), TokenSource: "GITHUB_TOKEN"},
			detail: "GitHub's hourly rate limit is used up.\n\n" +
				"The limit has been reset since: plan again now. With cache_path or cache_url, later plans use less of the limit.",
		},
		{
			name: "a limit that ends a wait",
			err:  actions.Error{Kind: actions.SecondaryLimit, Status: 429, Waited: true, Unfinished: []string{"test (in_progress)"}},
			detail: "GitHub asks to slow down (secondary rate limit). This ended the wait. Unfinished jobs: test (in_progress).\n\n" +
				"If this keeps happening, lower max_concurrent_requests or requests_per_minute.",
		},
		{
			name: "a failure that ends a wait for runs",
			err:  actions.Error{Kind: actions.SecondaryLimit, Status: 429, Waited: true, Unfinished: []string{"ci.yml / test (queued)"}, NoRun: []string{"app.yml"}},
			detail: "GitHub asks to slow down (secondary rate limit). This ended the wait. Unfinished jobs: ci.yml / test (queued). Workflows without a run: app.yml.\n\n" +
				"If this keeps happening, lower max_concurrent_requests or requests_per_minute.",
		},
		{
			name: "a filter that GitHub does not take",
			err:  actions.Error{Kind: actions.Unexpected, Status: 422, Message: "Validation Failed"},
			detail: "GitHub answered 422: Validation Failed.\n\n" +
				"GitHub does not accept a value in the request. If filters are set, check created, status, event, actor and head_sha.",
		},
		{
			name: "a URL that is not an API, on a server that answers 406",
			err:  actions.Error{Kind: actions.Unexpected, Status: 406, NoAPI: "https://ghe.test/"},
			detail: "GitHub answered 406.\n\n" +
				"This may not be the address of an API: base_url is https://ghe.test/, and on GitHub Enterprise Server it ends in /api/v3/.",
		},
		{
			name:   "a proxy that wants a login",
			err:    actions.Error{Kind: actions.Unexpected, Status: 407, NotAPI: true, NoAPI: "https://ghe.test/api/v3/", RightBase: "https://ghe.test/api/v3/"},
			detail: "GitHub answered 407.\n\nThe proxy requires a login. Check HTTPS_PROXY.",
		},
		{
			name: "a web page with an odd status",
			err:  actions.Error{Kind: actions.Unexpected, Status: 400, NotAPI: true, WebPage: true, NoAPI: "https://ghe.test/api/v3/", RightBase: "https://ghe.test/api/v3/"},
			detail: "GitHub answered 400.\n\n" +
				"The answer is not from an API, although base_url is https://ghe.test/api/v3/. A proxy or firewall may have answered, or the server does not have this part of GitHub's API.",
		},
		{
			name: "the web pages of ghe.com",
			err:  actions.Error{Kind: actions.NotFound, Status: 404, TokenSource: "GITHUB_TOKEN", NoAPI: "https://acme.ghe.com/api/v3/", RightBase: "https://api.acme.ghe.com/"},
			detail: "GitHub answered 404.\n\n" +
				"This may not be the address of an API: base_url is https://acme.ghe.com/api/v3/, and the API of this host is at https://api.acme.ghe.com/. If it is right, check owner, repository and ID. " + invisible,
		},
		{
			name: "a 404 without a body",
			err:  actions.Error{Kind: actions.NotFound, Status: 404, TokenSource: "GITHUB_TOKEN", NoAPI: "https://api.github.com/", RightBase: "https://api.github.com/"},
			detail: "GitHub answered 404.\n\n" +
				"The answer is not from an API, although base_url is https://api.github.com/. A proxy or firewall may have answered, or the server does not have this part of GitHub's API. If it is right, check owner, repository and ID. " + invisible,
		},
		{
			name: "a proxy's page for a missing object",
			err:  actions.Error{Kind: actions.NotFound, Status: 404, TokenSource: "GITHUB_TOKEN", NotAPI: true, NoAPI: "https://ghe.test/api/v3/", RightBase: "https://ghe.test/api/v3/"},
			detail: "GitHub answered 404.\n\n" +
				"The answer is not from an API, although base_url is https://ghe.test/api/v3/. A proxy or firewall may have answered, or the server does not have this part of GitHub's API. If it is right, check owner, repository and ID. " + invisible,
		},
		{
			name: "jobs that are hidden in a run that is visible", at: "run_id",
			err: actions.Error{Kind: actions.NotFound, Status: 404, Message: "Not Found", Missing: actions.PartRun, Hidden: true},
			detail: "GitHub answered 404: Not Found.\n\n" +
				"The run exists, but its jobs are not visible. Plan again later. If this stays, check that the token has read access to Actions on this repository (fine-grained token or App: Actions: read; classic token: repo).",
		},
		{
			name: "runs that are hidden in a repository that is visible", at: "repository",
			err: actions.Error{Kind: actions.NotFound, Status: 404, Message: "Not Found", Missing: actions.PartRepository, Hidden: true},
			detail: "GitHub answered 404: Not Found.\n\n" +
				"The repository exists, but its runs are not visible. Check that GitHub Actions is enabled for it, and that the token has read access to Actions on this repository (fine-grained token or App: Actions: read; classic token: repo).",
		},
		{
			name: "a server without this part of the API", at: "repository",
			err: actions.Error{Kind: actions.NotFound, Status: 404, Missing: actions.PartRepository, Hidden: true, NoRoute: true, NotAPI: true},
			detail: "GitHub answered 404.\n\n" +
				"This server does not have this part of GitHub's API. It may be too old: the guide \"GitHub Enterprise Server and GHE.com\" says which servers were tried.",
		},
		{
			name:   "single sign-on instead of an object",
			err:    actions.Error{Kind: actions.NotFound, Status: 404, Message: "Not Found", TokenSource: "GITHUB_TOKEN", SSOLink: "https://github.test/sso?x=y"},
			detail: "GitHub answered 404: Not Found.\n\nThe organisation requires single sign-on. Authorise the token from GITHUB_TOKEN for it at this address, then plan again: https://github.test/sso?x=y",
		},
		{
			name:   "a refusal in plain text",
			err:    actions.Error{Kind: actions.Forbidden, Status: 403, Message: "Request forbidden by administrative rules.", TokenSource: "GITHUB_TOKEN", NotAPI: true},
			detail: "GitHub answered 403: Request forbidden by administrative rules.\n\nA proxy or firewall may have refused the request. Check base_url, and proxies and firewalls on the way to that host.",
		},
		{
			name: "a repository that has moved",
			err:  actions.Error{Kind: actions.Redirected, Status: 301, Location: "https://api.github.com", Moved: true},
			detail: "The API redirects to https://api.github.com. This provider does not follow it, because the token would not be safe there.\n\n" +
				"The repository has another name or owner now: write its new name. If the name is right, set base_url to the address that the API is really served at.",
		},
		{
			name: "an answer of another form",
			err:  actions.Error{Kind: actions.Malformed, Status: 200, Reason: "the answer is not the JSON that GitHub documents", Err: errors.New("id is of type string"), Differs: true},
			detail: "GitHub's answer cannot be used: the answer is not the JSON that GitHub documents: id is of type string.\n\n" +
				"The server's answer differs from what GitHub documents. Plan again later. If this stays, check whether this provider supports the version of the server.",
		},
		{
			name:   "a method that the server does not have",
			err:    actions.Error{Kind: actions.ServerFault, Status: 501},
			detail: "GitHub answered 501.\n\nThis server does not support the request. Check base_url and the version of the server.",
		},
		{
			name:   "a network with a login page",
			err:    actions.Error{Kind: actions.ServerFault, Status: 511},
			detail: "GitHub answered 511.\n\nThe network of this machine requires a login before it lets requests pass.",
		},
		{
			name: "a certificate for another host",
			err:  actions.Error{Kind: actions.Unreachable, Err: &tls.CertificateVerificationError{Err: x509.HostnameError{Host: "ghe.test", Certificate: &x509.Certificate{DNSNames: []string{"other.test"}}}}},
			detail: "Could not reach the API host: tls: failed to verify certificate: x509: certificate is valid for other.test, not ghe.test.\n\n" +
				"The certificate is for another host. Check base_url, and proxies on the way to that host.",
		},
		{
			name: "a certificate that has expired",
			err:  actions.Error{Kind: actions.Unreachable, Err: &tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired, Detail: "it ended"}}},
			detail: "Could not reach the API host: tls: failed to verify certificate: x509: certificate has expired or is not yet valid: it ended.\n\n" +
				"The certificate is not valid at this time. Check the clock of this machine, and whether the certificate of the host has expired.",
		},
		{
			name: "an App whose installation is suspended",
			err:  actions.Error{Kind: actions.NoToken, Status: 403, TokenSource: "app_auth", Message: "This installation has been suspended", Err: errors.New("GitHub answered 403 to the request for an installation token")},
			detail: "Could not get a token from app_auth: GitHub answered 403 to the request for an installation token: This installation has been suspended.\n\n" +
				"The installation of the GitHub App is suspended. Unsuspend it in the settings of the organisation or account that it is installed in.",
		},
		{
			name: "an App that GitHub does not know",
			err:  actions.Error{Kind: actions.NoToken, Status: 404, TokenSource: "app_auth", Message: "Integration not found", Err: errors.New("GitHub answered 404 to the request for an installation token")},
			detail: "Could not get a token from app_auth: GitHub answered 404 to the request for an installation token: Integration not found.\n\n" +
				"Check id: GitHub does not know an App with this ID. It is in the settings of the App.",
		},
		{
			name: "a web page instead of an installation token",
			err:  actions.Error{Kind: actions.NoToken, Status: 201, TokenSource: "app_auth", Err: errors.New("GitHub's answer to the request for an installation token cannot be read: invalid character '<' looking for beginning of value")},
			detail: "Could not get a token from app_auth: GitHub's answer to the request for an installation token cannot be read: invalid character '<' looking for beginning of value.\n\n" +
				"Check base_url: on GitHub Enterprise Server it ends in /api/v3/. A proxy or a login page can also answer instead of GitHub.",
		},
		{
			name: "a host that hangs up",
			err:  actions.Error{Kind: actions.Unreachable, Err: &transport.AttemptsError{Attempts: 4, Err: io.EOF}},
			detail: "The API host closed the connection without an answer: EOF (4 attempts).\n\n" +
				"Check base_url, the network and the proxy (HTTPS_PROXY) if there is one.",
		},
		{
			name: "a URL that is not an API",
			err:  actions.Error{Kind: actions.NotFound, Status: 404, TokenSource: "GITHUB_TOKEN", NoAPI: "https://ghe.test/"},
			detail: "GitHub answered 404.\n\n" +
				"This may not be the address of an API: base_url is https://ghe.test/, and on GitHub Enterprise Server it ends in /api/v3/. If it is right, check owner, repository and ID. " + invisible,
		},
		{
			name:   "a signature in a cause",
			err:    actions.Error{Kind: actions.Unreachable, Err: errors.New(`failed to parse Location header "https://blob.test/x?sig=SECRET"`)},
			detail: "Could not reach the API host: failed to parse Location header \"https://blob.test/x?***\".\n\nCheck base_url, the network and the proxy (HTTPS_PROXY) if there is one.",
		},
		{
			name: "the secondary limit",
			err:  actions.Error{Kind: actions.SecondaryLimit, Status: 429, Reason: "the wait is longer than the read's timeout allows", Reset: reset},
			detail: "GitHub asks to slow down (secondary rate limit): the wait is longer than the read's timeout allows.\n\n" +
				"The limit resets at 2026-05-04T11:00:00Z. Plan again after that. To let the plan wait, raise max_rate_limit_wait in the provider block and the timeout in the timeouts block. If this keeps happening, lower max_concurrent_requests or requests_per_minute.",
		},
		{
			name: "malformed",
			err:  actions.Error{Kind: actions.Malformed, Status: 200, Reason: "the answer is a web page, not JSON", RequestID: "C0DE:1"},
			detail: "GitHub's answer cannot be used: the answer is a web page, not JSON.\n\n" +
				"Check base_url: on GitHub Enterprise Server it ends in /api/v3/. A proxy or a login page can also answer instead of GitHub.\n\nGitHub's request id: C0DE:1",
		},
		{
			name: "incomplete",
			err:  actions.Error{Kind: actions.Incomplete, Status: 200, Reason: "the list says it has 200 entries, but only 150 came in 3 readings"},
			detail: "The list is incomplete: the list says it has 200 entries, but only 150 came in 3 readings.\n\n" +
				"It may have changed while it was read: plan again. If this keeps happening, the server's total_count is wrong.",
		},
		{
			name:   "gone",
			err:    actions.Error{Kind: actions.Gone, Status: 410, Message: "Gone"},
			detail: "GitHub answered 410: Gone.\n\nGitHub has deleted it. The repository's Actions settings say how long GitHub keeps it.",
		},
		{
			name: "a redirect to another host",
			err:  actions.Error{Kind: actions.Redirected, Status: 301, Location: "https://elsewhere.test"},
			detail: "The API redirects to https://elsewhere.test. This provider does not follow it, because the token would not be safe there.\n\n" +
				"Set base_url to the address that the API is really served at.",
		},
		{
			name:   "a redirect that does not say where to",
			err:    actions.Error{Kind: actions.Redirected, Status: 301},
			detail: "The API redirects, but does not say where to.\n\nSet base_url to the address that the API is really served at.",
		},
		{
			name:   "a redirect to what is not a URL",
			err:    actions.Error{Kind: actions.Redirected, Reason: "its Location header is not a valid URL"},
			detail: "The API answered with a redirect that cannot be followed: its Location header is not a valid URL.\n\nSet base_url to the address that the API is really served at.",
		},
		{
			name:   "redirects without end",
			err:    actions.Error{Kind: actions.Redirected, Reason: "more than 10 redirects"},
			detail: "The API answered with a redirect that cannot be followed: more than 10 redirects.\n\nSet base_url to the address that the API is really served at.",
		},
		{
			name: "server fault",
			err:  actions.Error{Kind: actions.ServerFault, Status: 502, Message: "Server Error", RequestID: "C0DE:1"},
			detail: "GitHub answered 502: Server Error.\n\n" +
				"This is a fault on GitHub's side, and retries did not help. Plan again later, and check the status page of the host.\n\nGitHub's request id: C0DE:1",
		},
		{
			name: "an answer that breaks off",
			err:  actions.Error{Kind: actions.Interrupted, Err: errors.New("the answer was cut short: unexpected EOF (4 attempts)")},
			detail: "The connection broke during GitHub's answer: the answer was cut short: unexpected EOF (4 attempts).\n\n" +
				"Plan again later. If this keeps happening, check proxies and firewalls on the way to that host.",
		},
		{
			name: "a job that its run left behind", at: "job_id",
			err: actions.Error{Kind: actions.JobLeftBehind, Missing: actions.PartJob, Reason: "startup_failure", LastStatus: "queued"},
			detail: "The run of the job is completed (conclusion startup_failure), but the status of the job is still queued, so the job will never be completed.\n\n" +
				"Start the run again, or read the job without wait_for_completion.",
		},
		{
			name: "a job without a status that its run left behind", at: "job_id",
			err: actions.Error{Kind: actions.JobLeftBehind, Missing: actions.PartJob},
			detail: "The run of the job is completed (conclusion unknown), but the status of the job is still unknown, so the job will never be completed.\n\n" +
				"Start the run again, or read the job without wait_for_completion.",
		},
		{
			name: "a job that is not over", at: "job_id",
			err: actions.Error{Kind: actions.JobUnfinished, Missing: actions.PartJob, Status: 404, Message: "Not Found", Reason: "in_progress", RequestID: "C0DE:1"},
			detail: "The job has not finished (status in_progress).\n\n" +
				"GitHub provides the log when the job is completed: plan again then.\n\nGitHub's request id: C0DE:1",
		},
		{
			name: "a job without a status", at: "job_id",
			err: actions.Error{Kind: actions.JobUnfinished, Missing: actions.PartJob, Status: 404, Message: "Not Found"},
			detail: "The job has not finished (status unknown).\n\n" +
				"GitHub provides the log when the job is completed: plan again then.",
		},
		{
			name: "a job without a conclusion that never ran", at: "job_id",
			err: actions.Error{Kind: actions.JobNeverRan, Missing: actions.PartJob, Status: 404, Message: "Not Found"},
			detail: "The job never ran (conclusion unknown), so it has no log.\n\n" +
				"Choose a job that ran on a runner: its runner_name is not null.",
		},
		{
			name: "a job that never ran", at: "job_id",
			err: actions.Error{Kind: actions.JobNeverRan, Missing: actions.PartJob, Status: 404, Message: "Not Found", Reason: "skipped"},
			detail: "The job never ran (conclusion skipped), so it has no log.\n\n" +
				"Choose a job that ran on a runner: its runner_name is not null.",
		},
		{
			name: "a log that has expired", at: "job_id",
			err: actions.Error{Kind: actions.LogExpired, Missing: actions.PartJob, Status: 410, Message: "Gone"},
			detail: "GitHub answered 410: Gone.\n\n" +
				"The log has expired or was deleted. The repository's Actions settings say how long GitHub keeps logs. If you need the log, run the job again.",
		},
		{
			name: "a log that is gone from its storage", at: "job_id",
			err: actions.Error{Kind: actions.LogExpired, Missing: actions.PartJob, Status: 404, Location: "https://blob.test"},
			detail: "The log storage at https://blob.test answered 404.\n\n" +
				"The log has expired or was deleted. The repository's Actions settings say how long GitHub keeps logs. If you need the log, run the job again.",
		},
		{
			name: "a link that is not followed",
			err:  actions.Error{Kind: actions.LinkUnusable, Status: 302, Reason: "it is an address for http, and only https is safe", RequestID: "C0DE:1"},
			detail: "GitHub answered with a link to the log that this provider does not follow: it is an address for http, and only https is safe.\n\n" +
				"The link must use https, without a user name or password. Check where the server at base_url stores its logs, and check proxies on the way to it.\n\nGitHub's request id: C0DE:1",
		},
		{
			name: "a storage that refuses",
			err:  actions.Error{Kind: actions.StorageRefused, Status: 403, Location: "https://blob.test"},
			detail: "The log storage at https://blob.test answered 403.\n\n" +
				"A new link did not help. Plan again later. If this keeps happening, check proxies and firewalls on the way to that host, and its status page.",
		},
		{
			name: "a storage that fails",
			err:  actions.Error{Kind: actions.StorageRefused, Status: 503, Location: "https://blob.test"},
			detail: "The log storage at https://blob.test answered 503.\n\n" +
				"Retries did not help. Plan again later. If this keeps happening, check proxies and firewalls on the way to that host, and its status page.",
		},
		{
			name: "a log that breaks off",
			err:  actions.Error{Kind: actions.Interrupted, Location: "https://blob.test", Err: errors.New("after 4096 bytes: unexpected EOF")},
			detail: "The connection to the log storage at https://blob.test broke: after 4096 bytes: unexpected EOF.\n\n" +
				"Plan again later. If this keeps happening, check proxies and firewalls on the way to that host.",
		},
		{
			name: "a storage that is out of reach",
			err:  actions.Error{Kind: actions.Unreachable, Location: "https://blob.test", Err: errors.New("dial tcp: lookup blob.test: no such host")},
			detail: "Could not reach the log storage at https://blob.test: dial tcp: lookup blob.test: no such host.\n\n" +
				"Logs are stored on another host than the API. Check that this machine can reach it, and the proxy (HTTPS_PROXY) if there is one.",
		},
		{
			name:   "out of time, in an ephemeral resource",
			err:    actions.Error{Kind: actions.OutOfTime, Err: timeoutError{"open", 30 * time.Second}},
			detail: "The read ended before GitHub answered: the read's timeout of 30s passed.\n\nIf the repository needs longer, raise open in the timeouts block.",
		},
		{
			name:   "unexpected",
			err:    actions.Error{Kind: actions.Unexpected, Status: 418, Message: "I'm a teapot"},
			detail: "GitHub answered 418: I'm a teapot.\n\nGitHub's API does not use this status here. Check base_url, and proxies and firewalls on the way to that host.",
		},
		{
			name: "unreachable",
			err:  actions.Error{Kind: actions.Unreachable, Err: errors.New("dial tcp: lookup ghe.test: no such host")},
			detail: "Could not reach the API host: dial tcp: lookup ghe.test: no such host.\n\n" +
				"Check base_url, the network and the proxy (HTTPS_PROXY) if there is one.",
		},
		{
			name: "a certificate that is not trusted",
			err:  actions.Error{Kind: actions.Unreachable, Err: &tls.CertificateVerificationError{Err: errors.New("x509: certificate signed by unknown authority")}},
			detail: "Could not reach the API host: tls: failed to verify certificate: x509: certificate signed by unknown authority.\n\n" +
				"This machine does not trust the certificate of the host. Set ca_cert_pem to its root certificate, or check base_url.",
		},
		{
			name: "out of time",
			err:  actions.Error{Kind: actions.OutOfTime, Err: errors.New("the read's timeout of 10m0s passed")},
			detail: "The read ended before GitHub answered: the read's timeout of 10m0s passed.\n\n" +
				"If the repository needs longer, raise read in the timeouts block.",
		},
		{
			name: "out of time while waiting", summary: "acme/app run 700 is not completed",
			err: actions.Error{Kind: actions.OutOfTime, Object: "acme/app run 700", Waited: true, LastStatus: "in_progress", Unfinished: []string{"test (in_progress)", "dep\x1b[31mloy (queued)"}, Err: errors.New("the read's timeout of 1h0m0s passed")},
			detail: "The read's timeout of 1h0m0s passed. Unfinished jobs: test (in_progress), deploy (queued).\n\n" +
				"Raise read in the timeouts block, or check why it takes so long: a job that stays queued may wait for a runner that does not exist.",
		},
		{
			name: "out of time with all jobs done", summary: "acme/app run 700 is not completed",
			err: actions.Error{Kind: actions.OutOfTime, Object: "acme/app run 700", Waited: true, LastStatus: "in_progress", Err: errors.New("the read's timeout of 1h0m0s passed")},
			detail: "The read's timeout of 1h0m0s passed. All listed jobs are completed, but the status is in_progress.\n\n" +
				"Raise read in the timeouts block, or check why it takes so long: a job that stays queued may wait for a runner that does not exist.",
		},
		{
			name: "out of time while others must act", summary: "acme/app commit f83a356604ae is not completed",
			err: actions.Error{Kind: actions.OutOfTime, Object: "acme/app commit f83a356604ae", Waited: true, Unfinished: []string{"ci.yml / deploy (waiting)", "b.yml run 7 (pending)", "b.yml / (queued) (waiting)"}, Err: errors.New("the read's timeout of 1h0m0s passed")},
			detail: "The read's timeout of 1h0m0s passed. Unfinished jobs: ci.yml / deploy (waiting), b.yml run 7 (pending), b.yml / (queued) (waiting).\n\n" +
				"Raise read in the timeouts block, or check why it takes so long: what is waiting needs an approval, or another protection rule of its environment must pass; what is pending starts when another run or job of its concurrency group is completed.",
		},
		{
			name: "out of time while nothing but the run waits", summary: "acme/app run 700 is not completed",
			err: actions.Error{Kind: actions.OutOfTime, Object: "acme/app run 700", Waited: true, LastStatus: "waiting", Unfinished: []string{"lint (queued)"}, Err: errors.New("the read's timeout of 1h0m0s passed")},
			detail: "The read's timeout of 1h0m0s passed. Unfinished jobs: lint (queued).\n\n" +
				"Raise read in the timeouts block, or check why it takes so long: a job that stays queued may wait for a runner that does not exist; what is waiting needs an approval, or another protection rule of its environment must pass.",
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
				"This is a fault on GitHub's side, and retries did not help. Plan again later, and check the status page of the host.\n\nGitHub's request id: C0DE",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if tc.err.Object == "" {
				tc.err.Object, tc.summary = "acme/app job 1", summary
			}
			var diags diag.Diagnostics
			synctest.Test(t, func(*testing.T) { reportError(&diags, &tc.err) }) // at midnight on 2000-01-01
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
