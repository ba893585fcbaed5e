package provider

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// What the oracle says about the jobs of many runs.

// soakPart is what a read finds in one repository.
type soakPart struct {
	repo      *soakRepo
	runs      []*soakRun // newest first
	jobs      [][]*soakJob
	truncated bool
}

func (p soakPart) jobCount() (n int) {
	for _, jobs := range p.jobs {
		n += len(jobs)
	}
	return n
}

// parts are what there is to read, with the runs as they were at one time and the jobs as they were at
// another.
func (f soakFleet) parts(lost losses, runsAt, jobsAt time.Time) []soakPart {
	parts := make([]soakPart, len(f.targets))
	for i, t := range f.targets {
		p := &parts[i]
		p.repo = t.repo
		if lost.repos[t.repo.name] || f.lacksWorkflow(t) {
			continue
		}
		p.truncated = len(f.runs.all(t.repo, runsAt)) > f.runs.most
		for _, run := range f.runs.shown(t.repo, runsAt) {
			if !lost.runs[run.id] {
				p.runs = append(p.runs, run)
				p.jobs = append(p.jobs, counted(run.selected(f.attempts, jobsAt)))
			}
		}
	}
	return parts
}

// want is the answer to a question. A wrong total makes truncated uncertain.
func (f soakFleet) want(q soakQuestion, lost losses, hasLies bool, runsAt, jobsAt time.Time) obj {
	parts, hasProblems := f.parts(lost, runsAt, jobsAt), len(lost.problems) > 0
	o := q.want(parts, jobsAt, hasProblems)
	runs, jobs, finished, truncated := 0, 0, 0, false
	var created []string
	rows := []any{}
	for _, p := range parts {
		row := obj{"repository": p.repo.name, "run_count": len(p.runs), "job_count": p.jobCount()}
		if !hasLies {
			row["truncated"] = p.truncated
		}
		maps.Copy(row, q.verdict(p, jobsAt, lost.problems[p.repo.name]))
		rows = append(rows, row)
		runs, jobs, truncated = runs+len(p.runs), jobs+p.jobCount(), truncated || p.truncated
		for _, run := range p.runs {
			created = append(created, stamp(run.created))
			if run.attemptAt(runsAt).isOver(runsAt) {
				finished++
			}
		}
	}
	o["run_count"], o["job_count"], o["by_repository"] = runs, jobs, rows
	o["oldest_run_at"], o["newest_run_at"] = nil, nil
	if len(created) > 0 {
		o["oldest_run_at"], o["newest_run_at"] = slices.Min(created), slices.Max(created)
	}
	if !hasLies {
		o["truncated"], o["complete"] = truncated, !truncated && !hasProblems
	}
	told, _ := o[warningsTold].([]any)
	if hasProblems {
		told = append(told, "problems")
	}
	if finished > 0 && jobs == 0 && !q.quiet { // they began again since they were listed
		told = append(told, "no job")
	}
	for _, i := range f.unmatched {
		told = append(told, fmt.Sprintf("repositories[%d] matches nothing", i))
	}
	for _, i := range f.excluded {
		told = append(told, fmt.Sprintf("repositories[%d] is excluded", i))
	}
	o[warningsTold] = inAnyOrder(told)
	return o
}

// Groups of jobs.

// soakGroup adds up jobs.
type soakGroup struct {
	keys              map[string]any // texts, nil without one
	folded, spelled   []string       // labels
	jobs, failed      int
	violations        int
	queued, durations []int64
	groups            []string
	minutes           int64
}

func (g *soakGroup) add(j *soakJob, at time.Time, violations int) {
	g.jobs++
	g.violations += violations
	if j.failed(at) {
		g.failed++
	}
	if n := j.queued(at); n != nil {
		g.queued = append(g.queued, *n)
	}
	if n := j.ranFor(at); n != nil {
		g.durations = append(g.durations, *n)
		g.minutes += max(1, (*n+59)/60)
	}
	if j.ran(at) && !slices.Contains(g.groups, j.group) {
		g.groups = append(g.groups, j.group)
	}
	for i, label := range g.folded {
		for _, l := range j.labels {
			if strings.ToUpper(l) == label && (g.spelled[i] == "" || l < g.spelled[i]) {
				g.spelled[i] = l
			}
		}
	}
}

func sum(values []int64) (total int64) {
	for _, n := range values {
		total += n
	}
	return total
}

// distribution has the values whose rank is half and 95 % of all, rounded up.
func distribution(values []int64) obj {
	if len(values) == 0 {
		return obj{"p50": nil, "p95": nil, "max": nil}
	}
	slices.Sort(values)
	rank := func(percent int) int64 { return values[(len(values)*percent+99)/100-1] }
	return obj{"p50": rank(50), "p95": rank(95), "max": values[len(values)-1]}
}

func withTotal(values []int64) obj {
	o := distribution(values)
	o["total"] = sum(values)
	return o
}

func usageKeys() []string {
	return []string{"repository", "workflow", "job", "labels", "runner_group", "runner", "branch", "event", "actor", "conclusion", "day", "week", "month"}
}

// keysOf are what a job can be grouped by, but for its labels.
func (j *soakJob) keysOf(at time.Time) map[string]any {
	year, week := j.created.UTC().ISOWeek()
	keys := map[string]any{
		"repository": j.run.repo.name, "workflow": j.run.workflow.name, "job": j.name, "runner_group": nil, "runner": nil,
		"branch": j.run.branch, "event": j.run.event, "actor": j.run.actor, "conclusion": nil,
		"day": j.created.UTC().Format(time.DateOnly), "week": fmt.Sprintf("%d-W%02d", year, week), "month": j.created.UTC().Format("2006-01"),
	}
	if j.ran(at) {
		keys["runner_group"], keys["runner"] = j.group, j.runnerName()
	}
	if j.isOver(at) {
		keys["conclusion"] = j.conclusion
	}
	return keys
}

// foldedLabels are the labels of a job in capitals, sorted, each once.
func (j *soakJob) foldedLabels() []string {
	folded := []string{}
	for _, label := range j.labels {
		folded = append(folded, strings.ToUpper(label))
	}
	slices.Sort(folded)
	return slices.Compact(folded)
}

// grouped adds up jobs by keys. violations may be nil.
func grouped(keys []string, parts []soakPart, at time.Time, violations map[*soakJob]int) []*soakGroup {
	groups := map[string]*soakGroup{}
	for _, p := range parts {
		for _, j := range slices.Concat(p.jobs...) {
			g := &soakGroup{keys: map[string]any{}}
			all := j.keysOf(at)
			for _, key := range keys {
				if key == "labels" {
					g.folded = j.foldedLabels()
					g.spelled = make([]string, len(g.folded))
				} else {
					g.keys[key] = all[key]
				}
			}
			name := fmt.Sprintf("%q %v", g.folded, g.keys)
			if groups[name] == nil {
				groups[name] = g
			}
			groups[name].add(j, at, violations[j])
		}
	}
	return slices.Collect(maps.Values(groups))
}

// byKeys compares groups that are equal otherwise. Null is last.
func byKeys(keys []string, a, b *soakGroup) int {
	for _, key := range keys {
		x, y := a.keys[key], b.keys[key]
		switch {
		case key == "labels" || x == y:
		case x == nil:
			return 1
		case y == nil:
			return -1
		default:
			return strings.Compare(textOf(x), textOf(y))
		}
	}
	return slices.Compare(a.folded, b.folded)
}

// Figures.

func wantUsage(keys []string, parts []soakPart, at time.Time) obj {
	groups := grouped(keys, parts, at, nil)
	if len(keys) == 0 && len(groups) == 0 {
		groups = []*soakGroup{{}}
	}
	slices.SortFunc(groups, func(a, b *soakGroup) int {
		return cmp.Or(cmp.Compare(sum(b.durations), sum(a.durations)), cmp.Compare(b.jobs, a.jobs), byKeys(keys, a, b))
	})
	rows := []any{}
	for _, g := range groups {
		row := obj{
			"job_count": g.jobs, "failed_count": g.failed, "billable_minutes": g.minutes,
			"queued_seconds": withTotal(g.queued), "duration_seconds": withTotal(g.durations),
		}
		for _, key := range usageKeys() {
			row[key] = g.keys[key]
		}
		if slices.Contains(keys, "labels") {
			row["labels"] = texts(g.spelled, itself)
		}
		rows = append(rows, row)
	}
	return obj{"rows": rows}
}

func wantUsageOfRepository(p soakPart, at time.Time, _ bool) obj {
	var all soakGroup
	for _, j := range slices.Concat(p.jobs...) {
		all.add(j, at, 0)
	}
	return obj{"failed_count": all.failed, "total_duration_seconds": sum(all.durations), "billable_minutes": all.minutes}
}

// Jobs.

// soakJobsQuery is what jobs must match. Empty fields match any.
type soakJobsQuery struct {
	name, runner, group, conclusion, status, failedStep string
	labels                                              []string
	withSteps                                           bool
	most                                                int
}

func (q soakJobsQuery) matches(j *soakJob, at time.Time) bool {
	is := func(pattern, text string, has bool) bool {
		return pattern == "" || has && matchesPattern(pattern, text)
	}
	status := "queued"
	if j.hasStarted(at) {
		status = "in_progress"
	}
	if j.isOver(at) {
		status = "completed"
	}
	for _, pattern := range q.labels {
		if !slices.ContainsFunc(j.labels, func(label string) bool { return matchesPattern(pattern, label) }) {
			return false
		}
	}
	hasFailedStep := q.failedStep == ""
	for n := range j.steps {
		hasFailedStep = hasFailedStep || j.ran(at) && j.stepConclusion(n) == "failure" && matchesPattern(q.failedStep, fmt.Sprintf("step %d", n+1))
	}
	return is(q.name, j.name, true) && is(q.runner, j.runnerName(), j.ran(at)) && is(q.group, j.group, j.ran(at)) &&
		is(q.conclusion, j.conclusion, j.isOver(at)) && is(q.status, status, true) && hasFailedStep
}

func (q soakJobsQuery) row(j *soakJob, at time.Time) obj {
	row := j.want(at, q.withSteps)
	row["repository"] = j.run.repo.name
	return row
}

func (q soakJobsQuery) matching(parts []soakPart, at time.Time) []*soakJob {
	var found []*soakJob
	for _, p := range parts {
		for _, j := range slices.Concat(p.jobs...) {
			if q.matches(j, at) {
				found = append(found, j)
			}
		}
	}
	slices.SortFunc(found, func(a, b *soakJob) int {
		return cmp.Or(b.created.Compare(a.created), strings.Compare(a.run.repo.name, b.run.repo.name), cmp.Compare(b.id, a.id))
	})
	return found
}

func (q soakJobsQuery) want(parts []soakPart, at time.Time, _ bool) obj {
	found := q.matching(parts, at)
	rows := []any{}
	for _, j := range found[:min(len(found), q.most)] {
		rows = append(rows, q.row(j, at))
	}
	return obj{"matched_count": len(found), "jobs": rows}
}

func (q soakJobsQuery) verdict(p soakPart, at time.Time, _ bool) obj {
	return obj{"matched_count": len(q.matching([]soakPart{p}, at))}
}

// moving holds each job to some time, and the list to have all jobs that matched at all times.
func (q soakJobsQuery) moving(f soakFleet, lost losses, state obj, w window) string {
	from := earlier(f.runs.oldest(w), w.lagging)
	times := instants(f.mayBeListed(), from, w.end)
	known, always := map[string]*soakJob{}, map[*soakJob]int{}
	for _, run := range f.mayBeListed() {
		for _, a := range run.attempts {
			for _, j := range a.jobs {
				known[fmt.Sprint(j.id)] = j
			}
		}
	}
	for _, at := range times {
		for _, j := range q.matching(f.parts(lost, at, at), at) {
			always[j]++
		}
	}
	rows, _ := state["jobs"].([]any)
	for i, row := range rows {
		id := fmt.Sprint(row.(obj)["id"])
		j := known[id]
		if j == nil {
			return fmt.Sprintf("state.jobs[%d] is unknown or there twice", i)
		}
		delete(known, id)
		delete(always, j)
		isAsItWas := func(at time.Time) bool {
			return j.exists(at) && q.matches(j, at) && mismatch("", q.row(j, at), row) == ""
		}
		if !sometime([]*soakRun{j.run}, from, w.end, isAsItWas) {
			return fmt.Sprintf("state.jobs[%d] (job %s) is as it never was: %v", i, id, row)
		}
	}
	for j, n := range always {
		if n == len(times) && len(rows) < q.most {
			return fmt.Sprintf("state.jobs lacks job %d, which always matched", j.id)
		}
	}
	return ""
}

// Audits.

// soakRules are the rules of an audit. A nil list is not set.
type soakRules struct {
	allowed, denied, required   []string // of labels
	allowedGroups, deniedGroups []string
	any                         bool // a list is set
	exceptions                  []soakException
	today                       string
}

// soakException is an exception block. An empty field is not set.
type soakException struct{ repository, workflow, job, label, until string }

// soakViolation is what breaks a rule in a job. An empty label or pattern is null.
type soakViolation struct {
	job                    *soakJob
	reason, label, pattern string
}

func (e soakException) matches(v soakViolation) bool {
	run := v.job.run
	_, name, _ := strings.Cut(run.repo.name, "/")
	label := v.label
	if v.reason == "missing" {
		label = v.pattern
	}
	one := func(pattern string, texts ...string) bool {
		return pattern == "" || slices.ContainsFunc(texts, func(s string) bool { return s != "" && matchesPattern(pattern, s) })
	}
	return one(e.repository, name, run.repo.name) && one(e.workflow, run.workflow.name, run.workflow.file) && one(e.job, v.job.name) && one(e.label, label)
}

func (r soakRules) violations(j *soakJob, at time.Time) (found []soakViolation) {
	add := func(reason, label, pattern string) { found = append(found, soakViolation{j, reason, label, pattern}) }
	seen := map[string]bool{}
	for _, label := range j.labels {
		if seen[strings.ToLower(label)] {
			continue
		}
		seen[strings.ToLower(label)] = true
		if p, is := firstPattern(r.denied, label); is {
			add("denied", label, p)
		}
		if _, is := firstPattern(r.allowed, label); r.allowed != nil && !is {
			add("not_allowed", label, "")
		}
	}
	_, groupPasses := firstPattern(r.allowedGroups, j.group)
	if r.allowed != nil && len(j.labels) == 0 && j.ran(at) && !groupPasses {
		add("unlabeled", "", "")
	}
	askedForNone := len(j.labels) == 0 && j.isOver(at) && j.conclusion == "skipped"
	for i, p := range r.required {
		has := slices.ContainsFunc(j.labels, func(label string) bool { return matchesPattern(p, label) })
		again := slices.ContainsFunc(r.required[:i], func(q string) bool { return strings.EqualFold(p, q) })
		if !has && !again && !askedForNone {
			add("missing", "", p)
		}
	}
	if !j.ran(at) {
		return found
	}
	if p, is := firstPattern(r.deniedGroups, j.group); is {
		add("group_denied", "", p)
	}
	if r.allowedGroups != nil && !groupPasses {
		add("group_not_allowed", "", "")
	}
	return found
}

// judged are the violations in a part that count, and how often each exception matched.
func (r soakRules) judged(parts []soakPart, at time.Time) (count []soakViolation, excepted int, uses []int) {
	uses = make([]int, len(r.exceptions))
	for _, p := range parts {
		for _, j := range slices.Concat(p.jobs...) {
			for _, v := range r.violations(j, at) {
				isExcepted := false
				for i, e := range r.exceptions {
					if e.matches(v) {
						uses[i]++
						isExcepted = isExcepted || !r.isExpired(e)
					}
				}
				if isExcepted {
					excepted++
				} else {
					count = append(count, v)
				}
			}
		}
	}
	return count, excepted, uses
}

func (r soakRules) isExpired(e soakException) bool { return e.until != "" && e.until < r.today }

func (r soakRules) verdict(p soakPart, at time.Time, hasProblems bool) obj {
	count, _, _ := r.judged([]soakPart{p}, at)
	return obj{"violation_count": len(count), "compliant": len(count) == 0 && !hasProblems}
}

func (r soakRules) want(parts []soakPart, at time.Time, hasProblems bool) obj {
	count, excepted, uses := r.judged(parts, at)
	isCompliant := len(count) == 0 && !hasProblems
	ofJob := map[*soakJob]int{}
	for _, v := range count {
		ofJob[v.job]++
	}
	told := []any{}
	switch {
	case r.any && len(parts) == 0:
		told = append(told, "no repository")
	case r.any && isCompliant && !slices.ContainsFunc(parts, func(p soakPart) bool { return len(p.runs) > 0 }):
		told = append(told, "no run")
	}
	for i, e := range r.exceptions {
		switch {
		case r.isExpired(e):
			told = append(told, fmt.Sprintf("exception[%d] expired %d", i, uses[i]))
		case uses[i] == 0:
			told = append(told, fmt.Sprintf("exception[%d] unused", i))
		}
	}
	// Newest run first. Within a run, the order is that of the jobs.
	slices.SortStableFunc(count, func(a, b soakViolation) int {
		return cmp.Or(b.job.run.created.Compare(a.job.run.created), strings.Compare(a.job.run.repo.name, b.job.run.repo.name), cmp.Compare(b.job.run.id, a.job.run.id))
	})
	rows := []any{}
	for _, v := range count[:min(len(count), 1000)] {
		j := v.job
		row := j.want(at, false)
		rows = append(rows, obj{
			"repository": j.run.repo.name, "run_id": j.run.id, "run_attempt": j.attempt, "job_id": j.id, "job_name": j.name, "workflow_name": j.run.workflow.name,
			"head_branch": j.run.branch, "labels": row["labels"], "label": orNull(v.label), "reason": v.reason, "pattern": orNull(v.pattern),
			"runner_group_name": row["runner_group_name"], "html_url": row["html_url"],
		})
	}
	return obj{
		"compliant": isCompliant, "violation_count": len(count), "excepted_count": excepted, "violations": rows,
		"summary": wantSummary(count, at), "label_sets": wantSets(parts, at, ofJob), warningsTold: told,
	}
}

func wantSets(parts []soakPart, at time.Time, violations map[*soakJob]int) []any {
	groups := grouped([]string{"labels"}, parts, at, violations)
	slices.SortFunc(groups, func(a, b *soakGroup) int {
		return cmp.Or(cmp.Compare(b.jobs, a.jobs), slices.Compare(a.folded, b.folded))
	})
	rows := []any{}
	for _, g := range groups {
		slices.Sort(g.groups)
		rows = append(rows, obj{
			"labels": texts(g.spelled, itself), "job_count": g.jobs, "violation_count": g.violations,
			"queued_seconds": distribution(g.queued), "duration_seconds": distribution(g.durations),
			"total_duration_seconds": sum(g.durations), "runner_groups": texts(g.groups, itself),
		})
	}
	return rows
}

// wantSummary has a row for all violations that differ in nothing but the job.
func wantSummary(violations []soakViolation, at time.Time) []any {
	same := map[[6]string][]soakViolation{}
	for _, v := range violations {
		key := [6]string{v.job.run.repo.name, v.job.run.workflow.name, v.job.name, strings.ToUpper(v.label), v.pattern, v.reason}
		same[key] = append(same[key], v)
	}
	list := slices.Collect(maps.Values(same))
	label := func(all []soakViolation) string {
		return slices.MinFunc(all, func(a, b soakViolation) int { return strings.Compare(a.label, b.label) }).label
	}
	slices.SortFunc(list, func(a, b []soakViolation) int {
		x, y := a[0], b[0]
		return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(x.job.run.repo.name, y.job.run.repo.name),
			strings.Compare(x.job.run.workflow.name, y.job.run.workflow.name), strings.Compare(x.job.name, y.job.name),
			strings.Compare(label(a), label(b)), strings.Compare(x.pattern, y.pattern), strings.Compare(x.reason, y.reason))
	})
	rows := []any{}
	for _, all := range list {
		slices.SortFunc(all, func(a, b soakViolation) int {
			return cmp.Or(a.job.created.Compare(b.job.created), cmp.Compare(a.job.run.id, b.job.run.id), cmp.Compare(a.job.id, b.job.id))
		})
		oldest, newest := all[0].job, all[len(all)-1].job
		row := newest.want(at, false)
		rows = append(rows, obj{
			"repository": newest.run.repo.name, "workflow_name": newest.run.workflow.name, "job_name": newest.name,
			"label": orNull(label(all)), "pattern": orNull(all[0].pattern), "reason": all[0].reason, "count": len(all),
			"first_seen_at": stamp(oldest.created), "last_seen_at": stamp(newest.created),
			"html_url": row["html_url"], "runner_group_name": row["runner_group_name"],
		})
	}
	return rows[:min(len(rows), 10_000)]
}
