package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

// findTerraform finds Terraform or OpenTofu on PATH, or downloads the newest Terraform into dir. As for
// acceptance tests, TF_ACC_TERRAFORM_PATH names another one.
func (d demo) findTerraform(ctx context.Context, dir string) (string, error) {
	if path := d.env["TF_ACC_TERRAFORM_PATH"]; path != "" {
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return filepath.Abs(path)
		}
	}
	fmt.Fprintln(d.out, "Neither terraform nor tofu is on PATH. Downloading Terraform …")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	path, err := (&releases.LatestVersion{Product: product.Terraform, InstallDir: dir}).Install(ctx)
	if err != nil {
		return "", fmt.Errorf("neither terraform nor tofu is on PATH, and Terraform could not be downloaded: %w", err)
	}
	return path, nil
}

// registries are the default hosts of Terraform and OpenTofu, for a source without a host.
var registries = []string{"registry.terraform.io", "registry.opentofu.org"} //nolint:gochecknoglobals // constant

// installProvider builds the provider of this checkout into a local mirror below dir. It returns
// the CLI configuration with which Terraform looks for the provider there and nowhere else.
func (d demo) installProvider(ctx context.Context, dir string) (cliConfig string, err error) {
	const version = "0.0.1"
	mirror := filepath.Join(dir, "mirror")
	first := ""
	for _, registry := range registries {
		binary := filepath.Join(mirror, registry, "runner-audit", "github-actions", version,
			runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-github-actions_v"+version+exeSuffix())
		if first == "" {
			first, err = binary, d.build(ctx, binary, version)
		} else {
			err = link(first, binary)
		}
		if err != nil {
			return "", err
		}
	}
	cliConfig = filepath.Join(dir, "terraformrc")
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	return cliConfig, os.WriteFile(cliConfig, []byte(text), 0o600)
}

func (d demo) build(ctx context.Context, binary, version string) error {
	fmt.Fprintln(d.errOut, "Building the provider. The first build compiles its modules and takes some minutes …")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, "-ldflags", "-X main.version="+version, ".")
	cmd.Dir = d.root
	cmd.Stdout, cmd.Stderr = d.out, d.errOut
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("could not build the provider: %w", err)
	}
	return nil
}

// link gives the program a second name in a folder of its own. OpenTofu looks for packages in real
// folders only, so the folder cannot be a symbolic link. It copies if the system has no hard links.
func link(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if os.Link(from, to) == nil {
		return nil
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o755)
}

func exeSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// environment is the environment of this process.
func environment() map[string]string {
	env := map[string]string{}
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	return env
}

// quiet removes the variables that would make the provider read something else than the stand-in.
func quiet(env map[string]string) map[string]string {
	for name := range env {
		if strings.HasPrefix(name, "GITHUB_") || strings.HasPrefix(name, "GH_") {
			delete(env, name)
		}
	}
	return env
}
