package transport

import (
	"errors"
	"fmt"
	"time"
)

// ErrTooManyRedirects ends a chain of more than ten redirects.
var ErrTooManyRedirects = errors.New("more than 10 redirects")

// RateLimitError says that GitHub's rate limit is in force and the wait for it is too long. While
// it is in force, no request is sent from any goroutine.
type RateLimitError struct {
	// Secondary is false for the hourly quota, true for GitHub's limits on bursts and concurrency.
	Secondary bool
	// Reset is when the limit ends, as GitHub says or as its rules imply, by this machine's clock.
	Reset time.Time
	// Wait is the time until Reset when the error was made; never negative.
	Wait time.Duration
	// MaxWait is the longest wait allowed (Config.MaxRateLimitWait).
	MaxWait time.Duration
	// StatusCode and RequestID belong to the answer that reported the limit. The status is 200 or
	// 304 if that answer used up the quota.
	StatusCode int
	RequestID  string
	// ByDeadline is true if MaxWait allows the wait, but the context ends first.
	ByDeadline bool
	// Rounds is how often this request has waited already, if that is why it gives up: the limit
	// was in force again each time, although neither MaxWait nor the deadline forbids the next wait
	// by itself. 0: another reason.
	Rounds int
}

// Error names the kind of limit, when it resets and why the request does not wait.
func (e *RateLimitError) Error() string {
	kind := "primary"
	if e.Secondary {
		kind = "secondary"
	}
	why := fmt.Sprintf("the wait is longer than the maximum, %s", e.MaxWait)
	switch {
	case e.ByDeadline:
		why = "the request ends before that"
	case e.Rounds == 1:
		why = "the limit was still in force after 1 wait"
	case e.Rounds > 1:
		why = fmt.Sprintf("the limit was still in force after %d waits", e.Rounds)
	}
	return fmt.Sprintf("GitHub's %s rate limit resets at %s, in %s: %s",
		kind, e.Reset.UTC().Format(time.RFC3339), e.Wait.Round(time.Second), why)
}

// CredentialError says that there is no token to send the request with, so nothing was sent.
type CredentialError struct {
	// Source says where the credential comes from. It is never the value.
	Source string
	// App says that the credential is a GitHub App, whose tokens come from an exchange.
	App bool
	// RedirectedTo is where GitHub's answer to the exchange points, as scheme://host if it is a valid URL.
	// "": it was not a redirect.
	RedirectedTo string
	// StatusCode and RequestID are those of GitHub's refusal; zero and empty if there was no
	// answer.
	StatusCode int
	RequestID  string
	// Body is what GitHub's refusal says, not sanitised; at most 64 KiB. Empty if there was no answer.
	Body []byte
	// Err is the cause.
	Err error
}

// Error names the source and the cause.
func (e *CredentialError) Error() string {
	return fmt.Sprintf("could not get a token from %s: %v", e.Source, e.Err)
}

// Unwrap returns the cause, which may be a *RateLimitError.
func (e *CredentialError) Unwrap() error { return e.Err }

// AttemptsError says that no attempt got a complete answer, and how many attempts there were.
type AttemptsError struct {
	// Attempts is the number of requests, including the first.
	Attempts int
	// Err is the error of the last attempt. For a body that was cut short, errors.Is(Err,
	// io.ErrUnexpectedEOF) holds.
	Err error
}

// Error names the last cause, and the number of attempts if there were several. It leaves out
// secrets that net/http quotes, such as a proxy's password.
func (e *AttemptsError) Error() string {
	text := SafeErrorText(e.Err)
	if e.Attempts == 1 {
		return text
	}
	return fmt.Sprintf("%s (%d attempts)", text, e.Attempts)
}

// Unwrap returns the last cause.
func (e *AttemptsError) Unwrap() error { return e.Err }

// BodyTooLargeError says that an answer is larger than this package reads into memory. It is not
// retried.
type BodyTooLargeError struct {
	// Limit is the largest body accepted, in bytes.
	Limit int64
}

// Error names the limit.
func (e *BodyTooLargeError) Error() string {
	return fmt.Sprintf("the answer is larger than %d bytes", e.Limit)
}
