package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/fleet"
	"github.com/runner-audit/terraform-provider-github-actions/internal/usage"
)

// jobUsageDataSource is github_actions_job_usage: queue times, durations and billable minutes of
// the jobs of many runs, grouped by keys.
type jobUsageDataSource struct{ fleetDataSource }

func newJobUsageDataSource() datasource.DataSource { return &jobUsageDataSource{} }

func (d *jobUsageDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_actions_job_usage"
}

func (d *jobUsageDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reports how long the jobs of many runs queued and ran, and their billable minutes, in one repository or in many. The figures are grouped by the keys of `group_by`, such as label set, runner group or week.\n\n" +
			"-> `billable_minutes` counts each job that ran, rounded up to a full minute, as GitHub bills. It has no prices, and it includes self-hosted jobs. GitHub bills the jobs of earlier attempts too: set `filter` to `all` to include them.",
		Attributes: mergeAttributes(selectionArguments("read"), jobUsageArguments(), jobUsageObject().attributes()),
		Blocks:     fleetTimeouts(),
	}
}

func (d *jobUsageDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	in := input{req.Config, &resp.Diagnostics}
	selected, timeout := d.selection(ctx, in)
	selected.SkipSteps = true
	keys := in.usageKeys(ctx)
	ctx, cancel := in.withTimeout(ctx, "read", timeout)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	groups, repositories := usage.NewCollector(keys...), usage.NewCollector(usage.KeyRepository)
	read, ok := d.readFleet(ctx, in, selected, func(item fleet.Item) {
		repository := item.Repository.String()
		groups.AddRun(repository, item.Run, item.Jobs, nil)
		repositories.AddRun(repository, item.Run, item.Jobs, nil)
	})
	if !ok {
		return
	}
	report := newUsageReport(groups, repositories, read)
	reportUsage(in.diags, selected, report)
	d.setState(ctx, in, &resp.State, actions.Repository{Owner: selected.owner}, jobUsageObject().values(report))
}

func jobUsageArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"group_by": schema.ListAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: fmt.Sprintf("Keys that the jobs are grouped by, any of %s. Days, ISO weeks and months are those of the creation of the job, in UTC. Default: no key, which gives one row for all jobs.", quotedList(keyNames())),
			Validators:          []validator.List{validUsageKeys()},
		},
	}
}

func keyNames() []string {
	names := make([]string, 0, len(usage.Keys()))
	for _, key := range usage.Keys() {
		names = append(names, string(key))
	}
	return names
}

// usageKeys reads group_by. Its validator has checked each key.
func (in input) usageKeys(ctx context.Context) []usage.Key {
	names := in.strings(ctx, "group_by")
	keys := make([]usage.Key, 0, len(names))
	for _, name := range names {
		keys = append(keys, usage.Key(name))
	}
	return keys
}
