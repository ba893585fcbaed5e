// Package contract contains facts from GitHub's OpenAPI description of its REST API: operations,
// their parameters and their answers. Tests check the provider and the stand-in against them. The
// command in update makes the facts from the published description.
package contract

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Facts are the operations that the provider uses and the objects that they answer with. The
// servers differ only in details, so each fact names the servers that it applies to.
type Facts struct {
	Package    string                          `json:"package"` // npm package and version
	Servers    []string                        `json:"servers"`
	Operations map[string][]Variant[Operation] `json:"operations"` // by method and path, as "GET /user"
	Schemas    map[string][]Variant[*Schema]   `json:"schemas"`    // by the name in the description
}

// Variant is a fact and the servers that it applies to.
type Variant[T any] struct {
	Servers []string `json:"servers"`
	Is      T        `json:"is"`
}

// Operation has the parameters and answers of one method of one path.
type Operation struct {
	Parameters []Parameter        `json:"parameters"`
	Answers    map[string]*Schema `json:"answers"` // by status; null: no JSON body
}

// Parameter is one part of a path or of a query.
type Parameter struct {
	Name     string  `json:"name"`
	In       string  `json:"in"` // path or query
	Required bool    `json:"required,omitempty"`
	Schema   *Schema `json:"schema"`
}

// Schema describes the values that are allowed. An empty one allows everything. Properties that it
// does not name are allowed, because GitHub adds properties all the time.
type Schema struct {
	Ref        string             `json:"ref,omitempty"` // the name of a schema to use instead
	Type       string             `json:"type,omitempty"`
	Nullable   bool               `json:"nullable,omitempty"`
	Format     string             `json:"format,omitempty"`
	Enum       []string           `json:"enum,omitempty"`
	Required   []string           `json:"required,omitempty"`
	Properties map[string]*Schema `json:"properties,omitempty"`
	Items      *Schema            `json:"items,omitempty"`
	AnyOf      []*Schema          `json:"anyOf,omitempty"`
	AllOf      []*Schema          `json:"allOf,omitempty"`
}

// Parse reads facts as Encode writes them.
func Parse(text []byte) (*Facts, error) {
	facts := new(Facts)
	if err := json.Unmarshal(text, facts); err != nil {
		return nil, fmt.Errorf("the facts are not readable: %w", err)
	}
	return facts, nil
}

// Schema is a named schema of one server; nil if the server does not have it.
func (f *Facts) Schema(server, name string) *Schema { return of(f.Schemas[name], server) }

// Answer is the schema of an operation's answer with status 200; nil if the server does not have
// the operation.
func (f *Facts) Answer(server, operation string) *Schema {
	return f.Resolve(server, of(f.Operations[operation], server).Answers["200"])
}

// Resolve follows a reference.
func (f *Facts) Resolve(server string, s *Schema) *Schema {
	for s != nil && s.Ref != "" {
		s = f.Schema(server, s.Ref)
	}
	return s
}

func of[T any](variants []Variant[T], server string) (found T) {
	for _, v := range variants {
		if slices.Contains(v.Servers, server) {
			return v.Is
		}
	}
	return found
}
