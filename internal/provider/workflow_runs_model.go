package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// runObject is the run as a list shows it.
func runObject() object[*job.Run] {
	type run = *job.Run
	return object[run]{
		int64Attr("id", "ID of the run, unique on the GitHub host. Use it as `run_id` of other data sources.", func(r run) *int64 { return r.ID }),
		stringAttr("name", "Name of the workflow, or the result of its `run-name`. Null if the API does not return it.", func(r run) *string { return r.Name }),
		stringAttr("display_title", "Title of the run, as its page shows it. Null if the API does not return it.", func(r run) *string { return r.DisplayTitle }),
		int64Attr("run_number", "Number of the run in its workflow, starting at 1. Null if the API does not return it.", func(r run) *int64 { return r.RunNumber }),
		int64Attr("run_attempt", "Number of the newest attempt of the run, starting at 1. Null if the API does not return it.", func(r run) *int64 { return r.RunAttempt }),
		stringAttr("event", "Event that started the run: `push`, `pull_request`, `schedule` and others. Null if the API does not return it.", func(r run) *string { return r.Event }),
		stringAttr("status", "Status of the run, as GitHub reports it: `queued`, `in_progress`, `completed` and others. GitHub can add values. Null if the API does not return it.", func(r run) *string { return r.Status }),
		stringAttr("conclusion", "Conclusion of the run, as GitHub reports it: `success`, `failure`, `startup_failure` and others. GitHub can add values. Null until the run is completed.", func(r run) *string { return r.Conclusion }),
		stringAttr("head_branch", "Branch that the run used. Null if the API does not return it, for example for a deleted fork.", func(r run) *string { return r.HeadBranch }),
		stringAttr("head_sha", "Commit that the run used, as a full SHA. Null if the API does not return it.", func(r run) *string { return r.HeadSHA }),
		stringAttr("path", "File of the workflow, such as `.github/workflows/ci.yml`. On Forgejo, only its name. Null if the API does not return it.", func(r run) *string { return r.Path }),
		int64Attr("workflow_id", "ID of the workflow. Null if the API does not return it, or returns the name of the file instead, as Forgejo does.", func(r run) *int64 { return r.WorkflowID }),
		stringAttr("actor", "Login of the user that started the run. Null if the account no longer exists.", func(r run) *string { return r.Actor }),
		stringAttr("triggering_actor", "Login of the user that started this attempt of the run. Null if the API does not return it.", func(r run) *string { return r.TriggeringActor }),
		stringAttr("head_repository", "Repository that the commit comes from, as `owner/name`. For a pull request from a fork, it is the fork. The `branch` filter also matches branches of forks, so compare this attribute with the repository before you trust a run. Null if the API does not return it, for example for a deleted fork.", func(r run) *string { return r.HeadRepository }),
		int64Attr("check_suite_id", "ID of the check suite of the run. Null if the API does not return it.", func(r run) *int64 { return r.CheckSuiteID }),
		timeAttr("created_at", "Time when the run was created (RFC 3339, UTC). Null if the API does not return it.", func(r run) *time.Time { return r.CreatedAt }),
		timeAttr("updated_at", "Time of the last change to the run (RFC 3339, UTC). Null if the API does not return it.", func(r run) *time.Time { return r.UpdatedAt }),
		timeAttr("run_started_at", "Time when the newest attempt started (RFC 3339, UTC). Null if the API does not return it.", func(r run) *time.Time { return r.RunStartedAt }),
		stringAttr("previous_attempt_url", "URL of the previous attempt in the API. Null for the first attempt.", func(r run) *string { return r.PreviousAttemptURL }),
		stringAttr("html_url", "URL of the run's page on GitHub. Null if the API does not return it.", func(r run) *string { return r.HTMLURL }),
	}
}

// runsFilterArguments are the endpoint's filters, the same for every data source that looks at many runs.
func runsFilterArguments() map[string]schema.Attribute {
	filter := func(description string, valid validator.String) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description + " Default: all runs.", Validators: []validator.String{valid}}
	}
	return map[string]schema.Attribute{
		"workflow": filter("Workflow of the runs: its file name, such as `ci.yml`, or its ID.", validWorkflow()),
		"branch":   filter("Branch of the runs, such as `main`, without `refs/heads/`.", validBranch()),
		"event":    filter("Event that started the runs, such as `push` or `schedule`.", validEvent()),
		"actor":    filter("Login of the user that started the runs.", validActor()),
		"status":   filter("Status or conclusion of the runs, such as `completed`, `success` or `failure`. GitHub defines the values and can add some.", validStatus()),
		"created":  filter("Date or range in which the runs were created, in GitHub's search syntax: `2026-05-04`, `>=2026-05-01`, `2026-05-01..2026-05-31`.", validDates()),
		"head_sha": filter("Commit of the runs: the full SHA of 40 hexadecimal digits, or 64 in a SHA-256 repository.", validCommit()),
		"exclude_pull_requests": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Has no effect: the provider never requests the pull requests of a run. The argument is accepted so that existing configurations stay valid.",
		},
	}
}

// runsQuery reads the filters.
func (in input) runsQuery(ctx context.Context, repo actions.Repository, most int64) actions.RunsQuery {
	text := func(name string) string { return get[types.String](ctx, in, name).ValueString() }
	return actions.RunsQuery{
		Repository: repo, Max: int(most),
		Workflow: text("workflow"), Branch: text("branch"), Event: text("event"), Actor: text("actor"),
		Status: text("status"), Created: text("created"), HeadSHA: text("head_sha"),
	}
}
