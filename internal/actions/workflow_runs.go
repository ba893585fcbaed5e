package actions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

const (
	// MaxFilteredRuns is the most that GitHub gives of a filtered list of runs, whatever its
	// total_count says.
	MaxFilteredRuns = 1000
	// MaxRuns is the most that WorkflowRuns gives.
	MaxRuns = 10_000
)

// RunsQuery is a filter over the runs of a repository. Empty fields do not filter.
type RunsQuery struct {
	Repository Repository
	Workflow   string // file name or ID
	Branch     string
	Event      string
	Actor      string
	Status     string // a status or a conclusion: GitHub takes both here
	Created    string // a date or a range of dates in GitHub's search syntax
	HeadSHA    string // in any case; it is sent in lower case, because GitHub compares it with case
	Max        int    // how many runs are wanted, 1 to MaxRuns

	// Listed says that the repository has just been seen in a list, so that a 404 is not about it. This
	// saves the requests that find out what a 404 is about.
	Listed bool
}

// WorkflowRuns is the newest part of a list of runs.
type WorkflowRuns struct {
	Total *int64     // as GitHub says it, all pages counted; nil when it says nothing
	Runs  []*job.Run // newest first, unique by ID, at most RunsQuery.Max

	// Short says that Total promises more runs than GitHub shows, in every reading.
	Short bool
	// Cut says that older runs may match that the server does not show, however they are asked for.
	Cut bool
	// Unchecked are the filters that could not be checked against the runs, because the server leaves
	// out the field.
	Unchecked []Part
}

// More reports whether more runs match than q wanted. If the server does not send a count and the
// list is full, this is unknown. More is then true, so that an incomplete list does not look
// complete.
func (w WorkflowRuns) More(q RunsQuery) bool {
	switch {
	case w.Cut:
		return true
	case w.Total == nil:
		return len(w.Runs) >= q.Max
	}
	return *w.Total > int64(len(w.Runs))
}

// IDs are the IDs of the runs, in their order.
func (w WorkflowRuns) IDs() []int64 {
	ids := make([]int64, len(w.Runs))
	for i, run := range w.Runs {
		ids[i] = job.Value(run.ID)
	}
	return ids
}

// LatestID is the ID of the newest run; nil without runs.
func (w WorkflowRuns) LatestID() *int64 {
	if len(w.Runs) == 0 {
		return nil
	}
	return w.Runs[0].ID
}

// WorkflowRuns lists the newest runs that match q, up to q.Max. If GitHub's list ends before that,
// it continues from the oldest run in it.
//
// Each run is checked against the filters that its fields can show. If a run contradicts a filter,
// the server ignored the filter, and the call fails.
func (c *Client) WorkflowRuns(ctx context.Context, q RunsQuery) (WorkflowRuns, error) {
	result, err := c.listRuns(ctx, q)
	if isMissingRoute(err) && q.Workflow != "" {
		// The server has no list of a workflow's runs. The file is in each run's path.
		return c.runsByPath(ctx, q)
	}
	if err != nil {
		return WorkflowRuns{}, c.explainRuns(ctx, err, q)
	}
	return result, nil
}

// runsByPath is for servers that do not list the runs of a workflow: it picks them from the newest runs of
// the repository, by the name of their file or the ID of their workflow.
func (c *Client) runsByPath(ctx context.Context, q RunsQuery) (WorkflowRuns, error) {
	all := q
	all.Workflow, all.Max = "", max(MaxFilteredRuns, q.Max)
	result, err := c.listRuns(ctx, all)
	if err != nil {
		return WorkflowRuns{}, c.explainRuns(ctx, err, q)
	}
	complete := !result.More(all) || result.Short
	matching := make([]*job.Run, 0, q.Max)
	told := len(result.Runs) == 0
	for _, run := range result.Runs {
		is, known := run.IsOf(q.Workflow)
		told = told || known
		if is && known {
			matching = append(matching, run)
		}
	}
	if !told {
		return WorkflowRuns{}, &Error{
			Kind: FilterIgnored, Object: q.object(), Missing: PartWorkflow, Status: http.StatusOK,
			Reason: "the server does not list the runs of a workflow, and its runs do not say which workflow they are of",
		}
	}
	result.Runs = matching[:min(len(matching), q.Max)]
	result.Total = nil
	if complete {
		result.Total = new(int64(len(matching)))
	} else if len(matching) < q.Max {
		result.Cut = true
	}
	return result, nil
}

// explainRuns finds out what a failed list of runs is about.
func (c *Client) explainRuns(ctx context.Context, err error, q RunsQuery) error {
	if e := (*Error)(nil); q.Actor != "" && errors.As(err, &e) && e.Kind == ServerFault {
		// Some servers answer 500 for a user that they do not know.
		probe := q
		probe.Actor, probe.Max = "", 1
		if _, err := c.runsPage(ctx, e.Object, probe.page(1, 1)); err == nil {
			return e.about(PartActor)
		}
		return err
	}
	last := Part("")
	if q.Workflow != "" {
		last = PartWorkflow
	}
	if e := (*Error)(nil); q.Listed && errors.As(err, &e) && e.Kind == NotFound {
		named := e.about(last)
		named.NoAPI = ""
		return named
	}
	return c.locate(ctx, err, q.Repository, last, nil)
}

// page is the path of one page. Pull requests are never asked for: nothing shows them, and they make
// the answer larger.
func (q RunsQuery) page(number, size int) string {
	query := url.Values{"per_page": {strconv.Itoa(size)}, "page": {strconv.Itoa(number)}, "exclude_pull_requests": {"true"}}
	for _, f := range q.filters() {
		query.Set(string(f.name), f.wanted)
	}
	path := q.Repository.path() + "/actions"
	if q.Workflow != "" {
		path += "/workflows/" + url.PathEscape(q.Workflow)
	}
	return path + "/runs?" + query.Encode()
}

func (c *Client) runsPage(ctx context.Context, object, path string) (page[*job.Run], error) {
	var answer struct {
		Total *int       `json:"total_count"`
		Runs  []*wireRun `json:"workflow_runs"`

		listAnswer
	}
	header, err := c.get(ctx, object, path, &answer)
	if err != nil {
		return page[*job.Run]{}, err
	}
	if answer.Runs == nil && !answer.isEmptyNull("workflow_runs", answer.Total) {
		return page[*job.Run]{}, malformed(object, header, "the answer has no list of runs", nil)
	}
	runs := make([]*job.Run, len(answer.Runs))
	for i, run := range answer.Runs {
		if run == nil || run.ID == nil {
			return page[*job.Run]{}, malformed(object, header, fmt.Sprintf("run %d of the list has no id", i), nil)
		}
		runs[i] = runFrom(run)
	}
	return newPage(runs, answer.Total, header), nil
}

// indexLag is how long a search index may need to notice a change of a run. Until then, a run can be in
// the list of a status that it no longer has.
const indexLag = time.Hour

// check compares runs with the filters of q. The error names the first filter that a run
// contradicts.
func (q RunsQuery) check(object string, runs []*job.Run) (unchecked []Part, err error) {
	for _, f := range q.filters() {
		known := len(runs) == 0
		for _, run := range runs {
			value, fits := f.test(run)
			known = known || value != ""
			if value == "" || fits {
				continue
			}
			return nil, &Error{
				Kind: FilterIgnored, Object: object, Missing: f.name, Status: 200,
				Reason: fmt.Sprintf("run %d has %s %q, not %q", job.Value(run.ID), f.field, value, f.wanted),
			}
		}
		if !known {
			unchecked = append(unchecked, f.name)
		}
	}
	return unchecked, nil
}

// runFilter is one filter and how a run shows that it passes: value is the run's own, "" when the
// server leaves it out.
type runFilter struct {
	name   Part // of the query parameter too
	field  string
	wanted string
	test   func(*job.Run) (value string, fits bool)
}

func (q RunsQuery) object() string {
	if q.Workflow != "" {
		return fmt.Sprintf("%s runs of workflow %s", q.Repository, q.Workflow)
	}
	return q.Repository.String() + " workflow runs"
}

// filters are the filters that are set.
func (q RunsQuery) filters() []runFilter {
	created, _ := ParseCreated(q.Created)
	all := []runFilter{
		{PartBranch, "head_branch", q.Branch, func(r *job.Run) (string, bool) {
			return job.Value(r.HeadBranch), job.Value(r.HeadBranch) == q.Branch
		}},
		{PartEvent, "event", q.Event, func(r *job.Run) (string, bool) {
			return job.Value(r.Event), job.Value(r.Event) == q.Event
		}},
		{PartActor, "actor", q.Actor, func(r *job.Run) (string, bool) {
			return job.Value(r.Actor), strings.EqualFold(job.Value(r.Actor), q.Actor)
		}},
		{PartStatus, "status", q.Status, q.hasStatus},
		{PartHeadSHA, "head_sha", strings.ToLower(q.HeadSHA), func(r *job.Run) (string, bool) {
			return job.Value(r.HeadSHA), strings.EqualFold(job.Value(r.HeadSHA), q.HeadSHA)
		}},
		{PartCreated, "created_at", q.Created, func(r *job.Run) (string, bool) {
			if r.CreatedAt == nil {
				return "", false
			}
			return r.CreatedAt.Format(time.RFC3339), created.Has(*r.CreatedAt)
		}},
	}
	return slices.DeleteFunc(all, func(f runFilter) bool { return f.wanted == "" })
}

// hasStatus compares the status filter with status and conclusion. A run that changed a moment ago may
// still be in the list of what it was.
func (q RunsQuery) hasStatus(r *job.Run) (value string, fits bool) {
	value = cmp.Or(job.Value(r.Conclusion), job.Value(r.Status))
	changing := r.UpdatedAt != nil && time.Since(*r.UpdatedAt) < indexLag
	return value, changing || job.Value(r.Status) == q.Status || job.Value(r.Conclusion) == q.Status
}

// Errors of ParseWorkflow that need a remedy of their own.
var (
	ErrPadded  = errors.New("the name begins or ends with white space")
	ErrPattern = errors.New("it is a pattern")
)

// ParseWorkflow checks the file name or ID of a workflow. It becomes one part of a request path,
// escaped, so it must not be more than one part. What is probably a mistake is refused too.
func ParseWorkflow(s string) (string, error) {
	switch {
	case s == "":
		return "", errors.New("the name is empty")
	case strings.TrimSpace(s) != s:
		return "", ErrPadded
	case s == "." || s == "..":
		return "", errors.New("the name is not valid")
	case strings.ContainsFunc(s, func(r rune) bool { return r == '/' || r == '\\' || unicode.IsControl(r) }):
		return "", errors.New("the name contains a slash, a backslash or a control character")
	case strings.ContainsAny(s, "*?"):
		return "", ErrPattern
	}
	return s, nil
}
