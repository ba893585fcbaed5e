package transport

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Credential returns the token of each request.
type Credential interface {
	// Token returns a token that is valid now. It may have to request one, and ends when the
	// context ends. Any other error is a *CredentialError.
	Token(ctx context.Context) (string, error)
	// Source says where the credential comes from, for messages: "the provider's token argument" or
	// "GITHUB_TOKEN". It is never the value.
	Source() string
	// Fingerprint identifies who is asking, for cache keys. It is a hash that does not reveal the
	// token, and is the same for all tokens that can read the same things.
	Fingerprint() string
}

// StaticToken is a credential that does not change. White space around the token is removed: a
// token that is read from a file ends with a line break. If the rest does not pass CheckToken,
// Token returns that error.
func StaticToken(token, source string) Credential {
	return staticToken{token: strings.TrimSpace(token), source: source}
}

type staticToken struct{ token, source string }

func (s staticToken) Token(context.Context) (string, error) {
	if err := CheckToken(s.token); err != nil {
		return "", &CredentialError{Source: s.source, Err: err}
	}
	return s.token, nil
}

// CheckToken says why a text, as it is, cannot be a token. net/http would refuse most of these too, but
// without saying where it came from. Quotes come from files that a shell should have read.
func CheckToken(token string) error {
	if token == "" {
		return errors.New("the token is empty")
	}
	for i := range len(token) {
		if c := token[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\'' {
			return errors.New("the token contains white space or a character that tokens cannot contain")
		}
	}
	return nil
}

func (s staticToken) Source() string      { return s.source }
func (s staticToken) Fingerprint() string { return fingerprint("token", s.token) }

// String keeps the token out of %v and %+v.
func (s staticToken) String() string { return "token from " + s.source }

// GoString keeps the token out of %#v.
func (s staticToken) GoString() string { return s.String() }

// fingerprint hashes parts so that different lists of parts have different hashes.
func fingerprint(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		sum := sha256.Sum256([]byte(p))
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// origin is a scheme, host and port in a form that can be compared.
type origin struct{ scheme, host, port string }

func originOf(u *url.URL) origin {
	o := origin{scheme: strings.ToLower(u.Scheme), host: strings.ToLower(u.Hostname()), port: u.Port()}
	if o.port == "" {
		switch o.scheme {
		case "https":
			o.port = "443"
		case "http":
			o.port = "80"
		}
	}
	return o
}

func (o origin) has(u *url.URL) bool { return originOf(u) == o }

// getsSecretsOf reports whether a request's secrets may go where it goes: its URL and, if it is
// set, its Host header must be this origin.
func (o origin) getsSecretsOf(req *http.Request) bool {
	return o.has(req.URL) && (req.Host == "" || strings.EqualFold(req.Host, req.URL.Host))
}

// stripAuthorization removes the header in any spelling: http.Header.Del removes only one, and HTTP
// ignores case.
func stripAuthorization(h http.Header) {
	for name := range h {
		if strings.EqualFold(name, "Authorization") {
			delete(h, name)
		}
	}
}

// tokenAuth is the only place where a token enters a request.
type tokenAuth struct {
	next       http.RoundTripper
	home       origin
	credential Credential
	userAgent  string
}

func (a *tokenAuth) over(next http.RoundTripper) http.RoundTripper {
	b := *a
	b.next = next
	return &b
}

func (a *tokenAuth) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	// An Authorization that came with the request has not passed the check below. http.Client makes
	// one from user info in a URL, for example.
	stripAuthorization(out.Header)
	setUserAgent(out, a.userAgent)
	var made time.Time
	if a.credential != nil && a.home.getsSecretsOf(req) && !isWithoutToken(req.Context()) {
		token, at, err := tokenWithTime(req.Context(), a.credential)
		made = at
		if err != nil {
			dropRequest(req)
			return nil, err
		}
		out.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := a.next.RoundTrip(out)
	if resp != nil {
		// The clone contains the token and must not be returned.
		resp.Request = req
		if body, ok := resp.Body.(*memoryBody); ok {
			body.tokenMade = made
		}
	}
	return resp, err
}

// tokenWithTime returns a credential's token, and when it was made if it comes from an exchange.
func tokenWithTime(ctx context.Context, c Credential) (token string, made time.Time, err error) {
	if app, ok := c.(*appCredential); ok {
		return app.tokenWithTime(ctx)
	}
	token, err = c.Token(ctx)
	return token, time.Time{}, err
}

// appAuth protects the App's own requests: they come with the App's signed assertion, which may go
// home only.
type appAuth struct {
	next      http.RoundTripper
	home      origin
	userAgent string
}

func (a *appAuth) over(next http.RoundTripper) http.RoundTripper {
	b := *a
	b.next = next
	return &b
}

func (a *appAuth) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	setUserAgent(out, a.userAgent)
	if !a.home.getsSecretsOf(req) {
		stripAuthorization(out.Header)
	}
	resp, err := a.next.RoundTrip(out)
	if resp != nil {
		bare := req.Clone(req.Context())
		stripAuthorization(bare.Header)
		resp.Request = bare
	}
	return resp, err
}

func setUserAgent(req *http.Request, agent string) {
	if agent != "" && req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", agent)
	}
}
