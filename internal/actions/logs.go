package actions

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

const (
	// maxLogHops is the maximum number of redirects on the way to the log: GitHub needs one. GitHub
	// Enterprise Server and a renamed repository each need one more.
	maxLogHops = 5
	// maxLogReads is how often a log is requested: a link is valid for about a minute, and a
	// transfer that breaks cannot be resumed.
	maxLogReads = 2
)

// JobLog passes a job's log to read as a stream, and returns the signed link that it came from. The
// link is valid for about a minute. It is "" if the API itself sent the log.
//
// The request to the API carries the token. The request for the link never does, even if the link
// has the origin of base_url.
//
// read must read everything. If a transfer breaks, read is called again with the log from its
// start. An error from read is returned unchanged. Every other error is an *Error. If there is no
// log, its kind says why: JobUnfinished, JobNeverRan, LogNotStored,
// LogMissing or LogExpired.
func (c *Client) JobLog(ctx context.Context, repo Repository, id int64, read func(io.Reader) error) (link string, err error) {
	// Some servers send the log of a job that still runs, and it would look complete.
	j, header, jobErr := c.readJob(ctx, repo, id)
	object := fmt.Sprintf("the log of %s job %d", repo, id)
	if jobErr == nil && j.Unfinished() {
		return "", &Error{Kind: JobUnfinished, Object: object, Missing: PartJob, Reason: job.Value(j.Status), RequestID: header.Get(requestIDHeader)}
	}
	if e := (*Error)(nil); errors.As(jobErr, &e) && (e.Kind == NotFound || e.Kind == OutOfTime) {
		if e.Kind == OutOfTime {
			e.Object = object // the caller asked for the log
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
	if jobErr == nil {
		return "", whyNoLog(e, j)
	}
	return "", orFault(e, jobErr)
}

// orFault is for a log without its job. Only the job can say why its log is missing, so a fault that
// prevented reading it is the error.
func orFault(e *Error, jobErr error) error {
	fault := (*Error)(nil)
	if !e.isMissing() || !errors.As(jobErr, &fault) || !fault.isFault() {
		return e
	}
	fault.Object = e.Object
	return fault
}

// isMissing reports whether the API or the storage does not have what was asked for.
func (e *Error) isMissing() bool {
	return e.Status == http.StatusNotFound || e.Status == http.StatusGone
}

// isFault reports whether the server or the network is to blame.
func (e *Error) isFault() bool {
	return e.Kind == ServerFault || e.Kind == Interrupted || e.Kind == Unreachable
}

// worthAFreshLink reports whether a new link may help: if a transfer broke, or if the storage
// treats the link as expired. Some storages then send 403 and others 404.
func worthAFreshLink(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Kind == Interrupted || e.Kind == StorageRefused && e.Status < 500
}

// whyNoLog reads the job to explain why there is no log: GitHub sends the same answer for a job
// that never had a log, for one whose log was never stored and for one whose log was deleted. A 5xx
// does not give the reason either. Only 410 says that there was a log.
func whyNoLog(e *Error, j *job.Job) error {
	if !e.isMissing() && e.Kind != ServerFault {
		return e
	}
	why := *e
	why.Missing = PartJob
	unstored := whyNotStored(j)
	switch {
	case j.NeverRan():
		why.Kind, why.Reason = JobNeverRan, job.Value(j.Conclusion)
	case e.Status == http.StatusGone:
		why.Kind = LogExpired
	case unstored != "" && e.isMissing() && completedBefore(j, usualRetention):
		why.Kind, why.Reason = LogExpired, unstored
	case unstored != "":
		why.Kind, why.Reason = LogNotStored, unstored
	case !e.isMissing():
		return e
	case j.CompletedAt != nil && !completedBefore(j, shortestRetention):
		why.Kind = LogMissing
	default:
		why.Kind = LogExpired
	}
	return &why
}

// How long GitHub keeps logs: by default, and at least.
const (
	usualRetention    = 90 * 24 * time.Hour
	shortestRetention = 24 * time.Hour
)

// completedBefore reports whether a job was completed longer than age ago.
func completedBefore(j *job.Job, age time.Duration) bool {
	return j.CompletedAt != nil && time.Since(*j.CompletedAt) > age
}

// whyNotStored is a reason why a job that ran may have no log, or "".
func whyNotStored(j *job.Job) string {
	if job.Value(j.Conclusion) == job.ConclusionCancelled {
		return "the job was cancelled"
	}
	if step := j.UnfinishedStep(); step != nil {
		return fmt.Sprintf("the runner stopped reporting before the end of the step %q", job.Value(step.Name))
	}
	return ""
}

// logRequest is one request for a log.
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
			return "", l.unusable(resp, "no request can be made of it") // the cause would quote the link
		}
	}
}

// send does not use http.Client, which follows redirects by its own rules and whose error quotes a
// link that it cannot parse.
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

// target checks the target of a redirect. The reason says why it is not followed. It contains only
// the scheme and host of the link, because the rest can be a signature.
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

// isPlainLoopback reports whether u is http to this machine. Other machines cannot read such
// traffic.
func isPlainLoopback(u *url.URL) bool {
	return strings.EqualFold(u.Scheme, "http") && transport.IsLoopback(u.Hostname())
}

// movedEndpoint matches the path of a job's log below base_url, by the name of a repository or by
// its ID.
var movedEndpoint = regexp.MustCompile(`^(?:repos/[^/]+/[^/]+|repositories/\d+)/actions/jobs/(\d+)/logs$`)

// isMovedEndpoint reports whether a redirect leads to the same endpoint of the same API, as for a
// renamed repository. Such a request needs the token again. A link to a log never has this form.
func (l *logRequest) isMovedEndpoint(u *url.URL) bool {
	base := l.client.requests.BaseURL
	if !strings.EqualFold(u.Scheme, base.Scheme) || !strings.EqualFold(u.Host, base.Host) || u.RawQuery != "" {
		return false
	}
	path, below := strings.CutPrefix(u.EscapedPath(), base.EscapedPath())
	parts := movedEndpoint.FindStringSubmatch(path)
	return below && parts != nil && parts[1] == fmt.Sprint(l.id)
}

// follow makes the next request: the API request again, or a plain one for the link, without any
// header for GitHub.
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

// receive passes a log to read after it has checked that the answer is a log, and fails if the
// transfer is incomplete. storage is the host that sends it; "": the API.
func (l *logRequest) receive(ctx context.Context, resp *http.Response, storage string) error {
	switch {
	case resp.StatusCode != http.StatusOK && storage == "":
		return errorFromResponse(l.object, l.client.cfg.BaseURL, resp)
	case resp.StatusCode != http.StatusOK:
		// The body is not quoted, because storages explain a refusal with parts of the signature.
		return &Error{Kind: StorageRefused, Object: l.object, Status: resp.StatusCode, Location: storage}
	}
	body := &watchedBody{Reader: resp.Body}
	log := bufio.NewReader(body)
	if reason := notALog(resp, log); reason != "" {
		return malformed(l.object, resp.Header, reason, nil)
	}
	err := l.read(log)
	switch {
	case body.err != nil && ctx.Err() != nil:
		return errorFromTransport(ctx, l.object, body.err)
	case body.err != nil:
		// Even if read returned no error: a short log must not look complete.
		return &Error{Kind: Interrupted, Object: l.object, Location: storage, Err: fmt.Errorf("after %d bytes: %w", body.size, body.err)}
	}
	return err
}

// notALog recognises what a proxy, a login page or a storage may send with status 200 instead of a
// log. It does not check for types that a log may have, because servers use many of them, also for
// archives. It looks at the first bytes of log, but does not read them.
func notALog(resp *http.Response, log *bufio.Reader) (reason string) {
	// net/http has already decompressed the gzip that it requested itself.
	if encoding := resp.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return fmt.Sprintf("the log is encoded as %s, which was not asked for", encoding)
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch kind {
	case "application/x-zip-compressed":
		kind = zipType
	case "text/html", "application/xhtml+xml", "application/xml", "text/xml", "application/json", zipType:
	case gzipType, "application/x-gzip":
		kind = gzipType
		if resp.Uncompressed { // the type is that of the bytes on the way
			kind = archiveType(log)
		}
	default:
		kind = archiveType(log)
	}
	if kind == "" {
		return ""
	}
	return fmt.Sprintf("the answer is %s, not a log", kind)
}

const (
	zipType  = "application/zip"
	gzipType = "application/gzip"
)

// archiveType is the media type of an archive, by its first bytes, or "".
func archiveType(log *bufio.Reader) string {
	start, _ := log.Peek(4) // as much as there is; the error comes back when the log is read
	switch {
	case bytes.HasPrefix(start, []byte("PK\x03\x04")), bytes.HasPrefix(start, []byte("PK\x05\x06")):
		return zipType
	case bytes.HasPrefix(start, []byte("\x1f\x8b")):
		return gzipType
	}
	return ""
}

// watchedBody records how a body ended.
type watchedBody struct {
	io.Reader
	size int64
	err  error
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.size += int64(n)
	if err != nil && err != io.EOF { // only io.EOF itself marks a complete body
		b.err = err
	}
	return n, err
}
