# Check whether the jobs of the last 200 runs requested retired labels.
data "github_actions_runner_label_audit" "app" {
  repository = "acme/app"
  max_runs   = 200

  denied_labels = ["ubuntu-20.04", "macos-12", "windows-2019"]
}

check "no_retired_labels" {
  assert {
    condition     = data.github_actions_runner_label_audit.app.compliant
    error_message = join("\n", data.github_actions_runner_label_audit.app.summary[*].message)
  }

  # An audit without runs finds no violation either.
  assert {
    condition     = data.github_actions_runner_label_audit.app.run_count > 0
    error_message = "No runs found, so the labels were not checked."
  }
}
