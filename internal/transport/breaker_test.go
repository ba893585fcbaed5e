package transport

import (
	"errors"
	"testing"
	"time"
)

func TestBreaker(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	type request struct {
		took    time.Duration
		failure error
	}
	fast, slow, late, failed, left := request{20 * time.Millisecond, nil}, request{time.Second, nil}, request{bucketTimeout, broken}, request{time.Millisecond, broken}, request{time.Second, errLeft}
	repeat := func(n int, rs ...request) (all []request) {
		for range n {
			all = append(all, rs...)
		}
		return all
	}
	for _, c := range []struct {
		name     string
		running  int
		requests []request
		after    int // requests until it opens; 0: never
		why      error
	}{
		{"fast", 1, repeat(1000, fast), 0, nil},
		{"failures in a row", 16, repeat(10, failed), breakerFailures, broken},
		{"failures between successes", 16, repeat(100, failed, failed, failed, failed, fast), 0, nil},
		{"time-outs", 1, repeat(10, late), 2, broken},
		{"slow answers", 1, repeat(10, slow), 7, errSlow},
		{"slow answers at the same time", 16, repeat(1000, slow), 107, errSlow},
		{"callers that leave between failures", 16, repeat(10, failed, left), 2*breakerFailures - 1, broken},
		{"callers that leave", 1, repeat(10, left), 7, errSlow},
		{"a slow answer now and then", 16, repeat(1000, fast, fast, fast, slow), 0, nil},
	} {
		b := newBreaker()
		for range c.running - 1 {
			b.begin()
		}
		after, why := 0, error(nil)
		for i, r := range c.requests {
			b.begin()
			if why = b.end(r.took, r.failure); why != nil {
				after = i + 1
				break
			}
		}
		if after != c.after || !errors.Is(why, c.why) || b.isOff() != (c.after > 0) {
			t.Errorf("%s: opens after %d requests: %v; want %d, %v", c.name, after, why, c.after, c.why)
		}
		if why != nil && b.trip(broken) != nil {
			t.Errorf("%s: it opens twice", c.name)
		}
	}
}
