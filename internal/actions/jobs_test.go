package actions_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// readJob serves one job made of fields and reads it.
func readJob(t *testing.T, fields githubtest.Object) (*job.Job, error) {
	t.Helper()
	world := githubtest.NewWorld()
	world.Repository("acme/app").Job(1, 700, fields)
	return newClient(t, githubtest.New(t, world), 1).Job(t.Context(), app(t), 1)
}

func TestNullsAreOne(t *testing.T) {
	t.Parallel()
	// A missing property, null and each server's value for "nothing" give the same result.
	for _, nothing := range []any{githubtest.Absent, nil, "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1969-12-31T16:00:00-08:00", "0001-01-01T00:00:00+02:00"} {
		j, err := readJob(t, githubtest.Object{"created_at": nothing, "started_at": nothing, "completed_at": nothing})
		if err != nil {
			t.Fatal(err)
		}
		if j.CreatedAt != nil || j.StartedAt != nil || j.CompletedAt != nil {
			t.Errorf("times sent as %v: got %v, %v, %v", nothing, j.CreatedAt, j.StartedAt, j.CompletedAt)
		}
	}
	for _, nothing := range []any{githubtest.Absent, nil, 0} {
		j, err := readJob(t, githubtest.Object{"runner_id": nothing, "runner_group_id": nothing, "runner_name": "", "runner_group_name": ""})
		if err != nil {
			t.Fatal(err)
		}
		if j.RunnerID != nil || j.RunnerGroupID != nil || j.RunnerName != nil || j.RunnerGroupName != nil {
			t.Errorf("runner sent as %v: got %v", nothing, j)
		}
	}
}

func TestHostedRunnersKeepTheirGroup(t *testing.T) {
	t.Parallel()
	j, err := readJob(t, githubtest.Object{"runner_group_id": 0, "runner_group_name": "GitHub Actions"})
	if err != nil {
		t.Fatal(err)
	}
	if j.RunnerGroupID == nil || *j.RunnerGroupID != 0 || job.Value(j.RunnerGroupName) != "GitHub Actions" {
		t.Errorf("got group %v %v, want 0 \"GitHub Actions\"", j.RunnerGroupID, j.RunnerGroupName)
	}
}

func TestEmptyListsAndAbsentOnes(t *testing.T) {
	t.Parallel()
	j, err := readJob(t, githubtest.Object{"labels": []any{}, "steps": githubtest.Absent})
	if err != nil {
		t.Fatal(err)
	}
	if j.Labels == nil || len(j.Labels) != 0 {
		t.Errorf("empty labels came out as %#v", j.Labels)
	}
	if j.Steps == nil || len(j.Steps) != 0 {
		t.Errorf("absent steps came out as %#v, want an empty list", j.Steps)
	}
	if j, err = readJob(t, githubtest.Object{"labels": githubtest.Absent}); err != nil || j.Labels != nil {
		t.Errorf("absent labels came out as %#v, %v, want nil", j.Labels, err)
	}
}

func TestOpenSetsPassThrough(t *testing.T) {
	t.Parallel()
	j, err := readJob(t, githubtest.Object{"status": "pending_in_a_new_way", "conclusion": "startup_failure"})
	if err != nil {
		t.Fatal(err)
	}
	if job.Value(j.Status) != "pending_in_a_new_way" || job.Value(j.Conclusion) != "startup_failure" {
		t.Errorf("got %s, %s", job.Value(j.Status), job.Value(j.Conclusion))
	}
}

func TestLargeIDsStayExact(t *testing.T) {
	t.Parallel()
	const large = 1<<63 - 1 // a float64 would round it
	j, err := readJob(t, githubtest.Object{"run_id": int64(large), "runner_id": int64(large)})
	if err != nil {
		t.Fatal(err)
	}
	if job.Value(j.RunID) != large || job.Value(j.RunnerID) != large {
		t.Errorf("got %d, %d", job.Value(j.RunID), job.Value(j.RunnerID))
	}
}

// TestLabelsThatAreEmpty: a label without text does not cost the job, or its run.
func TestLabelsThatAreEmpty(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		labels []any
		want   []string
	}{
		{[]any{""}, []string{}},
		{[]any{nil}, []string{}},
		{[]any{"", "linux", nil, "x64", ""}, []string{"linux", "x64"}},
		{[]any{" "}, []string{" "}},
	} {
		j, err := readJob(t, githubtest.Object{"labels": tc.labels})
		if err != nil || j.Labels == nil || !slices.Equal(j.Labels, tc.want) {
			t.Errorf("%v: got %#v, %v, want %q", tc.labels, j.Labels, err, tc.want)
		}
	}
}

func TestTimesAreUTC(t *testing.T) {
	t.Parallel()
	j, err := readJob(t, githubtest.Object{"started_at": "2020-01-20T09:42:40.000-08:00", "completed_at": "2020-01-20T09:42:40.250-08:00"})
	if err != nil {
		t.Fatal(err)
	}
	if got := j.StartedAt.Format(time.RFC3339Nano); got != "2020-01-20T17:42:40Z" {
		t.Errorf("started_at is %s", got)
	}
	if got := j.CompletedAt.Format(time.RFC3339Nano); got != "2020-01-20T17:42:40.25Z" {
		t.Errorf("completed_at is %s", got)
	}
}

func TestJobRefusesWhatIsNotTheJob(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		answer githubtest.Fault
		reason string
	}{
		{"another job", githubtest.Body("application/json", `{"id":2}`), "the answer is job 2"},
		{"no id", githubtest.Body("application/json", `{"name":"build"}`), "the answer is a job without an id"},
		{"an empty object", githubtest.Body("application/json", `{}`), "the answer is a job without an id"},
		{"an empty body", githubtest.Body("application/json", ""), "the answer is empty"},
		{"only white space", githubtest.Body("application/json", " \n"), "the answer is empty"},
		{"null", githubtest.Body("application/json", "null"), "the answer is not a JSON object"},
		{"a list", githubtest.Body("application/json", `[{"id":1}]`), "the answer is not a JSON object"},
		{"a web page", githubtest.Body("text/html", "<!DOCTYPE html><title>Sign in</title>"), "the answer is a web page, not JSON"},
		{"two objects", githubtest.Body("application/json", `{"id":1}{"id":1}`), "the answer is not the JSON that GitHub documents"},
		{"half an object", githubtest.Body("application/json", `{"id":1,"labels":[`), "the answer is not the JSON that GitHub documents"},
		{"an id that is text", githubtest.Body("application/json", `{"id":"1"}`), "the answer is not the JSON that GitHub documents"},
		{"a time that is none", githubtest.Body("application/json", `{"id":1,"started_at":"yesterday"}`), "the answer is not the JSON that GitHub documents"},
		{"a time that is blank", githubtest.Body("application/json", `{"id":1,"started_at":" "}`), "the answer is not the JSON that GitHub documents"},
		{"a null step", githubtest.Body("application/json", `{"id":1,"steps":[null]}`), "step 0 of job 1 is null"},
		{"a body that breaks off", githubtest.Truncated(), "the answer broke off"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.NewWorld())
			server.Fail("/repos/acme/app/actions/jobs/1", tc.answer)
			_, err := newClient(t, server, 1).Job(t.Context(), app(t), 1)
			var e *actions.Error
			if !errors.As(err, &e) || e.Kind != actions.Malformed || e.Reason != tc.reason {
				t.Fatalf("got %v, want a malformed answer because %s", err, tc.reason)
			}
			if e.Object != "acme/app job 1" || e.RequestID == "" {
				t.Errorf("the error does not name the object and the request: %+v", e)
			}
		})
	}
}

func TestNotFoundTellsWhichPart(t *testing.T) {
	t.Parallel()
	t.Run("the repository", func(t *testing.T) {
		t.Parallel()
		server := githubtest.New(t, githubtest.NewWorld())
		server.ExpectMissing("/repos/acme/app/actions/jobs/1", "/repos/acme/app")
		_, err := newClient(t, server, 1).Job(t.Context(), app(t), 1)
		wantMissing(t, err, actions.PartRepository)
	})
	t.Run("the job", func(t *testing.T) {
		t.Parallel()
		world := githubtest.NewWorld()
		world.Repository("acme/app")
		server := githubtest.New(t, world)
		server.ExpectMissing("/repos/acme/app/actions/jobs/1")
		_, err := newClient(t, server, 1).Job(t.Context(), app(t), 1)
		wantMissing(t, err, actions.PartJob)
	})
	t.Run("the repository is refused", func(t *testing.T) {
		t.Parallel()
		for _, refusal := range []githubtest.Fault{
			githubtest.Status(http.StatusUnavailableForLegalReasons, "Repository access blocked"),
			githubtest.Status(http.StatusForbidden, "Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list enabled"),
			githubtest.Status(http.StatusForbidden, "Resource protected by organization SAML enforcement.", "X-GitHub-SSO", "required; url=https://github.test/sso"),
		} {
			server := githubtest.New(t, githubtest.NewWorld())
			server.ExpectMissing("/repos/acme/app/actions/jobs/1")
			server.Fail("/repos/acme/app", refusal)
			_, err := newClient(t, server, 1).Job(t.Context(), app(t), 1)
			var e *actions.Error
			if !errors.As(err, &e) || e.Kind != actions.Forbidden && e.Kind != actions.SSO || e.Missing != actions.PartRepository || e.Object != "acme/app job 1" {
				t.Errorf("got %v", err)
			}
		}
	})
	t.Run("unknown", func(t *testing.T) {
		t.Parallel()
		server := githubtest.New(t, githubtest.NewWorld())
		server.ExpectMissing("/repos/acme/app/actions/jobs/1")
		server.Fail("/repos/acme/app", githubtest.Status(http.StatusForbidden, "no"))
		_, err := newClient(t, server, 1).Job(t.Context(), app(t), 1)
		wantMissing(t, err, "")
	})
}

func wantMissing(t *testing.T, err error, want actions.Part) {
	t.Helper()
	var e *actions.Error
	if !errors.As(err, &e) || !errors.Is(err, actions.NotFound) {
		t.Fatalf("got %v, want not found", err)
	}
	if e.Missing != want {
		t.Errorf("missing is %q, want %q", e.Missing, want)
	}
}

// FuzzDecodeJob: no answer makes the decoder panic or return a job that breaks the rules.
func FuzzDecodeJob(f *testing.F) {
	documented, err := json.Marshal(githubtest.DocumentedJob())
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(documented), "", "null", "{}", "[]", "<html>", `{"id":1}`, `{"id":399444496,"steps":[null]}`,
		`{"id":399444496,"steps":[{}],"labels":[null],"runner_id":0,"runner_name":""}`,
		`{"id":399444496,"started_at":0,"completed_at":"1970-01-01T00:00:00Z"}`,
		`{"id":399444496,"created_at":"2020-01-20T09:42:45.000-08:00","started_at":"2020-01-20T09:42:40.000-08:00","runner_id":1}`,
	} {
		f.Add([]byte(seed))
	}
	// The current body is served by a round tripper, without a network.
	const id = 399444496
	base := &url.URL{Scheme: "https", Host: "api.github.test", Path: "/"}
	f.Fuzz(func(t *testing.T, body []byte) {
		serve := roundTripper(func(*http.Request) *http.Response {
			w := httptest.NewRecorder()
			_, _ = w.Write(body)
			return w.Result()
		})
		client := actions.NewClient(actions.Config{HTTP: &http.Client{Transport: serve}, BaseURL: base})
		j, err := client.Job(t.Context(), actions.Repository{Owner: "o", Name: "r"}, id)
		if err != nil {
			var e *actions.Error
			if !errors.As(err, &e) || !strings.HasPrefix(e.Object, "o/r job") {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		for _, seconds := range []*int64{j.QueuedSeconds(), j.DurationSeconds()} {
			if seconds != nil && *seconds < 0 {
				t.Errorf("negative: %d", *seconds)
			}
		}
		if job.Value(j.ID) != id || j.Steps == nil || j.RunnerID != nil && *j.RunnerID == 0 || j.RunnerName != nil && *j.RunnerName == "" {
			t.Errorf("not normalised: %+v", j)
		}
	})
}

type roundTripper func(*http.Request) *http.Response

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req), nil }
