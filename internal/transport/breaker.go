package transport

import (
	"errors"
	"sync"
	"time"
)

const (
	// breakerFailures in a row, and a store is left alone.
	breakerFailures = 5
	// breakerFair is how long a request to a store may take without counting as a loss of time.
	breakerFair = 250 * time.Millisecond
	// breakerPatience is about how long a read may have waited for a store beyond that.
	breakerPatience = 5 * time.Second
)

// breaker decides when a store that only saves time is left alone for good: when it fails again and
// again, or when it is so slow that it costs more time than it is worth. A request that is faster than
// breakerFair pays back for slower ones.
type breaker struct {
	off chan struct{} // closed when the store is left alone

	mu       sync.Mutex
	running  int
	failures int // in a row
	worked   bool
	lost     time.Duration
	last     error // the newest failure
}

func newBreaker() *breaker { return &breaker{off: make(chan struct{})} }

func (b *breaker) isOff() bool {
	select {
	case <-b.off:
		return true
	default:
		return false
	}
}

func (b *breaker) begin() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running++
}

// end takes note of a request that took so long and of its failure, if there was one. With [errLeft], it
// was neither a failure nor a success. It returns why the store is left alone from now on, or nil.
// Requests that run at the same time share the time that they lose.
func (b *breaker) end(took time.Duration, failure error) (why error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lost = max(0, b.lost+(took-breakerFair)/time.Duration(b.running))
	b.running--
	switch {
	case failure == nil:
		b.failures, b.worked = 0, true
	case errors.Is(failure, errLeft): // only its time counts
	default:
		b.failures++
		b.last = failure
	}
	switch {
	case b.failures >= breakerFailures:
		return b.open(b.last)
	case b.lost >= breakerPatience && b.last != nil && b.failures > 0:
		return b.open(b.last)
	case b.lost >= breakerPatience:
		return b.open(errSlow)
	}
	return nil
}

// trip leaves the store alone at once, for a reason that does not go away. It returns nil if the store
// is left alone already.
func (b *breaker) trip(why error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open(why)
}

func (b *breaker) open(why error) error {
	if b.isOff() {
		return nil
	}
	close(b.off)
	return why
}

// neverWorked returns the newest failure if there was no success at all.
func (b *breaker) neverWorked() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.worked {
		return nil
	}
	return b.last
}
