terraform {
  required_providers {
    github = {
      source  = "runner-audit/github-actions"
      version = "~> 0.1"
    }
  }
}

# The token comes from GITHUB_TOKEN. Public repositories do not need one.
provider "github" {
  owner = "acme"
}
