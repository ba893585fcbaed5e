package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/runner-audit/terraform-provider-github-actions/internal/plugintest"
)

// Terraform asks for so much at once.
const parallelism = 10

func (m measurer) rows() []row {
	cache := filepath.Join(m.dir, "cache")
	audit := func(kind, cachePath string) work {
		return m.provider(kind, cachePath, func(ctx context.Context, p *plugintest.Provider) error {
			_, err := p.Read(ctx, "github_actions_runner_label_audit", `{"repository":"fleet","max_runs":1000,"filter":"latest","allowed_labels":["ubuntu-*"]}`)
			return err
		})
	}
	organization := func(name, cachePath string) work {
		return m.provider(kindProvider, cachePath, func(ctx context.Context, p *plugintest.Provider) error {
			_, err := p.Read(ctx, "github_actions_runner_label_audit", fmt.Sprintf(`{"repositories":["%s/*"],"allowed_labels":["ubuntu-*"]}`, name))
			return err
		})
	}
	first := func(name string) work {
		return fresh(m.dir, func(dir string) work { return organization(name, dir) })
	}
	rows := []row{
		m.readRow("read of 256 jobs x 12 steps, 10 times", runOf256, 10),
		m.readRow("read of 10,000 jobs x 12 steps", runOf10000, 1),
		{"200 reads of a job (for_each)", "bare provider", m.eachJob(kindProvider), m.eachJob(kindFloor), 0},
		{"audit of 1,000 runs x 10 jobs, cold", "bare provider, no cache", fresh(m.dir, func(dir string) work { return audit(kindProvider, dir) }), audit(kindFloor, ""), 0},
		{"audit of 1,000 runs x 10 jobs, warm", "bare provider, no cache", warm(audit(kindProvider, cache)), audit(kindFloor, ""), 0},
		// As many times the CPU as it has repositories says that it is linear.
		{"audit of 500 repositories x 20 runs, first plan", "50 repositories", first(large), first(small), 0},
		{"audit of 500 repositories x 20 runs, second plan", "the first plan", warm(organization(large, filepath.Join(m.dir, "large"))), first(large), 0},
		{"start-up: schemas and configuration", "empty framework provider", m.startUp(kindProvider), m.startUp(kindEmpty), 0},
		{"5,000 requests through the chain", "http.Client", m.childWork(kindChain), m.childWork(kindPlain), 0},
		{"log of 256 MiB", "io.Copy with SHA-256", m.childWork(kindLog), m.childWork(kindCopy), logBytes},
	}
	return rows
}

func (m measurer) readRow(name string, run int64, times int) row {
	read := func(kind string) work {
		return m.provider(kind, "", func(ctx context.Context, p *plugintest.Provider) error {
			for range times {
				state, err := p.Read(ctx, "github_actions_run_jobs", fmt.Sprintf(`{"repository":"app","run_id":%d}`, run))
				if err != nil {
					return err
				}
				if len(state) < 200_000 {
					return fmt.Errorf("the state has only %d bytes", len(state))
				}
			}
			return nil
		})
	}
	return row{name, "bare provider", read(kindProvider), read(kindFloor), 0}
}

// eachJob reads many jobs as a plan with for_each does: each block is validated and read.
func (m measurer) eachJob(kind string) work {
	return m.provider(kind, "", func(ctx context.Context, p *plugintest.Provider) error {
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(parallelism)
		for i := range 200 {
			config := fmt.Sprintf(`{"repository":"app","job_id":%d}`, smallJobs+i)
			g.Go(func() error {
				if err := p.Validate(ctx, "github_actions_job", config); err != nil {
					return err
				}
				_, err := p.Read(ctx, "github_actions_job", config)
				return err
			})
		}
		return g.Wait()
	})
}

func (m measurer) startUp(kind string) work {
	return m.provider(kind, "", func(context.Context, *plugintest.Provider) error { return nil })
}

// fresh gives each run of a work its own folder.
func fresh(parent string, workIn func(dir string) work) work {
	return func(ctx context.Context, binary string) (cost, error) {
		dir, err := os.MkdirTemp(parent, "fresh-")
		if err != nil {
			return cost{}, err
		}
		return workIn(dir)(ctx, binary)
	}
}

// warm runs a work twice and returns the cost of the second run.
func warm(w work) work {
	return func(ctx context.Context, binary string) (cost, error) {
		if _, err := w(ctx, binary); err != nil {
			return cost{}, err
		}
		return w(ctx, binary)
	}
}
