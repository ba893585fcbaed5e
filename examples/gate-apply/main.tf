# Apply only when CI of this very commit has succeeded.
#
#   terraform apply -var commit="$(git rev-parse HEAD)"
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

data "github_actions_commit_gate" "ci" {
  repository          = "app"
  head_sha            = var.commit
  workflows           = ["ci.yml", "release.yml"]
  branch              = "main"
  may_fail_jobs       = ["e2e*"]
  wait_for_run        = "5m"
  wait_for_completion = true
  must_succeed        = true
}

# Whatever is to be released depends on the gate.
resource "terraform_data" "release" {
  input = var.commit

  depends_on = [data.github_actions_commit_gate.ci]
}
