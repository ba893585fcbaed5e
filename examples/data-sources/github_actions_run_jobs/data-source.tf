# The run as its page shows it: after a partial re-run, each job's last attempt.
data "github_actions_run_jobs" "release" {
  repository = "acme/app"
  run_id     = 701
  filter     = "final"
}

# A plan warns when a job still asks for a label that is to go.
check "runner_labels" {
  assert {
    condition     = !contains(data.github_actions_run_jobs.release.labels, "ubuntu-18.04")
    error_message = "A job of the release still runs on ubuntu-18.04."
  }
}

# Which jobs ran on our own machines, and how long did they wait for one?
output "self_hosted" {
  value = {
    for job in data.github_actions_run_jobs.release.jobs : job.name => job.queued_seconds
    if contains(job.labels, "self-hosted")
  }
}
