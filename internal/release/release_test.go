// Package release checks the files of a release against the rules of the registries and Terraform.
package release

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

const (
	name = "terraform-provider-github-actions"
	root = "../.."
)

// dist is the folder that `make release-dry` fills and the version in it.
func dist(t *testing.T) (dir, version string) {
	t.Helper()
	dir, version = os.Getenv("RELEASE_DIST"), os.Getenv("RELEASE_VERSION")
	if dir == "" || version == "" {
		t.Skip("make release-test runs this test")
	}
	return dir, version
}

// TestChecksums: each archive and the manifest are in the file of checksums under the name that the
// registries look for, and with its own checksum.
func TestChecksums(t *testing.T) {
	t.Parallel()
	dir, version := dist(t)
	prefix := name + "_" + version + "_"
	text, err := os.ReadFile(filepath.Join(dir, prefix+"SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for line := range strings.Lines(string(text)) {
		sum, file, _ := strings.Cut(strings.TrimSpace(line), "  ")
		from := filepath.Join(dir, file)
		if file == prefix+"manifest.json" {
			from = filepath.Join(root, "terraform-registry-manifest.json")
		}
		content, err := os.ReadFile(from)
		if err != nil {
			t.Error(err)
		}
		if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != sum {
			t.Errorf("%s has another checksum", file)
		}
		listed = append(listed, file)
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.zip"))
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	want := []string{prefix + "manifest.json"}
	for _, archive := range archives {
		want = append(want, filepath.Base(archive))
		holdsProvider(t, archive, version)
	}
	slices.Sort(listed)
	slices.Sort(want)
	if !slices.Equal(listed, want) {
		t.Errorf("the checksums are of %v, want %v", listed, want)
	}
	if signature, err := os.Stat(filepath.Join(dir, prefix+"SHA256SUMS.sig")); err != nil || signature.Size() == 0 {
		t.Errorf("the checksums are not signed: %v", err)
	}
}

// holdsProvider looks for the program that Terraform starts.
func holdsProvider(t *testing.T, archive, version string) {
	t.Helper()
	reader, err := zip.OpenReader(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	want := name + "_v" + version
	if strings.Contains(archive, "_windows_") {
		want += ".exe"
	}
	for _, file := range reader.File {
		if file.Name == want {
			if file.Mode()&0o111 == 0 {
				t.Errorf("%s: %s cannot be executed", archive, want)
			}
			return
		}
	}
	t.Errorf("%s has no %s", archive, want)
}

// TestInit installs the archive of this platform from a filesystem mirror, as users behind a firewall
// do, and reads a job with it.
func TestInit(t *testing.T) {
	t.Parallel()
	dir, version := dist(t)
	mirror, work := t.TempDir(), t.TempDir()
	archive := fmt.Sprintf("%s_%s_%s_%s.zip", name, version, runtime.GOOS, runtime.GOARCH)
	content, err := os.ReadFile(filepath.Join(dir, archive))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(mirror, "registry.terraform.io", "runner-audit", "github-actions")
	packed := filepath.Join(folder, archive)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	server := githubtest.New(t, githubtest.Demo())
	cliConfig := filepath.Join(work, "terraformrc")
	for file, text := range map[string]string{
		packed:                         string(content),
		cliConfig:                      fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror),
		filepath.Join(work, "main.tf"): fmt.Sprintf(configuration, version, server.BaseURL()),
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	readWith(t, work, cliConfig)
	for _, request := range server.Requests() {
		if agent := request.Header.Get("User-Agent"); !strings.HasPrefix(agent, name+"/"+version+" ") {
			t.Errorf("the provider says that it is %q", agent)
		}
	}
	if len(server.Requests()) == 0 {
		t.Error("the provider has read nothing")
	}
}

const configuration = `
terraform {
  required_providers {
    github = {
      source  = "runner-audit/github-actions"
      version = "%s"
    }
  }
}

provider "github" {
  base_url = %q
}

data "github_actions_job" "build" {
  repository = "acme/app"
  job_id     = 70001
}

output "name" {
  value = data.github_actions_job.build.name
}
`

// readWith runs init and apply.
func readWith(t *testing.T, dir, cliConfig string) {
	t.Helper()
	terraform, err := tfexec.NewTerraform(dir, "terraform")
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"TF_CLI_CONFIG_FILE": cliConfig, "CHECKPOINT_DISABLE": "1", "PATH": os.Getenv("PATH"), "HOME": dir}
	if err := terraform.SetEnv(env); err != nil {
		t.Fatal(err)
	}
	if err := terraform.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := terraform.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	outputs, err := terraform.Output(t.Context())
	if err != nil || string(outputs["name"].Value) != `"test (ubuntu-24.04, 1.25)"` {
		t.Errorf("got %s, %v", outputs["name"].Value, err)
	}
}
