package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/usage"
)

// usageChartFunction is usage_chart: usage figures as a Mermaid bar chart.
type usageChartFunction struct{}

func newUsageChartFunction() function.Function { return &usageChartFunction{} }

func (f *usageChartFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "usage_chart"
}

func (f *usageChartFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Draw usage figures as a Mermaid bar chart",
		MarkdownDescription: "Returns the text of a Mermaid `xychart-beta` chart with one horizontal bar for each row. Use it in a pull-request comment, a step summary or any other Markdown that GitHub shows, in a code block with the language `mermaid`. The last line does not end with a line break. Requires Terraform 1.8 or OpenTofu 1.7, or later.\n\n" +
			"- Rows of days, weeks or months are in the order of time. Other rows are in the order of the list.\n" +
			fmt.Sprintf("- The chart shows at most %d bars. Of more rows it shows the first, or the newest if they are in the order of time. It omits rows whose figure is null. The title says how many rows are not drawn.\n", usage.MaxBars) +
			"- The name of a bar is made of the keys that the rows have values for. Names are escaped for Mermaid and shortened.\n\n" +
			"The result is never null: an empty list returns a chart with one empty bar. If an argument is null, the function fails. The result is unknown if an attribute that the function reads is unknown.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "rows",
				MarkdownDescription: "List, tuple or set of objects, such as `rows` of `github_actions_job_usage` or `label_sets` of `github_actions_runner_label_audit`. The function reads the keys (`repository`, `workflow`, `job`, `labels`, `runner_group`, `runner`, `branch`, `event`, `actor`, `conclusion`, `day`, `week`, `month`) and the figure of each object, and ignores other attributes. Keys can be in snake_case or in camelCase. A missing key counts as null, but an object without the figure is an error.",
			},
			function.StringParameter{
				Name:                "figure",
				MarkdownDescription: "Figure to draw: " + quotedList(chartFigures()) + ". Seconds are drawn as seconds.",
			},
		},
		Return: function.StringReturn{},
	}
}

// chartFigures are the figures of usage rows and of label sets.
func chartFigures() []string {
	return append(usage.FigurePaths(), "total_duration_seconds", "violation_count")
}

func quotedList(names []string) string {
	return "`" + strings.Join(names, "`, `") + "`"
}

const rowsArgument, figureArgument = 0, 1

func (f *usageChartFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var value types.Dynamic
	var figure string
	if resp.Error = req.Arguments.Get(ctx, &value, &figure); resp.Error != nil {
		return
	}
	figures := chartFigures()
	known := slices.IndexFunc(figures, func(path string) bool { return figure == path || figure == camelCase(path) })
	if known < 0 {
		resp.Error = figureError(figureArgument, figure, figures)
		return
	}
	in := argument{position: rowsArgument}
	rows := chartRows(in.read("rows", value), figures[known])
	switch {
	case in.fault != nil:
		resp.Error = in.fault
	case in.unknown:
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
	default:
		resp.Error = resp.Result.Set(ctx, usage.Chart(rows, figures[known]))
	}
}

// chartRows reads the keys and the figure of each row.
func chartRows(rows element, figure string) []usage.ChartRow {
	objects := rows.objectList()
	read := make([]usage.ChartRow, len(objects))
	for i, object := range objects {
		read[i] = usage.ChartRow{Keys: make(map[usage.Key]string), Value: figureOf(object, figure)}
		for _, key := range usage.Keys() {
			read[i].Keys[key] = keyOf(object, key)
		}
	}
	return read
}

// keyOf is the text of one key; "" for null.
func keyOf(row fields, key usage.Key) string {
	if key == usage.KeyLabels {
		return strings.Join(row.at(string(key)).stringList(), ", ")
	}
	if text := row.at(string(key)).stringValue(); text != nil {
		return *text
	}
	return ""
}

// figureOf follows the path of a figure.
func figureOf(row fields, figure string) *float64 {
	at := row
	names := strings.Split(figure, ".")
	for _, name := range names[:len(names)-1] {
		next := at.at(name)
		if next.isAbsent() && at.values != nil {
			next.in.blame(noFigureError(next.in.position, row.of.place, figure))
			return nil
		}
		if next.isNull() {
			return nil
		}
		at = next.object()
	}
	last := at.at(names[len(names)-1])
	if last.isAbsent() && at.values != nil {
		last.in.blame(noFigureError(last.in.position, row.of.place, figure))
	}
	return last.float64Value()
}
