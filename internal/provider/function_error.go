package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/runner-audit/terraform-provider-github-actions/internal/audit"
)

// This file words what functions say. Terraform puts the name of the function and of the argument before
// it and a full stop after it.

// linkError is for a link that parse_actions_url cannot read. The link does not show: it may contain a
// password.
func linkError(position int64, err error) *function.FuncError {
	return function.NewArgumentFuncError(position,
		fmt.Sprintf("not a GitHub Actions URL: %s. Use the URL of a run or a job, such as https://github.com/acme/app/actions/runs/700/job/70004, or of its API endpoint, such as https://api.github.com/repos/acme/app/actions/runs/700", err))
}

// elementError is for a part of an argument that is not of the type that is wanted.
func elementError(position int64, place, is, want string) *function.FuncError {
	return function.NewArgumentFuncError(position, fmt.Sprintf("%s must be %s, not %s", clean(place), want, is))
}

// timeValueError is for a string that is not a time.
func timeValueError(position int64, place, value string) *function.FuncError {
	return function.NewArgumentFuncError(position,
		fmt.Sprintf("%s must be a time such as 2026-05-04T10:00:00Z (RFC 3339), not %q", clean(place), clean(value)))
}

// notAJobError is for an object in a list of jobs that cannot be one.
func notAJobError(position int64, place, required string) *function.FuncError {
	return function.NewArgumentFuncError(position,
		fmt.Sprintf("%s has no attribute %s, so it is not a job", clean(place), required))
}

// figureError is for a figure that rows do not have.
func figureError(position int64, figure string, known []string) *function.FuncError {
	return function.NewArgumentFuncError(position, fmt.Sprintf("figure cannot be %q; it can be %s", clean(figure), strings.Join(known, ", ")))
}

// noFigureError is for a row without the figure.
func noFigureError(position int64, place, figure string) *function.FuncError {
	return function.NewArgumentFuncError(position, fmt.Sprintf("%s has no attribute %s", clean(place), figure))
}

// sameRuleError is for a rule that is given under both of its names.
func sameRuleError(position int64, place, name, other string) *function.FuncError {
	return function.NewArgumentFuncError(position, fmt.Sprintf("%s has both %s and %s, which are the same rule", place, name, other))
}

// ruleNameError is for an attribute of rules that is not a list of rules.
func ruleNameError(position int64, place, name string, known []string) *function.FuncError {
	return function.NewArgumentFuncError(position,
		fmt.Sprintf("%s has the unknown attribute %q; it can have %s", place, clean(name), strings.Join(known, ", ")))
}

// ruleError is for a pattern that cannot be used.
func ruleError(position int64, place string, err *audit.RuleError) *function.FuncError {
	return function.NewArgumentFuncError(position,
		fmt.Sprintf("%s[%d] cannot be %q: %s", place, err.Index, clean(err.Pattern), err.Err))
}

// resultError is for a result that does not fit its own declaration.
func resultError(err error) *function.FuncError {
	return function.NewFuncError("this is a bug in the provider, please report it: " + clean(err.Error()))
}
