# Queue times and runner time of an organisation, by week and label set.
data "github_actions_job_usage" "fleet" {
  repositories   = ["acme/*"]
  created_within = "30d"
  group_by       = ["week", "labels"]
}

output "slow_queues" {
  value = [
    for row in data.github_actions_job_usage.fleet.rows : "${row.week}: ${join(", ", row.labels)}"
    if coalesce(row.queued_seconds.p95, 0) > 30
  ]
}
