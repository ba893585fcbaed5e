// Package audit checks jobs against rules about the runner labels that they request and the runner
// groups that they ran in.
//
// It is pure: it sends no requests and reads no clock. [Rules] checks one job, [Collector] the jobs
// of many runs.
//
// GitHub compares labels without case, so patterns match without case.
package audit

import (
	"fmt"
	"slices"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// List names one of the lists of rules.
type List string

// The lists, with the names of their arguments.
const (
	ListAllowedLabels       List = "allowed_labels"
	ListDeniedLabels        List = "denied_labels"
	ListRequiredLabels      List = "required_labels"
	ListAllowedRunnerGroups List = "allowed_runner_groups"
	ListDeniedRunnerGroups  List = "denied_runner_groups"
)

// Lists returns all lists, in the order in which users should read them.
func Lists() []List {
	return []List{ListAllowedLabels, ListDeniedLabels, ListRequiredLabels, ListAllowedRunnerGroups, ListDeniedRunnerGroups}
}

// AreLabels reports whether the patterns of the list are for labels. The others are for names.
func (l List) AreLabels() bool { return l != ListAllowedRunnerGroups && l != ListDeniedRunnerGroups }

// RuleError says which pattern of which list cannot be used. The cause is an error of
// [NewLabelPattern] or [NewPattern], for errors.Is.
type RuleError struct {
	List    List
	Index   int    // counted from 0
	Pattern string // as written
	Err     error
}

func (e *RuleError) Error() string {
	return fmt.Sprintf("%s[%d] %q: %v", e.List, e.Index, e.Pattern, e.Err)
}

func (e *RuleError) Unwrap() error { return e.Err }

// Reason is the kind of a violation.
type Reason string

// The reasons.
const (
	// ReasonDenied: a deny pattern matches the label.
	ReasonDenied Reason = "denied"
	// ReasonNotAllowed: an allow list is set, and none of its patterns matches the label.
	ReasonNotAllowed Reason = "not_allowed"
	// ReasonMissing: no label of the job matches a required pattern.
	ReasonMissing Reason = "missing"
	// ReasonUnlabeled: an allow list is set, but the job requested a runner group without labels.
	ReasonUnlabeled Reason = "unlabeled"
	// ReasonGroupDenied: a deny pattern matches the runner group.
	ReasonGroupDenied Reason = "group_denied"
	// ReasonGroupNotAllowed: an allow list for runner groups is set, and none of its patterns
	// matches the group, or the job did not run in a group.
	ReasonGroupNotAllowed Reason = "group_not_allowed"
)

// Violation is one violation of a rule by a job.
type Violation struct {
	// Repository is the repository of the job, as the caller wrote it. May be empty.
	Repository string

	// Job is the job with the violation. It must not be changed any more.
	Job *job.Job

	// Label is the label at fault, as the job spells it. Null if the reason is missing, unlabeled
	// or about the runner group.
	Label *string

	Reason Reason

	// Pattern is the rule as the user wrote it: the first deny pattern that matches, or the
	// required pattern that does not match any label. Null for what is not allowed, because then no
	// pattern of the list matches.
	Pattern *string
}

// Rules says which labels jobs may use, must not use and must use, and in which runner groups they
// may run and must not run. The zero value and nil have no rules, so there are no violations. Rules
// never change, so several goroutines may use them.
type Rules struct {
	lists  map[List][]*Pattern
	labels bool // a list of allowed labels is set, even if empty
	groups bool // a list of allowed groups is set, even if empty
}

// NewRules compiles lists of patterns. A list that is absent or nil is not set. An allow list that
// is set but empty allows nothing. For the other lists, empty and nil are the same.
//
// The error is a [*RuleError] for the first pattern at fault, in the order of [Lists].
func NewRules(patterns map[List][]string) (*Rules, error) {
	r := &Rules{
		lists:  make(map[List][]*Pattern),
		labels: patterns[ListAllowedLabels] != nil,
		groups: patterns[ListAllowedRunnerGroups] != nil,
	}
	for _, list := range Lists() {
		compile := NewPattern
		if list.AreLabels() {
			compile = NewLabelPattern
		}
		for i, source := range patterns[list] {
			p, err := compile(source)
			if err != nil {
				return nil, &RuleError{List: list, Index: i, Pattern: source, Err: err}
			}
			// The same rule twice must not count a missing label twice.
			if !slices.ContainsFunc(r.lists[list], p.equivalent) {
				r.lists[list] = append(r.lists[list], p)
			}
		}
	}
	return r, nil
}

// ViolationsOf lists the violations in a list of jobs. Copies of jobs in the list do not count
// (job.WithoutCopies).
func (r *Rules) ViolationsOf(jobs []*job.Job) []Violation {
	var found []Violation
	for _, j := range job.WithoutCopies(jobs) {
		found = append(found, r.Violations(j)...)
	}
	return found
}

// Violations lists the violations of one job. First, for each label in the order of the job: the
// label is denied, then: it is not allowed. Next: the job has no labels. Then each required pattern
// that does not match any label, in the order of the list. Last, violations about the runner group.
// It is nil without violations.
//
// Each list is applied separately. A label that is denied and also not allowed gives two
// violations, so filtering by one reason shows all of its violations. Within a list, a label counts
// once, even if several deny patterns match it or the job repeats it.
//
// The rules about labels check what a job requested, not where it ran, so they also apply to
// queued, cancelled and skipped jobs. A skipped job without labels never requested a runner, so
// required labels are not missing in it. The rules about groups check where a job ran, so they do
// not apply to jobs that never ran.
func (r *Rules) Violations(j *job.Job) []Violation {
	if r == nil {
		return nil
	}
	found := r.labelViolations(j)
	if ran(j) {
		found = r.groupViolations(found, j)
	}
	return found
}

func (r *Rules) labelViolations(j *job.Job) []Violation {
	allowed, denied := r.lists[ListAllowedLabels], r.lists[ListDeniedLabels]
	var found []Violation
	var room [128]rune
	text := room[:0]
	// All labels folded, including repetitions, which do not matter for the required patterns.
	folded := make([][]rune, 0, 8)
	for _, label := range j.Labels {
		start := len(text)
		text = appendFolded(text, label)
		this := text[start:]
		repeated := slices.ContainsFunc(folded, func(seen []rune) bool { return slices.Equal(seen, this) })
		folded = append(folded, this)
		if repeated {
			continue
		}
		if p := firstMatch(denied, this); p != nil {
			found = append(found, Violation{Job: j, Label: new(label), Reason: ReasonDenied, Pattern: new(p.source)})
		}
		if r.labels && firstMatch(allowed, this) == nil {
			found = append(found, Violation{Job: j, Label: new(label), Reason: ReasonNotAllowed})
		}
	}
	if r.labels && len(j.Labels) == 0 && ran(j) && !r.allowsGroupOf(j) {
		found = append(found, Violation{Job: j, Reason: ReasonUnlabeled})
	}
	if askedForNoRunner(j) {
		return found
	}
	for _, p := range r.lists[ListRequiredLabels] {
		if !slices.ContainsFunc(folded, p.matchFolded) {
			found = append(found, Violation{Job: j, Reason: ReasonMissing, Pattern: new(p.source)})
		}
	}
	return found
}

// groupViolations adds the violations about the runner group of a job that ran.
func (r *Rules) groupViolations(found []Violation, j *job.Job) []Violation {
	if group := job.Value(j.RunnerGroupName); group != "" && len(r.lists[ListDeniedRunnerGroups]) > 0 {
		if p := firstMatch(r.lists[ListDeniedRunnerGroups], appendFolded(nil, group)); p != nil {
			found = append(found, Violation{Job: j, Reason: ReasonGroupDenied, Pattern: new(p.source)})
		}
	}
	if r.groups && !r.allowsGroupOf(j) {
		found = append(found, Violation{Job: j, Reason: ReasonGroupNotAllowed})
	}
	return found
}

// allowsGroupOf reports whether the list of allowed groups contains the job's group. It is false if
// the list is not set.
func (r *Rules) allowsGroupOf(j *job.Job) bool {
	group := job.Value(j.RunnerGroupName)
	return group != "" && firstMatch(r.lists[ListAllowedRunnerGroups], appendFolded(nil, group)) != nil
}

// ran reports whether a runner worked on a job. If the source has no fields about runners, a job
// counts as run if it is in progress or completed.
func ran(j *job.Job) bool {
	if j.NeverRan() {
		return false
	}
	return !j.RunnerUnknown || !j.Unfinished() || job.Value(j.Status) == "in_progress"
}

// askedForNoRunner reports whether a job never requested a runner: GitHub lists skipped jobs
// without labels, because it did not evaluate their runs-on. A job with `runs-on: {group: …}` has
// no labels either, but it requests a runner, so an empty list is not enough.
func askedForNoRunner(j *job.Job) bool {
	return len(j.Labels) == 0 && job.Value(j.Conclusion) == job.ConclusionSkipped
}

// firstMatch returns the first pattern that matches a folded text, or nil.
func firstMatch(patterns []*Pattern, label []rune) *Pattern {
	for _, p := range patterns {
		if p.matchFolded(label) {
			return p
		}
	}
	return nil
}
