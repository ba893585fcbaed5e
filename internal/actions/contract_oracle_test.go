package actions_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// The expected result of a read, calculated a second time from the answer. All values are strings,
// and null is "null".

func textOf[T any](p *T) string {
	if p == nil {
		return "null"
	}
	return fmt.Sprint(*p)
}

func timeOf(t *time.Time) string {
	if t == nil {
		return "null"
	}
	return t.Format(time.RFC3339Nano)
}

// jobProperties are the properties of GitHub's job as they were read.
func jobProperties(j *job.Job) map[string]string {
	labels := "null"
	if j.Labels != nil {
		labels = strings.Join(j.Labels, "|")
	}
	steps := make([]string, len(j.Steps))
	for i, s := range j.Steps {
		steps[i] = strings.Join([]string{
			textOf(s.Number), textOf(s.Name), textOf(s.Status), textOf(s.Conclusion), timeOf(s.StartedAt), timeOf(s.CompletedAt),
		}, "|")
	}
	return map[string]string{
		"id": textOf(j.ID), "run_id": textOf(j.RunID), "run_attempt": textOf(j.RunAttempt), "name": textOf(j.Name),
		"workflow_name": textOf(j.WorkflowName), "head_branch": textOf(j.HeadBranch), "head_sha": textOf(j.HeadSHA),
		"status": textOf(j.Status), "conclusion": textOf(j.Conclusion), "labels": labels,
		"runner_id": textOf(j.RunnerID), "runner_name": textOf(j.RunnerName),
		"runner_group_id": textOf(j.RunnerGroupID), "runner_group_name": textOf(j.RunnerGroupName),
		"created_at": timeOf(j.CreatedAt), "started_at": timeOf(j.StartedAt), "completed_at": timeOf(j.CompletedAt),
		"node_id": textOf(j.NodeID), "url": textOf(j.URL), "html_url": textOf(j.HTMLURL), "run_url": textOf(j.RunURL),
		"check_run_url": textOf(j.CheckRunURL), "steps": strings.Join(steps, "\n"),
	}
}

// runProperties are the properties of GitHub's run as they were read.
func runProperties(r *job.Run) map[string]string {
	return map[string]string{
		"id": textOf(r.ID), "name": textOf(r.Name), "display_title": textOf(r.DisplayTitle), "run_number": textOf(r.RunNumber),
		"run_attempt": textOf(r.RunAttempt), "event": textOf(r.Event), "status": textOf(r.Status), "conclusion": textOf(r.Conclusion),
		"head_branch": textOf(r.HeadBranch), "head_sha": textOf(r.HeadSHA), "path": textOf(r.Path), "workflow_id": textOf(r.WorkflowID),
		"check_suite_id": textOf(r.CheckSuiteID), "created_at": timeOf(r.CreatedAt), "updated_at": timeOf(r.UpdatedAt),
		"run_started_at": timeOf(r.RunStartedAt), "html_url": textOf(r.HTMLURL), "previous_attempt_url": textOf(r.PreviousAttemptURL),
		"actor": textOf(r.Actor), "triggering_actor": textOf(r.TriggeringActor),
		"repository":      textOf(r.RepositoryID) + "|" + textOf(r.Repository),
		"head_repository": textOf(r.HeadRepositoryID) + "|" + textOf(r.HeadRepository),
	}
}

// wanted is the text of a property. A zero of those in zeroIsNull is null.
func wanted(answer githubtest.Object, name string, zeroIsNull ...string) string {
	value := answer[name]
	if text, ok := value.(string); ok && strings.HasSuffix(name, "_at") {
		return wantedTime(text)
	}
	if value == nil || (value == "" || value == int64(0)) && slices.Contains(zeroIsNull, name) {
		return "null"
	}
	return fmt.Sprint(value)
}

func wantedTime(text string) string {
	if text == "" {
		return "null"
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	if day := at.UTC().Format(time.DateOnly); day == "0001-01-01" || day == "1970-01-01" {
		return "null"
	}
	return at.UTC().Format(time.RFC3339Nano)
}

func expectedJob(answer githubtest.Object) map[string]string {
	nulls := []string{"run_attempt", "conclusion", "runner_id", "runner_name", "runner_group_name"}
	if wanted(answer, "runner_group_name", nulls...) == "null" {
		nulls = append(nulls, "runner_group_id")
	}
	want := map[string]string{}
	for name := range jobProperties(new(job.Job)) {
		want[name] = wanted(answer, name, nulls...)
	}
	if labels, ok := answer["labels"].([]any); ok {
		var all []string
		for _, label := range labels {
			if label != "" {
				all = append(all, fmt.Sprint(label))
			}
		}
		want["labels"] = strings.Join(all, "|")
	}
	list, _ := answer["steps"].([]any)
	steps := make([]string, len(list))
	for i, value := range list {
		step, _ := value.(githubtest.Object)
		var parts []string
		for _, name := range []string{"number", "name", "status", "conclusion", "started_at", "completed_at"} {
			parts = append(parts, wanted(step, name, "conclusion"))
		}
		steps[i] = strings.Join(parts, "|")
	}
	want["steps"] = strings.Join(steps, "\n")
	return want
}

func expectedRun(answer githubtest.Object) map[string]string {
	want := map[string]string{}
	for name := range runProperties(new(job.Run)) {
		want[name] = wanted(answer, name, "run_attempt", "conclusion")
	}
	file, _, _ := strings.Cut(want["path"], "@refs/")
	want["path"] = file
	for _, name := range []string{"workflow_id", "check_suite_id"} {
		if _, isNumber := answer[name].(int64); isNumber || answer[name] == nil {
			continue
		}
		text, isText := answer[name].(string)
		want[name] = "null"
		if _, err := strconv.ParseInt(text, 10, 64); err == nil {
			want[name] = text
		} else if name == "workflow_id" && isText && (answer["path"] == nil || answer["path"] == "") {
			want["path"] = text
		}
	}
	for _, name := range []string{"actor", "triggering_actor"} {
		account, _ := answer[name].(githubtest.Object)
		want[name] = wanted(account, "login")
	}
	for _, name := range []string{"repository", "head_repository"} {
		repository, _ := answer[name].(githubtest.Object)
		want[name] = wanted(repository, "id") + "|" + wanted(repository, "full_name")
	}
	return want
}
