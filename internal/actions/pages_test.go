package actions_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

const (
	runPath  = "/repos/acme/app/actions/runs/700"
	jobsPath = runPath + "/jobs"
)

// pages is a server that splits its list into pages of any size.
type pages struct {
	size   int                         // jobs a page at most
	jobs   func(request int) []int64   // IDs in the list at the n-th request, from 1
	total  func(jobs, request int) any // total_count; githubtest.Absent leaves it out
	link   func(page, last int) string // Link header; "" none
	status func(page, size int) int    // for the page and the size that are asked for; 0: 200
	mu     sync.Mutex
	asked  int
}

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked++
	request := p.asked
	p.mu.Unlock()
	number, _ := strconv.Atoi(r.URL.Query().Get("page"))
	asked, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	if p.status != nil && p.status(number, asked) != 0 {
		w.WriteHeader(p.status(number, asked))
		return
	}
	size := min(p.size, asked)
	ids := p.jobs(request)
	from := min((number-1)*size, len(ids))
	to := min(from+size, len(ids))
	body := githubtest.Object{}
	list := []any{}
	for _, id := range ids[from:to] {
		list = append(list, githubtest.Object{"id": id, "run_id": 700, "run_attempt": 1, "name": strconv.FormatInt(id, 10)})
	}
	body["jobs"] = list
	if total := p.total(len(ids), request); total != any(githubtest.Absent) {
		body["total_count"] = total
	}
	if p.link != nil {
		if link := p.link(number, (len(ids)+size-1)/size); link != "" {
			w.Header().Set("Link", link)
		}
	}
	githubtest.SendJSON(w, r, body)
}

func always(n int) func(int) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	return func(int) []int64 { return ids }
}

func honest(jobs, _ int) any          { return jobs }
func silent(_, _ int) any             { return githubtest.Absent }
func saying(n any) func(_, _ int) any { return func(_, _ int) any { return n } }

func properLink(page, last int) string {
	if page >= last {
		return `<https://api.github.test/x?page=1>; rel="prev"`
	}
	return fmt.Sprintf(`<https://api.github.test/x?page=%d>; rel="next", <https://api.github.test/x?page=%d>; rel="last"`, page+1, last)
}

func TestPaging(t *testing.T) {
	t.Parallel()
	endless := func(int, int) string { return `<https://evil.test/x?page=2>; rel="next"` }
	growing := func(request int) []int64 { return always(199 + request)(0) } // one more at each request
	for _, tc := range []struct {
		name string
		*pages
		want     int // jobs, with IDs from 1
		requests int // for pages; 0: do not count
	}{
		{name: "an empty run", pages: &pages{size: 100, jobs: always(0), total: honest}, want: 0, requests: 1},
		{name: "one page", pages: &pages{size: 100, jobs: always(100), total: honest}, want: 100, requests: 1},
		{name: "three pages", pages: &pages{size: 100, jobs: always(237), total: honest, link: properLink}, want: 237, requests: 3},
		{name: "smaller pages than asked for", pages: &pages{size: 30, jobs: always(237), total: honest, link: properLink}, want: 237, requests: 8},
		{name: "no Link header", pages: &pages{size: 30, jobs: always(95), total: honest}, want: 95, requests: 4},
		{name: "no total_count", pages: &pages{size: 100, jobs: always(237), total: silent, link: properLink}, want: 237, requests: 3},
		{name: "no total_count and no Link header", pages: &pages{size: 100, jobs: always(237), total: silent}, want: 237, requests: 4},
		{name: "no total_count, no Link header, short pages", pages: &pages{size: 7, jobs: always(20), total: silent}, want: 20, requests: 4},
		{name: "a null total_count", pages: &pages{size: 100, jobs: always(150), total: saying(nil)}, want: 150, requests: 3},
		{name: "a negative total_count", pages: &pages{size: 100, jobs: always(150), total: saying(-1)}, want: 150, requests: 3},
		{name: "a total_count that is too low", pages: &pages{size: 100, jobs: always(150), total: saying(100), link: properLink}, want: 150, requests: 2},
		{name: "a Link header that leads elsewhere and never ends", pages: &pages{size: 100, jobs: always(150), total: honest, link: endless}, want: 150, requests: 3},
		{name: "an endless Link header and no total_count", pages: &pages{size: 100, jobs: always(150), total: silent, link: endless}, want: 150, requests: 3},
		{name: "a run that grows while it is read", pages: &pages{size: 100, jobs: growing, total: honest}, want: 202, requests: 3},
		{
			name: "a job that goes while it is read: read again", want: 150, requests: 5,
			pages: &pages{size: 100, jobs: func(request int) []int64 { return always(152 - min(request, 2))(0) }, total: honest},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, world(0, 0))
			server.Handle(jobsPath, tc.pages)
			got, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700})
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Jobs) != tc.want {
				t.Fatalf("got %d jobs, want %d", len(got.Jobs), tc.want)
			}
			for i, j := range got.Jobs {
				if job.Value(j.ID) != int64(i+1) {
					t.Fatalf("place %d holds job %d: lost, repeated or out of order", i, job.Value(j.ID))
				}
			}
			if tc.requests != 0 && tc.asked != tc.requests {
				t.Errorf("%d requests for pages, want %d", tc.asked, tc.requests)
			}
			for _, r := range server.Requests() {
				if !strings.HasPrefix(r.Path, runPath) {
					t.Errorf("asked for %s", r)
				}
			}
		})
	}
}

// TestAShiftedListIsReadAgain: new jobs at the front move others to another page, so the first
// reading misses them. The second reading finds them all.
func TestAShiftedListIsReadAgain(t *testing.T) {
	t.Parallel()
	shifting := &pages{size: 100, total: honest, jobs: func(request int) []int64 {
		ids := always(150)(0)
		if request > 1 {
			ids = append([]int64{151}, ids...)
		}
		return ids
	}}
	server := githubtest.New(t, world(0, 0))
	server.Handle(jobsPath, shifting)
	got, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700})
	if err != nil || len(got.Jobs) != 151 {
		t.Fatalf("got %d jobs, %v, want 151", len(got.Jobs), err)
	}
}

func TestListsThatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		*pages
		kind   actions.Kind
		reason string
	}{
		{name: "a list that comes up short", kind: actions.Incomplete, reason: "the list says it has 200 entries, but only 150 came in 3 readings",
			pages: &pages{size: 100, jobs: always(150), total: saying(200)}},
		{name: "an empty list that should not be", kind: actions.Incomplete, reason: "the list says it has 3 entries, but only 0 came in 3 readings",
			pages: &pages{size: 100, jobs: always(0), total: saying(3)}},
		{name: "an absurd total_count", kind: actions.Incomplete, reason: "the list says it has 2000000000 entries, but only 150 came in 3 readings",
			pages: &pages{size: 100, jobs: always(150), total: saying(2_000_000_000)}},
		{name: "a page that fails", kind: actions.ServerFault,
			pages: &pages{size: 100, jobs: always(237), total: honest, status: func(page, size int) int {
				if page*size > 200 {
					return http.StatusBadGateway
				}
				return 0
			}}},
		{name: "a first page that fails", kind: actions.ServerFault,
			pages: &pages{size: 100, jobs: always(237), total: honest, status: func(int, int) int { return http.StatusInternalServerError }}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, world(0, 0))
			server.Handle(jobsPath, tc.pages)
			got, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700})
			var e *actions.Error
			if !errors.As(err, &e) || e.Kind != tc.kind || e.Reason != tc.reason {
				t.Fatalf("got %v, want %s: %s", err, tc.kind, tc.reason)
			}
			if got.Jobs != nil || got.Run != nil {
				t.Errorf("something came beside the error: %+v", got)
			}
		})
	}
}

// TestAListThatNeverEnds serves new jobs on every page for ever.
func TestAListThatNeverEnds(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, world(0, 0))
	server.Handle(jobsPath, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		number, _ := strconv.Atoi(r.URL.Query().Get("page"))
		list := make([]any, 100)
		for i := range list {
			list[i] = githubtest.Object{"id": number*100 + i}
		}
		githubtest.SendJSON(w, r, githubtest.Object{"total_count": 2_000_000_000, "jobs": list})
	}))
	_, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700})
	var e *actions.Error
	if !errors.As(err, &e) || e.Kind != actions.Incomplete || e.Reason != "the list does not end: more than 100000 entries came" {
		t.Fatalf("got %v", err)
	}
}

// TestThePagesAfterTheFirstComeTogether proves that there are two round trips: the answers for the
// run and the first page wait for each other's request, and so do the answers for pages two and
// three.
func TestThePagesAfterTheFirstComeTogether(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, world(0, 0))
	var first, second sync.WaitGroup
	first.Add(2)
	second.Add(2)
	list := &pages{size: 100, jobs: always(237), total: honest, link: properLink}
	server.Handle(runPath, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first.Done()
		first.Wait()
		githubtest.SendJSON(w, r, githubtest.Object{"id": 700, "status": "completed"})
	}))
	server.Handle(jobsPath, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gate := &second
		if r.URL.Query().Get("page") == "1" {
			gate = &first
		}
		gate.Done()
		gate.Wait()
		list.ServeHTTP(w, r)
	}))
	got, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700})
	if err != nil || len(got.Jobs) != 237 {
		t.Fatalf("got %d jobs, %v", len(got.Jobs), err)
	}
	for _, r := range server.Requests() {
		if r.Path == jobsPath && (r.Query.Get("per_page") != "100" || r.Query.Get("filter") != "latest") {
			t.Errorf("asked for %s", r)
		}
	}
	if n := len(server.Requests()); n != 4 {
		t.Errorf("%d requests, want 4", n)
	}
}

// world is acme/app with run 700 of n jobs.
func world(n, steps int) *githubtest.World {
	w := githubtest.NewWorld()
	w.Repository("acme/app").Run(700, 1, nil).Matrix(1, 700, n, steps)
	return w
}

// TestAListThatLosesAnItemLosesNoOther: if an item leaves a list between two requests, a later item
// moves to a page that was already read.
func TestAListThatLosesAnItemLosesNoOther(t *testing.T) {
	t.Parallel()
	shrinking := &pages{size: 100, total: honest, jobs: func(request int) []int64 {
		ids := always(200)(0)
		if request > 1 {
			return slices.Concat(ids[:4], ids[5:]) // job 5 is gone
		}
		return ids
	}}
	server := githubtest.New(t, world(0, 0))
	server.Handle(jobsPath, shrinking)
	got, err := newClient(t, server, 10).RunJobs(t.Context(), actions.RunQuery{Repository: app(t), RunID: 700})
	if err != nil || len(got.Jobs) != 199 {
		t.Fatalf("got %d jobs, %v, want 199", len(got.Jobs), err)
	}
	for _, j := range got.Jobs {
		if job.Value(j.ID) == 5 {
			t.Error("job 5 is gone, but listed")
		}
	}
}
