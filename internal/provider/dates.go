package provider

import (
	"errors"
	"strings"
	"time"
)

var (
	errMissingDate = errors.New("a date is missing")
	errOpenRange   = errors.New("both ends are open")
)

// checkDates checks GitHub's search syntax for dates. GitHub answers a range that it does not understand
// with an empty list, which reads as "no runs".
func checkDates(s string) error {
	from, to, isRange := strings.Cut(s, "..")
	if !isRange {
		for _, comparison := range []string{">=", "<=", ">", "<"} {
			if date, ok := strings.CutPrefix(s, comparison); ok {
				s = date
				break
			}
		}
		_, err := parseDate(s)
		return err
	}
	var ends [2]time.Time
	for i, end := range []string{from, to} {
		if end == "*" {
			continue
		}
		var err error
		if ends[i], err = parseDate(end); err != nil {
			return err
		}
	}
	switch {
	case from == "*" && to == "*":
		return errOpenRange
	case from != "*" && to != "*" && ends[1].Before(ends[0]):
		return errors.New("it ends before it starts")
	}
	return nil
}

// parseDate reads a day, or a day with a time.
func parseDate(s string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	if s == "" {
		return time.Time{}, errMissingDate
	}
	return time.Time{}, errors.New(s + " is not a valid date")
}
