package actions

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

const (
	// maxLogHops is how many redirects lie between the question and the log: GitHub needs one, GitHub
	// Enterprise Server and a repository that was renamed one more each.
	maxLogHops = 5
	// maxLogReads is how often a log is asked for: a link lives for about a minute, and a transfer that
	// breaks off cannot be taken up in the middle.
	maxLogReads = 2
)

// JobLog gives a job's log to read as it streams, and returns the link that it came from: signed, good
// for about a minute, and "" where the API itself sent the log.
//
// The token goes with the question and never with the link, not even to base_url's own origin.
//
// read has to take in all it is given, and may be called again for the same log from its start, when
// the first transfer broke off; an error of its own comes back as it is. Every other error is an
// *Error, and where there is no log, it says why: JobUnfinished, JobNeverRan or LogExpired.
func (c *Client) JobLog(ctx context.Context, repo Repository, id int64, read func(io.Reader) error) (link string, err error) {
	// Some servers hand out the log of a job that still runs, and it would pass for whole.
	j, header, jobErr := c.readJob(ctx, repo, id)
	object := fmt.Sprintf("the log of %s job %d", repo, id)
	if jobErr == nil && j.Unfinished() {
		return "", &Error{Kind: JobUnfinished, Object: object, Missing: PartJob, Reason: job.Value(j.Status), RequestID: header.Get(requestIDHeader)}
	}
	if e := (*Error)(nil); errors.As(jobErr, &e) && (e.Kind == NotFound || e.Kind == OutOfTime) {
		if e.Kind == OutOfTime {
			e.Object = object // it is the log that was asked for
		}
		return "", e
	}
	l := logRequest{client: c, object: object, repo: repo, id: id, read: read}
	for attempt := 1; ; attempt++ {
		link, err = l.attempt(ctx)
		if attempt == maxLogReads || !worthAFreshLink(err) {
			break
		}
	}
	var e *Error
	switch {
	case err == nil:
		return link, nil
	case !errors.As(err, &e):
		return "", err
	}
	c.cfg.tellWho(e)
	if jobErr != nil {
		return "", e
	}
	return "", whyNoLog(e, j)
}

// worthAFreshLink reports what a new link may cure: a transfer that broke off, and a storage that takes
// the link for expired, which is 403 at some and 404 at others.
func worthAFreshLink(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Kind == Interrupted || e.Kind == StorageRefused && e.Status < 500
}

// whyNoLog explains a refusal by the finished job: GitHub answers the same for a job that never had a
// log, for one whose log was never stored and for one whose log is gone. An answer of 5xx says nothing
// by itself either.
func whyNoLog(e *Error, j *job.Job) error {
	missing := e.Status == http.StatusNotFound || e.Status == http.StatusGone
	if !missing && e.Kind != ServerFault {
		return e
	}
	why := *e
	why.Missing = PartJob
	switch {
	case j.NeverRan():
		why.Kind, why.Reason = JobNeverRan, job.Value(j.Conclusion)
	case job.Value(j.Conclusion) == job.ConclusionCancelled && e.Status != http.StatusGone:
		why.Kind = LogNotStored
	case missing:
		why.Kind = LogExpired
	default:
		return e
	}
	return &why
}

// logRequest is one question for a log.
type logRequest struct {
	client *Client
	object string
	repo   Repository
	id     int64
	read   func(io.Reader) error
}

// attempt follows the API's redirects to the log and reads it.
func (l *logRequest) attempt(ctx context.Context) (link string, err error) {
	req, err := l.client.requests.NewRequest(http.MethodGet, fmt.Sprintf("%s/actions/jobs/%d/logs", l.repo.path(), l.id), nil)
	if err != nil {
		return "", &Error{Kind: Unexpected, Object: l.object, Reason: "the request could not be made", Err: err}
	}
	ctx = transport.WithStreaming(ctx)
	req = req.WithContext(ctx)
	atAPI := true
	for hops := 0; ; hops++ {
		resp, err := l.send(req)
		storage := ""
		if !atAPI {
			link, storage = req.URL.String(), hostOf(req.URL)
		}
		if err != nil {
			e := errorFromTransport(ctx, l.object, err)
			e.Location = storage
			return "", e
		}
		if !isRedirect(resp) {
			defer func() { _ = resp.Body.Close() }()
			return link, l.receive(ctx, resp, storage)
		}
		_ = resp.Body.Close()
		if hops == maxLogHops {
			return "", l.unusable(resp, fmt.Sprintf("it leads on through more than %d addresses", maxLogHops))
		}
		next, reason := l.target(req.URL, resp.Header.Get("Location"))
		if reason != "" {
			return "", l.unusable(resp, reason)
		}
		atAPI = atAPI && l.isMovedEndpoint(next)
		if req, err = l.follow(ctx, req, next, atAPI); err != nil {
			return "", l.unusable(resp, "no request can be made of it") // the cause would repeat it
		}
	}
}

// send goes around http.Client: it would follow redirects by rules of its own, and quotes a link that
// it cannot parse in its error.
func (l *logRequest) send(req *http.Request) (*http.Response, error) {
	if rt := l.client.cfg.HTTP.Transport; rt != nil {
		return rt.RoundTrip(req)
	}
	return http.DefaultTransport.RoundTrip(req)
}

func isRedirect(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return resp.Header.Get("Location") != ""
	}
	return false
}

// target checks where a redirect leads. The reason says why it is not followed, and never repeats more
// of the link than scheme and host: the rest can be a signature.
func (l *logRequest) target(from *url.URL, location string) (_ *url.URL, reason string) {
	u, err := from.Parse(location)
	if err != nil {
		return nil, "it is not an address"
	}
	u.Fragment, u.RawFragment = "", ""
	switch {
	case u.User != nil:
		return nil, "it has a user name or password in it"
	case u.Opaque != "" || u.Hostname() == "":
		return nil, "it has no host"
	case strings.EqualFold(u.Scheme, "https"):
		return u, ""
	case strings.EqualFold(u.Scheme, "http") && isPlainLoopback(l.client.requests.BaseURL) && isPlainLoopback(u):
		return u, ""
	}
	return nil, fmt.Sprintf("it is an address for %s, and only https is safe", u.Scheme)
}

// isPlainLoopback reports http to this machine, which nobody else can listen to.
func isPlainLoopback(u *url.URL) bool {
	return strings.EqualFold(u.Scheme, "http") && transport.IsLoopback(u.Hostname())
}

// movedEndpoint is the path of a job's log below base_url's, by the name of a repository or by its ID.
var movedEndpoint = regexp.MustCompile(`^(?:repos/[^/]+/[^/]+|repositories/\d+)/actions/jobs/(\d+)/logs$`)

// isMovedEndpoint reports whether a redirect leads to this same endpoint of the same API, as it does
// when the repository was renamed: that is the question again, and needs the token. A link to a log is
// never that, wherever it leads.
func (l *logRequest) isMovedEndpoint(u *url.URL) bool {
	base := l.client.requests.BaseURL
	if !strings.EqualFold(u.Scheme, base.Scheme) || !strings.EqualFold(u.Host, base.Host) || u.RawQuery != "" {
		return false
	}
	path, below := strings.CutPrefix(u.EscapedPath(), base.EscapedPath())
	parts := movedEndpoint.FindStringSubmatch(path)
	return below && parts != nil && parts[1] == fmt.Sprint(l.id)
}

// follow makes the next request: the question again, or a plain one for the link, with nothing in it
// that is GitHub's business.
func (l *logRequest) follow(ctx context.Context, from *http.Request, to *url.URL, atAPI bool) (*http.Request, error) {
	if atAPI {
		next := from.Clone(ctx)
		next.URL, next.Host = to, to.Host
		return next, nil
	}
	return http.NewRequestWithContext(transport.WithoutToken(ctx), http.MethodGet, to.String(), nil)
}

func (l *logRequest) unusable(resp *http.Response, reason string) *Error {
	return &Error{Kind: LinkUnusable, Object: l.object, Status: resp.StatusCode, Reason: reason, RequestID: resp.Header.Get(requestIDHeader)}
}

// receive hands a log to read, once it is sure that it is one and for as long as it comes whole. storage
// is where it comes from; "": the API.
func (l *logRequest) receive(ctx context.Context, resp *http.Response, storage string) error {
	switch {
	case resp.StatusCode != http.StatusOK && storage == "":
		return errorFromResponse(l.object, l.client.cfg.BaseURL, resp)
	case resp.StatusCode != http.StatusOK:
		// The body is not quoted: storages explain a refusal with what was signed.
		return &Error{Kind: StorageRefused, Object: l.object, Status: resp.StatusCode, Location: storage}
	}
	if reason := notALog(resp.Header); reason != "" {
		return malformed(l.object, resp.Header, reason, nil)
	}
	body := &watchedBody{Reader: resp.Body}
	err := l.read(body)
	switch {
	case body.err != nil && ctx.Err() != nil:
		return errorFromTransport(ctx, l.object, body.err)
	case body.err != nil:
		// Also when read made nothing of it: a short log must not pass for a whole one.
		return &Error{Kind: Interrupted, Object: l.object, Location: storage, Err: fmt.Errorf("after %d bytes: %w", body.size, body.err)}
	}
	return err
}

// notALog finds what a proxy, a login page or a storage may send with status 200 in a log's place. A
// list of what a log may be would be shorter, but servers are free in what they call one.
func notALog(h http.Header) (reason string) {
	// net/http has undone the gzip that it asked for by itself.
	if encoding := h.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return fmt.Sprintf("the log is encoded as %s, which was not asked for", encoding)
	}
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	switch kind {
	case "text/html", "application/xhtml+xml", "application/xml", "text/xml", "application/json", "application/zip":
		return fmt.Sprintf("the answer is %s, not a log", kind)
	}
	return ""
}

// watchedBody remembers how a body ended.
type watchedBody struct {
	io.Reader
	size int64
	err  error
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.size += int64(n)
	if err != nil && err != io.EOF { // only io.EOF itself is a whole body's end
		b.err = err
	}
	return n, err
}
