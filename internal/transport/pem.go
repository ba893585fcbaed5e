package transport

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"regexp"
	"strings"
	"sync"
)

// This file reads keys and certificates. They often come through a variable, a secret or YAML, which
// change their line breaks. The errors never quote a part of the text.

// What a text is instead of a key or a certificate.
var (
	ErrNotPEM    = errors.New("it is not in PEM form") // a path, for example
	ErrPEMBase64 = errors.New("it is the base64 of a PEM file")

	errDamagedPEM    = errors.New("a part of it is missing or was changed")
	errNotRSA        = errors.New("it is not an RSA key")
	errNoCertificate = errors.New("it is PEM of another kind")
)

// CheckAppKey says why a text cannot be the private key of a GitHub App.
func CheckAppKey(text string) error {
	_, err := parseAppKey(text)
	return err
}

// parseAppKey reads the private key of a GitHub App: PKCS #1, as GitHub generates it, or #8.
func parseAppKey(text string) (*rsa.PrivateKey, error) {
	text = repairPEM(text)
	if strings.Contains(text, "ENCRYPTED") {
		return nil, errors.New("it is encrypted")
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, whyNotPEM(text)
	}
	switch {
	case strings.HasSuffix(block.Type, "PUBLIC KEY"):
		return nil, errors.New("it is a public key")
	case block.Type == "CERTIFICATE":
		return nil, errors.New("it is a certificate")
	case block.Type == "EC PRIVATE KEY":
		return nil, errNotRSA
	case block.Type == "OPENSSH PRIVATE KEY":
		return nil, errors.New("it is not an RSA key in the form that GitHub generates")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errDamagedPEM
	}
	if key, ok := key.(*rsa.PrivateKey); ok {
		return key, nil
	}
	return nil, errNotRSA
}

// CheckCertificates says why a text has no certificates.
func CheckCertificates(text string) error {
	repaired := repairPEM(text)
	if x509.NewCertPool().AppendCertsFromPEM([]byte(repaired)) {
		return nil
	}
	block, _ := pem.Decode([]byte(repaired))
	switch {
	case block == nil:
		return whyNotPEM(repaired)
	case block.Type == "CERTIFICATE":
		return errDamagedPEM
	}
	return errNoCertificate
}

func whyNotPEM(text string) error {
	if strings.Contains(text, "-----BEGIN ") {
		return errDamagedPEM
	}
	packed := strings.TrimRight(strings.Join(strings.Fields(text), ""), "=")
	if inner, err := base64.RawStdEncoding.DecodeString(packed); err == nil && strings.Contains(string(inner), "-----BEGIN ") {
		return ErrPEMBase64
	}
	return ErrNotPEM
}

// Most providers have neither a key nor certificates, so these are compiled when they are needed.
//
//nolint:gochecknoglobals // constants
var (
	// A backslash may have been escaped itself, once or more.
	escapedLineBreak = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\\+r\\+n|\\+n|\\+r`) })
	pemBlock         = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?s)(-----BEGIN [A-Z0-9 ]+-----)(.*?)(-----END [A-Z0-9 ]+-----)`)
	})
)

// repairPEM restores the lines of a PEM file: line breaks that were escaped, lost, or replaced by blanks,
// indented lines, and quotes or a byte order mark around the file. It never changes what is encoded.
func repairPEM(text string) string {
	text = strings.Trim(text, "\ufeff\"' \t\r\n")
	text = escapedLineBreak().ReplaceAllString(text, "\n")
	return pemBlock().ReplaceAllStringFunc(text, func(block string) string {
		parts := pemBlock().FindStringSubmatch(block)
		return "\n" + parts[1] + "\n" + pemLines(parts[2]) + parts[3] + "\n"
	})
}

// pemLines are the lines between those that begin and end a block. Lines of a block with headers stay as
// they are.
func pemLines(text string) string {
	if strings.Contains(text, ":") {
		return strings.TrimLeft(text, "\n")
	}
	const length = 64
	var lines strings.Builder
	data := strings.Join(strings.Fields(text), "")
	for len(data) > 0 {
		n := min(length, len(data))
		lines.WriteString(data[:n] + "\n")
		data = data[n:]
	}
	return lines.String()
}
