terraform {
  required_version = ">= 1.5"

  required_providers {
    github = {
      source = "runner-audit/github-actions"
    }
  }
}

# The URL of the API and the owner come from GITHUB_BASE_URL and GITHUB_OWNER.
provider "github" {}

# Check the jobs of all repositories of acme against rules, in one read.
data "github_actions_runner_label_audit" "acme" {
  repositories         = ["acme/*"]
  denied_labels        = ["ubuntu-20.04", "macos-12", "windows-2019"]
  denied_runner_groups = ["Default"]

  exception {
    repository = "web"
    job        = "lighthouse"
    label      = "ubuntu-20.04"
    until      = "2030-12-31"
    reason     = "The browser needs the old image."
  }
}

check "no_retired_labels" {
  assert {
    condition     = data.github_actions_runner_label_audit.acme.violation_count == 0
    error_message = join("\n", data.github_actions_runner_label_audit.acme.summary[*].message)
  }
}

# Queue times and runner time, by week and label set. The provider has read these jobs already.
data "github_actions_job_usage" "acme" {
  repositories = ["acme/*"]
  group_by     = ["week", "labels"]
}

# The verdict of CI on a commit.
data "github_actions_commit_gate" "ci" {
  repository   = "app"
  head_sha     = "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0"
  workflows    = ["ci.yml"]
  must_succeed = false
}

locals {
  # The newest run of each workflow of acme/app.
  runs = {
    CI      = 700
    Release = 701
    Nightly = 702
  }
}

data "github_actions_run_jobs" "newest" {
  for_each = local.runs

  repository = "app"
  run_id     = each.value
  filter     = "final"
}

# The example job in GitHub's documentation.
data "github_actions_job" "documented" {
  repository = "octo-org/octo-repo"
  job_id     = 399444496
}

# The log of the job that failed in the first attempt of CI.
data "github_actions_job_logs" "failed" {
  repository = "app"
  job_id     = 70004
  tail_lines = 20
}

output "audit" {
  description = "What the audit found, and what it could not read."
  value = {
    summary  = data.github_actions_runner_label_audit.acme.summary[*].message
    excepted = data.github_actions_runner_label_audit.acme.excepted_count
    complete = data.github_actions_runner_label_audit.acme.complete
    problems = [for problem in data.github_actions_runner_label_audit.acme.problems : "${problem.repository}: ${problem.reason}"]
    repositories = [
      for row in data.github_actions_runner_label_audit.acme.by_repository : format(
        "%-12s runs: %d, jobs: %2d, violations: %d", row.repository, row.run_count, row.job_count, row.violation_count,
      )
    ]
  }
}

output "runners" {
  description = "Labels of the jobs of acme, with their median queue time and duration."
  value = [
    for set in data.github_actions_runner_label_audit.acme.label_sets : format(
      "%-38s jobs: %2d, queued %s, ran %s",
      length(set.labels) == 0 ? "(none: ${join(", ", set.runner_groups)})" : join(", ", set.labels),
      set.job_count,
      set.queued_seconds.p50 == null ? "-" : "${set.queued_seconds.p50}s",
      set.duration_seconds.p50 == null ? "-" : "${set.duration_seconds.p50}s",
    )
  ]
}

output "weeks" {
  description = "Usage by week and labels, for the labels that acme uses each week."
  value = sort([
    for row in data.github_actions_job_usage.acme.rows : format(
      "%s  %-28s jobs: %2d, queued p95 %4ds, billable minutes: %2d",
      row.week,
      length(row.labels) == 0 ? "(none)" : join(", ", row.labels),
      row.job_count,
      row.queued_seconds.p95,
      row.billable_minutes,
    ) if row.job_count > 1
  ])
}

output "gate" {
  description = "Whether CI of the commit has succeeded."
  value       = data.github_actions_commit_gate.ci.succeeded ? "open" : "shut: ${data.github_actions_commit_gate.ci.reason}"
}

output "runs" {
  description = "Status, labels and jobs of each run."
  value = {
    for workflow, run in data.github_actions_run_jobs.newest : workflow => {
      status     = run.run_status
      conclusion = run.run_conclusion
      labels     = run.labels
      jobs = [
        for job in run.jobs : format(
          "%-28s %-12s queued %5s  ran %5s  [%s]",
          job.name,
          coalesce(job.conclusion, job.status),
          job.queued_seconds == null ? "-" : "${job.queued_seconds}s",
          job.duration_seconds == null ? "-" : "${job.duration_seconds}s",
          join(", ", job.labels),
        )
      ]
    }
  }
}

output "documented_job" {
  description = "GitHub's documented example job."
  value = {
    name             = data.github_actions_job.documented.name
    labels           = data.github_actions_job.documented.labels
    runner           = data.github_actions_job.documented.runner_name
    runner_group     = data.github_actions_job.documented.runner_group_name
    duration_seconds = data.github_actions_job.documented.duration_seconds
    steps            = [for step in data.github_actions_job.documented.steps : "${step.number}. ${step.name}: ${step.conclusion}"]
  }
}

output "failed_job" {
  description = "Errors and warnings in the log of the failed job. Its last lines are in content, which a plan does not show."
  value = {
    errors     = data.github_actions_job_logs.failed.errors
    warnings   = data.github_actions_job_logs.failed.warnings
    line_count = data.github_actions_job_logs.failed.line_count
  }
}
