ephemeral "github_actions_job_logs" "deploy" {
  repository = "acme/app"
  job_id     = 70104
  pattern    = "(?i)deprecated|falling back"
}

# A plan warns when the deployment said something that it should not have. Nothing of its log is kept.
check "deployment" {
  assert {
    condition     = length(ephemeral.github_actions_job_logs.deploy.matches) == 0
    error_message = "The deployment used something deprecated: see its log."
  }
}
