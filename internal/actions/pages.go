package actions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

const (
	perPage = 100 // the most that GitHub gives at once

	maxPagesAtOnce = 100     // limits the requests that a wrong total_count can cause
	maxItems       = 100_000 // a longer list is an error
	maxPasses      = 3       // the number of readings after which a list counts as incomplete
)

// smallerPages are the page sizes to use if the server keeps failing on a larger page.
func smallerPages() []int { return []int{50, 30, 10} }

// page is one page of a list.
type page[T any] struct {
	items []T
	total *int // the total_count of the whole list; nil without a valid one
	links bool // whether there is a Link header at all
	next  bool // whether that header names a next page
}

// newPage reads the count and the Link header of a page. Of the Link header, it only uses the word
// "next", never the URL.
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

// listAnswer is the text of a page, for the rare cases in which the decoded page does not say enough.
type listAnswer struct{ text []byte }

func (a *listAnswer) prepare(text []byte) []byte {
	a.text = text
	return text
}

// isEmptyNull reports whether a page has the list of this name as null and counts no entries. Servers in
// Go may send that for an empty list. Any other answer without a list is not a page.
func (a *listAnswer) isEmptyNull(name string, total *int) bool {
	if total == nil || *total != 0 {
		return false
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(a.text, &fields)
	return string(fields[name]) == "null"
}

// list is a paged endpoint: how one page is fetched, and which items are the same.
type list[T any] struct {
	object string
	fetch  func(ctx context.Context, number, size int) (page[T], error) // number counts from 1
	id     func(T) int64
	size   int  // number of items on a page
	atOnce int  // number of concurrent requests for pages
	most   int  // maximum number of items; 0: all
	index  bool // the list comes from a search index, whose count can stay too high: see all

	// newestFirst is true if new items are only added at the front of the list: see startsWhole.
	newestFirst bool
	// shortEnds is true if a page with fewer items than requested is the last one. It is used if
	// the server sends neither a count nor a Link header.
	shortEnds bool
}

// listing is the result of reading a list.
type listing[T any] struct {
	items []T
	total *int // the largest count that a page gave
	short bool // total is higher than the number of items that the server shows
}

// all reads the whole list, or its first items if most is set. It requests the first page alone,
// because that page shows how many there are. Then it requests the others together.
//
// If a list ends before its total_count, it changed while it was read, so all reads it again from
// the start. After maxPasses readings it fails. The count of a list from a search index can stay
// too high: such a list is complete if two readings agree and end on an empty page.
func (l list[T]) all(ctx context.Context) (listing[T], error) {
	var last reading[T]
	for pass := range maxPasses {
		r := reading[T]{list: l, seen: map[int64]int{}}
		if l.newestFirst && last.changed() {
			r.atOnce = 1
		}
		if pass > 0 {
			transport.DropPinned(ctx) // by the reading before
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
	length int           // items on the first page: a server may send fewer than requested
	last   page[T]       // the last page by number
	total  *int          // the largest count that a page gives: it moves while the list changes
	first  *int          // the count that the first page gives
	least  *int          // the smallest count that a page gives
	fresh  int           // items of the last page that were not on an earlier page
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

// fetchWave requests the next n pages concurrently.
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

// fetchPage requests one page. GitHub answers some large pages with 502 every time, so if a page
// fails with 5xx after its retries, fetchPage requests smaller pages.
func (r *reading[T]) fetchPage(ctx context.Context, number int) (page[T], error) {
	p, err := r.fetch(ctx, number, r.size)
	length := r.size
	if r.pages > 0 {
		length = min(length, r.length)
	}
	for _, size := range smallerPages() {
		if !dependsOnSize(err) || ctx.Err() != nil {
			return p, err
		}
		if size < r.size {
			p, err = r.fetchInParts(ctx, (number-1)*length, number*length, size)
		}
	}
	return p, err
}

// dependsOnSize reports whether a smaller page may be answered: not by a server that does not support the
// request at all, or by a network that wants a login.
func dependsOnSize(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == ServerFault && e.Status != http.StatusNotImplemented && e.Status != http.StatusNetworkAuthenticationRequired
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

// add adds the items of a page. If a list shifts between two requests, it shows an item twice. The
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
	// If the count falls, an item left the list, and a later item may have moved to a page that was
	// already read. Compared with the larger count, this reading is incomplete, so the list is read
	// again.
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

// startsWhole reports whether items were added at the front of the list while it was read, none
// left it, and no item is missing from the newest on. New items move the others to later pages. If
// the pages are read in order, items repeat but none is missing. Otherwise only the count can show
// that none is missing.
//
// If the server shows only the first part of a list, the last items that it showed at the start may
// no longer be visible.
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

// inOrder reports whether all pages were requested one after the other. The first one always is
// alone.
func (r *reading[T]) inOrder() bool { return r.atOnce == 1 || r.pages <= 2 }

func larger(a, b *int) *int {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}

// want is the number of items to expect, if the server sends a count.
func (r *reading[T]) want() int {
	switch {
	case r.total == nil:
		return 0
	case r.most > 0:
		return min(*r.total, r.most)
	}
	return *r.total
}

// enough reports whether all wanted items were read.
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

// more returns how many pages to request next; 0 is the end. A short page does not mean the end. A
// page without new items always does, which limits the number of requests for any server.
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
		return 1 // the end is unknown, so continue until a page has no new items
	}
	return 0
}
