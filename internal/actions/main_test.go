package actions_test

import (
	"net/http"
	"net/url"
	"testing"

	"go.uber.org/goleak"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newClient reads the stand-in with a plain http.Client. Faults of the network are tested in
// internal/transport.
func newClient(tb testing.TB, server *githubtest.Server, maxConcurrent int) *actions.Client {
	tb.Helper()
	base, err := url.Parse(server.BaseURL())
	if err != nil {
		tb.Fatal(err)
	}
	transport := &http.Transport{}
	tb.Cleanup(transport.CloseIdleConnections)
	return actions.NewClient(actions.Config{HTTP: &http.Client{Transport: transport}, BaseURL: base, UserAgent: "test", MaxConcurrent: maxConcurrent})
}

func app(tb testing.TB) actions.Repository {
	tb.Helper()
	return repository(tb, "acme/app")
}

func repository(tb testing.TB, s string) actions.Repository {
	tb.Helper()
	r, err := actions.ParseRepository(s)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}
