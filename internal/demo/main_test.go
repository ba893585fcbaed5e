package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// TestAccDemo is `make demo`: what an audit of an organization finds and cannot read, its usage by week,
// a gate, and jobs of single runs. An archived repository and what an exception matches do not show.
func TestAccDemo(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run only with TF_ACC")
	}
	skipWithoutChecks(t)
	var out strings.Builder
	if err := (demo{root: filepath.Join("..", ".."), env: environment(), out: &out, errOut: t.Output()}).run(t.Context(), "", ""); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"test (macos-15, 1.26) success queued 21s ran 479s [macos-15]",
		"benchmark queued queued - ran - [self-hosted, linux, gpu]",
		`duration_seconds = 119 + labels = [ + "self-hosted", + "foo", + "bar", ]`,
		"Check block assertion failed",
		// The retired label and the spare runners, first as output, then as the check's message.
		`+ "acme/app: job \"docs\" of workflow \"Release\" uses label \"ubuntu-20.04\", which denied_labels forbids (\"ubuntu-20.04\"); 1 job, on 2026-05-04."`,
		`acme/web: job "publish" of workflow "Build" ran in runner group "Default", which denied_runner_groups forbids ("Default"); 4 jobs, last on 2026-05-07. acme/app: job "docs"`,
		"excepted = 6", // lighthouse in each run of acme/web
		"acme/web runs: 6, jobs: 28, violations: 4", // 2 runs of 4 jobs and 4 of 5
		`complete = false`, `+ "acme/payroll: forbidden",`,
		"Cannot read acme/payroll workflow runs: GitHub answered 403: Resource not accessible by personal access token.",
		// The group builders waits longer each week; in W19 the build of a release ran there too.
		"2026-W17 linux, self-hosted, x64 jobs: 2, queued p95 25s, billable minutes: 11",
		"2026-W18 linux, self-hosted, x64 jobs: 2, queued p95 70s, billable minutes: 12",
		"2026-W19 linux, self-hosted, x64 jobs: 3, queued p95 310s, billable minutes: 18",
		"(none: large-runners) jobs: 6, queued 14s, ran 420s",
		`gate = "open"`,
		"macos-15 jobs: 1, queued 21s, ran 479s",
		"GET /repos/octo-org/octo-repo/actions/jobs/399444496",
		`errors = [ + "control/socket_test.go:41: bind: invalid argument", + "Process completed with exit code 2.", ]`,
		"GET /_storage/acme/app/70004.txt",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	for _, unwanted := range []string{"acme/legacy", "lighthouse"} {
		if strings.Contains(text, unwanted) {
			t.Errorf("%q is in\n%s", unwanted, out.String())
		}
	}
	if left, err := filepath.Glob(filepath.Join("..", "..", "examples", "*", ".terraform*")); err != nil || len(left) > 0 {
		t.Errorf("left in the tree: %v, %v", left, err)
	}
}

// skipWithoutChecks skips a test on Terraform before 1.5, which knows no check blocks.
func skipWithoutChecks(t *testing.T) {
	t.Helper()
	env := tfexec.CleanEnv(environment())
	path, err := demo{env: env, out: t.Output()}.findTerraform(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	terraform, err := tfexec.NewTerraform(t.TempDir(), path)
	if err != nil {
		t.Fatal(err)
	}
	// OpenTofu shows a warning before its version if the file of the machine does not exist.
	env["TF_CLI_CONFIG_FILE"] = filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(env["TF_CLI_CONFIG_FILE"], nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := terraform.SetEnv(env); err != nil {
		t.Fatal(err)
	}
	version, _, err := terraform.Version(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	if s := version.Segments(); s[0] == 1 && s[1] < 5 {
		t.Skipf("%s knows no check blocks", version)
	}
}

// TestAccAFailedPlanIsToldOnce: Terraform shows its diagnostic, so the demo does not repeat it.
func TestAccAFailedPlanIsToldOnce(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run only with TF_ACC")
	}
	server := githubtest.New(t, githubtest.Demo())
	server.AllowMissing("/repos/acme/app/actions/runs/1", "/repos/acme/app/actions/runs/1/jobs")
	env := quiet(environment())
	env["GITHUB_BASE_URL"], env["GITHUB_TOKEN"] = server.BaseURL(), "demo"
	var out, said strings.Builder
	err := (demo{root: filepath.Join("..", ".."), env: env, out: &out, errOut: &said}).run(t.Context(), "acme/app", "1")
	if !errors.Is(err, errTold) {
		t.Errorf("got %v, want %v", err, errTold)
	}
	if n := strings.Count(out.String()+said.String(), "Error: "); n != 1 {
		t.Errorf("the error appears %d times in\n%s\n%s", n, out.String(), said.String())
	}
}

// TestHalfARealRunIsRefused: the error uses the names of `make plan`, and comes before the build.
func TestHalfARealRunIsRefused(t *testing.T) {
	t.Parallel()
	const (
		together   = "set both REPOSITORY and RUN_ID, such as REPOSITORY=acme/app RUN_ID=123456789"
		repository = "REPOSITORY must be the repository's owner and name, such as acme/app; got %q"
		id         = "RUN_ID must be the number in the run's web address, …/actions/runs/RUN_ID; got %q"
	)
	for _, c := range []struct{ repository, run, want string }{
		{"acme/app", "", together},
		{"", "123", together},
		{"app", "123", fmt.Sprintf(repository, "app")},
		{"/app", "123", fmt.Sprintf(repository, "/app")},
		{"acme/", "123", fmt.Sprintf(repository, "acme/")},
		{"https://github.com/acme/app", "123", fmt.Sprintf(repository, "https://github.com/acme/app")},
		{"acme/app", "abc", fmt.Sprintf(id, "abc")},
		{"acme/app", "0", fmt.Sprintf(id, "0")},
		{"acme/app", "-1", fmt.Sprintf(id, "-1")},
	} {
		if err := (demo{}).run(t.Context(), c.repository, c.run); err == nil || err.Error() != c.want {
			t.Errorf("%s, %s: got %v, want %s", c.repository, c.run, err, c.want)
		}
	}
}

// TestTheDemoReadsOnlyTheStandIn: the user's own variables for GitHub must not reach the provider.
func TestTheDemoReadsOnlyTheStandIn(t *testing.T) {
	t.Parallel()
	env := quiet(map[string]string{"GITHUB_TOKEN": "real", "GITHUB_BASE_URL": "real", "GH_TOKEN": "real", "PATH": "/bin"})
	if len(env) != 1 || env["PATH"] != "/bin" {
		t.Errorf("left over: %v", env)
	}
	if err := (&tfexec.Terraform{}).SetEnv(tfexec.CleanEnv(map[string]string{"TF_LOG": "TRACE", "TF_VAR_run_id": "1"})); err != nil {
		t.Errorf("a shell with TF_LOG set stops the demo: %v", err)
	}
}

// TestTheBuildSaysThatItTakesMinutes, before Go starts to compile.
func TestTheBuildSaysThatItTakesMinutes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() // without a module, so that the build ends at once
	var out, said strings.Builder
	err := demo{root: dir, out: &out, errOut: &said}.build(t.Context(), filepath.Join(dir, "provider"), "0.0.1")
	if err == nil || err.Error() != "could not build the provider: exit status 1" {
		t.Errorf("got %v", err)
	}
	const want = "Building the provider. The first build compiles its modules and takes some minutes …\n"
	if !strings.HasPrefix(said.String(), want) {
		t.Errorf("got %s", said.String())
	}
}

// TestTheMirrorHasRealFolders: OpenTofu finds nothing behind a symbolic link.
func TestTheMirrorHasRealFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, host := filepath.Join(dir, "provider"), filepath.Join(dir, "mirror", "registry.opentofu.org")
	to := filepath.Join(host, "runner-audit", "provider")
	if err := os.WriteFile(from, []byte("program"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := link(from, to); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(host)
	if err != nil || !info.IsDir() {
		t.Errorf("%s is not a folder: %v", host, err)
	}
	if content, err := os.ReadFile(to); err != nil || string(content) != "program" {
		t.Errorf("got %q, %v", content, err)
	}
}
