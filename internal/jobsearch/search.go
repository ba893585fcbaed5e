// Package jobsearch picks the jobs that match a query out of those of many runs.
//
// It is pure: it sends no requests and reads no clock. The caller compiles the patterns for names
// and labels.
package jobsearch

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
	"sync"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// Pattern matches whole names or labels.
type Pattern interface{ Match(string) bool }

// Query says which jobs match. A nil or empty field matches any job.
type Query struct {
	Name        Pattern
	Labels      []Pattern // each must match a label of the job
	Runner      Pattern
	RunnerGroup Pattern
	Conclusion  string // compared without case
	Status      string // compared without case
	FailedStep  Pattern
}

// Matches reports whether a job matches all that is asked. A null name, runner, group, conclusion or
// status matches no pattern and no value.
func (q Query) Matches(j *job.Job) bool {
	return matches(q.Name, j.Name) && matches(q.Runner, j.RunnerName) && matches(q.RunnerGroup, j.RunnerGroupName) &&
		is(q.Conclusion, j.Conclusion) && is(q.Status, j.Status) && q.hasLabels(j) && q.hasFailedStep(j)
}

func matches(p Pattern, name *string) bool { return p == nil || name != nil && p.Match(*name) }

func is(want string, value *string) bool {
	return want == "" || value != nil && strings.EqualFold(want, *value)
}

func (q Query) hasLabels(j *job.Job) bool {
	return !slices.ContainsFunc(q.Labels, func(p Pattern) bool { return !slices.ContainsFunc(j.Labels, p.Match) })
}

// hasFailedStep: a step fails as a job does, with every conclusion that is not known to be harmless.
func (q Query) hasFailedStep(j *job.Job) bool {
	return q.FailedStep == nil || slices.ContainsFunc(j.Steps, func(s *job.Step) bool {
		return s.Conclusion != nil && !job.IsHarmless(s.Conclusion) && matches(q.FailedStep, s.Name)
	})
}

// Found is a job that matches.
type Found struct {
	Repository string // owner/name
	Job        *job.Job
}

// Collector keeps the newest jobs that match, up to a limit, and counts all of them. Its memory grows
// with the limit alone. All methods may be called from many goroutines at once, and the order in which
// runs arrive makes no difference.
type Collector struct {
	query Query
	limit int

	mu      sync.Mutex
	matched int64
	oldest  oldestFirst // the kept jobs, at most limit; the one to drop next is the first
	counts  map[string]int64
}

// NewCollector keeps at most limit jobs.
func NewCollector(query Query, limit int) *Collector {
	return &Collector{query: query, limit: limit, counts: map[string]int64{}}
}

// AddRun takes all jobs of one run. A job that a re-run carried over counts once, see job.WithoutCopies.
func (c *Collector) AddRun(repository string, jobs []*job.Job) {
	var found []Found
	for _, j := range job.WithoutCopies(jobs) {
		if c.query.Matches(j) {
			found = append(found, Found{repository, j})
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.matched += int64(len(found))
	c.counts[repository] += int64(len(found))
	for _, f := range found {
		heap.Push(&c.oldest, f)
		if len(c.oldest) > c.limit {
			heap.Pop(&c.oldest)
		}
	}
}

// Jobs are the kept jobs, newest first: by creation, those without one last, then by repository, and by
// ID with the highest first. matched counts all that match, kept or not.
func (c *Collector) Jobs() (jobs []Found, matched int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	jobs = slices.Clone([]Found(c.oldest))
	slices.SortFunc(jobs, newestFirst)
	return jobs, c.matched
}

// Matched is how many jobs of one repository match, kept or not.
func (c *Collector) Matched(repository string) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[repository]
}

func newestFirst(a, b Found) int {
	return cmp.Or(
		job.Value(b.Job.CreatedAt).Compare(job.Value(a.Job.CreatedAt)),
		strings.Compare(a.Repository, b.Repository),
		cmp.Compare(job.Value(b.Job.ID), job.Value(a.Job.ID)),
	)
}

// oldestFirst is a heap whose first job is the oldest.
type oldestFirst []Found

func (h oldestFirst) Len() int           { return len(h) }
func (h oldestFirst) Less(i, j int) bool { return newestFirst(h[i], h[j]) > 0 }
func (h oldestFirst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *oldestFirst) Push(x any) {
	if f, ok := x.(Found); ok {
		*h = append(*h, f)
	}
}

// Pop implements heap.Interface.
func (h *oldestFirst) Pop() any {
	last := (*h)[len(*h)-1]
	(*h)[len(*h)-1] = Found{} // so that the job can be freed
	*h = (*h)[:len(*h)-1]
	return last
}
