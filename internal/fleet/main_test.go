package fleet_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// config is how a test reads.
type config struct {
	folder  string
	maxWait time.Duration
	wire    func(http.RoundTripper) http.RoundTripper // around the server's
	retries int
	atOnce  int
}

func newClient(tb testing.TB, server *githubtest.Server, c config) *actions.Client {
	tb.Helper()
	base, err := url.Parse(server.BaseURL())
	if err != nil {
		tb.Fatal(err)
	}
	wire := server.RoundTripper()
	if c.wire != nil {
		wire = c.wire(wire)
	}
	atOnce := cmp.Or(c.atOnce, 10)
	client, err := transport.New(transport.Config{
		BaseURL: base, Base: wire, CacheDir: c.folder, MaxRateLimitWait: c.maxWait, MaxRetries: c.retries,
		MaxConcurrent: atOnce, Credential: transport.StaticToken("one", "the test"),
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(client.CloseIdleConnections)
	return actions.NewClient(actions.Config{HTTP: client, BaseURL: base, UserAgent: "test", MaxConcurrent: atOnce, TokenSource: "the test"})
}

// roundTrip is a function as a RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// entries parses entries, which belong to acme unless they name another owner.
func entries(tb testing.TB, all ...string) []fleet.Entry {
	tb.Helper()
	list := make([]fleet.Entry, len(all))
	for i, s := range all {
		e, err := fleet.ParseEntry(s)
		if err == nil {
			list[i], err = e.Resolve("", "acme")
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	return list
}

// taken collects the items of a read.
type taken struct {
	mu    sync.Mutex
	items []fleet.Item
}

func (s *taken) take(item fleet.Item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items = append(s.items, item)
}

// runs are the items as repository/run, by repository and newest first.
func (s *taken) runs() string {
	slices.SortFunc(s.items, func(a, b fleet.Item) int {
		return cmp.Or(
			strings.Compare(a.Repository.String(), b.Repository.String()),
			job.Value(b.Run.CreatedAt).Compare(job.Value(a.Run.CreatedAt)), cmp.Compare(job.Value(b.Run.ID), job.Value(a.Run.ID)))
	})
	var all []string
	for _, item := range s.items {
		all = append(all, fmt.Sprintf("%s/%d", item.Repository.Name, job.Value(item.Run.ID)))
	}
	return strings.Join(all, " ")
}

func read(ctx context.Context, client *actions.Client, sel fleet.Selection) (*taken, fleet.Report, error) {
	var got taken
	report, err := fleet.Read(ctx, client, sel, fleet.Options{}, got.take)
	return &got, report, err
}

// addRuns adds n runs with one job each, one minute apart. The newest has the highest ID.
func addRuns(r *githubtest.Repository, n int) {
	for i := range n {
		id := int64(i + 1)
		at := time.Date(2026, 5, 4, 0, i, 0, 0, time.UTC).Format(time.RFC3339)
		r.Run(id, 1, githubtest.Object{"created_at": at, "updated_at": at}).Job(id*10, id, nil)
	}
}

// fleetOf is acme with repositories app-0, app-1, … of some runs each.
func fleetOf(repositories, runs int) *githubtest.World {
	w := githubtest.NewWorld().Organizations("acme")
	for i := range repositories {
		addRuns(w.Repository(fmt.Sprintf("acme/app-%d", i)), runs)
	}
	return w
}

// kinds counts the requests by kind.
func kinds(server *githubtest.Server) map[string]int {
	counts := map[string]int{}
	for _, r := range server.Requests() {
		kind := "other"
		switch {
		case strings.HasSuffix(r.Path, "/jobs"):
			kind = "jobs"
		case strings.HasSuffix(r.Path, "/runs"):
			kind = "runs"
		case strings.HasSuffix(r.Path, "/repos"):
			kind = "repositories"
		}
		counts[kind]++
	}
	return counts
}

func wantRequests(tb testing.TB, server *githubtest.Server, want map[string]int) {
	tb.Helper()
	if got := kinds(server); !maps.Equal(got, want) {
		tb.Errorf("requests %v, want %v", got, want)
	}
}
