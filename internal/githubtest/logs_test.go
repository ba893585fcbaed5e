package githubtest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// TestTheStorageTakesNoToken: it sends a log for its signature alone, and a token fails the test.
func TestTheStorageTakesNoToken(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	server := githubtest.New(r, githubtest.Demo())
	for path, want := range map[string]int{
		"/repos/acme/app/actions/jobs/70004/logs": http.StatusFound,
		"/repos/acme/app/actions/jobs/70001/logs": http.StatusGone,
		"/repos/acme/app/actions/jobs/70201/logs": http.StatusNotFound,
	} {
		status, _, header := get(t, server, path)
		if status != want || status == http.StatusFound && header.Get("Location") != server.LogLink("acme/app", 70004) {
			t.Errorf("%s: %d to %s, want %d", path, status, header.Get("Location"), want)
		}
	}
	link := server.LogLink("acme/app", 70004)
	if status, body, _ := getURL(t, link); status != http.StatusOK || !strings.Contains(body, "##[error]") {
		t.Errorf("the log: %d %q", status, body)
	}
	if status, _, _ := getURL(t, strings.Replace(link, "sig=", "sig=0", 1)); status != http.StatusForbidden {
		t.Errorf("a wrong signature: %d", status)
	}
	getURL(t, link, "Authorization", "Bearer one")
	if got := strings.Join(r.end(), "\n"); got != "githubtest: unexpected request: GET /_storage/acme/app/70004.txt with a token" {
		t.Errorf("got %s", got)
	}
}
