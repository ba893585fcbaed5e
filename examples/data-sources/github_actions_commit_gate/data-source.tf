# The plan fails unless both workflows have succeeded for this commit.
data "github_actions_commit_gate" "ci" {
  repository          = "acme/app"
  head_sha            = "f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0"
  workflows           = ["ci.yml", "release.yml"]
  branch              = "main"
  required_jobs       = ["package", "test (*)"]
  may_fail_jobs       = ["docs*"]
  wait_for_run        = "5m"
  wait_for_completion = true
  must_succeed        = true

  timeouts {
    read = "30m"
  }
}

output "ci" {
  value = data.github_actions_commit_gate.ci.reason
}
