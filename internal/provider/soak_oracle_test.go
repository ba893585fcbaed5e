package provider

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// The oracle says what each read must answer, from the world of the soak alone. It repeats the rules of
// DESIGN.md in plain code and calls none of the packages that it judges.

// obj is an object of a state, or a part of what is expected of one.
type obj = map[string]any

// window is the time that an answer may show.
type window struct {
	begin, end time.Time
	stale      time.Time // how old a filtered list of runs may be
	lagging    time.Time // how old a list of jobs may be
	faults     int       // that happened meanwhile and can make an answer fail
}

// mismatch says where an answer differs from what is wanted; empty if it does not. Attributes that are
// not wanted are not compared.
func mismatch(at string, want, got any) string {
	switch want := want.(type) {
	case obj:
		object, ok := got.(obj)
		if !ok {
			return fmt.Sprintf("%s is %v, want an object", at, got)
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			value, has := object[name]
			if !has {
				return fmt.Sprintf("%s has no %s", at, name)
			}
			if m := mismatch(at+"."+name, want[name], value); m != "" {
				return m
			}
		}
		return ""
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return fmt.Sprintf("%s has %d entries, want %d", at, len(list), len(want))
		}
		for i := range want {
			if m := mismatch(fmt.Sprintf("%s[%d]", at, i), want[i], list[i]); m != "" {
				return m
			}
		}
		return ""
	case int:
		if got != json.Number(fmt.Sprint(want)) {
			return fmt.Sprintf("%s is %v, want %d", at, got, want)
		}
		return ""
	case int64:
		return mismatch(at, int(want), got)
	}
	if want != got {
		return fmt.Sprintf("%s is %v, want %v", at, got, want)
	}
	return ""
}

func texts[T any](list []T, text func(T) string) []any {
	values := []any{}
	for _, element := range list {
		values = append(values, text(element))
	}
	return values
}

func itself(s string) string { return s }

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Jobs.

func (j *soakJob) ran(at time.Time) bool { return !j.noRunner && j.hasStarted(at) }

// queued and ranFor are the two figures of a job; nil is null.
func (j *soakJob) queued(at time.Time) *int64 {
	if !j.ran(at) || j.carried {
		return nil
	}
	return new(int64(j.started.Sub(j.created) / time.Second))
}

func (j *soakJob) ranFor(at time.Time) *int64 {
	if !j.ran(at) || !j.isOver(at) {
		return nil
	}
	return new(int64(j.completed.Sub(j.started) / time.Second))
}

func number(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

func (j *soakJob) failed(at time.Time) bool {
	return j.isOver(at) && !isOneOf(j.conclusion, "success", "skipped", "neutral")
}

// want is the job as an answer shows it.
func (j *soakJob) want(at time.Time, withSteps bool) obj {
	api := "https://api.github.com/repos/" + j.run.repo.name
	o := obj{
		"id": j.id, "run_id": j.run.id, "run_attempt": j.attempt, "name": j.name, "workflow_name": j.run.workflow.name,
		"head_branch": j.run.branch, "head_sha": j.run.sha, "status": "queued", "conclusion": nil, "labels": texts(j.labels, itself),
		"runner_id": nil, "runner_name": nil, "runner_group_id": nil, "runner_group_name": nil,
		"created_at": stamp(j.created), "started_at": stamp(j.created), "completed_at": nil,
		"queued_seconds": number(j.queued(at)), "duration_seconds": number(j.ranFor(at)), "carried_over": j.carried, "steps": []any{},
		"node_id": fmt.Sprintf("CR_%d", j.id), "url": fmt.Sprintf("%s/actions/jobs/%d", api, j.id),
		"html_url": fmt.Sprintf("https://github.com/%s/actions/runs/%d/job/%d", j.run.repo.name, j.run.id, j.id),
		"run_url":  fmt.Sprintf("%s/actions/runs/%d", api, j.run.id), "check_run_url": fmt.Sprintf("%s/check-runs/%d", api, j.id),
	}
	if j.hasStarted(at) {
		o["status"], o["started_at"] = "in_progress", stamp(j.started)
	}
	if j.ran(at) {
		o["runner_id"], o["runner_name"], o["runner_group_id"], o["runner_group_name"] = j.id, j.runnerName(), j.groupID(), j.group
		if withSteps {
			o["steps"] = j.wantSteps()
		}
	}
	if j.isOver(at) {
		o["status"], o["conclusion"], o["completed_at"] = "completed", j.conclusion, stamp(j.completed)
	}
	return o
}

func (j *soakJob) wantSteps() []any {
	steps := []any{}
	for n := range j.steps {
		steps = append(steps, obj{
			"number": n + 1, "name": fmt.Sprintf("step %d", n+1), "status": "completed", "conclusion": j.stepConclusion(n),
			"started_at": stamp(j.started), "completed_at": stamp(j.started.Add(time.Duration(n) * time.Second)), "duration_seconds": n,
		})
	}
	return steps
}

func inOrder(jobs []*soakJob) []*soakJob {
	slices.SortFunc(jobs, func(a, b *soakJob) int { return cmp.Or(cmp.Compare(a.attempt, b.attempt), cmp.Compare(a.id, b.id)) })
	return jobs
}

// selected are the jobs of a run by a filter.
func (run *soakRun) selected(filter string, at time.Time) []*soakJob {
	newest := run.attemptAt(at)
	switch {
	case newest == nil:
		return nil
	case filter != "all" && filter != "final":
		return inOrder(newest.jobsAt(at))
	}
	var all []*soakJob
	for _, a := range run.attempts {
		all = append(all, a.jobsAt(at)...)
	}
	if filter == "all" {
		return inOrder(all)
	}
	return run.final(at)
}

// final keeps of each name the jobs of the newest attempt that has it. An attempt that took nothing over
// and has all names of before (those of unexpanded matrices aside) replaces everything. A job that did
// not run replaces the family that it stands for.
func (run *soakRun) final(at time.Time) []*soakJob {
	var kept []*soakJob
	for _, a := range run.attempts {
		jobs := a.jobsAt(at)
		if len(jobs) == 0 {
			continue
		}
		has := map[string]bool{}
		for _, j := range jobs {
			has[j.name] = true
		}
		kept = slices.DeleteFunc(kept, func(old *soakJob) bool {
			return !has[old.name] && slices.ContainsFunc(jobs, func(j *soakJob) bool { return j.replacesFamilyOf(old, at) })
		})
		replacesAll := true
		for _, j := range jobs {
			replacesAll = replacesAll && !j.carried
		}
		for _, j := range kept {
			replacesAll = replacesAll && (has[j.name] || strings.Contains(j.name, "${{"))
		}
		kept = slices.DeleteFunc(kept, func(j *soakJob) bool { return replacesAll || has[j.name] })
		kept = append(kept, jobs...)
	}
	return inOrder(kept)
}

// replacesFamilyOf: j did not run, and old is a part of what it stands for. Every template of the soak is
// called deploy (${{ … }}). A failed job stays if one with the name of j ran in an earlier attempt.
func (j *soakJob) replacesFamilyOf(old *soakJob, at time.Time) bool {
	before, _ := strings.CutSuffix(j.name, " (${{ matrix.env }})")
	if !j.noRunner || !j.isOver(at) || j.conclusion == "success" || old.name == before || !strings.HasPrefix(old.name, before+" (") {
		return false
	}
	hasRun := false
	for _, a := range j.run.attempts[:j.attempt-1] {
		for _, other := range a.jobsAt(at) {
			hasRun = hasRun || other.name == j.name && !other.noRunner
		}
	}
	return !hasRun || !old.failed(at)
}

// counted leaves out copies of jobs that the list has.
func counted(jobs []*soakJob) []*soakJob {
	var kept []*soakJob
	for _, j := range jobs {
		isCopy := j.carried && slices.ContainsFunc(jobs, func(o *soakJob) bool {
			return o.attempt < j.attempt && o.name == j.name && o.started.Equal(j.started) && o.completed.Equal(j.completed)
		})
		if !isCopy {
			kept = append(kept, j)
		}
	}
	return kept
}

func (j *soakJob) exists(at time.Time) bool {
	return !j.created.After(at) && !j.run.attempts[j.attempt-1].begins.After(at)
}

// Runs.

// wantRunJobs is the answer of github_actions_run_jobs with the run as it was at one time and the jobs
// as they were at another; nil if the run or the attempt is missing.
func (run *soakRun) wantRunJobs(filter string, attempt int64, withSteps bool, runAt, jobsAt time.Time) obj {
	state := run.attemptAt(runAt)
	jobs := run.selected(filter, jobsAt)
	if attempt > 0 {
		state = nil
		if attempt <= int64(len(run.attempts)) && !run.attempts[attempt-1].begins.After(runAt) {
			state = run.attempts[attempt-1]
			jobs = inOrder(state.jobsAt(jobsAt))
		}
	}
	if state == nil {
		return nil
	}
	o := obj{"run_status": "in_progress", "run_conclusion": nil, "completed": false, "succeeded": false, "total_count": len(jobs)}
	if state.isOver(runAt) {
		o["run_status"], o["run_conclusion"], o["completed"], o["succeeded"] = "completed", state.conclusion, true, state.conclusion == "success"
	}
	var failed, labels []string
	list := []any{}
	for _, j := range jobs {
		list = append(list, j.want(jobsAt, withSteps))
		if j.failed(jobsAt) {
			failed = append(failed, j.name)
		}
		labels = append(labels, j.labels...)
	}
	slices.Sort(labels)
	o["jobs"], o["failed_jobs"], o["labels"] = list, texts(failed, itself), texts(slices.Compact(labels), itself)
	return o
}

// want is the run as a list shows it.
func (run *soakRun) want(at time.Time) obj {
	a := run.attemptAt(at)
	address := fmt.Sprintf("https://api.github.com/repos/%s/actions/runs/%d", run.repo.name, run.id)
	o := obj{
		"id": run.id, "name": run.workflow.name, "display_title": fmt.Sprintf("Run %d", run.id), "run_number": run.id, "run_attempt": a.number,
		"event": run.event, "status": "in_progress", "conclusion": nil, "head_branch": run.branch, "head_sha": run.sha,
		"path": ".github/workflows/" + run.workflow.file, "workflow_id": run.workflow.id, "actor": run.actor, "triggering_actor": run.actor,
		"head_repository": orNull(run.head), "check_suite_id": 2 * run.id, "created_at": stamp(run.created), "updated_at": stamp(a.updated(at)),
		"run_started_at": stamp(a.begins), "previous_attempt_url": nil, "html_url": fmt.Sprintf("https://github.com/%s/actions/runs/%d", run.repo.name, run.id),
	}
	if a.number > 1 {
		o["previous_attempt_url"] = fmt.Sprintf("%s/attempts/%d", address, a.number-1)
	}
	if a.isOver(at) {
		o["status"], o["conclusion"] = "completed", a.conclusion
	}
	return o
}

// runsFilter is what a list of runs is asked for.
type runsFilter struct {
	workflow, branch, event, actor, status, sha string
	from, to                                    time.Time // of created; zero is open, to is not included
	most                                        int
}

func (f runsFilter) isFiltered() bool {
	return f.branch+f.event+f.actor+f.status+f.sha != "" || !f.from.IsZero() || !f.to.IsZero()
}

func (f runsFilter) has(run *soakRun, at time.Time) bool {
	if !run.exists(at) {
		return false
	}
	a := run.attemptAt(at)
	status := []string{"in_progress"}
	if a.isOver(at) {
		status = []string{"completed", a.conclusion}
	}
	return (f.workflow == "" || f.workflow == run.workflow.file || f.workflow == fmt.Sprint(run.workflow.id)) &&
		(f.branch == "" || f.branch == run.branch) && (f.event == "" || f.event == run.event) &&
		(f.actor == "" || strings.EqualFold(f.actor, run.actor)) && (f.status == "" || slices.Contains(status, f.status)) &&
		(f.sha == "" || f.sha == run.sha) &&
		(f.from.IsZero() || !run.created.Before(f.from)) && (f.to.IsZero() || run.created.Before(f.to))
}

// all are the runs that match, newest first.
func (f runsFilter) all(repo *soakRepo, at time.Time) []*soakRun {
	var runs []*soakRun
	for _, run := range repo.runs {
		if f.has(run, at) {
			runs = append(runs, run)
		}
	}
	newestFirst(runs)
	return runs
}

func (f runsFilter) shown(repo *soakRepo, at time.Time) []*soakRun {
	runs := f.all(repo, at)
	return runs[:min(len(runs), f.most)]
}

// Patterns.

// matchesPattern says whether a pattern with * and ? matches a whole text, whatever the case.
func matchesPattern(pattern, text string) bool {
	known, has := compiledPatterns.Load(pattern)
	if !has {
		expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		known, _ = compiledPatterns.LoadOrStore(pattern, regexp.MustCompile("(?is)^"+expression+"$"))
	}
	return known.(*regexp.Regexp).MatchString(text)
}

var compiledPatterns sync.Map // of *regexp.Regexp, by pattern

func firstPattern(patterns []string, text string) (string, bool) {
	for _, p := range patterns {
		if matchesPattern(p, text) {
			return p, true
		}
	}
	return "", false
}

// Gates.

// soakGate is a question about a commit.
type soakGate struct {
	repo               *soakRepo
	sha, event, branch string
	workflows          []string
	required, mayFail  []string
}

func (g soakGate) counts(workflow string, run *soakRun, at time.Time) bool {
	return run.exists(at) && (workflow == run.workflow.file || workflow == fmt.Sprint(run.workflow.id)) && run.sha == g.sha &&
		(g.event == "" || run.event == g.event) && (g.branch == "" || run.branch == g.branch) && run.isOwn
}

// want is the verdict at a time.
func (g soakGate) want(at time.Time) obj {
	open, completed := true, true
	ids, failedJobs, rows := obj{}, []any{}, []any{}
	var final []*soakJob
	for _, workflow := range g.workflows {
		var runs []*soakRun
		for _, run := range g.repo.runs {
			if g.counts(workflow, run, at) {
				runs = append(runs, run)
			}
		}
		newestFirst(runs)
		branches := map[string]bool{}
		runs = slices.DeleteFunc(runs, func(run *soakRun) bool {
			older := branches[run.branch]
			branches[run.branch] = true
			return older
		})
		if len(runs) == 0 {
			open, completed = false, false
			continue
		}
		ids[workflow] = runs[0].id
		for _, run := range runs {
			jobs := run.final(at)
			final = append(final, jobs...)
			a := run.attemptAt(at)
			failed := []any{}
			excused := true
			for _, j := range jobs {
				if j.failed(at) {
					failed = append(failed, j.name)
					failedJobs = append(failedJobs, workflow+" / "+j.name)
					_, may := firstPattern(g.mayFail, j.name)
					excused = excused && may
				}
			}
			row := run.want(at)
			rows = append(rows, obj{
				"workflow": workflow, "run_id": run.id, "run_attempt": a.number, "status": row["status"], "conclusion": row["conclusion"],
				"event": run.event, "head_branch": run.branch, "html_url": row["html_url"], "failed_jobs": failed,
			})
			if !a.isOver(at) {
				open, completed = false, false
				continue
			}
			open = open && (a.conclusion == "success" || a.conclusion == "failure" && len(failed) > 0 && excused)
		}
	}
	for _, pattern := range g.required {
		found := false
		for _, j := range final {
			if matchesPattern(pattern, j.name) {
				found = true
				open = open && j.isOver(at) && j.conclusion == "success"
			}
		}
		open = open && found
	}
	return obj{"succeeded": open, "completed": completed, "run_ids": ids, "failed_jobs": failedJobs, "runs": rows}
}

// Logs.

// wantLog is the answer about a log.
func (l *soakLog) want(tail, most int, pattern string) obj {
	full := strings.Join(l.lines, "\n")
	content := full
	if cut := len(content) - most; cut > 0 {
		for !utf8.RuneStart(content[cut]) {
			cut++
		}
		if content[cut] == '\n' && content[cut-1] != '\n' {
			cut++ // the end of a line that was cut is not an empty line
		}
		content = content[cut:]
	}
	if lines := strings.Split(content, "\n"); tail > 0 && len(lines) > tail {
		content = strings.Join(lines[len(lines)-tail:], "\n")
	}
	o := obj{
		"content": content, "truncated": content != full, "size_bytes": len(l.raw), "line_count": len(l.lines),
		"sha256": fmt.Sprintf("%x", sha256.Sum256([]byte(l.raw))), "errors": excerptOf(l.errors, 100), "error_count": len(l.errors),
		"warnings": excerptOf(l.warnings, 100), "warning_count": len(l.warnings), "matches": nil, "match_count": nil,
	}
	if pattern != "" {
		var matches []string
		for _, line := range l.lines {
			if regexp.MustCompile(pattern).MatchString(line) {
				matches = append(matches, line)
			}
		}
		o["matches"], o["match_count"] = excerptOf(matches, 1000), len(matches)
	}
	return o
}

// excerptOf keeps the first and the last half of many.
func excerptOf(list []string, most int) []any {
	if len(list) > most {
		list = slices.Concat(list[:most/2], list[len(list)-most/2:])
	}
	return texts(list, itself)
}
