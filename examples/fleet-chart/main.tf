# The queue time of a runner group by week, as a chart for a step summary.
#
#   terraform apply -auto-approve && terraform output -raw summary >>"$GITHUB_STEP_SUMMARY"
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

data "github_actions_job_usage" "weekly" {
  repositories   = ["acme/*"]
  created_within = "84d"
  max_runs       = 1000
  group_by       = ["week", "runner_group"]
}

locals {
  builders = [for row in data.github_actions_job_usage.weekly.rows : row if row.runner_group == "builders"]
}

output "summary" {
  value = <<-MARKDOWN
    ## Queue time of the group builders

    ```mermaid
    ${provider::github::usage_chart(local.builders, "queued_seconds.p95")}
    ```
  MARKDOWN
}
