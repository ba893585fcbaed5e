package transport

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/cli/go-gh/v2/pkg/auth"
	"github.com/cli/go-gh/v2/pkg/config"
	"github.com/cli/safeexec"
)

const ghTimeout = 5 * time.Second

// GH finds the token that GitHub's own command line would use. The zero value
// asks the real environment, configuration and program.
type GH struct {
	// Getenv reads the environment. nil: os.Getenv.
	Getenv func(name string) string
	// ConfigToken reads gh's configuration files. nil: go-gh's reader, which
	// finds them by the process's own environment and reads them once.
	ConfigToken func(host string) string
	// LookPath finds the gh program. nil: safeexec.LookPath, which never takes
	// one from the working directory.
	LookPath func(name string) (string, error)
	// Timeout ends a gh program that does not answer, for instance because it
	// waits for a locked key ring. 0: five seconds.
	Timeout time.Duration
}

// GHToken is GH{}.Token.
func GHToken(ctx context.Context, host string) (token, source string) {
	return GH{}.Token(ctx, host)
}

// Token returns the token for a host as [GHHost] names it, and where it came
// from. It follows go-gh's rules: GH_TOKEN and GITHUB_TOKEN for github.com and
// ghe.com, GH_ENTERPRISE_TOKEN and GITHUB_ENTERPRISE_TOKEN for any other host,
// then gh's configuration, then what `gh auth token` prints. Both results are
// empty when there is none; that is not an error.
func (g GH) Token(ctx context.Context, host string) (token, source string) {
	host = auth.NormalizeHostname(host)
	getenv := g.Getenv
	if getenv == nil {
		getenv = os.Getenv
	}
	names := []string{"GH_TOKEN", "GITHUB_TOKEN"}
	if auth.IsEnterprise(host) {
		names = []string{"GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}
	}
	for _, name := range names {
		if v := getenv(name); v != "" {
			return v, name
		}
	}
	configToken := g.ConfigToken
	if configToken == nil {
		configToken = ghConfigToken
	}
	if v := configToken(host); v != "" {
		return v, "gh's configuration"
	}
	if v := g.ask(ctx, getenv, host); v != "" {
		return v, "gh auth token"
	}
	return "", ""
}

// ghConfigToken is the part of go-gh's look-up that reads files.
// auth.TokenFromEnvOrConfig would do it too, but reads the process's
// environment first, which a test cannot replace.
func ghConfigToken(host string) string {
	cfg, err := config.Read(nil)
	if err != nil {
		return ""
	}
	token, err := cfg.Get([]string{"hosts", host, "oauth_token"})
	if err != nil {
		return ""
	}
	return token
}

// ask runs gh, which knows the system's key ring.
func (g GH) ask(ctx context.Context, getenv func(string) string, host string) string {
	program := getenv("GH_PATH")
	if program == "" {
		look := g.LookPath
		if look == nil {
			look = safeexec.LookPath
		}
		var err error
		if program, err = look("gh"); err != nil || program == "" {
			return ""
		}
	}
	limit := g.Timeout
	if limit == 0 {
		limit = ghTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "auth", "token", "--hostname", host) //nolint:gosec // the user's own gh; no shell
	cmd.Env = append(os.Environ(), "GH_PROMPT_DISABLED=1", "GH_NO_UPDATE_NOTIFIER=1")
	// A child of gh that holds its output open must not outlast the limit.
	cmd.WaitDelay = 100 * time.Millisecond
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// GHHost returns the name under which gh knows the host of an API's base URL:
// github.com for https://api.github.com/, SUB.ghe.com for
// https://api.SUB.ghe.com/, and the host itself, without a port, for any other.
func GHHost(base *url.URL) string {
	host := strings.ToLower(base.Hostname())
	if bare, ok := strings.CutPrefix(host, "api."); ok && (bare == "github.com" || strings.HasSuffix(bare, ".ghe.com")) {
		return bare
	}
	return host
}
