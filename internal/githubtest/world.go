package githubtest

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Object is one JSON object as the server sends it. It is a map and not the client's own struct, so
// that a wrong field name on either side shows.
type Object map[string]any

// World is what the stand-in knows: repositories with their runs and jobs.
type World struct {
	repositories map[string]*Repository
}

// Repository is one repository's runs and jobs.
type Repository struct {
	name string
	runs []Object // one for each attempt, in the order in which they were added

	jobs     map[int64]Object   // by id
	jobsOf   map[int64][]Object // by run, in the order in which they were added
	attempts map[int64]int64    // by run: the newest
	logs     map[int64]*string  // by job; nil: expired
}

// NewWorld is a world without repositories.
func NewWorld() *World { return &World{repositories: map[string]*Repository{}} }

// Repository gives the repository of that name (owner/name), making it when there is none.
func (w *World) Repository(name string) *Repository {
	key := strings.ToLower(name)
	if w.repositories[key] == nil {
		w.repositories[key] = &Repository{name: name, jobs: map[int64]Object{}, jobsOf: map[int64][]Object{}, attempts: map[int64]int64{}, logs: map[int64]*string{}}
	}
	return w.repositories[key]
}

// Run adds an attempt of a run; fields go over the defaults, and a nil field is sent as null. Absent
// makes one absent.
func (r *Repository) Run(id, attempt int64, fields Object) *Repository {
	run := Object{
		"id": id, "run_attempt": attempt, "name": "CI", "node_id": fmt.Sprintf("WFR_%d", id),
		"head_branch": "main", "head_sha": "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0",
		"path": ".github/workflows/ci.yml", "display_title": "CI", "run_number": id, "event": "push",
		"status": "completed", "conclusion": "success", "workflow_id": int64(11),
		"actor":      Object{"login": "acme-bot", "id": int64(1), "type": "Bot"},
		"html_url":   fmt.Sprintf("https://github.com/%s/actions/runs/%d", r.name, id),
		"created_at": "2026-05-04T10:00:00Z", "updated_at": "2026-05-04T10:10:00Z", "run_started_at": "2026-05-04T10:00:00Z",
	}
	r.runs = append(r.runs, overlay(run, fields))
	r.attempts[id] = max(r.attempts[id], attempt)
	return r
}

// Job adds a job that ran on a hosted runner, first attempt, unless fields say otherwise.
func (r *Repository) Job(id, runID int64, fields Object) *Repository {
	return r.add(id, runID, overlay(r.hostedJob(id, runID), fields))
}

func (r *Repository) add(id, runID int64, job Object) *Repository {
	r.jobs[id] = job
	r.jobsOf[runID] = append(r.jobsOf[runID], job)
	return r
}

func (r *Repository) hostedJob(id, runID int64) Object {
	return Object{
		"id": id, "run_id": runID, "run_attempt": int64(1), "name": fmt.Sprintf("job %d", id), "workflow_name": "CI",
		"node_id": fmt.Sprintf("CR_%d", id), "head_branch": "main", "head_sha": "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0",
		"status": "completed", "conclusion": "success", "labels": []any{"ubuntu-24.04"},
		"runner_id": 1000000 + id, "runner_name": fmt.Sprintf("GitHub Actions %d", 1000000+id),
		"runner_group_id": int64(0), "runner_group_name": "GitHub Actions",
		"created_at": "2026-05-04T10:00:00Z", "started_at": "2026-05-04T10:00:07Z", "completed_at": "2026-05-04T10:02:00Z",
		"run_url":       fmt.Sprintf("https://api.github.com/repos/%s/actions/runs/%d", r.name, runID),
		"url":           fmt.Sprintf("https://api.github.com/repos/%s/actions/jobs/%d", r.name, id),
		"html_url":      fmt.Sprintf("https://github.com/%s/actions/runs/%d/job/%d", r.name, runID, id),
		"check_run_url": fmt.Sprintf("https://api.github.com/repos/%s/check-runs/%d", r.name, id),
		"steps":         []any{},
	}
}

// Matrix adds n jobs of a run, with ids from firstID and so many steps each.
func (r *Repository) Matrix(firstID, runID int64, n, steps int) *Repository {
	for i := range n {
		r.Job(firstID+int64(i), runID, Object{"name": fmt.Sprintf("test (%d)", i+1), "steps": Steps(steps)})
	}
	return r
}

// Steps are n finished steps of ten seconds each.
func Steps(n int) []any {
	steps := make([]any, n)
	for i := range steps {
		start := 10 * i
		steps[i] = Object{
			"number": int64(i + 1), "name": fmt.Sprintf("Step %d", i+1), "status": "completed", "conclusion": "success",
			"started_at":   fmt.Sprintf("2026-05-04T10:%02d:%02dZ", start/60%60, start%60),
			"completed_at": fmt.Sprintf("2026-05-04T10:%02d:%02dZ", (start+10)/60%60, (start+10)%60),
		}
	}
	return steps
}

// Absent as a field's value leaves the field out of what is sent.
var Absent = &struct{ absent bool }{true} //nolint:gochecknoglobals // a mark that never changes

func overlay(object, fields Object) Object {
	maps.Copy(object, fields)
	maps.DeleteFunc(object, func(_ string, v any) bool { return v == any(Absent) })
	return object
}

//go:embed documented_job.json
var documentedJob []byte

// DocumentedJob is the example in GitHub's documentation of the endpoint, as it stands there.
func DocumentedJob() Object {
	job := Object{}
	if err := json.Unmarshal(documentedJob, &job); err != nil {
		panic(err)
	}
	return job
}

// AddDocumentedJob adds the documented example, which belongs to octo-org/octo-repo, and its run.
func (w *World) AddDocumentedJob() *World {
	job := DocumentedJob()
	w.Repository("octo-org/octo-repo").Run(29679449, 1, nil).add(integer(job["id"]), 29679449, job)
	return w
}

// job finds a job by its id; nil when there is none.
func (r *Repository) job(id int64) Object { return r.jobs[id] }

// run finds an attempt of a run, the newest for attempt 0; nil when there is none.
func (r *Repository) run(id, attempt int64) Object {
	if attempt == 0 {
		attempt = r.attempts[id]
	}
	return find(r.runs, func(run Object) bool {
		return integer(run["id"]) == id && integer(run["run_attempt"]) == attempt
	})
}

// newest lists the newest attempt of each run that matches a query, newest run first. It knows the
// filters that tests and examples use.
func (r *Repository) newest(workflow string, query url.Values) []Object {
	var runs []Object
	for _, run := range r.runs {
		if integer(run["run_attempt"]) == r.attempts[integer(run["id"])] && ofWorkflow(run, workflow) && matches(run, query) {
			runs = append(runs, run)
		}
	}
	slices.SortStableFunc(runs, func(a, b Object) int {
		return cmp.Or(strings.Compare(fmt.Sprint(b["created_at"]), fmt.Sprint(a["created_at"])), cmp.Compare(integer(b["id"]), integer(a["id"])))
	})
	return runs
}

func (r *Repository) hasWorkflow(workflow string) bool {
	return slices.ContainsFunc(r.runs, func(run Object) bool { return ofWorkflow(run, workflow) })
}

func ofWorkflow(run Object, workflow string) bool {
	return workflow == "" || workflow == fmt.Sprint(run["workflow_id"]) || strings.HasSuffix(fmt.Sprint(run["path"]), "/"+workflow)
}

func matches(run Object, query url.Values) bool {
	is := func(parameter string, values ...any) bool {
		wanted := query.Get(parameter)
		return wanted == "" || slices.ContainsFunc(values, func(v any) bool { return wanted == fmt.Sprint(v) })
	}
	actor, _ := run["actor"].(Object)
	return is("branch", run["head_branch"]) && is("event", run["event"]) && is("head_sha", run["head_sha"]) &&
		is("status", run["status"], run["conclusion"]) && is("actor", actor["login"])
}

// runJobs lists a run's jobs of one attempt, or of all for attempt 0.
func (r *Repository) runJobs(id, attempt int64) []Object {
	return slices.DeleteFunc(slices.Clone(r.jobsOf[id]), func(job Object) bool {
		return attempt != 0 && max(1, integer(job["run_attempt"])) != attempt
	})
}

func find(objects []Object, match func(Object) bool) Object {
	if i := slices.IndexFunc(objects, match); i >= 0 {
		return objects[i]
	}
	return nil
}

// integer reads an id, whichever way it came to be.
func integer(v any) int64 {
	switch n := v.(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	}
	return 0
}
