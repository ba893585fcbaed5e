// Command demo runs Terraform or OpenTofu with the provider of this checkout. Without arguments it
// plans examples/demo against a stand-in for GitHub, which gets every request. With -repository and
// -run it plans examples/plan against the API that the environment names.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

func main() {
	repository := flag.String("repository", "", "owner/name of a repository to read from the real API")
	run := flag.String("run", "", "id of one of its runs")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := demo{root: ".", env: environment(), out: os.Stdout, errOut: os.Stderr}.run(ctx, *repository, *run)
	stop()
	if err == nil {
		return
	}
	if !errors.Is(err, errTold) {
		fmt.Fprintln(os.Stderr, "demo:", err)
	}
	os.Exit(1)
}

// errTold is a failure that Terraform has already reported.
var errTold = errors.New("terraform failed and said why")

// demo is one run of the command.
type demo struct {
	root        string // the checkout
	env         map[string]string
	out, errOut io.Writer
}

// checkReal checks the arguments. Its errors use the names that `make plan` has for them.
func checkReal(repository, run string) error {
	if repository == "" || run == "" {
		return errors.New("set both REPOSITORY and RUN_ID, such as REPOSITORY=acme/app RUN_ID=123456789")
	}
	owner, name, _ := strings.Cut(repository, "/")
	if owner == "" || name == "" || strings.Contains(name, "/") {
		return fmt.Errorf("REPOSITORY must be the repository's owner and name, such as acme/app; got %q", repository)
	}
	if id, err := strconv.ParseInt(run, 10, 64); err != nil || id < 1 {
		return fmt.Errorf("RUN_ID must be the number in the run's web address, …/actions/runs/RUN_ID; got %q", run)
	}
	return nil
}

// run works in a temporary folder, which it removes at the end.
func (d demo) run(ctx context.Context, repository, run string) error {
	isReal := repository != "" || run != ""
	if isReal {
		if err := checkReal(repository, run); err != nil {
			return err
		}
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
	env := tfexec.CleanEnv(maps.Clone(d.env))
	env["TF_CLI_CONFIG_FILE"], env["CHECKPOINT_DISABLE"] = cliConfig, "1"
	p := planner{terraform: terraform, dir: filepath.Join(dir, "plan"), env: env, out: d.out, errOut: d.errOut}
	if isReal {
		return p.plan(ctx, filepath.Join(d.root, "examples", "plan"),
			tfexec.Var("repository="+repository), tfexec.Var("run_id="+run))
	}
	return d.showStandIn(ctx, p)
}

// showStandIn plans examples/demo against the stand-in, and lists the requests that it got.
func (d demo) showStandIn(ctx context.Context, p planner) error {
	server := githubtest.New(nil, githubtest.Demo())
	defer server.Close()
	p.env = quiet(p.env)
	p.env["GITHUB_BASE_URL"], p.env["GITHUB_OWNER"], p.env["GITHUB_TOKEN"] = server.BaseURL(), "acme", "demo"
	fmt.Fprintf(d.out, "A stand-in for GitHub, with a made-up organization acme, is running at %s\n", server.BaseURL())
	if err := p.plan(ctx, filepath.Join(d.root, "examples", "demo")); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "\nThe stand-in got these requests:\n")
	for _, request := range server.Requests() {
		fmt.Fprintf(d.out, "  GET %s\n", request)
	}
	return nil
}

// planner plans a configuration in its own folder.
type planner struct {
	terraform   string
	dir         string
	env         map[string]string
	out, errOut io.Writer
}

// plan shows Terraform's output as it comes. tfexec repeats Terraform's errors in its own error;
// plan returns errTold instead, so that they appear once.
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
	tf.SetStderr(p.errOut)
	err = tf.Init(ctx)
	if err == nil {
		tf.SetStdout(p.out)
		_, err = tf.Plan(ctx, options...)
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return errTold
	}
	return err
}
