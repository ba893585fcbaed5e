# The last twenty lines of a failed job's log, and its errors.
data "github_actions_job_logs" "mac" {
  repository = "acme/app"
  job_id     = 70004
  tail_lines = 20
}

output "why_it_failed" {
  value = data.github_actions_job_logs.mac.errors
}

# terraform output -raw log
output "log" {
  value     = data.github_actions_job_logs.mac.content
  sensitive = true
}
