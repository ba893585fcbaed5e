package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	ephemeral "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// object declares how Terraform shows a T: the schema of each attribute and the function that
// returns its value, in one place, so that the two cannot differ.
//
// A value has two forms: a tftypes.Value for the framework, and msgpack for the wire. A read needs only
// the second; see setState.
type object[T any] []field[T]

// field is one computed attribute of an object. Each of the …Attr functions below fills in all of it.
type field[T any] struct {
	name      string
	attribute schema.Attribute
	kind      tftypes.Type
	value     func(T) any                 // what tftypes.NewValue takes for kind; a nil pointer or slice is null
	encode    func(b []byte, of T) []byte // appends the same value as msgpack; nil: see appendTo
}

func (o object[T]) attributes() map[string]schema.Attribute {
	attributes := make(map[string]schema.Attribute, len(o))
	for _, f := range o {
		mustBeNew(attributes, f.name)
		attributes[f.name] = f.attribute
	}
	return attributes
}

func (o object[T]) kind() tftypes.Object {
	kinds := make(map[string]tftypes.Type, len(o))
	for _, f := range o {
		kinds[f.name] = f.kind
	}
	return tftypes.Object{AttributeTypes: kinds}
}

// values are the attributes of one object as setState takes them.
func (o object[T]) values(of T) computed { return valuesOf[T]{o, of} }

func (o object[T]) terraform(of T) map[string]tftypes.Value {
	values := make(map[string]tftypes.Value, len(o))
	for _, f := range o {
		values[f.name] = tftypes.NewValue(f.kind, f.value(of))
	}
	return values
}

// returned is the object as the type of a function's result.
func (o object[T]) returned() types.ObjectType {
	attributes := make(map[string]attr.Type, len(o))
	for _, f := range o {
		attributes[f.name] = f.attribute.GetType()
	}
	return types.ObjectType{AttrTypes: attributes}
}

// result is one object as a function's result.
func (o object[T]) result(ctx context.Context, of T) (attr.Value, error) {
	return o.returned().ValueFromTerraform(ctx, tftypes.NewValue(o.kind(), o.terraform(of)))
}

// results is a list of objects as a function's result, never null.
func (o object[T]) results(ctx context.Context, all []T) (attr.Value, error) {
	kind := o.kind()
	values := make([]tftypes.Value, len(all))
	for i, of := range all {
		values[i] = tftypes.NewValue(kind, o.terraform(of))
	}
	list := tftypes.NewValue(tftypes.List{ElementType: kind}, values)
	return types.ListType{ElemType: o.returned()}.ValueFromTerraform(ctx, list)
}

// within declares the attributes of a part of T as those of T itself.
func within[T, U any](of object[U], part func(T) U) object[T] {
	fields := make(object[T], len(of))
	for i, f := range of {
		fields[i] = field[T]{
			name: f.name, attribute: f.attribute, kind: f.kind,
			value: func(t T) any { return f.value(part(t)) },
		}
		if f.encode != nil {
			fields[i].encode = func(b []byte, t T) []byte { return f.encode(b, part(t)) }
		}
	}
	return fields
}

// stringAttr is a string attribute; a nil pointer is null. Invalid UTF-8 becomes U+FFFD, because
// Terraform rejects it.
func stringAttr[T any](name, description string, value func(T) *string) field[T] {
	return field[T]{
		name: name, kind: tftypes.String, value: func(t T) any { return validText(value(t)) },
		encode:    func(b []byte, t T) []byte { return appendOrNil(b, value(t), appendString) },
		attribute: schema.StringAttribute{Computed: true, MarkdownDescription: description},
	}
}

// int64Attr is a whole number; a nil pointer is null.
func int64Attr[T any](name, description string, value func(T) *int64) field[T] {
	return field[T]{
		name: name, kind: tftypes.Number, value: func(t T) any { return value(t) },
		encode:    func(b []byte, t T) []byte { return appendOrNil(b, value(t), appendInt) },
		attribute: schema.Int64Attribute{Computed: true, MarkdownDescription: description},
	}
}

// boolAttr is a boolean attribute that is never null.
func boolAttr[T any](name, description string, value func(T) bool) field[T] {
	return field[T]{
		name: name, kind: tftypes.Bool, value: func(t T) any { return value(t) },
		encode:    func(b []byte, t T) []byte { return appendBool(b, value(t)) },
		attribute: schema.BoolAttribute{Computed: true, MarkdownDescription: description},
	}
}

// timeAttr is a time as an RFC 3339 string in UTC; a nil pointer is null. A fraction of a second shows
// only when it is not zero.
func timeAttr[T any](name, description string, value func(T) *time.Time) field[T] {
	f := stringAttr(name, description, func(t T) *string {
		at := value(t)
		if at == nil {
			return nil
		}
		return new(at.UTC().Format(time.RFC3339Nano))
	})
	f.encode = func(b []byte, t T) []byte { return appendOrNil(b, value(t), appendTime) }
	return f
}

// stringListAttr is a list of strings; a nil slice is null.
func stringListAttr[T any](name, description string, value func(T) []string) field[T] {
	return field[T]{
		name: name, kind: tftypes.List{ElementType: tftypes.String},
		value: func(t T) any {
			list := value(t)
			if list == nil {
				return nil
			}
			values := make([]tftypes.Value, len(list))
			for i, s := range list {
				values[i] = tftypes.NewValue(tftypes.String, validText(&s))
			}
			return values
		},
		encode: func(b []byte, t T) []byte {
			list := value(t)
			if list == nil {
				return appendNil(b)
			}
			return appendList(b, list, appendString)
		},
		attribute: schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description},
	}
}

// int64ListAttr is a list of whole numbers, never null.
func int64ListAttr[T any](name, description string, value func(T) []int64) field[T] {
	return field[T]{
		name: name, kind: tftypes.List{ElementType: tftypes.Number},
		value: func(t T) any {
			list := value(t)
			values := make([]tftypes.Value, len(list))
			for i, n := range list {
				values[i] = tftypes.NewValue(tftypes.Number, n)
			}
			return values
		},
		attribute: schema.ListAttribute{Computed: true, ElementType: types.Int64Type, MarkdownDescription: description},
	}
}

// int64MapAttr is a map of whole numbers; a nil map is null.
func int64MapAttr[T any](name, description string, value func(T) map[string]int64) field[T] {
	return field[T]{
		name: name, kind: tftypes.Map{ElementType: tftypes.Number},
		value: func(t T) any {
			numbers := value(t)
			if numbers == nil {
				return nil
			}
			values := make(map[string]tftypes.Value, len(numbers))
			for key, n := range numbers {
				values[key] = tftypes.NewValue(tftypes.Number, n)
			}
			return values
		},
		attribute: schema.MapAttribute{Computed: true, ElementType: types.Int64Type, MarkdownDescription: description},
	}
}

// objectListAttr is a list of objects that is never null.
func objectListAttr[T, U any](name, description string, of object[U], value func(T) []U) field[T] {
	kind, encode := of.kind(), of.encoder()
	return field[T]{
		name: name, kind: tftypes.List{ElementType: kind},
		value: func(t T) any {
			list := value(t)
			values := make([]tftypes.Value, len(list))
			for i, u := range list {
				values[i] = tftypes.NewValue(kind, of.terraform(u))
			}
			return values
		},
		encode: func(b []byte, t T) []byte { return appendList(b, value(t), encode) },
		attribute: schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: description,
			NestedObject: schema.NestedAttributeObject{Attributes: of.attributes()},
		},
	}
}

// objectAttr is one object that is never null.
func objectAttr[T, U any](name, description string, of object[U], value func(T) U) field[T] {
	encode := of.encoder()
	return field[T]{
		name: name, kind: of.kind(), value: func(t T) any { return of.terraform(value(t)) },
		encode:    func(b []byte, t T) []byte { return encode(b, value(t)) },
		attribute: schema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: of.attributes()},
	}
}

// sensitive hides the value of a string or a list in Terraform's output. The state still has it.
func sensitive[T any](f field[T]) field[T] {
	switch attribute := f.attribute.(type) {
	case schema.StringAttribute:
		attribute.Sensitive = true
		f.attribute = attribute
	case schema.ListAttribute:
		attribute.Sensitive = true
		f.attribute = attribute
	default:
		panic(fmt.Sprintf("%s is a %T, which cannot be sensitive here", f.name, attribute))
	}
	return f
}

// inEphemeral gives an ephemeral resource the attributes of a data source. The framework has one type
// for each of the two, but both stand for the same interface.
func inEphemeral(attributes map[string]schema.Attribute) map[string]ephemeral.Attribute {
	same := make(map[string]ephemeral.Attribute, len(attributes))
	for name, attribute := range attributes {
		same[name] = attribute
	}
	return same
}

// mergeAttributes merges the arguments of a data source and the attributes of its object into one
// map. It panics if two of them have the same name. A test builds every schema.
func mergeAttributes(groups ...map[string]schema.Attribute) map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for _, group := range groups {
		for name, attribute := range group {
			mustBeNew(all, name)
			all[name] = attribute
		}
	}
	return all
}

// mergeBlocks is mergeAttributes for blocks.
func mergeBlocks(groups ...map[string]schema.Block) map[string]schema.Block {
	all := map[string]schema.Block{}
	for _, group := range groups {
		for name, block := range group {
			mustBeNew(all, name)
			all[name] = block
		}
	}
	return all
}

func mustBeNew[A any](attributes map[string]A, name string) {
	if _, taken := attributes[name]; taken {
		panic(fmt.Sprintf("two attributes have the name %q", name))
	}
}
