package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/cli/go-gh/v2/pkg/auth"
	"github.com/cli/go-gh/v2/pkg/config"
	"github.com/cli/safeexec"
)

const (
	ghTimeout = 5 * time.Second
	// ghGrace is how long gh may go on after it has printed a token, and a child of gh after gh.
	ghGrace    = 500 * time.Millisecond
	maxGHLine  = 4096
	maxGHQuote = 200
)

// GH finds the token that GitHub's own command line would use. The zero value uses the real
// environment, configuration and program.
type GH struct {
	// Getenv reads the environment. nil: os.Getenv.
	Getenv func(name string) string
	// ConfigToken reads gh's configuration files. nil: go-gh's reader, which finds them by the
	// environment of the process and reads them once.
	ConfigToken func(host string) string
	// LookPath finds the gh program. nil: safeexec.LookPath, which never takes one from the working
	// directory.
	LookPath func(name string) (string, error)
	// Timeout ends a gh program that does not answer, for example because it waits for a locked
	// keyring. 0: five seconds.
	Timeout time.Duration
}

// GHResult is what GH found.
type GHResult struct {
	// Token is the token, and Source where it comes from, for messages. Both are empty if there is none.
	Token, Source string
	// Finding says why there is none, in a few words without a full stop, such as "gh was not found".
	// It is safe to show. "": there is a token.
	Finding string
}

// GHToken is GH{}.Token.
func GHToken(ctx context.Context, host string) GHResult { return GH{}.Token(ctx, host) }

// Token looks for the token of a host as [GHHost] names it. It follows go-gh's rules: GH_TOKEN and
// GITHUB_TOKEN for github.com and ghe.com, GH_ENTERPRISE_TOKEN and GITHUB_ENTERPRISE_TOKEN for any
// other host, then gh's configuration, then what `gh auth token` prints.
func (g GH) Token(ctx context.Context, host string) GHResult {
	host = auth.NormalizeHostname(host)
	if g.Getenv == nil {
		g.Getenv = os.Getenv
	}
	names := []string{"GH_TOKEN", "GITHUB_TOKEN"}
	if auth.IsEnterprise(host) {
		names = []string{"GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}
	}
	for _, name := range names {
		if v := g.Getenv(name); v != "" {
			return GHResult{Token: v, Source: name}
		}
	}
	if g.ConfigToken == nil {
		g.ConfigToken = ghConfigToken
	}
	if v := g.ConfigToken(host); v != "" {
		return GHResult{Token: v, Source: "gh's configuration"}
	}
	token, finding := g.ask(ctx, host)
	if token == "" {
		return GHResult{Finding: finding}
	}
	return GHResult{Token: token, Source: "gh auth token"}
}

// ghConfigToken is the part of go-gh's look-up that reads files. auth.TokenFromEnvOrConfig would do it
// too, but reads the environment of the process first, which a test cannot replace.
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

// ask runs gh, which can read the system's keyring. A token that gh has printed counts, even if gh
// then hangs, fails, or leaves a child behind that holds its output open.
func (g GH) ask(ctx context.Context, host string) (token, finding string) {
	program, err := g.program()
	if err != nil || program == "" {
		return "", "gh was not found"
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
	cmd.WaitDelay = ghGrace
	out := &firstLine{whole: func(line string) {
		if CheckToken(strings.TrimSpace(line)) == nil {
			time.AfterFunc(ghGrace, cancel)
		}
	}}
	complaint := &firstLine{}
	cmd.Stdout, cmd.Stderr = out, complaint
	err = cmd.Run()
	stopped := ctx.Err()
	printed, whole := out.text()
	if token := strings.TrimSpace(printed); CheckToken(token) == nil && (whole || stopped == nil) {
		return token, ""
	}
	said, _ := complaint.text()
	return "", ghFinding(said, err, stopped, limit)
}

func (g GH) program() (string, error) {
	if program := g.Getenv("GH_PATH"); program != "" {
		return program, nil
	}
	if g.LookPath == nil {
		g.LookPath = safeexec.LookPath
	}
	return g.LookPath("gh")
}

// ghFinding says what came of asking gh, if it was not a token.
func ghFinding(said string, err, stopped error, limit time.Duration) string {
	var exit *exec.ExitError
	said = printable(said)
	switch {
	case errors.Is(stopped, context.DeadlineExceeded):
		return fmt.Sprintf("gh auth token did not answer within %s", limit)
	case stopped != nil:
		return "gh auth token was stopped"
	case err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay):
		return "gh could not be started"
	case said != "":
		return "gh auth token said: " + said
	case exit != nil:
		return fmt.Sprintf("gh auth token failed with exit status %d", exit.ExitCode())
	}
	return "gh auth token printed no token"
}

// firstLine keeps the first line that a program prints and that is not empty, up to a limit.
type firstLine struct {
	whole func(line string) // called once when the line is complete; may be nil

	mu   sync.Mutex
	line []byte
	over bool
}

func (l *firstLine) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for rest := p; !l.over && len(rest) > 0; {
		part, after, ends := bytes.Cut(rest, []byte{'\n'})
		l.line = append(l.line, part[:min(len(part), maxGHLine-len(l.line))]...)
		rest = after
		if !ends {
			break
		}
		if len(bytes.TrimSpace(l.line)) == 0 {
			l.line = l.line[:0]
			continue
		}
		if l.over = true; l.whole != nil {
			l.whole(string(l.line))
		}
	}
	return len(p), nil
}

func (l *firstLine) text() (line string, whole bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.line), l.over
}

// tokenInText matches the tokens that GitHub makes.
var tokenInText = regexp.MustCompile(`\b(gh[a-z]_|github_pat_)\w+`)

// printable is a line that a program printed, as a message may quote it: without control characters,
// tokens and what URLs can carry, and short.
func printable(line string) string {
	line = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, line)), " ")
	line = tokenInText.ReplaceAllString(SafeErrorText(errors.New(line)), "***")
	if runes := []rune(line); len(runes) > maxGHQuote {
		line = string(runes[:maxGHQuote]) + "…"
	}
	return strings.TrimRight(line, ".")
}

// GHHost returns gh's name for the host of an API's base URL: github.com for https://api.github.com/,
// SUB.ghe.com for https://api.SUB.ghe.com/, and for any other the host itself, without a port.
func GHHost(base *url.URL) string {
	host := strings.ToLower(base.Hostname())
	if bare, ok := strings.CutPrefix(host, "api."); ok && (bare == "github.com" || strings.HasSuffix(bare, ".ghe.com")) {
		return bare
	}
	return host
}
