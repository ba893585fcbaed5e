package provider

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// dateRangeValidator knows GitHub's search syntax for dates. GitHub answers a range that it does not
// understand with an empty list, which would read as "no runs".
type dateRangeValidator struct{ textValidator }

func (dateRangeValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req) {
		return
	}
	if err := checkDateRange(req.ConfigValue.ValueString()); err != nil {
		reportDateRange(&resp.Diagnostics, req.Path, req.ConfigValue.ValueString(), err)
	}
}

func checkDateRange(s string) error {
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
		return errors.New("both ends are open; leave it out for all runs")
	case from != "*" && to != "*" && ends[1].Before(ends[0]):
		return errors.New("it ends before it begins")
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
		return time.Time{}, errors.New("a date is missing; an open range is written >=2026-05-01 or 2026-05-01..*")
	}
	return time.Time{}, errors.New(s + " is not a date of the calendar")
}
