package audit

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/bounded"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// MaxViolations is the maximum number of violations in a result.
const MaxViolations = 1000

// Result is the verdict over all runs that were added.
type Result struct {
	// Compliant is true if there are no violations, listed or not. Without rules it is true.
	Compliant bool

	// ViolationCount counts all violations, including those that Violations does not list.
	ViolationCount int64

	// ExceptedCount counts violations that match an exception. They are not in ViolationCount.
	ExceptedCount int64

	// Violations are the first of all violations: newest run first, by the order of the jobs within
	// a run, and within a job in the order of [Rules.Violations]. Never nil.
	Violations []Violation

	// Summary has a row for each repository, workflow, job, label, pattern and reason, the highest count
	// first, and then in the order of these. Never nil.
	Summary []SummaryRow

	// SummaryCut is true if there are more rows than MaxSummaryRows.
	SummaryCut bool

	// Exceptions say how each exception was used, in the order of the exceptions. Empty without
	// any.
	Exceptions []ExceptionUse

	// ByRepository counts the violations of each repository that has one. Never nil.
	ByRepository map[string]int64
}

// Counts is the number of violations of each job. It does not contain jobs without violations.
type Counts map[*job.Job]int

// Collector adds up runs as they arrive. It keeps only what the result needs: counts, rows of the
// summary, and the jobs of the listed violations. Memory does not grow with the number of jobs.
//
// Several goroutines may call all methods. The result does not depend on the order in which runs
// arrive.
type Collector struct {
	rules      *Rules
	exceptions *Exceptions
	limit      int

	mu           sync.Mutex
	listed       []runViolations // by place
	listedRows   int             // over all of listed, never above limit
	summary      *bounded.Map[summaryRow]
	uses         []ExceptionUse
	excepted     int64
	byRepository map[string]int64
}

// place is the position of a run's violations in the list: the newest run first, and runs without a
// creation time last.
type place struct {
	created    *time.Time
	repository string
	run        int64
}

func comparePlaces(a, b place) int {
	return cmp.Or(newestFirst(a.created, b.created), cmp.Compare(a.repository, b.repository), cmp.Compare(b.run, a.run))
}

// newestFirst sorts unknown times last.
func newestFirst(a, b *time.Time) int { return job.Value(b).Compare(job.Value(a)) }

// runViolations are the listed violations of one run.
type runViolations struct {
	place place
	rows  []Violation
}

// NewCollector starts an audit with these rules and exceptions, which may be nil. The result lists
// at most maxViolations violations, or none if it is 0 or less. It always counts all of them.
func NewCollector(rules *Rules, exceptions *Exceptions, maxViolations int) *Collector {
	return &Collector{
		rules:        rules,
		exceptions:   exceptions,
		limit:        max(maxViolations, 0),
		summary:      bounded.New[summaryRow](maxSummaryKeys),
		uses:         exceptions.uses(),
		byRepository: map[string]int64{},
	}
}

// AddRun adds one run with all of its jobs, and returns the number of violations of each job. Each
// run must be added once. run is nil if only its jobs are known. Copies of jobs in the list do not
// count (job.WithoutCopies).
func (c *Collector) AddRun(repository string, run *job.Run, jobs []*job.Job) Counts {
	if run == nil {
		run = &job.Run{}
	}
	// The rules are applied before the lock is taken: they are most of the work and do not need the
	// collector.
	jobs = job.WithoutCopies(jobs)
	var rows []Violation
	counts, uses := Counts{}, c.exceptions.uses()
	excepted := int64(0)
	for _, j := range jobs {
		for _, v := range c.rules.Violations(j) {
			v.Repository = repository
			if c.exceptions.match(v, run, uses) {
				excepted++
				continue
			}
			counts[j]++
			rows = append(rows, v)
		}
	}

	c.mu.Lock()
	defer c.mu.Unlock()

	if len(rows) > 0 {
		c.byRepository[repository] += int64(len(rows))
	}
	c.excepted += excepted
	for i := range uses {
		c.uses[i].Count += uses[i].Count
	}
	for _, v := range rows {
		summarize(c.summary, v, run)
	}
	c.list(place{created: run.CreatedAt, repository: repository, run: job.Value(run.ID)}, rows)
	return counts
}

// list inserts the violations of a run and drops those beyond the limit. It drops from the end. A
// later run can only push out more, so dropped violations are never needed again.
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

// Result is the verdict over the runs added so far. It shares only the jobs with the
// collector, so more runs may be added later.
func (c *Collector) Result() Result {
	c.mu.Lock()
	defer c.mu.Unlock()

	result := Result{
		ExceptedCount: c.excepted,
		Violations:    make([]Violation, 0, c.listedRows),
		Exceptions:    slices.Clone(c.uses),
		ByRepository:  maps.Clone(c.byRepository),
	}
	for _, count := range c.byRepository {
		result.ViolationCount += count
	}
	result.Compliant = result.ViolationCount == 0
	result.Summary, result.SummaryCut = summary(c.summary, MaxSummaryRows)
	for _, run := range c.listed {
		result.Violations = append(result.Violations, run.rows...)
	}
	return result
}
