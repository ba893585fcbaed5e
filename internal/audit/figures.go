package audit

import (
	"maps"
	"slices"
)

// Figures sums up one figure of many jobs, in seconds. All are null together,
// when no job has the figure.
//
// The percentiles are taken by the nearest-rank method: P50 is the smallest
// figure that at least half of the jobs do not exceed, so each is the figure of
// a real job and nothing is interpolated.
type Figures struct {
	P50 *int64
	P95 *int64
	Max *int64
}

// tally counts how many jobs had which figure. It grows with the number of
// different seconds, not with the number of jobs, and still gives exact
// percentiles in whatever order the jobs came.
type tally struct {
	jobs    map[int64]int64 // by figure, in seconds
	counted int64
}

// add counts one figure; null is not counted.
func (t *tally) add(seconds *int64) {
	if seconds == nil {
		return
	}
	if t.jobs == nil {
		t.jobs = make(map[int64]int64)
	}
	t.jobs[*seconds]++
	t.counted++
}

func (t *tally) figures() Figures {
	if t.counted == 0 {
		return Figures{}
	}
	ascending := slices.Sorted(maps.Keys(t.jobs))
	return Figures{
		P50: new(t.percentile(ascending, 50)),
		P95: new(t.percentile(ascending, 95)),
		Max: new(ascending[len(ascending)-1]),
	}
}

// percentile gives the figure whose rank, counted from 1, is percent of all,
// rounded up. Whole numbers throughout: 0.95 × 20 in floating point may fall on
// either side of 19.
func (t *tally) percentile(ascending []int64, percent int64) int64 {
	rank := (t.counted*percent + 99) / 100
	var passed int64
	for _, seconds := range ascending {
		if passed += t.jobs[seconds]; passed >= rank {
			return seconds
		}
	}
	return ascending[len(ascending)-1]
}
