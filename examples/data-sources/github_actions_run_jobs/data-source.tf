# The run as GitHub shows it: after a partial re-run, the last attempt of each job.
data "github_actions_run_jobs" "release" {
  repository = "acme/app"
  run_id     = 701
  filter     = "final"
}

# The plan warns if a job still requests a retired label.
check "runner_labels" {
  assert {
    condition     = !contains(data.github_actions_run_jobs.release.labels, "ubuntu-18.04")
    error_message = "A job of the release still runs on ubuntu-18.04."
  }
}

# The queue time of the jobs that ran on our own runners.
output "self_hosted" {
  value = {
    for job in data.github_actions_run_jobs.release.jobs : job.name => job.queued_seconds
    if contains(job.labels, "self-hosted")
  }
}
