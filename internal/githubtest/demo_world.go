package githubtest

import "fmt"

// Demo is a made-up organization, acme, with what an audit of its runner labels can find:
//
//   - acme/app run 700, CI on main: a matrix whose first attempt failed in one job; attempt 2 ran
//     that job and its dependants again.
//   - acme/app run 701, Release: self-hosted runners with several labels, one job on a retired
//     label.
//   - acme/app run 702, Nightly: in progress, with a job that waits for a runner and a skipped one.
//   - acme/infra run 800, Plan: a small run on a GPU fleet.
//   - acme/web runs 901 to 906, Build: two a week for three weeks, with jobs in several runner groups;
//     see addWeb.
//   - acme/legacy is archived, and has a run on a retired label.
//   - acme/payroll refuses to show its runs.
//
// The log of job 70004 ends in errors, that of 70104 is a deployment's, and that of 70001 has
// expired. The world also has the documented example job.
func Demo() *World {
	w := NewWorld().AddDocumentedJob()
	app := w.Repository("acme/app")
	addCI(app)
	addRelease(app)
	addNightly(app)
	w.Repository("acme/infra").
		Run(800, 1, workflow(21, "Plan", "plan.yml", 57)).
		Job(80001, 800, Object{"name": "plan", "workflow_name": "Plan"}.on("gpu-01", "gpu", "self-hosted", "linux", "gpu=a100").at(0, 340, 1290))
	addWeb(w.Repository("acme/web"))
	w.Repository("acme/legacy").Set(Object{"archived": true}).
		Run(1001, 1, workflow(41, "Old", "old.yml", 3)).
		Job(100101, 1001, Object{"name": "build", "workflow_name": "Old"}.labelled([]string{"ubuntu-20.04"}))
	w.Repository("acme/payroll").Refuse().Run(1101, 1, workflow(51, "Pay", "pay.yml", 8)).Job(110101, 1101, nil)
	return w
}

func addCI(app *Repository) {
	const run = 700
	first := workflow(11, "CI", "ci.yml", 412)
	first["conclusion"] = "failure"
	app.Run(run, 1, first).Run(run, 2, workflow(11, "CI", "ci.yml", 412))
	for i, target := range []struct{ os, version string }{
		{"ubuntu-24.04", "1.25"}, {"ubuntu-24.04", "1.26"}, {"windows-2025", "1.26"}, {"macos-15", "1.26"},
	} {
		job := Object{
			"name":   fmt.Sprintf("test (%s, %s)", target.os, target.version),
			"labels": []any{target.os}, "steps": testSteps("success"),
		}.at(0, 6+i*9, 190+i*95)
		if target.os == "macos-15" {
			job["conclusion"], job["steps"] = "failure", testSteps("failure")
		}
		app.Job(70001+int64(i), run, job)
	}
	app.Log(70004, failedLog).ExpiredLog(70001)
	app.Job(70005, run, Object{"name": "package", "conclusion": "skipped"}.waiting("ubuntu-24.04").at(480, 480, 480))
	app.Job(70006, run, Object{"name": "test (macos-15, 1.26)", "run_attempt": int64(2), "labels": []any{"macos-15"}, "steps": testSteps("success")}.at(900, 921, 1400))
	app.Job(70007, run, Object{"name": "package", "run_attempt": int64(2), "steps": testSteps("success")}.at(1402, 1409, 1480))
}

func addRelease(app *Repository) {
	const run = 701
	release := func(name string) Object { return Object{"name": name, "workflow_name": "Release"} }
	app.Run(run, 1, workflow(12, "Release", "release.yml", 38)).
		Job(70101, run, release("build").on("build-07", "builders", "self-hosted", "linux", "x64").at(0, 45, 400)).
		Job(70102, run, release("sign")).
		Job(70103, run, func() Object { j := release("docs"); j["labels"] = []any{"ubuntu-20.04"}; return j.at(0, 12, 80) }()).
		Job(70104, run, release("deploy").on("deploy-02", "production", "self-hosted", "linux", "deploy", "region=eu").at(410, 415, 700)).
		Log(70104, deployLog)
}

func addNightly(app *Repository) {
	const run = 702
	nightly := workflow(13, "Nightly", "nightly.yml", 901)
	nightly["status"], nightly["conclusion"], nightly["event"] = "in_progress", nil, "schedule"
	name := func(name string) Object { return Object{"name": name, "workflow_name": "Nightly"} }
	running := name("fuzz").at(0, 8, 8)
	running["status"], running["conclusion"], running["completed_at"] = "in_progress", nil, nil
	queued := name("benchmark").waiting("self-hosted", "linux", "gpu").at(0, 0, 0)
	queued["status"], queued["conclusion"], queued["completed_at"] = "queued", nil, nil
	skipped := name("notify").waiting("ubuntu-24.04").at(0, 0, 0)
	skipped["conclusion"] = "skipped"
	app.Run(run, 1, nightly).
		Job(70201, run, running).
		Job(70202, run, queued).
		Job(70203, run, skipped)
}

func workflow(id int64, name, file string, number int64) Object {
	return Object{
		"workflow_id": id, "name": name, "path": ".github/workflows/" + file, "run_number": number,
		"display_title": name + " on main", "head_branch": "main",
		"created_at": fmt.Sprintf("2026-05-04T10:%02d:00Z", id), "updated_at": fmt.Sprintf("2026-05-04T11:%02d:00Z", id),
	}
}

// on puts a job on a self-hosted runner.
func (o Object) on(runner, group string, labels ...string) Object {
	o["runner_name"], o["runner_group_name"] = runner, group
	o["runner_id"], o["runner_group_id"] = int64(len(runner)), int64(len(group))
	return o.labelled(labels)
}

// waiting takes the runner from a job.
func (o Object) waiting(labels ...string) Object {
	o["runner_id"], o["runner_name"], o["runner_group_id"], o["runner_group_name"] = int64(0), "", int64(0), ""
	return o.labelled(labels)
}

func (o Object) labelled(labels []string) Object {
	list := make([]any, len(labels))
	for i, label := range labels {
		list[i] = label
	}
	o["labels"] = list
	return o
}

// at sets a job's times, in seconds after ten o'clock.
func (o Object) at(created, started, completed int) Object {
	o["created_at"], o["started_at"], o["completed_at"] = clock(created), clock(started), clock(completed)
	return o
}

func clock(seconds int) string {
	return fmt.Sprintf("2026-05-04T10:%02d:%02dZ", seconds/60, seconds%60)
}

// testSteps are the steps of a job that checks out and tests; conclusion is that of the tests.
func testSteps(conclusion string) []any {
	names := []string{"Set up job", "Run actions/checkout@v4", "Run make test", "Complete job"}
	steps := Steps(len(names))
	for i, name := range names {
		step := steps[i].(Object) //nolint:forcetypeassert // Steps makes them
		step["name"] = name
		if name == "Run make test" {
			step["conclusion"] = conclusion
		}
	}
	return steps
}
