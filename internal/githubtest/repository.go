package githubtest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Repository is one repository with its runs and jobs.
type Repository struct {
	name    string
	minimal *shared // as sent inside its runs
	details Object  // the rest of its own answer
	bot     *shared // who starts runs unless a test says otherwise

	order     []attemptKey // of runs, as they were added
	runs      map[attemptKey]Object
	attempts  map[int64]int64   // by run: the newest
	workflows map[int64]Object  // by ID: those that Workflow added
	jobs      map[int64]Object  // by ID
	jobsOf    map[int64][]int64 // by run: the IDs, in the order in which they were added
	logs      map[int64]*string // by job; nil: expired
	isRefused bool              // see Refuse
}

type attemptKey struct{ run, attempt int64 }

// Set overrides properties of the repository itself, such as archived, disabled, private,
// visibility and fork. private and visibility follow each other.
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
		if _, ok := r.minimal.Object[name]; ok {
			target = r.minimal.Object
		}
		overlay(target, Object{name: value})
	}
	r.minimal.changed()
	return r
}

// Refuse makes the repository one whose Actions the token may not read: they answer 403. It is still in
// the lists of its owner.
func (r *Repository) Refuse() *Repository {
	r.isRefused = true
	return r
}

// whole is the repository as its own answer and lists of repositories have it.
func (r *Repository) whole() Object {
	whole := maps.Clone(r.minimal.Object)
	maps.Copy(whole, r.details)
	return whole
}

// Run adds an attempt of a run, or replaces it. fields override the defaults; a nil field is sent
// as null, and Absent leaves one out. What depends on an overridden field follows it: the
// workflow's link, the commit's ID, the triggering actor, the ID of the head repository.
func (r *Repository) Run(id, attempt int64, fields Object) *Repository {
	key := attemptKey{id, attempt}
	if r.runs[key] == nil {
		r.order = append(r.order, key)
	}
	r.runs[key] = r.pushed(id, attempt)
	maps.Copy(r.runs[key], fields)
	r.attempts[id] = max(r.attempts[id], attempt)
	return r
}

// pushed is a run that a push to main started and that succeeded. wholeRun adds the rest, so that a
// world of many runs stays small.
func (r *Repository) pushed(id, attempt int64) Object {
	return Object{
		"id": id, "run_attempt": attempt, "name": "CI", "head_branch": "main",
		"head_sha": "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0", "path": ".github/workflows/ci.yml",
		"display_title": "CI", "run_number": id, "event": "push", "status": "completed",
		"conclusion": "success", "workflow_id": int64(11), "check_suite_id": 2 * id, "actor": r.bot,
		"created_at": "2026-05-04T10:00:00Z", "updated_at": "2026-05-04T10:10:00Z",
	}
}

// wholeRun is an attempt of a run as it is sent; nil if there is none.
func (r *Repository) wholeRun(key attemptKey) Object {
	run := r.runs[key]
	if run == nil {
		return nil
	}
	api := apiURL + "/repos/" + r.name
	address := fmt.Sprintf("%s/actions/runs/%d", api, key.run)
	var previous any
	if key.attempt > 1 {
		previous = fmt.Sprintf("%s/attempts/%d", address, key.attempt-1)
	}
	headID := r.minimal.Object["id"]
	if head, ok := run["head_repository"]; ok {
		headID = object(head)["id"]
	}
	suite := run["check_suite_id"]
	whole := Object{
		"node_id": fmt.Sprintf("WFR_%d", key.run), "check_suite_node_id": fmt.Sprintf("CS_%v", suite),
		"referenced_workflows": []any{}, "pull_requests": []any{}, "triggering_actor": run["actor"],
		"run_started_at": run["created_at"], "head_commit": headCommit(run["head_sha"], run["created_at"]),
		"repository": r.minimal, "head_repository": r.minimal, "head_repository_id": headID,
		"html_url":        fmt.Sprintf("%s/%s/actions/runs/%d", webURL, r.name, key.run),
		"workflow_url":    fmt.Sprintf("%s/actions/workflows/%v", api, run["workflow_id"]),
		"check_suite_url": fmt.Sprintf("%s/check-suites/%v", api, suite), "previous_attempt_url": previous,
	}.links(address, map[string]string{
		"url": "", "jobs_url": "/jobs", "logs_url": "/logs", "artifacts_url": "/artifacts",
		"cancel_url": "/cancel", "rerun_url": "/rerun",
	})
	return overlay(whole, run)
}

func headCommit(sha, at any) Object {
	person := Object{"name": "Ada", "email": "ada@example.com"}
	return Object{
		"id": sha, "tree_id": "d23f6eedb1e1b9610bbc754ddb5197bfe7271223", "message": "Keep sockets short",
		"timestamp": at, "author": person, "committer": person,
	}
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

// Matrix adds n jobs of a run, with IDs from firstID and the given number of steps each.
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

// Workflow adds a workflow without runs. A workflow with runs does not need it.
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

// listWorkflows is the workflows that were added and those that runs name, by ID.
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

// workflow finds a workflow by its ID or file name; nil if there is none.
func (r *Repository) workflow(idOrFile string) Object {
	for _, workflow := range r.listWorkflows() {
		if isWorkflow(idOrFile, workflow["id"], workflow["path"]) {
			return workflow
		}
	}
	return nil
}

// isWorkflow reports whether an ID or a file name is that of a workflow with this ID and path.
func isWorkflow(idOrFile string, id, path any) bool {
	return idOrFile == text(id) || strings.HasSuffix(withoutRef(path), "/"+idOrFile)
}

// withoutRef is a run's path without the ref that some servers append.
func withoutRef(path any) string {
	file, _, _ := strings.Cut(text(path), "@")
	return file
}

// newest lists the newest attempt of each run that matches, newest run first. Without a workflow or
// a predicate it does not filter.
func (r *Repository) newest(workflow string, match func(run Object) bool) []attemptKey {
	var keys []attemptKey
	for _, key := range r.order {
		run := r.runs[key]
		if key.attempt == r.attempts[key.run] && (match == nil || match(run)) &&
			(workflow == "" || isWorkflow(workflow, run["workflow_id"], run["path"])) {
			keys = append(keys, key)
		}
	}
	createdAt := func(key attemptKey) string {
		s, _ := r.runs[key]["created_at"].(string) // a run without one sorts as the oldest
		return s
	}
	slices.SortFunc(keys, func(a, b attemptKey) int {
		return cmp.Or(strings.Compare(createdAt(b), createdAt(a)), cmp.Compare(b.run, a.run))
	})
	return keys
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
