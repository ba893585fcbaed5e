package transport

import (
	"fmt"
	"mime"
	"net/http"
	"strings"
	"sync"
)

// entries is where answers are kept: a folder, or the memory of somebody who
// asks the same thing again and again.
type entries interface {
	get(key string) (*entry, bool)
	put(key string, e *entry) error
}

// cache answers from what is kept. There are two kinds of entry: a pinned one
// answers by itself (see [WithPinned]); any other is only used when GitHub says
// 304 to its ETag, which costs no rate limit.
type cache struct {
	next        http.RoundTripper
	home        origin
	base        string
	fingerprint string
	store       *store // nil: none is wanted, or none that can be trusted
	report      func(error)
	trimming    sync.WaitGroup
}

// newCache never fails: a folder that cannot be written is reported and still
// read from.
func newCache(next http.RoundTripper, cfg Config, home origin) *cache {
	c := &cache{next: next, home: home, base: cfg.BaseURL.String(), fingerprint: "anonymous", report: reportOnce(cfg.OnCacheError)}
	if cfg.Credential != nil {
		c.fingerprint = cfg.Credential.Fingerprint()
	}
	if cfg.CacheDir == "" {
		return c
	}
	s, err := openStore(cfg.CacheDir, cfg.Clock.Now)
	c.store = s
	if err != nil {
		c.report(fmt.Errorf("the cache folder cannot be written: %w", err))
	} else {
		c.trimming.Go(s.trim)
	}
	return c
}

func reportOnce(f func(error)) func(error) {
	var once sync.Once
	return func(err error) {
		if f != nil {
			once.Do(func() { f(err) })
		}
	}
}

// wait returns when the housekeeping that New began is over.
func (c *cache) wait() { c.trimming.Wait() }

func (c *cache) RoundTrip(req *http.Request) (*http.Response, error) {
	kept := c.kept(req)
	if kept == nil {
		return c.next.RoundTrip(req)
	}
	name := pinnedName(req.Context())
	if name == "" {
		return c.revalidate(kept, req, true)
	}
	pin := c.key("pin", name, req)
	if e, ok := kept.get(pin); ok {
		traceOf(req.Context()).cached()
		return e.response(req, http.Header{}), nil
	}
	// An entry from before the answer was final still saves the transfer.
	resp, err := c.revalidate(kept, req, false)
	if err == nil {
		c.keep(kept, pin, resp, false)
	}
	return resp, err
}

// kept is where this request's answer may be, nil for nowhere.
func (c *cache) kept(req *http.Request) entries {
	if !c.home.has(req.URL) || !shareable(req) {
		return nil
	}
	if c.store != nil {
		return c.store
	}
	if m := memoryOf(req.Context()); m != nil {
		return m
	}
	return nil
}

// key names an entry. Everything in it is hashed: a file's name must not show
// what is private, or who asked.
func (c *cache) key(kind, who string, req *http.Request) string {
	return fingerprint(kind, who, c.base, req.URL.String(),
		req.Header.Get("Accept"), req.Header.Get("X-GitHub-Api-Version"))
}

// revalidate asks GitHub, with the ETag of what is stored if there is any.
func (c *cache) revalidate(kept entries, req *http.Request, keep bool) (*http.Response, error) {
	key := c.key("etag", c.fingerprint, req)
	e, ok := kept.get(key)
	out := req
	if ok {
		out = req.Clone(req.Context())
		if e.ETag != "" {
			out.Header.Set("If-None-Match", e.ETag)
		} else {
			out.Header.Set("If-Modified-Since", e.LastModified)
		}
	}
	resp, err := c.next.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	resp.Request = req
	if ok && resp.StatusCode == http.StatusNotModified {
		_ = resp.Body.Close()
		traceOf(req.Context()).cached()
		return e.response(req, resp.Header), nil
	}
	if keep {
		c.keep(kept, key, resp, true)
	}
	return resp, nil
}

// keep stores an answer that may be stored; a failure is reported, no more.
func (c *cache) keep(kept entries, key string, resp *http.Response, needValidator bool) {
	if resp.StatusCode != http.StatusOK || !isJSON(resp.Header) || forbidsStoring(resp.Header) {
		return
	}
	e := &entry{
		ETag:         resp.Header.Get("ETag"),
		LastModified: resp.Header.Get("Last-Modified"),
		ContentType:  resp.Header.Get("Content-Type"),
		Link:         resp.Header.Get("Link"),
		RequestID:    resp.Header.Get("X-GitHub-Request-Id"),
	}
	if needValidator && e.ETag == "" && e.LastModified == "" {
		return
	}
	body, err := bodyOf(resp)
	if err != nil {
		return
	}
	e.body = body
	if err := kept.put(key, e); err != nil {
		c.report(fmt.Errorf("an answer could not be kept in the cache folder: %w", err))
	}
}

func isJSON(h http.Header) bool {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

func forbidsStoring(h http.Header) bool {
	return strings.Contains(strings.ToLower(h.Get("Cache-Control")), "no-store") || h.Get("Vary") == "*"
}

// response is the stored answer as a 200. What GitHub said just now (its rate
// limit, its request id) comes from fresh, what describes the body from the
// entry.
func (e *entry) response(req *http.Request, fresh http.Header) *http.Response {
	h := fresh.Clone()
	h.Del("Set-Cookie")
	h.Del("Content-Length")
	h.Del("Content-Encoding")
	for name, value := range map[string]string{
		"Content-Type": e.ContentType, "Link": e.Link, "ETag": e.ETag, "Last-Modified": e.LastModified,
	} {
		if h.Del(name); value != "" {
			h.Set(name, value)
		}
	}
	if h.Get("X-GitHub-Request-Id") == "" && e.RequestID != "" {
		h.Set("X-GitHub-Request-Id", e.RequestID)
	}
	resp := &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Request: req,
	}
	return withBody(resp, e.body)
}
