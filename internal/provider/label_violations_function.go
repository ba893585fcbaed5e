package provider

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/runner-audit/terraform-provider-github-actions/internal/audit"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// labelViolationsFunction is label_violations: the audit's rules for any list of jobs.
type labelViolationsFunction struct{}

func newLabelViolationsFunction() function.Function { return &labelViolationsFunction{} }

func (f *labelViolationsFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "label_violations"
}

func (f *labelViolationsFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "List what breaks rules about runner labels in a list of jobs",
		MarkdownDescription: "Judges the runner labels of jobs by the rules of the data source `github_actions_runner_label_audit` and gives one object for each violation: an empty list when there is none. Needs Terraform 1.8 or OpenTofu 1.7.\n\n" +
			"The violations stand in the order of the jobs; within a job, in the order of its labels, and missing labels last. Each is an object of `run_id`, `run_attempt`, `job_id`, `job_name`, `workflow_name`, `head_branch`, `labels` (all of the job), `html_url`, which are null when the job does not tell, and:\n\n" +
			"- `reason` (string): `denied`, `not_allowed` or `missing`.\n" +
			"- `label` (string): the label at fault, as the job spells it; null for a label that is missing.\n" +
			"- `pattern` (string): the first deny pattern that matches the label, or the required one that no label matches; null for a label that is not allowed, since then no pattern matches.\n\n" +
			"A label that is denied and also not allowed gives two violations. A skipped job without labels never asked for a runner and misses none.\n\n" +
			"Null for `jobs` or `rules` is an error. The result is unknown while anything is that the rules look at or that a violation shows.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "jobs",
				AllowUnknownValues:  true, // what is wrong with the rules shows all the same
				MarkdownDescription: "List, tuple or set of job objects, such as `jobs` of `github_actions_run_jobs` or a `flatten` of several of them. Of each it reads `id`, `run_id`, `run_attempt`, `name`, `workflow_name`, `head_branch`, `labels`, `conclusion` and `html_url`. Other attributes do not count, and what is absent is null; `labels` that are null are none.",
			},
			function.DynamicParameter{
				Name:                "rules",
				AllowUnknownValues:  true,
				MarkdownDescription: "Object with any of `allowed`, `denied` and `required`, each a list of patterns; absent and null are not set. Every label has to match a pattern of `allowed` (an empty list allows none), none may match one of `denied`, and for each of `required` some label of the job has to match. Patterns match whole labels without case; `*` stands for any characters, `/` and `=` included, `?` for one. An unknown name is an error.",
			},
		},
		Return: function.ListReturn{ElementType: violationObject().returned()},
	}
}

const jobsArgument, rulesArgument = 0, 1

func (f *labelViolationsFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var jobsValue, rulesValue types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &jobsValue, &rulesValue); resp.Error != nil {
		return
	}
	inJobs, inRules := argument{position: jobsArgument}, argument{position: rulesArgument}
	jobs := auditJobs(inJobs.read("jobs", jobsValue))
	rules := labelRules(inRules.read("rules", rulesValue))
	for _, in := range []argument{inJobs, inRules} {
		if in.fault != nil {
			resp.Error = in.fault
			return
		}
	}
	if inJobs.unknown || inRules.unknown {
		resp.Error = resp.Result.Set(ctx, types.ListUnknown(violationObject().returned()))
		return
	}
	value, err := violationObject().results(ctx, rules.ViolationsOf(jobs))
	if err != nil {
		resp.Error = resultError(err)
		return
	}
	resp.Error = resp.Result.Set(ctx, value)
}

// auditJobs reads what the rules look at and what a violation shows.
func auditJobs(jobs element) []*job.Job {
	objects := jobs.objectList()
	read := make([]*job.Job, len(objects))
	for i, object := range objects {
		read[i] = &job.Job{
			ID:            object.at("id").int64Value(),
			RunID:         object.at("run_id").int64Value(),
			RunAttempt:    object.at("run_attempt").int64Value(),
			Name:          object.at("name").stringValue(),
			WorkflowName:  object.at("workflow_name").stringValue(),
			HeadBranch:    object.at("head_branch").stringValue(),
			HTMLURL:       object.at("html_url").stringValue(),
			Labels:        object.at("labels").stringList(),
			Conclusion:    object.at("conclusion").stringValue(),
			RunnerUnknown: true,
		}
	}
	return read
}

// labelRules reads and compiles the rules. They are nil where they are not known yet.
func labelRules(rules element) *audit.Rules {
	known := slices.Sorted(maps.Keys(shortLists()))
	lists := rules.object()
	in := rules.in
	for _, name := range slices.Sorted(maps.Keys(lists.values)) {
		if in.fault == nil && !slices.Contains(known, name) {
			in.fault = ruleNameError(in.position, rules.place, name, known)
		}
	}
	patterns := map[audit.List][]string{}
	for name, list := range shortLists() {
		patterns[list] = lists.at(name).stringList()
	}
	if in.fault != nil || in.unknown {
		return nil
	}
	compiled, err := audit.NewRules(patterns)
	if wrong, isWrong := errors.AsType[*audit.RuleError](err); isWrong {
		in.fault = ruleError(in.position, rules.place, wrong)
	}
	return compiled
}

// shortLists are the lists of rules by their names in the function.
func shortLists() map[string]audit.List {
	return map[string]audit.List{
		"allowed": audit.ListAllowedLabels, "denied": audit.ListDeniedLabels, "required": audit.ListRequiredLabels,
	}
}
