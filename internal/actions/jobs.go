package actions

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/go-github/v62/github"
)

// Job reads one job, normalised. An answer that is another job is an error: a cache or proxy in
// between must not pass a stranger's labels off as this job's.
func (c *Client) Job(ctx context.Context, repo Repository, id int64) (*github.WorkflowJob, error) {
	object := jobObject(repo, id)
	job := new(github.WorkflowJob)
	header, err := c.get(ctx, object, fmt.Sprintf("%s/actions/jobs/%d", repo.path(), id), job)
	if err != nil {
		return nil, c.locate(ctx, err, repo, PartJob, nil)
	}
	switch {
	case job.ID == nil:
		return nil, malformed(object, header, "the answer is a job without an id", nil)
	case *job.ID != id:
		return nil, malformed(object, header, fmt.Sprintf("the answer is job %d", *job.ID), nil)
	}
	if reason := normalizeJob(job); reason != "" {
		return nil, malformed(object, header, reason, nil)
	}
	return job, nil
}

// jobObject names a job in messages.
func jobObject(repo Repository, id int64) string { return fmt.Sprintf("%s job %d", repo, id) }

// normalizeJob brings what servers send for "nothing" to nil and every time to UTC, once, so that no
// later code has to know the forms. A reason says what is wrong with a job that cannot be trusted.
//
// GitHub sends a runner id of 0 and empty runner names while a job waits, and so long does a group id
// of 0 mean nothing; beside a group name it is the id of GitHub's own hosted runners. A server may send
// year 1 or the Unix epoch for a time that has not come.
func normalizeJob(job *github.WorkflowJob) (reason string) {
	if job.GetRunnerID() == 0 {
		job.RunnerID = nil
	}
	dropEmpty(&job.RunnerName)
	dropEmpty(&job.RunnerGroupName)
	if job.RunnerGroupName == nil && job.GetRunnerGroupID() == 0 {
		job.RunnerGroupID = nil
	}
	for _, t := range []**github.Timestamp{&job.CreatedAt, &job.StartedAt, &job.CompletedAt} {
		normalizeTime(t)
	}
	if slices.Contains(job.Labels, "") {
		return fmt.Sprintf("job %d has a label that is null or empty", job.GetID())
	}
	if job.Steps == nil {
		job.Steps = []*github.TaskStep{}
	}
	for i, step := range job.Steps {
		if step == nil {
			return fmt.Sprintf("step %d of job %d is null", i, job.GetID())
		}
		normalizeTime(&step.StartedAt)
		normalizeTime(&step.CompletedAt)
	}
	return ""
}

func dropEmpty(s **string) {
	if *s != nil && **s == "" {
		*s = nil
	}
}

func normalizeTime(t **github.Timestamp) {
	if *t == nil {
		return
	}
	if utc := (*t).UTC(); isNoTime((*t).Time) || isNoTime(utc) {
		*t = nil
	} else {
		*t = &github.Timestamp{Time: utc}
	}
}

// isNoTime reports whether t lies on one of the two days that stand for "no time": Go's zero time and
// the Unix epoch.
func isNoTime(t time.Time) bool {
	year, month, day := t.Date()
	return (year == 1 || year == 1970) && month == time.January && day == 1
}
