package fleet_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

const runsEach = 20

// wantedRequests are those of a first read of a fleet whose repositories have runsEach runs each, and of
// a second one from its cache.
func wantedRequests(repositories int) (cold, warm map[string]int) {
	lists := (repositories + 99) / 100
	return map[string]int{"repositories": lists, "runs": repositories, "jobs": repositories * runsEach},
		map[string]int{"repositories": lists, "runs": repositories}
}

// readOnce reads a whole fleet, as one plan does, and holds its requests to the count.
func readOnce(tb testing.TB, world *githubtest.World, folder string, repositories int, want map[string]int) {
	tb.Helper()
	server := githubtest.NewInMemory(tb, world)
	server.OmitRateLimit() // an hour's requests would not suffice
	client := newClient(tb, server, config{folder: folder, maxWait: time.Minute})
	report, err := fleet.Read(tb.Context(), client, fleet.Selection{Repositories: entries(tb, "*"), SkipSteps: true}, fleet.Options{}, func(fleet.Item) {})
	if err != nil || report.JobCount != repositories*runsEach || !report.Complete() {
		tb.Fatalf("%d jobs, %v", report.JobCount, err)
	}
	wantRequests(tb, server, want)
}

// TestTheSecondPlanCostsTheListsAlone, and the first one a request for each run besides.
func TestTheSecondPlanCostsTheListsAlone(t *testing.T) {
	t.Parallel()
	const repositories = 120 // two pages of them
	world, folder := fleetOf(repositories, runsEach), t.TempDir()
	cold, warm := wantedRequests(repositories)
	readOnce(t, world, folder, repositories, cold)
	readOnce(t, world, folder, repositories, warm)
}

// BenchmarkFleet reads up to 500 repositories with 20 runs each. Time, bytes and allocations include the
// stand-in's. They grow with the number of repositories and not faster.
func BenchmarkFleet(b *testing.B) {
	for _, repositories := range []int{50, 125, 250, 500} {
		world := fleetOf(repositories, runsEach)
		cold, warm := wantedRequests(repositories)
		folder := b.TempDir()
		readOnce(b, world, folder, repositories, cold)
		run := func(name, folder string, want map[string]int) {
			b.Run(fmt.Sprintf("repositories=%d/%s", repositories, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					readOnce(b, world, folder, repositories, want)
				}
				requests := 0
				for _, n := range want {
					requests += n
				}
				b.ReportMetric(float64(requests), "requests/op")
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*repositories*runsEach), "µs/run")
			})
		}
		run("no cache", "", cold)
		run("second plan", folder, warm)
	}
}
