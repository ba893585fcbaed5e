package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// TestSetStateLeavesTheConfigurationAlone: the framework compares the two afterwards, and a
// configuration that turned into the state makes it compare every step of every job.
func TestSetStateLeavesTheConfigurationAlone(t *testing.T) {
	t.Parallel()
	var schema datasource.SchemaResponse
	newJobDataSource().Schema(t.Context(), datasource.SchemaRequest{}, &schema)
	kind, _ := schema.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name, attribute := range kind.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	config := tfsdk.Config{Schema: schema.Schema, Raw: tftypes.NewValue(kind, values)}
	before := config.Raw.Copy()
	var diags diag.Diagnostics
	state := tfsdk.State{Schema: schema.Schema}
	source := dataSource{providerData: &providerData{}}
	source.setState(input{config, &diags}, &state, actions.Repository{Owner: "acme", Name: "app"},
		object[int64]{int64Attr("id", "", func(id int64) *int64 { return &id })}.values(1))
	if diags.HasError() || !config.Raw.Equal(before) {
		t.Errorf("the configuration is now %s, %v", config.Raw, diags)
	}
	if state.Raw.Equal(before) {
		t.Error("the state is empty")
	}
}

func TestConfigureRefusesForeignData(t *testing.T) {
	t.Parallel()
	var resp datasource.ConfigureResponse
	(&dataSource{}).Configure(t.Context(), datasource.ConfigureRequest{ProviderData: "something else"}, &resp)
	if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Detail() != "This is a bug in the provider: the data source got a string. Please report it." {
		t.Errorf("got %v", resp.Diagnostics)
	}
}
