package actions_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// readJob serves one job made of fields and reads it.
func readJob(t *testing.T, fields githubtest.Object) (*github.WorkflowJob, error) {
	t.Helper()
	world := githubtest.NewWorld()
	world.Repository("acme/app").Job(1, 700, fields)
	return newClient(t, githubtest.New(t, world), 1).Job(t.Context(), app(t), 1)
}

func TestNullsAreOne(t *testing.T) {
	t.Parallel()
	// Absent, JSON null and each server's own word for nothing come to the same.
	for _, nothing := range []any{githubtest.Absent, nil, "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1969-12-31T16:00:00-08:00", "0001-01-01T00:00:00+02:00"} {
		job, err := readJob(t, githubtest.Object{"created_at": nothing, "started_at": nothing, "completed_at": nothing})
		if err != nil {
			t.Fatal(err)
		}
		if job.CreatedAt != nil || job.StartedAt != nil || job.CompletedAt != nil {
			t.Errorf("times sent as %v: got %v, %v, %v", nothing, job.CreatedAt, job.StartedAt, job.CompletedAt)
		}
	}
	for _, nothing := range []any{githubtest.Absent, nil, 0} {
		job, err := readJob(t, githubtest.Object{"runner_id": nothing, "runner_group_id": nothing, "runner_name": "", "runner_group_name": ""})
		if err != nil {
			t.Fatal(err)
		}
		if job.RunnerID != nil || job.RunnerGroupID != nil || job.RunnerName != nil || job.RunnerGroupName != nil {
			t.Errorf("runner sent as %v: got %v", nothing, job)
		}
	}
}

func TestHostedRunnersKeepTheirGroup(t *testing.T) {
	t.Parallel()
	job, err := readJob(t, githubtest.Object{"runner_group_id": 0, "runner_group_name": "GitHub Actions"})
	if err != nil {
		t.Fatal(err)
	}
	if job.RunnerGroupID == nil || *job.RunnerGroupID != 0 || job.GetRunnerGroupName() != "GitHub Actions" {
		t.Errorf("got group %v %v, want 0 \"GitHub Actions\"", job.RunnerGroupID, job.RunnerGroupName)
	}
}

func TestEmptyListsAndAbsentOnes(t *testing.T) {
	t.Parallel()
	job, err := readJob(t, githubtest.Object{"labels": []any{}, "steps": githubtest.Absent})
	if err != nil {
		t.Fatal(err)
	}
	if job.Labels == nil || len(job.Labels) != 0 {
		t.Errorf("empty labels came out as %#v", job.Labels)
	}
	if job.Steps == nil || len(job.Steps) != 0 {
		t.Errorf("absent steps came out as %#v, want an empty list", job.Steps)
	}
	if job, err = readJob(t, githubtest.Object{"labels": githubtest.Absent}); err != nil || job.Labels != nil {
		t.Errorf("absent labels came out as %#v, %v, want nil", job.Labels, err)
	}
}

func TestOpenSetsPassThrough(t *testing.T) {
	t.Parallel()
	job, err := readJob(t, githubtest.Object{"status": "pending_in_a_new_way", "conclusion": "startup_failure"})
	if err != nil {
		t.Fatal(err)
	}
	if job.GetStatus() != "pending_in_a_new_way" || job.GetConclusion() != "startup_failure" {
		t.Errorf("got %s, %s", job.GetStatus(), job.GetConclusion())
	}
}

func TestLargeIDsStayExact(t *testing.T) {
	t.Parallel()
	const large = 1<<63 - 1 // a float64 would round it
	job, err := readJob(t, githubtest.Object{"run_id": int64(large), "runner_id": int64(large)})
	if err != nil {
		t.Fatal(err)
	}
	if job.GetRunID() != large || job.GetRunnerID() != large {
		t.Errorf("got %d, %d", job.GetRunID(), job.GetRunnerID())
	}
}

func TestTimesAreUTC(t *testing.T) {
	t.Parallel()
	job, err := readJob(t, githubtest.Object{"started_at": "2020-01-20T09:42:40.000-08:00", "completed_at": "2020-01-20T09:42:40.250-08:00"})
	if err != nil {
		t.Fatal(err)
	}
	if got := job.StartedAt.Format(time.RFC3339Nano); got != "2020-01-20T17:42:40Z" {
		t.Errorf("started_at is %s", got)
	}
	if got := job.CompletedAt.Format(time.RFC3339Nano); got != "2020-01-20T17:42:40.25Z" {
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
		{"a null label", githubtest.Body("application/json", `{"id":1,"labels":[null,"linux"]}`), "job 1 has a label that is null or empty"},
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
	t.Run("nobody can tell", func(t *testing.T) {
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

// FuzzDecodeJob holds that no answer makes the decoder panic or pass on a job that breaks the rules.
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
	// The body of the moment is served without a network: a round tripper is all that is needed.
	const id = 399444496
	base := &url.URL{Scheme: "https", Host: "api.github.test", Path: "/"}
	f.Fuzz(func(t *testing.T, body []byte) {
		serve := roundTripper(func(*http.Request) *http.Response {
			w := httptest.NewRecorder()
			_, _ = w.Write(body)
			return w.Result()
		})
		client := actions.NewClient(actions.Config{HTTP: &http.Client{Transport: serve}, BaseURL: base})
		job, err := client.Job(t.Context(), actions.Repository{Owner: "o", Name: "r"}, id)
		if err != nil {
			var e *actions.Error
			if !errors.As(err, &e) || !strings.HasPrefix(e.Object, "o/r job") {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		for _, seconds := range []*int64{actions.QueuedSeconds(job), actions.DurationSeconds(job)} {
			if seconds != nil && *seconds < 0 {
				t.Errorf("negative: %d", *seconds)
			}
		}
		if job.GetID() != id || job.Steps == nil || job.RunnerID != nil && *job.RunnerID == 0 || job.RunnerName != nil && *job.RunnerName == "" {
			t.Errorf("not normalised: %+v", job)
		}
	})
}

type roundTripper func(*http.Request) *http.Response

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req), nil }
