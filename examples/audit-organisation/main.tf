# The runner labels and groups of a whole organisation, in one read.
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

data "github_actions_runner_label_audit" "acme" {
  repositories         = ["acme/*"]
  exclude_repositories = ["sandbox-*"]
  created_within       = "30d"
  max_runs             = 1000

  # Hosted images by their full names, and our own runners.
  allowed_labels        = ["ubuntu-24.04", "windows-2025", "macos-15", "self-hosted", "linux", "x64", "gpu*", "deploy", "region=*"]
  allowed_runner_groups = ["GitHub Actions", "builders", "gpu", "production", "large-runners"]

  exception {
    repository = "web"
    job        = "lighthouse"
    label      = "ubuntu-20.04"
    until      = "2030-12-31"
    reason     = "The browser needs the old image until the new site is live."
  }
}

check "labels" {
  assert {
    condition     = data.github_actions_runner_label_audit.acme.violation_count == 0
    error_message = join("\n", data.github_actions_runner_label_audit.acme.summary[*].message)
  }

  # An audit without runs finds no violation either.
  assert {
    condition     = data.github_actions_runner_label_audit.acme.run_count > 0
    error_message = "No runs found, so the labels were not checked."
  }

  assert {
    condition     = data.github_actions_runner_label_audit.acme.complete
    error_message = "The audit does not cover everything: see problems and by_repository."
  }
}

output "at_fault" {
  description = "Number of violations of each repository that has some."
  value = {
    for row in data.github_actions_runner_label_audit.acme.by_repository : row.repository => row.violation_count
    if row.violation_count > 0
  }
}

output "unread" {
  description = "Repositories and runs that could not be read."
  value       = data.github_actions_runner_label_audit.acme.problems[*].message
}
