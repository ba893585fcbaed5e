package githubtest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// filterNames are the parameters that make a list of runs a filtered one.
var filterNames = []string{ //nolint:gochecknoglobals // constant
	"actor", "branch", "check_suite_id", "created", "event", "head_sha", "status",
}

// parseFilters makes a predicate of a query; nil if the query filters nothing.
func parseFilters(query url.Values) (func(run Object) bool, error) {
	if !slices.ContainsFunc(filterNames, func(name string) bool { return query.Get(name) != "" }) {
		return nil, nil
	}
	inRange, err := parseCreated(query.Get("created"))
	if err != nil {
		return nil, err
	}
	is := func(parameter string, values ...any) bool {
		wanted := query.Get(parameter)
		return wanted == "" || slices.ContainsFunc(values, func(v any) bool { return wanted == text(v) })
	}
	return func(run Object) bool {
		actor := object(run["actor"])
		return is("branch", run["head_branch"]) && is("event", run["event"]) && is("head_sha", run["head_sha"]) &&
			is("status", run["status"], run["conclusion"]) && is("check_suite_id", run["check_suite_id"]) &&
			(query.Get("actor") == "" || strings.EqualFold(query.Get("actor"), text(actor["login"]))) &&
			(inRange == nil || inRange(run["created_at"]))
	}, nil
}

// span is what a date or a time in a query covers, such as a whole day in UTC.
type span struct{ from, to time.Time }

// layouts are the forms of a date or a time, with what each covers.
var layouts = []struct { //nolint:gochecknoglobals // constant
	layout string
	covers time.Duration
}{
	{time.DateOnly, 24 * time.Hour},
	{"2006-01-02T15:04Z07:00", time.Minute},
	{"2006-01-02T15:04", time.Minute},
	{time.RFC3339, time.Second},
	{"2006-01-02T15:04:05", time.Second},
}

func parseSpan(s string) (span, error) {
	for _, l := range layouts {
		if t, err := time.Parse(l.layout, s); err == nil {
			t = t.Truncate(time.Second)
			return span{t, t.Add(l.covers)}, nil
		}
	}
	return span{}, fmt.Errorf("created has %q, which is neither a date nor a time", s)
}

// parseCreated makes a predicate on created_at of a date, a comparison or a range; nil for "".
func parseCreated(created string) (func(createdAt any) bool, error) {
	if created == "" {
		return nil, nil
	}
	var from, to time.Time // zero: open
	var err error
	if first, last, isRange := strings.Cut(created, ".."); isRange {
		from, to, err = parseRange(first, last)
	} else {
		from, to, err = parseComparison(created)
	}
	if err != nil {
		return nil, err
	}
	return func(createdAt any) bool {
		at, err := time.Parse(time.RFC3339, text(createdAt))
		return err == nil && !at.Before(from) && (to.IsZero() || at.Before(to))
	}, nil
}

func parseRange(first, last string) (from, to time.Time, err error) {
	var s span
	if first != "*" {
		if s, err = parseSpan(first); err != nil {
			return from, to, err
		}
		from = s.from
	}
	if last != "*" {
		if s, err = parseSpan(last); err != nil {
			return from, to, err
		}
		to = s.to
	}
	return from, to, nil
}

func parseComparison(created string) (from, to time.Time, err error) {
	value := strings.TrimLeft(created, "<>=")
	s, err := parseSpan(value)
	if err != nil {
		return from, to, err
	}
	switch operator := strings.TrimSuffix(created, value); operator {
	case "":
		return s.from, s.to, nil
	case ">":
		return s.to, to, nil
	case ">=":
		return s.from, to, nil
	case "<":
		return from, s.from, nil
	case "<=":
		return from, s.to, nil
	default:
		return from, to, fmt.Errorf("created has the operator %q, which GitHub does not know", operator)
	}
}
