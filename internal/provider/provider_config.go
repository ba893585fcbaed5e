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

// Defaults of the provider block.
const (
	defaultBaseURL           = "https://api.github.com/"
	defaultRequestsPerMinute = 900
	defaultMaxRetries        = 3
	defaultMaxRateLimitWait  = time.Minute
)

// providerConfig is the provider block, completed from the environment and with defaults.
type providerConfig struct {
	owner     string
	transport transport.Config
	ghFinding string // why gh gave no token, if it was asked
}

func (c providerConfig) tokenSource() string {
	if c.transport.Credential == nil {
		return ""
	}
	return c.transport.Credential.Source()
}

// configReader resolves every argument: the configuration beats the environment. The provider reads
// during the plan, so an unknown value is an error that names the argument.
type configReader struct {
	config  tfsdk.Config
	machine machine
	diags   *diag.Diagnostics
}

func (r configReader) read(ctx context.Context) providerConfig {
	c := providerConfig{
		owner: r.owner(ctx),
		transport: transport.Config{
			BaseURL:           r.baseURL(ctx),
			CACertPEM:         r.setting(ctx, "ca_cert_pem", "").value,
			MaxConcurrent:     int(r.int64Or(ctx, "max_concurrent_requests", transport.DefaultMaxConcurrent)),
			RequestsPerMinute: int(r.int64Or(ctx, "requests_per_minute", defaultRequestsPerMinute)),
			MaxRetries:        int(r.int64Or(ctx, "max_retries", defaultMaxRetries)),
			RetryDelay:        time.Duration(r.int64Or(ctx, "retry_delay_ms", transport.DefaultRetryDelay.Milliseconds())) * time.Millisecond,
			MaxRateLimitWait:  r.durationOr(ctx, "max_rate_limit_wait", defaultMaxRateLimitWait),
			CacheDir:          r.cachePath(ctx),
			Bucket:            r.cacheURL(ctx),
		},
	}
	if !r.diags.HasError() {
		c.transport.Credential, c.ghFinding = r.credential(ctx, c.transport.BaseURL)
	}
	return c
}

func (r configReader) owner(ctx context.Context) string {
	owner := r.setting(ctx, "owner", "GITHUB_OWNER")
	if owner.value != "" {
		if _, err := actions.ParseOwner(owner.value); err != nil {
			reportProviderOwner(r.diags, path.Root("owner"), owner.value, from(owner, err))
		}
	}
	return owner.value
}

func (r configReader) cachePath(ctx context.Context) string {
	folder := r.setting(ctx, "cache_path", "GITHUB_CACHE_PATH")
	if folder.value == "" {
		return ""
	}
	at := path.Root("cache_path")
	switch err := checkCachePath(folder.value); {
	case err != nil && folder.configured:
		reportCachePath(r.diags, at, folder.value, err)
	case err != nil:
		reportCachePathVariable(r.diags, at, folder, err)
	}
	return folder.value
}

// cacheURL is the bucket of cache_url; nil without one.
func (r configReader) cacheURL(ctx context.Context) *transport.Bucket {
	address := r.setting(ctx, "cache_url", "GITHUB_CACHE_URL")
	if address.value == "" {
		return nil
	}
	bucket, err := transport.ParseBucket(address.value, r.machine.getenv)
	if err != nil {
		reportCacheURL(r.diags, path.Root("cache_url"), address.value, from(address, err))
		return nil
	}
	bucket.Base = r.machine.bucket
	return bucket
}

func (r configReader) baseURL(ctx context.Context) *url.URL {
	base := r.setting(ctx, "base_url", "GITHUB_BASE_URL")
	if base.value == "" {
		base.value = defaultBaseURL
	}
	u, err := parseBaseURL(base.value)
	if err != nil {
		reportBaseURL(r.diags, path.Root("base_url"), base.value, from(base, err))
	}
	return u
}

// credential is the first of these: token or app_auth in the configuration, a complete App in the
// environment, GITHUB_TOKEN, and the token that gh uses for the host. It is nil when there is none.
func (r configReader) credential(ctx context.Context, base *url.URL) (_ transport.Credential, ghFinding string) {
	token := r.setting(ctx, "token", "GITHUB_TOKEN")
	app := r.app(ctx)
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
	gh := r.machine.ghToken(ctx, transport.GHHost(base))
	if gh.Token != "" {
		return r.static(setting{value: gh.Token, source: gh.Source}), ""
	}
	if len(app.missing) > 0 {
		reportAppHalf(r.diags, app.set, app.missing)
	}
	return nil, gh.Finding
}

func (r configReader) static(token setting) transport.Credential {
	token.value = strings.TrimSpace(token.value) // a file ends with a line break
	if err := transport.CheckToken(token.value); err != nil {
		reportToken(r.diags, token.source, err)
		return nil
	}
	return transport.StaticToken(token.value, token.source)
}

// appSettings are the three parts of an App's credential.
type appSettings struct {
	present          bool // there is a block, or the environment is complete
	id, installation setting
	key              setting
	source           string
	set, missing     []string // variables, of an App in the environment that is not complete
}

// lacks notes which variables of an App are set in the environment, and which are missing.
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

func (r configReader) app(ctx context.Context) appSettings {
	at := path.Root("app_auth")
	block := getAt[types.Object](ctx, r.config, at, r.diags)
	if block.IsUnknown() {
		reportUnknown(r.diags, at, "")
		return appSettings{}
	}
	app := appSettings{source: "app_auth"}
	id := r.int64SettingAt(ctx, at.AtName("id"), "GITHUB_APP_ID")
	installation := r.int64SettingAt(ctx, at.AtName("installation_id"), "GITHUB_APP_INSTALLATION_ID")
	key := r.settingAt(ctx, at.AtName("pem_file"), "GITHUB_APP_PEM_FILE")
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
	app.id, app.installation, app.key = id, installation, key
	return app
}

// appID reads an ID that can come from the environment; in the configuration it is a number already.
func (r configReader) appID(s setting, at path.Path) int64 {
	n, err := strconv.ParseInt(s.value, 10, 64)
	if err != nil || n < 1 {
		reportAppID(r.diags, at, s.source)
	}
	return n
}

func (r configReader) installation(base *url.URL, app appSettings) transport.Credential {
	at := path.Root("app_auth")
	id, installation := r.appID(app.id, at.AtName("id")), r.appID(app.installation, at.AtName("installation_id"))
	if err := transport.CheckAppKey(app.key.value); err != nil {
		reportAppKey(r.diags, app.key, err)
	}
	if r.diags.HasError() {
		return nil
	}
	credential, err := transport.AppInstallation(base, id, installation, []byte(app.key.value), nil, app.source)
	if err != nil {
		reportArgument(r.diags, at, err)
		return nil
	}
	return credential
}

// setting is a value and where it comes from, for messages.
type setting struct {
	value      string
	source     string // "the provider's token argument", or a variable's name
	configured bool   // the configuration sets it
}

// from adds the source of a wrong value, unless the diagnostic already points to it.
func from(s setting, err error) error {
	if s.configured {
		return err
	}
	return errors.New(err.Error() + " (from " + s.source + ")")
}

// setting is an argument, else the variable behind it.
func (r configReader) setting(ctx context.Context, argument, variable string) setting {
	return r.settingAt(ctx, path.Root(argument), variable)
}

func (r configReader) settingAt(ctx context.Context, at path.Path, variable string) setting {
	return r.resolve(at, getAt[types.String](ctx, r.config, at, r.diags), variable)
}

// int64SettingAt is settingAt for an argument that is a number in the configuration.
func (r configReader) int64SettingAt(ctx context.Context, at path.Path, variable string) setting {
	return r.resolve(at, numberString(getAt[types.Number](ctx, r.config, at, r.diags)), variable)
}

// numberString is a whole number as a string, as in an environment variable.
func numberString(n types.Number) types.String {
	switch {
	case n.IsUnknown():
		return types.StringUnknown()
	case n.IsNull():
		return types.StringNull()
	}
	return types.StringValue(n.ValueBigFloat().Text('f', -1))
}

func (r configReader) resolve(at path.Path, configured types.String, variable string) setting {
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

// int64Or is an argument, else its default. The validator of the argument has checked it before.
func (r configReader) int64Or(ctx context.Context, argument string, otherwise int64) int64 {
	at := path.Root(argument)
	switch configured := getAt[types.Number](ctx, r.config, at, r.diags); {
	case configured.IsUnknown():
		reportUnknown(r.diags, at, "")
		return otherwise
	case configured.IsNull():
		return otherwise
	default:
		n, _ := configured.ValueBigFloat().Int64()
		return n
	}
}

// durationOr is an argument, else its default. The validator of the argument has checked it before.
func (r configReader) durationOr(ctx context.Context, argument string, otherwise time.Duration) time.Duration {
	configured := r.setting(ctx, argument, "")
	if configured.value == "" {
		return otherwise
	}
	d, err := parseDuration(configured.value)
	if err != nil {
		reportDuration(r.diags, path.Root(argument), configured.value, err)
	}
	return d
}
