package actions

import (
	"context"
	"errors"
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

// smallerPages are the page sizes to fall back to when the server keeps failing on a larger page.
func smallerPages() []int { return []int{50, 30, 10} }

// page is one page of a list.
type page[T any] struct {
	items []T
	total *int // how many entries the server says the whole list has; nil when it says nothing sensible
	links bool // whether there is a Link header at all
	next  bool // whether that header names a next page
}

// newPage reads the figures about the list that come with the items of a page. Of a Link header only
// the word "next" counts. Its address is never used, so it cannot lead anywhere.
func newPage[T any](items []T, total *int, header http.Header) page[T] {
	if total != nil && *total < 0 {
		total = nil
	}
	p := page[T]{items: items, total: total}
	for _, value := range header.Values("Link") {
		p.links = true
		for link := range strings.SplitSeq(value, ",") {
			for _, parameter := range strings.Split(link, ";")[1:] {
				name, value, _ := strings.Cut(strings.TrimSpace(parameter), "=")
				p.next = p.next || strings.EqualFold(name, "rel") && strings.Trim(value, `"`) == "next"
			}
		}
	}
	return p
}

// list is a paged endpoint: how one page is fetched, and what makes two items the same.
type list[T any] struct {
	object string
	fetch  func(ctx context.Context, number, size int) (page[T], error) // number counts from 1
	id     func(T) int64
	size   int  // how many items to ask for at once
	atOnce int  // how many pages to ask for at the same time
	most   int  // how many items are wanted; 0 is all
	index  bool // the list comes from a search index, whose count can stay wrong: see all

	// newestFirst says that items only ever come at the front of the list: see startsWhole.
	newestFirst bool
	// shortEnds says that a page with fewer items than were asked for is the last one, where nothing
	// else tells of an end.
	shortEnds bool
}

// listing is what came of a list.
type listing[T any] struct {
	items []T
	total *int // the largest count that a page gave
	short bool // total promises more than there is, and the server shows no more
}

// all reads the whole list, or the first items of it when not all are wanted. The first page goes
// alone and tells how many more there are. Those go together.
//
// A list that ends before its own total_count was read while it changed, so it is read again from the
// start. After maxPasses readings it is an error. The count of a list from a search index can stay too
// high for good: there, two readings that agree and end on an empty page are the list.
func (l list[T]) all(ctx context.Context) (listing[T], error) {
	var last reading[T]
	for pass := range maxPasses {
		r := reading[T]{list: l, seen: map[int64]int{}}
		if l.newestFirst && last.changed() {
			r.atOnce = 1
		}
		if err := r.run(ctx); err != nil {
			return listing[T]{}, err
		}
		switch enough := len(r.items) >= r.want(); {
		case l.newestFirst && r.startsWhole():
			return listing[T]{items: r.items, total: r.first}, nil
		case enough && (!l.newestFirst || !r.changed() || pass == maxPasses-1):
			return listing[T]{items: r.items, total: r.total}, nil
		}
		if l.index && pass > 0 && r.agreesWith(last) {
			return listing[T]{items: r.items, total: r.total, short: true}, nil
		}
		last = r
	}
	return listing[T]{}, &Error{
		Kind: Incomplete, Object: l.object, Status: http.StatusOK,
		Reason: fmt.Sprintf("the list says it has %d entries, but only %d came in %d readings", last.want(), len(last.items), maxPasses),
	}
}

// reading is one pass over a list.
type reading[T any] struct {
	list[T]
	items  []T
	seen   map[int64]int // ID -> place in items
	pages  int           // pages read so far
	length int           // items on the first page: a server may give fewer than were asked for
	last   page[T]       // the last page by number
	total  *int          // the largest count that a page gives: it moves while the list changes
	first  *int          // the count that the first page gives
	least  *int          // the smallest count that a page gives
	fresh  int           // items of the last page that no page before it had
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
			pages[i], err = r.fetchPage(ctx, r.pages+i+1)
			return err
		})
	}
	return pages, g.Wait()
}

// fetchPage asks for one page. GitHub answers some large pages with 502 for good, so a page that fails
// with 5xx after its retries is asked for again in smaller pages.
func (r *reading[T]) fetchPage(ctx context.Context, number int) (page[T], error) {
	p, err := r.fetch(ctx, number, r.size)
	length := r.size
	if r.pages > 0 {
		length = min(length, r.length)
	}
	for _, size := range smallerPages() {
		if !errors.Is(err, ServerFault) || ctx.Err() != nil {
			return p, err
		}
		if size < r.size {
			p, err = r.fetchInParts(ctx, (number-1)*length, number*length, size)
		}
	}
	return p, err
}

// fetchInParts asks for the entries from one place to another (counted from 0, the end not included) in
// pages of size. Entries around them may come as well: add knows those that it has. A server whose pages
// are no longer than the wanted part gives that part in one page, whatever size is asked for.
func (r *reading[T]) fetchInParts(ctx context.Context, from, to, size int) (page[T], error) {
	var all page[T]
	step := min(size, max(1, to-from))
	for number := from/step + 1; (number-1)*step < to; number++ {
		p, err := r.fetch(ctx, number, size)
		if err != nil {
			return page[T]{}, err
		}
		all = page[T]{items: append(all.items, p.items...), total: larger(all.total, p.total), links: p.links, next: p.next}
		if isLast := p.links && !p.next || len(p.items) == 0; isLast {
			break
		}
	}
	return all, nil
}

// add takes over the items of a page. A list that shifts between two requests shows an item twice: the
// later answer is the newer one.
func (r *reading[T]) add(p page[T]) {
	if r.pages == 0 {
		r.length = min(len(p.items), r.size)
		r.first, r.least = p.total, p.total
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
	// A count that falls means that something left the list, and what came after it moved up past the
	// edge of a page. Held to the larger count, this reading comes up short, and the next one is whole.
	r.total = larger(r.total, p.total)
	if r.least != nil && p.total != nil && *p.total < *r.least {
		r.least = p.total
	}
	r.last = p
}

// changed reports whether the count changed while the list was read.
func (r *reading[T]) changed() bool {
	return r.first != nil && (*r.least < *r.first || *r.total > *r.first)
}

// startsWhole reports whether items came at the front of the list while it was read, nothing left it,
// and the items are still whole from the newest on. Those that come push the others down to later pages.
// When the pages are read in order, they show items again, but miss none. When they are not, only the
// count can show that none is missing.
//
// Where the server shows only the first part of a list, the last ones that it showed at the start may be
// out of sight by then.
func (r *reading[T]) startsWhole() bool {
	if !r.changed() || *r.least < *r.first {
		return false
	}
	if len(r.items) >= *r.total {
		return true
	}
	wanted := *r.first
	if r.most > 0 {
		wanted = min(wanted, r.most)
	}
	return r.inOrder() && len(r.items) >= wanted-(*r.total-*r.first)
}

// inOrder reports whether no two pages were asked for at once: the first one goes alone.
func (r *reading[T]) inOrder() bool { return r.atOnce == 1 || r.pages <= 2 }

func larger(a, b *int) *int {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
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

// enough reports whether all items that are wanted have come.
func (r *reading[T]) enough() bool { return r.most > 0 && len(r.items) >= r.most }

// agreesWith reports whether two readings found the same items and the same count, and this one ended
// on an empty page.
func (r *reading[T]) agreesWith(other reading[T]) bool {
	if len(r.last.items) > 0 || r.want() != other.want() || len(r.items) != len(other.items) {
		return false
	}
	for id := range r.seen {
		if _, ok := other.seen[id]; !ok {
			return false
		}
	}
	return true
}

// more says how many pages to ask for next; 0 is the end. A short page says nothing about the end. A
// page that brings nothing new always is the end: that bounds the number of requests, whatever a server
// claims.
func (r *reading[T]) more() int {
	missing := r.want() - len(r.items)
	switch {
	case r.fresh == 0 || r.enough():
		return 0
	case missing > 0:
		return min((missing+r.length-1)/r.length, maxPagesAtOnce)
	case r.last.next:
		return 1
	case r.total == nil && !r.last.links:
		if r.shortEnds && len(r.last.items) < r.size {
			return 0
		}
		return 1 // nothing tells of an end, so ask until there is one
	}
	return 0
}
