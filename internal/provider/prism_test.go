package provider

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPrism sends every kind of read to Prism, which answers from GitHub's OpenAPI description and
// refuses other requests. It needs Node, so only `make contract` runs it: PRISM is the program, and
// PRISM_SPECS the folder with the descriptions.
func TestPrism(t *testing.T) {
	t.Parallel()
	if os.Getenv("PRISM") == "" {
		t.Skip("make contract runs this test")
	}
	specs, err := filepath.Glob(filepath.Join(os.Getenv("PRISM_SPECS"), "*.json"))
	if err != nil || len(specs) == 0 {
		t.Fatalf("PRISM_SPECS has no description: %v", err)
	}
	for _, spec := range specs {
		t.Run(strings.TrimSuffix(filepath.Base(spec), ".json"), func(t *testing.T) {
			t.Parallel()
			server := behindPrism(t, startPrism(t, spec))
			for _, read := range prismReads() {
				p := newProtocol(t, nil)
				if diags := p.configure(args{"base_url": server + "/", "token": "demo", "max_retries": 0}); len(diags) > 0 {
					t.Fatal(diags)
				}
				a := args{"repository": "octo-org/octo-repo"}
				maps.Copy(a, read.a)
				state, diags := p.read(read.typeName, a)
				if diags.hasError() {
					t.Errorf("%s %v: %s", read.typeName, read.a, diags)
				} else if got := state[read.attribute]; got == nil {
					t.Errorf("%s %v: %s is null in %v", read.typeName, read.a, read.attribute, state)
				}
			}
		})
	}
}

type prismRead struct {
	typeName, attribute string
	a                   args
}

// prismReads are the data sources with the IDs of the examples in GitHub's description. Two things
// are left out because Prism refuses them and GitHub accepts them: a workflow by its ID, which fits
// two schemas where only one may fit, and the filter created, because the description calls it a
// time and does not mention ranges.
func prismReads() []prismRead {
	const job, run = 399444496, 30433642
	return []prismRead{
		{"github_actions_job", "name", args{"job_id": job}},
		{"github_actions_run_jobs", "jobs", args{"run_id": run}},
		{"github_actions_run_jobs", "jobs", args{"run_id": run, "filter": "all"}},
		{"github_actions_run_jobs", "jobs", args{"run_id": run, "filter": "final"}},
		{"github_actions_run_jobs", "jobs", args{"run_id": run, "attempt_number": 1}},
		{"github_actions_workflow_runs", "runs", args{}},
		{"github_actions_workflow_runs", "runs", args{"workflow": "ci.yml"}},
		{"github_actions_workflow_runs", "runs", args{"event": "push", "status": "queued"}},
		{"github_actions_job_logs", "line_count", args{"job_id": job}},
		{"github_actions_runner_label_audit", "job_count", args{"denied_labels": []string{"ubuntu-20.04"}}},
		{"github_actions_runner_label_audit", "job_count", args{"filter": "all", "workflow": "ci.yml"}},
	}
}

// startPrism starts Prism on a free port and returns its URL.
func startPrism(t *testing.T, spec string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Getenv("PRISM"), "mock", "--host", "127.0.0.1", "--port", "0", spec)
	command.Stderr = t.Output()
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	t.Cleanup(func() { _ = command.Wait() })
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "listening on "); ok {
			go func() { _, _ = io.Copy(io.Discard, out) }() // Prism blocks if its output is not read
			return strings.TrimSpace(address)
		}
	}
	t.Fatalf("Prism did not start: %v", lines.Err())
	return ""
}

// behindPrism passes requests on to Prism. The examples in the description belong to two runs, so
// it changes them to one run. It also changes the link of a log to its own URL instead of GitHub's
// storage.
func behindPrism(t *testing.T, prism string) string {
	t.Helper()
	target, err := url.Parse(prism)
	if err != nil {
		t.Fatal(err)
	}
	var address string
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			// The description names its answers application/json, and Prism takes that literally.
			if r.Out.Header.Get("Accept") == "application/vnd.github+json" {
				r.Out.Header.Set("Accept", "application/json")
			}
		},
		ModifyResponse: func(resp *http.Response) error {
			if resp.StatusCode >= http.StatusBadRequest {
				t.Errorf("%s: %s", resp.Request.URL, resp.Status)
			}
			if resp.Header.Get("Location") != "" {
				resp.Header.Set("Location", address+"/log")
			}
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				return err
			}
			body = bytes.ReplaceAll(body, []byte("29679449"), []byte("30433642"))
			resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			resp.Header.Del("Content-Length")
			return nil
		},
	}
	mux := http.NewServeMux()
	mux.Handle("/", proxy)
	mux.HandleFunc("/log", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("2026-05-04T10:00:33.0000000Z hello\n"))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	address = server.URL
	return address
}
