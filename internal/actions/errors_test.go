package actions_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

const jobPath = "/repos/acme/app/actions/jobs/1"

// failWith is the error for a job whose request ends as answer says.
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
	const limited, soon = "X-RateLimit-Remaining", "Retry-After"
	for _, tc := range []struct {
		name   string
		answer githubtest.Fault
		want   actions.Kind
	}{
		{"401", githubtest.Status(401, "Bad credentials"), actions.BadCredentials},
		{"403", githubtest.Status(403, "Resource not accessible by personal access token"), actions.Forbidden},
		{"403 with SSO", githubtest.Status(403, "Resource protected by organization SAML enforcement.", "X-GitHub-SSO", "required; url=https://github.com/orgs/acme/sso?authorization_request=A1"), actions.SSO},
		{"403 with no request left", githubtest.Status(403, "API rate limit exceeded", limited, "0"), actions.PrimaryLimit},
		{"403 with Retry-After", githubtest.Status(403, "Slow down", soon, "30"), actions.SecondaryLimit},
		{"403 that says so", githubtest.Status(403, "You have exceeded a secondary rate limit."), actions.SecondaryLimit},
		{"429", githubtest.Status(429, "Too many requests"), actions.SecondaryLimit},
		{"429 with no request left", githubtest.Status(429, "API rate limit exceeded", limited, "0"), actions.PrimaryLimit},
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
		"X-RateLimit-Reset", "1800000000", "X-GitHub-Request-Id", "C0DE:1"))
	want := actions.Error{
		Kind: actions.SSO, Object: "acme/app job 1", Status: 403, Message: "Resource not accessible", RequestID: "C0DE:1",
		AcceptedPermissions: "actions=read", AcceptedScopes: "repo", Scopes: "gist",
		SSOLink: "https://github.com/orgs/acme/sso?authorization_request=A1",
		Reset:   time.Unix(1800000000, 0).UTC(),
	}
	if *e != want {
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
	cause := errors.New("the read's time-out passed")
	server.Handle(jobPath, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel(cause) }))
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
