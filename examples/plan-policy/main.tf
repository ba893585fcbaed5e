# A policy outside Terraform: the audit is in the plan, and a tool reads the plan's JSON.
#
#   terraform plan -out=tfplan && terraform show -json tfplan >plan.json && jq -e -f no_violations.jq plan.json
#
# A file rather than a pipe: when terraform show fails, jq has nothing to say, and old versions call that true.
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
