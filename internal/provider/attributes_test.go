package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// TestANameTakenTwiceDoesNotBuild: without the panic, one of the two attributes would be lost.
// Every test that uses the protocol builds all schemas of the provider.
func TestANameTakenTwiceDoesNotBuild(t *testing.T) {
	t.Parallel()
	field := stringAttr("status", "", func(string) *string { return nil })
	for name, build := range map[string]func(){
		"an argument and an attribute": func() {
			mergeAttributes(map[string]schema.Attribute{"status": schema.StringAttribute{}}, object[string]{field}.attributes())
		},
		"two attributes of an object": func() { object[string]{field, field}.attributes() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if got := fmt.Sprint(recover()); got != `two attributes have the name "status"` {
					t.Errorf("got %s", got)
				}
			}()
			build()
		})
	}
}
