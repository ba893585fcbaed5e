package audit

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// testRun is one run as the tests hand it to a collector.
type testRun struct {
	order int
	info  RunInfo
	jobs  []Job
}

func drawRuns(t *rapid.T) []testRun {
	seconds := rapid.Ptr(rapid.Int64Range(0, 20), true)
	ids := int64(0)
	drawJob := func(runID int64) *rapid.Generator[Job] {
		return rapid.Custom(func(t *rapid.T) Job {
			ids++
			return Job{
				RunID:           new(runID),
				JobID:           new(ids),
				Labels:          jobLabels().Draw(t, "labels"),
				Conclusion:      rapid.SampledFrom([]*string{nil, new("success"), new("skipped")}).Draw(t, "conclusion"),
				QueuedSeconds:   seconds.Draw(t, "queued"),
				DurationSeconds: seconds.Draw(t, "duration"),
				RunnerGroupName: rapid.Ptr(rapid.SampledFrom([]string{"Default", "default", "gpu"}), true).Draw(t, "group"),
			}
		})
	}
	var runs []testRun
	for i := range rapid.IntRange(0, 8).Draw(t, "runs") {
		run := testRun{order: i * 3, jobs: rapid.SliceOfN(drawJob(int64(i)), 0, 6).Draw(t, "jobs")}
		if rapid.Bool().Draw(t, "dated") {
			run.info.CreatedAt = new(time.Unix(rapid.Int64Range(0, 1e9).Draw(t, "created"), 0).UTC())
		}
		runs = append(runs, run)
	}
	return runs
}

func drawRules(t *rapid.T) *Rules {
	return mustRules(t,
		patternLists().Draw(t, "allowed"), patternLists().Draw(t, "denied"), patternLists().Draw(t, "required"))
}

func collectRuns(rules *Rules, limit int, runs []testRun) Result {
	c := NewCollector(rules, limit)
	for _, run := range runs {
		c.AddRun(run.order, run.info, run.jobs)
	}
	return c.Result()
}

// plainResult is the result by its definition, with every job in memory. Its
// idea of a label without case is lower case, good enough for the tests' labels.
func plainResult(rules *Rules, limit int, runs []testRun) Result {
	result := Result{Violations: []Violation{}, LabelSets: []LabelSet{}, RunCount: int64(len(runs))}
	var all []Violation
	jobs := map[string][]Job{}
	violations := map[string]int64{}
	spellings := map[string]string{}
	for _, run := range slices.SortedFunc(slices.Values(runs), func(a, b testRun) int { return cmp.Compare(a.order, b.order) }) {
		if at := run.info.CreatedAt; at != nil {
			if result.OldestRunAt == nil || at.Before(*result.OldestRunAt) {
				result.OldestRunAt = at
			}
			if result.NewestRunAt == nil || at.After(*result.NewestRunAt) {
				result.NewestRunAt = at
			}
		}
		for _, job := range run.jobs {
			result.JobCount++
			found := rules.Violations(job)
			all = append(all, found...)

			var set []string
			for _, label := range job.Labels {
				set = append(set, fmt.Sprintf("%q", strings.ToLower(label)))
			}
			slices.Sort(set)
			key := strings.Join(slices.Compact(set), " ")
			jobs[key] = append(jobs[key], job)
			violations[key] += int64(len(found))
			for _, label := range job.Labels {
				spelling := key + " of " + strings.ToLower(label)
				if known, ok := spellings[spelling]; !ok || label < known {
					spellings[spelling] = label
				}
			}
		}
	}
	result.ViolationCount = int64(len(all))
	result.Compliant = len(all) == 0
	result.Violations = append(result.Violations, all[:min(limit, len(all))]...)

	for key, members := range jobs {
		set := LabelSet{Labels: []string{}, JobCount: int64(len(members)), ViolationCount: violations[key], RunnerGroups: []string{}}
		for _, label := range members[0].Labels {
			spelled := spellings[key+" of "+strings.ToLower(label)]
			if !slices.Contains(set.Labels, spelled) {
				set.Labels = append(set.Labels, spelled)
			}
		}
		slices.SortFunc(set.Labels, func(a, b string) int { return cmp.Compare(strings.ToUpper(a), strings.ToUpper(b)) })
		var queued, duration []int64
		for _, job := range members {
			if job.QueuedSeconds != nil {
				queued = append(queued, *job.QueuedSeconds)
			}
			if job.DurationSeconds != nil {
				duration = append(duration, *job.DurationSeconds)
				set.TotalDurationSeconds += *job.DurationSeconds
			}
			if g := job.RunnerGroupName; g != nil && !slices.Contains(set.RunnerGroups, *g) {
				set.RunnerGroups = append(set.RunnerGroups, *g)
			}
		}
		slices.Sort(set.RunnerGroups)
		set.Queued, set.Duration = sortedFigures(queued), sortedFigures(duration)
		result.LabelSets = append(result.LabelSets, set)
	}
	slices.SortFunc(result.LabelSets, func(a, b LabelSet) int {
		return cmp.Or(cmp.Compare(b.JobCount, a.JobCount), slices.CompareFunc(a.Labels, b.Labels, func(x, y string) int {
			return cmp.Compare(strings.ToUpper(x), strings.ToUpper(y))
		}))
	})
	return result
}

func TestResultIsThePlainOneInAnyOrderOfArrival(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules := drawRules(t)
		runs := drawRuns(t)
		limit := rapid.IntRange(0, 25).Draw(t, "limit")
		want := plainResult(rules, limit, runs)
		arrival := rapid.Permutation(runs).Draw(t, "arrival")
		if got := collectRuns(rules, limit, arrival); !reflect.DeepEqual(got, want) {
			t.Fatalf("got\n%s\nwant\n%s", describe(got), describe(want))
		}
	})
}

// describe writes a result without pointers.
func describe(r Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "compliant %t, %d violations, %d runs, %d jobs, %v to %v\n",
		r.Compliant, r.ViolationCount, r.RunCount, r.JobCount, r.OldestRunAt, r.NewestRunAt)
	for _, v := range r.Violations {
		fmt.Fprintf(&b, "  job %d: %s\n", *v.JobID, row(v))
	}
	for _, s := range r.LabelSets {
		fmt.Fprintf(&b, "  %q: %d jobs, %d violations, queued %s, duration %s, total %d, groups %q\n",
			s.Labels, s.JobCount, s.ViolationCount, show(s.Queued), show(s.Duration), s.TotalDurationSeconds, s.RunnerGroups)
	}
	return b.String()
}

func TestListedViolationsAreTheFirstOfAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules := drawRules(t)
		runs := rapid.Permutation(drawRuns(t)).Draw(t, "arrival")
		whole := collectRuns(rules, 1_000_000, runs)
		if int64(len(whole.Violations)) != whole.ViolationCount {
			t.Fatalf("%d listed without a limit, %d counted", len(whole.Violations), whole.ViolationCount)
		}
		limit := rapid.IntRange(0, len(whole.Violations)+1).Draw(t, "limit")
		capped := collectRuns(rules, limit, runs)
		if capped.ViolationCount != whole.ViolationCount || capped.Compliant != whole.Compliant {
			t.Fatalf("the limit changes the count: %d, want %d", capped.ViolationCount, whole.ViolationCount)
		}
		if want := whole.Violations[:min(limit, len(whole.Violations))]; !reflect.DeepEqual(capped.Violations, want) {
			t.Fatalf("listed %q, want %q", rowsOf(capped.Violations), rowsOf(want))
		}
	})
}

func TestLabelSetsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		got := collectRuns(drawRules(t), 3, drawRuns(t))
		var jobs, violations int64
		for _, set := range got.LabelSets {
			jobs += set.JobCount
			violations += set.ViolationCount
		}
		if jobs != got.JobCount || violations != got.ViolationCount {
			t.Fatalf("the sets have %d jobs and %d violations, the result %d and %d", jobs, violations, got.JobCount, got.ViolationCount)
		}
	})
}

// plainRun has one violation for each of its jobs, whose ids tell their order.
func plainRun(order, jobs int) testRun {
	run := testRun{order: order}
	for i := range jobs {
		run.jobs = append(run.jobs, Job{JobID: new(int64(order*100 + i)), Labels: []string{"gpu"}})
	}
	return run
}

func TestViolationsNewestRunFirst(t *testing.T) {
	t.Parallel()
	rules := mustRules(t, nil, []string{"gpu"}, nil)
	runs := []testRun{plainRun(2, 2), plainRun(0, 2), plainRun(3, 1), plainRun(1, 1)}
	for limit, want := range map[int][]int64{
		-1: {},
		0:  {},
		1:  {0},
		2:  {0, 1},
		4:  {0, 1, 100, 200},
		6:  {0, 1, 100, 200, 201, 300},
		7:  {0, 1, 100, 200, 201, 300},
	} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			t.Parallel()
			result := collectRuns(rules, limit, runs)
			ids := []int64{}
			for _, v := range result.Violations {
				ids = append(ids, *v.JobID)
			}
			if !slices.Equal(ids, want) {
				t.Errorf("listed jobs %v, want %v", ids, want)
			}
			if result.ViolationCount != 6 || result.Compliant {
				t.Errorf("counted %d, compliant %t; want 6, false", result.ViolationCount, result.Compliant)
			}
		})
	}
}

func TestNothingAdded(t *testing.T) {
	t.Parallel()
	want := Result{Compliant: true, Violations: []Violation{}, LabelSets: []LabelSet{}}
	if got := NewCollector(nil, 10).Result(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRunWithoutJobsIsARun(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := NewCollector(nil, 10)
	c.AddRun(0, RunInfo{CreatedAt: &at}, nil)
	c.AddRun(1, RunInfo{}, nil)
	got := c.Result()
	want := Result{Compliant: true, Violations: []Violation{}, LabelSets: []LabelSet{}, RunCount: 2, OldestRunAt: &at, NewestRunAt: &at}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestWithoutRulesFiguresOnly(t *testing.T) {
	t.Parallel()
	c := NewCollector(nil, 10)
	c.AddRun(0, RunInfo{}, []Job{{Labels: []string{"gpu"}, QueuedSeconds: new(int64(4))}})
	got := c.Result()
	if !got.Compliant || len(got.Violations) != 0 || got.JobCount != 1 || *got.LabelSets[0].Queued.P50 != 4 {
		t.Errorf("got %+v", got)
	}
}

func TestResultIsASnapshot(t *testing.T) {
	t.Parallel()
	rules := mustRules(t, nil, []string{"gpu"}, nil)
	add := func(c *Collector, runs ...testRun) {
		for _, run := range runs {
			c.AddRun(run.order, run.info, run.jobs)
		}
	}
	c := NewCollector(rules, 2)
	add(c, plainRun(5, 2))
	before := c.Result()
	want := describe(before)
	add(c, plainRun(1, 2), testRun{order: 0, jobs: []Job{jobWith("GPU")}})
	if got := describe(before); got != want {
		t.Errorf("a result changed afterwards: got\n%s\nwant\n%s", got, want)
	}
	before.Violations[0] = Violation{}
	before.LabelSets[0].Labels[0] = "changed"
	if got := c.Result().LabelSets[0].Labels[0]; got != "GPU" {
		t.Errorf("changing a result changed the collector: label %q", got)
	}
}

func TestCollectorFromManyGoroutines(t *testing.T) {
	t.Parallel()
	rules := mustRules(t, []string{"linux", "runs-on=*"}, []string{"gpu"}, []string{"x64"})
	var runs []testRun
	for order := range 200 {
		run := testRun{order: order, info: RunInfo{CreatedAt: new(time.Unix(int64(-order), 0))}}
		for i := range 10 {
			run.jobs = append(run.jobs, Job{
				RunID:           new(int64(order)),
				JobID:           new(int64(order*10 + i)),
				Labels:          []string{someLabels[(order+i)%len(someLabels)], someLabels[i]},
				QueuedSeconds:   new(int64(order % 17)),
				DurationSeconds: new(int64(i * 31)),
				RunnerGroupName: new(fmt.Sprint("group ", i%3)),
			})
		}
		runs = append(runs, run)
	}
	want := collectRuns(rules, 100, runs)

	c := NewCollector(rules, 100)
	var wg sync.WaitGroup
	for part := range slices.Chunk(runs, 10) {
		wg.Go(func() {
			for _, run := range slices.Backward(part) {
				c.AddRun(run.order, run.info, run.jobs)
				if r := c.Result(); len(r.Violations) > 100 {
					t.Errorf("%d violations listed, at most 100 asked for", len(r.Violations))
				}
			}
		})
	}
	wg.Wait()
	if got := c.Result(); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", describe(got), describe(want))
	}
}

// What the collector holds must not grow with the runs and jobs: ten times as
// many of the same leave it with as many entries.
func TestCollectorHoldsNoJobs(t *testing.T) {
	t.Parallel()
	rules := mustRules(t, nil, []string{"gpu"}, nil)
	const limit = 45
	sizes := func(repeat int) map[string]int {
		c := NewCollector(rules, limit)
		order := 0
		for range repeat {
			for range 10 {
				run := benchmarkRun(20)
				// Oldest first, so that every run pushes others out; beside each
				// a newer one that has nothing to list.
				c.AddRun(-order, RunInfo{}, run)
				c.AddRun(-order-1_000_000, RunInfo{}, run[:1])
				order++
			}
		}
		held := map[string]int{"sets": len(c.sets), "runs": len(c.listed)}
		for _, run := range c.listed {
			held["listed"] += len(run.rows)
			for _, dropped := range run.rows[len(run.rows):cap(run.rows)] {
				if dropped.Label != nil {
					t.Error("a violation that was dropped is still held")
				}
			}
		}
		for _, u := range c.sets {
			held["figures"] += len(u.queued.jobs) + len(u.duration.jobs)
			held["groups"] += len(u.groups)
		}
		return held
	}
	once, often := sizes(10), sizes(100)
	if once["listed"] != limit {
		t.Fatalf("%d violations held, want %d: the runs of this test must fill the list", once["listed"], limit)
	}
	if !maps.Equal(once, often) {
		t.Errorf("held after 200 runs %v, after 2,000 %v", once, often)
	}
}

// benchmarkRun is a run of jobs on ten different sets of labels, one of them
// with a denied label.
func benchmarkRun(jobs int) []Job {
	run := make([]Job, jobs)
	for i := range run {
		run[i] = Job{
			RunID: new(int64(1)), RunAttempt: new(int64(1)), JobID: new(int64(i)),
			JobName: new("build"), WorkflowName: new("CI"), HeadBranch: new("main"),
			Labels:          []string{"self-hosted", "Linux", "X64", fmt.Sprint("pool-", i%10)},
			QueuedSeconds:   new(int64(i * 7 % 300)),
			DurationSeconds: new(int64(i * 13 % 1800)),
			RunnerGroupName: new("Default"),
		}
		if i%10 == 9 {
			run[i].Labels[3] = "gpu"
		}
	}
	return run
}

// BenchmarkCollector audits 1,000 runs of ten jobs with five rules.
func BenchmarkCollector(b *testing.B) {
	const runs, jobsInRun = 1_000, 10
	rules := mustRules(b, []string{"self-hosted", "linux*", "*"}, []string{"gpu*"}, []string{"?64"})
	run := benchmarkRun(jobsInRun)
	b.ReportAllocs()
	for b.Loop() {
		c := NewCollector(rules, 1_000)
		for order := range runs {
			c.AddRun(order, RunInfo{}, run)
		}
		if got := c.Result(); got.JobCount != runs*jobsInRun {
			b.Fatalf("%d jobs", got.JobCount)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*runs*jobsInRun), "ns/job")
}

// BenchmarkRules is the rules alone, on one job without a violation.
func BenchmarkRules(b *testing.B) {
	rules := mustRules(b, []string{"self-hosted", "linux*", "*"}, []string{"gpu*"}, []string{"?64"})
	job := benchmarkRun(1)[0]
	b.ReportAllocs()
	for b.Loop() {
		if rules.Violations(job) != nil {
			b.Fatal("a violation")
		}
	}
}
