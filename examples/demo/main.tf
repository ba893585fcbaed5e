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

# Check the labels of all jobs of the last hundred runs against a rule, in one read.
data "github_actions_runner_label_audit" "app" {
  repository    = "app"
  denied_labels = ["ubuntu-20.04", "macos-12", "windows-2019"]
}

# The log of the job that failed in the first attempt of CI.
data "github_actions_job_logs" "failed" {
  repository = "app"
  job_id     = 70004
  tail_lines = 20
}

check "no_retired_labels" {
  assert {
    condition = data.github_actions_runner_label_audit.app.compliant
    error_message = join("\n", [
      for v in data.github_actions_runner_label_audit.app.violations :
      "${v.workflow_name} / ${v.job_name}: ${coalesce(v.label, v.pattern)} is ${v.reason}."
    ])
  }
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

output "runners" {
  description = "Labels of the jobs of acme/app, with their median queue time and duration."
  value = [
    for set in data.github_actions_runner_label_audit.app.label_sets : format(
      "%-38s jobs: %2d, queued %s, ran %s",
      join(", ", set.labels),
      set.job_count,
      set.queued_seconds.p50 == null ? "-" : "${set.queued_seconds.p50}s",
      set.duration_seconds.p50 == null ? "-" : "${set.duration_seconds.p50}s",
    )
  ]
}

output "documented_job" {
  description = "GitHub's documented example job."
  value = {
    name             = data.github_actions_job.documented.name
    labels           = data.github_actions_job.documented.labels
    runner           = "${data.github_actions_job.documented.runner_name} (${data.github_actions_job.documented.runner_group_name})"
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
