// Package actions reads GitHub's API for workflow runs and jobs through go-github's requests and
// types, and gives back whole, normalised answers or an *Error. It knows nothing of Terraform.
package actions

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/google/go-github/v62/github"
)

// maxBody bounds an answer that is read into memory. A page of 100 jobs with 100 steps each has about
// 4 MiB; a body beyond this bound is a malformed answer.
const maxBody = 64 << 20

// Client reads one GitHub host. It is safe for use by several goroutines.
type Client struct {
	requests *github.Client // makes requests, never sends them
	cfg      Config
	turns    turns // of callers that want the jobs of the same run
}

// Config says which API a Client reads, and how.
type Config struct {
	HTTP          *http.Client // sees to the token, redirects, retries and limits: transport.New makes one
	BaseURL       *url.URL     // where the REST API is
	UserAgent     string
	MaxConcurrent int    // pages of a list that are asked for at once; below 1: 1
	TokenSource   string // where the token comes from, for messages; "": requests are anonymous
	App           bool   // the credential is a GitHub App, for messages
	GHFinding     string // why gh gave no token, for messages; "": it gave one, or was not asked
}

// NewClient reads the API that cfg names.
func NewClient(cfg Config) *Client {
	requests := github.NewClient(nil)
	requests.BaseURL = withTrailingSlash(cfg.BaseURL)
	requests.UserAgent = cfg.UserAgent
	cfg.MaxConcurrent = max(1, cfg.MaxConcurrent)
	return &Client{requests: requests, cfg: cfg}
}

// withTrailingSlash is all that is ever added to base_url: without it, the last part of its path would
// be replaced when a path is resolved against it.
func withTrailingSlash(base *url.URL) *url.URL {
	u := *base
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return &u
}

// get asks for path, decodes the JSON of a 200 into answer and gives back the headers around it. object
// names what is asked for in an error.
//
// go-github's own Do is not used: it takes an empty body for an empty job, reads error bodies without
// a limit, does not know 429, and keeps a rate-limit memory of its own that would answer before
// internal/transport could wait.
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
		return nil, malformed(object, resp.Header, reason, err)
	}
	return resp.Header, nil
}

// tellWho adds to an error who asked.
func (cfg Config) tellWho(e *Error) {
	e.TokenSource, e.App, e.GHFinding = cfg.TokenSource, cfg.App, cfg.GHFinding
}

// decode reads one JSON object and nothing beside it, or one JSON array where answer is a slice. A
// reason tells a person what came instead.
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

// withoutURL takes off the *url.Error that http.Client wraps around every failure: it repeats the
// whole address.
func withoutURL(err error) error {
	if wrapped, ok := err.(*url.Error); ok { //nolint:errorlint // only the outermost layer is http.Client's
		return wrapped.Err
	}
	return err
}
