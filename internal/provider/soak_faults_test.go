package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// faultClass is what a fault looks like to the provider, by the words of its diagnostics.
type faultClass string

const (
	faultServer    faultClass = "5xx"
	faultReset     faultClass = "reset"
	faultTruncated faultClass = "truncated"
	faultSlow      faultClass = "slow"
	faultPrimary   faultClass = "primary limit"
	faultSecondary faultClass = "secondary limit"
	faultGarbage   faultClass = "garbage"
	faultTotal     faultClass = "total"
	faultStale     faultClass = "stale"
	faultLargePage faultClass = "large page"
	faultShort     faultClass = "short list" // a job is missing, as when a list moves between two pages
	faultStorage   faultClass = "storage"
	faultLag       faultClass = "lag" // the jobs of a run are older than the run
)

// transient are the faults that the provider retries.
func (c faultClass) isTransient() bool {
	return isOneOf(string(c), string(faultServer), string(faultReset), string(faultTruncated), string(faultLargePage))
}

// weather is what may go wrong during some reads.
type weather struct {
	seed      uint64
	chance    float64       // of a fault, for each request
	classes   []faultClass  // that may happen
	latency   time.Duration // of a request, at most
	largePage int           // lists of larger pages always fail; 0: they do not
	downUntil time.Time     // every request fails until then
}

// event is one answer, or what came in its place.
type event struct {
	at    time.Time
	url   string
	class faultClass // empty: a good answer
	until time.Time  // of a limit
	total int        // of a list whose total is wrong
}

// chaos is the network between the provider and the stand-in.
type chaos struct {
	live, stale publisher
	lag         time.Duration

	mu      sync.Mutex
	weather weather
	asked   map[string]int // how often each URL was asked for
	events  []event        // since the weather changed
	limits  []event        // all that were told
	limitAt time.Time      // when the limit that lasts longest was told
	limit   time.Time      // until when it lasts
	broken  []string       // promises that the provider broke
	count   int
	sent    []time.Time
}

// change begins other weather.
func (c *chaos) change(w weather) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.weather, c.asked, c.events = w, map[string]int{}, nil
}

func (c *chaos) note(e event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.at = time.Now()
	c.events = append(c.events, e)
	if !e.until.IsZero() {
		c.limits = append(c.limits, e)
		if e.until.After(c.limit) {
			c.limit, c.limitAt = e.until, e.at
		}
	}
}

// happenings are the events since the weather changed.
func (c *chaos) happenings() []event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.events)
}

// sentSince is the number of requests since a time.
func (c *chaos) sentSince(at time.Time) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, sent := range c.sent {
		if !sent.Before(at) {
			n++
		}
	}
	return n
}

// draw says what happens to a request. It depends on the seed, the URL and how often it was asked for,
// and not on the order of requests.
func (c *chaos) draw(url string) (w weather, r *rand.Rand) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count++
	c.asked[url]++
	c.sent = append(c.sent, time.Now())
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", url, c.asked[url])
	return c.weather, rand.New(rand.NewPCG(c.weather.seed, h.Sum64()))
}

// checkPromises holds a request to what the provider promises of all requests.
func (c *chaos) checkPromises(req *http.Request, isAPI bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if isAPI && now.After(c.limitAt) && now.Before(c.limit) {
		c.broken = append(c.broken, fmt.Sprintf("%s was sent %s before the end of a known rate limit", req.URL, c.limit.Sub(now)))
	}
	if !isAPI && req.Header.Get("Authorization") != "" {
		c.broken = append(c.broken, fmt.Sprintf("%s got the token", req.URL.Path))
	}
}

func (c *chaos) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	url := req.URL.RequestURI()
	isAPI := strings.HasPrefix(req.URL.Path, "/api/")
	w, r := c.draw(url)
	c.checkPromises(req, isAPI)
	if err := transport.Sleep(ctx, time.Duration(r.Int64N(int64(w.latency)))); err != nil {
		return nil, err
	}
	if time.Now().Before(w.downUntil) {
		c.note(event{url: url, class: faultServer})
		return answerOf(req, http.StatusBadGateway, "Server Error", nil), nil
	}
	size, _ := strconv.Atoi(req.URL.Query().Get("per_page"))
	if w.largePage > 0 && size > w.largePage {
		c.note(event{url: url, class: faultLargePage})
		return answerOf(req, http.StatusBadGateway, "Server Error", nil), nil
	}
	var class faultClass
	if r.Float64() < w.chance {
		class = w.classes[r.IntN(len(w.classes))]
	}
	if class == faultStale && strings.HasSuffix(req.URL.Path, "/jobs") && slices.Contains(w.classes, faultLag) {
		class = faultLag // what is old of jobs
	}
	if class == faultShort && !strings.HasSuffix(req.URL.Path, "/jobs") || class == faultStale && (!isFilteredList(req) || c.lag == 0) ||
		class == faultLag && (!strings.HasSuffix(req.URL.Path, "/jobs") || c.lag == 0) || class == faultStorage && isAPI {
		class = ""
	}
	if resp, err, done := c.fail(req, class, url, r); done {
		return resp, err
	}
	from := &c.live
	if class == faultStale || class == faultLag {
		from = &c.stale
	}
	c.advance()
	resp, err := from.server.RoundTripper().RoundTrip(req)
	if class == faultLag && err == nil && !showsUnfinished(resp) {
		class = ""
		resp, err = c.live.server.RoundTripper().RoundTrip(req)
	}
	if err != nil {
		return resp, err
	}
	return c.spoil(req, resp, class, url, r), nil
}

// showsUnfinished reports whether an answer lists a job that is not completed. A list of jobs that lags
// without such a job looks like a whole one.
func showsUnfinished(resp *http.Response) bool {
	if resp.StatusCode != http.StatusOK {
		return false
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	setBody(resp, body)
	return bytes.Contains(body, []byte(`"status":"in_progress"`)) || bytes.Contains(body, []byte(`"status":"queued"`))
}

// advance brings both stand-ins up to now.
func (c *chaos) advance() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.live.advance(time.Now())
	c.stale.advance(time.Now().Add(-c.lag))
}

// isFilteredList reports a list of runs that GitHub answers from a search index.
func isFilteredList(req *http.Request) bool {
	return strings.HasSuffix(req.URL.Path, "/runs") && slices.ContainsFunc(
		[]string{"branch", "event", "actor", "status", "created", "head_sha"},
		func(name string) bool { return req.URL.Query().Get(name) != "" })
}

// fail answers in place of the stand-in.
func (c *chaos) fail(req *http.Request, class faultClass, url string, r *rand.Rand) (_ *http.Response, err error, done bool) { //nolint:revive // the last one says whether the others count
	e := event{url: url, class: class}
	switch class {
	case faultServer:
		c.note(e)
		header := http.Header{}
		status := oneOfThese(r, 500, 502, 503, 504)
		if status == http.StatusServiceUnavailable && r.IntN(2) == 0 {
			header.Set("Retry-After", "20")
		}
		return answerOf(req, status, "Server Error", header), nil, true
	case faultReset:
		c.note(e)
		return nil, oneOfThese[error](r, io.EOF, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}, &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}), true
	case faultPrimary, faultSecondary:
		if !strings.HasPrefix(req.URL.Path, "/api/") {
			return nil, nil, false
		}
		return c.refuse(req, e, r), nil, true
	case faultGarbage:
		c.note(e)
		return garbage(req, r), nil, true
	case faultStorage:
		c.note(e)
		return answerOf(req, oneOfThese(r, http.StatusForbidden, http.StatusNotFound), "expired", nil), nil, true
	case faultTruncated, faultSlow, faultTotal, faultStale, faultLag, faultLargePage, faultShort:
	}
	return nil, nil, false
}

// refuse answers with a rate limit.
func (c *chaos) refuse(req *http.Request, e event, r *rand.Rand) *http.Response {
	wait := oneOfThese(r, 2, 5, 20, 50, 70, 600)
	header := http.Header{}
	now := time.Now()
	e.until = now.Add(time.Duration(wait) * time.Second)
	if e.class == faultPrimary {
		header.Set("X-RateLimit-Remaining", "0")
		e.until = e.until.Truncate(time.Second)
		header.Set("X-RateLimit-Reset", strconv.FormatInt(e.until.Unix(), 10))
		c.note(e)
		return answerOf(req, http.StatusForbidden, "API rate limit exceeded for user ID 1.", header)
	}
	if r.IntN(3) > 0 {
		header.Set("Retry-After", strconv.Itoa(wait))
	} else {
		e.until = now.Add(time.Minute)
	}
	c.note(e)
	return answerOf(req, oneOfThese(r, http.StatusForbidden, http.StatusTooManyRequests), "You have exceeded a secondary rate limit.", header)
}

func garbage(req *http.Request, r *rand.Rand) *http.Response {
	header := http.Header{"Content-Type": {"application/json"}, "Etag": {`W/"garbage"`}}
	bodies := []string{`<html>proxy</html>`, ``, `null`, `{"id":7}`, `{}`, `[]`, `{"id":"x","jobs":[{}],"workflow_runs":[{}]}`}
	if strings.HasSuffix(req.URL.Path, "/repos") {
		// An owner without repositories is nothing that a provider can doubt.
		bodies = slices.DeleteFunc(bodies, func(body string) bool { return body == "[]" })
	}
	body := oneOfThese(r, bodies...)
	if strings.HasPrefix(body, "<") || strings.HasSuffix(req.URL.Path, "/logs") || !strings.HasPrefix(req.URL.Path, "/api/") {
		header.Set("Content-Type", "text/html")
	}
	resp := answerOf(req, http.StatusOK, "", header)
	setBody(resp, []byte(body))
	return resp
}

func answerOf(req *http.Request, status int, message string, header http.Header) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/json; charset=utf-8")
	}
	header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	resp := &http.Response{Status: http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, Request: req}
	setBody(resp, fmt.Appendf(nil, `{"message":%q}`, message))
	return resp
}

func setBody(resp *http.Response, body []byte) {
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
}

var totalCount = regexp.MustCompile(`"total_count":(\d+)`)

// spoil makes a good answer a bad one, or a late one.
func (c *chaos) spoil(req *http.Request, resp *http.Response, class faultClass, url string, r *rand.Rand) *http.Response {
	e := event{url: url, class: class}
	if class == "" || class == faultStale || class == faultLag || resp.StatusCode != http.StatusOK {
		if class != faultStale && class != faultLag {
			e.class = ""
		}
		c.note(e)
		return resp
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	setBody(resp, body)
	late := &lateBody{ctx: req.Context(), rest: body}
	switch class {
	case faultTruncated:
		late.rest, late.end = body[:r.IntN(max(1, len(body)))], io.ErrUnexpectedEOF
		resp.Body = late
	case faultSlow:
		late.pause = time.Duration(oneOfThese(r, 1, 10, 40, 400)) * time.Second
		resp.Body = late
	case faultTotal:
		place := totalCount.FindSubmatchIndex(body)
		if place == nil {
			e.class = ""
			break
		}
		n, _ := strconv.Atoi(string(body[place[2]:place[3]]))
		e.total = max(0, n+oneOfThese(r, -30, -1, 1, 2, 150))
		setBody(resp, slices.Concat(body[:place[2]], []byte(strconv.Itoa(e.total)), body[place[3]:]))
		resp.Header.Set("ETag", fmt.Sprintf(`W/"total-%d"`, r.Uint64()))
	case faultShort:
		if body = withoutOneJob(body, r); body == nil {
			e.class = ""
			break
		}
		setBody(resp, body)
		resp.Header.Set("ETag", fmt.Sprintf(`W/"short-%d"`, r.Uint64()))
	case faultServer, faultReset, faultPrimary, faultSecondary, faultGarbage, faultStale, faultLag, faultLargePage, faultStorage:
	}
	c.note(e)
	return resp
}

// withoutOneJob leaves a job out of a list; nil if it has none.
func withoutOneJob(body []byte, r *rand.Rand) []byte {
	var list struct {
		Total int               `json:"total_count"`
		Jobs  []json.RawMessage `json:"jobs"`
	}
	if json.Unmarshal(body, &list) != nil || len(list.Jobs) == 0 {
		return nil
	}
	n := r.IntN(len(list.Jobs))
	list.Jobs = slices.Delete(list.Jobs, n, n+1)
	body, _ = json.Marshal(list)
	return body
}

// lateBody comes in two parts with a pause between, and may break.
type lateBody struct {
	ctx   context.Context //nolint:containedctx // a body ends with its request
	rest  []byte
	pause time.Duration
	end   error
}

func (b *lateBody) Read(p []byte) (int, error) {
	if len(b.rest) == 0 {
		if b.end != nil {
			return 0, b.end
		}
		return 0, io.EOF
	}
	n := copy(p, b.rest[:(len(b.rest)+1)/2])
	b.rest = b.rest[n:]
	if pause := b.pause; pause > 0 {
		b.pause = 0
		if err := transport.Sleep(b.ctx, pause); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (b *lateBody) Close() error { return nil }
