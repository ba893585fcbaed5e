// Command demo plans a configuration with the provider of this checkout, by real Terraform or OpenTofu.
// Without arguments it plans examples/demo against a stand-in for GitHub, with no network; with
// -repository and -run it plans examples/plan against the API that the environment names.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

func main() {
	repository := flag.String("repository", "", "owner/name of a repository to read from the real API")
	run := flag.Int64("run", 0, "id of one of its runs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := demo(ctx, *repository, *run); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has been called
	}
}

// demo does all its work in a folder that goes away with it.
func demo(ctx context.Context, repository string, run int64) error {
	if (repository == "") != (run == 0) {
		return errors.New("-repository and -run go together, such as -repository owner/name -run 123")
	}
	dir, err := os.MkdirTemp("", "github-actions-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	terraform, err := findTerraform(ctx, filepath.Join(dir, "bin"))
	if err != nil {
		return err
	}
	cliConfig, err := installProvider(ctx, dir)
	if err != nil {
		return err
	}
	env := tfexec.CleanEnv(environment())
	env["TF_CLI_CONFIG_FILE"], env["CHECKPOINT_DISABLE"] = cliConfig, "1"
	workDir := filepath.Join(dir, "plan")
	if repository != "" {
		return plan(ctx, terraform, workDir, "examples/plan", env,
			tfexec.Var("repository="+repository), tfexec.Var(fmt.Sprintf("run_id=%d", run)))
	}
	env = quiet(env)
	server := githubtest.New(nil, githubtest.Demo())
	defer server.Close()
	env["GITHUB_BASE_URL"], env["GITHUB_OWNER"], env["GITHUB_TOKEN"] = server.BaseURL(), "acme", "demo"
	fmt.Printf("A stand-in for GitHub with a made-up organisation, acme, answers at %s\n", server.BaseURL())
	if err := plan(ctx, terraform, workDir, "examples/demo", env); err != nil {
		return err
	}
	fmt.Printf("\nIt was asked:\n")
	for _, request := range server.Requests() {
		fmt.Printf("  GET %s\n", request)
	}
	return nil
}

// plan copies a configuration to dir and plans it there.
func plan(ctx context.Context, terraform, dir, configuration string, env map[string]string, options ...tfexec.PlanOption) error {
	if err := os.CopyFS(dir, os.DirFS(configuration)); err != nil {
		return err
	}
	tf, err := tfexec.NewTerraform(dir, terraform)
	if err != nil {
		return err
	}
	if err := tf.SetEnv(env); err != nil {
		return err
	}
	tf.SetStderr(os.Stderr)
	if err := tf.Init(ctx); err != nil {
		return err
	}
	tf.SetStdout(os.Stdout)
	_, err = tf.Plan(ctx, options...)
	return err
}
