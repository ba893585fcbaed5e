package actions

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/go-github/v62/github"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// A run can have thousands of jobs with a dozen steps each, and decoding them is most of the work
// of a read. The types here refer to strings in the answer. jobFrom copies them, and shares equal
// ones, so that the answer can be freed.

// wireJobs is a page of a run's jobs. S is the type of the steps: []*wireStep or unreadSteps.
type wireJobs[S any] struct {
	TotalCount *int          `json:"total_count"`
	Jobs       []*wireJob[S] `json:"jobs"`

	listAnswer
	cut cutSteps
}

// prepare removes the steps from an answer before it is decoded, if they are not needed.
func (w *wireJobs[S]) prepare(text []byte) []byte {
	if _, unread := any(*new(S)).(unreadSteps); unread {
		text = w.cut.from(text)
	}
	return w.listAnswer.prepare(text)
}

// restore returns to each job the steps that prepare removed.
func (w *wireJobs[S]) restore() {
	for _, j := range w.Jobs {
		if j == nil {
			continue
		}
		if steps, unread := any(&j.Steps).(*unreadSteps); unread && steps.place > 0 {
			steps.text = w.cut.lists[steps.place-1]
		}
	}
}

// wireJob is a job as servers send it.
type wireJob[S any] struct {
	ID              *int64        `json:"id"`
	RunID           *int64        `json:"run_id"`
	RunAttempt      *int64        `json:"run_attempt"`
	Name            wireText      `json:"name"`
	WorkflowName    wireText      `json:"workflow_name"`
	HeadBranch      wireText      `json:"head_branch"`
	HeadSHA         wireText      `json:"head_sha"`
	Status          wireText      `json:"status"`
	Conclusion      wireText      `json:"conclusion"`
	Labels          []wireText    `json:"labels"`
	RunnerID        *int64        `json:"runner_id"`
	RunnerName      wireText      `json:"runner_name"`
	RunnerGroupID   *int64        `json:"runner_group_id"`
	RunnerGroupName wireText      `json:"runner_group_name"`
	CreatedAt       wireTimestamp `json:"created_at"`
	StartedAt       wireTimestamp `json:"started_at"`
	CompletedAt     wireTimestamp `json:"completed_at"`
	Steps           S             `json:"steps"`
	NodeID          wireText      `json:"node_id"`
	URL             wireText      `json:"url"`
	HTMLURL         wireText      `json:"html_url"`
	RunURL          wireText      `json:"run_url"`
	CheckRunURL     wireText      `json:"check_run_url"`
}

type wireStep struct {
	Number      *int64        `json:"number"`
	Name        wireText      `json:"name"`
	Status      wireText      `json:"status"`
	Conclusion  wireText      `json:"conclusion"`
	StartedAt   wireTimestamp `json:"started_at"`
	CompletedAt wireTimestamp `json:"completed_at"`
}

// unreadSteps are steps that are not needed, as JSON.
type unreadSteps struct {
	place int    // in cutSteps.lists, from 1; 0 without steps
	text  []byte // once it is known which list that is
}

// UnmarshalJSON accepts the placeholder that cutSteps has put in place of a list, or null.
func (s *unreadSteps) UnmarshalJSON(text []byte) error {
	switch text[0] {
	case 'n':
		return nil
	case '[':
		place, err := strconv.Atoi(string(text[1 : len(text)-1]))
		s.place = place
		return err
	case '"':
		return &json.UnmarshalTypeError{Value: "string", Type: reflect.TypeFor[[]wireStep]()}
	}
	return &json.UnmarshalTypeError{Value: jsonKind(text), Type: reflect.TypeFor[[]wireStep]()}
}

// anyStarted reports whether a step has started.
func (s unreadSteps) anyStarted() (bool, error) {
	if s.text == nil {
		return false, nil
	}
	var steps []struct {
		StartedAt wireTimestamp `json:"started_at"`
	}
	err := json.Unmarshal(s.text, &steps)
	for _, step := range steps {
		if step.StartedAt.time() != nil {
			return true, err
		}
	}
	return false, err
}

// wireText is a JSON string with its quotes, as a part of the answer; nil is null.
type wireText []byte

// UnmarshalJSON accepts a string or null.
func (t *wireText) UnmarshalJSON(text []byte) error {
	switch text[0] {
	case '"':
		*t = text
	case 'n':
		*t = nil
	default:
		return &json.UnmarshalTypeError{Value: jsonKind(text), Type: reflect.TypeFor[string]()}
	}
	return nil
}

// jsonKind is the name that encoding/json has for a value that is not a string.
func jsonKind(text []byte) string {
	switch text[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "bool"
	}
	return "number"
}

// decoded returns a copy of the string.
func (t wireText) decoded() string {
	if inner := t[1 : len(t)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var s string
	_ = json.Unmarshal(t, &s) // the decoder has checked that it is a string
	return s
}

// own is the string, or nil for null.
func (t wireText) own() *string {
	if t == nil {
		return nil
	}
	return new(t.decoded())
}

// sharedTexts holds one copy of each string that many jobs of a page have. Nothing writes through the
// pointers.
type sharedTexts map[string]*string

func (s sharedTexts) of(t wireText) *string {
	if t == nil {
		return nil
	}
	if known, ok := s[string(t)]; ok {
		return known
	}
	p := t.own()
	s[string(t)] = p
	return p
}

// list is nil for null.
func (s sharedTexts) list(texts []wireText) []string {
	if texts == nil {
		return nil
	}
	list := make([]string, len(texts))
	for i, t := range texts {
		list[i] = job.Value(s.of(t))
	}
	return list
}

// wireTimestamp is a time in RFC 3339, or in seconds since 1970 as some servers send it.
type wireTimestamp struct {
	at    time.Time
	isSet bool
}

// UnmarshalJSON accepts a time, null or an empty text.
func (t *wireTimestamp) UnmarshalJSON(text []byte) error {
	if text[0] == 'n' || string(text) == `""` {
		*t = wireTimestamp{}
		return nil
	}
	t.isSet = true
	if text[0] == '"' && t.at.UnmarshalText(text[1:len(text)-1]) == nil {
		return nil
	}
	var other github.Timestamp // knows all forms, and is slower
	err := other.UnmarshalJSON(text)
	t.at = other.Time
	return err
}

// time is the time in UTC, or nil if the value means that there is none.
func (t wireTimestamp) time() *time.Time {
	if !t.isSet || job.IsNoTime(t.at) {
		return nil
	}
	return new(t.at.UTC())
}

// jobFrom converts a job. A reason says why the job is invalid.
//
// GitHub sends a runner ID of 0 and empty runner names while a job waits. A group ID of 0 means
// nothing without a group name; beside one it is the ID of GitHub's own hosted runners. A server
// may send year 1 or the Unix epoch for a time that is not known yet, 0 for an attempt that has not
// started, "" for a conclusion that is not known yet and "" or null for a label that does not exist.
func jobFrom[S any](w *wireJob[S], texts sharedTexts) (_ *job.Job, reason string) {
	j := &job.Job{
		ID: w.ID, RunID: w.RunID, RunAttempt: job.NotZero(w.RunAttempt),
		Name: w.Name.own(), WorkflowName: texts.of(w.WorkflowName), HeadBranch: texts.of(w.HeadBranch), HeadSHA: texts.of(w.HeadSHA),
		Status: texts.of(w.Status), Conclusion: job.NotZero(texts.of(w.Conclusion)), Labels: job.WithoutEmpty(texts.list(w.Labels)),
		RunnerID: job.NotZero(w.RunnerID), RunnerName: job.NotZero(texts.of(w.RunnerName)),
		RunnerGroupID: w.RunnerGroupID, RunnerGroupName: job.NotZero(texts.of(w.RunnerGroupName)),
		CreatedAt: w.CreatedAt.time(), StartedAt: w.StartedAt.time(), CompletedAt: w.CompletedAt.time(),
		NodeID: w.NodeID.own(), URL: w.URL.own(), HTMLURL: w.HTMLURL.own(), RunURL: texts.of(w.RunURL), CheckRunURL: w.CheckRunURL.own(),
	}
	if j.RunnerGroupName == nil {
		j.RunnerGroupID = job.NotZero(j.RunnerGroupID)
	}
	switch steps := any(w.Steps).(type) {
	case []*wireStep:
		j.Steps, reason = stepsFrom(steps, job.Value(w.ID), texts)
	case unreadSteps:
		j.Steps, reason = []*job.Step{}, ""
		if j.NeverRan() { // as far as is known without the steps
			started, err := steps.anyStarted()
			if err != nil {
				return nil, fmt.Sprintf("job %d has steps that are not those that GitHub documents", job.Value(w.ID))
			}
			j.StepStarted = started
		}
	}
	return j, reason
}

func stepsFrom(from []*wireStep, jobID int64, texts sharedTexts) (_ []*job.Step, reason string) {
	steps := make([]*job.Step, len(from))
	all := make([]job.Step, len(from))
	for i, step := range from {
		if step == nil {
			return nil, fmt.Sprintf("step %d of job %d is null", i, jobID)
		}
		all[i] = job.Step{
			Number: step.Number, Name: texts.of(step.Name), Status: texts.of(step.Status), Conclusion: job.NotZero(texts.of(step.Conclusion)),
			StartedAt: step.StartedAt.time(), CompletedAt: step.CompletedAt.time(),
		}
		steps[i] = &all[i]
	}
	return steps, ""
}
