package actions_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// BenchmarkJobsOfAPage is a page of 100 jobs with 12 steps each, from the body to internal/job's values.
func BenchmarkJobsOfAPage(b *testing.B) {
	world := githubtest.NewWorld()
	world.Repository("acme/app").Run(900, 1, nil).Matrix(1, 900, 100, 12)
	server := githubtest.New(b, world)
	bodies := map[string][]byte{}
	base, err := url.Parse(server.BaseURL())
	if err != nil {
		b.Fatal(err)
	}
	answer := roundTripper(func(req *http.Request) *http.Response {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(bodies[req.URL.Path])), Request: req}
	})
	for _, path := range []string{"/repos/acme/app/actions/runs/900", "/repos/acme/app/actions/runs/900/jobs"} {
		resp, err := http.Get(server.URL + base.Path + path[1:] + "?per_page=100")
		if err != nil {
			b.Fatal(err)
		}
		if bodies[base.Path+path[1:]], err = io.ReadAll(resp.Body); err != nil {
			b.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	client := actions.NewClient(actions.Config{HTTP: &http.Client{Transport: answer}, BaseURL: base})
	for name, query := range map[string]actions.RunQuery{
		"steps":    {Repository: app(b), RunID: 900},
		"no_steps": {Repository: app(b), RunID: 900, SkipSteps: true},
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(bodies[base.Path+"repos/acme/app/actions/runs/900/jobs"])))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := client.RunJobs(b.Context(), query); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
