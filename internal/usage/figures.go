package usage

import (
	"cmp"
	"slices"
)

// Figures sums up one figure of many jobs, in seconds. P50, P95 and Max are all null if no job has
// the figure.
//
// The percentiles are taken by the nearest-rank method: P50 is the smallest figure that at least
// half of the jobs do not exceed, so each is the figure of a real job, without interpolation.
type Figures struct {
	P50   *int64
	P95   *int64
	Max   *int64
	Total int64 // 0 if no job has the figure
}

// maxSteps is the maximum number of different figures in a tally.
const maxSteps = 4096

// tally counts how many jobs had which figure. It holds at most maxSteps different figures. Up to
// this number, the percentiles are exact. With more figures, close figures share a step, which has
// the value of the highest of them: a percentile is then still the figure of a real job, but can be
// too high by up to the width of a step.
//
// The width depends on which figures there are and not on their order, so the result does not either.
type tally struct {
	steps   []step // ascending
	shift   uint   // a step is 1<<shift seconds wide
	counted int64
	total   int64
}

// step is a set of figures that differ only in the last bits.
type step struct {
	highest int64
	jobs    int64
}

// add counts one figure, which must not be negative; null is not counted.
func (t *tally) add(seconds *int64) {
	if seconds == nil {
		return
	}
	t.counted++
	t.total += *seconds
	at, found := slices.BinarySearchFunc(t.steps, *seconds>>t.shift, func(s step, place int64) int {
		return cmp.Compare(s.highest>>t.shift, place)
	})
	if found {
		t.steps[at].highest = max(t.steps[at].highest, *seconds)
		t.steps[at].jobs++
		return
	}
	t.steps = slices.Insert(t.steps, at, step{highest: *seconds, jobs: 1})
	for len(t.steps) > maxSteps {
		t.widen()
	}
}

// widen makes the steps twice as wide.
func (t *tally) widen() {
	t.shift++
	kept := t.steps[:1]
	for _, s := range t.steps[1:] {
		last := &kept[len(kept)-1]
		if last.highest>>t.shift == s.highest>>t.shift {
			last.highest = s.highest
			last.jobs += s.jobs
		} else {
			kept = append(kept, s)
		}
	}
	t.steps = kept
}

func (t *tally) figures() Figures {
	if t.counted == 0 {
		return Figures{}
	}
	return Figures{
		P50:   new(t.percentile(50)),
		P95:   new(t.percentile(95)),
		Max:   new(t.steps[len(t.steps)-1].highest),
		Total: t.total,
	}
}

// percentile gives the figure whose rank, counted from 1, is percent of all, rounded up. It counts in
// whole numbers: 0.95 × 20 in floating point may fall on either side of 19.
func (t *tally) percentile(percent int64) int64 {
	rank := (t.counted*percent + 99) / 100
	at := slices.IndexFunc(t.steps, func(s step) bool {
		rank -= s.jobs
		return rank <= 0
	})
	return t.steps[at].highest
}
