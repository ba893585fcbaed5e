package actions

import (
	"net/http"
	"strings"
)

// Refusal is the reason for a 403 or 451. Each reason needs different advice.
type Refusal string

// The reasons for a refusal.
//
//nolint:gosec // these are not credentials
const (
	RefusalUnknown       Refusal = "unknown"                        // the server does not say why
	RefusedPermission    Refusal = "missing permission"             // the token's scopes, permissions or role do not allow it
	RefusedAddress       Refusal = "IP address not allowed"         // an organisation's or enterprise's allow list
	RefusedClassicToken  Refusal = "classic tokens forbidden"       // by a policy of the organisation
	RefusedTokenLifetime Refusal = "token lifetime too long"        // by a policy of the organisation
	RefusedTokenKind     Refusal = "kind of token forbidden"        // by another policy of the organisation for tokens
	RefusedOAuthApp      Refusal = "OAuth App not approved"         // by the organisation
	RefusedSSO           Refusal = "single sign-on required"        // without the header that makes it SSO
	RefusedRepository    Refusal = "repository blocked"             // for everybody: DMCA, terms of service
	RefusedAccount       Refusal = "account suspended"              // the token's
	RefusedInstallation  Refusal = "installation suspended"         // the GitHub App's
	RefusedLogins        Refusal = "too many failed logins"         // from this address or with this account
	RefusedByProxy       Refusal = "the answer is not from the API" // a web page or a plain text
)

// A refusalText recognises a refusal by parts of GitHub's message, in lower case.
type refusalText struct {
	refusal Refusal
	parts   []string // the message contains all of them
}

// refusalTexts are tried in this order.
func refusalTexts() []refusalText {
	return []refusalText{
		{RefusedAddress, []string{"ip allow list"}},
		{RefusedAddress, []string{"your ip address is not permitted"}},
		{RefusedOAuthApp, []string{"oauth app access restrictions"}},
		{RefusedTokenLifetime, []string{"forbids access", "lifetime"}},
		{RefusedClassicToken, []string{"forbids access", "(classic)"}},
		{RefusedTokenKind, []string{"forbids access", "token"}},
		{RefusedSSO, []string{"saml"}},
		{RefusedRepository, []string{"repository access blocked"}},
		{RefusedRepository, []string{"repository unavailable"}},
		{RefusedInstallation, []string{"installation has been suspended"}},
		{RefusedAccount, []string{"account was suspended"}},
		{RefusedAccount, []string{"account has been suspended"}},
		{RefusedLogins, []string{"maximum number of login attempts"}},
		{RefusedPermission, []string{"resource not accessible"}},
		{RefusedPermission, []string{"must have", "rights"}},
		{RefusedPermission, []string{"required scope"}}, // Gitea
	}
}

// Refusal returns the reason that the answer gives.
func (e *Error) Refusal() Refusal {
	message := strings.ToLower(e.Message)
	for _, text := range refusalTexts() {
		if containsAll(message, text.parts) {
			return text.refusal
		}
	}
	switch {
	case e.Status == http.StatusUnavailableForLegalReasons:
		return RefusedRepository
	case e.WebPage || e.NotAPI && e.Message != "":
		return RefusedByProxy
	}
	return RefusalUnknown
}

// saysWhy reports whether the answer is a refusal with its reason.
func (e *Error) saysWhy() bool {
	return e.Kind == SSO || e.Kind == Forbidden && e.Refusal() != RefusalUnknown
}

func containsAll(s string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(s, part) {
			return false
		}
	}
	return true
}
