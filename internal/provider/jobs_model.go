package provider

import (
	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/jobsearch"
)

// jobsReport is the result of github_actions_jobs.
type jobsReport struct {
	jobs    []jobsearch.Found
	matched int64
	counts  func(repository string) int64
	read    fleet.Report
}

func newJobsReport(collector *jobsearch.Collector, read fleet.Report, includeSteps bool) jobsReport {
	report := jobsReport{counts: collector.Matched, read: read}
	report.jobs, report.matched = collector.Jobs()
	if !includeSteps {
		for i, found := range report.jobs {
			report.jobs[i].Job = found.Job.WithoutSteps()
		}
	}
	return report
}

func (r jobsReport) byRepository() []repositoryRow[int64] {
	return repositoryRows(r.read, r.counts)
}

func jobsObject() object[jobsReport] {
	type report = jobsReport
	type row = repositoryRow[int64]
	return append(object[report]{
		objectListAttr("jobs", "Jobs that match, newest first, at most `max_results`.", foundJobObject(), func(r report) []jobsearch.Found { return r.jobs }),
		int64Attr("matched_count", "Number of jobs that match, including those that `jobs` does not list.", func(r report) *int64 { return &r.matched }),
	}, selectionFields(func(r report) fleet.Report { return r.read }, object[row]{
		int64Attr("matched_count", "Number of jobs of the repository that match.", func(r row) *int64 { return &r.verdict }),
	}, report.byRepository)...)
}

// foundJobObject is the job object and the repository of the job.
func foundJobObject() object[jobsearch.Found] {
	type found = jobsearch.Found
	of := object[found]{
		stringAttr("repository", "Repository of the job, as `owner/name`.", func(f found) *string { return &f.Repository }),
	}
	return append(of, within(jobObject(), func(f found) *job.Job { return f.Job })...)
}
