# The findings of an audit as Markdown, CSV and JSON.
#
#   terraform apply -auto-approve && terraform output -raw markdown >>"$GITHUB_STEP_SUMMARY"
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
  repositories   = ["acme/*"]
  created_within = "30d"
  denied_labels  = ["ubuntu-20.04", "macos-12", "windows-2019"]
}

locals {
  rows = [
    for row in data.github_actions_runner_label_audit.acme.summary : {
      repository = row.repository
      workflow   = row.workflow_name == null ? "" : row.workflow_name
      job        = row.job_name == null ? "" : row.job_name
      label      = row.label == null ? row.pattern : row.label
      reason     = row.reason
      count      = row.count
      last_seen  = row.last_seen_at == null ? "" : row.last_seen_at
      url        = row.html_url == null ? "" : row.html_url
    }
  ]
  columns = ["repository", "workflow", "job", "label", "reason", "count", "last_seen", "url"]
}

output "markdown" {
  value = join("\n", concat(
    ["| Repository | Workflow | Job | Label | Reason | Jobs |", "|---|---|---|---|---|---|"],
    [
      for row in local.rows : format("| %s |", join(" | ", [
        for cell in [row.repository, row.workflow, row.job, row.label, row.reason, "[${row.count}](${row.url})"] :
        replace(replace(cell, "|", "\\|"), "\n", " ")
      ]))
    ],
    [""],
  ))
}

# Each cell is between quotes, and quotes inside are doubled.
output "csv" {
  value = join("\r\n", concat(
    [join(",", local.columns)],
    [for row in local.rows : join(",", [for column in local.columns : "\"${replace(row[column], "\"", "\"\"")}\""])],
    [""],
  ))
}

output "json" {
  value = jsonencode(data.github_actions_runner_label_audit.acme.summary)
}
