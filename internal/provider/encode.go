package provider

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// This file writes a state as msgpack, byte for byte as tfprotov6.NewDynamicValue does. Tests compare
// the two.

// computed is what was read: the computed attributes of a state.
type computed interface {
	terraform() map[string]tftypes.Value
	encoders() map[string]func(b []byte) []byte // each appends the value of one attribute
}

type valuesOf[T any] struct {
	object object[T]
	of     T
}

func (v valuesOf[T]) terraform() map[string]tftypes.Value { return v.object.terraform(v.of) }

func (v valuesOf[T]) encoders() map[string]func(b []byte) []byte {
	encoders := make(map[string]func(b []byte) []byte, len(v.object))
	for _, f := range v.object {
		encoders[f.name] = func(b []byte) []byte { return f.appendTo(b, v.of) }
	}
	return encoders
}

// appendTo writes a value of the field. A field without an encoder uses the framework's encoding,
// which is slower but needs no code here.
func (f field[T]) appendTo(b []byte, of T) []byte {
	if f.encode != nil {
		return f.encode(b, of)
	}
	b, err := appendValue(b, f.kind, tftypes.NewValue(f.kind, f.value(of)))
	if err != nil {
		panic(fmt.Sprintf("%s: %s", f.name, err)) // as NewValue does for a value of another kind
	}
	return b
}

// encodeState writes a state of the configuration's type: the computed attributes from read, and
// the other attributes from the configuration.
func encodeState(config tfsdk.Config, configured map[string]tftypes.Value, read computed) ([]byte, error) {
	object, ok := config.Raw.Type().(tftypes.Object)
	if !ok {
		return nil, fmt.Errorf("%s is not an object", config.Raw.Type())
	}
	blocks := config.Schema.GetBlocks()
	encoders := read.encoders()
	b := appendMapLen(nil, len(object.AttributeTypes))
	for _, name := range slices.Sorted(maps.Keys(object.AttributeTypes)) {
		b = appendString(b, name)
		if encode, ok := encoders[name]; ok {
			b = encode(b)
			delete(encoders, name)
			continue
		}
		if _, isBlock := blocks[name]; isBlock && configured[name].IsNull() && isCollection(object.AttributeTypes[name]) {
			b = appendArrayLen(b, 0) // for Terraform, blocks are never null; the framework makes them so
			continue
		}
		var err error
		if b, err = appendValue(b, object.AttributeTypes[name], configured[name]); err != nil {
			return nil, err
		}
	}
	for name := range encoders {
		return nil, fmt.Errorf("the schema has no attribute %s", name)
	}
	return b, nil
}

func isCollection(kind tftypes.Type) bool { return kind.Is(tftypes.List{}) || kind.Is(tftypes.Set{}) }

// appendValue writes one argument of a configuration. Most are null.
func appendValue(b []byte, kind tftypes.Type, v tftypes.Value) ([]byte, error) {
	if v.IsNull() {
		return appendNil(b), nil
	}
	encoded, err := tfprotov6.NewDynamicValue(kind, v)
	return append(b, encoded.MsgPack...), err
}

// encoder writes objects. The attributes of an object stand in the order of their names.
func (o object[T]) encoder() func(b []byte, of T) []byte {
	fields := slices.SortedFunc(slices.Values(o), func(a, b field[T]) int { return cmp.Compare(a.name, b.name) })
	names := make([][]byte, len(fields))
	for i, f := range fields {
		names[i] = appendString(nil, f.name)
	}
	return func(b []byte, of T) []byte {
		b = appendMapLen(b, len(fields))
		for i, f := range fields {
			b = append(b, names[i]...)
			b = f.appendTo(b, of)
		}
		return b
	}
}

func appendOrNil[V any](b []byte, v *V, appendTo func([]byte, V) []byte) []byte {
	if v == nil {
		return appendNil(b)
	}
	return appendTo(b, *v)
}

// sampleLen is the number of elements that are measured to estimate the size of a whole list.
const sampleLen = 64

func appendList[V any](b []byte, list []V, appendTo func([]byte, V) []byte) []byte {
	b = appendArrayLen(b, len(list))
	start := len(b)
	for i, v := range list {
		if i == sampleLen {
			rest := (len(b) - start) / sampleLen * (len(list) - sampleLen)
			b = slices.Grow(b, rest+rest/16)
		}
		b = appendTo(b, v)
	}
	return b
}

// validText is p, or a copy with U+FFFD for each run of invalid bytes.
func validText(p *string) *string {
	if p == nil || utf8.ValidString(*p) {
		return p
	}
	return new(strings.ToValidUTF8(*p, "\uFFFD"))
}

func appendTime(b []byte, t time.Time) []byte {
	var text [len(time.RFC3339Nano) + 8]byte
	return appendBytes(b, t.UTC().AppendFormat(text[:0], time.RFC3339Nano))
}

// The functions below write msgpack, each value in its shortest form.

func appendNil(b []byte) []byte { return append(b, 0xc0) }

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 0xc3)
	}
	return append(b, 0xc2)
}

func appendInt(b []byte, v int64) []byte {
	switch {
	case v >= 0 && v <= math.MaxInt8, v < 0 && v >= -32:
		return append(b, byte(v))
	case v >= 0:
		return appendUint(b, uint64(v))
	case v >= math.MinInt8:
		return append(b, 0xd0, byte(v))
	case v >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(b, 0xd1), uint16(v))
	case v >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(b, 0xd2), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xd3), uint64(v))
}

func appendUint(b []byte, v uint64) []byte {
	switch {
	case v <= math.MaxUint8:
		return append(b, 0xcc, byte(v))
	case v <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, 0xcd), uint16(v))
	case v <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, 0xce), uint32(v))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xcf), v)
}

func appendString(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return appendBytes(b, s)
}

// appendBytes writes valid UTF-8 as a string.
func appendBytes[S string | []byte](b []byte, s S) []byte {
	switch n := len(s); {
	case n < 32:
		b = append(b, 0xa0|byte(n))
	case n <= math.MaxUint8:
		b = append(b, 0xd9, byte(n))
	default:
		b = appendLen(b, n, 0xda)
	}
	return append(b, s...)
}

func appendArrayLen(b []byte, n int) []byte {
	if n < 16 {
		return append(b, 0x90|byte(n))
	}
	return appendLen(b, n, 0xdc)
}

func appendMapLen(b []byte, n int) []byte {
	if n < 16 {
		return append(b, 0x80|byte(n))
	}
	return appendLen(b, n, 0xde)
}

// appendLen writes a length in 16 or 32 bits. The form of 32 bits has the next code.
func appendLen(b []byte, n int, code byte) []byte {
	if n <= math.MaxUint16 {
		return binary.BigEndian.AppendUint16(append(b, code), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(b, code+1), uint32(n))
}
