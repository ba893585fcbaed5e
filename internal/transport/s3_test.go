//go:build s3

package transport

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/runner-audit/terraform-provider-github-actions/internal/s3test"
)

// These tests need a real S3 server: make test-s3.

func s3Bucket(tb testing.TB, address string) *Bucket {
	tb.Helper()
	b, err := ParseBucket(address, func(string) string { return "" })
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestS3SharedByMachines(t *testing.T) {
	t.Parallel()
	s3, api := s3test.Start(t), &github{}
	for _, token := range []string{"first", "second"} {
		found := &warnings{}
		client := newClient(t, Config{Base: api, Credential: StaticToken(token, "test"), Bucket: s3Bucket(t, s3.CacheURL("a/b")), OnCacheError: found.add})
		if err := readRuns(t.Context(), client, 50); err != nil || found.String() != "[]" {
			t.Fatalf("%v, it warns of %s", err, found)
		}
	}
	if api.count() != 50 || s3.Count("PUT") != 50 || s3.Count("GET") != 100 || len(s3.Objects(t, "a/b/v2")) != 50 {
		t.Errorf("GitHub got %d requests, the store %d PUTs and %d GETs", api.count(), s3.Count("PUT"), s3.Count("GET"))
	}
}

// TestS3DamagedObjects are misses, and are replaced.
func TestS3DamagedObjects(t *testing.T) {
	t.Parallel()
	s3, api := s3test.Start(t), &github{}
	for want := range 3 {
		if err := readRuns(t.Context(), newClient(t, Config{Base: api, Bucket: s3Bucket(t, s3.CacheURL("p"))}), 10); err != nil {
			t.Fatal(err)
		}
		if got := api.count(); got != 10*(want+1) {
			t.Errorf("round %d: GitHub got %d requests", want, got)
		}
		for i, file := range s3.Objects(t, "p/v2") {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if i%2 == 0 {
				data[len(data)-1] ^= 1
			} else {
				data = data[:len(data)/2]
			}
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestS3Refusals are what a real server says to mistakes.
func TestS3Refusals(t *testing.T) {
	t.Parallel()
	key, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	readOnly := s3test.Start(t, "--readonly")
	s3 := s3test.Start(t, "--iam-dir", t.TempDir())
	for _, c := range []struct {
		name        string
		server      *s3test.Server
		address     string
		key, secret string
		want        string
	}{
		{"a wrong region", s3, strings.Replace(s3.CacheURL("p"), s3test.Region, "us-west-2", 1), key, secret, "is not used: the store answers 400 AuthorizationHeaderMalformed; the bucket is "},
		{"an unknown key", s3, s3.CacheURL("p"), "AKIAOTHER", secret, "is not used: the store answers 403 InvalidAccessKeyId; check the AWS credentials"},
		{"a wrong secret", s3, s3.CacheURL("p"), key, "other", "is not used: the store answers 403 SignatureDoesNotMatch; check the AWS credentials"},
		{"no such bucket", s3, strings.Replace(s3.CacheURL("p"), s3test.Bucket, "other-bucket", 1), key, secret, "is not used: the store answers 404 NoSuchBucket; check the name"},
		{"writing is denied", readOnly, readOnly.CacheURL("p"), key, secret, "nothing is written to the bucket s3://answers/p: the store answers 403 AccessDenied; the credentials need"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			api, found := &github{}, &warnings{}
			bucket := s3Bucket(t, c.address)
			bucket.identity = &identity{known: credentials.NewStaticV4(c.key, c.secret, ""), source: "test"}
			client := newClient(t, Config{Base: api, Bucket: bucket, OnCacheError: found.add})
			if err := readRuns(t.Context(), client, 30); err != nil || api.count() != 30 {
				t.Errorf("%v after %d requests to GitHub", err, api.count())
			}
			if got := found.String(); !strings.Contains(got, c.want) || len(found.errs) != 1 || strings.Contains(got, secret) {
				t.Errorf("it warns of %s\nwant: %s", got, c.want)
			}
		})
	}
}

// s3Faults are what can happen between a client and a store.
func s3Faults() map[string]http.HandlerFunc {
	refuse := func(status int, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(status)
			fmt.Fprintf(w, `<Error><Code>%s</Code><Message>m</Message></Error>`, code)
		}
	}
	return map[string]http.HandlerFunc{
		"503":    refuse(503, "SlowDown"),
		"denied": refuse(403, "AccessDenied"),
		"region": refuse(400, "AuthorizationHeaderMalformed"),
		"slow":   func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"reset":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"truncated": func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				return
			}
			w.Header().Set("Content-Length", "1000")
			w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
			fmt.Fprint(w, "half")
		},
	}
}

// TestS3Faults: a filled store that fails changes nothing but speed.
func TestS3Faults(t *testing.T) {
	t.Parallel()
	for name, fault := range s3Faults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s3, api := s3test.Start(t), &github{}
			if err := readRuns(t.Context(), newClient(t, Config{Base: api, Bucket: s3Bucket(t, s3.CacheURL("p"))}), 40); err != nil {
				t.Fatal(err)
			}
			s3.SetFault(fault)
			began, found := time.Now(), &warnings{}
			client := newClient(t, Config{Base: api, Bucket: s3Bucket(t, s3.CacheURL("p")), OnCacheError: found.add})
			if err := readRuns(t.Context(), client, 40); err != nil || api.count() != 80 {
				t.Errorf("%v after %d requests to GitHub", err, api.count())
			}
			if took := time.Since(began); took > 30*time.Second || len(found.errs) != 1 {
				t.Errorf("it took %s and warns of %s", took, found)
			}
		})
	}
}

// TestS3FailsAtAnyMoment: with faults drawn at random, several machines always read the same.
func TestS3FailsAtAnyMoment(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s3, api := s3test.Start(t), &github{}
			random, faults := rand.New(rand.NewPCG(seed, 2)), s3Faults()
			names := []string{"503", "denied", "region", "slow", "reset", "truncated"}
			var mu sync.Mutex
			share := random.Float64() / 4
			s3.SetFault(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				spoil, name := random.Float64() < share, names[random.IntN(len(names))]
				mu.Unlock()
				if spoil {
					faults[name](w, r)
				}
			})
			for range 3 {
				found := &warnings{}
				client := newClient(t, Config{Base: api, Bucket: s3Bucket(t, s3.CacheURL("p")), OnCacheError: found.add})
				if err := readRuns(t.Context(), client, 60); err != nil {
					t.Error(err)
				}
				client.CloseIdleConnections()
				if len(found.errs) > 1 {
					t.Errorf("it warns of %s", found)
				}
			}
		})
	}
}
