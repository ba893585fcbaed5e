package provider

import (
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// TestConfigurationBeatsEnvironment drives Configure with both and looks at what reaches GitHub.
func TestConfigurationBeatsEnvironment(t *testing.T) {
	t.Parallel()
	const path = "/actions/jobs/70001"
	for _, tc := range []struct {
		name  string
		env   map[string]string
		a     args
		path  string
		token string // "": anonymous
	}{
		{name: "only the environment", env: map[string]string{"GITHUB_OWNER": "acme", "GITHUB_TOKEN": "env-token"}, path: "/repos/acme/app", token: "env-token"},
		{name: "only the configuration", a: args{"owner": "acme", "token": "conf-token"}, path: "/repos/acme/app", token: "conf-token"},
		{name: "both", env: map[string]string{"GITHUB_OWNER": "other", "GITHUB_TOKEN": "env-token"}, a: args{"owner": "acme", "token": "conf-token"}, path: "/repos/acme/app", token: "conf-token"},
		{name: "a token with a line end, as files have it", env: map[string]string{"GITHUB_OWNER": "acme", "GITHUB_TOKEN": "env-token\n"}, path: "/repos/acme/app", token: "env-token"},
		{name: "no token", a: args{"owner": "acme"}, path: "/repos/acme/app"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.Demo())
			env := map[string]string{"GITHUB_BASE_URL": server.BaseURL()}
			maps.Copy(env, tc.env)
			p := newProtocol(t, env)
			if diags := p.configure(tc.a); len(diags) > 0 {
				t.Fatal(diags)
			}
			if _, diags := p.read("github_actions_job", args{"repository": "app", "job_id": 70001}); len(diags) > 0 {
				t.Fatal(diags)
			}
			request := server.Requests()[0]
			want := ""
			if tc.token != "" {
				want = "Bearer " + tc.token
			}
			if request.Path != tc.path+path || request.Header.Get("Authorization") != want {
				t.Errorf("got %s with %q, want %s with %q", request.Path, request.Header.Get("Authorization"), tc.path+path, want)
			}
			for header, want := range map[string]string{
				"User-Agent":           "terraform-provider-github-actions/test terraform/1.11.4",
				"X-Github-Api-Version": "2022-11-28",
			} {
				if got := request.Header.Get(header); got != want {
					t.Errorf("%s is %q, want %q", header, got, want)
				}
			}
		})
	}
}

func TestABaseURLWithoutAnEndingSlashIsTheSame(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	p := newProtocol(t, nil)
	if diags := p.configure(args{"base_url": strings.TrimSuffix(server.BaseURL(), "/"), "owner": "acme"}); len(diags) > 0 {
		t.Fatal(diags)
	}
	if _, diags := p.read("github_actions_job", args{"repository": "app", "job_id": 70001}); len(diags) > 0 {
		t.Fatal(diags)
	}
}

// TestBadProviderBlock pins what is said about each bad value, and where.
func TestBadProviderBlock(t *testing.T) {
	t.Parallel()
	const examples = `\. Examples: https://api\.github\.com/, https://HOST/api/v3/, https://api\.SUBDOMAIN\.ghe\.com/\.$`
	for _, tc := range []struct {
		name string
		env  map[string]string
		a    args
		want string
	}{
		{name: "unknown owner", a: args{"owner": unknown}, want: `^error at owner: Unknown value of owner: The provider reads from GitHub during the plan, but Terraform only knows the value of owner after an apply\. Set it to a value that is known during the plan, or use the environment variable GITHUB_OWNER\.$`},
		{name: "unknown token", a: args{"token": unknown}, want: `^error at token: Unknown value of token: .* GITHUB_TOKEN\.$`},
		{name: "unknown base_url", a: args{"base_url": unknown}, want: `^error at base_url: Unknown value of base_url: .* GITHUB_BASE_URL\.$`},
		{name: "unknown max_concurrent_requests", a: args{"max_concurrent_requests": unknown}, want: `^error at max_concurrent_requests: Unknown value of max_concurrent_requests: .* known during the plan\.$`},
		{name: "an owner with a slash", a: args{"owner": "acme/app"}, want: `^error at owner: Invalid owner: owner cannot be "acme/app": the owner contains '/'\. Write the login of a user or an organisation`},
		{name: "an empty owner", a: args{"owner": ""}, want: `^error at owner: Empty owner: owner must not be empty\. Remove it to use GITHUB_OWNER, or set it to a user or an organisation\.$`},
		{name: "an owner of the environment", env: map[string]string{"GITHUB_OWNER": "a b"}, want: `^error at owner: Invalid owner: owner cannot be "a b": the owner contains ' ' \(from GITHUB_OWNER\)\. Write the login`},
		{name: "an empty token", a: args{"token": ""}, want: `^error at token: Empty token: token must not be empty\. Remove it to use GITHUB_TOKEN or the token of gh, or set it to a token\.$`},
		{name: "a token with a line break", a: args{"token": "sec\nret"}, want: `^error at token: Invalid token: The token from the provider's token argument cannot be used: the token contains white space or a character that tokens cannot contain\. Check that it was copied without line breaks and quotes\.$`},
		{name: "a token with a space in the environment", env: map[string]string{"GITHUB_TOKEN": "sec ret"}, want: `^error at token: Invalid token: The token from GITHUB_TOKEN cannot be used: the token contains white space`},
		{name: "a token with quotes in the environment", env: map[string]string{"GITHUB_TOKEN": `"secret"`}, want: `^error at token: Invalid token: The token from GITHUB_TOKEN cannot be used: the token contains white space or a character that tokens cannot contain\. Check that it was copied without line breaks and quotes\.$`},
		{name: "a token with a quote", a: args{"token": "secret'"}, want: `the token contains white space or a character that tokens cannot contain`},
		{name: "no concurrency", a: args{"max_concurrent_requests": 0}, want: `^error at max_concurrent_requests: Invalid number: max_concurrent_requests must be a whole number between 1 and 100, not 0\.$`},
		{name: "too much concurrency", a: args{"max_concurrent_requests": 101}, want: `^error at max_concurrent_requests: Invalid number: max_concurrent_requests must be a whole number between 1 and 100, not 101\.$`},
		{name: "no scheme", a: args{"base_url": "api.github.com"}, want: `^error at base_url: Invalid base_url: base_url cannot be used: it needs https:// and a host` + examples},
		{name: "another scheme", a: args{"base_url": "ftp://api.github.com"}, want: `it must use https, not "ftp"` + examples},
		{name: "no host", a: args{"base_url": "https:///api/v3/"}, want: `it needs https:// and a host` + examples},
		{name: "no address", a: args{"base_url": "https://[::1"}, want: `it is not a URL` + examples},
		{name: "a blank after it", a: args{"base_url": "https://ghe.test/api/v3/ "}, want: `^error at base_url: Invalid base_url: base_url cannot be used: it contains white space` + examples},
		{name: "a blank before it", a: args{"base_url": " https://ghe.test/api/v3/"}, want: `it contains white space` + examples},
		{name: "a line break after it", a: args{"base_url": "https://ghe.test/api/v3/\n"}, want: `it contains white space` + examples},
		{name: "a blank inside it", a: args{"base_url": "https://ghe.test/api /v3/"}, want: `it contains white space` + examples},
		{name: "a no-break space after it", a: args{"base_url": "https://ghe.test/api/v3/\u00a0"}, want: `it contains white space` + examples},
		{name: "a blank inside it in the environment", env: map[string]string{"GITHUB_BASE_URL": "https://ghe.test/api /v3/"}, want: `it contains white space \(from GITHUB_BASE_URL\)` + examples},
		{name: "a password", a: args{"base_url": "https://me:hunter2@ghe.test/api/v3/"}, want: `it must not contain a user name or password` + examples},
		{name: "a query", a: args{"base_url": "https://ghe.test/api/v3/?x=1"}, want: `it must not contain a query or a fragment` + examples},
		{name: "plain http", a: args{"base_url": "http://ghe.test/api/v3/"}, want: `it must use https: with plain http, anyone on the network between this machine and "ghe\.test" could read the token; only loopback hosts may use http` + examples},
		{name: "plain http in the environment", env: map[string]string{"GITHUB_BASE_URL": "http://localhost.evil.test/"}, want: `"localhost\.evil\.test" could read the token; only loopback hosts may use http \(from GITHUB_BASE_URL\)` + examples},
		{name: "the web site of GHE.com", a: args{"base_url": "https://Acme.GHE.com/api/v3/"}, want: `acme\.ghe\.com serves web pages; its API is at https://api\.acme\.ghe\.com/` + examples},
		{name: "a home directory in the environment", env: map[string]string{"GITHUB_CACHE_PATH": "~/x"}, want: `^error at cache_path: Invalid cache_path: cache_path cannot be "~/x": it starts with ~ \(from GITHUB_CACHE_PATH\)\. The provider does not expand it: let the shell do so with export GITHUB_CACHE_PATH="\$HOME/…", or write the whole path\.$`},
		{name: "the web site", a: args{"base_url": "https://github.com/"}, want: `github\.com serves web pages; its API is at https://api\.github\.com/` + examples},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := newProtocol(t, tc.env).configure(tc.a)
			if len(got) != 1 || !regexp.MustCompile(tc.want).MatchString(got[0]) {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			for _, secret := range []string{"hunter2", "sec", "ret"} {
				if strings.Contains(strings.ReplaceAll(got.String(), "secondary", ""), secret) {
					t.Errorf("a secret shows in %s", got)
				}
			}
		})
	}
}

func TestLoopbackMaySpeakPlainHTTP(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"http://localhost:1/", "http://LOCALHOST/", "http://127.0.0.1/api/v3", "http://127.8.8.8/", "http://[::1]:8080/api/v3/"} {
		if diags := newProtocol(t, nil).configure(args{"base_url": base}); len(diags) > 0 {
			t.Errorf("%s: %s", base, diags)
		}
	}
}

// TestEveryAttributeIsDescribed reads the schema as the registry will.
func TestEveryAttributeIsDescribed(t *testing.T) {
	t.Parallel()
	schema := newProtocol(t, nil).schema
	all := map[string]*tfprotov6.Schema{"provider": schema.Provider}
	maps.Copy(all, schema.DataSourceSchemas)
	for name, s := range schema.EphemeralResourceSchemas {
		all["ephemeral "+name] = s
	}
	for name, s := range all {
		if s.Block.Description == "" {
			t.Errorf("%s has no description", name)
		}
		checkDescribed(t, name, s.Block.Attributes)
		for _, block := range s.Block.BlockTypes {
			if len(block.Block.Description) < 10 {
				t.Errorf("%s.%s has no description worth the name: %q", name, block.TypeName, block.Block.Description)
			}
			checkDescribed(t, name+"."+block.TypeName, block.Block.Attributes)
		}
	}
}

func checkDescribed(t *testing.T, name string, attributes []*tfprotov6.SchemaAttribute) {
	t.Helper()
	for _, a := range attributes {
		if len(a.Description) < 10 {
			t.Errorf("%s.%s has no description worth the name: %q", name, a.Name, a.Description)
		}
		if a.NestedType != nil {
			checkDescribed(t, name+"."+a.Name, a.NestedType.Attributes)
		}
	}
}
