package transport

import (
	"context"
	"mime"
	"net/http"
	"strings"
	"sync"
)

// cache answers from stored entries. There are two kinds. A pinned entry answers without a request
// (see [WithPinned]). Any other entry is used when GitHub answers 304 to its ETag, which does not count
// against the rate limit. Both are kept in the folder and in the bucket; a pinned one in the memory of
// the client where there is no folder, any other one also in the memory of a caller that polls.
type cache struct {
	next        http.RoundTripper
	home        origin
	base        string
	fingerprint string
	stores      *stores
	tidy        sync.WaitGroup // the housekeeping of the folder
}

// newCache sends nothing. An error says that compression cannot be set up, or which setting of the
// bucket is wrong.
func newCache(next http.RoundTripper, cfg Config, home origin) (*cache, error) {
	c := &cache{next: next, home: home, base: cfg.BaseURL.String(), fingerprint: "anonymous"}
	if cfg.Credential != nil {
		c.fingerprint = cfg.Credential.Fingerprint()
	}
	var err error
	c.stores, err = openStores(cfg, &c.tidy)
	return c, err
}

// close returns when the housekeeping that New started is done, and the bucket has been left.
func (c *cache) close() {
	c.tidy.Wait()
	if c.stores.bucket != nil {
		c.stores.bucket.close()
	}
}

func (c *cache) RoundTrip(req *http.Request) (*http.Response, error) {
	if !c.home.has(req.URL) || !shareable(req) {
		return c.next.RoundTrip(req)
	}
	name := pinnedName(req.Context())
	if name == "" {
		return c.revalidate(req, "")
	}
	pinned := c.key("pin", name, req)
	if e, ok := c.stores.get(req.Context(), pinned, true); ok {
		traceOf(req.Context()).cached()
		return e.response(req, http.Header{}), nil
	}
	// An entry from before the answer was final still saves the transfer.
	return c.revalidate(req, pinned)
}

// get looks into the memory first: the newest entry may be there alone. The bucket has been asked for the
// pinned entry already; it is not worth a second request, since it saves a transfer at most.
func (c *cache) get(req *http.Request, key, pinned string) (*entry, bool) {
	if m := memoryOf(req.Context()); m != nil {
		if e, ok := m.get(key); ok {
			return e, true
		}
	}
	if pinned != "" {
		return c.stores.getNear(req.Context(), key, false)
	}
	return c.stores.get(req.Context(), key, false)
}

// key names an entry. All of it is hashed, so that the name of a file does not show private names
// or who asked.
func (c *cache) key(kind, who string, req *http.Request) string {
	return fingerprint(kind, who, c.base, req.URL.String(),
		req.Header.Get("Accept"), req.Header.Get("X-GitHub-Api-Version"))
}

// revalidate asks GitHub, with the ETag of the stored entry if there is one. The answer is for the
// entry pinned, unless that is empty.
func (c *cache) revalidate(req *http.Request, pinned string) (*http.Response, error) {
	key := c.key("etag", c.fingerprint, req)
	e, ok := c.get(req, key, pinned)
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
	unchanged := ok && resp.StatusCode == http.StatusNotModified
	if unchanged {
		_ = resp.Body.Close()
		traceOf(req.Context()).cached()
		resp = e.response(req, resp.Header)
	}
	f := c.find(resp, key, pinned)
	if f != nil && f.key != "" && pinned == "" && !unchanged {
		c.stores.put(f.key, f.entry, false)
	}
	attachFound(resp, f)
	return resp, nil
}

// found is an answer that may be kept. Each caller of a shared request takes it for itself: into
// its memory, and under its pin.
type found struct {
	cache  *cache
	entry  *entry
	key    string // of the entry that is revalidated by ETag; "": the answer has no validator
	pinned string // of the entry that needs no request; "": not pinned
}

// find returns nil for an answer that must not be kept.
func (c *cache) find(resp *http.Response, key, pinned string) *found {
	if resp.StatusCode != http.StatusOK || !isJSON(resp.Header) || forbidsStoring(resp.Header) {
		return nil
	}
	e := &entry{
		ETag:         resp.Header.Get("ETag"),
		LastModified: resp.Header.Get("Last-Modified"),
		ContentType:  resp.Header.Get("Content-Type"),
		Link:         resp.Header.Get("Link"),
		RequestID:    resp.Header.Get("X-GitHub-Request-Id"),
	}
	if e.ETag == "" && e.LastModified == "" {
		key = ""
	}
	body, err := bodyOf(resp)
	if err != nil {
		return nil
	}
	e.body = body
	return &found{cache: c, entry: e, key: key, pinned: pinned}
}

// attachFound puts f on the body of the answer, so that it reaches every caller of a shared
// request. An answer that may be kept always has a memoryBody, see find.
func attachFound(resp *http.Response, f *found) {
	if body, ok := resp.Body.(*memoryBody); ok {
		body.found = f
	}
}

// foundIn returns what attachFound put on the body; nil: nothing.
func foundIn(resp *http.Response) *found {
	if body, ok := resp.Body.(*memoryBody); ok {
		return body.found
	}
	return nil
}

// take keeps the answer for the caller that owns the context.
func (f *found) take(ctx context.Context) {
	if f == nil {
		return
	}
	if m := memoryOf(ctx); m != nil && f.key != "" {
		m.put(f.key, f.entry)
	}
	if p := pinOf(ctx); p != nil && f.pinned != "" {
		p.hold(f)
	}
}

// holds reports whether a pinned request would be answered without asking GitHub.
func (c *cache) holds(req *http.Request) bool {
	name := pinnedName(req.Context())
	if name == "" || !c.home.has(req.URL) || !shareable(req) {
		return false
	}
	return c.stores.holds(req.Context(), c.key("pin", name, req))
}

func isJSON(h http.Header) bool {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// forbidsStoring reports whether an answer must not be kept. An answer without what requires single
// sign-on says so in a header, which an entry does not keep.
func forbidsStoring(h http.Header) bool {
	return h.Get("X-GitHub-SSO") != "" || strings.Contains(strings.ToLower(h.Get("Cache-Control")), "no-store") || h.Get("Vary") == "*"
}

// response is the stored answer as a 200. The headers about the body come from the entry; all
// others, such as GitHub's rate limit and request id, come from fresh.
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
