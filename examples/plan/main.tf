terraform {
  required_providers {
    github = {
      source = "runner-audit/github-actions"
    }
  }
}

variable "repository" {
  description = "Repository to read, as owner/name."
  type        = string
  default     = "acme/app"
}

variable "run_id" {
  description = "ID of the run to read: the number in its URL."
  type        = number
  default     = 701
}

provider "github" {}

data "github_actions_run_jobs" "this" {
  repository = var.repository
  run_id     = var.run_id
  filter     = "final"
}

output "run" {
  description = "Status of the run, and the runners and labels of its jobs."
  value = {
    status      = data.github_actions_run_jobs.this.run_status
    conclusion  = data.github_actions_run_jobs.this.run_conclusion
    labels      = data.github_actions_run_jobs.this.labels
    failed_jobs = data.github_actions_run_jobs.this.failed_jobs
    jobs = [
      for job in data.github_actions_run_jobs.this.jobs : {
        name             = job.name
        result           = coalesce(job.conclusion, job.status)
        runner           = job.runner_name
        labels           = job.labels
        queued_seconds   = job.queued_seconds
        duration_seconds = job.duration_seconds
      }
    ]
  }
}
