package actions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/google/go-github/v62/github"
)

// MaxFilteredRuns is the most that GitHub gives of a filtered list of runs, whatever its total_count
// says.
const MaxFilteredRuns = 1000

// Run is a workflow run as a list shows it. go-github v62 lacks the path.
type Run struct {
	github.WorkflowRun
	Path *string `json:"path,omitempty"` // the workflow's file
}

// RunsQuery is a filter over the runs of a repository. Empty fields do not filter.
type RunsQuery struct {
	Repository          Repository
	Workflow            string // file name or id
	Branch              string
	Event               string
	Actor               string
	Status              string // a status or a conclusion: GitHub takes both here
	Created             string // a date or a range of dates in GitHub's search syntax
	HeadSHA             string
	ExcludePullRequests bool
	Max                 int // runs that are wanted, 1 to MaxFilteredRuns
}

// WorkflowRuns is the newest part of a list of runs.
type WorkflowRuns struct {
	Total *int64 // as GitHub says it, all pages counted; nil when it says nothing
	Runs  []*Run // newest first, unique by id, at most RunsQuery.Max
}

// More reports whether more runs match than q wanted. A server that does not tell how many match leaves
// that open when it gave all that was wanted; then it is true, so that nothing passes for whole that may
// not be.
func (w WorkflowRuns) More(q RunsQuery) bool {
	if w.Total == nil {
		return len(w.Runs) >= q.Max
	}
	return *w.Total > int64(len(w.Runs))
}

// WorkflowRuns lists the newest runs that match q, up to q.Max.
func (c *Client) WorkflowRuns(ctx context.Context, q RunsQuery) (WorkflowRuns, error) {
	var result WorkflowRuns
	object := q.Repository.String() + " workflow runs"
	if q.Workflow != "" {
		object = fmt.Sprintf("%s runs of workflow %s", q.Repository, q.Workflow)
	}
	runs, err := list[*Run]{
		object: object,
		fetch: func(ctx context.Context, number int) (page[*Run], error) {
			p, err := c.runsPage(ctx, object, q.page(number))
			if number == 1 && err == nil {
				result.Total = int64Of(p.total)
			}
			return p, err
		},
		id:     func(run *Run) int64 { return run.GetID() },
		atOnce: c.cfg.MaxConcurrent,
		most:   q.Max,
	}.all(ctx)
	if err != nil {
		return WorkflowRuns{}, c.locateWorkflow(ctx, err, q)
	}
	// Runs that start while the pages are read push the others down; the order is the runs' own.
	slices.SortStableFunc(runs, func(a, b *Run) int {
		return cmp.Or(b.GetCreatedAt().Compare(a.GetCreatedAt().Time), cmp.Compare(b.GetID(), a.GetID()))
	})
	result.Runs = runs[:min(len(runs), q.Max)]
	return result, nil
}

func int64Of(n *int) *int64 {
	if n == nil {
		return nil
	}
	wide := int64(*n)
	return &wide
}

func (c *Client) locateWorkflow(ctx context.Context, err error, q RunsQuery) error {
	last := Part("")
	if q.Workflow != "" {
		last = PartWorkflow
	}
	return c.locate(ctx, err, q.Repository, last, nil)
}

// page is the path of one page. No page is larger than what is wanted: a run weighs 15 KB.
func (q RunsQuery) page(number int) string {
	query := url.Values{"per_page": {strconv.Itoa(min(perPage, q.Max))}, "page": {strconv.Itoa(number)}}
	for name, value := range map[string]string{
		"branch": q.Branch, "event": q.Event, "actor": q.Actor, "status": q.Status, "created": q.Created, "head_sha": q.HeadSHA,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if q.ExcludePullRequests {
		query.Set("exclude_pull_requests", "true")
	}
	path := q.Repository.path() + "/actions"
	if q.Workflow != "" {
		path += "/workflows/" + url.PathEscape(q.Workflow)
	}
	return path + "/runs?" + query.Encode()
}

func (c *Client) runsPage(ctx context.Context, object, path string) (page[*Run], error) {
	var answer struct {
		Total *int   `json:"total_count"`
		Runs  []*Run `json:"workflow_runs"`
	}
	header, err := c.get(ctx, object, path, &answer)
	if err != nil {
		return page[*Run]{}, err
	}
	if answer.Runs == nil {
		return page[*Run]{}, malformed(object, header, "the answer has no list of runs", nil)
	}
	for i, run := range answer.Runs {
		if run == nil || run.ID == nil {
			return page[*Run]{}, malformed(object, header, fmt.Sprintf("run %d of the list has no id", i), nil)
		}
		for _, t := range []**github.Timestamp{&run.CreatedAt, &run.UpdatedAt, &run.RunStartedAt} {
			normalizeTime(t)
		}
	}
	return newPage(answer.Runs, answer.Total, header), nil
}

// ParseWorkflow checks the file name or id of a workflow. It becomes one part of a request path, escaped,
// so only what would make it more than one part is refused.
func ParseWorkflow(s string) (string, error) {
	switch {
	case s == "":
		return "", errors.New("the name is empty")
	case s == "." || s == "..":
		return "", errors.New("the name is not valid")
	case strings.ContainsFunc(s, func(r rune) bool { return r == '/' || r == '\\' || unicode.IsControl(r) }):
		return "", errors.New("the name contains a slash, a backslash or a control character")
	}
	return s, nil
}
