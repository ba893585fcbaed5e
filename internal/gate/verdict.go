package gate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/joblog"
)

// Workflow is one workflow with the runs that were read.
type Workflow struct {
	Name string // its file name or ID, as the user wrote it
	Runs []Run  // in any order; runs that do not count are ignored

	// Others are other runs that were listed. They decide nothing. If no run counts, those of the
	// commit show why.
	Others []*job.Run

	// Truncated is true if older runs match that were not read. If the question has no branch, the
	// newest run of a branch may be one of them.
	Truncated bool
	// OfAnyCommit is true if the server cannot select the runs of a commit, so that the runs were
	// picked from those of all commits.
	OfAnyCommit bool
}

// Run is a run and all its jobs, of all attempts.
type Run struct {
	*job.Run

	Jobs       []*job.Job
	Unreadable bool // it is listed, but the API returns 404 for the run itself
}

// Verdict is the result of the gate.
type Verdict struct {
	Open      bool
	Completed bool   // every workflow has a run that counts, and all of these are over with their jobs
	Reason    string // one printable line: why the gate is shut, or that all succeeded
	Fault     Fault  // the subject of the reason
	State     string // status or conclusion of the run or job that the reason names, if that is the reason

	NearMiss   string           // one printable line, if a run is missing: the runs of the commit that do not count
	Jobs       []string         // names of the final jobs of all runs that count, each once
	RunIDs     map[string]int64 // the newest run that counts, by the name of its workflow
	FailedJobs []string         // "WORKFLOW / JOB" of the runs that count, never nil
	Rows       []Row            // the runs that count, by workflow, then newest first, never nil
	Unfinished []string         // jobs and runs that are not completed, each with its status
	Missing    []string         // workflows without a run that counts
}

// Row is one run that counts.
type Row struct {
	Workflow   string
	Run        *job.Run
	FailedJobs []string // names of its failed jobs, never nil
}

// FaultKind is the kind of a reason why a gate is shut.
type FaultKind string

// The kinds of faults.
const (
	FaultNone       FaultKind = ""                 // the gate is open
	FaultWorkflow   FaultKind = "missing run"      // a workflow has no run that counts
	FaultRequired   FaultKind = "required job"     // a required job did not succeed
	FaultNoJob      FaultKind = "missing job"      // a required pattern matches no job
	FaultRun        FaultKind = "run"              // a run is over and did not succeed
	FaultUnfinished FaultKind = "unfinished run"   // a run is not completed, or has started again
	FaultUnclear    FaultKind = "unclear"          // the answers contradict each other
	FaultTooMany    FaultKind = "too many to list" // older runs of the commit were not read
	FaultUnlisted   FaultKind = "unlisted"         // older runs of all commits were not read
)

// Fault says why a gate is shut. Place is the index of a workflow or required pattern, from 0.
type Fault struct {
	Kind  FaultKind
	Place int
}

// Judge decides. All workflows need a run that counts, and all runs that count must pass.
func (q Question) Judge(workflows []Workflow) Verdict {
	j := judgement{
		question: q,
		verdict:  Verdict{Completed: true, RunIDs: map[string]int64{}, FailedJobs: []string{}, Rows: []Row{}},
		named:    map[string]bool{},
		excused:  []string{},
	}
	names := make([]string, len(workflows))
	for place, workflow := range workflows {
		names[place] = workflow.Name
		j.addWorkflow(place, workflow)
	}
	j.checkRequired()
	if len(workflows) == 0 {
		j.shut(Fault{FaultUnclear, 0}, "no workflow is named")
	}
	v := j.verdict
	if v.Fault.Kind == FaultNone {
		v.Open = true
		v.Reason = "all succeeded: " + strings.Join(names, ", ")
		if len(j.excused) > 0 {
			v.Reason += "; failed, but may fail: " + strings.Join(j.excused, ", ")
		}
	}
	v.Reason = joblog.Sanitize(v.Reason)
	return v
}

// Unsettled returns the verdict for answers that changed with each reading.
func (v Verdict) Unsettled() Verdict {
	v.Open, v.Completed, v.Fault = false, false, Fault{Kind: FaultUnclear}
	v.Reason = "the runs changed each time they were read"
	v.Unfinished = append(slices.Clone(v.Unfinished), "runs that keep changing")
	return v
}

// judgement is an unfinished verdict.
type judgement struct {
	question Question
	verdict  Verdict
	jobs     []namedJob      // the final jobs of all runs that count
	named    map[string]bool // the names in verdict.Jobs
	excused  []string
}

// namedJob is a job and its name in messages.
type namedJob struct {
	*job.Job

	name string
}

// shut keeps the gate shut. It reports the first reason that waiting for completion does not change,
// or else the first reason.
func (j *judgement) shut(fault Fault, format string, args ...any) {
	j.shutBy("", fault, format, args...)
}

// shutBy is shut for a status or conclusion that is the reason.
func (j *judgement) shutBy(state string, fault Fault, format string, args ...any) {
	known := j.verdict.Fault.Kind
	if known == FaultNone || known.mayPass() && !fault.Kind.mayPass() {
		j.verdict.State, j.verdict.Fault, j.verdict.Reason = state, fault, fmt.Sprintf(format, args...)
	}
}

// mayPass reports whether a wait for completion can end the fault. A required job may still come, or
// run again, while another run is not completed.
func (k FaultKind) mayPass() bool {
	return k == FaultUnfinished || k == FaultUnclear || k == FaultRequired || k == FaultNoJob
}

func (j *judgement) addWorkflow(place int, w Workflow) {
	byRun := map[*job.Run]Run{}
	runs := make([]*job.Run, 0, len(w.Runs))
	for _, run := range w.Runs {
		byRun[run.Run] = run
		runs = append(runs, run.Run)
	}
	if w.Truncated && w.OfAnyCommit {
		j.shut(Fault{FaultUnlisted, place}, "%s has more runs than can be listed, and the server ignores the filter for the commit, so a run could be overlooked", w.Name)
	}
	newest := j.question.Newest(w.Name, runs)
	if len(newest) == 0 {
		j.verdict.Completed = false
		j.verdict.Missing = append(j.verdict.Missing, w.Name)
		j.shut(Fault{FaultWorkflow, place}, "%s has no run that counts: none %s", w.Name, j.question.described())
		if j.verdict.Fault == (Fault{FaultWorkflow, place}) {
			j.verdict.NearMiss = joblog.Sanitize(j.question.nearMiss(w))
		}
	}
	for i, run := range newest {
		if i == 0 {
			j.verdict.RunIDs[w.Name] = job.Value(run.ID)
		}
		j.addRun(place, w.Name, byRun[run])
	}
	if w.Truncated && j.question.Branch == "" {
		j.shut(Fault{FaultTooMany, place}, "%s has more runs of this commit than can be listed, so a branch could be overlooked", w.Name)
	}
}

// described says which runs count.
func (q Question) described() string {
	event := "for this commit"
	if q.Event != "" {
		event = fmt.Sprintf("for this commit by the event %s", q.Event)
	}
	if q.Branch != "" {
		event += " on the branch " + q.Branch
	}
	return event + " from the repository itself"
}

func (j *judgement) addRun(place int, workflow string, run Run) {
	final := job.Final(run.Jobs)
	row := Row{Workflow: workflow, Run: run.Run, FailedJobs: []string{}}
	for _, one := range final {
		named := namedJob{one, workflow + " / " + job.Value(one.Name)}
		j.jobs = append(j.jobs, named)
		if text := joblog.Sanitize(job.Value(one.Name)); !j.named[text] {
			j.named[text] = true
			j.verdict.Jobs = append(j.verdict.Jobs, text)
		}
		if one.Failed() {
			row.FailedJobs = append(row.FailedJobs, job.Value(one.Name))
			j.verdict.FailedJobs = append(j.verdict.FailedJobs, named.name)
		}
	}
	j.verdict.Rows = append(j.verdict.Rows, row)
	j.checkRun(place, workflow, run, final)
}

// checkRun applies the rule to one run.
func (j *judgement) checkRun(place int, workflow string, run Run, final []*job.Job) {
	name := fmt.Sprintf("%s run %d", workflow, job.Value(run.ID))
	fault := Fault{FaultRun, place}
	conclusion := job.Value(run.Conclusion)
	switch {
	case run.Unreadable:
		j.unfinished(name + " (cannot be read)")
		j.shut(Fault{FaultUnclear, place}, "%s is listed, but it cannot be read", name)
	case !run.Finished():
		j.unfinishedRun(place, workflow, name, run.Run, final)
	case conclusion == "":
		j.unfinished(name + " (completed without a conclusion)")
		j.shut(Fault{FaultUnclear, place}, "%s is completed, but has no conclusion", name)
	case conclusion != job.ConclusionSuccess && conclusion != conclusionFailure:
		j.shutBy(conclusion, fault, "%s ended with %s", name, conclusion)
	case len(run.Jobs) == 0 && conclusion == conclusionFailure:
		j.shutBy(conclusion, fault, "%s ended with %s and has no jobs: its workflow file may be invalid", name, conclusion)
	case len(run.Jobs) == 0:
		j.shut(fault, "%s lists no jobs", name)
	case j.isBehind(place, workflow, name, run, final):
	case conclusion == conclusionFailure:
		j.checkFailure(fault, workflow, name, final)
	}
}

const conclusionFailure = "failure"

// unfinished records a job or run that is not completed.
func (j *judgement) unfinished(what string) {
	j.verdict.Completed = false
	j.verdict.Unfinished = append(j.verdict.Unfinished, what)
}

// unfinishedRun records the jobs that are not completed, or the run itself if none is listed.
func (j *judgement) unfinishedRun(place int, workflow, name string, run *job.Run, final []*job.Job) {
	j.verdict.Completed = false
	running := []namedJob{}
	for _, one := range final {
		if one.Unfinished() {
			running = append(running, namedJob{one, workflow + " / " + job.Value(one.Name)})
		}
	}
	if len(running) == 0 {
		j.unfinished(fmt.Sprintf("%s (%s)", name, status(run.Status)))
		j.shutBy(job.Value(run.Status), Fault{FaultUnfinished, place}, "%s is not completed (%s)", name, status(run.Status))
		return
	}
	for _, one := range running {
		j.unfinished(fmt.Sprintf("%s (%s)", one.name, status(one.Status)))
		j.shutBy(job.Value(one.Status), Fault{FaultUnfinished, place}, "%s is not completed (%s)", one.name, status(one.Status))
	}
}

func status(s *string) string {
	if job.Value(s) == "" {
		return "status unknown"
	}
	return *s
}

// isBehind finds lists of jobs that are older than their run, and runs that are older than their jobs.
func (j *judgement) isBehind(place int, workflow, name string, run Run, final []*job.Job) bool {
	behind := Fault{FaultUnclear, place}
	if j.isOfAnotherAttempt(place, name, run) {
		return true
	}
	found := false
	for _, one := range final {
		at := workflow + " / " + job.Value(one.Name)
		switch {
		case one.Unfinished():
			j.unfinished(fmt.Sprintf("%s (%s)", at, status(one.Status)))
			j.shut(behind, "%s is not completed (%s), although its run is", at, status(one.Status))
			found = true
		case job.Value(one.Conclusion) == "":
			j.unfinished(at + " (completed without a conclusion)")
			j.shut(behind, "%s is completed, but has no conclusion", at)
			found = true
		}
	}
	return found
}

// isOfAnotherAttempt compares the attempts of a run and of its jobs.
func (j *judgement) isOfAnotherAttempt(place int, name string, run Run) bool {
	attempt, newest := job.Value(run.RunAttempt), int64(0)
	for _, one := range run.Jobs {
		newest = max(newest, job.Value(one.RunAttempt))
	}
	switch {
	case attempt == 0:
		return false
	case newest > attempt:
		j.unfinished(fmt.Sprintf("%s (attempt %d)", name, newest))
		j.shut(Fault{FaultUnfinished, place}, "%s has started again: its jobs are of attempt %d", name, newest)
	case newest == 0 && attempt > 1: // the server never returns it
		j.shut(Fault{FaultRun, place}, "%s is of attempt %d, but the API does not return the attempt of its jobs", name, attempt)
	case newest < attempt && attempt > 1:
		j.unfinished(fmt.Sprintf("%s (attempt %d)", name, attempt))
		j.shut(Fault{FaultUnclear, place}, "%s is of attempt %d, but lists no job of it", name, attempt)
	default:
		return false
	}
	return true
}

// checkFailure finds out whether the failed jobs of a failed run explain its failure and may fail.
func (j *judgement) checkFailure(fault Fault, workflow, name string, final []*job.Job) {
	failed := false
	for _, one := range final {
		if !one.Failed() {
			continue
		}
		failed = true
		at := workflow + " / " + job.Value(one.Name)
		switch {
		case !isKnownFailure(job.Value(one.Conclusion)):
			j.shut(fault, "%s ended with %s, which is not a known conclusion", at, job.Value(one.Conclusion))
		case !matchesAny(j.question.MayFail, job.Value(one.Name)):
			j.shutBy(job.Value(one.Conclusion), fault, "%s ended with %s", at, job.Value(one.Conclusion))
		default:
			j.excused = append(j.excused, at)
		}
	}
	if !failed {
		j.shut(fault, "%s ended with %s, but none of its jobs failed", name, conclusionFailure)
	}
}

// isKnownFailure reports whether GitHub documents the conclusion of a failed job.
func isKnownFailure(conclusion string) bool {
	return slices.Contains([]string{
		conclusionFailure, job.ConclusionCancelled, "timed_out", "action_required", "startup_failure", "stale",
	}, conclusion)
}

// checkRequired compares the final jobs of all runs that count with the required patterns.
func (j *judgement) checkRequired() {
	for place, pattern := range j.question.Required {
		fault := Fault{FaultRequired, place}
		found := false
		for _, one := range j.jobs {
			if !pattern.Match(job.Value(one.Name)) {
				continue
			}
			found = true
			switch {
			case one.Unfinished():
				j.shut(fault, "the required job %s is not completed (%s)", one.name, status(one.Status))
			case job.Value(one.Conclusion) != job.ConclusionSuccess:
				j.shut(fault, "the required job %s ended with %s", one.name, conclusionOf(one.Job))
			}
		}
		if !found {
			why, state := j.whyMissing(pattern)
			j.shutBy(state, Fault{FaultNoJob, place}, "no job matches the required pattern %s%s", pattern, why)
		}
	}
}

// whyMissing names a job that stands for the one that a pattern without wildcards asks for: a matrix
// or reusable workflow that was skipped as a whole. state is the conclusion of this job.
func (j *judgement) whyMissing(pattern Pattern) (why, state string) {
	wanted := strings.ToLower(pattern.String())
	for _, one := range j.jobs {
		lower := *one.Job
		lower.Name = new(strings.ToLower(job.Value(one.Name)))
		switch {
		case !lower.StandsFor(wanted):
		case job.Value(one.Conclusion) == job.ConclusionSkipped:
			return fmt.Sprintf(": %s was skipped", one.name), *one.Conclusion
		default:
			return fmt.Sprintf(": %s did not run (%s)", one.name, conclusionOf(one.Job)), conclusionOf(one.Job)
		}
	}
	return "", ""
}

func conclusionOf(one *job.Job) string {
	if one.Conclusion == nil {
		return "no conclusion"
	}
	return *one.Conclusion
}

func matchesAny(patterns []Pattern, name string) bool {
	return slices.ContainsFunc(patterns, func(p Pattern) bool { return p.Match(name) })
}
