package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// filler makes the runs of world.go.
type filler struct {
	client // of the administrator

	runner *runner
	played int64 // how many jobs the runner must have completed by now
	runs   []wireRun
}

// settleTime is how long a completed run rests before its jobs run again: see runAgain.
const settleTime = 3 * time.Second

type wireRun struct {
	ID     int64  `json:"id"`
	Status string `json:"status"`
	Branch string `json:"head_branch"`
	Path   string `json:"path"`
}

// fill makes users, repositories and runs, and returns a token that can only read. The runner goes on
// until ctx ends.
func fill(ctx context.Context, s *server) (token string, err error) {
	const password = "only-for-this-test-1"
	if err := s.gitea(ctx, "admin", "user", "create", "--admin", "--username", admin, "--password", password, "--email", admin+"@example.com", "--must-change-password=false"); err != nil {
		return "", err
	}
	f := &filler{client: client{base: s.url + "/api/v1", header: http.Header{
		"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(admin+":"+password))},
	}}}
	var registration, reader struct {
		Token string `json:"token"` // of a runner
		SHA1  string `json:"sha1"`  // of a user
	}
	if err := f.call(ctx, http.MethodPost, "/users/"+admin+"/tokens", map[string]any{"name": "reader", "scopes": []string{"read:repository"}}, &reader); err != nil {
		return "", err
	}
	if err := f.call(ctx, http.MethodPost, "/admin/actions/runners/registration-token", nil, &registration); err != nil {
		return "", err
	}
	if f.runner, err = register(ctx, s.url, registration.Token); err != nil {
		return "", err
	}
	go f.runner.work(ctx)
	limited, cancel := context.WithTimeoutCause(ctx, fillLimit, fmt.Errorf("the runs were not completed within %s", fillLimit))
	defer cancel()
	return reader.SHA1, f.fillRepositories(limited)
}

// fillRepositories makes, in acme/app:
//
//	a run that fails, and succeeds when its failed jobs run again
//	a run that fails, and fails again when all its jobs run again
//	a run with more jobs than a page of the server has
//	a run that is never completed
func (f *filler) fillRepositories(ctx context.Context) error {
	if err := f.post(ctx, "/orgs", map[string]any{"username": owner}); err != nil {
		return err
	}
	for _, name := range []string{"app", "lib", "empty"} {
		if err := f.post(ctx, "/orgs/"+owner+"/repos", map[string]any{"name": name, "auto_init": name != "empty", "default_branch": "main"}); err != nil {
			return err
		}
	}
	const app, lib = "/repos/" + mainRepository, "/repos/" + owner + "/lib"
	runsAre := func(repository string, runs, played int) func() error {
		return func() error { return f.await(ctx, repository, runs, int64(played)) }
	}
	return inTurn(
		func() error { return f.commit(ctx, lib, "main", slices.Sorted(maps.Keys(workflows))...) },
		runsAre(lib, 1, 4),
		func() error { return f.commit(ctx, app, "main", slices.Sorted(maps.Keys(workflows))...) },
		runsAre(app, 1, 4),
		func() error { return f.runAgain(ctx, app, "rerun-failed-jobs") },
		runsAre(app, 1, 2),
		func() error { return f.commit(ctx, app, "broken") },
		runsAre(app, 2, 4),
		func() error { return f.runAgain(ctx, app, "rerun") },
		runsAre(app, 2, 4),
		func() error { return f.dispatch(ctx, app, "many.yml") },
		runsAre(app, 3, 60),
		func() error { return f.dispatch(ctx, app, "held.yml") },
		runsAre(app, 4, 0),
	)
}

func inTurn(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// commit pushes a commit with the workflows to a branch.
func (f *filler) commit(ctx context.Context, repository, branch string, workflows ...string) error {
	type file struct {
		Operation string `json:"operation"`
		Path      string `json:"path"`
		Content   []byte `json:"content"`
	}
	files := []file{{"create", "change.txt", []byte(branch + "\n")}}
	if branch != "main" {
		files[0].Path = branch + ".txt"
	}
	for _, name := range workflows {
		files = append(files, file{"create", ".gitea/workflows/" + name, []byte(workflowText(name))})
	}
	body := map[string]any{"branch": "main", "message": "Change " + branch, "files": files}
	if branch != "main" {
		body["new_branch"] = branch
	}
	return f.post(ctx, repository+"/contents", body)
}

func (f *filler) dispatch(ctx context.Context, repository, workflow string) error {
	return f.post(ctx, repository+"/actions/workflows/"+workflow+"/dispatches", map[string]any{"ref": "refs/heads/main"})
}

// runAgain runs jobs of the newest run again: "rerun" or "rerun-failed-jobs". A moment after a run is
// completed, the server may look at its jobs once more. If they run again by then, it refuses ("run has
// changed"), or skips jobs as if they had not.
func (f *filler) runAgain(ctx context.Context, repository, what string) error {
	for {
		if err := transport.Sleep(ctx, settleTime); err != nil {
			return err
		}
		err := f.post(ctx, fmt.Sprintf("%s/actions/runs/%d/%s", repository, f.runs[0].ID, what), nil)
		if err == nil || !strings.Contains(err.Error(), "run has changed") {
			return err
		}
	}
}

// await waits until the repository has that many runs, all but held.yml are completed, and the runner
// has completed that many jobs more.
func (f *filler) await(ctx context.Context, repository string, runs int, played int64) error {
	f.played += played
	for {
		var answer struct {
			Runs []wireRun `json:"workflow_runs"`
		}
		err := f.call(ctx, http.MethodGet, repository+"/actions/runs", nil, &answer)
		if err == nil {
			f.runs = answer.Runs
			if len(f.runs) == runs && f.runner.played.Load() == f.played && !slices.ContainsFunc(f.runs, wireRun.isAwaited) {
				return nil
			}
			err = transport.Sleep(ctx, 200*time.Millisecond)
		}
		if err != nil {
			return errors.Join(err, context.Cause(ctx), fmt.Errorf("%s has the runs %+v, and the runner has completed %d of %d jobs", repository, f.runs, f.runner.played.Load(), f.played))
		}
	}
}

// isAwaited reports whether the state of the run is not yet what it will be.
func (r wireRun) isAwaited() bool {
	if strings.HasPrefix(r.Path, "held.yml") {
		return r.Status != "in_progress"
	}
	return r.Status != "completed"
}
