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

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// testRun is one run that a test adds to a collector.
type testRun struct {
	repository string
	run        *job.Run
	jobs       []*job.Job
}

// at is a moment of the tests.
func at(seconds int64) *time.Time { return new(time.Unix(1_790_000_000+seconds, 0).UTC()) }

func drawRuns(t *rapid.T) []testRun {
	some := func(name string, values ...string) *string {
		return rapid.Ptr(rapid.SampledFrom(values), true).Draw(t, name)
	}
	moment := func(name string) *time.Time {
		return rapid.Ptr(rapid.Map(rapid.Int64Range(0, 5), func(n int64) time.Time { return *at(n) }), true).Draw(t, name)
	}
	ids := int64(0)
	var runs []testRun
	for i := range rapid.IntRange(0, 8).Draw(t, "runs") {
		run := testRun{
			repository: rapid.SampledFrom([]string{"acme/app", "acme/lib"}).Draw(t, "repository"),
			run:        &job.Run{ID: new(int64(i)), CreatedAt: moment("run created"), Path: some("path", ".github/workflows/ci.yml")},
		}
		for range rapid.IntRange(0, 6).Draw(t, "jobs") {
			ids++
			run.jobs = append(run.jobs, &job.Job{
				RunID: new(int64(i)), ID: new(ids), RunAttempt: new(int64(1)),
				Name: some("name", "build", "test"), WorkflowName: some("workflow", "CI", "Release"),
				Labels:     jobLabels().Draw(t, "labels"),
				Conclusion: some("conclusion", "success", "skipped"),
				RunnerName: some("runner", "r"), RunnerGroupName: some("group", "Default", "gpu", ""),
				CreatedAt: moment("created"), StartedAt: moment("started"),
				HTMLURL: new(fmt.Sprint("https://github.com/job/", ids)),
			})
		}
		runs = append(runs, run)
	}
	return runs
}

func drawRules(t *rapid.T) *Rules {
	patterns := map[List][]string{}
	for _, list := range Lists() {
		patterns[list] = patternLists().Draw(t, string(list))
	}
	rules, err := NewRules(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func drawExceptions(t *rapid.T) *Exceptions {
	some := func(name string, values ...string) *string {
		return rapid.Ptr(rapid.SampledFrom(values), true).Draw(t, name)
	}
	var exceptions []Exception
	for range rapid.IntRange(0, 3).Draw(t, "exceptions") {
		e := Exception{
			Repository: some("repository", "app", "acme/*", "LIB"), Workflow: some("workflow", "ci", "ci.yml", "rel*"),
			Job: some("job", "b*", "test"), Label: some("label", "gpu", "l*"), Until: some("until", "2026-09-20", "2026-09-21"),
		}
		if e.Repository == nil && e.Workflow == nil && e.Job == nil && e.Label == nil {
			e.Job = new("build")
		}
		exceptions = append(exceptions, e)
	}
	return mustExceptions(t, exceptions...)
}

func collectRuns(rules *Rules, exceptions *Exceptions, limit int, runs []testRun) Result {
	c := NewCollector(rules, exceptions, limit)
	for _, run := range runs {
		c.AddRun(run.repository, run.run, run.jobs)
	}
	return c.Result()
}

// plainResult is the result by its definition, with every job in memory.
func plainResult(rules *Rules, exceptions *Exceptions, limit int, runs []testRun) Result {
	result := Result{
		Violations: []Violation{}, Summary: []SummaryRow{}, ByRepository: map[string]int64{}, Exceptions: exceptions.uses(),
	}
	created := func(r testRun) int64 {
		if r.run.CreatedAt == nil {
			return 0
		}
		return r.run.CreatedAt.Unix()
	}
	newestFirst := slices.SortedFunc(slices.Values(runs), func(a, b testRun) int {
		return cmp.Or(cmp.Compare(created(b), created(a)), strings.Compare(a.repository, b.repository), cmp.Compare(*b.run.ID, *a.run.ID))
	})
	seen := map[string][]Violation{}
	times := map[*job.Job]*time.Time{}
	for _, run := range newestFirst {
		for _, j := range run.jobs {
			times[j] = cmp.Or(j.CreatedAt, j.StartedAt, run.run.CreatedAt)
			for _, v := range rules.Violations(j) {
				v.Repository = run.repository
				if exceptions.match(v, run.run, result.Exceptions) {
					result.ExceptedCount++
					continue
				}
				result.ByRepository[run.repository]++
				result.Violations = append(result.Violations, v)
				text := func(s *string) string { return fmt.Sprintf("%t %s", s == nil, strings.ToLower(job.Value(s))) }
				key := fmt.Sprintf("%q", []string{v.Repository, text(j.WorkflowName), text(j.Name), text(v.Label), job.Value(v.Pattern), string(v.Reason)})
				seen[key] = append(seen[key], v)
			}
		}
	}
	for _, same := range seen {
		row := SummaryRow{
			Repository: same[0].Repository, WorkflowName: same[0].Job.WorkflowName, JobName: same[0].Job.Name,
			Label: same[0].Label, Pattern: same[0].Pattern, Reason: same[0].Reason, Count: int64(len(same)),
		}
		newest := slices.MinFunc(same, func(a, b Violation) int {
			return cmp.Or(compareTimes(times[b.Job], times[a.Job]), cmp.Compare(*b.Job.RunID, *a.Job.RunID), cmp.Compare(*b.Job.ID, *a.Job.ID))
		})
		row.HTMLURL, row.RunnerGroupName, row.LastSeenAt = newest.Job.HTMLURL, newest.Job.RunnerGroupName, times[newest.Job]
		for _, v := range same {
			if v.Label != nil {
				row.Label = new(min(*row.Label, *v.Label))
			}
			if at := times[v.Job]; at != nil && (row.FirstSeenAt == nil || at.Before(*row.FirstSeenAt)) {
				row.FirstSeenAt = at
			}
		}
		result.Summary = append(result.Summary, row)
	}
	slices.SortFunc(result.Summary, func(a, b SummaryRow) int {
		key := func(r SummaryRow) string {
			text := func(s *string) string {
				if s == nil {
					return "\x00"
				}
				return "\x01" + *s + "\x00"
			}
			return r.Repository + "\x00" + text(r.WorkflowName) + text(r.JobName) + text(r.Label) + text(r.Pattern) + string(r.Reason)
		}
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(key(a), key(b)))
	})
	result.ViolationCount = int64(len(result.Violations))
	result.Compliant = result.ViolationCount == 0
	result.Violations = result.Violations[:min(limit, len(result.Violations))]
	return result
}

// compareTimes puts what is unknown first.
func compareTimes(a, b *time.Time) int {
	unix := func(t *time.Time) int64 {
		if t == nil {
			return 0
		}
		return t.Unix()
	}
	return cmp.Compare(unix(a), unix(b))
}

func TestResultIsThePlainOneInAnyOrderOfArrival(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules, exceptions := drawRules(t), drawExceptions(t)
		runs := drawRuns(t)
		limit := rapid.IntRange(0, 25).Draw(t, "limit")
		want := plainResult(rules, exceptions, limit, runs)
		arrival := rapid.Permutation(runs).Draw(t, "arrival")
		if got := collectRuns(rules, exceptions, limit, arrival); !reflect.DeepEqual(got, want) {
			t.Fatalf("got\n%s\nwant\n%s", describe(got), describe(want))
		}
	})
}

// describe writes a result without pointers.
func describe(r Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "compliant %t, %d violations, %d excepted by %v, %+v\n",
		r.Compliant, r.ViolationCount, r.ExceptedCount, r.Exceptions, r.ByRepository)
	for _, v := range r.Violations {
		fmt.Fprintf(&b, "  job %d: %s %s\n", job.Value(v.Job.ID), v.Repository, row(v))
	}
	for _, s := range r.Summary {
		fmt.Fprintf(&b, "  %s First on %v; %s %s\n", s.Message(), s.FirstSeenAt, job.Value(s.HTMLURL), job.Value(s.RunnerGroupName))
	}
	return b.String()
}

func TestListedViolationsAreTheFirstOfAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules := drawRules(t)
		runs := rapid.Permutation(drawRuns(t)).Draw(t, "arrival")
		whole := collectRuns(rules, nil, 1_000_000, runs)
		if int64(len(whole.Violations)) != whole.ViolationCount {
			t.Fatalf("%d listed without a limit, %d counted", len(whole.Violations), whole.ViolationCount)
		}
		limit := rapid.IntRange(0, len(whole.Violations)+1).Draw(t, "limit")
		capped := collectRuns(rules, nil, limit, runs)
		if capped.ViolationCount != whole.ViolationCount || capped.Compliant != whole.Compliant {
			t.Fatalf("the limit changes the count: %d, want %d", capped.ViolationCount, whole.ViolationCount)
		}
		if want := whole.Violations[:min(limit, len(whole.Violations))]; !reflect.DeepEqual(capped.Violations, want) {
			t.Fatalf("listed %q, want %q", rowsOf(capped.Violations), rowsOf(want))
		}
	})
}

func TestAddRunCountsTheViolationsOfEachJob(t *testing.T) {
	t.Parallel()
	rules := mustRules(t, []string{"linux"}, []string{"gpu"}, nil)
	both, none, one := &job.Job{Labels: []string{"gpu"}}, &job.Job{Labels: []string{"Linux"}}, &job.Job{Labels: []string{"x", "linux"}}
	got := NewCollector(rules, nil, 0).AddRun("acme/app", nil, []*job.Job{both, none, one})
	if want := (Counts{both: 2, one: 1}); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// carriedOver is a job of attempt 1 and its copy in attempt 2.
func carriedOver(labels ...string) (original, duplicate *job.Job) {
	original = &job.Job{
		ID: new(int64(1)), RunID: new(int64(7)), RunAttempt: new(int64(1)), Name: new("build"), Labels: labels,
		Status: new("completed"), Conclusion: new("success"), RunnerName: new("r"),
		CreatedAt: at(0), StartedAt: at(5), CompletedAt: at(65),
	}
	duplicate = new(*original)
	duplicate.ID, duplicate.RunAttempt, duplicate.CreatedAt = new(int64(2)), new(int64(2)), at(500)
	return original, duplicate
}

func TestCarriedOverCopiesAreJudgedOnce(t *testing.T) {
	t.Parallel()
	original, duplicate := carriedOver("gpu")
	c := NewCollector(mustRules(t, nil, []string{"gpu"}, nil), nil, 10)
	counts := c.AddRun("acme/app", &job.Run{ID: new(int64(7))}, []*job.Job{duplicate, original})
	got := c.Result()
	if got.ViolationCount != 1 || *got.Violations[0].Job.ID != 1 || !maps.Equal(counts, Counts{original: 1}) {
		t.Errorf("got %s, counts %v", describe(got), counts)
	}
	alone := NewCollector(mustRules(t, nil, []string{"gpu"}, nil), nil, 10)
	alone.AddRun("acme/app", &job.Run{ID: new(int64(7))}, []*job.Job{duplicate})
	if got := alone.Result(); got.ViolationCount != 1 {
		t.Errorf("without its original: got %s", describe(got))
	}
}

func TestViolationsAreCountedByRepository(t *testing.T) {
	t.Parallel()
	c := NewCollector(mustRules(t, nil, []string{"gpu"}, nil), nil, 10)
	c.AddRun("acme/lib", nil, []*job.Job{{Labels: []string{"linux"}}})
	c.AddRun("acme/app", nil, []*job.Job{{Labels: []string{"gpu"}}, {Labels: []string{"linux"}}})
	c.AddRun("acme/app", nil, []*job.Job{{Labels: []string{"gpu"}}})
	got := c.Result()
	if want := (map[string]int64{"acme/app": 2}); !maps.Equal(got.ByRepository, want) || got.Compliant {
		t.Errorf("got %s", describe(got))
	}
}

// plainRun has one violation for each of its jobs, whose IDs tell their order.
func plainRun(order int64, jobs int) testRun {
	run := testRun{repository: "acme/app", run: &job.Run{ID: new(100 - order), CreatedAt: at(-order)}}
	for i := range jobs {
		run.jobs = append(run.jobs, &job.Job{ID: new(order*100 + int64(i)), Labels: []string{"gpu"}})
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
			result := collectRuns(rules, nil, limit, runs)
			ids := []int64{}
			for _, v := range result.Violations {
				ids = append(ids, *v.Job.ID)
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
	want := Result{Compliant: true, Violations: []Violation{}, Summary: []SummaryRow{}, ByRepository: map[string]int64{}}
	if got := NewCollector(nil, nil, 10).Result(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestARunWithoutJobsComplies(t *testing.T) {
	t.Parallel()
	c := NewCollector(nil, nil, 10)
	c.AddRun("acme/app", &job.Run{CreatedAt: at(0)}, nil)
	c.AddRun("acme/app", nil, nil)
	got := c.Result()
	want := Result{
		Compliant: true, Violations: []Violation{}, Summary: []SummaryRow{},
		ByRepository: map[string]int64{},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestResultIsASnapshot(t *testing.T) {
	t.Parallel()
	rules := mustRules(t, nil, []string{"gpu"}, nil)
	add := func(c *Collector, runs ...testRun) {
		for _, run := range runs {
			c.AddRun(run.repository, run.run, run.jobs)
		}
	}
	c := NewCollector(rules, nil, 2)
	add(c, plainRun(5, 2))
	before := c.Result()
	want := describe(before)
	add(c, plainRun(1, 2), plainRun(0, 1))
	if got := describe(before); got != want {
		t.Errorf("a result changed afterwards: got\n%s\nwant\n%s", got, want)
	}
	after := c.Result()
	want = describe(after)
	after.Violations[0] = Violation{}
	if got := describe(c.Result()); got != want {
		t.Errorf("changing a result changed the collector: got\n%s\nwant\n%s", got, want)
	}
}

func TestCollectorFromManyGoroutines(t *testing.T) {
	t.Parallel()
	rules := mustRules(t, []string{"linux", "runs-on=*"}, []string{"gpu"}, []string{"x64"})
	var runs []testRun
	for order := range int64(200) {
		run := testRun{repository: fmt.Sprint("acme/", order%3), run: &job.Run{ID: new(order), CreatedAt: at(-order)}}
		for i := range int64(10) {
			run.jobs = append(run.jobs, &job.Job{
				RunID:  new(order),
				ID:     new(order*10 + i),
				Labels: []string{someLabels[int(order+i)%len(someLabels)], someLabels[i]},
			})
		}
		runs = append(runs, run)
	}
	want := collectRuns(rules, nil, 100, runs)

	c := NewCollector(rules, nil, 100)
	var wg sync.WaitGroup
	for part := range slices.Chunk(runs, 10) {
		wg.Go(func() {
			for _, run := range slices.Backward(part) {
				c.AddRun(run.repository, run.run, run.jobs)
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

// What the collector holds must not grow with the runs and jobs: ten times as many of the same leave it
// with as many entries.
func TestCollectorHoldsNoJobs(t *testing.T) {
	t.Parallel()
	rules := mustRules(t, nil, []string{"gpu"}, nil)
	const limit = 45
	sizes := func(repeat int) map[string]int {
		c := NewCollector(rules, nil, limit)
		order := int64(0)
		for range repeat {
			for range 10 {
				jobs := benchmarkRun(20)
				// Oldest first, so that every run pushes others out; beside each a newer one that has
				// nothing to list.
				c.AddRun("acme/app", &job.Run{ID: new(order), CreatedAt: at(order)}, jobs)
				c.AddRun("acme/app", &job.Run{ID: new(-order), CreatedAt: at(order + 1_000_000)}, jobs[:1])
				order++
			}
		}
		held := map[string]int{"runs": len(c.listed), "summary": c.summary.Len(), "repositories": len(c.byRepository)}
		for _, run := range c.listed {
			held["listed"] += len(run.rows)
			for _, dropped := range run.rows[len(run.rows):cap(run.rows)] {
				if dropped.Label != nil {
					t.Error("a violation that was dropped is still held")
				}
			}
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

// benchmarkRun is a run of jobs on ten different sets of labels, one of them with a denied label.
func benchmarkRun(jobs int) []*job.Job {
	run := make([]*job.Job, jobs)
	for i := range run {
		run[i] = &job.Job{
			RunID: new(int64(1)), RunAttempt: new(int64(1)), ID: new(int64(i)),
			Name: new("build"), WorkflowName: new("CI"), HeadBranch: new("main"),
			Labels:     []string{"self-hosted", "Linux", "X64", fmt.Sprint("pool-", i%10)},
			RunnerName: new("r"), RunnerGroupName: new("Default"),
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
	jobs := benchmarkRun(jobsInRun)
	b.ReportAllocs()
	for b.Loop() {
		c := NewCollector(rules, nil, 1_000)
		for order := range int64(runs) {
			c.AddRun("acme/app", &job.Run{ID: &order, CreatedAt: at(-order)}, jobs)
		}
		if got := c.Result(); got.ViolationCount != runs { // one job of each run
			b.Fatalf("%d violations", got.ViolationCount)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*runs*jobsInRun), "ns/job")
}

// BenchmarkRules is the rules alone, on one job without a violation.
func BenchmarkRules(b *testing.B) {
	rules := mustRules(b, []string{"self-hosted", "linux*", "*"}, []string{"gpu*"}, []string{"?64"})
	j := benchmarkRun(1)[0]
	b.ReportAllocs()
	for b.Loop() {
		if rules.Violations(j) != nil {
			b.Fatal("a violation")
		}
	}
}
