package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
	"golang.org/x/sync/errgroup"
)

// floor is the smallest program that reads the same pages and returns a state of the same size:
// plain structs, without checks, retries and the framework.
type floor struct {
	tfprotov6.ProviderServer

	baseURL string
}

type floorJobs struct {
	TotalCount int         `json:"total_count"`
	Jobs       []*floorJob `json:"jobs"`
}

type floorJob struct {
	CheckRunURL     *string     `json:"check_run_url"`
	CompletedAt     *string     `json:"completed_at"`
	Conclusion      *string     `json:"conclusion"`
	CreatedAt       *string     `json:"created_at"`
	DurationSeconds *int64      `json:"duration_seconds"`
	HeadBranch      *string     `json:"head_branch"`
	HeadSHA         *string     `json:"head_sha"`
	HTMLURL         *string     `json:"html_url"`
	ID              *int64      `json:"id"`
	Labels          []string    `json:"labels"`
	Name            *string     `json:"name"`
	NodeID          *string     `json:"node_id"`
	QueuedSeconds   *int64      `json:"queued_seconds"`
	RunAttempt      *int64      `json:"run_attempt"`
	RunID           *int64      `json:"run_id"`
	RunURL          *string     `json:"run_url"`
	RunnerGroupID   *int64      `json:"runner_group_id"`
	RunnerGroupName *string     `json:"runner_group_name"`
	RunnerID        *int64      `json:"runner_id"`
	RunnerName      *string     `json:"runner_name"`
	StartedAt       *string     `json:"started_at"`
	Status          *string     `json:"status"`
	Steps           []floorStep `json:"steps"`
	URL             *string     `json:"url"`
	WorkflowName    *string     `json:"workflow_name"`
}

type floorStep struct {
	CompletedAt     *string `json:"completed_at"`
	Conclusion      *string `json:"conclusion"`
	DurationSeconds *int64  `json:"duration_seconds"`
	Name            *string `json:"name"`
	Number          *int64  `json:"number"`
	StartedAt       *string `json:"started_at"`
	Status          *string `json:"status"`
}

// floorLabels contains the fields of a job that an audit needs.
type floorLabels struct {
	Jobs []struct {
		ID     int64    `json:"id"`
		Name   string   `json:"name"`
		Labels []string `json:"labels"`
	} `json:"jobs"`
}

func (f *floor) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{Provider: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{}}}, nil
}

func (f *floor) ConfigureProvider(_ context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	var config struct {
		BaseURL string `json:"base_url"`
	}
	err := json.Unmarshal(req.Config.JSON, &config)
	f.baseURL = config.BaseURL
	return &tfprotov6.ConfigureProviderResponse{}, err
}

func (f *floor) ValidateDataResourceConfig(context.Context, *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{}, nil
}

func (f *floor) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	var config struct {
		RunID int64 `json:"run_id"`
		JobID int64 `json:"job_id"`
	}
	if err := json.Unmarshal(req.Config.JSON, &config); err != nil {
		return nil, err
	}
	state, err := f.read(ctx, req.TypeName, config.RunID, config.JobID)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := msgpack.NewEncoder(&b)
	enc.SetCustomStructTag("json")
	enc.UseCompactInts(true)
	err = enc.Encode(state)
	return &tfprotov6.ReadDataSourceResponse{State: &tfprotov6.DynamicValue{MsgPack: b.Bytes()}}, err
}

func (f *floor) read(ctx context.Context, typeName string, runID, jobID int64) (any, error) {
	switch typeName {
	case "github_actions_job":
		var j floorJob
		return &j, f.get(ctx, fmt.Sprintf("repos/acme/app/actions/jobs/%d", jobID), &j)
	case "github_actions_run_jobs":
		return f.run(ctx, runID)
	}
	return f.audit(ctx)
}

func (f *floor) run(ctx context.Context, id int64) (any, error) {
	path := fmt.Sprintf("repos/acme/app/actions/runs/%d", id)
	var run struct {
		Status     string `json:"status"`
		Conclusion string `json:"conclusion"`
	}
	if err := f.get(ctx, path, &run); err != nil {
		return nil, err
	}
	page := func(ctx context.Context, n int) (*floorJobs, error) {
		jobs := new(floorJobs)
		return jobs, f.get(ctx, fmt.Sprintf("%s/jobs?filter=latest&page=%d&per_page=100", path, n), jobs)
	}
	first, err := page(ctx, 1)
	if err != nil {
		return nil, err
	}
	pages := make([]*floorJobs, (first.TotalCount+99)/100)
	pages[0] = first
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelism)
	for i := 1; i < len(pages); i++ {
		g.Go(func() (err error) {
			pages[i], err = page(ctx, i+1)
			return err
		})
	}
	err = g.Wait()
	var all []*floorJob
	for _, p := range pages {
		if p != nil {
			all = append(all, p.Jobs...)
		}
	}
	return map[string]any{"jobs": all, "run_status": run.Status, "run_conclusion": run.Conclusion}, err
}

func (f *floor) audit(ctx context.Context) (any, error) {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallelism)
	counts := make([]int, fleetRuns)
	for page := range fleetRuns / 100 {
		var list struct {
			Runs []struct {
				ID int64 `json:"id"`
			} `json:"workflow_runs"`
		}
		if err := f.get(ctx, fmt.Sprintf("repos/acme/fleet/actions/runs?page=%d&per_page=100", page+1), &list); err != nil {
			return nil, err
		}
		for i, run := range list.Runs {
			g.Go(func() error {
				var jobs floorLabels
				err := f.get(ctx, fmt.Sprintf("repos/acme/fleet/actions/runs/%d/jobs?filter=latest&page=1&per_page=100", run.ID), &jobs)
				counts[page*100+i] = len(jobs.Jobs)
				return err
			})
		}
	}
	return counts, g.Wait()
}

func (f *floor) get(ctx context.Context, path string, answer any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.baseURL+path, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, answer)
}
