package provider

import (
	"context"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Arguments that take a whole number are number attributes with a validator of their own. The framework's
// integer attributes answer 1.5, or an id of twenty digits, with a report of a bug in the provider.

// positive holds a number to whole ones from 1, as ids and counts are.
func positive() validator.Number {
	return wholeNumberValidator{textValidator{"a whole number of at least 1"}, 1, nil}
}

// between holds a number to whole ones from least to most.
func between(least, most int64) validator.Number {
	return wholeNumberValidator{textValidator{fmt.Sprintf("a whole number between %d and %d", least, most)}, least, &most}
}

type wholeNumberValidator struct {
	textValidator
	least int64
	most  *int64 // nil: none
}

func (v wholeNumberValidator) ValidateNumber(_ context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	n, accuracy := req.ConfigValue.ValueBigFloat().Int64()
	if accuracy != big.Exact || n < v.least || v.most != nil && n > *v.most {
		reportNumber(&resp.Diagnostics, req.Path, req.ConfigValue.ValueBigFloat(), v.description)
	}
}

// whole is an optional whole number; nil when it is not set. Its validator has seen it before.
func (in input) whole(name string) *int64 {
	value := get[types.Number](in, name)
	if value.IsNull() || value.IsUnknown() {
		return nil
	}
	n, _ := value.ValueBigFloat().Int64()
	return &n
}

// wholeOr is a whole number, or what stands for it when it is not set.
func (in input) wholeOr(name string, otherwise int64) int64 {
	if n := in.whole(name); n != nil {
		return *n
	}
	return otherwise
}

// wholeText is a whole number of the provider block as a text, so that it can be told of like one that
// the environment gives.
func wholeText(n types.Number) types.String {
	switch {
	case n.IsUnknown():
		return types.StringUnknown()
	case n.IsNull():
		return types.StringNull()
	}
	return types.StringValue(n.ValueBigFloat().Text('f', -1))
}

// numberAt reads an optional number of the provider block.
func (r settingsReader) numberAt(at path.Path) types.Number {
	var configured types.Number
	r.diags.Append(r.config.GetAttribute(r.ctx, at, &configured)...)
	return configured
}
