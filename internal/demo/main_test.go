package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// TestAccDemo is `make demo`: jobs, labels and the check that finds the retired label.
func TestAccDemo(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run only with TF_ACC")
	}
	var out strings.Builder
	if err := (demo{root: filepath.Join("..", ".."), out: &out}).run(t.Context(), "", 0); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"test (macos-15, 1.26) success queued 21s ran 479s [macos-15]",
		"benchmark queued queued - ran - [self-hosted, linux, gpu]",
		`duration_seconds = 119 + labels = [ + "self-hosted", + "foo", + "bar", ]`,
		"Check block assertion failed",
		"Release / docs runs on the retired label ubuntu-20.04.",
		"macos-15 1 jobs, queued 21s, ran 479s",
		"GET /repos/octo-org/octo-repo/actions/jobs/399444496",
		`errors = [ + "control/socket_test.go:41: bind: invalid argument", + "Process completed with exit code 2.", ]`,
		"GET /_storage/acme/app/70004.txt",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not show in\n%s", want, out.String())
		}
	}
	if left, err := filepath.Glob(filepath.Join("..", "..", "examples", "*", ".terraform*")); err != nil || len(left) > 0 {
		t.Errorf("left in the tree: %v, %v", left, err)
	}
}

func TestHalfARealRunIsRefused(t *testing.T) {
	t.Parallel()
	const want = "-repository and -run go together, such as -repository owner/name -run 123"
	if err := (demo{}).run(t.Context(), "acme/app", 0); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestTheDemoReadsOnlyTheStandIn: what the user's shell says of GitHub must not reach it.
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
