# The type names of both providers start with github_. The GitHub provider keeps the local name
# `github`, and each block of this provider sets `provider`.
terraform {
  required_providers {
    github = {
      source = "integrations/github"
    }
    github-actions = {
      source = "runner-audit/github-actions"
    }
  }
}

provider "github" {
  owner = "acme"
}

provider "github-actions" {
  owner = "acme"
}

data "github_actions_run_jobs" "ci" {
  provider = github-actions

  repository = "app"
  run_id     = 700
}

output "ci_succeeded" {
  value = data.github_actions_run_jobs.ci.succeeded
}
