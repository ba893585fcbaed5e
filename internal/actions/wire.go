package actions

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// This file turns what servers send into internal/job's values, once, so that no later code has to
// know the forms of "nothing". Only properties that somebody reads are decoded: another one, whatever
// it holds, must not spoil an answer.

// jobFrom makes a job of an answer. A reason says what is wrong with a job that cannot be trusted.
//
// GitHub sends a runner id of 0 and empty runner names while a job waits. A group id of 0 means
// nothing without a group name; beside one it is the id of GitHub's own hosted runners. A server may
// send year 1 or the Unix epoch for a time that has not come, 0 for an attempt that has not started
// and "" for a conclusion that is not known yet.
func jobFrom(w *github.WorkflowJob) (_ *job.Job, reason string) {
	if slices.Contains(w.Labels, "") {
		return nil, fmt.Sprintf("job %d has a label that is null or empty", w.GetID())
	}
	j := &job.Job{
		ID: w.ID, RunID: w.RunID, RunAttempt: job.NotZero(w.RunAttempt),
		Name: w.Name, WorkflowName: w.WorkflowName, HeadBranch: w.HeadBranch, HeadSHA: w.HeadSHA,
		Status: w.Status, Conclusion: job.NotZero(w.Conclusion), Labels: w.Labels,
		RunnerID: job.NotZero(w.RunnerID), RunnerName: job.NotZero(w.RunnerName),
		RunnerGroupID: w.RunnerGroupID, RunnerGroupName: job.NotZero(w.RunnerGroupName),
		CreatedAt: timeFrom(w.CreatedAt), StartedAt: timeFrom(w.StartedAt), CompletedAt: timeFrom(w.CompletedAt),
		NodeID: w.NodeID, URL: w.URL, HTMLURL: w.HTMLURL, RunURL: w.RunURL, CheckRunURL: w.CheckRunURL,
		Steps: make([]*job.Step, len(w.Steps)),
	}
	if j.RunnerGroupName == nil {
		j.RunnerGroupID = job.NotZero(j.RunnerGroupID)
	}
	for i, step := range w.Steps {
		if step == nil {
			return nil, fmt.Sprintf("step %d of job %d is null", i, w.GetID())
		}
		j.Steps[i] = &job.Step{
			Number: step.Number, Name: step.Name, Status: step.Status, Conclusion: job.NotZero(step.Conclusion),
			StartedAt: timeFrom(step.StartedAt), CompletedAt: timeFrom(step.CompletedAt),
		}
	}
	return j, ""
}

// wireRun is a run as servers send it. go-github v62 lacks the path, and the rest of its type is never
// read here: of repositories and accounts only the names are.
type wireRun struct {
	ID                 *int64            `json:"id"`
	Name               *string           `json:"name"`
	DisplayTitle       *string           `json:"display_title"`
	RunNumber          *int64            `json:"run_number"`
	RunAttempt         *int64            `json:"run_attempt"`
	Event              *string           `json:"event"`
	Status             *string           `json:"status"`
	Conclusion         *string           `json:"conclusion"`
	HeadBranch         *string           `json:"head_branch"`
	HeadSHA            *string           `json:"head_sha"`
	Path               *string           `json:"path"`
	WorkflowID         *int64            `json:"workflow_id"`
	CheckSuiteID       *int64            `json:"check_suite_id"`
	CreatedAt          *github.Timestamp `json:"created_at"`
	UpdatedAt          *github.Timestamp `json:"updated_at"`
	RunStartedAt       *github.Timestamp `json:"run_started_at"`
	HTMLURL            *string           `json:"html_url"`
	PreviousAttemptURL *string           `json:"previous_attempt_url"`
	Actor              *wireAccount      `json:"actor"`
	TriggeringActor    *wireAccount      `json:"triggering_actor"`
	Repository         *wireRepository   `json:"repository"`
	HeadRepository     *wireRepository   `json:"head_repository"`
}

type wireAccount struct {
	Login *string `json:"login"`
}

type wireRepository struct {
	ID       *int64  `json:"id"`
	FullName *string `json:"full_name"`
}

// runFrom makes a run of an answer.
func runFrom(w *wireRun) *job.Run {
	r := &job.Run{
		ID: w.ID, Name: w.Name, DisplayTitle: w.DisplayTitle, RunNumber: w.RunNumber, RunAttempt: job.NotZero(w.RunAttempt),
		Event: w.Event, Status: w.Status, Conclusion: job.NotZero(w.Conclusion), HeadBranch: w.HeadBranch, HeadSHA: w.HeadSHA,
		Path: w.Path, WorkflowID: w.WorkflowID, CheckSuiteID: w.CheckSuiteID,
		CreatedAt: timeFrom(w.CreatedAt), UpdatedAt: timeFrom(w.UpdatedAt), RunStartedAt: timeFrom(w.RunStartedAt),
		HTMLURL: w.HTMLURL, PreviousAttemptURL: w.PreviousAttemptURL,
	}
	if w.Path != nil {
		// Some servers append the ref that the file was read at.
		file, _, _ := strings.Cut(*w.Path, "@refs/")
		r.Path = &file
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

// nothing decodes from any JSON value and keeps none of it.
type nothing struct{}

func (*nothing) UnmarshalJSON([]byte) error { return nil }

var _ json.Unmarshaler = (*nothing)(nil)

// timeFrom is the time in UTC, or nil where the server means that there is none.
func timeFrom(t *github.Timestamp) *time.Time {
	if t == nil || job.IsNoTime(t.Time) {
		return nil
	}
	return new(t.UTC())
}
