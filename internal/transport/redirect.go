package transport

import "net/http"

const maxRedirects = 10

// redirectPolicy follows redirects within home. Each goes through the whole chain, so that the
// token is attached again only where it belongs. Any other redirect is returned to the caller as an
// answer: what to do with a link to another host depends on the endpoint.
func redirectPolicy(home origin) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		// A request that started elsewhere must not be able to cause a request with the token.
		if !home.has(req.URL) || !home.has(via[0].URL) || isWithoutToken(req.Context()) {
			return http.ErrUseLastResponse
		}
		if len(via) > maxRedirects {
			return ErrTooManyRedirects
		}
		return nil
	}
}
