# The newest jobs that ran on a runner group.
data "github_actions_jobs" "builders" {
  repositories = ["acme/*"]
  runner_group = "builders"
}

# The newest jobs whose tests failed, in all attempts.
data "github_actions_jobs" "failed_tests" {
  repositories = ["acme/*"]
  filter       = "all"
  failed_step  = "Run make test"
  max_results  = 20
}

output "failed_tests" {
  value = [for job in data.github_actions_jobs.failed_tests.jobs : job.html_url]
}
