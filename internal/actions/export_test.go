package actions

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// SetCheckRedirect gives a client under test the redirect policy of internal/transport.
func SetCheckRedirect(c *Client, f func(*http.Request, []*http.Request) error) {
	c.cfg.HTTP.CheckRedirect = f
}

// IsFinal is isFinal.
var IsFinal = isFinal

// DecodeJob decodes a job from a body that it does not copy.
func DecodeJob(body []byte) (*job.Job, error) {
	var w wireJob[[]*wireStep]
	if reason, err := decode(body, &w); reason != "" {
		return nil, fmt.Errorf("%s: %w", reason, err)
	}
	j, reason := jobFrom(&w, sharedTexts{})
	if reason != "" {
		return nil, errors.New(reason)
	}
	return j, nil
}

// HasBoundedLists is hasBoundedLists.
var HasBoundedLists = hasBoundedLists

// MaxEntries is maxEntries.
const MaxEntries = maxEntries

// CutSteps is cutSteps.from, and the lists that it has taken out.
func CutSteps(text []byte) (rest []byte, lists []string) {
	var c cutSteps
	rest = c.from(text)
	for _, list := range c.lists {
		lists = append(lists, string(list))
	}
	return rest, lists
}

// WireRun is wireRun.
type WireRun = wireRun

// WireNumber is wireNumber.
type WireNumber = wireNumber

// WireTimestamp is wireTimestamp.
type WireTimestamp = wireTimestamp
