package provider

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// soakKind is one kind of read. A new data source is one entry in soakKinds.
type soakKind struct {
	name   string
	weight int
	draw   func(*rand.Rand, *soakWorld, time.Time) soakRead
}

// soakRead is one read with its arguments and what its answer is held to.
type soakRead struct {
	kind      string
	typeName  string
	ephemeral bool
	args      args
	limit     time.Duration // the timeout of the read
	hasLimit  bool          // it is an argument
	waits     bool
	mayLag    bool // it may show jobs that lag behind their runs

	// judge says what is wrong with a state; empty: nothing. lies is whether totals were wrong.
	judge func(state obj, w window, lies []int) string
	// explains says whether the world itself is why a read ends with this kind of error.
	explains func(kind string, w window) bool
	// withFault says the same of an error that also needs a fault.
	withFault func(kind string, w window, has func(faultClass) int) bool
}

func soakKinds() []soakKind {
	return []soakKind{
		{"job", 3, drawJobRead},
		{"run_jobs", 5, drawRunJobsRead},
		{"workflow_runs", 4, drawWorkflowRunsRead},
		{"runner_label_audit", 5, drawAuditRead},
		{"job_usage", 4, drawUsageRead},
		{"jobs", 4, drawJobsRead},
		{"job_logs", 3, drawLogRead},
		{"commit_gate", 4, drawGateRead},
	}
}

// drawRead draws a kind of read by weight, and its arguments.
func drawRead(r *rand.Rand, w *soakWorld, now time.Time) soakRead {
	kinds := soakKinds()
	total := 0
	for _, k := range kinds {
		total += k.weight
	}
	n := r.IntN(total)
	for _, k := range kinds {
		if n -= k.weight; n < 0 {
			read := k.draw(r, w, now)
			read.kind = k.name
			return read
		}
	}
	panic("unreachable")
}

// base draws what all reads have: the repository and the timeout. The repository is nil if it does not
// exist.
func (read *soakRead) base(r *rand.Rand, w *soakWorld, argument string, byDefault time.Duration) *soakRepo {
	repo := oneOfThese(r, w.repos...)
	read.args = args{"repository": repo.name}
	switch r.IntN(12) {
	case 0, 1, 2:
		_, read.args["repository"], _ = strings.Cut(repo.name, "/")
	case 3:
		_, read.args["repository"], _ = strings.Cut(repo.name, "/")
		read.args["owner"] = "acme"
	case 4:
		if r.IntN(3) == 0 {
			read.args["repository"] = "acme/ghost"
			repo = nil
		}
	}
	read.limit = byDefault
	if r.IntN(6) == 0 {
		text := oneOfThese(r, "5s", "30s", "5m", "90m")
		read.limit, _ = time.ParseDuration(text)
		read.hasLimit = true
		read.args["timeouts"] = args{argument: text}
	}
	return repo
}

// drawWait draws whether to wait, which is of interest for what is not over.
func (read *soakRead) drawWait(r *rand.Rand, isOver bool) {
	if r.IntN(4) == 0 || !isOver && r.IntN(2) == 0 {
		read.args["wait_for_completion"], read.waits = true, true
		if !read.hasLimit {
			read.limit = time.Hour
		}
	}
}

func maybe(r *rand.Rand, a args, name string, values ...any) any {
	if r.IntN(3) > 0 {
		return nil
	}
	v := oneOfThese(r, values...)
	a[name] = v
	return v
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

// sometime reports whether something holds at a time of a window at which one of the runs changes.
func sometime(runs []*soakRun, from, to time.Time, holds func(time.Time) bool) bool {
	return slices.ContainsFunc(instants(runs, from, to), holds)
}

// unjudged is what is wrong with an answer whose world moved too often while it was read. Soaks count it,
// and nothing more.
const unjudged = "unjudged"

// withinBounds is what is wrong with figures about runs that changed while they were read, if they are
// between the least and the most that is possible. Soaks count these too.
const withinBounds = "judged by bounds"

// fits holds a state to what is wanted at each time of a window, and to each pair of times, since a read
// asks for the run and its jobs apart.
func fits(state obj, runs []*soakRun, w window, from time.Time, want func(first, second time.Time) obj) (reason string) {
	firsts, seconds := instants(runs, from, w.end), instants(runs, w.lagging, w.end)
	if len(firsts)*len(seconds) > 1000 {
		return unjudged
	}
	for _, second := range slices.Backward(seconds) {
		for _, first := range slices.Backward(firsts) {
			wanted := want(first, second)
			if wanted == nil {
				continue
			}
			m := mismatch("state", wanted, state)
			if m == "" {
				return ""
			}
			if reason == "" {
				reason = m
			}
		}
	}
	if reason == "" {
		reason = "the read succeeded, although what it asks for does not exist"
	}
	return reason
}

// anyRun draws a run, or the ID of one that does not exist.
func anyRun(r *rand.Rand, repo *soakRepo, now time.Time) (*soakRun, int64) {
	if repo == nil || r.IntN(25) == 0 {
		return nil, ghostID
	}
	run := oneOfThese(r, repo.runs...)
	if changing := repo.changing(now); len(changing) > 0 && r.IntN(4) > 0 {
		run = oneOfThese(r, changing...)
	}
	return run, run.id
}

// changing are the runs that change about now. They tell more than those of last week.
func (repo *soakRepo) changing(now time.Time) []*soakRun {
	return slices.DeleteFunc(slices.Clone(repo.runs), func(run *soakRun) bool { return !run.isChanging(now) })
}

func anyJob(r *rand.Rand, repo *soakRepo, now time.Time) (*soakJob, int64) {
	run, _ := anyRun(r, repo, now)
	if run == nil {
		return nil, ghostID
	}
	j := oneOfThese(r, oneOfThese(r, run.attempts...).jobs...)
	return j, j.id
}

// Jobs.

func drawJobRead(r *rand.Rand, w *soakWorld, now time.Time) soakRead {
	read := soakRead{typeName: "github_actions_job"}
	repo := read.base(r, w, "read", 10*time.Minute)
	j, id := anyJob(r, repo, now)
	read.args["job_id"] = id
	read.drawWait(r, j == nil || j.isOver(now))
	if j == nil {
		read.judge = mustFail
		read.explains = func(kind string, _ window) bool { return kind == "not found" }
		return read
	}
	runs := []*soakRun{j.run}
	read.judge = func(state obj, w window, _ []int) string {
		reason := fits(state, runs, w, w.begin, func(at, _ time.Time) obj {
			if !j.exists(at) || read.waits && !j.isOver(at) {
				return nil
			}
			return j.want(at, true)
		})
		return reason
	}
	read.explains = func(kind string, w window) bool {
		return kind == "not found" && sometime(runs, w.begin, w.end, func(at time.Time) bool { return !j.exists(at) }) ||
			kind == "out of time" && read.waits && !j.isOver(w.end.Add(-lastLook))
	}
	return read
}

// lastLook is how long before its time is over a wait may look for the last time. It looks twice at what is
// completed, so it may miss an end that comes later.
const lastLook = 30 * time.Second

func mustFail(obj, window, []int) string {
	return "the read succeeded, although what it asks for does not exist"
}

func drawRunJobsRead(r *rand.Rand, w *soakWorld, now time.Time) soakRead {
	read := soakRead{typeName: "github_actions_run_jobs"}
	repo := read.base(r, w, "read", 10*time.Minute)
	run, id := anyRun(r, repo, now)
	read.args["run_id"] = id
	filter, attempt := "", int64(0)
	if r.IntN(4) == 0 {
		attempt = oneOfThese[int64](r, 1, 1, 2, 3, 9)
		read.args["attempt_number"] = attempt
	} else {
		filter = textOf(maybe(r, read.args, "filter", "latest", "all", "final", "final"))
	}
	steps := maybe(r, read.args, "include_steps", true, false) != false
	read.drawWait(r, run == nil || !run.isChanging(now))
	if run == nil {
		read.judge = mustFail
		read.explains = func(kind string, _ window) bool { return kind == "not found" }
		return read
	}
	runs := []*soakRun{run}
	isMissing := func(at time.Time) bool { return run.wantRunJobs(filter, attempt, false, at, at) == nil }
	read.judge = func(state obj, w window, _ []int) string {
		reason := fits(state, runs, w, w.begin, func(runAt, jobsAt time.Time) obj {
			wanted := run.wantRunJobs(filter, attempt, steps, runAt, jobsAt)
			if wanted == nil || read.waits && (wanted["completed"] != true || jobsAt.Before(runAt)) {
				return nil
			}
			return wanted
		})
		return reason
	}
	read.explains = func(kind string, w window) bool {
		isOpen := func(at time.Time) bool { return run.wantRunJobs(filter, attempt, false, at, at)["completed"] != true }
		return kind == "not found" && sometime(runs, w.begin, w.end, isMissing) || kind == "out of time" && read.waits && sometime(runs, w.end.Add(-lastLook), w.end, isOpen)
	}
	return read
}

// Runs.

// drawFilter draws the filters of a list of runs.
func (read *soakRead) drawFilter(r *rand.Rand, repo *soakRepo, most string, now time.Time) (f runsFilter, ghost bool) {
	a := read.args
	if r.IntN(20) == 0 {
		a["workflow"], ghost = "ghost.yml", true
	} else if repo != nil && r.IntN(3) == 0 {
		workflow := oneOfThese(r, repo.workflows...)
		a["workflow"] = oneOfThese(r, workflow.file, strconv.FormatInt(workflow.id, 10))
	}
	f.workflow = textOf(a["workflow"])
	f.branch = textOf(maybe(r, a, "branch", "main", "release", "fix/a b", "gone"))
	f.event = textOf(maybe(r, a, "event", "push", "pull_request", "schedule"))
	if r.IntN(3) == 0 {
		f.status = textOf(maybe(r, a, "status", "completed", "success", "failure", "in_progress"))
		f.actor = textOf(maybe(r, a, "actor", "ada", "Bob"))
	}
	if r.IntN(6) == 0 && repo != nil {
		f.sha = oneOfThese(r, repo.shas...)
		a["head_sha"] = f.sha
	}
	if r.IntN(5) == 0 {
		day := now.Add(-time.Duration(r.IntN(20*24)) * time.Hour).UTC().Truncate(24 * time.Hour)
		switch text := day.Format(time.DateOnly); r.IntN(4) {
		case 0:
			a["created"], f.from, f.to = text, day, day.AddDate(0, 0, 1)
		case 1:
			a["created"], f.from = ">="+text, day
		case 2:
			a["created"], f.to = "<"+text, day
		default:
			a["created"], f.from, f.to = text+".."+day.AddDate(0, 0, 5).Format(time.DateOnly), day, day.AddDate(0, 0, 6)
		}
	}
	f.most = 100
	if n := maybe(r, a, most, 1, 7, 30, 150, 1000); n != nil {
		f.most, _ = n.(int)
	}
	return f, ghost
}

// listErrors are what a list of runs ends with for reasons of the world. A workflow without a run at the
// time is known to the stand-in all the same.
func listErrors(repo *soakRepo, ghost bool) func(string, window) bool {
	return func(kind string, _ window) bool { return kind == "not found" && (repo == nil || ghost) }
}

func drawWorkflowRunsRead(r *rand.Rand, w *soakWorld, now time.Time) soakRead {
	read := soakRead{typeName: "github_actions_workflow_runs"}
	repo := read.base(r, w, "read", 10*time.Minute)
	f, ghost := read.drawFilter(r, repo, "max_results", now)
	read.explains = listErrors(repo, ghost)
	if repo == nil || ghost {
		read.judge = mustFail
		return read
	}
	read.judge = func(state obj, w window, lies []int) string { return f.judge(repo, state, w, lies) }
	return read
}

func (f runsFilter) oldest(w window) time.Time {
	if f.isFiltered() {
		return w.stale
	}
	return w.begin
}

// judge holds a list of runs to the world at one time, or, if the world moves while the list is read, each
// run to some time.
func (f runsFilter) judge(repo *soakRepo, state obj, w window, lies []int) string {
	times := instants(repo.runs, f.oldest(w), w.end)
	reason := f.totals(repo, state, times, lies)
	if reason != "" {
		return reason
	}
	for _, at := range slices.Backward(times) {
		rows, ids := []any{}, []any{}
		for _, run := range f.shown(repo, at) {
			rows, ids = append(rows, run.want(at)), append(ids, run.id)
		}
		wanted := obj{"runs": rows, "ids": ids, "latest_id": nil}
		if len(ids) > 0 {
			wanted["latest_id"] = ids[0]
		}
		m := mismatch("state", wanted, state)
		if m == "" {
			return ""
		}
		reason = m
	}
	if len(times) == 1 {
		return reason
	}
	return f.judgeMoving(repo, state, times)
}

// totals holds total_count to the true ones, and to those that the server made up.
func (f runsFilter) totals(repo *soakRepo, state obj, times []time.Time, lies []int) string {
	for _, at := range times {
		if mismatch("", len(f.all(repo, at)), state["total_count"]) == "" {
			return ""
		}
	}
	for _, lie := range lies {
		if mismatch("", lie, state["total_count"]) == "" {
			return ""
		}
	}
	return fmt.Sprintf("total_count is %v, want %d", state["total_count"], len(f.all(repo, times[0])))
}

func (f runsFilter) judgeMoving(repo *soakRepo, state obj, times []time.Time) string {
	rows, _ := state["runs"].([]any)
	found := map[int64]bool{}
	for i, row := range rows {
		known := slices.IndexFunc(repo.runs, func(run *soakRun) bool { return mismatch("", run.id, row.(obj)["id"]) == "" })
		if known < 0 || found[repo.runs[known].id] {
			return fmt.Sprintf("state.runs[%d] is unknown or there twice", i)
		}
		run := repo.runs[known]
		found[run.id] = true
		if !slices.ContainsFunc(times, func(at time.Time) bool { return f.has(run, at) && mismatch("", run.want(at), row) == "" }) {
			return fmt.Sprintf("state.runs[%d] (run %d) is as it never was: %v", i, run.id, row)
		}
	}
	lists := map[int64]int{}
	for _, at := range times {
		for _, run := range f.shown(repo, at) {
			lists[run.id]++
		}
	}
	for id, n := range lists {
		if n == len(times) && !found[id] {
			return fmt.Sprintf("state.runs lacks run %d, which always matched", id)
		}
	}
	return ""
}

// Logs.

func drawLogRead(r *rand.Rand, w *soakWorld, now time.Time) soakRead {
	read := soakRead{typeName: "github_actions_job_logs", ephemeral: r.IntN(3) == 0}
	argument := "read"
	if read.ephemeral {
		argument = "open"
	}
	repo := read.base(r, w, argument, 10*time.Minute)
	j, id := anyJob(r, repo, now)
	for range 4 { // jobs with a log are the more interesting ones
		if j != nil && w.log[j.id] == nil {
			j, id = anyJob(r, repo, now)
		}
	}
	read.args["job_id"] = id
	tail, most := 0, 1<<20
	if n := maybe(r, read.args, "tail_lines", 1, 5, 10_000); n != nil {
		tail, _ = n.(int)
	}
	if n := maybe(r, read.args, "max_bytes", 1, 50, 777, 16<<20); n != nil {
		most, _ = n.(int)
	}
	pattern := textOf(maybe(r, read.args, "pattern", "line 1", `näh [0-9a]+$`, "nothing matches this", "^##"))
	if j == nil {
		read.judge = mustFail
		read.explains = func(kind string, _ window) bool { return kind == "not found" }
		return read
	}
	runs := []*soakRun{j.run}
	log, has := w.log[j.id]
	read.judge = func(state obj, w window, _ []int) string {
		if log == nil || !j.isOver(w.end) || !j.exists(w.end) {
			return "the read succeeded, although there is no log"
		}
		return mismatch("state", log.want(tail, most, pattern), state)
	}
	read.explains = func(kind string, w window) bool {
		isOver := j.isOver(w.begin)
		switch kind {
		case "not found":
			return sometime(runs, w.begin, w.end, func(at time.Time) bool { return !j.exists(at) })
		case "job unfinished":
			return !isOver
		case "job never ran":
			return j.noRunner
		case "log expired":
			return log == nil && !j.noRunner && (has || mayBeExpired(j, w))
		case "log missing":
			return !has && !j.noRunner && mayBeMissing(j, w)
		case "log not stored":
			return !has && j.conclusion == "cancelled" && !j.noRunner
		}
		return false
	}
	read.withFault = func(kind string, w window, count func(faultClass) int) bool {
		// A new link cures one fault of the storage. Any other fault may have used it up.
		isSpent := count(faultStorage) > 1 || count(faultStorage) == 1 && count(faultServer)+count(faultReset)+count(faultTruncated) > 0
		faults := count(faultServer) + count(faultReset) + count(faultTruncated) + count(faultGarbage) + count(faultPrimary) + count(faultSecondary)
		switch kind {
		case "not found": // the job that would explain it could not be read
			return (!has || !j.isOver(w.begin)) && faults > 0
		case "gone":
			return has && log == nil && faults > 0
		case "log not stored": // a fault of the log is explained by its job
			return j.conclusion == "cancelled" && (count(faultServer) > 0 || isSpent)
		case "log expired":
			return isSpent && mayBeExpired(j, w)
		case "log missing":
			return isSpent && mayBeMissing(j, w)
		}
		return false
	}
	return read
}

// mayBeExpired and mayBeMissing are what a 404 in place of a log means, by the age of the job. A cancelled
// one may never have had a log.
func mayBeExpired(j *soakJob, w window) bool {
	if j.conclusion == "cancelled" {
		return w.end.Sub(j.completed) > 90*24*time.Hour
	}
	return w.end.Sub(j.completed) > 24*time.Hour
}

func mayBeMissing(j *soakJob, w window) bool {
	return j.conclusion != "cancelled" && w.begin.Sub(j.completed) <= 24*time.Hour
}

// Gates.

func drawGateRead(r *rand.Rand, w *soakWorld, now time.Time) soakRead {
	read := soakRead{typeName: "github_actions_commit_gate"}
	repo := read.base(r, w, "read", 10*time.Minute)
	known := repo
	if known == nil {
		known = w.repos[0]
	}
	g := soakGate{repo: known, sha: oneOfThese(r, known.shas...), event: "push"}
	ghost := false
	first := oneOfThese(r, known.workflows...)
	isPlain := false // nothing but the commit and one workflow
	recent := known.changing(now)
	if len(recent) == 0 || r.IntN(4) == 0 {
		recent = known.runs
	}
	// A commit whose verdict has just changed tells most, above all one that a gate must not let pass any more.
	for _, was := range []bool{true, false} {
		flipped := slices.DeleteFunc(known.changing(now), func(run *soakRun) bool { return !run.flipped(now, was) })
		if len(flipped) > 0 && !isPlain {
			recent, isPlain = flipped, r.IntN(4) > 0
		}
	}
	if isPlain || r.IntN(6) > 0 {
		run := oneOfThese(r, recent...)
		g.sha, first = run.sha, run.workflow
		if isPlain || run.event != "push" || r.IntN(2) == 0 {
			g.event, read.args["event"] = run.event, run.event
		}
	}
	for n := range 1 + r.IntN(2) {
		workflow := oneOfThese(r, known.workflows...)
		if n == 0 {
			workflow = first
		} else if isPlain {
			break
		}
		name := oneOfThese(r, workflow.file, workflow.file, strconv.FormatInt(workflow.id, 10))
		if r.IntN(30) == 0 {
			name, ghost = "ghost.yml", true
		}
		if !slices.Contains(g.workflows, name) {
			g.workflows = append(g.workflows, name)
		}
	}
	read.args["workflows"], read.args["head_sha"] = g.workflows, strings.ToUpper(g.sha)
	if read.args["event"] == nil {
		if event := maybe(r, read.args, "event", "push", "pull_request", "", "schedule"); event != nil {
			g.event = textOf(event)
		}
	}
	if !isPlain {
		g.branch = textOf(maybe(r, read.args, "branch", "main", "release", "fix/a b"))
	}
	if !isPlain && r.IntN(3) == 0 {
		g.required = oneOfThese(r, []string{"LINT*"}, []string{"build*", "test*"}, []string{"*"})
		read.args["required_jobs"] = g.required
	}
	if !isPlain && r.IntN(2) == 0 {
		g.mayFail = oneOfThese(r, []string{"e2e*"}, []string{"test (?)", "deploy*"}, []string{"*"})
		read.args["may_fail_jobs"] = g.mayFail
	}
	must := maybe(r, read.args, "must_succeed", true, false) == true
	read.drawWait(r, g.want(now)["completed"] == true)
	waitsForRun := false
	if r.IntN(4) == 0 && (!read.hasLimit || read.limit > 4*time.Minute) {
		read.args["wait_for_run"], waitsForRun = oneOfThese(r, "20s", "3m"), true
		if !read.hasLimit {
			read.limit = time.Hour
		}
	}
	read.judge = func(state obj, win window, _ []int) string {
		if repo == nil || ghost && !waitsForRun {
			return mustFail(nil, win, nil)
		}
		return g.judge(state, win, must)
	}
	read.explains = func(kind string, win window) bool {
		shut := func(at time.Time) bool { return g.want(at)["succeeded"] != true }
		unfinished := func(at time.Time) bool { return g.want(at)["completed"] != true }
		switch kind {
		case "not found":
			return repo == nil || ghost
		case "gate shut":
			return must && sometime(known.runs, win.stale, win.end, shut)
		case "out of time":
			return read.waits && sometime(known.runs, win.end.Add(-lastLook), win.end, unfinished)
		}
		return false
	}
	return read
}

// flipped reports whether the verdict on the commit of a run was this some minutes ago, and is the other now.
func (run *soakRun) flipped(now time.Time, was bool) bool {
	g := soakGate{repo: run.repo, sha: run.sha, event: run.event, workflows: []string{run.workflow.file}}
	return g.want(now)["succeeded"] != was && g.want(now.Add(-5 * time.Minute))["succeeded"] == was
}

// judge holds a verdict to the world at one time. A gate must not open but at a time within the read,
// however old the list is that it came from.
func (g soakGate) judge(state obj, w window, must bool) string {
	times := append(instants(g.repo.runs, w.stale, w.begin), instants(g.repo.runs, w.begin, w.end)...)
	first := ""
	for _, at := range slices.Backward(times) {
		wanted := g.want(at)
		if at.Before(w.begin) && wanted["succeeded"] == true {
			continue
		}
		m := mismatch("state", wanted, state)
		if m == "" {
			if must && state["succeeded"] != true {
				return "must_succeed let a gate pass that is shut"
			}
			return ""
		}
		if first == "" {
			first = m
		}
	}
	now := instants(g.repo.runs, w.begin, w.end)
	isOpen := slices.ContainsFunc(now, func(at time.Time) bool { return g.want(at)["succeeded"] == true })
	if state["succeeded"] == true && !isOpen {
		return "the gate is open, although it never was: " + first
	}
	if len(times) == 2 || state["succeeded"] == true {
		return first
	}
	// It moved while it was read: only that it is shut is certain.
	return ""
}
