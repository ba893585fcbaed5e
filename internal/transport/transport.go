package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The defaults for Config's zero values.
const (
	DefaultMaxConcurrent = 10
	DefaultRetryDelay    = time.Second
)

// Config says how requests reach GitHub.
type Config struct {
	// BaseURL has the only scheme, host and port that ever get the token. nil:
	// https://api.github.com/. Plain http is accepted for a loopback host only.
	BaseURL *url.URL
	// Credential gives the token of each request. nil: anonymous.
	Credential Credential
	// UserAgent is sent by requests that do not set their own. "": Go's default.
	UserAgent string
	// MaxConcurrent is the number of requests on the wire at the same time. 0: 10.
	MaxConcurrent int
	// RequestsPerMinute is never exceeded in any minute. 0: no pacing.
	RequestsPerMinute int
	// MaxRetries is the number of attempts after the first one. 0: none.
	MaxRetries int
	// RetryDelay is the first back-off. It doubles with each attempt, up to 30 seconds. 0: one
	// second.
	RetryDelay time.Duration
	// MaxRateLimitWait is the longest total time that one request waits for rate limits. A longer
	// wait fails at once with a *RateLimitError. 0: never wait.
	MaxRateLimitWait time.Duration
	// CacheDir is a folder for answers that are kept between runs. It is created with mode 0700 if
	// it does not exist. "": no cache.
	CacheDir string
	// Bucket is for answers that many machines share. It is asked after CacheDir. nil: no bucket.
	Bucket *Bucket
	// OnCacheError is called at most once for the folder, with the reason why it cannot be written, and
	// at most once for the bucket, with a *BucketError. New may call it, or later any goroutine. No read
	// ever fails for that reason.
	OnCacheError func(error)
	// CACertPEM has root certificates that are trusted in addition to the system's.
	CACertPEM string
	// Base sends the requests. nil: an http.Transport made from the settings above and the proxy
	// settings of the environment.
	Base http.RoundTripper
}

// New returns a client whose requests go through the chain described above. Its
// CloseIdleConnections closes the idle connections and waits until the housekeeping of the cache is
// done and, for some seconds, until the bucket has what was kept. An error says which setting is wrong.
func New(cfg Config) (*http.Client, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	base := cfg.Base
	if base == nil {
		if base, err = newWire(cfg); err != nil {
			return nil, err
		}
	}
	home := originOf(cfg.BaseURL)
	p := &pipes{
		cfg:   cfg,
		home:  home,
		gate:  newRateState(cfg.MaxRateLimitWait),
		pacer: newPacer(cfg.RequestsPerMinute),
		slots: make(chan struct{}, cfg.MaxConcurrent),
		base:  base,
	}
	var next http.RoundTripper = p.chain(&tokenAuth{home: home, credential: cfg.Credential, userAgent: cfg.UserAgent})
	if app, ok := cfg.Credential.(*appCredential); ok {
		exchange := p.chain(&appAuth{home: home, userAgent: cfg.UserAgent})
		exchange.harmless = true // one more installation token does no harm
		app.bind(&logger{next: exchange, home: home})
		next = &appRetrier{next: next, app: app}
	}
	kept, err := newCache(next, cfg, home)
	if err != nil {
		return nil, err
	}
	head := &chain{base: base, cache: kept, gate: p.gate, next: &logger{next: newCoalescer(kept), home: home}}
	return &http.Client{Transport: head, CheckRedirect: redirectPolicy(home)}, nil
}

// pipes are the parts that all requests of a client share.
type pipes struct {
	cfg   Config
	home  origin
	gate  *rateState
	pacer *pacer
	slots chan struct{}
	base  http.RoundTripper
}

// layer is a RoundTripper that gets its next one later.
type layer interface {
	http.RoundTripper
	over(next http.RoundTripper) http.RoundTripper
}

// chain builds the layers between a call and the wire, around one kind of authentication.
func (p *pipes) chain(authentication layer) *retrier {
	var rt http.RoundTripper = &buffer{next: p.base, maxBody: maxBody, maxErrorBody: maxErrorBody}
	rt = &concurrencyLimiter{next: rt, slots: p.slots, home: p.home, gate: p.gate}
	rt = authentication.over(rt)
	if p.pacer != nil {
		rt = &paced{next: rt, pacer: p.pacer, home: p.home}
	}
	rt = &rateGate{next: rt, state: p.gate, home: p.home}
	return &retrier{next: rt, max: p.cfg.MaxRetries, delay: p.cfg.RetryDelay}
}

// chain is the outermost RoundTripper. It reaches the base directly, so that no layer in between
// has to pass CloseIdleConnections on.
type chain struct {
	next  http.RoundTripper
	base  http.RoundTripper
	cache *cache
	gate  *rateState
}

func (c *chain) RoundTrip(req *http.Request) (*http.Response, error) {
	return c.next.RoundTrip(req)
}

// CloseIdleConnections serves http.Client's method of that name.
func (c *chain) CloseIdleConnections() {
	c.cache.close()
	if b, ok := c.base.(interface{ CloseIdleConnections() }); ok {
		b.CloseIdleConnections()
	}
}

// Flush waits until the bucket has what was kept so far, but no longer than some seconds: Terraform ends
// the provider's process without a word. Call it at the end of each read.
func Flush(ctx context.Context, client *http.Client) {
	if c, ok := client.Transport.(*chain); ok {
		c.cache.stores.flush(ctx)
	}
}

func (cfg Config) withDefaults() (Config, error) {
	if cfg.BaseURL == nil {
		cfg.BaseURL = &url.URL{Scheme: "https", Host: "api.github.com", Path: "/"}
	}
	if err := CheckBaseURL(cfg.BaseURL); err != nil {
		return cfg, fmt.Errorf("the base URL cannot be used: %w", err)
	}
	if cfg.MaxConcurrent < 0 || cfg.RequestsPerMinute < 0 || cfg.MaxRetries < 0 || cfg.RetryDelay < 0 || cfg.MaxRateLimitWait < 0 {
		return cfg, errors.New("numbers and durations must not be negative")
	}
	if cfg.MaxConcurrent == 0 {
		cfg.MaxConcurrent = DefaultMaxConcurrent
	}
	if cfg.RetryDelay == 0 {
		cfg.RetryDelay = DefaultRetryDelay
	}
	return cfg, nil
}

// CheckBaseURL says what is wrong with a base URL: it needs https (http only for a loopback host)
// and a host, and must not contain user info, a query or a fragment. The error never repeats user
// info.
func CheckBaseURL(u *url.URL) error {
	switch {
	case u.User != nil:
		return errors.New("it must not contain a user name or password")
	case u.Hostname() == "" || u.Opaque != "":
		return errors.New("it needs https:// and a host")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("it must not contain a query or a fragment")
	}
	switch strings.ToLower(u.Scheme) {
	case "https":
		return nil
	case "http":
		if IsLoopback(u.Hostname()) {
			return nil
		}
		return fmt.Errorf("it must use https: with plain http, anyone on the network between this machine and %q could read the token; only loopback hosts may use http", u.Hostname())
	}
	return fmt.Errorf("it must use https, not %q", u.Scheme)
}

// IsLoopback reports whether a host is this machine, by name or by address. Plain http is safe
// there: the connection does not leave the machine.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// again returns the request with a fresh body for another attempt, or false if its body cannot be
// read twice.
func again(req *http.Request) (*http.Request, bool) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, false
	}
	fresh := *req
	fresh.Body = body
	return &fresh, true
}

// dropRequest closes a request's body, as a RoundTripper must even if it sends nothing.
func dropRequest(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
