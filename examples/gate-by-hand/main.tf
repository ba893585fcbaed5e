# Apply only when CI of this very commit has succeeded, with a condition of your own.
#
#   terraform apply -var commit="$(git rev-parse HEAD)"
terraform {
  required_providers {
    github = {
      source = "runner-audit/github-actions"
    }
  }
}

variable "commit" {
  description = "Commit that is to be released: all 40 characters."
  type        = string
  default     = "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0"
}

variable "may_fail" {
  description = "Names of CI jobs whose failure does not stop a release."
  type        = list(string)
  default     = []
}

provider "github" {
  owner = "acme"
}

# The newest CI run that a push of the commit to main has started. Without event and branch, a newer
# run of the same commit could take its place, such as one that somebody started by hand elsewhere.
data "github_actions_workflow_runs" "ci" {
  repository  = "app"
  workflow    = "ci.yml"
  event       = "push"
  branch      = "main"
  head_sha    = var.commit
  max_results = 1

  lifecycle {
    postcondition {
      condition     = length(self.runs) == 1
      error_message = "CI has not started for ${var.commit}."
    }
  }
}

# The run as GitHub shows it, once it is over: after a re-run, each job's last attempt counts.
data "github_actions_run_jobs" "ci" {
  repository          = "app"
  run_id              = data.github_actions_workflow_runs.ci.runs[0].id
  filter              = "final"
  include_steps       = false
  wait_for_completion = true

  timeouts {
    read = "30m"
  }

  lifecycle {
    postcondition {
      # Failed jobs count only in a run that failed: one that was cancelled, or never started, can have none.
      condition = self.succeeded || (
        self.run_conclusion == "failure" &&
        length(self.failed_jobs) > 0 &&
        length(setsubtract(self.failed_jobs, var.may_fail)) == 0
      )
      error_message = "CI has not succeeded. The run ended with: ${coalesce(self.run_conclusion, "no conclusion")}; failed jobs: ${coalesce(join(", ", self.failed_jobs), "none")}."
    }
  }
}

# Whatever is to be released depends on the gate.
resource "terraform_data" "release" {
  input = var.commit

  depends_on = [data.github_actions_run_jobs.ci]
}
