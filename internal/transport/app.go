package transport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
)

// AppInstallation is a GitHub App's credential. It exchanges the App's key for an installation
// token when the first request needs one, and again a minute before that token expires. The key is
// PEM, PKCS #1 or #8; an invalid key is an error here.
//
// The exchange goes to base through rt. If rt is nil, the client that New makes with this
// credential sends it, with its own retry, rate-limit, pace and log rules; the credential then
// belongs to that client. The exchange is a POST, but it is retried like a GET: a second token does
// no harm.
func AppInstallation(base *url.URL, appID, installationID int64, pem []byte, rt http.RoundTripper, source string) (Credential, error) {
	if base == nil {
		return nil, errors.New("a GitHub App needs a base URL")
	}
	if err := CheckBaseURL(base); err != nil {
		return nil, fmt.Errorf("the base URL cannot be used: %w", err)
	}
	a := &appCredential{source: source, base: strings.TrimRight(base.String(), "/"), id: installationID, turn: make(chan struct{}, 1)}
	if appID <= 0 || installationID <= 0 {
		return nil, a.unusable(errors.New("the App's id and the installation's id must be positive numbers"))
	}
	a.wire.rt = rt
	key, err := parseAppKey(string(pem))
	if err != nil {
		return nil, a.unusable(fmt.Errorf("the App's private key cannot be used: %w", err))
	}
	a.apps = ghinstallation.NewAppsTransportFromPrivateKey(&a.wire, appID, key)
	a.print = fingerprint("app", a.base, strconv.FormatInt(appID, 10), strconv.FormatInt(installationID, 10))
	return a, nil
}

// IsApp reports whether a credential is a GitHub App.
func IsApp(c Credential) bool {
	_, app := c.(*appCredential)
	return app
}

type appCredential struct {
	apps   *ghinstallation.AppsTransport // signs as the App
	id     int64                         // of the installation
	base   string
	source string
	print  string
	wire   lateBound

	// turn is held by the one caller that looks at the token. ghinstallation has a mutex for that, but
	// a caller that waits for a mutex cannot leave when its context ends.
	turn         chan struct{}
	installation *ghinstallation.Transport // keeps the token; nil: a new one is needed
	token        string
	made         time.Time // when the token was made; it also tells one token from the next
}

func (a *appCredential) Source() string            { return a.source }
func (a *appCredential) Fingerprint() string       { return a.print }
func (a *appCredential) bind(rt http.RoundTripper) { a.wire.bind(rt) }

func (a *appCredential) Token(ctx context.Context) (string, error) {
	token, _, err := a.tokenWithTime(ctx)
	return token, err
}

// tokenWithTime is Token, and when that token was made.
func (a *appCredential) tokenWithTime(ctx context.Context) (token string, made time.Time, err error) {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return "", time.Time{}, ctx.Err()
	}
	if a.installation == nil {
		a.installation = ghinstallation.NewFromAppsTransport(a.apps, a.id)
		a.installation.BaseURL = a.base
	}
	token, err = a.installation.Token(ctx)
	switch {
	case ctx.Err() != nil:
		return "", time.Time{}, ctx.Err()
	case err != nil:
		return "", time.Time{}, a.failure(err)
	case token == "":
		return "", time.Time{}, a.unreadable("GitHub's answer contains no installation token")
	case CheckToken(token) != nil:
		return "", time.Time{}, a.unreadable("GitHub's answer contains an installation token with white space or control characters")
	}
	if token != a.token {
		a.token, a.made = token, time.Now()
	}
	return token, a.made, nil
}

// renew drops the token that was made then, so that the next caller exchanges the key for a new one.
// It does nothing if another caller has done so.
func (a *appCredential) renew(ctx context.Context, made time.Time) error {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if a.made.Equal(made) {
		a.installation, a.token = nil, ""
	}
	return nil
}

func (a *appCredential) unusable(err error) *CredentialError {
	return &CredentialError{Source: a.source, App: true, Err: err}
}

// unreadable is for a successful answer without a token in it.
func (a *appCredential) unreadable(why string) *CredentialError {
	out := a.unusable(errors.New(why))
	out.StatusCode = http.StatusCreated
	return out
}

// maxQuoted is the maximum of a refusal's body that an error carries.
const maxQuoted = 64 << 10

// failure turns ghinstallation's error into ours. A refusal gets our own text, because
// ghinstallation's error holds the request with the App's assertion.
func (a *appCredential) failure(err error) error {
	out := a.unusable(err)
	var refused *ghinstallation.HTTPError
	if !errors.As(err, &refused) {
		// ghinstallation could not read the answer to the end as what it expects.
		out.StatusCode = http.StatusCreated
		out.Err = fmt.Errorf("GitHub's answer to the request for an installation token cannot be read: %w", cmp.Or(errors.Unwrap(err), err))
		return out
	}
	if refused.RootCause != nil {
		out.Err = refused.RootCause
		return out
	}
	if resp := refused.Response; resp != nil {
		out.Body, _ = io.ReadAll(io.LimitReader(resp.Body, maxQuoted)) // it is in memory
		_ = resp.Body.Close()
		out.StatusCode = resp.StatusCode
		out.RequestID = resp.Header.Get("X-GitHub-Request-Id")
		out.Err = fmt.Errorf("GitHub answered %d to the request for an installation token", resp.StatusCode)
		if resp.StatusCode/100 == 3 && resp.Header.Get("Location") != "" {
			out.RedirectedTo = redirectTarget(resp)
			out.Err = fmt.Errorf("the request for an installation token was redirected to %s; check base_url", out.RedirectedTo)
		}
	}
	return out
}

// redirectTarget is scheme and host of a redirect; the rest of the link may hold a secret.
func redirectTarget(resp *http.Response) string {
	target, err := resp.Location()
	if err != nil {
		return "an address that is not valid"
	}
	return target.Scheme + "://" + target.Host
}

// lateBound is a RoundTripper that learns later where its requests go: the chain needs the
// credential, and the credential needs the chain.
type lateBound struct {
	mu sync.Mutex
	rt http.RoundTripper
}

func (l *lateBound) bind(rt http.RoundTripper) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rt == nil {
		l.rt = rt
	}
}

func (l *lateBound) RoundTrip(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	rt := l.rt
	l.mu.Unlock()
	if rt == nil {
		dropRequest(req)
		return nil, errors.New("the App's credential is not attached to a client yet")
	}
	return rt.RoundTrip(req)
}
