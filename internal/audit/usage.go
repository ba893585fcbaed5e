package audit

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
)

// LabelSet is what the jobs that asked for the same labels have in common. The
// order of the labels, their case and repetitions make no difference; jobs with
// no labels are a set of their own.
type LabelSet struct {
	// Labels are distinct and sorted without case; never nil. A label that jobs
	// spell in several ways is shown in the spelling that sorts first by its
	// bytes (`Linux` before `linux`), so that it does not depend on which job
	// came first.
	Labels []string

	// JobCount is the number of jobs, those that never ran included.
	JobCount int64

	// ViolationCount is the number of violations in these jobs, not the number
	// of jobs that have any.
	ViolationCount int64

	Queued   Figures
	Duration Figures

	// TotalDurationSeconds adds up the durations that are known.
	TotalDurationSeconds int64

	// RunnerGroups are the names of the groups whose runners took these jobs:
	// distinct, sorted, never nil.
	RunnerGroups []string
}

// usage adds up the jobs of one set of labels.
type usage struct {
	labels     []setLabel
	jobs       int64
	violations int64
	queued     tally
	duration   tally
	total      int64
	groups     map[string]struct{}
}

// setLabel is one label of a set.
type setLabel struct {
	folded   string
	spelling string
}

// labelSet makes a set of a job's labels: distinct and sorted without case, each
// in the spelling that sorts first.
func labelSet(labels []string) []setLabel {
	set := make([]setLabel, 0, len(labels))
	for _, label := range labels {
		set = append(set, setLabel{folded: foldString(label), spelling: label})
	}
	slices.SortFunc(set, func(a, b setLabel) int {
		return cmp.Or(cmp.Compare(a.folded, b.folded), cmp.Compare(a.spelling, b.spelling))
	})
	return slices.CompactFunc(set, func(a, b setLabel) bool { return a.folded == b.folded })
}

// appendKey appends a key that two sets share only when they are the same. Each
// label comes after its length, since a label may hold any separator.
func appendKey(to []byte, set []setLabel) []byte {
	for _, label := range set {
		to = binary.AppendUvarint(to, uint64(len(label.folded)))
		to = append(to, label.folded...)
	}
	return to
}

// add counts one job whose labels are set, with its number of violations.
func (u *usage) add(j *Job, set []setLabel, violations int) {
	for i := range u.labels {
		u.labels[i].spelling = min(u.labels[i].spelling, set[i].spelling)
	}
	u.jobs++
	u.violations += int64(violations)
	u.queued.add(j.QueuedSeconds)
	u.duration.add(j.DurationSeconds)
	if j.DurationSeconds != nil {
		u.total += *j.DurationSeconds
	}
	if group := j.RunnerGroupName; group != nil && *group != "" {
		if u.groups == nil {
			u.groups = make(map[string]struct{})
		}
		u.groups[*group] = struct{}{}
	}
}

func (u *usage) labelSet() LabelSet {
	labels := make([]string, 0, len(u.labels))
	for _, label := range u.labels {
		labels = append(labels, label.spelling)
	}
	groups := slices.AppendSeq(make([]string, 0, len(u.groups)), maps.Keys(u.groups))
	slices.Sort(groups)
	return LabelSet{
		Labels:               labels,
		JobCount:             u.jobs,
		ViolationCount:       u.violations,
		Queued:               u.queued.figures(),
		Duration:             u.duration.figures(),
		TotalDurationSeconds: u.total,
		RunnerGroups:         groups,
	}
}

// compareUsage puts the set with the most jobs first, and of two with as many
// the one whose labels sort first.
func compareUsage(a, b *usage) int {
	return cmp.Or(
		cmp.Compare(b.jobs, a.jobs),
		slices.CompareFunc(a.labels, b.labels, func(x, y setLabel) int { return cmp.Compare(x.folded, y.folded) }),
	)
}
