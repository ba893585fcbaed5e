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

	encoded *encodedState // where this read leaves its state; nil without a server of newServer
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
	flush  func(ctx context.Context) // see transport.Flush
}

// finish ends a read, also one that failed: what it has read is kept for the next process, and a cache
// that fails is reported.
func (d *providerData) finish(ctx context.Context, diags *diag.Diagnostics) {
	if d == nil {
		return // the provider is not configured
	}
	d.flush(ctx)
	d.cache.report(diags)
}

// finishedDataSource is a data source whose reads are finished, so that no data source has to think of
// it.
type finishedDataSource struct{ finishable }

type finishable interface {
	datasource.DataSourceWithConfigure
	datasource.DataSourceWithValidateConfig
	finish(ctx context.Context, diags *diag.Diagnostics)
}

// Read reads and finishes.
func (f finishedDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	f.finishable.Read(ctx, req, resp)
	f.finish(ctx, &resp.Diagnostics)
}

// finished wraps the data sources of the provider.
func finished(sources ...func() datasource.DataSource) []func() datasource.DataSource {
	wrapped := make([]func() datasource.DataSource, len(sources))
	for i, source := range sources {
		wrapped[i] = func() datasource.DataSource {
			made := source()
			if f, ok := made.(finishable); ok {
				return finishedDataSource{f}
			}
			return made
		}
	}
	return wrapped
}

// Configure stores the client of the provider. The framework makes a data source for each request, and
// configures it with the context of that request.
func (d *dataSource) Configure(ctx context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.providerData = providerDataOf(req.ProviderData, "data source", &resp.Diagnostics)
	d.encoded = encodedStateIn(ctx)
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

// waitAttribute is wait_for_completion. until says when the wait ends, such as "the run is completed".
func waitAttribute(until string) schema.Attribute {
	return schema.BoolAttribute{
		Optional:            true,
		MarkdownDescription: fmt.Sprintf("Whether to wait until %s. The provider polls after 5 seconds and then less and less often, down to once in 60 seconds. If the read timeout passes first, the read fails. With a token, a poll without a change does not count against the rate limit. Default: `false`.", until),
	}
}

// logProgress writes each poll of a wait to the log, so that the log explains a long plan.
func logProgress(ctx context.Context) func(actions.Progress) {
	return func(p actions.Progress) {
		tflog.Info(ctx, "Waiting for completion", map[string]any{
			"object": p.Object, "status": p.Status, "unfinished_jobs": p.Unfinished, "workflows_without_a_run": p.NoRun, "next_poll_seconds": p.Next.Seconds(),
		})
	}
}

// setState writes what was read. A server of newServer takes it as msgpack, written straight from the
// values, in place of the framework's state: the framework compares and copies a state several times,
// which takes ten times as long as all the rest of a read. What the framework gets is a state without
// attributes. Without that server the framework gets the whole state.
//
// The timeout of the read covers this too.
func (d *dataSource) setState(ctx context.Context, in input, state *tfsdk.State, repo actions.Repository, read computed) {
	if d.encoded == nil {
		if values, ok := d.result(in, repo, read); ok && !in.isOutOfTime(ctx) {
			state.Raw = values
		}
		return
	}
	configured, ok := in.configured(repo)
	if !ok {
		return
	}
	encoded, err := encodeState(in.config, configured, read)
	if err != nil {
		reportUnexpectedConfiguration(in.diags, err)
		return
	}
	if in.isOutOfTime(ctx) {
		return
	}
	d.encoded.state = encoded
	state.Schema, state.Raw = schema.Schema{}, tftypes.NewValue(tftypes.Object{}, map[string]tftypes.Value{})
}

// isOutOfTime reports whether the timeout of the read passed while the result was built, and says so.
func (in input) isOutOfTime(ctx context.Context) bool {
	if ctx.Err() == nil {
		return false
	}
	reportError(in.diags, &actions.Error{Kind: actions.OutOfTime, Object: "the result", Reason: "GitHub answered, but the result was not ready in time", Err: context.Cause(ctx)})
	return true
}

// result is what was read: the configuration as the user wrote it, and the computed values around it.
func (d *providerData) result(in input, repo actions.Repository, read computed) (_ tftypes.Value, ok bool) {
	values, ok := in.configured(repo)
	if !ok {
		return tftypes.Value{}, false
	}
	maps.Copy(values, read.terraform())
	return tftypes.NewValue(in.config.Raw.Type(), values), true
}

// configured is the configuration as the user wrote it, and the owner that follows from it.
func (in input) configured(repo actions.Repository) (_ map[string]tftypes.Value, ok bool) {
	var configured map[string]tftypes.Value
	if err := in.config.Raw.As(&configured); err != nil {
		reportUnexpectedConfiguration(in.diags, err)
		return nil, false
	}
	// As hands out the configuration's own map, and the framework compares configuration and state.
	values := maps.Clone(configured)
	if values["owner"].IsNull() && repo.Owner != "" {
		values["owner"] = tftypes.NewValue(tftypes.String, repo.Owner)
	}
	return values, true
}

func reportUnexpectedConfiguration(diags *diag.Diagnostics, err error) {
	diags.AddError("Unexpected configuration", "This is a bug in the provider: "+err.Error())
}
