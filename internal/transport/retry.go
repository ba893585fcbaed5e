package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

const maxBackoff = 30 * time.Second

// retrier retries what may be temporary: 5xx answers and connection faults.
//
// It is our own code because go-retryablehttp closes the idle connections of all other requests
// when one gives up, keeps waiting although the context ends before the wait does (which hides the
// cause), and does not put the number of attempts into its error.
type retrier struct {
	next  http.RoundTripper
	max   int
	delay time.Duration
	// harmless says that any request may be sent twice, whatever its method.
	harmless bool
}

func (r *retrier) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	for attempt := 1; ; attempt++ {
		resp, err := r.next.RoundTrip(req)
		if !r.worthRetrying(req, resp, err) {
			return finish(ctx, resp, err, attempt)
		}
		wait := r.backoff(attempt, resp)
		if attempt > r.max || endsWithin(ctx, wait) {
			return finish(ctx, resp, err, attempt)
		}
		next, ok := again(req)
		if !ok {
			return finish(ctx, resp, err, attempt)
		}
		if resp != nil {
			_ = resp.Body.Close()
		}
		tflog.Debug(ctx, "Trying the GitHub request again", map[string]any{
			"attempt": attempt, "wait_ms": wait.Milliseconds(), "cause": faultName(resp, err),
		})
		if err := Sleep(ctx, wait); err != nil {
			return nil, err
		}
		req = next
	}
}

// finish returns an answer as it is, whatever its status, and adds the number of attempts to an
// error.
func finish(ctx context.Context, resp *http.Response, err error, attempts int) (*http.Response, error) {
	if err == nil {
		return resp, nil
	}
	if ctx.Err() != nil || isFinal(err) {
		return nil, err
	}
	return nil, &AttemptsError{Attempts: attempts, Err: err}
}

// isFinal reports errors that need no further explanation.
func isFinal(err error) bool {
	var (
		limit      *RateLimitError
		credential *CredentialError
		tooLarge   *BodyTooLargeError
	)
	return errors.As(err, &limit) || errors.As(err, &credential) || errors.As(err, &tooLarge) ||
		errors.Is(err, context.Canceled) || errors.Is(err, ErrPaceDeadline)
}

func (r *retrier) worthRetrying(req *http.Request, resp *http.Response, err error) bool {
	if req.Context().Err() != nil {
		return false
	}
	repeatable := r.harmless || req.Method == http.MethodGet || req.Method == http.MethodHead || req.Method == ""
	if err == nil {
		// 501 says that the server does not support this method or path at all.
		return repeatable && resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented
	}
	if isFinal(err) || isPermanent(err) {
		return false
	}
	// Any other request may be repeated only if it cannot have reached the server.
	return repeatable || neverConnected(err)
}

func neverConnected(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// isPermanent reports errors that the next attempt would meet again: a name that does not exist, an
// untrusted certificate, a server that does not speak TLS.
func isPermanent(err error) bool {
	var (
		dns         *net.DNSError
		verify      *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		hostname    x509.HostnameError
		invalid     x509.CertificateInvalidError
		record      tls.RecordHeaderError
		systemRoots x509.SystemRootsError
	)
	return errors.As(err, &dns) && dns.IsNotFound ||
		errors.As(err, &verify) || errors.As(err, &authority) || errors.As(err, &hostname) ||
		errors.As(err, &invalid) || errors.As(err, &record) || errors.As(err, &systemRoots)
}

// backoff doubles with each attempt up to the cap, with random jitter in its upper half so that
// many clients do not come back together. A 503 may ask for a longer wait, but not beyond the cap.
func (r *retrier) backoff(attempt int, resp *http.Response) time.Duration {
	wait := r.delay
	for i := 1; i < attempt && wait < maxBackoff; i++ {
		wait *= 2
	}
	wait = min(wait, maxBackoff)
	wait = wait/2 + rand.N(wait/2+1) //nolint:gosec // jitter need not be secret
	if resp != nil && resp.StatusCode == http.StatusServiceUnavailable {
		if asked, ok := retryAfter(resp.Header, time.Now()); ok {
			wait = min(max(wait, asked), maxBackoff)
		}
	}
	return wait
}

// endsWithin reports whether the context ends before a wait of d does. Waiting would then only
// replace the cause by "deadline exceeded".
func endsWithin(ctx context.Context, d time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && !time.Now().Add(d).Before(deadline)
}

func faultName(resp *http.Response, err error) string {
	if err != nil {
		return SafeErrorText(err)
	}
	return resp.Status
}
