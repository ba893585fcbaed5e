package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// repositoryValidator holds `repository` to the names that may stand in a request path.
type repositoryValidator struct{}

func (repositoryValidator) Description(context.Context) string {
	return "a repository as name or owner/name"
}

func (v repositoryValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (repositoryValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := actions.ParseRepository(req.ConfigValue.ValueString()); err != nil {
		reportRepository(&resp.Diagnostics, req.Path, req.ConfigValue.ValueString(), err)
	}
}

// ownerValidator holds `owner` to the same alphabet.
type ownerValidator struct{}

func (ownerValidator) Description(context.Context) string {
	return "the login of a user or an organisation"
}

func (v ownerValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (ownerValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := actions.ParseOwner(req.ConfigValue.ValueString()); err != nil {
		reportOwner(&resp.Diagnostics, req.Path, req.ConfigValue.ValueString(), err)
	}
}
