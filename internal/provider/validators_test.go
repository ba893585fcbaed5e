package provider

import (
	"context"
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
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
