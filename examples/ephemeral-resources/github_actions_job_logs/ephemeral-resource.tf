ephemeral "github_actions_job_logs" "deploy" {
  repository = "acme/app"
  job_id     = 70104
  pattern    = "(?i)deprecated|falling back"
}

# The plan warns if the log of the deployment contains one of these phrases. It saves nothing of the log.
check "deployment" {
  assert {
    condition     = length(ephemeral.github_actions_job_logs.deploy.matches) == 0
    error_message = "The deployment used something deprecated: see its log."
  }
}
