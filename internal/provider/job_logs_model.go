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
			MarkdownDescription: "ID of the job, at least 1. It is the number at the end of the URL of the job's page (`…/actions/runs/RUN/job/JOB`), and `id` of each job of `github_actions_run_jobs`.",
			Validators:          []validator.Number{positive()},
		},
		"tail_lines": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: "Maximum number of lines in `content`, counted from the end of the log. At least 1. Default: as many as `max_bytes` allows.",
			Validators:          []validator.Number{positive()},
		},
		"max_bytes": schema.NumberAttribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("Maximum size of `content` in bytes, counted from the end of the log: 1 to %d (16 MiB). Default: `%d` (1 MiB). If the log is longer, `content` lacks its beginning and `truncated` is true.",
				joblog.LargestMaxBytes, joblog.DefaultMaxBytes),
			Validators: []validator.Number{between(1, joblog.LargestMaxBytes)},
		},
		"pattern": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("Regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)) for `matches`. The provider compares it with every line of the log, in the form that `content` shows, and only with the first %d KiB of a line.",
				joblog.MaxPatternBytes>>10),
			Validators: []validator.String{validRegexp()},
		},
	})
}

// jobLogObject is what both show of a log.
func jobLogObject() object[jobLog] {
	type log = jobLog
	annotations := func(word string) string {
		return fmt.Sprintf("Messages of the %[1]ss in the log, in order: messages of the runner that start with `##[%[1]s]`, with all their lines, and workflow commands `::%[1]s::` that the runner did not process. "+
			"At most %[2]d: if there are more, the first and the last %[3]d, because the first is often the cause and the last ended the job. A message is cut after %[4]d KiB.",
			word, joblog.MaxAnnotations, joblog.MaxAnnotations/2, joblog.MaxLineBytes>>10)
	}
	return object[log]{
		sensitive(stringAttr("content", "End of the log, up to `tail_lines` and `max_bytes`. The provider removes timestamps, colours and other control sequences, and all control characters except tabs and line breaks.", func(l log) *string { return &l.Content })),
		int64Attr("size_bytes", "Size of the whole log in bytes, as GitHub stores it.", func(l log) *int64 { return &l.SizeBytes }),
		int64Attr("line_count", "Number of lines in the whole log.", func(l log) *int64 { return &l.LineCount }),
		stringAttr("sha256", "SHA-256 hash of the whole log as GitHub stores it, in lowercase hexadecimal.", func(l log) *string { return &l.SHA256 }),
		boolAttr("truncated", "True if `content` lacks the beginning of the log.", func(l log) bool { return l.Truncated }),
		stringListAttr("errors", annotations("error"), func(l log) []string { return l.Errors }),
		int64Attr("error_count", "Number of errors in the log, including those that `errors` does not list.", func(l log) *int64 { return &l.ErrorCount }),
		stringListAttr("warnings", annotations("warning"), func(l log) []string { return l.Warnings }),
		int64Attr("warning_count", "Number of warnings in the log, including those that `warnings` does not list.", func(l log) *int64 { return &l.WarningCount }),
		sensitive(stringListAttr("matches", fmt.Sprintf("Lines of the log that match `pattern`, in order. At most %d: if there are more, the first and the last %d. Empty if no line matches. Null if `pattern` is not set.",
			joblog.MaxMatches, joblog.MaxMatches/2), func(l log) []string { return l.Matches })),
		int64Attr("match_count", "Number of lines that match `pattern`, including those that `matches` does not list. Null if `pattern` is not set.", func(l log) *int64 {
			if l.Matches == nil {
				return nil
			}
			return &l.MatchCount
		}),
	}
}

// openedJobLogObject is what the ephemeral resource shows: the link too, which must never be kept.
func openedJobLogObject() object[jobLog] {
	return append(jobLogObject(), sensitive(stringAttr("url", "URL that the provider downloaded the log from. The URL is signed: for about a minute, it gives access to the log without a token. Null if the API sends the log itself.", func(l jobLog) *string {
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
