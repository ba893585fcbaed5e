package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// barChart is the text of a chart, line by line.
func barChart(title, names, axis, values string) string {
	return strings.Join([]string{"xychart-beta horizontal", "title " + title, "x-axis [" + names + "]", "y-axis " + axis, "bar [" + values + "]"}, "\n    ")
}

func TestUsageChart(t *testing.T) {
	t.Parallel()
	row := func(week string, p95 any) args {
		return args{"week": week, "job": nil, "labels": nil, "job_count": 3, "queued_seconds": args{"p50": 1, "p95": p95}}
	}
	checkCalls(t, "usage_chart", []functionCase{
		{name: "no rows", arguments: []any{[]any{}, "job_count"}, want: barChart(`"No rows to draw"`, `"no rows"`, `"job_count" 0 --> 1`, "0")},
		{name: "weeks in the order of time", arguments: []any{[]any{row("2026-W47", 9), row("2026-W46", 4)}, "queued_seconds.p95"},
			want: barChart(`"queued_seconds.p95 by week"`, `"2026-W46", "2026-W47"`, `"queued_seconds.p95" 0 --> 9`, "4, 9")},
		{name: "a null figure is not drawn", arguments: []any{[]any{row("2026-W47", nil), row("2026-W46", 4)}, "queued_seconds.p95"},
			want: barChart(`"queued_seconds.p95 by week · 1 of 2 rows not drawn"`, `"2026-W46"`, `"queued_seconds.p95" 0 --> 4`, "4")},
		{name: "label sets", arguments: []any{[]any{args{"labels": []any{"linux", "x64"}, "total_duration_seconds": 1.5}}, "total_duration_seconds"},
			want: barChart(`"total_duration_seconds by labels"`, `"linux, x64"`, `"total_duration_seconds" 0 --> 1.5`, "1.5")},
		{name: "keys in camelCase", arguments: []any{[]any{args{"runnerGroup": "big", "queuedSeconds": args{"p95": 7}}}, "queuedSeconds.p95"},
			want: barChart(`"queued_seconds.p95 by runner_group"`, `"big"`, `"queued_seconds.p95" 0 --> 7`, "7")},
		{name: "a figure that is null as a whole", arguments: []any{[]any{args{"job": "a", "queued_seconds": nil}}, "queued_seconds.p95"},
			want: barChart(`"No rows to draw · 1 of 1 rows not drawn"`, `"no rows"`, `"queued_seconds.p95" 0 --> 1`, "0")},

		{name: "unknown rows", arguments: []any{unknown, "job_count"}, want: unknown},
		{name: "an unknown figure of a row", arguments: []any{[]any{args{"job_count": unknown}}, "job_count"}, want: unknown},
		{name: "an unknown key", arguments: []any{[]any{args{"job": unknown, "job_count": 1}}, "job_count"}, want: unknown},

		{name: "null rows", arguments: []any{nil, "job_count"}, err: "argument 0: rows must be a list of objects, not null"},
		{name: "a figure that no row has", arguments: []any{[]any{}, "p95"}, err: `argument 1: figure cannot be "p95"; it can be job_count, failed_count, billable_minutes, queued_seconds.p50, queued_seconds.p95, queued_seconds.max, queued_seconds.total, duration_seconds.p50, duration_seconds.p95, duration_seconds.max, duration_seconds.total, total_duration_seconds, violation_count`},
		{name: "a row without the figure", arguments: []any{[]any{args{"job_count": 1}, args{"job": "a"}}, "job_count"}, err: "argument 0: rows[1] has no attribute job_count"},
		{name: "a row without the group of figures", arguments: []any{[]any{args{"job": "a"}}, "queued_seconds.p95"}, err: "argument 0: rows[0] has no attribute queued_seconds.p95"},
		{name: "a figure that is a string", arguments: []any{[]any{args{"job_count": "3"}}, "job_count"}, err: "argument 0: rows[0].job_count must be a number, not a string"},
		{name: "a key that is a number", arguments: []any{[]any{args{"job": 3, "job_count": 3}}, "job_count"}, err: "argument 0: rows[0].job must be a string, not a number"},
	})
}

func TestAccUsageChartExample(t *testing.T) {
	t.Parallel()
	checkExample(t, "usage_chart", statecheck.ExpectKnownOutputValue("usage", knownvalue.StringExact(
		"```mermaid\n"+barChart(`"job_count by labels"`,
			`"macos-15", "ubuntu-24.04"`, `"job_count" 0 --> 1`, "1, 1")+"\n```\n")))
}
