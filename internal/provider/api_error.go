package provider

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/gate"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// This file words what goes wrong between the provider and GitHub. A summary says what could not be done
// to which object; the detail says why, what to do next, and GitHub's request ID.

// reportError words a failed read, on the attribute at fault if there is one.
func reportError(diags *diag.Diagnostics, err error) { reportErrorAt(diags, err, path.Empty()) }

// reportErrorAt is reportError for what one argument names, such as a repository among many.
func reportErrorAt(diags *diag.Diagnostics, err error, at path.Path) {
	e, isKnown := errors.AsType[*actions.Error](err)
	var words wording
	if isKnown {
		words, isKnown = wordings()[e.Kind]
	}
	if !isKnown {
		diags.AddError("Cannot read from GitHub", "This is a bug in the provider, please report it: "+clean(err.Error()))
		return
	}
	summary := "Cannot read " + clean(e.Object)
	why := words.cause(e)
	if e.Waited && e.Kind == actions.OutOfTime && !errors.Is(e.Err, context.Canceled) {
		summary = clean(e.Object) + " is not completed"
	} else if len(e.Unfinished)+len(e.NoRun) > 0 {
		why += " This ended the wait. " + unfinishedJobs(e)
	}
	detail := paragraphs(why, words.remedy(e), requestID(e))
	switch {
	case e.Place != nil:
		diags.AddAttributeError(path.Root(string(e.Missing)+"s").AtListIndex(*e.Place), summary, detail)
		return
	case !at.Equal(path.Empty()) && (e.Missing == "" || e.Missing == actions.PartOwner || e.Missing == actions.PartRepository || e.Missing == actions.PartRun):
		diags.AddAttributeError(at, summary, detail)
		return
	case e.Missing != "":
		diags.AddAttributeError(path.Root(string(e.Missing)), summary, detail)
		return
	}
	diags.AddError(summary, detail)
}

// wording is what the diagnostic of one kind of error says.
type wording struct {
	cause  func(*actions.Error) string // what happened
	remedy func(*actions.Error) string // what to do next; empty when there is nothing
}

// wordings has an entry for every kind: the linter fails when one is missing.
func wordings() map[actions.Kind]wording {
	return map[actions.Kind]wording{
		actions.NotFound:       {answerCause, notFoundRemedy},
		actions.Gone:           {answerCause, always("GitHub has deleted it. The repository's Actions settings say how long GitHub keeps it.")},
		actions.BadCredentials: {answerCause, badCredentialsRemedy},
		actions.NoToken:        {noTokenCause, noTokenRemedy},
		actions.Forbidden:      {forbiddenCause, forbiddenRemedy},
		actions.SSO:            {ssoCause, ssoRemedy},
		actions.PrimaryLimit:   {reasoned("GitHub's hourly rate limit is used up"), limitRemedy},
		actions.SecondaryLimit: {reasoned("GitHub asks to slow down (secondary rate limit)"), limitRemedy},
		actions.Redirected:     {redirectCause, redirectRemedy},
		actions.OwnerRenamed:   {ownerRenamedCause, ownerRenamedRemedy},
		actions.ServerFault:    {answerCause, serverRemedy},
		actions.Unexpected:     {answerCause, unexpectedRemedy},
		actions.Malformed:      {malformedCause, malformedRemedy},
		actions.Incomplete:     {reasoned("The list is incomplete"), always("It may have changed while it was read: plan again. If this keeps happening, the server's total_count is wrong.")},
		actions.Interrupted:    {interruptedCause, always("Plan again later. If this keeps happening, check proxies and firewalls on the way to that host.")},
		actions.Unreachable:    {unreachableCause, unreachableRemedy},
		actions.OutOfTime:      {outOfTimeCause, outOfTimeRemedy},
		actions.JobLeftBehind:  {jobLeftBehindCause, always("Start the run again, or read the job without wait_for_completion.")},
		actions.JobUnfinished:  {jobUnfinishedCause, always("GitHub provides the log when the job is completed: plan again then.")},
		actions.JobNeverRan:    {jobNeverRanCause, always("Choose a job that ran on a runner: its runner_name is not null.")},
		actions.FilterIgnored:  {filterIgnoredCause, filterIgnoredRemedy},
		actions.LogNotStored:   {storageCause, logNotStoredRemedy},
		actions.LogMissing:     {storageCause, always("The job was completed less than a day ago, so its log has probably not expired: it is not stored yet, it was never stored, or it was deleted. Plan again in a few minutes. If there is still no log then, run the job again.")},
		actions.LogExpired:     {storageCause, logExpiredRemedy},
		actions.LinkUnusable:   {reasoned("GitHub answered with a link to the log that this provider does not follow"), always("The link must use https, without a user name or password. Check where the server at base_url stores its logs, and check proxies on the way to it.")},
		actions.StorageRefused: {storageCause, storageRemedy},
	}
}

const serverFaultRemedy = "This is a fault on GitHub's side, and retries did not help. Plan again later, and check the status page of the host."

// serverRemedy names the argument that the server fails on, if there is one.
func serverRemedy(e *actions.Error) string {
	if e.Missing == actions.PartActor {
		return "The server answers the same request without actor, so it may not know this user. Check the login."
	}
	switch e.Status {
	case http.StatusNotImplemented:
		return "This server does not support the request. Check base_url and the version of the server."
	case http.StatusNetworkAuthenticationRequired:
		return "The network of this machine requires a login before it lets requests pass."
	}
	return serverFaultRemedy
}

// howToSetAToken is the advice for anonymous requests.
const howToSetAToken = "set token or app_auth in the provider block, or GITHUB_TOKEN" //nolint:gosec // advice, no credential

// always is a remedy that does not depend on the error.
func always(text string) func(*actions.Error) string {
	return func(*actions.Error) string { return text }
}

// reasoned is a cause that ends with what the error says.
func reasoned(text string) func(*actions.Error) string {
	return func(e *actions.Error) string { return sentence(text, e.Reason) }
}

// answerCause quotes GitHub.
func answerCause(e *actions.Error) string { return sentence(answered(e), e.Reason) }

func answered(e *actions.Error) string {
	return fmt.Sprintf("GitHub answered %d", e.Status) + prefixed(": ", e.Message)
}

func requestID(e *actions.Error) string {
	return prefixed("GitHub's request id: ", clean(e.RequestID))
}

// Not found.

func notFoundRemedy(e *actions.Error) string {
	switch {
	case e.SSOLink != "":
		return ssoRemedy(e)
	case e.NoAPI != "":
		return noAPIRemedy(e) + " If it is right, check owner, repository and ID. " + invisible(e)
	case e.Hidden:
		return hiddenRemedy(e)
	}
	switch e.Missing {
	case actions.PartOwner:
		const remedy = "GitHub shows no user or organisation with this login. Check the owner."
		if e.TokenSource == "" {
			return remedy
		}
		return sentence(fmt.Sprintf("%s Some enterprises show an organisation only to its members: the token from %s must then belong to a member", remedy, e.TokenSource))
	case actions.PartRepository:
		return "The repository does not exist, or it is not visible. Check owner and name. " + invisible(e)
	case actions.PartRun:
		return "The repository exists, but the run does not: it was deleted, or the ID belongs to another repository. The ID is the number after /actions/runs/ in the URL of the run."
	case actions.PartAttempt:
		if isMissingRoute := e.NoRoute; isMissingRoute {
			return "The run exists. Remove attempt_number to read its jobs as they are now."
		}
		return "The run exists, but the attempt does not."
	case actions.PartWorkflow:
		return "The repository exists, but the workflow does not. Write the name of its file in .github/workflows, such as ci.yml, or its ID, not its display name."
	case actions.PartJob:
		return "The repository exists, but the job does not: its run was deleted, or the ID belongs to another repository or to a run. The ID is the number after /job/ in the URL of the job."
	case actions.PartBranch, actions.PartEvent, actions.PartActor, actions.PartStatus, actions.PartCreated, actions.PartHeadSHA, actions.PartFilter: // a filter is never missing
	}
	return "Check owner, repository and ID. " + invisible(e)
}

// hiddenRemedy is for what cannot be read in a run or repository that can.
func hiddenRemedy(e *actions.Error) string {
	switch {
	case e.NoRoute:
		return "This server does not have this part of GitHub's API. It may be too old: the guide \"GitHub Enterprise Server and GHE.com\" says which servers were tried."
	case e.Missing == actions.PartRun:
		return sentence(fmt.Sprintf("The run exists, but its jobs are not visible. Plan again later. If this stays, check that the token has %s", readAccess))
	}
	return sentence(fmt.Sprintf("The repository exists, but its runs are not visible. Check that GitHub Actions is enabled for it, and that the token has %s", readAccess))
}

// noAPIRemedy is for an answer that is not from the address of an API.
func noAPIRemedy(e *actions.Error) string {
	const not = "This may not be the address of an API: base_url is %s"
	switch {
	case e.RightBase == "":
		return fmt.Sprintf(not+", and on GitHub Enterprise Server it ends in /api/v3/.", clean(e.NoAPI))
	case e.RightBase != e.NoAPI:
		return fmt.Sprintf(not+", and the API of this host is at %s.", clean(e.NoAPI), clean(e.RightBase))
	}
	return fmt.Sprintf("The answer is not from an API, although base_url is %s. A proxy or firewall may have answered, or the server does not have this part of GitHub's API.", clean(e.NoAPI))
}

// invisible says what else a 404 can mean.
func invisible(e *actions.Error) string {
	if e.TokenSource == "" {
		return anonymous(e) + " GitHub also answers 404 for a private repository: " + howToSetAToken + "."
	}
	return sentence(fmt.Sprintf("GitHub also answers 404 for what a token cannot see: the token from %s needs %s", e.TokenSource, neededAccess(e)))
}

// Credentials and refusals.

const (
	// readAccess is the permission that every read of a repository needs.
	readAccess = "read access to Actions on this repository (fine-grained token or App: Actions: read; classic token: repo)"
	// listAccess is the permission that the list of an owner's repositories needs.
	listAccess = "read access to the repositories of this owner (fine-grained token or App: Metadata: read; classic token: repo)"
)

// neededAccess is the permission that the failed request needs.
func neededAccess(e *actions.Error) string {
	if e.Missing == actions.PartOwner {
		return listAccess
	}
	return readAccess
}

// anonymous says that the request had no token, and what gh said when it was asked for one.
func anonymous(e *actions.Error) string {
	if e.GHFinding == "" {
		return "The request was anonymous."
	}
	return "The request was anonymous, and gh gave no token: " + clean(e.GHFinding) + "."
}

func badCredentialsRemedy(e *actions.Error) string {
	switch {
	case e.TokenSource == "":
		return anonymous(e) + " This host requires a token: " + howToSetAToken + "."
	case e.App:
		return sentence(fmt.Sprintf("GitHub refused the installation token of the App from %s, and a new one as well. Check that the App is still installed and not suspended, and that it belongs to the host of base_url", e.TokenSource))
	}
	return sentence(fmt.Sprintf("GitHub refused the token from %s. Check that it is complete, has not expired and belongs to the host of base_url", e.TokenSource))
}

func noTokenCause(e *actions.Error) string {
	return sentence("Could not get a token from "+e.TokenSource, e.Cause(), e.Message)
}

func noTokenRemedy(e *actions.Error) string {
	_, unanswered := errors.AsType[*transport.AttemptsError](e.Err)
	switch {
	case e.Status >= 300 && e.Status < 400:
		return wrongBaseRemedy
	case e.Status >= 200 && e.Status < 300:
		return otherAnswerRemedy
	case unanswered:
		return unreachableRemedy(e)
	case e.Status >= http.StatusInternalServerError:
		return serverFaultRemedy
	case e.Status == http.StatusUnauthorized:
		return "Check that pem_file is a private key of the App with this ID, and that the clock of this machine is right: GitHub accepts the App's signature for a few minutes only."
	case e.Status == http.StatusNotFound && strings.EqualFold(e.Message, "Integration not found"):
		return "Check id: GitHub does not know an App with this ID. It is in the settings of the App."
	case e.Status == http.StatusNotFound:
		return "Check installation_id, and that the App is still installed: the ID is the number at the end of the URL of the installation."
	}
	if why := e.Refusal(); e.Status == http.StatusForbidden && why != actions.RefusalUnknown && why != actions.RefusedPermission {
		return refusalRemedies()[why](e)
	}
	return "Check id, installation_id and pem_file of app_auth (GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID, GITHUB_APP_PEM_FILE)."
}

func forbiddenCause(e *actions.Error) string {
	if e.Refusal() == actions.RefusedByProxy && e.WebPage {
		return sentence(fmt.Sprintf("The answer is a web page with status %d, not an answer of the API", e.Status), e.Reason)
	}
	return answerCause(e)
}

// forbiddenRemedy advises on permissions only where a missing permission may be the cause.
func forbiddenRemedy(e *actions.Error) string {
	return refusalRemedies()[e.Refusal()](e)
}

// refusalRemedies has an entry for every refusal: the linter fails when one is missing.
func refusalRemedies() map[actions.Refusal]func(*actions.Error) string {
	return map[actions.Refusal]func(*actions.Error) string{
		actions.RefusalUnknown:       unknownRefusalRemedy,
		actions.RefusedPermission:    permissionRemedy,
		actions.RefusedAddress:       always("The IP address of this machine is not on the IP allow list of the organisation or enterprise. Run Terraform from an address on the list, or ask an owner to add this one."),
		actions.RefusedClassicToken:  aboutToken("The organisation does not accept classic personal access tokens, and %s is one. Use a GitHub App or a fine-grained token"),
		actions.RefusedTokenLifetime: aboutToken("The organisation does not accept tokens that live this long. Shorten the lifetime of %s, or use a GitHub App"),
		actions.RefusedTokenKind:     aboutToken("The organisation does not accept this kind of token. Use a GitHub App instead of %s, or ask an owner of the organisation"),
		actions.RefusedOAuthApp:      always("The organisation has not approved the OAuth App that the token belongs to. Ask an owner to approve it, or use a personal access token or a GitHub App."),
		actions.RefusedSSO:           ssoRemedy,
		actions.RefusedRepository:    always("GitHub has blocked the repository, for every token. Its page on GitHub says why."),
		actions.RefusedAccount:       aboutToken("The account of %s is suspended. Use a token of another account, or contact GitHub Support"),
		actions.RefusedInstallation:  always("The installation of the GitHub App is suspended. Unsuspend it in the settings of the organisation or account that it is installed in."),
		actions.RefusedLogins:        always("GitHub has seen too many failed logins. Check that the token is valid, and plan again later."),
		actions.RefusedByProxy:       always("A proxy or firewall may have refused the request. Check base_url, and proxies and firewalls on the way to that host."),
	}
}

// aboutToken is a remedy that names the token.
func aboutToken(format string) func(*actions.Error) string {
	return func(e *actions.Error) string {
		token := "the token"
		if e.TokenSource != "" {
			token += " from " + e.TokenSource
		}
		return sentence(fmt.Sprintf(format, token))
	}
}

// unknownRefusalRemedy advises on permissions too: they are the usual cause.
func unknownRefusalRemedy(e *actions.Error) string {
	if e.TokenSource == "" || e.Message == "" || e.AcceptedPermissions != "" || scopesMissing(e) {
		return permissionRemedy(e)
	}
	return sentence(fmt.Sprintf("If a permission is missing, the token from %s needs %s. If not, a policy of the organisation may refuse the request", e.TokenSource, neededAccess(e)))
}

func scopesMissing(e *actions.Error) bool { return e.AcceptedScopes != "" && e.Scopes != "" }

// permissionRemedy compares what GitHub requires with what the token has.
func permissionRemedy(e *actions.Error) string {
	if e.TokenSource == "" {
		return anonymous(e) + " " + sentence(howToSetAToken)
	}
	var needs []string
	if e.AcceptedPermissions != "" {
		needs = append(needs, "GitHub requires the permission "+e.AcceptedPermissions+" (fine-grained token or App)")
	}
	if scopesMissing(e) {
		needs = append(needs, "it has the scopes "+e.Scopes+", and needs one of "+e.AcceptedScopes)
	}
	if len(needs) == 0 {
		needs = append(needs, "it needs "+neededAccess(e))
	}
	return sentence(fmt.Sprintf("The token from %s cannot read this: %s", e.TokenSource, strings.Join(needs, "; ")))
}

// ssoCause is about a refusal, or about a list without what requires single sign-on.
func ssoCause(e *actions.Error) string {
	if e.Status == http.StatusOK {
		return sentence("The list is not complete", e.Reason)
	}
	return answerCause(e)
}

func ssoRemedy(e *actions.Error) string {
	token := "a token"
	if e.TokenSource != "" {
		token = "the token from " + e.TokenSource
	}
	demand := fmt.Sprintf("The organisation requires single sign-on. Authorise %s for it", token)
	if e.SSOLink == "" {
		return sentence(demand + " in the settings of the token")
	}
	// A full stop after the URL would be copied with it.
	return clean(demand + " at this address, then plan again: " + e.SSOLink)
}

// Rate limits.

func limitRemedy(e *actions.Error) string {
	var advice []string
	limit, isLimit := errors.AsType[*transport.RateLimitError](e.Err)
	switch {
	case e.Reset.IsZero():
	case !e.Reset.After(time.Now()):
		advice = append(advice, "The limit has been reset since: plan again now.")
	case isLimit && limit.ByDeadline:
		advice = append(advice, fmt.Sprintf("The limit resets at %s. Plan again after that, or raise the timeout in the timeouts block, so that it is longer than the wait.", e.Reset.Format(time.RFC3339)))
	default:
		advice = append(advice, fmt.Sprintf("The limit resets at %s. Plan again after that. To let the plan wait, raise max_rate_limit_wait in the provider block and the timeout in the timeouts block.", e.Reset.Format(time.RFC3339)))
	}
	switch {
	case e.Kind == actions.SecondaryLimit:
		advice = append(advice, "If this keeps happening, lower max_concurrent_requests or requests_per_minute.")
	case e.TokenSource == "":
		advice = append(advice, "Anonymous requests are limited to 60 per hour: "+howToSetAToken+".")
	default:
		advice = append(advice, "With cache_path or cache_url, later plans use less of the limit.")
	}
	return strings.Join(advice, " ")
}

// What the server or the network does.

func redirectCause(e *actions.Error) string {
	switch {
	case e.Reason != "":
		return sentence("The API answered with a redirect that cannot be followed", e.Reason)
	case e.Location == "":
		return "The API redirects, but does not say where to."
	}
	return sentence(fmt.Sprintf("The API redirects to %s. This provider does not follow it, because the token would not be safe there", e.Location))
}

func redirectRemedy(e *actions.Error) string {
	if e.Moved {
		return "The repository has another name or owner now: write its new name. If the name is right, set base_url to the address that the API is really served at."
	}
	return wrongBaseRemedy
}

const wrongBaseRemedy = "Set base_url to the address that the API is really served at."

func ownerRenamedCause(e *actions.Error) string {
	return sentence(fmt.Sprintf("GitHub lists the repositories of %s instead, so this owner may have been renamed", e.Reason))
}

func ownerRenamedRemedy(e *actions.Error) string {
	return sentence(fmt.Sprintf("If it was, write %s as the owner", e.Reason))
}

func filterIgnoredCause(e *actions.Error) string {
	if e.Missing == "" {
		return sentence("The answer would be wrong", e.Reason)
	}
	return sentence(fmt.Sprintf("The server ignored %s, and the answer would be wrong", e.Missing), e.Reason)
}

func filterIgnoredRemedy(e *actions.Error) string {
	if e.Missing == actions.PartFilter {
		return `Only filter = "latest" works on this server.`
	}
	if e.Missing == "" { // of a gate
		return "Start a new run of the workflow instead of a re-run: a run with one attempt can be judged."
	}
	return "Remove the filter and select the runs in the configuration, or use another filter that the server knows."
}

func malformedCause(e *actions.Error) string {
	return sentence("GitHub's answer cannot be used", e.Reason, e.Cause())
}

const otherAnswerRemedy = "Check base_url: on GitHub Enterprise Server it ends in /api/v3/. A proxy or a login page can also answer instead of GitHub."

func malformedRemedy(e *actions.Error) string {
	if e.Differs {
		return "The server's answer differs from what GitHub documents. Plan again later. If this stays, check whether this provider supports the version of the server."
	}
	return otherAnswerRemedy
}

func unexpectedRemedy(e *actions.Error) string {
	switch {
	case e.Status == http.StatusUnprocessableEntity:
		return "GitHub does not accept a value in the request. If filters are set, check created, status, event, actor and head_sha."
	case e.Status == http.StatusProxyAuthRequired:
		return "The proxy requires a login. Check HTTPS_PROXY."
	case e.NoAPI != "":
		return noAPIRemedy(e)
	}
	return "GitHub's API does not use this status here. Check base_url, and proxies and firewalls on the way to that host."
}

// host is the API, or the host that a log is stored on.
func host(e *actions.Error) string {
	if e.Location != "" {
		return "The log storage at " + e.Location
	}
	return "The API host"
}

func interruptedCause(e *actions.Error) string {
	if e.Location != "" {
		return sentence("The connection to the log storage at "+e.Location+" broke", e.Cause())
	}
	return sentence("The connection broke during GitHub's answer", e.Cause())
}

func unreachableCause(e *actions.Error) string {
	if errors.Is(e.Err, io.EOF) {
		return sentence(host(e)+" closed the connection without an answer", e.Cause())
	}
	return sentence("Could not reach "+strings.ToLower(host(e)[:1])+host(e)[1:], e.Cause())
}

func unreachableRemedy(e *actions.Error) string {
	if _, otherName := errors.AsType[x509.HostnameError](e.Err); otherName {
		return "The certificate is for another host. Check base_url, and proxies on the way to that host."
	}
	if invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](e.Err); isInvalid && invalid.Reason == x509.Expired {
		return "The certificate is not valid at this time. Check the clock of this machine, and whether the certificate of the host has expired."
	}
	if _, untrusted := errors.AsType[*tls.CertificateVerificationError](e.Err); untrusted {
		return "This machine does not trust the certificate of the host. Set ca_cert_pem to its root certificate, or check base_url."
	}
	if e.Location != "" {
		return "Logs are stored on another host than the API. Check that this machine can reach it, and the proxy (HTTPS_PROXY) if there is one."
	}
	return "Check base_url, the network and the proxy (HTTPS_PROXY) if there is one."
}

// Time.

func outOfTimeCause(e *actions.Error) string {
	switch {
	case errors.Is(e.Err, context.Canceled):
		return "Terraform cancelled the read."
	case e.Reason != "":
		return sentence(e.Reason, e.Cause())
	case !e.Waited:
		return sentence("The read ended before GitHub answered", e.Cause())
	case e.LastFailure != nil:
		return sentence(e.Cause()) + " " + lastFailure(e.LastFailure)
	case len(e.Unfinished)+len(e.NoRun) > 0:
		return sentence(e.Cause()) + " " + unfinishedJobs(e)
	}
	status := e.LastStatus
	if status == "" {
		status = "unknown"
	}
	return sentence(e.Cause()) + " " + sentence("All listed jobs are completed, but the status is "+status)
}

// lastFailure words why the last request of a wait found nothing out.
func lastFailure(err error) string {
	e, isKnown := errors.AsType[*actions.Error](err)
	if !isKnown {
		return sentence("The last request failed: " + err.Error())
	}
	return "The last request failed. " + wordings()[e.Kind].cause(e)
}

func outOfTimeRemedy(e *actions.Error) string {
	switch {
	case errors.Is(e.Err, context.Canceled):
		return ""
	case e.LastFailure != nil:
		return "Plan again when the host answers. Check its status page, and proxies and firewalls on the way to it."
	case e.Waited:
		return "Raise read in the timeouts block, or check why it takes so long: " + whyUnfinished(e) + "."
	}
	argument := "read"
	if timeout, isTimeout := errors.AsType[timeoutError](e.Err); isTimeout {
		argument = timeout.argument
	}
	return fmt.Sprintf("If the repository needs longer, raise %s in the timeouts block.", argument)
}

// whyUnfinished says what the statuses of runs and jobs can mean. Each text of e.Unfinished ends with
// a status in parentheses.
func whyUnfinished(e *actions.Error) string {
	has := func(status string) bool {
		return e.LastStatus == status || slices.ContainsFunc(e.Unfinished, func(s string) bool { return strings.HasSuffix(s, " ("+status+")") })
	}
	var why []string
	if has("waiting") {
		why = append(why, "what is waiting needs an approval, or another protection rule of its environment must pass")
	}
	if has("pending") {
		why = append(why, "what is pending starts when another run or job of its concurrency group is completed")
	}
	if has("queued") || len(why) == 0 {
		why = slices.Insert(why, 0, "a job that stays queued may wait for a runner that does not exist")
	}
	return strings.Join(why, "; ")
}

// unfinishedJobs says what a wait was for.
func unfinishedJobs(e *actions.Error) string {
	var all []string
	if len(e.Unfinished) > 0 {
		all = append(all, sentence("Unfinished jobs: "+shortList(e.Unfinished)))
	}
	if len(e.NoRun) > 0 {
		all = append(all, sentence("Workflows without a run: "+shortList(e.NoRun)))
	}
	return strings.Join(all, " ")
}

func jobLeftBehindCause(e *actions.Error) string {
	return sentence(fmt.Sprintf("The run of the job is completed (conclusion %s), but the status of the job is still %s, so the job will never be completed", cmp.Or(e.Reason, "unknown"), cmp.Or(e.LastStatus, "unknown")))
}

// Logs.

func jobUnfinishedCause(e *actions.Error) string {
	return sentence(fmt.Sprintf("The job has not finished (status %s)", cmp.Or(e.Reason, "unknown")))
}

func jobNeverRanCause(e *actions.Error) string {
	return sentence(fmt.Sprintf("The job never ran (conclusion %s), so it has no log", cmp.Or(e.Reason, "unknown")))
}

func storageCause(e *actions.Error) string {
	if e.Location == "" {
		return sentence(answered(e))
	}
	return sentence(fmt.Sprintf("The log storage at %s answered %d", e.Location, e.Status))
}

func logNotStoredRemedy(e *actions.Error) string {
	return sentence("The log was probably never stored", e.Reason) + " If you need the log, run the job again."
}

func logExpiredRemedy(e *actions.Error) string {
	why := "The log has expired or was deleted. The repository's Actions settings say how long GitHub keeps logs."
	if e.Reason != "" {
		why = sentence("The log was probably never stored", e.Reason) + " If it was stored, it has expired or was deleted."
	}
	return why + " If you need the log, run the job again."
}

// storageRemedy says what was tried: a new link cures only what the storage refuses, not its faults.
func storageRemedy(e *actions.Error) string {
	tried := "A new link did not help."
	if e.Status >= http.StatusInternalServerError {
		tried = "Retries did not help."
	}
	return tried + " Plan again later. If this keeps happening, check proxies and firewalls on the way to that host, and its status page."
}

// Warnings about answers.

// reportNothingAudited warns of rules that were held against no job.
func reportNothingAudited(diags *diag.Diagnostics, s selection, r auditReport) {
	switch {
	case len(r.read.Repositories) == 0 && r.compliant():
		diags.AddWarning("No repository was checked", "compliant is true because no repository is left to check.")
	case r.read.RunCount == 0 && r.compliant() && r.read.VanishedRuns() > 0:
		diags.AddWarning(fmt.Sprintf("No run of %s was checked", s.name()),
			"compliant is true because all runs that matched were deleted after they were listed.")
	case r.read.RunCount == 0 && r.compliant():
		diags.AddWarning(fmt.Sprintf("No run of %s matched", s.name()),
			"compliant is true because there were no jobs to check. Check the filters: GitHub answers a branch, status, event or user that it does not know with an empty list.")
	case r.read.NoJobs():
		diags.AddWarning(fmt.Sprintf("No job in the finished runs of %s", s.name()),
			fmt.Sprintf("Finished runs have jobs, but GitHub listed none for %d of them, so nothing was checked. Check that the token can read the jobs: it needs %s.", r.read.FinishedRuns, readAccess))
	}
}

// reportAudit warns of what an audit does not cover, and of exceptions that do nothing.
func reportAudit(diags *diag.Diagnostics, s selection, r auditReport, hasRules bool) {
	if hasRules {
		reportNothingAudited(diags, s, r)
	}
	for i, use := range r.Exceptions {
		at := path.Root("exception").AtListIndex(i)
		switch {
		case use.Expired:
			diags.AddAttributeWarning(at, "An exception has expired",
				fmt.Sprintf("%s has expired, so the violations that it matches (%d) count. Remove it, or set a later until.", at, use.Count))
		case use.Count == 0:
			diags.AddAttributeWarning(at, "An exception matches nothing",
				fmt.Sprintf("%s matches no violation of the runs that were checked. Remove it if it is not needed any more.", at))
		}
	}
	if r.SummaryCut {
		diags.AddWarning("The summary is cut",
			fmt.Sprintf("summary lists %d rows, and there are more. violation_count counts all violations.", len(r.Summary)))
	}
}

// reportRunList warns of what a list of runs leaves open.
func reportRunList(diags *diag.Diagnostics, repo actions.Repository, runs actions.WorkflowRuns) {
	if runs.Short {
		diags.AddWarning("GitHub counts more runs than it shows",
			fmt.Sprintf("For %s, GitHub says that %d runs match and shows %d, in repeated readings. The list is what GitHub shows. Lists with a filter come from a search index, whose count can stay too high.", repo, job.Value(runs.Total), len(runs.Runs)))
	}
	for _, filter := range runs.Unchecked {
		diags.AddAttributeWarning(path.Root(string(filter)), fmt.Sprintf("Cannot check %s", filter),
			fmt.Sprintf("The server may have ignored %s: the runs of %s that it lists do not have the field that shows it.", filter, repo))
	}
}

// Verdicts.

// reportGateShut is the error of must_succeed, on the argument at fault where there is one.
func reportGateShut(diags *diag.Diagnostics, query actions.CommitQuery, verdict gate.Verdict) {
	at := path.Root("must_succeed")
	switch place := verdict.Fault.Place; verdict.Fault.Kind {
	case gate.FaultWorkflow:
		at = path.Root("workflows").AtListIndex(place)
	case gate.FaultRequired, gate.FaultNoJob:
		at = path.Root("required_jobs").AtListIndex(place)
	case gate.FaultNone, gate.FaultRun, gate.FaultUnfinished, gate.FaultUnclear, gate.FaultTooMany, gate.FaultUnlisted:
	}
	var runs []string
	for _, row := range verdict.Rows {
		if row.Run.HTMLURL != nil {
			runs = append(runs, clean(row.Workflow+": "+*row.Run.HTMLURL))
		}
	}
	diags.AddAttributeError(at, "CI has not succeeded for "+clean(query.String()),
		paragraphs("The gate is shut: "+verdict.Reason+".", gateRemedy(query, verdict), strings.Join(runs, "\n")))
}

// gateRemedy says what to do next. It advises to wait only if that can open the gate.
func gateRemedy(query actions.CommitQuery, verdict gate.Verdict) string {
	switch verdict.Fault.Kind {
	case gate.FaultWorkflow:
		return missingRunRemedy(query, verdict)
	case gate.FaultNoJob:
		return missingJobRemedy(verdict)
	case gate.FaultTooMany:
		return "Set branch."
	case gate.FaultUnlisted:
		return "Delete old runs of the workflow, so that the server can list all of them."
	case gate.FaultUnfinished:
		wait := "To wait until the runs are completed, set wait_for_completion."
		if query.WaitForCompletion {
			wait = ""
		}
		return strings.TrimSpace(stateRemedy(verdict.State) + " " + wait)
	case gate.FaultUnclear:
		return "GitHub's answers contradict each other, usually only for a short time. Plan again later."
	case gate.FaultRun:
		return stateRemedy(verdict.State)
	case gate.FaultNone, gate.FaultRequired:
	}
	return ""
}

// missingRunRemedy names the run that is there and does not count.
func missingRunRemedy(query actions.CommitQuery, verdict gate.Verdict) string {
	why := ""
	switch {
	case verdict.NearMiss != "":
		why = verdict.NearMiss + ". "
	case query.Event == "pull_request":
		why = "For pull_request, head_sha must be the head commit of the pull request (github.event.pull_request.head.sha), not its merge commit (github.sha). "
	}
	if query.WaitForRun == 0 {
		return why + "To wait for a run that has not started yet, set wait_for_run. Check event and branch too."
	}
	return why + fmt.Sprintf("The read waited %s for a run, as wait_for_run says. Check that the commit is pushed, and check event and branch.", query.WaitForRun)
}

// missingJobRemedy names the jobs that there are, unless the reason says why one is missing.
func missingJobRemedy(verdict gate.Verdict) string {
	if verdict.State != "" {
		return ""
	}
	quoted := make([]string, len(verdict.Jobs)) // names may contain commas
	for i, name := range verdict.Jobs {
		quoted[i] = strconv.Quote(name)
	}
	return fmt.Sprintf("Names of jobs are without the workflow and the event that GitHub's pages show beside them. The runs have these jobs: %s.", shortList(quoted))
}

// stateRemedy says what a status or conclusion asks for, if time alone does not end it.
func stateRemedy(state string) string {
	switch state {
	case "waiting":
		return "It needs an approval, or another protection rule of its environment must pass."
	case "pending":
		return "Its concurrency group lets it start when another run or job is completed."
	case "action_required":
		return "It needs an approval before it starts. Approve it on the page of the run."
	case "startup_failure":
		return "The workflow file may be invalid. The page of the run shows the cause."
	}
	return ""
}
