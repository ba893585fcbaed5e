package provider

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/audit"
	"github.com/runner-audit/terraform-provider-github-actions/internal/joblog"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// This file is the only place that words anything for people. A summary says what could not be done
// to which object; the detail says why, what to do next, and GitHub's request id.

// reportError words a failed read. It stands on the argument at fault where there is one.
func reportError(diags *diag.Diagnostics, err error) {
	var e *actions.Error
	if !errors.As(err, &e) {
		diags.AddError("Cannot read from GitHub", "This is a bug in the provider, please report it: "+clean(err.Error()))
		return
	}
	summary := "Cannot read " + clean(e.Object)
	why := cause(e)
	if e.Waited && e.Kind == actions.OutOfTime && !errors.Is(e.Err, context.Canceled) {
		summary = clean(e.Object) + " is not completed"
	} else if len(e.Unfinished) > 0 {
		why += " This ended the wait for completion. " + unfinishedJobs(e)
	}
	detail := paragraphs(why, remedy(e), requestID(e))
	if at := e.Missing; at != "" {
		diags.AddAttributeError(path.Root(string(at)), summary, detail)
		return
	}
	diags.AddError(summary, detail)
}

// cause says what happened.
func cause(e *actions.Error) string {
	switch e.Kind {
	case actions.NotFound:
		return sentence(answered(e), e.Reason)
	case actions.NoToken:
		return sentence("No token could be had from "+e.TokenSource, causeOf(e))
	case actions.PrimaryLimit:
		return sentence("GitHub's hourly rate limit is used up", e.Reason)
	case actions.SecondaryLimit:
		return sentence("GitHub asked to slow down (secondary rate limit)", e.Reason)
	case actions.Malformed:
		return sentence("GitHub's answer cannot be used", e.Reason, causeOf(e))
	case actions.Incomplete:
		return sentence("The list did not arrive whole", e.Reason)
	case actions.Redirected:
		return redirectCause(e)
	case actions.Interrupted, actions.Unreachable:
		return brokenCause(e)
	case actions.JobUnfinished, actions.JobNeverRan, actions.LogExpired, actions.LinkUnusable, actions.StorageRefused:
		return logCause(e)
	case actions.OutOfTime:
		return outOfTimeCause(e)
	default:
		return sentence(answered(e), e.Reason)
	}
}

func outOfTimeCause(e *actions.Error) string {
	switch {
	case errors.Is(e.Err, context.Canceled):
		return "Terraform cancelled the read."
	case !e.Waited:
		return sentence("The read ended before GitHub answered", causeOf(e))
	case len(e.Unfinished) > 0:
		return sentence(causeOf(e)) + " " + unfinishedJobs(e)
	}
	status := e.LastStatus
	if status == "" {
		status = "unknown"
	}
	return sentence(causeOf(e)) + " " + sentence("All jobs that are listed are completed, but its status is "+status)
}

func unfinishedJobs(e *actions.Error) string {
	return sentence("Unfinished jobs: " + shortList(e.Unfinished))
}

// shortList names the first of many.
func shortList(names []string) string {
	const shown = 20
	if rest := len(names) - shown; rest > 0 {
		names = append(slices.Clone(names[:shown]), fmt.Sprintf("and %d more", rest))
	}
	return strings.Join(names, ", ")
}

func redirectCause(e *actions.Error) string {
	if e.Reason != "" {
		return sentence("The API redirects without end", e.Reason)
	}
	where := e.Location
	if where == "" {
		where = "an address it does not give"
	}
	return sentence(fmt.Sprintf("The API redirects to %s, which this provider does not follow: the token would not be safe there", where))
}

// brokenCause tells the API host from the host that a log is stored on.
func brokenCause(e *actions.Error) string {
	host, answer := "The API host", "GitHub's answer broke off"
	if e.Location != "" {
		host = "The log's storage at " + e.Location
		answer = "The log broke off on its way from " + e.Location
	}
	if e.Kind == actions.Interrupted {
		return sentence(answer, causeOf(e))
	}
	if errors.Is(e.Err, io.EOF) {
		return sentence(host+" closed the connection without an answer", causeOf(e))
	}
	return sentence(host+" could not be reached", causeOf(e))
}

// logCause says why there is a job, but no log of it.
func logCause(e *actions.Error) string {
	switch e.Kind {
	case actions.JobUnfinished:
		return sentence(fmt.Sprintf("The job has not finished (status %s)", e.Reason))
	case actions.JobNeverRan:
		return sentence(fmt.Sprintf("The job never ran (conclusion %s), so there is no log of it", e.Reason))
	case actions.LinkUnusable:
		return sentence("GitHub answered with a link to the log that is not followed", e.Reason)
	default:
		if e.Location == "" {
			return sentence(answered(e))
		}
	}
	return sentence(fmt.Sprintf("The log's storage at %s answered %d", e.Location, e.Status))
}

// remedy says what to do next.
func remedy(e *actions.Error) string {
	switch e.Kind {
	case actions.NotFound:
		return notFoundRemedy(e)
	case actions.BadCredentials:
		if e.TokenSource == "" {
			return "The request was anonymous, and this host wants a token: " + howToSetAToken + "."
		}
		return sentence(fmt.Sprintf("The token from %s was refused. Check that it is complete, has not expired and belongs to the host of base_url", e.TokenSource))
	case actions.NoToken:
		return noTokenRemedy(e)
	case actions.Forbidden:
		return forbiddenRemedy(e)
	case actions.SSO:
		return ssoRemedy(e)
	case actions.PrimaryLimit, actions.SecondaryLimit:
		return limitRemedy(e)
	case actions.Unreachable:
		return unreachableRemedy(e)
	case actions.OutOfTime:
		switch {
		case errors.Is(e.Err, context.Canceled):
			return ""
		case e.Waited:
			return "Raise read in the timeouts block, or look at why it takes so long: a job that stays queued may wait for a runner that does not exist."
		}
		return fmt.Sprintf("Raise %s in the timeouts block if the repository needs longer.", timeoutArgument(e))
	case actions.Unexpected:
		if e.Status == http.StatusUnprocessableEntity {
			return "GitHub does not accept one of the filters: check created, status, event, actor and head_sha."
		}
		return ""
	default:
		return plainRemedy(e.Kind)
	}
}

// plainRemedy is for the kinds whose remedy does not depend on the case.
func plainRemedy(kind actions.Kind) string {
	switch kind {
	case actions.Gone:
		return "GitHub has deleted it; how long it keeps such things is set in the repository's Actions settings."
	case actions.Malformed:
		return "Check base_url: on GitHub Enterprise Server it ends in /api/v3/. A proxy or a login page in between can answer in GitHub's place too."
	case actions.Incomplete:
		return "The run may have changed while it was read: plan again. If it stays so, the server's total_count is wrong."
	case actions.Redirected:
		return "Set base_url to the address that the API is really served at."
	case actions.ServerFault:
		return "This is a fault on GitHub's side, and trying again did not help: plan again later, and look at the host's status page."
	case actions.JobUnfinished:
		return "GitHub hands a log out when its job is over: plan again then."
	case actions.JobNeverRan:
		return "Choose a job that a runner worked on: its runner_name is not null."
	case actions.LogExpired:
		return "The log has expired or was deleted; how long GitHub keeps logs is set in the repository's Actions settings. Run the job again if its log is needed."
	case actions.LinkUnusable:
		return "Look at how base_url's server stores its logs, and at what stands in between, such as a proxy. The link must be https, without a user name or password."
	case actions.StorageRefused:
		return "A fresh link did not help. Plan again later; if it stays so, look at this machine's way to that host, such as a proxy, and at the host's status page."
	case actions.Interrupted:
		return "Plan again later. If it stays so, look at what stands between this machine and that host, such as a proxy."
	default:
		return ""
	}
}

// howToSetAToken is the advice for an anonymous reader.
const howToSetAToken = "set token or app_auth in the provider block, or GITHUB_TOKEN" //nolint:gosec // advice, no credential

func notFoundRemedy(e *actions.Error) string {
	if e.NoAPI != "" {
		return fmt.Sprintf("This may not be an API's address: base_url is %s, and on GitHub Enterprise Server it ends in /api/v3/. If it is right, check owner, repository and id. %s", clean(e.NoAPI), invisible(e))
	}
	switch e.Missing {
	case actions.PartRepository:
		return "There is no such repository, or it cannot be seen. Check owner and name. " + invisible(e)
	case actions.PartRun:
		return "The repository is there, but it has no such run: it was deleted, or the id belongs to another repository. The id is the number after /actions/runs/ in the run's web address."
	case actions.PartAttempt:
		return "The run is there, but it has no such attempt."
	case actions.PartWorkflow:
		return "The repository is there, but it has no such workflow. Write the name of its file below .github/workflows, such as ci.yml, not the name that it shows, or its id."
	case actions.PartJob:
		return "The repository is there, but it has no such job: its run was deleted, or the id belongs to another repository or is a run's. The id is the number after /job/ in the job's web address."
	}
	return "Check owner, repository and id. " + invisible(e)
}

// invisible says what a 404 can mean besides "there is none".
func invisible(e *actions.Error) string {
	if e.TokenSource == "" {
		return "The request was anonymous, and GitHub gives the same answer for a private repository: " + howToSetAToken + "."
	}
	return sentence(fmt.Sprintf("GitHub gives the same answer for what a token may not see: the token from %s needs Actions: read on this repository (classic: repo)", e.TokenSource))
}

func noTokenRemedy(e *actions.Error) string {
	var unanswered *transport.AttemptsError
	switch {
	case errors.As(e.Err, &unanswered):
		return unreachableRemedy(e)
	case e.Status >= http.StatusInternalServerError:
		return plainRemedy(actions.ServerFault)
	}
	switch e.Status {
	case http.StatusUnauthorized:
		return "Check that pem_file is a key of the App with this id, and that this machine's clock is right: GitHub takes the App's signature for a few minutes only."
	case http.StatusNotFound:
		return "Check installation_id, and that the App is still installed there: it is the number at the end of the installation's web address."
	}
	return "Check id, installation_id and pem_file of app_auth (GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID, GITHUB_APP_PEM_FILE)."
}

// forbiddenRemedy compares what GitHub says is needed with what it says the token has.
func forbiddenRemedy(e *actions.Error) string {
	if e.TokenSource == "" {
		return "The request was anonymous: " + howToSetAToken + "."
	}
	needs := []string{}
	if e.AcceptedPermissions != "" {
		needs = append(needs, "GitHub asks for the permission "+e.AcceptedPermissions+" (fine-grained token or App)")
	}
	if e.AcceptedScopes != "" && e.Scopes != "" {
		needs = append(needs, "it has the scopes "+e.Scopes+", and one of these is needed: "+e.AcceptedScopes)
	}
	if len(needs) == 0 {
		needs = append(needs, "it needs read access to Actions on this repository (fine-grained token or App: Actions: read; classic token: repo)")
	}
	return sentence(fmt.Sprintf("The token from %s may not read this: %s", e.TokenSource, strings.Join(needs, "; ")))
}

func ssoRemedy(e *actions.Error) string {
	wish := fmt.Sprintf("The organisation wants the token from %s authorised for single sign-on", e.TokenSource)
	if e.SSOLink == "" {
		return sentence(wish + ": do so in the token's settings")
	}
	// No full stop behind an address: it would be copied with it.
	return clean(wish + ". Open this address, then plan again: " + e.SSOLink)
}

func limitRemedy(e *actions.Error) string {
	var advice []string
	var limit *transport.RateLimitError
	switch known := errors.As(e.Err, &limit); {
	case e.Reset.IsZero():
	case known && limit.ByDeadline:
		advice = append(advice, fmt.Sprintf("The limit resets at %s: plan again after that, or raise read in the timeouts block above the wait.", e.Reset.Format(time.RFC3339)))
	default:
		advice = append(advice, fmt.Sprintf("The limit resets at %s: plan again after that, or let the plan wait for it: raise max_rate_limit_wait in the provider block, and read in the timeouts block.", e.Reset.Format(time.RFC3339)))
	}
	switch {
	case e.Kind == actions.SecondaryLimit:
		advice = append(advice, "Lower max_concurrent_requests or requests_per_minute if it comes again.")
	case e.TokenSource == "":
		advice = append(advice, "Anonymous requests are limited to 60 an hour: "+howToSetAToken+".")
	default:
		advice = append(advice, "With cache_path, later plans cost less.")
	}
	return strings.Join(advice, " ")
}

// timeoutArgument is the argument of the timeouts block that sets the limit.
func timeoutArgument(e *actions.Error) string {
	if timeout := (timeoutError{}); errors.As(e.Err, &timeout) {
		return timeout.argument
	}
	return "read"
}

func unreachableRemedy(e *actions.Error) string {
	var untrusted *tls.CertificateVerificationError
	if errors.As(e.Err, &untrusted) {
		return "The host's certificate is not trusted here: give its root certificate in ca_cert_pem, or check base_url."
	}
	if e.Location != "" {
		return "Logs are not stored on the API host. Let this machine reach that host too, and check the proxy if there is one (HTTPS_PROXY)."
	}
	return "Check base_url, the network and, if there is one, the proxy (HTTPS_PROXY)."
}

// reportTwoOwners is for `owner` against the owner in `repository`.
func reportTwoOwners(diags *diag.Diagnostics, err error) {
	diags.AddAttributeError(path.Root("owner"), "Two owners",
		sentence(err.Error())+" Remove owner, or correct repository.")
}

// reportNoOwner is for a bare repository name with no owner anywhere.
func reportNoOwner(diags *diag.Diagnostics, repository string) {
	diags.AddAttributeError(path.Root("repository"), "No owner for the repository",
		fmt.Sprintf("Nothing says whose repository %q is. Write it as OWNER/%s, or set owner here, in the provider block or in GITHUB_OWNER.", repository, repository))
}

// reportRepository is for a `repository` that is no name.
func reportRepository(diags *diag.Diagnostics, at path.Path, value string, err error) {
	detail := fmt.Sprintf("%q is not a repository: %s. Write name or owner/name.", clean(value), err)
	if strings.Contains(value, "://") {
		detail = fmt.Sprintf("%q is an address. Write the repository as name or owner/name, such as hashicorp/terraform.", clean(value))
	}
	diags.AddAttributeError(at, "Not a repository", detail)
}

// reportOwner is for an `owner` that is no login.
func reportOwner(diags *diag.Diagnostics, at path.Path, value string, err error) {
	diags.AddAttributeError(at, "Not an owner",
		fmt.Sprintf("%q is not the login of a user or an organisation: %s.", clean(value), err))
}

// reportWorkflow is for a `workflow` that is neither a file name nor an id.
func reportWorkflow(diags *diag.Diagnostics, at path.Path, value string, err error) {
	detail := fmt.Sprintf("%q is not a workflow: %s. Write its file name, such as ci.yml, or its id.", clean(value), err)
	if i := strings.LastIndex(value, "/"); i >= 0 && (strings.HasSuffix(value, ".yml") || strings.HasSuffix(value, ".yaml")) {
		detail = fmt.Sprintf("%q is a path. Write the workflow's file name alone: %s.", clean(value), clean(value[i+1:]))
	}
	diags.AddAttributeError(at, "Not a workflow", detail)
}

// reportLabelPattern is for a label pattern that cannot match as its author thinks.
func reportLabelPattern(diags *diag.Diagnostics, at path.Path, value types.String, err error) {
	// Terraform shows the line of the whole list, so the element is named.
	what := fmt.Sprintf("%q", clean(value.ValueString()))
	if value.IsNull() {
		what, err = "null", errors.New("it is no label")
	}
	diags.AddAttributeError(at, "Not a label pattern",
		sentence(fmt.Sprintf("%s is %s: %s", at, what, err))+" A pattern is a whole label, with * for any run of characters and ? for one.")
}

// reportBranch is for a `branch` that is a ref, or nothing.
func reportBranch(diags *diag.Diagnostics, at path.Path, value, name string) {
	detail := "branch is empty; leave it out for the runs of all branches."
	if value != "" {
		detail = fmt.Sprintf("%q is a ref. Write the branch's name alone: %s.", clean(value), clean(name))
	}
	diags.AddAttributeError(at, "Not a branch", detail)
}

// reportDateRange is for a `created` that GitHub would not understand.
func reportDateRange(diags *diag.Diagnostics, at path.Path, value string, err error) {
	diags.AddAttributeError(at, "Not a date or range of dates",
		sentence(fmt.Sprintf("%q cannot be used: %s", clean(value), err))+" Write a date such as 2026-05-04, with >, >=, < or <= before it if need be, or a range such as 2026-05-01..2026-05-31.")
}

// reportNothingAudited warns of rules that were held against nothing.
func reportNothingAudited(diags *diag.Diagnostics, repo actions.Repository) {
	diags.AddWarning(fmt.Sprintf("No run of %s matched", repo),
		"compliant is true because nothing was looked at. Check the filters: for a branch, status, event or user that it does not know, GitHub gives an empty list.")
}

// reportAppHalf warns of an App in the environment that was left aside for want of a part.
func reportAppHalf(diags *diag.Diagnostics, set, missing []string) {
	diags.AddWarning("Requests are anonymous",
		fmt.Sprintf("The App in the environment is not used, because it is not complete (set: %s; not set: %s), and there is no other token.", strings.Join(set, ", "), strings.Join(missing, ", ")))
}

// reportVanished warns of runs that were deleted between the list and the look at their jobs.
func reportVanished(diags *diag.Diagnostics, repo actions.Repository, runs []*actions.Run, vanished []int) {
	if len(vanished) == 0 {
		return
	}
	ids := make([]string, len(vanished))
	for i, place := range vanished {
		ids[i] = strconv.FormatInt(runs[place].GetID(), 10)
	}
	diags.AddWarning(fmt.Sprintf("Some runs of %s are left out", repo),
		fmt.Sprintf("They were listed, but were gone when their jobs were asked for: %s. The figures are those of the other runs.", shortList(ids)))
}

// reportNumber is for a number that is not whole, or out of range.
func reportNumber(diags *diag.Diagnostics, at path.Path, value *big.Float, want string) {
	diags.AddAttributeError(at, "Invalid number", fmt.Sprintf("%s is %s; it has to be %s.", at, value.Text('f', -1), want))
}

// reportTimeout is for a time-out that leaves no time.
func reportTimeout(diags *diag.Diagnostics, timeout timeoutError) {
	diags.AddAttributeError(path.Root("timeouts").AtName(timeout.argument), "Time-out leaves no time",
		fmt.Sprintf("The read's time-out is %s; it has to be above zero, such as 30s or 5m.", timeout.limit))
}

// reportRegexp is for a pattern that is no regular expression. Go's own wording is only used for what
// is wrong, not for how it says so.
func reportRegexp(diags *diag.Diagnostics, at path.Path, value string, err error) {
	reason := "it is not a regular expression"
	if fault := (*syntax.Error)(nil); errors.As(err, &fault) {
		reason = fmt.Sprintf("%s at %q", fault.Code, clean(fault.Expr))
	}
	diags.AddAttributeError(at, "Not a pattern",
		fmt.Sprintf("%q cannot be used as a pattern: %s. It takes RE2 syntax, which has no look-around and no back-references; write a literal special character with a backslash, in Terraform two.", clean(value), reason))
}

// answered quotes GitHub.
func answered(e *actions.Error) string {
	s := fmt.Sprintf("GitHub answered %d", e.Status)
	return s + prefixed(": ", e.Message)
}

func requestID(e *actions.Error) string {
	if e.RequestID == "" {
		return ""
	}
	return "GitHub's request id: " + clean(e.RequestID)
}

func causeOf(e *actions.Error) string {
	return e.Cause()
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

// sentence joins what is not empty with colons, cleans it and ends it with a full stop.
func sentence(parts ...string) string {
	var present []string
	for _, p := range parts {
		if p != "" {
			present = append(present, p)
		}
	}
	s := clean(strings.Join(present, ": "))
	if first, size := utf8.DecodeRuneInString(s); !isName(s) {
		s = string(unicode.ToUpper(first)) + s[size:]
	}
	if strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// isName reports whether a sentence begins with the name of an argument, which keeps its letters.
func isName(s string) bool {
	first, _, _ := strings.Cut(s, " ")
	return strings.ContainsAny(first, "_[") || s == ""
}

func paragraphs(parts ...string) string {
	var present []string
	for _, p := range parts {
		if p != "" {
			present = append(present, p)
		}
	}
	return strings.Join(present, "\n\n")
}

// clean makes text from outside safe to show on a terminal: what GitHub and its users send is data.
func clean(s string) string { return joblog.Sanitize(s) }

// reportBaseURL is for a base_url that no token may go to. The value is not shown: it may hold a
// password.
func reportBaseURL(diags *diag.Diagnostics, at path.Path, err error) {
	diags.AddAttributeError(at, "Not an API address",
		fmt.Sprintf("base_url cannot be used: %s. Examples: https://api.github.com/, https://HOST/api/v3/, https://api.SUBDOMAIN.ghe.com/.", err))
}

// reportToken is for a text that cannot be a token.
func reportToken(diags *diag.Diagnostics, source string, err error) {
	diags.AddAttributeError(path.Root("token"), "Not a token",
		sentence(fmt.Sprintf("The token from %s cannot be one: %s", source, err))+" It may have been copied with a line break or quotes.")
}

// reportAppIncomplete is for an app_auth block that lacks a part, which the environment lacks as well. A
// part without a source is not known yet, and has been told of.
func reportAppIncomplete(diags *diag.Diagnostics, parts map[string]setting) {
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if part := parts[name]; part.value == "" && part.source != "" {
			diags.AddAttributeError(path.Root("app_auth").AtName(name), "Incomplete app_auth",
				fmt.Sprintf("app_auth needs id, installation_id and pem_file; %s is set neither here nor in %s.", name, part.source))
		}
	}
}

// reportAppKey is for a private key that cannot be read.
func reportAppKey(diags *diag.Diagnostics, err error) {
	diags.AddAttributeError(path.Root("app_auth").AtName("pem_file"), "Not a private key",
		sentence(err.Error())+" pem_file takes the contents of the App's .pem file, not its path.")
}

// reportCertificates is for a ca_cert_pem that holds none.
func reportCertificates(diags *diag.Diagnostics, at path.Path) {
	diags.AddAttributeError(at, "No certificate",
		"ca_cert_pem holds no certificate in PEM form. It takes the contents of the file, not its path: file(\"ca.pem\").")
}

// reportDuration is for a text that is no duration, or a negative one.
func reportDuration(diags *diag.Diagnostics, at path.Path, value string) {
	diags.AddAttributeError(at, "Not a duration",
		fmt.Sprintf("%q is not a duration from zero; write it as 30s, 5m or 1h30m.", clean(value)))
}

// reportCache warns of a folder that cannot be written. Nothing fails for it. It may show at a data
// source, which has no cache_path to stand on.
func reportCache(diags *diag.Diagnostics, err error) {
	diags.AddWarning("Answers are not kept in cache_path",
		sentence(err.Error())+" Everything is read from GitHub, which takes longer and costs more of the rate limit.")
}

// reportUnknown is for a provider argument whose value only comes with the apply.
func reportUnknown(diags *diag.Diagnostics, at path.Path, variable string) {
	remedy := "Set it to a value that is known before the apply"
	if variable != "" {
		remedy += ", or use the environment variable " + variable
	}
	diags.AddAttributeError(at, fmt.Sprintf("Value of %s is not known yet", at),
		fmt.Sprintf("The provider reads GitHub while Terraform plans, but %s depends on something that Terraform only knows after an apply. %s.", at, remedy))
}

// reportArgument is for a value that is wrong in a way no other function here is for.
func reportArgument(diags *diag.Diagnostics, at path.Path, err error) {
	diags.AddAttributeError(at, fmt.Sprintf("Invalid %s", at), sentence(err.Error()))
}

// What functions say. Terraform puts the name of the function and of the argument before it and a full
// stop behind it.

// linkError is for a link that parse_actions_url cannot read. The link is not shown: it may hold a
// password.
func linkError(position int64, err error) *function.FuncError {
	return function.NewArgumentFuncError(position,
		fmt.Sprintf("this is no link to GitHub Actions: %s. Give the address of a run or a job, such as https://github.com/acme/app/actions/runs/700/job/70004, or of its API endpoint, such as https://api.github.com/repos/acme/app/actions/runs/700", err))
}

// elementError is for a part of an argument that is not what it has to be.
func elementError(position int64, place, is, want string) *function.FuncError {
	return function.NewArgumentFuncError(position, fmt.Sprintf("%s is %s, not %s", clean(place), is, want))
}

// ruleNameError is for a list of rules that there is not.
func ruleNameError(position int64, place, name string, known []string) *function.FuncError {
	return function.NewArgumentFuncError(position,
		fmt.Sprintf("%s has %q, which is no list of rules; there are %s", place, clean(name), strings.Join(known, ", ")))
}

// ruleError is for a pattern that cannot be used.
func ruleError(position int64, place string, err *audit.RuleError) *function.FuncError {
	name := strings.TrimSuffix(string(err.List), "_labels")
	return function.NewArgumentFuncError(position,
		fmt.Sprintf("%s.%s[%d] is %q: %s", place, name, err.Index, clean(err.Pattern), err.Err))
}

// resultError is for a result that does not fit its own declaration.
func resultError(err error) *function.FuncError {
	return function.NewFuncError("this is a bug in the provider, please report it: " + clean(err.Error()))
}

// momentError is for a time that is none.
func momentError(position int64, place, value string) *function.FuncError {
	return function.NewArgumentFuncError(position,
		fmt.Sprintf("%s is %q, not a time as in 2026-05-04T10:00:00Z (RFC 3339)", clean(place), clean(value)))
}
