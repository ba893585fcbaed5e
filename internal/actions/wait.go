package actions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// A wait asks after firstPoll, then ever more rarely, up to every slowestPoll.
const (
	firstPoll   = 5 * time.Second
	slowestPoll = 60 * time.Second
)

// Progress is how a wait stands after a poll.
type Progress struct {
	Object     string
	Status     string   // of what is waited for; empty when the server does not tell
	Unfinished []string // jobs that are listed and not completed, each with its status
	Next       time.Duration
}

// WaitRunJobs is RunJobs once the run is over: it asks until then, or until ctx ends, and tells report
// after each poll that it goes on.
//
// A run that says that it is completed is asked once more, with its jobs: the listing that came with that
// answer was asked for at the same moment, and may be older by a job; and a run that somebody has started
// again in between is not over. A page of the run that has been there and is missing now says nothing.
func (c *Client) WaitRunJobs(ctx context.Context, q RunQuery, report func(Progress)) (RunJobs, error) {
	var run RunJobs
	hasPage := false
	err := c.poll(ctx, q.object(), report, func(ctx context.Context) (over bool, p Progress, err error) {
		for range 2 {
			if run, err = c.RunJobs(ctx, q); err != nil {
				return false, p, err
			}
			hasPage = hasPage || run.Run != nil
			if !run.Completed() || hasPage && run.Run == nil {
				return false, progressOf(run), nil
			}
		}
		return true, p, nil
	})
	return run, err
}

func progressOf(run RunJobs) Progress {
	var p Progress
	if run.Status() != nil {
		p.Status = *run.Status()
	}
	for _, job := range run.Jobs {
		if unfinished(job) {
			p.Unfinished = append(p.Unfinished, jobStatus(job))
		}
	}
	return p
}

// WaitJob is Job once the job is completed, by the rules of WaitRunJobs.
func (c *Client) WaitJob(ctx context.Context, repo Repository, id int64, report func(Progress)) (*github.WorkflowJob, error) {
	var job *github.WorkflowJob
	err := c.poll(ctx, jobObject(repo, id), report, func(ctx context.Context) (done bool, p Progress, err error) {
		if job, err = c.Job(ctx, repo, id); err != nil {
			return false, p, err
		}
		return !unfinished(job), Progress{Status: job.GetStatus(), Unfinished: []string{jobStatus(job)}}, nil
	})
	return job, err
}

func jobStatus(job *github.WorkflowJob) string {
	return fmt.Sprintf("%s (%s)", job.GetName(), job.GetStatus())
}

// poll asks until it is over. Answers are asked for by ETag, so a poll that finds nothing new costs no
// rate limit for whoever has a token.
func (c *Client) poll(ctx context.Context, object string, report func(Progress), ask func(context.Context) (over bool, _ Progress, _ error)) error {
	ctx = transport.WithMemory(ctx)
	var known Progress
	for interval := firstPoll; ; interval = min(interval*3/2, slowestPoll) {
		over, p, err := ask(ctx)
		switch {
		case err != nil:
			return stillUnfinished(err, known)
		case over:
			return nil
		}
		p.Object, p.Next = object, nextPoll(ctx, interval)
		known = p
		report(p)
		if err := transport.Sleep(ctx, p.Next); err != nil {
			return stillUnfinished(errorFromTransport(ctx, object, err), known)
		}
	}
}

// nextPoll comes early enough for a last look before the time is up.
func nextPoll(ctx context.Context, interval time.Duration) time.Duration {
	deadline, limited := ctx.Deadline()
	if !limited {
		return interval
	}
	left := time.Until(deadline)
	if left > interval || left < 2*firstPoll {
		return interval
	}
	return left / 2
}

// stillUnfinished adds what a wait knows to the error that ended it.
func stillUnfinished(err error, known Progress) error {
	var e *Error
	if !errors.As(err, &e) || known.Object == "" {
		return err
	}
	waited := *e
	waited.Waited, waited.LastStatus, waited.Unfinished = true, known.Status, known.Unfinished
	if e.Kind == OutOfTime {
		waited.Object = known.Object
	}
	return &waited
}
