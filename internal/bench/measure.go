package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/plugintest"
)

// cost is the resource usage of a process from its start to its end.
type cost struct {
	cpu     time.Duration
	peak    int64 // bytes of memory
	objects uint64
}

// work runs in a separate process. binary is the program to start; "": this one.
type work func(ctx context.Context, binary string) (cost, error)

type measurer struct {
	self, baseline string
	baseURL        string
	dir            string
}

// rounds is the number of measurements of each side, in turn. The one with the least CPU time
// counts, because other work of the machine can only add to it.
const rounds = 3

// measure is a line of the table.
func (m measurer) measure(ctx context.Context, r row) (string, error) {
	var ours, theirs, before []cost
	for range rounds {
		for _, side := range []struct {
			work   work
			binary string
			costs  *[]cost
		}{{r.ours, "", &ours}, {r.theirs, "", &theirs}, {r.ours, m.baseline, &before}} {
			if side.costs == &before && (m.baseline == "" || !strings.Contains(r.against, "provider")) {
				continue
			}
			c, err := side.work(ctx, side.binary)
			if err != nil {
				return "", err
			}
			*side.costs = append(*side.costs, c)
		}
	}
	o, t := least(ours), least(theirs)
	cells := []string{
		r.name, r.against, ratio(o, t), r.seconds(o), r.seconds(t), fmt.Sprint(o.objects), fmt.Sprint(t.objects), mebibytes(o), mebibytes(t),
	}
	switch {
	case len(before) > 0:
		b := least(before)
		cells = append(cells, ratio(o, b), r.seconds(b), mebibytes(b))
	case m.baseline != "":
		cells = append(cells, "", "", "")
	}
	return strings.Join(cells, "\t") + "\t", nil
}

// header names the columns of measure.
func (m measurer) header() string {
	columns := "what\tagainst\tCPU ratio\tCPU\ttheirs\tobjects\ttheirs\tpeak MiB\ttheirs\t"
	if m.baseline != "" {
		columns += "to baseline\tits CPU\tits MiB\t"
	}
	return columns
}

func ratio(a, b cost) string { return fmt.Sprintf("%.2f", a.cpu.Seconds()/b.cpu.Seconds()) }

// seconds formats the CPU time and, for rows with bytes, the rate.
func (r row) seconds(c cost) string {
	if r.bytes == 0 {
		return fmt.Sprintf("%.2f s", c.cpu.Seconds())
	}
	return fmt.Sprintf("%.2f s, %.0f MB/s", c.cpu.Seconds(), float64(r.bytes)/1e6/c.cpu.Seconds())
}

func mebibytes(c cost) string {
	if c.peak == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f", float64(c.peak)/(1<<20))
}

func least(costs []cost) cost {
	return slices.MinFunc(costs, func(a, b cost) int { return int(a.cpu - b.cpu) })
}

// provider returns a work that starts a provider, reads its schemas, configures it and then calls
// do.
func (m measurer) provider(kind, cachePath string, do func(context.Context, *plugintest.Provider) error) work {
	return func(ctx context.Context, binary string) (cost, error) {
		objects := filepath.Join(m.dir, "objects")
		_ = os.Remove(objects)
		cmd := m.command(ctx, binary, kind, objects)
		p, err := plugintest.Start(cmd, io.Discard)
		if err != nil {
			return cost{}, err
		}
		config := map[string]any{"owner": "acme", "base_url": m.baseURL}
		if kind == kindProvider {
			config["requests_per_minute"] = 0 // no limit: the default would make it wait
		}
		if cachePath != "" {
			config["cache_path"] = cachePath
		}
		text, err := json.Marshal(config)
		if err == nil {
			err = p.Schema(ctx)
		}
		if err == nil {
			err = p.Configure(ctx, string(text))
		}
		if err == nil {
			err = do(ctx, p)
		}
		peak := peakOf(cmd.Process.Pid)
		used := costOf(p.Stop(), objects)
		used.peak = peak
		return used, err
	}
}

// childWork is a work without calls.
func (m measurer) childWork(kind string) work {
	return func(ctx context.Context, binary string) (cost, error) {
		objects := filepath.Join(m.dir, "objects")
		_ = os.Remove(objects)
		cmd := m.command(ctx, binary, kind, objects)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return cost{}, err
		}
		return costOf(cmd.ProcessState, objects), nil
	}
}

func (m measurer) command(ctx context.Context, binary, kind, objects string) *exec.Cmd {
	if binary == "" {
		binary = m.self
	}
	cmd := exec.CommandContext(ctx, binary)
	// Pass on only the variables that a process needs, without tokens and log levels.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + m.dir, childKind + "=" + kind, childObjects + "=" + objects, childBaseURL + "=" + m.baseURL, childProfile + "=" + os.Getenv(childProfile)}
	return cmd
}

func costOf(state *os.ProcessState, objectsFile string) cost {
	c := cost{cpu: state.UserTime() + state.SystemTime()}
	if text, err := os.ReadFile(objectsFile); err == nil { //nolint:gosec // our own file
		_, _ = fmt.Sscan(string(text), &c.objects)
	}
	return c
}

// peakOf is the peak memory of a running process; 0 if the system does not provide it. The value
// for an ended process would include the memory of its parent.
func peakOf(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kibibytes int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kibibytes); n == 1 {
			return kibibytes << 10
		}
	}
	return 0
}
