package provider

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// The world of a soak is kept twice: here, as plain values over time, and in the stand-in, which
// publish keeps up to date. The oracle reads the plain values.

// never is the time of what does not happen in a soak.
const never = 1000 * time.Hour

type soakWorld struct {
	repos  []*soakRepo        // that all reads use
	others []*soakRepo        // that only reads of many repositories can meet
	log    map[int64]*soakLog // by job
}

type soakRepo struct {
	name      string // owner/name
	state     string // archived, disabled, or refused: the token may not read its Actions
	workflows []soakWorkflow
	runs      []*soakRun
	shas      []string
}

type soakWorkflow struct {
	id         int64
	name, file string
}

type soakRun struct {
	repo                      *soakRepo
	workflow                  soakWorkflow
	id                        int64
	event, branch, sha, actor string
	head                      string // the head repository; empty: the API sends null
	created                   time.Time
	attempts                  []*soakAttempt
	isOwn                     bool // the commit comes from the repository itself
	isGreen                   bool // every job succeeds
}

type soakAttempt struct {
	number       int64
	begins, ends time.Time
	conclusion   string
	jobs         []*soakJob
}

type soakJob struct {
	run                         *soakRun
	id, attempt                 int64
	name                        string
	labels                      []string
	group                       string // of the runner
	hosted                      bool
	created, started, completed time.Time
	conclusion                  string
	noRunner, carried           bool
	steps                       int
}

// drawWorld makes a world that has a past before now, and a future.
func drawWorld(r *rand.Rand, now time.Time) *soakWorld {
	w := &soakWorld{log: map[int64]*soakLog{}}
	moving := r.IntN(3) > 0
	for i, name := range []string{"acme/app", "acme/infra", "acme/Web", "acme/empty", "acme/old", "acme/off", "acme/secret"} {
		repo := &soakRepo{name: name, state: []string{"", "", "", "", "archived", "disabled", "refused"}[i]}
		for n := range 2 + r.IntN(3) {
			file := []string{"ci", "release", "nightly", "lint"}[n]
			repo.workflows = append(repo.workflows, soakWorkflow{int64(100*(i+1) + n), strings.ToUpper(file[:1]) + file[1:], file + ".yml"})
		}
		for n := range 12 {
			repo.shas = append(repo.shas, fmt.Sprintf("%040x", 0xabc000+16*i+n))
		}
		count := 3 + r.IntN(25)
		switch {
		case name == "acme/empty":
			count = 0
		case repo.state != "" || name == "acme/Web":
			count = 1 + r.IntN(6)
		case r.IntN(8) == 0:
			count = 101 + r.IntN(120) // more than a page
		}
		for n := range count {
			repo.runs = append(repo.runs, w.drawRun(r, repo, int64(10_000*(i+1)+n), now, moving && r.IntN(4) == 0))
		}
		for n := range 5 + r.IntN(15) {
			if moving && count > 0 && repo.state == "" {
				repo.runs = append(repo.runs, w.drawRun(r, repo, int64(10_000*(i+1)+count+n), now, true))
			}
		}
		switch {
		case count > 0 && repo.state == "":
			w.repos = append(w.repos, repo)
		case r.IntN(2) == 0:
			w.others = append(w.others, repo)
		}
	}
	return w
}

// all are all repositories, sorted by name without regard to case.
func (w *soakWorld) all() []*soakRepo {
	repos := slices.Concat(w.repos, w.others)
	slices.SortFunc(repos, func(a, b *soakRepo) int { return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
	return repos
}

func oneOfThese[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

func (w *soakWorld) drawRun(r *rand.Rand, repo *soakRepo, id int64, now time.Time, isMoving bool) *soakRun {
	run := &soakRun{
		repo: repo, workflow: oneOfThese(r, repo.workflows...), id: id, event: oneOfThese(r, "push", "push", "push", "pull_request", "schedule"),
		branch: oneOfThese(r, "main", "main", "release", "fix/a b"), sha: oneOfThese(r, repo.shas...), actor: oneOfThese(r, "ada", "bob", "acme-bot"),
		head: repo.name, isOwn: true,
	}
	switch {
	case run.event == "pull_request" && r.IntN(2) == 0:
		run.head, run.isOwn = "mallory/app", false
	case r.IntN(20) == 0:
		run.head, run.isOwn = "", run.event != "pull_request"
	}
	run.created = now.Add(-time.Duration(1+r.IntN(60*24*20)) * time.Minute)
	if isMoving {
		run.created = now.Add(time.Duration(r.IntN(110*60)-40*60) * time.Second)
	}
	if len(repo.runs) > 0 && (r.IntN(3) == 0 || isMoving && r.IntN(2) == 0) { // the same commit again
		earlier := oneOfThese(r, repo.runs...)
		run.workflow, run.event, run.branch, run.sha = earlier.workflow, earlier.event, earlier.branch, earlier.sha
		run.head, run.isOwn = earlier.head, earlier.isOwn
	}
	run.isGreen = r.IntN(3) == 0
	jobs := 1 + r.IntN(6)
	if isFirst := len(repo.runs) == 0; !isMoving && (r.IntN(40) == 0 || isFirst && r.IntN(2) == 0) {
		jobs = 95 + r.IntN(130) // more than a page
	}
	names := make([]string, jobs)
	for i := range names {
		names[i] = oneOfThese(r, "lint", "build", "test", "e2e", "deploy")
		if r.IntN(3) > 0 {
			names[i] += fmt.Sprintf(" (%d)", i)
		}
		if r.IntN(15) == 0 {
			names[i] = "deploy (${{ matrix.env }})"
		}
	}
	begins, attempts := run.created, oneOfThese(r, 1, 1, 1, 2, 3)
	for n := range attempts {
		if n > 0 && jobs > 6 {
			break
		}
		attempt := w.drawAttempt(r, run, int64(n+1), begins, names)
		run.attempts = append(run.attempts, attempt)
		begins = attempt.ends.Add(time.Duration(1+r.IntN(20)) * time.Minute)
		if isMoving && r.IntN(6) == 0 {
			attempt.hang(r)
			break
		}
	}
	return run
}

// hang keeps an attempt from ending.
func (a *soakAttempt) hang(r *rand.Rand) {
	a.ends = a.begins.Add(never)
	for _, j := range a.jobs {
		if !j.carried && !j.noRunner && r.IntN(2) == 0 {
			j.completed = a.begins.Add(never)
			if r.IntN(2) == 0 {
				j.started = j.completed
			}
		}
	}
}

func (w *soakWorld) drawAttempt(r *rand.Rand, run *soakRun, n int64, begins time.Time, names []string) *soakAttempt {
	attempt := &soakAttempt{number: n, begins: begins, ends: begins.Add(time.Minute)}
	partial := n > 1 && r.IntN(3) > 0
	copies := r.IntN(2) == 0
	var last []*soakJob
	if n > 1 {
		last = run.attempts[n-2].jobs
	}
	for i, name := range names {
		id := run.id*1000 + n*300 + int64(i)
		if partial && i < len(last) && r.IntN(2) == 0 {
			if !copies {
				continue
			}
			j := *last[i]
			j.id, j.attempt, j.created = id, n, begins
			// A job without an end before the re-run is not a copy.
			if j.carried = !j.noRunner; j.carried {
				attempt.jobs = append(attempt.jobs, &j)
				continue
			}
		}
		if n > 1 && r.IntN(2) == 0 { // a matrix that is known now
			name = strings.ReplaceAll(name, "${{ matrix.env }}", fmt.Sprint("env ", i))
		}
		j := w.drawJob(r, run, id, n, name, begins)
		attempt.jobs = append(attempt.jobs, j)
		if j.completed.After(attempt.ends) {
			attempt.ends = j.completed
		}
	}
	if len(attempt.jobs) == 0 {
		attempt.jobs = append(attempt.jobs, w.drawJob(r, run, run.id*1000+n*300, n, names[0], begins))
		attempt.ends = later(attempt.ends, attempt.jobs[0].completed)
	}
	attempt.ends = attempt.ends.Add(time.Duration(max(0, r.IntN(30)-10)) * time.Second)
	failed := slices.ContainsFunc(attempt.jobs, func(j *soakJob) bool { return !isOneOf(j.conclusion, "success", "skipped") })
	attempt.conclusion = "success"
	if failed && r.IntN(6) > 0 {
		attempt.conclusion = "failure"
	}
	if r.IntN(15) == 0 {
		attempt.conclusion = "cancelled"
	}
	return attempt
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func isOneOf(s string, values ...string) bool { return slices.Contains(values, s) }

func (w *soakWorld) drawJob(r *rand.Rand, run *soakRun, id, attempt int64, name string, begins time.Time) *soakJob {
	second := func(most int) time.Duration { return time.Duration(r.IntN(most)) * time.Second }
	j := &soakJob{run: run, id: id, attempt: attempt, name: name, hosted: r.IntN(3) > 0, steps: r.IntN(4)}
	j.labels = oneOfThese(r, []string{"ubuntu-24.04"}, []string{"ubuntu-24.04"}, []string{"Ubuntu-24.04"}, []string{"windows-2025"},
		[]string{"self-hosted", "linux", "gpu=a100"}, []string{"linux", "self-hosted", "gpu=a100"}, []string{"self-hosted", "linux", "Linux"}, []string{})
	j.group = "GitHub Actions"
	if !j.hosted {
		j.group = oneOfThese(r, "builders", "gpu")
	}
	j.created = begins.Add(second(200))
	j.started = j.created.Add(second(90))
	j.completed = j.started.Add(1 * time.Second).Add(second(600))
	j.conclusion = "success"
	if !run.isGreen && r.IntN(5) == 0 {
		j.conclusion = oneOfThese(r, "failure", "timed_out", "cancelled", "skipped")
	}
	if j.conclusion == "skipped" || j.conclusion == "cancelled" && r.IntN(2) == 0 {
		j.noRunner, j.steps = true, 0
		j.started, j.completed = j.created, j.created
	}
	if !j.noRunner && r.IntN(3) == 0 {
		w.log[id] = drawLog(r)
	} else if !j.noRunner && r.IntN(4) == 0 {
		w.log[id] = nil // expired
	}
	return j
}

// What the world is at a time.

func (run *soakRun) exists(at time.Time) bool { return !run.created.After(at) }

// attemptAt is the newest attempt at a time; nil before the first.
func (run *soakRun) attemptAt(at time.Time) *soakAttempt {
	var newest *soakAttempt
	for _, a := range run.attempts {
		if !a.begins.After(at) {
			newest = a
		}
	}
	return newest
}

func (a *soakAttempt) isOver(at time.Time) bool { return !a.ends.After(at) }

func (a *soakAttempt) jobsAt(at time.Time) []*soakJob {
	var jobs []*soakJob
	for _, j := range a.jobs {
		if !a.begins.After(at) && !j.created.After(at) {
			jobs = append(jobs, j)
		}
	}
	return jobs
}

func (j *soakJob) isOver(at time.Time) bool { return !j.completed.After(at) }

func (j *soakJob) hasStarted(at time.Time) bool { return !j.started.After(at) }

// changes are the times after from, up to the end of to, at which something of the run changes.
func (run *soakRun) changes(from, to time.Time) []time.Time {
	var times []time.Time
	add := func(at time.Time) {
		if at.After(from) && !at.After(to) {
			times = append(times, at)
		}
	}
	add(run.created)
	for _, a := range run.attempts {
		add(a.begins)
		add(a.ends)
		for _, j := range a.jobs {
			add(j.created)
			add(j.started)
			add(j.completed)
		}
	}
	return times
}

// isChanging reports whether something of the run changed in the last minutes, or is about to.
func (run *soakRun) isChanging(now time.Time) bool {
	return len(run.changes(now.Add(-5*time.Minute), now.Add(time.Minute))) > 0
}

// instants are times that stand for all states of the runs between from and to: from itself, and each
// change.
func instants(runs []*soakRun, from, to time.Time) []time.Time {
	times := []time.Time{from}
	for _, run := range runs {
		times = append(times, run.changes(from, to)...)
	}
	slices.SortFunc(times, time.Time.Compare)
	return slices.CompactFunc(times, time.Time.Equal)
}

// publish makes of a world what a stand-in serves, and brings it up to date.
type publisher struct {
	world  *soakWorld
	server *githubtest.Server
	at     time.Time
}

// emptyWorld has the repositories and workflows, but no runs.
func (w *soakWorld) emptyWorld() *githubtest.World {
	served := githubtest.NewWorld()
	for _, repo := range w.all() {
		r := served.Repository(repo.name)
		switch repo.state {
		case "refused":
			r.Refuse()
		case "":
		default:
			r.Set(githubtest.Object{repo.state: true})
		}
		for _, workflow := range repo.workflows {
			r.Workflow(workflow.id, workflow.name, ".github/workflows/"+workflow.file)
		}
	}
	return served
}

// allow announces requests for what may not exist yet, or never.
func (w *soakWorld) allow(server *githubtest.Server) {
	var paths []string
	add := func(format string, args ...any) { paths = append(paths, fmt.Sprintf(format, args...)) }
	run := func(path string, id int64) {
		add("%s/actions/runs/%d", path, id)
		add("%s/actions/runs/%d/jobs", path, id)
		for _, n := range []int{1, 2, 3, 9} {
			add("%s/actions/runs/%d/attempts/%d", path, id, n)
			add("%s/actions/runs/%d/attempts/%d/jobs", path, id, n)
		}
	}
	workflows := []soakWorkflow{{file: "ghost.yml"}}
	for _, repo := range w.all() {
		workflows = append(workflows, repo.workflows...)
	}
	repos := w.all()
	for _, name := range []string{"acme/ghost", "acme/empty", "acme/old", "acme/off", "acme/secret"} {
		repos = append(repos, &soakRepo{name: name}) // it may be there, or not
	}
	for _, repo := range repos {
		path := "/repos/" + repo.name
		add("%s", path)
		add("%s/actions/runs", path)
		for _, workflow := range workflows {
			add("%s/actions/workflows/%s/runs", path, workflow.file)
			add("%s/actions/workflows/%d/runs", path, workflow.id)
		}
		add("%s/actions/jobs/%d/logs", path, ghostID)
		add("%s/actions/jobs/%d", path, ghostID)
		run(path, ghostID)
		for _, r := range repo.runs {
			run(path, r.id)
			for _, a := range r.attempts {
				for _, j := range a.jobs {
					add("%s/actions/jobs/%d", path, j.id)
					add("%s/actions/jobs/%d/logs", path, j.id)
				}
			}
		}
	}
	server.AllowMissing(paths...)
}

// ghostID is the ID of a run and of a job that never exist.
const ghostID = 999_999

// advance brings the stand-in up to a time.
func (p *publisher) advance(at time.Time) {
	if !at.After(p.at) {
		return
	}
	for _, repo := range p.world.all() {
		for _, run := range repo.runs {
			if len(run.changes(p.at, at)) == 0 {
				continue
			}
			p.server.Update(func(w *githubtest.World) { run.publish(w.Repository(repo.name), p.world, at) })
		}
	}
	p.at = at
}

func (run *soakRun) publish(r *githubtest.Repository, w *soakWorld, at time.Time) {
	for _, a := range run.attempts {
		if a.begins.After(at) {
			continue
		}
		r.Run(run.id, a.number, run.served(a, at))
		for _, j := range a.jobsAt(at) {
			r.Job(j.id, run.id, j.served(at))
			switch log, has := w.log[j.id]; {
			case !has || !j.isOver(at):
			case log == nil:
				r.ExpiredLog(j.id)
			default:
				r.Log(j.id, log.raw)
			}
		}
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// updated is when the attempt changed last.
func (a *soakAttempt) updated(at time.Time) time.Time {
	if a.isOver(at) {
		return a.ends
	}
	return a.begins
}

func (run *soakRun) served(a *soakAttempt, at time.Time) githubtest.Object {
	o := githubtest.Object{
		"name": run.workflow.name, "head_branch": run.branch, "head_sha": run.sha, "path": ".github/workflows/" + run.workflow.file,
		"display_title": "Run " + strconv.FormatInt(run.id, 10), "event": run.event, "workflow_id": run.workflow.id,
		"actor": githubtest.User(run.actor), "status": "in_progress", "conclusion": nil,
		"created_at": stamp(run.created), "updated_at": stamp(a.updated(at)), "run_started_at": stamp(a.begins),
	}
	switch run.head {
	case run.repo.name:
	case "":
		o["head_repository"] = nil
	default:
		o["head_repository"] = githubtest.Fork(run.head)
	}
	if a.isOver(at) {
		o["status"], o["conclusion"] = "completed", a.conclusion
	}
	return o
}

func (j *soakJob) runnerName() string {
	if j.hosted {
		return fmt.Sprintf("GitHub Actions %d", j.id)
	}
	return fmt.Sprintf("runner-%d", j.id%7)
}

func (j *soakJob) served(at time.Time) githubtest.Object {
	labels := []any{}
	for _, label := range j.labels {
		labels = append(labels, label)
	}
	o := githubtest.Object{
		"name": j.name, "run_attempt": j.attempt, "workflow_name": j.run.workflow.name, "head_branch": j.run.branch, "head_sha": j.run.sha,
		"labels": labels, "created_at": stamp(j.created), "started_at": stamp(j.created), "completed_at": nil, "status": "queued", "conclusion": nil,
		"runner_id": int64(0), "runner_name": "", "runner_group_id": int64(0), "runner_group_name": "", "steps": []any{},
	}
	if j.hasStarted(at) {
		o["status"], o["started_at"] = "in_progress", stamp(j.started)
		if !j.noRunner {
			o["runner_id"], o["runner_name"], o["runner_group_name"] = j.id, j.runnerName(), j.group
			o["runner_group_id"] = j.groupID()
			o["steps"] = j.servedSteps()
		}
	}
	if j.isOver(at) {
		o["status"], o["conclusion"], o["completed_at"] = "completed", j.conclusion, stamp(j.completed)
	}
	return o
}

func (j *soakJob) groupID() int64 {
	if j.hosted {
		return 0
	}
	return int64(len(j.group))
}

func (j *soakJob) servedSteps() []any {
	steps := []any{}
	for n := range j.steps {
		steps = append(steps, githubtest.Object{
			"number": int64(n + 1), "name": fmt.Sprintf("step %d", n+1), "status": "completed", "conclusion": j.stepConclusion(n),
			"started_at": stamp(j.started), "completed_at": stamp(j.started.Add(time.Duration(n) * time.Second)),
		})
	}
	return steps
}

// stepConclusion: the last step of a failed job failed.
func (j *soakJob) stepConclusion(n int) string {
	if n == j.steps-1 && j.conclusion == "failure" {
		return "failure"
	}
	return "success"
}

// newestFirst sorts runs as GitHub lists them.
func newestFirst(runs []*soakRun) {
	slices.SortFunc(runs, func(a, b *soakRun) int { return cmp.Or(b.created.Compare(a.created), cmp.Compare(b.id, a.id)) })
}

// soakLog is a log, and what it comes to.
type soakLog struct {
	raw              string
	lines            []string // as people read them
	errors, warnings []string
}

func drawLog(r *rand.Rand) *soakLog {
	l := &soakLog{}
	var b strings.Builder
	b.WriteString("\ufeff")
	count := r.IntN(40)
	if r.IntN(12) == 0 {
		count = 1500 + r.IntN(3000)
	}
	for n := range count {
		text := fmt.Sprintf("line %d of the log, näh %x", n, r.IntN(1<<16))
		raw := text
		switch r.IntN(12) {
		case 0:
			l.errors = append(l.errors, text)
			text = "##[error]" + text
			raw = text
		case 1:
			l.warnings = append(l.warnings, text)
			text = "##[warning]" + text
			raw = text
		case 2:
			raw = "\x1b[36;1m" + text + "\x1b[0m"
		}
		l.lines = append(l.lines, text)
		fmt.Fprintf(&b, "2026-05-04T10:00:33.%07dZ %s\n", n, raw)
	}
	if l.raw = b.String(); count == 0 {
		l.raw = ""
	}
	return l
}
