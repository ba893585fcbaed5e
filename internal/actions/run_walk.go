package actions

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// This file lists more runs than the 1,000 that GitHub shows of a filtered list. It reads a list in
// windows. Each window starts at the second in which the oldest run so far was created. That second
// is read again, because more runs may share it. Later windows end in the past, so runs that start
// meanwhile do not move them.

// runWalk is a list of runs while it is read.
type runWalk struct {
	query  RunsQuery
	object string

	windows int
	runs    []*job.Run
	seen    map[int64]bool
	oldest  time.Time // creation of the oldest run
	undated bool      // a run has no creation time, so the next window cannot start
}

// window is one list as GitHub returns it.
type window struct {
	listing[*job.Run]
	limit int  // the number of runs that the caller wants
	whole bool // older runs do not exist
}

func (c *Client) listRuns(ctx context.Context, q RunsQuery) (WorkflowRuns, error) {
	walk := runWalk{query: q, object: q.object(), seen: map[int64]bool{}}
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
			last, cut = before, true // the server does not support ranges, so this list is all
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

// runsWindow reads one list, and checks its runs against the filters.
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
		size:        min(perPage, w.limit), // not larger than needed: a run takes 15 KB
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

// isWhole reports whether the window has all runs that match. If a list has the maximum length of a
// filtered list, this is unknown, unless it is unfiltered and has as many runs as its total_count.
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
	return len(q.filters()) > 0
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

// next is the query for older runs, including the last second of the runs so far.
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

// reaches reports whether a window contains older runs than the runs so far. If it does not, one
// second has as many runs as GitHub shows, and the API has no way to list older ones.
func (w *runWalk) reaches(runs []*job.Run) bool {
	return slices.ContainsFunc(runs, func(run *job.Run) bool {
		return run.CreatedAt != nil && run.CreatedAt.Before(w.oldest.Truncate(time.Second))
	})
}

// result sorts the runs, because runs that started during the read moved the others to later
// places.
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

// total is the number of runs that match. After several windows, the count of the first one is out
// of date. It is needed only if the walk ended before the oldest run.
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
