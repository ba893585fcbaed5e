package provider

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// dataSource is what all data sources share: the provider's client, and the check of `repository`
// against `owner`. Embed it, and write Metadata, Schema and Read.
type dataSource struct {
	*providerData
}

var (
	_ datasource.DataSourceWithConfigure      = (*jobDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*jobDataSource)(nil)
)

// providerData is what the provider block gives to data sources and ephemeral resources.
type providerData struct {
	client *actions.Client
	owner  string // default owner; may be empty
	cache  cacheReport
}

// Configure stores the client of the provider.
func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.providerData = providerDataOf(req.ProviderData, "data source", &resp.Diagnostics)
}

// providerDataOf is what Configure of the provider has made; nil while Terraform only validates.
func providerDataOf(data any, whose string, diags *diag.Diagnostics) *providerData {
	if data == nil {
		return nil
	}
	known, ok := data.(*providerData)
	if !ok {
		diags.AddError("Unexpected provider data",
			fmt.Sprintf("This is a bug in the provider: the %s got a %T. Please report it.", whose, data))
	}
	return known
}

// ValidateConfig reports two owners that contradict each other before anything is sent.
func (d *dataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	input{req.Config, &resp.Diagnostics}.checkOwners(ctx)
}

// repositoryArguments are the arguments that name the repository, the same for every data source.
func repositoryArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"repository": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Repository, as `name` or `owner/name`. Names can contain letters, digits, `-`, `_` and `.`.",
			Validators:          []validator.String{validRepository()},
		},
		"owner": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "User or organisation that owns the repository. Default: the owner in `repository`, or else the `owner` of the provider. If `repository` contains an owner, this argument must be the same.",
			Validators:          []validator.String{validOwner()},
		},
	}
}

// waitAttribute is wait_for_completion.
func waitAttribute(what string) schema.Attribute {
	return schema.BoolAttribute{
		Optional:            true,
		MarkdownDescription: fmt.Sprintf("Whether to wait until the %s is completed. The provider polls after 5 seconds and then less and less often, down to once in 60 seconds. If the read timeout passes first, the read fails. With a token, a poll without a change does not count against the rate limit. Default: `false`.", what),
	}
}

// logProgress writes each poll of a wait to the log, which then says why a plan takes so long.
func logProgress(ctx context.Context) func(actions.Progress) {
	return func(p actions.Progress) {
		tflog.Info(ctx, "Waiting for completion", map[string]any{
			"object": p.Object, "status": p.Status, "unfinished_jobs": p.Unfinished, "next_poll_seconds": p.Next.Seconds(),
		})
	}
}

// setState writes what was read.
func (d *providerData) setState(in input, state *tfsdk.State, repo actions.Repository, computed map[string]tftypes.Value) {
	if values, ok := d.result(in, repo, computed); ok {
		state.Raw = values
	}
}

// result is what was read: the configuration as the user wrote it, and the computed values around it.
func (d *providerData) result(in input, repo actions.Repository, computed map[string]tftypes.Value) (_ tftypes.Value, ok bool) {
	d.cache.report(in.diags)
	var configured map[string]tftypes.Value
	if err := in.config.Raw.As(&configured); err != nil {
		in.diags.AddError("Unexpected configuration", "This is a bug in the provider: "+err.Error())
		return tftypes.Value{}, false
	}
	// As hands out the configuration's own map, and the framework compares configuration and state.
	values := maps.Clone(configured)
	if values["owner"].IsNull() {
		values["owner"] = tftypes.NewValue(tftypes.String, repo.Owner)
	}
	maps.Copy(values, computed)
	return tftypes.NewValue(in.config.Raw.Type(), values), true
}
