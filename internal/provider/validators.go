package provider

import (
	"context"
	"crypto/x509"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/audit"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// textValidator is the part that all validators of texts share: null and unknown values are somebody
// else's business.
type textValidator struct{ description string }

func (v textValidator) Description(context.Context) string         { return v.description }
func (v textValidator) MarkdownDescription(context.Context) string { return v.description }

func isSet(req validator.StringRequest) bool {
	return !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown()
}

// repositoryValidator holds `repository` to the names that may stand in a request path.
type repositoryValidator struct{ textValidator }

func (repositoryValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req) {
		return
	}
	if _, err := actions.ParseRepository(req.ConfigValue.ValueString()); err != nil {
		reportRepository(&resp.Diagnostics, req.Path, req.ConfigValue.ValueString(), err)
	}
}

// ownerValidator holds `owner` to the same alphabet.
type ownerValidator struct{ textValidator }

func (ownerValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req) {
		return
	}
	if _, err := actions.ParseOwner(req.ConfigValue.ValueString()); err != nil {
		reportOwner(&resp.Diagnostics, req.Path, req.ConfigValue.ValueString(), err)
	}
}

// workflowValidator holds `workflow` to a file name or an id.
type workflowValidator struct{ textValidator }

func (workflowValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req) {
		return
	}
	if _, err := actions.ParseWorkflow(req.ConfigValue.ValueString()); err != nil {
		reportWorkflow(&resp.Diagnostics, req.Path, req.ConfigValue.ValueString(), err)
	}
}

// branchValidator finds a ref where a branch's name is wanted: GitHub has no runs for it, and would say so
// with an empty list.
type branchValidator struct{ textValidator }

func (branchValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req) {
		return
	}
	value := req.ConfigValue.ValueString()
	if name, isRef := strings.CutPrefix(value, "refs/heads/"); isRef || value == "" {
		reportBranch(&resp.Diagnostics, req.Path, value, name)
	}
}

// patternsValidator checks each label pattern of a list where it stands.
type patternsValidator struct{ textValidator }

func (patternsValidator) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	for i, element := range req.ConfigValue.Elements() {
		text, ok := element.(types.String)
		if !ok || text.IsUnknown() {
			continue
		}
		if _, err := audit.NewLabelPattern(text.ValueString()); err != nil {
			reportLabelPattern(&resp.Diagnostics, req.Path.AtListIndex(i), text, err)
		}
	}
}

// baseURLValidator holds `base_url` to addresses that a token may go to.
type baseURLValidator struct{ textValidator }

func (baseURLValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req) {
		return
	}
	if _, err := parseBaseURL(req.ConfigValue.ValueString()); err != nil {
		reportBaseURL(&resp.Diagnostics, req.Path, err)
	}
}

func parseBaseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("it is not an address") // url's own words repeat it, password and all
	}
	if host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www."); host == "github.com" {
		return nil, errors.New("github.com serves web pages; its API is at https://api.github.com/")
	}
	return u, transport.CheckBaseURL(u)
}

// cachePathValidator finds a home directory that nobody expands: it would become a folder named ~.
type cachePathValidator struct{ textValidator }

func (cachePathValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req) {
		return
	}
	if err := checkCachePath(req.ConfigValue.ValueString()); err != nil {
		reportArgument(&resp.Diagnostics, req.Path, err)
	}
}

func checkCachePath(folder string) error {
	if strings.HasPrefix(folder, "~") {
		return errors.New("nothing expands ~ here: write pathexpand(\"~/…\"), or the whole path")
	}
	return nil
}

// certificateValidator finds a ca_cert_pem that holds no certificate, such as a path.
type certificateValidator struct{ textValidator }

func (certificateValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if isSet(req) && !x509.NewCertPool().AppendCertsFromPEM([]byte(req.ConfigValue.ValueString())) {
		reportCertificates(&resp.Diagnostics, req.Path)
	}
}

// durationValidator holds a text to Go's durations from zero.
type durationValidator struct{ textValidator }

func (durationValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req) {
		return
	}
	if _, err := parseDuration(req.ConfigValue.ValueString()); err != nil {
		reportDuration(&resp.Diagnostics, req.Path, req.ConfigValue.ValueString())
	}
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err == nil && d < 0 {
		err = errors.New("negative")
	}
	return d, err
}

// patternValidator holds a text to RE2.
type patternValidator struct{ textValidator }

func (patternValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req) {
		return
	}
	if _, err := regexp.Compile(req.ConfigValue.ValueString()); err != nil {
		reportRegexp(&resp.Diagnostics, req.Path, req.ConfigValue.ValueString(), err)
	}
}
