data "github_actions_run_jobs" "ci" {
  repository    = "acme/app"
  run_id        = 700
  filter        = "all"
  include_steps = false
}

# Markdown for a pull-request comment or a step summary:
#
#   terraform output -raw timeline >> "$GITHUB_STEP_SUMMARY"
output "timeline" {
  value = <<-MARKDOWN
    ```mermaid
    ${provider::github::timeline(data.github_actions_run_jobs.ci.jobs)}
    ```
  MARKDOWN
}
