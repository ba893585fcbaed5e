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

// List names one of the three lists of rules.
type List string

// The lists, by the names that the `label_violations` function gives them.
const (
	ListAllowed  List = "allowed"
	ListDenied   List = "denied"
	ListRequired List = "required"
)

// RuleError says which pattern of which list cannot be used. The cause is
// [ErrEmptyPattern] or [ErrPaddedPattern], for errors.Is.
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
)

// Violation is one fact that breaks a rule.
type Violation struct {
	// Job is the job in which it was found. Nobody may change it any more.
	Job *job.Job

	// Label is the label at fault, as the job spells it; null when a label is
	// missing.
	Label *string

	Reason Reason

	// Pattern is the rule as the user wrote it: the first deny pattern that
	// matches, or the required one that nothing matches. Null for a label that
	// is not allowed, because then it is the whole list that does not match.
	Pattern *string
}

// Rules says which labels jobs may, must not and have to use. The zero value
// and nil are no rules: nothing violates them. Rules never change and may be
// used by many goroutines at once.
type Rules struct {
	restricted bool // an allow list is set, be it empty
	allowed    []*Pattern
	denied     []*Pattern
	required   []*Pattern
}

// NewRules compiles the three lists of patterns. A nil list is not set. An
// allow list that is set but empty allows no label at all; for the other two,
// empty and nil are the same.
//
// The error is a [*RuleError] for the first pattern at fault, looking through
// allowed, denied and required in this order.
func NewRules(allowed, denied, required []string) (*Rules, error) {
	r := &Rules{restricted: allowed != nil}
	for _, list := range []struct {
		name    List
		sources []string
		into    *[]*Pattern
	}{
		{ListAllowed, allowed, &r.allowed},
		{ListDenied, denied, &r.denied},
		{ListRequired, required, &r.required},
	} {
		for i, source := range list.sources {
			p, err := NewPattern(source)
			if err != nil {
				return nil, &RuleError{List: list.name, Index: i, Pattern: source, Err: err}
			}
			// The same rule twice must not count a missing label twice.
			if !slices.ContainsFunc(*list.into, p.equivalent) {
				*list.into = append(*list.into, p)
			}
		}
	}
	return r, nil
}

// Violations lists what breaks the rules in one job: for each label, in the
// order of the job, first that it is denied, then that it is not allowed; after
// the labels, each required pattern that no label matches, in the order of the
// list. It is nil when nothing does.
//
// The three lists are judged on their own, so a label that is denied and also
// not allowed gives two violations: who looks at one reason sees all of it,
// whatever the other lists say. Within a list a label counts once, however many
// deny patterns match it and however often the job repeats it.
//
// What counts is what a job asked for, not what it got: a job that is still
// queued, was cancelled or was skipped is judged by its labels like any other.
// A skipped job without labels, however, has never asked for a runner, and
// required labels are not missed in it.
func (r *Rules) Violations(j *job.Job) []Violation {
	if r == nil {
		return nil
	}

	var found []Violation
	var room [128]rune
	text := room[:0]
	// All labels folded, repetitions included: they change nothing for the
	// required patterns.
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
		if p := firstMatch(r.denied, this); p != nil {
			found = append(found, Violation{Job: j, Label: new(label), Reason: ReasonDenied, Pattern: new(p.source)})
		}
		if r.restricted && firstMatch(r.allowed, this) == nil {
			found = append(found, Violation{Job: j, Label: new(label), Reason: ReasonNotAllowed})
		}
	}

	if askedForNoRunner(j) {
		return found
	}
	for _, p := range r.required {
		if !slices.ContainsFunc(folded, p.matchFolded) {
			found = append(found, Violation{Job: j, Reason: ReasonMissing, Pattern: new(p.source)})
		}
	}
	return found
}

// askedForNoRunner reports whether a job never got as far as asking for a runner: GitHub lists skipped
// jobs with no labels, because their runs-on was never evaluated. A job with `runs-on: {group: …}` has
// no labels either, but it does ask for a runner, so the empty list alone proves nothing.
func askedForNoRunner(j *job.Job) bool {
	return len(j.Labels) == 0 && job.Value(j.Conclusion) == job.ConclusionSkipped
}

// firstMatch gives the first pattern that matches a folded label, or nil.
func firstMatch(patterns []*Pattern, label []rune) *Pattern {
	for _, p := range patterns {
		if p.matchFolded(label) {
			return p
		}
	}
	return nil
}
