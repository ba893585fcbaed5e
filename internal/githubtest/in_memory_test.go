package githubtest_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// TestInMemoryIsTheServer: the same answers, records and faults as over a connection.
func TestInMemoryIsTheServer(t *testing.T) {
	t.Parallel()
	const path = "/repos/acme/app/actions/jobs/70001"
	server := githubtest.New(t, githubtest.Demo())
	server.Fail(path, githubtest.Truncated(), githubtest.Reset())
	client := &http.Client{Transport: server.InMemory()}
	var bodies []string
	for range 3 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.BaseURL()+path[1:], nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			bodies = append(bodies, "hung up")
			continue
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if errors.Is(err, io.ErrUnexpectedEOF) {
			body = []byte("cut")
		} else if err != nil {
			t.Error(err)
		}
		bodies = append(bodies, string(body))
	}
	if bodies[0] != "cut" || bodies[1] != "hung up" || len(bodies[2]) < 100 {
		t.Errorf("got %q", bodies)
	}
	if requests := server.Requests(); len(requests) != 3 || requests[2].Status != http.StatusOK || requests[2].Path != path {
		t.Errorf("requests %v", requests)
	}
}
