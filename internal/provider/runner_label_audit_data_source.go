package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/audit"
	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/usage"
)

// runnerLabelAuditDataSource is github_actions_runner_label_audit: the labels and runner groups of the
// jobs of many runs against rules, and what they ran on, in one read. A data block for each run would
// make Terraform itself slow.
type runnerLabelAuditDataSource struct{ fleetDataSource }

func newRunnerLabelAuditDataSource() datasource.DataSource { return &runnerLabelAuditDataSource{} }

func (d *runnerLabelAuditDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_actions_runner_label_audit"
}

func (d *runnerLabelAuditDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Checks the runner labels and runner groups of the jobs of many runs against rules, in one repository or in many. For each set of labels, it also counts the jobs and reports how long they queued and ran. The state contains only the result and the violations, not the jobs. Without rules, it reports the figures only.",
		Attributes:          mergeAttributes(selectionArguments("check"), auditArguments(), auditObject().attributes()),
		Blocks:              mergeBlocks(fleetTimeouts(), map[string]schema.Block{"exception": exceptionBlock()}),
	}
}

// ValidateConfig also checks the exceptions.
func (d *runnerLabelAuditDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	d.fleetDataSource.ValidateConfig(ctx, req, resp)
	input{req.Config, &resp.Diagnostics}.checkExceptions(ctx)
}

func (d *runnerLabelAuditDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	in := input{req.Config, &resp.Diagnostics}
	selected, timeout := d.selection(ctx, in)
	selected.SkipSteps = true
	rules, exceptions := in.auditRules(ctx), in.exceptions(ctx)
	ctx, cancel := in.withTimeout(ctx, "read", timeout)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	collector := audit.NewCollector(rules, exceptions, audit.MaxViolations)
	sets := usage.NewCollector(usage.KeyLabels)
	read, ok := d.readFleet(ctx, in, selected, func(item fleet.Item) {
		repository := item.Repository.String()
		sets.AddRun(repository, item.Run, item.Jobs, collector.AddRun(repository, item.Run, item.Jobs))
	})
	if !ok {
		return
	}
	report := auditReport{Result: collector.Result(), read: read}
	report.labelSets, _ = sets.Rows(usage.ByJobCount, 0)
	reportAudit(in.diags, selected, report, in.hasAuditRules(ctx))
	d.setState(ctx, in, &resp.State, actions.Repository{Owner: selected.owner}, auditObject().values(report))
}

func auditArguments() map[string]schema.Attribute {
	const pattern = " Patterns ignore case, as GitHub does for labels. `*` matches any number of characters, including `/` and `=`; `?` matches one character."
	patterns := func(description string, valid validator.List) schema.Attribute {
		return schema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description + pattern,
			Validators: []validator.List{valid},
		}
	}
	return map[string]schema.Attribute{
		"allowed_labels":        patterns("Patterns of the labels that jobs may use. A label that matches none of them is a violation with the reason `not_allowed`. An empty list allows no label. A job that ran without labels, because it asked for a runner group alone, is a violation with the reason `unlabeled`, unless `allowed_runner_groups` allows its group. Default: all labels are allowed.", validLabelPatterns()),
		"denied_labels":         patterns("Patterns of the labels that jobs must not use. A label that matches one of them is a violation with the reason `denied`. Default: no label is denied.", validLabelPatterns()),
		"required_labels":       patterns("Patterns that each job must match with at least one label. For each pattern without such a label, the job has a violation with the reason `missing`. Skipped jobs without labels are not checked, because GitHub does not return the labels that they requested. Default: no label is required.", validLabelPatterns()),
		"allowed_runner_groups": patterns("Patterns of the runner groups that jobs may run in. A group that matches none of them, or no group at all, is a violation with the reason `group_not_allowed`. An empty list allows no group. Jobs that never ran are not checked. Default: all groups are allowed.", validGroupPatterns()),
		"denied_runner_groups":  patterns("Patterns of the runner groups that jobs must not run in. A group that matches one of them is a violation with the reason `group_denied`. Jobs that never ran are not checked. Default: no group is denied.", validGroupPatterns()),
	}
}

// hasAuditRules reports whether the configuration has any rule.
func (in input) hasAuditRules(ctx context.Context) bool {
	for _, name := range audit.Lists() {
		if !get[types.List](ctx, in, string(name)).IsNull() {
			return true
		}
	}
	return false
}

// auditRules reads the lists of patterns.
func (in input) auditRules(ctx context.Context) *audit.Rules {
	patterns := make(map[audit.List][]string)
	for _, name := range audit.Lists() {
		if value := get[types.List](ctx, in, string(name)); !value.IsNull() {
			patterns[name] = append([]string{}, in.strings(ctx, string(name))...)
		}
	}
	rules, err := audit.NewRules(patterns)
	if err != nil {
		reportArgument(in.diags, path.Root("allowed_labels"), err) // the validator has checked each pattern
	}
	return rules
}

// exceptionBlock is the block `exception { … }`, of which there may be many.
func exceptionBlock() schema.Block {
	text := func(description string, valid validator.String) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: []validator.String{valid}}
	}
	return schema.ListNestedBlock{
		MarkdownDescription: "Violations that do not count, for example known ones until a date. At least one of `repository`, `workflow`, `job` and `label` is required, and all that are set must match. Violations that match an exception are counted in `excepted_count`. An exception that has expired or that matches no violation causes a warning.",
		NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
			"repository": text("Pattern of the repository, compared with `name` and `owner/name`. Default: any.", validNamePattern()),
			"workflow":   text("Pattern of the workflow, compared with its name and the name of its file, and if it contains `/` with the path of its file, such as `.github/workflows/ci.yml`. Default: any.", validNamePattern()),
			"job":        text("Pattern of the name of the job. Default: any.", validNamePattern()),
			"label":      text("Pattern of the label of the violation, or of its pattern for the reason `missing`. It never matches violations about runner groups or with the reason `unlabeled`. Default: any violation.", validLabelPattern()),
			"until":      text("Last day on which the exception holds, in UTC, such as `2026-12-31`. Default: no end.", validDay()),
			"reason":     schema.StringAttribute{Optional: true, MarkdownDescription: "Why the exception exists, for people."},
		}},
	}
}

// exceptionModel is one exception block.
type exceptionModel struct {
	Repository types.String `tfsdk:"repository"`
	Workflow   types.String `tfsdk:"workflow"`
	Job        types.String `tfsdk:"job"`
	Label      types.String `tfsdk:"label"`
	Until      types.String `tfsdk:"until"`
	Reason     types.String `tfsdk:"reason"`
}

// isKnown reports whether the four patterns are known.
func (m exceptionModel) isKnown() bool {
	return !m.Repository.IsUnknown() && !m.Workflow.IsUnknown() && !m.Job.IsUnknown() && !m.Label.IsUnknown()
}

func (in input) exceptionModels(ctx context.Context) []exceptionModel {
	var models []exceptionModel
	if list := get[types.List](ctx, in, "exception"); !list.IsNull() && !list.IsUnknown() {
		in.diags.Append(list.ElementsAs(ctx, &models, false)...)
	}
	return models
}

// checkExceptions reports an exception that would match everything.
func (in input) checkExceptions(ctx context.Context) {
	for i, m := range in.exceptionModels(ctx) {
		if m.isKnown() && m.Repository.IsNull() && m.Workflow.IsNull() && m.Job.IsNull() && m.Label.IsNull() {
			reportExceptionForAll(in.diags, path.Root("exception").AtListIndex(i))
		}
	}
}

// exceptions reads the exception blocks.
func (in input) exceptions(ctx context.Context) *audit.Exceptions {
	var exceptions []audit.Exception
	for _, m := range in.exceptionModels(ctx) {
		exceptions = append(exceptions, audit.Exception{
			Repository: m.Repository.ValueStringPointer(), Workflow: m.Workflow.ValueStringPointer(), Job: m.Job.ValueStringPointer(),
			Label: m.Label.ValueStringPointer(), Until: m.Until.ValueStringPointer(), Reason: m.Reason.ValueStringPointer(),
		})
	}
	compiled, err := audit.NewExceptions(exceptions, time.Now())
	if err != nil {
		reportArgument(in.diags, path.Root("exception"), err) // the validators have checked each argument
	}
	return compiled
}
