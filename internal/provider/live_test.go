package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// The live tests read a repository that they know nothing about, and hold what comes to what must be true
// of any repository. `make test` has the stand-in for that; `make test-live` has a real server.

// liveEnvironment is the environment before TestMain takes variables out of it.
var liveEnvironment = func() map[string]string {
	env := map[string]string{}
	for _, pair := range os.Environ() {
		if name, value, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "GITHUB_") {
			env[name] = value
		}
	}
	return env
}()

// live is the repository under test and what was read of it.
type live struct {
	t          *testing.T
	p          *protocol
	env        map[string]string
	repository string
	isReal     bool

	runs []obj          // the newest, newest first
	jobs map[string]obj // github_actions_run_jobs with filter "all", by the ID of the run
}

const (
	liveRuns    = 20 // how many runs are listed
	liveSamples = 5  // how many runs, jobs and logs are looked at closely
)

// newLive reads the repository that the environment names, or the stand-in's.
func newLive(t *testing.T) *live {
	t.Helper()
	l := &live{t: t, env: maps.Clone(liveEnvironment), repository: os.Getenv("REPOSITORY"), isReal: os.Getenv("LIVE") != "", jobs: map[string]obj{}}
	switch {
	case l.isReal && strings.Count(l.repository, "/") != 1:
		t.Fatalf("REPOSITORY must name the repository to read, as owner/name; it is %q", l.repository)
	case !l.isReal:
		server := githubtest.New(t, githubtest.Demo())
		l.env, l.repository = map[string]string{"GITHUB_BASE_URL": server.BaseURL()}, "acme/app"
	}
	l.p = newProtocol(t, l.env)
	if diags := l.p.configure(args{}); diags.hasError() {
		t.Fatal(diags)
	}
	l.runs = l.listRuns(args{})
	if len(l.runs) == 0 {
		t.Fatalf("%s has no runs to look at", l.repository)
	}
	return l
}

func (l *live) at(t *testing.T) *live {
	t.Helper()
	other := *l
	other.t = t
	other.p = newProtocol(t, l.env)
	if diags := other.p.configure(args{}); diags.hasError() {
		t.Fatal(diags)
	}
	return &other
}

// read reads a data source of the repository; an error fails the test.
func (l *live) read(typeName string, a args) obj {
	l.t.Helper()
	state, diags := l.tryRead(typeName, a)
	if diags.hasError() {
		l.t.Fatalf("%s %v: %s", typeName, a, diags)
	}
	return state
}

func (l *live) tryRead(typeName string, a args) (obj, messages) {
	l.t.Helper()
	a = maps.Clone(a)
	a["repository"] = l.repository
	return l.p.read(typeName, a)
}

func (l *live) listRuns(filter args) []obj {
	l.t.Helper()
	filter = maps.Clone(filter)
	filter["max_results"] = liveRuns
	state := l.read("github_actions_workflow_runs", filter)
	runs := rows(state["runs"])
	l.equal("ids", state["ids"], column(runs, "id"))
	if len(runs) > 0 {
		l.equal("latest_id", state["latest_id"], runs[0]["id"])
	}
	if total := state["total_count"]; total != nil && count(total) < len(runs) {
		l.t.Errorf("total_count is %v, but there are %d runs", total, len(runs))
	}
	return runs
}

// runJobs are all jobs of a run, read once.
func (l *live) runJobs(run obj) obj {
	l.t.Helper()
	return l.read("github_actions_run_jobs", args{"run_id": count(run["id"]), "filter": "all"})
}

func (l *live) equal(what string, got, want any) {
	l.t.Helper()
	if g, w := asJSON(l.t, got), asJSON(l.t, want); g != w {
		l.t.Errorf("%s is %s, want %s", what, g, w)
	}
}

func (l *live) holds(is bool, format string, a ...any) {
	l.t.Helper()
	if !is {
		l.t.Errorf(format, a...)
	}
}

func rows(list any) []obj {
	values, _ := list.([]any)
	objects := make([]obj, len(values))
	for i, v := range values {
		objects[i], _ = v.(obj)
	}
	return objects
}

func column(list []obj, name string) []any {
	values := []any{}
	for _, row := range list {
		values = append(values, row[name])
	}
	return values
}

// count is a whole number; 0 for null.
func count(v any) int {
	n, _ := v.(json.Number)
	whole, _ := n.Int64()
	return int(whole)
}

// liveTime is a time; false for null.
func liveTime(v any) (time.Time, bool) {
	s, _ := v.(string)
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil
}

// inTimeOrder reports whether the times that are known do not go back.
func inTimeOrder(times ...any) bool {
	var last time.Time
	for _, v := range times {
		if t, known := liveTime(v); known {
			if t.Before(last) {
				return false
			}
			last = t
		}
	}
	return true
}

// liveChecks hold one data source each. A new data source is one entry.
func liveChecks() map[string]func(*live) {
	return map[string]func(*live){
		"workflow_runs":      checkLiveRuns,
		"run_jobs":           checkLiveJobs,
		"attempts":           checkLiveAttempts,
		"job":                checkLiveJob,
		"job_logs":           checkLiveLogs,
		"runner_label_audit": checkLiveAudit,
		"jobs_and_job_usage": checkLiveFleet,
		"commit_gate":        checkLiveGate,
	}
}

func TestLive(t *testing.T) {
	t.Parallel()
	l := newLive(t)
	for name, check := range liveChecks() { //nolint:paralleltest // a real server gets one read at a time
		t.Run(name, func(t *testing.T) {
			check(l.at(t))
		})
	}
}

// checkLiveRuns: runs are unique, newest first, and filters select what they say.
func checkLiveRuns(l *live) {
	seen := map[string]bool{}
	for i, run := range l.runs {
		id := fmt.Sprint(run["id"])
		l.holds(!seen[id] && count(run["id"]) > 0, "run %s is there twice, or has no ID", id)
		seen[id] = true
		l.holds(inTimeOrder(run["created_at"], run["updated_at"]), "run %s was updated before it was created", id)
		l.holds(run["status"] == "completed" == (run["conclusion"] != nil), "run %s is %v and has the conclusion %v", id, run["status"], run["conclusion"])
		if i > 0 {
			l.holds(inTimeOrder(run["created_at"], l.runs[i-1]["created_at"]), "run %s is newer than the one before it", id)
		}
	}
	first := l.runs[0]
	for argument, attribute := range map[string]string{"head_sha": "head_sha", "branch": "head_branch", "event": "event"} {
		value, _ := first[attribute].(string)
		if value == "" {
			continue
		}
		for _, run := range l.listRuns(args{argument: value}) {
			l.equal("the "+attribute+" of a run that "+argument+" selects", run[attribute], value)
		}
	}
	for _, run := range l.listRuns(args{"workflow": l.fileOf(first)}) {
		l.equal("the file of a run that workflow selects", l.fileOf(run), l.fileOf(first))
	}
}

func (l *live) fileOf(run obj) string {
	file, _ := run["path"].(string)
	return path.Base(file)
}

func (l *live) samples() []obj { return l.runs[:min(len(l.runs), liveSamples)] }

// finished are the samples that no longer change.
func (l *live) finished() []obj {
	over := slices.DeleteFunc(slices.Clone(l.runs), func(run obj) bool { return run["status"] != "completed" })
	return over[:min(len(over), liveSamples)]
}

// checkLiveJobs: jobs are whole, unique and in order, and what is said of them follows from them.
func checkLiveJobs(l *live) {
	for _, run := range l.samples() {
		for _, filter := range []string{"all", "latest", "final"} {
			state := l.read("github_actions_run_jobs", args{"run_id": count(run["id"]), "filter": filter})
			what := fmt.Sprintf("run %v %s: ", run["id"], filter)
			l.checkList(what, run, state)
			for _, j := range rows(state["jobs"]) {
				l.checkJob(what, run, j)
			}
		}
	}
}

func (l *live) checkList(what string, run, state obj) {
	l.t.Helper()
	jobs := rows(state["jobs"])
	l.equal(what+"total_count", state["total_count"], len(jobs))
	ids, labels, failed := map[string]bool{}, map[string]bool{}, []any{}
	last := [2]int{}
	for _, j := range jobs {
		id := fmt.Sprint(j["id"])
		l.holds(!ids[id], "%sjob %s is there twice", what, id)
		ids[id] = true
		place := [2]int{count(j["run_attempt"]), count(j["id"])}
		l.holds(slices.Compare(last[:], place[:]) < 0, "%sjob %s is out of order", what, id)
		last = place
		names, _ := j["labels"].([]any)
		for _, label := range names {
			labels[label.(string)] = true
		}
		if j["status"] == "completed" && !slices.Contains([]any{"success", "skipped", "neutral"}, j["conclusion"]) {
			failed = append(failed, j["name"])
		}
	}
	l.equal(what+"labels", state["labels"], slices.Sorted(maps.Keys(labels)))
	l.equal(what+"failed_jobs", state["failed_jobs"], failed)
	if state["run_status"] != nil {
		l.equal(what+"completed", state["completed"], state["run_status"] == "completed")
		l.equal(what+"succeeded", state["succeeded"], state["run_status"] == "completed" && state["run_conclusion"] == "success")
	}
	if run["status"] == "completed" && state["run_status"] == "completed" {
		l.holds(len(jobs) > 0 || run["conclusion"] != "success", "%sit succeeded without jobs", what)
	}
}

func (l *live) checkJob(what string, run, j obj) {
	l.t.Helper()
	what += fmt.Sprintf("job %v: ", j["id"])
	l.equal(what+"run_id", j["run_id"], run["id"])
	isKnown := run["run_attempt"] != nil && run["status"] == "completed" // a server may not count attempts
	l.holds(!isKnown || count(j["run_attempt"]) <= count(run["run_attempt"]), "%sit is of attempt %v of %v", what, j["run_attempt"], run["run_attempt"])
	if j["status"] == "completed" {
		l.holds(j["conclusion"] != nil, "%sit is completed without a conclusion", what)
	}
	for figure, ends := range map[string][2]string{"queued_seconds": {"created_at", "started_at"}, "duration_seconds": {"started_at", "completed_at"}} {
		if j[figure] == nil {
			continue
		}
		from, _ := liveTime(j[ends[0]])
		to, _ := liveTime(j[ends[1]])
		l.equal(what+figure, j[figure], max(0, int(to.Sub(from)/time.Second)))
	}
	if j["carried_over"] == true {
		l.holds(count(j["run_attempt"]) > 1, "%sthe first attempt takes nothing over", what)
		l.equal(what+"queued_seconds", j["queued_seconds"], nil)
	} else if j["duration_seconds"] != nil {
		l.holds(inTimeOrder(j["started_at"], j["completed_at"]), "%sit ends before it starts", what)
	}
	number := -1 // some servers count from 0
	for _, step := range rows(j["steps"]) {
		if step["number"] != nil {
			l.holds(count(step["number"]) > number, "%sstep %v is out of order", what, step["number"])
			number = count(step["number"])
		}
		l.holds(inTimeOrder(step["started_at"], step["completed_at"]), "%sstep %v ends before it starts", what, step["number"])
	}
}

// checkLiveAttempts: the attempts of a run together are all its jobs, and the filters choose from these.
func checkLiveAttempts(l *live) {
	for _, run := range l.finished() {
		all := l.runJobs(run)
		ids := map[any]bool{}
		names := map[any]bool{}
		for _, j := range rows(all["jobs"]) {
			ids[j["id"]], names[j["name"]] = true, true
		}
		for _, filter := range []string{"latest", "final"} {
			state := l.read("github_actions_run_jobs", args{"run_id": count(run["id"]), "filter": filter})
			for _, j := range rows(state["jobs"]) {
				l.holds(ids[j["id"]], "run %v: job %v of %s is not in all", run["id"], j["id"], filter)
			}
			l.holds(len(ids) == 0 || len(rows(state["jobs"])) > 0, "run %v: %s is empty", run["id"], filter)
		}
		union := []any{}
		for attempt := 1; attempt <= max(1, count(run["run_attempt"])); attempt++ {
			state, diags := l.tryRead("github_actions_run_jobs", args{"run_id": count(run["id"]), "attempt_number": attempt})
			if strings.Contains(diags.String(), "this server keeps no attempts") {
				l.t.Logf("the server keeps no attempts")
				union = nil
				break
			}
			l.holds(!diags.hasError(), "run %v attempt %d: %s", run["id"], attempt, diags)
			for _, j := range rows(state["jobs"]) {
				l.equal("run_attempt", j["run_attempt"], attempt)
			}
			union = append(union, column(rows(state["jobs"]), "id")...)
		}
		if union != nil {
			l.equal(fmt.Sprintf("run %v: the jobs of its attempts", run["id"]), union, column(rows(all["jobs"]), "id"))
		}
	}
}

// checkLiveJob: a job by its ID is the job of the list.
func checkLiveJob(l *live) {
	for _, run := range l.finished() {
		jobs := rows(l.runJobs(run)["jobs"])
		for _, j := range jobs[:min(len(jobs), 2)] {
			alone := l.read("github_actions_job", args{"job_id": count(j["id"])})
			for name, value := range j {
				l.equal(fmt.Sprintf("job %v by its ID: %s", j["id"], name), alone[name], value)
			}
		}
	}
}

// checkLiveLogs: a log has as many lines as it says, and its parts are parts of it.
func checkLiveLogs(l *live) {
	found := 0
	for _, run := range l.finished() {
		for _, j := range rows(l.runJobs(run)["jobs"]) {
			if found < liveSamples && j["duration_seconds"] != nil && j["status"] == "completed" && l.checkLog(j) {
				found++
			}
		}
	}
	if found == 0 {
		l.t.Log("no job has a log")
	}
}

func (l *live) checkLog(j obj) bool {
	l.t.Helper()
	log, diags := l.tryRead("github_actions_job_logs", args{"job_id": count(j["id"]), "pattern": "^"})
	if diags.hasError() {
		l.holds(strings.Contains(diags.String(), "has expired or was deleted") || strings.Contains(diags.String(), "was cancelled before its log"),
			"job %v: %s", j["id"], diags)
		return false
	}
	what := fmt.Sprintf("job %v: ", j["id"])
	content, _ := log["content"].(string)
	if log["truncated"] == false && count(log["line_count"]) > 0 {
		l.equal(what+"line_count", log["line_count"], strings.Count(content, "\n")+1)
	}
	l.equal(what+"match_count of a pattern that matches everything", log["match_count"], log["line_count"])
	for _, name := range []string{"error", "warning"} {
		l.holds(len(log[name+"s"].([]any)) == min(100, count(log[name+"_count"])), "%s%s_count is %v, but %d are listed", what, name, log[name+"_count"], len(log[name+"s"].([]any)))
	}
	l.holds(len(log["sha256"].(string)) == 64 && len(content) <= 1<<20, "%ssha256 is %v", what, log["sha256"])
	tail := l.read("github_actions_job_logs", args{"job_id": count(j["id"]), "tail_lines": 3})
	l.equal(what+"sha256 of a second read", tail["sha256"], log["sha256"])
	l.holds(strings.HasSuffix(content, tail["content"].(string)), "%sits last lines are not its end", what)
	opened, diags := l.p.open("github_actions_job_logs", args{"repository": l.repository, "job_id": count(j["id"])})
	l.holds(len(diags) == 0, "%s%s", what, diags)
	l.equal(what+"content of the ephemeral resource", opened["content"], log["content"])
	return true
}

// checkLiveAudit: the figures are those of the jobs of the runs. The repository may move, so it is looked
// at until nothing has changed in between.
func checkLiveAudit(l *live) {
	for range 3 {
		before := l.listRuns(args{"status": "completed"})
		jobs, labels := 0, 0
		for _, run := range before {
			for _, j := range rows(l.read("github_actions_run_jobs", args{"run_id": count(run["id"]), "include_steps": false})["jobs"]) {
				jobs++
				distinct := map[string]bool{}
				for _, label := range j["labels"].([]any) {
					distinct[strings.ToLower(label.(string))] = true
				}
				labels += len(distinct)
			}
		}
		state := l.read("github_actions_runner_label_audit", args{"max_runs": liveRuns, "status": "completed", "denied_labels": []string{"*"}})
		if asJSON(l.t, before) != asJSON(l.t, l.listRuns(args{"status": "completed"})) {
			continue
		}
		l.equal("run_count", state["run_count"], len(before))
		l.equal("job_count", state["job_count"], jobs)
		l.equal("violation_count where all labels are denied", state["violation_count"], labels)
		l.equal("compliant", state["compliant"], labels == 0)
		inSets, broken := 0, 0
		for _, set := range rows(state["label_sets"]) {
			inSets += count(set["job_count"])
			broken += count(set["violation_count"])
		}
		l.equal("the jobs of all label_sets", inSets, jobs)
		l.equal("the violations of all label_sets", broken, labels)
		l.equal("the violations that are listed", len(rows(state["violations"])), min(labels, 1000))
		if len(before) > 0 {
			l.equal("newest_run_at", state["newest_run_at"], before[0]["created_at"])
			l.equal("oldest_run_at", state["oldest_run_at"], before[len(before)-1]["created_at"])
		}
		return
	}
	l.t.Log("the repository moved each time: nothing compared")
}

// checkLiveFleet: data sources that read many runs count the same jobs. The repository may move, so it is
// looked at until nothing has changed in between.
func checkLiveFleet(l *live) {
	for range 3 {
		before := l.listRuns(args{"status": "completed"})
		selected := args{"max_runs": liveRuns, "status": "completed", "filter": "all"}
		with := func(more args) args { maps.Copy(more, selected); return more }
		audit := l.read("github_actions_runner_label_audit", with(args{"denied_labels": []string{"*"}}))
		usage := l.read("github_actions_job_usage", with(args{"group_by": []string{"job", "conclusion"}}))
		found := l.read("github_actions_jobs", with(args{"max_results": 1000}))
		if asJSON(l.t, before) != asJSON(l.t, l.listRuns(args{"status": "completed"})) {
			continue
		}
		l.equal("the run_count of usage", usage["run_count"], audit["run_count"])
		l.equal("the job_count of usage", usage["job_count"], audit["job_count"])
		inRows := 0
		for _, row := range rows(usage["rows"]) {
			inRows += count(row["job_count"])
		}
		l.equal("the jobs of all rows", inRows, audit["job_count"])
		for _, repository := range rows(found["by_repository"]) {
			l.equal("the job_count of jobs", repository["job_count"], audit["job_count"])
			l.equal("the matched_count of jobs", repository["matched_count"], audit["job_count"])
		}
		l.equal("the jobs that are listed", len(rows(found["jobs"])), min(count(audit["job_count"]), 1000))
		return
	}
	l.t.Log("the repository moved each time: nothing compared")
}

// checkLiveGate: the gate says of a run what the run says of itself.
func checkLiveGate(l *live) {
	for _, run := range l.finished() {
		file := l.fileOf(run)
		a := args{"head_sha": run["head_sha"], "workflows": []string{file}, "event": run["event"]}
		if branch, _ := run["head_branch"].(string); branch != "" {
			a["branch"] = branch
		}
		state := l.read("github_actions_commit_gate", a)
		what := fmt.Sprintf("the gate of %s at %v: ", file, run["head_sha"])
		found := rows(state["runs"])
		completed, succeeded := len(found) > 0, len(found) > 0
		for _, row := range found {
			completed = completed && row["status"] == "completed"
			succeeded = succeeded && row["conclusion"] == "success"
			l.holds(row["run_id"] != run["id"] || row["conclusion"] == run["conclusion"], "%srun %v has the conclusion %v", what, run["id"], row["conclusion"])
		}
		if len(found) == 0 {
			l.holds(run["head_repository"] != l.repository, "%sit does not count run %v", what, run["id"])
			l.equal(what+"succeeded", state["succeeded"], false)
			continue
		}
		ids, _ := state["run_ids"].(obj)
		l.equal(what+"run_ids", ids[file], found[0]["run_id"])
		l.equal(what+"completed", state["completed"], completed)
		l.equal(what+"succeeded", state["succeeded"], succeeded)
		l.holds(state["reason"] != "", "%sit has no reason", what)
	}
}

// TestAccLive plans all data sources twice: the second plan is empty.
func TestAccLive(t *testing.T) {
	t.Parallel()
	l := newLive(t)
	over := l.finished()
	if len(over) == 0 {
		t.Skip("no run is completed")
	}
	run := over[0]
	jobs := rows(l.runJobs(run)["jobs"])
	config := requiredProviders + fmt.Sprintf(`
		data "github_actions_workflow_runs" "all" {
		  repository = %[1]q
		  head_sha   = %[3]q
		  status     = "completed"
		}
		data "github_actions_run_jobs" "all" {
		  repository = %[1]q
		  run_id     = %[2]v
		  filter     = "final"
		}
		data "github_actions_runner_label_audit" "all" {
		  repository    = %[1]q
		  head_sha      = %[3]q
		  status        = "completed"
		  denied_labels = ["*"]
		}
		data "github_actions_commit_gate" "all" {
		  repository = %[1]q
		  head_sha   = %[3]q
		  event      = ""
		  workflows  = [%[4]q]
		}
		output "jobs" { value = data.github_actions_run_jobs.all }
		output "runs" { value = data.github_actions_workflow_runs.all }
		output "audit" { value = data.github_actions_runner_label_audit.all }
		output "gate" { value = data.github_actions_commit_gate.all }
	`, l.repository, run["id"], run["head_sha"], l.fileOf(run))
	if len(jobs) > 0 {
		config += fmt.Sprintf(`
		data "github_actions_job" "one" {
		  repository = %[1]q
		  job_id     = %[2]v
		}
		output "job" { value = data.github_actions_job.one }
		`, l.repository, jobs[0]["id"])
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"github-actions": func() (tfprotov6.ProviderServer, error) {
				return newServer(newProvider("test", machineWith(l.env))), nil
			},
		},
		Steps: []resource.TestStep{
			{Config: config},
			{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		},
	})
}
