package actions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// RunQuery names a run and the part of it to list.
type RunQuery struct {
	Repository Repository
	RunID      int64
	Attempt    int64      // one attempt; 0: by Filter
	Filter     job.Filter // empty: latest
	SkipSteps  bool       // the jobs come without their steps, which is faster
}

func (q RunQuery) object() string { return runObject(q.Repository, q.RunID, q.Attempt) }

// filter is the filter as GitHub knows it.
func (q RunQuery) filter() job.Filter {
	if q.Filter == job.FilterAll || q.Filter == job.FilterFinal {
		return job.FilterAll
	}
	return job.FilterLatest
}

// page is the path of one page of the listing.
func (q RunQuery) page(number, size int) string {
	query := url.Values{"per_page": {strconv.Itoa(size)}, "page": {strconv.Itoa(number)}}
	if q.Attempt == 0 {
		query.Set("filter", string(q.filter()))
	}
	return runPath(q.Repository, q.RunID, q.Attempt) + "/jobs?" + query.Encode()
}

// RunJobs lists all jobs of a run, and reads the run too: the list can lack jobs that wait for
// others, so only the run shows whether more will follow.
func (c *Client) RunJobs(ctx context.Context, q RunQuery) (job.RunJobs, error) {
	var result job.RunJobs
	g, together := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		result.Jobs, err = c.listJobs(together, q)
		return err
	})
	var noRun error
	g.Go(func() (err error) {
		result.Run, err = c.run(together, q.Repository, q.RunID, q.Attempt)
		if errors.Is(err, NotFound) {
			noRun = err
			return nil
		}
		return err
	})
	if err := g.Wait(); err != nil {
		return job.RunJobs{}, c.locateRun(ctx, err, q)
	}
	if noRun != nil && len(result.Jobs) == 0 && !isMissingRoute(noRun) {
		// Older servers list the jobs of an attempt and do not know the attempt itself. Others answer
		// with an empty list for a run that does not exist: then only the run's own 404 says so.
		return job.RunJobs{}, c.locateRun(ctx, noRun, q)
	}
	jobs, err := c.withEarlierAttempts(ctx, q, result.Run, result.Jobs)
	if err != nil {
		return job.RunJobs{}, err
	}
	result.Jobs = settle(result.Run, jobs, q.Filter)
	return result, nil
}

// withEarlierAttempts adds the jobs of earlier attempts to a list that should have them and has none:
// some servers ignore filter and list the newest attempt only. GitHub leaves them out only if those
// attempts have no jobs.
func (c *Client) withEarlierAttempts(ctx context.Context, q RunQuery, run *job.Run, jobs []*job.Job) ([]*job.Job, error) {
	if q.Attempt != 0 || q.filter() != job.FilterAll || run == nil || run.RunAttempt == nil {
		return jobs, nil
	}
	newest := *run.RunAttempt
	for _, j := range jobs {
		newest = max(newest, job.Value(j.RunAttempt))
	}
	if slices.ContainsFunc(jobs, func(j *job.Job) bool { return job.Value(j.RunAttempt) < newest }) {
		return jobs, nil
	}
	all := []*job.Job{}
	for attempt := range newest - 1 {
		earlier := q
		earlier.Attempt = attempt + 1
		more, err := c.listJobs(ctx, earlier)
		switch {
		case isMissingRoute(err):
			return nil, &Error{
				Kind: FilterIgnored, Object: q.object(), Missing: PartFilter, Status: http.StatusOK,
				Reason: fmt.Sprintf("the list has only jobs of attempt %d, and this server does not list earlier attempts", newest),
			}
		case errors.Is(err, NotFound): // the server has no such attempt
		case err != nil:
			return nil, err
		}
		all = append(all, more...)
	}
	return append(all, jobs...), nil
}

// settle applies the rules that need all jobs of a run, and the filter that GitHub does not have.
func settle(run *job.Run, jobs []*job.Job, filter job.Filter) []*job.Job {
	job.MarkReruns(run, jobs)
	if filter == job.FilterFinal {
		return job.Final(jobs)
	}
	job.Sort(jobs)
	return jobs
}

func (c *Client) locateRun(ctx context.Context, err error, q RunQuery) error {
	run := func(ctx context.Context) (*job.Run, error) { return c.run(ctx, q.Repository, q.RunID, 0) }
	if q.Attempt == 0 {
		return c.locate(ctx, err, q.Repository, PartRun, run)
	}
	located := c.locate(ctx, err, q.Repository, PartAttempt, run)
	if e := (*Error)(nil); errors.As(located, &e) && e.Missing == PartAttempt && isMissingRoute(err) {
		e.Reason = "this server keeps no attempts of a run"
	}
	return located
}

// listJobs lists the jobs of a run as GitHub sends them. settle does the rest.
//
// If a run starts again between two pages, the first is of one attempt and the second of the next, and the
// number of jobs is the same. So a list of the latest attempt that has several pages and several attempts
// is read again. Some servers always list the latest attempt of each job: they are asked twice.
func (c *Client) listJobs(ctx context.Context, q RunQuery) ([]*job.Job, error) {
	jobs, several, err := c.listJobsOnce(ctx, q)
	if err == nil && several && q.Attempt == 0 && q.filter() == job.FilterLatest && mixesAttempts(jobs) {
		transport.DropPinned(ctx)
		jobs, _, err = c.listJobsOnce(transport.WithFresh(ctx), q)
	}
	return jobs, err
}

func mixesAttempts(jobs []*job.Job) bool {
	return slices.ContainsFunc(jobs, func(j *job.Job) bool { return job.Value(j.RunAttempt) != job.Value(jobs[0].RunAttempt) })
}

func (c *Client) listJobsOnce(ctx context.Context, q RunQuery) (_ []*job.Job, several bool, _ error) {
	var beyondFirst atomic.Bool
	got, err := list[*job.Job]{
		object: q.object(),
		fetch: func(ctx context.Context, number, size int) (page[*job.Job], error) {
			if number > 1 {
				beyondFirst.Store(true)
			}
			return c.jobsPage(ctx, q, number, size)
		},
		id:     func(j *job.Job) int64 { return job.Value(j.ID) },
		size:   perPage,
		atOnce: c.cfg.MaxConcurrent,
	}.all(ctx)
	if err != nil {
		return nil, false, err
	}
	return got.items, beyondFirst.Load(), nil
}

func (c *Client) jobsPage(ctx context.Context, q RunQuery, number, size int) (page[*job.Job], error) {
	if q.SkipSteps {
		return jobsPageOf[unreadSteps](ctx, c, q, number, size)
	}
	return jobsPageOf[[]*wireStep](ctx, c, q, number, size)
}

func jobsPageOf[S any](ctx context.Context, c *Client, q RunQuery, number, size int) (page[*job.Job], error) {
	object := q.object()
	var answer wireJobs[S]
	header, err := c.get(ctx, object, q.page(number, size), &answer)
	if err != nil {
		return page[*job.Job]{}, err
	}
	if answer.Jobs == nil && !answer.isEmptyNull("jobs", answer.TotalCount) {
		return page[*job.Job]{}, malformed(object, header, "the answer has no list of jobs", nil)
	}
	answer.restore()
	jobs, texts := make([]*job.Job, len(answer.Jobs)), sharedTexts{}
	for i, w := range answer.Jobs {
		if reason := problemOf(w, q.RunID, i); reason != "" {
			return page[*job.Job]{}, malformed(object, header, fmt.Sprintf("on page %d %s", number, reason), nil)
		}
		var reason string
		if jobs[i], reason = jobFrom(w, texts); reason != "" {
			return page[*job.Job]{}, differing(object, header, fmt.Sprintf("on page %d %s", number, reason), nil)
		}
	}
	return newPage(jobs, answer.TotalCount, header), nil
}

// problemOf returns why a job cannot belong to the list of a run, or "".
func problemOf[S any](w *wireJob[S], runID int64, place int) (reason string) {
	switch {
	case w == nil:
		return fmt.Sprintf("job %d of the list is null", place)
	case w.ID == nil:
		return fmt.Sprintf("job %d of the list has no id", place)
	case w.RunID != nil && *w.RunID != runID:
		return fmt.Sprintf("job %d belongs to run %d", *w.ID, *w.RunID)
	}
	return ""
}
