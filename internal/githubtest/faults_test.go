package githubtest_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// statuses requests a path several times.
func statuses(t *testing.T, server *githubtest.Server, times int, path string) []int {
	t.Helper()
	got := make([]int, times)
	for i := range got {
		got[i], _, _ = get(t, server, path)
	}
	return got
}

func TestFaultsByPredicate(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	server := githubtest.New(r, githubtest.Demo())
	const jobs, runs, run = "/repos/acme/app/actions/runs/700/jobs", "/repos/acme/app/actions/runs", "/repos/acme/app/actions/runs/702"
	server.FailAlways("large pages", githubtest.PagesAbove(50, ""), githubtest.Status(502, "Server Error"))
	server.FailAlways("run 702", githubtest.Path(run), githubtest.Status(500, "Server Error"))
	server.FailAlways("pages of run 1", githubtest.PagesAbove(50, "/repos/acme/app/actions/runs/1/jobs"), githubtest.Reset())
	server.FailWhere("schedules", func(r githubtest.Request) bool { return r.Query.Get("event") == "schedule" },
		githubtest.Status(503, "once"), githubtest.Status(504, "twice"), githubtest.Status(500, "never"))
	for _, c := range []struct {
		path string
		want [3]int
	}{
		{jobs + "?per_page=100", [3]int{502, 502, 502}},
		{runs + "?per_page=51", [3]int{502, 502, 502}},
		{jobs + "?per_page=50", [3]int{200, 200, 200}},
		{run, [3]int{500, 500, 500}},
		{jobs, [3]int{200, 200, 200}},
	} {
		if got := [3]int(statuses(t, server, 3, c.path)); got != c.want {
			t.Errorf("%s: %v, want %v", c.path, got, c.want)
		}
	}
	if got := [2]int(statuses(t, server, 2, runs+"?event=schedule")); got != [2]int{503, 504} {
		t.Errorf("one fault each: %v", got)
	}
	const want = "githubtest: the lasting fault for pages of run 1 was not used\n" +
		"githubtest: 1 of the faults for schedules were not used"
	if got := strings.Join(r.end(), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestTheRateLimitRunsOut: each request counts, except those with a token that are answered with 304. The
// next hour has a new budget.
func TestTheRateLimitRunsOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := githubtest.NewInMemory(t, githubtest.Demo())
		server.AllowMissing("/repos/acme/none")
		reset := time.Now().Add(10 * time.Minute)
		server.SetRateLimit(githubtest.RateLimit{Limit: 4, Remaining: 3, Reset: reset})
		client := client{t, server}
		const path = "/repos/acme/app"
		first := client.get(path, "Authorization", "Bearer one")
		tag := first.Header.Get("ETag")
		for _, c := range []struct {
			path, tag       string
			status          int
			remaining, used string
		}{
			{path, tag, 304, "2", "2"},
			{"/repos/acme/none", "", 404, "1", "3"},
			{path, "", 200, "0", "4"},
			{path, "", 403, "0", "4"},
			{path, tag, 403, "0", "4"},
		} {
			resp := client.get(c.path, "If-None-Match", c.tag, "Authorization", "Bearer one")
			h := resp.Header
			if resp.StatusCode != c.status || h.Get("X-RateLimit-Remaining") != c.remaining ||
				h.Get("X-RateLimit-Used") != c.used || h.Get("X-RateLimit-Limit") != "4" {
				t.Errorf("%v: %d %v", c, resp.StatusCode, h)
			}
		}
		if link := server.LogLink("acme/app", 70004); client.getURL(link).StatusCode != http.StatusOK {
			t.Error("the storage has no rate limit")
		}
		time.Sleep(time.Until(reset))
		anonymous := client.get(path)
		if anonymous.StatusCode != http.StatusOK || anonymous.Header.Get("X-RateLimit-Remaining") != "3" {
			t.Errorf("after the reset: %d %v", anonymous.StatusCode, anonymous.Header)
		}
		if got := server.RateLimit(); got.Remaining != 3 || !got.Reset.Equal(reset.Add(time.Hour)) {
			t.Errorf("got %+v", got)
		}
		if resp := client.get(path, "If-None-Match", anonymous.Header.Get("ETag")); resp.StatusCode != http.StatusNotModified || resp.Header.Get("X-RateLimit-Remaining") != "2" {
			t.Errorf("a 304 without a token: %d %v", resp.StatusCode, resp.Header)
		}
		server.OmitRateLimit()
		if h := client.get(path).Header; h.Get("X-RateLimit-Remaining") != "" {
			t.Errorf("a server without a rate limit sends %v", h)
		}
	})
}

// TestALargeRateLimitIsShownByDefault: it never runs out.
func TestALargeRateLimitIsShownByDefault(t *testing.T) {
	t.Parallel()
	server := githubtest.NewInMemory(t, githubtest.Demo())
	for range 3 {
		h := client{t, server}.get("/repos/acme/app").Header
		if h.Get("X-RateLimit-Limit") != "5000" || h.Get("X-RateLimit-Remaining") != "4999" {
			t.Errorf("got %v", h)
		}
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := githubtest.NewInMemory(t, githubtest.Demo())
		server.SetLatency(80 * time.Millisecond)
		start := time.Now()
		client{t, server}.get("/repos/acme/app")
		if took := time.Since(start); took != 80*time.Millisecond {
			t.Errorf("took %s", took)
		}
	})
}

// TestTheWorldChangesWhileItServes: an attempt that is added twice is replaced.
func TestTheWorldChangesWhileItServes(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	const run = "/repos/acme/app/actions/runs/702"
	if got := first(t, answerOf(t, server, run))["status"]; got != "in_progress" {
		t.Errorf("before: %v", got)
	}
	server.Update(func(w *githubtest.World) { w.Repository("acme/app").Run(702, 1, nil) })
	if got := first(t, answerOf(t, server, run))["status"]; got != "completed" {
		t.Errorf("after: %v", got)
	}
	if ids, _ := runIDs(t, server, "/repos/acme/app/actions/runs"); strings.Count(ids, "702") != 1 {
		t.Errorf("got %s", ids)
	}
}
