package provider

import (
	"context"
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

// defaultGateEvent is the event whose runs count unless the configuration says otherwise.
const defaultGateEvent = "push"

// commitGateDataSource is github_actions_commit_gate: the verdict on a commit, in one block.
type commitGateDataSource struct{ dataSource }

func newCommitGateDataSource() datasource.DataSource { return &commitGateDataSource{} }

func (d *commitGateDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_actions_commit_gate"
}

func (d *commitGateDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The verdict of CI on a commit: whether the newest run of each workflow named here has succeeded. " +
			"It can wait for these runs, and fail the plan when they do not succeed. " +
			"Runs for pull requests from forks never count, and what is not certain keeps the gate shut.",
		Attributes: mergeAttributes(repositoryArguments(), commitGateArguments(), commitGateObject().attributes()),
		Blocks: map[string]schema.Block{
			"timeouts": timeoutsBlock("read", "Default: `10m`, with `wait_for_run` or `wait_for_completion` `60m`."),
		},
	}
}

// ValidateConfig also compares wait_for_run with the timeout.
func (d *commitGateDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	d.dataSource.ValidateConfig(ctx, req, resp)
	in := input{req.Config, &resp.Diagnostics}
	in.gateWait(ctx)
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
	const pattern = " Patterns match whole names without regard to case; `*` stands for any characters and `?` for one."
	return map[string]schema.Attribute{
		"head_sha": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "The commit: all 40 hexadecimal digits of its ID (64 in a SHA-256 repository).",
			Validators:          []validator.String{validGateCommit()},
		},
		"workflows": schema.ListAttribute{
			Required: true, ElementType: types.StringType,
			MarkdownDescription: "The workflows that must succeed, at least one: file names such as `ci.yml`, or IDs. Each must exist and have a run of the commit.",
			Validators:          []validator.List{validGateWorkflows()},
		},
		"event": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Only runs that this event started count. Null: `push`. `\"\"`: any event.",
			Validators:          []validator.String{validGateEvent()},
		},
		"branch": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Only runs on this branch count, by its name alone: `main`. Null: any branch; then the newest run of each branch must succeed.",
			Validators:          []validator.String{validBranch()},
		},
		"required_jobs": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Names of jobs that must have run and succeeded, in any of the workflows. Each pattern must match a job, and all jobs that it matches must have the conclusion `success`: `skipped` is not enough, and neither `may_fail_jobs` nor `continue-on-error` excuses them. Null: none." + pattern,
			Validators:          []validator.List{validJobPatterns()},
		},
		"may_fail_jobs": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Names of jobs that may fail. A run with the conclusion `failure` passes if all its jobs are completed and these patterns match every failed one. Null: none." + pattern,
			Validators:          []validator.List{validJobPatterns()},
		},
		"wait_for_run": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "How long a missing run may take to appear, from the start of the read, as a duration such as `30s` or `5m`. It must be shorter than the read's timeout. A workflow that does not exist yet counts as a missing run until then. Null: a missing run is not waited for.",
			Validators:          []validator.String{validWait()},
		},
		"wait_for_completion": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether the read waits until the runs that count are completed. It asks again after 5 seconds, then ever more rarely, up to every 60 seconds, and ends with an error at the read's timeout. With a token, asking again costs no rate limit while nothing has changed. Default: `false`.",
		},
		"must_succeed": schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether the read fails with `reason` as the error when the gate is shut. Default: `false`, which leaves that to a `postcondition` or a `check`.",
		},
	}
}

// commitQuery reads which runs count and what is asked of them.
func (in input) commitQuery(ctx context.Context, repo actions.Repository) actions.CommitQuery {
	query := actions.CommitQuery{
		Repository: repo,
		Question: gate.Question{
			HeadSHA:  strings.ToLower(get[types.String](ctx, in, "head_sha").ValueString()), // GitHub compares it with case
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
			reportArgument(in.diags, path.Root(name), err) // each pattern has been checked where it stands
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
			return wait, otherwise // so does that of this one
		}
	}
	if !read.IsUnknown() && wait >= limit {
		reportLongWait(in.diags, wait, limit)
	}
	return wait, otherwise
}
