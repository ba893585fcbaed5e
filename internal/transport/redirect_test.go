package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// recorder remembers the Authorization of every request to one server.
type recorder struct {
	mu   sync.Mutex
	seen []string
}

func (r *recorder) add(req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, req.Host+req.URL.Path+" "+req.Header.Get("Authorization"))
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.seen...)
}

// world is several names on loopback: the home of the token, over https, and all places that the
// token must not reach.
type world struct {
	home, foreign recorder
	base          string
	wire          *http.Transport
}

// newWorld has a server for home (https) and one for each other place. Only the dialer resolves
// names: host:port, as the client dials it.
func newWorld(t *testing.T, location string) *world {
	t.Helper()
	w := &world{base: "https://api.home.test/"}
	foreign := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.foreign.add(r)
		fmt.Fprint(rw, `{"from":"foreign"}`)
	})
	home := httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.home.add(r)
		var status int
		if _, err := fmt.Sscanf(r.URL.Path, "/start/%d", &status); err == nil {
			rw.Header().Set("Location", location)
			rw.WriteHeader(status)
			return
		}
		if r.URL.Path == "/hop" {
			http.Redirect(rw, r, "https://cdn.other.test/x", http.StatusFound)
			return
		}
		fmt.Fprint(rw, `{"from":"home"}`)
	}))
	plain, secure := httptest.NewServer(foreign), httptest.NewTLSServer(foreign)
	t.Cleanup(home.Close)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		target := secure
		switch {
		case strings.EqualFold(addr, "api.home.test:443"):
			target = home
		case strings.HasSuffix(addr, ":80"):
			target = plain
		}
		return (&net.Dialer{}).DialContext(ctx, network, target.Listener.Addr().String())
	}
	w.wire = &http.Transport{DialContext: dial, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(w.wire.CloseIdleConnections)
	return w
}

func TestRedirectsNeverCarryTheTokenAway(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		for name, location := range map[string]string{
			"another host":     "https://cdn.other.test/x",
			"a sub-domain":     "https://sub.api.home.test/x",
			"the parent":       "https://home.test/x",
			"another port":     "https://api.home.test:8443/x",
			"https to http":    "http://api.home.test/x",
			"http on port 443": "http://api.home.test:443/x",
			"user info":        "https://api.home.test@cdn.other.test/x",
			"no scheme":        "//cdn.other.test/x",
		} {
			t.Run(fmt.Sprintf("%d to %s", status, name), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, location)
				client := newClient(t, Config{BaseURL: mustURL(t, w.base), Credential: StaticToken("s3cret", "test"), Base: w.wire})
				got, _, h, err := fetch(t.Context(), client, fmt.Sprintf("%sstart/%d", w.base, status))
				if err != nil || got != status || h.Get("Location") != location {
					t.Errorf("got %d to %q, %v; want the redirect itself", got, h.Get("Location"), err)
				}
				if seen := w.foreign.all(); len(seen) != 0 {
					t.Errorf("a foreign host was asked: %q", seen)
				}
				if seen := w.home.all(); len(seen) != 1 || !strings.HasSuffix(seen[0], "Bearer s3cret") {
					t.Errorf("home saw %q", seen)
				}
			})
		}
	}
}

func TestRedirectsAtHome(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 307, 308} {
		for _, location := range []string{
			"https://api.home.test/repositories/1", "https://API.home.test:443/repositories/1", "/repositories/1", "../repositories/1",
		} {
			t.Run(fmt.Sprint(status, location), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, location)
				client := newClient(t, Config{BaseURL: mustURL(t, w.base), Credential: StaticToken("s3cret", "test"), Base: w.wire})
				wantBody(t, client, fmt.Sprintf("%sstart/%d", w.base, status), `{"from":"home"}`)
				for _, seen := range w.home.all() {
					if !strings.HasSuffix(seen, "Bearer s3cret") {
						t.Errorf("a hop at home had no token: %q", seen)
					}
				}
			})
		}
	}
}

func TestRedirectChainLeavingHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "/hop")
	client := newClient(t, Config{BaseURL: mustURL(t, w.base), Credential: StaticToken("s3cret", "test"), Base: w.wire})
	status, _, h, err := fetch(t.Context(), client, w.base+"start/301")
	if err != nil || status != 302 || h.Get("Location") != "https://cdn.other.test/x" {
		t.Errorf("got %d to %q, %v", status, h.Get("Location"), err)
	}
	if seen := w.foreign.all(); len(seen) != 0 {
		t.Errorf("a foreign host was asked: %q", seen)
	}
	if n := len(w.home.all()); n != 2 {
		t.Errorf("home was asked %d times, want 2", n)
	}
}

// A request that starts elsewhere has no token, and must not get one by a redirect to home.
func TestForeignHostCannotSteerTheToken(t *testing.T) {
	t.Parallel()
	wire := newScript(t, answer(302, "", "Location", testBase+"secret"))
	client := newClient(t, Config{Credential: StaticToken("s3cret", "test"), Base: wire})
	status, _, _, err := fetch(t.Context(), client, "https://elsewhere.test/")
	if err != nil || status != 302 {
		t.Errorf("got %d, %v; want the 302 itself", status, err)
	}
	if got := wire.request(0).Header.Get("Authorization"); got != "" {
		t.Errorf("Authorization = %q", got)
	}
}

func TestRedirectLoopEnds(t *testing.T) {
	t.Parallel()
	steps := make([]roundTrip, 1+maxRedirects)
	for i := range steps {
		steps[i] = answer(301, "", "Location", "/again")
	}
	client := newClient(t, Config{Base: newScript(t, steps...), MaxRetries: 3})
	if _, _, _, err := fetch(t.Context(), client, testBase); !errors.Is(err, ErrTooManyRedirects) {
		t.Errorf("error %v, want ErrTooManyRedirects", err)
	}
}
