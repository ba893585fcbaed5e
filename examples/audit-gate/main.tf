# Stop the plan if a job used a runner that is not allowed, or if the audit is not complete.
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

data "github_actions_runner_label_audit" "production" {
  repositories         = ["acme/*"]
  exclude_repositories = ["payroll"] # this token cannot read it
  denied_labels        = ["macos-12"]
  denied_runner_groups = ["experimental*"]

  lifecycle {
    postcondition {
      condition     = self.compliant
      error_message = join("\n", concat(["These jobs break the rules:"], self.summary[*].message))
    }

    postcondition {
      condition     = self.complete && self.run_count > 0
      error_message = "The audit read ${self.run_count} runs, and complete is ${self.complete}."
    }
  }
}
