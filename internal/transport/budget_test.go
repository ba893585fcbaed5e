package transport

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestBudgetOf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		at := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
		for _, c := range []struct {
			name    string
			headers [][]string // of each answer: name, value, …
			after   time.Duration
			want    string
		}{
			{"no headers", [][]string{{}}, 0, "none"},
			{"the newest answer", [][]string{
				{"X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "4000", "X-RateLimit-Reset", at(time.Hour)},
				{"X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "3999", "X-RateLimit-Reset", at(time.Hour)},
			}, 0, "3999 of 5000 for 1h0m0s"},
			{"answers that overtake each other", [][]string{
				{"X-RateLimit-Remaining", "3999", "X-RateLimit-Reset", at(time.Hour)},
				{"X-RateLimit-Remaining", "4000", "X-RateLimit-Reset", at(time.Hour)},
			}, 0, "3999 of 0 for 1h0m0s"},
			{"a new window", [][]string{
				{"X-RateLimit-Remaining", "3", "X-RateLimit-Reset", at(time.Minute)},
				{"X-RateLimit-Remaining", "60", "X-RateLimit-Reset", at(time.Hour)},
			}, 0, "60 of 0 for 1h0m0s"},
			{"another resource", [][]string{
				{"X-RateLimit-Resource", "core", "X-RateLimit-Remaining", "70"},
				{"X-RateLimit-Resource", "search", "X-RateLimit-Remaining", "3"},
			}, 0, "70 of 0 for ever"},
			{"an answer without headers after one", [][]string{{"X-RateLimit-Remaining", "70"}, {}}, 0, "70 of 0 for ever"},
			{"figures that are none", [][]string{{"X-RateLimit-Remaining", "-1"}, {"X-RateLimit-Remaining", "many"}}, 0, "none"},
			{"a reset that has passed", [][]string{
				{"X-RateLimit-Limit", "60", "X-RateLimit-Remaining", "3", "X-RateLimit-Reset", at(time.Minute)},
			}, 2 * time.Minute, "60 of 60 for ever"},
			{"a reset that has passed, and no limit", [][]string{
				{"X-RateLimit-Remaining", "3", "X-RateLimit-Reset", at(time.Minute)},
			}, 2 * time.Minute, "none"},
		} {
			client := newClient(t, Config{MaxRateLimitWait: time.Minute, Base: newScript(t, answers(c.headers)...)})
			for range c.headers {
				if _, _, _, err := fetch(t.Context(), client, testBase); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(c.after)
			got := "none"
			budget, ok := BudgetOf(client)
			if ok {
				left := "ever"
				if !budget.Reset.IsZero() {
					left = budget.Reset.Sub(now).String()
				}
				got = fmt.Sprintf("%d of %d for %s", budget.Remaining, budget.Limit, left)
			}
			if got != c.want || ok && budget.MaxWait != time.Minute {
				t.Errorf("%s: %s, want %s", c.name, got, c.want)
			}
		}
	})
	if _, ok := BudgetOf(http.DefaultClient); ok {
		t.Error("a client of another origin has a budget")
	}
}

func answers(headers [][]string) []roundTrip {
	steps := make([]roundTrip, len(headers))
	for i, h := range headers {
		steps[i] = answer(200, "{}", h...)
	}
	return steps
}
