package actions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// This file lists runs beyond the 1,000 that GitHub shows of a filtered list. A list is read in
// windows: each goes on from the second in which the oldest run so far was created. That second is
// asked for again, since more runs may share it. An end in the past also means that runs that start
// meanwhile do not move the later windows.

// runWalk is a list of runs on its way.
type runWalk struct {
	query  RunsQuery
	object string

	windows int
	runs    []*job.Run
	seen    map[int64]bool
	oldest  time.Time // creation of the oldest run
	undated bool      // a run has no creation time, so there is nothing to go on from
}

// window is one list of GitHub's.
type window struct {
	listing[*job.Run]
	limit int  // how many runs were wanted
	whole bool // there are no older ones
}

func (c *Client) listRuns(ctx context.Context, q RunsQuery) (WorkflowRuns, error) {
	walk := runWalk{query: q, object: q.Repository.String() + " workflow runs", seen: map[int64]bool{}}
	if q.Workflow != "" {
		walk.object = fmt.Sprintf("%s runs of workflow %s", q.Repository, q.Workflow)
	}
	first, err := c.runsWindow(ctx, walk.object, q)
	if err != nil {
		return WorkflowRuns{}, err
	}
	last, cut := first, false
	for walk.add(last.items); !last.whole && len(walk.runs) < q.Max; walk.add(last.items) {
		next, ok := walk.next()
		if !ok {
			cut = true
			break
		}
		before := last
		last, err = c.runsWindow(ctx, walk.object, next)
		if isIgnoredRange(err) && q.Created == "" {
			last, cut = before, true // the server does not know ranges, so there is nothing to go on with
			break
		}
		if err != nil {
			return WorkflowRuns{}, err
		}
		if !last.whole && !walk.reaches(last.items) {
			cut = true
			walk.add(last.items)
			break
		}
	}
	return walk.result(first, last, cut)
}

// runsWindow reads one of GitHub's lists, and holds its runs to the filters.
func (c *Client) runsWindow(ctx context.Context, object string, q RunsQuery) (window, error) {
	w := window{limit: q.Max}
	if q.isFiltered() {
		w.limit = min(w.limit, MaxFilteredRuns)
	}
	var err error
	w.listing, err = list[*job.Run]{
		object: object,
		fetch: func(ctx context.Context, number, size int) (page[*job.Run], error) {
			return c.runsPage(ctx, object, q.page(number, size))
		},
		id:          func(run *job.Run) int64 { return job.Value(run.ID) },
		size:        min(perPage, w.limit), // no more than is wanted: a run weighs 15 KB
		atOnce:      c.cfg.MaxConcurrent,
		most:        w.limit,
		index:       true,
		newestFirst: true,
	}.all(ctx)
	if err != nil {
		return window{}, err
	}
	w.whole = w.isWhole(q)
	_, err = q.check(object, w.items)
	return w, err
}

// isWhole reports whether the window has all runs that match. A list that is as long as GitHub makes a
// filtered one is not known to be, unless it is unfiltered and has as many runs as it says.
func (w window) isWhole(q RunsQuery) bool {
	if len(w.items) >= MaxFilteredRuns {
		return !q.isFiltered() && w.total != nil && *w.total <= len(w.items)
	}
	if len(w.items) >= w.limit {
		return w.total != nil && *w.total <= len(w.items)
	}
	return w.short || w.total == nil || *w.total <= len(w.items)
}

// isFiltered reports whether GitHub answers from its search index, which ends after MaxFilteredRuns.
func (q RunsQuery) isFiltered() bool {
	return cmp.Or(q.Branch, q.Event, q.Actor, q.Status, q.Created, q.HeadSHA) != ""
}

func isIgnoredRange(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == FilterIgnored && e.Missing == PartCreated
}

func (w *runWalk) add(runs []*job.Run) {
	w.windows++
	for _, run := range runs {
		if id := job.Value(run.ID); !w.seen[id] {
			w.seen[id] = true
			w.runs = append(w.runs, run)
		}
		switch at := run.CreatedAt; {
		case at == nil:
			w.undated = true
		case w.oldest.IsZero() || at.Before(w.oldest):
			w.oldest = *at
		}
	}
}

// next is the query for what is older than the runs so far, their last second included.
func (w *runWalk) next() (RunsQuery, bool) {
	if w.undated || w.oldest.IsZero() {
		return RunsQuery{}, false
	}
	q := w.query
	created, _ := ParseCreated(q.Created)
	q.Created = created.UpTo(w.oldest).String()
	again := 0
	for _, run := range w.runs {
		if !run.CreatedAt.Truncate(time.Second).After(w.oldest.Truncate(time.Second)) {
			again++
		}
	}
	q.Max = w.query.Max - len(w.runs) + again
	return q, true
}

// reaches reports whether a window goes back further than the runs so far. One that does not has as
// many runs in a single second as GitHub shows, and there is no way past that.
func (w *runWalk) reaches(runs []*job.Run) bool {
	return slices.ContainsFunc(runs, func(run *job.Run) bool {
		return run.CreatedAt != nil && run.CreatedAt.Before(w.oldest.Truncate(time.Second))
	})
}

// result puts the runs in order: runs that started while the pages were read have pushed the others
// down.
func (w *runWalk) result(first, last window, cut bool) (WorkflowRuns, error) {
	slices.SortStableFunc(w.runs, func(a, b *job.Run) int {
		return cmp.Or(job.Value(b.CreatedAt).Compare(job.Value(a.CreatedAt)), cmp.Compare(job.Value(b.ID), job.Value(a.ID)))
	})
	r := WorkflowRuns{Short: last.short, Cut: cut, Runs: w.runs[:min(len(w.runs), w.query.Max)]}
	if total := w.total(first, last, cut); total != nil {
		r.Total = new(int64(*total))
	}
	var err error
	r.Unchecked, err = w.query.check(w.object, r.Runs)
	return r, err
}

// total is how many runs match. After several windows, the count of the first one is out of date, and
// only needed where the walk ended before the oldest run.
func (w *runWalk) total(first, last window, cut bool) *int {
	if first.total == nil || w.windows == 1 {
		return first.total
	}
	switch {
	case cut || !last.whole:
		return new(max(*first.total, len(w.runs)+1))
	case last.short:
		return new(len(w.runs) + *last.total - len(last.items))
	}
	return new(len(w.runs))
}
