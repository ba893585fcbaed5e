package fleet_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// limited is a fleet of 2 repositories with 30 runs each, on a host that accepts the given number
// of requests for an hour. The lists need 3 of them.
func limited(t *testing.T, remaining int) *githubtest.Server {
	t.Helper()
	server := githubtest.NewInMemory(t, fleetOf(2, 30))
	server.SetRateLimit(githubtest.RateLimit{Limit: 5000, Remaining: remaining, Reset: time.Now().Add(time.Hour)})
	return server
}

// TestABudgetThatDoesNotSuffice: without a cache, the read ends before the first request for jobs.
func TestABudgetThatDoesNotSuffice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for remaining, jobs := range map[int]int{62: 0, 63: 60, 3: 0} {
			server := limited(t, remaining)
			_, report, err := read(t.Context(), newClient(t, server, config{maxWait: time.Minute}), fleet.Selection{Repositories: entries(t, "*")})
			if kinds(server)["jobs"] != jobs || report.JobCount != jobs {
				t.Errorf("%d requests: %v, %d jobs", remaining, kinds(server), report.JobCount)
			}
			var over *fleet.BudgetError
			if errors.As(err, &over) != (jobs == 0) {
				t.Errorf("%d requests: %v", remaining, err)
				continue
			}
			if over != nil {
				got := fmt.Sprintf("%d of %d until %s, cache %v, %d of %d, %v", over.Left, over.Needed, time.Until(over.Reset), over.HasCache, over.Kept, over.Runs, over.Err)
				if want := fmt.Sprintf("%d of 60 until 1h0m0s, cache false, 0 of 60, <nil>", remaining-3); got != want {
					t.Errorf("%s, want %s", got, want)
				}
			}
		}
	})
}

// TestABudgetThatJustSuffices: what is kept costs nothing, so 35 requests are enough for the other 35 of 60
// runs.
func TestABudgetThatJustSuffices(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		sel := fleet.Selection{Repositories: entries(t, "*")}
		first := limited(t, 28)
		var over *fleet.BudgetError
		if _, _, err := read(t.Context(), newClient(t, first, config{folder: folder, maxWait: time.Minute}), sel); !errors.As(err, &over) || over.Err != nil || over.Kept != 25 || kinds(first)["jobs"] != 25 {
			t.Errorf("the first read: %v, requests %v", err, kinds(first))
		}
		second := limited(t, 35) // the lists have not changed, so they are free
		if _, report, err := read(t.Context(), newClient(t, second, config{folder: folder, maxWait: time.Minute, atOnce: 1}), sel); err != nil || report.JobCount != 60 || kinds(second)["jobs"] != 35 {
			t.Errorf("the second read: %d jobs, %v, requests %v", report.JobCount, err, kinds(second))
		}
	})
}

// TestAReadIsResumed: with a cache, a read keeps what fits and ends with an error. The next read
// continues from there, until one is complete.
func TestAReadIsResumed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := limited(t, 28)
		sel := fleet.Selection{Repositories: entries(t, "*")}
		for i, want := range []string{
			"60 requests are needed and 25 are left: the jobs of 25 of 60 runs are kept",
			"35 requests are needed and 25 are left: the jobs of 50 of 60 runs are kept",
			"",
		} {
			if i > 0 {
				time.Sleep(time.Hour + time.Minute)
				server.SetRateLimit(githubtest.RateLimit{Limit: 5000, Remaining: 25, Reset: time.Now().Add(time.Hour)})
			}
			got, report, err := read(t.Context(), newClient(t, server, config{folder: folder, maxWait: time.Minute, atOnce: 1}), sel)
			if want == "" {
				if err != nil || len(got.items) != 60 || !report.Complete() {
					t.Errorf("%d items, %v", len(got.items), err)
				}
				break
			}
			var over *fleet.BudgetError
			if !errors.As(err, &over) || err.Error() != want || !over.HasCache || time.Until(over.Reset) != time.Hour {
				t.Errorf("%v, want %s", err, want)
			}
			if len(got.items) != 0 {
				t.Errorf("a read that ends with an error handed out %d items", len(got.items))
			}
		}
		if n := kinds(server)["jobs"]; n != 60 {
			t.Errorf("%d requests for jobs, want each once", n)
		}
	})
}

// TestAResetThatIsNear: a read waits for the reset if max_rate_limit_wait and the deadline allow
// it.
func TestAResetThatIsNear(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name              string
		maxWait, deadline time.Duration
		limit             int // 0: the host does not say
		err               bool
	}{
		{"it waits", 2 * time.Minute, time.Hour, 5000, false},
		{"longer than max_rate_limit_wait", 30 * time.Second, time.Hour, 5000, true},
		{"longer than the read may take", 2 * time.Minute, 50 * time.Second, 5000, true},
		{"exactly max_rate_limit_wait", time.Minute, time.Hour, 5000, false},
		{"more than the next window takes", 2 * time.Minute, time.Hour, 20, true},
		{"a next window of unknown size", 2 * time.Minute, time.Hour, 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := githubtest.NewInMemory(t, fleetOf(2, 30))
				server.SetRateLimit(githubtest.RateLimit{Limit: cmp.Or(tc.limit, 5000), Remaining: 20, Reset: time.Now().Add(time.Minute)})
				ctx, cancel := context.WithTimeout(t.Context(), tc.deadline)
				defer cancel()
				begin := time.Now()
				_, report, err := read(ctx, newClient(t, server, config{maxWait: tc.maxWait, wire: func(next http.RoundTripper) http.RoundTripper {
					return roundTrip(func(r *http.Request) (*http.Response, error) {
						resp, err := next.RoundTrip(r)
						if err == nil && tc.limit == 0 {
							resp.Header.Del("X-RateLimit-Limit")
						}
						return resp, err
					})
				}}), fleet.Selection{Repositories: entries(t, "*")})
				var over *fleet.BudgetError
				if errors.As(err, &over) != tc.err || !tc.err && (err != nil || report.JobCount != 60 || time.Since(begin) < time.Minute) {
					t.Errorf("%d jobs in %s, %v", report.JobCount, time.Since(begin), err)
				}
				if tc.err && kinds(server)["jobs"] > 0 {
					t.Errorf("requests %v", kinds(server))
				}
			})
		})
	}
}

// TestNoBudget: if a host does not send limits, the read does not check the budget.
func TestNoBudget(t *testing.T) {
	t.Parallel()
	server := githubtest.NewInMemory(t, fleetOf(2, 30))
	server.OmitRateLimit()
	if _, report, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, "*")}); err != nil || report.JobCount != 60 {
		t.Errorf("%d jobs, %v", report.JobCount, err)
	}
}

// TestWhatIsKeptCostsNothing: the budget counts only runs that need a request.
func TestWhatIsKeptCostsNothing(t *testing.T) {
	t.Parallel()
	server := githubtest.NewInMemory(t, fleetOf(2, 30))
	client := newClient(t, server, config{})
	for range 2 {
		if _, report, err := read(t.Context(), client, fleet.Selection{Repositories: entries(t, "*")}); err != nil || report.JobCount != 60 {
			t.Fatalf("%d jobs, %v", report.JobCount, err)
		}
		server.SetRateLimit(githubtest.RateLimit{Limit: 5000, Remaining: 4, Reset: time.Now().Add(time.Hour)})
	}
}

// TestALimitThatNothingForetold: another client uses up the budget during the read.
func TestALimitThatNothingForetold(t *testing.T) {
	t.Parallel()
	for _, hasCache := range []bool{false, true} {
		folder := ""
		if hasCache {
			folder = t.TempDir()
		}
		synctest.Test(t, func(t *testing.T) {
			server := limited(t, 100)
			asked := 0
			client := newClient(t, server, config{folder: folder, atOnce: 1, maxWait: time.Minute})
			_, err := fleet.Read(t.Context(), client, fleet.Selection{Repositories: entries(t, "*")}, fleet.Options{}, func(fleet.Item) {
				if asked++; asked == 10 {
					server.SetRateLimit(githubtest.RateLimit{Limit: 5000, Remaining: 1, Reset: time.Now().Add(time.Hour)})
				}
			})
			var over *fleet.BudgetError
			if !errors.Is(err, actions.PrimaryLimit) || errors.As(err, &over) != hasCache {
				t.Fatalf("cache %v: %v", hasCache, err)
			}
			if over != nil && (over.Kept != 11 || over.Needed != 49 || over.Runs != 60) {
				t.Errorf("%v", err)
			}
		})
	}
}
