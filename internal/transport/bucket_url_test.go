package transport

import (
	"strings"
	"testing"
)

func TestParseBucket(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 600)
	for _, c := range []struct {
		name, url string
		env       map[string]string
		want      string // bucket|object of the key k|region|endpoint|read only, or the error
	}{
		{"a bucket alone", "s3://my-bucket", nil, "my-bucket|v2/k|us-east-1||false"},
		{"a slash at the end", "s3://my-bucket/", nil, "my-bucket|v2/k|us-east-1||false"},
		{"a prefix", "s3://my.bucket/audit/trusted", nil, "my.bucket|audit/trusted/v2/k|us-east-1||false"},
		{"a prefix with a slash at the end", "S3://my-bucket/audit/", nil, "my-bucket|audit/v2/k|us-east-1||false"},
		{"everything", "s3://my-bucket/audit?region=eu-central-1&endpoint=https://minio.example.com:9000&read_only=true", nil, "my-bucket|audit/v2/k|eu-central-1|https://minio.example.com:9000|true"},
		{"an endpoint with a slash", "s3://my-bucket?endpoint=https%3A%2F%2Fminio.example.com%2F", nil, "my-bucket|v2/k|us-east-1|https://minio.example.com|false"},
		{"http to a loopback host", "s3://my-bucket?endpoint=http://[::1]:9000", nil, "my-bucket|v2/k|us-east-1|http://[::1]:9000|false"},
		{"AWS_REGION", "s3://my-bucket", map[string]string{"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "my-bucket|v2/k|eu-west-1||false"},
		{"AWS_DEFAULT_REGION", "s3://my-bucket", map[string]string{"AWS_DEFAULT_REGION": "eu-west-2"}, "my-bucket|v2/k|eu-west-2||false"},
		{"the URL beats the environment", "s3://my-bucket?region=auto", map[string]string{"AWS_REGION": "eu-west-1"}, "my-bucket|v2/k|auto||false"},

		{"no URL", "s3://%zz", nil, "it is not a URL; write s3://BUCKET/PREFIX"},
		{"no scheme", "my-bucket/audit", nil, `it must start with s3://, not ""; for another S3-compatible store, add ?endpoint=https://HOST`},
		{"another scheme", "gs://my-bucket", nil, `it must start with s3://, not "gs"; for another S3-compatible store, add ?endpoint=https://HOST`},
		{"no bucket", "s3:///audit", nil, "it names no bucket; write s3://BUCKET/PREFIX"},
		{"no slashes", "s3:my-bucket", nil, "it names no bucket; write s3://BUCKET/PREFIX"},
		{"keys", "s3://AKIA:s3cret@my-bucket", nil, "it must not contain a user name or password; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role"},
		{"a fragment", "s3://my-bucket#x", nil, "it must not contain a fragment (#); remove it"},
		{"a short name", "s3://ab", nil, "the name of the bucket is not valid; it has 3 to 63 lower-case letters, digits, hyphens and dots"},
		{"a long name", "s3://" + long, nil, "the name of the bucket is not valid; it has 3 to 63 lower-case letters, digits, hyphens and dots"},
		{"capitals", "s3://My-Bucket", nil, "the name of the bucket is not valid; it has 3 to 63 lower-case letters, digits, hyphens and dots"},
		{"a hyphen at the end", "s3://bucket-", nil, "the name of the bucket is not valid; it has 3 to 63 lower-case letters, digits, hyphens and dots"},
		{"two dots", "s3://my..bucket", nil, "the name of the bucket is not valid; it has 3 to 63 lower-case letters, digits, hyphens and dots"},
		{"a port", "s3://my-bucket:9000", nil, "the name of the bucket is not valid; it has 3 to 63 lower-case letters, digits, hyphens and dots"},
		{"an address", "s3://10.0.0.1/bucket", nil, "the name of the bucket is an IP address; write s3://BUCKET/PREFIX?endpoint=https://HOST"},
		{"a directory bucket", "s3://fast--use1-az4--x-s3", nil, "it is a directory bucket, which the provider does not support; use a general purpose bucket"},
		{"a space in the prefix", "s3://my-bucket/a%20b", nil, "the prefix contains a character that is not safe in a key; use letters, digits, hyphens, underscores, dots and slashes"},
		{"only slashes", "s3://my-bucket//", nil, "the prefix contains a character that is not safe in a key; use letters, digits, hyphens, underscores, dots and slashes"},
		{"an empty part", "s3://my-bucket/a//b", nil, `the prefix must not contain empty parts, "." or ".."; remove them`},
		{"dots", "s3://my-bucket/a/../b", nil, `the prefix must not contain empty parts, "." or ".."; remove them`},
		{"a long prefix", "s3://my-bucket/" + long, nil, "the prefix is longer than 512 characters; use a shorter one"},
		{"a query that is none", "s3://my-bucket?region=%zz", nil, "its query is not valid; write ?region=REGION&endpoint=https://HOST"},
		{"an unknown parameter", "s3://my-bucket?secret_key=s3cret", nil, `its parameter "secret_key" is not known; only region, endpoint and read_only are`},
		{"a parameter twice", "s3://my-bucket?region=a&region=b", nil, "its parameter region is there more than once; write it once"},
		{"an empty parameter", "s3://my-bucket?endpoint=", nil, "its parameter endpoint is empty; remove it, or give it a value"},
		{"a bad region", "s3://my-bucket?region=eu/1", nil, "the region in it, or in AWS_REGION or AWS_DEFAULT_REGION, is not valid; write one such as eu-central-1"},
		{"a bad AWS_REGION", "s3://my-bucket", map[string]string{"AWS_REGION": "eu central"}, "the region in it, or in AWS_REGION or AWS_DEFAULT_REGION, is not valid; write one such as eu-central-1"},
		{"a bad read_only", "s3://my-bucket?read_only=yes", nil, "its parameter read_only must be true or false"},
		{"an endpoint without a scheme", "s3://my-bucket?endpoint=localhost:9000", nil, "its endpoint is not a URL with a scheme and a host; write endpoint=https://HOST or endpoint=https://HOST:PORT"},
		{"an endpoint with a password", "s3://my-bucket?endpoint=https://me:s3cret@host", nil, "its endpoint must not contain a user name or password; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role"},
		{"an endpoint with a path", "s3://my-bucket?endpoint=https://host/s3", nil, "its endpoint must not contain a path, a query or a fragment; write endpoint=https://HOST"},
		{"an endpoint with half a port", "s3://my-bucket?endpoint=https://host:", nil, "its endpoint has no port after the colon; write endpoint=https://HOST or endpoint=https://HOST:PORT"},
		{"plain http", "s3://my-bucket?endpoint=http://minio.example.com", nil, "its endpoint must use https; only a loopback host may use http"},
	} {
		b, err := ParseBucket(c.url, func(name string) string { return c.env[name] })
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			endpoint := ""
			if b.endpoint != nil {
				endpoint = b.endpoint.String()
			}
			got = strings.Join([]string{b.name, b.object("k"), b.region, endpoint, map[bool]string{true: "true", false: "false"}[b.readOnly]}, "|")
		}
		if got != c.want {
			t.Errorf("%s: %s\nwant: %s", c.name, got, c.want)
		}
		if strings.Contains(got, "s3cret") {
			t.Errorf("%s: the message repeats a secret: %s", c.name, got)
		}
	}
}
