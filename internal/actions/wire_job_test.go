package actions_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v62/github"
	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// decodeJob is a job of an answer with this body.
func decodeJob(tb testing.TB, body []byte) (*job.Job, error) {
	tb.Helper()
	serve := roundTripper(func(req *http.Request) *http.Response {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: req}
	})
	base := &url.URL{Scheme: "https", Host: "api.github.test", Path: "/"}
	client := actions.NewClient(actions.Config{HTTP: &http.Client{Transport: serve}, BaseURL: base})
	return client.Job(tb.Context(), actions.Repository{Owner: "o", Name: "r"}, 1)
}

// TestTextsAreWhatEncodingJSONMakesOfThem compares any string, in any JSON spelling, with
// encoding/json.
func TestTextsAreWhatEncodingJSONMakesOfThem(t *testing.T) {
	t.Parallel()
	piece := rapid.OneOf(rapid.SampledFrom([]string{`\n`, `\"`, `\\`, `\/`, `\u0000`, `\ud83d\ude00`, `\ud800`, `\u00e9`, "\xff", "\xed\xa0\x80", "é", "日本", "a", " ", "</script>"}))
	rapid.Check(t, func(rt *rapid.T) {
		text := `"` + strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(rt, "pieces"), "") + `"`
		var want string
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			rt.Fatal(err)
		}
		j, err := decodeJob(t, []byte(`{"id":1,"name":`+text+`,"workflow_name":`+text+`,"labels":["x",`+text+`],"runner_id":7,"steps":[{"name":`+text+`},{"name":`+text+`}]}`))
		if err != nil {
			rt.Fatal(err)
		}
		label := "" // an empty one is left out
		if len(j.Labels) > 1 {
			label = j.Labels[1]
		}
		for _, got := range []string{*j.Name, *j.WorkflowName, label, *j.Steps[0].Name, *j.Steps[1].Name} {
			if got != want {
				rt.Fatalf("%s became %q, want %q", text, got, want)
			}
		}
	})
}

// TestTimesAreWhatGoGitHubMakesOfThem compares times in many forms with go-github.
func TestTimesAreWhatGoGitHubMakesOfThem(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`"2026-05-04T10:00:00Z"`, `"2026-05-04T10:00:00.123Z"`, `"2020-01-20T09:42:40.000-08:00"`, `"2026-05-04T24:00:00Z"`, `"2026-02-30T10:00:00Z"`,
		`"2026-05-04T10:00:00,5Z"`, `"2026-05-04T1:00:00Z"`, `"2026-05-04T10:00:00+99:99"`, `1588586400`, `1588586400000`, `-1`, `0`, `1.5`, `"x"`, `true`, `{}`, `[]`, `"2026-05-04T10:00:00\u005a"`,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			var want github.Timestamp
			wantErr := json.Unmarshal([]byte(text), &want)
			j, err := decodeJob(t, []byte(`{"id":1,"created_at":`+text+`,"runner_id":7}`))
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("got %v, want %v", err, wantErr)
			}
			if err != nil || job.IsNoTime(want.Time) {
				return
			}
			if !j.CreatedAt.Equal(want.Time) || j.CreatedAt.Location() != time.UTC {
				t.Errorf("got %s, want %s", j.CreatedAt, want.UTC())
			}
		})
	}
}

// TestTextsThatAreNoStrings: the errors are the same as from encoding/json.
func TestTextsThatAreNoStrings(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{`5`: "number", `true`: "bool", `{}`: "object", `[]`: "array"} {
		_, err := decodeJob(t, []byte(`{"id":1,"name":`+value+`}`))
		var e *actions.Error
		var wrong *json.UnmarshalTypeError
		if !errors.As(err, &e) || e.Kind != actions.Malformed || !errors.As(err, &wrong) || wrong.Value != want {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// TestAJobKeepsNothingOfItsAnswer overwrites an answer after it was decoded.
func TestAJobKeepsNothingOfItsAnswer(t *testing.T) {
	t.Parallel()
	body := []byte(`{"id":1,"name":"build","workflow_name":"CI","head_sha":"abc","labels":["linux"],"runner_id":7,"created_at":"2026-05-04T10:00:00Z","steps":[{"number":1,"name":"Run","status":"completed"}]}`)
	j, err := actions.DecodeJob(body)
	if err != nil {
		t.Fatal(err)
	}
	for i := range body {
		body[i] = 'x'
	}
	got := []string{*j.Name, *j.WorkflowName, *j.HeadSHA, j.Labels[0], *j.Steps[0].Name, *j.Steps[0].Status}
	if want := "build CI abc linux Run completed"; strings.Join(got, " ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, " "), want)
	}
}
