# A release behind a gate. gate.tftest.hcl tests it with `terraform test`, without GitHub.
terraform {
  required_providers {
    github = {
      source = "runner-audit/github-actions"
    }
  }
}

variable "commit" {
  description = "Commit that is to be released: all 40 characters."
  type        = string
  default     = "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0"
}

provider "github" {
  owner = "acme"
}

# A mock cannot fail a read as must_succeed does, so this gate has a postcondition.
data "github_actions_commit_gate" "ci" {
  repository          = "app"
  head_sha            = var.commit
  workflows           = ["ci.yml"]
  wait_for_completion = true

  lifecycle {
    postcondition {
      condition     = self.succeeded
      error_message = "The gate is shut: ${self.reason}."
    }
  }
}

resource "terraform_data" "release" {
  input = {
    commit = var.commit
    run_id = data.github_actions_commit_gate.ci.run_ids["ci.yml"]
  }
}
