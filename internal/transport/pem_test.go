package transport

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// ways are what tools make of a PEM file that passes through a variable, a secret or YAML.
func ways(file string) map[string]string {
	trimmed := strings.TrimSpace(file)
	all := map[string]string{
		"as it is":           file,
		"Windows":            strings.ReplaceAll(file, "\n", "\r\n"),
		"old Mac":            strings.ReplaceAll(file, "\n", "\r"),
		"no last line break": trimmed,
		"one line":           strings.ReplaceAll(file, "\n", ""),
		"blanks":             strings.ReplaceAll(trimmed, "\n", " "),
		"a BOM":              "\ufeff" + file,
		"empty lines":        strings.ReplaceAll(file, "\n", "\n\n"),
		"indented":           "    " + strings.ReplaceAll(file, "\n", "\n    "),
		"text before it":     "Bag Attributes\n  x: y\n" + file,
		"text after it":      file + "\nmade by x\n",
	}
	for name, escape := range map[string]string{"n": `\n`, "rn": `\r\n`, "r": `\r`, "n twice": `\\n`, "rn twice": `\\r\\n`} {
		all["escaped "+name] = strings.ReplaceAll(file, "\n", escape)
		all["quoted, escaped "+name] = `"` + strings.ReplaceAll(file, "\n", escape) + `"`
	}
	all["quoted"], all["quoted, a line break"] = `"`+trimmed+`"`, `'`+file+"'\n"
	return all
}

// TestAKeyThatToolsChanged: the key is complete, so it is used.
func TestAKeyThatToolsChanged(t *testing.T) {
	t.Parallel()
	pkcs8, err := x509.MarshalPKCS8PrivateKey(appKey())
	if err != nil {
		t.Fatal(err)
	}
	for kind, file := range map[string][]byte{"PKCS #1": appPEM(), "PKCS #8": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})} {
		for name, text := range ways(string(file)) {
			if key, err := parseAppKey(text); err != nil || !key.Equal(appKey()) {
				t.Errorf("%s, %s: %v", kind, name, err)
			}
		}
	}
}

// TestAKeyThatCannotBeUsed: the reason says what it is instead, and nothing of the key shows.
func TestAKeyThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecOld, err1 := x509.MarshalECPrivateKey(ec)
	ecNew, err2 := x509.MarshalPKCS8PrivateKey(ec)
	public, err3 := x509.MarshalPKIXPublicKey(appKey().Public())
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	encoded := func(kind string, content []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}))
	}
	whole := x509.MarshalPKCS1PrivateKey(appKey())
	withHeader := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-256-CBC,00"}, Bytes: whole}))
	lines := strings.SplitAfter(string(appPEM()), "\n")
	const damaged = "a part of it is missing or was changed"
	for name, tc := range map[string]struct{ text, want string }{
		"nothing":                     {"", "it is not in PEM form"},
		"a path":                      {"/etc/app.pem", "it is not in PEM form"},
		"a path of Windows":           {`C:\new\root.pem`, "it is not in PEM form"},
		"only the middle":             {strings.Join(lines[1:len(lines)-2], ""), "it is not in PEM form"},
		"base64":                      {base64.StdEncoding.EncodeToString(appPEM()), "it is the base64 of a PEM file"},
		"base64 in lines":             {strings.Join(lines64(base64.StdEncoding.EncodeToString(appPEM())), "\n") + "\n", "it is the base64 of a PEM file"},
		"base64 without padding":      {`"` + base64.RawStdEncoding.EncodeToString(append(appPEM(), '\n')) + `"`, "it is the base64 of a PEM file"},
		"encrypted":                   {encoded("ENCRYPTED PRIVATE KEY", whole), "it is encrypted"},
		"encrypted by OpenSSL 1":      {withHeader, "it is encrypted"},
		"encrypted and on one line":   {strings.ReplaceAll(withHeader, "\n", " "), "it is encrypted"},
		"public":                      {encoded("PUBLIC KEY", public), "it is a public key"},
		"public in the old form":      {encoded("RSA PUBLIC KEY", public), "it is a public key"},
		"a certificate":               {encoded("CERTIFICATE", whole), "it is a certificate"},
		"elliptic":                    {encoded("EC PRIVATE KEY", ecOld), "it is not an RSA key"},
		"elliptic, PKCS #8":           {encoded("PRIVATE KEY", ecNew), "it is not an RSA key"},
		"OpenSSH":                     {encoded("OPENSSH PRIVATE KEY", whole), "it is not an RSA key in the form that GitHub generates"},
		"cut short":                   {strings.Join(lines[:5], ""), damaged},
		"without a line":              {strings.Join(append(lines[:3:3], lines[4:]...), ""), damaged},
		"cut and closed":              {encoded("RSA PRIVATE KEY", whole[:200]), damaged},
		"another END":                 {strings.Replace(string(appPEM()), "END RSA ", "END ", 1), damaged},
		"asterisks between the lines": {"-----BEGIN RSA PRIVATE KEY-----\n***\n-----END RSA PRIVATE KEY-----", damaged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parseAppKey(tc.text)
			if err == nil || err.Error() != tc.want {
				t.Fatalf("got %v, want %s", err, tc.want)
			}
			_, err = AppInstallation(mustURL(t, testBase), 1, 2, []byte(tc.text), nil, "app_auth")
			if want := "could not get a token from app_auth: the App's private key cannot be used: " + tc.want; err == nil || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

func lines64(text string) []string {
	var lines []string
	for len(text) > 64 {
		lines, text = append(lines, text[:64]), text[64:]
	}
	return append(lines, text)
}

// TestCertificatesThatToolsChanged: every certificate of a file counts.
func TestCertificatesThatToolsChanged(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	one := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	for name, text := range ways(string(bytes.Repeat(one, 2))) {
		if err := CheckCertificates(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := strings.Count(repairPEM(text), "-----\n"); n != 4 {
			t.Errorf("%s: %d lines begin or end a certificate, want 4", name, n)
		}
	}
	text := strings.ReplaceAll(string(one), "\n", `\n`)
	wire, err := newWire(Config{CACertPEM: text})
	if err != nil || wire.TLSClientConfig.RootCAs == nil {
		t.Errorf("an escaped certificate: %v", err)
	}
}

func TestCertificatesThatAreNone(t *testing.T) {
	t.Parallel()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")})
	for text, want := range map[string]string{
		"":          "it is not in PEM form",
		"/etc/ca":   "it is not in PEM form",
		"ca.pem":    "it is not in PEM form",
		"AAAA AAAA": "it is not in PEM form",
		base64.StdEncoding.EncodeToString(certificate): "it is the base64 of a PEM file",
		string(appPEM()):          "it is PEM of another kind",
		string(certificate):       "a part of it is missing or was changed",
		string(certificate[:30]):  "a part of it is missing or was changed",
		"-----BEGIN CERTIFICATE-": "a part of it is missing or was changed",
	} {
		if err := CheckCertificates(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
