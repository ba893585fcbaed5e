// Package usage adds up queue times, durations and billable minutes of jobs, grouped by keys.
//
// It is pure: it sends no requests and reads no clock.
package usage

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/runner-audit/terraform-provider-github-actions/internal/bounded"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// MaxRows is the maximum number of rows in a result.
const MaxRows = 10_000

// maxGroups is the maximum number of groups in memory. It is much higher than MaxRows, because the
// order of the rows is known only after all jobs.
const maxGroups = 10 * MaxRows

// Row has the keys and figures of one group of jobs.
type Row struct {
	values map[Key]*string

	// Labels are the labels of a row grouped by KeyLabels: distinct and sorted without case, empty
	// for jobs without labels. Nil if not grouped by it. If jobs spell a label in several ways,
	// this is the spelling that sorts first by its bytes (`Linux` before `linux`), so that it does
	// not depend on the order of the jobs.
	Labels []string

	JobCount    int64 // including jobs that never ran
	FailedCount int64

	// ViolationCount is the sum of the caller's counts for the jobs.
	ViolationCount int64

	Queued   Figures
	Duration Figures

	// BillableMinutes is the sum of the durations, each rounded up to a full minute, as GitHub
	// bills. A job that ran for less than a second counts as a minute.
	BillableMinutes int64

	// RunnerGroups are the names of the groups whose runners took these jobs: distinct, sorted, never
	// nil.
	RunnerGroups []string
}

// Text is the value of a key other than KeyLabels. Nil if the rows are not grouped by it, and if
// these jobs have no value for it.
func (r Row) Text(key Key) *string { return r.values[key] }

// Order is an order of rows.
type Order int

// The orders. Equal rows are in the order of their keys.
const (
	ByRunnerTime Order = iota // the highest total duration, then the most jobs
	ByJobCount                // the most jobs
)

// Collector adds up runs as they arrive. It does not keep jobs: memory grows with the number of
// groups, up to maxGroups, and with the number of different figures in them.
//
// Several goroutines may call all methods. The result does not depend on the order in which runs
// arrive.
type Collector struct {
	keys []Key // distinct

	mu     sync.Mutex
	groups *bounded.Map[group]
}

// NewCollector groups jobs by keys. Without keys, all jobs are one group, which has a row even if
// there are no jobs.
func NewCollector(keys ...Key) *Collector {
	c := &Collector{groups: bounded.New[group](maxGroups)}
	for _, key := range keys {
		if !slices.Contains(c.keys, key) {
			c.keys = append(c.keys, key)
		}
	}
	return c
}

// AddRun adds one run with all of its jobs. Each run must be added once. run is nil if only
// its jobs are known. Copies of jobs in the list do not count (job.WithoutCopies).
//
// counts has the caller's count for each job, such as the number of its violations. A job that is
// not in it counts 0.
func (c *Collector) AddRun(repository string, run *job.Run, jobs []*job.Job, counts map[*job.Job]int) {
	if run == nil {
		run = &job.Run{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var key []byte
	for _, j := range job.WithoutCopies(jobs) {
		s := source{repository: repository, run: run, job: j}
		texts := make([]*string, len(c.keys))
		var set []job.SetLabel
		key = key[:0]
		for i, k := range c.keys {
			if k == KeyLabels {
				set = job.LabelSet(j.Labels)
				key = appendLabels(key, set)
				continue
			}
			texts[i] = s.text(k)
			key = bounded.AppendText(key, texts[i])
		}
		if g := c.groups.At(key); g != nil {
			g.add(texts, set, j, counts[j])
		}
	}
}

// Rows returns at most limit rows over the runs added so far, and whether there are more. A limit
// of 0 or less means all rows. If there were more than maxGroups groups, these are the first rows
// of the groups that were kept. More runs may be added later.
func (c *Collector) Rows(order Order, limit int) (rows []Row, cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.keys) == 0 {
		c.groups.At(nil) // there is a row, even without jobs
	}
	cut = c.groups.Cut()
	groups := slices.SortedFunc(c.groups.All(), func(a, b *group) int { return compareGroups(order, a, b) })
	if limit > 0 && len(groups) > limit {
		groups, cut = groups[:limit], true
	}
	rows = make([]Row, 0, len(groups))
	for _, g := range groups {
		rows = append(rows, g.row(c.keys))
	}
	return rows, cut
}

// group adds up the jobs of one row.
type group struct {
	texts      []*string // by key; nil at KeyLabels
	labels     []job.SetLabel
	jobs       int64
	failed     int64
	violations int64
	queued     tally
	duration   tally
	minutes    int64
	runners    map[string]struct{} // names of runner groups
}

// add counts one job.
func (g *group) add(texts []*string, set []job.SetLabel, j *job.Job, violations int) {
	if g.jobs == 0 {
		g.labels = set
		g.texts = make([]*string, len(texts))
		for i, s := range texts {
			if s != nil {
				g.texts[i] = new(strings.Clone(*s)) // a copy, so that the whole answer can be freed
			}
		}
	}
	for i := range g.labels {
		g.labels[i].Spelling = min(g.labels[i].Spelling, set[i].Spelling)
	}
	g.jobs++
	if j.Failed() {
		g.failed++
	}
	g.violations += int64(violations)
	g.queued.add(j.QueuedSeconds())
	duration := j.DurationSeconds()
	g.duration.add(duration)
	if duration != nil {
		g.minutes += max(1, (*duration+59)/60)
	}
	if name := known(j.RunnerGroupName); name != nil {
		if g.runners == nil {
			g.runners = map[string]struct{}{}
		}
		g.runners[*name] = struct{}{}
	}
}

func (g *group) row(keys []Key) Row {
	r := Row{
		values:          make(map[Key]*string, len(keys)),
		JobCount:        g.jobs,
		FailedCount:     g.failed,
		ViolationCount:  g.violations,
		Queued:          g.queued.figures(),
		Duration:        g.duration.figures(),
		BillableMinutes: g.minutes,
		RunnerGroups:    slices.AppendSeq(make([]string, 0, len(g.runners)), maps.Keys(g.runners)),
	}
	slices.Sort(r.RunnerGroups)
	for i, key := range keys {
		if key == KeyLabels {
			r.Labels = make([]string, 0, len(g.labels))
			for _, label := range g.labels {
				r.Labels = append(r.Labels, label.Spelling)
			}
		} else if g.texts[i] != nil {
			r.values[key] = new(*g.texts[i])
		}
	}
	return r
}

func compareGroups(order Order, a, b *group) int {
	first := 0
	if order == ByRunnerTime {
		first = cmp.Compare(b.duration.total, a.duration.total)
	}
	return cmp.Or(
		first,
		cmp.Compare(b.jobs, a.jobs),
		slices.CompareFunc(a.texts, b.texts, compareTexts),
		slices.CompareFunc(a.labels, b.labels, func(x, y job.SetLabel) int { return cmp.Compare(x.Folded, y.Folded) }),
	)
}

// compareTexts sorts null last.
func compareTexts(a, b *string) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return strings.Compare(*a, *b)
}
