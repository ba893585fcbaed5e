package provider

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// appKey is a private key in GitHub's format for an App.
func appKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

// withApp makes server issue App tokens that contain the installation ID.
func withApp(server *githubtest.Server, installation int) {
	server.Handle(fmt.Sprintf("/app/installations/%d/access_tokens", installation), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ey") {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"token":"installation-%d","expires_at":"2099-01-01T00:00:00Z"}`, installation)
	}))
}

// TestWhoAsks checks the precedence of credentials: the token in the request to GitHub, and the
// source of the token in an error message.
func TestWhoAsks(t *testing.T) {
	t.Parallel()
	key := appKey(t)
	app := args{"id": 7, "installation_id": 8, "pem_file": key}
	appEnv := map[string]string{"GITHUB_APP_ID": "7", "GITHUB_APP_INSTALLATION_ID": "9", "GITHUB_APP_PEM_FILE": strings.ReplaceAll(key, "\n", `\n`)}
	with := func(env map[string]string, more ...string) map[string]string {
		all := map[string]string{}
		maps.Copy(all, env)
		for i := 0; i+1 < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	for _, tc := range []struct {
		name   string
		env    map[string]string
		a      args
		gh     string // what gh would use
		token  string // what reaches GitHub; "": nothing
		source string // what a refusal names
	}{
		{name: "nobody"},
		{name: "gh's own", gh: "gho", token: "gho", source: "gh auth token"},
		{name: "GITHUB_TOKEN beats gh", env: with(nil, "GITHUB_TOKEN", "env"), gh: "gho", token: "env", source: "GITHUB_TOKEN"},
		{name: "an App in the environment beats GITHUB_TOKEN", env: with(appEnv, "GITHUB_TOKEN", "env"), token: "installation-9", source: "GITHUB_APP_ID"},
		{name: "half an App in the environment is none", env: with(nil, "GITHUB_APP_ID", "7", "GITHUB_TOKEN", "env"), token: "env", source: "GITHUB_TOKEN"},
		{name: "a token of the configuration beats an App in the environment that cannot be used", env: with(nil, "GITHUB_APP_ID", "Iv23li", "GITHUB_APP_INSTALLATION_ID", "x", "GITHUB_APP_PEM_FILE", "y"), a: args{"token": "conf\n"}, token: "conf", source: "the provider's token argument"},
		{name: "a token of the configuration beats an App in the environment", env: appEnv, a: args{"token": "conf"}, token: "conf", source: "the provider's token argument"},
		{name: "an App of the configuration beats GITHUB_TOKEN", env: with(nil, "GITHUB_TOKEN", "env"), a: args{"app_auth": app}, token: "installation-8", source: "app_auth"},
		{name: "an App of the configuration beats one in the environment", env: appEnv, a: args{"app_auth": app}, token: "installation-8", source: "app_auth"},
		{name: "the environment fills an app_auth block", env: appEnv, a: args{"app_auth": args{}}, token: "installation-9", source: "app_auth"},
		{name: "a quoted key in the environment", env: with(appEnv, "GITHUB_APP_PEM_FILE", `"`+strings.ReplaceAll(key, "\n", `\r\n`)+`"`), token: "installation-9", source: "GITHUB_APP_ID"},
		{name: "and does so in part", env: appEnv, a: args{"app_auth": args{"installation_id": 8}}, token: "installation-8", source: "app_auth"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.Demo())
			withApp(server, 8)
			withApp(server, 9)
			server.Handle("/repos/acme/app/actions/jobs/2", http.HandlerFunc(githubtest.Status(http.StatusUnauthorized, "Bad credentials")))
			synctest.Test(t, func(t *testing.T) { // an App's refused request is repeated for seconds
				asked := ""
				m := machineWith(tc.env)
				m.base = server.RoundTripper()
				m.ghToken = func(_ context.Context, host string) transport.GHResult {
					asked = host
					if tc.gh == "" {
						return transport.GHResult{}
					}
					return transport.GHResult{Token: tc.gh, Source: "gh auth token"}
				}
				p := newProtocolOn(t, m)
				block := args{"base_url": server.BaseURL(), "owner": "acme"}
				maps.Copy(block, tc.a)
				if diags := p.configure(block); len(diags) > 0 {
					t.Fatal(diags)
				}
				if _, diags := p.read("github_actions_job", args{"repository": "app", "job_id": 70001}); len(diags) > 0 {
					t.Fatal(diags)
				}
				requests := server.Requests()
				want := ""
				if tc.token != "" {
					want = "Bearer " + tc.token
				}
				if got := requests[len(requests)-1].Header.Get("Authorization"); got != want {
					t.Errorf("GitHub got %q, want %q", got, want)
				}
				if asked != "" && asked != "127.0.0.1" {
					t.Errorf("gh was asked for %s", asked)
				}
				_, diags := p.read("github_actions_job", args{"repository": "app", "job_id": 2})
				if named := strings.Contains(diags.String(), " from "+tc.source+",") || strings.Contains(diags.String(), "GitHub refused the token from "+tc.source+"."); named != (tc.source != "") {
					t.Errorf("a refusal says %s, want %q named", diags, tc.source)
				}
			})
		})
	}
}

// appIn is an App in the environment.
func appIn(key string) map[string]string {
	return map[string]string{"GITHUB_APP_ID": "7", "GITHUB_APP_INSTALLATION_ID": "8", "GITHUB_APP_PEM_FILE": key}
}

// TestBadCredentialSettings checks conflicts, missing parts and wrong values, each on its argument.
func TestBadCredentialSettings(t *testing.T) {
	t.Parallel()
	key := appKey(t)
	for _, tc := range []struct {
		name string
		env  map[string]string
		a    args
		want []string // regular expressions
	}{
		{name: "token and app_auth", a: args{"token": "t", "app_auth": args{"id": 1, "installation_id": 2, "pem_file": key}}, want: []string{`^error at token: Invalid Attribute Combination: .*"app_auth" cannot be specified when "token" is specified`}},
		{name: "half an App", a: args{"app_auth": args{"id": 1}}, want: []string{
			`^error at app_auth\.installation_id: Incomplete app_auth: app_auth needs id, installation_id and pem_file\. Set installation_id here or in GITHUB_APP_INSTALLATION_ID\.$`,
			`^error at app_auth\.pem_file: Incomplete app_auth: .* Set pem_file here or in GITHUB_APP_PEM_FILE\.$`,
		}},
		{name: "a path for a key", a: args{"app_auth": args{"id": 1, "installation_id": 2, "pem_file": "/etc/app.pem"}}, want: []string{`^error at app_auth\.pem_file: Invalid private key: The private key from the provider's app_auth\.pem_file argument cannot be used: it is not in PEM form\. pem_file takes the contents of the App's \.pem file, not its path\.$`}},
		{name: "base64 for a key", a: args{"app_auth": args{"id": 1, "installation_id": 2, "pem_file": base64.StdEncoding.EncodeToString([]byte(key))}}, want: []string{`: The private key from the provider's app_auth\.pem_file argument cannot be used: it is the base64 of a PEM file\. Decode it with base64decode\(…\)\.$`}},
		{name: "base64 for a key in the environment", env: appIn(base64.StdEncoding.EncodeToString([]byte(key))), want: []string{`: The private key from GITHUB_APP_PEM_FILE cannot be used: it is the base64 of a PEM file\. Decode it with base64 -d\.$`}},
		{name: "a path for a key in the environment", env: appIn("/etc/app.pem"), want: []string{`: The private key from GITHUB_APP_PEM_FILE cannot be used: it is not in PEM form\. GITHUB_APP_PEM_FILE takes the contents of the App's \.pem file, not its path\.$`}},
		{name: "half a key in the environment", env: appIn(key[:200]), want: []string{`^error at app_auth\.pem_file: Invalid private key: The private key from GITHUB_APP_PEM_FILE cannot be used: a part of it is missing or was changed\. Use the \.pem file that GitHub generated for the App, without changes\.$`}},
		{name: "half a key in the environment of a block", env: map[string]string{"GITHUB_APP_PEM_FILE": key[:200]}, a: args{"app_auth": args{"id": 1, "installation_id": 2}}, want: []string{`: The private key from GITHUB_APP_PEM_FILE cannot be used: `}},
		{name: "an id below 1", a: args{"app_auth": args{"id": 0, "installation_id": 2, "pem_file": key}}, want: []string{`^error at app_auth\.id: Invalid number: app_auth\.id must be a whole number of at least 1, not 0\.$`}},
		{name: "an id in the environment that is none", env: map[string]string{"GITHUB_APP_ID": "seven", "GITHUB_APP_INSTALLATION_ID": "8", "GITHUB_APP_PEM_FILE": key}, want: []string{`^error at app_auth\.id: Invalid app_auth\.id: GITHUB_APP_ID must be a whole number of at least 1\.$`}},
		{name: "an unknown key", a: args{"app_auth": args{"id": 1, "installation_id": 2, "pem_file": unknown}}, want: []string{`^error at app_auth\.pem_file: Unknown value of app_auth\.pem_file: `}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := newProtocol(t, tc.env).configure(tc.a)
			if len(got) != len(tc.want) {
				t.Fatalf("got %s", got)
			}
			for i, want := range tc.want {
				if !regexp.MustCompile(want).MatchString(got[i]) {
					t.Errorf("got  %s\nwant %s", got[i], want)
				}
			}
			if strings.Contains(got.String(), "PRIVATE KEY-----") {
				t.Errorf("the key shows in %s", got)
			}
		})
	}
}

func TestBadTrafficSettings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		a    args
		want string
	}{
		{"negative pace", args{"requests_per_minute": -1}, `^error at requests_per_minute: Invalid number: requests_per_minute must be a whole number between 0 and 60000, not -1\.$`},
		{"negative retries", args{"max_retries": -1}, `^error at max_retries: Invalid number: max_retries must be a whole number between 0 and 100, not -1\.$`},
		{"no retry delay", args{"retry_delay_ms": 0}, `^error at retry_delay_ms: Invalid number: retry_delay_ms must be a whole number between 1 and 30000, not 0\.$`},
		{"a wait that is not a duration", args{"max_rate_limit_wait": "an hour"}, `^error at max_rate_limit_wait: Invalid duration: max_rate_limit_wait must be a duration of zero or more, such as 30s, 5m or 1h30m, not "an hour"\.$`},
		{"a number for a wait", args{"max_rate_limit_wait": "60"}, `^error at max_rate_limit_wait: Invalid duration: .*, not "60"`},
		{"a negative wait", args{"max_rate_limit_wait": "-1m"}, `^error at max_rate_limit_wait: Invalid duration: .*, not "-1m"`},
		{"a home directory", args{"cache_path": "~/.cache"}, `^error at cache_path: Invalid cache_path: cache_path cannot be "~/\.cache": it starts with ~\. The provider does not expand it: write pathexpand\("~/…"\), or the whole path\.$`},
		{"an empty cache path", args{"cache_path": ""}, `^error at cache_path: Empty cache_path: cache_path must not be empty\. Remove it to use GITHUB_CACHE_PATH, or set it to a folder\.$`},
		{"an empty private key", args{"app_auth": args{"id": 1, "installation_id": 2, "pem_file": ""}}, `^error at app_auth\.pem_file: Empty app_auth\.pem_file: app_auth\.pem_file must not be empty\. Remove it to use GITHUB_APP_PEM_FILE, or set it to the contents of the App's \.pem file\.$`},
		{"base64 for certificates", args{"ca_cert_pem": base64.StdEncoding.EncodeToString([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))}, `^error at ca_cert_pem: Invalid certificates: ca_cert_pem contains no certificate in PEM form: it is the base64 of a PEM file\. Use file\("ca\.pem"\) in place of filebase64, or base64decode\(…\)\.$`},
		{"a key for certificates", args{"ca_cert_pem": appKey(t)}, `^error at ca_cert_pem: Invalid certificates: ca_cert_pem contains no certificate in PEM form: it is PEM of another kind\. Set it to the contents of the file with the root certificates: file\("ca\.pem"\)\.$`},
		{"half a certificate", args{"ca_cert_pem": `-----BEGIN CERTIFICATE-----\nMIIB`}, `: ca_cert_pem contains no certificate in PEM form: a part of it is missing or was changed\. Set it to the contents of the file with the root certificates: file\("ca\.pem"\)\.$`},
		{"a path for certificates", args{"ca_cert_pem": "/etc/ca.pem"}, `^error at ca_cert_pem: Invalid certificates: ca_cert_pem contains no certificate in PEM form\. It takes the contents of the file, not its path: file\("ca\.pem"\)\.$`},
		{"an unknown wait", args{"max_rate_limit_wait": unknown}, `^error at max_rate_limit_wait: Unknown value of max_rate_limit_wait: .* known during the plan\.$`},
		{"an unknown number", args{"max_retries": unknown}, `^error at max_retries: Unknown value of max_retries: `},
		{"no bucket", args{"cache_url": "s3:///audit"}, `^error at cache_url: Invalid cache_url: cache_url cannot be used: it names no bucket; write s3://BUCKET/PREFIX\.$`},
		{"keys in cache_url", args{"cache_url": "s3://AKIA:secret@bucket"}, `^error at cache_url: Invalid cache_url: cache_url cannot be used: it must not contain a user name or password; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role\.$`},
		{"an empty cache URL", args{"cache_url": ""}, `^error at cache_url: Empty cache_url: cache_url must not be empty\. Remove it to use GITHUB_CACHE_URL, or set it to s3://BUCKET/PREFIX\.$`},
		{"an unknown cache URL", args{"cache_url": unknown}, `^error at cache_url: Unknown value of cache_url: .*GITHUB_CACHE_URL\.$`},
		{"an unknown cache path", args{"cache_path": unknown}, `^error at cache_path: Unknown value of cache_path: .*GITHUB_CACHE_PATH\.$`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := newProtocol(t, nil).configure(tc.a)
			if len(got) != 1 || !regexp.MustCompile(tc.want).MatchString(got[0]) {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// TestHalfAnAppIsToldOf: an App with a missing variable is not used. Without another token, this is
// a warning.
func TestHalfAnAppIsToldOf(t *testing.T) {
	t.Parallel()
	half := map[string]string{"GITHUB_APP_ID": "7", "GITHUB_APP_INSTALLATION_ID": "8"}
	const want = "warning: Requests are anonymous: The GitHub App in the environment is ignored because variables are missing (set: GITHUB_APP_ID, GITHUB_APP_INSTALLATION_ID; missing: GITHUB_APP_PEM_FILE), and there is no other token."
	if got := newProtocol(t, half).configure(nil); got.String() != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	half["GITHUB_TOKEN"] = "token"
	if got := newProtocol(t, half).configure(nil); len(got) > 0 {
		t.Errorf("with a token: %s", got)
	}
}
