package provider

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"
)

// record is a value of an object in a test.
type record map[string]any

// anyField is a field of any kind, and a generator of its values.
type anyField struct {
	field field[record]
	value *rapid.Generator[any]
}

func valueOf[V any](name string) func(record) V {
	return func(r record) V { v, _ := r[name].(V); return v }
}

// anyObject is an object of any shape, and a generator of its records.
func anyObject(rt *rapid.T, depth int) (object[record], *rapid.Generator[record]) {
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z_]{1,40}`), 1, 20, rapid.ID).Draw(rt, "names")
	fields := make([]anyField, len(names))
	shape := make(object[record], len(names))
	for i, name := range names {
		fields[i] = drawField(rt, name, depth)
		shape[i] = fields[i].field
	}
	return shape, rapid.Custom(func(rt *rapid.T) record {
		r := record{}
		for _, f := range fields {
			r[f.field.name] = f.value.Draw(rt, f.field.name)
		}
		return r
	})
}

func drawField(rt *rapid.T, name string, depth int) anyField {
	kinds := 6
	if depth > 0 {
		kinds = 8
	}
	switch rapid.IntRange(1, kinds).Draw(rt, "kind") {
	case 1:
		return anyField{stringAttr(name, "", valueOf[*string](name)), rapid.Ptr(hostileString(), true).AsAny()}
	case 2:
		return anyField{int64Attr(name, "", valueOf[*int64](name)), rapid.Ptr(anyInt64(), true).AsAny()}
	case 3:
		return anyField{boolAttr(name, "", valueOf[bool](name)), rapid.Bool().AsAny()}
	case 4:
		return anyField{timeAttr(name, "", valueOf[*time.Time](name)), rapid.Ptr(anyTime(), true).AsAny()}
	case 5:
		nilOrNot := rapid.OneOf(rapid.Just([]string(nil)), rapid.SliceOfN(hostileString(), 0, 20))
		return anyField{stringListAttr(name, "", valueOf[[]string](name)), nilOrNot.AsAny()}
	case 6:
		return anyField{int64ListField(name), rapid.SliceOfN(anyInt64(), 0, 17).AsAny()}
	case 7:
		of, records := anyObject(rt, depth-1)
		return anyField{objectAttr(name, "", of, valueOf[record](name)), records.AsAny()}
	}
	of, records := anyObject(rt, depth-1)
	return anyField{objectListAttr(name, "", of, valueOf[[]record](name)), rapid.SliceOfN(records, 0, 17).AsAny()}
}

// int64ListField is a field without an encoder.
func int64ListField(name string) field[record] {
	return field[record]{
		name: name, kind: tftypes.List{ElementType: tftypes.Number}, attribute: schema.ListAttribute{ElementType: types.Int64Type},
		value: func(r record) any {
			var values []tftypes.Value
			for _, n := range valueOf[[]int64](name)(r) {
				values = append(values, tftypes.NewValue(tftypes.Number, n))
			}
			return values
		},
	}
}

func hostileString() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 40), func(b []byte) string { return string(b) }),
		rapid.Map(rapid.SampledFrom([]int{0, 31, 32, 255, 256, 65535, 65536}), func(n int) string { return strings.Repeat("x", n) }),
		rapid.SampledFrom([]string{"\x00", "a\xff\xfe\xffb", "\xed\xa0\x80", "\ufffd", "\U0010FFFF", "e\u0301", "\u2028"}),
	)
}

func anyInt64() *rapid.Generator[int64] {
	edges := []int64{0, math.MaxInt64, math.MinInt64, 1<<53 + 1}
	for _, n := range []int64{-32, math.MaxInt8, math.MinInt8, math.MaxUint8, math.MaxInt16, math.MinInt16, math.MaxUint16, math.MaxInt32, math.MinInt32, math.MaxUint32} {
		edges = append(edges, n-1, n, n+1)
	}
	return rapid.OneOf(rapid.Int64(), rapid.SampledFrom(edges))
}

func anyTime() *rapid.Generator[time.Time] {
	return rapid.Custom(func(rt *rapid.T) time.Time {
		zone := time.FixedZone("", rapid.IntRange(-12*3600, 14*3600).Draw(rt, "zone"))
		seconds := rapid.OneOf(rapid.Int64Range(1e9, 2e9), rapid.Int64Range(-62135596800, 300000000000)).Draw(rt, "seconds")
		return time.Unix(seconds, rapid.SampledFrom([]int64{0, 0, 1, 5e8, 999999999}).Draw(rt, "nanoseconds")).In(zone)
	})
}

// TestEncodingIsNewDynamicValues compares our encoding of any object with NewDynamicValue, byte for
// byte.
func TestEncodingIsNewDynamicValues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		shape, records := anyObject(rt, 2)
		r := records.Draw(rt, "record")
		want, err := tfprotov6.NewDynamicValue(shape.kind(), tftypes.NewValue(shape.kind(), shape.terraform(r)))
		if err != nil {
			rt.Fatal(err)
		}
		if got := shape.encoder()(nil, r); !bytes.Equal(got, want.MsgPack) {
			rt.Fatalf("got  %q\nwant %q", got, want.MsgPack)
		}
	})
}

// TestStateIsNewDynamicValues compares whole states, with any values in the configuration.
func TestStateIsNewDynamicValues(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		shape, records := anyObject(rt, 1)
		read := shape.values(records.Draw(rt, "record"))
		arguments := map[string]attr.Type{
			"Owner": types.StringType, "Number": types.NumberType, "Bool": types.BoolType, "List": types.ListType{ElemType: types.StringType},
			"Map":    types.MapType{ElemType: types.StringType},
			"Object": types.ObjectType{AttrTypes: map[string]attr.Type{"a": types.StringType, "b": types.NumberType}},
		}
		s := schema.Schema{Attributes: shape.attributes()}
		configured := map[string]tftypes.Value{}
		for _, name := range slices.Sorted(maps.Keys(arguments)) {
			s.Attributes[name] = schema.ObjectAttribute{AttributeTypes: map[string]attr.Type{"v": arguments[name]}, Optional: true}
			kind := s.Attributes[name].GetType().TerraformType(t.Context())
			configured[name] = anyConfigured(kind).Draw(rt, name)
		}
		kind := s.Type().TerraformType(t.Context())
		for name, value := range read.terraform() {
			configured[name] = tftypes.NewValue(value.Type(), nil)
		}
		config := tfsdk.Config{Schema: s, Raw: tftypes.NewValue(kind, configured)}
		got, err := encodeState(config, configured, read)
		if err != nil {
			rt.Fatal(err)
		}
		state := maps.Clone(configured)
		maps.Copy(state, read.terraform())
		want, err := tfprotov6.NewDynamicValue(kind, tftypes.NewValue(kind, state))
		if err != nil {
			rt.Fatal(err)
		}
		if !bytes.Equal(got, want.MsgPack) {
			rt.Fatalf("got  %q\nwant %q", got, want.MsgPack)
		}
	})
}

// anyConfigured is any value of a kind, null and unknown parts included. Maps have one element, since
// NewDynamicValue writes more in any order.
func anyConfigured(kind tftypes.Type) *rapid.Generator[tftypes.Value] {
	return rapid.Custom(func(rt *rapid.T) tftypes.Value {
		switch rapid.IntRange(1, 5).Draw(rt, "is") {
		case 1:
			return tftypes.NewValue(kind, nil)
		case 2:
			return tftypes.NewValue(kind, tftypes.UnknownValue)
		}
		switch kind := kind.(type) {
		case tftypes.Object:
			values := map[string]tftypes.Value{}
			for _, name := range slices.Sorted(maps.Keys(kind.AttributeTypes)) {
				values[name] = anyConfigured(kind.AttributeTypes[name]).Draw(rt, name)
			}
			return tftypes.NewValue(kind, values)
		case tftypes.List:
			return tftypes.NewValue(kind, rapid.SliceOfN(anyConfigured(kind.ElementType), 0, 3).Draw(rt, "list"))
		case tftypes.Map:
			return tftypes.NewValue(kind, map[string]tftypes.Value{"k": anyConfigured(kind.ElementType).Draw(rt, "map")})
		}
		switch {
		case kind.Is(tftypes.Bool):
			return tftypes.NewValue(kind, rapid.Bool().Draw(rt, "bool"))
		case kind.Is(tftypes.Number):
			return tftypes.NewValue(kind, rapid.Float64Range(-1e300, 1e300).Draw(rt, "number"))
		}
		return tftypes.NewValue(kind, hostileString().Draw(rt, "string"))
	})
}

// TestLongLists have lengths in every form of msgpack, and more elements than the sample.
func TestLongLists(t *testing.T) {
	t.Parallel()
	shape := object[[]int64]{objectListAttr("l", "", object[int64]{int64Attr("n", "", func(n int64) *int64 { return &n })}, func(l []int64) []int64 { return l })}
	for _, n := range []int{0, 15, 16, sampleLen, sampleLen + 1, 65535, 65536} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			list := make([]int64, n)
			for i := range list {
				list[i] = int64(i) * int64(i)
			}
			want, err := tfprotov6.NewDynamicValue(shape.kind(), tftypes.NewValue(shape.kind(), shape.terraform(list)))
			if err != nil {
				t.Fatal(err)
			}
			if got := shape.encoder()(nil, list); !bytes.Equal(got, want.MsgPack) {
				t.Error("they differ")
			}
		})
	}
}

func TestInvalidTextIsReplaced(t *testing.T) {
	t.Parallel()
	const text = "a\xff\xfeb\xffc"
	shape := object[string]{stringAttr("s", "", func(s string) *string { return &s }), stringListAttr("l", "", func(s string) []string { return []string{s} })}
	got := plainValue(t, tftypes.NewValue(shape.kind(), shape.terraform(text)))
	if want := asJSON(t, map[string]any{"s": "a\ufffdb\ufffdc", "l": []string{"a\ufffdb\ufffdc"}}); asJSON(t, got) != want {
		t.Errorf("got %s, want %s", asJSON(t, got), want)
	}
}

// TestAStateOfAnotherSchema is an object whose attributes the schema lacks.
func TestAStateOfAnotherSchema(t *testing.T) {
	t.Parallel()
	read := object[bool]{boolAttr("b", "", func(b bool) bool { return b })}.values(true)
	s := schema.Schema{}
	config := tfsdk.Config{Schema: s, Raw: tftypes.NewValue(tftypes.Object{}, map[string]tftypes.Value{})}
	if _, err := encodeState(config, nil, read); err == nil || err.Error() != "the schema has no attribute b" {
		t.Errorf("got %v", err)
	}
	config.Raw = tftypes.NewValue(tftypes.String, "")
	if _, err := encodeState(config, nil, read); err == nil || err.Error() != "tftypes.String is not an object" {
		t.Errorf("got %v", err)
	}
}
