// Command demo plans a configuration with the provider of this checkout, by real Terraform or OpenTofu.
// Without arguments it plans examples/demo against a stand-in for GitHub, with no network; with
// -repository and -run it plans examples/plan against the API that the environment names.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
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
	err := demo{root: ".", out: os.Stdout}.run(ctx, *repository, *run)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// demo is one showing.
type demo struct {
	root string // the checkout
	out  io.Writer
}

// run does all its work in a folder that goes away with it.
func (d demo) run(ctx context.Context, repository string, run int64) error {
	if (repository == "") != (run == 0) {
		return errors.New("-repository and -run go together, such as -repository owner/name -run 123")
	}
	dir, err := os.MkdirTemp("", "github-actions-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	terraform, err := d.findTerraform(ctx, filepath.Join(dir, "bin"))
	if err != nil {
		return err
	}
	cliConfig, err := d.installProvider(ctx, dir)
	if err != nil {
		return err
	}
	env := tfexec.CleanEnv(environment())
	env["TF_CLI_CONFIG_FILE"], env["CHECKPOINT_DISABLE"] = cliConfig, "1"
	p := planner{terraform: terraform, dir: filepath.Join(dir, "plan"), env: env, out: d.out}
	if repository != "" {
		return p.plan(ctx, filepath.Join(d.root, "examples", "plan"),
			tfexec.Var("repository="+repository), tfexec.Var(fmt.Sprintf("run_id=%d", run)))
	}
	return d.showStandIn(ctx, p)
}

// showStandIn plans examples/demo against the stand-in, and tells what it was asked.
func (d demo) showStandIn(ctx context.Context, p planner) error {
	server := githubtest.New(nil, githubtest.Demo())
	defer server.Close()
	p.env = quiet(p.env)
	p.env["GITHUB_BASE_URL"], p.env["GITHUB_OWNER"], p.env["GITHUB_TOKEN"] = server.BaseURL(), "acme", "demo"
	fmt.Fprintf(d.out, "A stand-in for GitHub with a made-up organisation, acme, answers at %s\n", server.BaseURL())
	if err := p.plan(ctx, filepath.Join(d.root, "examples", "demo")); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\nIt was asked:\n")
	for _, request := range server.Requests() {
		fmt.Fprintf(d.out, "  GET %s\n", request)
	}
	return nil
}

// planner plans a configuration in a folder of its own.
type planner struct {
	terraform string
	dir       string
	env       map[string]string
	out       io.Writer
}

func (p planner) plan(ctx context.Context, configuration string, options ...tfexec.PlanOption) error {
	if err := os.CopyFS(p.dir, os.DirFS(configuration)); err != nil {
		return err
	}
	tf, err := tfexec.NewTerraform(p.dir, p.terraform)
	if err != nil {
		return err
	}
	if err := tf.SetEnv(p.env); err != nil {
		return err
	}
	tf.SetStderr(os.Stderr)
	if err := tf.Init(ctx); err != nil {
		return err
	}
	tf.SetStdout(p.out)
	_, err = tf.Plan(ctx, options...)
	return err
}
