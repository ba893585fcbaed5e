# Queue times and billable minutes of an organisation, to decide whether to resize a runner group.
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

# How each runner group and label set did, week by week.
data "github_actions_job_usage" "weekly" {
  repositories   = ["acme/*"]
  created_within = "28d"
  max_runs       = 1000
  filter         = "all" # GitHub bills all attempts, and all of them took runners
  group_by       = ["week", "runner_group", "labels"]
}

# The same jobs by repository. The provider does not ask for them again.
data "github_actions_job_usage" "repositories" {
  repositories   = ["acme/*"]
  created_within = "28d"
  max_runs       = 1000
  filter         = "all"
  group_by       = ["repository", "runner_group"]
}

output "slow_queues" {
  description = "Weeks in which one job in twenty waited longer than a minute for a runner."
  value = [
    for row in data.github_actions_job_usage.weekly.rows : {
      week   = row.week
      group  = row.runner_group
      labels = join(" ", row.labels)
      jobs   = row.job_count
      median = row.queued_seconds.p50
      p95    = row.queued_seconds.p95
      hours  = floor(row.duration_seconds.total / 36) / 100
    } if row.queued_seconds.p95 == null ? false : row.queued_seconds.p95 > 60
  ]
}

output "hosted_minutes" {
  description = "Billable minutes on GitHub's own runners, by repository."
  value = {
    for row in data.github_actions_job_usage.repositories.rows : row.repository => row.billable_minutes
    if row.runner_group == "GitHub Actions"
  }
}

output "covered" {
  value = {
    from     = data.github_actions_job_usage.weekly.oldest_run_at
    to       = data.github_actions_job_usage.weekly.newest_run_at
    runs     = data.github_actions_job_usage.weekly.run_count
    complete = data.github_actions_job_usage.weekly.complete
  }
}
