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
		boolAttr("compliant", "Whether there is no violation among the jobs that were looked at. Also true without rules, and when no run matched: `run_count` is then 0. `truncated` says whether older runs were left out.", func(r report) bool { return r.Compliant }),
		int64Attr("violation_count", "Number of violations, all counted, whether listed or not.", func(r report) *int64 { return &r.ViolationCount }),
		objectListAttr("violations", "The violations, newest run first, at most 1000.", violationObject(), func(r report) []audit.Violation { return r.Violations }),
		objectListAttr("label_sets", "What the jobs ran on: a row for each distinct set of runner labels, most jobs first. Order, case and repetition of labels make no difference.", labelSetObject(), func(r report) []usage.Row { return r.labelSets }),
		int64Attr("run_count", "Number of runs whose jobs were looked at.", func(r report) *int64 { return &r.RunCount }),
		int64Attr("job_count", "Number of jobs that were looked at.", func(r report) *int64 { return &r.JobCount }),
		boolAttr("truncated", "Whether more runs matched than `max_runs`, so that older ones were not looked at.", func(r report) bool { return r.truncated }),
		timeAttr("oldest_run_at", "When the oldest of these runs was created (RFC 3339, UTC). Null without any run.", func(r report) *time.Time { return r.OldestRunAt }),
		timeAttr("newest_run_at", "When the newest of these runs was created (RFC 3339, UTC). Null without any run.", func(r report) *time.Time { return r.NewestRunAt }),
	}
}

func labelSetObject() object[usage.Row] {
	type set = usage.Row
	return object[set]{
		stringListAttr("labels", "The labels, sorted without regard to case. Empty for jobs that asked for none, as skipped ones.", func(s set) []string { return s.Labels }),
		int64Attr("job_count", "Number of jobs with these labels.", func(s set) *int64 { return &s.JobCount }),
		int64Attr("violation_count", "Number of violations by these jobs.", func(s set) *int64 { return &s.ViolationCount }),
		figures("queued_seconds", "How long these jobs waited for a runner, in whole seconds.", func(s set) usage.Figures { return s.Queued }),
		figures("duration_seconds", "How long these jobs ran, in whole seconds.", func(s set) usage.Figures { return s.Duration }),
		int64Attr("total_duration_seconds", "Sum of the durations of these jobs, in whole seconds.", func(s set) *int64 { return &s.Duration.Total }),
		stringListAttr("runner_groups", "Names of the runner groups that ran these jobs, sorted. Empty when none did.", func(s set) []string { return s.RunnerGroups }),
	}
}

// figures is a distribution, by the nearest-rank method: each figure is one that a job really had.
func figures(name, description string, value func(usage.Row) usage.Figures) field[usage.Row] {
	type dist = usage.Figures
	return objectAttr(name, description+" Each figure is one that a job really had (nearest rank), and null when no job has one.", object[dist]{
		int64Attr("p50", "Median: half of the jobs had this many seconds or fewer. Null when no job has the figure.", func(f dist) *int64 { return f.P50 }),
		int64Attr("p95", "95 of 100 jobs had this many seconds or fewer. Null when no job has the figure.", func(f dist) *int64 { return f.P95 }),
		int64Attr("max", "The longest, in seconds. Null when no job has the figure.", func(f dist) *int64 { return f.Max }),
	}, value)
}
