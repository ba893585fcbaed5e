package actions

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/runner-audit/terraform-provider-github-actions/internal/gate"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// CommitQuery selects the runs of a commit that a gate judges.
type CommitQuery struct {
	gate.Question

	Repository Repository
	Workflows  []string // file names or IDs

	WaitForRun        time.Duration // how long to wait for a missing run; 0: no wait
	WaitForCompletion bool
}

// String names the commit in messages. Twelve digits are enough for people.
func (q CommitQuery) String() string {
	return fmt.Sprintf("%s commit %s", q.Repository, q.HeadSHA[:min(len(q.HeadSHA), 12)])
}

// CommitGate returns the verdict on a commit. With a wait, it polls until the runs have appeared
// and are completed, or until ctx ends. It calls report after each poll that does not end the wait.
//
// Filtered lists of runs come from an index that can lag behind. Before the gate opens, and before
// a wait ends, CommitGate reads everything again, and also reads the newest runs of each workflow
// without a filter. The gate opens only if two such readings in a row agree.
func (c *Client) CommitGate(ctx context.Context, q CommitQuery, report func(Progress)) (gate.Verdict, error) {
	r := &gateReader{client: c, query: q, seen: make([]map[int64]*job.Run, len(q.Workflows)), filters: make([]RunsQuery, len(q.Workflows))}
	for place, workflow := range q.Workflows {
		r.seen[place] = map[int64]*job.Run{}
		r.filters[place] = RunsQuery{
			Repository: q.Repository, Workflow: workflow, Branch: q.Branch, Event: q.Event, HeadSHA: q.HeadSHA, Max: MaxFilteredRuns,
		}
	}
	if q.WaitForRun == 0 && !q.WaitForCompletion {
		return r.verdict(transport.WithMemory(ctx), false)
	}
	var v gate.Verdict
	deadline := time.Now().Add(q.WaitForRun)
	err := c.poll(ctx, q.String(), report, func(ctx context.Context) (over bool, p Progress, err error) {
		mayBeMissing := time.Now().Before(deadline)
		if v, err = r.verdict(ctx, mayBeMissing); err != nil {
			return false, p, err
		}
		p.Unfinished, p.NoRun = v.Unfinished, v.Missing
		switch {
		case len(v.Missing) > 0 && mayBeMissing:
			p.by = deadline
			return false, p, nil
		case len(v.Missing) > 0:
			return true, p, nil
		}
		return v.Completed || !q.WaitForCompletion, p, nil
	})
	return v, err
}

// gateReader reads what a gate needs.
type gateReader struct {
	client *Client
	query  CommitQuery

	// seen are the runs that count, by ID, for each workflow. A list that lags behind may lack a
	// run that another list has shown.
	seen []map[int64]*job.Run

	// filters select the runs of each workflow, without the filters that the server ignores.
	filters []RunsQuery
}

// maxLooks limits the number of readings while the answers keep changing.
const maxLooks = 4

// verdict reads once, and again if the first reading would open the gate or end a wait. With
// mayBeMissing, a workflow that does not exist may still appear.
func (r *gateReader) verdict(ctx context.Context, mayBeMissing bool) (gate.Verdict, error) {
	var v gate.Verdict
	last := ""
	for n := range maxLooks {
		looked, err := r.look(ctx, n > 0, mayBeMissing)
		if err != nil {
			return gate.Verdict{}, err
		}
		v = looked.verdict
		switch {
		case n == 0 && !v.Open && (!r.query.WaitForCompletion || !v.Completed):
			return v, nil
		case n > 0 && (!v.Open || looked.fingerprint == last):
			return v, nil
		}
		last = looked.fingerprint
	}
	return v.Unsettled(), nil
}

// look is one reading of everything, with its verdict.
type look struct {
	verdict     gate.Verdict
	fingerprint string // equal for two readings with the same result
}

func (r *gateReader) look(ctx context.Context, thorough, mayBeMissing bool) (look, error) {
	if thorough {
		ctx = transport.WithFresh(ctx)
	}
	workflows := make([]gate.Workflow, len(r.query.Workflows))
	g, together := errgroup.WithContext(ctx)
	g.SetLimit(r.client.cfg.MaxConcurrent)
	for place := range workflows {
		g.Go(func() (err error) {
			workflows[place], err = r.workflow(together, place, thorough, mayBeMissing)
			return atPlace(err, place)
		})
	}
	if err := g.Wait(); err != nil {
		return look{}, err
	}
	return look{r.query.Judge(workflows), fingerprint(workflows)}, nil
}

// atPlace adds to an error which of the workflows it is about.
func atPlace(err error, place int) error {
	var e *Error
	if !errors.As(err, &e) || e.Missing != PartWorkflow {
		return err
	}
	placed := *e
	placed.Place = &place
	return &placed
}

// workflow reads those runs of one workflow that decide, with their jobs.
func (r *gateReader) workflow(ctx context.Context, place int, thorough, mayBeMissing bool) (gate.Workflow, error) {
	result := gate.Workflow{Name: r.query.Workflows[place]}
	list, err := r.list(ctx, place, thorough)
	if isMissingWorkflow(err) && mayBeMissing {
		return result, nil
	}
	if err != nil {
		return result, err
	}
	result.Truncated, result.Others = list.truncated, list.others
	result.OfAnyCommit = r.filters[place].HeadSHA == ""
	seen := r.seen[place]
	for id, run := range list.counting {
		seen[id] = newerOf(seen[id], run)
	}
	for {
		deciding := r.query.Newest(result.Name, slices.Collect(maps.Values(seen)))
		result.Runs = make([]gate.Run, len(deciding))
		g, together := errgroup.WithContext(ctx)
		g.SetLimit(r.client.cfg.MaxConcurrent)
		for i, run := range deciding {
			g.Go(func() (err error) {
				result.Runs[i], err = r.run(together, run)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return result, err
		}
		// A run that no list contains any more and that cannot be read has been deleted.
		before := len(seen)
		for _, run := range result.Runs {
			id := job.Value(run.ID)
			seen[id] = run.Run
			if run.Unreadable && list.counting[id] == nil {
				delete(seen, id)
			}
		}
		if len(seen) == before {
			return result, nil
		}
	}
}

func isMissingWorkflow(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == NotFound && e.Missing == PartWorkflow
}

// gateList is what the lists of runs of a workflow show.
type gateList struct {
	counting  map[int64]*job.Run // the runs that count, by ID
	others    []*job.Run         // the newest page without a filter
	truncated bool               // there are more runs that match the filter
}

// list lists the runs of a workflow that count. The newest page without a filter is always current,
// so it is read too if the filtered list has no run, and in a thorough reading.
func (r *gateReader) list(ctx context.Context, place int, thorough bool) (gateList, error) {
	workflow := r.query.Workflows[place]
	result := gateList{counting: map[int64]*job.Run{}}
	add := func(runs []*job.Run) {
		for _, run := range runs {
			if r.query.Counts(workflow, run) {
				result.counting[job.Value(run.ID)] = newerOf(result.counting[job.Value(run.ID)], run)
			}
		}
	}
	filtered, err := r.filtered(ctx, place)
	if err != nil {
		return gateList{}, err
	}
	add(filtered.Runs)
	result.truncated = filtered.More(r.filters[place]) && !filtered.Short
	if thorough || len(result.counting) == 0 {
		newest, err := r.client.WorkflowRuns(ctx, RunsQuery{Repository: r.query.Repository, Workflow: workflow, Max: perPage})
		if err != nil {
			return gateList{}, err
		}
		add(newest.Runs)
		result.others = newest.Runs
	}
	return result, nil
}

// filtered lists the runs of a workflow that the filters select. If the server ignores a filter, the
// list without it has these runs too.
func (r *gateReader) filtered(ctx context.Context, place int) (WorkflowRuns, error) {
	filter := &r.filters[place]
	for {
		runs, err := r.client.WorkflowRuns(ctx, *filter)
		e, _ := errors.AsType[*Error](err)
		switch {
		case e == nil || e.Kind != FilterIgnored:
			return runs, err
		case e.Missing == PartHeadSHA:
			filter.HeadSHA = ""
		case e.Missing == PartEvent:
			filter.Event = ""
		case e.Missing == PartBranch:
			filter.Branch = ""
		default:
			return runs, err
		}
	}
}

// newerOf returns the answer with the higher attempt. If the attempts are equal, it returns the
// later answer, b.
func newerOf(a, b *job.Run) *job.Run {
	if a != nil && job.Value(a.RunAttempt) > job.Value(b.RunAttempt) {
		return a
	}
	return b
}

// run reads a run that was listed, and all its jobs.
func (r *gateReader) run(ctx context.Context, listed *job.Run) (gate.Run, error) {
	got, err := r.client.RunJobs(ctx, RunQuery{Repository: r.query.Repository, RunID: job.Value(listed.ID), Filter: job.FilterAll, SkipSteps: true})
	e, _ := errors.AsType[*Error](err)
	switch {
	case e != nil && e.Kind == NotFound && e.Missing != PartRepository, err == nil && got.Run == nil:
		return gate.Run{Run: listed, Unreadable: true}, nil
	case e != nil && e.Missing == PartFilter:
		return gate.Run{}, e.about("") // a gate has no such argument
	case err != nil:
		return gate.Run{}, err
	}
	return gate.Run{Run: newerOf(listed, got.Run), Jobs: got.Jobs}, nil
}

// fingerprint contains everything in an answer that can change and that affects the verdict.
func fingerprint(workflows []gate.Workflow) string {
	var b strings.Builder
	for _, workflow := range workflows {
		fmt.Fprintf(&b, "%q", workflow.Name)
		for _, run := range workflow.Runs {
			fmt.Fprintf(&b, " run %d.%d %q %q", job.Value(run.ID), job.Value(run.RunAttempt), job.Value(run.Status), job.Value(run.Conclusion))
			for _, j := range run.Jobs {
				fmt.Fprintf(&b, " %d.%d %q %q", job.Value(j.ID), job.Value(j.RunAttempt), job.Value(j.Status), job.Value(j.Conclusion))
			}
		}
	}
	return b.String()
}
