package githubtest

import (
	"fmt"
	"time"
)

// addWeb adds six runs of one workflow, on a Monday and a Thursday of each of the ISO weeks 2026-W17 to
// 2026-W19. Each has these jobs:
//
//   - compile in the group builders, which queues longer each week: 20 and 25 seconds, then 60 and 70,
//     then 240 and 310.
//   - test on ubuntu-24.04, which failed in run 904.
//   - e2e, which asks for the group large-runners and for no label.
//   - lighthouse on the retired label ubuntu-20.04.
//   - publish in the group Default, from 903 on.
func addWeb(web *Repository) {
	for i, build := range []struct{ month, day, queued int }{{4, 20, 20}, {4, 23, 25}, {4, 27, 60}, {4, 30, 70}, {5, 4, 240}, {5, 7, 310}} {
		run := int64(901 + i)
		start := time.Date(2026, time.Month(build.month), build.day, 9, 0, 0, 0, time.UTC)
		fields := workflow(31, "Build", "build.yml", 120+int64(i))
		fields["created_at"], fields["updated_at"] = start.Format(time.RFC3339), start.Add(20*time.Minute).Format(time.RFC3339)
		fields["head_sha"] = fmt.Sprintf("%040x", 0xacee0000+i)
		jobs := []Object{
			Object{"name": "compile"}.on("build-07", "builders", "self-hosted", "linux", "x64").from(start, build.queued, 300+10*i),
			Object{"name": "test", "steps": testSteps("success")}.from(start, 4+i, 200+5*i),
			Object{"name": "e2e"}.on("large-02", "large-runners").from(start, 12+i, 420),
			Object{"name": "lighthouse"}.labelled([]string{"ubuntu-20.04"}).from(start, 9, 70),
			Object{"name": "publish"}.on("spare-01", "Default", "self-hosted", "linux").from(start, 3, 45),
		}
		if run == 904 {
			fields["conclusion"], jobs[1]["conclusion"], jobs[1]["steps"] = "failure", "failure", testSteps("failure")
		}
		if run < 903 {
			jobs = jobs[:4]
		}
		web.Run(run, 1, fields)
		for n, job := range jobs {
			job["workflow_name"], job["head_sha"] = "Build", fields["head_sha"]
			web.Job(run*100+int64(n)+1, run, job)
		}
	}
}

// from sets a job's times: it was created at a time, and then queued and ran for so many seconds.
func (o Object) from(created time.Time, queued, ran int) Object {
	started := created.Add(time.Duration(queued) * time.Second)
	o["created_at"], o["started_at"] = created.Format(time.RFC3339), started.Format(time.RFC3339)
	o["completed_at"] = started.Add(time.Duration(ran) * time.Second).Format(time.RFC3339)
	return o
}
