package transport

import (
	"errors"
	"net/http"
)

const maxRedirects = 10

// sameOriginOnly follows what GitHub uses redirects for, a renamed or moved repository, and hands every
// other redirect to the caller as it is.
func sameOriginOnly(home origin) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		switch {
		case originOf(req.URL) != home:
			return http.ErrUseLastResponse
		case len(via) >= maxRedirects:
			return errors.New("too many redirects")
		}
		return nil
	}
}
