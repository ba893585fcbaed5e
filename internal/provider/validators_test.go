package provider

import (
	"context"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// TestEveryValidatorIsDescribed builds every schema and walks all validators in it.
func TestEveryValidatorIsDescribed(t *testing.T) {
	t.Parallel()
	p := newProvider("test", machineWith(nil))
	found := 0
	var block provider.SchemaResponse
	p.Schema(t.Context(), provider.SchemaRequest{}, &block)
	found += checkValidators(t, "provider", block.Schema.Attributes) + checkValidators(t, "provider", block.Schema.Blocks)
	for _, newOne := range p.DataSources(t.Context()) {
		var name datasource.MetadataResponse
		var resp datasource.SchemaResponse
		source := newOne()
		source.Metadata(t.Context(), datasource.MetadataRequest{ProviderTypeName: typeName}, &name)
		source.Schema(t.Context(), datasource.SchemaRequest{}, &resp)
		found += checkValidators(t, name.TypeName, resp.Schema.Attributes) + checkValidators(t, name.TypeName, resp.Schema.Blocks)
	}
	for _, newOne := range p.EphemeralResources(t.Context()) {
		var resp ephemeral.SchemaResponse
		newOne().Schema(t.Context(), ephemeral.SchemaRequest{}, &resp)
		found += checkValidators(t, "ephemeral", resp.Schema.Attributes) + checkValidators(t, "ephemeral", resp.Schema.Blocks)
	}
	if found < 40 {
		t.Errorf("only %d validators were found", found)
	}
}

// checkValidators looks at the validators of attributes or blocks, and at what is nested in them.
func checkValidators[A any](t *testing.T, name string, attributes map[string]A) (found int) {
	t.Helper()
	for attribute, a := range attributes {
		at := name + "." + attribute
		for _, v := range validatorsOf(a) {
			found++
			if v.Description(t.Context()) == "" || v.MarkdownDescription(t.Context()) == "" {
				t.Errorf("%s has a %T without a description", at, v)
			}
		}
		found += checkNested(t, at, a)
	}
	return found
}

type describedValidator interface {
	Description(context.Context) string
	MarkdownDescription(context.Context) string
}

// validatorsOf are the validators of an attribute or block, whatever its type.
func validatorsOf(a any) (all []describedValidator) {
	if a, ok := a.(interface{ StringValidators() []validator.String }); ok {
		all = appendValidators(all, a.StringValidators())
	}
	if a, ok := a.(interface{ NumberValidators() []validator.Number }); ok {
		all = appendValidators(all, a.NumberValidators())
	}
	if a, ok := a.(interface{ BoolValidators() []validator.Bool }); ok {
		all = appendValidators(all, a.BoolValidators())
	}
	if a, ok := a.(interface{ ListValidators() []validator.List }); ok {
		all = appendValidators(all, a.ListValidators())
	}
	if a, ok := a.(interface{ ObjectValidators() []validator.Object }); ok {
		all = appendValidators(all, a.ObjectValidators())
	}
	return all
}

func appendValidators[V describedValidator](all []describedValidator, more []V) []describedValidator {
	for _, v := range more {
		all = append(all, v)
	}
	return all
}

// checkNested uses reflection, because the framework does not export the types of nested objects.
func checkNested(t *testing.T, name string, a any) (found int) {
	t.Helper()
	nested := reflect.ValueOf(a).MethodByName("GetNestedObject")
	if !nested.IsValid() {
		return 0
	}
	attributes := map[string]any{}
	for i := nested.Call(nil)[0].MethodByName("GetAttributes").Call(nil)[0].MapRange(); i.Next(); {
		attributes[i.Key().String()] = i.Value().Interface()
	}
	return checkValidators(t, name, attributes)
}

// TestNothingIsKnownYet: while Terraform validates a module, each of its variables is unknown, and may
// still turn out to be null. So no data source may refuse a configuration without known values.
func TestNothingIsKnownYet(t *testing.T) {
	t.Parallel()
	p := newProtocol(t, nil)
	for typeName, schema := range p.schema.DataSourceSchemas {
		kind, _ := schema.ValueType().(tftypes.Object)
		for _, blocks := range []bool{false, true} {
			values := map[string]tftypes.Value{}
			for name, of := range kind.AttributeTypes {
				values[name] = tftypes.NewValue(of, nil)
			}
			for _, attribute := range schema.Block.Attributes {
				if attribute.Optional || attribute.Required {
					values[attribute.Name] = tftypes.NewValue(attribute.Type, tftypes.UnknownValue)
				}
			}
			for _, block := range schema.Block.BlockTypes {
				if of := kind.AttributeTypes[block.TypeName]; blocks {
					values[block.TypeName] = tftypes.NewValue(of, tftypes.UnknownValue)
				}
			}
			config, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, values))
			p.must(err)
			if diags := p.validate(typeName, &config); len(diags) > 0 {
				t.Errorf("%s, blocks too %v: %s", typeName, blocks, diags)
			}
		}
	}
}

// TestUnusualPatterns: what is accepted and can hardly match is a warning, in every list and argument.
func TestUnusualPatterns(t *testing.T) {
	t.Parallel()
	p := configured(t, githubtest.New(t, githubtest.Demo()))
	for name, tc := range map[string]struct {
		typeName string
		a        args
		want     string
	}{
		"a denied group":   {auditType, args{"denied_runner_groups": []string{"Default", "^GPU$"}}, "warning at denied_runner_groups.ElementKeyInt(1): Unusual runner group pattern: denied_runner_groups[1] is \"^GPU$\". `^` and `$` match themselves. A pattern is not a regular expression, and matches the whole name: leave them out."},
		"an allowed group": {auditType, args{"allowed_runner_groups": []string{"Default|GPU"}}, "warning at allowed_runner_groups.ElementKeyInt(0): Unusual runner group pattern: allowed_runner_groups[0] is \"Default|GPU\". `|` matches itself. A pattern has no alternatives: write each name as a pattern of its own."},
		"an exception":     {auditType, args{"exception": []args{{"job": "deploy.*"}}}, "warning at exception.ElementKeyInt(0).job: Unusual pattern: exception[0].job is \"deploy.*\". `.*` matches a dot and then any characters. A pattern is not a regular expression: write `*` for any characters."},
		"a runner":         {jobsType, args{"runner": "build-07 "}, "warning at runner: Unusual pattern: runner is \"build-07 \". It begins or ends with white space, which names rarely do. Leave it out."},
	} {
		tc.a["repository"] = "app"
		if _, diags := p.read(tc.typeName, tc.a); !strings.HasPrefix(diags.String(), tc.want) {
			t.Errorf("%s: got  %s\nwant %s", name, diags, tc.want)
		}
	}
	for _, usual := range []string{"build (ubuntu-24.04, 1.26)", "lint | test", "a.b*", "$HOME ^ x"} {
		if _, diags := p.read(jobsType, args{"repository": "app", "name": usual}); len(diags) > 0 {
			t.Errorf("%q: %s", usual, diags)
		}
	}
}

// TestLargeNumbers: the error says what is wrong with them, in few words.
func TestLargeNumbers(t *testing.T) {
	t.Parallel()
	p := configured(t, githubtest.New(t, githubtest.NewWorld()))
	for text, want := range map[string]string{
		"9223372036854775808": "must be at most 9223372036854775807, not 9223372036854775808.",
		"1e30":                "must be at most 9223372036854775807, not 1000000000000000000000000000000.",
		"1e300000":            "must be at most 9223372036854775807, not 1e+300000.",
		"1.5":                 "must be a whole number of at least 1, not 1.5.",
		"-1e300000":           "must be a whole number of at least 1, not -1e+300000.",
	} {
		number, _, err := big.ParseFloat(text, 10, 512, big.ToNearestEven)
		if err != nil {
			t.Fatal(err)
		}
		if _, diags := p.read("github_actions_run_jobs", args{"repository": "app", "run_id": number}); diags.String() != "error at run_id: Invalid number: run_id "+want {
			t.Errorf("%s: got %s", text, diags)
		}
	}
}
