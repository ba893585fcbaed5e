package usage

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func tallyOf(figures ...int64) *tally {
	t := new(tally)
	for _, f := range figures {
		t.add(&f)
	}
	return t
}

// upTo gives the numbers from n down to 1.
func upTo(n int64) []int64 {
	var all []int64
	for i := n; i > 0; i-- {
		all = append(all, i)
	}
	return all
}

func TestFigures(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name          string
		of            []int64
		p50, p95, max int64
	}{
		{"one job", []int64{7}, 7, 7, 7},
		{"zero is a figure", []int64{0}, 0, 0, 0},
		{"two: the half is the lower", []int64{20, 10}, 10, 20, 20},
		{"three", []int64{30, 10, 20}, 20, 30, 30},
		{"the textbook five", []int64{15, 20, 35, 40, 50}, 35, 50, 50},
		{"twenty: rank 19 exactly", upTo(20), 10, 19, 20},
		{"twenty-one: rank 19.95 is 20", upTo(21), 11, 20, 21},
		{"a hundred", upTo(100), 50, 95, 100},
		{"a hundred and one", upTo(101), 51, 96, 101},
		{"one outlier in twenty", append(slices.Repeat([]int64{1}, 19), 1000), 1, 1, 1000},
		{"two outliers in twenty", append(slices.Repeat([]int64{1}, 18), 1000, 900), 1, 900, 1000},
		{"all the same", slices.Repeat([]int64{5}, 1000), 5, 5, 5},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			want := Figures{P50: &tc.p50, P95: &tc.p95, Max: &tc.max}
			for _, f := range tc.of {
				want.Total += f
			}
			if got := tallyOf(tc.of...).figures(); !reflect.DeepEqual(got, want) {
				t.Errorf("got %s, want %s", show(got), show(want))
			}
		})
	}
}

func show(f Figures) string {
	if f.P50 == nil || f.P95 == nil || f.Max == nil {
		return fmt.Sprintf("%v", f)
	}
	return fmt.Sprintf("p50 %d, p95 %d, max %d, total %d", *f.P50, *f.P95, *f.Max, f.Total)
}

func TestFiguresOfNothingAreNull(t *testing.T) {
	t.Parallel()
	nothing := new(tally)
	nothing.add(nil)
	if got := nothing.figures(); got != (Figures{}) {
		t.Errorf("got %s, want nulls", show(got))
	}
	some := tallyOf(3)
	some.add(nil)
	if got := some.figures(); got.P50 == nil || *got.P50 != 3 {
		t.Errorf("null beside a figure must not count: %s", show(got))
	}
}

// nearestRank is the definition on a sorted slice, in exact fractions: the
// element whose rank is the ceiling of percent/100 × n.
func nearestRank(sorted []int64, percent int64) int64 {
	rank := new(big.Rat).SetFrac64(percent*int64(len(sorted)), 100)
	quotient, remainder := new(big.Int).QuoRem(rank.Num(), rank.Denom(), new(big.Int))
	if remainder.Sign() > 0 {
		quotient.Add(quotient, big.NewInt(1))
	}
	return sorted[quotient.Int64()-1]
}

// sortedFigures is the reference for figures: every value kept, then sorted.
func sortedFigures(all []int64) Figures {
	if len(all) == 0 {
		return Figures{}
	}
	sorted := slices.Sorted(slices.Values(all))
	figures := Figures{
		P50: new(nearestRank(sorted, 50)),
		P95: new(nearestRank(sorted, 95)),
		Max: new(sorted[len(sorted)-1]),
	}
	for _, f := range sorted {
		figures.Total += f
	}
	return figures
}

func TestFiguresAreThoseOfTheSortedList(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		// A small range makes many jobs share a figure, a large one none.
		highest := rapid.SampledFrom([]int64{3, 50, 1 << 40}).Draw(t, "highest")
		all := rapid.SliceOfN(rapid.Int64Range(0, highest), 0, 250).Draw(t, "figures")
		if got, want := tallyOf(all...).figures(), sortedFigures(all); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %s, want %s", show(got), show(want))
		}
	})
}

func TestTallyGrowsWithDistinctFiguresOnly(t *testing.T) {
	t.Parallel()
	tally := new(tally)
	for i := range int64(100_000) {
		tally.add(new(i % 60))
	}
	if len(tally.steps) != 60 {
		t.Errorf("%d entries for 60 different figures", len(tally.steps))
	}
}

// Beyond the figures that a tally holds, percentiles are still figures of real jobs, at most a step too
// high, and the same in every order; the highest figure and the total are exact.
func TestTallyIsBounded(t *testing.T) {
	t.Parallel()
	for _, factor := range []int64{1, 3, 1000, 1 << 30} {
		var all []int64
		genuine := map[int64]bool{}
		for i := range int64(3 * maxSteps) {
			figure := (i*7919 + factor) % (5 * maxSteps) * factor
			all = append(all, figure)
			genuine[figure] = true
		}
		tally, want := tallyOf(all...), sortedFigures(all)
		got := tally.figures()
		if len(tally.steps) > maxSteps {
			t.Fatalf("%d figures held, at most %d wanted", len(tally.steps), maxSteps)
		}
		if *got.Max != *want.Max || got.Total != want.Total {
			t.Fatalf("got %s, want %s", show(got), show(want))
		}
		width := int64(1) << tally.shift
		for _, pair := range [][2]int64{{*got.P50, *want.P50}, {*got.P95, *want.P95}} {
			if !genuine[pair[0]] || pair[0] < pair[1] || pair[0] >= pair[1]+width {
				t.Fatalf("got %s, want %s within %d", show(got), show(want), width)
			}
		}
		slices.Reverse(all)
		if again := tallyOf(all...).figures(); !reflect.DeepEqual(again, got) {
			t.Fatalf("in another order %s, not %s", show(again), show(got))
		}
	}
}
