// Command bench measures the cost of the provider and prints a table. Each row compares the
// provider with the least that does the same work, or with itself without one part, in the same
// run. The stand-in for GitHub runs in this process. Each provider runs in a separate process.
//
// With -baseline FILE, the binary of another version does the same work, and its rows show another
// ratio.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"text/tabwriter"
)

func main() {
	if kind := os.Getenv(childKind); kind != "" {
		if err := child(kind); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	baseline := flag.String("baseline", "", "binary of another version to compare with")
	only := flag.String("run", "", "regular expression: only rows whose name matches")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := bench(ctx, os.Stdout, *baseline, *only)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// row is one comparison.
type row struct {
	name    string
	against string // what the provider is compared with
	ours    work
	theirs  work
	bytes   int64 // that pass through, for rows that show a rate
}

func bench(ctx context.Context, out io.Writer, baseline, only string) error {
	selected, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "github-actions-bench-")
	if err != nil {
		return err
	}
	standIn := newStandIn()
	defer func() {
		standIn.Close()
		_ = os.RemoveAll(dir)
	}()
	m := measurer{self: self, baseline: baseline, baseURL: standIn.baseURL(), dir: dir}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, m.header())
	for _, r := range m.rows() {
		if !selected.MatchString(r.name) {
			continue
		}
		line, err := m.measure(ctx, r)
		if err != nil {
			return errors.Join(w.Flush(), fmt.Errorf("%s: %w", r.name, err))
		}
		_, _ = fmt.Fprintln(w, line)
	}
	return w.Flush()
}
