package provider

import (
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/audit"
	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/usage"
)

// auditReport is the result of an audit.
type auditReport struct {
	audit.Result

	labelSets []usage.Row
	read      fleet.Report
}

// compliant reports whether there are no violations and everything was read.
func (r auditReport) compliant() bool { return r.Compliant && len(r.read.Problems) == 0 }

// auditVerdict is the verdict on one repository.
type auditVerdict struct {
	violations int64
	compliant  bool
}

func (r auditReport) byRepository() []repositoryRow[auditVerdict] {
	failed := map[string]bool{}
	for _, p := range r.read.Problems {
		failed[p.Repository.String()] = true
	}
	return repositoryRows(r.read, func(name string) auditVerdict {
		violations := r.ByRepository[name]
		return auditVerdict{violations, violations == 0 && !failed[name]}
	})
}

func auditObject() object[auditReport] {
	type report = auditReport
	type row = repositoryRow[auditVerdict]
	return append(object[report]{
		boolAttr("compliant", "True if the audit found no violation and `problems` is empty. Also true without rules, and if no run matches the filters (`run_count` is then 0). Check `complete` to see whether the audit covers all that is selected.", report.compliant),
		int64Attr("violation_count", "Number of violations, including those that `violations` does not list. Those that an exception matches do not count.", func(r report) *int64 { return &r.ViolationCount }),
		int64Attr("excepted_count", "Number of violations that an exception matches.", func(r report) *int64 { return &r.ExceptedCount }),
		objectListAttr("violations", "Violations, newest run first. At most 1000; `violation_count` counts all, and `summary` groups them, in at most 10000 rows.", violationObject(), func(r report) []audit.Violation { return r.Violations }),
		objectListAttr("summary", "A row for each `repository`, `workflow_name`, `job_name`, `label`, `pattern` and `reason`, the highest count first. At most 10000.", summaryObject(), func(r report) []audit.SummaryRow { return r.Summary }),
		objectListAttr("label_sets", "Figures for each set of runner labels, the set with the most jobs first. Sets that differ only in order, case or repetition of labels are one set.", labelSetObject(), func(r report) []usage.Row { return r.labelSets }),
	}, selectionFields(func(r report) fleet.Report { return r.read }, object[row]{
		int64Attr("violation_count", "Number of violations in the repository.", func(r row) *int64 { return &r.verdict.violations }),
		boolAttr("compliant", "True if the audit found no violation in the repository and could read all of it.", func(r row) bool { return r.verdict.compliant }),
	}, report.byRepository)...)
}

func summaryObject() object[audit.SummaryRow] {
	type row = audit.SummaryRow
	return object[row]{
		stringAttr("repository", "Repository of the jobs, as `owner/name`.", func(r row) *string { return job.NotZero(&r.Repository) }),
		stringAttr("workflow_name", "Name of the workflow. Null if the jobs do not have it.", func(r row) *string { return r.WorkflowName }),
		stringAttr("job_name", "Name of the job. Null if the jobs do not have it.", func(r row) *string { return r.JobName }),
		stringAttr("label", "Label that breaks the rule, as in `violations`. Null for other reasons than `denied` and `not_allowed`.", func(r row) *string { return r.Label }),
		stringAttr("pattern", "Pattern of the rule, as in `violations`. Null for the reasons `not_allowed`, `unlabeled` and `group_not_allowed`.", func(r row) *string { return r.Pattern }),
		stringAttr("reason", "Kind of violation, as in `violations`.", func(r row) *string { return new(string(r.Reason)) }),
		int64Attr("count", "Number of these violations.", func(r row) *int64 { return &r.Count }),
		timeAttr("first_seen_at", "Time when the first of these jobs was created (RFC 3339, UTC). Null if it is not known.", func(r row) *time.Time { return r.FirstSeenAt }),
		timeAttr("last_seen_at", "Time when the newest of these jobs was created (RFC 3339, UTC). Null if it is not known.", func(r row) *time.Time { return r.LastSeenAt }),
		stringAttr("html_url", "URL of the page of the newest of these jobs. Null if the job does not have it.", func(r row) *string { return r.HTMLURL }),
		stringAttr("runner_group_name", "Runner group of the newest of these jobs. Null if the job does not have it.", func(r row) *string { return r.RunnerGroupName }),
		stringAttr("message", "Sentence that says what is wrong, for people.", func(r row) *string { return new(clean(r.Message())) }),
	}
}

func labelSetObject() object[usage.Row] {
	type set = usage.Row
	return object[set]{
		stringListAttr("labels", "Labels of the set, sorted without regard to case. Empty for jobs without labels, such as skipped jobs.", func(s set) []string { return s.Labels }),
		int64Attr("job_count", "Number of jobs with these labels.", func(s set) *int64 { return &s.JobCount }),
		int64Attr("violation_count", "Number of violations of these jobs.", func(s set) *int64 { return &s.ViolationCount }),
		figures("queued_seconds", "Time that these jobs waited for a runner, in whole seconds.", func(s set) usage.Figures { return s.Queued }),
		figures("duration_seconds", "Time that these jobs ran, in whole seconds.", func(s set) usage.Figures { return s.Duration }),
		int64Attr("total_duration_seconds", "Total time that these jobs ran, in whole seconds. 0 if none of them ran.", func(s set) *int64 { return &s.Duration.Total }),
		stringListAttr("runner_groups", "Names of the runner groups that ran these jobs, sorted. Empty if the API returns no group for them.", func(s set) []string { return s.RunnerGroups }),
	}
}

// figures is a distribution by the nearest-rank method: each figure is the value of a real job.
func figures(name, description string, value func(usage.Row) usage.Figures) field[usage.Row] {
	return objectAttr(name, description+figuresMethod, figuresObject(), value)
}

const figuresMethod = " Percentiles use the nearest-rank method, so each is the value of a real job. Null values mean that no job has a value."

func figuresObject() object[usage.Figures] {
	type dist = usage.Figures
	return object[dist]{
		int64Attr("p50", "Median in seconds: half of the jobs have this value or a lower one. Null if no job has a value.", func(f dist) *int64 { return f.P50 }),
		int64Attr("p95", "95th percentile in seconds: 95% of the jobs have this value or a lower one. Null if no job has a value.", func(f dist) *int64 { return f.P95 }),
		int64Attr("max", "Highest value in seconds. Null if no job has a value.", func(f dist) *int64 { return f.Max }),
	}
}
