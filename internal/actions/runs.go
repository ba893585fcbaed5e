package actions

import (
	"context"
	"errors"
	"fmt"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// run reads a run, or one attempt of it if attempt is not 0.
func (c *Client) run(ctx context.Context, repo Repository, id, attempt int64) (*job.Run, error) {
	object := runObject(repo, id, attempt)
	run := new(wireRun)
	header, err := c.get(ctx, object, runPath(repo, id, attempt), run)
	switch {
	case err != nil:
		return nil, err
	case run.ID == nil:
		return nil, malformed(object, header, "the answer is a run without an id", nil)
	case *run.ID != id:
		return nil, malformed(object, header, fmt.Sprintf("the answer is run %d", *run.ID), nil)
	case attempt != 0 && run.RunAttempt != nil && *run.RunAttempt != attempt:
		return nil, malformed(object, header, fmt.Sprintf("the answer is attempt %d", *run.RunAttempt), nil)
	}
	return runFrom(run), nil
}

// RunExists reports whether the server shows a run. It is false without an error only if the server answers
// 404 as it does for a run that does not exist.
func (c *Client) RunExists(ctx context.Context, repo Repository, id int64) (bool, error) {
	_, err := c.run(ctx, repo, id, 0)
	if errors.Is(err, NotFound) && !isMissingRoute(err) {
		return false, nil
	}
	return err == nil, err
}

// runObject names a run, or one attempt of it, in messages.
func runObject(repo Repository, id, attempt int64) string {
	object := fmt.Sprintf("%s run %d", repo, id)
	if attempt != 0 {
		object += fmt.Sprintf(" attempt %d", attempt)
	}
	return object
}

func runPath(repo Repository, id, attempt int64) string {
	path := fmt.Sprintf("%s/actions/runs/%d", repo.path(), id)
	if attempt != 0 {
		path += fmt.Sprintf("/attempts/%d", attempt)
	}
	return path
}

// locate finds out which part of a path a 404 is about, so that the message can point at the wrong
// argument: GitHub's answer is the same for each. It sends requests, but only after a read has
// failed. If it cannot find out, the error stays as it was. Any other error passes through.
//
// last is the last part of the path; "" for what the repository itself contains. run reads the run if the
// path has one.
func (c *Client) locate(ctx context.Context, err error, repo Repository, last Part, run func(context.Context) (*job.Run, error)) error {
	var e *Error
	if !errors.As(err, &e) || e.Kind != NotFound {
		return err
	}
	located := *e
	located.Missing, located.NoAPI = last, ""
	var repository nothing
	if _, err := c.get(ctx, e.Object, repo.path(), &repository); err != nil {
		if refused := (*Error)(nil); errors.As(err, &refused) && refused.saysWhy() {
			return refused.about(PartRepository)
		}
		located.Missing, located.NoAPI = "", e.NoAPI
		if errors.Is(err, NotFound) && e.NoAPI == "" {
			located.Missing = PartRepository
		}
		return &located
	}
	switch {
	case last == "" || run == nil && e.NoRoute:
		located.Missing, located.Hidden = PartRepository, true
	case run != nil:
		locateByRun(ctx, &located, run)
	}
	return &located
}

// locateByRun adds to an error about a run or an attempt what the run itself shows.
func locateByRun(ctx context.Context, located *Error, run func(context.Context) (*job.Run, error)) {
	found, err := run(ctx)
	switch {
	case isMissingRoute(err):
		located.Missing, located.Hidden = PartRepository, true
	case errors.Is(err, NotFound):
		located.Missing = PartRun
	case err != nil:
	case located.Missing == PartRun:
		located.Hidden = true
	case found.RunAttempt != nil:
		located.Reason = fmt.Sprintf("the latest attempt of this run is %d", *found.RunAttempt)
	}
}
