package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/bradleyfalzon/ghinstallation/v2"
)

// exchanger is a credential that sends its own requests to get a token.
type exchanger interface {
	bind(rt http.RoundTripper)
}

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
	if appID <= 0 || installationID <= 0 {
		return nil, &CredentialError{Source: source, Err: errors.New("the App's id and the installation's id must be positive numbers")}
	}
	a := &appCredential{source: source, turn: make(chan struct{}, 1)}
	a.wire.rt = rt
	installation, err := ghinstallation.New(&a.wire, appID, installationID, pem)
	if err != nil {
		// The error of the parser says which step failed; it does not quote the key.
		return nil, &CredentialError{Source: source, Err: fmt.Errorf("the App's private key cannot be used: %w", err)}
	}
	installation.BaseURL = strings.TrimRight(base.String(), "/")
	a.installation = installation
	a.print = fingerprint("app", installation.BaseURL,
		strconv.FormatInt(appID, 10), strconv.FormatInt(installationID, 10))
	return a, nil
}

type appCredential struct {
	installation *ghinstallation.Transport
	source       string
	print        string
	wire         lateBound
	// turn is held by the one caller that looks at the token. ghinstallation has a mutex for that,
	// but a caller that waits for a mutex cannot leave when its context ends.
	turn chan struct{}
}

func (a *appCredential) Source() string            { return a.source }
func (a *appCredential) Fingerprint() string       { return a.print }
func (a *appCredential) bind(rt http.RoundTripper) { a.wire.bind(rt) }

func (a *appCredential) Token(ctx context.Context) (string, error) {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	token, err := a.installation.Token(ctx)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", a.failure(err)
	case token == "":
		return "", &CredentialError{Source: a.source, Err: errors.New("GitHub's answer contains no installation token")}
	}
	return token, nil
}

// failure turns ghinstallation's error into ours. A refusal gets our own text, because
// ghinstallation's error holds the request with the App's assertion.
func (a *appCredential) failure(err error) error {
	out := &CredentialError{Source: a.source, Err: err}
	var refused *ghinstallation.HTTPError
	if !errors.As(err, &refused) {
		return out
	}
	if refused.RootCause != nil {
		out.Err = refused.RootCause
		return out
	}
	if resp := refused.Response; resp != nil {
		_ = resp.Body.Close()
		out.StatusCode = resp.StatusCode
		out.RequestID = resp.Header.Get("X-GitHub-Request-Id")
		out.Err = fmt.Errorf("GitHub answered %d to the request for an installation token", resp.StatusCode)
	}
	return out
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
