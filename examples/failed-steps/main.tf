# The failed steps of the newest run that a push to main started.
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

# Without a filter for the event, this could be a run that somebody started by hand.
data "github_actions_workflow_runs" "newest" {
  repository  = "app"
  event       = "push"
  branch      = "main"
  max_results = 1

  lifecycle {
    postcondition {
      condition     = length(self.runs) == 1
      error_message = "No run of a push to main."
    }
  }
}

data "github_actions_run_jobs" "newest" {
  repository = "app"
  run_id     = data.github_actions_workflow_runs.newest.runs[0].id
}

output "failed_steps" {
  value = flatten([
    for job in data.github_actions_run_jobs.newest.jobs : [
      for step in job.steps : {
        job  = job.name
        step = "${step.number}. ${step.name}"
        page = job.html_url
      } if step.conclusion == "failure"
    ]
  ])
}
