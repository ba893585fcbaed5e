# terraform test (1.7 and later): no request is sent, and no token is needed.
mock_provider "github" {
  mock_data "github_actions_commit_gate" {
    defaults = {
      succeeded   = true
      completed   = true
      reason      = "all succeeded: ci.yml"
      run_ids     = { "ci.yml" = 700 }
      failed_jobs = []
    }
  }
}

run "a_commit_with_green_ci_is_released" {
  command = plan

  assert {
    condition     = terraform_data.release.input.run_id == 700
    error_message = "The release does not name the run that built it."
  }
}

run "a_commit_with_red_ci_is_not" {
  command = plan

  override_data {
    target = data.github_actions_commit_gate.ci
    values = {
      succeeded   = false
      completed   = true
      reason      = "ci.yml / test ended with failure"
      run_ids     = { "ci.yml" = 700 }
      failed_jobs = ["ci.yml / test"]
    }
  }

  expect_failures = [data.github_actions_commit_gate.ci]
}
