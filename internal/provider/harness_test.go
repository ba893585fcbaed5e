package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// args are the arguments of a block. Missing arguments are null, and the value unknown is unknown.
type args map[string]any

// unknown stands for a value that Terraform only knows after an apply.
const unknown = "\x00unknown"

// protocol drives the provider over the protocol that Terraform speaks, without Terraform: fast enough
// for tables. Acceptance tests are for what Terraform adds.
type protocol struct {
	t      testing.TB
	server tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
}

func newProtocol(tb testing.TB, env map[string]string) *protocol {
	tb.Helper()
	return newProtocolOn(tb, machineWith(env))
}

// newProtocolOn is newProtocol with the test's own machine.
func newProtocolOn(tb testing.TB, m machine) *protocol {
	tb.Helper()
	server := newServer(newProvider("test", m))
	schema, err := server.GetProviderSchema(tb.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		tb.Fatal(err)
	}
	return &protocol{tb, server, schema}
}

// machineWith is a machine with an environment, but without gh.
func machineWith(env map[string]string) machine {
	return machine{
		getenv:  func(name string) string { return env[name] },
		ghToken: func(context.Context, string) transport.GHResult { return transport.GHResult{} },
	}
}

// configured is a provider that reads server, with acme as its owner.
func configured(tb testing.TB, server *githubtest.Server) *protocol {
	tb.Helper()
	p := newProtocol(tb, nil)
	if diags := p.configure(args{"base_url": server.BaseURL(), "owner": "acme"}); len(diags) > 0 {
		tb.Fatalf("configure: %s", diags)
	}
	return p
}

// configure validates and configures the provider block.
func (p *protocol) configure(a args) messages {
	p.t.Helper()
	config := p.value(p.schema.Provider.ValueType(), a)
	validated, err := p.server.ValidateProviderConfig(p.t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: config})
	p.must(err)
	found := messagesOf(validated.Diagnostics)
	if found.hasError() {
		return found
	}
	done, err := p.server.ConfigureProvider(p.t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config, TerraformVersion: "1.11.4"})
	p.must(err)
	return append(found, messagesOf(done.Diagnostics)...)
}

// read validates and reads a data source. The state is nil after an error.
func (p *protocol) read(typeName string, a args) (map[string]any, messages) {
	p.t.Helper()
	return p.readContext(p.t.Context(), typeName, a)
}

// validate checks a configuration, as Terraform does before it knows all values.
func (p *protocol) validate(typeName string, config *tfprotov6.DynamicValue) messages {
	p.t.Helper()
	validated, err := p.server.ValidateDataResourceConfig(p.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeName, Config: config})
	p.must(err)
	return messagesOf(validated.Diagnostics)
}

func (p *protocol) readContext(ctx context.Context, typeName string, a args) (map[string]any, messages) {
	p.t.Helper()
	kind := p.schema.DataSourceSchemas[typeName].ValueType()
	config := p.value(kind, a)
	found := p.validate(typeName, config)
	if found.hasError() {
		return nil, found
	}
	done, err := p.server.ReadDataSource(ctx, p.readRequest(typeName, config))
	p.must(err)
	found = append(found, messagesOf(done.Diagnostics)...)
	if found.hasError() {
		return nil, found
	}
	state, err := done.State.Unmarshal(kind)
	p.must(err)
	plain, ok := plainValue(p.t, state).(map[string]any)
	if !ok {
		p.t.Fatalf("the state is not an object: %s", state)
	}
	return plain, found
}

func (p *protocol) readRequest(typeName string, config *tfprotov6.DynamicValue) *tfprotov6.ReadDataSourceRequest {
	return &tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: config}
}

// call calls a function as Terraform does, which does not ask where the result can only be unknown. The error is "argument N: text", and empty when there is none; without an
// error an unknown result is unknown.
func (p *protocol) call(name string, arguments ...any) (any, string) {
	p.t.Helper()
	declared := p.schema.Functions[name]
	if declared == nil {
		p.t.Fatalf("there is no function %s", name)
	}
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for i, argument := range arguments {
		parameter := declared.Parameters[i]
		if argument == unknown && !parameter.AllowUnknownValues {
			return unknown, ""
		}
		dynamic, err := tfprotov6.NewDynamicValue(parameter.Type, anyValue(p.t, argument))
		p.must(err)
		req.Arguments = append(req.Arguments, &dynamic)
	}
	done, err := p.server.CallFunction(p.t.Context(), req)
	p.must(err)
	if e := done.Error; e != nil {
		if e.FunctionArgument == nil {
			return nil, e.Text
		}
		return nil, fmt.Sprintf("argument %d: %s", *e.FunctionArgument, e.Text)
	}
	result, err := done.Result.Unmarshal(declared.Return.Type)
	p.must(err)
	return plainValue(p.t, result), ""
}

// anyValue is a value as Terraform makes it of what users write: args is an object, a slice a tuple.
// Other kinds come as a tftypes.Value.
func anyValue(tb testing.TB, v any) tftypes.Value {
	tb.Helper()
	switch v := v.(type) {
	case tftypes.Value:
		return v
	case nil:
		return tftypes.NewValue(tftypes.DynamicPseudoType, nil)
	case args:
		kinds, values := map[string]tftypes.Type{}, map[string]tftypes.Value{}
		for name, attribute := range v {
			values[name] = anyValue(tb, attribute)
			kinds[name] = values[name].Type()
		}
		return tftypes.NewValue(tftypes.Object{AttributeTypes: kinds}, values)
	case []any:
		kinds, values := make([]tftypes.Type, len(v)), make([]tftypes.Value, len(v))
		for i, element := range v {
			values[i] = anyValue(tb, element)
			kinds[i] = values[i].Type()
		}
		return tftypes.NewValue(tftypes.Tuple{ElementTypes: kinds}, values)
	case string:
		if v == unknown {
			return tftypes.NewValue(tftypes.DynamicPseudoType, tftypes.UnknownValue)
		}
		return tftypes.NewValue(tftypes.String, v)
	case bool:
		return tftypes.NewValue(tftypes.Bool, v)
	}
	return tftypes.NewValue(tftypes.Number, v)
}

func (p *protocol) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// value returns a block's value for its arguments.
func (p *protocol) value(kind tftypes.Type, a args) *tfprotov6.DynamicValue {
	p.t.Helper()
	object, ok := kind.(tftypes.Object)
	if !ok {
		p.t.Fatalf("%s is not an object", kind)
	}
	values := map[string]tftypes.Value{}
	rest := maps.Clone(a)
	for name, attribute := range object.AttributeTypes {
		values[name] = p.attribute(attribute, a[name])
		delete(rest, name)
	}
	if len(rest) > 0 {
		p.t.Fatalf("no such arguments: %v", rest)
	}
	dynamic, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	p.must(err)
	return &dynamic
}

func (p *protocol) attribute(kind tftypes.Type, v any) tftypes.Value {
	p.t.Helper()
	switch v := v.(type) {
	case nil:
		return tftypes.NewValue(kind, nil)
	case args:
		object, _ := kind.(tftypes.Object)
		values := map[string]tftypes.Value{}
		for name, attribute := range object.AttributeTypes {
			values[name] = p.attribute(attribute, v[name])
		}
		return tftypes.NewValue(kind, values)
	case []args:
		list, _ := kind.(tftypes.List)
		values := []tftypes.Value{}
		for _, object := range v {
			values = append(values, p.attribute(list.ElementType, object))
		}
		return tftypes.NewValue(kind, values)
	case []any:
		list, _ := kind.(tftypes.List)
		values := []tftypes.Value{}
		for _, element := range v {
			values = append(values, p.attribute(list.ElementType, element))
		}
		return tftypes.NewValue(kind, values)
	case []string:
		values := []tftypes.Value{}
		for _, s := range v {
			values = append(values, tftypes.NewValue(tftypes.String, s))
		}
		return tftypes.NewValue(kind, values)
	case string:
		if v == unknown {
			return tftypes.NewValue(kind, tftypes.UnknownValue)
		}
	}
	return tftypes.NewValue(kind, v)
}

// plainValue converts a value to Go values. Numbers become json.Number, so that they are not
// rounded.
func plainValue(tb testing.TB, v tftypes.Value) any {
	tb.Helper()
	if v.IsNull() {
		return nil
	}
	if !v.IsKnown() {
		return unknown
	}
	must := func(err error) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	switch {
	case v.Type().Is(tftypes.String):
		var s string
		must(v.As(&s))
		return s
	case v.Type().Is(tftypes.Bool):
		var b bool
		must(v.As(&b))
		return b
	case v.Type().Is(tftypes.Number):
		return numberText(tb, v)
	case v.Type().Is(tftypes.List{}):
		var list []tftypes.Value
		must(v.As(&list))
		plain := make([]any, len(list))
		for i, element := range list {
			plain[i] = plainValue(tb, element)
		}
		return plain
	}
	var object map[string]tftypes.Value
	must(v.As(&object))
	plain := make(map[string]any, len(object))
	for name, attribute := range object {
		plain[name] = plainValue(tb, attribute)
	}
	return plain
}

// messages are diagnostics as users read them: "error at path: summary: detail".
type messages []string

func messagesOf(diags []*tfprotov6.Diagnostic) messages {
	var found messages
	for _, d := range diags {
		at := ""
		if d.Attribute != nil && len(d.Attribute.Steps()) > 0 {
			at = " at " + strings.NewReplacer("AttributeName(\"", "", "\")", "").Replace(d.Attribute.String())
		}
		found = append(found, fmt.Sprintf("%s%s: %s: %s", strings.ToLower(d.Severity.String()), at, d.Summary, d.Detail))
	}
	return found
}

func (m messages) hasError() bool {
	for _, s := range m {
		if strings.HasPrefix(s, "error") {
			return true
		}
	}
	return false
}

func (m messages) String() string { return strings.Join(m, "\n") }

func asJSON(tb testing.TB, v any) string {
	tb.Helper()
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

func numberText(tb testing.TB, v tftypes.Value) json.Number {
	tb.Helper()
	var f big.Float
	if err := v.As(&f); err != nil {
		tb.Fatal(err)
	}
	return json.Number(f.Text('f', -1))
}
