// Package transport is the way to GitHub and back: a chain of http.RoundTrippers, one concern a file.
//
// From the outside in: the concurrency limit, the credential, the wire. New puts them together and adds
// the redirect policy, which has to stand outside the chain so that each hop runs through all of it.
package transport

import (
	"context"
	"net/http"
	"net/url"
)

// DefaultMaxConcurrent is how many requests are on the wire at once unless Config says otherwise.
const DefaultMaxConcurrent = 10

// Config says how requests reach GitHub.
type Config struct {
	BaseURL       *url.URL          // the only scheme, host and port that ever gets the token
	Credential    Credential        // nil: anonymous
	MaxConcurrent int               // requests on the wire at once; 0: DefaultMaxConcurrent
	Base          http.RoundTripper // nil: a transport of its own, with the proxies of the environment
}

// Credential yields the token of a request.
type Credential interface {
	// Token is the token to send now. It may have to be asked for, so it can fail.
	Token(ctx context.Context) (string, error)
	// Source says where the credential comes from, for messages. It never holds the value.
	Source() string
}

// New returns a client that keeps the promises about the token: it goes to BaseURL's origin and
// nowhere else, whatever redirects say.
func New(cfg Config) *http.Client {
	base := cfg.Base
	if base == nil {
		base = http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // documented type
	}
	limit := cfg.MaxConcurrent
	if limit == 0 {
		limit = DefaultMaxConcurrent
	}
	return &http.Client{
		Transport:     newLimiter(limit, &authenticator{origin: originOf(cfg.BaseURL), credential: cfg.Credential, next: base}),
		CheckRedirect: sameOriginOnly(originOf(cfg.BaseURL)),
	}
}
