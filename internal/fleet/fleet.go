// Package fleet reads the jobs of many runs in many repositories. It finds the repositories, lists
// their runs, and checks how many requests the API host still accepts. It passes on the jobs as
// they arrive.
//
// A read has three steps: it finds the repositories, lists the runs of each, and then reads the
// jobs of each run. Before the first request for jobs, it compares the number of requests that it
// needs with the number that the API host still accepts. If a repository or a run cannot be read,
// the report contains it and the read continues; see [Problem] and [EntryError].
//
// It does not know Terraform.
package fleet

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

const (
	// DefaultMaxRuns is the default of Selection.MaxRuns.
	DefaultMaxRuns = 100
	// DefaultInterval is how often Options.Progress is called.
	DefaultInterval = 10 * time.Second
)

// Selection says which jobs to read.
type Selection struct {
	Repositories []Entry // names and patterns, all with an owner; see Entry.Resolve
	Exclude      []Entry // an entry without an owner matches any owner

	// Runs are the filters for runs. Its Repository, Max and Listed are not used.
	Runs actions.RunsQuery
	// CreatedWithin is the maximum age of the runs; 0: see Runs.Created. The start is rounded down
	// to the hour, so that the same selection has the same URL for an hour.
	CreatedWithin time.Duration
	// MaxRuns is the maximum number of runs of each repository, newest first; 0: DefaultMaxRuns.
	MaxRuns   int
	Filter    job.Filter // empty: latest
	SkipSteps bool       // the jobs come without their steps, which is faster
}

// Options say how to read.
type Options struct {
	// Progress is called at regular intervals during the read, never concurrently. It may be nil.
	Progress func(Progress)
	Interval time.Duration // 0: DefaultInterval
}

// Item is one run with its jobs.
type Item struct {
	Repository actions.Repository
	Run        *job.Run // without its links and its title
	Jobs       []*job.Job
}

// Read reads what sel selects and passes each run with its jobs to take. Within a repository it
// reads the newest runs first. Several goroutines call take at once.
//
// The error is an [*EntryError] if an entry of the selection is at fault, a [*NoWorkflowError], a
// [*BudgetError], or an *actions.Error.
func Read(ctx context.Context, client *actions.Client, sel Selection, opts Options, take func(Item)) (Report, error) {
	r := &reader{client: client, sel: sel, take: take, progress: &counter{}, outage: outage{where: map[*target]bool{}}}
	stop := r.progress.report(ctx, client, opts)
	defer stop()
	if err := r.findRepositories(ctx); err != nil {
		return Report{}, err
	}
	if err := r.listRuns(ctx); err != nil {
		return Report{}, err
	}
	if err := r.readJobs(ctx); err != nil {
		return Report{}, err
	}
	return r.result(), nil
}

// reader is one read.
type reader struct {
	client   *actions.Client
	sel      Selection
	take     func(Item)
	progress *counter
	outage   outage

	targets []*target // in the order of the report
	report  Report

	mu sync.Mutex // guards report.Problems and the figures of each target
}

// target is a repository that is read.
type target struct {
	RepositoryReport

	entry int // in Selection.Repositories
	named bool

	runs     []*job.Run
	finished int   // runs that are over and whose jobs have been read
	lacks    bool  // it does not have the requested workflow
	lacking  error // the server's answer about it
	failed   error // of the list of runs, or of the newest run that could not be read

	failedRun int64 // the run that failed is about
}

// each calls do for all indexes below n, several at once, and stops at the first error.
func (r *reader) each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	g, together := errgroup.WithContext(ctx)
	g.SetLimit(r.client.MaxConcurrent())
	started := 0
	for ; started < n && together.Err() == nil; started++ {
		i := started
		g.Go(func() error { return do(together, i) })
	}
	err := g.Wait()
	if err == nil && started < n {
		return do(ctx, started) // the context has ended, and this says so
	}
	return err
}

// query selects the runs of a repository.
func (r *reader) query(t *target) actions.RunsQuery {
	q := r.sel.Runs
	q.Repository, q.Listed, q.Max = t.Repository, !t.named, r.sel.MaxRuns
	if q.Max == 0 {
		q.Max = DefaultMaxRuns
	}
	return q
}

// CreatedSince is the range of creation times from d before now on, rounded down to the hour, in
// GitHub's search syntax.
func CreatedSince(now time.Time, d time.Duration) string {
	from := now.Add(-d).UTC().Truncate(time.Hour)
	return actions.Created{From: &from}.String()
}

// listRuns lists the runs of all repositories.
func (r *reader) listRuns(ctx context.Context) error {
	if r.sel.CreatedWithin > 0 {
		r.sel.Runs.Created = CreatedSince(time.Now(), r.sel.CreatedWithin)
	}
	var again []*target
	err := r.each(ctx, len(r.targets), func(ctx context.Context, i int) error {
		retry, err := r.listTarget(ctx, r.targets[i], true)
		if retry {
			r.mu.Lock()
			defer r.mu.Unlock()
			again = append(again, r.targets[i])
		}
		return err
	})
	if err != nil {
		return err
	}
	err = r.each(ctx, len(again), func(ctx context.Context, i int) error {
		_, err := r.listTarget(ctx, again[i], false)
		return err
	})
	if err != nil {
		return err
	}
	r.mergeRenamed()
	return r.checkWorkflow()
}

// listTarget lists the runs of one repository. An error ends the read.
func (r *reader) listTarget(ctx context.Context, t *target, mayRetry bool) (retry bool, _ error) {
	q := r.query(t)
	runs, err := r.client.WorkflowRuns(ctx, q)
	if mayRetry && r.isDown(ctx, t, err) { // the second pass asks only for what has failed before
		return false, err
	}
	switch {
	case err == nil:
		r.progress.listed(len(runs.Runs))
		t.runs = slim(runs.Runs)
		t.Listed = runs
		t.Listed.Runs = t.runs
		t.Truncated = runs.More(q)
		return false, nil
	case t.named:
		return false, &EntryError{Index: t.entry, Err: err}
	case lacksWorkflow(err):
		t.lacks, t.lacking = true, err
	case !isProblem(err):
		return false, err
	case mayRetry && mayPass(err):
		return true, nil
	default:
		r.addProblem(t, nil, err)
	}
	r.progress.repositoryDone()
	return false, nil
}

func lacksWorkflow(err error) bool {
	var e *actions.Error
	return errors.As(err, &e) && e.Kind == actions.NotFound && e.Missing == actions.PartWorkflow
}

// checkWorkflow fails if no repository has the requested workflow. A repository that could not be read may
// have it.
func (r *reader) checkWorkflow() error {
	var lacking []*target
	for _, t := range r.targets {
		if t.lacks {
			lacking = append(lacking, t)
		}
	}
	if len(lacking) == 0 || len(lacking) < len(r.targets) {
		return nil
	}
	return &NoWorkflowError{Workflow: r.sel.Runs.Workflow, Repositories: len(lacking), Err: lacking[0].lacking}
}

// result completes the report.
func (r *reader) result() Report {
	for _, t := range r.targets {
		slices.SortFunc(t.Vanished, func(a, b int64) int { return cmp.Compare(b, a) }) // as in problems: the newest first
		r.report.add(t)
	}
	slices.SortFunc(r.report.Problems, compareProblems)
	return r.report
}

// slim removes fields that are not used, and shares equal strings, because a read may hold the runs
// of a month.
func slim(runs []*job.Run) []*job.Run {
	texts := map[string]*string{}
	shared := func(s *string) *string {
		if s == nil {
			return nil
		}
		if texts[*s] == nil {
			texts[*s] = new(strings.Clone(*s))
		}
		return texts[*s]
	}
	slimmed := make([]*job.Run, len(runs))
	for i, run := range runs {
		s := *run
		s.DisplayTitle, s.HTMLURL, s.PreviousAttemptURL = nil, nil, nil
		s.Name, s.Event, s.Status, s.Conclusion = shared(s.Name), shared(s.Event), shared(s.Status), shared(s.Conclusion)
		s.HeadBranch, s.HeadSHA, s.Path = shared(s.HeadBranch), shared(s.HeadSHA), shared(s.Path)
		s.Actor, s.TriggeringActor = shared(s.Actor), shared(s.TriggeringActor)
		s.Repository, s.HeadRepository = shared(s.Repository), shared(s.HeadRepository)
		slimmed[i] = &s
	}
	return slimmed
}
