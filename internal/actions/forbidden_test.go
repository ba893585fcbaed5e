package actions_test

import (
	"net/http"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// TestRefusals: only some of GitHub's refusals are about a permission.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		answer githubtest.Fault
		want   actions.Refusal
	}{
		{"an App's permission", githubtest.Status(403, "Resource not accessible by integration"), actions.RefusedPermission},
		{"a token's permission", githubtest.Status(403, "Resource not accessible by personal access token"), actions.RefusedPermission},
		{"a role", githubtest.Status(403, "Must have admin rights to Repository."), actions.RefusedPermission},
		{"Gitea's scopes", githubtest.Status(403, "token does not have at least one of required scope(s), required=[read:repository]"), actions.RefusedPermission},
		{"an allow list", githubtest.Status(403, "Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled, and your IP address is not permitted to access this resource."), actions.RefusedAddress},
		{"an OAuth App", githubtest.Status(403, "Although you appear to have the correct authorization credentials, the `acme` organization has enabled OAuth App access restrictions, meaning that data access to third-parties is limited."), actions.RefusedOAuthApp},
		{"a classic token", githubtest.Status(403, "`acme` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a personal access token with fine-grained permissions."), actions.RefusedClassicToken},
		{"a token that lives too long", githubtest.Status(403, "The 'acme' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 366 days."), actions.RefusedTokenLifetime},
		{"a classic token that lives too long", githubtest.Status(403, "The 'acme' organization forbids access via a personal access tokens (classic) if the token's lifetime is greater than 366 days."), actions.RefusedTokenLifetime},
		{"a fine-grained token", githubtest.Status(403, "`acme` forbids access via a fine-grained personal access token."), actions.RefusedTokenKind},
		{"single sign-on", githubtest.Status(403, "Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization."), actions.RefusedSSO},
		{"terms of service", githubtest.Status(403, "Repository access blocked"), actions.RefusedRepository},
		{"DMCA", githubtest.Status(451, "Repository access blocked"), actions.RefusedRepository},
		{"DMCA without a word", githubtest.Status(451, ""), actions.RefusedRepository},
		{"an account", githubtest.Status(403, "Sorry. Your account was suspended."), actions.RefusedAccount},
		{"an installation", githubtest.Status(403, "This installation has been suspended"), actions.RefusedInstallation},
		{"failed logins", githubtest.Status(403, "Maximum number of login attempts exceeded. Please try again later."), actions.RefusedLogins},
		{"a web page", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(" <!DOCTYPE html><h1>Blocked by policy</h1>"))
		}, actions.RefusedByProxy},
		{"no reason", githubtest.Status(403, "Forbidden"), actions.RefusalUnknown},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if e := failWith(t, tc.answer); e.Kind != actions.Forbidden || e.Refusal() != tc.want {
				t.Errorf("got %v, %q, want %q", e, e.Refusal(), tc.want)
			}
		})
	}
}

// TestScopesInTheMessage: Gitea does not name them in headers.
func TestScopesInTheMessage(t *testing.T) {
	t.Parallel()
	const start = "token does not have at least one of required scope(s)"
	for _, tc := range []struct{ message, accepted, scopes string }{
		{start + ", required=[read:organization], token scope=read:repository,read:user", "read:organization", "read:repository, read:user"},
		{start + ", required=[read:user read:repository], token scope=", "read:user, read:repository", ""},
		{start, "", ""},
		{start + ", required=[read:user", "", ""},
		{"Resource not accessible", "", ""},
	} {
		if e := failWith(t, githubtest.Status(403, tc.message)); e.AcceptedScopes != tc.accepted || e.Scopes != tc.scopes {
			t.Errorf("%s: accepted %q, scopes %q", tc.message, e.AcceptedScopes, e.Scopes)
		}
	}
}

// TestALocationThatIsNoURL: it may contain a secret, so it is not quoted.
func TestALocationThatIsNoURL(t *testing.T) {
	t.Parallel()
	e := failWith(t, githubtest.Status(302, "", "Location", "https://blob.test:port/x?sig=SECRET"))
	const want = "acme/app job 1: redirect not followed: its Location header is not a valid URL"
	if e.Kind != actions.Redirected || e.Error() != want {
		t.Errorf("got  %v\nwant %s", e, want)
	}
}
