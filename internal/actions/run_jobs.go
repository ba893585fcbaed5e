package actions

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/google/go-github/v62/github"
	"golang.org/x/sync/errgroup"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// RunQuery names a run and the part of it to list.
type RunQuery struct {
	Repository Repository
	RunID      int64
	Attempt    int64      // one attempt; 0: by Filter
	Filter     job.Filter // empty: latest
}

func (q RunQuery) object() string { return runObject(q.Repository, q.RunID, q.Attempt) }

// page is the path of one page of the listing.
func (q RunQuery) page(number int) string {
	query := url.Values{"per_page": {strconv.Itoa(perPage)}, "page": {strconv.Itoa(number)}}
	if q.Attempt == 0 {
		filter := job.FilterLatest
		if q.Filter == job.FilterAll || q.Filter == job.FilterFinal {
			filter = job.FilterAll
		}
		query.Set("filter", string(filter))
	}
	return runPath(q.Repository, q.RunID, q.Attempt) + "/jobs?" + query.Encode()
}

// RunJobs lists the jobs of a run, whole, and reads the run beside them: the listing can lack jobs that
// still wait for others, so only the run knows whether more are to come.
func (c *Client) RunJobs(ctx context.Context, q RunQuery) (job.RunJobs, error) {
	var result job.RunJobs
	g, together := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		result.Jobs, err = c.listJobs(together, q)
		return err
	})
	g.Go(func() (err error) {
		result.Run, err = c.run(together, q.Repository, q.RunID, q.Attempt)
		if errors.Is(err, NotFound) {
			// Older servers list an attempt's jobs without serving the attempt. If there is no such run
			// at all, the listing says so.
			return nil
		}
		return err
	})
	if err := g.Wait(); err != nil {
		return job.RunJobs{}, c.locateRun(ctx, err, q)
	}
	return result, nil
}

func (c *Client) locateRun(ctx context.Context, err error, q RunQuery) error {
	if q.Attempt == 0 {
		return c.locate(ctx, err, q.Repository, PartRun, nil)
	}
	return c.locate(ctx, err, q.Repository, PartAttempt, func(ctx context.Context) (*job.Run, error) {
		return c.run(ctx, q.Repository, q.RunID, 0)
	})
}

func (c *Client) listJobs(ctx context.Context, q RunQuery) ([]*job.Job, error) {
	jobs, err := list[*job.Job]{
		object: q.object(),
		fetch: func(ctx context.Context, number int) (page[*job.Job], error) {
			return c.jobsPage(ctx, q, number)
		},
		id:     func(j *job.Job) int64 { return job.Value(j.ID) },
		atOnce: c.cfg.MaxConcurrent,
	}.all(ctx)
	if err != nil {
		return nil, err
	}
	if q.Filter == job.FilterFinal {
		return job.Final(jobs), nil
	}
	job.Sort(jobs)
	return jobs, nil
}

func (c *Client) jobsPage(ctx context.Context, q RunQuery, number int) (page[*job.Job], error) {
	object := q.object()
	var answer github.Jobs
	header, err := c.get(ctx, object, q.page(number), &answer)
	if err != nil {
		return page[*job.Job]{}, err
	}
	if answer.Jobs == nil {
		return page[*job.Job]{}, malformed(object, header, "the answer has no list of jobs", nil)
	}
	jobs := make([]*job.Job, len(answer.Jobs))
	for i, w := range answer.Jobs {
		var reason string
		if jobs[i], reason = listedJob(w, q.RunID, i); reason != "" {
			return page[*job.Job]{}, malformed(object, header, fmt.Sprintf("on page %d %s", number, reason), nil)
		}
	}
	return newPage(jobs, answer.TotalCount, header), nil
}

// listedJob is one job of a run's list. A reason says what is wrong with it, if anything.
func listedJob(w *github.WorkflowJob, runID int64, place int) (_ *job.Job, reason string) {
	switch {
	case w == nil:
		return nil, fmt.Sprintf("job %d of the list is null", place)
	case w.ID == nil:
		return nil, fmt.Sprintf("job %d of the list has no id", place)
	case w.RunID != nil && *w.RunID != runID:
		return nil, fmt.Sprintf("job %d belongs to run %d", *w.ID, *w.RunID)
	}
	return jobFrom(w)
}
