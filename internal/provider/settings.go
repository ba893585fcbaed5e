package provider

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// What the provider block's arguments are when nobody says otherwise.
const (
	defaultBaseURL           = "https://api.github.com/"
	defaultRequestsPerMinute = 900
	defaultMaxRetries        = 3
	defaultMaxRateLimitWait  = time.Minute
)

// settings are the provider block with the environment behind it and the defaults behind that.
type settings struct {
	owner     string
	transport transport.Config
	ghFinding string // why gh gave no token, if it was asked
}

func (s settings) tokenSource() string {
	if s.transport.Credential == nil {
		return ""
	}
	return s.transport.Credential.Source()
}

// settingsReader resolves every argument: the configuration beats the environment. A value that is not
// known yet cannot be waited for, so it is an error that names the argument.
type settingsReader struct {
	ctx     context.Context // lives as long as one Configure
	config  tfsdk.Config
	machine machine
	diags   *diag.Diagnostics
}

func (r settingsReader) read() settings {
	s := settings{
		owner: r.owner(),
		transport: transport.Config{
			BaseURL:           r.baseURL(),
			CACertPEM:         r.text("ca_cert_pem", "").value,
			MaxConcurrent:     int(r.number("max_concurrent_requests", transport.DefaultMaxConcurrent)),
			RequestsPerMinute: int(r.number("requests_per_minute", defaultRequestsPerMinute)),
			MaxRetries:        int(r.number("max_retries", defaultMaxRetries)),
			RetryDelay:        time.Duration(r.number("retry_delay_ms", transport.DefaultRetryDelay.Milliseconds())) * time.Millisecond,
			MaxRateLimitWait:  r.duration("max_rate_limit_wait", defaultMaxRateLimitWait),
			CacheDir:          r.cachePath(),
		},
	}
	if !r.diags.HasError() {
		s.transport.Credential, s.ghFinding = r.credential(s.transport.BaseURL)
	}
	return s
}

func (r settingsReader) owner() string {
	owner := r.text("owner", "GITHUB_OWNER")
	if owner.value != "" {
		if _, err := actions.ParseOwner(owner.value); err != nil {
			reportOwner(r.diags, path.Root("owner"), owner.value, from(owner, err))
		}
	}
	return owner.value
}

func (r settingsReader) cachePath() string {
	folder := r.text("cache_path", "GITHUB_CACHE_PATH")
	if err := checkCachePath(folder.value); err != nil {
		reportArgument(r.diags, path.Root("cache_path"), from(folder, err))
	}
	return folder.value
}

func (r settingsReader) baseURL() *url.URL {
	base := r.text("base_url", "GITHUB_BASE_URL")
	if base.value == "" {
		base.value = defaultBaseURL
	}
	u, err := parseBaseURL(base.value)
	if err != nil {
		reportBaseURL(r.diags, path.Root("base_url"), from(base, err))
	}
	return u
}

// credential is who asks, nil for anonymous. In this order: token or app_auth in the configuration, a
// complete App in the environment, GITHUB_TOKEN, and what gh would use for the host.
func (r settingsReader) credential(base *url.URL) (_ transport.Credential, ghFinding string) {
	token := r.text("token", "GITHUB_TOKEN")
	app := r.app()
	switch {
	case r.diags.HasError():
		return nil, ""
	case token.configured:
		return r.static(token), ""
	case app.present:
		return r.installation(base, app), ""
	case token.value != "":
		return r.static(token), ""
	}
	gh := r.machine.ghToken(r.ctx, transport.GHHost(base))
	if gh.Token != "" {
		return r.static(setting{value: gh.Token, source: gh.Source}), ""
	}
	if len(app.missing) > 0 {
		reportAppHalf(r.diags, app.set, app.missing)
	}
	return nil, gh.Finding
}

func (r settingsReader) static(token setting) transport.Credential {
	token.value = strings.TrimSpace(token.value) // a file ends with a line
	if err := transport.CheckToken(token.value); err != nil {
		reportToken(r.diags, token.source, err)
		return nil
	}
	return transport.StaticToken(token.value, token.source)
}

// appSettings are the three parts of an App's credential.
type appSettings struct {
	present          bool // asked for by a block, or complete in the environment
	id, installation setting
	key              string
	source           string
	set, missing     []string // variables of an App in the environment that is not complete
}

// lacks notes what there is of an App in the environment, and what there is not.
func (a *appSettings) lacks(parts ...setting) {
	for _, part := range parts {
		if part.value != "" {
			a.set = append(a.set, part.source)
		} else {
			a.missing = append(a.missing, part.source)
		}
	}
	if len(a.set) == 0 {
		a.missing = nil
	}
}

func (r settingsReader) app() appSettings {
	var block types.Object
	r.diags.Append(r.config.GetAttribute(r.ctx, path.Root("app_auth"), &block)...)
	at := path.Root("app_auth")
	if block.IsUnknown() {
		reportUnknown(r.diags, at, "")
		return appSettings{}
	}
	app := appSettings{source: "app_auth"}
	id := r.idAt(at.AtName("id"), "GITHUB_APP_ID")
	installation := r.idAt(at.AtName("installation_id"), "GITHUB_APP_INSTALLATION_ID")
	key := r.textAt(at.AtName("pem_file"), "GITHUB_APP_PEM_FILE")
	complete := id.value != "" && installation.value != "" && key.value != ""
	if block.IsNull() {
		if !complete {
			app.lacks(id, installation, key)
			return app
		}
		app.source = "GITHUB_APP_ID"
	} else if !complete {
		reportAppIncomplete(r.diags, map[string]setting{"id": id, "installation_id": installation, "pem_file": key})
		return appSettings{}
	}
	app.present = true
	app.id, app.installation = id, installation
	app.key = strings.ReplaceAll(key.value, `\n`, "\n")
	return app
}

// positive reads an id of the environment; those of the configuration are numbers already.
func (r settingsReader) positive(s setting, at path.Path) int64 {
	n, err := strconv.ParseInt(s.value, 10, 64)
	if err != nil || n < 1 {
		reportArgument(r.diags, at, errors.New(s.source+" is not an id: it has to be a whole number from 1"))
	}
	return n
}

func (r settingsReader) installation(base *url.URL, app appSettings) transport.Credential {
	at := path.Root("app_auth")
	id, installation := r.positive(app.id, at.AtName("id")), r.positive(app.installation, at.AtName("installation_id"))
	if r.diags.HasError() {
		return nil
	}
	credential, err := transport.AppInstallation(base, id, installation, []byte(app.key), nil, app.source)
	if err != nil {
		reportAppKey(r.diags, err)
		return nil
	}
	return credential
}

// setting is a text with where it comes from, for messages.
type setting struct {
	value      string
	source     string // "the provider's token argument", or a variable's name
	configured bool   // the configuration says it
}

// from tells where a wrong value stands, unless it is where the message points anyway.
func from(s setting, err error) error {
	if s.configured {
		return err
	}
	return errors.New(err.Error() + " (from " + s.source + ")")
}

// text is an argument, else the variable behind it.
func (r settingsReader) text(argument, variable string) setting {
	return r.textAt(path.Root(argument), variable)
}

func (r settingsReader) textAt(at path.Path, variable string) setting {
	var configured types.String
	r.diags.Append(r.config.GetAttribute(r.ctx, at, &configured)...)
	return r.resolve(at, configured, variable)
}

// idAt is text for an argument that is a number in the configuration.
func (r settingsReader) idAt(at path.Path, variable string) setting {
	return r.resolve(at, wholeText(r.numberAt(at)), variable)
}

func (r settingsReader) resolve(at path.Path, configured types.String, variable string) setting {
	switch {
	case configured.IsUnknown():
		reportUnknown(r.diags, at, variable)
		return setting{}
	case !configured.IsNull():
		return setting{value: configured.ValueString(), source: "the provider's " + at.String() + " argument", configured: true}
	case variable == "":
		return setting{}
	}
	return setting{value: strings.TrimSpace(r.machine.getenv(variable)), source: variable}
}

// number is an argument, else its default.
func (r settingsReader) number(argument string, otherwise int64) int64 {
	configured := r.numberAt(path.Root(argument))
	switch {
	case configured.IsUnknown():
		reportUnknown(r.diags, path.Root(argument), "")
		return otherwise
	case configured.IsNull():
		return otherwise
	}
	n, _ := configured.ValueBigFloat().Int64() // its validator has seen it before
	return n
}

// duration is an argument that its validator has read before, else its default.
func (r settingsReader) duration(argument string, otherwise time.Duration) time.Duration {
	text := r.text(argument, "")
	if text.value == "" {
		return otherwise
	}
	d, err := parseDuration(text.value)
	if err != nil {
		reportDuration(r.diags, path.Root(argument), text.value)
	}
	return d
}
