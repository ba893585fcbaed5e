package transport

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// authenticator attaches the token. It is the only place that does, and it looks at each request by
// itself: net/http would carry a header over to sub-domains, other ports and plain http.
type authenticator struct {
	origin     origin
	credential Credential // nil: anonymous
	next       http.RoundTripper
}

func (a *authenticator) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Del("Authorization")
	if a.credential != nil && originOf(req.URL) == a.origin {
		token, err := a.credential.Token(req.Context())
		if err != nil {
			return nil, &CredentialError{Source: a.credential.Source(), Err: err}
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return a.next.RoundTrip(req)
}

// CredentialError says that no token could be had, and from where.
type CredentialError struct {
	Source string
	Err    error
}

func (e *CredentialError) Error() string { return fmt.Sprintf("no token from %s: %v", e.Source, e.Err) }

// Unwrap gives the cause.
func (e *CredentialError) Unwrap() error { return e.Err }

// StaticToken is a credential that never changes. An empty token is no credential: nil.
func StaticToken(token, source string) Credential {
	if token == "" {
		return nil
	}
	return staticToken{token: token, source: source}
}

type staticToken struct{ token, source string }

func (t staticToken) Token(context.Context) (string, error) { return t.token, nil }
func (t staticToken) Source() string                        { return t.source }

// String keeps the token out of a %v.
func (t staticToken) String() string { return "token from " + t.source }

// GoString keeps the token out of a %#v.
func (t staticToken) GoString() string { return t.String() }

// origin is what a token is bound to.
type origin struct{ scheme, host, port string }

func originOf(u *url.URL) origin {
	o := origin{scheme: strings.ToLower(u.Scheme), host: strings.ToLower(u.Hostname()), port: u.Port()}
	if o.port == "" {
		o.port = map[string]string{"http": "80", "https": "443"}[o.scheme]
	}
	return o
}
