package usage

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func chartRow(value float64, keys map[Key]string) ChartRow {
	return ChartRow{Keys: keys, Value: &value}
}

func TestChart(t *testing.T) {
	t.Parallel()
	week := func(value float64, week string) ChartRow { return chartRow(value, map[Key]string{KeyWeek: week}) }
	for _, tc := range []struct {
		name   string
		rows   []ChartRow
		figure string
		want   []string // lines after the first
	}{
		{"no rows", nil, "job_count", []string{
			`title "No rows to draw"`, `x-axis ["no rows"]`, `y-axis "job_count" 0 --> 1`, `bar [0]`,
		}},
		{"no values", []ChartRow{{Keys: map[Key]string{KeyJob: "a"}}}, "job_count", []string{
			`title "No rows to draw · 1 of 1 rows not drawn"`, `x-axis ["no rows"]`, `y-axis "job_count" 0 --> 1`, `bar [0]`,
		}},
		{"one row of all jobs", []ChartRow{chartRow(7, nil)}, "billable_minutes", []string{
			`title "billable_minutes"`, `x-axis ["all jobs"]`, `y-axis "billable_minutes" 0 --> 7`, `bar [7]`,
		}},
		{"in the order of the rows", []ChartRow{
			chartRow(3, map[Key]string{KeyJob: "b: 1", KeyRepository: "acme/app"}),
			chartRow(9, map[Key]string{KeyJob: "a", KeyRepository: "acme/app"}),
			chartRow(2, map[Key]string{KeyRepository: "acme/lib"}),
		}, "job_count", []string{
			`title "job_count by repository, job"`,
			`x-axis ["acme/app · b: 1", "acme/app · a", "acme/lib · none"]`,
			`y-axis "job_count" 0 --> 9`, `bar [3, 9, 2]`,
		}},
		{"in the order of time", []ChartRow{week(30, "2026-W47"), week(20, "2026-W05"), week(10, "2025-W52")}, "queued_seconds.p95", []string{
			`title "queued_seconds.p95 by week"`,
			`x-axis ["2025-W52", "2026-W05", "2026-W47"]`,
			`y-axis "queued_seconds.p95" 0 --> 30`, `bar [10, 20, 30]`,
		}},
		{"by time within others, in the order of the rows within a time", []ChartRow{
			chartRow(1, map[Key]string{KeyMonth: "2026-11", KeyLabels: "x"}),
			chartRow(2, map[Key]string{KeyMonth: "2026-10", KeyLabels: "b"}),
			chartRow(3, map[Key]string{KeyMonth: "2026-10", KeyLabels: "a"}),
			chartRow(4, map[Key]string{KeyLabels: "y"}),
		}, "job_count", []string{
			`title "job_count by labels, month"`,
			`x-axis ["y · none", "b · 2026-10", "a · 2026-10", "x · 2026-11"]`,
			`y-axis "job_count" 0 --> 4`, `bar [4, 2, 3, 1]`,
		}},
		{"null and no numbers are left out", []ChartRow{
			chartRow(1, map[Key]string{KeyJob: "a"}), {Keys: map[Key]string{KeyJob: "b"}}, chartRow(math.NaN(), nil), chartRow(math.Inf(1), nil), chartRow(0, map[Key]string{KeyJob: "c"}),
		}, "job_count", []string{
			`title "job_count by job · 3 of 5 rows not drawn"`, `x-axis ["a", "c"]`, `y-axis "job_count" 0 --> 1`, `bar [1, 0]`,
		}},
		{"all zero", []ChartRow{chartRow(math.Copysign(0, -1), nil)}, "job_count", []string{
			`title "job_count"`, `x-axis ["all jobs"]`, `y-axis "job_count" 0 --> 1`, `bar [0]`,
		}},
		{"fractions, large and negative numbers", []ChartRow{chartRow(0.5, nil), chartRow(1e21, nil), chartRow(-2.25, nil)}, "cost", []string{
			`title "cost"`, `x-axis ["all jobs", "all jobs (2)", "all jobs (3)"]`, `y-axis "cost" -2.25 --> 1000000000000000000000`, `bar [0.5, 1000000000000000000000, -2.25]`,
		}},
		{"names that are the same when cut", []ChartRow{
			chartRow(1, map[Key]string{KeyJob: strings.Repeat("x", 50) + "1"}), chartRow(2, map[Key]string{KeyJob: strings.Repeat("x", 50) + "2"}),
		}, "job_count", []string{
			`title "job_count by job"`, `x-axis ["` + strings.Repeat("x", 39) + `…", "` + strings.Repeat("x", 35) + `… (2)"]`, `y-axis "job_count" 0 --> 2`, `bar [1, 2]`,
		}},
		{"names of which nothing can be seen", []ChartRow{chartRow(1, map[Key]string{KeyJob: "\n"}), chartRow(2, map[Key]string{KeyJob: "\u202e"})}, " ", []string{
			`title "by job"`, `x-axis ["-", "- (2)"]`, `y-axis "-" 0 --> 2`, `bar [1, 2]`,
		}},
		{"hostile names", []ChartRow{chartRow(1, map[Key]string{KeyJob: "\"]\n bar [9]\n%%{init: {}}%%"})}, "a\"\nb", []string{
			`title "a#34; b by job"`, `x-axis ["#34;] bar [9] #37;#37;{init…"]`, `y-axis "a#34; b" 0 --> 1`, `bar [1]`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			want := strings.Join(append([]string{"xychart-beta horizontal"}, tc.want...), "\n    ")
			if got := Chart(tc.rows, tc.figure); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestChartHasAtMostMaxBars(t *testing.T) {
	t.Parallel()
	for key, want := range map[Key]struct{ first, last string }{
		KeyJob: {"2026-00", "2026-24"}, // the first rows
		KeyDay: {"2026-15", "2026-39"}, // the newest
	} {
		var rows []ChartRow
		for i := range 40 {
			rows = append(rows, chartRow(1, map[Key]string{key: fmt.Sprintf("2026-%02d", i)}))
		}
		got := Chart(rows, "job_count")
		names := regexp.MustCompile(`"2026-\d\d"`).FindAllString(got, -1)
		if len(names) != MaxBars || names[0] != `"`+want.first+`"` || names[MaxBars-1] != `"`+want.last+`"` ||
			!strings.Contains(got, "· 15 of 40 rows not drawn\"") {
			t.Errorf("by %s: got\n%s", key, got)
		}
	}
}

// TestNoNameIsMoreThanAName: for any names, each line has a form that this package writes.
func TestNoNameIsMoreThanAName(t *testing.T) {
	t.Parallel()
	const name = `"(?:[^#%<>&"` + "`" + `\\ﬂ\n]|#[0-9]+;)+"`
	const value = `-?[0-9]+(?:\.[0-9]+)?`
	form := regexp.MustCompile(`^xychart-beta horizontal\n    title ` + name +
		`\n    x-axis \[` + name + `(?:, ` + name + `)*\]\n    y-axis ` + name + ` ` + value + ` --> ` + value + `\n    bar \[` + value + `(?:, ` + value + `)*\]$`)
	hostile := rapid.SampledFrom([]string{"\n", "\"", "]", "#34;", "%%", "`", "bar [1]", "title x", "<b>", "\u2028", "\x1b", "ﬂ°°34¶ß", "\xff"})
	text := rapid.Map(rapid.SliceOfN(rapid.OneOf(hostile, rapid.String()), 0, 4), func(parts []string) string { return strings.Join(parts, "") })
	rapid.Check(t, func(t *rapid.T) {
		var rows []ChartRow
		for range rapid.IntRange(0, 30).Draw(t, "rows") {
			rows = append(rows, ChartRow{
				Keys:  map[Key]string{KeyJob: text.Draw(t, "job"), KeyWeek: rapid.SampledFrom([]string{"", "2026-W47", "\n"}).Draw(t, "week")},
				Value: rapid.Ptr(rapid.Float64(), true).Draw(t, "value"),
			})
		}
		chart := Chart(rows, text.Draw(t, "figure"))
		if !form.MatchString(chart) || strings.ContainsFunc(chart, func(r rune) bool { return r != '\n' && !unicode.IsGraphic(r) }) {
			t.Fatalf("got\n%s", chart)
		}
		names := regexp.MustCompile(`(?m)^    x-axis \[(.*)\]$`).FindStringSubmatch(chart)
		seen := map[string]bool{}
		for _, n := range regexp.MustCompile(name).FindAllString(names[1], -1) {
			if seen[n] {
				t.Fatalf("two bars are called %s", n)
			}
			seen[n] = true
		}
		if len(seen) > MaxBars {
			t.Fatalf("%d bars", len(seen))
		}
	})
}

func TestFigurePaths(t *testing.T) {
	t.Parallel()
	want := "job_count failed_count billable_minutes " +
		"queued_seconds.p50 queued_seconds.p95 queued_seconds.max queued_seconds.total " +
		"duration_seconds.p50 duration_seconds.p95 duration_seconds.max duration_seconds.total"
	if got := strings.Join(FigurePaths(), " "); got != want {
		t.Errorf("got %s", got)
	}
}
