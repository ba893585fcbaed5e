package fleet_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// TestALargeFleet: the number of requests is exact, a second read with the cache only needs the lists, and
// there are never more requests at once than allowed. The benchmark does the same with 500 repositories.
func TestALargeFleet(t *testing.T) {
	t.Parallel()
	const repositories, runs = 101, 5 // two pages of repositories
	world, folder := fleetOf(repositories, runs), t.TempDir()
	cold, warm := wantedRequests(repositories, runs)
	for _, want := range []map[string]int{cold, warm} {
		var active, most atomic.Int64
		readOnce(t, world, config{folder: folder, wire: func(next http.RoundTripper) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				now := active.Add(1)
				for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
					continue
				}
				defer active.Add(-1)
				return next.RoundTrip(r)
			})
		}}, repositories, runs, want)
		if most.Load() > 10 {
			t.Errorf("%d requests at once", most.Load())
		}
	}
}

// TestTwoQuestionsAskOnce: the data sources of one plan share what they read, concurrently and one
// after the other, without a cache folder.
func TestTwoQuestionsAskOnce(t *testing.T) {
	t.Parallel()
	server := githubtest.NewInMemory(t, fleetOf(3, 30))
	client := newClient(t, server, config{})
	done := make(chan error)
	for _, filter := range []job.Filter{job.FilterLatest, job.FilterAll, job.FilterFinal} {
		go func() {
			_, report, err := read(t.Context(), client, fleet.Selection{Repositories: entries(t, "*"), Filter: filter})
			if report.JobCount != 90 {
				err = errors.Join(err, fmt.Errorf("%d jobs", report.JobCount))
			}
			done <- err
		}()
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if _, _, err := read(t.Context(), client, fleet.Selection{Repositories: entries(t, "app-1")}); err != nil {
		t.Error(err)
	}
	if n := kinds(server)["jobs"]; n != 90 {
		t.Errorf("%d requests for jobs, want 90", n)
	}
}

func TestWhichRepositories(t *testing.T) {
	t.Parallel()
	world := func() *githubtest.World {
		w := githubtest.NewWorld().Account("ada").Users("bob")
		for _, name := range []string{"acme/app", "acme/App-web", "acme/app-api", "acme/lib", "acme/old", "acme/off", "ada/notes", "bob/site", "bob/mail"} {
			addRuns(w.Repository(name), 1)
		}
		w.Repository("acme/old").Set(githubtest.Object{"archived": true})
		w.Repository("acme/off").Set(githubtest.Object{"disabled": true})
		w.Repository("bob/mail").Set(githubtest.Object{"private": true})
		return w
	}
	for _, tc := range []struct {
		name             string
		entries, exclude []string
		want             string
		public           string
		unmatched        []int
		lists            int
	}{
		{name: "names", entries: []string{"lib", "acme/app", "LIB"}, want: "acme/app acme/lib"},
		{name: "a pattern", entries: []string{"APP*"}, want: "acme/app acme/app-api acme/App-web", lists: 1},
		{name: "one character", entries: []string{"ap?", "l??"}, want: "acme/app acme/lib", lists: 1},
		{name: "all of an owner", entries: []string{"acme/*"}, want: "acme/app acme/app-api acme/App-web acme/lib", lists: 1},
		{name: "an archived one by name", entries: []string{"acme/*", "old"}, exclude: []string{"app*"}, want: "acme/lib acme/old", lists: 1},
		{name: "exclusions", entries: []string{"*", "ada/*"}, exclude: []string{"acme/app-*", "NOTES"}, want: "acme/app acme/lib", unmatched: []int{1}, lists: 4},
		{name: "an excluded name", entries: []string{"app", "lib"}, exclude: []string{"lib"}, want: "acme/app", unmatched: []int{1}},
		{name: "another owner's name stays", entries: []string{"bob/site", "lib"}, exclude: []string{"acme/site"}, want: "acme/lib bob/site"},
		{name: "another user", entries: []string{"bob/*"}, want: "bob/site", public: "bob", lists: 3},
		{name: "nothing", entries: []string{"x*", "app", "old*"}, want: "acme/app", unmatched: []int{0, 2}, lists: 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.NewInMemory(t, world())
			exclude := make([]fleet.Entry, len(tc.exclude))
			for i, s := range tc.exclude {
				var err error
				if exclude[i], err = fleet.ParseEntry(s); err != nil {
					t.Fatal(err)
				}
			}
			got, report, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, tc.entries...), Exclude: exclude})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, r := range report.Repositories {
				names = append(names, r.Repository.String())
				if r.RunCount != 1 || r.JobCount != 1 {
					t.Errorf("%s: %d runs, %d jobs", r.Repository, r.RunCount, r.JobCount)
				}
				if !slices.ContainsFunc(got.items, func(item fleet.Item) bool { return item.Repository == r.Repository }) {
					t.Errorf("no item is of %s", r.Repository)
				}
			}
			if strings.Join(names, " ") != tc.want || strings.Join(report.OnlyPublic, " ") != tc.public || !slices.Equal(report.Unmatched, tc.unmatched) {
				t.Errorf("%s, only public %v, unmatched %v", names, report.OnlyPublic, report.Unmatched)
			}
			if n := len(server.Requests()) - 2*len(names); n != tc.lists {
				t.Errorf("%d requests beside the runs and the jobs, want %d", n, tc.lists)
			}
		})
	}
}

func TestEntriesThatAreNone(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"": "the name is empty", "acme/": "the name is empty", "a b*": "the name contains ' '", "*/app": "the owner is a pattern", "ac?e/app": "the owner is a pattern",
		"a/b/c": "the name contains '/'", "[ab]": "the name contains '['", `a\*`: `the name contains '\\'`, "*.git": "the name ends in .git", "..": "the name is not valid",
	} {
		if _, err := fleet.ParseEntry(s); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", s, err, want)
		}
	}
	e, err := fleet.ParseEntry("acme/app-*")
	if err != nil || e.String() != "acme/app-*" || !e.IsPattern() || e.Owner() != "acme" {
		t.Errorf("%s, pattern %v, owner %s, %v", e, e.IsPattern(), e.Owner(), err)
	}
	if e, err := fleet.ParseEntry("app"); err != nil || e.String() != "app" || e.IsPattern() || e.Owner() != "" {
		t.Errorf("%s, pattern %v, owner %s, %v", e, e.IsPattern(), e.Owner(), err)
	}
}

// TestNewestFirst: one worker reads the runs of a repository from the newest to the oldest.
func TestNewestFirst(t *testing.T) {
	t.Parallel()
	server := githubtest.NewInMemory(t, fleetOf(2, 5))
	got, report, err := read(t.Context(), newClient(t, server, config{atOnce: 1}), fleet.Selection{Repositories: entries(t, "*"), MaxRuns: 3})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, item := range got.items {
		order = append(order, fmt.Sprintf("%s/%d", item.Repository.Name, job.Value(item.Run.ID)))
	}
	const want = "app-0/5 app-0/4 app-0/3 app-1/5 app-1/4 app-1/3"
	if strings.Join(order, " ") != want || !report.Truncated || report.Complete() {
		t.Errorf("asked for %s, truncated %v", order, report.Truncated)
	}
	if o, n := report.OldestRunAt, report.NewestRunAt; o.Format(time.TimeOnly) != "00:02:00" || n.Format(time.TimeOnly) != "00:04:00" {
		t.Errorf("from %s to %s", o, n)
	}
}

// TestCreatedWithin: the start is rounded down to the hour, so all reads of an hour ask the same.
func TestCreatedWithin(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // it begins at midnight of 2000-01-01
		time.Sleep(25*time.Hour + 59*time.Minute + 59*time.Second)
		world := githubtest.NewWorld()
		r := world.Repository("acme/app")
		for id, at := range []string{"", "2000-01-01T00:59:59Z", "2000-01-01T01:00:00Z", "2000-01-02T00:30:00Z"} {
			if at != "" {
				r.Run(int64(id), 1, githubtest.Object{"created_at": at, "updated_at": at}).Job(int64(id), int64(id), nil)
			}
		}
		server := githubtest.NewInMemory(t, world)
		got, _, err := read(t.Context(), newClient(t, server, config{}), fleet.Selection{Repositories: entries(t, "app"), CreatedWithin: 24 * time.Hour})
		if err != nil || got.runs() != "app/3 app/2" {
			t.Errorf("%s, %v", got.runs(), err)
		}
		if created := server.Requests()[0].Query.Get("created"); created != ">=2000-01-01T01:00:00Z" {
			t.Errorf("asked for %s", created)
		}
	})
}

// TestAMonthOfRuns: the list of 2,500 runs is complete, even if new ones start during the read.
func TestAMonthOfRuns(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	addRuns(world.Repository("acme/app"), 2500)
	server := githubtest.NewInMemory(t, world)
	var asked atomic.Int64
	client := newClient(t, server, config{wire: func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/runs") {
				n := asked.Add(1)
				server.Update(func(w *githubtest.World) {
					at := time.Date(2026, 5, 20, 0, int(n), 0, 0, time.UTC).Format(time.RFC3339)
					w.Repository("acme/app").Run(10_000+n, 1, githubtest.Object{"created_at": at, "updated_at": at})
				})
			}
			return next.RoundTrip(r)
		})
	}})
	got, report, err := read(t.Context(), client, fleet.Selection{
		Repositories: entries(t, "app"), Runs: actions.RunsQuery{Created: ">=2026-05-04"}, MaxRuns: 10_000,
	})
	if err != nil || report.Truncated || report.JobCount != 2500 {
		t.Fatalf("%d jobs, truncated %v, %v", report.JobCount, report.Truncated, err)
	}
	seen := map[int64]int{}
	for _, item := range got.items {
		seen[job.Value(item.Run.ID)]++
	}
	for id := int64(1); id <= 2500; id++ {
		if seen[id] != 1 {
			t.Fatalf("run %d came %d times", id, seen[id])
		}
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := githubtest.NewInMemory(t, fleetOf(2, 5))
		client := newClient(t, server, config{atOnce: 1, wire: func(next http.RoundTripper) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				time.Sleep(3500 * time.Millisecond)
				return next.RoundTrip(r)
			})
		}})
		var told []string
		_, err := fleet.Read(t.Context(), client, fleet.Selection{Repositories: entries(t, "*")}, fleet.Options{Progress: func(p fleet.Progress) {
			left := "unknown"
			if p.RequestsLeft != nil {
				left = fmt.Sprint(*p.RequestsLeft)
			}
			told = append(told, fmt.Sprintf("%d/%d %d/%d %s", p.RepositoriesDone, p.Repositories, p.RunsDone, p.Runs, left))
		}}, func(fleet.Item) {})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"0/2 0/5 4999", "0/2 2/10 4999", "1/2 5/10 4999", "1/2 8/10 4999"}
		if !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}
