# A policy outside Terraform: the plan contains the audit, and a tool reads the plan as JSON.
#
#   terraform plan -out=tfplan && terraform show -json tfplan >plan.json
#   jq -e -f no_violations.jq plan.json
#   conftest test --policy . plan.json
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

data "github_actions_runner_label_audit" "acme" {
  repositories  = ["acme/*"]
  denied_labels = ["ubuntu-20.04"]
}

# The policy reads this output, so it does not depend on the data source.
output "runner_labels" {
  value = {
    complete   = data.github_actions_runner_label_audit.acme.complete
    problems   = data.github_actions_runner_label_audit.acme.problems[*].message
    violations = data.github_actions_runner_label_audit.acme.summary[*].message
  }
}
