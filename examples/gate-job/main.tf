# Apply when one job of a run has succeeded, however the rest of the run ends.
terraform {
  required_providers {
    github = {
      source = "runner-audit/github-actions"
    }
  }
}

variable "run_id" {
  description = "Run that builds the image."
  type        = number
  default     = 701
}

provider "github" {
  owner = "acme"
}

# This block does not wait, because the job can end long before the run.
data "github_actions_run_jobs" "release" {
  repository    = "app"
  run_id        = var.run_id
  filter        = "final"
  include_steps = false

  lifecycle {
    postcondition {
      condition     = length([for job in self.jobs : job if job.name == "build"]) == 1
      error_message = "Run ${var.run_id} has to list one job named build. It lists: ${coalesce(join(", ", self.jobs[*].name), "none")}. A job that waits for others is listed when its turn comes."
    }
  }
}

data "github_actions_job" "build" {
  repository          = "app"
  job_id              = one([for job in data.github_actions_run_jobs.release.jobs : job.id if job.name == "build"])
  wait_for_completion = true

  timeouts {
    read = "15m"
  }

  lifecycle {
    postcondition {
      condition     = self.conclusion == "success"
      error_message = "The job build (${self.job_id}) ended with ${coalesce(self.conclusion, "no conclusion")}."
    }
  }
}

resource "terraform_data" "deploy" {
  input = data.github_actions_job.build.head_sha
}
