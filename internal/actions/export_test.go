package actions

import "net/http"

// SetCheckRedirect gives a client under test the redirect policy of internal/transport.
func SetCheckRedirect(c *Client, f func(*http.Request, []*http.Request) error) {
	c.cfg.HTTP.CheckRedirect = f
}

// IsFinal is isFinal.
var IsFinal = isFinal

// WireRun is wireRun.
type WireRun = wireRun
