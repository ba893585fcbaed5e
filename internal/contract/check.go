package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxPerPage comes from the text about per_page. Its schema does not contain it.
const maxPerPage = 100

// CheckRequest returns an error in a request to any of the servers, or "".
func (f *Facts) CheckRequest(method, path string, query url.Values) string {
	for _, server := range f.Servers {
		name, operation, values := f.find(server, method, path)
		if name == "" {
			return fmt.Sprintf("%s has no operation %s %s", server, method, path)
		}
		if wrong := f.checkParameters(server, operation, values, query); wrong != "" {
			return fmt.Sprintf("%s of %s: %s", name, server, wrong)
		}
	}
	return ""
}

// Operation is the name of the operation of a request, such as "GET /user"; "" if there is none.
func (f *Facts) Operation(server, method, path string) string {
	name, _, _ := f.find(server, method, path)
	return name
}

// find returns the operation of a request and the values in its path. A path without placeholders
// has priority over one with them.
func (f *Facts) find(server, method, path string) (name string, operation Operation, values map[string]string) {
	for _, candidate := range slices.Sorted(maps.Keys(f.Operations)) {
		template, hasMethod := strings.CutPrefix(candidate, method+" ")
		found := of(f.Operations[candidate], server)
		if !hasMethod || found.Answers == nil {
			continue
		}
		got, fits := matchPath(template, path)
		if fits && (name == "" || len(got) < len(values)) {
			name, operation, values = candidate, found, got
		}
	}
	return name, operation, values
}

// matchPath returns the values of a template's placeholders.
func matchPath(template, path string) (map[string]string, bool) {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	values := map[string]string{}
	for i, part := range want {
		if name, ok := strings.CutPrefix(part, "{"); ok && got[i] != "" {
			values[strings.TrimSuffix(name, "}")] = got[i]
		} else if part != got[i] {
			return nil, false
		}
	}
	return values, true
}

func (f *Facts) checkParameters(server string, operation Operation, path map[string]string, query url.Values) string {
	known := map[string]bool{}
	for _, p := range operation.Parameters {
		value, sent := path[p.Name]
		if p.In == "query" {
			known[p.Name] = true
			value, sent = query.Get(p.Name), query.Has(p.Name)
		}
		switch {
		case len(query[p.Name]) > 1 && p.In == "query":
			return p.Name + " is there more than once"
		case !sent && p.Required:
			return p.Name + " is missing"
		case sent:
			if wrong := f.checkText(server, p, value); wrong != "" {
				return wrong
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !known[name] {
			return name + " is not a parameter"
		}
	}
	return ""
}

// checkText compares the text of a parameter with its schema. It ignores formats, because the
// description calls created a time, although it accepts ranges.
func (f *Facts) checkText(server string, p Parameter, text string) string {
	s := f.Resolve(server, p.Schema)
	number, err := strconv.ParseInt(text, 10, 64)
	isNumber := err == nil
	switch {
	case s == nil || len(s.AnyOf) > 0:
		return ""
	case s.Type == "integer" && (!isNumber || number < 1):
		return fmt.Sprintf("%s is %q, want a number from 1", p.Name, text)
	case p.Name == "per_page" && number > maxPerPage:
		return fmt.Sprintf("per_page is %d, want at most %d", number, maxPerPage)
	case s.Type == "boolean" && text != "true" && text != "false":
		return fmt.Sprintf("%s is %q, want true or false", p.Name, text)
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, text):
		return fmt.Sprintf("%s is %q, want one of %s", p.Name, text, strings.Join(s.Enum, ", "))
	}
	return ""
}

// CheckAnswer returns the errors in the JSON that a server sends for an operation. Each entry
// starts with the place of the value, such as "jobs[0].id".
func (f *Facts) CheckAnswer(server, operation string, status int, body []byte) []string {
	found := of(f.Operations[operation], server)
	schema, documented := found.Answers[strconv.Itoa(status)]
	if !documented {
		return []string{fmt.Sprintf("%s of %s does not answer %d", operation, server, status)}
	}
	if schema == nil {
		return nil
	}
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return []string{"the answer is not JSON: " + err.Error()}
	}
	return f.check(server, schema, value, "")
}

// check compares a value with a schema.
func (f *Facts) check(server string, s *Schema, value any, at string) []string {
	s = f.Resolve(server, s)
	switch {
	case s == nil:
		return nil
	case value == nil && s.allowsNull():
		return nil
	case len(s.AnyOf) > 0:
		return f.checkAny(server, s.AnyOf, value, at)
	}
	var wrong []string
	for _, part := range s.AllOf {
		wrong = append(wrong, f.check(server, part, value, at)...)
	}
	if s.Type != "" && kindOf(value) != s.Type && (s.Type != "number" || kindOf(value) != "integer") {
		return append(wrong, fmt.Sprintf("%s is %s, want %s", at, kindOf(value), s.Type))
	}
	switch v := value.(type) {
	case map[string]any:
		return append(wrong, f.checkObject(server, s, v, at)...)
	case []any:
		for i, element := range v {
			wrong = append(wrong, f.check(server, s.Items, element, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case string:
		wrong = append(wrong, s.checkString(v, at)...)
	}
	return wrong
}

func (s *Schema) allowsNull() bool {
	return s.Nullable || s.Type == "" && len(s.AnyOf) == 0 && len(s.AllOf) == 0
}

// checkAny returns the shortest of the lists of errors for the schemas.
func (f *Facts) checkAny(server string, schemas []*Schema, value any, at string) []string {
	var least []string
	for i, s := range schemas {
		wrong := f.check(server, s, value, at)
		if i == 0 || len(wrong) < len(least) {
			least = wrong
		}
	}
	return least
}

func (f *Facts) checkObject(server string, s *Schema, object map[string]any, at string) []string {
	var wrong []string
	if at != "" {
		at += "."
	}
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			wrong = append(wrong, at+name+" is missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if property := s.Properties[name]; property != nil {
			wrong = append(wrong, f.check(server, property, object[name], at+name)...)
		}
	}
	return wrong
}

func (s *Schema) checkString(text, at string) []string {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
		return []string{fmt.Sprintf("%s is %q, want one of %s", at, text, strings.Join(s.Enum, ", "))}
	}
	if s.Format == "date-time" {
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return []string{fmt.Sprintf("%s is %q, want a time", at, text)}
		}
	}
	return nil
}

// kindOf is the JSON type of a value, as schemas name it.
func kindOf(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case json.Number:
		if _, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return "integer"
		}
	}
	return "number"
}
