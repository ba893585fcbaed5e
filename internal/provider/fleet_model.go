package provider

import (
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
)

// selectionFields are the attributes about the runs that were read. All data sources about many
// repositories share them. rows is the list of by_repository: see repositoryRows.
func selectionFields[T, V any](report func(T) fleet.Report, verdict object[repositoryRow[V]], rows func(T) []repositoryRow[V]) object[T] {
	return object[T]{
		int64Attr("run_count", "Number of runs whose jobs were read.", func(t T) *int64 { return new(int64(report(t).RunCount)) }),
		int64Attr("job_count", "Number of jobs that were read. A job that a re-run carried over counts once.", func(t T) *int64 { return new(int64(report(t).JobCount)) }),
		boolAttr("truncated", "True if, in any repository, more runs match the filters than `max_runs`. The older runs were not read.", func(t T) bool { return report(t).Truncated }),
		boolAttr("complete", "True if everything selected was read: `truncated` is false and `problems` is empty.", func(t T) bool { return report(t).Complete() }),
		timeAttr("oldest_run_at", "Time when the oldest of these runs was created (RFC 3339, UTC). Null if there are no runs.", func(t T) *time.Time { return report(t).OldestRunAt }),
		timeAttr("newest_run_at", "Time when the newest of these runs was created (RFC 3339, UTC). Null if there are no runs.", func(t T) *time.Time { return report(t).NewestRunAt }),
		objectListAttr("by_repository", "A row for each repository, sorted by name without regard to case.", append(repositoryRowObject[V](), verdict...), rows),
		objectListAttr("problems", "Repositories and runs that could not be read, sorted by repository. Does not include repositories that `repositories` names in full: if one of them cannot be read, the read fails.", problemObject(), func(t T) []fleet.Problem { return report(t).Problems }),
	}
}

// repositoryRow is one row of by_repository: the report of fleet, and the result of the data
// source.
type repositoryRow[V any] struct {
	fleet.RepositoryReport

	verdict V
}

// repositoryRows adds the result of the data source to each repository of a report. verdict takes
// owner/name.
func repositoryRows[V any](report fleet.Report, verdict func(name string) V) []repositoryRow[V] {
	rows := make([]repositoryRow[V], len(report.Repositories))
	for i, r := range report.Repositories {
		rows[i] = repositoryRow[V]{r, verdict(r.Repository.String())}
	}
	return rows
}

func repositoryRowObject[V any]() object[repositoryRow[V]] {
	type row = repositoryRow[V]
	return object[row]{
		stringAttr("repository", "Repository, as `owner/name`.", func(r row) *string { return new(r.Repository.String()) }),
		int64Attr("run_count", "Number of runs of the repository whose jobs were read.", func(r row) *int64 { return new(int64(r.RunCount)) }),
		int64Attr("job_count", "Number of jobs of the repository that were read.", func(r row) *int64 { return new(int64(r.JobCount)) }),
		boolAttr("truncated", "True if more runs of the repository match the filters than `max_runs`.", func(r row) bool { return r.Truncated }),
	}
}

func problemObject() object[fleet.Problem] {
	type problem = fleet.Problem
	return object[problem]{
		stringAttr("repository", "Repository, as `owner/name`. `owner/*` if the list of the owner's repositories is not complete, because the token is not authorised for single sign-on.", func(p problem) *string { return new(p.Repository.String()) }),
		int64Attr("run_id", "ID of the run that could not be read. Null if the repository or the list of repositories itself could not be read.", func(p problem) *int64 { return p.RunID }),
		stringAttr("reason", "Why it could not be read: `not_found` (404 or 410), `forbidden` (403), `blocked` (451), `server_error` (5xx, retries included), `unreachable` (no answer, or an incomplete one), `unreadable` (an answer that cannot be used).", func(p problem) *string { return new(string(p.Reason)) }),
		stringAttr("message", "Description of the error, for people. The wording can change, so use `reason` in conditions.", func(p problem) *string { return new(problemMessage(p)) }),
	}
}
