package timeline

import (
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// prepare returns copies of the jobs to draw. Their values follow the rules of internal/job, even
// if the jobs come from objects that a user passes to a function.
func prepare(jobs []*job.Job) []*job.Job {
	prepared := make([]*job.Job, len(jobs))
	for i, j := range jobs {
		prepared[i] = normal(j)
	}
	prepared = job.WithoutCopies(prepared)
	runs := map[int64][]*job.Job{}
	for _, j := range prepared {
		if j.RunID != nil {
			runs[*j.RunID] = append(runs[*j.RunID], j)
		}
	}
	for _, run := range runs {
		markReruns(run)
	}
	return prepared
}

// markReruns keeps marks that a job already has: the caller may have read the run, which shows
// more.
func markReruns(run []*job.Job) {
	known := make([]bool, len(run))
	for i, j := range run {
		known[i] = j.RerunInPlace
	}
	job.MarkReruns(nil, run)
	for i, j := range run {
		j.RerunInPlace = j.RerunInPlace || known[i]
	}
}

// normal is a copy of a job with null in place of values that mean "no value".
func normal(j *job.Job) *job.Job {
	n := *j
	if job.Value(n.Conclusion) == "" {
		n.Conclusion = nil
	}
	n.CreatedAt, n.StartedAt, n.CompletedAt = moment(n.CreatedAt), moment(n.StartedAt), moment(n.CompletedAt)
	if n.Conclusion != nil {
		n.Status = new(job.StatusCompleted) // whatever the status is, only a completed job has a conclusion
	}
	if job.Value(n.Status) == "in_progress" {
		n.RunnerUnknown = true // a runner works on it, although the job does not name it yet
	}
	return &n
}

// moment is t in whole seconds, as a chart shows it. It is nil for times that a chart cannot show:
// the days that mean "no time", and all times before 1970.
func moment(t *time.Time) *time.Time {
	if t == nil || job.IsNoTime(*t) || t.Unix() <= 0 {
		return nil
	}
	return new(time.Unix(t.Unix(), 0).UTC())
}
