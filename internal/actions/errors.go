package actions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// Kind is the class of a failure: what a user can do about it. A Kind is itself an error, so that
// errors.Is(err, actions.NotFound) reads well.
type Kind string //nolint:errname // it reads as what it is: actions.NotFound

// The kinds, each with the answers that it covers.
//
//nolint:errname // see Kind
const (
	NotFound       Kind = "not found or not visible" // 404
	Gone           Kind = "gone"                     // 410
	BadCredentials Kind = "bad credentials"          // 401
	NoToken        Kind = "no token"                 // the exchange for a token failed; no request was sent
	Forbidden      Kind = "refused"                  // 403 except SSO and rate limits, or 451; see Refusal
	SSO            Kind = "single sign-on required"  // 403 with X-GitHub-SSO; 200: the list lacks what requires it
	PrimaryLimit   Kind = "primary rate limit"       // the hourly quota is used up
	SecondaryLimit Kind = "secondary rate limit"     // GitHub's limits on bursts and concurrency
	Redirected     Kind = "redirect not followed"    // 3xx out of base_url's origin, or too many of them
	OwnerRenamed   Kind = "owner renamed"            // the list has only repositories of another owner; Reason is its name
	ServerFault    Kind = "server fault"             // 5xx
	Unexpected     Kind = "unexpected status"        // every other status
	Malformed      Kind = "malformed answer"         // 200 with a body that is not the requested object
	Incomplete     Kind = "incomplete list"          // the pages lack entries or contradict each other
	FilterIgnored  Kind = "filter ignored"           // the list contains runs that the filter excludes; Missing names the filter
	Interrupted    Kind = "answer cut short"         // in each attempt, the connection broke during the answer
	Unreachable    Kind = "API host unreachable"     // no answer at all
	OutOfTime      Kind = "out of time"              // the read's timeout passed, or Terraform cancelled

	JobLeftBehind  Kind = "job left behind"       // it is not completed, but its run is; Reason is the run's conclusion, LastStatus the job's status
	JobUnfinished  Kind = "job not finished"      // it has no log yet; Reason is its status
	JobNeverRan    Kind = "job never ran"         // it never gets a log; Reason is its conclusion
	LogExpired     Kind = "log expired"           // or deleted, although the job ran; Reason is why it may never have been stored
	LogNotStored   Kind = "log not stored"        // although the job ran; Reason is why
	LogMissing     Kind = "log missing"           // the job was completed less than a day ago: too early for LogExpired
	LinkUnusable   Kind = "log link not followed" // Reason says what is wrong with it
	StorageRefused Kind = "log not handed out"    // by the storage host: a new link (4xx) or retries (5xx) did not help
)

func (k Kind) Error() string { return string(k) }

// Part names the part of a request that an error is about. The values are the names of the
// arguments in the configuration.
type Part string

// The parts of a request path.
const (
	PartOwner      Part = "owner"
	PartRepository Part = "repository"
	PartRun        Part = "run_id"
	PartAttempt    Part = "attempt_number"
	PartJob        Part = "job_id"
	PartWorkflow   Part = "workflow"
)

// The filters of a list of runs.
const (
	PartBranch  Part = "branch"
	PartEvent   Part = "event"
	PartActor   Part = "actor"
	PartStatus  Part = "status"
	PartCreated Part = "created"
	PartHeadSHA Part = "head_sha"
)

// PartFilter is the filter of a list of jobs.
const PartFilter Part = "filter"

// about is the same error about another part; "" for none.
func (e *Error) about(part Part) *Error {
	named := *e
	named.Missing = part
	return &named
}

// Error is the only error type that this package returns. Its text is for logs; internal/provider
// words it for users.
type Error struct {
	Kind      Kind
	Object    string // the requested object, such as "acme/app run 700 attempt 9"
	Missing   Part   // the part that is missing, has no log or was ignored, if known
	Place     *int   // the index of the missing part in a list of parts; nil without a list
	Status    int    // HTTP status; 0 when there was no answer
	Message   string // GitHub's message, not sanitised; may be empty
	Reason    string // found by this package, such as "the answer is empty"
	RequestID string // X-GitHub-Request-Id; may be empty

	AcceptedPermissions string    // X-Accepted-GitHub-Permissions: what a fine-grained token needs
	AcceptedScopes      string    // X-Accepted-OAuth-Scopes: what a classic token needs; Gitea says it in its message
	Scopes              string    // X-OAuth-Scopes: what the classic token has
	SSOLink             string    // where the user can authorise the token; may be empty
	Location            string    // a redirect's target or the log's storage: only scheme and host
	Reset               time.Time // a rate limit's end; zero when unknown
	TokenSource         string    // where the token comes from; empty when the request was anonymous
	App                 bool      // the credential is a GitHub App
	GHFinding           string    // if TokenSource is empty: why gh gave no token; empty if it was not called

	Waited      bool     // it ended a wait for completion
	LastStatus  string   // Waited, or JobLeftBehind: status of the run or job; empty if the API does not return it
	Unfinished  []string // Waited: the jobs that were not completed, each with its status
	NoRun       []string // Waited: the workflows that had no run
	LastFailure error    // Waited, OutOfTime: why the last poll failed; nil if it did not

	NoAPI     string // NotFound, Unexpected: the base URL, if it or the answer does not look like those of an API
	RightBase string // NoAPI: the same if it has the form of an API's URL, or how GitHub's host is written; empty if unknown
	NoRoute   bool   // NotFound: the server does not have this endpoint; for a missing object it sends a 404 in JSON
	Hidden    bool   // NotFound: the object that Missing names can be read, but not what is asked for in it
	WebPage   bool   // the body is HTML: a proxy or firewall may have answered
	NotAPI    bool   // the body is neither empty nor JSON
	Differs   bool   // Malformed: the answer is of an API, but not of the form that GitHub documents
	Moved     bool   // Redirected: the repository has another name or owner now

	Err error // the cause, if any
}

func (e *Error) Error() string {
	parts := []string{e.Object, string(e.Kind)}
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.Status))
	}
	for _, s := range []string{e.Reason, e.Message} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if cause := e.Cause(); cause != "" {
		parts = append(parts, cause)
	}
	return strings.Join(parts, ": ")
}

// Cause is the text of Err without the secrets that URLs in it may contain: signatures and
// passwords.
func (e *Error) Cause() string {
	if e.Err == nil {
		return ""
	}
	return transport.SafeErrorText(e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is this error's Kind.
func (e *Error) Is(target error) bool {
	kind, ok := target.(Kind)
	return ok && kind == e.Kind
}

// requestIDHeader is the header with the ID that GitHub's support asks for.
const requestIDHeader = "X-GitHub-Request-Id"

// ssoHeader says that an answer requires single sign-on, or lacks what requires it.
const ssoHeader = "X-GitHub-SSO"

// errorFromResponse returns an Error for an answer that is not 200. It reads the body, but does not
// close it.
func errorFromResponse(object string, base *url.URL, resp *http.Response) *Error {
	var said errorText
	if raw, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)); err == nil {
		said = errorTextOf(raw)
	}
	h := resp.Header
	e := &Error{
		Kind:                kindOf(resp),
		Object:              object,
		Status:              resp.StatusCode,
		Message:             said.message,
		RequestID:           h.Get(requestIDHeader),
		AcceptedPermissions: h.Get("X-Accepted-GitHub-Permissions"),
		AcceptedScopes:      h.Get("X-Accepted-OAuth-Scopes"),
		Scopes:              h.Get("X-OAuth-Scopes"),
		SSOLink:             ssoLink(h.Get(ssoHeader)),
		Location:            redirectTarget(resp),
		Moved:               isMoved(resp),
		WebPage:             said.isHTML,
		NotAPI:              said.isForeign(),
	}
	if accepted, scopes := scopesIn(said.message); e.AcceptedScopes == "" {
		e.AcceptedScopes, e.Scopes = accepted, cmp.Or(e.Scopes, scopes)
	}
	e.NoRoute = e.Kind == NotFound && !said.isJSON
	if e.NoRoute {
		e.Message = "" // "404 page not found" says no more than the status
	}
	if right, known := apiAddress(base); e.Kind == NotFound && (!said.isJSON || !known) || e.Kind == Unexpected && (e.NotAPI || !known) {
		e.NoAPI, e.RightBase = base.String(), right
	}
	return e
}

// apiAddress knows the forms of an API's URL: of github.com and GHE.com, of GitHub Enterprise Server and
// of Gitea. right is the URL itself if it has one of them, and else how to write it if its host is one of
// GitHub's. Other URLs can be right too, for example behind a proxy.
func apiAddress(base *url.URL) (right string, known bool) {
	host, path := strings.ToLower(base.Hostname()), strings.TrimSuffix(base.Path, "/")
	bare := strings.TrimPrefix(host, "api.")
	switch isGitHub := bare == "github.com" || strings.HasSuffix(bare, ".ghe.com"); {
	case isGitHub && (bare == host || path != ""):
		return "https://api." + bare + "/", false
	case bare != host || strings.HasSuffix(path, "/api/v3") || strings.HasSuffix(path, "/api/v1"):
		return base.String(), true
	}
	return "", false
}

// scopesIn returns the scopes in a message of Gitea, which has no headers for them:
// `…, required=[read:user read:organization], token scope=read:repository`.
func scopesIn(message string) (accepted, scopes string) {
	_, rest, _ := strings.Cut(message, " required=[")
	accepted, rest, closed := strings.Cut(rest, "]")
	if !closed {
		return "", ""
	}
	_, scopes, _ = strings.Cut(rest, "token scope=")
	return strings.ReplaceAll(accepted, " ", ", "), strings.ReplaceAll(scopes, ",", ", ")
}

// kindOf does not cover rate limits: internal/transport waits for them or returns its own error.
func kindOf(resp *http.Response) Kind {
	switch status := resp.StatusCode; {
	case status == http.StatusNotFound:
		return NotFound
	case status == http.StatusGone:
		return Gone
	case status == http.StatusUnauthorized:
		return BadCredentials
	case status == http.StatusForbidden && resp.Header.Get(ssoHeader) != "":
		return SSO
	case status == http.StatusForbidden || status == http.StatusUnavailableForLegalReasons:
		return Forbidden
	case 300 <= status && status < 400 && resp.Header.Get("Location") != "":
		return Redirected
	case status >= 500:
		return ServerFault
	}
	return Unexpected
}

// ssoLink returns the URL in `required; url=https://…`.
func ssoLink(header string) string {
	for part := range strings.SplitSeq(header, ";") {
		if link, ok := strings.CutPrefix(strings.TrimSpace(part), "url="); ok {
			return link
		}
	}
	return ""
}

// partialBySSO returns an error if a list lacks what requires single sign-on:
// `partial-results; organizations=21955855,20582480`.
func partialBySSO(object string, h http.Header) *Error {
	kind, rest, _ := strings.Cut(h.Get(ssoHeader), ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "partial-results") {
		return nil
	}
	reason := "it lacks what requires single sign-on"
	if ids, ok := strings.CutPrefix(strings.TrimSpace(rest), "organizations="); ok {
		reason += fmt.Sprintf(" (organisations %s)", strings.ReplaceAll(ids, ",", ", "))
	}
	return &Error{Kind: SSO, Object: object, Status: http.StatusOK, Reason: reason, RequestID: h.Get(requestIDHeader)}
}

// redirectTarget returns scheme and host of a Location. The rest can contain a signature.
func redirectTarget(resp *http.Response) string {
	location, err := resp.Location()
	if err != nil {
		return ""
	}
	return hostOf(location)
}

// isMoved reports whether a redirect leads to a repository by its ID. GitHub redirects the name that a
// repository had before so.
func isMoved(resp *http.Response) bool {
	location, err := resp.Location()
	return err == nil && strings.Contains(location.Path, "/repositories/")
}

func hostOf(u *url.URL) string { return u.Scheme + "://" + u.Host }

// errorFromTransport returns an Error for a request without an answer. Errors of internal/transport
// come first: if the deadline is too near for a rate limit, the error about the limit says more
// than the one about the deadline.
func errorFromTransport(ctx context.Context, object string, err error) *Error {
	var (
		limit      *transport.RateLimitError
		credential *transport.CredentialError
		tooLarge   *transport.BodyTooLargeError
	)
	switch {
	case errors.As(err, &limit):
		return errorFromLimit(object, limit)
	case errors.As(err, &credential):
		said := errorTextOf(credential.Body)
		return &Error{
			Kind: NoToken, Object: object, Status: credential.StatusCode, RequestID: credential.RequestID, Location: credential.RedirectedTo,
			Message: said.message, WebPage: said.isHTML, NotAPI: said.isForeign(), Err: credential.Err,
		}
	case ctx.Err() != nil:
		return &Error{Kind: OutOfTime, Object: object, Err: context.Cause(ctx)}
	case errors.Is(err, transport.ErrPaceDeadline):
		// Only this error: a host that does not answer also causes a deadline error.
		return &Error{Kind: OutOfTime, Object: object, Err: err}
	case errors.As(err, &tooLarge):
		return &Error{Kind: Malformed, Object: object, Status: http.StatusOK, Reason: tooLarge.Error()}
	case errors.Is(err, transport.ErrTooManyRedirects):
		return &Error{Kind: Redirected, Object: object, Reason: err.Error()}
	case strings.HasPrefix(err.Error(), badLocation):
		return &Error{Kind: Redirected, Object: object, Reason: "its Location header is not a valid URL"}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{Kind: Interrupted, Object: object, Err: err}
	}
	return &Error{Kind: Unreachable, Object: object, Err: err}
}

// badLocation is the start of http.Client's error for a redirect whose Location it cannot parse.
// The error has no type, and the rest of it quotes the Location, which can contain a signature.
const badLocation = "failed to parse Location header"

func errorFromLimit(object string, limit *transport.RateLimitError) *Error {
	e := &Error{
		Kind: PrimaryLimit, Object: object, Status: limit.StatusCode, RequestID: limit.RequestID, Reset: limit.Reset.UTC(),
		Reason: fmt.Sprintf("the wait would be longer than max_rate_limit_wait (%s)", limit.MaxWait), Err: limit,
	}
	if limit.Secondary {
		e.Kind = SecondaryLimit
	}
	switch {
	case limit.ByDeadline:
		e.Reason = "the wait is longer than the read's timeout allows"
	case limit.Rounds == 1:
		e.Reason = "it is still in force after 1 wait"
	case limit.Rounds > 1:
		e.Reason = fmt.Sprintf("it is still in force after %d waits", limit.Rounds)
	}
	return e
}

// malformed returns an Error for an answer with status 200 that is not the requested object.
func malformed(object string, header http.Header, reason string, cause error) *Error {
	return &Error{
		Kind: Malformed, Object: object, Status: http.StatusOK, Reason: reason,
		RequestID: header.Get(requestIDHeader), Err: cause,
	}
}

// differing is malformed for an answer of an API that has a property of another type or form than GitHub
// documents.
func differing(object string, header http.Header, reason string, cause error) *Error {
	e := malformed(object, header, reason, cause)
	e.Differs = true
	return e
}

// isMissingRoute reports whether the server does not have this endpoint. The 404 for a missing
// repository, run or job is JSON, so any other 404 means that the endpoint itself is missing.
func isMissingRoute(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.NoRoute
}
