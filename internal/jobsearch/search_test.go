package jobsearch_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/jobsearch"
)

// begins is a pattern that matches what begins with it.
type begins string

func (b begins) Match(s string) bool { return strings.HasPrefix(s, string(b)) }

func TestMatches(t *testing.T) {
	t.Parallel()
	whole := &job.Job{
		Name: new("build (linux)"), Labels: []string{"self-hosted", "gpu=a100"}, RunnerName: new("metal-7"), RunnerGroupName: new("big"),
		Status: new("completed"), Conclusion: new("failure"),
		Steps: []*job.Step{
			{Name: new("Set up job"), Conclusion: new("success")}, {Name: new("Run tests"), Conclusion: new("timed_out")},
			{Name: new("Upload"), Conclusion: new("skipped")}, {Name: new("Clean up")},
		},
	}
	for name, tc := range map[string]struct {
		query  jobsearch.Query
		whole  bool
		barren bool // whether a job without anything matches
	}{
		"nothing asked":                        {jobsearch.Query{}, true, true},
		"the name":                             {jobsearch.Query{Name: begins("build")}, true, false},
		"another name":                         {jobsearch.Query{Name: begins("test")}, false, false},
		"the runner":                           {jobsearch.Query{Runner: begins("metal")}, true, false},
		"another runner":                       {jobsearch.Query{Runner: begins("wood")}, false, false},
		"the group":                            {jobsearch.Query{RunnerGroup: begins("big")}, true, false},
		"a label":                              {jobsearch.Query{Labels: []jobsearch.Pattern{begins("gpu")}}, true, false},
		"two labels":                           {jobsearch.Query{Labels: []jobsearch.Pattern{begins("gpu"), begins("self")}}, true, false},
		"a label and one it lacks":             {jobsearch.Query{Labels: []jobsearch.Pattern{begins("gpu"), begins("mac")}}, false, false},
		"the conclusion in another case":       {jobsearch.Query{Conclusion: "FAILURE"}, true, false},
		"another conclusion":                   {jobsearch.Query{Conclusion: "success"}, false, false},
		"the status":                           {jobsearch.Query{Status: "completed"}, true, false},
		"another status":                       {jobsearch.Query{Status: "queued"}, false, false},
		"a step that failed":                   {jobsearch.Query{FailedStep: begins("Run")}, true, false},
		"a step that succeeded":                {jobsearch.Query{FailedStep: begins("Set up")}, false, false},
		"a step that was skipped":              {jobsearch.Query{FailedStep: begins("Upload")}, false, false},
		"a step that has no conclusion yet":    {jobsearch.Query{FailedStep: begins("Clean")}, false, false},
		"all that is asked, but for one thing": {jobsearch.Query{Name: begins("build"), Status: "queued"}, false, false},
	} {
		if got := tc.query.Matches(whole); got != tc.whole {
			t.Errorf("%s: the job matches: %v", name, got)
		}
		if got := tc.query.Matches(&job.Job{}); got != tc.barren {
			t.Errorf("%s: a job without anything matches: %v", name, got)
		}
	}
}

func jobAt(id int64, minute int) *job.Job {
	return &job.Job{ID: &id, CreatedAt: new(time.Date(2026, 11, 20, 10, minute, 0, 0, time.UTC))}
}

func TestTheNewestAreKept(t *testing.T) {
	t.Parallel()
	c := jobsearch.NewCollector(jobsearch.Query{}, 3)
	c.AddRun("acme/b", []*job.Job{jobAt(1, 5), jobAt(2, 5), jobAt(3, 1)})
	c.AddRun("acme/a", []*job.Job{jobAt(4, 5), {ID: new(int64(5))}})
	jobs, matched := c.Jobs()
	var got []string
	for _, f := range jobs {
		got = append(got, fmt.Sprint(f.Repository, " ", *f.Job.ID))
	}
	if want := []string{"acme/a 4", "acme/b 2", "acme/b 1"}; !slices.Equal(got, want) || matched != 5 {
		t.Errorf("got %q of %d, want %q of 5", got, matched, want)
	}
	if a, b := c.Matched("acme/a"), c.Matched("acme/b"); a != 2 || b != 3 {
		t.Errorf("by repository: %d and %d", a, b)
	}
}

func TestACopyCountsOnce(t *testing.T) {
	t.Parallel()
	began, ended, again := time.Unix(100, 0), time.Unix(200, 0), time.Unix(900, 0)
	of := func(id, attempt int64, created time.Time) *job.Job {
		return &job.Job{ID: &id, RunAttempt: &attempt, Name: new("a"), CreatedAt: &created, StartedAt: &began, CompletedAt: &ended}
	}
	c := jobsearch.NewCollector(jobsearch.Query{}, 10)
	c.AddRun("acme/app", []*job.Job{of(1, 1, began), of(2, 2, again)})
	if jobs, matched := c.Jobs(); matched != 1 || *jobs[0].Job.ID != 1 {
		t.Errorf("got %d jobs, the first %+v", matched, jobs[0].Job)
	}
}

// TestTheOrderOfArrivalMakesNoDifference: neither does the limit, but for what it cuts.
func TestTheOrderOfArrivalMakesNoDifference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(0, 12).Draw(t, "limit")
		minutes := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 20).Draw(t, "minutes")
		collect := func(order []int, limit int) []jobsearch.Found {
			c := jobsearch.NewCollector(jobsearch.Query{}, limit)
			for _, i := range order {
				c.AddRun(fmt.Sprint("acme/", i%3), []*job.Job{jobAt(int64(i), minutes[i])})
			}
			jobs, matched := c.Jobs()
			if matched != int64(len(minutes)) {
				t.Fatalf("%d of %d jobs match", matched, len(minutes))
			}
			return jobs
		}
		order := make([]int, len(minutes))
		for i := range order {
			order[i] = i
		}
		all := collect(order, len(minutes))
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		ids := func(all []jobsearch.Found) (ids []int64) {
			for _, f := range all {
				ids = append(ids, *f.Job.ID)
			}
			return ids
		}
		if got, want := ids(collect(order, limit)), ids(all[:min(limit, len(all))]); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
