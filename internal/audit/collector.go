package audit

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// Result is the verdict over all runs that were added.
type Result struct {
	// Compliant says that there is no violation, listed or not. Without rules it is true.
	Compliant bool

	// ViolationCount counts all violations, ViolationCount - len(Violations) of which are not listed.
	ViolationCount int64

	// Violations are the first of all violations: newest run first, by the order of the jobs within a
	// run, and within a job as [Rules.Violations] has them. Never nil.
	Violations []Violation

	// RunCount counts the runs, those without jobs included; JobCount the jobs.
	RunCount int64
	JobCount int64

	// OldestRunAt and NewestRunAt are the earliest and the latest creation of these runs; nil when no
	// run has one.
	OldestRunAt *time.Time
	NewestRunAt *time.Time
}

// Counts says how many violations each job has. Jobs without any are not in it.
type Counts map[*job.Job]int

// Collector adds up runs as they come. It keeps what the answer needs: counts, and the jobs of the
// violations that it lists.
//
// All methods may be called from many goroutines at once, and the order in which runs arrive makes no
// difference to the result.
type Collector struct {
	rules *Rules
	limit int

	mu         sync.Mutex
	violations int64
	listed     []runViolations // by place
	listedRows int             // over all of listed, never above limit
	runs       int64
	jobs       int64
	oldest     *time.Time
	newest     *time.Time
}

// place is where the violations of a run stand in the list: the newest run first, and runs whose
// creation is not known last.
type place struct {
	created    *time.Time
	repository string
	run        int64
}

func comparePlaces(a, b place) int {
	return cmp.Or(newestFirst(a.created, b.created), cmp.Compare(a.repository, b.repository), cmp.Compare(b.run, a.run))
}

// newestFirst puts what is unknown last.
func newestFirst(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return b.Compare(*a)
}

// runViolations are the listed violations of one run.
type runViolations struct {
	place place
	rows  []Violation
}

// NewCollector starts an audit by these rules; nil rules are none. At most maxViolations violations are
// listed, none when it is not positive; all are counted in any case.
func NewCollector(rules *Rules, maxViolations int) *Collector {
	return &Collector{rules: rules, limit: max(maxViolations, 0)}
}

// AddRun adds one run with all of its jobs, and tells how many violations each job has. Each run must
// be added once. A nil run is one of which nothing is known. Copies of jobs that are in the list do not
// count (job.WithoutCopies).
func (c *Collector) AddRun(repository string, run *job.Run, jobs []*job.Job) Counts {
	if run == nil {
		run = &job.Run{}
	}
	// The rules are applied before the lock is taken: they are most of the work and need nothing of
	// the collector.
	jobs = job.WithoutCopies(jobs)
	var rows []Violation
	counts := Counts{}
	for _, j := range jobs {
		if found := c.rules.Violations(j); len(found) > 0 {
			counts[j] = len(found)
			rows = append(rows, found...)
		}
	}

	c.mu.Lock()
	defer c.mu.Unlock()

	c.runs++
	c.jobs += int64(len(jobs))
	c.violations += int64(len(rows))
	c.list(place{created: run.CreatedAt, repository: repository, run: job.Value(run.ID)}, rows)
	if at := run.CreatedAt; at != nil {
		if c.oldest == nil || at.Before(*c.oldest) {
			c.oldest = new(*at)
		}
		if c.newest == nil || at.After(*c.newest) {
			c.newest = new(*at)
		}
	}
	return counts
}

// list puts the violations of a run in their place and drops what is beyond the limit, which is always
// at the end: a later run can only push more out, so what was dropped once is never missed.
func (c *Collector) list(at place, rows []Violation) {
	if len(rows) == 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(c.listed, at, func(run runViolations, p place) int {
		return comparePlaces(run.place, p)
	})
	c.listed = slices.Insert(c.listed, i, runViolations{place: at, rows: rows})
	c.listedRows += len(rows)

	for c.listedRows > c.limit {
		end := len(c.listed) - 1
		last := &c.listed[end]
		keep := len(last.rows) - min(c.listedRows-c.limit, len(last.rows))
		c.listedRows -= len(last.rows) - keep
		clear(last.rows[keep:]) // so that their jobs can be collected
		last.rows = last.rows[:keep]
		if keep == 0 {
			c.listed = slices.Delete(c.listed, end, end+1)
		}
	}
}

// Result is the verdict over the runs added so far. It shares nothing with the collector but the jobs,
// and more runs may be added after it.
func (c *Collector) Result() Result {
	c.mu.Lock()
	defer c.mu.Unlock()

	result := Result{
		Compliant:      c.violations == 0,
		ViolationCount: c.violations,
		Violations:     make([]Violation, 0, c.listedRows),
		RunCount:       c.runs,
		JobCount:       c.jobs,
	}
	for _, run := range c.listed {
		result.Violations = append(result.Violations, run.rows...)
	}
	if c.oldest != nil {
		result.OldestRunAt = new(*c.oldest)
		result.NewestRunAt = new(*c.newest)
	}
	return result
}
