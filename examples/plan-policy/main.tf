# A policy outside Terraform: the plan contains the audit, and a tool reads the plan as JSON.
#
#   terraform plan -out=tfplan && terraform show -json tfplan >plan.json && jq -e -f no_violations.jq plan.json
#
# Use a file, not a pipe: if terraform show fails, jq gets no input, and old versions of jq then succeed.
terraform {
  required_providers {
    github = {
      source = "runner-audit/github-actions"
    }
  }
}

provider "github" {
  owner = "acme"
}

data "github_actions_runner_label_audit" "app" {
  repository = "app"

  denied_labels = ["ubuntu-20.04"]
}

# The policy reads this output, so it does not depend on the data source.
output "runner_label_violations" {
  value = data.github_actions_runner_label_audit.app.violations
}
