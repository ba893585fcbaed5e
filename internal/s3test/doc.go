// Package s3test starts a real S3 server for tests that have the build tag s3: versitygw, which
// tools/s3 pins and `make test-s3` builds. The server keeps its buckets in a folder of the test's own.
package s3test
