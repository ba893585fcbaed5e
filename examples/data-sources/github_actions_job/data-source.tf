# The job ID is the number at the end of the URL of the job's page:
# https://github.com/acme/app/actions/runs/700/job/70004
data "github_actions_job" "mac" {
  repository = "acme/app"
  job_id     = 70004
}

output "why_it_failed" {
  value = [
    for step in data.github_actions_job.mac.steps : step.name
    if step.conclusion == "failure"
  ]
}

output "runner" {
  value = {
    labels         = data.github_actions_job.mac.labels
    group          = data.github_actions_job.mac.runner_group_name
    queued_seconds = data.github_actions_job.mac.queued_seconds
  }
}
