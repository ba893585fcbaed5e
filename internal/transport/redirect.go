package transport

import "net/http"

const maxRedirects = 10

// redirectPolicy follows redirects inside home, each through the whole chain,
// so that the token is attached anew where it belongs. Any other redirect is
// handed to the caller as the answer it is: what to do with a link to another
// host is a question of the endpoint, not of the transport.
func redirectPolicy(home origin) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		// A request that started elsewhere must not be able to steer a request
		// with a token.
		if !home.has(req.URL) || !home.has(via[0].URL) || isWithoutToken(req.Context()) {
			return http.ErrUseLastResponse
		}
		if len(via) > maxRedirects {
			return ErrTooManyRedirects
		}
		return nil
	}
}
