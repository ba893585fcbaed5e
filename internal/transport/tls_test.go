package transport

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

func TestExtraRootsAndHTTP2(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	client := newClient(t, Config{BaseURL: mustURL(t, s.URL), CACertPEM: string(roots)})
	wantBody(t, client, s.URL, "HTTP/2.0")
}

func TestCertificateThatIsNone(t *testing.T) {
	t.Parallel()
	if _, err := New(Config{CACertPEM: "not PEM"}); err == nil || err.Error() != "ca_cert_pem contains no certificate in PEM form" {
		t.Errorf("error %v", err)
	}
}

func TestWireSettings(t *testing.T) {
	t.Parallel()
	cfg, err := Config{MaxConcurrent: 25}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWire(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if w.MaxIdleConnsPerHost != 25 || w.Proxy == nil || w.TLSClientConfig.MinVersion == 0 || w.TLSClientConfig.InsecureSkipVerify {
		t.Errorf("idle %d, proxy %v, TLS %x", w.MaxIdleConnsPerHost, w.Proxy != nil, w.TLSClientConfig.MinVersion)
	}
}

// proxyWorkerEnv turns this test binary into a process whose environment names proxies: net/http reads
// that only once. Its value is the port of the API.
const proxyWorkerEnv = "TRANSPORT_TEST_PROXY_WORKER"

// loopbackHosts are spellings of this machine that a base URL may have, on a port.
func loopbackHosts(port string) (hosts []string) {
	for _, host := range []string{"127.0.0.1", "localhost", "LOCALHOST", "LocalHost", "127.8.9.1", "[::1]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:0:0:1]"} {
		hosts = append(hosts, host+":"+port)
	}
	return hosts
}

// proxyWorker sends each kind of request to each spelling of loopback, and one over https.
func proxyWorker(port string) error {
	for _, host := range loopbackHosts(port) {
		base, err := url.Parse("http://" + host + "/")
		if err != nil {
			return err
		}
		app, err := AppInstallation(base, 12, 34, appPEM(), nil, "app_auth")
		if err != nil {
			return err
		}
		for _, credential := range []Credential{StaticToken("s3cret", "test"), app} {
			client, err := New(Config{BaseURL: base, Credential: credential})
			if err != nil {
				return err
			}
			for _, ctx := range []context.Context{context.Background(), WithStreaming(WithoutToken(context.Background()))} {
				// Some of these hosts may not exist here; what counts is who is asked.
				_, _, _, err := fetch(ctx, client, base.String()+"x")
				if strings.HasPrefix(host, "127.0.0.1") && err != nil {
					return err
				}
			}
			client.CloseIdleConnections()
		}
	}
	client, err := New(Config{})
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	if _, _, _, err = fetch(context.Background(), client, "https://api.github.com/by-proxy"); err == nil {
		return errors.New("https did not go to the proxy")
	}
	return nil
}

// TestPlainHTTPNeverGoesToAProxy: not for the API, the App's exchange or a log, however this machine
// is spelled. https does.
func TestPlainHTTPNeverGoesToAProxy(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var proxied []string
	proxy := server(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		proxied = append(proxied, r.Method+" "+r.RequestURI)
		w.WriteHeader(http.StatusForbidden)
	})
	api := server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, `{"token":"ghs_x","expires_at":"2999-01-01T00:00:00Z"}`)
			return
		}
		fmt.Fprint(w, "{}")
	})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = []string{proxyWorkerEnv + "=" + mustURL(t, api.URL).Port(),
		"HTTP_PROXY=" + proxy.URL, "http_proxy=" + proxy.URL, "HTTPS_PROXY=" + proxy.URL, "ALL_PROXY=" + proxy.URL}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(proxied) != 1 || proxied[0] != "CONNECT api.github.com:443" {
		t.Errorf("the proxy got %q", proxied)
	}
}
