# Check the jobs of two runs against the same rules.
data "github_actions_run_jobs" "ci" {
  repository    = "acme/app"
  run_id        = 700
  include_steps = false
}

data "github_actions_run_jobs" "release" {
  repository    = "acme/app"
  run_id        = 701
  include_steps = false
}

locals {
  violations = provider::github::label_violations(
    concat(data.github_actions_run_jobs.ci.jobs, data.github_actions_run_jobs.release.jobs),
    {
      allowed_labels = ["ubuntu-24.04", "windows-2025", "macos-*", "self-hosted", "linux", "x64", "deploy", "region=*"]
      denied_labels  = ["ubuntu-20.04"]
    },
  )
}

# The plan warns and names the jobs that break the rules.
check "runner_labels" {
  assert {
    condition     = length(local.violations) == 0
    error_message = join("\n", local.violations[*].message)
  }
}

output "violations" {
  value = local.violations
}
