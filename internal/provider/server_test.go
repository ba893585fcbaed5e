package provider

import (
	"bytes"
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// TestTheServerHidesNothing: our server has all methods of the framework's server, because
// terraform-plugin-go finds methods by type assertions.
func TestTheServerHidesNothing(t *testing.T) {
	t.Parallel()
	p := newProvider("test", machineWith(nil))
	framework, ours := reflect.TypeOf(providerserver.NewProtocol6(p)()), reflect.TypeOf(newServer(p))
	for method := range framework.Methods() {
		same, ok := ours.MethodByName(method.Name)
		if !ok {
			t.Errorf("%s is hidden", method.Name)
			continue
		}
		if got, want := signature(same.Type), signature(method.Type); !slices.Equal(got, want) {
			t.Errorf("%s takes and gives %v, want %v", method.Name, got, want)
		}
	}
	if framework.NumMethod() == 0 {
		t.Error("the framework's server has no methods")
	}
	server := newServer(p)
	if _, ok := server.(tfprotov6.ListResourceServer); !ok {
		t.Error("list resources are hidden")
	}
	if _, ok := server.(tfprotov6.ActionServer); !ok {
		t.Error("actions are hidden")
	}
	if _, ok := server.(tfprotov6.StateStoreServer); !ok {
		t.Error("state stores are hidden")
	}
}

// signature has the parameters of a method, without its receiver, and its results.
func signature(method reflect.Type) []reflect.Type {
	return append(slices.Collect(method.Ins())[1:], slices.Collect(method.Outs())...)
}

// TestBothServersGiveTheSameState reads every data source through our server and through the
// framework's alone, and compares the answers byte for byte.
func TestBothServersGiveTheSameState(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	ours := configured(t, server)
	bare := newProtocol(t, nil)
	bare.server = providerserver.NewProtocol6(newProvider("test", machineWith(nil)))()
	if diags := bare.configure(args{"base_url": server.BaseURL(), "owner": "acme"}); len(diags) > 0 {
		t.Fatal(diags)
	}
	// Values for the repository and required arguments, by name, and for others by data source.
	common := args{"repository": "app", "job_id": 70004, "run_id": 700, "head_sha": strings.Repeat("a", 40), "workflows": []string{"ci.yml"}}
	more := map[string][]args{
		"github_actions_job":                {{"owner": "acme"}},
		"github_actions_run_jobs":           {{"filter": "all", "timeouts": args{"read": "1m"}}, {"include_steps": false}, {"attempt_number": 1}},
		"github_actions_workflow_runs":      {{"branch": "main", "max_results": 2}},
		"github_actions_runner_label_audit": {{"allowed_labels": []string{"ubuntu-*"}, "max_runs": 5}},
		"github_actions_job_logs":           {{"pattern": "a", "tail_lines": 3}},
	}
	for name, schema := range ours.schema.DataSourceSchemas {
		required := args{}
		for _, attribute := range schema.Block.Attributes {
			if value, known := common[attribute.Name]; known && (attribute.Required || attribute.Name == "repository") {
				required[attribute.Name] = value
			}
		}
		for _, extra := range append([]args{nil}, more[name]...) {
			a := maps.Clone(required)
			maps.Copy(a, extra)
			config := ours.value(schema.ValueType(), a)
			got, want := readRaw(t, ours, name, config), readRaw(t, bare, name, config)
			if g, w := messagesOf(got.Diagnostics), messagesOf(want.Diagnostics); len(g) != len(w) {
				t.Errorf("%s %v says %s, want %s", name, a, g, w)
			}
			if messagesOf(want.Diagnostics).hasError() {
				t.Errorf("%s %v: add arguments that it can be read with: %s", name, a, messagesOf(want.Diagnostics))
				continue
			}
			if !bytes.Equal(got.State.MsgPack, want.State.MsgPack) {
				t.Errorf("%s %v gives\n%q, want\n%q", name, a, got.State.MsgPack, want.State.MsgPack)
			}
		}
	}
}

func readRaw(t *testing.T, p *protocol, name string, config *tfprotov6.DynamicValue) *tfprotov6.ReadDataSourceResponse {
	t.Helper()
	resp, err := p.server.ReadDataSource(t.Context(), p.readRequest(name, config))
	p.must(err)
	return resp
}

// TestEverySourceLeavesItsState: Configure and setState of dataSource see to it. Its reads are finished,
// so that caches have what was read.
func TestEverySourceLeavesItsState(t *testing.T) {
	t.Parallel()
	for _, factory := range newProvider("test", machineWith(nil)).DataSources(t.Context()) {
		source := factory()
		finished, ok := source.(finishedDataSource)
		if !ok {
			t.Errorf("the reads of %T are not finished", source)
			continue
		}
		source = finished.finishable
		embedded := reflect.ValueOf(source).Elem().FieldByName("dataSource")
		if !embedded.IsValid() {
			t.Errorf("%T does not embed dataSource", source)
			continue
		}
		if embedded.Type() != reflect.TypeFor[dataSource]() {
			t.Errorf("%T embeds another dataSource", source)
		}
	}
}

// leavesAState is a framework's server whose read stores a state and returns a diagnostic.
type leavesAState struct {
	frameworkServer

	severity tfprotov6.DiagnosticSeverity
}

func (l leavesAState) ReadDataSource(ctx context.Context, _ *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	encodedStateIn(ctx).state = []byte("state")
	return &tfprotov6.ReadDataSourceResponse{
		State:       &tfprotov6.DynamicValue{MsgPack: []byte("an empty object")},
		Diagnostics: []*tfprotov6.Diagnostic{{Severity: l.severity}},
	}, nil
}

// TestAnErrorAfterTheState: the answer has no state, because an incomplete state would look
// complete.
func TestAnErrorAfterTheState(t *testing.T) {
	t.Parallel()
	s := server{leavesAState{severity: tfprotov6.DiagnosticSeverityError}}
	resp, err := s.ReadDataSource(t.Context(), nil)
	if err != nil || resp.State != nil {
		t.Errorf("got %v, %v", resp.State, err)
	}
	s = server{leavesAState{severity: tfprotov6.DiagnosticSeverityWarning}}
	resp, err = s.ReadDataSource(t.Context(), nil)
	if err != nil || string(resp.State.MsgPack) != "state" {
		t.Errorf("got %v, %v", resp.State, err)
	}
}
