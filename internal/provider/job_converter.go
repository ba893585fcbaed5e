package provider

import (
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// This file goes when internal/actions gives jobs and runs as internal/job has them.

func jobsOf(jobs []*github.WorkflowJob) []*job.Job {
	converted := make([]*job.Job, len(jobs))
	for i, j := range jobs {
		c := &job.Job{
			ID: j.ID, RunID: j.RunID, RunAttempt: j.RunAttempt, Name: j.Name, WorkflowName: j.WorkflowName,
			HeadBranch: j.HeadBranch, Status: j.Status, Conclusion: j.Conclusion, Labels: j.Labels,
			RunnerID: j.RunnerID, RunnerName: j.RunnerName, RunnerGroupName: j.RunnerGroupName,
			CreatedAt: timeOf(j.CreatedAt), StartedAt: timeOf(j.StartedAt), CompletedAt: timeOf(j.CompletedAt),
			HTMLURL: j.HTMLURL,
		}
		for _, step := range j.Steps {
			c.StepStarted = c.StepStarted || step.StartedAt != nil
		}
		converted[i] = c
	}
	return converted
}

func runOf(run *actions.Run) *job.Run {
	return &job.Run{ID: run.ID, CreatedAt: timeOf(run.CreatedAt)}
}

func timeOf(t *github.Timestamp) *time.Time {
	if t == nil {
		return nil
	}
	return &t.Time
}
