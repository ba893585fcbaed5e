terraform {
  required_providers {
    github = {
      source  = "runner-audit/github-actions"
      version = "~> 0.1"
    }
  }
}

# The token comes from GITHUB_TOKEN; public repositories need none.
provider "github" {
  owner = "acme"
}
