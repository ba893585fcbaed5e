package transport

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// jobsBody is a page of jobs as GitHub sends it: about 2.5 kB a job, with ids, hashes and times that
// differ.
func jobsBody(run, jobs int) []byte {
	random := rand.New(rand.NewPCG(uint64(run), 7))
	hex := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "0123456789abcdef"[random.IntN(16)]
		}
		return string(b)
	}
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC).Add(time.Duration(random.IntN(2_000_000)) * time.Second)
	stamp := func() string {
		at = at.Add(time.Duration(random.IntN(90)) * time.Second)
		return at.Format(time.RFC3339)
	}
	runID, sha := 18_000_000_000+random.Int64N(1e9), hex(40)
	var b strings.Builder
	fmt.Fprintf(&b, `{"total_count":%d,"jobs":[`, jobs)
	for i := range jobs {
		id := 50_000_000_000 + random.Int64N(1e9)
		api := "https://api.github.com/repos/acme-corporation/payments-service"
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"run_id":%d,"workflow_name":"Continuous integration","head_branch":"feature/%s","run_url":"%s/actions/runs/%d","run_attempt":1,"node_id":"CR_kwDO%s","head_sha":"%s","url":"%s/actions/jobs/%d","html_url":"https://github.com/acme-corporation/payments-service/actions/runs/%d/job/%d","status":"completed","conclusion":"success","created_at":"%s","started_at":"%s","completed_at":"%s","name":"test (ubuntu-24.04, 1.%d)","steps":[`,
			id, runID, hex(8), api, runID, hex(12), sha, api, id, runID, id, stamp(), stamp(), stamp(), i)
		for n, step := range []string{"Set up job", "Check out the source", "Set up Go", "Restore the cache", "Download modules", "Build", "Run tests", "Upload coverage", "Post Set up Go", "Post Check out the source", "Complete job"} {
			if n > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"name":%q,"status":"completed","conclusion":"success","number":%d,"started_at":"%s","completed_at":"%s"}`, step, n+1, stamp(), stamp())
		}
		fmt.Fprintf(&b, `],"check_run_url":"%s/check-runs/%d","labels":["self-hosted","linux","x64","payments"],"runner_id":%d,"runner_name":"runner-%s","runner_group_id":3,"runner_group_name":"Payments"}`, api, id, random.IntN(100_000), hex(10))
	}
	b.WriteString("]}")
	return []byte(b.String())
}

func benchStore(b *testing.B) (*folder, []string, [][]byte) {
	b.Helper()
	s, err := openFolder(b.TempDir(), testCodec(b))
	if err != nil {
		b.Fatal(err)
	}
	var keys []string
	var bodies [][]byte
	for i := range 64 {
		keys, bodies = append(keys, fingerprint(fmt.Sprint(i))), append(bodies, jobsBody(i, 10))
	}
	return s, keys, bodies
}

// BenchmarkStorePut writes the jobs of a run, BenchmarkStoreGet reads them.
func BenchmarkStorePut(b *testing.B) {
	s, keys, bodies := benchStore(b)
	b.ReportAllocs()
	b.SetBytes(int64(len(bodies[0])))
	for i := 0; b.Loop(); i++ {
		if err := s.put(keys[i%64], &entry{ETag: `W/"x"`, ContentType: "application/json", body: bodies[i%64]}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStoreGet(b *testing.B) {
	s, keys, bodies := benchStore(b)
	for i := range keys {
		if err := s.put(keys[i], &entry{ETag: `W/"x"`, ContentType: "application/json", body: bodies[i]}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(bodies[0])))
	for i := 0; b.Loop(); i++ {
		if e, ok := s.get(b.Context(), keys[i%64]); !ok || len(e.body) != len(bodies[i%64]) {
			b.Fatal("missing")
		}
	}
}

// BenchmarkStoreFill puts the jobs of a run into the folder, as they come from the bucket.
func BenchmarkStoreFill(b *testing.B) {
	s, keys, bodies := benchStore(b)
	var objects [][]byte
	for i := range keys {
		data, err := s.codec.encode(keys[i], &entry{ETag: `W/"x"`, ContentType: "application/json", body: bodies[i]})
		if err != nil {
			b.Fatal(err)
		}
		objects = append(objects, data)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(bodies[0])))
	for i := 0; b.Loop(); i++ {
		e, ok := s.codec.decode(keys[i%64], objects[i%64])
		if !ok || s.put(keys[i%64], e) != nil {
			b.Fatal("not put")
		}
	}
}
