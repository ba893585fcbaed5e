package provider

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/plugintest"
)

// TestLogsOnlyWhenAsked starts the provider as Terraform does, once for each way to turn on logs,
// and reads its log.
func TestLogsOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	const ours, sdk = `"GitHub request"`, `"@module":"sdk.proto"`
	for _, tc := range []struct {
		env  string
		want []string
		not  []string
	}{
		{env: "", not: []string{ours, sdk}},
		{env: "TF_LOG=off", not: []string{ours, sdk}},
		{env: "TF_LOG=debug", want: []string{ours, sdk}},
		{env: "TF_LOG=JSON", want: []string{ours, sdk}},
		{env: "TF_LOG_PROVIDER=debug", want: []string{ours, sdk}},
		{env: "TF_LOG_CORE=trace", want: []string{ours, sdk}},
		{env: "TF_LOG_PROVIDER_GITHUB_ACTIONS=debug", want: []string{ours, sdk}},
		{env: "TF_LOG_PROVIDER_GITHUB_ACTIONS=info", want: []string{sdk}, not: []string{ours}},
	} {
		t.Run(tc.env, func(t *testing.T) {
			t.Parallel()
			log := logOfARead(t, tc.env)
			for _, want := range tc.want {
				if !strings.Contains(log, want) {
					t.Errorf("%s is not in the log\n%s", want, log)
				}
			}
			for _, not := range tc.not {
				if strings.Contains(log, not) {
					t.Errorf("%s is in the log\n%s", not, log)
				}
			}
		})
	}
}

// logOfARead is the log of a provider process with one more variable in its environment.
func logOfARead(t *testing.T, env string) string {
	t.Helper()
	server := githubtest.New(t, githubtest.Demo())
	var log bytes.Buffer
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), serveInstead+"=1", env)
	p, err := plugintest.Start(cmd, &log)
	if err != nil {
		t.Fatal(err)
	}
	err = p.Configure(t.Context(), fmt.Sprintf(`{"owner":"acme","base_url":%q,"token":null}`, server.BaseURL()))
	if err == nil {
		_, err = p.Read(t.Context(), "github_actions_job", `{"repository":"app","job_id":70001}`)
	}
	p.Stop()
	if err != nil {
		t.Fatal(err)
	}
	return log.String()
}
