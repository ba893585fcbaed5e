package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// defaultReadTimeout bounds a read unless the timeouts block says otherwise.
const defaultReadTimeout = 10 * time.Minute

// waitingReadTimeout is the same for a read that waits for completion.
const waitingReadTimeout = 60 * time.Minute

// dataSource is what all data sources share: the provider's client and the handling of `repository`,
// `owner` and `timeouts`. Embed it, and write Metadata, Schema and Read.
type dataSource struct {
	*providerData
}

var (
	_ datasource.DataSourceWithConfigure      = (*jobDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*jobDataSource)(nil)
)

// providerData is what the provider block comes down to.
type providerData struct {
	client *actions.Client
	owner  string // default owner; may be empty
	cache  cacheReport
}

// Configure takes over the provider's client.
func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.providerData = providerDataOf(req.ProviderData, "data source", &resp.Diagnostics)
}

// providerDataOf is what Configure of the provider left, nil as long as Terraform only validates.
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

// ValidateConfig finds two owners that contradict each other before anything is sent.
func (d *dataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	input{ctx, req.Config, &resp.Diagnostics}.checkOwners()
}

func (in input) checkOwners() {
	repository, owner := get[types.String](in, "repository"), get[types.String](in, "owner")
	repo, err := actions.ParseRepository(repository.ValueString())
	if err != nil || repository.IsUnknown() || owner.IsUnknown() {
		return // the attribute's own validator speaks, or the read
	}
	if _, err := repo.Resolve(owner.ValueString(), "any"); err != nil {
		reportTwoOwners(in.diags, err)
	}
}

// repositoryArguments are the arguments that name the repository, the same for every data source.
func repositoryArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"repository": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Repository, as `name` or `owner/name`. Letters, digits, `-`, `_` and `.` only.",
			Validators:          []validator.String{repositoryValidator{}},
		},
		"owner": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "User or organisation that owns the repository. Default: the owner in `repository`, else the provider's `owner`. It may repeat the owner in `repository`, but not contradict it.",
			Validators:          []validator.String{ownerValidator{}},
		},
	}
}

// timeoutsBlock is the `timeouts { read = "…" }` block.
func timeoutsBlock(ctx context.Context) map[string]schema.Block {
	return timeoutsBlockWith(ctx, "Default: `10m`.")
}

// waitingTimeoutsBlock is timeoutsBlock for a data source that can wait for completion.
func waitingTimeoutsBlock(ctx context.Context) map[string]schema.Block {
	return timeoutsBlockWith(ctx, "Default: `10m`, with `wait_for_completion` `60m`.")
}

// timeoutDescription lacks the default.
const timeoutDescription = "How long the read may take in all, retries and waits included, as a duration such as `30s` or `5m`. "

func timeoutsBlockWith(ctx context.Context, otherwise string) map[string]schema.Block {
	return map[string]schema.Block{
		"timeouts": timeouts.BlockWithOpts(ctx, timeouts.Opts{
			ReadDescription: timeoutDescription + otherwise,
		}),
	}
}

// input reads the arguments of one data block and collects what is wrong with them.
type input struct {
	ctx    context.Context // lives as long as one Read
	config tfsdk.Config
	diags  *diag.Diagnostics
}

// get reads one argument.
func get[T any](in input, name string) (value T) {
	in.diags.Append(in.config.GetAttribute(in.ctx, path.Root(name), &value)...)
	return value
}

// repository is the repository that the block is about, with its owner.
func (d *providerData) repository(in input) actions.Repository {
	repo, err := actions.ParseRepository(get[types.String](in, "repository").ValueString())
	if err != nil {
		reportArgument(in.diags, path.Root("repository"), err)
		return actions.Repository{}
	}
	repo, err = repo.Resolve(get[types.String](in, "owner").ValueString(), d.owner)
	switch {
	case errors.Is(err, actions.ErrNoOwner):
		reportNoOwner(in.diags, get[types.String](in, "repository").ValueString())
	case err != nil:
		reportTwoOwners(in.diags, err)
	}
	return repo
}

// waitAttribute is wait_for_completion.
func waitAttribute(what string) schema.Attribute {
	return schema.BoolAttribute{
		Optional:            true,
		MarkdownDescription: fmt.Sprintf("Whether the read waits until the %s is completed: it asks again after 5 seconds, then ever more rarely, up to every 60 seconds, and ends with an error at the read's time-out. With a token, asking again costs no rate limit while nothing has changed. Default: `false`.", what),
	}
}

// waits is the argument wait_for_completion, and the time-out that goes with it.
func (in input) waits() (wait bool, otherwise time.Duration) {
	if get[types.Bool](in, "wait_for_completion").ValueBool() {
		return true, waitingReadTimeout
	}
	return false, defaultReadTimeout
}

// logProgress tells of a wait in the log, for whoever wonders why a plan takes so long.
func logProgress(ctx context.Context) func(actions.Progress) {
	return func(p actions.Progress) {
		tflog.Info(ctx, "Waiting for completion", map[string]any{
			"object": p.Object, "status": p.Status, "unfinished_jobs": p.Unfinished, "next_poll_seconds": p.Next.Seconds(),
		})
	}
}

// deadline gives the read its time-out. The caller has to call cancel.
func (in input) deadline(ctx context.Context, otherwise time.Duration) (context.Context, context.CancelFunc) {
	limit, diags := get[timeouts.Value](in, "timeouts").Read(in.ctx, otherwise)
	in.diags.Append(diags...)
	return in.within(ctx, timeoutError{"read", limit})
}

func (in input) within(ctx context.Context, timeout timeoutError) (context.Context, context.CancelFunc) {
	if timeout.limit <= 0 {
		reportTimeout(in.diags, timeout)
	}
	return context.WithTimeoutCause(ctx, timeout.limit, timeout)
}

// timeoutError is why a read ended before it was done.
type timeoutError struct {
	argument string // of the timeouts block
	limit    time.Duration
}

func (e timeoutError) Error() string { return fmt.Sprintf("the read's time-out of %s passed", e.limit) }

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
