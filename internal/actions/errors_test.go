package actions_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

const jobPath = "/repos/acme/app/actions/jobs/1"

// failWith returns the error for a job whose request gets answer.
func failWith(t *testing.T, answer githubtest.Fault) *actions.Error {
	t.Helper()
	server := githubtest.New(t, githubtest.NewWorld())
	server.Fail(jobPath, answer)
	_, err := newClient(t, server, 1).Job(t.Context(), app(t), 1)
	var e *actions.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *actions.Error", err)
	}
	return e
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		answer githubtest.Fault
		want   actions.Kind
	}{
		{"401", githubtest.Status(401, "Bad credentials"), actions.BadCredentials},
		{"403", githubtest.Status(403, "Resource not accessible by personal access token"), actions.Forbidden},
		{"403 with SSO", githubtest.Status(403, "Resource protected by organization SAML enforcement.", "X-GitHub-SSO", "required; url=https://github.com/orgs/acme/sso?authorization_request=A1"), actions.SSO},
		{"451", githubtest.Status(451, "Repository access blocked"), actions.Forbidden},
		{"410", githubtest.Status(410, "Gone"), actions.Gone},
		{"418", githubtest.Status(418, "I'm a teapot"), actions.Unexpected},
		{"204", githubtest.Status(204, ""), actions.Unexpected},
		{"304 unasked", githubtest.Status(304, ""), actions.Unexpected},
		{"500", githubtest.Status(500, "Server Error"), actions.ServerFault},
		{"503 with a web page", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("<html>" + strings.Repeat("x", 1<<20)))
		}, actions.ServerFault},
		{"a reset", githubtest.Reset(), actions.Unreachable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if e := failWith(t, tc.answer); e.Kind != tc.want || !errors.Is(e, tc.want) || errors.Is(e, actions.NotFound) {
				t.Errorf("got %v, want %s", e, tc.want)
			}
		})
	}
}

func TestAnErrorCarriesWhatARemedyNeeds(t *testing.T) {
	t.Parallel()
	e := failWith(t, githubtest.Status(403, "Resource not accessible",
		"X-Accepted-GitHub-Permissions", "actions=read", "X-Accepted-OAuth-Scopes", "repo", "X-OAuth-Scopes", "gist",
		"X-GitHub-SSO", "required; url=https://github.com/orgs/acme/sso?authorization_request=A1",
		"X-GitHub-Request-Id", "C0DE:1"))
	want := actions.Error{
		Kind: actions.SSO, Object: "acme/app job 1", Status: 403, Message: "Resource not accessible", RequestID: "C0DE:1",
		AcceptedPermissions: "actions=read", AcceptedScopes: "repo", Scopes: "gist",
		SSOLink: "https://github.com/orgs/acme/sso?authorization_request=A1",
	}
	if fmt.Sprintf("%+v", *e) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", *e, want)
	}
	if got, want := e.Error(), "acme/app job 1: single sign-on required: HTTP 403: Resource not accessible"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
}

func TestTheEndOfTheContextIsNoFaultOfTheHost(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, world(0, 0))
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("the read's timeout passed")
	server.Handle(jobPath, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel(cause)
		<-r.Context().Done() // no answer may come before the client has left
	}))
	_, err := newClient(t, server, 1).Job(ctx, app(t), 1)
	if !errors.Is(err, actions.OutOfTime) || !errors.Is(err, cause) {
		t.Errorf("got %v, want out of time because of %v", err, cause)
	}
}

func TestARedirectTellsTheHostAndNoMore(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.NewWorld())
	server.Fail(jobPath, githubtest.Status(302, "", "Location", "https://elsewhere.test/secret?sig=1"))
	client := newClient(t, server, 1)
	actions.SetCheckRedirect(client, func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse })
	_, err := client.Job(t.Context(), app(t), 1)
	var e *actions.Error
	if !errors.As(err, &e) || e.Kind != actions.Redirected || e.Location != "https://elsewhere.test" || strings.Contains(e.Error(), "secret") {
		t.Errorf("got %+v", err)
	}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// TestWhatTheTransportKnowsComesFirst maps each error of internal/transport, even if the deadline
// that caused it is near or past.
func TestWhatTheTransportKnowsComesFirst(t *testing.T) {
	t.Parallel()
	reset := time.Date(2026, 5, 4, 11, 0, 0, 0, time.UTC)
	past, cancel := context.WithTimeoutCause(t.Context(), 0, errors.New("the read's timeout passed"))
	defer cancel()
	for _, tc := range []struct {
		name string
		late bool // the deadline has passed
		err  error
		want actions.Error // Object, TokenSource and Err are checked apart
	}{
		{"a limit", false, &transport.RateLimitError{Reset: reset, MaxWait: time.Minute, StatusCode: 403, RequestID: "C0DE:1"},
			actions.Error{Kind: actions.PrimaryLimit, Status: 403, RequestID: "C0DE:1", Reset: reset, Reason: "the wait would be longer than max_rate_limit_wait (1m0s)"}},
		{"a limit beyond the deadline", true, &transport.RateLimitError{Secondary: true, ByDeadline: true, Reset: reset, StatusCode: 429},
			actions.Error{Kind: actions.SecondaryLimit, Status: 429, Reset: reset, Reason: "the wait is longer than the read's timeout allows"}},
		{"a limit that has been waited for", false, &transport.RateLimitError{Secondary: true, Rounds: 1, Reset: reset, MaxWait: time.Minute, StatusCode: 429},
			actions.Error{Kind: actions.SecondaryLimit, Status: 429, Reset: reset, Reason: "it is still in force after 1 wait"}},
		{"a limit that does not end", false, &transport.RateLimitError{Secondary: true, Rounds: 3, Reset: reset, MaxWait: time.Minute, StatusCode: 429},
			actions.Error{Kind: actions.SecondaryLimit, Status: 429, Reset: reset, Reason: "it is still in force after 3 waits"}},
		{"no token", false, &transport.CredentialError{Source: "app_auth", StatusCode: 401, RequestID: "C0DE:1", Err: errors.New("refused")},
			actions.Error{Kind: actions.NoToken, Status: 401, RequestID: "C0DE:1"}},
		{"a redirected exchange", false, &transport.CredentialError{Source: "app_auth", App: true, StatusCode: 301, RedirectedTo: "https://ghe.test", Err: errors.New("redirected")},
			actions.Error{Kind: actions.NoToken, Status: 301, Location: "https://ghe.test"}},
		{"a limit on the token's own exchange", false, &transport.CredentialError{Source: "app_auth", Err: &transport.RateLimitError{Reset: reset, MaxWait: time.Minute}},
			actions.Error{Kind: actions.PrimaryLimit, Reset: reset, Reason: "the wait would be longer than max_rate_limit_wait (1m0s)"}},
		{"the end of time", true, errors.New("whatever"), actions.Error{Kind: actions.OutOfTime}},
		{"no turn in time", false, fmt.Errorf("no turn: %w", transport.ErrPaceDeadline), actions.Error{Kind: actions.OutOfTime}},
		{"a host that does not answer", false, &transport.AttemptsError{Attempts: 4, Err: os.ErrDeadlineExceeded}, actions.Error{Kind: actions.Unreachable}},
		{"a dial that takes too long", false, &transport.AttemptsError{Attempts: 4, Err: context.DeadlineExceeded}, actions.Error{Kind: actions.Unreachable}},
		{"too large", false, &transport.BodyTooLargeError{Limit: 64}, actions.Error{Kind: actions.Malformed, Status: 200, Reason: "the answer is larger than 64 bytes"}},
		{"redirects without end", false, transport.ErrTooManyRedirects, actions.Error{Kind: actions.Redirected, Reason: "more than 10 redirects"}},
		{"cut short", false, &transport.AttemptsError{Attempts: 4, Err: io.ErrUnexpectedEOF}, actions.Error{Kind: actions.Interrupted}},
		{"no connection", false, &transport.AttemptsError{Attempts: 4, Err: errors.New("connection refused")}, actions.Error{Kind: actions.Unreachable}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			client := actions.NewClient(actions.Config{
				HTTP: &http.Client{Transport: failing{tc.err}}, BaseURL: &url.URL{Scheme: "https", Host: "api.github.test", Path: "/"},
				TokenSource: "GITHUB_TOKEN", App: true, GHFinding: "gh was not found",
			})
			ctx := t.Context()
			if tc.late {
				ctx = past
			}
			_, err := client.Job(ctx, app(t), 1)
			var e *actions.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if e.Object != "acme/app job 1" || e.TokenSource != "GITHUB_TOKEN" || !e.App || e.GHFinding != "gh was not found" {
				t.Errorf("object %q, token from %q, App %v, gh %q", e.Object, e.TokenSource, e.App, e.GHFinding)
			}
			got := *e
			got.Object, got.TokenSource, got.App, got.GHFinding, got.Err = "", "", false, "", nil
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", tc.want) {
				t.Errorf("got  %+v\nwant %+v", got, tc.want)
			}
		})
	}
}

// errorAt is the error of a read from a server that answers everything alike.
func errorAt(t *testing.T, baseURL string, status int, body string) *actions.Error {
	t.Helper()
	base, err := url.Parse(baseURL)
	if err != nil {
		t.Fatal(err)
	}
	rt := roundTripper(func(*http.Request) *http.Response {
		w := httptest.NewRecorder()
		w.WriteHeader(status)
		_, _ = w.WriteString(body)
		return w.Result()
	})
	_, err = actions.NewClient(actions.Config{HTTP: &http.Client{Transport: rt}, BaseURL: base}).Job(t.Context(), app(t), 1)
	var e *actions.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	return e
}

// TestAnUnexpectedStatusFromElsewhere: an empty answer is no sign of another server.
func TestAnUnexpectedStatusFromElsewhere(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, base, body string
		noAPI, notAPI    bool
	}{
		{"nothing", "https://ghe.test/api/v3/", "", false, false},
		{"an error of the API", "https://ghe.test/api/v3/", `{"message":"No"}`, false, false},
		{"a text", "https://ghe.test/api/v3/", "Not Acceptable", true, true},
		{"a web page", "https://ghe.test/api/v3/", "<html>", true, true},
		{"nothing, from another address", "https://ghe.test/", "", true, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			e := errorAt(t, tc.base, http.StatusNotAcceptable, tc.body)
			if e.Kind != actions.Unexpected || (e.NoAPI == tc.base) != tc.noAPI || e.NotAPI != tc.notAPI {
				t.Errorf("got %+v", e)
			}
		})
	}
}

// TestA404FromElsewhere: base_url may not be an API. The cause is then not the repository.
func TestA404FromElsewhere(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, base, body string
		noAPI            bool
		right            string
	}{
		{"GitHub", "https://api.github.com/", `{"message":"Not Found"}`, false, ""},
		{"GitHub with the path of Enterprise Server", "https://api.github.com/api/v3/", `{"message":"Not Found"}`, true, "https://api.github.com/"},
		{"a subdomain of ghe.com", "https://api.acme.ghe.com/", `{"message":"Not Found"}`, false, ""},
		{"ghe.com with the path of Enterprise Server", "https://api.acme.ghe.com/api/v3/", `{"message":"Not Found"}`, true, "https://api.acme.ghe.com/"},
		{"the web pages of ghe.com", "https://Acme.ghe.com/", `{"message":"Not Found"}`, true, "https://api.acme.ghe.com/"},
		{"the web pages of ghe.com with a path", "https://acme.ghe.com/api/v3/", `<html>`, true, "https://api.acme.ghe.com/"},
		{"Enterprise Server", "https://ghe.test/api/v3/", `{"message":"Not Found"}`, false, ""},
		{"a domain of its own", "https://api.ghe.test/github/", `{"message":"Not Found"}`, false, ""},
		{"Gitea", "https://gitea.test/api/v1/", `{"message":"not found"}`, false, ""},
		{"Gitea without its path", "https://gitea.test/", `{"message":"not found"}`, true, ""},
		{"Enterprise Server without its path", "https://ghe.test/", `{"message":"Not Found"}`, true, ""},
		{"a web page", "https://ghe.test/api/v3/", `<html>Not Found</html>`, true, "https://ghe.test/api/v3/"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			e := errorAt(t, tc.base, http.StatusNotFound, tc.body)
			if e.Kind != actions.NotFound || (e.NoAPI == tc.base) != tc.noAPI || e.RightBase != tc.right || (e.Missing == "") != tc.noAPI {
				t.Errorf("got %+v", e)
			}
		})
	}
}
