package provider

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

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
			"The violations are in the order of the jobs. Within a job, they are in the order of its labels, then missing labels, then runner groups. Each object has `repository`, `run_id`, `run_attempt`, `job_id`, `job_name`, `workflow_name`, `head_branch`, `labels` (all labels of the job), `runner_group_name` and `html_url`, which are null if the job does not have them, and:\n\n" +
			"- `reason` (string): `denied`, `not_allowed`, `missing`, `unlabeled`, `group_denied` or `group_not_allowed`, as in the data source.\n" +
			"- `message` (string): a sentence that says what is wrong.\n" +
			"- `label` (string): the label that breaks the rule, as the job spells it. Null for other reasons than `denied` and `not_allowed`.\n" +
			"- `pattern` (string): the first denied pattern that the label or group matches, or the required pattern that no label matches. Null for other reasons, because then no pattern matches.\n\n" +
			"A label that is denied and also not allowed causes two violations. The function does not check skipped jobs without labels for required labels, because GitHub does not return the labels that they requested. It does not check a job that a re-run carried over if its original is in the list.\n\n" +
			"If `jobs` or `rules` is null, the function fails. The result is unknown if an attribute that the function reads is unknown.",
		Parameters: []function.Parameter{
			function.DynamicParameter{
				Name:                "jobs",
				AllowUnknownValues:  true, // faults in the rules are reported before the jobs are known
				MarkdownDescription: "List, tuple or set of job objects, such as `jobs` of `github_actions_run_jobs`, or several of these lists combined with `flatten`. The function reads `id`, `run_id`, `run_attempt`, `name`, `workflow_name`, `head_branch`, `labels`, `status`, `conclusion`, `created_at`, `started_at`, `completed_at`, `runner_id`, `runner_name`, `runner_group_name`, `repository` and `html_url` of each job and ignores other attributes. Keys can be in snake_case or in camelCase. A missing attribute counts as null, but an object without `labels` is an error, because it is not a job. If `labels` is null, the job has no labels.",
			},
			function.DynamicParameter{
				Name:                "rules",
				AllowUnknownValues:  true,
				MarkdownDescription: "Object with any of the attributes `allowed_labels`, `denied_labels`, `required_labels`, `allowed_runner_groups` and `denied_runner_groups`, each a list of patterns. The label rules also have the short names `allowed`, `denied` and `required`. A rule that is missing or null is not set. The rules are those of the data source: every label must match a pattern of `allowed_labels` (an empty list allows no label), no label may match a pattern of `denied_labels`, and each pattern of `required_labels` must match a label of the job. The group rules check the runner group of each job that ran. A pattern must match the whole label or name and ignores case. `*` matches any number of characters, including `/` and `=`; `?` matches one character. Any other attribute is an error.",
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
	repositories := map[*job.Job]string{}
	jobs := jobArgument(inJobs.read("jobs", jobsValue), "labels", func(object fields, j *job.Job) {
		j.HeadBranch = object.at("head_branch").stringValue()
		j.HTMLURL = object.at("html_url").stringValue()
		j.Labels = object.at("labels").stringList()
		j.RunnerGroupName = job.NotZero(object.at("runner_group_name").stringValue())
		repositories[j] = job.Value(object.at("repository").stringValue())
	})
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
	found := rules.ViolationsOf(jobs)
	for i, violation := range found {
		found[i].Repository = repositories[violation.Job]
	}
	value, err := violationObject().results(ctx, found)
	if err != nil {
		resp.Error = resultError(err)
		return
	}
	resp.Error = resp.Result.Set(ctx, value)
}

// labelRules reads and compiles the rules. They are nil if a part of them is unknown.
func labelRules(rules element) *audit.Rules {
	lists := rules.object()
	in := rules.in
	written := make(map[audit.List]string) // the name that the user chose
	for _, name := range slices.Sorted(maps.Keys(lists.values)) {
		list, isKnown := ruleNames()[name]
		switch {
		case in.fault != nil:
		case !isKnown:
			in.fault = ruleNameError(in.position, rules.place, name, listNames())
		case written[list] != "":
			in.fault = sameRuleError(in.position, rules.place, written[list], name)
		}
		written[list] = name
	}
	patterns := make(map[audit.List][]string, len(written))
	for list, name := range written {
		patterns[list] = lists.at(name).stringList()
	}
	if in.fault != nil || in.unknown {
		return nil
	}
	compiled, err := audit.NewRules(patterns)
	if wrong, isWrong := errors.AsType[*audit.RuleError](err); isWrong {
		in.fault = ruleError(in.position, rules.place+"."+written[wrong.List], wrong)
	}
	return compiled
}

// listNames are the names of the rules, as the audit has them.
func listNames() []string {
	names := make([]string, 0, len(audit.Lists()))
	for _, list := range audit.Lists() {
		names = append(names, string(list))
	}
	return names
}

// ruleNames are all names that a rule may have: the audit's, the same in camelCase, and the short ones
// of label rules.
func ruleNames() map[string]audit.List {
	names := map[string]audit.List{}
	for _, list := range audit.Lists() {
		names[string(list)], names[camelCase(string(list))] = list, list
		if short, isLabels := strings.CutSuffix(string(list), "_labels"); isLabels {
			names[short] = list
		}
	}
	return names
}
