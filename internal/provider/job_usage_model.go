package provider

import (
	"fmt"

	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/usage"
)

// usageReport is the result of github_actions_job_usage.
type usageReport struct {
	rows         []usage.Row
	cut          bool // there are more rows than are shown
	repositories map[string]usage.Row
	read         fleet.Report
}

func newUsageReport(groups, repositories *usage.Collector, read fleet.Report) usageReport {
	report := usageReport{repositories: map[string]usage.Row{}, read: read}
	report.rows, report.cut = groups.Rows(usage.ByRunnerTime, usage.MaxRows)
	all, _ := repositories.Rows(usage.ByRunnerTime, 0)
	for _, row := range all {
		if name := row.Text(usage.KeyRepository); name != nil {
			report.repositories[*name] = row
		}
	}
	return report
}

func (r usageReport) byRepository() []repositoryRow[usage.Row] {
	return repositoryRows(r.read, func(name string) usage.Row { return r.repositories[name] })
}

func jobUsageObject() object[usageReport] {
	type report = usageReport
	type row = repositoryRow[usage.Row]
	return append(object[report]{
		objectListAttr("rows", fmt.Sprintf("A row for each group of jobs, the group with the most runner time first. At most %d rows. Without `group_by`, there is exactly one row, even if there are no jobs.", usage.MaxRows), usageRowObject(), func(r report) []usage.Row { return r.rows }),
	}, selectionFields(func(r report) fleet.Report { return r.read }, object[row]{
		int64Attr("failed_count", "Number of jobs of the repository that failed, as in `rows`.", func(r row) *int64 { return &r.verdict.FailedCount }),
		int64Attr("total_duration_seconds", "Total time that the jobs of the repository ran, in whole seconds. 0 if none of them ran.", func(r row) *int64 { return &r.verdict.Duration.Total }),
		int64Attr("billable_minutes", "Billable minutes of the repository, as in `rows`.", func(r row) *int64 { return &r.verdict.BillableMinutes }),
	}, report.byRepository)...)
}

// usageRowObject is one group: its keys, then its figures.
func usageRowObject() object[usage.Row] {
	type row = usage.Row
	var fields object[row]
	for _, key := range usage.Keys() {
		if key == usage.KeyLabels {
			fields = append(fields, stringListAttr(string(key), "Runner labels of the jobs, distinct and sorted without regard to case. Empty for jobs without labels. Null if `group_by` does not contain `labels`.", func(r row) []string { return r.Labels }))
			continue
		}
		fields = append(fields, stringAttr(string(key), usageKeyDescriptions()[key]+" Null if `group_by` does not contain it.", func(r row) *string { return r.Text(key) }))
	}
	return append(fields,
		int64Attr("job_count", "Number of jobs, including those that never ran.", func(r row) *int64 { return &r.JobCount }),
		int64Attr("failed_count", "Number of completed jobs whose conclusion is not `success`, `skipped` or `neutral`.", func(r row) *int64 { return &r.FailedCount }),
		figuresWithTotal("queued_seconds", "Time that the jobs waited for a runner, in whole seconds.", func(r row) usage.Figures { return r.Queued }),
		figuresWithTotal("duration_seconds", "Time that the jobs ran, in whole seconds.", func(r row) usage.Figures { return r.Duration }),
		int64Attr("billable_minutes", "Billable minutes: the duration of each job that ran, rounded up to a full minute, as GitHub does for billing. Does not include prices. Includes self-hosted jobs, which GitHub does not bill. GitHub bills earlier attempts too: to include them, set `filter = \"all\"`.", func(r row) *int64 { return &r.BillableMinutes }),
	)
}

// usageKeyDescriptions has an entry for every key: the linter fails when one is missing.
func usageKeyDescriptions() map[usage.Key]string {
	return map[usage.Key]string{
		usage.KeyRepository:  "Repository of the jobs, as `owner/name`.",
		usage.KeyWorkflow:    "Name of the workflow, or the name of its file if the API does not return the name.",
		usage.KeyJob:         "Name of the job, including the values of its matrix.",
		usage.KeyLabels:      "Runner labels of the jobs.",
		usage.KeyRunnerGroup: "Name of the runner group that ran the jobs. Also null for jobs without one.",
		usage.KeyRunner:      "Name of the runner that ran the jobs. Also null for jobs without one.",
		usage.KeyBranch:      "Branch that the runs used. Also null if the API does not return it.",
		usage.KeyEvent:       "Event that started the runs.",
		usage.KeyActor:       "Login of the user that started the runs. Also null if the account no longer exists.",
		usage.KeyConclusion:  "Conclusion of the jobs. Also null for jobs that are not completed.",
		usage.KeyDay:         "Day when the jobs were created, in UTC, such as `2026-11-20`.",
		usage.KeyWeek:        "ISO week when the jobs were created, in UTC, such as `2026-W47`.",
		usage.KeyMonth:       "Month when the jobs were created, in UTC, such as `2026-11`.",
	}
}

// figuresWithTotal is an object with the figures and their sum.
func figuresWithTotal(name, description string, value func(usage.Row) usage.Figures) field[usage.Row] {
	total := int64Attr("total", "Sum of all values in seconds. 0 if no job has a value.", func(f usage.Figures) *int64 { return &f.Total })
	return objectAttr(name, description+figuresMethod, append(figuresObject(), total), value)
}
