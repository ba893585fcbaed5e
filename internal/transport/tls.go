package transport

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

// newWire makes the http.Transport at the bottom of the chain.
func newWire(cfg Config) (*http.Transport, error) {
	tlsConfig := &tls.Config{MinVersion: tls.VersionTLS12}
	if cfg.CACertPEM != "" {
		pool, err := x509.SystemCertPool()
		if err != nil {
			// There is no system store, for example in an empty container: use the extra roots
			// alone.
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM([]byte(repairPEM(cfg.CACertPEM))) {
			return nil, errors.New("ca_cert_pem contains no certificate in PEM form")
		}
		tlsConfig.RootCAs = pool
	}
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:           environmentProxy,
		DialContext:     dialer.DialContext,
		TLSClientConfig: tlsConfig,
		// With its own TLSClientConfig, a Transport does not use HTTP/2 unless told to.
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: 10 * time.Second,
		// GitHub gives up on its own requests after ten seconds.
		ResponseHeaderTimeout:  60 * time.Second,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConns:           2 * cfg.MaxConcurrent,
		MaxIdleConnsPerHost:    cfg.MaxConcurrent,
		MaxResponseHeaderBytes: 1 << 20,
		// Without pings a dead HTTP/2 connection is only noticed when the kernel gives up, a
		// quarter of an hour later.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
	}, nil
}

// environmentProxy reads HTTPS_PROXY and NO_PROXY. A plain http request never goes to a proxy, which
// could read its token: only loopback hosts are spoken to in plain http, and net/http exempts only
// some spellings of those. The error does not quote the value, which may contain a password.
func environmentProxy(req *http.Request) (*url.URL, error) {
	if req.URL.Scheme != "https" {
		return nil, nil
	}
	u, err := http.ProxyFromEnvironment(req)
	if err != nil {
		return nil, errors.New("the proxy in HTTPS_PROXY is not a valid URL")
	}
	return u, nil
}
