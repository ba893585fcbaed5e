# Terraform 1.7 or later: no request is sent, and no token is needed.
mock_provider "github" {
  mock_data "github_actions_workflow_runs" {
    defaults = {
      ids       = [700, 699]
      latest_id = 700
    }
  }

  mock_data "github_actions_run_jobs" {
    defaults = {
      completed   = true
      succeeded   = true
      failed_jobs = []
      labels      = ["ubuntu-24.04"]
    }
  }

  mock_data "github_actions_runner_label_audit" {
    defaults = {
      compliant       = true
      violation_count = 0
    }
  }
}

run "a_green_run_is_released" {
  command = plan

  assert {
    condition     = terraform_data.release.input.run_id == 700
    error_message = "The release does not name the newest run."
  }

  assert {
    condition     = terraform_data.release.input.labels == tolist(["ubuntu-24.04"])
    error_message = "The release does not name the labels of its jobs."
  }
}

run "a_failed_run_is_not" {
  command = plan

  override_data {
    target = data.github_actions_run_jobs.ci
    values = {
      completed   = true
      succeeded   = false
      failed_jobs = ["test"]
    }
  }

  expect_failures = [data.github_actions_run_jobs.ci]
}

run "a_denied_label_is_reported" {
  command = plan

  override_data {
    target = data.github_actions_runner_label_audit.labels
    values = {
      compliant       = false
      violation_count = 2
    }
  }

  expect_failures = [check.labels]
}
