package actions

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"
)

const (
	perPage = 100 // the most that GitHub gives at once

	maxPagesAtOnce = 100     // bounds what a wrong total_count can set off before it is found out
	maxItems       = 100_000 // more is a list that does not end
	maxPasses      = 3       // how often a list is read from its start before it counts as incomplete
)

// page is one page of a list.
type page[T any] struct {
	items []T
	total *int // what the server says the whole list has; nil when it says nothing sensible
	links bool // whether there is a Link header at all
	next  bool // whether that header tells of a next page
}

// newPage reads the figures about the list that stand around a page's items. Of a Link header only the
// word "next" counts; its address is never used, so it cannot lead anywhere.
func newPage[T any](items []T, total *int, around http.Header) page[T] {
	if total != nil && *total < 0 {
		total = nil
	}
	p := page[T]{items: items, total: total}
	for _, header := range around.Values("Link") {
		p.links = true
		for link := range strings.SplitSeq(header, ",") {
			for _, parameter := range strings.Split(link, ";")[1:] {
				name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
				p.next = p.next || strings.EqualFold(name, "rel") && strings.Trim(value, `"`) == "next"
			}
		}
	}
	return p
}

// list is a paged endpoint: how one page is fetched (from 1), and what makes two items the same.
type list[T any] struct {
	object string
	fetch  func(ctx context.Context, number int) (page[T], error)
	id     func(T) int64
	atOnce int // pages that may be asked for at the same time
	most   int // items that are wanted; 0: all
}

// all reads the whole list, or the first items of it when not all are wanted. The first page goes alone and tells how many more there are; those go
// together.
//
// A list that ends before its own total_count was read while it changed: it is read again from the
// start, and after maxPasses it is an error.
func (l list[T]) all(ctx context.Context) ([]T, error) {
	var got, want int
	for range maxPasses {
		r := reading[T]{list: l, seen: map[int64]int{}}
		if err := r.run(ctx); err != nil {
			return nil, err
		}
		got, want = len(r.items), r.want()
		if got >= want {
			return r.items, nil
		}
	}
	return nil, &Error{
		Kind: Incomplete, Object: l.object, Status: http.StatusOK,
		Reason: fmt.Sprintf("the list says it has %d entries, but only %d came in %d readings", want, got, maxPasses),
	}
}

// reading is one pass over a list.
type reading[T any] struct {
	list[T]
	items []T
	seen  map[int64]int // id -> place in items
	pages int           // pages read so far
	size  int           // items on the first page: a server may give fewer than were asked for
	last  page[T]       // the last page by number
	total *int          // the largest that a page says: it moves while the list changes
	fresh int           // items of the last page that no page before it had
}

func (r *reading[T]) run(ctx context.Context) error {
	for wave := 1; wave > 0; wave = r.more() {
		pages, err := r.fetchWave(ctx, wave)
		if err != nil {
			return err
		}
		for _, p := range pages {
			r.add(p)
		}
		if len(r.items) > maxItems {
			return &Error{
				Kind: Incomplete, Object: r.object, Status: http.StatusOK,
				Reason: fmt.Sprintf("the list does not end: more than %d entries came", maxItems),
			}
		}
	}
	return nil
}

// fetchWave asks for the next n pages at once.
func (r *reading[T]) fetchWave(ctx context.Context, n int) ([]page[T], error) {
	pages := make([]page[T], n)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.atOnce)
	for i := range pages {
		g.Go(func() (err error) {
			pages[i], err = r.fetch(ctx, r.pages+i+1)
			return err
		})
	}
	return pages, g.Wait()
}

// add takes over a page's items. A list that shifts between two requests shows an item twice: the
// later answer is the newer one.
func (r *reading[T]) add(p page[T]) {
	if r.pages == 0 {
		r.size = len(p.items)
	}
	r.pages++
	r.fresh = 0
	for _, item := range p.items {
		id := r.id(item)
		if place, ok := r.seen[id]; ok {
			r.items[place] = item
			continue
		}
		r.seen[id] = len(r.items)
		r.items = append(r.items, item)
		r.fresh++
	}
	// A total that falls means that something left the list, and what came after it moved up past the
	// edge of a page: held to the larger total, this reading comes up short, and the next one is whole.
	if p.total != nil && (r.total == nil || *p.total > *r.total) {
		r.total = p.total
	}
	r.last = p
}

// want is how many items have to come, as far as the server says.
func (r *reading[T]) want() int {
	switch {
	case r.total == nil:
		return 0
	case r.most > 0:
		return min(*r.total, r.most)
	}
	return *r.total
}

// enough reports whether all items that are wanted are there.
func (r *reading[T]) enough() bool { return r.most > 0 && len(r.items) >= r.most }

// more says how many pages to ask for next; 0 is the end. A page that is short says nothing about the
// end, and a page that brings nothing new always is it: that bounds the number of requests, whatever
// a server claims.
func (r *reading[T]) more() int {
	missing := r.want() - len(r.items)
	switch {
	case r.fresh == 0 || r.enough():
		return 0
	case missing > 0:
		return min((missing+r.size-1)/r.size, maxPagesAtOnce)
	case r.last.next:
		return 1
	case r.total == nil && !r.last.links:
		return 1 // nothing tells of an end, so ask until there is one
	}
	return 0
}
