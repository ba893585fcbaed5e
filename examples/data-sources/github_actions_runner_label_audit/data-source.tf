# Check whether the jobs of the last 200 runs requested retired labels.
data "github_actions_runner_label_audit" "app" {
  repository = "acme/app"
  max_runs   = 200

  denied_labels = ["ubuntu-20.04", "macos-12", "windows-2019"]
}

check "no_retired_labels" {
  assert {
    condition = data.github_actions_runner_label_audit.app.compliant
    error_message = join("\n", [
      for v in data.github_actions_runner_label_audit.app.violations :
      "${v.workflow_name} / ${v.job_name}: ${coalesce(v.label, v.pattern)} is ${v.reason}: ${v.html_url}"
    ])
  }

  # An audit without runs finds no violation either.
  assert {
    condition     = data.github_actions_runner_label_audit.app.run_count > 0
    error_message = "No runs found, so the labels were not checked."
  }
}
