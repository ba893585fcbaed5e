package joblog

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// logBytes is the size of the logs below. The race detector and -short use less: what grows with
// the log would show there too.
func logBytes() int64 {
	if testing.Short() || raceDetector {
		return 48 << 20
	}
	return 300 << 20
}

// heapLimit is how much more may be alive while a log is read than before. It must be far less than
// the smaller log, or a test with it could not fail.
const heapLimit = 16 << 20

// memoryTest makes this test binary run as a separate process, because tests that run at the same
// time share the heap.
const memoryTest = "JOBLOG_TEST_MEMORY"

func TestMemoryDoesNotGrowWithTheLog(t *testing.T) {
	t.Parallel()
	if os.Getenv(memoryTest) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", fmt.Sprintf("-test.short=%v", testing.Short()))
		cmd.Env = append(os.Environ(), memoryTest+"=1")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "heap grew") {
			t.Errorf("%v", err)
		}
		t.Logf("%s", out)
		return
	}
	pattern := regexp.MustCompile(`xx`)
	for name, tc := range map[string]struct { //nolint:paralleltest // each measures the heap
		first string // the first line, if it differs
		line  string // what the log repeats
		o     Options
		lines int64 // of 1 MiB
		check func(Summary) bool
	}{
		"lines": {
			"", stamp + strings.Repeat("x", 127-len(stamp)) + "\n", Options{MaxBytes: DefaultMaxBytes}, 1 << 13,
			func(s Summary) bool { return len(s.Content) == DefaultMaxBytes },
		},
		"one line": {
			"", "xxxxxxxx", Options{MaxBytes: DefaultMaxBytes, Pattern: pattern}, 0,
			func(s Summary) bool { return len(s.Content) == DefaultMaxBytes && len(s.Matches[0]) == MaxLineBytes },
		},
		"one line after an open sequence": {
			"", "\x1b]0;" + strings.Repeat("x", 1017) + "\u0130\xff", Options{MaxBytes: DefaultMaxBytes, Pattern: pattern}, 0,
			func(s Summary) bool { return s.Content == "" && !s.Truncated && s.MatchCount == 0 },
		},
		"one error of many lines": {
			stamp + "##[error]first\n", strings.Repeat("x", 127) + "\n", Options{Pattern: pattern}, 1 << 13,
			func(s Summary) bool { return len(s.Errors) == 1 && len(s.Errors[0]) == MaxLineBytes },
		},
		"errors only, long": {
			"", "##[error]" + strings.Repeat("x", 1<<14-10) + "\n", Options{Pattern: pattern}, 1 << 6,
			func(s Summary) bool { return len(s.Errors) == MaxAnnotations && len(s.Matches) == MaxMatches },
		},
	} {
		t.Run(name, func(t *testing.T) {
			// Not parallel, because they share the heap.
			r := newRepeat(tc.line, logBytes())
			sum, err := Read(io.MultiReader(strings.NewReader(tc.first), r), tc.o)
			if err != nil {
				t.Fatal(err)
			}
			if sum.SizeBytes != r.size+int64(len(tc.first)) || !tc.check(sum) {
				t.Errorf("read %d bytes of %d; content %s, %d matches", sum.SizeBytes, r.size, abridged(sum.Content), sum.MatchCount)
			}
			if want := max(1, tc.lines*(r.size>>20)+int64(strings.Count(tc.first, "\n"))); sum.LineCount != want {
				t.Errorf("%d lines, want %d", sum.LineCount, want)
			}
			t.Logf("heap grew by up to %d KiB", r.peak>>10)
			if r.peak > heapLimit {
				t.Errorf("heap grew by %d MiB on a log of %d MiB, want at most %d", r.peak>>20, r.size>>20, heapLimit>>20)
			}
		})
	}
}

// A repeat is a log that is never completely in memory. It measures the heap while it is read.
type repeat struct {
	chunk       []byte // about 2 MiB
	size        int64
	sent        int64
	start, peak int64 // bytes alive: at first, and the most above that
}

// newRepeat repeats line, whose length should divide 2 MiB, size bytes long.
func newRepeat(line string, size int64) *repeat {
	return &repeat{chunk: []byte(strings.Repeat(line, 2<<20/len(line))), size: size, start: liveBytes()}
}

func (r *repeat) Read(p []byte) (int, error) {
	at := r.sent % int64(len(r.chunk))
	if at+int64(len(p)) >= int64(len(r.chunk)) { // once per chunk
		r.peak = max(r.peak, liveBytes()-r.start)
	}
	n := copy(p[:min(int64(len(p)), r.size-r.sent)], r.chunk[at:])
	r.sent += int64(n)
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// liveBytes collects garbage first: how much of it there is depends on chance.
func liveBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
