package actions

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// Job reads one job, normalised. An answer with another job is an error: a faulty cache or proxy
// must not make another job's labels look like this job's.
func (c *Client) Job(ctx context.Context, repo Repository, id int64) (*job.Job, error) {
	j, _, err := c.readJob(ctx, repo, id)
	if err != nil {
		return nil, err
	}
	return j, c.markRerun(ctx, repo, j)
}

func (c *Client) readJob(ctx context.Context, repo Repository, id int64) (*job.Job, http.Header, error) {
	object := jobObject(repo, id)
	answer := new(wireJob[[]*wireStep])
	header, err := c.get(ctx, object, fmt.Sprintf("%s/actions/jobs/%d", repo.path(), id), answer)
	if err != nil {
		return nil, nil, c.locate(ctx, err, repo, PartJob, nil)
	}
	switch {
	case answer.ID == nil:
		return nil, nil, malformed(object, header, "the answer is a job without an id", nil)
	case *answer.ID != id:
		return nil, nil, malformed(object, header, fmt.Sprintf("the answer is job %d", *answer.ID), nil)
	}
	j, reason := jobFrom(answer, sharedTexts{})
	if reason != "" {
		return nil, nil, differing(object, header, reason, nil)
	}
	return j, header, nil
}

// jobObject names a job in messages.
func jobObject(repo Repository, id int64) string { return fmt.Sprintf("%s job %d", repo, id) }

// markRerun reads the run of a job, but only for a later attempt: if a server runs jobs again in
// place, only the run shows it. Errors about the run do not fail the read of the job.
func (c *Client) markRerun(ctx context.Context, repo Repository, j *job.Job) error {
	if job.Value(j.RunAttempt) < 2 || j.RunID == nil || j.CarriedOver() || j.QueuedSeconds() == nil {
		return nil
	}
	run, err := c.run(ctx, repo, *j.RunID, 0)
	switch {
	case errors.Is(err, OutOfTime):
		return err
	case err == nil:
		job.MarkReruns(run, []*job.Job{j})
	}
	return nil
}
