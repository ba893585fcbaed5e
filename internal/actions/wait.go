package actions

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// A wait polls after firstPoll, then less and less often, down to once every slowestPoll.
const (
	firstPoll   = 5 * time.Second
	slowestPoll = 60 * time.Second
)

// Progress is the state of a wait after a poll.
type Progress struct {
	Object     string
	Status     string   // of the run or job; empty if the API does not return it
	Unfinished []string // listed jobs that are not completed, each with its status
	NoRun      []string // of a gate: workflows without a run that counts
	Next       time.Duration

	// LastFailure is the error of the newest poll; nil if it succeeded.
	LastFailure error

	by time.Time // the latest time for the next poll; ignored if it is zero or in the past
}

// WaitRunJobs is RunJobs after a wait: it polls until the run is completed or until ctx ends. It
// calls report after each poll that does not end the wait.
//
// If the run is completed, it is read once more, with its jobs: the first list was requested at the
// same time and may lack a job, and a run that was started again in between is not completed. If
// the run returns 404 after it was there, the poll is ignored.
func (c *Client) WaitRunJobs(ctx context.Context, q RunQuery, report func(Progress)) (job.RunJobs, error) {
	var run job.RunJobs
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
			ctx = transport.WithFresh(ctx)
		}
		return true, p, nil
	})
	return run, err
}

func progressOf(run job.RunJobs) Progress {
	var p Progress
	p.Status = job.Value(run.Status())
	for _, j := range run.Jobs {
		if j.Unfinished() {
			p.Unfinished = append(p.Unfinished, jobStatus(j))
		}
	}
	return p
}

// WaitJob is Job once the job is completed, by the rules of WaitRunJobs.
//
// A job that is not completed when its run is will not change any more, so the wait then ends with
// JobLeftBehind.
func (c *Client) WaitJob(ctx context.Context, repo Repository, id int64, report func(Progress)) (*job.Job, error) {
	var j *job.Job
	run := runOfJob{client: c, repo: repo}
	err := c.poll(ctx, jobObject(repo, id), report, func(ctx context.Context) (done bool, p Progress, err error) {
		if run.isCompleted {
			ctx = transport.WithFresh(ctx)
		}
		if j, err = c.Job(ctx, repo, id); err != nil {
			return false, p, err
		}
		if !j.Unfinished() {
			return true, p, nil
		}
		return false, Progress{Status: job.Value(j.Status), Unfinished: []string{jobStatus(j)}}, run.check(ctx, j)
	})
	return j, err
}

// pollsPerLook is the number of polls without a change after which the run of a job is read too.
const pollsPerLook = 3

// runOfJob finds out whether the run of an unfinished job is completed.
type runOfJob struct {
	client      *Client
	repo        Repository
	status      string // of the job, at the last poll
	unchanged   int    // polls with this status
	isCompleted bool   // so said the run, at the last poll
}

// check fails if the run is completed at two polls in a row, and the job has not changed. One poll is not
// enough: GitHub can show the end of a run some seconds before the end of its jobs. Errors about the
// run do not end the wait.
func (r *runOfJob) check(ctx context.Context, j *job.Job) error {
	if status := job.Value(j.Status); status != r.status || r.unchanged == 0 {
		r.status, r.unchanged, r.isCompleted = status, 0, false
	}
	r.unchanged++
	if j.RunID == nil || !r.isCompleted && r.unchanged%pollsPerLook != 0 {
		return nil
	}
	run, err := r.client.run(ctx, r.repo, *j.RunID, 0)
	if errors.Is(err, OutOfTime) {
		return err
	}
	wasCompleted := r.isCompleted
	r.isCompleted = err == nil && run.Finished() && !isEarlier(run, j)
	if !wasCompleted || !r.isCompleted {
		return nil
	}
	return &Error{
		Kind: JobLeftBehind, Object: jobObject(r.repo, job.Value(j.ID)), Missing: PartJob,
		Reason: job.Value(run.Conclusion), LastStatus: r.status,
	}
}

// isEarlier reports whether a run was read before the attempt of a job began.
func isEarlier(run *job.Run, j *job.Job) bool {
	return run.RunAttempt != nil && *run.RunAttempt < job.Value(j.RunAttempt)
}

func jobStatus(j *job.Job) string {
	return fmt.Sprintf("%s (%s)", job.Value(j.Name), job.Value(j.Status))
}

// poll asks until done. Requests carry an ETag, so with a token a poll without a change does not
// count against the rate limit.
//
// A poll that fails because of a temporary outage counts as a poll without a change. If the time
// ends, the error contains the last such failure.
func (c *Client) poll(ctx context.Context, object string, report func(Progress), ask func(context.Context) (over bool, _ Progress, _ error)) error {
	ctx = transport.WithMemory(ctx)
	var known Progress
	for interval := firstPoll; ; interval = min(interval*3/2, slowestPoll) {
		over, p, err := ask(ctx)
		switch {
		case err != nil && !isOutage(err, known):
			return stillUnfinished(err, known)
		case err != nil:
			known.LastFailure = err
		case over:
			return nil
		default:
			known = p
		}
		known.Object, known.Next = object, nextPoll(ctx, interval, known.by)
		report(known)
		if err := transport.Sleep(ctx, known.Next); err != nil {
			return stillUnfinished(errorFromTransport(ctx, object, err), known)
		}
	}
}

// nextPoll leaves time for a last poll before the deadline, and is not later than by.
func nextPoll(ctx context.Context, interval time.Duration, by time.Time) time.Duration {
	if left := time.Until(by); left > 0 {
		interval = min(interval, left)
	}
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

// stillUnfinished adds the state of the wait to the error that ended it.
func stillUnfinished(err error, known Progress) error {
	var e *Error
	if !errors.As(err, &e) || known.Object == "" || e.Kind == JobLeftBehind { // which says all this itself
		return err
	}
	waited := *e
	waited.Waited, waited.LastStatus, waited.Unfinished, waited.NoRun = true, known.Status, known.Unfinished, known.NoRun
	if e.Kind == OutOfTime {
		waited.Object, waited.LastFailure = known.Object, known.LastFailure
	}
	return &waited
}

// isOutage reports whether a failure may be temporary: a server fault, a broken connection or an
// unreachable host. Before the first answer, a host that cannot be found, refuses the connection or
// has an untrusted certificate is more likely a mistake in the configuration.
func isOutage(err error, known Progress) bool {
	switch {
	case errors.Is(err, ServerFault), errors.Is(err, Interrupted):
		return true
	case !errors.Is(err, Unreachable):
		return false
	}
	var (
		untrusted *tls.CertificateVerificationError
		unknown   *net.DNSError
		unopened  *net.OpError
	)
	answered := known.Object != ""
	switch {
	case errors.As(err, &untrusted):
		return false
	case errors.As(err, &unknown):
		return answered
	case errors.As(err, &unopened) && unopened.Op == "dial":
		return answered
	}
	return true
}
