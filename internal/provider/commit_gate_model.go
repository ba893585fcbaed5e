package provider

import "github.com/runner-audit/terraform-provider-github-actions/internal/gate"

func commitGateObject() object[gate.Verdict] {
	type verdict = gate.Verdict
	return object[verdict]{
		boolAttr("succeeded", "True if the gate is open: each of `workflows` has a run that counts, and all runs that count passed, with all required jobs.", func(v verdict) bool { return v.Open }),
		boolAttr("completed", "True if each of `workflows` has a run that counts, and all of these runs are completed.", func(v verdict) bool { return v.Completed }),
		stringAttr("reason", "One line for people: why the gate is shut, with workflow and job, or that all succeeded. A run that is missing or failed is named before one that is not completed. The wording can change, so use `succeeded` in conditions.", func(v verdict) *string { return &v.Reason }),
		int64MapAttr("run_ids", "ID of the newest run that counts, for each workflow as written in `workflows`. A workflow without such a run has no key.", func(v verdict) map[string]int64 { return v.RunIDs }),
		stringListAttr("failed_jobs", "Failed jobs of the runs that count, as `WORKFLOW / JOB`, with the workflow as written in `workflows`: jobs that are completed and whose conclusion is not `success`, `skipped` or `neutral`. Includes jobs that may fail. Empty if no job failed.", func(v verdict) []string { return v.FailedJobs }),
		objectListAttr("runs", "Runs that count: for each workflow, the newest run of each branch. In the order of `workflows`, then newest first.", gateRunObject(), func(v verdict) []gate.Row { return v.Rows }),
	}
}

func gateRunObject() object[gate.Row] {
	type row = gate.Row
	return object[row]{
		stringAttr("workflow", "Workflow, as written in `workflows`.", func(r row) *string { return &r.Workflow }),
		int64Attr("run_id", "ID of the run.", func(r row) *int64 { return r.Run.ID }),
		int64Attr("run_attempt", "Number of the newest attempt of the run, starting at 1. Null if the API does not return it.", func(r row) *int64 { return r.Run.RunAttempt }),
		stringAttr("status", "Status of the run, as GitHub reports it: `queued`, `in_progress`, `completed` and others. GitHub can add values. Null if the API does not return it.", func(r row) *string { return r.Run.Status }),
		stringAttr("conclusion", "Conclusion of the run, as GitHub reports it: `success`, `failure`, `cancelled` and others. GitHub can add values. Null until the run is completed.", func(r row) *string { return r.Run.Conclusion }),
		stringAttr("event", "Event that started the run, such as `push`. Null if the API does not return it.", func(r row) *string { return r.Run.Event }),
		stringAttr("head_branch", "Branch or tag that the run used. Null if the API does not return it.", func(r row) *string { return r.Run.HeadBranch }),
		stringAttr("html_url", "URL of the run's page on GitHub. Null if the API does not return it.", func(r row) *string { return r.Run.HTMLURL }),
		stringListAttr("failed_jobs", "Names of the failed jobs of the run, each by its last attempt. Empty if no job failed.", func(r row) []string { return r.FailedJobs }),
	}
}
