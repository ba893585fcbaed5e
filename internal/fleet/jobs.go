package fleet

import (
	"context"
	"errors"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// ask is a run whose jobs are wanted.
type ask struct {
	target *target
	place  int // of the run
}

func (a ask) run() *job.Run { return a.target.runs[a.place] }

func (r *reader) jobsQuery(a ask) actions.JobsQuery {
	return actions.JobsQuery{Repository: a.target.Repository, Run: a.run(), Filter: r.sel.Filter, SkipSteps: r.sel.SkipSteps}
}

// readJobs asks for the jobs of all runs.
func (r *reader) readJobs(ctx context.Context) error {
	var asks []ask
	for _, t := range r.targets {
		for place := range t.runs {
			asks = append(asks, ask{t, place})
		}
		if len(t.runs) == 0 && !t.lacks && t.failed == nil {
			r.progress.repositoryDone()
		}
	}
	plan, err := r.plan(ctx, asks)
	switch {
	case err != nil:
		return err
	case plan.over != nil:
		return r.keepWhatFits(ctx, plan)
	}
	again, err := r.askAll(ctx, asks, true)
	if err == nil {
		_, err = r.askAll(ctx, again, false)
	}
	if err != nil {
		return r.interrupted(ctx, asks, err)
	}
	return r.checkNamed()
}

// askAll reads the jobs of runs, several at once. It returns the runs for which a retry may help.
func (r *reader) askAll(ctx context.Context, asks []ask, mayRetry bool) (again []ask, _ error) {
	err := r.each(ctx, len(asks), func(ctx context.Context, i int) error {
		retry, err := r.askOne(ctx, asks[i], mayRetry)
		if retry {
			r.mu.Lock()
			defer r.mu.Unlock()
			again = append(again, asks[i])
		}
		return err
	})
	return again, err
}

// askOne asks for the jobs of one run. An error ends the read.
func (r *reader) askOne(ctx context.Context, a ask, mayRetry bool) (retry bool, _ error) {
	jobs, err := r.client.JobsOfRun(ctx, r.jobsQuery(a))
	if mayRetry && r.isDown(ctx, a.target, err) { // the second pass asks only for what has failed before
		return false, err
	}
	isDeleted := false
	if errors.Is(err, actions.NotFound) {
		isDeleted, err = r.whyMissing(ctx, a, err)
	}
	switch {
	case err == nil:
		r.take(Item{Repository: a.target.Repository, Run: a.run(), Jobs: jobs})
	case !isProblem(err):
		return false, err
	case mayRetry && mayPass(err):
		return true, nil
	}
	r.settle(a, jobs, isDeleted, err)
	return false, nil
}

// whyMissing finds out whether a run whose jobs answer 404 was deleted after it was listed. Only the run's own
// 404 says so. If the server still shows the run, the error says it.
func (r *reader) whyMissing(ctx context.Context, a ask, missing error) (isDeleted bool, _ error) {
	var e *actions.Error
	if !errors.As(missing, &e) || e.NoRoute {
		return false, missing
	}
	exists, err := r.client.RunExists(ctx, a.target.Repository, job.Value(a.run().ID))
	switch {
	case err != nil && !isProblem(err):
		return false, err // it ends the read
	case exists:
		hidden := *e
		hidden.Missing, hidden.Hidden, hidden.Reason = actions.PartRun, true, "the server shows the run, but not its jobs"
		return false, &hidden
	}
	return err == nil, missing
}

// settle records the result for a run.
func (r *reader) settle(a ask, jobs []*job.Job, isDeleted bool, err error) {
	t := a.target
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		t.RunCount++
		t.JobCount += len(job.WithoutCopies(jobs))
		t.sawRun(a.run())
		if a.run().Finished() {
			t.finished++
		}
	case isDeleted:
		t.Vanished = append(t.Vanished, job.Value(a.run().ID))
		t.sawFailure(a.run(), err)
	default:
		r.report.Problems = append(r.report.Problems, newProblem(t.Repository, a.run().ID, err))
		t.sawFailure(a.run(), err)
		t.unreadable++
	}
	if t.done++; t.done == len(t.runs) {
		r.progress.repositoryDone()
	}
	r.progress.runDone()
}

// sawFailure keeps the error of the newest run, whichever fails first, so that the same answers make the
// same report.
func (t *target) sawFailure(run *job.Run, err error) {
	if id := job.Value(run.ID); t.failed == nil || id >= t.failedRun {
		t.failed, t.failedRun = err, id
	}
}

// checkNamed fails if a repository was named in full and none of its runs could be read. A single
// run may have been deleted. If all of several runs are missing, the token probably cannot read
// them.
func (r *reader) checkNamed() error {
	for _, t := range r.targets {
		if t.RunCount > 0 || t.failed == nil || len(t.runs) == 0 || t.unreadable == 0 && len(t.Vanished) < 2 {
			continue
		}
		if t.named {
			return &EntryError{Index: t.entry, Err: t.failed}
		}
		if t.unreadable == 0 {
			t.Vanished = nil
			r.report.Problems = append(r.report.Problems, newProblem(t.Repository, nil, t.failed))
		}
	}
	return nil
}
