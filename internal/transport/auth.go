package transport

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Credential yields the token of one request.
type Credential interface {
	// Token returns a token that is valid now. It may ask GitHub for one; it
	// ends with the context. Its error is a *CredentialError.
	Token(ctx context.Context) (string, error)
	// Source says where the credential came from, for messages: "the provider's
	// token argument" or "GITHUB_TOKEN". It is never the value.
	Source() string
	// Fingerprint is a hash of who is asking, for cache keys. It is the same for
	// all tokens that see the same things, and does not reveal any.
	Fingerprint() string
}

// StaticToken is a credential that does not change. White space around the token
// is trimmed and no part of it: a token read from a file ends with a line break.
// What is left has to pass CheckToken, or Token says why it does not.
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

// CheckToken says why a text, taken as it is, cannot be a token. net/http would
// refuse it as well, but without a word on where it came from.
func CheckToken(token string) error {
	if token == "" {
		return errors.New("the token is empty")
	}
	for i := range len(token) {
		if c := token[i]; c <= ' ' || c >= 0x7f {
			return errors.New("the token contains white space or a character that no token has")
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

// fingerprint hashes parts so that no two lists of parts have the same text.
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

// getsSecretsOf reports whether a request's secrets may go where it goes: its
// address and, where one is set, its Host header have to be ours.
func (o origin) getsSecretsOf(req *http.Request) bool {
	return o.has(req.URL) && (req.Host == "" || strings.EqualFold(req.Host, req.URL.Host))
}

// stripAuthorization removes the header in any spelling: http.Header.Del knows
// only one, and HTTP does not care.
func stripAuthorization(h http.Header) {
	for name := range h {
		if strings.EqualFold(name, "Authorization") {
			delete(h, name)
		}
	}
}

// tokenAuth is the one place where a token enters a request.
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
	// Whatever came along did not pass the check below: http.Client makes one
	// from user info in an URL, for instance.
	stripAuthorization(out.Header)
	setUserAgent(out, a.userAgent)
	if a.credential != nil && a.home.getsSecretsOf(req) && !isWithoutToken(req.Context()) {
		token, err := a.credential.Token(req.Context())
		if err != nil {
			dropRequest(req)
			return nil, err
		}
		out.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := a.next.RoundTrip(out)
	if resp != nil {
		// The clone has the token in it and must not travel up.
		resp.Request = req
	}
	return resp, err
}

// appAuth guards the App's own requests: they arrive with the App's signed
// assertion, which may go home and nowhere else.
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
