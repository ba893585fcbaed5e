package provider

import (
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// argument is a dynamic argument of a function, read as users write it: a list may be a tuple or a set,
// and an object may be a map or have more attributes than are read.
//
// It keeps the first fault, and whether any part that was read is unknown, so that callers can continue
// with zero values and check both once, at the end.
type argument struct {
	position int64
	fault    *function.FuncError
	unknown  bool
}

// blame keeps a fault, unless there is an earlier one.
func (a *argument) blame(fault *function.FuncError) {
	if a.fault == nil {
		a.fault = fault
	}
}

// element is a value in an argument, with its place there, such as jobs[3].labels[0].
type element struct {
	in    *argument
	place string
	value attr.Value // nil: absent
}

// read gives the whole argument as an element. Its place is name, the name of the parameter.
func (a *argument) read(name string, value types.Dynamic) element {
	return element{in: a, place: name, value: concrete(value)}
}

// concrete unwraps dynamic values down to the value that Terraform chose.
func concrete(value attr.Value) attr.Value {
	for {
		dynamic, ok := value.(types.Dynamic)
		if !ok || dynamic.IsNull() || dynamic.IsUnknown() {
			return value
		}
		value = dynamic.UnderlyingValue()
	}
}

// isKnown reports whether there is a value. An unknown one is noted in the argument; null and absent
// ones are not.
func (e element) isKnown() bool {
	if e.isNull() {
		return false
	}
	if e.value.IsUnknown() {
		e.in.unknown = true
		return false
	}
	return true
}

// isAbsent reports whether the object that should hold the element lacks it.
func (e element) isAbsent() bool { return e.value == nil }

func (e element) isNull() bool { return e.value == nil || e.value.IsNull() }

// mustBe notes that the element is not of the type that is wanted.
func (e element) mustBe(want string) {
	e.in.blame(elementError(e.in.position, e.place, kindOf(e.value), want))
}

// kindOf names a value's type as Terraform does.
func kindOf(value attr.Value) string {
	if value == nil || value.IsNull() {
		return "null"
	}
	switch value.(type) {
	case types.String:
		return "a string"
	case types.Number:
		return "a number"
	case types.Bool:
		return "a bool"
	case types.List, types.Tuple:
		return "a list"
	case types.Set:
		return "a set"
	case types.Map:
		return "a map"
	}
	return "an object"
}

// list gives the elements of a list, tuple or set. It gives none for null and unknown.
func (e element) list(want string) []element {
	if !e.isKnown() {
		return nil
	}
	var values []attr.Value
	switch v := e.value.(type) {
	case types.List:
		values = v.Elements()
	case types.Tuple:
		values = v.Elements()
	case types.Set:
		values = v.Elements()
	default:
		e.mustBe(want)
	}
	elements := make([]element, len(values))
	for i, value := range values {
		elements[i] = element{e.in, fmt.Sprintf("%s[%d]", e.place, i), concrete(value)}
	}
	return elements
}

// fields are the attributes of an object or the elements of a map.
type fields struct {
	of     element
	values map[string]attr.Value
}

// object gives the attributes of an object or map. Null is a fault; unknown has no attributes.
func (e element) object() fields {
	if e.isNull() {
		e.mustBe("an object")
	}
	if !e.isKnown() {
		return fields{of: e}
	}
	switch v := e.value.(type) {
	case types.Object:
		return fields{e, v.Attributes()}
	case types.Map:
		return fields{e, v.Elements()}
	}
	e.mustBe("an object")
	return fields{of: e}
}

// at gives one attribute. An absent one reads as null. Pulumi hands objects on with their keys in
// camelCase, so that spelling counts as well.
func (f fields) at(name string) element {
	for _, spelling := range []string{name, camelCase(name)} {
		if value, ok := f.values[spelling]; ok {
			return element{f.of.in, f.of.place + "." + spelling, concrete(value)}
		}
	}
	return element{in: f.of.in}
}

// camelCase spells snake_case as Pulumi does.
func camelCase(snake string) string {
	words := strings.Split(snake, "_")
	for i, word := range words[1:] {
		if word != "" {
			words[i+1] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}

// stringValue is nil for null and unknown.
func (e element) stringValue() *string {
	if !e.isKnown() {
		return nil
	}
	v, ok := e.value.(types.String)
	if !ok {
		e.mustBe("a string")
		return nil
	}
	return new(v.ValueString())
}

// number is nil for null and unknown.
func (e element) number() *big.Float {
	if !e.isKnown() {
		return nil
	}
	v, ok := e.value.(types.Number)
	if !ok {
		e.mustBe("a number")
		return nil
	}
	return v.ValueBigFloat()
}

// float64Value is nil for null and unknown.
func (e element) float64Value() *float64 {
	n := e.number()
	if n == nil {
		return nil
	}
	f, _ := n.Float64()
	return &f
}

// int64Value is nil for null and unknown.
func (e element) int64Value() *int64 {
	n := e.number()
	if n == nil {
		return nil
	}
	whole, accuracy := n.Int64()
	if accuracy != big.Exact {
		e.in.blame(elementError(e.in.position, e.place, n.Text('g', -1), "a 64-bit whole number"))
		return nil
	}
	return &whole
}

// timeValue is nil for null and unknown.
func (e element) timeValue() *time.Time {
	s := e.stringValue()
	if s == nil {
		return nil
	}
	t, err := time.Parse(time.RFC3339, *s)
	if err != nil {
		e.in.blame(timeValueError(e.in.position, e.place, *s))
		return nil
	}
	return &t
}

// stringList is nil for null and unknown, and empty for an empty list.
func (e element) stringList() []string {
	elements := e.list("a list of strings")
	if elements == nil {
		return nil
	}
	list := make([]string, 0, len(elements))
	for _, element := range elements {
		s := element.stringValue()
		if element.isNull() {
			element.mustBe("a string")
		}
		if s != nil {
			list = append(list, *s)
		}
	}
	return list
}

// objectList gives the attributes of each object in a list. A null list is a fault.
func (e element) objectList() []fields {
	if e.isNull() {
		e.mustBe("a list of objects")
	}
	elements := e.list("a list of objects")
	objects := make([]fields, len(elements))
	for i, element := range elements {
		objects[i] = element.object()
	}
	return objects
}
