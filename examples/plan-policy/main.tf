# A policy outside Terraform: the audit is in the plan, and a tool reads the plan's JSON.
#
#   terraform plan -out=tfplan
#   terraform show -json tfplan | jq -e -f no_violations.jq
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

# The plan's JSON shows what an output is made of, so the policy need not know the data source.
output "runner_label_violations" {
  value = data.github_actions_runner_label_audit.app.violations
}
