# Where a step has failed in an organisation, and what the log of the newest such job says.
terraform {
  required_providers {
    github = {
      source = "runner-audit/github-actions"
    }
  }
}

provider "github" {
  owner = "acme"
}

data "github_actions_jobs" "failed" {
  repositories   = ["acme/*"]
  event          = "push"
  branch         = "main"
  created_within = "7d"
  filter         = "all" # an earlier attempt can have failed
  failed_step    = "Run make *"
  include_steps  = true
  max_results    = 20
}

output "failed" {
  description = "Repository, job, runner and failed steps, the newest job first."
  value = [
    for job in data.github_actions_jobs.failed.jobs : {
      job    = "${job.repository} / ${coalesce(job.workflow_name, "unknown")} / ${job.name}"
      runner = "${coalesce(job.runner_name, "none")} [${join(", ", job.labels)}]"
      steps  = [for step in job.steps : "${step.number}. ${step.name}" if step.conclusion == "failure"]
      page   = job.html_url
    }
  ]
}

# Reads the log of one job. The state gets its errors, and one line of its end.
data "github_actions_job_logs" "mac" {
  repository = "acme/app"
  job_id     = 70004
  tail_lines = 1
}

output "errors" {
  value = data.github_actions_job_logs.mac.errors
}
