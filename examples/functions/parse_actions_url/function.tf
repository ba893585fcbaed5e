# The URL of a job's page, copied from a browser.
locals {
  failed = provider::github::parse_actions_url("https://github.com/acme/app/actions/runs/700/job/70004?pr=12#step:3:1")
}

data "github_actions_job" "failed" {
  owner      = local.failed.owner
  repository = local.failed.repository
  job_id     = local.failed.job_id
}

output "why_it_failed" {
  value = [
    for step in data.github_actions_job.failed.steps : step.name
    if step.conclusion == "failure"
  ]
}
