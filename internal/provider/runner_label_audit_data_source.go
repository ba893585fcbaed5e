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

// runnerLabelAuditDataSource is github_actions_runner_label_audit: the labels of many runs' jobs against
// rules, and what they ran on, in one read. A data block for each run would make Terraform itself slow.
type runnerLabelAuditDataSource struct{ dataSource }

func newRunnerLabelAuditDataSource() datasource.DataSource { return &runnerLabelAuditDataSource{} }

func (d *runnerLabelAuditDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_actions_runner_label_audit"
}

func (d *runnerLabelAuditDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks the runner labels of the jobs of many runs against rules. For each set of labels, it also counts the jobs and reports how long they queued and ran. One read covers up to 1000 runs; the state contains only the result and the violations, not the jobs. Without rules, it reports the figures only.",
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
	collector := audit.NewCollector(rules, nil, audit.MaxViolations)
	sets := usage.NewCollector(usage.KeyLabels)
	vanished, err := d.client.JobsOfRuns(ctx, jobs, runs.Runs, func(place int, jobs []*job.Job) {
		run := runs.Runs[place]
		sets.AddRun("", run, jobs, collector.AddRun("", run, jobs))
	})
	if err != nil {
		reportError(&resp.Diagnostics, err)
		return
	}
	reportRunList(&resp.Diagnostics, repo, runs)
	reportVanished(&resp.Diagnostics, repo, runs.Runs, vanished)
	if len(runs.Runs) == 0 && in.hasLabelRules(ctx) {
		reportNothingAudited(&resp.Diagnostics, repo)
	}
	report := auditReport{Result: collector.Result(), truncated: runs.More(query)}
	report.labelSets, _ = sets.Rows(usage.ByJobCount, 0)
	d.setState(in, &resp.State, repo, auditObject().values(report))
}

func auditArguments() map[string]schema.Attribute {
	const pattern = " Patterns ignore case, as GitHub does for labels. `*` matches any number of characters, including `/` and `=`; `?` matches one character."
	patterns := func(description string) schema.Attribute {
		return schema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description + pattern,
			Validators: []validator.List{validLabelPatterns()},
		}
	}
	return map[string]schema.Attribute{
		"max_runs": schema.NumberAttribute{
			Optional:            true,
			MarkdownDescription: "Maximum number of runs to check, newest first: 1 to 1000, default 100. Each run costs one request for every 100 of its jobs. A completed run that is in `cache_path` costs none.",
			Validators:          []validator.Number{between(1, actions.MaxFilteredRuns)},
		},
		"filter": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Attempts of each run to check: `latest` (default), `all` or `final`, as in `github_actions_run_jobs`.",
			Validators:          []validator.String{validOneOf(job.Filters()...)},
		},
		"allowed_labels":  patterns("Patterns of the labels that jobs may use. A label that matches none of them is a violation with the reason `not_allowed`. An empty list allows no label. Default: all labels are allowed."),
		"denied_labels":   patterns("Patterns of the labels that jobs must not use. A label that matches one of them is a violation with the reason `denied`. Default: no label is denied."),
		"required_labels": patterns("Patterns that each job must match with at least one label. For each pattern without such a label, the job has a violation with the reason `missing`. Skipped jobs without labels are not checked, because GitHub does not return the labels that they requested. Default: no label is required."),
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
	patterns := make(map[audit.List][]string)
	for _, name := range []audit.List{audit.ListAllowedLabels, audit.ListDeniedLabels, audit.ListRequiredLabels} {
		patterns[name] = list(string(name))
	}
	rules, err := audit.NewRules(patterns)
	if err != nil {
		reportArgument(in.diags, path.Root("allowed_labels"), err) // each pattern has been checked where it stands
	}
	return rules
}
