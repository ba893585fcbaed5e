package provider

import (
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/audit"
	"github.com/runner-audit/terraform-provider-github-actions/internal/usage"
)

// auditReport is what the audit of one repository comes to.
type auditReport struct {
	audit.Result
	labelSets []usage.Row
	truncated bool // more runs matched than were looked at
}

func auditObject() object[auditReport] {
	type report = auditReport
	return object[report]{
		boolAttr("compliant", "True if the audit found no violation. Also true without rules, and if no run matches the filters (`run_count` is then 0). Check `truncated` to see whether the audit covers all matching runs.", func(r report) bool { return r.Compliant }),
		int64Attr("violation_count", "Number of violations, including those that `violations` does not list.", func(r report) *int64 { return &r.ViolationCount }),
		objectListAttr("violations", "Violations, newest run first. At most 1000; `violation_count` counts all.", violationObject(), func(r report) []audit.Violation { return r.Violations }),
		objectListAttr("label_sets", "Figures for each set of runner labels, the set with the most jobs first. Sets that differ only in order, case or repetition of labels are one set.", labelSetObject(), func(r report) []usage.Row { return r.labelSets }),
		int64Attr("run_count", "Number of runs whose jobs were checked.", func(r report) *int64 { return &r.RunCount }),
		int64Attr("job_count", "Number of jobs that were checked.", func(r report) *int64 { return &r.JobCount }),
		boolAttr("truncated", "True if more runs match the filters than `max_runs`. The older runs were then not checked.", func(r report) bool { return r.truncated }),
		timeAttr("oldest_run_at", "Time when the oldest of these runs was created (RFC 3339, UTC). Null if there are no runs.", func(r report) *time.Time { return r.OldestRunAt }),
		timeAttr("newest_run_at", "Time when the newest of these runs was created (RFC 3339, UTC). Null if there are no runs.", func(r report) *time.Time { return r.NewestRunAt }),
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

// figures is a distribution, by the nearest-rank method: each figure is one that a job really had.
func figures(name, description string, value func(usage.Row) usage.Figures) field[usage.Row] {
	type dist = usage.Figures
	return objectAttr(name, description+" Percentiles use the nearest-rank method, so each is the value of a real job. Null values mean that no job has a value.", object[dist]{
		int64Attr("p50", "Median in seconds: half of the jobs have this value or a lower one. Null if no job has a value.", func(f dist) *int64 { return f.P50 }),
		int64Attr("p95", "95th percentile in seconds: 95% of the jobs have this value or a lower one. Null if no job has a value.", func(f dist) *int64 { return f.P95 }),
		int64Attr("max", "Highest value in seconds. Null if no job has a value.", func(f dist) *int64 { return f.Max }),
	}, value)
}
