package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
)

// BucketError says why a bucket is not used, or not as it should be.
type BucketError struct {
	// Bucket is the bucket with its prefix.
	Bucket string
	// Reading is false if only writing fails: what is in the bucket is still used.
	Reading bool
	// Err is the cause. Its text says what to do if that is known.
	Err error
}

// Error names the bucket and the cause.
func (e *BucketError) Error() string {
	if e.Reading {
		return fmt.Sprintf("the bucket %s is not used: %v", e.Bucket, e.Err)
	}
	return fmt.Sprintf("nothing is written to the bucket %s: %v", e.Bucket, e.Err)
}

// Unwrap returns the cause.
func (e *BucketError) Unwrap() error { return e.Err }

// errSlow is why a breaker leaves a store alone that answers, but late.
var errSlow = errors.New("it answers too slowly to save time")

// errLeft is the outcome of a request whose caller did not wait for it.
var errLeft = errors.New("its caller has left")

// refusal is an answer of a store that the next request would get too.
type refusal struct{ reason string }

func (r *refusal) Error() string { return r.reason }

// isErrorCode reports whether a text looks like a code of S3. Anything else is not shown.
func isErrorCode(s string) bool { return madeOf(s, letters+digits+".", 64) }

// isMissing reports whether there is no such object to read. A bucket that is missing is another matter.
func isMissing(err error) bool {
	answer, ok := errors.AsType[minio.ErrorResponse](err)
	return ok && answer.Code == "NoSuchKey"
}

// cleanBucketError makes an error that is safe to show: it repeats neither what a store has written
// nor the URL of a request, only codes. It is a *refusal if asking again is useless.
func cleanBucketError(ctx context.Context, err error, b *Bucket) error {
	if answer, ok := errors.AsType[minio.ErrorResponse](err); ok {
		return answerError(answer, b)
	}
	if errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return fmt.Errorf("it did not answer within %s", bucketTimeout)
	}
	if where, ok := errors.AsType[*url.Error](err); ok {
		err = where.Err
	}
	// minio-go puts the URL of the request into its own text for a connection that ends early.
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || strings.HasPrefix(err.Error(), "Connection closed") {
		return errors.New("the connection was closed before the answer was complete")
	}
	return errors.New(SafeErrorText(err))
}

func answerError(answer minio.ErrorResponse, b *Bucket) error {
	code := answer.Code
	if !isErrorCode(code) {
		code = http.StatusText(answer.StatusCode)
	}
	said := fmt.Sprintf("the store answers %d %s", answer.StatusCode, code)
	switch answer.Code {
	case "NoSuchKey": // to a write: minio-go makes it of any 404
		return &refusal{said + "; check the endpoint: it does not answer as an S3-compatible store does"}
	case "NoSuchBucket":
		return &refusal{said + "; check the name of the bucket, its region and the endpoint"}
	case "AccessDenied", "AllAccessDisabled", "AccountProblem":
		return &refusal{said + "; the credentials need s3:GetObject and s3:PutObject for the prefix, and s3:ListBucket for the bucket, without which a missing object is answered with AccessDenied; with read_only=true nothing is written"}
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "InvalidSecurity", "ExpiredToken", "TokenRefreshRequired":
		return &refusal{said + "; check the AWS credentials in the environment, in the profile or of the role"}
	case "PermanentRedirect", "AuthorizationHeaderMalformed", "InvalidRegion", "IllegalLocationConstraintException", "TemporaryRedirect", "Redirect":
		return &refusal{said + "; " + regionRemedy(answer.Region, b)}
	case "RequestTimeTooSkewed":
		return &refusal{said + "; set the clock of this machine"}
	}
	if answer.StatusCode >= http.StatusMultipleChoices && answer.StatusCode < http.StatusBadRequest {
		return &refusal{said + "; " + regionRemedy(answer.Region, b)}
	}
	return errors.New(said)
}

func regionRemedy(region string, b *Bucket) string {
	if region != b.region && isRegion(region) {
		return fmt.Sprintf("the bucket is in another region than %s: add region=%s to the URL", b.region, region)
	}
	return fmt.Sprintf("the bucket is not in the region %s: add region=REGION to the URL", b.region)
}
