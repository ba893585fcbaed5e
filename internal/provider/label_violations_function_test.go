package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// violationRow is a row of the result. Missing attributes are null.
func violationRow(set args) map[string]any {
	row := map[string]any{}
	for name := range violationObject().kind().AttributeTypes {
		row[name] = set[name]
	}
	return row
}

func TestLabelViolations(t *testing.T) {
	t.Parallel()
	none := []any{}
	labels := func(labels ...any) []any { return []any{args{"labels": labels}} }
	denied := func(patterns ...any) args { return args{"denied": patterns} }
	stringsKind := tftypes.List{ElementType: tftypes.String}
	jobKind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"name": tftypes.String, "labels": stringsKind}}
	rulesKind := tftypes.Map{ElementType: stringsKind}
	job := func(name string, labels ...any) tftypes.Value {
		return tftypes.NewValue(jobKind, map[string]tftypes.Value{"name": anyValue(t, name), "labels": asList(t, tftypes.String, labels...)})
	}
	row := func(label, reason, pattern any, labels ...any) map[string]any {
		return violationRow(args{"labels": labels, "label": label, "reason": reason, "pattern": pattern})
	}
	gpuOfA := []any{violationRow(args{"job_name": "a", "labels": []any{"GPU"}, "label": "GPU", "reason": "denied", "pattern": "gpu"})}
	checkCalls(t, "label_violations", []functionCase{
		{name: "every attribute", arguments: []any{
			[]any{args{
				"id": 1, "run_id": 2, "run_attempt": 3, "name": "build", "workflow_name": "CI", "head_branch": "main", "conclusion": "success",
				"html_url": "https://github.com/acme/app/actions/runs/2/job/1", "labels": []any{"Linux", "gpu=a100"},
				"steps": []any{args{"name": 1}}, "anything": true, "later": unknown,
			}},
			args{"allowed": []any{"linux", "x64"}, "denied": []any{"gpu*"}, "required": []any{"self-hosted"}},
		}, want: func() []any {
			var rows []any
			for _, v := range []args{
				{"label": "gpu=a100", "reason": "denied", "pattern": "gpu*"},
				{"label": "gpu=a100", "reason": "not_allowed"},
				{"reason": "missing", "pattern": "self-hosted"},
			} {
				v["run_id"], v["run_attempt"], v["job_id"], v["job_name"], v["workflow_name"], v["head_branch"] = 2, 3, 1, "build", "CI", "main"
				v["labels"], v["html_url"] = []any{"Linux", "gpu=a100"}, "https://github.com/acme/app/actions/runs/2/job/1"
				rows = append(rows, violationRow(v))
			}
			return rows
		}()},
		{name: "no jobs", arguments: []any{none, denied("gpu")}, want: none},
		{name: "no rules", arguments: []any{labels("gpu"), args{}}, want: none},
		{name: "rules that are null", arguments: []any{labels("gpu"), args{"allowed": nil, "denied": nil, "required": nil}}, want: none},
		{name: "an allow list that is empty", arguments: []any{labels("gpu"), args{"allowed": none}}, want: []any{row("gpu", "not_allowed", nil, "gpu")}},
		{name: "jobs of different shapes", arguments: []any{
			[]any{args{"labels": nil}, args{"labels": none, "name": "x"}, args{"labels": []any{"gpu"}, "steps": none}}, denied("gpu"),
		}, want: []any{row("gpu", "denied", "gpu", "gpu")}},
		{name: "labels that are null are none", arguments: []any{[]any{args{"labels": nil}}, args{"required": []any{"x"}}}, want: []any{violationRow(args{"reason": "missing", "pattern": "x"})}},
		{name: "a skipped job without labels", arguments: []any{[]any{args{"labels": none, "conclusion": "skipped"}}, args{"required": []any{"x"}}}, want: none},
		{name: "a list of jobs", arguments: []any{asList(t, jobKind, job("a", "GPU"), job("b")), denied("gpu")}, want: gpuOfA},
		{name: "a set of jobs and a map of rules", arguments: []any{
			asSet(t, jobKind, job("a", "GPU")), tftypes.NewValue(rulesKind, map[string]tftypes.Value{"denied": asList(t, tftypes.String, "gpu")}),
		}, want: gpuOfA},
		{name: "sets of labels and of patterns", arguments: []any{
			[]any{args{"labels": asSet(t, tftypes.String, "gpu")}}, args{"denied": asSet(t, tftypes.String, "gpu")},
		}, want: []any{row("gpu", "denied", "gpu", "gpu")}},
		{name: "a map for a job", arguments: []any{[]any{tftypes.NewValue(tftypes.Map{ElementType: stringsKind}, map[string]tftypes.Value{"labels": asList(t, tftypes.String, "gpu")})}, denied("gpu")}, want: []any{row("gpu", "denied", "gpu", "gpu")}},

		{name: "rules by the audit's names", arguments: []any{labels("gpu"), args{"denied_labels": []any{"gpu"}}}, want: []any{row("gpu", "denied", "gpu", "gpu")}},
		{name: "keys in camelCase", arguments: []any{
			[]any{args{"runId": 2, "headBranch": "main", "runnerGroupName": "big", "runnerId": 7, "labels": []any{"gpu"}}},
			args{"deniedLabels": []any{"gpu"}, "allowedRunnerGroups": []any{"small*"}},
		}, want: []any{
			violationRow(args{"run_id": 2, "head_branch": "main", "runner_group_name": "big", "labels": []any{"gpu"}, "label": "gpu", "reason": "denied", "pattern": "gpu"}),
			violationRow(args{"run_id": 2, "head_branch": "main", "runner_group_name": "big", "labels": []any{"gpu"}, "reason": "group_not_allowed"}),
		}},
		{name: "a job that chose its group alone", arguments: []any{
			[]any{args{"labels": none, "status": "completed", "conclusion": "success", "runner_id": 7, "runner_group_name": "big", "repository": "acme/app"}}, args{"allowed_labels": []any{"linux"}},
		}, want: []any{violationRow(args{"repository": "acme/app", "runner_group_name": "big", "labels": none, "reason": "unlabeled"})}},
		{name: "a job that never ran has no group to judge", arguments: []any{
			[]any{args{"labels": []any{"linux"}, "status": "completed", "conclusion": "cancelled", "runner_id": 0, "runner_name": ""}}, args{"allowed_runner_groups": []any{"big"}},
		}, want: none},
		{name: "a copy is judged once", arguments: []any{[]any{
			args{"labels": []any{"gpu"}, "name": "a", "run_attempt": 1, "created_at": "2026-05-04T10:00:00Z", "started_at": "2026-05-04T10:00:10Z", "completed_at": "2026-05-04T10:10:00Z"},
			args{"labels": []any{"gpu"}, "name": "a", "run_attempt": 2, "created_at": "2026-05-04T12:00:00Z", "started_at": "2026-05-04T10:00:10Z", "completed_at": "2026-05-04T10:10:00Z"},
		}, denied("gpu")}, want: []any{violationRow(args{"job_name": "a", "run_attempt": 1, "labels": []any{"gpu"}, "label": "gpu", "reason": "denied", "pattern": "gpu"})}},

		{name: "an object that is not a job", arguments: []any{[]any{args{"labels": none}, args{"name": "x"}}, args{}}, err: `argument 0: jobs[1] has no attribute labels, so it is not a job`},
		{name: "a rule under both names", arguments: []any{none, args{"denied": none, "denied_labels": none}}, err: `argument 1: rules has both denied and denied_labels, which are the same rule`},
		{name: "unknown jobs", arguments: []any{unknown, denied("gpu")}, want: unknown},
		{name: "unknown rules", arguments: []any{none, unknown}, want: unknown},
		{name: "an unknown job", arguments: []any{[]any{unknown}, denied("gpu")}, want: unknown},
		{name: "unknown labels", arguments: []any{[]any{args{"labels": tftypes.NewValue(stringsKind, tftypes.UnknownValue)}}, denied("gpu")}, want: unknown},
		{name: "an unknown label", arguments: []any{labels("x", unknown), denied("gpu")}, want: unknown},
		{name: "an unknown name", arguments: []any{[]any{args{"name": unknown, "labels": none}}, denied("gpu")}, want: unknown},
		{name: "an unknown pattern", arguments: []any{none, denied("x", unknown)}, want: unknown},
		{name: "bad rules beside unknown jobs", arguments: []any{unknown, args{"deny": none}}, err: `argument 1: rules has the unknown attribute "deny"; it can have allowed_labels, denied_labels, required_labels, allowed_runner_groups, denied_runner_groups`},
		{name: "a bad job beside an unknown one", arguments: []any{[]any{unknown, 1}, denied("gpu")}, err: `argument 0: jobs[1] must be an object, not a number`},

		{name: "null jobs", arguments: []any{nil, args{}}, err: `argument 0: jobs must be a list of objects, not null`},
		{name: "jobs that are not a list", arguments: []any{args{"jobs": none}, args{}}, err: `argument 0: jobs must be a list of objects, not an object`},
		{name: "a job that is null", arguments: []any{[]any{args{"labels": nil}, nil}, args{}}, err: `argument 0: jobs[1] must be an object, not null`},
		{name: "a job that is a list", arguments: []any{[]any{none}, args{}}, err: `argument 0: jobs[0] must be an object, not a list`},
		{name: "a label that is a number", arguments: []any{[]any{args{"labels": nil}, args{"labels": []any{"x", 20.04}}}, args{}}, err: `argument 0: jobs[1].labels[1] must be a string, not a number`},
		{name: "a label that is null", arguments: []any{labels(nil), args{}}, err: `argument 0: jobs[0].labels[0] must be a string, not null`},
		{name: "labels that are a string", arguments: []any{[]any{args{"labels": "gpu"}}, args{}}, err: `argument 0: jobs[0].labels must be a list of strings, not a string`},
		{name: "a name that is a bool", arguments: []any{[]any{args{"name": true}}, args{}}, err: `argument 0: jobs[0].name must be a string, not a bool`},
		{name: "an id that is a string", arguments: []any{[]any{args{"id": "1"}}, args{}}, err: `argument 0: jobs[0].id must be a number, not a string`},
		{name: "an id with a fraction", arguments: []any{[]any{args{"run_id": 1.5}}, args{}}, err: `argument 0: jobs[0].run_id must be a 64-bit whole number, not 1.5`},
		{name: "an id too large", arguments: []any{[]any{args{"run_id": 1e20}}, args{}}, err: `argument 0: jobs[0].run_id must be a 64-bit whole number, not 1e+20`},
		{name: "null rules", arguments: []any{none, nil}, err: `argument 1: rules must be an object, not null`},
		{name: "rules that are a list", arguments: []any{none, none}, err: `argument 1: rules must be an object, not a list`},
		{name: "an unknown list of rules, even null", arguments: []any{none, args{"denied_names": nil}}, err: `argument 1: rules has the unknown attribute "denied_names"; it can have allowed_labels, denied_labels, required_labels, allowed_runner_groups, denied_runner_groups`},
		{name: "rules that are a string", arguments: []any{none, args{"denied": "gpu"}}, err: `argument 1: rules.denied must be a list of strings, not a string`},
		{name: "a pattern that is a list", arguments: []any{none, denied("gpu", none)}, err: `argument 1: rules.denied[1] must be a string, not a list`},
		{name: "an empty pattern", arguments: []any{none, denied("gpu", "")}, err: `argument 1: rules.denied[1] cannot be "": the pattern is empty`},
		{name: "a padded pattern", arguments: []any{none, args{"required": []any{" gpu"}}}, err: `argument 1: rules.required[0] cannot be " gpu": the pattern begins or ends with white space`},
	}, "message") // pinned in internal/audit, and below in TestAccLabelViolations
}

// TestViolationRowsAreTheContract: users rely on these names.
func TestViolationRowsAreTheContract(t *testing.T) {
	t.Parallel()
	var names []string
	for _, f := range violationObject() {
		names = append(names, f.name)
	}
	want := []string{"repository", "run_id", "run_attempt", "job_id", "job_name", "workflow_name", "head_branch", "labels", "label", "reason", "pattern", "runner_group_name", "message", "html_url"}
	if !slices.Equal(names, want) {
		t.Errorf("got  %q\nwant %q", names, want)
	}
}

// TestAccLabelViolations calls the function as users do: with the jobs of one data source, of
// several data sources, with a handwritten list, and with values that are unknown until the apply.
func TestAccLabelViolations(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	config := providerBlock(server) + `
		data "github_actions_run_jobs" "release" {
		  repository = "app"
		  run_id     = 701
		}
		resource "terraform_data" "label" { input = "ubuntu-20.04" }
		output "of_data" {
		  value = provider::github::label_violations(data.github_actions_run_jobs.release.jobs, { denied = ["ubuntu-20.*"] })
		}
		output "by_hand" {
		  value = provider::github::label_violations([{ labels = ["a"] }, { name = "b", labels = ["b"], conclusion = null }], { allowed = ["a"] })
		}
		output "late" {
		  value = provider::github::label_violations([{ labels = [terraform_data.label.output] }], { denied = ["ubuntu-20.*"] })
		}`
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(nil),
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		Steps: []resource.TestStep{
			// A configuration that fails cannot be destroyed, so these come first.
			{Config: providerBlock(server) + `
				output "bad" { value = provider::github::label_violations([], { denied = [""] }) }`,
				ExpectError: asShown(`Invalid value for "rules" parameter: rules.denied[0] cannot be "": the pattern is empty.`)},
			{Config: config, ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("of_data", knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
					"repository": knownvalue.Null(), "runner_group_name": knownvalue.StringExact("GitHub Actions"),
					"message": knownvalue.StringExact(`Job "docs" of workflow "Release" uses label "ubuntu-20.04", which denied_labels forbids ("ubuntu-20.*").`),
					"run_id":  knownvalue.Int64Exact(701), "run_attempt": knownvalue.Int64Exact(1), "job_id": knownvalue.Int64Exact(70103),
					"job_name": knownvalue.StringExact("docs"), "workflow_name": knownvalue.StringExact("Release"), "head_branch": knownvalue.StringExact("main"),
					"labels": knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("ubuntu-20.04")}), "label": knownvalue.StringExact("ubuntu-20.04"),
					"reason": knownvalue.StringExact("denied"), "pattern": knownvalue.StringExact("ubuntu-20.*"),
					"html_url": knownvalue.StringExact("https://github.com/acme/app/actions/runs/701/job/70103"),
				})})),
				statecheck.ExpectKnownOutputValueAtPath("by_hand", tfjsonpath.New(0).AtMapKey("label"), knownvalue.StringExact("b")),
				statecheck.ExpectKnownOutputValueAtPath("late", tfjsonpath.New(0).AtMapKey("label"), knownvalue.StringExact("ubuntu-20.04")),
			}},
		},
	})
}

func TestAccLabelViolationsExample(t *testing.T) {
	t.Parallel()
	checkExample(t, "label_violations",
		statecheck.ExpectKnownOutputValue("violations", knownvalue.ListSizeExact(2)),
		statecheck.ExpectKnownOutputValueAtPath("violations", tfjsonpath.New(0).AtMapKey("reason"), knownvalue.StringExact("denied")),
		statecheck.ExpectKnownOutputValueAtPath("violations", tfjsonpath.New(1).AtMapKey("reason"), knownvalue.StringExact("not_allowed")))
}
