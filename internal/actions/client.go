// Package actions reads GitHub's API for repositories, workflow runs, jobs and logs through go-github's
// requests and types, and returns complete, normalised answers or an *Error. It does not know Terraform.
package actions

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/google/go-github/v62/github"
)

// maxBody is the maximum size of an answer that is read into memory. A page of 100 jobs with 100
// steps each has about 4 MiB. A larger body than maxBody is a malformed answer.
const maxBody = 64 << 20

// Client reads one GitHub host. It is safe for use by several goroutines.
type Client struct {
	requests *github.Client // makes requests, never sends them
	cfg      Config
	turns    turns // for callers that want the jobs of the same run
}

// Config says which API a Client reads, and how.
type Config struct {
	HTTP          *http.Client // handles the token, redirects, retries and limits: see transport.New
	BaseURL       *url.URL     // where the REST API is
	UserAgent     string
	MaxConcurrent int    // pages of a list that are requested at once; below 1: 1
	TokenSource   string // where the token comes from, for messages; "": requests are anonymous
	App           bool   // the credential is a GitHub App, for messages
	GHFinding     string // why gh gave no token, for messages; "": it gave one, or was not called
}

// NewClient reads the API that cfg names.
func NewClient(cfg Config) *Client {
	requests := github.NewClient(nil)
	requests.BaseURL = withTrailingSlash(cfg.BaseURL)
	requests.UserAgent = cfg.UserAgent
	cfg.MaxConcurrent = max(1, cfg.MaxConcurrent)
	return &Client{requests: requests, cfg: cfg}
}

// withTrailingSlash adds a slash to base_url, and changes nothing else. Without the slash,
// resolving a path against the URL would replace the last part of its path.
func withTrailingSlash(base *url.URL) *url.URL {
	u := *base
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return &u
}

// get requests path, decodes the JSON of a 200 into answer and returns the headers. object names
// the requested object in an error.
//
// go-github's own Do is not used: it decodes an empty body as an empty job, reads error bodies
// without a limit, does not know 429, and stores rate limits itself, so it would return an error
// before internal/transport could wait.
func (c *Client) get(ctx context.Context, object, path string, answer any) (http.Header, error) {
	header, err := c.fetch(ctx, object, path, answer)
	if err != nil {
		c.cfg.tellWho(err)
		return nil, err
	}
	return header, nil
}

func (c *Client) fetch(ctx context.Context, object, path string, answer any) (http.Header, *Error) {
	req, err := c.newRequest(ctx, path)
	if err != nil {
		return nil, &Error{Kind: Unexpected, Object: object, Reason: "the request could not be made", Err: err}
	}
	resp, err := c.cfg.HTTP.Do(req)
	if err != nil {
		return nil, errorFromTransport(ctx, object, withoutURL(err))
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, errorFromResponse(object, c.cfg.BaseURL, resp)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, errorFromTransport(ctx, object, err)
	case err != nil:
		return nil, malformed(object, resp.Header, "the answer broke off", err)
	case len(body) > maxBody:
		return nil, malformed(object, resp.Header, fmt.Sprintf("the answer is larger than %d MiB", maxBody>>20), nil)
	}
	if reason, err := decode(body, answer); reason != "" {
		if _, noJSON := errors.AsType[*json.SyntaxError](err); err != nil && !noJSON {
			return nil, differing(object, resp.Header, reason, withoutTypes(err))
		}
		return nil, malformed(object, resp.Header, reason, err)
	}
	return resp.Header, nil
}

// tellWho adds to an error which credential made the request.
func (cfg Config) tellWho(e *Error) {
	e.TokenSource, e.App, e.GHFinding = cfg.TokenSource, cfg.App, cfg.GHFinding
}

// decode reads exactly one JSON object, or exactly one JSON array if answer is a slice. A reason
// says what the body contains instead.
func decode(body []byte, answer any) (reason string, cause error) {
	text := bytes.TrimSpace(body)
	first, kind := byte('{'), "object"
	if reflect.TypeOf(answer).Elem().Kind() == reflect.Slice {
		first, kind = '[', "array"
	}
	switch {
	case len(text) == 0:
		return "the answer is empty", nil
	case text[0] == '<':
		return "the answer is a web page, not JSON", nil
	case text[0] != first:
		return "the answer is not a JSON " + kind, nil
	}
	if !hasBoundedLists(text) {
		return fmt.Sprintf("the answer has a list of more than %d entries", maxEntries), nil
	}
	if partial, ok := answer.(interface{ prepare(text []byte) []byte }); ok {
		text = partial.prepare(text)
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return "the answer is not the JSON that GitHub documents", err
	}
	return "", nil
}

// typeError words the decoder's error about a type without the names of Go's types.
type typeError struct{ error *json.UnmarshalTypeError }

func (e typeError) Error() string {
	return fmt.Sprintf("%s is of type %s", e.error.Field, e.error.Value)
}

func (e typeError) Unwrap() error { return e.error }

func withoutTypes(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return typeError{wrong}
	}
	return err
}

// withoutURL removes the *url.Error that http.Client wraps around every failure, because it
// contains the whole URL.
func withoutURL(err error) error {
	if wrapped, ok := err.(*url.Error); ok { //nolint:errorlint // only the outermost layer is http.Client's
		return wrapped.Err
	}
	return err
}
