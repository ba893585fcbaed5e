package githubtest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder takes the place of a test that the stand-in may fail.
type recorder struct {
	errors  []string
	cleanup []func()
}

func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.cleanup = append(r.cleanup, f) }
func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) end() []string {
	for _, f := range r.cleanup {
		f()
	}
	return r.errors
}

// get sends a request to the API.
func get(t *testing.T, server *githubtest.Server, path string, headers ...string) (int, string, http.Header) {
	t.Helper()
	return getURL(t, server.URL+githubtest.Prefix+path, headers...)
}

func getURL(t *testing.T, url string, headers ...string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body), resp.Header
}

func TestWhatIsNotAnnouncedFailsTheTest(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	server := githubtest.New(r, githubtest.Demo())
	server.ExpectMissing("/repos/acme/gone", "/repos/acme/never")
	server.AllowMissing("/repos/acme/perhaps")
	server.Fail("/repos/acme/app", githubtest.Status(502, "no"))
	for path, want := range map[string]int{"/repos/acme/gone": 404, "/repos/acme/app/actions/jobs/1": 404, "/repos/acme/infra": 200} {
		if status, _, _ := get(t, server, path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	got := strings.Join(r.end(), "\n")
	const want = "githubtest: unexpected request: GET /repos/acme/app/actions/jobs/1\n" +
		"githubtest: no request for /repos/acme/never, which ExpectMissing announced\n" +
		"githubtest: 1 of the faults for /repos/acme/app were not used"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestARefusedRepository is in its owner's list, and its Actions answer 403.
func TestARefusedRepository(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	for path, want := range map[string]int{
		"/repos/acme/payroll": 200, "/repos/acme/payroll/actions/runs": 403, "/repos/acme/payroll/actions/jobs/110101": 403,
	} {
		if status, _, _ := get(t, server, path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	if _, body, _ := get(t, server, "/orgs/acme/repos"); !strings.Contains(body, `"full_name":"acme/payroll"`) {
		t.Errorf("the list lacks it: %s", body)
	}
}

func TestPagesAreGitHubs(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	world.Repository("acme/app").Run(1, 1, nil).Matrix(1, 1, 237, 0)
	server := githubtest.New(t, world)
	server.AllowOutsideContract() // for a page of 500
	for query, want := range map[string]struct {
		jobs int
		rels string
	}{
		"":                      {30, "next last"},
		"?per_page=100":         {100, "next last"},
		"?per_page=500&page=2":  {100, "prev next last"},
		"?per_page=100&page=3":  {37, "prev"},
		"?per_page=100&page=99": {0, "prev"},
	} {
		_, body, header := get(t, server, "/repos/acme/app/actions/runs/1/jobs"+query)
		if n := strings.Count(body, `"run_url"`); n != want.jobs || !strings.Contains(body, `"total_count":237`) {
			t.Errorf("%q: %d jobs, want %d", query, n, want.jobs)
		}
		for _, rel := range []string{"prev", "next", "last"} {
			if got := strings.Contains(header.Get("Link"), `rel="`+rel+`"`); got != strings.Contains(want.rels, rel) {
				t.Errorf("%q: Link %s, want %s", query, header.Get("Link"), want.rels)
			}
		}
	}
}

func TestETagsDependOnTheToken(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	const path = "/repos/acme/app/actions/runs/700"
	_, _, header := get(t, server, path, "Authorization", "Bearer one")
	tag := header.Get("ETag")
	if status, body, _ := get(t, server, path, "Authorization", "Bearer one", "If-None-Match", tag); status != 304 || body != "" {
		t.Errorf("the same again: %d %q, want 304", status, body)
	}
	if status, _, _ := get(t, server, path, "Authorization", "Bearer two", "If-None-Match", tag); status != 200 {
		t.Errorf("another token: %d, want 200", status)
	}
}
