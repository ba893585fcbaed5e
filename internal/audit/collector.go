package audit

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"
)

// RunInfo is what the audit reads of one run beside its jobs.
type RunInfo struct {
	// CreatedAt is when the run was created; nil when unknown.
	CreatedAt *time.Time
}

// Result is the verdict over all runs that were added.
type Result struct {
	// Compliant says that there is no violation, listed or not. Without rules
	// it is true.
	Compliant bool

	// ViolationCount counts all violations, ViolationCount - len(Violations) of
	// which are not listed.
	ViolationCount int64

	// Violations are the first of all violations: by the order of the runs, by
	// the order of the jobs within a run, and within a job as
	// [Rules.Violations] has them. Never nil.
	Violations []Violation

	// LabelSets has one row for each distinct set of labels, most jobs first,
	// sets with as many jobs by their labels. Never nil.
	LabelSets []LabelSet

	// RunCount counts the runs, those without jobs included; JobCount the jobs.
	RunCount int64
	JobCount int64

	// OldestRunAt and NewestRunAt are the earliest and the latest creation of
	// these runs; nil when no run has one.
	OldestRunAt *time.Time
	NewestRunAt *time.Time
}

// Collector adds up runs as they come. It keeps what the answer needs and no
// job: the first violations up to its limit, and counts for each distinct set of
// labels. Memory therefore grows with the number of different label sets and of
// different figures in them, not with the number of jobs.
//
// All methods may be called from many goroutines at once, and the order in
// which runs arrive makes no difference to the result.
type Collector struct {
	rules *Rules
	limit int

	mu         sync.Mutex
	violations int64
	listed     []runViolations // by order
	listedRows int             // over all of listed, never above limit
	sets       map[string]*usage
	runs       int64
	jobs       int64
	oldest     *time.Time
	newest     *time.Time
}

// runViolations are the listed violations of one run.
type runViolations struct {
	order int
	rows  []Violation
}

// NewCollector starts an audit by these rules; nil rules are none. At most
// maxViolations violations are listed, none when it is not positive; all are
// counted in any case.
func NewCollector(rules *Rules, maxViolations int) *Collector {
	return &Collector{
		rules: rules,
		limit: max(maxViolations, 0),
		sets:  make(map[string]*usage),
	}
}

// AddRun adds one run with all of its jobs. The run with the lowest order comes
// first in the list of violations: its place in GitHub's list, which is newest
// first, will do. Each order is to be used once, and each run added once.
func (c *Collector) AddRun(order int, run RunInfo, jobs []Job) {
	// The rules are applied before the lock is taken: they are most of the work
	// and need nothing of the collector.
	var rows []Violation
	counts := make([]int, len(jobs))
	sets := make([][]setLabel, len(jobs))
	for i, job := range jobs {
		found := c.rules.Violations(job)
		counts[i] = len(found)
		rows = append(rows, found...)
		sets[i] = labelSet(job.Labels)
	}

	c.mu.Lock()
	defer c.mu.Unlock()

	c.runs++
	c.jobs += int64(len(jobs))
	c.violations += int64(len(rows))
	c.list(order, rows)
	if at := run.CreatedAt; at != nil {
		if c.oldest == nil || at.Before(*c.oldest) {
			c.oldest = new(*at)
		}
		if c.newest == nil || at.After(*c.newest) {
			c.newest = new(*at)
		}
	}

	var key []byte
	for i := range jobs {
		key = appendKey(key[:0], sets[i])
		u := c.sets[string(key)]
		if u == nil {
			u = &usage{labels: sets[i]}
			c.sets[string(key)] = u
		}
		u.add(&jobs[i], sets[i], counts[i])
	}
}

// list puts the violations of a run in their place and drops what is beyond the
// limit, which is always at the end: a later run can only push more out, so what
// was dropped once is never missed.
func (c *Collector) list(order int, rows []Violation) {
	if len(rows) == 0 {
		return
	}
	at, _ := slices.BinarySearchFunc(c.listed, order, func(run runViolations, order int) int {
		return cmp.Compare(run.order, order)
	})
	c.listed = slices.Insert(c.listed, at, runViolations{order: order, rows: rows})
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

// Result is the verdict over the runs added so far. It shares nothing with the
// collector but the jobs' own values, and more runs may be added after it.
func (c *Collector) Result() Result {
	c.mu.Lock()
	defer c.mu.Unlock()

	result := Result{
		Compliant:      c.violations == 0,
		ViolationCount: c.violations,
		Violations:     make([]Violation, 0, c.listedRows),
		LabelSets:      make([]LabelSet, 0, len(c.sets)),
		RunCount:       c.runs,
		JobCount:       c.jobs,
	}
	for _, run := range c.listed {
		result.Violations = append(result.Violations, run.rows...)
	}
	for _, u := range slices.SortedFunc(maps.Values(c.sets), compareUsage) {
		result.LabelSets = append(result.LabelSets, u.labelSet())
	}
	if c.oldest != nil {
		result.OldestRunAt = new(*c.oldest)
		result.NewestRunAt = new(*c.newest)
	}
	return result
}
