package provider

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/audit"
	"github.com/runner-audit/terraform-provider-github-actions/internal/gate"
)

// defaultGateEvent is the event whose runs count if the configuration does not set event.
const defaultGateEvent = "push"

// commitGateDataSource is github_actions_commit_gate: whether CI succeeded for a commit.
type commitGateDataSource struct{ dataSource }

func newCommitGateDataSource() datasource.DataSource { return &commitGateDataSource{} }

func (d *commitGateDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_actions_commit_gate"
}

func (d *commitGateDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reports whether CI succeeded for a commit: whether the newest run of each named workflow succeeded. " +
			"It can wait for these runs, and it can fail the plan if they do not succeed. " +
			"Runs for pull requests from forks never count. If anything is uncertain, the gate stays shut.",
		Attributes: mergeAttributes(repositoryArguments(), commitGateArguments(), commitGateObject().attributes()),
		Blocks: map[string]schema.Block{
			"timeouts": timeoutsBlock("read", "Default: `10m`, or `60m` with `wait_for_run` or `wait_for_completion`."),
		},
	}
}

// ValidateConfig also compares wait_for_run with the timeout, and patterns of jobs with workflows.
func (d *commitGateDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	d.dataSource.ValidateConfig(ctx, req, resp)
	in := input{req.Config, &resp.Diagnostics}
	in.gateWait(ctx)
	in.checkGatePatterns(ctx)
}

// checkGatePatterns warns of patterns that are written as failed_jobs and reason show jobs.
func (in input) checkGatePatterns(ctx context.Context) {
	workflows := in.elements(ctx, "workflows")
	for _, name := range []string{"required_jobs", "may_fail_jobs"} {
		for i, pattern := range in.elements(ctx, name) {
			workflow, rest, found := strings.Cut(pattern, " / ")
			if found && rest != "" && slices.ContainsFunc(workflows, func(w string) bool { return strings.EqualFold(w, workflow) }) {
				reportWorkflowInPattern(in.diags, path.Root(name).AtListIndex(i), pattern, rest)
			}
		}
	}
}

func (d *commitGateDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	in := input{req.Config, &resp.Diagnostics}
	query := in.commitQuery(ctx, d.repository(ctx, in))
	wait, limit := in.gateWait(ctx)
	query.WaitForRun = wait
	ctx, cancel := in.withTimeout(ctx, "read", limit)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	verdict, err := d.client.CommitGate(ctx, query, logProgress(ctx))
	if err != nil {
		reportError(&resp.Diagnostics, err)
		return
	}
	if get[types.Bool](ctx, in, "must_succeed").ValueBool() && !verdict.Open {
		reportGateShut(&resp.Diagnostics, query, verdict)
		return
	}
	d.setState(ctx, in, &resp.State, query.Repository, commitGateObject().values(verdict))
}

func commitGateArguments() map[string]schema.Attribute {
	const pattern = " A pattern matches the whole name and ignores case; `*` matches any characters and `?` one character."
	return map[string]schema.Attribute{
		"head_sha": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Full SHA of the commit: 40 hexadecimal digits, or 64 in a SHA-256 repository.",
			Validators:          []validator.String{validGateCommit()},
		},
		"workflows": schema.ListAttribute{
			Required: true, ElementType: types.StringType,
			MarkdownDescription: "Workflows that must succeed, as file names such as `ci.yml` or as IDs. At least one is required. Each must exist and have a run of the commit.",
			Validators:          []validator.List{validGateWorkflows()},
		},
		"event": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Event that started the runs that count. Set it to `\"\"` for any event. Default: `push`.",
			Validators:          []validator.String{validGateEvent()},
		},
		"branch": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Branch of the runs that count, as a name without `refs/heads/`, such as `main`. Default: any branch. The newest run of each branch must then succeed.",
			Validators:          []validator.String{validGateBranch()},
		},
		"required_jobs": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Patterns of the names of jobs that must run and succeed, in any of the workflows. Each pattern must match a job, and all jobs that it matches must have the conclusion `success`. A `skipped` job does not pass, and neither does a job of a matrix or reusable workflow that the newest attempt skipped as a whole. `may_fail_jobs` and `continue-on-error` have no effect on these jobs. Default: none." + pattern,
			Validators:          []validator.List{validJobPatterns()},
		},
		"may_fail_jobs": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Patterns of the names of jobs that may fail. A run with the conclusion `failure` passes if all its jobs are completed and these patterns match every failed job. Default: none." + pattern,
			Validators:          []validator.List{validJobPatterns()},
		},
		"wait_for_run": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "How long to wait for a run to appear, from the start of the read, as a duration such as `30s` or `5m`. It must be shorter than the timeout of the read. Until then, a workflow that does not exist counts as a missing run. Default: no wait.",
			Validators:          []validator.String{validWait()},
		},
		"wait_for_completion": waitAttribute("the runs that count are completed"),
		"must_succeed": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether the read fails if the gate is shut. The error contains `reason`. If `false`, use a `postcondition` or a `check`. Default: `false`.",
		},
	}
}

// commitQuery reads which runs count and what they must fulfil.
func (in input) commitQuery(ctx context.Context, repo actions.Repository) actions.CommitQuery {
	query := actions.CommitQuery{
		Repository: repo,
		Question: gate.Question{
			HeadSHA:  get[types.String](ctx, in, "head_sha").ValueString(),
			Event:    defaultGateEvent,
			Branch:   get[types.String](ctx, in, "branch").ValueString(),
			Required: in.jobPatterns(ctx, "required_jobs"),
			MayFail:  in.jobPatterns(ctx, "may_fail_jobs"),
		},
		Workflows:         in.strings(ctx, "workflows"),
		WaitForCompletion: get[types.Bool](ctx, in, "wait_for_completion").ValueBool(),
	}
	if event := get[types.String](ctx, in, "event"); !event.IsNull() {
		query.Event = event.ValueString()
	}
	return query
}

// elements reads a list of strings that may not be known yet. An element that is null or unknown is
// empty.
func (in input) elements(ctx context.Context, name string) []string {
	elements := get[types.List](ctx, in, name).Elements()
	texts := make([]string, len(elements))
	for i, element := range elements {
		if text, ok := element.(types.String); ok {
			texts[i] = text.ValueString()
		}
	}
	return texts
}

// strings reads a list of strings, which its validator has checked.
func (in input) strings(ctx context.Context, name string) []string {
	var texts []string
	if list := get[types.List](ctx, in, name); !list.IsNull() && !list.IsUnknown() {
		in.diags.Append(list.ElementsAs(ctx, &texts, false)...)
	}
	return texts
}

func (in input) jobPatterns(ctx context.Context, name string) []gate.Pattern {
	var patterns []gate.Pattern
	for _, source := range in.strings(ctx, name) {
		pattern, err := audit.NewPattern(source)
		if err != nil {
			reportArgument(in.diags, path.Root(name), err) // the validator has checked each pattern
			return nil
		}
		patterns = append(patterns, pattern)
	}
	return patterns
}

// gateWait reads wait_for_run, gives the default timeout of the read, and compares the two.
func (in input) gateWait(ctx context.Context) (wait, otherwise time.Duration) {
	_, otherwise = in.waits(ctx)
	text := get[types.String](ctx, in, "wait_for_run")
	if text.IsNull() || text.IsUnknown() {
		return 0, otherwise
	}
	otherwise = waitingReadTimeout
	wait, err := parseTimeout(text.ValueString())
	if err != nil {
		return 0, otherwise // the validator of the attribute reports it
	}
	limit := otherwise
	read := getAt[types.String](ctx, in.config, path.Root("timeouts").AtName("read"), in.diags)
	if !read.IsNull() && !read.IsUnknown() {
		if limit, err = parseTimeout(read.ValueString()); err != nil {
			return wait, otherwise // the validator of this attribute reports it
		}
	}
	if !read.IsUnknown() && wait >= limit {
		reportLongWait(in.diags, wait, limit)
	}
	return wait, otherwise
}
