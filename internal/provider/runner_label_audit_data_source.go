package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/audit"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/usage"
)

// maxViolations is how many violations are listed; all are counted.
const maxViolations = 1000

// runnerLabelAuditDataSource is github_actions_runner_label_audit: the labels of many runs' jobs against
// rules, and what they ran on, in one read. A data block for each run would make Terraform itself slow.
type runnerLabelAuditDataSource struct{ dataSource }

func newRunnerLabelAuditDataSource() datasource.DataSource { return &runnerLabelAuditDataSource{} }

func (d *runnerLabelAuditDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_actions_runner_label_audit"
}

func (d *runnerLabelAuditDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Holds the runner labels of many runs' jobs to rules, and says for each set of labels how many jobs ran on it, how long they queued and how long they ran. One read looks at up to 1000 runs; only the verdict and the violations reach the state. Without rules it gives the figures alone.",
		Attributes:          mergeAttributes(repositoryArguments(), runsFilterArguments(), auditArguments(), auditObject().attributes()),
		Blocks:              readTimeouts(),
	}
}

func (d *runnerLabelAuditDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	in := input{req.Config, &resp.Diagnostics}
	repo := d.repository(ctx, in)
	query := in.runsQuery(ctx, repo, in.int64Or(ctx, "max_runs", defaultMaxRuns))
	jobs := actions.RunQuery{Repository: repo, Filter: job.Filter(get[types.String](ctx, in, "filter").ValueString()), SkipSteps: true}
	rules := in.labelRules(ctx)
	ctx, cancel := in.withTimeout(ctx, "read", defaultReadTimeout)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	runs, err := d.client.WorkflowRuns(ctx, query)
	if err != nil {
		reportError(&resp.Diagnostics, err)
		return
	}
	collector := audit.NewCollector(rules, maxViolations)
	sets := usage.NewCollector(usage.KeyLabels)
	vanished, err := d.client.JobsOfRuns(ctx, jobs, runs.Runs, func(place int, jobs []*job.Job) {
		run := runs.Runs[place]
		sets.AddRun("", run, jobs, collector.AddRun("", run, jobs))
	})
	if err != nil {
		reportError(&resp.Diagnostics, err)
		return
	}
	reportVanished(&resp.Diagnostics, repo, runs.Runs, vanished)
	if len(runs.Runs) == 0 && in.hasLabelRules(ctx) {
		reportNothingAudited(&resp.Diagnostics, repo)
	}
	report := auditReport{Result: collector.Result(), truncated: runs.More(query)}
	report.labelSets, _ = sets.Rows(usage.ByJobCount, 0)
	d.setState(in, &resp.State, repo, auditObject().values(report))
}

func auditArguments() map[string]schema.Attribute {
	const pattern = " Patterns are compared without regard to case, as GitHub compares labels; `*` stands for any run of characters, `/` and `=` included, and `?` for one."
	patterns := func(description string) schema.Attribute {
		return schema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description + pattern,
			Validators: []validator.List{validLabelPatterns()},
		}
	}
	return map[string]schema.Attribute{
		"max_runs": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: "How many of the newest matching runs to look at: 1 to 1000, default 100. Each costs a request for every 100 of its jobs, but none when it is finished and kept in `cache_path`.",
			Validators:          []validator.Number{between(1, actions.MaxFilteredRuns)},
		},
		"filter": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Which attempts of each run to look at: `latest` (default), `all` or `final`, as in `github_actions_run_jobs`.",
			Validators:          []validator.String{validOneOf(job.Filters()...)},
		},
		"allowed_labels":  patterns("Labels that jobs may use. A label that none of these matches is a violation, `not_allowed`; so is every label when the list is empty. Null: any label is allowed."),
		"denied_labels":   patterns("Labels that jobs must not use. A label that one of these matches is a violation, `denied`. Null: none is denied."),
		"required_labels": patterns("Labels that each job must have. A pattern that none of a job's labels matches is a violation, `missing`; skipped jobs without labels are left out, since GitHub does not tell what they asked for. Null: none is required."),
	}
}

// hasLabelRules reports whether there is anything that jobs are held to.
func (in input) hasLabelRules(ctx context.Context) bool {
	for _, name := range []string{"allowed_labels", "denied_labels", "required_labels"} {
		if !get[types.List](ctx, in, name).IsNull() {
			return true
		}
	}
	return false
}

// labelRules reads the three lists of patterns.
func (in input) labelRules(ctx context.Context) *audit.Rules {
	list := func(name string) []string {
		value := get[types.List](ctx, in, name)
		if value.IsNull() {
			return nil
		}
		patterns := []string{}
		in.diags.Append(value.ElementsAs(ctx, &patterns, false)...)
		return patterns
	}
	rules, err := audit.NewRules(list("allowed_labels"), list("denied_labels"), list("required_labels"))
	if err != nil {
		reportArgument(in.diags, path.Root("allowed_labels"), err) // each pattern has been checked where it stands
	}
	return rules
}
