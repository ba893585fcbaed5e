package githubtest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Repository is one repository with its runs and jobs.
type Repository struct {
	name    string
	minimal Object // as sent inside its runs, which share it
	details Object // the rest of its own answer

	order     []attemptKey // of runs, as they were added
	runs      map[attemptKey]Object
	attempts  map[int64]int64   // by run: the newest
	workflows map[int64]Object  // by id: those that Workflow added
	jobs      map[int64]Object  // by id
	jobsOf    map[int64][]int64 // by run: the ids, in the order in which they were added
	logs      map[int64]*string // by job; nil: expired
}

type attemptKey struct{ run, attempt int64 }

// Set overrides properties of the repository itself, such as archived, disabled, private, visibility
// and fork. private and visibility follow each other.
func (r *Repository) Set(fields Object) *Repository {
	fields = maps.Clone(fields)
	private, hasPrivate := fields["private"].(bool)
	visibility, hasVisibility := fields["visibility"].(string)
	switch {
	case hasPrivate && private && !hasVisibility:
		fields["visibility"] = "private"
	case hasPrivate && !hasVisibility:
		fields["visibility"] = "public"
	case hasVisibility && !hasPrivate:
		fields["private"] = visibility != "public"
	}
	for name, value := range fields {
		target := r.details
		if _, ok := r.minimal[name]; ok {
			target = r.minimal
		}
		overlay(target, Object{name: value})
	}
	return r
}

// whole is the repository as its own answer and lists of repositories have it.
func (r *Repository) whole() Object {
	whole := maps.Clone(r.minimal)
	maps.Copy(whole, r.details)
	return whole
}

// Run adds an attempt of a run, or replaces it. fields override the defaults; a nil field is sent as
// null, and Absent leaves one out. What depends on an overridden field follows it: the workflow's
// link, the commit's id, the triggering actor, the id of the head repository.
func (r *Repository) Run(id, attempt int64, fields Object) *Repository {
	key := attemptKey{id, attempt}
	if r.runs[key] == nil {
		r.order = append(r.order, key)
	}
	r.runs[key] = overlay(r.pushed(id, attempt, fields), fields)
	r.attempts[id] = max(r.attempts[id], attempt)
	return r
}

// pushed is a run that a push to main started and that succeeded.
func (r *Repository) pushed(id, attempt int64, fields Object) Object {
	given := func(name string, byDefault any) any {
		if v, ok := fields[name]; ok {
			return v
		}
		return byDefault
	}
	const commit = "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0"
	bot := User("acme-bot")
	bot["type"] = "Bot"
	createdAt := given("created_at", "2026-05-04T10:00:00Z")
	workflow := given("workflow_id", int64(11))
	suite := given("check_suite_id", 2*id)
	api := apiURL + "/repos/" + r.name
	address := fmt.Sprintf("%s/actions/runs/%d", api, id)
	headRepository := given("head_repository", r.minimal)
	headID := r.minimal["id"]
	if head, ok := headRepository.(Object); ok {
		headID = head["id"]
	} else if headRepository == nil {
		headID = nil
	}
	var previous any
	if attempt > 1 {
		previous = fmt.Sprintf("%s/attempts/%d", address, attempt-1)
	}
	return Object{
		"id": id, "run_attempt": attempt, "name": "CI", "node_id": fmt.Sprintf("WFR_%d", id),
		"head_branch": "main", "head_sha": commit, "path": ".github/workflows/ci.yml",
		"display_title": "CI", "run_number": id, "event": "push", "status": "completed",
		"conclusion": "success", "workflow_id": workflow, "check_suite_id": suite,
		"check_suite_node_id": fmt.Sprintf("CS_%v", suite), "referenced_workflows": []any{},
		"pull_requests": []any{}, "actor": bot, "triggering_actor": given("actor", bot),
		"created_at": createdAt, "updated_at": "2026-05-04T10:10:00Z", "run_started_at": createdAt,
		"head_commit": headCommit(given("head_sha", commit), createdAt),
		"repository":  r.minimal, "head_repository": headRepository, "head_repository_id": headID,
		"html_url":        fmt.Sprintf("%s/%s/actions/runs/%d", webURL, r.name, id),
		"workflow_url":    fmt.Sprintf("%s/actions/workflows/%v", api, workflow),
		"check_suite_url": fmt.Sprintf("%s/check-suites/%v", api, suite), "previous_attempt_url": previous,
	}.links(address, map[string]string{
		"url": "", "jobs_url": "/jobs", "logs_url": "/logs", "artifacts_url": "/artifacts",
		"cancel_url": "/cancel", "rerun_url": "/rerun",
	})
}

func headCommit(sha, at any) Object {
	person := Object{"name": "Ada", "email": "ada@example.com"}
	return Object{
		"id": sha, "tree_id": "d23f6eedb1e1b9610bbc754ddb5197bfe7271223", "message": "Keep sockets short",
		"timestamp": at, "author": person, "committer": person,
	}
}

// pullRequests leaves the pull requests out of a run if the request asks for that.
func pullRequests(r *http.Request, run Object) Object {
	if run == nil || r.URL.Query().Get("exclude_pull_requests") != "true" {
		return run
	}
	run = maps.Clone(run)
	run["pull_requests"] = []any{}
	return run
}

// Job adds a job, or replaces it. It is a job of the first attempt that ran on a hosted runner and
// succeeded; fields override that as they do for Run.
func (r *Repository) Job(id, runID int64, fields Object) *Repository {
	return r.add(id, runID, overlay(r.hostedJob(id, runID), fields))
}

func (r *Repository) add(id, runID int64, job Object) *Repository {
	r.jobs[id] = job
	if !slices.Contains(r.jobsOf[runID], id) {
		r.jobsOf[runID] = append(r.jobsOf[runID], id)
	}
	return r
}

func (r *Repository) hostedJob(id, runID int64) Object {
	api := apiURL + "/repos/" + r.name
	return Object{
		"id": id, "run_id": runID, "run_attempt": int64(1), "name": fmt.Sprintf("job %d", id),
		"workflow_name": "CI", "node_id": fmt.Sprintf("CR_%d", id), "head_branch": "main",
		"head_sha": "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0", "status": "completed",
		"conclusion": "success", "labels": []any{"ubuntu-24.04"}, "steps": []any{},
		"runner_id": 1000000 + id, "runner_name": fmt.Sprintf("GitHub Actions %d", 1000000+id),
		"runner_group_id": int64(0), "runner_group_name": "GitHub Actions",
		"created_at": "2026-05-04T10:00:00Z", "started_at": "2026-05-04T10:00:07Z",
		"completed_at":  "2026-05-04T10:02:00Z",
		"run_url":       fmt.Sprintf("%s/actions/runs/%d", api, runID),
		"url":           fmt.Sprintf("%s/actions/jobs/%d", api, id),
		"html_url":      fmt.Sprintf("%s/%s/actions/runs/%d/job/%d", webURL, r.name, runID, id),
		"check_run_url": fmt.Sprintf("%s/check-runs/%d", api, id),
	}
}

// Matrix adds n jobs of a run, with ids from firstID and the given number of steps each.
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

// Workflow adds a workflow, for those that have no run. One with runs is there already.
func (r *Repository) Workflow(id int64, name, path string) *Repository {
	r.workflows[id] = r.describeWorkflow(id, name, path)
	return r
}

func (r *Repository) describeWorkflow(id any, name, path string) Object {
	web := webURL + "/" + r.name
	return Object{
		"id": id, "node_id": fmt.Sprintf("W_%v", id), "name": name, "path": path, "state": "active",
		"created_at": firstDay, "updated_at": firstDay,
		"url":       fmt.Sprintf("%s/repos/%s/actions/workflows/%v", apiURL, r.name, id),
		"html_url":  web + "/blob/main/" + path,
		"badge_url": web + "/workflows/" + name + "/badge.svg",
	}
}

// listWorkflows is the workflows that were added and those that runs name, by id.
func (r *Repository) listWorkflows() []Object {
	known := maps.Clone(r.workflows)
	for _, key := range r.order {
		run := r.runs[key]
		if id := integer(run["workflow_id"]); known[id] == nil {
			known[id] = r.describeWorkflow(id, text(run["name"]), withoutRef(run["path"]))
		}
	}
	return slices.SortedFunc(maps.Values(known), func(a, b Object) int {
		return cmp.Compare(integer(a["id"]), integer(b["id"]))
	})
}

// workflow finds a workflow by its id or file name; nil if there is none.
func (r *Repository) workflow(idOrFile string) Object {
	for _, workflow := range r.listWorkflows() {
		if isWorkflow(idOrFile, workflow["id"], workflow["path"]) {
			return workflow
		}
	}
	return nil
}

// isWorkflow reports whether an id or a file name is that of a workflow with this id and path.
func isWorkflow(idOrFile string, id, path any) bool {
	return idOrFile == text(id) || strings.HasSuffix(withoutRef(path), "/"+idOrFile)
}

// withoutRef is a run's path without the ref that some servers append.
func withoutRef(path any) string {
	file, _, _ := strings.Cut(text(path), "@")
	return file
}

// run finds an attempt of a run; nil if there is none.
func (r *Repository) run(id, attempt int64) Object { return r.runs[attemptKey{id, attempt}] }

// newest lists the newest attempt of each run that matches, newest run first. Without a workflow or a
// predicate it does not filter.
func (r *Repository) newest(workflow string, match func(run Object) bool) []Object {
	var runs []Object
	for _, key := range r.order {
		run := r.runs[key]
		if key.attempt == r.attempts[key.run] && (match == nil || match(run)) &&
			(workflow == "" || isWorkflow(workflow, run["workflow_id"], run["path"])) {
			runs = append(runs, run)
		}
	}
	slices.SortStableFunc(runs, func(a, b Object) int {
		return cmp.Or(strings.Compare(text(b["created_at"]), text(a["created_at"])),
			cmp.Compare(integer(b["id"]), integer(a["id"])))
	})
	return runs
}

// runJobs lists a run's jobs of one attempt, or of all for attempt 0.
func (r *Repository) runJobs(id, attempt int64) []Object {
	var jobs []Object
	for _, jobID := range r.jobsOf[id] {
		if job := r.jobs[jobID]; attempt == 0 || max(1, integer(job["run_attempt"])) == attempt {
			jobs = append(jobs, job)
		}
	}
	return jobs
}
