package usage

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// Key is something that jobs can be grouped by.
type Key string

// The keys.
const (
	KeyRepository  Key = "repository"
	KeyWorkflow    Key = "workflow"
	KeyJob         Key = "job"
	KeyLabels      Key = "labels"
	KeyRunnerGroup Key = "runner_group"
	KeyRunner      Key = "runner"
	KeyBranch      Key = "branch"
	KeyEvent       Key = "event"
	KeyActor       Key = "actor"
	KeyConclusion  Key = "conclusion"
	KeyDay         Key = "day"
	KeyWeek        Key = "week"
	KeyMonth       Key = "month"
)

// Keys returns all keys, in the order in which users should read them.
func Keys() []Key {
	return []Key{
		KeyRepository, KeyWorkflow, KeyJob, KeyLabels, KeyRunnerGroup, KeyRunner, KeyBranch, KeyEvent, KeyActor,
		KeyConclusion, KeyDay, KeyWeek, KeyMonth,
	}
}

// IsTime reports whether sorting the values of the key sorts them by time.
func (k Key) IsTime() bool { return slices.Contains([]Key{KeyDay, KeyWeek, KeyMonth}, k) }

// source is a job with its run.
type source struct {
	repository string
	run        *job.Run // never nil
	job        *job.Job
}

// text is the value of a job for a key other than KeyLabels. Nil without a value: no runner took
// the job, it has no conclusion yet, or the API does not return the value.
func (s source) text(key Key) *string {
	switch key {
	case KeyRepository:
		return known(&s.repository)
	case KeyWorkflow:
		return s.workflow()
	case KeyJob:
		return known(s.job.Name)
	case KeyRunnerGroup:
		return known(s.job.RunnerGroupName)
	case KeyRunner:
		return known(s.job.RunnerName)
	case KeyBranch:
		return firstKnown(s.job.HeadBranch, s.run.HeadBranch)
	case KeyEvent:
		return known(s.run.Event)
	case KeyActor:
		return known(s.run.Actor)
	case KeyConclusion:
		return known(s.job.Conclusion)
	case KeyDay, KeyWeek, KeyMonth:
		return s.period(key)
	case KeyLabels:
	}
	return nil
}

// workflow is the workflow's name, or the name of its file if the API does not return the name.
func (s source) workflow() *string {
	if name := firstKnown(s.job.WorkflowName, s.run.Name); name != nil {
		return name
	}
	return s.run.File()
}

// period is the period in which the job was created, or else its run. Weeks are those of ISO 8601.
func (s source) period(key Key) *string {
	at := s.job.CreatedAt
	if at == nil {
		at = s.run.CreatedAt
	}
	if at == nil {
		return nil
	}
	t := at.UTC()
	if key == KeyDay {
		return new(t.Format(time.DateOnly))
	}
	if key == KeyMonth {
		return new(t.Format("2006-01"))
	}
	year, week := t.ISOWeek()
	return new(fmt.Sprintf("%04d-W%02d", year, week))
}

// known is s, or nil if it is empty.
func known(s *string) *string {
	if job.Value(s) == "" {
		return nil
	}
	return s
}

func firstKnown(texts ...*string) *string {
	for _, s := range texts {
		if s = known(s); s != nil {
			return s
		}
	}
	return nil
}

// appendLabels appends a set of labels to a key: their number, then each folded label after its length.
func appendLabels(to []byte, set []job.SetLabel) []byte {
	to = binary.AppendUvarint(to, uint64(len(set)))
	for _, label := range set {
		to = binary.AppendUvarint(to, uint64(len(label.Folded)))
		to = append(to, label.Folded...)
	}
	return to
}
