package actions_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v62/github"
	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/contract"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// TestWhatIsDecodedIsDescribed: each property that is decoded is one of GitHub's, of the same type.
func TestWhatIsDecodedIsDescribed(t *testing.T) {
	t.Parallel()
	facts := githubtest.Contract()
	const run = "GET /repos/{owner}/{repo}/actions/runs"
	for _, server := range facts.Servers {
		holdToSchema(t, facts, server, reflect.TypeFor[github.WorkflowJob](), facts.Schema(server, "job"))
		holdToSchema(t, facts, server, reflect.TypeFor[actions.WireRun](), facts.Schema(server, "workflow-run"))
		for operation, decoded := range map[string][]string{
			run:                    {"total_count", "workflow_runs"},
			run + "/{run_id}/jobs": {"jobs", "total_count"},
			strings.Replace(run, "/runs", "/workflows/{workflow_id}/runs", 1): {"total_count", "workflow_runs"},
			run + "/{run_id}/attempts/{attempt_number}/jobs":                  {"jobs", "total_count"},
		} {
			if got := slices.Sorted(maps.Keys(facts.Answer(server, operation).Properties)); !slices.Equal(got, decoded) {
				t.Errorf("%s: %s answers %v, decoded are %v", server, operation, got, decoded)
			}
		}
	}
}

func holdToSchema(t *testing.T, facts *contract.Facts, server string, decoded reflect.Type, schema *contract.Schema) {
	t.Helper()
	for field := range decoded.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		property := facts.Resolve(server, schema.Properties[name])
		if property == nil {
			t.Errorf("%s: %s.%s is decoded, but not described", server, decoded.Name(), name)
			continue
		}
		kind := field.Type
		for kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		want := map[string]string{"int64": "integer", "string": "string", "slice": "array", "struct": "object"}[kind.Kind().String()]
		switch kind {
		case reflect.TypeFor[github.Timestamp](), reflect.TypeFor[actions.WireTimestamp]():
			want = "string"
		case reflect.TypeFor[actions.WireNumber]():
			want = "integer"
		}
		if property.Type != want {
			t.Errorf("%s: %s.%s is decoded as %s, described as %s", server, decoded.Name(), name, want, property.Type)
		}
		if want == "object" {
			holdToSchema(t, facts, server, kind, property)
		}
		if want == "array" && kind.Elem().Kind() == reflect.Pointer {
			holdToSchema(t, facts, server, kind.Elem().Elem(), facts.Resolve(server, property.Items))
		}
	}
}

// TestGeneratedAnswers: each property has any value that GitHub's description allows, is null or is
// missing. Properties that are not read have any value. This must not change any other property.
func TestGeneratedAnswers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		server := githubtest.NewInMemory(rt, githubtest.NewWorld())
		g := generator{facts: githubtest.Contract(), server: rapid.SampledFrom(githubtest.Contract().Servers).Draw(rt, "server")}
		run := g.run(rt)
		run["id"] = int64(700)
		jobs := make([]any, rapid.IntRange(0, 3).Draw(rt, "jobs"))
		for i := range jobs {
			jobs[i] = g.job(rt, int64(i+1))
		}
		list := listOf(rt, "jobs", jobs)
		serve(server, runPath, run)
		serve(server, runPath+"/jobs", list)
		got, err := memoryClient(rt, server).RunJobs(t.Context(), actions.RunQuery{Repository: actions.Repository{Owner: "acme", Name: "app"}, RunID: 700})
		if err != nil || len(got.Jobs) != len(jobs) {
			rt.Fatalf("got %d of %d jobs, %v", len(got.Jobs), len(jobs), err)
		}
		compare(rt, "run", runProperties(got.Run), expectedRun(run))
		for _, j := range got.Jobs {
			answer, _ := jobs[job.Value(j.ID)-1].(githubtest.Object)
			compare(rt, "job", jobProperties(j), expectedJob(answer))
		}
	})
}

// TestGeneratedJob is the read of one job by its ID.
func TestGeneratedJob(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		server := githubtest.NewInMemory(rt, githubtest.NewWorld())
		g := generator{facts: githubtest.Contract(), server: githubtest.Contract().Servers[0]}
		answer := g.job(rt, 1)
		serve(server, "/repos/acme/app/actions/jobs/1", answer)
		server.Handle(runPath, http.HandlerFunc(githubtest.Body("application/json", "[]"))) // asked for after a re-run, and of no use
		got, err := memoryClient(rt, server).Job(t.Context(), actions.Repository{Owner: "acme", Name: "app"}, 1)
		if err != nil {
			rt.Fatal(err)
		}
		compare(rt, "job", jobProperties(got), expectedJob(answer))
	})
}

// TestGeneratedRuns is the list of runs.
func TestGeneratedRuns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		server := githubtest.NewInMemory(rt, githubtest.NewWorld())
		g := generator{facts: githubtest.Contract(), server: githubtest.Contract().Servers[0]}
		runs := make([]any, rapid.IntRange(0, 3).Draw(rt, "runs"))
		for i := range runs {
			run := g.run(rt)
			run["id"] = int64(i + 1)
			runs[i] = run
		}
		serve(server, workflowRunsPath, listOf(rt, "workflow_runs", runs))
		got, err := memoryClient(rt, server).WorkflowRuns(t.Context(), actions.RunsQuery{Repository: actions.Repository{Owner: "acme", Name: "app"}, Max: 10})
		if err != nil || len(got.Runs) != len(runs) {
			rt.Fatalf("got %d of %d runs, %v", len(got.Runs), len(runs), err)
		}
		for _, run := range got.Runs {
			answer, _ := runs[job.Value(run.ID)-1].(githubtest.Object)
			compare(rt, "run", runProperties(run), expectedRun(answer))
		}
	})
}

func serve(server *githubtest.Server, path string, answer githubtest.Object) {
	server.Handle(path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { githubtest.SendJSON(w, r, answer) }))
}

func memoryClient(rt *rapid.T, server *githubtest.Server) *actions.Client {
	base, err := url.Parse(server.BaseURL())
	if err != nil {
		rt.Fatal(err)
	}
	return actions.NewClient(actions.Config{HTTP: &http.Client{Transport: server.RoundTripper()}, BaseURL: base, UserAgent: "test", MaxConcurrent: 2})
}

func compare(rt *rapid.T, what string, got, want map[string]string) {
	for name, value := range got {
		if value != want[name] {
			rt.Errorf("%s of the %s is %q, want %q", name, what, value, want[name])
		}
	}
}

// isUnread reports whether a property is not read.
func isUnread(read map[string]string) func(string) bool {
	return func(name string) bool {
		_, ok := read[name]
		return !ok
	}
}

// generator makes answers that the description of a server allows, and some that it does not.
type generator struct {
	facts  *contract.Facts
	server string
}

// job is a job of run 700. Of its properties, only the IDs must be right.
func (g generator) job(rt *rapid.T, id int64) githubtest.Object {
	answer := g.answer(rt, "job", isUnread(jobProperties(new(job.Job))))
	answer["id"] = id
	if answer["run_id"] != nil {
		answer["run_id"] = int64(700)
	}
	return answer
}

// run is a run. Its IDs of other objects are sometimes of another type.
func (g generator) run(rt *rapid.T) githubtest.Object {
	answer := g.answer(rt, "workflow-run", isUnread(runProperties(new(job.Run))))
	for _, name := range []string{"workflow_id", "check_suite_id"} {
		if rapid.IntRange(0, 2).Draw(rt, name+" of another type?") == 0 {
			answer[name] = rapid.SampledFrom([]any{"ci.yml", "159038", "-1", "1.5", true, 1.5, json.RawMessage("1e999"), []any{1}, map[string]any{"id": 1}}).Draw(rt, name)
		}
	}
	return answer
}

// answer is an object with each property absent, null or of an allowed type. One that is not read may
// be anything, and there may be unknown ones.
func (g generator) answer(rt *rapid.T, name string, isUnread func(string) bool) githubtest.Object {
	schema := g.facts.Schema(g.server, name)
	answer := g.object(rt, schema, name)
	for property := range schema.Properties {
		if _, ok := answer[property]; ok && isUnread(property) {
			answer[property] = anything().Draw(rt, property)
		}
	}
	if rapid.Bool().Draw(rt, "unknown") {
		answer["a_new_property"] = anything().Draw(rt, "a_new_property")
	}
	return answer
}

func (g generator) object(rt *rapid.T, schema *contract.Schema, at string) githubtest.Object {
	object := githubtest.Object{}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		switch rapid.IntRange(0, 5).Draw(rt, at+"."+name+"?") {
		case 0: // absent
		case 1:
			object[name] = nil
		default:
			object[name] = g.value(rt, schema.Properties[name], at+"."+name)
		}
	}
	return object
}

// value draws a value that a schema allows.
func (g generator) value(rt *rapid.T, schema *contract.Schema, at string) any {
	schema = g.facts.Resolve(g.server, schema)
	switch {
	case schema == nil || schema.Type == "" && len(schema.AnyOf) == 0:
		return anything().Draw(rt, at)
	case len(schema.AnyOf) > 0:
		return g.value(rt, rapid.SampledFrom(schema.AnyOf).Draw(rt, at+" of"), at)
	case len(schema.Enum) > 0 && rapid.Bool().Draw(rt, at+" known"):
		return rapid.SampledFrom(schema.Enum).Draw(rt, at)
	case schema.Format == "date-time":
		return moment().Draw(rt, at)
	}
	switch schema.Type {
	case "integer":
		return rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 5), rapid.Int64Min(0)).Draw(rt, at)
	case "boolean":
		return rapid.Bool().Draw(rt, at)
	case "array":
		values := make([]any, rapid.IntRange(0, 3).Draw(rt, at+" length"))
		for i := range values {
			values[i] = g.value(rt, schema.Items, fmt.Sprintf("%s[%d]", at, i))
		}
		return values
	case "object":
		return g.object(rt, schema, at)
	}
	return rapid.OneOf(rapid.Just(""), rapid.String()).Draw(rt, at)
}

// moment is a time in one of the forms that servers send.
func moment() *rapid.Generator[any] {
	return rapid.Custom(func(rt *rapid.T) any {
		at := time.UnixMilli(rapid.Int64Range(86_400_000*2, 4_102_444_800_000).Draw(rt, "ms"))
		zone := time.FixedZone("", 60*rapid.IntRange(-12*60, 12*60).Draw(rt, "zone"))
		return rapid.SampledFrom([]string{
			"", "0001-01-01T00:00:00Z", "1970-01-01T01:00:00+01:00", at.UTC().Format(time.RFC3339),
			at.In(zone).Format(time.RFC3339), at.In(zone).Format("2006-01-02T15:04:05.000Z07:00"),
		}).Draw(rt, "form")
	})
}

// anything is any JSON.
func anything() *rapid.Generator[any] {
	return rapid.SampledFrom([]any{
		nil, true, 0, -1, 1.5, json.RawMessage("1e999"), json.RawMessage("123456789012345678901234567890"), "", "text", "2026-05-04",
		[]any{}, []any{nil}, []any{1, "x", []any{}}, map[string]any{}, map[string]any{"id": "x", "login": 1, "": nil},
	})
}

// listOf is a page with all entries of a list. Its count may be missing, and a list that is counted as
// empty may be null.
func listOf(rt *rapid.T, name string, entries []any) githubtest.Object {
	list := githubtest.Object{name: entries, "a_new_property": anything().Draw(rt, "beside the list")}
	switch rapid.IntRange(0, 2).Draw(rt, "total_count") {
	case 0:
		list["total_count"] = nil
	case 1:
		list["total_count"] = len(entries)
		if len(entries) == 0 && rapid.Bool().Draw(rt, "null") {
			list[name] = nil
		}
	}
	return list
}
