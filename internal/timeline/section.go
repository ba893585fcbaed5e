package timeline

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/mermaid"
)

// section is a group of jobs: an attempt of a run of a workflow. Zero values are unknown.
type section struct {
	run, attempt int64
	workflow     string // as GitHub returns it
}

func sectionOf(j *job.Job) section {
	return section{run: job.Value(j.RunID), attempt: job.Value(j.RunAttempt), workflow: job.Value(j.WorkflowName)}
}

// sections are the sections of a chart.
type sections struct {
	place    map[section]int // by the first moment of its jobs
	runs     int
	attempts int // over all runs
}

func newSections(all []drawn) sections {
	first := map[section]int64{}
	runs, attempts := map[int64]bool{}, map[[2]int64]bool{}
	for _, d := range all {
		if at, ok := first[d.section]; !ok || d.from() < at {
			first[d.section] = d.from()
		}
		runs[d.section.run] = true
		attempts[[2]int64{d.section.run, d.section.attempt}] = true
	}
	ordered := slices.SortedFunc(maps.Keys(first), func(a, b section) int {
		return cmp.Or(
			cmp.Compare(first[a], first[b]),
			cmp.Compare(a.run, b.run),
			cmp.Compare(a.attempt, b.attempt),
			cmp.Compare(a.workflow, b.workflow))
	})
	place := make(map[section]int, len(ordered))
	for i, s := range ordered {
		place[s] = i
	}
	return sections{place: place, runs: len(runs), attempts: len(attempts)}
}

// several reports whether there is more than one section. A chart with one section shows none.
func (all sections) several() bool { return len(all.place) > 1 }

// label names a section by the values that differ between the sections.
func (all sections) label(s section) string {
	return cmp.Or(s.describe(all.runs > 1, all.attempts > all.runs), "Other jobs")
}

// title names the section if there is only one. Otherwise it is empty.
func (all sections) title() string {
	if !all.several() {
		for s := range all.place {
			return cmp.Or(s.describe(true, s.attempt > 1), "Jobs")
		}
	}
	return "Jobs"
}

func (s section) describe(run, attempt bool) string {
	var parts []string
	if workflow := mermaid.Safe(s.workflow, maxName); workflow != "" {
		parts = append(parts, workflow)
	}
	if run && s.run != 0 {
		parts = append(parts, fmt.Sprintf("run %d", s.run))
	}
	if attempt && s.attempt != 0 {
		parts = append(parts, fmt.Sprintf("attempt %d", s.attempt))
	}
	return strings.Join(parts, " · ")
}
