package job

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Filter says which attempts of a run a list of jobs shows.
type Filter string

// The filters. GitHub knows the first two. Final belongs to this provider: see the function Final.
const (
	FilterLatest Filter = "latest"
	FilterAll    Filter = "all"
	FilterFinal  Filter = "final"
)

// Filters are the filters in the order in which people should read them.
func Filters() []string {
	return []string{string(FilterLatest), string(FilterAll), string(FilterFinal)}
}

// Sort puts jobs in the order of every list: by attempt, then by ID.
func Sort(jobs []*Job) {
	slices.SortFunc(jobs, func(a, b *Job) int {
		return cmp.Or(cmp.Compare(Value(a.RunAttempt), Value(b.RunAttempt)), cmp.Compare(Value(a.ID), Value(b.ID)))
	})
}

// Final picks the jobs that count out of all attempts of one run, as the page of the run shows them:
// for each name, the jobs of the highest attempt that has it. Two jobs of one attempt may share a
// name; both stay.
//
// A full re-run replaces everything before it, also jobs whose matrix had not been expanded by then
// and whose names still hold `${{`. An attempt is a full re-run when none of its jobs is carried over
// and it has every earlier name that is not unexpanded.
//
// A job that stands for others, because a later attempt did not run them, replaces them too. If it is
// not certain that they belong to it, those that failed stay.
func Final(jobs []*Job) []*Job {
	attempts := map[int64][]*Job{}
	for _, j := range jobs {
		attempts[Value(j.RunAttempt)] = append(attempts[Value(j.RunAttempt)], j)
	}
	latest := map[string][]*Job{} // by name
	ran := map[string]bool{}      // names under which a job ran
	for _, number := range slices.Sorted(maps.Keys(attempts)) {
		attempt := byName(attempts[number])
		replaceFamilies(attempts[number], latest, attempt, ran)
		for _, j := range attempts[number] {
			ran[Value(j.Name)] = ran[Value(j.Name)] || !j.NeverRan()
		}
		if isFullRerun(attempts[number], attempt, latest) {
			latest = attempt
		} else {
			maps.Copy(latest, attempt)
		}
	}
	final := slices.Concat(slices.Collect(maps.Values(latest))...)
	if final == nil {
		final = []*Job{}
	}
	Sort(final)
	return final
}

func byName(jobs []*Job) map[string][]*Job {
	named := map[string][]*Job{}
	for _, j := range jobs {
		named[Value(j.Name)] = append(named[Value(j.Name)], j)
	}
	return named
}

// replaceFamilies drops the earlier jobs that a job of the attempt stands for and that the attempt does
// not have.
func replaceFamilies(jobs []*Job, latest, attempt map[string][]*Job, ran map[string]bool) {
	var gone []string // few: most attempts have all names
	for name := range latest {
		if attempt[name] == nil {
			gone = append(gone, name)
		}
	}
	for _, j := range jobs {
		if len(gone) > 0 && j.isStandIn() {
			replaceFamily(j, latest, gone, ran)
		}
	}
}

// replaceFamily drops what j stands for. A name that is only an expression may stand for any job. A name
// under which a job ran before may be the name of this job alone. Then failed jobs stay, so that
// nothing hides a failure.
func replaceFamily(j *Job, latest map[string][]*Job, gone []string, ran map[string]bool) {
	certain := !j.isVague() && !ran[*j.Name]
	for _, name := range gone {
		if !j.StandsFor(name) {
			continue
		}
		failed := slices.DeleteFunc(slices.Clone(latest[name]), func(e *Job) bool { return certain || !e.Failed() })
		if latest[name] = failed; len(failed) == 0 {
			delete(latest, name)
		}
	}
}

func isFullRerun(jobs []*Job, names, earlier map[string][]*Job) bool {
	if slices.ContainsFunc(jobs, (*Job).CarriedOver) {
		return false
	}
	for name := range earlier {
		if _, again := names[name]; !again && !strings.Contains(name, "${{") {
			return false
		}
	}
	return true
}

// WithoutCopies leaves out each carried-over job whose original is in the same list, so that audits,
// figures and charts count it once. The original has the same run and name and the same times, in an
// earlier attempt. The input is not changed.
func WithoutCopies(jobs []*Job) []*Job {
	if !slices.ContainsFunc(jobs, (*Job).CarriedOver) {
		return jobs
	}
	earliest := map[original]int64{}
	for _, j := range jobs {
		key, attempt := originalOf(j), Value(j.RunAttempt)
		if first, ok := earliest[key]; !ok || attempt < first {
			earliest[key] = attempt
		}
	}
	return slices.DeleteFunc(slices.Clone(jobs), func(j *Job) bool {
		return j.CarriedOver() && earliest[originalOf(j)] < Value(j.RunAttempt)
	})
}

// original is what a carried-over job has in common with the job that ran.
type original struct {
	run                int64
	name               string
	started, completed int64
}

func originalOf(j *Job) original {
	return original{Value(j.RunID), Value(j.Name), unixNano(j.StartedAt), unixNano(j.CompletedAt)}
}

func unixNano(t *time.Time) int64 {
	if t == nil {
		return 0
	}
	return t.UnixNano()
}

// MarkReruns finds the jobs of one run that a server ran again in place: under the old ID and with
// the old creation time, as API-compatible servers do. GitHub makes new jobs instead, created with
// the re-run. The time between creation and start is then the age of the run and not a queue time.
//
// run may be nil. Without it, only what the jobs tell about each other counts.
func MarkReruns(run *Run, jobs []*Job) {
	spans := map[int64]span{}
	for _, j := range jobs {
		spans[Value(j.RunAttempt)] = spans[Value(j.RunAttempt)].with(j)
	}
	for _, j := range jobs {
		j.RerunInPlace = !j.CarriedOver() && (isOlderThanItsAttempt(run, spans, j) || ranAfterHigherAttempt(spans, j))
	}
}

// span is what matters of the jobs of one attempt.
type span struct {
	newest  *time.Time // the latest creation
	started *time.Time // the earliest start of a job that this attempt ran itself
}

func (s span) with(j *Job) span {
	if j.CreatedAt != nil && (s.newest == nil || j.CreatedAt.After(*s.newest)) {
		s.newest = j.CreatedAt
	}
	if j.StartedAt != nil && !j.CarriedOver() && !j.NeverRan() && (s.started == nil || j.StartedAt.Before(*s.started)) {
		s.started = j.StartedAt
	}
	return s
}

// isOlderThanItsAttempt: the job is of attempt 2 or later, but as old as the run or as a job of an
// earlier attempt. A server that counts the attempts of jobs and not of runs keeps no old attempts.
func isOlderThanItsAttempt(run *Run, spans map[int64]span, j *Job) bool {
	if Value(j.RunAttempt) < 2 || j.CreatedAt == nil {
		return false
	}
	if run != nil && (run.RunAttempt == nil || run.CreatedAt != nil && !j.CreatedAt.After(*run.CreatedAt)) {
		return true
	}
	for attempt, s := range spans {
		if attempt < *j.RunAttempt && s.newest != nil && !s.newest.Before(*j.CreatedAt) {
			return true
		}
	}
	return false
}

// ranAfterHigherAttempt: the job started after a job of a higher attempt, so it ran again although its
// own attempt does not say so. Such a server counts a job's attempts from its own first start.
func ranAfterHigherAttempt(spans map[int64]span, j *Job) bool {
	if j.StartedAt == nil || j.NeverRan() {
		return false
	}
	for attempt, s := range spans {
		if attempt > max(1, Value(j.RunAttempt)) && s.started != nil && s.started.Before(*j.StartedAt) {
			return true
		}
	}
	return false
}
