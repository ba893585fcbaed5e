package transport

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

// DefaultBucketRegion is used where neither the URL nor the environment names a region.
const DefaultBucketRegion = "us-east-1"

// Bucket is where answers are kept for many machines: a bucket of an S3-compatible store.
type Bucket struct {
	name     string
	prefix   string // of all keys; "" or without a slash at its ends
	region   string
	endpoint *url.URL // nil: AWS
	readOnly bool

	// Base sends the requests to the store. nil: an http.Transport like that of Config.Base.
	Base http.RoundTripper

	identity *identity // for tests: what replaces the AWS environment
}

// String is the bucket with its prefix, for messages.
func (b *Bucket) String() string { return "s3://" + path.Join(b.name, b.prefix) }

// object is the key of the object that holds an entry.
func (b *Bucket) object(key string) string { return path.Join(b.prefix, storeFormat, key) }

// The characters that parts of a URL may have. Patterns would cost every start of the provider time.
const (
	digits       = "0123456789"
	lowerLetters = "abcdefghijklmnopqrstuvwxyz"
	letters      = lowerLetters + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// madeOf reports whether a text has no other characters than these, and at most so many.
func madeOf(s, characters string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, characters) == ""
}

func isRegion(s string) bool {
	return madeOf(s, letters+digits+"-_", 63) && s[0] != '-' && s[0] != '_'
}

// maxPrefix leaves room for the rest of a key: S3 allows 1,024 bytes.
const maxPrefix = 512

// ParseBucket reads s3://BUCKET/PREFIX?region=…&endpoint=…&read_only=true. Without a region it takes the
// one in AWS_REGION or AWS_DEFAULT_REGION. An error says what is wrong and what to write instead; it
// repeats nothing that may be secret.
func ParseBucket(s string, getenv func(name string) string) (*Bucket, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("it is not a URL; write s3://BUCKET/PREFIX")
	}
	switch {
	case !strings.EqualFold(u.Scheme, "s3"):
		return nil, fmt.Errorf("it must start with s3://, not %q; for another S3-compatible store, add ?endpoint=https://HOST", u.Scheme)
	case u.User != nil:
		return nil, errors.New("it must not contain a user name or password; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role")
	case u.Opaque != "" || u.Host == "":
		return nil, errors.New("it names no bucket; write s3://BUCKET/PREFIX")
	case u.Fragment != "":
		return nil, errors.New("it must not contain a fragment (#); remove it")
	}
	b := &Bucket{name: u.Host, prefix: strings.Trim(u.Path, "/")}
	if err := cmp.Or(checkBucketName(b.name), checkPrefix(u.Path, b.prefix)); err != nil {
		return nil, err
	}
	if err := b.readQuery(u.RawQuery, getenv); err != nil {
		return nil, err
	}
	return b, nil
}

func checkBucketName(name string) error {
	switch {
	case !madeOf(name, lowerLetters+digits+"-.", 63) || len(name) < 3 || strings.Trim(name, "-.") != name || strings.Contains(name, ".."):
		return errors.New("the name of the bucket is not valid; it has 3 to 63 lower-case letters, digits, hyphens and dots")
	case net.ParseIP(name) != nil:
		return errors.New("the name of the bucket is an IP address; write s3://BUCKET/PREFIX?endpoint=https://HOST")
	case strings.HasSuffix(name, "--x-s3"):
		return errors.New("it is a directory bucket, which the provider does not support; use a general purpose bucket")
	}
	return nil
}

// checkPrefix allows what every store takes in keys without escaping.
func checkPrefix(whole, prefix string) error {
	switch {
	case prefix == "" && len(whole) <= 1:
		return nil
	case prefix == "" || !madeOf(prefix, letters+digits+"!_.*'()/-", len(prefix)):
		return errors.New("the prefix contains a character that is not safe in a key; use letters, digits, hyphens, underscores, dots and slashes")
	case len(prefix) > maxPrefix:
		return fmt.Errorf("the prefix is longer than %d characters; use a shorter one", maxPrefix)
	case slices.ContainsFunc(strings.Split(prefix, "/"), func(part string) bool { return part == "" || part == "." || part == ".." }):
		return errors.New("the prefix must not contain empty parts, \".\" or \"..\"; remove them")
	}
	return nil
}

func (b *Bucket) readQuery(raw string, getenv func(string) string) (err error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return errors.New("its query is not valid; write ?region=REGION&endpoint=https://HOST")
	}
	for name, values := range query {
		switch {
		case !slices.Contains([]string{"region", "endpoint", "read_only"}, name):
			return fmt.Errorf("its parameter %q is not known; only region, endpoint and read_only are", name)
		case len(values) > 1:
			return fmt.Errorf("its parameter %s is there more than once; write it once", name)
		case values[0] == "":
			return fmt.Errorf("its parameter %s is empty; remove it, or give it a value", name)
		}
	}
	if b.readOnly, err = readOnly(query.Get("read_only")); err != nil {
		return err
	}
	b.region = cmp.Or(query.Get("region"), strings.TrimSpace(getenv("AWS_REGION")), strings.TrimSpace(getenv("AWS_DEFAULT_REGION")), DefaultBucketRegion)
	if !isRegion(b.region) {
		return errors.New("the region in it, or in AWS_REGION or AWS_DEFAULT_REGION, is not valid; write one such as eu-central-1")
	}
	if endpoint := query.Get("endpoint"); endpoint != "" {
		b.endpoint, err = parseEndpoint(endpoint)
	}
	return err
}

func readOnly(value string) (bool, error) {
	switch value {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, errors.New("its parameter read_only must be true or false")
}

// parseEndpoint allows only a scheme, a host and a port. Plain http is for a loopback host.
func parseEndpoint(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		u = &url.URL{} // the text of url's error repeats it
	}
	scheme := strings.ToLower(u.Scheme)
	switch {
	case scheme != "https" && scheme != "http" || u.Opaque != "" || u.Hostname() == "":
		return nil, errors.New("its endpoint is not a URL with a scheme and a host; write endpoint=https://HOST or endpoint=https://HOST:PORT")
	case u.User != nil:
		return nil, errors.New("its endpoint must not contain a user name or password; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role")
	case strings.Trim(u.Path, "/")+u.RawQuery+u.Fragment != "" || u.ForceQuery:
		return nil, errors.New("its endpoint must not contain a path, a query or a fragment; write endpoint=https://HOST")
	case strings.HasSuffix(u.Host, ":"):
		return nil, errors.New("its endpoint has no port after the colon; write endpoint=https://HOST or endpoint=https://HOST:PORT")
	case scheme == "http" && !IsLoopback(u.Hostname()):
		return nil, errors.New("its endpoint must use https; only a loopback host may use http")
	}
	return &url.URL{Scheme: scheme, Host: u.Host}, nil
}
