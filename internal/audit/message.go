package audit

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// maxName is the maximum number of characters of a name in a message.
const maxName = 100

// Message returns a sentence for users.
func (v Violation) Message() string {
	return v.sentence() + "."
}

// Message returns a sentence for users.
func (r SummaryRow) Message() string {
	v := Violation{
		Repository: r.Repository,
		Job:        &job.Job{Name: r.JobName, WorkflowName: r.WorkflowName, RunnerGroupName: r.RunnerGroupName},
		Label:      r.Label, Reason: r.Reason, Pattern: r.Pattern,
	}
	text := v.sentence()
	switch {
	case r.Count != 1 && r.LastSeenAt != nil:
		text += fmt.Sprintf("; %d jobs, last on %s", r.Count, r.LastSeenAt.UTC().Format(time.DateOnly))
	case r.Count != 1:
		text += fmt.Sprintf("; %d jobs", r.Count)
	case r.LastSeenAt != nil:
		text += "; 1 job, on " + r.LastSeenAt.UTC().Format(time.DateOnly)
	default:
		text += "; 1 job"
	}
	return text + "."
}

func (v Violation) sentence() string {
	subject := "a job without a name"
	if v.Job.Name != nil {
		subject = "job " + quoted(v.Job.Name)
	}
	if v.Job.WorkflowName != nil {
		subject += " of workflow " + quoted(v.Job.WorkflowName)
	}
	if v.Repository != "" {
		subject = v.Repository + ": " + subject
	} else {
		subject = strings.ToUpper(subject[:1]) + subject[1:]
	}
	return subject + " " + v.predicate()
}

func (v Violation) predicate() string {
	group := "without a runner group"
	if name := job.Value(v.Job.RunnerGroupName); name != "" {
		group = "in runner group " + quoted(&name)
	}
	switch v.Reason {
	case ReasonDenied:
		return fmt.Sprintf("uses label %s, which %s forbids (%s)", quoted(v.Label), ListDeniedLabels, quoted(v.Pattern))
	case ReasonNotAllowed:
		return fmt.Sprintf("uses label %s, which %s does not allow", quoted(v.Label), ListAllowedLabels)
	case ReasonMissing:
		return fmt.Sprintf("has no label that matches %s, which %s asks for", quoted(v.Pattern), ListRequiredLabels)
	case ReasonUnlabeled:
		return fmt.Sprintf("asks for no label and ran %s, so %s does not allow it", group, ListAllowedLabels)
	case ReasonGroupDenied:
		return fmt.Sprintf("ran %s, which %s forbids (%s)", group, ListDeniedRunnerGroups, quoted(v.Pattern))
	case ReasonGroupNotAllowed:
		return fmt.Sprintf("ran %s, which %s does not allow", group, ListAllowedRunnerGroups)
	}
	return "breaks a rule"
}

// quoted returns a name in quotes, on one line, with invisible characters escaped.
func quoted(name *string) string {
	text := []rune(job.Value(name))
	if len(text) > maxName {
		text = append(text[:maxName-1:maxName-1], '…')
	}
	return strconv.Quote(string(text))
}
