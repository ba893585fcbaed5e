package actions

import (
	"slices"

	"github.com/google/go-github/v62/github"
)

const completed = "completed" // a job's or run's status once it is over

// Status is the run's own status, or its attempt's; nil where the server has no page for it.
func (r RunJobs) Status() *string {
	if r.Run == nil {
		return nil
	}
	return r.Run.Status
}

// Conclusion is the run's own conclusion, or its attempt's; nil until it is over, and where the server
// has no page for it.
func (r RunJobs) Conclusion() *string {
	if r.Run == nil {
		return nil
	}
	return r.Run.Conclusion
}

// Completed reports whether the run is over. The jobs answer only where there is no run to ask, and a
// run without jobs is then not over: they may be yet to come.
func (r RunJobs) Completed() bool {
	if r.Run != nil {
		return r.Run.GetStatus() == completed
	}
	return len(r.Jobs) > 0 && !slices.ContainsFunc(r.Jobs, unfinished)
}

// Succeeded reports whether the run's conclusion is success. Where there is no run to ask, it is
// whether the run is over and each job's last attempt did not fail.
func (r RunJobs) Succeeded() bool {
	if r.Run != nil {
		return r.Run.GetConclusion() == "success"
	}
	return r.Completed() && !slices.ContainsFunc(finalJobs(r.Jobs), failed)
}

// FailedJobs are the names of the completed jobs whose conclusion is none of success, skipped and
// neutral, in the order of Jobs.
func (r RunJobs) FailedJobs() []string {
	names := []string{}
	for _, job := range r.Jobs {
		if failed(job) {
			names = append(names, job.GetName())
		}
	}
	return names
}

// Labels are the distinct runner labels of all jobs, sorted.
func (r RunJobs) Labels() []string {
	labels := []string{}
	for _, job := range r.Jobs {
		labels = append(labels, job.Labels...)
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}

func unfinished(job *github.WorkflowJob) bool { return job.GetStatus() != completed }

// failed counts every conclusion that is not known to be harmless, so that one GitHub adds later does
// not open a gate.
func failed(job *github.WorkflowJob) bool {
	return job.GetStatus() == completed &&
		!slices.Contains([]string{"success", "skipped", "neutral"}, job.GetConclusion())
}
