package provider

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// The promises of DESIGN.md from the view of users: a data source, and the requests that reach
// GitHub. The tests of internal/transport have the details.

const jobPath = "/repos/acme/app/actions/jobs/70001"

var job70001 = args{"repository": "app", "job_id": 70001}

// configuredWith is configured with more arguments in the provider block.
func configuredWith(t *testing.T, server *githubtest.Server, more args) *protocol {
	t.Helper()
	p := newProtocol(t, nil)
	block := args{"base_url": server.BaseURL(), "owner": "acme", "retry_delay_ms": 1}
	maps.Copy(block, more)
	if diags := p.configure(block); len(diags) > 0 {
		t.Fatal(diags)
	}
	return p
}

func TestAPlanSurvivesFaults(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	server.Fail(jobPath, githubtest.Status(http.StatusBadGateway, "Server Error"), githubtest.Truncated(), githubtest.Cut(), githubtest.Reset())
	got, diags := configuredWith(t, server, args{"max_retries": 4}).read("github_actions_job", job70001)
	if len(diags) > 0 || got["name"] != "test (ubuntu-24.04, 1.25)" {
		t.Fatalf("got %v, %s", got, diags)
	}
	if n := len(server.Requests()); n != 5 {
		t.Errorf("%d requests, want 5", n)
	}
}

func TestRetriesEndAndSaySo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		fault githubtest.Fault
		want  string
	}{
		{"a server fault", githubtest.Status(http.StatusBadGateway, "Server Error"), "GitHub answered 502: Server Error."},
		{"a reset", githubtest.Reset(), "The API host closed the connection without an answer: EOF (2 attempts)."},
		{"a truncated body with the right length", githubtest.Cut(), "The connection broke during GitHub's answer: the answer was cut short: unexpected EOF (2 attempts)."},
		{"a truncated body", githubtest.Truncated(), "The connection broke during GitHub's answer: the answer was cut short: unexpected EOF (2 attempts)."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.Demo())
			server.Fail(jobPath, tc.fault, tc.fault)
			_, diags := configuredWith(t, server, args{"max_retries": 1}).read("github_actions_job", job70001)
			if len(diags) != 1 || !strings.Contains(diags[0], tc.want) {
				t.Errorf("got %s, want %s", diags, tc.want)
			}
		})
	}
}

func TestRefusalsAreNotRetried(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	server.Fail(jobPath, githubtest.Status(http.StatusForbidden, "Resource not accessible", "X-Accepted-GitHub-Permissions", "actions=read"))
	_, diags := configuredWith(t, server, args{"token": "secret"}).read("github_actions_job", job70001)
	const want = "The token from the provider's token argument cannot read this: GitHub requires the permission actions=read"
	if len(diags) != 1 || !strings.Contains(diags[0], want) || len(server.Requests()) != 1 {
		t.Errorf("got %s after %d requests, want %s after one", diags, len(server.Requests()), want)
	}
}

// TestALimitOfAnHourFailsAtOnce: all reads fail without waiting, with the time of the reset, and
// without further requests.
func TestALimitOfAnHourFailsAtOnce(t *testing.T) {
	t.Parallel()
	reset := time.Now().Add(time.Hour).Truncate(time.Second)
	server := githubtest.New(t, githubtest.Demo())
	server.Fail(jobPath, githubtest.Status(http.StatusForbidden, "API rate limit exceeded",
		"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10)))
	p := configuredWith(t, server, nil)
	for range 2 {
		_, diags := p.read("github_actions_job", job70001)
		want := "The limit resets at " + reset.UTC().Format(time.RFC3339)
		if len(diags) != 1 || !strings.Contains(diags[0], want) || !strings.Contains(diags[0], "the wait would be longer than max_rate_limit_wait (1m0s)") {
			t.Fatalf("got %s, want %s", diags, want)
		}
	}
	if n := len(server.Requests()); n != 1 {
		t.Errorf("%d requests into a known limit, want 1", n)
	}
}

func TestALimitBeyondTheReadsTimeOutFailsAtOnce(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	server.Fail(jobPath, githubtest.Status(http.StatusTooManyRequests, "slow down", "Retry-After", "50"))
	_, diags := configuredWith(t, server, nil).read("github_actions_job",
		args{"repository": "app", "job_id": 70001, "timeouts": args{"read": "20s"}})
	if len(diags) != 1 || !strings.Contains(diags[0], "GitHub asks to slow down (secondary rate limit): the wait is longer than the read's timeout allows.") {
		t.Errorf("got %s", diags)
	}
}

// TestASecondPlanSendsOnlyConditionalRequests: with a cache, unchanged answers do not count against
// the rate limit.
func TestASecondPlanSendsOnlyConditionalRequests(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	folder := filepath.Join(t.TempDir(), "cache")
	var states []string
	for range 2 {
		p := configuredWith(t, server, args{"cache_path": folder, "token": "secret"})
		state, diags := p.read("github_actions_run_jobs", args{"repository": "app", "run_id": 700})
		if len(diags) > 0 {
			t.Fatal(diags)
		}
		states = append(states, asJSON(t, state))
	}
	if states[0] != states[1] {
		t.Error("the second plan reads something else")
	}
	requests := server.Requests()
	if len(requests) != 4 {
		t.Fatalf("%d requests, want 4", len(requests))
	}
	for i, r := range requests {
		if conditional := r.Header.Get("If-None-Match") != ""; conditional != (i >= 2) || i >= 2 != (r.Status == http.StatusNotModified) {
			t.Errorf("request %d: conditional is %v, status %d", i, conditional, r.Status)
		}
	}
	checkPrivate(t, folder)
}

// checkPrivate fails if other users can read the cache, or if a file name contains readable data.
func checkPrivate(t *testing.T, folder string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %s", path, info.Mode())
		}
		if d.Type().IsRegular() {
			files++
			content, err := os.ReadFile(path)
			if err != nil || bytes.Contains(content, []byte("secret")) || strings.Contains(path, "acme") {
				t.Errorf("%s tells too much, %v", path, err)
			}
		}
		return nil
	})
	if err != nil || files < 2 {
		t.Errorf("%d files, %v", files, err)
	}
}

func TestACacheThatCannotBeWrittenIsAWarning(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	folder := filepath.Join(t.TempDir(), "cache")
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p := newProtocol(t, nil)
	diags := p.configure(args{"base_url": server.BaseURL(), "owner": "acme", "cache_path": folder})
	if len(diags) != 1 || !strings.HasPrefix(diags[0], "warning: Answers are not kept in cache_path: The cache folder cannot be used: ") || !strings.HasSuffix(diags[0], "The provider reads from GitHub what no cache has, which takes longer and uses more of the rate limit.") {
		t.Fatalf("got %s", diags)
	}
	if _, diags := p.read("github_actions_job", job70001); len(diags) > 0 {
		t.Errorf("the read itself: %s", diags)
	}
}

// TestTheTokenStaysHome: a redirect within the origin is followed, with the token. A redirect to
// another port of the same host is not followed.
func TestTheTokenStaysHome(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 307, 308} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			t.Parallel()
			var strayed []string
			var mu sync.Mutex
			other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				strayed = append(strayed, r.URL.Path+" "+r.Header.Get("Authorization"))
			}))
			t.Cleanup(other.Close)
			server := githubtest.New(t, githubtest.Demo())
			server.Fail("/repos/acme/old/actions/jobs/70001", githubtest.Status(status, "Moved Permanently", "Location", githubtest.Prefix+jobPath))
			server.Fail("/repos/acme/away/actions/jobs/70001", githubtest.Status(status, "Moved Permanently", "Location", other.URL+githubtest.Prefix+jobPath))
			p := configuredWith(t, server, args{"token": "secret"})
			if _, diags := p.read("github_actions_job", args{"repository": "old", "job_id": 70001}); len(diags) > 0 {
				t.Errorf("inside: %s", diags)
			}
			for _, r := range server.Requests() {
				if r.Header.Get("Authorization") != "Bearer secret" {
					t.Errorf("%s came with %q", r, r.Header.Get("Authorization"))
				}
			}
			_, diags := p.read("github_actions_job", args{"repository": "away", "job_id": 70001})
			want := fmt.Sprintf("The API redirects to %s. This provider does not follow it, because the token would not be safe there.", other.URL)
			if len(diags) != 1 || !strings.Contains(diags[0], want) {
				t.Errorf("outside: %s, want %s", diags, want)
			}
			mu.Lock()
			defer mu.Unlock()
			if len(strayed) > 0 {
				t.Errorf("the other host got %v", strayed)
			}
		})
	}
}

// TestNoSecretIsLogged reads a job with all kinds of secrets. The TRACE log must not contain them.
func TestNoSecretIsLogged(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	withApp(server, 8)
	key := appKey(t)
	var log bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &log)
	for _, credential := range []args{
		{"token": "hunter2secret"},
		{"app_auth": args{"id": 7, "installation_id": 8, "pem_file": key}},
	} {
		p := configuredWith(t, server, credential)
		if _, diags := p.readContext(ctx, "github_actions_job", job70001); len(diags) > 0 {
			t.Fatal(diags)
		}
		server.Fail(jobPath, githubtest.Status(http.StatusUnauthorized, "Bad credentials"))
		_, diags := p.readContext(ctx, "github_actions_job", job70001)
		log.WriteString(diags.String())
	}
	text := log.String()
	for _, want := range []string{`"path":"` + githubtest.Prefix + jobPath, `"status":200`, `"method":"GET"`, `"attempts":1`, `"rate_limit_remaining":"4999"`, `"duration_ms"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in the log\n%s", want, text)
		}
	}
	for _, secret := range []string{"hunter2secret", "installation-8", "PRIVATE KEY-----", "Bearer", url.QueryEscape(key)} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

// TestEveryDependencyHasAReason: DEPENDENCIES.md says why each direct dependency is there.
func TestEveryDependencyHasAReason(t *testing.T) {
	t.Parallel()
	reasons, err := os.ReadFile("../../DEPENDENCIES.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	direct := 0
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) != 2 || !strings.HasPrefix(line, "\t") {
			continue // an indirect one has a comment
		}
		direct++
		if !strings.Contains(string(reasons), "`"+words[0]+"`") {
			t.Errorf("DEPENDENCIES.md does not say why %s is there", words[0])
		}
	}
	if direct < 10 {
		t.Errorf("only %d direct dependencies in go.mod", direct)
	}
}
