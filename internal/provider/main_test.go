package provider

import (
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// TestMain takes the environment of whoever runs the tests out of them, and holds every test to
// leaving no goroutine behind.
func TestMain(m *testing.M) {
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
	// terraform-plugin-testing serves the provider in this process; the two readers of its standard
	// streams end with the process.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/hashicorp/go-plugin.copyChan"))
}
