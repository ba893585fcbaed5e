package audit

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// Exception says which violations do not count. A nil field is not set. All fields that are set
// must match.
type Exception struct {
	Repository *string // pattern for the name or owner/name
	Workflow   *string // pattern for the workflow's name or its file's name, or with a slash its file's path
	Job        *string // pattern for the job's name
	Label      *string // pattern for the violation's label, or its pattern when a label is missing

	// Until is the last day, in UTC, on which the exception holds, as in 2026-12-31.
	Until *string

	// Reason is for people.
	Reason *string
}

// Errors of an exception, except errors of its patterns.
var (
	// ErrMatchesAll: none of the four patterns is set.
	ErrMatchesAll = errors.New("the exception matches every violation; give at least one of repository, workflow, job and label")
	// ErrNotDate: until is not a date.
	ErrNotDate = errors.New("not a date as in 2026-12-31")
)

// ExceptionError says what is wrong with an exception.
type ExceptionError struct {
	Index    int    // counted from 0
	Argument string // the argument at fault; empty for the whole exception
	Value    string // as written
	Err      error
}

func (e *ExceptionError) Error() string {
	if e.Argument == "" {
		return fmt.Sprintf("exception[%d]: %v", e.Index, e.Err)
	}
	return fmt.Sprintf("exception[%d].%s %q: %v", e.Index, e.Argument, e.Value, e.Err)
}

func (e *ExceptionError) Unwrap() error { return e.Err }

// Exceptions are compiled exceptions. They may be nil. They never change, so several goroutines may
// use them.
type Exceptions struct {
	all []exception
}

type exception struct {
	repository, workflow, job, label *Pattern // nil: not set

	isPath  bool // workflow may match the path of the file: only a pattern with a slash, or *hub* would match every path
	expired bool
}

// NewExceptions compiles exceptions. It uses only the UTC day of today. The error is an
// [*ExceptionError].
func NewExceptions(exceptions []Exception, today time.Time) (*Exceptions, error) {
	compiled := &Exceptions{}
	for i, e := range exceptions {
		c, err := compile(e, today)
		if err != nil {
			err.Index = i
			return nil, err
		}
		compiled.all = append(compiled.all, c)
	}
	return compiled, nil
}

func compile(e Exception, today time.Time) (exception, *ExceptionError) {
	var c exception
	patterns := 0
	for _, p := range []struct {
		argument string
		source   *string
		compile  func(string) (*Pattern, error)
		into     **Pattern
	}{
		{"repository", e.Repository, NewPattern, &c.repository},
		{"workflow", e.Workflow, NewPattern, &c.workflow},
		{"job", e.Job, NewPattern, &c.job},
		{"label", e.Label, NewLabelPattern, &c.label},
	} {
		if p.source == nil {
			continue
		}
		patterns++
		pattern, err := p.compile(*p.source)
		if err != nil {
			return c, &ExceptionError{Argument: p.argument, Value: *p.source, Err: err}
		}
		*p.into = pattern
	}
	c.isPath = strings.Contains(job.Value(e.Workflow), "/")
	if patterns == 0 {
		return c, &ExceptionError{Err: ErrMatchesAll}
	}
	if e.Until != nil {
		until, err := time.Parse(time.DateOnly, *e.Until)
		if err != nil {
			return c, &ExceptionError{Argument: "until", Value: *e.Until, Err: ErrNotDate}
		}
		c.expired = !today.UTC().Before(until.AddDate(0, 0, 1))
	}
	return c, nil
}

// ExceptionUse says how one exception was used.
type ExceptionUse struct {
	// Expired is true if its last day is over. It then has no effect.
	Expired bool

	// Count is the number of violations that it matches. Several exceptions can match the same
	// violation.
	Count int64
}

// uses returns one ExceptionUse for each exception, with a count of 0.
func (e *Exceptions) uses() []ExceptionUse {
	if e == nil {
		return nil
	}
	uses := make([]ExceptionUse, len(e.all))
	for i := range e.all {
		uses[i].Expired = e.all[i].expired
	}
	return uses
}

// match counts in uses which exceptions match a violation, and reports whether one of them is
// valid.
func (e *Exceptions) match(v Violation, run *job.Run, uses []ExceptionUse) bool {
	if e == nil {
		return false
	}
	excepted := false
	for i := range e.all {
		if e.all[i].matches(v, run) {
			uses[i].Count++
			excepted = excepted || !e.all[i].expired
		}
	}
	return excepted
}

func (e *exception) matches(v Violation, run *job.Run) bool {
	_, name, _ := strings.Cut(v.Repository, "/")
	return matchesAny(e.repository, &v.Repository, &name) &&
		(matchesAny(e.workflow, v.Job.WorkflowName, run.Name, run.File()) || e.isPath && e.workflow.Match(job.Value(run.Path))) &&
		matchesAny(e.job, v.Job.Name) &&
		matchesAny(e.label, labelOf(v))
}

// labelOf returns the label or pattern that the label pattern of an exception is compared with.
// Violations of rules about groups have none.
func labelOf(v Violation) *string {
	if v.Reason == ReasonMissing {
		return v.Pattern
	}
	return v.Label
}

// matchesAny reports whether the pattern matches one of the known names, or is not set.
func matchesAny(p *Pattern, names ...*string) bool {
	if p == nil {
		return true
	}
	for _, name := range names {
		if name != nil && *name != "" && p.Match(*name) {
			return true
		}
	}
	return false
}
