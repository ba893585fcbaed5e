package provider

import (
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// serveInstead is a variable that makes the test binary serve the provider, as the product does.
const serveInstead = "TEST_SERVES_THE_PROVIDER"

// TestMain removes the variables of the environment that would change what the tests do, and checks
// that no test leaves a goroutine behind.
func TestMain(m *testing.M) {
	if os.Getenv(serveInstead) != "" {
		if err := Serve("registry.terraform.io/runner-audit/github-actions", "test", false); err != nil {
			panic(err)
		}
		return
	}
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		keep := name == "TF_ACC" || name == "TF_ACC_PROVIDER_HOST" || strings.HasPrefix(name, "TF_ACC_TERRAFORM_")
		if !keep && (strings.HasPrefix(name, "TF_") || strings.HasPrefix(name, "GITHUB_") || strings.HasPrefix(name, "GH_")) {
			_ = os.Unsetenv(name)
		}
	}
	// Configurations under test name the provider as users do.
	_ = os.Setenv("TF_ACC_PROVIDER_NAMESPACE", "runner-audit")
	_ = os.Setenv("CHECKPOINT_DISABLE", "1")
	// Nothing looks for the credentials of this machine. A bucket in a test takes any.
	if os.Getenv("AWS_ACCESS_KEY_ID") == "" {
		_ = os.Setenv("AWS_ACCESS_KEY_ID", "test-key")
		_ = os.Setenv("AWS_SECRET_ACCESS_KEY", "test-secret")
	}
	if os.Getenv("LIVE") != "" {
		// A real server keeps idle connections open after the tests, and their goroutines with them.
		os.Exit(m.Run())
	}
	// terraform-plugin-testing serves the provider in this process; the two readers of its standard
	// streams end with the process.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/hashicorp/go-plugin.copyChan"))
}
