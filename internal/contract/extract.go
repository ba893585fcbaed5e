package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// Used lists the operations that the provider sends, and other operations that the stand-in
// answers.
func Used() []string {
	const repository = "/repos/{owner}/{repo}"
	const runs, workflows = repository + "/actions/runs", repository + "/actions/workflows"
	return []string{
		"GET /orgs/{org}",
		"GET /orgs/{org}/repos",
		"GET " + repository,
		"GET " + repository + "/actions/jobs/{job_id}",
		"GET " + repository + "/actions/jobs/{job_id}/logs",
		"GET " + runs,
		"GET " + runs + "/{run_id}",
		"GET " + runs + "/{run_id}/attempts/{attempt_number}",
		"GET " + runs + "/{run_id}/attempts/{attempt_number}/jobs",
		"GET " + runs + "/{run_id}/jobs",
		"GET " + workflows,
		"GET " + workflows + "/{workflow_id}",
		"GET " + workflows + "/{workflow_id}/runs",
		"GET /user",
		"GET /user/repos",
		"GET /users/{username}",
		"GET /users/{username}/repos",
		"POST /app/installations/{installation_id}/access_tokens",
	}
}

// unread is a large schema that is not used here: the permissions of an App's token.
const unread = "app-permissions"

// Document is one server's OpenAPI description.
type Document map[string]any

// Extract returns the facts in descriptions, by server. Most facts are true for the first server.
func Extract(pkg string, servers []string, documents map[string]Document) (*Facts, error) {
	facts := &Facts{
		Package: pkg, Servers: servers,
		Operations: map[string][]Variant[Operation]{}, Schemas: map[string][]Variant[*Schema]{},
	}
	for _, server := range servers {
		e := extractor{document: documents[server], schemas: map[string]*Schema{}}
		for _, name := range Used() {
			operation, err := e.operation(name)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", server, name, err)
			}
			facts.Operations[name] = insert(facts.Operations[name], server, operation)
		}
		for name, schema := range e.schemas {
			facts.Schemas[name] = insert(facts.Schemas[name], server, schema)
		}
	}
	return facts, nil
}

// insert adds a server to an equal variant, or adds a new variant.
func insert[T any](variants []Variant[T], server string, is T) []Variant[T] {
	for i := range variants {
		if v := &variants[i]; reflect.DeepEqual(v.Is, is) {
			v.Servers = append(v.Servers, server)
			return variants
		}
	}
	return append(variants, Variant[T]{[]string{server}, is})
}

// extractor reads one description and collects the schemas that it finds.
type extractor struct {
	document Document
	schemas  map[string]*Schema
}

func (e extractor) operation(name string) (Operation, error) {
	method, path, _ := strings.Cut(name, " ")
	found := at(e.document, "paths", path, strings.ToLower(method))
	if found == nil {
		return Operation{}, errors.New("the description has no such operation")
	}
	operation := Operation{Answers: map[string]*Schema{}}
	for _, value := range list(found["parameters"]) {
		p := e.follow(value)
		in := text(p["in"])
		if in != "path" && in != "query" {
			continue
		}
		operation.Parameters = append(operation.Parameters, Parameter{
			Name: text(p["name"]), In: in, Required: p["required"] == true, Schema: e.schema(p["schema"]),
		})
	}
	for status, value := range at(found, "responses") {
		operation.Answers[status] = e.schema(at(e.follow(value), "content", "application/json")["schema"])
	}
	return operation, nil
}

// follow returns an object, or the part of the description that it refers to.
func (e extractor) follow(value any) map[string]any {
	object, _ := value.(map[string]any)
	if ref := text(object["$ref"]); ref != "" {
		return at(e.document, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return object
}

// schema keeps only the facts in a schema. A schema with a name becomes a reference.
func (e extractor) schema(value any) *Schema {
	from, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	if name, ok := strings.CutPrefix(text(from["$ref"]), "#/components/schemas/"); ok {
		if name == unread {
			return &Schema{Type: "object"}
		}
		if _, known := e.schemas[name]; !known {
			e.schemas[name] = nil // ends a cycle
			e.schemas[name] = e.schema(at(e.document, "components", "schemas", name))
		}
		return &Schema{Ref: name}
	}
	s := &Schema{
		Type: text(from["type"]), Nullable: from["nullable"] == true, Enum: texts(from["enum"]),
		Required: texts(from["required"]), Items: e.schema(from["items"]),
		AnyOf: e.schemasOf(slices.Concat(list(from["anyOf"]), list(from["oneOf"]))), AllOf: e.schemasOf(list(from["allOf"])),
	}
	if format := text(from["format"]); format == "date-time" {
		s.Format = format
	}
	for name, property := range at(from, "properties") {
		if s.Properties == nil {
			s.Properties = map[string]*Schema{}
		}
		s.Properties[name] = e.schema(property)
	}
	return s
}

func (e extractor) schemasOf(values []any) []*Schema {
	var schemas []*Schema
	for _, value := range values {
		schemas = append(schemas, e.schema(value))
	}
	return schemas
}

// CutOut returns the description of only the operations in use, for a server that answers from it.
func CutOut(document Document) Document {
	cut := Document{
		"openapi": document["openapi"], "info": document["info"],
		"servers": []any{map[string]any{"url": "/"}},
	}
	paths, components := map[string]any{}, map[string]any{}
	cut["paths"], cut["components"] = paths, components
	for _, name := range Used() {
		method, path, _ := strings.Cut(name, " ")
		method = strings.ToLower(method)
		if operation := at(document, "paths", path, method); operation != nil {
			paths[path] = map[string]any{method: operation}
			copyReferences(document, components, operation)
		}
	}
	return cut
}

// copyReferences copies the components that a value refers to, and those that these refer to.
func copyReferences(document Document, components map[string]any, value any) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			copyReferences(document, components, element)
		}
	case map[string]any:
		kind, name, ok := strings.Cut(strings.TrimPrefix(text(v["$ref"]), "#/components/"), "/")
		if ok {
			kinds, _ := components[kind].(map[string]any)
			if kinds == nil {
				kinds = map[string]any{}
				components[kind] = kinds
			}
			if _, known := kinds[name]; !known {
				target := at(document, "components", kind, name)
				kinds[name] = target
				copyReferences(document, components, target)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			copyReferences(document, components, v[key])
		}
	}
}

// Encode writes facts with each small object and list on a line, so that a change shows as the lines
// that changed.
func (f *Facts) Encode() ([]byte, error) {
	long, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		return nil, err
	}
	for _, small := range []string{`\[[^][{}]*\]`, `\{[^{}]*\}`} {
		long = regexp.MustCompile(small).ReplaceAllFunc(long, func(part []byte) []byte {
			return []byte(strings.Join(strings.Fields(string(part)), " "))
		})
	}
	return append(long, '\n'), nil
}

// at goes down through objects.
func at(object map[string]any, keys ...string) map[string]any {
	for _, key := range keys {
		object, _ = object[key].(map[string]any)
	}
	return object
}

func list(value any) []any {
	values, _ := value.([]any)
	return values
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

// texts returns the strings of a list. It ignores null in an enum, because nullable already says
// so.
func texts(value any) []string {
	var all []string
	for _, element := range list(value) {
		if s, ok := element.(string); ok {
			all = append(all, s)
		}
	}
	return all
}
