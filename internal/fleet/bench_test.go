package fleet_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// wantedRequests are those of a first read of a fleet whose repositories have some runs each, and of a
// second one from its cache.
func wantedRequests(repositories, runs int) (cold, warm map[string]int) {
	lists := (repositories + 99) / 100
	return map[string]int{"repositories": lists, "runs": repositories, "jobs": repositories * runs},
		map[string]int{"repositories": lists, "runs": repositories}
}

// readOnce reads a whole fleet, as one plan does, and holds the result and the requests to the counts.
func readOnce(tb testing.TB, world *githubtest.World, c config, repositories, runs int, want map[string]int) {
	tb.Helper()
	server := githubtest.NewInMemory(tb, world)
	server.OmitRateLimit() // an hour's requests would not suffice
	c.maxWait = time.Minute
	var items atomic.Int64
	sel := fleet.Selection{Repositories: entries(tb, "*"), SkipSteps: true}
	report, err := fleet.Read(tb.Context(), newClient(tb, server, c), sel, fleet.Options{}, func(fleet.Item) { items.Add(1) })
	all := repositories * runs
	if err != nil || report.RunCount != all || report.JobCount != all || items.Load() != int64(all) || !report.Complete() || len(report.Repositories) != repositories {
		tb.Fatalf("%d runs, %d jobs, %d items, complete %v, %v", report.RunCount, report.JobCount, items.Load(), report.Complete(), err)
	}
	wantRequests(tb, server, want)
}

// BenchmarkFleet reads up to 500 repositories with 20 runs each. Time, bytes and allocations include the
// stand-in's. They grow with the number of repositories and not faster.
func BenchmarkFleet(b *testing.B) {
	const runs = 20
	for _, repositories := range []int{50, 125, 250, 500} {
		world := fleetOf(repositories, runs)
		cold, warm := wantedRequests(repositories, runs)
		folder := b.TempDir()
		readOnce(b, world, config{folder: folder}, repositories, runs, cold)
		run := func(name, folder string, want map[string]int) {
			b.Run(fmt.Sprintf("repositories=%d/%s", repositories, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					readOnce(b, world, config{folder: folder}, repositories, runs, want)
				}
				requests := 0
				for _, n := range want {
					requests += n
				}
				b.ReportMetric(float64(requests), "requests/op")
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*repositories*runs), "µs/run")
			})
		}
		run("no cache", "", cold)
		run("second plan", folder, warm)
	}
}
