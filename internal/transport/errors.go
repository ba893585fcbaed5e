package transport

import (
	"errors"
	"fmt"
	"time"
)

// ErrTooManyRedirects ends a chain of more than ten redirects.
var ErrTooManyRedirects = errors.New("more than 10 redirects")

// RateLimitError says that GitHub's rate limit stands in the way and is not
// waited for. No request is sent while it holds, from any goroutine.
type RateLimitError struct {
	// Secondary is false for the hourly quota, true for GitHub's limits on
	// bursts and concurrency.
	Secondary bool
	// Reset is when the limit ends, as GitHub said it or as its rules imply. When
	// GitHub's clock and this machine's differ, it is what this one will show.
	Reset time.Time
	// Wait is how long that was away when the error was made; never negative.
	Wait time.Duration
	// MaxWait is the longest wait allowed (Config.MaxRateLimitWait).
	MaxWait time.Duration
	// StatusCode and RequestID belong to the answer that told of the limit. The
	// status is 200 or 304 when that answer used up the quota.
	StatusCode int
	RequestID  string
	// ByDeadline is true when MaxWait would have allowed the wait, but the
	// context ends first.
	ByDeadline bool
	// Rounds is how often this request waited in vain, when that is why it waits
	// no more: the limit was in force again each time, and neither MaxWait nor
	// the deadline forbids the next wait by itself. 0: another reason.
	Rounds int
}

// Error names the kind of limit, when it resets and why nobody waits.
func (e *RateLimitError) Error() string {
	kind := "primary"
	if e.Secondary {
		kind = "secondary"
	}
	why := fmt.Sprintf("longer than the longest wait allowed, %s", e.MaxWait)
	switch {
	case e.ByDeadline:
		why = "later than this request may take"
	case e.Rounds == 1:
		why = "still in force after 1 wait"
	case e.Rounds > 1:
		why = fmt.Sprintf("still in force after %d waits", e.Rounds)
	}
	return fmt.Sprintf("GitHub's %s rate limit resets at %s, in %s: %s",
		kind, e.Reset.UTC().Format(time.RFC3339), e.Wait.Round(time.Second), why)
}

// CredentialError says that no token could be had, so nothing was sent.
type CredentialError struct {
	// Source is where the credential came from, never its value.
	Source string
	// StatusCode and RequestID are those of GitHub's refusal; zero and empty
	// when there was no answer.
	StatusCode int
	RequestID  string
	// Err is the cause.
	Err error
}

// Error names the source and the cause.
func (e *CredentialError) Error() string {
	return fmt.Sprintf("no token from %s: %v", e.Source, e.Err)
}

// Unwrap returns the cause, which may be a *RateLimitError.
func (e *CredentialError) Unwrap() error { return e.Err }

// AttemptsError says that no whole answer came, and how often it was tried.
type AttemptsError struct {
	// Attempts is the number of requests, the first one included.
	Attempts int
	// Err is what went wrong with the last one. For a body that was cut short
	// errors.Is(Err, io.ErrUnexpectedEOF) holds.
	Err error
}

// Error names the last cause, and the attempts when there were several. What
// net/http quotes in its errors, such as a proxy's password, is left out.
func (e *AttemptsError) Error() string {
	text := SafeErrorText(e.Err)
	if e.Attempts == 1 {
		return text
	}
	return fmt.Sprintf("%s (%d attempts)", text, e.Attempts)
}

// Unwrap returns the last cause.
func (e *AttemptsError) Unwrap() error { return e.Err }

// BodyTooLargeError says that an answer is larger than this package keeps in
// memory. It is not retried.
type BodyTooLargeError struct {
	// Limit is the largest body accepted, in bytes.
	Limit int64
}

// Error names the limit.
func (e *BodyTooLargeError) Error() string {
	return fmt.Sprintf("the answer is larger than %d bytes", e.Limit)
}
