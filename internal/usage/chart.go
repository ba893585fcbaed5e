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

// FigurePaths are the figures of a row as a chart names them.
func FigurePaths() []string {
	paths := []string{"job_count", "failed_count", "billable_minutes"}
	for _, figures := range []string{"queued_seconds", "duration_seconds"} {
		for _, figure := range []string{"p50", "p95", "max", "total"} {
			paths = append(paths, figures+"."+figure)
		}
	}
	return paths
}

// ChartRow is what a chart reads of a row.
type ChartRow struct {
	// Keys is the text of each key that the row has a value for. Labels are one text.
	Keys map[Key]string

	// Value is the figure. Nil is null.
	Value *float64
}

// MaxBars is how many bars a chart has at most: Mermaid draws all charts at one height, and more names
// than this run into each other.
const MaxBars = 25

// maxLabel is how wide a bar's name is at most. Mermaid leaves out all names when one of them takes more
// than half of the chart.
const maxLabel = 40

// Chart draws a bar for each row in Mermaid's xychart-beta, without a line end after the last line.
// figure is the path of the figure, for the title.
//
// Rows of days, weeks or months are in the order of time, all others in the order of the list. Rows
// without a value are left out, since a bar of no length would say zero. So are rows beyond MaxBars: the
// last ones, or the oldest ones in the order of time. The title says how many are left out.
func Chart(rows []ChartRow, figure string) string {
	keys := slices.DeleteFunc(Keys(), func(key Key) bool {
		return !slices.ContainsFunc(rows, func(r ChartRow) bool { return r.Keys[key] != "" })
	})
	drawn := slices.DeleteFunc(slices.Clone(rows), func(r ChartRow) bool {
		return r.Value == nil || math.IsNaN(*r.Value) || math.IsInf(*r.Value, 0)
	})
	if period := slices.IndexFunc(keys, Key.IsTime); period >= 0 {
		// What has no time comes first, so that the newest rows are last.
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
		names, values = []string{`"no rows"`}, []string{"0"} // Mermaid draws no chart without bars
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

// maxTitle is wide enough for all of a title but a figure's path of unusual length.
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

// uniqueNames are the names of the bars between quotes. Mermaid draws bars of one name on top of each
// other, so a name that others have already gets a number.
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

// number is a number without an exponent, which Mermaid does not read.
func number(f float64) string {
	if f == 0 {
		f = 0 // not -0
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
