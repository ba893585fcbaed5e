# A release that needs a green run and clean runner labels. module.tftest.hcl tests it with
# `terraform test`, without GitHub.
terraform {
  required_providers {
    github = {
      source = "runner-audit/github-actions"
    }
  }
}

variable "repository" {
  description = "Repository that is released, as owner/name."
  type        = string
  default     = "acme/app"
}

data "github_actions_workflow_runs" "newest" {
  repository = var.repository
  workflow   = "ci.yml"
  branch     = "main"
}

data "github_actions_run_jobs" "ci" {
  repository = var.repository
  run_id     = data.github_actions_workflow_runs.newest.latest_id

  lifecycle {
    postcondition {
      condition     = self.completed && self.succeeded
      error_message = "CI has not succeeded. Failed jobs: ${join(", ", self.failed_jobs)}."
    }
  }
}

data "github_actions_runner_label_audit" "labels" {
  repository    = var.repository
  denied_labels = ["ubuntu-20.04"]
}

check "labels" {
  assert {
    condition     = data.github_actions_runner_label_audit.labels.compliant
    error_message = "${data.github_actions_runner_label_audit.labels.violation_count} violations of the label rules."
  }
}

resource "terraform_data" "release" {
  input = {
    run_id = data.github_actions_run_jobs.ci.run_id
    labels = data.github_actions_run_jobs.ci.labels
  }
}
