package provider

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// open validates and opens an ephemeral resource. The result is nil after an error.
func (p *protocol) open(typeName string, a args) (map[string]any, messages) {
	p.t.Helper()
	return p.openContext(p.t.Context(), typeName, a)
}

func (p *protocol) openContext(ctx context.Context, typeName string, a args) (map[string]any, messages) {
	p.t.Helper()
	kind := p.schema.EphemeralResourceSchemas[typeName].ValueType()
	config := p.value(kind, a)
	validated, err := p.server.ValidateEphemeralResourceConfig(ctx, &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: typeName, Config: config})
	p.must(err)
	if len(validated.Diagnostics) > 0 {
		return nil, messagesOf(validated.Diagnostics)
	}
	done, err := p.server.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{TypeName: typeName, Config: config})
	p.must(err)
	found := messagesOf(done.Diagnostics)
	if found.hasError() {
		return nil, found
	}
	result, err := done.Result.Unmarshal(kind)
	p.must(err)
	plain, ok := plainValue(p.t, result).(map[string]any)
	if !ok {
		p.t.Fatalf("the result is not an object: %s", result)
	}
	return plain, found
}

// TestOpenedValuesFitTheSchema is TestValuesFitTheSchema for the ephemeral resource.
func TestOpenedValuesFitTheSchema(t *testing.T) {
	t.Parallel()
	schema := newProtocol(t, nil).schema.EphemeralResourceSchemas["github_actions_job_logs"]
	kind, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		t.Fatalf("%s is not an object", schema.ValueType())
	}
	for name, want := range openedJobLogObject().kind().AttributeTypes {
		if got := kind.AttributeTypes[name]; got == nil || !got.Equal(want) {
			t.Errorf("the schema's %s is %v, its values are %v", name, got, want)
		}
	}
}

func TestALogWithoutALinkHasANullURL(t *testing.T) {
	t.Parallel()
	server := logged(t, "")
	server.Handle("/repos/acme/app/actions/jobs/1/logs", http.HandlerFunc(githubtest.Body("text/plain", smallLog)))
	got, diags := configured(t, server).open("github_actions_job_logs", args{"repository": "app", "job_id": 1})
	if url, has := got["url"]; len(diags) > 0 || url != nil || !has || asJSON(t, got["line_count"]) != "5" {
		t.Errorf("got %s %s", asJSON(t, got), diags)
	}
}

// TestTheEphemeralTimeout: the argument is called open, in the block and in messages.
func TestTheEphemeralTimeout(t *testing.T) {
	t.Parallel()
	server := logged(t, smallLog)
	server.Handle("/repos/acme/app/actions/jobs/1/logs", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	synctest.Test(t, func(t *testing.T) {
		p := newProtocolOn(t, machineOn(server))
		if diags := p.configure(args{"base_url": server.BaseURL(), "owner": "acme"}); len(diags) > 0 {
			t.Fatal(diags)
		}
		for limit, want := range map[string]string{
			"20s": "error: Cannot read the log of acme/app job 1: The read ended before GitHub answered: the read's timeout of 20s passed.\n\nIf the repository needs longer, raise open in the timeouts block.",
			"0s":  "error at timeouts.open: Invalid timeout: timeouts.open must be a duration greater than zero, such as 30s, 5m or 1h30m, not \"0s\".",
		} {
			if _, diags := p.open("github_actions_job_logs", args{"repository": "app", "job_id": 1, "timeouts": args{"open": limit}}); diags.String() != want {
				t.Errorf("%s: got %s\nwant %s", limit, diags, want)
			}
		}
	})
}

func TestEphemeralConfigureRefusesForeignData(t *testing.T) {
	t.Parallel()
	var resp ephemeral.ConfigureResponse
	(&jobLogsEphemeral{}).Configure(t.Context(), ephemeral.ConfigureRequest{ProviderData: "something else"}, &resp)
	want := diag.Diagnostics{diag.NewErrorDiagnostic("Unexpected provider data",
		"This is a bug in the provider: the ephemeral resource got a string. Please report it.")}
	if !resp.Diagnostics.Equal(want) {
		t.Errorf("got %v", resp.Diagnostics)
	}
}

// TestAccEphemeralJobLogs hands the opened values to the echo provider, whose resource shows them.
func TestAccEphemeralJobLogs(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	providers := factories(nil)
	providers["echo"] = echoprovider.NewProviderServer()
	shown := func(name string) tfjsonpath.Path { return tfjsonpath.New("data").AtMapKey(name) }
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_10_0)},
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{{
			Config: withEcho(providerBlock(server)) + `
				ephemeral "github_actions_job_logs" "failed" {
				  repository = "app"
				  job_id     = 70004
				  tail_lines = 2
				  pattern    = "FAIL:"
				  timeouts {
				    open = "1m"
				  }
				}
				provider "echo" {
				  data = ephemeral.github_actions_job_logs.failed
				}
				resource "echo" "shown" {}`,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("echo.shown", shown("content"), knownvalue.StringExact("Post job cleanup.\nCleaning up orphan processes")),
				statecheck.ExpectKnownValue("echo.shown", shown("url"), knownvalue.StringExact(server.LogLink("acme/app", 70004))),
				statecheck.ExpectKnownValue("echo.shown", shown("owner"), knownvalue.StringExact("acme")),
				statecheck.ExpectKnownValue("echo.shown", shown("truncated"), knownvalue.Bool(true)),
				statecheck.ExpectKnownValue("echo.shown", shown("line_count"), knownvalue.Int64Exact(29)),
				statecheck.ExpectKnownValue("echo.shown", shown("errors"), exactly([]any{"control/socket_test.go:41: bind: invalid argument", "Process completed with exit code 2."})),
				statecheck.ExpectKnownValue("echo.shown", shown("matches"), exactly([]any{"--- FAIL: TestListenOnUnixSocket (0.00s)"})),
			},
		}},
	})
}

// withEcho declares the echo provider too, in the namespace that the tests give every provider.
func withEcho(config string) string {
	return strings.Replace(config, "required_providers {", `required_providers {
	    echo = { source = "runner-audit/echo" }`, 1)
}

// TestAccNothingOfAnEphemeralLogIsKept plans and applies with real Terraform. Then it searches
// everything on disk, including the unpacked plan file, for the log and its link. To prove that the
// search works, it also searches for the log of the data source, and finds it.
func TestAccNothingOfAnEphemeralLogIsKept(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("acceptance tests run only with TF_ACC")
	}
	server := logged(t, "2026-05-04T10:00:00.0000000Z the passphrase is swordfish\n##[error]walrus\n")
	signature := strings.TrimPrefix(server.LogLink("acme/app", 1), server.URL)
	secrets := []string{"swordfish", "walrus", signature, "sig="}
	for kind, tc := range map[string]struct {
		address string
		kept    int // of secrets
	}{
		"ephemeral": {"ephemeral.github_actions_job_logs.it", 0},
		"data":      {"data.github_actions_job_logs.it", 2},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			kept := planAndApply(t, providerBlock(server)+`
				`+kind+` "github_actions_job_logs" "it" {
				  repository = "app"
				  job_id     = 1
				  pattern    = "passphrase"
				}
				check "it" {
				  assert {
				    condition     = length(`+tc.address+`.matches) == 0
				    error_message = "The log has a passphrase."
				  }
				}
				resource "terraform_data" "it" {
				  input = "applied"
				}`)
			for i, secret := range secrets {
				if got := bytes.Contains(kept, []byte(secret)); got != (i < tc.kept) {
					t.Errorf("%q is kept: %v", secret, got)
				}
			}
			if !bytes.Contains(kept, []byte("applied")) || !bytes.Contains(kept, []byte("The log has a passphrase.")) {
				t.Errorf("the search does not reach the plan's values or Terraform's output")
			}
		})
	}
}

// planAndApply returns everything that Terraform writes: its output, the unpacked plan file, and
// every other file in its folder except the configuration.
func planAndApply(t *testing.T, config string) []byte {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	must(os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config), 0o600))
	terraform, err := exec.LookPath("terraform")
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		terraform, err = path, nil
	}
	must(err)
	tf, err := tfexec.NewTerraform(dir, terraform)
	must(err)
	engine, _, err := tf.Version(t.Context(), true)
	must(err)
	if engine.LessThan(tfversion.Version1_10_0) {
		t.Skipf("%s knows no ephemeral resources", engine)
	}
	reattach := tfexec.Reattach(serve(t))
	var kept bytes.Buffer
	tf.SetStdout(&kept)
	must(tf.Init(t.Context(), reattach))
	_, err = tf.Plan(t.Context(), reattach, tfexec.Out("plan.zip"))
	must(err)
	must(tf.Apply(t.Context(), reattach, tfexec.DirOrPlan("plan.zip")))
	must(filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "main.tf" {
			return err
		}
		b, err := os.ReadFile(path)
		kept.Write(b)
		return err
	}))
	plan, err := zip.OpenReader(filepath.Join(dir, "plan.zip"))
	must(err)
	defer func() { _ = plan.Close() }()
	for _, file := range plan.File {
		if strings.HasPrefix(file.Name, "tfconfig/") {
			continue // the configuration again
		}
		r, err := file.Open()
		must(err)
		_, err = io.Copy(&kept, r)
		must(err)
		must(r.Close())
	}
	return kept.Bytes()
}

// serve serves the provider from this process to a Terraform that the test starts.
func serve(t *testing.T) tfexec.ReattachInfo {
	t.Helper()
	address := cmp.Or(os.Getenv("TF_ACC_PROVIDER_HOST"), "registry.terraform.io") + "/runner-audit/github-actions"
	ctx, cancel := context.WithCancel(t.Context())
	started, ended := make(chan *plugin.ReattachConfig), make(chan struct{})
	factory := factories(nil)["github-actions"]
	failed := make(chan error, 1)
	go func() {
		failed <- tf6server.Serve(address, func() tfprotov6.ProviderServer {
			server, _ := factory()
			return server
		}, tf6server.WithDebug(ctx, started, ended), tf6server.WithoutLogStderrOverride(), tf6server.WithLoggingSink(t),
			tf6server.WithGoPluginLogger(hclog.NewNullLogger()))
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	select {
	case c := <-started:
		return tfexec.ReattachInfo{address: {
			Protocol: string(c.Protocol), ProtocolVersion: c.ProtocolVersion, Pid: c.Pid, Test: c.Test,
			Addr: tfexec.ReattachConfigAddr{Network: c.Addr.Network(), String: c.Addr.String()},
		}}
	case err := <-failed:
		t.Fatal(err)
		return nil
	}
}
