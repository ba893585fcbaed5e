package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// TestAccModulesCanBeTested runs the tests of the examples that have some, with `terraform test`.
func TestAccModulesCanBeTested(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run only with TF_ACC")
	}
	d := demo{root: filepath.Join("..", ".."), env: environment(), out: t.Output(), errOut: t.Output()}
	dir := t.TempDir()
	terraform, err := d.findTerraform(t.Context(), filepath.Join(dir, "bin"))
	if err != nil {
		t.Fatal(err)
	}
	cliConfig, err := d.installProvider(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	env := quiet(tfexec.CleanEnv(d.env))
	env["TF_CLI_CONFIG_FILE"], env["CHECKPOINT_DISABLE"] = cliConfig, "1"
	// Nothing may be asked: there is no server at this address.
	env["GITHUB_BASE_URL"] = "http://127.0.0.1:1/"
	for example, want := range map[string]string{
		"testing-a-gate":  `"passed":2,"failed":0`,
		"testing-modules": `"passed":3,"failed":0`,
	} {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			work := filepath.Join(t.TempDir(), "work")
			if err := os.CopyFS(work, os.DirFS(filepath.Join(d.root, "examples", example))); err != nil {
				t.Fatal(err)
			}
			tf, err := tfexec.NewTerraform(work, terraform)
			if err != nil {
				t.Fatal(err)
			}
			if err := tf.SetEnv(maps.Clone(env)); err != nil {
				t.Fatal(err)
			}
			if err := tf.Init(t.Context()); err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			if err := tf.Test(t.Context(), &out); err != nil || !strings.Contains(out.String(), want) {
				t.Errorf("%v\n%s", err, out.String())
			}
		})
	}
}
