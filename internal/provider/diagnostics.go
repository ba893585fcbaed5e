package provider

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/audit"
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
	detail := paragraphs(cause(e), remedy(e), requestID(e))
	if at := e.Missing; e.Kind == actions.NotFound && at != "" {
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
	case actions.Malformed:
		return sentence("GitHub's answer cannot be used: "+e.Reason, causeOf(e))
	case actions.Incomplete:
		return sentence("The list did not arrive whole: " + e.Reason)
	case actions.Redirected:
		return sentence(fmt.Sprintf("The API redirects to another host, %s, which this provider does not follow: the token would not be safe there", orUnknown(e.Location)))
	case actions.Unreachable:
		return sentence("The API host could not be reached", causeOf(e))
	case actions.OutOfTime:
		return sentence("The read ended before GitHub answered", causeOf(e))
	default:
		return sentence(answered(e))
	}
}

// remedy says what to do next.
func remedy(e *actions.Error) string {
	switch e.Kind {
	case actions.NotFound:
		return notFoundRemedy(e)
	case actions.Gone:
		return "GitHub has deleted it; its retention time is set in the repository's Actions settings."
	case actions.BadCredentials:
		return "Check that the token is complete, has not expired and belongs to the host of base_url."
	case actions.Forbidden:
		return "The token needs read access to Actions for this repository (fine-grained token or App: Actions: read; classic token: repo)."
	case actions.SSO:
		return sentence("The organisation wants the token authorised for single sign-on" + prefixed(": ", e.SSOLink))
	case actions.PrimaryLimit, actions.SecondaryLimit:
		if !e.Reset.IsZero() {
			return "The limit resets at " + e.Reset.Format(time.RFC3339) + "."
		}
		return "Wait a minute before the next plan, or lower max_concurrent_requests."
	case actions.Malformed:
		return "Check base_url: on GitHub Enterprise Server it ends in /api/v3/. A proxy or a login page in between can answer in GitHub's place too."
	case actions.Incomplete:
		return "The run may have changed while it was read: plan again. If it stays so, the server's total_count is wrong."
	case actions.Redirected:
		return "Set base_url to the address that the API is really served at."
	case actions.ServerFault:
		return "This is a fault on GitHub's side: try again later, and look at the host's status page."
	case actions.Unreachable:
		return "Check base_url, the network and, if there is one, the proxy (HTTPS_PROXY)."
	case actions.OutOfTime:
		return "Raise read in the timeouts block if the repository needs longer."
	default:
		return ""
	}
}

func notFoundRemedy(e *actions.Error) string {
	const invisible = "GitHub gives the same answer for what a token may not see: a private repository needs a token with Actions: read (classic: repo)."
	switch e.Missing {
	case actions.PartRepository:
		return "There is no such repository, or the token cannot see it. Check owner and name. " + invisible
	case actions.PartRun:
		return "The repository is there, but it has no such run: it was deleted, or the id belongs to another repository. The id is the number after /actions/runs/ in the run's web address."
	case actions.PartAttempt:
		return "The run is there, but it has no such attempt."
	case actions.PartJob:
		return "The repository is there, but it has no such job: its run was deleted, or the id belongs to another repository or is a run's. The id is the number after /job/ in the job's web address."
	}
	return "Check owner, repository and id. " + invisible
}

// reportTwoOwners is for `owner` against the owner in `repository`.
func reportTwoOwners(diags *diag.Diagnostics, err error) {
	diags.AddAttributeError(path.Root("owner"), "Two owners",
		sentence(err.Error())+" Leave one of them out.")
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

// reportTimeout is for a time-out that leaves no time.
func reportTimeout(diags *diag.Diagnostics, limit time.Duration) {
	diags.AddAttributeError(path.Root("timeouts").AtName("read"), "Time-out leaves no time",
		fmt.Sprintf("The read's time-out is %s; it has to be above zero, such as 30s or 5m.", limit))
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
	if e.Err == nil {
		return ""
	}
	return e.Err.Error()
}

func orUnknown(s string) string {
	if s == "" {
		return "an address it does not give"
	}
	return s
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
	if strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
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
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
}

// reportBaseURL is for a base_url that no token may go to. The value is not shown: it may hold a
// password.
func reportBaseURL(diags *diag.Diagnostics, at path.Path, err error) {
	diags.AddAttributeError(at, "Not an API address",
		fmt.Sprintf("base_url cannot be used: %s. Examples: https://api.github.com/, https://HOST/api/v3/, https://api.SUBDOMAIN.ghe.com/.", err))
}

// reportToken is for a token that no header can hold.
func reportToken(diags *diag.Diagnostics, source string) {
	diags.AddAttributeError(path.Root("token"), "Not a token",
		fmt.Sprintf("The token from %s holds white space or characters beyond ASCII; it may have been copied with a line break or quotes.", source))
}

// reportUnknown is for a provider argument whose value only comes with the apply.
func reportUnknown(diags *diag.Diagnostics, argument, variable string) {
	remedy := "Set it to a value that is known before the apply"
	if variable != "" {
		remedy += ", or use the environment variable " + variable
	}
	diags.AddAttributeError(path.Root(argument), "Value of "+argument+" is not known yet",
		fmt.Sprintf("The provider reads GitHub while Terraform plans, but %s depends on something that Terraform only knows after an apply. %s.", argument, remedy))
}

// reportArgument is for an argument that its own validator should have refused before.
func reportArgument(diags *diag.Diagnostics, argument string, err error) {
	diags.AddAttributeError(path.Root(argument), "Invalid "+argument, sentence(err.Error()))
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
	return function.NewArgumentFuncError(position,
		fmt.Sprintf("%s.%s[%d] is %q: %s", place, err.List, err.Index, clean(err.Pattern), err.Err))
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
