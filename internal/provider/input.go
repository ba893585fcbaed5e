package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// Default timeouts of a read: the longer one is for a read that waits or that takes `repositories`.
const (
	defaultReadTimeout = 10 * time.Minute
	waitingReadTimeout = 60 * time.Minute
)

// input reads the arguments of one block and collects diagnostics about them.
type input struct {
	config tfsdk.Config
	diags  *diag.Diagnostics
}

// get reads one argument.
func get[T any](ctx context.Context, in input, name string) T {
	return getAt[T](ctx, in.config, path.Root(name), in.diags)
}

// getAt reads one value of a configuration. It is null where a block around it is absent.
func getAt[T any](ctx context.Context, config tfsdk.Config, at path.Path, diags *diag.Diagnostics) (value T) {
	diags.Append(config.GetAttribute(ctx, at, &value)...)
	return value
}

// int64Or reads a whole number; otherwise is its default. The validator of the argument has already
// checked the number.
//
// Arguments that take a whole number are number attributes, because in an integer attribute, 1.5 or
// an ID of twenty digits causes an error that blames the provider.
func (in input) int64Or(ctx context.Context, name string, otherwise int64) int64 {
	value := get[types.Number](ctx, in, name)
	if value.IsNull() || value.IsUnknown() {
		return otherwise
	}
	n, _ := value.ValueBigFloat().Int64()
	return n
}

// checkOwners reports two owners that contradict each other, before anything is sent.
func (in input) checkOwners(ctx context.Context) {
	repository, owner := get[types.String](ctx, in, "repository"), get[types.String](ctx, in, "owner")
	repo, err := actions.ParseRepository(repository.ValueString())
	if err != nil || repository.IsUnknown() || owner.IsUnknown() {
		return // the validator of the attribute reports it, or the read
	}
	if _, err := repo.Resolve(owner.ValueString(), "any"); err != nil {
		reportTwoOwners(in.diags, repo, owner.ValueString())
	}
}

// repository is the repository that the block names, with its owner.
func (d *providerData) repository(ctx context.Context, in input) actions.Repository {
	value, owner := get[types.String](ctx, in, "repository").ValueString(), get[types.String](ctx, in, "owner").ValueString()
	parsed, err := actions.ParseRepository(value)
	if err != nil {
		reportRepository(in.diags, path.Root("repository"), value, err)
		return actions.Repository{}
	}
	repo, err := parsed.Resolve(owner, d.owner)
	switch {
	case errors.Is(err, actions.ErrNoOwner):
		reportNoOwner(in.diags, value)
	case err != nil:
		reportTwoOwners(in.diags, parsed, owner)
	}
	return repo
}

// waits reads wait_for_completion and gives the default timeout that goes with it.
func (in input) waits(ctx context.Context) (wait bool, otherwise time.Duration) {
	if get[types.Bool](ctx, in, "wait_for_completion").ValueBool() {
		return true, waitingReadTimeout
	}
	return false, defaultReadTimeout
}

// timeoutsBlock is the block `timeouts { read = "…" }`; argument is read or open.
func timeoutsBlock(argument, defaults string) schema.Block {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Limits how long the read may take.",
		Attributes: map[string]schema.Attribute{
			argument: schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "How long the read may take in all, retries and waits included, as a duration such as `30s` or `5m`. " + defaults,
				Validators:          []validator.String{validTimeout()},
			},
		},
	}
}

// readTimeouts is the block of a data source.
func readTimeouts() map[string]schema.Block {
	return map[string]schema.Block{"timeouts": timeoutsBlock("read", "Default: `10m`.")}
}

// waitingReadTimeouts is the block of a data source that can wait for completion.
func waitingReadTimeouts() map[string]schema.Block {
	return map[string]schema.Block{"timeouts": timeoutsBlock("read", "Default: `10m`, with `wait_for_completion` `60m`.")}
}

// withTimeout reads an argument of the timeouts block and gives ctx that deadline; otherwise is the
// default. The caller must call cancel.
func (in input) withTimeout(ctx context.Context, argument string, otherwise time.Duration) (context.Context, context.CancelFunc) {
	timeout := timeoutError{argument, otherwise}
	at := path.Root("timeouts").AtName(argument)
	if value := getAt[types.String](ctx, in.config, at, in.diags); !value.IsNull() && !value.IsUnknown() {
		var err error
		if timeout.limit, err = parseTimeout(value.ValueString()); err != nil {
			reportTimeout(in.diags, at, value.ValueString(), err)
		}
	}
	return context.WithTimeoutCause(ctx, timeout.limit, timeout)
}

// timeoutError is why a read ended before it was done.
type timeoutError struct {
	argument string // of the timeouts block
	limit    time.Duration
}

func (e timeoutError) Error() string { return fmt.Sprintf("the read's timeout of %s passed", e.limit) }

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err == nil && d < 0 {
		err = errors.New("negative")
	}
	return d, err
}

func parseTimeout(s string) (time.Duration, error) {
	d, err := parseDuration(s)
	if err == nil && d == 0 {
		err = errors.New("zero")
	}
	return d, err
}
