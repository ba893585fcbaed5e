// Package usage adds up how jobs queued and ran, by whatever they are grouped by.
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

// MaxRows is how many rows an answer has at most.
const MaxRows = 10_000

// maxGroups is how many groups a collector holds. It holds many more than it shows, because only all
// jobs together tell which rows come first.
const maxGroups = 10 * MaxRows

// Row is what the jobs of one group have in common.
type Row struct {
	values map[Key]*string

	// Labels are the labels of a row grouped by KeyLabels: distinct and sorted without case, empty for
	// jobs with no labels. Nil when not grouped by it. A label that jobs spell in several ways is shown
	// in the spelling that sorts first by its bytes (`Linux` before `linux`), so that it does not depend
	// on which job came first.
	Labels []string

	JobCount    int64 // those that never ran included
	FailedCount int64

	// ViolationCount adds up what the caller counted for the jobs.
	ViolationCount int64

	Queued   Figures
	Duration Figures

	// BillableMinutes adds up the durations, each rounded up to a full minute, as GitHub bills. A job
	// that ran for less than a second counts as a minute.
	BillableMinutes int64

	// RunnerGroups are the names of the groups whose runners took these jobs: distinct, sorted, never
	// nil.
	RunnerGroups []string
}

// Text is what the jobs of the row share for a key other than KeyLabels. Nil when the rows are not
// grouped by it, and when these jobs have nothing for it.
func (r Row) Text(key Key) *string { return r.values[key] }

// Order says which rows come first.
type Order int

// The orders. Rows that tie are in the order of their keys.
const (
	ByRunnerTime Order = iota // the highest total duration, then the most jobs
	ByJobCount                // the most jobs
)

// Collector adds up runs as they come. It keeps no job: memory grows with the number of groups, up to
// maxGroups, and of different figures in them.
//
// All methods may be called from many goroutines at once, and the order in which runs arrive makes no
// difference to the result.
type Collector struct {
	keys []Key // distinct

	mu     sync.Mutex
	groups *bounded.Map[group]
}

// NewCollector groups jobs by keys. Without keys, all jobs are one group, which has a row even when
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

// AddRun adds one run with all of its jobs. Each run must be added once. A nil run says nothing about
// its jobs. Copies of jobs that are in the list do not count (job.WithoutCopies).
//
// counts is what the caller counted for each job, such as its violations; a job that is not in it has
// none.
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
			key = appendText(key, texts[i])
		}
		if g := c.groups.At(key); g != nil {
			g.add(texts, set, j, counts[j])
		}
	}
}

// Rows are the rows over the runs added so far, at most limit of them, and whether there are more. A
// limit of 0 or less is none. Beyond maxGroups groups, the rows are the first among the groups that
// were kept. More runs may be added afterwards.
func (c *Collector) Rows(order Order, limit int) (rows []Row, cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.keys) == 0 {
		c.groups.At(nil) // there is a row, be it of no jobs
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
				g.texts[i] = new(strings.Clone(*s)) // not the memory of a whole answer
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

// compareTexts puts what is unknown last.
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
