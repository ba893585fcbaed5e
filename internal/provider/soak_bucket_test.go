package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// bucketLayer is cache_url: a store in memory that comes and goes, and whose objects somebody damages. A
// bucket that fails is one warning for each plan, never an error and never a wrong answer.
type bucketLayer struct {
	mu      sync.Mutex
	objects map[string][]byte // by the path of their URL
	asked   map[string]int    // how often each request came
	broken  []string          // promises that the provider broke

	seed   uint64
	chance float64 // of a fault, for each request
	faults []bucketFault

	// Since the plan began.
	worked, unclear, disturbed bool
	failedAt                   time.Time // the first time
	warned                     int
}

type bucketFault int

const (
	bucketServer    bucketFault = iota
	bucketReset                 // or unreachable
	bucketTruncated             // the body ends early
	bucketSlow
	bucketGarbage
	bucketRefused // for good
)

func newBucketLayer() *bucketLayer {
	return &bucketLayer{objects: map[string][]byte{}, asked: map[string]int{}}
}

func (l *bucketLayer) configure(m *machine, block args) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m.bucket = l
	block["cache_url"] = "s3://bucket/soak?region=eu-west-1&endpoint=https://s3.test"
	l.worked, l.unclear, l.disturbed, l.failedAt, l.warned = false, false, false, time.Time{}, 0
}

func (l *bucketLayer) isAbout(warning string) bool { return strings.Contains(warning, "in cache_url") }

// delay is the time in which a read writes what it has read.
func (l *bucketLayer) delay() time.Duration { return 10 * time.Second }

func (l *bucketLayer) judge(warnings messages) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.warned += len(warnings); l.warned > 1 {
		return "more than one warning about the bucket in one plan"
	}
	hasFailed := !l.failedAt.IsZero() && l.failedAt.Before(time.Now())
	switch {
	case strings.Contains(warnings.String(), soakToken):
		return "the token or what the store says shows"
	case len(l.broken) > 0:
		return "a promise about the bucket is broken: " + strings.Join(l.broken, "; ")
	case l.warned > 0 && !l.disturbed:
		return "a warning about the bucket without a cause"
	case l.warned == 0 && hasFailed && !l.worked && !l.unclear:
		return "no warning, although the bucket never worked"
	}
	return ""
}

// upset changes the weather of the bucket, and damages objects.
func (l *bucketLayer) upset(r *rand.Rand) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.IntN(3) == 0 {
		all := []bucketFault{bucketServer, bucketReset, bucketTruncated, bucketSlow, bucketGarbage}
		l.seed, l.chance, l.faults = r.Uint64(), 0, all
		switch r.IntN(10) {
		case 0, 1: // some faults
			l.chance = oneOfThese(r, 0.02, 0.2)
		case 2: // one kind
			l.chance, l.faults = 0.1+r.Float64()/2, []bucketFault{oneOfThese(r, all...)}
		case 3: // it is gone
			l.chance, l.faults = 1, []bucketFault{oneOfThese(r, bucketServer, bucketReset, bucketSlow, bucketRefused)}
		}
	}
	if r.IntN(2) == 0 {
		l.damage(r)
	}
	return nil
}

func (l *bucketLayer) damage(r *rand.Rand) {
	paths := slices.Sorted(maps.Keys(l.objects))
	if len(paths) == 0 {
		return
	}
	for range 1 + r.IntN(len(paths)) {
		path := oneOfThese(r, paths...)
		data := slices.Clone(l.objects[path])
		switch r.IntN(5) {
		case 0:
			data = data[:len(data)/2]
		case 1:
			data = nil
		case 2, 3:
			if len(data) > 0 {
				data[r.IntN(len(data))] ^= byte(1 + r.IntN(255))
			}
		case 4: // another object in its place
			data = l.objects[oneOfThese(r, paths...)]
		}
		l.objects[path] = data
		if r.IntN(6) == 0 {
			delete(l.objects, path)
		}
	}
}

var bucketObject = regexp.MustCompile(`^/bucket/soak/v2/[0-9a-f]{64}$`)

func (l *bucketLayer) end() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.broken) > 0 {
		return fmt.Errorf("promises about the bucket are broken: %s", l.broken)
	}
	return nil
}

// draw says what happens to a request, by the rules of chaos.draw.
func (l *bucketLayer) draw(req *http.Request) (fault bucketFault, has bool, r *rand.Rand) {
	l.mu.Lock()
	defer l.mu.Unlock()
	name := req.Method + " " + req.URL.Path
	l.asked[name]++
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", name, l.asked[name])
	r = rand.New(rand.NewPCG(l.seed, h.Sum64()))
	if !bucketObject.MatchString(req.URL.Path) || req.URL.Host != "s3.test" {
		l.broken = append(l.broken, "it was asked for "+req.URL.String())
	}
	for _, values := range req.Header {
		if strings.Contains(strings.Join(values, " "), soakToken) {
			l.broken = append(l.broken, "it got the token")
		}
	}
	if has = r.Float64() < l.chance; has {
		fault, l.disturbed = oneOfThese(r, l.faults...), true
	}
	return fault, has, r
}

// note keeps how a request went. A request that ends with its context is not clear.
func (l *bucketLayer) note(worked, failed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.worked = l.worked || worked
	l.unclear = l.unclear || !worked && !failed
	if failed && l.failedAt.IsZero() {
		l.failedAt = time.Now()
	}
}

func (l *bucketLayer) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	fault, has, r := l.draw(req)
	pause := time.Duration(1+r.IntN(60)) * time.Millisecond
	if has && fault == bucketSlow {
		pause = time.Duration(300+r.IntN(5000)) * time.Millisecond
	}
	if err := transport.Sleep(req.Context(), pause); err != nil {
		// The provider gives a request three seconds. Shorter waits end because the read does.
		l.note(false, errors.Is(err, context.DeadlineExceeded) && pause > 3*time.Second)
		return nil, err
	}
	if has && fault != bucketSlow {
		return l.fail(req, fault, r)
	}
	return l.serve(req, body), nil
}

func (l *bucketLayer) fail(req *http.Request, fault bucketFault, r *rand.Rand) (*http.Response, error) {
	l.note(false, fault != bucketGarbage && fault != bucketTruncated)
	switch fault {
	case bucketServer:
		return bucketAnswer(req, oneOfThese(r, 500, 503), "SlowDown"), nil
	case bucketReset:
		return nil, oneOfThese[error](r, io.EOF, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")})
	case bucketRefused:
		status := oneOfThese(r, http.StatusForbidden, http.StatusNotFound)
		return bucketAnswer(req, status, map[int]string{http.StatusForbidden: "AccessDenied", http.StatusNotFound: "NoSuchBucket"}[status]), nil
	case bucketGarbage:
		resp := bucketAnswer(req, http.StatusOK, "")
		setBody(resp, []byte("<html>proxy</html>"))
		return resp, nil
	case bucketTruncated, bucketSlow:
	}
	resp := l.serve(req, nil)
	if req.Method == http.MethodGet && resp.StatusCode == http.StatusOK {
		whole, _ := io.ReadAll(resp.Body)
		resp.Body = &lateBody{ctx: req.Context(), rest: whole[:len(whole)/2], end: io.ErrUnexpectedEOF}
	}
	return resp, nil
}

// serve answers as a store does that works.
func (l *bucketLayer) serve(req *http.Request, body []byte) *http.Response {
	l.note(true, false)
	l.mu.Lock()
	defer l.mu.Unlock()
	if req.Method == http.MethodPut {
		if bytes.Contains(body, []byte(soakToken)) {
			l.broken = append(l.broken, "an object has the token")
		}
		l.objects[req.URL.Path] = body
		return bucketAnswer(req, http.StatusOK, "")
	}
	data, has := l.objects[req.URL.Path]
	if !has {
		return bucketAnswer(req, http.StatusNotFound, "NoSuchKey")
	}
	resp := bucketAnswer(req, http.StatusOK, "")
	setBody(resp, data)
	return resp
}

func bucketAnswer(req *http.Request, status int, code string) *http.Response {
	resp := answerOf(req, status, "", http.Header{"Content-Type": {"application/xml"}, "Etag": {`"e"`}, "Last-Modified": {"Mon, 02 Jan 2006 15:04:05 GMT"}})
	setBody(resp, nil)
	if code != "" {
		setBody(resp, fmt.Appendf(nil, `<?xml version="1.0"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, soakToken))
	}
	return resp
}
