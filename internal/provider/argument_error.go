package provider

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"regexp/syntax"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// This file words the errors about arguments of blocks and of the provider. A check returns a short
// reason, such as "the name is empty". This file adds the summary, the name of the argument and the
// remedy.

// Arguments of data sources and ephemeral resources.

// reportTwoOwners is for an owner that contradicts the one in repository.
func reportTwoOwners(diags *diag.Diagnostics, repository actions.Repository, owner string) {
	diags.AddAttributeError(path.Root("owner"), "Two owners",
		fmt.Sprintf("owner is %q, but repository is %q. Remove owner, or correct repository.", clean(owner), repository))
}

// reportNoOwner is for a repository name without an owner, if no owner is set anywhere.
func reportNoOwner(diags *diag.Diagnostics, repository string) {
	diags.AddAttributeError(path.Root("repository"), "Missing owner",
		fmt.Sprintf("The owner of repository %q is not set. Write OWNER/%s, or set owner here, in the provider block or in GITHUB_OWNER.", repository, repository))
}

func reportRepository(diags *diag.Diagnostics, at path.Path, value string, err error) {
	var detail string
	switch name, isGit := strings.CutSuffix(value, ".git"); {
	case strings.Contains(value, "://"):
		detail = fmt.Sprintf("%s cannot be %q: it is a URL. Write name or owner/name, such as hashicorp/terraform.", at, clean(value))
	case isGit && name != "" && !strings.HasSuffix(name, "/") && errors.Is(err, actions.ErrGitSuffix):
		detail = fmt.Sprintf("%s cannot be %q: %s. Write %s.", at, clean(value), err, clean(name))
	default:
		detail = fmt.Sprintf("%s cannot be %q: %s. Write name or owner/name, with letters, digits, \"-\", \"_\" and \".\" only.", at, clean(value), err)
	}
	diags.AddAttributeError(at, "Invalid repository", detail)
}

// reportOneRepository is for a repository beside the argument repositories.
func reportOneRepository(diags *diag.Diagnostics, at path.Path, value string, err error) {
	if _, entryErr := fleet.ParseEntry(value); entryErr == nil && strings.ContainsAny(value, "*?") {
		diags.AddAttributeError(at, "Invalid repository",
			fmt.Sprintf("%s cannot be %q: it takes one repository. Write repositories = [%q] for all that the pattern matches.", at, clean(value), clean(value)))
		return
	}
	reportRepository(diags, at, value, err)
}

// reportOwner is for the owner of a data source.
func reportOwner(diags *diag.Diagnostics, at path.Path, value string, err error) {
	reportLogin(diags, at, value, err, "Remove it to use the owner in repository or the provider's owner, or set it to a user or an organisation.")
}

// reportProviderOwner is for the owner of the provider block.
func reportProviderOwner(diags *diag.Diagnostics, at path.Path, value string, err error) {
	reportLogin(diags, at, value, err, "Remove it to use GITHUB_OWNER, or set it to a user or an organisation.")
}

func reportLogin(diags *diag.Diagnostics, at path.Path, value string, err error, whenEmpty string) {
	if value == "" {
		reportEmpty(whenEmpty)(diags, at, value, err)
		return
	}
	diags.AddAttributeError(at, "Invalid owner",
		fmt.Sprintf("%s cannot be %q: %s. Write the login of a user or an organisation, with letters, digits, \"-\", \"_\" and \".\" only.", at, clean(value), err))
}

func reportWorkflow(diags *diag.Diagnostics, at path.Path, value string, err error) {
	reportFilter(diags, at, "Invalid workflow", value, err, workflowRemedy(value, err))
}

// workflowRemedy says what to write instead of a value that ParseWorkflow refuses.
func workflowRemedy(value string, err error) string {
	i, trimmed := strings.LastIndex(value, "/"), strings.TrimSpace(value)
	_, trimmedErr := actions.ParseWorkflow(trimmed)
	switch {
	case errors.Is(err, actions.ErrPadded) && trimmedErr == nil:
		return fmt.Sprintf("Write %s.", clean(trimmed))
	case errors.Is(err, actions.ErrPattern):
		return "Write the name of one file, such as ci.yml, or its ID."
	case i >= 0 && (strings.HasSuffix(value, ".yml") || strings.HasSuffix(value, ".yaml")):
		return fmt.Sprintf("Write only the name of the file: %s.", clean(value[i+1:]))
	}
	return "Write the name of its file, such as ci.yml, or its ID."
}

func reportBranch(diags *diag.Diagnostics, at path.Path, value string, err error) {
	reportFilter(diags, at, "Invalid branch", value, err, branchRemedy(value))
}

func reportActor(diags *diag.Diagnostics, at path.Path, value string, err error) {
	reportFilter(diags, at, "Invalid actor", value, err, actorRemedy(value))
}

// reportFilter is for a filter that GitHub would answer with an empty list.
func reportFilter(diags *diag.Diagnostics, at path.Path, summary, value string, err error, remedy string) {
	if value == "" {
		reportEmpty("Remove it to list all runs.")(diags, at, value, err)
		return
	}
	diags.AddAttributeError(at, summary, fmt.Sprintf("%s cannot be %q: %s. %s", at, clean(value), err, remedy))
}

// reportEvent warns: the set of events is open.
func reportEvent(diags *diag.Diagnostics, at path.Path, value string, err error) {
	if errors.Is(err, errNoRunHasEvent) {
		warnEventOfCallee(diags, at, "Write the caller's event, or remove event.")
		return
	}
	warnFilter(diags, at, value, err, "an event", "push, pull_request or schedule")
}

func warnEventOfCallee(diags *diag.Diagnostics, at path.Path, remedy string) {
	diags.AddAttributeWarning(at, "No run has this event",
		fmt.Sprintf("No run has the event %s: a called workflow is a part of its caller's run, which has the caller's event, such as push. %s", eventOfCallee, remedy))
}

// reportGateEvent warns, as reportEvent does.
func reportGateEvent(diags *diag.Diagnostics, at path.Path, value string, err error) {
	if errors.Is(err, errNoRunHasEvent) {
		warnEventOfCallee(diags, at, `Write the caller's event, or "" for any.`)
		return
	}
	diags.AddAttributeWarning(at, "Unknown event",
		fmt.Sprintf("%q is not an event that GitHub documents. If it does not exist, no run counts and the gate stays shut. Check the spelling: these names are in lower case, such as push, pull_request or schedule.", clean(value)))
}

// reportGateBranch is for the branch of a gate.
func reportGateBranch(diags *diag.Diagnostics, at path.Path, value string, err error) {
	if value == "" {
		reportEmpty("Remove it to count the runs of any branch.")(diags, at, value, err)
		return
	}
	reportBranch(diags, at, value, err)
}

// reportStatus warns: the set of statuses is open.
func reportStatus(diags *diag.Diagnostics, at path.Path, value string, err error) {
	warnFilter(diags, at, value, err, "a status or conclusion", "completed, success or failure")
}

// reportJobState warns of a conclusion or status that no job may have.
func reportJobState(diags *diag.Diagnostics, at path.Path, value string, err error) {
	if value == "" {
		reportEmpty("Remove it to find all jobs.")(diags, at, value, err)
		return
	}
	diags.AddAttributeWarning(at, fmt.Sprintf("Unknown %s", at),
		fmt.Sprintf("GitHub does not document %q. If it does not exist, no job matches. Check the spelling: these names are in lower case, such as completed or failure.", clean(value)))
}

func warnFilter(diags *diag.Diagnostics, at path.Path, value string, err error, what, examples string) {
	if value == "" {
		reportEmpty("Remove it to list all runs.")(diags, at, value, err)
		return
	}
	diags.AddAttributeWarning(at, fmt.Sprintf("Unknown %s", at),
		fmt.Sprintf("%q is not %s that GitHub documents. If it does not exist, the list of runs is empty. Check the spelling: these names are in lower case, such as %s.", clean(value), what, examples))
}

func reportDates(diags *diag.Diagnostics, at path.Path, value string, err error) {
	remedy := "Write a date such as 2026-05-04, with >, >=, < or <= before it if needed, or a range such as 2026-05-01..2026-05-31."
	switch {
	case errors.Is(err, actions.ErrOpenRange):
		remedy = "Remove created to list all runs."
	case value != "" && errors.Is(err, actions.ErrMissingDate):
		remedy = "Write an open range as >=2026-05-01 or 2026-05-01..*."
	}
	reportFilter(diags, at, "Invalid date or range of dates", value, err, remedy)
}

// reportConclusionOfUnfinished is for a query that no job can match.
func reportConclusionOfUnfinished(diags *diag.Diagnostics, status string) {
	diags.AddAttributeError(path.Root("job_conclusion"), "No job can match",
		fmt.Sprintf("Only completed jobs have a conclusion, and job_status is %q. Remove job_conclusion, or set job_status to %s.", clean(status), job.StatusCompleted))
}

// reportUsageKey names the element, since Terraform shows the line of the whole list.
func reportUsageKey(diags *diag.Diagnostics, at path.Path, value types.String, err error) {
	detail := fmt.Sprintf("%s must not be null.", at)
	if !value.IsNull() {
		detail = fmt.Sprintf("%s cannot be %q: %s.", at, clean(value.ValueString()), err)
	}
	diags.AddAttributeError(at, "Invalid key", fmt.Sprintf("%s Use any of %s, each once.", detail, strings.Join(keyNames(), ", ")))
}

func reportCommit(diags *diag.Diagnostics, at path.Path, value string, err error) {
	if value == "" {
		reportEmpty("Remove it to list all runs.")(diags, at, value, err)
		return
	}
	detail := fmt.Sprintf("%s must be a full commit ID of 40 hexadecimal digits (64 in a SHA-256 repository), not %q", at, clean(value))
	switch {
	case errors.Is(err, errPaddedCommit):
		detail = fmt.Sprintf("%s contains white space: there is a blank or a line break before or after the commit ID. Remove it, for example with trimspace().", at)
	case errors.Is(err, errShortCommit):
		detail += ": GitHub finds no run for a short one."
	default:
		detail += `. "git rev-parse NAME" shows the commit ID of a branch or tag.`
	}
	diags.AddAttributeError(at, "Invalid commit ID", detail)
}

// reportGateCommit is for the commit of a gate, which is required.
func reportGateCommit(diags *diag.Diagnostics, at path.Path, value string, err error) {
	if value == "" {
		reportEmpty("Set it to the full ID of the commit, as `git rev-parse HEAD` shows it.")(diags, at, value, err)
		return
	}
	reportCommit(diags, at, value, err)
}

// reportGateWorkflow is for one of several workflows.
func reportGateWorkflow(diags *diag.Diagnostics, at path.Path, value types.String, err error) {
	switch {
	case value.IsNull():
		diags.AddAttributeError(at, "Invalid workflow", fmt.Sprintf("%s must not be null.", at))
	case value.ValueString() == "":
		diags.AddAttributeError(at, "Invalid workflow", fmt.Sprintf("%s must not be empty. Write the name of its file, such as ci.yml, or its ID.", at))
	case errors.Is(err, errTwice):
		diags.AddAttributeError(at, "Invalid workflow", fmt.Sprintf("%s cannot be %q: %s. Remove it.", at, clean(value.ValueString()), err))
	default:
		reportWorkflow(diags, at, value.ValueString(), err)
	}
}

// reportedDoubt warns of a pattern that is probably a mistake, and reports whether it is one. kind is
// empty, or a word and a space.
func reportedDoubt(diags *diag.Diagnostics, at path.Path, kind, value string, err error) bool {
	doubt, is := errors.AsType[doubtError](err)
	if is {
		diags.AddAttributeWarning(at, fmt.Sprintf("Unusual %spattern", kind), fmt.Sprintf("%s is %q. %s", at, clean(value), doubt))
	}
	return is
}

// reportPatternOf is for a pattern of the names of something, such as "job".
func reportPatternOf(what string) func(*diag.Diagnostics, path.Path, types.String, error) {
	return func(diags *diag.Diagnostics, at path.Path, value types.String, err error) {
		if reportedDoubt(diags, at, what+" ", value.ValueString(), err) {
			return
		}
		state := "empty"
		if value.IsNull() {
			state = "null"
		}
		diags.AddAttributeError(at, fmt.Sprintf("Invalid %s pattern", what),
			fmt.Sprintf("%s must not be %s. A pattern matches the whole name of a %s; * matches any characters and ? one character.", at, state, what))
	}
}

// reportWorkflowInPattern warns of a pattern of jobs that begins with a workflow.
func reportWorkflowInPattern(diags *diag.Diagnostics, at path.Path, pattern, jobName string) {
	doubt := doubtError(fmt.Sprintf("It begins with one of workflows, but the name of a job does not contain its workflow. Write %s.", clean(jobName)))
	reportedDoubt(diags, at, "job ", pattern, doubt)
}

func reportWait(diags *diag.Diagnostics, at path.Path, value string, _ error) {
	diags.AddAttributeError(at, "Invalid duration",
		fmt.Sprintf("%s must be a duration greater than zero, such as 30s or 5m, not %q. Remove it if you do not want to wait for a missing run.", at, clean(value)))
}

// reportLongWait is for a wait_for_run that the timeout would cut short.
func reportLongWait(diags *diag.Diagnostics, wait, limit time.Duration) {
	diags.AddAttributeError(path.Root("wait_for_run"), "wait_for_run is too long",
		fmt.Sprintf("wait_for_run is %s, and the timeout of the read is %s. Set wait_for_run to less, or raise read in the timeouts block.", wait, limit))
}

// reportRegexp uses the reason in Go's error, but not Go's wording.
func reportRegexp(diags *diag.Diagnostics, at path.Path, value string, err error) {
	reason := "it is not a regular expression"
	if fault, isSyntax := errors.AsType[*syntax.Error](err); isSyntax {
		reason = fmt.Sprintf("%s at %q", fault.Code, clean(fault.Expr))
	}
	diags.AddAttributeError(at, "Invalid pattern",
		fmt.Sprintf("%s cannot be %q: %s. It takes RE2 syntax, without look-around and back-references. To match a special character itself, write a backslash before it, and two backslashes in a Terraform string.", at, clean(value), reason))
}

func reportTimeout(diags *diag.Diagnostics, at path.Path, value string, _ error) {
	diags.AddAttributeError(at, "Invalid timeout",
		fmt.Sprintf("%s must be a duration greater than zero, such as 30s, 5m or 1h30m, not %q.", at, clean(value)))
}

// reportLabelPattern names the element, since Terraform shows the line of the whole list.
func reportLabelPattern(diags *diag.Diagnostics, at path.Path, value types.String, err error) {
	if reportedDoubt(diags, at, "label ", value.ValueString(), err) {
		return
	}
	detail := fmt.Sprintf("%s must not be null.", at)
	if !value.IsNull() {
		detail = sentence(fmt.Sprintf("%s cannot be %q: %s", at, clean(value.ValueString()), err)) + " A pattern matches a whole label; * matches any characters and ? one character."
	}
	diags.AddAttributeError(at, "Invalid label pattern", detail)
}

// reportOneLabelPattern is for a label pattern that is not in a list.
func reportOneLabelPattern(diags *diag.Diagnostics, at path.Path, value string, err error) {
	reportLabelPattern(diags, at, types.StringValue(value), err)
}

// reportNamePattern is for a pattern of names that may be left out.
func reportNamePattern(diags *diag.Diagnostics, at path.Path, value string, err error) {
	if reportedDoubt(diags, at, "", value, err) {
		return
	}
	diags.AddAttributeError(at, "Invalid pattern",
		fmt.Sprintf("%s must not be empty. Remove it to match any name. A pattern matches the whole name; * matches any characters and ? one character.", at))
}

func reportDay(diags *diag.Diagnostics, at path.Path, value string, _ error) {
	diags.AddAttributeError(at, "Invalid day", fmt.Sprintf("%s must be a day such as 2026-12-31, not %q.", at, clean(value)))
}

// reportExceptionForAll is for an exception without a pattern.
func reportExceptionForAll(diags *diag.Diagnostics, at path.Path) {
	diags.AddAttributeError(at, "Invalid exception",
		fmt.Sprintf("%s would match every violation. Set at least one of repository, workflow, job and label.", at))
}

// Arguments of any block.

func reportNumber(diags *diag.Diagnostics, at path.Path, value *big.Float, want string) {
	format, digits := byte('f'), -1
	if value.MantExp(nil) > 256 {
		format, digits = 'g', 6 // instead of hundreds of digits
	}
	text := value.Text(format, digits)
	diags.AddAttributeError(at, "Invalid number", fmt.Sprintf("%s %s, not %s.", at, want, text))
}

func reportNotOneOf(values []string) func(*diag.Diagnostics, path.Path, string, error) {
	return func(diags *diag.Diagnostics, at path.Path, value string, _ error) {
		diags.AddAttributeError(at, fmt.Sprintf("Invalid %s", at),
			fmt.Sprintf("%s must be one of %s, not %q.", at, strings.Join(values, ", "), clean(value)))
	}
}

// reportEmpty is for an argument that is set to "".
func reportEmpty(remedy string) func(*diag.Diagnostics, path.Path, string, error) {
	return func(diags *diag.Diagnostics, at path.Path, _ string, _ error) {
		diags.AddAttributeError(at, fmt.Sprintf("Empty %s", at), fmt.Sprintf("%s must not be empty. %s", at, remedy))
	}
}

// reportArgument is for errors without a function of their own in this file.
func reportArgument(diags *diag.Diagnostics, at path.Path, err error) {
	diags.AddAttributeError(at, fmt.Sprintf("Invalid %s", at), sentence(err.Error()))
}

// Arguments of the provider block.

// reportUnknown is for a value that Terraform only knows after an apply.
func reportUnknown(diags *diag.Diagnostics, at path.Path, variable string) {
	remedy := "Set it to a value that is known during the plan"
	if variable != "" {
		remedy += ", or use the environment variable " + variable
	}
	diags.AddAttributeError(at, fmt.Sprintf("Unknown value of %s", at),
		fmt.Sprintf("The provider reads from GitHub during the plan, but Terraform only knows the value of %s after an apply. %s.", at, remedy))
}

// reportBaseURL does not show the value: it may contain a password.
func reportBaseURL(diags *diag.Diagnostics, at path.Path, _ string, err error) {
	diags.AddAttributeError(at, "Invalid base_url",
		fmt.Sprintf("base_url cannot be used: %s. Examples: https://api.github.com/, https://HOST/api/v3/, https://api.SUBDOMAIN.ghe.com/.", err))
}

// reportToken does not show the token.
func reportToken(diags *diag.Diagnostics, source string, err error) {
	diags.AddAttributeError(path.Root("token"), "Invalid token",
		sentence(fmt.Sprintf("The token from %s cannot be used: %s", source, err))+" Check that it was copied without line breaks and quotes.")
}

// reportAppIncomplete is for an app_auth block without an argument that the environment does not
// set either. A part without a source is unknown, and that has been reported.
func reportAppIncomplete(diags *diag.Diagnostics, parts map[string]setting) {
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if part := parts[name]; part.value == "" && part.source != "" {
			diags.AddAttributeError(path.Root("app_auth").AtName(name), "Incomplete app_auth",
				fmt.Sprintf("app_auth needs id, installation_id and pem_file. Set %s here or in %s.", name, part.source))
		}
	}
}

// reportAppHalf warns of an App in the environment that is not complete.
func reportAppHalf(diags *diag.Diagnostics, set, missing []string) {
	diags.AddWarning("Requests are anonymous",
		fmt.Sprintf("The GitHub App in the environment is ignored because variables are missing (set: %s; missing: %s), and there is no other token.", strings.Join(set, ", "), strings.Join(missing, ", ")))
}

// reportAppID is for an ID of a GitHub App in the environment.
func reportAppID(diags *diag.Diagnostics, at path.Path, variable string) {
	diags.AddAttributeError(at, fmt.Sprintf("Invalid %s", at), fmt.Sprintf("%s must be a whole number of at least 1.", variable))
}

// reportAppKey does not show the key.
func reportAppKey(diags *diag.Diagnostics, key setting, err error) {
	name, decode := "pem_file", "base64decode(…)"
	if !key.configured {
		name, decode = key.source, "base64 -d"
	}
	remedy := "Use the .pem file that GitHub generated for the App, without changes."
	switch {
	case errors.Is(err, transport.ErrNotPEM):
		remedy = name + " takes the contents of the App's .pem file, not its path."
	case errors.Is(err, transport.ErrPEMBase64):
		remedy = sentence("Decode it with " + decode)
	}
	diags.AddAttributeError(path.Root("app_auth").AtName("pem_file"), "Invalid private key",
		sentence(fmt.Sprintf("The private key from %s cannot be used", key.source), err.Error())+" "+remedy)
}

func reportCertificates(diags *diag.Diagnostics, at path.Path, _ string, err error) {
	const none = "ca_cert_pem contains no certificate in PEM form"
	detail := sentence(none, err.Error()) + ` Set it to the contents of the file with the root certificates: file("ca.pem").`
	switch {
	case errors.Is(err, transport.ErrNotPEM):
		detail = none + `. It takes the contents of the file, not its path: file("ca.pem").`
	case errors.Is(err, transport.ErrPEMBase64):
		detail = sentence(none, err.Error()) + ` Use file("ca.pem") in place of filebase64, or base64decode(…).`
	}
	diags.AddAttributeError(at, "Invalid certificates", detail)
}

func reportDuration(diags *diag.Diagnostics, at path.Path, value string, _ error) {
	diags.AddAttributeError(at, "Invalid duration",
		fmt.Sprintf("%s must be a duration of zero or more, such as 30s, 5m or 1h30m, not %q.", at, clean(value)))
}

func reportCachePath(diags *diag.Diagnostics, at path.Path, value string, err error) {
	if value == "" {
		reportEmpty("Remove it to use GITHUB_CACHE_PATH, or set it to a folder.")(diags, at, value, err)
		return
	}
	reportHomeFolder(diags, at, value, err, `write pathexpand("~/…"), or the whole path`)
}

// reportCachePathVariable is for a folder in the environment, where there is no pathexpand.
func reportCachePathVariable(diags *diag.Diagnostics, at path.Path, folder setting, err error) {
	reportHomeFolder(diags, at, folder.value, from(folder, err), fmt.Sprintf(`let the shell do so with export %s="$HOME/…", or write the whole path`, folder.source))
}

func reportHomeFolder(diags *diag.Diagnostics, at path.Path, value string, err error, remedy string) {
	diags.AddAttributeError(at, "Invalid cache_path",
		fmt.Sprintf("cache_path cannot be %q: %s. The provider does not expand it: %s.", clean(value), err, remedy))
}

// reportCacheURL does not show the value: it may contain a password. The error says what to write
// instead.
func reportCacheURL(diags *diag.Diagnostics, at path.Path, value string, err error) {
	if value == "" {
		reportEmpty("Remove it to use GITHUB_CACHE_URL, or set it to s3://BUCKET/PREFIX.")(diags, at, value, err)
		return
	}
	diags.AddAttributeError(at, "Invalid cache_url", fmt.Sprintf("cache_url cannot be used: %s.", err))
}

// reportCache warns of a cache that cannot be used, which never fails a read. It can show at a data
// source, which has neither cache_path nor cache_url.
func reportCache(diags *diag.Diagnostics, err error) {
	consequence := " The provider reads from GitHub what no cache has, which takes longer and uses more of the rate limit."
	bucket := (*transport.BucketError)(nil)
	switch {
	case !errors.As(err, &bucket):
		diags.AddWarning("Answers are not kept in cache_path", sentence(err.Error())+consequence)
	case bucket.Reading:
		diags.AddWarning("The bucket in cache_url is not used", sentence(clean(bucket.Error()))+consequence)
	default:
		diags.AddWarning("Answers are not kept in cache_url",
			sentence(clean(bucket.Error()))+" What is in the bucket is still used. Other machines read the rest from GitHub again.")
	}
}
