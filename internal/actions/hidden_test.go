package actions_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// answers serves the JSON of each path, and what missing has for every other one.
func answers(t *testing.T, byPath map[string]string, missing string) *actions.Client {
	t.Helper()
	base, err := url.Parse("https://ghe.test/api/v3/")
	if err != nil {
		t.Fatal(err)
	}
	rt := roundTripper(func(req *http.Request) *http.Response {
		w := httptest.NewRecorder()
		if text, ok := byPath[strings.TrimPrefix(req.URL.Path, "/api/v3/repos/acme/app")]; ok {
			_, _ = w.WriteString(text)
			return w.Result()
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.WriteString(missing)
		return w.Result()
	})
	return actions.NewClient(actions.Config{HTTP: &http.Client{Transport: rt}, BaseURL: base})
}

// TestWhatIsHiddenInWhatIsVisible: the error is about the part of the path that cannot be read, and says
// so if that part is there.
func TestWhatIsHiddenInWhatIsVisible(t *testing.T) {
	t.Parallel()
	const object, route, run = `{"message":"Not Found"}`, "404 page not found\n", `{"id":700,"run_attempt":1}`
	repositoryAndRun := map[string]string{"": `{"id":1}`, "/actions/runs/700": run}
	repositoryOnly := map[string]string{"": `{"id":1}`}
	jobs := func(ctx context.Context, c *actions.Client) error {
		_, err := c.RunJobs(ctx, actions.RunQuery{Repository: app(t), RunID: 700})
		return err
	}
	oneJob := func(ctx context.Context, c *actions.Client) error {
		_, err := c.Job(ctx, app(t), 1)
		return err
	}
	runs := func(ctx context.Context, c *actions.Client) error {
		_, err := c.WorkflowRuns(ctx, actions.RunsQuery{Repository: app(t), Max: 10})
		return err
	}
	for _, tc := range []struct {
		name    string
		visible map[string]string
		missing string
		read    func(context.Context, *actions.Client) error
		want    actions.Part
		hidden  bool
	}{
		{"the jobs of a run", repositoryAndRun, object, jobs, actions.PartRun, true},
		{"a run", repositoryOnly, object, jobs, actions.PartRun, false},
		{"a server without lists of jobs", repositoryAndRun, route, jobs, actions.PartRun, true},
		{"a server without runs", repositoryOnly, route, jobs, actions.PartRepository, true},
		{"a job", repositoryOnly, object, oneJob, actions.PartJob, false},
		{"a server without jobs", repositoryOnly, route, oneJob, actions.PartRepository, true},
		{"the runs of a repository", repositoryOnly, object, runs, actions.PartRepository, true},
		{"a server without lists of runs", repositoryOnly, route, runs, actions.PartRepository, true},
		{"a repository", nil, object, runs, actions.PartRepository, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			err := tc.read(t.Context(), answers(t, tc.visible, tc.missing))
			var e *actions.Error
			if !errors.As(err, &e) || e.Kind != actions.NotFound || e.Missing != tc.want || e.Hidden != tc.hidden || e.NoAPI != "" || e.NoRoute != (tc.missing == route) {
				t.Errorf("got %+v", err)
			}
		})
	}
}
