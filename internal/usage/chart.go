package usage

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/runner-audit/terraform-provider-github-actions/internal/mermaid"
)

// FigurePaths returns the names of the figures in a row.
func FigurePaths() []string {
	paths := []string{"job_count", "failed_count", "billable_minutes"}
	for _, figures := range []string{"queued_seconds", "duration_seconds"} {
		for _, figure := range []string{"p50", "p95", "max", "total"} {
			paths = append(paths, figures+"."+figure)
		}
	}
	return paths
}

// ChartRow contains the values of a row that a chart needs.
type ChartRow struct {
	// Keys has the text of each key with a value in the row. Labels are one text.
	Keys map[Key]string

	// Value is the figure; nil means null.
	Value *float64
}

// MaxBars is the maximum number of bars in a chart: Mermaid draws all charts with the same size,
// and the names of more bars overlap.
const MaxBars = 25

// maxLabel is the maximum width of a bar's name. Mermaid leaves out all names if one of them takes
// more than half of the chart.
const maxLabel = 40

// Chart draws a bar for each row in Mermaid's xychart-beta, without a line end after the last line.
// figure is the path of the figure, for the title.
//
// Rows of days, weeks or months are in order of time, all others in the order of the list. Rows
// without a value are left out, because a bar without length would mean zero. Rows beyond MaxBars
// are left out too: the last ones, or the oldest ones if the rows are in order of time. The title
// says how many.
func Chart(rows []ChartRow, figure string) string {
	keys := slices.DeleteFunc(Keys(), func(key Key) bool {
		return !slices.ContainsFunc(rows, func(r ChartRow) bool { return r.Keys[key] != "" })
	})
	drawn := slices.DeleteFunc(slices.Clone(rows), func(r ChartRow) bool {
		return r.Value == nil || math.IsNaN(*r.Value) || math.IsInf(*r.Value, 0)
	})
	if period := slices.IndexFunc(keys, Key.IsTime); period >= 0 {
		// Rows without a time come first, so that the newest rows are last.
		slices.SortStableFunc(drawn, func(a, b ChartRow) int { return cmp.Compare(a.Keys[keys[period]], b.Keys[keys[period]]) })
		drawn = drawn[max(0, len(drawn)-MaxBars):]
	}
	drawn = drawn[:min(len(drawn), MaxBars)]

	var names, values []string
	low, high := 0.0, 0.0
	for i, name := range uniqueNames(drawn, keys) {
		names = append(names, name)
		values = append(values, number(*drawn[i].Value))
		low, high = min(low, *drawn[i].Value), max(high, *drawn[i].Value)
	}
	if len(drawn) == 0 {
		names, values = []string{`"no rows"`}, []string{"0"} // Mermaid cannot draw a chart without bars
	}
	if low == high {
		high = 1
	}
	return "xychart-beta horizontal" +
		"\n    title " + mermaid.Quoted(chartTitle(keys, figure, len(drawn), len(rows)), maxTitle) +
		"\n    x-axis [" + strings.Join(names, ", ") + "]" +
		"\n    y-axis " + mermaid.Quoted(figure, maxLabel) + " " + number(low) + " --> " + number(high) +
		"\n    bar [" + strings.Join(values, ", ") + "]"
}

// maxTitle is wide enough for any title, unless the path of the figure is unusually long.
const maxTitle = 300

func chartTitle(keys []Key, figure string, drawn, all int) string {
	title := "No rows to draw"
	if drawn > 0 {
		title = figure
	}
	if drawn > 0 && len(keys) > 0 {
		names := make([]string, 0, len(keys))
		for _, key := range keys {
			names = append(names, string(key))
		}
		title += " by " + strings.Join(names, ", ")
	}
	if left := all - drawn; left > 0 {
		title += fmt.Sprintf(" · %d of %d rows not drawn", left, all)
	}
	return title
}

// uniqueNames are the names of the bars between quotes. Mermaid draws bars with the same name on
// top of each other, so a repeated name gets a number.
func uniqueNames(rows []ChartRow, keys []Key) []string {
	names := make([]string, 0, len(rows))
	for _, r := range rows {
		var parts []string
		for _, key := range keys {
			parts = append(parts, cmp.Or(r.Keys[key], "none"))
		}
		text := cmp.Or(strings.Join(parts, " · "), "all jobs")
		name := mermaid.Quoted(text, maxLabel)
		for n := 2; slices.Contains(names, name); n++ {
			suffix := fmt.Sprintf(" (%d)", n)
			name = strings.TrimSuffix(mermaid.Quoted(text, maxLabel-len(suffix)), `"`) + suffix + `"`
		}
		names = append(names, name)
	}
	return names
}

// number formats without an exponent, which Mermaid does not accept.
func number(f float64) string {
	if f == 0 {
		f = 0 // not -0
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
