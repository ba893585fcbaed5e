package actions

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// This file converts answers to the types of internal/job, so that later code does not have to know
// the values for "nothing". Only properties that are used are decoded: other properties, with any
// value, must not break an answer.

// wireRun is a run as servers send it. go-github v62 lacks the path, and most of its type is not
// used: of repositories and accounts, only names and IDs are.
type wireRun struct {
	ID                 *int64          `json:"id"`
	Name               *string         `json:"name"`
	DisplayTitle       *string         `json:"display_title"`
	RunNumber          *int64          `json:"run_number"`
	RunAttempt         *int64          `json:"run_attempt"`
	Event              *string         `json:"event"`
	Status             *string         `json:"status"`
	Conclusion         *string         `json:"conclusion"`
	HeadBranch         *string         `json:"head_branch"`
	HeadSHA            *string         `json:"head_sha"`
	Path               *string         `json:"path"`
	WorkflowID         wireNumber      `json:"workflow_id"`
	CheckSuiteID       wireNumber      `json:"check_suite_id"`
	CreatedAt          wireTimestamp   `json:"created_at"`
	UpdatedAt          wireTimestamp   `json:"updated_at"`
	RunStartedAt       wireTimestamp   `json:"run_started_at"`
	HTMLURL            *string         `json:"html_url"`
	PreviousAttemptURL *string         `json:"previous_attempt_url"`
	Actor              *wireAccount    `json:"actor"`
	TriggeringActor    *wireAccount    `json:"triggering_actor"`
	Repository         *wireRepository `json:"repository"`
	HeadRepository     *wireRepository `json:"head_repository"`
}

type wireAccount struct {
	Login *string `json:"login"`
}

type wireRepository struct {
	ID       *int64  `json:"id"`
	FullName *string `json:"full_name"`
}

// wireNumber is the ID of another object, which must not spoil an answer: Forgejo sends the name of a file
// as the ID of a workflow. A number in a text is that number. Any other value is null.
type wireNumber struct {
	number *int64
	text   string // a text that is not a number
}

// UnmarshalJSON accepts any value.
func (n *wireNumber) UnmarshalJSON(text []byte) error {
	*n = wireNumber{}
	value := string(text)
	if text[0] == '"' {
		_ = json.Unmarshal(text, &value) // the decoder has checked that it is a string
	}
	if number, err := strconv.ParseInt(value, 10, 64); err == nil {
		n.number = &number
	} else if text[0] == '"' {
		n.text = value
	}
	return nil
}

// withoutRef is the path of a workflow's file without the ref that the file was read at, which GitHub
// appends for files of other repositories, and Gitea always.
func withoutRef(file string) string {
	if path, _, isFull := strings.Cut(file, "@refs/"); isFull {
		return path
	}
	// The first @ after an extension: a branch may be called x/ci.yml@y.
	end := len(file)
	for _, mark := range []string{".yml@", ".yaml@"} {
		if i := strings.Index(file, mark); i >= 0 {
			end = min(end, i+len(mark)-1)
		}
	}
	return file[:end]
}

// runFrom converts a run.
func runFrom(w *wireRun) *job.Run {
	r := &job.Run{
		ID: w.ID, Name: w.Name, DisplayTitle: w.DisplayTitle, RunNumber: w.RunNumber, RunAttempt: job.NotZero(w.RunAttempt),
		Event: w.Event, Status: w.Status, Conclusion: job.NotZero(w.Conclusion), HeadBranch: w.HeadBranch, HeadSHA: w.HeadSHA,
		WorkflowID: w.WorkflowID.number, CheckSuiteID: w.CheckSuiteID.number,
		CreatedAt: w.CreatedAt.time(), UpdatedAt: w.UpdatedAt.time(), RunStartedAt: w.RunStartedAt.time(),
		HTMLURL: w.HTMLURL, PreviousAttemptURL: w.PreviousAttemptURL,
	}
	switch {
	case job.Value(w.Path) == "" && w.WorkflowID.text != "":
		r.Path = new(w.WorkflowID.text)
	case w.Path != nil:
		r.Path = new(withoutRef(*w.Path))
	}
	if w.Actor != nil {
		r.Actor = w.Actor.Login
	}
	if w.TriggeringActor != nil {
		r.TriggeringActor = w.TriggeringActor.Login
	}
	if w.Repository != nil {
		r.Repository, r.RepositoryID = w.Repository.FullName, w.Repository.ID
	}
	if w.HeadRepository != nil {
		r.HeadRepository, r.HeadRepositoryID = w.HeadRepository.FullName, w.HeadRepository.ID
	}
	return r
}

// nothing accepts any JSON value and ignores it.
type nothing struct{}

func (*nothing) UnmarshalJSON([]byte) error { return nil }

var _ json.Unmarshaler = (*nothing)(nil)
