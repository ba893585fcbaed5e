package provider

import (
	"context"
	"strings"
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
		int64Attr("id", "Id of the run, unique on the host: the `run_id` of other data sources.", func(r run) *int64 { return r.ID }),
		stringAttr("name", "Name of the workflow, or what its `run-name` made of it.", func(r run) *string { return r.Name }),
		stringAttr("display_title", "Title of the run as its page shows it. Null when the server does not tell.", func(r run) *string { return r.DisplayTitle }),
		int64Attr("run_number", "Number of the run in its workflow, from 1.", func(r run) *int64 { return r.RunNumber }),
		int64Attr("run_attempt", "Newest attempt of the run, from 1. Null when the server does not tell.", func(r run) *int64 { return r.RunAttempt }),
		stringAttr("event", "What started the run: `push`, `pull_request`, `schedule` and others.", func(r run) *string { return r.Event }),
		stringAttr("status", "How far the run is, as GitHub says it: `queued`, `in_progress`, `completed` and others; the set is open.", func(r run) *string { return r.Status }),
		stringAttr("conclusion", "How the run ended, as GitHub says it: `success`, `failure`, `startup_failure` and others; the set is open. Null until the run is completed.", func(r run) *string { return r.Conclusion }),
		stringAttr("head_branch", "Branch that the run was started on. Null when the server does not tell, as for a deleted fork.", func(r run) *string { return r.HeadBranch }),
		stringAttr("head_sha", "Commit that the run was started on.", func(r run) *string { return r.HeadSHA }),
		stringAttr("path", "The workflow's file, such as `.github/workflows/ci.yml`. Null when the server does not tell.", func(r run) *string { return r.Path }),
		int64Attr("workflow_id", "Id of the workflow.", func(r run) *int64 { return r.WorkflowID }),
		stringAttr("actor", "Login of who started the run. Null when the account is gone.", func(r run) *string { return r.Actor }),
		stringAttr("triggering_actor", "Login of who started this attempt of the run. Null if the API does not return it.", func(r run) *string { return r.TriggeringActor }),
		stringAttr("head_repository", "Repository that the commit comes from, as `owner/name`: a fork, for a pull request from one. The `branch` filter also matches a branch of that name in a fork, so compare this with the repository before you trust a run. Null if the API does not return it, as for a deleted fork.", func(r run) *string { return r.HeadRepository }),
		int64Attr("check_suite_id", "Id of the check suite of the run. Null if the API does not return it.", func(r run) *int64 { return r.CheckSuiteID }),
		timeAttr("created_at", "When the run was created (RFC 3339, UTC).", func(r run) *time.Time { return r.CreatedAt }),
		timeAttr("updated_at", "When anything about the run last changed (RFC 3339, UTC).", func(r run) *time.Time { return r.UpdatedAt }),
		timeAttr("run_started_at", "When the newest attempt started (RFC 3339, UTC). Null when the server does not tell.", func(r run) *time.Time { return r.RunStartedAt }),
		stringAttr("previous_attempt_url", "Address of the previous attempt in the API. Null for a first attempt.", func(r run) *string { return r.PreviousAttemptURL }),
		stringAttr("html_url", "Address of the run's page.", func(r run) *string { return r.HTMLURL }),
	}
}

// runsFilterArguments are the endpoint's filters, the same for every data source that looks at many runs.
func runsFilterArguments() map[string]schema.Attribute {
	filter := func(description string, valid validator.String) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description + " Null: all.", Validators: []validator.String{valid}}
	}
	return map[string]schema.Attribute{
		"workflow": filter("Only runs of this workflow: its file name, such as `ci.yml`, or its id.", validWorkflow()),
		"branch":   filter("Only runs on this branch, by its name alone: `main`.", validBranch()),
		"event":    filter("Only runs that this event started, such as `push` or `schedule`.", validEvent()),
		"actor":    filter("Only runs that this user started, by login.", validActor()),
		"status":   filter("Only runs with this status or conclusion, such as `completed`, `success` or `failure`; the set is GitHub's and open.", validStatus()),
		"created":  filter("Only runs created on a date or in a range, in GitHub's search syntax: `2026-05-04`, `>=2026-05-01`, `2026-05-01..2026-05-31`.", validDates()),
		"head_sha": filter("Only runs of this commit: all 40 characters of it.", validCommit()),
		"exclude_pull_requests": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Changes nothing: the provider never asks for the pull requests of a run. Accepted so that older configurations stay valid.",
		},
	}
}

// runsQuery reads the filters.
func (in input) runsQuery(ctx context.Context, repo actions.Repository, most int64) actions.RunsQuery {
	text := func(name string) string { return get[types.String](ctx, in, name).ValueString() }
	return actions.RunsQuery{
		Repository: repo, Max: int(most),
		Workflow: text("workflow"), Branch: text("branch"), Event: text("event"), Actor: text("actor"),
		Status: text("status"), Created: text("created"), HeadSHA: strings.ToLower(text("head_sha")), // GitHub compares it with case
	}
}
