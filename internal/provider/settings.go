package provider

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

const defaultBaseURL = "https://api.github.com/"

// settings are the provider block with the environment behind it and the defaults behind that.
type settings struct {
	owner         string
	token         string
	tokenSource   string // for messages
	baseURL       *url.URL
	maxConcurrent int
}

// readSettings resolves every argument: the configuration beats the environment. A value that is not
// known yet cannot be waited for, so it is an error that names the argument.
func readSettings(ctx context.Context, config tfsdk.Config, getenv func(string) string, diags *diag.Diagnostics) settings {
	r := settingsReader{ctx, config, getenv, diags}
	var s settings
	if owner, source := r.text("owner", "GITHUB_OWNER"); owner != "" {
		if _, err := actions.ParseOwner(owner); err != nil {
			reportOwner(diags, path.Root("owner"), owner, fmt.Errorf("%w (from %s)", err, source))
		}
		s.owner = owner
	}
	if s.token, s.tokenSource = r.text("token", "GITHUB_TOKEN"); !isToken(s.token) {
		reportToken(diags, s.tokenSource)
	}
	base, source := r.text("base_url", "GITHUB_BASE_URL")
	if base == "" {
		base = defaultBaseURL
	}
	var err error
	if s.baseURL, err = parseBaseURL(base); err != nil {
		reportBaseURL(diags, path.Root("base_url"), fmt.Errorf("%w (from %s)", err, source))
	}
	s.maxConcurrent = int(r.number("max_concurrent_requests", transport.DefaultMaxConcurrent))
	return s
}

// settingsReader reads one argument at a time.
type settingsReader struct {
	ctx    context.Context // lives as long as one Configure
	config tfsdk.Config
	getenv func(string) string
	diags  *diag.Diagnostics
}

// text is an argument, else the variable behind it, and which of them it was.
func (r settingsReader) text(argument, variable string) (value, source string) {
	var configured types.String
	r.diags.Append(r.config.GetAttribute(r.ctx, path.Root(argument), &configured)...)
	switch {
	case configured.IsUnknown():
		reportUnknown(r.diags, argument, variable)
		return "", ""
	case !configured.IsNull():
		return configured.ValueString(), "the provider's " + argument + " argument"
	}
	return strings.TrimSpace(r.getenv(variable)), variable
}

// number is an argument, else its default.
func (r settingsReader) number(argument string, otherwise int64) int64 {
	var configured types.Int64
	r.diags.Append(r.config.GetAttribute(r.ctx, path.Root(argument), &configured)...)
	switch {
	case configured.IsUnknown():
		reportUnknown(r.diags, argument, "")
		return otherwise
	case configured.IsNull():
		return otherwise
	}
	return configured.ValueInt64()
}

// isToken reports whether s can stand in a header: net/http's own refusal would be about a request,
// not about the token.
func isToken(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// parseBaseURL holds base_url to addresses that a token may go to.
func parseBaseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, errors.New("it is not an address")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("it has to start with https://")
	case u.Hostname() == "":
		return nil, errors.New("it has no host")
	case u.User != nil:
		return nil, errors.New("it holds a user name or password; use token")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("it has a query or fragment")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, errors.New("plain http would send the token readable over the network; only a loopback host may use it")
	case strings.EqualFold(u.Hostname(), "github.com"):
		return nil, errors.New("github.com serves web pages; its API is at https://api.github.com/")
	}
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// baseURLValidator checks base_url where it is written, before the provider is configured.
type baseURLValidator struct{}

func (baseURLValidator) Description(context.Context) string               { return "an https address" }
func (v baseURLValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (baseURLValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if _, err := parseBaseURL(req.ConfigValue.ValueString()); err != nil {
		reportBaseURL(&resp.Diagnostics, req.Path, err)
	}
}
