package provider

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// TestEveryFunctionIsDescribed reads the functions as the registry will.
func TestEveryFunctionIsDescribed(t *testing.T) {
	t.Parallel()
	functions := newProtocol(t, nil).schema.Functions
	if len(functions) == 0 {
		t.Fatal("there are no functions")
	}
	for name, f := range functions {
		if len(f.Summary) < 10 || len(f.Description) < 100 {
			t.Errorf("%s has no description worth the name: %q, %q", name, f.Summary, f.Description)
		}
		for _, parameter := range f.Parameters {
			if len(parameter.Description) < 50 {
				t.Errorf("%s(%s) has no description worth the name: %q", name, parameter.Name, parameter.Description)
			}
			if parameter.AllowNullValue {
				t.Errorf("%s(%s) takes null", name, parameter.Name)
			}
		}
	}
}

// functionCase has the arguments of a function and its result or error.
type functionCase struct {
	name      string
	arguments []any
	want      any
	err       string
}

// checkCalls runs a table of calls without a configured provider block. It does not compare the
// ignored attributes of rows.
func checkCalls(t *testing.T, function string, cases []functionCase, ignored ...string) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := newProtocol(t, nil).call(function, tc.arguments...)
			if err != tc.err {
				t.Fatalf("error\ngot  %s\nwant %s", err, tc.err)
			}
			if a, b := asJSON(t, without(got, ignored)), asJSON(t, without(tc.want, ignored)); a != b {
				t.Errorf("got\n%s\nwant\n%s", a, b)
			}
		})
	}
}

// without leaves attributes out of each row of a list. It copies the rows, because several cases that
// run at once may share them.
func without(result any, names []string) any {
	list, isList := result.([]any)
	if !isList || len(names) == 0 {
		return result
	}
	copies := make([]any, len(list))
	for i, row := range list {
		attributes := maps.Clone(row.(map[string]any))
		maps.DeleteFunc(attributes, func(name string, _ any) bool { return slices.Contains(names, name) })
		copies[i] = attributes
	}
	return copies
}

// checkExample plans and applies the example of a function with Terraform.
func checkExample(t *testing.T, function string, checks ...statecheck.StateCheck) {
	t.Helper()
	example, err := os.ReadFile(filepath.Join("..", "..", "examples", "functions", function, "function.tf"))
	if err != nil {
		t.Fatal(err)
	}
	server := githubtest.New(t, githubtest.Demo())
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(nil),
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		Steps:                    []resource.TestStep{{Config: providerBlock(server) + string(example), ConfigStateChecks: checks}},
	})
}

// asShown matches a text that Terraform breaks into lines.
func asShown(text string) *regexp.Regexp {
	return regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(text), " ", `\s+`))
}

// asList and asSet are the collections that Terraform converts to.
func asList(tb testing.TB, kind tftypes.Type, elements ...any) tftypes.Value {
	tb.Helper()
	return tftypes.NewValue(tftypes.List{ElementType: kind}, values(tb, elements))
}

func asSet(tb testing.TB, kind tftypes.Type, elements ...any) tftypes.Value {
	tb.Helper()
	return tftypes.NewValue(tftypes.Set{ElementType: kind}, values(tb, elements))
}

func values(tb testing.TB, elements []any) []tftypes.Value {
	tb.Helper()
	all := make([]tftypes.Value, len(elements))
	for i, element := range elements {
		all[i] = anyValue(tb, element)
	}
	return all
}
