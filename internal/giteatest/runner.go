package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// runner takes jobs from the server and reports what world.go says of them. The protocol is
// runner.v1.RunnerService of Gitea, as JSON.
type runner struct {
	client

	played atomic.Int64 // jobs that are completed
	held   []*state     // jobs that are in progress until the server ends
}

// The messages of the protocol, with the fields that are used.
type (
	fetched struct {
		Task *task `json:"task"`
	}
	task struct {
		ID              int64       `json:"id,string"`
		WorkflowPayload []byte      `json:"workflowPayload"` // the workflow with this job alone
		Context         taskContext `json:"context"`
	}
	taskContext struct {
		Workflow   string `json:"workflow"` // its file
		Job        string `json:"job"`
		RefName    string `json:"ref_name"`
		RunAttempt string `json:"run_attempt"`
	}
	update struct {
		State *state `json:"state"`
	}
	state struct {
		ID        int64   `json:"id,string"`
		Result    result  `json:"result,omitempty"`
		StartedAt string  `json:"startedAt,omitempty"`
		StoppedAt string  `json:"stoppedAt,omitempty"`
		Steps     []*step `json:"steps,omitempty"`
	}
	step struct {
		ID        int64  `json:"id,string"`
		Result    result `json:"result,omitempty"`
		StartedAt string `json:"startedAt,omitempty"`
		StoppedAt string `json:"stoppedAt,omitempty"`
		LogIndex  int64  `json:"logIndex,string"`
		LogLength int64  `json:"logLength,string"`
	}
	logRows struct {
		TaskID int64    `json:"taskId,string"`
		Index  int64    `json:"index,string"`
		Rows   []logRow `json:"rows"`
		NoMore bool     `json:"noMore"`
	}
	logRow struct {
		Time    string `json:"time"`
		Content string `json:"content"`
	}
)

// result is how a job or step ended. It is empty while it runs.
type result string

const (
	success   result = "RESULT_SUCCESS"
	failure   result = "RESULT_FAILURE"
	cancelled result = "RESULT_CANCELLED"
	skipped   result = "RESULT_SKIPPED"
)

// register makes a runner for all repositories of the server.
func register(ctx context.Context, url, token string) (*runner, error) {
	r := &runner{client: client{base: url + "/api/actions/runner.v1.RunnerService"}}
	var answer struct {
		Runner struct {
			UUID  string `json:"uuid"`
			Token string `json:"token"`
		} `json:"runner"`
	}
	if err := r.call(ctx, http.MethodPost, "/Register", map[string]any{
		"name": "runner-1", "token": token, "version": "test", "labels": []string{"linux", "large"},
	}, &answer); err != nil {
		return nil, err
	}
	r.header = http.Header{"X-Runner-Uuid": {answer.Runner.UUID}, "X-Runner-Token": {answer.Runner.Token}}
	return r, nil
}

// work plays jobs until ctx ends. After an error it goes on: whoever waits for the jobs has a limit.
func (r *runner) work(ctx context.Context) {
	told := time.Now()
	for ctx.Err() == nil {
		var answer fetched
		err := r.call(ctx, http.MethodPost, "/FetchTask", map[string]any{"tasksVersion": "0"}, &answer)
		switch {
		case err == nil && answer.Task != nil:
			err = r.play(ctx, answer.Task)
		case err == nil && time.Since(told) > 10*time.Second:
			// The server ends a job that it has not heard of for some minutes.
			told = time.Now()
			for _, s := range r.held {
				err = r.post(ctx, "/UpdateTask", update{s})
			}
		}
		if err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "giteatest: runner:", err)
		}
		if answer.Task == nil {
			_ = transport.Sleep(ctx, 100*time.Millisecond)
		}
	}
}

// play reports one job: that it is in progress, its log and its end.
func (r *runner) play(ctx context.Context, t *task) error {
	p, err := planOf(t)
	if err != nil {
		return err
	}
	attempt, err := strconv.Atoi(t.Context.RunAttempt)
	if err != nil {
		return fmt.Errorf("job %s of attempt %q: %w", t.Context.Job, t.Context.RunAttempt, err)
	}
	end := p.end(t.Context.RefName, attempt, string(t.WorkflowPayload))
	s := &state{ID: t.ID, StartedAt: now()}
	if end != skipped {
		for i := range stepNames {
			s.Steps = append(s.Steps, &step{ID: int64(i), StartedAt: now()})
		}
	}
	if err := r.post(ctx, "/UpdateTask", update{s}); err != nil {
		return err
	}
	lines := p.log(end)
	rows := make([]logRow, len(lines))
	for i, line := range lines {
		rows[i] = logRow{Time: now(), Content: line}
	}
	if err := r.post(ctx, "/UpdateLog", logRows{TaskID: t.ID, Rows: rows, NoMore: end != ""}); err != nil {
		return err
	}
	if end == "" {
		r.held = append(r.held, s)
		return nil
	}
	if err := transport.Sleep(ctx, p.takes); err != nil {
		return err
	}
	s.Result, s.StoppedAt = end, now()
	for i, step := range s.Steps {
		step.Result, step.StoppedAt = success, now()
		if i == len(s.Steps)-1 {
			step.Result, step.LogLength = end, int64(len(rows))
		}
	}
	if err := r.post(ctx, "/UpdateTask", update{s}); err != nil {
		return err
	}
	r.played.Add(1)
	return nil
}

func now() string { return time.Now().UTC().Format(time.RFC3339Nano) }
