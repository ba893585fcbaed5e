package provider

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The reads about the jobs of many runs: the audit, the figures and the jobs themselves. All have the
// same selection, of one repository or of many.

// soakFleet is what such a read selects.
type soakFleet struct {
	targets   []soakTarget // by name, without regard to case
	unmatched []int        // patterns that match no repository
	excluded  []int        // names that are excluded
	runs      runsFilter
	attempts  string // the argument filter
	within    time.Duration
	fails     []string // the kinds of error that the world itself leads to; empty: the read may succeed
}

// soakTarget is a repository that is named in full, or that a pattern matches.
type soakTarget struct {
	repo  *soakRepo
	named bool
}

// soakQuestion is what a read asks of the jobs.
type soakQuestion struct {
	want    func(parts []soakPart, at time.Time, hasProblems bool) obj // the answer
	verdict func(part soakPart, at time.Time, hasProblems bool) obj    // on one repository
	counts  []string                                                   // numbers in the answer that grow with the runs
	quiet   bool                                                       // no warning of runs without jobs
	// moving says what is wrong with an answer about runs that changed meanwhile. It may be nil.
	moving func(f soakFleet, lost losses, state obj, w window) string
}

// drawFleet draws a selection.
func (read *soakRead) drawFleet(r *rand.Rand, w *soakWorld, now time.Time) (f soakFleet) {
	read.mayLag = true
	isFleet := r.IntN(2) == 0
	limit := 10 * time.Minute
	if isFleet {
		limit = time.Hour
	}
	repo := read.base(r, w, "read", limit)
	ghost := false
	f.runs, ghost = read.drawFilter(r, repo, "max_runs", now)
	f.attempts = textOf(maybe(r, read.args, "filter", "latest", "all", "all", "final"))
	if read.args["created"] == nil && r.IntN(6) == 0 {
		days := 1 + r.IntN(15)
		read.args["created_within"], f.within = fmt.Sprintf("%dd", days), time.Duration(days)*24*time.Hour
		if r.IntN(2) == 0 {
			read.args["created_within"] = fmt.Sprintf("%dh", 24*days)
		}
	}
	switch {
	case isFleet:
		delete(read.args, "repository")
		f.drawEntries(r, w, read.args)
	case repo == nil || ghost:
		f.fails = []string{"not found"}
	default:
		f.targets = []soakTarget{{repo, true}}
	}
	read.explains = func(kind string, _ window) bool {
		return slices.Contains(f.fails, kind) || kind == "no workflow" && f.hasNoWorkflow(losses{})
	}
	return f
}

// drawEntries draws repositories and exclude_repositories, and finds out what they select.
func (f *soakFleet) drawEntries(r *rand.Rand, w *soakWorld, a args) {
	var entries, excluded []string
	for range 1 + r.IntN(3) {
		entry := oneOfThese(r, "app", "acme/infra", "acme/Web", "*", "acme/*", "*", "A*", "w?b", "acme/in*", "?????*", "x*")
		switch r.IntN(25) {
		case 0:
			entry = oneOfThese(r, "ghost", "acme/secret")
		case 1, 2:
			entry = oneOfThese(r, w.all()...).name
		}
		if !slices.Contains(entries, entry) {
			entries = append(entries, entry)
		}
	}
	a["repositories"] = entries
	if r.IntN(3) == 0 {
		excluded = oneOfThese(r, []string{"infra"}, []string{"acme/s*", "bob/*"}, []string{"*P*", "secret"}, []string{"ghost", "secret", "old"})
		a["exclude_repositories"] = excluded
	}
	excludes := func(name string) bool {
		return slices.ContainsFunc(excluded, func(entry string) bool { return !strings.HasPrefix(entry, "bob/") && matchesEntry(entry, name) })
	}
	add := func(repo *soakRepo, named bool) {
		known := slices.IndexFunc(f.targets, func(t soakTarget) bool { return t.repo == repo })
		if known < 0 {
			f.targets = append(f.targets, soakTarget{repo, named})
		} else if named {
			f.targets[known].named = true
		}
	}
	for i, entry := range entries {
		if isPattern := strings.ContainsAny(entry, "*?"); isPattern {
			matched := false
			for _, repo := range w.all() {
				if !isOneOf(repo.state, "archived", "disabled") && matchesEntry(entry, repo.name) && !excludes(repo.name) {
					add(repo, false)
					matched = true
				}
			}
			if !matched {
				f.unmatched = append(f.unmatched, i)
			}
			continue
		}
		at := slices.IndexFunc(w.all(), func(repo *soakRepo) bool { return matchesEntry(entry, repo.name) })
		switch {
		case excludes("acme/" + strings.TrimPrefix(entry, "acme/")):
			f.excluded = append(f.excluded, i)
		case at < 0:
			f.fails = append(f.fails, "not found")
		default:
			add(w.all()[at], true)
		}
	}
	slices.SortFunc(f.targets, func(a, b soakTarget) int {
		return strings.Compare(strings.ToLower(a.repo.name), strings.ToLower(b.repo.name))
	})
	for _, t := range f.targets {
		switch isRefused := t.repo.state == "refused"; {
		case isRefused && t.named:
			f.fails = append(f.fails, "forbidden")
		case !isRefused && t.named && f.lacksWorkflow(t):
			f.fails = append(f.fails, "not found")
		}
	}
}

// hasNoWorkflow reports whether all repositories can be read, and lack the workflow.
func (f soakFleet) hasNoWorkflow(lost losses) bool {
	return len(f.targets) > 0 && !slices.ContainsFunc(f.targets, func(t soakTarget) bool {
		return lost.repos[t.repo.name] || t.repo.state == "refused" || !f.lacksWorkflow(t)
	})
}

// matchesEntry compares an entry of a selection with owner/name.
func matchesEntry(entry, name string) bool {
	return matchesPattern("acme/"+strings.TrimPrefix(entry, "acme/"), name)
}

func (f soakFleet) lacksWorkflow(t soakTarget) bool {
	return f.runs.workflow != "" && !slices.ContainsFunc(t.repo.workflows, func(workflow soakWorkflow) bool {
		return f.runs.workflow == workflow.file || f.runs.workflow == fmt.Sprint(workflow.id)
	})
}

// judgedBy holds the answers of a read to a question about the selection. The question may depend on when
// the read began.
func (read *soakRead) judgedBy(f soakFleet, question func(begin time.Time) soakQuestion) {
	read.judge = func(state obj, w window, lies []int) string {
		q := question(w.begin)
		if len(f.fails) > 0 {
			return mustFail(state, w, lies)
		}
		if f.within > 0 {
			f.runs.from = w.begin.Add(-f.within).Truncate(time.Hour)
			if !w.end.Add(-f.within).Truncate(time.Hour).Equal(f.runs.from) {
				return unjudged
			}
		}
		lost, reason := f.lostIn(state, w)
		switch {
		case reason != "":
			return reason
		case f.hasNoWorkflow(lost):
			return "the read succeeded, although no repository has the workflow"
		}
		runs, oldest := f.mayBeListed(), f.runs.oldest(w)
		reason = fits(state, runs, w, oldest, func(runsAt, jobsAt time.Time) obj {
			return f.want(q, lost, len(lies) > 0 || state[countsMore] == true, runsAt, jobsAt)
		})
		times := instants(runs, earlier(oldest, w.lagging), w.end)
		switch {
		case reason == "" || len(times) == 1:
			return reason
		case q.moving != nil && len(times) <= 50:
			if reason := q.moving(f, lost, state, w); reason != "" {
				return reason
			}
		}
		return f.withinBounds(q, lost, state, times)
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// mayBeListed are the runs that the filters can match at any time.
func (f soakFleet) mayBeListed() []*soakRun {
	var runs []*soakRun
	filter := f.runs
	filter.status = ""
	for _, t := range f.targets {
		for _, run := range t.repo.runs {
			if filter.has(run, run.created) {
				runs = append(runs, run)
			}
		}
	}
	return runs
}

// losses are what a read could not read.
type losses struct {
	repos    map[string]bool // with their list of runs
	runs     map[int64]bool
	problems map[string]bool // repositories with a problem of either kind
}

// lose adds a run, or without one a repository.
func (l losses) lose(name string, run int64) {
	if l.problems[name] = true; run != 0 {
		l.runs[run] = true
	} else {
		l.repos[name] = true
	}
}

// lostIn reads problems. A refused repository must be there. For anything else there must be a fault.
func (f soakFleet) lostIn(state obj, w window) (losses, string) {
	lost := losses{map[string]bool{}, map[int64]bool{}, map[string]bool{}}
	refused := map[string]bool{}
	for _, t := range f.targets {
		refused[t.repo.name] = t.repo.state == "refused"
	}
	problems, _ := state["problems"].([]any)
	for _, row := range problems {
		problem, _ := row.(obj)
		name := textOf(problem["repository"])
		isRefused, isTarget := refused[name]
		id, _ := strconv.ParseInt(fmt.Sprint(problem["run_id"]), 10, 64)
		switch {
		case !isTarget:
			return lost, fmt.Sprintf("problems names %s, which is not selected", name)
		case problem["reason"] == "unreadable" && w.stale.Before(w.begin): // pages of different ages
			lost.lose(name, id)
		case w.faults == 0 && (!isRefused || id != 0 || problem["reason"] != "forbidden"):
			return lost, fmt.Sprintf("a problem without a cause: %v", problem)
		default:
			lost.lose(name, id)
		}
	}
	for _, t := range f.targets {
		if refused[t.repo.name] && !lost.repos[t.repo.name] {
			return lost, fmt.Sprintf("problems lacks %s, which cannot be read", t.repo.name)
		}
	}
	return lost, ""
}

// withinBounds holds the numbers of an answer about runs that moved meanwhile to the least and the most
// that there was.
func (f soakFleet) withinBounds(q soakQuestion, lost losses, state obj, times []time.Time) string {
	least, most := map[string]int{}, map[string]int{}
	names := append([]string{"run_count", "job_count"}, q.counts...)
	for i, at := range times {
		if len(times) > 20 && i%(len(times)/10) != 0 && i != len(times)-1 {
			continue
		}
		wanted := f.want(q, lost, true, at, at)
		for _, name := range names {
			n, _ := wanted[name].(int)
			if i == 0 {
				least[name], most[name] = n, n
			}
			least[name], most[name] = min(least[name], n), max(most[name], n)
		}
	}
	for _, name := range names {
		got, _ := strconv.Atoi(fmt.Sprint(state[name]))
		slack := 12 + most[name]/10 // a run that enters or leaves the list in between
		if name == "run_count" {
			slack = 2 * len(f.targets)
		}
		if got < least[name]-slack || got > most[name]+slack {
			return fmt.Sprintf("%s is %d, which is not within %d and %d", name, got, least[name], most[name])
		}
	}
	return withinBounds
}

// Audits.

func drawAuditRead(r *rand.Rand, w *soakWorld, now time.Time) soakRead {
	read := soakRead{typeName: "github_actions_runner_label_audit"}
	f := read.drawFleet(r, w, now)
	var rules soakRules
	list := func(name string, lists ...[]string) []string {
		if r.IntN(2) == 0 {
			return nil
		}
		patterns := oneOfThese(r, lists...)
		read.args[name], rules.any = patterns, true
		return patterns
	}
	rules.allowed = list("allowed_labels", []string{"ubuntu-*", "self-hosted", "linux"}, []string{"*"}, []string{})
	rules.denied = list("denied_labels", []string{"windows-*"}, []string{"GPU=*", "self-?osted"}, []string{"*20*", "*-*"})
	rules.required = list("required_labels", []string{"linux"}, []string{"ubuntu*", "UBUNTU*", "*x*"})
	if r.IntN(2) == 0 {
		rules.allowedGroups = list("allowed_runner_groups", []string{"github*"}, []string{"BUILDERS", "gpu"}, []string{})
		rules.deniedGroups = list("denied_runner_groups", []string{"gpu"}, []string{"nobody", "B*"})
	}
	if r.IntN(2) == 0 {
		rules.exceptions = drawExceptions(r, now)
		var blocks []args
		for _, e := range rules.exceptions {
			block := args{}
			for name, value := range map[string]string{"repository": e.repository, "workflow": e.workflow, "job": e.job, "label": e.label, "until": e.until} {
				if value != "" {
					block[name] = value
				}
			}
			blocks = append(blocks, block)
		}
		read.args["exception"] = blocks
	}
	read.judgedBy(f, func(begin time.Time) soakQuestion {
		rules.today = begin.UTC().Format(time.DateOnly)
		return soakQuestion{want: rules.want, verdict: rules.verdict, counts: []string{"violation_count", "excepted_count"}, quiet: !rules.any}
	})
	return read
}

func drawExceptions(r *rand.Rand, now time.Time) (all []soakException) {
	for range 1 + r.IntN(3) {
		var e soakException
		for e.repository+e.workflow+e.job+e.label == "" {
			draw := func(into *string, values ...string) {
				if r.IntN(3) == 0 {
					*into = oneOfThese(r, values...)
				}
			}
			draw(&e.repository, "app", "acme/*", "W*", "in?ra")
			draw(&e.workflow, "ci.yml", "C*", "*i*", "nightly")
			draw(&e.job, "lint*", "*", "test (?)", "no such job")
			draw(&e.label, "*", "windows-*", "GPU=*", "linux", "ubuntu*")
		}
		if r.IntN(2) == 0 {
			e.until = now.UTC().AddDate(0, 0, oneOfThese(r, -1, -1, 0, 0, 30)).Format(time.DateOnly)
		}
		all = append(all, e)
	}
	return all
}

// Figures.

func drawUsageRead(r *rand.Rand, w *soakWorld, now time.Time) soakRead {
	read := soakRead{typeName: "github_actions_job_usage"}
	f := read.drawFleet(r, w, now)
	var keys []string
	for range r.IntN(4) {
		if key := oneOfThese(r, usageKeys()...); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if keys != nil {
		read.args["group_by"] = keys
	}
	read.judgedBy(f, func(time.Time) soakQuestion {
		return soakQuestion{
			want:    func(parts []soakPart, at time.Time, _ bool) obj { return wantUsage(keys, parts, at) },
			verdict: wantUsageOfRepository,
		}
	})
	return read
}

// Jobs.

func drawJobsRead(r *rand.Rand, w *soakWorld, now time.Time) soakRead {
	read := soakRead{typeName: "github_actions_jobs"}
	f := read.drawFleet(r, w, now)
	q := soakJobsQuery{most: 100}
	a := read.args
	text := func(name string, values ...any) string { return textOf(maybe(r, a, name, values...)) }
	q.name = text("name", "lint*", "*(1?)", "test", "DEPLOY*", "*")
	if r.IntN(3) == 0 {
		q.labels = oneOfThese(r, []string{"linux"}, []string{"*-24.04"}, []string{"SELF-*", "gpu=*"}, []string{"*"})
		a["labels"] = q.labels
	}
	if r.IntN(3) == 0 {
		q.runner = text("runner", "runner-?", "GitHub*", "*7")
		q.group = text("runner_group", "gpu", "*s", "github actions")
	}
	q.conclusion = text("job_conclusion", "success", "failure", "skipped", "timed_out")
	q.status = text("job_status", "completed", "completed", "in_progress", "queued")
	if r.IntN(3) == 0 {
		q.failedStep = text("failed_step", "step *", "STEP 1", "step 9")
	}
	q.withSteps = maybe(r, a, "include_steps", true, true, false) == true
	if n := maybe(r, a, "max_results", 1, 5, 1000, 10_000); n != nil {
		q.most, _ = n.(int)
	}
	read.judgedBy(f, func(time.Time) soakQuestion {
		return soakQuestion{want: q.want, verdict: q.verdict, counts: []string{"matched_count"}, moving: q.moving}
	})
	return read
}
