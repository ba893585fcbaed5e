package job_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// list writes jobs as `attempt/id name`.
func list(jobs []*job.Job) []string {
	rows := []string{}
	for _, j := range jobs {
		rows = append(rows, fmt.Sprintf("%d/%d %s", job.Value(j.RunAttempt), job.Value(j.ID), job.Value(j.Name)))
	}
	return rows
}

// inAttempt is a job that ran in an attempt, which starts 1,000 seconds after the one before.
func inAttempt(n, jobID int64, jobName string) *job.Job {
	start := n * 1000
	return with(ran(start, start+5, start+65), attempt(n), id(jobID), name(jobName))
}

// copyOf is a job as a partial re-run lists it again.
func copyOf(j *job.Job, n, jobID int64) *job.Job {
	c := *j
	return with(&c, attempt(n), id(jobID), func(c *job.Job) { c.CreatedAt = at(n * 1000) })
}

// skipped is a job that an attempt did not run.
func skipped(n, jobID int64, jobName string) *job.Job {
	return with(inAttempt(n, jobID, jobName), conclusion("skipped"), withoutRunner)
}

func failed(n, jobID int64, jobName string) *job.Job {
	return with(inAttempt(n, jobID, jobName), conclusion("failure"))
}

func TestFilters(t *testing.T) {
	t.Parallel()
	if got := job.Filters(); !slices.Equal(got, []string{"latest", "all", "final"}) {
		t.Errorf("got %q", got)
	}
}

func TestSort(t *testing.T) {
	t.Parallel()
	jobs := []*job.Job{
		inAttempt(2, 1, "d"), inAttempt(1, 9, "c"), inAttempt(1, 8, "b"),
		with(inAttempt(1, 30, "a"), func(j *job.Job) { j.RunAttempt = nil }),
	}
	job.Sort(jobs)
	if got, want := list(jobs), []string{"0/30 a", "1/8 b", "1/9 c", "2/1 d"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFinal(t *testing.T) {
	t.Parallel()
	build, test := inAttempt(1, 1, "build"), inAttempt(1, 2, "test")
	for _, tc := range []struct {
		name string
		jobs []*job.Job
		want []string
	}{
		{"none", nil, []string{}},
		{"one attempt", []*job.Job{test, build}, []string{"1/1 build", "1/2 test"}},
		{"two jobs share a name", []*job.Job{build, inAttempt(1, 3, "build")}, []string{"1/1 build", "1/3 build"}},
		{"a partial re-run that lists copies", []*job.Job{build, test, copyOf(build, 2, 11), inAttempt(2, 12, "test")},
			[]string{"2/11 build", "2/12 test"}},
		{"a partial re-run that lists only what ran again", []*job.Job{build, test, inAttempt(2, 12, "test")},
			[]string{"1/1 build", "2/12 test"}},
		{"the newest of three attempts", []*job.Job{build, test, inAttempt(2, 12, "test"), inAttempt(3, 22, "test")},
			[]string{"1/1 build", "3/22 test"}},
		{"attempts in any order", []*job.Job{inAttempt(3, 22, "test"), test, inAttempt(2, 12, "test"), build},
			[]string{"1/1 build", "3/22 test"}},
		{"a full re-run", []*job.Job{build, test, inAttempt(2, 11, "build"), inAttempt(2, 12, "test")},
			[]string{"2/11 build", "2/12 test"}},
		{"a full re-run expands a matrix", []*job.Job{build, inAttempt(1, 3, "test (${{ matrix.os }})"), inAttempt(2, 11, "build"), inAttempt(2, 12, "test (linux)"), inAttempt(2, 13, "test (windows)")},
			[]string{"2/11 build", "2/12 test (linux)", "2/13 test (windows)"}},
		{"a partial re-run without copies leaves an unexpanded matrix", []*job.Job{build, test, inAttempt(1, 3, "deploy (${{ matrix.env }})"), inAttempt(2, 12, "test"), inAttempt(2, 13, "deploy (prod)")},
			[]string{"1/1 build", "1/3 deploy (${{ matrix.env }})", "2/12 test", "2/13 deploy (prod)"}},
		{"a partial re-run with copies replaces no unexpanded matrix", []*job.Job{build, inAttempt(1, 3, "deploy (${{ matrix.env }})"), copyOf(build, 2, 11), inAttempt(2, 13, "deploy (prod)")},
			[]string{"1/3 deploy (${{ matrix.env }})", "2/11 build", "2/13 deploy (prod)"}},
		{"fewer jobs of a name in a full re-run", []*job.Job{build, inAttempt(1, 3, "build"), inAttempt(2, 11, "build")},
			[]string{"2/11 build"}},
		{"a job that only an earlier attempt has", []*job.Job{build, test, inAttempt(2, 11, "build")},
			[]string{"1/2 test", "2/11 build"}},
		{"a re-run skips a matrix", []*job.Job{build, inAttempt(1, 3, "test (linux)"), inAttempt(1, 4, "test (linux) / unit"), inAttempt(2, 11, "build"), skipped(2, 13, "test (${{ matrix.os }})")},
			[]string{"2/11 build", "2/13 test (${{ matrix.os }})"}},
		{"a re-run skips a matrix under its bare name", []*job.Job{build, inAttempt(1, 3, "test (linux)"), inAttempt(1, 4, "testing"), inAttempt(2, 11, "build"), skipped(2, 13, "test")},
			[]string{"1/4 testing", "2/11 build", "2/13 test"}},
		{"a re-run skips a reusable workflow", []*job.Job{build, failed(1, 3, "call / build"), inAttempt(1, 4, "call / test (linux)"), inAttempt(2, 11, "build"), skipped(2, 13, "call")},
			[]string{"2/11 build", "2/13 call"}},
		{"a re-run skips a matrix of reusable workflows", []*job.Job{inAttempt(1, 3, "call (a, b) / build"), inAttempt(1, 4, "call (a) / build"), skipped(2, 13, "call (${{ matrix.x }}, ${{ matrix.y }})")},
			[]string{"1/4 call (a) / build", "2/13 call (${{ matrix.x }}, ${{ matrix.y }})"}},
		{"a cancelled matrix", []*job.Job{inAttempt(1, 3, "test (linux)"), with(skipped(2, 13, "test (${{ matrix.os }})"), conclusion("cancelled"))},
			[]string{"2/13 test (${{ matrix.os }})"}},
		{"a name whose expression has no end", []*job.Job{inAttempt(1, 3, "test (linux)"), inAttempt(1, 4, "docs"), skipped(2, 13, "test (${{ matrix.os")},
			[]string{"1/4 docs", "2/13 test (${{ matrix.os"}},
		{"the re-run of all jobs skips one matrix, and an earlier one was not expanded", []*job.Job{build, inAttempt(1, 3, "test (linux)"), inAttempt(1, 4, "deploy (${{ matrix.env }})"), inAttempt(2, 11, "build"), skipped(2, 13, "test"), inAttempt(2, 14, "deploy (prod)")},
			[]string{"2/11 build", "2/13 test", "2/14 deploy (prod)"}},
		{"the third attempt skips the matrix", []*job.Job{skipped(1, 1, "test"), inAttempt(2, 12, "test (linux)"), skipped(3, 23, "test")},
			[]string{"3/23 test"}},
		{"a matrix that is skipped first and runs later", []*job.Job{skipped(1, 1, "test (${{ matrix.os }})"), inAttempt(2, 12, "test (linux)")},
			[]string{"2/12 test (linux)"}},
		{"a skipped job beside the expanded ones of its attempt", []*job.Job{inAttempt(1, 3, "test (linux)"), skipped(2, 12, "test (${{ matrix.os }})"), inAttempt(2, 13, "test (linux)")},
			[]string{"2/12 test (${{ matrix.os }})", "2/13 test (linux)"}},
		{"a job that ran stands only for itself", []*job.Job{inAttempt(1, 3, "test (linux)"), inAttempt(2, 12, "test")},
			[]string{"1/3 test (linux)", "2/12 test"}},
		{"a job that succeeded stands only for itself", []*job.Job{inAttempt(1, 3, "test (linux)"), with(inAttempt(2, 12, "test"), withoutRunner)},
			[]string{"1/3 test (linux)", "2/12 test"}},
		{"a job that waits stands only for itself", []*job.Job{inAttempt(1, 3, "test (linux)"), with(skipped(2, 12, "test (${{ matrix.os }})"), func(j *job.Job) { j.Status, j.Conclusion = new("waiting"), nil })},
			[]string{"1/3 test (linux)", "2/12 test (${{ matrix.os }})"}},
		{"a skipped job without a name", []*job.Job{inAttempt(1, 3, " (linux)"), skipped(2, 12, "")},
			[]string{"1/3  (linux)", "2/12 "}},
		{"a name that is only an expression leaves failed jobs", []*job.Job{inAttempt(1, 3, "linux"), failed(1, 4, "lint"), skipped(2, 13, "${{ matrix.os }}")},
			[]string{"1/4 lint", "2/13 ${{ matrix.os }}"}},
		{"a name that a job had by itself leaves failed jobs", []*job.Job{build, inAttempt(1, 3, "build (linux)"), failed(1, 4, "build (windows)"), skipped(2, 11, "build")},
			[]string{"1/4 build (windows)", "2/11 build"}},
		{"no attempts known", []*job.Job{with(inAttempt(0, 2, "b"), func(j *job.Job) { j.RunAttempt = nil }), with(inAttempt(0, 1, "a"), func(j *job.Job) { j.RunAttempt = nil })},
			[]string{"0/1 a", "0/2 b"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			before := list(tc.jobs)
			if got := list(job.Final(tc.jobs)); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if !slices.Equal(list(tc.jobs), before) {
				t.Errorf("the input was changed to %q", list(tc.jobs))
			}
		})
	}
}

func anyJobs() *rapid.Generator[[]*job.Job] {
	return rapid.Custom(func(t *rapid.T) []*job.Job {
		var jobs []*job.Job
		for i := range rapid.IntRange(0, 8).Draw(t, "jobs") {
			created := rapid.Int64Range(0, 4).Draw(t, "created") * 1000
			ended := rapid.Int64Range(0, 4).Draw(t, "ended") * 1000
			jobs = append(jobs, with(ran(created, ended-5, ended), id(int64(i)),
				attempt(rapid.Int64Range(0, 3).Draw(t, "attempt")),
				name(rapid.SampledFrom([]string{"a", "b", "c", "c (1)", "c (${{ matrix.x }})", "${{ matrix.y }}"}).Draw(t, "name")),
				rapid.SampledFrom([]func(*job.Job){conclusion("success"), conclusion("failure"), conclusion("skipped"), withoutRunner}).Draw(t, "state"),
				func(j *job.Job) { j.RunID = new(rapid.Int64Range(1, 2).Draw(t, "run")) }))
		}
		return jobs
	})
}

func TestFinalHasEachExpandedNameOfTheHighestAttemptThatHasIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		jobs := anyJobs().Draw(t, "list")
		highest := map[string]int64{}
		for _, j := range jobs {
			highest[*j.Name] = max(highest[*j.Name], *j.RunAttempt)
		}
		final := job.Final(jobs)
		count := map[string]int{}
		for _, j := range final {
			count[*j.Name]++
			if *j.RunAttempt != highest[*j.Name] {
				t.Fatalf("%q of attempt %d, although attempt %d has it", *j.Name, *j.RunAttempt, highest[*j.Name])
			}
		}
		for _, n := range []string{"a", "b"} {
			if slices.ContainsFunc(jobs, func(j *job.Job) bool { return j.StandsFor(n) && *j.RunAttempt > highest[n] }) {
				continue
			}
			want := 0
			for _, j := range jobs {
				if *j.Name == n && *j.RunAttempt == highest[n] {
					want++
				}
			}
			if count[n] != want {
				t.Fatalf("%d jobs %q, want %d: %q of %q", count[n], n, want, list(final), list(jobs))
			}
		}
		if again := job.Final(rapid.Permutation(jobs).Draw(t, "order")); !slices.Equal(list(again), list(final)) {
			t.Fatalf("in another order %q, not %q", list(again), list(final))
		}
	})
}

func TestWithoutCopies(t *testing.T) {
	t.Parallel()
	build, test := inAttempt(1, 1, "build"), inAttempt(1, 2, "test")
	again := inAttempt(2, 12, "test")
	noStart := func(j *job.Job) { j.StartedAt = nil }
	otherRun := with(copyOf(build, 2, 31), func(j *job.Job) { j.RunID = new(int64(8)) })
	for _, tc := range []struct {
		name string
		jobs []*job.Job
		want []string
	}{
		{"none", nil, []string{}},
		{"no copies", []*job.Job{test, build}, []string{"1/2 test", "1/1 build"}},
		{"a copy of a copy", []*job.Job{copyOf(build, 3, 21), copyOf(build, 2, 11), build}, []string{"1/1 build"}},
		{"beside what ran again", []*job.Job{build, test, copyOf(build, 2, 11), again}, []string{"1/1 build", "1/2 test", "2/12 test"}},
		{"a copy of what ran again", []*job.Job{test, again, copyOf(again, 3, 22)}, []string{"1/2 test", "2/12 test"}},
		{"without its original", []*job.Job{copyOf(build, 2, 11), again}, []string{"2/11 build", "2/12 test"}},
		{"two copies without their original", []*job.Job{copyOf(build, 3, 21), copyOf(build, 2, 11)}, []string{"2/11 build"}},
		{"the original is of another run", []*job.Job{build, otherRun}, []string{"1/1 build", "2/31 build"}},
		{"another name", []*job.Job{build, with(copyOf(build, 2, 11), name("Build"))}, []string{"1/1 build", "2/11 Build"}},
		{"other times", []*job.Job{build, with(copyOf(build, 2, 11), func(j *job.Job) { j.StartedAt = at(1001) })}, []string{"1/1 build", "2/11 build"}},
		{"neither has a start", []*job.Job{with(inAttempt(1, 1, "build"), noStart), with(copyOf(build, 2, 11), noStart)}, []string{"1/1 build"}},
		{"only one has a start", []*job.Job{build, with(copyOf(build, 2, 11), noStart)}, []string{"1/1 build", "2/11 build"}},
		{"a job that ran in attempt 2 at the same times is no copy", []*job.Job{build, with(copyOf(build, 2, 11), func(j *job.Job) { j.CreatedAt = build.CreatedAt })}, []string{"1/1 build", "2/11 build"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			before := list(tc.jobs)
			if got := list(job.WithoutCopies(tc.jobs)); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if !slices.Equal(list(tc.jobs), before) {
				t.Errorf("the input was changed to %q", list(tc.jobs))
			}
		})
	}
}

func TestWithoutCopiesDropsOnlyCopiesOfWhatStays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		jobs := anyJobs().Draw(t, "list")
		kept := job.WithoutCopies(jobs)
		for _, j := range jobs {
			original := slices.ContainsFunc(kept, func(k *job.Job) bool {
				return *k.RunID == *j.RunID && *k.Name == *j.Name && *k.RunAttempt < *j.RunAttempt &&
					k.StartedAt.Equal(*j.StartedAt) && k.CompletedAt.Equal(*j.CompletedAt)
			})
			dropped := !slices.Contains(kept, j)
			if dropped != (j.CarriedOver() && original) {
				t.Fatalf("%q of %q: dropped %t, its original stays %t", list([]*job.Job{j}), list(jobs), dropped, original)
			}
		}
		if again := job.WithoutCopies(kept); !slices.Equal(again, kept) {
			t.Fatalf("a second time %q, not %q", list(again), list(kept))
		}
	})
}

// The jobs of a server that runs jobs again in place, as recorded: a run is created at 54, its jobs
// start from 81 on, and re-runs come minutes later under the old IDs and creation times.
func TestMarkReruns(t *testing.T) {
	t.Parallel()
	// Jobs of run 1: created with the run.
	inPlace := func(jobID, n, started, completed int64) *job.Job {
		return with(ran(54, started, completed), id(jobID), attempt(n), name(fmt.Sprint("job ", jobID)))
	}
	waiting := func(jobID int64) *job.Job {
		return &job.Job{ID: &jobID, RunID: new(int64(1)), Status: new("queued"), CreatedAt: at(54)}
	}
	skipped := func(jobID int64) *job.Job {
		return &job.Job{ID: &jobID, RunID: new(int64(1)), Status: new("completed"), Conclusion: new("skipped"), CreatedAt: at(54)}
	}
	// Such a server counts attempts of jobs alone and gives the run no time of creation.
	server := &job.Run{ID: new(int64(1))}
	github := func(attempt, created int64) *job.Run {
		return &job.Run{ID: new(int64(7)), RunAttempt: &attempt, CreatedAt: at(created)}
	}
	for _, tc := range []struct {
		name string
		run  *job.Run
		jobs []*job.Job
		want []int64 // IDs of the jobs that ran again in place
	}{
		{"no jobs", server, nil, nil},
		{"queued", server, []*job.Job{waiting(1), waiting(2)}, nil},
		{"the first attempt", server, []*job.Job{inPlace(1, 1, 81, 83), inPlace(4, 1, 81, 83), skipped(5)}, nil},
		{"failed jobs again, one of them still queued", server, []*job.Job{inPlace(1, 1, 81, 83), inPlace(2, 1, 83, 85), inPlace(4, 2, 140, 143), waiting(5)}, []int64{4}},
		{"two jobs again, and one that ran for the first time after them", server, []*job.Job{
			inPlace(1, 2, 410, 411), inPlace(2, 1, 83, 85), inPlace(3, 1, 85, 88), inPlace(4, 2, 140, 143), inPlace(5, 2, 413, 413),
		}, []int64{1, 4, 5}},
		{"a job of attempt 1 that started after one of attempt 2", server, []*job.Job{
			inPlace(79, 1, 68, 69), inPlace(82, 2, 460, 472), inPlace(83, 1, 646, 646),
		}, []int64{82, 83}},
		{"the same without the run", nil, []*job.Job{
			inPlace(79, 1, 68, 69), inPlace(82, 2, 460, 472), inPlace(83, 1, 646, 646),
		}, []int64{82, 83}},
		{"one job alone, with its run", server, []*job.Job{inPlace(184, 2, 318, 330)}, []int64{184}},
		{"one job alone tells nothing", nil, []*job.Job{inPlace(184, 2, 318, 330)}, nil},
		{"one job alone, as old as a run with attempts", github(2, 54), []*job.Job{inPlace(184, 2, 318, 330)}, []int64{184}},
		{"in attempt 1 all is well", github(1, 54), []*job.Job{inPlace(184, 1, 318, 330)}, nil},

		// GitHub makes new jobs for each attempt.
		{"a full re-run", github(2, 1000), []*job.Job{inAttempt(1, 1, "a"), inAttempt(1, 2, "b"), inAttempt(2, 11, "a"), inAttempt(2, 12, "b")}, nil},
		{"a partial re-run with copies", github(2, 1000), []*job.Job{inAttempt(1, 1, "a"), inAttempt(1, 2, "b"), copyOf(inAttempt(1, 1, "a"), 2, 11), inAttempt(2, 12, "b")}, nil},
		{"only the second attempt", github(2, 1000), []*job.Job{copyOf(inAttempt(1, 1, "a"), 2, 11), inAttempt(2, 12, "b")}, nil},
		{"the same without the run", nil, []*job.Job{inAttempt(1, 1, "a"), inAttempt(1, 2, "b"), copyOf(inAttempt(1, 1, "a"), 2, 11), inAttempt(2, 12, "b")}, nil},
		{"a job without an attempt, after one of attempt 1", server, []*job.Job{inPlace(1, 1, 81, 83), {ID: new(int64(2)), RunID: new(int64(1)), Status: new("completed"), Conclusion: new("success"), CreatedAt: at(54), StartedAt: at(90), CompletedAt: at(95), RunnerID: new(int64(1))}}, nil},
		{"no times", github(2, 1000), []*job.Job{{RunAttempt: new(int64(2))}, {RunAttempt: new(int64(1))}, {}}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if len(tc.jobs) > 0 {
				tc.jobs[0].RerunInPlace = true // an old mark does not stay
			}
			job.MarkReruns(tc.run, tc.jobs)
			var got []int64
			for _, j := range tc.jobs {
				if j.RerunInPlace {
					got = append(got, job.Value(j.ID))
					if j.QueuedSeconds() != nil {
						t.Errorf("job %d queued for %d seconds", *j.ID, *j.QueuedSeconds())
					}
				}
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}

// TestGitHubsOwnJobsAreNeverMarked: jobs of attempts that follow one another, each job created with
// its attempt or later.
func TestGitHubsOwnJobsAreNeverMarked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		attempts := rapid.Int64Range(1, 3).Draw(t, "attempts")
		run := &job.Run{RunAttempt: &attempts, CreatedAt: at(0)}
		var jobs []*job.Job
		for n := int64(1); n <= attempts; n++ {
			for i := range rapid.Int64Range(0, 4).Draw(t, "jobs") {
				created := n*1000 + rapid.Int64Range(0, 300).Draw(t, "created")
				started := created + rapid.Int64Range(0, 300).Draw(t, "queued")
				jobs = append(jobs, with(ran(created, started, started+rapid.Int64Range(0, 300).Draw(t, "duration")), id(n*10+i), attempt(n)))
			}
		}
		if rapid.Bool().Draw(t, "without the run") {
			run = nil
		}
		job.MarkReruns(run, jobs)
		for _, j := range jobs {
			if j.RerunInPlace {
				t.Fatalf("%q is marked among %q", list([]*job.Job{j}), list(jobs))
			}
		}
	})
}

func TestRerunsAreMarkedWhateverTheOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		jobs := anyJobs().Draw(t, "list")
		run := rapid.SampledFrom([]*job.Run{nil, {}, {RunAttempt: new(int64(2)), CreatedAt: new(time.Unix(1_790_001_000, 0))}}).Draw(t, "run")
		marked := func(jobs []*job.Job) []int64 {
			job.MarkReruns(run, jobs)
			var ids []int64
			for _, j := range jobs {
				if j.RerunInPlace {
					ids = append(ids, *j.ID)
				}
			}
			slices.Sort(ids)
			return ids
		}
		want := marked(jobs)
		if got := marked(rapid.Permutation(jobs).Draw(t, "order")); !slices.Equal(got, want) {
			t.Fatalf("got %d, want %d", got, want)
		}
	})
}
