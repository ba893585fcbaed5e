# One audit for each repository. Terraform is slow with a data block for each run, so each block reads
# many runs.
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

locals {
  repositories = toset(["app", "infra"])
}

data "github_actions_runner_label_audit" "all" {
  for_each = local.repositories

  repository = each.key
  max_runs   = 100

  # Hosted images by their full names, and our own runners.
  allowed_labels = ["ubuntu-24.04", "windows-2025", "macos-15", "self-hosted", "linux", "x64", "gpu*", "deploy", "region=*"]
}

check "labels" {
  assert {
    condition     = alltrue([for audit in data.github_actions_runner_label_audit.all : audit.compliant])
    error_message = "Labels that break the rules: ${jsonencode(local.at_fault)}."
  }

  # An audit without runs finds no violation either.
  assert {
    condition     = length(local.without_runs) == 0
    error_message = "No runs found, so the labels were not checked, in: ${join(", ", local.without_runs)}."
  }
}

locals {
  at_fault = {
    for repository, audit in data.github_actions_runner_label_audit.all :
    repository => distinct([for v in audit.violations : "${coalesce(v.label, v.pattern)} is ${v.reason}"])
    if !audit.compliant
  }

  without_runs = [
    for repository, audit in data.github_actions_runner_label_audit.all : repository
    if audit.run_count == 0
  ]
}

output "violations" {
  description = "Number of violations by repository."
  value       = { for repository, audit in data.github_actions_runner_label_audit.all : repository => audit.violation_count }
}
