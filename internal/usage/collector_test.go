package usage

import (
	"cmp"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"weak"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/bounded"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

func at(seconds int64) *time.Time { return new(time.Unix(1_790_000_000+seconds, 0).UTC()) }

// ran is a job that queued and ran for the given number of seconds.
func ran(queued, duration int64, labels ...string) *job.Job {
	return &job.Job{
		Labels: labels, Status: new("completed"), Conclusion: new("success"), RunnerName: new("r"),
		CreatedAt: at(0), StartedAt: at(queued), CompletedAt: at(queued + duration),
	}
}

func jobWith(labels ...string) *job.Job { return &job.Job{Labels: labels} }

// collect puts all jobs into one run and returns the rows, most jobs first.
func collect(keys []Key, jobs ...*job.Job) []Row {
	c := NewCollector(keys...)
	c.AddRun("acme/app", &job.Run{}, jobs, nil)
	rows, _ := c.Rows(ByJobCount, 0)
	return rows
}

func TestLabelSetsWithoutOrderOrCase(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		jobs []*job.Job
		want [][]string // in the order of the rows
	}{
		{"none", nil, [][]string{}},
		{"order", []*job.Job{jobWith("b", "a"), jobWith("a", "b")}, [][]string{{"a", "b"}}},
		{"case", []*job.Job{jobWith("linux"), jobWith("Linux"), jobWith("LINUX")}, [][]string{{"LINUX"}}},
		{"spelling label by label", []*job.Job{jobWith("Self-Hosted", "linux"), jobWith("Linux", "self-hosted")}, [][]string{{"Linux", "Self-Hosted"}}},
		{"repeated", []*job.Job{jobWith("x64", "X64", "x64"), jobWith("x64")}, [][]string{{"X64"}}},
		{"sorted without case", []*job.Job{jobWith("b", "C", "a")}, [][]string{{"a", "b", "C"}}},
		{"beyond ASCII", []*job.Job{jobWith("grün"), jobWith("GRÜN")}, [][]string{{"GRÜN"}}},
		{"no labels is a set", []*job.Job{jobWith(), {Labels: []string{}}, {Conclusion: new("skipped")}}, [][]string{{}}},
		{"an empty label is not no labels", []*job.Job{jobWith(""), jobWith(), jobWith()}, [][]string{{}, {""}}},
		{"no separator confuses", []*job.Job{jobWith("a", "b"), jobWith("ab"), jobWith("a,b"), jobWith("a\x00b"), jobWith("\x01b", "a"), jobWith("a\x01b")},
			[][]string{{"\x01b", "a"}, {"a", "b"}, {"a\x00b"}, {"a\x01b"}, {"a,b"}, {"ab"}}},
		{"most jobs first, ties by labels", []*job.Job{jobWith("z"), jobWith("B", "c"), jobWith("b"), jobWith("a", "x"), jobWith("z"), jobWith()},
			[][]string{{"z"}, {}, {"a", "x"}, {"b"}, {"B", "c"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := make([][]string, 0)
			var jobs int64
			for _, row := range collect([]Key{KeyLabels}, tc.jobs...) {
				got = append(got, row.Labels)
				jobs += row.JobCount
			}
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if jobs != int64(len(tc.jobs)) {
				t.Errorf("%d jobs in the sets, want %d", jobs, len(tc.jobs))
			}
		})
	}
}

func TestRowFigures(t *testing.T) {
	t.Parallel()
	of := func(j *job.Job, change func(*job.Job)) *job.Job {
		change(j)
		return j
	}
	group := func(name string) func(*job.Job) { return func(j *job.Job) { j.RunnerGroupName = new(name) } }
	denied := of(ran(3, 100, "gpu", "linux"), group("west"))
	c := NewCollector(KeyLabels)
	c.AddRun("acme/app", nil, []*job.Job{
		denied,
		of(ran(0, 60, "linux", "GPU"), group("Default")),
		of(ran(9, 0, "gpu", "linux"), group("west")), // less than a second
		of(ran(9, 0, "gpu", "linux"), func(j *job.Job) { j.Status, j.Conclusion, j.CompletedAt = new("in_progress"), nil, nil }),
		{Labels: []string{"gpu", "linux"}, Status: new("queued"), CreatedAt: at(0)},
		of(ran(0, 1, "gpu", "linux"), func(j *job.Job) { j.Conclusion, j.RunnerName = nil, nil }), // failed, never ran
		{Status: new("completed"), Conclusion: new("skipped"), RunnerGroupName: new(""), StartedAt: at(0), CompletedAt: at(9)},
	}, map[*job.Job]int{denied: 3})
	got, cut := c.Rows(ByRunnerTime, 0)
	want := []Row{
		{
			values: map[Key]*string{},
			Labels: []string{"GPU", "linux"}, JobCount: 6, FailedCount: 1, ViolationCount: 3,
			Queued:          Figures{P50: new(int64(3)), P95: new(int64(9)), Max: new(int64(9)), Total: 21},
			Duration:        Figures{P50: new(int64(60)), P95: new(int64(100)), Max: new(int64(100)), Total: 160},
			BillableMinutes: 2 + 1 + 1,
			RunnerGroups:    []string{"Default", "west"},
		},
		{values: map[Key]*string{}, Labels: []string{}, JobCount: 1, RunnerGroups: []string{}},
	}
	if !reflect.DeepEqual(got, want) || cut {
		t.Errorf("got\n%+v, %t\nwant\n%+v", got, cut, want)
	}
}

func TestBillableMinutesRoundEachJobUp(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[int64]int64{0: 1, 1: 1, 59: 1, 60: 1, 61: 2, 120: 2, 3600: 60, 3601: 61} {
		if got := collect(nil, ran(0, seconds), ran(0, seconds))[0].BillableMinutes; got != 2*want {
			t.Errorf("two jobs of %d seconds: %d minutes, want %d", seconds, got, 2*want)
		}
	}
}

func TestEachKey(t *testing.T) {
	t.Parallel()
	full := &job.Job{
		Name: new("build"), WorkflowName: new("CI"), HeadBranch: new("main"), Conclusion: new("success"),
		RunnerName: new("r-1"), RunnerGroupName: new("west"), CreatedAt: new(time.Date(2027, 1, 1, 0, 30, 0, 0, time.FixedZone("", 3600))),
	}
	run := &job.Run{
		Name: new("CI of the run"), Path: new(".github/workflows/ci.yml"), HeadBranch: new("branch of the run"),
		Event: new("push"), Actor: new("hubot"), CreatedAt: new(time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC)),
	}
	bare := &job.Job{Conclusion: new(""), RunnerName: new(""), RunnerGroupName: new("")}
	for _, tc := range []struct {
		key              Key
		full, bare, none string
	}{
		{KeyRepository, "acme/app", "acme/app", "acme/app"},
		{KeyWorkflow, "CI", "CI of the run", "-"},
		{KeyJob, "build", "-", "-"},
		{KeyRunnerGroup, "west", "-", "-"},
		{KeyRunner, "r-1", "-", "-"},
		{KeyBranch, "main", "branch of the run", "-"},
		{KeyEvent, "push", "push", "-"},
		{KeyActor, "hubot", "hubot", "-"},
		{KeyConclusion, "success", "-", "-"},
		// In UTC it is still the old year; the last days of a year can be of the next year's first week
		// and the first days of a year of the last year's last week.
		{KeyDay, "2026-12-31", "2026-01-04", "-"},
		{KeyWeek, "2026-W53", "2026-W01", "-"},
		{KeyMonth, "2026-12", "2026-01", "-"},
	} {
		for name, c := range map[string]struct {
			run  *job.Run
			job  *job.Job
			want string
		}{"full": {run, full, tc.full}, "bare": {run, bare, tc.bare}, "none": {nil, bare, tc.none}} {
			collector := NewCollector(tc.key)
			collector.AddRun("acme/app", c.run, []*job.Job{c.job}, nil)
			rows, _ := collector.Rows(ByRunnerTime, 0)
			got := "-"
			if len(rows) == 1 && rows[0].Text(tc.key) != nil {
				got = *rows[0].Text(tc.key)
			}
			if got != c.want || rows[0].Labels != nil {
				t.Errorf("%s of the %s job: got %q, want %q", tc.key, name, got, c.want)
			}
		}
	}
	file := NewCollector(KeyWorkflow)
	file.AddRun("acme/app", &job.Run{Path: run.Path}, []*job.Job{bare}, nil)
	if rows, _ := file.Rows(ByRunnerTime, 0); *rows[0].Text(KeyWorkflow) != "ci.yml" {
		t.Errorf("a workflow without a name: got %q", *rows[0].Text(KeyWorkflow))
	}
}

func TestKeysAreAllKeys(t *testing.T) {
	t.Parallel()
	full := source{repository: "acme/app", run: &job.Run{Event: new("push"), Actor: new("hubot")}, job: &job.Job{
		Name: new("build"), WorkflowName: new("CI"), HeadBranch: new("main"), Conclusion: new("success"),
		RunnerName: new("r-1"), RunnerGroupName: new("west"), CreatedAt: at(0),
	}}
	for _, key := range Keys() {
		if (full.text(key) == nil) != (key == KeyLabels) {
			t.Errorf("%s has no text", key)
		}
		if key.IsTime() != (key == KeyDay || key == KeyWeek || key == KeyMonth) {
			t.Errorf("%s: IsTime is %t", key, key.IsTime())
		}
	}
}

func TestWithoutKeysThereIsOneRow(t *testing.T) {
	t.Parallel()
	want := []Row{{values: map[Key]*string{}, RunnerGroups: []string{}}}
	if got := collect(nil); !reflect.DeepEqual(got, want) {
		t.Errorf("no jobs: got %+v", got)
	}
	if got := collect(nil, jobWith("a"), jobWith("b")); len(got) != 1 || got[0].JobCount != 2 || got[0].Labels != nil {
		t.Errorf("two jobs: got %+v", got)
	}
	if got := collect([]Key{KeyJob}); len(got) != 0 {
		t.Errorf("no jobs by job: got %+v", got)
	}
}

func TestCarriedOverCopiesCountOnce(t *testing.T) {
	t.Parallel()
	original := ran(5, 60, "linux")
	original.RunAttempt, original.Name = new(int64(1)), new("build")
	duplicate := new(*original)
	duplicate.RunAttempt, duplicate.CreatedAt = new(int64(2)), at(500)
	if got := collect(nil, original, duplicate)[0]; got.JobCount != 1 || *got.Queued.Max != 5 || got.BillableMinutes != 1 {
		t.Errorf("both: got %+v", got)
	}
	if got := collect(nil, duplicate)[0]; got.JobCount != 1 || got.Queued.Max != nil || got.Duration.Total != 60 {
		t.Errorf("the copy alone: got %+v", got)
	}
}

func TestRowsOrder(t *testing.T) {
	t.Parallel()
	jobs := []*job.Job{ran(0, 10, "a"), ran(0, 10, "b"), ran(0, 10, "b"), ran(0, 30, "c"), ran(0, 15, "e"), ran(0, 15, "d"), ran(0, 20, "f")}
	c := NewCollector(KeyLabels)
	c.AddRun("acme/app", nil, jobs, nil)
	for _, tc := range []struct {
		order Order
		limit int
		want  string
		cut   bool
	}{
		{ByRunnerTime, 0, "c b f d e a", false},
		{ByRunnerTime, 6, "c b f d e a", false},
		{ByRunnerTime, 2, "c b", true},
		{ByJobCount, 0, "b a c d e f", false},
	} {
		rows, cut := c.Rows(tc.order, tc.limit)
		var got []string
		for _, row := range rows {
			got = append(got, row.Labels[0])
		}
		if strings.Join(got, " ") != tc.want || cut != tc.cut {
			t.Errorf("order %d, limit %d: got %q, %t; want %q, %t", tc.order, tc.limit, got, cut, tc.want, tc.cut)
		}
	}
}

// TestNothingKnownComesLast: among equal rows, null is last.
func TestNothingKnownComesLast(t *testing.T) {
	t.Parallel()
	named := func(name *string) *job.Job { return &job.Job{Name: name} }
	got := collect([]Key{KeyJob}, named(nil), named(new("b")), named(new("a")))
	if len(got) != 3 || *got[0].Text(KeyJob) != "a" || got[2].Text(KeyJob) != nil {
		t.Errorf("got %+v", got)
	}
}

// testRun is one run that a test adds to a collector.
type testRun struct {
	repository string
	run        *job.Run
	jobs       []*job.Job
	counts     map[*job.Job]int
}

func drawRuns(t *rapid.T) []testRun {
	some := func(name string, values ...string) *string {
		return rapid.Ptr(rapid.SampledFrom(values), true).Draw(t, name)
	}
	var runs []testRun
	for range rapid.IntRange(0, 6).Draw(t, "runs") {
		r := testRun{
			repository: rapid.SampledFrom([]string{"acme/app", "acme/lib"}).Draw(t, "repository"),
			run:        &job.Run{Event: some("event", "push", "schedule"), Actor: some("actor", "a", "b")},
			counts:     map[*job.Job]int{},
		}
		for range rapid.IntRange(0, 5).Draw(t, "jobs") {
			second := func(name string) int64 { return rapid.Int64Range(0, 90).Draw(t, name) }
			j := ran(second("queued"), second("duration"))
			j.Labels = rapid.SliceOfN(rapid.SampledFrom([]string{"linux", "Linux", "gpu", "GPU", ""}), 0, 3).Draw(t, "labels")
			j.Name, j.RunnerGroupName = some("name", "build", "test"), some("group", "Default", "")
			j.Conclusion = some("conclusion", "success", "failure", "skipped")
			r.jobs = append(r.jobs, j)
			r.counts[j] = rapid.IntRange(0, 2).Draw(t, "count")
		}
		runs = append(runs, r)
	}
	return runs
}

// plainRows is what Rows says, by its definition, with every job in memory. Its idea of a label
// without case is upper case, good enough for the tests' labels.
func plainRows(keys []Key, runs []testRun) []Row {
	type plainGroup struct {
		row              Row
		queued, duration []int64
		spelling         map[string]string
	}
	groups := map[string]*plainGroup{}
	if len(keys) == 0 {
		groups["[]"] = &plainGroup{row: Row{values: map[Key]*string{}, RunnerGroups: []string{}}}
	}
	for _, run := range runs {
		for _, j := range run.jobs {
			values := map[Key]*string{}
			key := []string{}
			spelling := map[string]string{}
			for _, label := range slices.Sorted(slices.Values(j.Labels)) {
				if folded := strings.ToUpper(label); spelling[folded] == "" {
					spelling[folded] = label
				}
			}
			var labels []string
			for folded := range spelling {
				labels = append(labels, folded)
			}
			slices.Sort(labels)
			for _, k := range keys {
				if k == KeyLabels {
					key = append(key, fmt.Sprintf("%q", labels))
					continue
				}
				s := source{run.repository, run.run, j}.text(k)
				key = append(key, fmt.Sprintf("%t %q", s == nil, job.Value(s)))
				if s != nil {
					values[k] = s
				}
			}
			g := groups[fmt.Sprintf("%q", key)]
			if g == nil {
				g = &plainGroup{row: Row{values: values, RunnerGroups: []string{}}, spelling: spelling}
				groups[fmt.Sprintf("%q", key)] = g
			}
			if slices.Contains(keys, KeyLabels) {
				g.row.Labels = []string{}
				for _, folded := range labels {
					g.spelling[folded] = min(g.spelling[folded], spelling[folded])
					g.row.Labels = append(g.row.Labels, g.spelling[folded])
				}
			}
			g.row.JobCount++
			g.row.ViolationCount += int64(run.counts[j])
			if j.Failed() {
				g.row.FailedCount++
			}
			if q := j.QueuedSeconds(); q != nil {
				g.queued = append(g.queued, *q)
			}
			if d := j.DurationSeconds(); d != nil {
				g.duration = append(g.duration, *d)
				g.row.BillableMinutes += max(1, (*d+59)/60)
			}
			if name := job.Value(j.RunnerGroupName); name != "" && !slices.Contains(g.row.RunnerGroups, name) {
				g.row.RunnerGroups = append(g.row.RunnerGroups, name)
			}
		}
	}
	rows := []Row{}
	for _, g := range groups {
		g.row.Queued, g.row.Duration = sortedFigures(g.queued), sortedFigures(g.duration)
		rows = append(rows, g.row)
	}
	return rows
}

func TestRowsAreThePlainOnesInAnyOrderOfArrival(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfNDistinct(rapid.SampledFrom(Keys()), 0, 4, rapid.ID).Draw(t, "keys")
		runs := drawRuns(t)
		collected := func() []Row {
			c := NewCollector(keys...)
			for _, run := range rapid.Permutation(runs).Draw(t, "arrival") {
				c.AddRun(run.repository, run.run, run.jobs, run.counts)
			}
			rows, _ := c.Rows(ByRunnerTime, 0)
			return rows
		}
		got := collected()
		if again := collected(); !reflect.DeepEqual(got, again) {
			t.Fatalf("in another order\n%+v\nnot\n%+v", again, got)
		}
		if !slices.IsSortedFunc(got, func(a, b Row) int {
			return cmp.Or(cmp.Compare(b.Duration.Total, a.Duration.Total), cmp.Compare(b.JobCount, a.JobCount))
		}) {
			t.Fatalf("not sorted: %+v", got)
		}
		want := plainRows(keys, runs)
		sortRows := func(rows []Row) []string {
			var texts []string
			for _, row := range rows {
				texts = append(texts, describe(row))
			}
			slices.Sort(texts)
			return texts
		}
		if g, w := sortRows(got), sortRows(want); !slices.Equal(g, w) {
			t.Fatalf("got\n%s\nwant\n%s", strings.Join(g, "\n"), strings.Join(w, "\n"))
		}
	})
}

// describe writes a row without pointers.
func describe(r Row) string {
	var b strings.Builder
	for _, key := range Keys() {
		if s := r.values[key]; s != nil {
			fmt.Fprintf(&b, "%s %q, ", key, *s)
		}
	}
	slices.Sort(r.RunnerGroups)
	fmt.Fprintf(&b, "labels %q, %d jobs, %d failed, %d violations, queued %s, duration %s, %d minutes, groups %q",
		r.Labels, r.JobCount, r.FailedCount, r.ViolationCount, show(r.Queued), show(r.Duration), r.BillableMinutes, r.RunnerGroups)
	return b.String()
}

func TestCollectorFromManyGoroutines(t *testing.T) {
	t.Parallel()
	add := func(c *Collector, i int64) {
		c.AddRun(fmt.Sprint("acme/", i%3), &job.Run{}, []*job.Job{ran(i%7, i%50, "linux"), ran(i%5, i%90, "Linux")}, nil)
	}
	one, many := NewCollector(KeyRepository, KeyLabels), NewCollector(KeyRepository, KeyLabels)
	var wg sync.WaitGroup
	for i := range int64(200) {
		add(one, i)
		wg.Go(func() {
			add(many, i)
			many.Rows(ByRunnerTime, 1)
		})
	}
	wg.Wait()
	want, _ := one.Rows(ByRunnerTime, 0)
	if got, _ := many.Rows(ByRunnerTime, 0); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Memory must not grow with the number of jobs: jobs can be freed after they are counted.
func TestCollectorHoldsNoJobs(t *testing.T) {
	t.Parallel()
	c := NewCollector(Keys()...)
	counted := func() []weak.Pointer[job.Job] {
		var pointers []weak.Pointer[job.Job]
		for i := range int64(100) {
			j := ran(i%3, i%7, "linux")
			j.Name, j.WorkflowName, j.RunnerGroupName = new("build"), new("CI"), new("Default")
			c.AddRun("acme/app", &job.Run{Event: new("push")}, []*job.Job{j}, nil)
			pointers = append(pointers, weak.Make(j))
		}
		return pointers
	}()
	runtime.GC()
	for i, p := range counted {
		if p.Value() != nil {
			t.Fatalf("job %d is still held", i)
		}
	}
	if rows, _ := c.Rows(ByRunnerTime, 0); len(rows) != 1 || rows[0].JobCount != 100 {
		t.Errorf("got %+v", rows)
	}
}

func TestGroupsAreBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOf(rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"})).Draw(t, "names")
		c := NewCollector(KeyJob)
		c.groups = bounded.New[group](3)
		want := map[string]int64{}
		for _, name := range names {
			want[name]++
			c.AddRun("acme/app", nil, []*job.Job{{Name: &name}}, nil)
		}
		rows, cut := c.Rows(ByRunnerTime, 0)
		if len(rows) != min(3, len(want)) || cut != (len(want) > 3) {
			t.Fatalf("%d rows of %d names, cut %t", len(rows), len(want), cut)
		}
		for _, row := range rows {
			if name := *row.Text(KeyJob); row.JobCount != want[name] {
				t.Fatalf("%q has %d jobs, want %d", name, row.JobCount, want[name])
			}
		}
	})
}

// Two jobs share a row if, and only if, their labels are the same set without case.
func TestKeyTellsLabelSetsApart(t *testing.T) {
	t.Parallel()
	// Short labels of few characters, length bytes among them, provoke keys that run into each other.
	label := rapid.StringOfN(rapid.SampledFrom([]rune("aAb\x00\x01\x02")), 0, 4, -1)
	plainSet := func(labels []string) []string {
		var set []string
		for _, l := range labels {
			set = append(set, strings.ToLower(l))
		}
		slices.Sort(set)
		return slices.Compact(set)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(label, 0, 4).Draw(t, "a")
		b := rapid.OneOf(rapid.SliceOfN(label, 0, 4), rapid.Permutation(a)).Draw(t, "b")
		got := len(collect([]Key{KeyLabels}, jobWith(a...), jobWith(b...))) == 1
		if want := slices.Equal(plainSet(a), plainSet(b)); got != want {
			t.Fatalf("%q and %q: same set %t, want %t", a, b, got, want)
		}
	})
}

// BenchmarkCollector adds 1,000 runs of ten jobs on ten sets of labels.
func BenchmarkCollector(b *testing.B) {
	var jobs []*job.Job
	for i := range int64(10) {
		jobs = append(jobs, ran(i*7%300, i*13%1800, "self-hosted", "Linux", "X64", fmt.Sprint("pool-", i)))
	}
	b.ReportAllocs()
	for b.Loop() {
		c := NewCollector(KeyRepository, KeyLabels, KeyWeek)
		for range 1_000 {
			c.AddRun("acme/app", &job.Run{}, jobs, nil)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*10_000), "ns/job")
}
