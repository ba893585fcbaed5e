package provider

import "github.com/runner-audit/terraform-provider-github-actions/internal/gate"

func commitGateObject() object[gate.Verdict] {
	type verdict = gate.Verdict
	return object[verdict]{
		boolAttr("succeeded", "Whether the gate is open: each of `workflows` has a run that counts, and all runs that count have passed, with all required jobs. Never null.", func(v verdict) bool { return v.Open }),
		boolAttr("completed", "Whether each of `workflows` has a run that counts, and all of these runs are over. Never null.", func(v verdict) bool { return v.Completed }),
		stringAttr("reason", "The verdict in one line, for people: the first thing that keeps the gate shut, by workflow and job, or that all succeeded. Its wording may change, so compare `succeeded` instead. Never null.", func(v verdict) *string { return &v.Reason }),
		int64MapAttr("run_ids", "ID of the newest run that counts, by workflow as written in `workflows`. A workflow without such a run has no key.", func(v verdict) map[string]int64 { return v.RunIDs }),
		stringListAttr("failed_jobs", "The failed jobs of the runs that count, as `WORKFLOW / JOB`, with the workflow as written in `workflows`: those that are completed, and whose conclusion is not `success`, `skipped` or `neutral`. Jobs that may fail are among them. Empty when there is none.", func(v verdict) []string { return v.FailedJobs }),
		objectListAttr("runs", "The runs that count: of each workflow, the newest of each branch. In the order of `workflows`, then newest first.", gateRunObject(), func(v verdict) []gate.Row { return v.Rows }),
	}
}

func gateRunObject() object[gate.Row] {
	type row = gate.Row
	return object[row]{
		stringAttr("workflow", "The workflow, as written in `workflows`.", func(r row) *string { return &r.Workflow }),
		int64Attr("run_id", "ID of the run.", func(r row) *int64 { return r.Run.ID }),
		int64Attr("run_attempt", "Newest attempt of the run, from 1. Null if the API does not return it.", func(r row) *int64 { return r.Run.RunAttempt }),
		stringAttr("status", "Status of the run, as GitHub gives it: `queued`, `in_progress`, `completed` and others. Null if the API does not return it.", func(r row) *string { return r.Run.Status }),
		stringAttr("conclusion", "Conclusion of the run, as GitHub gives it: `success`, `failure`, `cancelled` and others. Null until the run is completed.", func(r row) *string { return r.Run.Conclusion }),
		stringAttr("event", "What started the run, such as `push`. Null if the API does not return it.", func(r row) *string { return r.Run.Event }),
		stringAttr("head_branch", "Branch or tag that the run was started on. Null if the API does not return it.", func(r row) *string { return r.Run.HeadBranch }),
		stringAttr("html_url", "URL of the run's page. Null if the API does not return it.", func(r row) *string { return r.Run.HTMLURL }),
		stringListAttr("failed_jobs", "Names of the failed jobs of the run, each by its last attempt. Empty when there is none.", func(r row) []string { return r.FailedJobs }),
	}
}
