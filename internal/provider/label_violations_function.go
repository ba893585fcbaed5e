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
		Summary: "List the violations of runner label rules in a list of jobs",
		MarkdownDescription: "Checks the runner labels of jobs against the same rules as the data source `github_actions_runner_label_audit`. Returns one object for each violation, and an empty list if there are none. Requires Terraform 1.8 or OpenTofu 1.7, or later.\n\n" +
			"The violations are in the order of the jobs. Within a job, they are in the order of its labels, with missing labels last. Each object has `run_id`, `run_attempt`, `job_id`, `job_name`, `workflow_name`, `head_branch`, `labels` (all labels of the job) and `html_url`, which are null if the job does not have them, and:\n\n" +
			"- `reason` (string): `denied`, `not_allowed` or `missing`.\n" +
			"- `label` (string): the label that breaks the rule, as the job spells it. Null if `reason` is `missing`.\n" +
			"- `pattern` (string): the first denied pattern that the label matches, or the required pattern that no label matches. Null if `reason` is `not_allowed`, because then no pattern matches.\n\n" +
			"A label that is denied and also not allowed causes two violations. The function does not check skipped jobs without labels for required labels, because GitHub does not return the labels that they requested.\n\n" +
			"If `jobs` or `rules` is null, the function fails. The result is unknown if an attribute that the function reads is unknown.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "jobs",
				AllowUnknownValues:  true, // faults in the rules are reported before the jobs are known
				MarkdownDescription: "List, tuple or set of job objects, such as `jobs` of `github_actions_run_jobs`, or several of these lists combined with `flatten`. The function reads `id`, `run_id`, `run_attempt`, `name`, `workflow_name`, `head_branch`, `labels`, `conclusion` and `html_url` of each job and ignores other attributes. A missing attribute counts as null. If `labels` is null, the job has no labels.",
			},
			function.DynamicParameter{
				Name:                "rules",
				AllowUnknownValues:  true,
				MarkdownDescription: "Object with any of the attributes `allowed`, `denied` and `required`, each a list of patterns. A rule that is missing or null is not set. Every label must match a pattern of `allowed` (an empty list allows no label), no label may match a pattern of `denied`, and each pattern of `required` must match a label of the job. A pattern must match the whole label and ignores case. `*` matches any number of characters, including `/` and `=`; `?` matches one character. Any other attribute is an error.",
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
