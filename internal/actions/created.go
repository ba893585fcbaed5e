package actions

import (
	"errors"
	"strings"
	"time"
)

// Errors of a range of dates that need their own advice.
var (
	ErrMissingDate = errors.New("a date is missing")
	ErrOpenRange   = errors.New("both ends are open")
)

// Created is a range of creation times in GitHub's search syntax. A nil end is open.
type Created struct {
	From *time.Time // included
	To   *time.Time // not included
}

// ParseCreated reads GitHub's search syntax for dates: a day, a comparison such as >=2026-05-01, or
// a range such as 2026-05-01..2026-05-31, where one end may be *. GitHub answers an invalid range
// with an empty list, which would look like "no runs".
func ParseCreated(s string) (Created, error) {
	if from, to, isRange := strings.Cut(s, ".."); isRange {
		return parseRange(from, to)
	}
	for _, comparison := range []string{">=", "<=", ">", "<"} {
		date, ok := strings.CutPrefix(s, comparison)
		if !ok {
			continue
		}
		begin, end, err := parseDate(date)
		if err != nil {
			return Created{}, err
		}
		switch comparison {
		case ">=":
			return Created{From: &begin}, nil
		case ">":
			return Created{From: &end}, nil
		case "<":
			return Created{To: &begin}, nil
		}
		return Created{To: &end}, nil
	}
	begin, end, err := parseDate(s)
	if err != nil {
		return Created{}, err
	}
	return Created{From: &begin, To: &end}, nil
}

func parseRange(from, to string) (Created, error) {
	var c Created
	if from == "*" && to == "*" {
		return c, ErrOpenRange
	}
	if from != "*" {
		begin, _, err := parseDate(from)
		if err != nil {
			return Created{}, err
		}
		c.From = &begin
	}
	if to != "*" {
		_, end, err := parseDate(to)
		if err != nil {
			return Created{}, err
		}
		c.To = &end
	}
	if c.From != nil && c.To != nil && !c.To.After(*c.From) {
		return Created{}, errors.New("it ends before it starts")
	}
	return c, nil
}

// parseDate reads a day, or a day with a time. It returns the begin and the end of that day, second
// or minute.
func parseDate(s string) (begin, end time.Time, err error) {
	for _, form := range []struct {
		layout string
		length time.Duration
	}{
		{time.DateOnly, 24 * time.Hour},
		{time.RFC3339, time.Second}, {"2006-01-02T15:04:05", time.Second},
		{"2006-01-02T15:04Z07:00", time.Minute}, {"2006-01-02T15:04", time.Minute},
	} {
		if t, err := time.Parse(form.layout, s); err == nil {
			return t, t.Truncate(time.Second).Add(form.length), nil
		}
	}
	if s == "" {
		return begin, end, ErrMissingDate
	}
	return begin, end, errors.New(s + " is not a valid date")
}

// String writes the range in GitHub's search syntax, in whole seconds, as in GitHub's times. It is
// empty if both ends are open.
func (c Created) String() string {
	var from, to string
	if c.From != nil {
		from = c.From.Add(time.Second - time.Nanosecond).UTC().Format(searchTime)
	}
	if c.To != nil {
		to = c.To.Add(-time.Nanosecond).UTC().Format(searchTime)
	}
	switch {
	case from != "" && to != "":
		return from + ".." + to
	case from != "":
		return ">=" + from
	case to != "":
		return "<=" + to
	}
	return ""
}

// searchTime has no fraction of a second: Format drops it.
const searchTime = "2006-01-02T15:04:05Z"

// UpTo is the part of the range that ends with the second of t.
func (c Created) UpTo(t time.Time) Created {
	end := t.Truncate(time.Second).Add(time.Second)
	if c.To == nil || end.Before(*c.To) {
		c.To = &end
	}
	return c
}

// Has reports whether t lies in the range.
func (c Created) Has(t time.Time) bool {
	return (c.From == nil || !t.Before(*c.From)) && (c.To == nil || t.Before(*c.To))
}
