// Package audit judges jobs by rules about the runner labels that they ask for.
//
// It is pure: it sends no requests and reads no clock. [Rules] judges one job, [Collector] the jobs of
// many runs.
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

// The lists, by their names as arguments.
const (
	ListAllowedLabels       List = "allowed_labels"
	ListDeniedLabels        List = "denied_labels"
	ListRequiredLabels      List = "required_labels"
	ListAllowedRunnerGroups List = "allowed_runner_groups"
	ListDeniedRunnerGroups  List = "denied_runner_groups"
)

// Lists are all lists, in the order in which people should read them.
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

// Reason is what a violation is about.
type Reason string

// The reasons.
const (
	// ReasonDenied: a deny pattern matches the label.
	ReasonDenied Reason = "denied"
	// ReasonNotAllowed: an allow list is set and none of it matches the label.
	ReasonNotAllowed Reason = "not_allowed"
	// ReasonMissing: no label of the job matches a required pattern.
	ReasonMissing Reason = "missing"
	// ReasonUnlabeled: an allow list is set, but the job asked for a runner group and for no label.
	ReasonUnlabeled Reason = "unlabeled"
	// ReasonGroupDenied: a deny pattern matches the runner group.
	ReasonGroupDenied Reason = "group_denied"
	// ReasonGroupNotAllowed: an allow list for runner groups is set and none of it matches the group,
	// or the job ran in no group.
	ReasonGroupNotAllowed Reason = "group_not_allowed"
)

// Violation is one fact that breaks a rule.
type Violation struct {
	// Repository is the repository of the job as the caller names it. Empty when it does not.
	Repository string

	// Job is the job in which it was found. Nobody may change it any more.
	Job *job.Job

	// Label is the label at fault, as the job spells it. Null when no label is: the reason is missing,
	// unlabeled or about the runner group.
	Label *string

	Reason Reason

	// Pattern is the rule as the user wrote it: the first deny pattern that matches, or the required one
	// that nothing matches. Null for what is not allowed, because then it is the whole list that does
	// not match.
	Pattern *string
}

// Rules says which labels jobs may, must not and have to use, and in which runner groups they may and
// must not run. The zero value and nil are no rules: nothing violates them. Rules never change and may
// be used by many goroutines at once.
type Rules struct {
	lists  map[List][]*Pattern
	labels bool // a list of allowed labels is set, be it empty
	groups bool // a list of allowed groups is set, be it empty
}

// NewRules compiles lists of patterns. A list that is absent or nil is not set. An allow list that is
// set but empty allows nothing at all; for the others, empty and nil are the same.
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

// ViolationsOf lists what breaks the rules in a list of jobs. Copies of jobs that are in the list do not
// count (job.WithoutCopies).
func (r *Rules) ViolationsOf(jobs []*job.Job) []Violation {
	var found []Violation
	for _, j := range job.WithoutCopies(jobs) {
		found = append(found, r.Violations(j)...)
	}
	return found
}

// Violations lists what breaks the rules in one job: for each label, in the order of the job, first that
// it is denied, then that it is not allowed; after the labels, that there are none; then each required
// pattern that no label matches, in the order of the list; and then what is wrong with the runner
// group. It is nil when nothing is.
//
// The lists are judged on their own, so a label that is denied and also not allowed gives two
// violations, and filtering by one reason shows all of it, whatever the other lists say. Within a list a
// label counts once, however many deny patterns match it and however often the job repeats it.
//
// What counts for labels is what a job asked for, not what it got: a job that is still queued, was
// cancelled or was skipped is judged by its labels like any other. A skipped job without labels,
// however, has never asked for a runner, and required labels are not missed in it. What counts for
// groups is where a job ran, so jobs that never ran are not judged.
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
	// All labels folded, repetitions included: they change nothing for the required patterns.
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

// groupViolations adds what is wrong with the runner group of a job that ran.
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

// allowsGroupOf reports whether the list of allowed groups lets the job's group pass. A list that is not
// set lets none pass.
func (r *Rules) allowsGroupOf(j *job.Job) bool {
	group := job.Value(j.RunnerGroupName)
	return group != "" && firstMatch(r.lists[ListAllowedRunnerGroups], appendFolded(nil, group)) != nil
}

// ran reports whether a runner worked on a job. Where the source knows nothing about runners, a job ran
// when it is under way or over.
func ran(j *job.Job) bool {
	if j.NeverRan() {
		return false
	}
	return !j.RunnerUnknown || !j.Unfinished() || job.Value(j.Status) == "in_progress"
}

// askedForNoRunner reports whether a job never got as far as asking for a runner: GitHub lists skipped
// jobs with no labels, because their runs-on was never evaluated. A job with `runs-on: {group: …}` has
// no labels either, but it does ask for a runner, so the empty list alone proves nothing.
func askedForNoRunner(j *job.Job) bool {
	return len(j.Labels) == 0 && job.Value(j.Conclusion) == job.ConclusionSkipped
}

// firstMatch gives the first pattern that matches a folded text, or nil.
func firstMatch(patterns []*Pattern, label []rune) *Pattern {
	for _, p := range patterns {
		if p.matchFolded(label) {
			return p
		}
	}
	return nil
}
