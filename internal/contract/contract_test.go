package contract_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/contract"
)

// described is a description with every operation in use. Two of them have parameters and answers.
func described(t *testing.T, stepType string) contract.Document {
	t.Helper()
	paths := map[string]any{}
	for _, name := range contract.Used() {
		method, path, _ := strings.Cut(name, " ")
		paths[path] = map[string]any{strings.ToLower(method): map[string]any{"responses": map[string]any{"200": map[string]any{}}}}
	}
	const jobs = "/repos/{owner}/{repo}/actions/runs/{run_id}/jobs"
	paths[jobs] = parse(t, `{"get": {"description": "prose", "parameters": [
		{"$ref": "#/components/parameters/run-id"},
		{"name": "filter", "in": "query", "description": "prose", "schema": {"type": "string", "enum": ["latest", "all"], "default": "latest"}},
		{"name": "latest", "in": "query", "schema": {"type": "boolean"}},
		{"name": "per_page", "in": "query", "schema": {"type": "integer"}},
		{"name": "accept", "in": "header", "schema": {"type": "string"}}
	], "responses": {
		"200": {"content": {"application/json": {"schema": {"type": "object", "required": ["jobs"], "properties": {
			"jobs": {"type": "array", "items": {"$ref": "#/components/schemas/job"}}}}, "examples": {"x": {"$ref": "#/components/examples/job"}}}}},
		"404": {"$ref": "#/components/responses/not-found"}}}}`)
	paths["/user"] = parse(t, `{"get": {"parameters": [{"name": "who", "in": "query", "required": true, "schema": {"type": "string"}}], "responses": {"200": {}}}}`)
	return contract.Document{
		"openapi": "3.0.3", "info": map[string]any{"title": "GitHub"}, "paths": paths,
		"components": parse(t, `{
			"parameters": {"run-id": {"name": "run_id", "in": "path", "required": true, "schema": {"type": "integer"}}},
			"responses": {"not-found": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/basic-error"}}}}},
			"examples": {"job": {"value": {"id": 1}}, "other": {}},
			"schemas": {
				"basic-error": {"type": "object", "properties": {"message": {"type": "string"}}},
				"unused": {"type": "object"},
				"job": {"type": "object", "description": "prose", "required": ["id", "name"], "properties": {
					"id": {"type": "integer", "example": 21, "format": "int64"},
					"name": {"type": "string"},
					"ratio": {"type": "number"},
					"ended_at": {"type": "string", "format": "date-time", "nullable": true},
					"result": {"type": "string", "nullable": true, "enum": ["success", "failure", null]},
					"step": {"oneOf": [{"type": "`+stepType+`"}, {"type": "object", "required": ["number"]}]},
					"parent": {"allOf": [{"$ref": "#/components/schemas/job"}]}
				}}
			}}`),
	}
}

func parse(t *testing.T, text string) map[string]any {
	t.Helper()
	object := map[string]any{}
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func facts(t *testing.T) *contract.Facts {
	t.Helper()
	facts, err := contract.Extract("npm x@1", []string{"one", "two"}, map[string]contract.Document{
		"one": described(t, "string"), "two": described(t, "boolean"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// TestFactsSurviveTheFile: facts are the same after Encode and Parse, and do not contain prose.
func TestFactsSurviveTheFile(t *testing.T) {
	t.Parallel()
	want := facts(t)
	text, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := contract.Parse(text)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, word := range []string{"prose", "example", "default", "accept", "unused"} {
		if strings.Contains(string(text), word) {
			t.Errorf("%q is in the facts", word)
		}
	}
	if n := len(got.Schemas["job"]); n != 2 {
		t.Errorf("a job that differs between servers has %d variants", n)
	}
	if v := got.Schemas["basic-error"]; len(v) != 1 || !slices.Equal(v[0].Servers, []string{"one", "two"}) {
		t.Errorf("an error that is the same everywhere: %+v", v)
	}
}

func TestADescriptionWithoutAnOperation(t *testing.T) {
	t.Parallel()
	_, err := contract.Extract("npm x@1", []string{"one"}, map[string]contract.Document{"one": {}})
	if err == nil || err.Error() != "one: GET /orgs/{org}: the description has no such operation" {
		t.Errorf("got %v", err)
	}
	if _, err := contract.Parse([]byte("{")); err == nil {
		t.Error("half a file was read")
	}
}

func TestCheckRequest(t *testing.T) {
	t.Parallel()
	f := facts(t)
	const jobs = "/repos/acme/app/actions/runs/7/jobs"
	const of = "GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs of one: "
	for request, want := range map[string]string{
		"GET " + jobs: "",
		"GET " + jobs + "?filter=all&latest=true": "",
		"GET " + jobs + "?filter=some":            of + `filter is "some", want one of latest, all`,
		"GET " + jobs + "?filter=all&filter=all":  of + "filter is there more than once",
		"GET " + jobs + "?latest=yes":             of + `latest is "yes", want true or false`,
		"GET " + jobs + "?per_page=x":             of + `per_page is "x", want a number from 1`,
		"GET " + jobs + "?per_page=101":           of + "per_page is 101, want at most 100",
		"GET " + jobs + "?accept=x":               of + "accept is not a parameter",
		"GET /repos/acme/app/actions/runs/x/jobs": of + `run_id is "x", want a number from 1`,
		"GET /user":       "GET /user of one: who is missing",
		"POST /user":      "one has no operation POST /user",
		"GET /repos//app": "one has no operation GET /repos//app",
	} {
		method, rest, _ := strings.Cut(request, " ")
		u, err := url.Parse(rest)
		if err != nil {
			t.Fatal(err)
		}
		if got := f.CheckRequest(method, u.Path, u.Query()); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", request, got, want)
		}
	}
}

func TestCheckAnswer(t *testing.T) {
	t.Parallel()
	f := facts(t)
	const operation = "GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs"
	for body, want := range map[string]string{
		`{"jobs":[]}`: "",
		`{"jobs":[{"id":1,"name":"x","ratio":1.5,"ended_at":null,"result":"success","step":"y","new":1}]}`:             "",
		`{"jobs":[{"id":1,"name":"x","ratio":2,"ended_at":"2026-05-04T10:00:00Z","result":null,"step":{"number":1}}]}`: "",
		`{}`:                                "jobs is missing",
		`[]`:                                " is array, want object",
		`{"jobs":null}`:                     "jobs is null, want array",
		`{"jobs":[{"id":"1"}]}`:             "jobs[0].name is missing; jobs[0].id is string, want integer",
		`{"jobs":[{"id":1.5,"name":true}]}`: "jobs[0].id is number, want integer; jobs[0].name is boolean, want string",
		`{"jobs":[{"id":1,"name":"x","ended_at":"soon","result":"bad"}]}`: `jobs[0].ended_at is "soon", want a time; jobs[0].result is "bad", want one of success, failure`,
		`{"jobs":[{"id":1,"name":"x","step":{}}]}`:                        "jobs[0].step is object, want string",
		`{"jobs":[{"id":1,"name":"x","parent":{"id":1}}]}`:                "jobs[0].parent.name is missing",
		`{`: "the answer is not JSON: unexpected EOF",
	} {
		if got := strings.Join(f.CheckAnswer("one", operation, 200, []byte(body)), "; "); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", body, got, want)
		}
	}
	if got := f.CheckAnswer("two", operation, 200, []byte(`{"jobs":[{"id":1,"name":"x","step":"y"}]}`)); len(got) != 1 {
		t.Errorf("another server's schema: %v", got)
	}
	if got := fmt.Sprint(f.CheckAnswer("one", operation, 500, nil)); got != "["+operation+" of one does not answer 500]" {
		t.Errorf("got %s", got)
	}
	if got := f.CheckAnswer("one", "GET /user", 200, []byte("not JSON")); got != nil {
		t.Errorf("an answer without a schema: %v", got)
	}
}

// TestCutOut: it keeps the operations in use and the components that they refer to, and nothing
// else.
func TestCutOut(t *testing.T) {
	t.Parallel()
	document := described(t, "string")
	paths, _ := document["paths"].(map[string]any)
	paths["/emojis"] = parse(t, `{"get": {}}`)
	text, err := json.Marshal(contract.CutOut(document))
	if err != nil {
		t.Fatal(err)
	}
	cut := parse(t, string(text))
	components, _ := cut["components"].(map[string]any)
	names := func(kind string) string {
		object, _ := components[kind].(map[string]any)
		var all []string
		for name := range object {
			all = append(all, name)
		}
		slices.Sort(all)
		return strings.Join(all, " ")
	}
	got := fmt.Sprintf("%s | %s | %s | %s", names("schemas"), names("examples"), names("parameters"), names("responses"))
	if got != "basic-error job | job | run-id | not-found" || strings.Contains(string(text), "emojis") {
		t.Errorf("got %s", got)
	}
}
