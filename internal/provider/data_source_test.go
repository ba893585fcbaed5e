package provider

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// TestSetStateLeavesTheConfigurationAlone: the framework compares configuration and state
// afterwards. If they were the same map, it would compare every step of every job.
func TestSetStateLeavesTheConfigurationAlone(t *testing.T) {
	t.Parallel()
	config := unsetConfig(t)
	before := config.Raw.Copy()
	var diags diag.Diagnostics
	state := tfsdk.State{Schema: config.Schema}
	source := dataSource{providerData: &providerData{}}
	source.setState(t.Context(), input{config, &diags}, &state, actions.Repository{Owner: "acme", Name: "app"},
		object[int64]{int64Attr("id", "", func(id int64) *int64 { return &id })}.values(1))
	if diags.HasError() || !config.Raw.Equal(before) {
		t.Errorf("the configuration is now %s, %v", config.Raw, diags)
	}
	if state.Raw.Equal(before) {
		t.Error("the state is empty")
	}
}

// TestTheTimeoutCoversTheResult: building the result after the timeout is an error, with our server
// and with the framework's server.
func TestTheTimeoutCoversTheResult(t *testing.T) {
	t.Parallel()
	config := unsetConfig(t)
	for name, encoded := range map[string]*encodedState{"framework": nil, "msgpack": {}} {
		ctx, cancel := context.WithTimeoutCause(t.Context(), -time.Second, timeoutError{"read", time.Minute})
		defer cancel()
		var diags diag.Diagnostics
		var state tfsdk.State
		source := dataSource{providerData: &providerData{}, encoded: encoded}
		source.setState(ctx, input{config, &diags}, &state, actions.Repository{Owner: "acme", Name: "app"},
			object[int64]{int64Attr("id", "", func(id int64) *int64 { return &id })}.values(1))
		const want = "Cannot read the result: GitHub answered, but the result was not ready in time: the read's timeout of 1m0s passed.\n\nIf the repository needs longer, raise read in the timeouts block."
		if len(diags) != 1 || diags[0].Summary()+": "+diags[0].Detail() != want || !state.Raw.IsNull() || encoded != nil && encoded.state != nil {
			t.Errorf("%s: got %v, state %s\nwant %s", name, diags, state.Raw, want)
		}
	}
}

// unsetConfig is a block github_actions_job in which nothing is set.
func unsetConfig(t *testing.T) tfsdk.Config {
	t.Helper()
	var schema datasource.SchemaResponse
	newJobDataSource().Schema(t.Context(), datasource.SchemaRequest{}, &schema)
	kind, _ := schema.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name, attribute := range kind.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	return tfsdk.Config{Schema: schema.Schema, Raw: tftypes.NewValue(kind, values)}
}

func TestConfigureRefusesForeignData(t *testing.T) {
	t.Parallel()
	var resp datasource.ConfigureResponse
	(&dataSource{}).Configure(t.Context(), datasource.ConfigureRequest{ProviderData: "something else"}, &resp)
	if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Detail() != "This is a bug in the provider: the data source got a string. Please report it." {
		t.Errorf("got %v", resp.Diagnostics)
	}
}
