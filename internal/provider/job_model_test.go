package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// TestEveryDocumentedFieldIsShown fails when GitHub's documented job has a field that the job object
// does not show, or the job object has one that is neither GitHub's nor known to be ours.
func TestEveryDocumentedFieldIsShown(t *testing.T) {
	t.Parallel()
	documented := githubtest.DocumentedJob()
	// The example lacks two fields of GitHub's schema; the last three are this provider's own.
	beyond := []string{"created_at", "run_attempt", "queued_seconds", "duration_seconds", "carried_over"}
	shown := jobObject().attributes()
	for name := range documented {
		if shown[name] == nil {
			t.Errorf("%s is documented, but not shown", name)
		}
	}
	for name := range shown {
		if _, ok := documented[name]; !ok && !slices.Contains(beyond, name) {
			t.Errorf("%s is shown, but where does it come from?", name)
		}
	}
	steps, _ := documented["steps"].([]any)
	step, _ := steps[0].(map[string]any)
	shown = stepObject().attributes()
	for name := range step {
		if shown[name] == nil {
			t.Errorf("steps: %s is documented, but not shown", name)
		}
	}
	if len(shown) != len(step)+1 {
		t.Errorf("a step shows %d attributes, want the documented %d and duration_seconds", len(shown), len(step))
	}
}

// TestAnEmptyJobIsAllNull: what the API does not return is null.
func TestAnEmptyJobIsAllNull(t *testing.T) {
	t.Parallel()
	for name, value := range jobObject().terraform(&job.Job{}) {
		if name == "steps" {
			if value.IsNull() || !value.Equal(tftypes.NewValue(value.Type(), []tftypes.Value{})) {
				t.Errorf("steps is %s, want an empty list", value)
			}
			continue
		}
		if isFalse := value.Equal(tftypes.NewValue(tftypes.Bool, false)); !value.IsNull() && (name != "carried_over" || !isFalse) {
			t.Errorf("%s is %s, want null", name, value)
		}
	}
}

// TestValuesFitTheSchema holds that values and schema of each data source are of one type, so that the
// state can be built from values alone.
func TestValuesFitTheSchema(t *testing.T) {
	t.Parallel()
	p := newProtocol(t, nil)
	for typeName, computed := range map[string]tftypes.Object{
		"github_actions_job":      jobObject().kind(),
		"github_actions_run_jobs": runJobsObject().kind(),
		"github_actions_job_logs": jobLogObject().kind(),
	} {
		kind, ok := p.schema.DataSourceSchemas[typeName].ValueType().(tftypes.Object)
		if !ok {
			t.Fatalf("%s is not an object", typeName)
		}
		for name, want := range computed.AttributeTypes {
			if got := kind.AttributeTypes[name]; got == nil || !got.Equal(want) {
				t.Errorf("%s: the schema's %s is %v, its values are %v", typeName, name, got, want)
			}
		}
	}
}
