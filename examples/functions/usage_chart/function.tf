data "github_actions_runner_label_audit" "recent" {
  repository = "acme/app"
  workflow   = "ci.yml"
}

# Markdown for a pull-request comment or a step summary:
#
#   terraform output -raw usage >> "$GITHUB_STEP_SUMMARY"
output "usage" {
  value = <<-MARKDOWN
    ```mermaid
    ${provider::github::usage_chart(data.github_actions_runner_label_audit.recent.label_sets, "job_count")}
    ```
  MARKDOWN
}
