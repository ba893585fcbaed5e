package provider

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/audit"
	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// described is the description that the framework requires of every validator.
type described string

func (d described) Description(context.Context) string         { return string(d) }
func (d described) MarkdownDescription(context.Context) string { return string(d) }

// stringValidator is every validator of strings. Null and unknown values pass.
type stringValidator struct {
	described

	check  func(value string) error // a short reason
	report func(diags *diag.Diagnostics, at path.Path, value string, err error)
}

// ValidateString reports a value that fails the check.
func (v stringValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueString()
	if err := v.check(value); err != nil {
		v.report(&resp.Diagnostics, req.Path, value, err)
	}
}

// Arguments of data sources and ephemeral resources.

func validRepository() validator.String {
	return stringValidator{"must be a repository, as name or owner/name", errorOf(actions.ParseRepository), reportRepository}
}

// validOneRepository is validRepository beside repositories, which takes patterns.
func validOneRepository() validator.String {
	return stringValidator{"must be a repository, as name or owner/name", errorOf(actions.ParseRepository), reportOneRepository}
}

func validOwner() validator.String {
	return stringValidator{"must be the login of a user or an organisation", errorOf(actions.ParseOwner), reportOwner}
}

func validWorkflow() validator.String {
	return stringValidator{"must be the file name or the ID of a workflow", errorOf(actions.ParseWorkflow), reportWorkflow}
}

func validBranch() validator.String {
	return stringValidator{"must be the name of one branch, without refs/heads/", checkBranch, reportBranch}
}

func validActor() validator.String {
	return stringValidator{"must be a login, without @", checkActor, reportActor}
}

// validEvent only warns: GitHub can add events.
func validEvent() validator.String {
	return stringValidator{"should be an event that GitHub documents, such as push", checkEvent, reportEvent}
}

// validStatus only warns: GitHub can add statuses and conclusions.
func validStatus() validator.String {
	return stringValidator{"should be a status or conclusion that GitHub documents, such as completed or success", oneOf(knownStatuses()), reportStatus}
}

// validConclusion only warns, as validStatus does.
func validConclusion() validator.String {
	return stringValidator{"should be a conclusion that GitHub documents, such as success or failure", oneOf(conclusions()), reportJobState}
}

// validJobStatus only warns, as validStatus does.
func validJobStatus() validator.String {
	return stringValidator{"should be a status that GitHub documents, such as queued or completed", oneOf(jobStatuses()), reportJobState}
}

func validDates() validator.String {
	return stringValidator{"must be a date or a range of dates in GitHub's search syntax", errorOf(actions.ParseCreated), reportDates}
}

func validCommit() validator.String {
	return stringValidator{"must be a full commit ID", checkCommit, reportCommit}
}

// validGateCommit is validCommit for a required argument.
func validGateCommit() validator.String {
	return stringValidator{"must be a full commit ID", checkCommit, reportGateCommit}
}

// validGateEvent takes "" for any event, and only warns of an unknown one.
func validGateEvent() validator.String {
	return stringValidator{"should be an event that GitHub documents, such as push, or empty for any", checkGateEvent, reportGateEvent}
}

func validGateBranch() validator.String {
	return stringValidator{"must be the name of one branch, without refs/heads/", checkBranch, reportGateBranch}
}

// validLabelPatterns refuses patterns that can never match a label, and warns of unlikely ones.
func validLabelPatterns() validator.List {
	return stringsValidator{
		"must be patterns of whole labels, with * for any characters and ? for one", false, false, checkLabelPattern, reportLabelPattern,
	}
}

func validGroupPatterns() validator.List {
	return stringsValidator{
		"must be patterns of whole names of runner groups, with * for any characters and ? for one", false, false, checkNamePattern, reportPatternOf("runner group"),
	}
}

// validUsageKeys requires each element to be a key, and each key at most once.
func validUsageKeys() validator.List {
	return stringsValidator{
		described("must be any of " + strings.Join(keyNames(), ", ")), false, true, oneOf(keyNames()), reportUsageKey,
	}
}

func validNamePattern() validator.String {
	return stringValidator{"must be a pattern of a whole name, with * for any characters and ? for one", checkNamePattern, reportNamePattern}
}

func validLabelPattern() validator.String {
	return stringValidator{"must be a pattern of a whole label, with * for any characters and ? for one", errorOf(audit.NewLabelPattern), reportOneLabelPattern}
}

func validDay() validator.String {
	return stringValidator{"must be a day, such as 2026-12-31", checkDay, reportDay}
}

// validRepositories requires each element to be a name or a pattern.
func validRepositories() validator.List {
	return stringsValidator{"must be names of repositories, or patterns for their names, at least one and none twice", true, true, errorOf(fleet.ParseEntry), reportEntry}
}

func validExclusions() validator.List {
	return stringsValidator{"must be names of repositories, or patterns for their names", false, false, errorOf(fleet.ParseEntry), reportEntry}
}

func validAge() validator.String {
	return stringValidator{"must be a duration greater than zero, such as 720h or 30d", errorOf(parseAge), reportAge}
}

func validWait() validator.String {
	return stringValidator{"must be a duration greater than zero, such as 30s or 5m", errorOf(parseTimeout), reportWait}
}

func validRegexp() validator.String {
	return stringValidator{"must be a regular expression (RE2)", errorOf(regexp.Compile), reportRegexp}
}

func validTimeout() validator.String {
	return stringValidator{"must be a duration greater than zero, such as 30s or 5m", errorOf(parseTimeout), reportTimeout}
}

func validOneOf(values ...string) validator.String {
	return stringValidator{described("must be one of " + strings.Join(values, ", ")), oneOf(values), reportNotOneOf(values)}
}

// Arguments of the provider block.

func validProviderOwner() validator.String {
	return stringValidator{"must be the login of a user or an organisation", errorOf(actions.ParseOwner), reportProviderOwner}
}

func validBaseURL() validator.String {
	return stringValidator{"must be the address of an API that a token may be sent to", errorOf(parseBaseURL), reportBaseURL}
}

func validDuration() validator.String {
	return stringValidator{"must be a duration of zero or more, such as 30s or 5m", errorOf(parseDuration), reportDuration}
}

func validCachePath() validator.String {
	return stringValidator{"must be a folder, without ~", checkCachePath, reportCachePath}
}

func validCacheURL() validator.String {
	return stringValidator{"must be s3://BUCKET/PREFIX, with region, endpoint and read_only as parameters", errorOf(parseCacheURL), reportCacheURL}
}

func validCertificates() validator.String {
	return stringValidator{"must be certificates in PEM form", transport.CheckCertificates, reportCertificates}
}

func validToken() validator.String {
	return stringValidator{"must not be empty", notEmpty, reportEmpty("Remove it to use GITHUB_TOKEN or the token of gh, or set it to a token.")}
}

func validPrivateKey() validator.String {
	return stringValidator{"must not be empty", notEmpty, reportEmpty("Remove it to use GITHUB_APP_PEM_FILE, or set it to the contents of the App's .pem file.")}
}

// Checks. Each gives a short reason.

var errEmpty = errors.New("empty")

// errorOf makes a check of a function that parses.
func errorOf[T any](parse func(string) (T, error)) func(string) error {
	return func(s string) error {
		_, err := parse(s)
		return err
	}
}

func checkDay(s string) error {
	_, err := time.Parse(time.DateOnly, s)
	return err
}

// doubtError says why a pattern is probably a mistake. It is reported as a warning.
type doubtError string

func (d doubtError) Error() string { return string(d) }

func checkLabelPattern(s string) error {
	_, err := audit.NewLabelPattern(s)
	return orDoubt(err, audit.LabelPatternDoubt(s))
}

func checkNamePattern(s string) error {
	_, err := audit.NewPattern(s)
	return orDoubt(err, audit.NamePatternDoubt(s))
}

func orDoubt(err error, doubt string) error {
	if err == nil && doubt != "" {
		return doubtError(doubt)
	}
	return err
}

func notEmpty(s string) error {
	if s == "" {
		return errEmpty
	}
	return nil
}

func oneOf(values []string) func(string) error {
	return func(s string) error {
		if !slices.Contains(values, s) {
			return errors.New("unknown")
		}
		return nil
	}
}

func checkNoSpace(s string) error {
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return errors.New("it contains white space")
	}
	return nil
}

var (
	errShortCommit  = errors.New("a short commit ID")
	errPaddedCommit = errors.New("white space around the commit ID")
)

// checkCommit refuses what is not a full commit ID: GitHub finds no run for it.
func checkCommit(s string) error {
	isHex := func(s string) bool {
		return !strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) })
	}
	switch trimmed := strings.TrimSpace(s); {
	case isHex(s) && (len(s) == 40 || len(s) == 64):
		return nil
	case isHex(s) && len(s) < 40:
		return errShortCommit
	case trimmed != s && checkCommit(trimmed) == nil:
		return errPaddedCommit
	}
	return errors.New("not a commit ID")
}

func checkCachePath(folder string) error {
	switch {
	case folder == "":
		return errEmpty
	case strings.HasPrefix(folder, "~"):
		return errors.New("it starts with ~")
	}
	return nil
}

// parseCacheURL is for a check: the region that the environment may give is checked with its value.
func parseCacheURL(s string) (*transport.Bucket, error) {
	return transport.ParseBucket(s, func(string) string { return "" })
}

func parseBaseURL(s string) (*url.URL, error) {
	if strings.ContainsFunc(s, unicode.IsSpace) {
		return nil, errors.New("it contains white space") // net/url accepts some of it, as a part of the path
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("it is not a URL") // the error of net/url contains the whole URL, with its password
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	if !strings.HasPrefix(host, "api.") && (host == "github.com" || strings.HasSuffix(host, ".ghe.com")) {
		return nil, fmt.Errorf("%[1]s serves web pages; its API is at https://api.%[1]s/", host)
	}
	return u, transport.CheckBaseURL(u)
}

// knownEvents are the events that start a workflow, as GitHub documents them.
func knownEvents() []string {
	return []string{
		"branch_protection_rule", "check_run", "check_suite", "create", "delete", "deployment", "deployment_status",
		"discussion", "discussion_comment", "dynamic", "fork", "gollum", "image_version", "issue_comment", "issues", "label",
		"merge_group", "milestone", "page_build", "project", "project_card", "project_column", "public", "pull_request",
		"pull_request_comment", "pull_request_review", "pull_request_review_comment", "pull_request_target", "push",
		"registry_package", "release", "repository_dispatch", "schedule", "status", "watch", "workflow_call",
		"workflow_dispatch", "workflow_run",
	}
}

// knownStatuses are the statuses and conclusions that GitHub documents for a run.
func knownStatuses() []string {
	return append(jobStatuses(), conclusions()...)
}

func jobStatuses() []string {
	return []string{"completed", "in_progress", "pending", "queued", "requested", "waiting"}
}

func conclusions() []string {
	return []string{"action_required", "cancelled", "failure", "neutral", "skipped", "stale", "startup_failure", "success", "timed_out"}
}

// positive requires a whole number of at least 1, as for IDs and counts.
func positive() validator.Number {
	return int64Validator{described: "must be a whole number of at least 1", least: 1}
}

// between requires a whole number from least to most.
func between(least, most int64) validator.Number {
	return int64Validator{described(fmt.Sprintf("must be a whole number between %d and %d", least, most)), least, &most}
}

// int64Validator is every validator of numbers.
type int64Validator struct {
	described

	least int64
	most  *int64 // nil: no upper bound
}

// ValidateNumber reports a number that has a fraction or is out of range.
func (v int64Validator) ValidateNumber(_ context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	value := req.ConfigValue.ValueBigFloat()
	n, accuracy := value.Int64()
	switch {
	case accuracy == big.Below && v.most == nil && value.IsInt():
		reportNumber(&resp.Diagnostics, req.Path, value, fmt.Sprintf("must be at most %d", n))
	case accuracy != big.Exact || n < v.least || v.most != nil && n > *v.most:
		reportNumber(&resp.Diagnostics, req.Path, value, string(v.described))
	}
}

// stringsValidator checks each string of a list and reports it at its own path.
type stringsValidator struct {
	described

	needed bool // the list must not be empty
	unique bool // no element may be in the list twice
	check  func(value string) error
	report func(diags *diag.Diagnostics, at path.Path, value types.String, err error)
}

func validGateWorkflows() validator.List {
	return stringsValidator{
		"must be file names or IDs of workflows, at least one and none twice", true, true, errorOf(actions.ParseWorkflow), reportGateWorkflow,
	}
}

func validJobPatterns() validator.List {
	return stringsValidator{
		"must be patterns of whole names of jobs, with * for any characters and ? for one", false, false, checkNamePattern, reportPatternOf("job"),
	}
}

var errTwice = errors.New("it is in the list already")

// ValidateList reports each element that fails the check.
func (v stringsValidator) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	elements := req.ConfigValue.Elements()
	if v.needed && len(elements) == 0 {
		reportEmpty("Name at least one.")(&resp.Diagnostics, req.Path, "", errEmpty)
	}
	known := map[string]bool{}
	for i, element := range elements {
		value, ok := element.(types.String)
		if !ok || value.IsUnknown() {
			continue
		}
		at, err := req.Path.AtListIndex(i), v.check(value.ValueString())
		if err == nil && v.unique && known[value.ValueString()] {
			err = errTwice
		}
		known[value.ValueString()] = true
		if value.IsNull() {
			err = errEmpty
		}
		if err != nil {
			v.report(&resp.Diagnostics, at, value, err)
		}
	}
}
