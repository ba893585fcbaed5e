package githubtest_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

const runsPath = "/repos/acme/app/actions/runs"

// runIDs asks for a list of runs and gives the ids.
func runIDs(t *testing.T, server *githubtest.Server, path string) (ids string, total int) {
	t.Helper()
	_, body, _ := get(t, server, path)
	var answer struct {
		Total int                  `json:"total_count"`
		Runs  []struct{ ID int64 } `json:"workflow_runs"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatalf("%s: %s", path, body)
	}
	list := make([]string, len(answer.Runs))
	for i, run := range answer.Runs {
		list[i] = fmt.Sprint(run.ID)
	}
	return strings.Join(list, " "), answer.Total
}

func TestRunsAreFiltered(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	world.Repository("acme/app").
		Run(1, 1, githubtest.Object{"created_at": "2026-05-03T23:59:59Z"}).
		Run(2, 1, githubtest.Object{"created_at": "2026-05-04T00:00:00Z", "event": "schedule", "head_branch": "next"}).
		Run(3, 1, githubtest.Object{"created_at": "2026-05-04T12:00:00Z", "conclusion": "failure", "check_suite_id": 77}).
		Run(4, 1, githubtest.Object{
			"created_at": "2026-05-05T00:00:00+00:00", "actor": githubtest.User("Ada"), "head_sha": "abc",
			"status": "queued", "conclusion": nil, "pull_requests": []any{githubtest.Object{"id": 1}},
		}).
		Run(5, 1, githubtest.Object{"created_at": githubtest.Absent, "path": ".github/workflows/ci.yml@refs/heads/main"})
	server := githubtest.New(t, world)
	for _, c := range []struct{ parameter, value, want string }{
		{"created", "2026-05-04", "3 2"},
		{"created", ">2026-05-04", "4"},
		{"created", ">=2026-05-04", "4 3 2"},
		{"created", "<2026-05-04", "1"},
		{"created", "<=2026-05-04", "3 2 1"},
		{"created", "2026-05-03..2026-05-04", "3 2 1"},
		{"created", "2026-05-04..*", "4 3 2"},
		{"created", "*..2026-05-03", "1"},
		{"created", "2026-05-04T12:00:00Z", "3"},
		{"created", ">2026-05-04T12:00:00Z", "4"},
		{"created", ">=2026-05-04T14:00:00+02:00", "4 3"},
		{"created", "<2026-05-04T12:00:00Z", "2 1"},
		{"created", "<=2026-05-04T12:00:00Z", "3 2 1"},
		{"created", "2026-05-04T00:00:00Z..2026-05-04T12:00:00Z", "3 2"},
		{"created", "2026-05-04T00:00:01Z..2026-05-05", "4 3"},
		{"created", "2026-05-04T12:00", "3"},
		{"created", ">2026-05-04T12:00:00", "4"},
		{"created", "2026-05-04T00:00+00:00..2026-05-04T12:00Z", "3 2"},
		{"branch", "next", "2"},
		{"event", "schedule", "2"},
		{"actor", "ada", "4"},
		{"head_sha", "abc", "4"},
		{"status", "failure", "3"},
		{"status", "queued", "4"},
		{"check_suite_id", "77", "3"},
		{"check_suite_id", "78", ""},
	} {
		if got, _ := runIDs(t, server, runsPath+"?"+url.Values{c.parameter: {c.value}}.Encode()); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.parameter, c.value, got, c.want)
		}
	}
	if got, _ := runIDs(t, server, "/repos/acme/app/actions/workflows/ci.yml/runs?event=push&status=success"); got != "1 5" {
		t.Errorf("two filters: %s", got)
	}
	for path, want := range map[string]bool{
		runsPath: true, runsPath + "?exclude_pull_requests=true": false,
		runsPath + "/4": true, runsPath + "/4?exclude_pull_requests=true": false,
	} {
		if _, body, _ := get(t, server, path); strings.Contains(body, `"pull_requests":[{"id":1}]`) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}

// TestAFilterThatGitHubDoesNotKnowFailsTheTest: the client must not rely on a guess.
func TestAFilterThatGitHubDoesNotKnowFailsTheTest(t *testing.T) {
	t.Parallel()
	for created, want := range map[string]string{
		"yesterday":              `created has "yesterday", which is neither a date nor a time`,
		"==2026-05-04":           `created has the operator "==", which GitHub does not know`,
		"2026-05-01..":           `created has "", which is neither a date nor a time`,
		"2026-05..2026-05-04":    `created has "2026-05", which is neither a date nor a time`,
		"2026-05-04T12:00:00 02": `created has "2026-05-04T12:00:00 02", which is neither a date nor a time`,
	} {
		r := &recorder{}
		world := githubtest.NewWorld()
		world.Repository("acme/app")
		query := url.Values{"created": {created}}.Encode()
		if status, _, _ := get(t, githubtest.New(r, world), runsPath+"?"+query); status != 422 {
			t.Errorf("%s: %d", created, status)
		}
		want = "githubtest: unexpected request: GET " + runsPath + "?" + query + ": " + want
		if got := strings.Join(r.end(), "\n"); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// TestAFilteredListEndsAtAThousand: GitHub's cap. total_count tells how many there are.
func TestAFilteredListEndsAtAThousand(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	app := world.Repository("acme/app")
	start := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for i := range int64(1100) {
		app.Run(i+1, 1, githubtest.Object{"created_at": start.Add(time.Duration(i) * time.Minute).Format(time.RFC3339)})
	}
	server := githubtest.New(t, world)
	for query, want := range map[string]struct {
		runs        int
		first, last string
	}{
		"?event=push&per_page=100":                       {100, "1100", "1001"},
		"?event=push&per_page=100&page=10":               {100, "200", "101"},
		"?event=push&per_page=100&page=11":               {0, "", ""},
		"?event=push&per_page=30&page=34":                {10, "110", "101"},
		"?per_page=100&page=11":                          {100, "100", "1"},
		"?exclude_pull_requests=true&per_page=3&page=2":  {3, "1097", "1095"},
		"?created=%3E%3D2026-05-01&per_page=100&page=10": {100, "200", "101"},
	} {
		got, total := runIDs(t, server, runsPath+query)
		ids := strings.Fields(got)
		if total != 1100 || len(ids) != want.runs {
			t.Errorf("%s: %d of %d, want %d", query, len(ids), total, want.runs)
			continue
		}
		if len(ids) > 0 && (ids[0] != want.first || ids[len(ids)-1] != want.last) {
			t.Errorf("%s: from %s to %s, want from %s to %s", query, ids[0], ids[len(ids)-1], want.first, want.last)
		}
	}
	_, _, header := get(t, server, runsPath+"?event=push&per_page=100&page=9")
	if link := header.Get("Link"); !strings.Contains(link, `page=10&per_page=100>; rel="last"`) {
		t.Errorf("Link %s", link)
	}
}

func TestWorkflows(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	world.Repository("acme/app").Run(1, 1, nil).Workflow(7, "Idle", ".github/workflows/idle.yml")
	server := githubtest.New(t, world)
	server.ExpectMissing("/repos/acme/app/actions/workflows/gone.yml", "/repos/acme/app/actions/workflows/gone.yml/runs")
	const workflows = "/repos/acme/app/actions/workflows"
	for path, want := range map[string]string{
		workflows + "/ci.yml": ".github/workflows/ci.yml", workflows + "/11": ".github/workflows/ci.yml",
		workflows + "/idle.yml": ".github/workflows/idle.yml",
	} {
		if got := first(t, answerOf(t, server, path))["path"]; got != want {
			t.Errorf("%s: %v, want %s", path, got, want)
		}
	}
	if list := first(t, answerOf(t, server, workflows)); list["total_count"] != 2.0 || first(t, list["workflows"])["id"] != 7.0 {
		t.Errorf("got %v", list)
	}
	if ids, total := runIDs(t, server, workflows+"/idle.yml/runs"); ids != "" || total != 0 {
		t.Errorf("a workflow without runs: %s of %d", ids, total)
	}
	for _, path := range []string{workflows + "/gone.yml", workflows + "/gone.yml/runs"} {
		if status, _, _ := get(t, server, path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}
