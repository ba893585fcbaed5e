# Queue times and durations by runner labels, to decide whether to resize a runner group.
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

data "github_actions_runner_label_audit" "fleet" {
  repository = "app"
  max_runs   = 500
}

output "by_labels" {
  description = "Queue time and duration by runner labels, in seconds, the labels with the most jobs first."
  value = [
    for set in data.github_actions_runner_label_audit.fleet.label_sets : {
      labels        = join(" ", set.labels)
      groups        = set.runner_groups
      jobs          = set.job_count
      queued_median = set.queued_seconds.p50
      queued_p95    = set.queued_seconds.p95
      ran_median    = set.duration_seconds.p50
      ran_p95       = set.duration_seconds.p95
      busy_hours    = floor(set.total_duration_seconds / 36) / 100
    }
  ]
}

output "looked_at" {
  value = {
    runs      = data.github_actions_runner_label_audit.fleet.run_count
    from      = data.github_actions_runner_label_audit.fleet.oldest_run_at
    to        = data.github_actions_runner_label_audit.fleet.newest_run_at
    truncated = data.github_actions_runner_label_audit.fleet.truncated
  }
}
