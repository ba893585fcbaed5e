package transport

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
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
