# The newest completed CI run on the main branch.
data "github_actions_workflow_runs" "ci" {
  repository  = "acme/app"
  workflow    = "ci.yml"
  branch      = "main"
  status      = "completed"
  max_results = 1
}

output "newest_ci_run" {
  value = one([
    for run in data.github_actions_workflow_runs.ci.runs : {
      id         = run.id
      conclusion = run.conclusion
      commit     = run.head_sha
      page       = run.html_url
    }
  ])
}
