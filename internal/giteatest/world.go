package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What is on the server: acme/app, which the command reads, acme/lib with a few runs, and acme/empty.
const (
	mainRepository = "acme/app"
	owner          = "acme"
	admin          = "octo"
)

// plan is a job of a workflow and how it goes.
type plan struct {
	job     string
	needs   string
	labels  string   // empty: linux
	systems []string // a matrix, if there are any
	takes   time.Duration

	// end is how a job ends; empty if it does not. The payload contains the value of its matrix.
	end func(branch string, attempt int, payload string) result
	// more are lines of the log beside those of all jobs.
	more []string
}

func always(r result) func(string, int, string) result {
	return func(string, int, string) result { return r }
}

// onWindows fails the job of the matrix in the first attempt, and on the branch broken in each.
func onWindows(branch string, attempt int, payload string) result {
	if strings.Contains(payload, "windows") && (attempt == 1 || branch == "broken") {
		return failure
	}
	return success
}

// The workflows, by file. ci.yml runs after each push, the others if they are dispatched.
var workflows = map[string][]plan{ //nolint:gochecknoglobals // constant
	"ci.yml": {
		{job: "lint", end: always(success), more: []string{"::warning file=main.go,line=7::unused variable"}},
		{job: "test", needs: "lint", systems: []string{"debian", "fedora", "windows"}, takes: 1200 * time.Millisecond, end: onWindows},
		{job: "build", needs: "test", labels: "[linux, large]", end: always(success)},
	},
	"many.yml": {
		{job: "shard", systems: numbered(57), end: always(success)}, // more than a page of the server
		{job: "docs", end: always(skipped)},
		{job: "deploy", end: always(cancelled)},
		{job: "report", end: always(success), more: numbered(3000)},
	},
	"held.yml": {
		{job: "hold", end: always("")},
		{job: "after", needs: "hold", end: always(success)},
	},
}

func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("number-%d", i+1)
	}
	return names
}

// stepNames are the steps of each job.
var stepNames = []string{"Set up", "Check"} //nolint:gochecknoglobals // constant

// planOf finds the job that the server wants to have run.
func planOf(t *task) (plan, error) {
	plans := workflows[t.Context.Workflow]
	i := slices.IndexFunc(plans, func(p plan) bool { return p.job == t.Context.Job })
	if i < 0 {
		return plan{}, fmt.Errorf("no job %q is planned in %q", t.Context.Job, t.Context.Workflow)
	}
	return plans[i], nil
}

// log is the log of a job that ends so.
func (p plan) log(end result) []string {
	if end == skipped {
		return nil
	}
	lines := append([]string{"::group::Set up", "go version go1.26", "::endgroup::", "", "\x1b[36;1mmake check\x1b[0m"}, p.more...)
	if end == failure {
		lines = append(lines, "main.go:3: undefined: x", "::error file=main.go,line=3::undefined: x", "exitcode '1': failure")
	}
	return append(lines, "🏁  Job "+strings.ToLower(strings.TrimPrefix(string(end), "RESULT_")))
}

// workflowText is the file of a workflow.
func workflowText(file string) string {
	var text strings.Builder
	trigger := "workflow_dispatch"
	if file == "ci.yml" {
		trigger = "push"
	}
	fmt.Fprintf(&text, "name: %s\non: %s\njobs:\n", strings.TrimSuffix(file, ".yml"), trigger)
	for _, p := range workflows[file] {
		labels := p.labels
		if labels == "" {
			labels = "linux"
		}
		fmt.Fprintf(&text, "  %s:\n    runs-on: %s\n", p.job, labels)
		if p.needs != "" {
			fmt.Fprintf(&text, "    needs: %s\n", p.needs)
		}
		if len(p.systems) > 0 {
			fmt.Fprintf(&text, "    strategy:\n      matrix:\n        system: [%s]\n", strings.Join(p.systems, ", "))
		}
		text.WriteString("    steps:\n")
		for _, name := range stepNames {
			fmt.Fprintf(&text, "      - name: %s\n        run: make check\n", name)
		}
	}
	return text.String()
}
