package actions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/google/go-github/v62/github"
	"golang.org/x/sync/errgroup"
)

// Filter says which attempts of a run a listing shows.
type Filter string

// The filters. Latest and all are GitHub's; final is this provider's own: of all attempts, each job
// name's jobs of the highest attempt that has it, which is what a run's page shows after a partial
// re-run.
const (
	FilterLatest Filter = "latest"
	FilterAll    Filter = "all"
	FilterFinal  Filter = "final"
)

// Filters are the filters in the order in which people should read them.
func Filters() []string {
	return []string{string(FilterLatest), string(FilterAll), string(FilterFinal)}
}

// RunQuery names a run and the part of it to list.
type RunQuery struct {
	Repository Repository
	RunID      int64
	Attempt    int64  // one attempt; 0: by Filter
	Filter     Filter // empty: FilterLatest
}

func (q RunQuery) object() string { return runObject(q.Repository, q.RunID, q.Attempt) }

// page is the path of one page of the listing.
func (q RunQuery) page(number int) string {
	query := url.Values{"per_page": {strconv.Itoa(perPage)}, "page": {strconv.Itoa(number)}}
	if q.Attempt == 0 {
		filter := FilterLatest
		if q.Filter == FilterAll || q.Filter == FilterFinal {
			filter = FilterAll
		}
		query.Set("filter", string(filter))
	}
	return runPath(q.Repository, q.RunID, q.Attempt) + "/jobs?" + query.Encode()
}

// RunJobs is a run and its jobs, read at the same moment.
type RunJobs struct {
	Run  *github.WorkflowRun   // nil where the server lists the jobs but has no page for the run or attempt
	Jobs []*github.WorkflowJob // normalised, unique by id, ordered by attempt, then id
}

// RunJobs lists the jobs of a run, whole, and reads the run beside them: the listing can lack jobs that
// still wait for others, so only the run knows whether more are to come.
func (c *Client) RunJobs(ctx context.Context, q RunQuery) (RunJobs, error) {
	var result RunJobs
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
		return RunJobs{}, c.locateRun(ctx, err, q)
	}
	return result, nil
}

func (c *Client) locateRun(ctx context.Context, err error, q RunQuery) error {
	if q.Attempt == 0 {
		return c.locate(ctx, err, q.Repository, PartRun, nil)
	}
	return c.locate(ctx, err, q.Repository, PartAttempt, func(ctx context.Context) (*github.WorkflowRun, error) {
		return c.run(ctx, q.Repository, q.RunID, 0)
	})
}

func (c *Client) listJobs(ctx context.Context, q RunQuery) ([]*github.WorkflowJob, error) {
	jobs, err := list[*github.WorkflowJob]{
		object: q.object(),
		fetch: func(ctx context.Context, number int) (page[*github.WorkflowJob], error) {
			return c.jobsPage(ctx, q, number)
		},
		id:     (*github.WorkflowJob).GetID,
		atOnce: c.cfg.MaxConcurrent,
	}.all(ctx)
	if err != nil {
		return nil, err
	}
	if q.Filter == FilterFinal {
		jobs = finalJobs(jobs)
	}
	slices.SortFunc(jobs, func(a, b *github.WorkflowJob) int {
		return cmp.Or(cmp.Compare(a.GetRunAttempt(), b.GetRunAttempt()), cmp.Compare(a.GetID(), b.GetID()))
	})
	return jobs, nil
}

func (c *Client) jobsPage(ctx context.Context, q RunQuery, number int) (page[*github.WorkflowJob], error) {
	object := q.object()
	var answer github.Jobs
	header, err := c.get(ctx, object, q.page(number), &answer)
	if err != nil {
		return page[*github.WorkflowJob]{}, err
	}
	if answer.Jobs == nil {
		return page[*github.WorkflowJob]{}, malformed(object, header, "the answer has no list of jobs", nil)
	}
	for i, job := range answer.Jobs {
		if reason := checkListed(job, q.RunID, i); reason != "" {
			return page[*github.WorkflowJob]{}, malformed(object, header, fmt.Sprintf("on page %d %s", number, reason), nil)
		}
	}
	return newPage(answer.Jobs, answer.TotalCount, header), nil
}

// checkListed normalises one job of a run's listing and says what is wrong with it, if anything.
func checkListed(job *github.WorkflowJob, runID int64, place int) (reason string) {
	switch {
	case job == nil:
		return fmt.Sprintf("job %d of the list is null", place)
	case job.ID == nil:
		return fmt.Sprintf("job %d of the list has no id", place)
	case job.RunID != nil && *job.RunID != runID:
		return fmt.Sprintf("job %d belongs to run %d", *job.ID, *job.RunID)
	}
	return normalizeJob(job)
}

// finalJobs keeps each name's jobs of the highest attempt that has the name. Two jobs of one attempt
// may share a name; both stay.
func finalJobs(jobs []*github.WorkflowJob) []*github.WorkflowJob {
	highest := map[string]int64{}
	for _, job := range jobs {
		name := job.GetName()
		highest[name] = max(highest[name], job.GetRunAttempt())
	}
	final := make([]*github.WorkflowJob, 0, len(jobs))
	for _, job := range jobs {
		if job.GetRunAttempt() == highest[job.GetName()] {
			final = append(final, job)
		}
	}
	return final
}
