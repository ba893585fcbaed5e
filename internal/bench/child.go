package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"runtime/pprof"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/runner-audit/terraform-provider-github-actions/internal/joblog"
	ours "github.com/runner-audit/terraform-provider-github-actions/internal/provider"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// The environment of a child: its kind, the file for its number of allocated objects, the URL of
// the stand-in, and the file for a CPU profile, if any.
const (
	childKind    = "BENCH_CHILD"
	childObjects = "BENCH_OBJECTS"
	childBaseURL = "BENCH_BASE_URL"
	childProfile = "BENCH_PROFILE"
)

const (
	kindProvider = "provider" // the provider as it is served to Terraform
	kindFloor    = "floor"    // a bare provider
	kindEmpty    = "empty"    // a provider of the framework without anything
	kindChain    = "chain"    // requests through internal/transport
	kindPlain    = "plain"    // the same requests through http.Client
	kindLog      = "log"      // a log through internal/joblog
	kindCopy     = "copy"     // the same log through SHA-256
)

const address = "registry.terraform.io/runner-audit/github-actions"

func child(kind string) error {
	if profile := os.Getenv(childProfile); profile != "" && kind == kindProvider {
		f, err := os.Create(profile) //nolint:gosec // the user names the file
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	err := map[string]func() error{
		kindProvider: func() error { return ours.Serve(address, "bench", false) },
		kindFloor:    func() error { return serve(func() tfprotov6.ProviderServer { return &floor{} }) },
		kindEmpty:    func() error { return serve(providerserver.NewProtocol6(emptyProvider{})) },
		kindChain:    func() error { return request(chain) },
		kindPlain:    func() error { return request(plain) },
		kindLog: func() error {
			_, err := joblog.Read(longLog(), joblog.Options{MaxBytes: joblog.DefaultMaxBytes})
			return err
		},
		kindCopy: func() error {
			_, err := io.Copy(sha256.New(), longLog())
			return err
		},
	}[kind]()
	if err != nil {
		return err
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return os.WriteFile(os.Getenv(childObjects), []byte(fmt.Sprint(stats.Mallocs)), 0o600) //nolint:gosec // our parent names the file
}

// serve serves a provider without its logs, as ours.Serve does.
func serve(factory func() tfprotov6.ProviderServer) error {
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_GITHUB_ACTIONS"} {
		if err := os.Setenv(name, "off"); err != nil {
			return err
		}
	}
	return tf6server.Serve(address, factory)
}

func chain(base *url.URL) (*http.Client, error) {
	return transport.New(transport.Config{BaseURL: base, MaxRetries: 3})
}

func plain(*url.URL) (*http.Client, error) { return &http.Client{}, nil }

// request sends requests one after the other.
func request(newClient func(*url.URL) (*http.Client, error)) error {
	base, err := url.Parse(os.Getenv(childBaseURL))
	if err != nil {
		return err
	}
	client, err := newClient(base)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	for i := range 5000 {
		address := base.JoinPath(fmt.Sprintf("repos/acme/app/actions/jobs/%d", smallJobs+i%200)).String()
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil) //nolint:gosec // our parent's stand-in
		if err != nil {
			return err
		}
		resp, err := client.Do(req) //nolint:gosec // our parent's stand-in
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		if closed := resp.Body.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// logBytes is the approximate length of longLog.
const logBytes = 256 << 20

// longLog is a long log: the same part repeated.
func longLog() io.Reader {
	var part bytes.Buffer
	for i := 0; part.Len() < 1<<20; i++ {
		fmt.Fprintf(&part, "2026-05-01T12:%02d:%02d.1234567Z ok  \tgithub.com/example/project/internal/pkg%04d\t0.%03ds\tcoverage: 81.2%% of statements\n", i/60%60, i%60, i, i%1000)
	}
	parts := make([]io.Reader, logBytes>>20)
	for i := range parts {
		parts[i] = bytes.NewReader(part.Bytes())
	}
	return io.MultiReader(parts...)
}

// emptyProvider is the smallest provider that the framework serves.
type emptyProvider struct{}

func (emptyProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "github"
}

func (emptyProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerschema.Schema{Attributes: map[string]providerschema.Attribute{
		"owner": providerschema.StringAttribute{Optional: true}, "base_url": providerschema.StringAttribute{Optional: true},
	}}
}

func (emptyProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (emptyProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (emptyProvider) Resources(context.Context) []func() resource.Resource { return nil }
