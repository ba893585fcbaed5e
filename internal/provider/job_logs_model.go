package provider

import (
	"context"
	"fmt"
	"io"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/joblog"
)

// jobLog is a job's log as Terraform sees it, and the link that it came from; "": the API sent it.
type jobLog struct {
	joblog.Summary
	link string
}

// jobLogsArguments are the arguments of the data source and of the ephemeral resource.
func jobLogsArguments() map[string]schema.Attribute {
	return mergeAttributes(repositoryArguments(), map[string]schema.Attribute{
		"job_id": schema.NumberAttribute{
			Required:            true,
			MarkdownDescription: "Id of the job, at least 1: the number at the end of a job's web address (`…/actions/runs/RUN/job/JOB`), or `id` of a row of `github_actions_run_jobs`.",
			Validators:          []validator.Number{positive()},
		},
		"tail_lines": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: "How many lines of the log's end `content` holds at most, from 1. Null: as many as `max_bytes` allows.",
			Validators:          []validator.Number{positive()},
		},
		"max_bytes": schema.NumberAttribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("How many bytes of the log's end `content` holds at most, from 1 to %d (16 MiB). Default: `%d` (1 MiB). A longer log loses its beginning, and `truncated` says so.",
				joblog.LargestMaxBytes, joblog.DefaultMaxBytes),
			Validators: []validator.Number{between(1, joblog.LargestMaxBytes)},
		},
		"pattern": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("Regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)) that picks the lines of the whole log for `matches`. It sees a line as `content` shows it, its first %d KiB.",
				joblog.MaxPatternBytes>>10),
			Validators: []validator.String{validRegexp()},
		},
	})
}

// jobLogObject is what both show of a log.
func jobLogObject() object[jobLog] {
	type log = jobLog
	annotations := func(word string) string {
		return fmt.Sprintf("Texts of all %[1]ss, in the order of the log: the runner's messages with the marker `##[%[1]s]`, with all their lines, and workflow commands `::%[1]s::` that the runner left as they are. "+
			"At most %[2]d. If there are more, the first and the last %[3]d, because the first is often the cause and the last ended the job. A text longer than %[4]d KiB is cut there.",
			word, joblog.MaxAnnotations, joblog.MaxAnnotations/2, joblog.MaxLineBytes>>10)
	}
	return object[log]{
		sensitive(stringAttr("content", "End of the log, as much of it as `tail_lines` and `max_bytes` allow. Time stamps, colours and every other control sequence are removed, and so are control characters but tab and line end.", func(l log) *string { return &l.Content })),
		int64Attr("size_bytes", "Size of the whole log as GitHub keeps it, in bytes.", func(l log) *int64 { return &l.SizeBytes }),
		int64Attr("line_count", "Number of lines of the whole log.", func(l log) *int64 { return &l.LineCount }),
		stringAttr("sha256", "SHA-256 of the whole log as GitHub keeps it, in lower-case hexadecimal.", func(l log) *string { return &l.SHA256 }),
		boolAttr("truncated", "Whether `content` is less than the whole log.", func(l log) bool { return l.Truncated }),
		stringListAttr("errors", annotations("error"), func(l log) []string { return l.Errors }),
		int64Attr("error_count", "Number of all errors in the log, including those that `errors` leaves out.", func(l log) *int64 { return &l.ErrorCount }),
		stringListAttr("warnings", annotations("warning"), func(l log) []string { return l.Warnings }),
		int64Attr("warning_count", "Number of all warnings in the log, including those that `warnings` leaves out.", func(l log) *int64 { return &l.WarningCount }),
		sensitive(stringListAttr("matches", fmt.Sprintf("Lines of the whole log that match `pattern`, in the order of the log. At most %d. If there are more, the first and the last %d. Empty if no line matches; null without a `pattern`.",
			joblog.MaxMatches, joblog.MaxMatches/2), func(l log) []string { return l.Matches })),
		int64Attr("match_count", "Number of all lines that match `pattern`, including those that `matches` leaves out. Null without a `pattern`.", func(l log) *int64 {
			if l.Matches == nil {
				return nil
			}
			return &l.MatchCount
		}),
	}
}

// openedJobLogObject is what the ephemeral resource shows: the link too, which must never be kept.
func openedJobLogObject() object[jobLog] {
	return append(jobLogObject(), sensitive(stringAttr("url", "Link that the log was read from. It is signed, so whoever has it can read the log without a token, for about a minute. Null where the API sends the log itself.", func(l jobLog) *string {
		if l.link == "" {
			return nil
		}
		return &l.link
	})))
}

// jobLogQuery is the arguments of either.
type jobLogQuery struct {
	repository actions.Repository
	job        int64
	options    joblog.Options
}

func (d *providerData) jobLogQuery(ctx context.Context, in input) jobLogQuery {
	q := jobLogQuery{
		repository: d.repository(ctx, in),
		job:        in.int64Or(ctx, "job_id", 0),
		options:    joblog.Options{MaxBytes: int(in.int64Or(ctx, "max_bytes", joblog.DefaultMaxBytes)), TailLines: int(in.int64Or(ctx, "tail_lines", 0))},
	}
	if pattern := get[types.String](ctx, in, "pattern"); !pattern.IsNull() {
		// Its validator has compiled it before.
		q.options.Pattern, _ = regexp.Compile(pattern.ValueString())
	}
	return q
}

// readJobLog streams the log through internal/joblog: no more of it is ever in memory than is shown.
func (d *providerData) readJobLog(ctx context.Context, q jobLogQuery) (log jobLog, err error) {
	log.link, err = d.client.JobLog(ctx, q.repository, q.job, func(r io.Reader) (err error) {
		log.Summary, err = joblog.Read(r, q.options)
		return err
	})
	return log, err
}
