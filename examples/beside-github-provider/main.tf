# Two providers whose type names both start with github_: the GitHub provider keeps the local name
# `github`, and each block of this provider says which one it belongs to.
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
