// Command chartcheck makes charts of both kinds from hostile names and prints them as JSON, for parse.mjs,
// which holds them to Mermaid's own parser. `make charts-check` runs both. The charts are the same each
// time for one -seed.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/timeline"
	"github.com/runner-audit/terraform-provider-github-actions/internal/usage"
)

func main() {
	count := flag.Int("count", 2000, "number of charts of each kind")
	seed := flag.Int("seed", 1, "seed of the first chart")
	flag.Parse()
	if err := json.NewEncoder(os.Stdout).Encode(charts(*count, *seed)); err != nil {
		fmt.Fprintln(os.Stderr, "chartcheck:", err)
		os.Exit(1)
	}
}

// chart is a chart, and what Mermaid must find in it.
type chart struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
	Bars int    `json:"bars"`
}

const (
	kindBars  = "xychart"
	kindGantt = "gantt"
)

func charts(count, seed int) []chart {
	all := []chart{{kindBars, usage.Chart(nil, "job_count"), 1}, {kindGantt, timeline.Chart(nil), 0}}
	rows, jobs, figure := rapid.SliceOfN(anyRow(), 0, 30), rapid.SliceOfN(anyJob(), 0, 8), anyText()
	for i := seed; i < seed+count; i++ {
		r := rows.Example(i)
		all = append(all, chart{kindBars, usage.Chart(r, figure.Example(i)), barsOf(r)})
		j := jobs.Example(i)
		for n := range j {
			j[n].ID, j[n].RunID = new(int64(n+1)), new(int64(n%3+1))
			j[n].StartedAt = new(j[n].CreatedAt.Add(time.Second))
			j[n].CompletedAt = new(j[n].CreatedAt.Add(time.Duration(n+2) * time.Second)) // no two are copies
		}
		all = append(all, chart{kindGantt, timeline.Chart(j), 2 * len(j)})
	}
	return all
}

// barsOf is how many bars a chart of rows has. Without a row to draw it has an empty one.
func barsOf(rows []usage.ChartRow) int {
	n := 0
	for _, r := range rows {
		if r.Value != nil && !math.IsNaN(*r.Value) && !math.IsInf(*r.Value, 0) {
			n++
		}
	}
	return min(max(1, n), usage.MaxBars)
}

// anyText is a name that tries to be more than a name.
func anyText() *rapid.Generator[string] {
	hostile := rapid.SampledFrom([]string{
		"\n", "\r\n", "\"", "'", "`", "\"`", "[", "]", "{", "}", ":", ";", ",", "#", "#34;", "&quot;", "%%", "%%{init: {}}%%",
		"---\n", "```\n", "bar [1]", "line [1]", "title x", "x-axis", "section x", "accTitle: x", "click a href", "style a:b#c;",
		"<b>", "<script>alert(1)</script>", "${{ matrix.os }}", "\u2028", "\u202e", "\x00", "\x1b[31m", "\xff", "ﬂ°°34¶ß", "漢字", "😀", "", " ",
	})
	return rapid.Map(rapid.SliceOfN(rapid.OneOf(hostile, rapid.String()), 0, 5), func(parts []string) string { return strings.Join(parts, "") })
}

func anyRow() *rapid.Generator[usage.ChartRow] {
	text := anyText()
	return rapid.Custom(func(t *rapid.T) usage.ChartRow {
		row := usage.ChartRow{
			Keys:  make(map[usage.Key]string),
			Value: rapid.Ptr(rapid.OneOf(rapid.Float64Range(-1000, 1_000_000), rapid.Float64()), true).Draw(t, "value"),
		}
		row.Keys[usage.KeyJob], row.Keys[usage.KeyLabels] = text.Draw(t, "job"), text.Draw(t, "labels")
		row.Keys[usage.KeyWeek] = rapid.OneOf(rapid.SampledFrom([]string{"", "2026-W18", "2026-W19"}), text).Draw(t, "week")
		return row
	})
}

func anyJob() *rapid.Generator[*job.Job] {
	text := anyText()
	return rapid.Custom(func(t *rapid.T) *job.Job {
		return &job.Job{
			Name: new(text.Draw(t, "name")), WorkflowName: new(text.Draw(t, "workflow")), RunnerName: new("runner 1"),
			Status: new("completed"), Conclusion: new(rapid.OneOf(rapid.SampledFrom([]string{"success", "failure"}), text).Draw(t, "conclusion")),
			RunAttempt: new(int64(1)),
			CreatedAt:  new(time.Unix(rapid.Int64Range(1777888800, 1777889800).Draw(t, "created"), 0)),
		}
	})
}
