package provider

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// logged is a stand-in with one job, 1, and its log.
func logged(t *testing.T, log string) *githubtest.Server {
	t.Helper()
	world := githubtest.NewWorld()
	world.Repository("acme/app").Run(700, 1, nil).Job(1, 700, nil).Log(1, log)
	return githubtest.New(t, world)
}

const smallLog = "\ufeff2026-05-04T10:00:00.0000000Z ##[group]Run make\n" +
	"2026-05-04T10:00:01.0000000Z \x1b[31mred\x1b[0m\n" +
	"2026-05-04T10:00:02.0000000Z ##[warning]slow\n" +
	"2026-05-04T10:00:03.0000000Z ##[error]broken\n" +
	"2026-05-04T10:00:04.0000000Z done\n"

// TestAJobsLog checks the effect of each argument. The figures are always those of the whole log.
func TestAJobsLog(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		more      args
		content   string
		truncated bool
		matches   any
		count     any
	}{
		"all of it":           {nil, "##[group]Run make\nred\n##[warning]slow\n##[error]broken\ndone", false, nil, nil},
		"the last lines":      {args{"tail_lines": 2}, "##[error]broken\ndone", true, nil, nil},
		"more lines than are": {args{"tail_lines": 100}, "##[group]Run make\nred\n##[warning]slow\n##[error]broken\ndone", false, nil, nil},
		"the last bytes":      {args{"max_bytes": 6}, "n\ndone", true, nil, nil},
		"a pattern":           {args{"tail_lines": 1, "pattern": "^re|slow$"}, "done", true, []any{"red", "##[warning]slow"}, 2},
		"an idle pattern":     {args{"tail_lines": 1, "pattern": "nowhere"}, "done", true, []any{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := args{"repository": "app", "job_id": 1}
			want := map[string]any{
				"repository": "app", "owner": "acme", "job_id": 1, "tail_lines": nil, "max_bytes": nil, "pattern": nil, "timeouts": nil,
				"content": tc.content, "truncated": tc.truncated, "matches": tc.matches,
				"size_bytes": len(smallLog), "line_count": 5, "errors": []any{"broken"}, "warnings": []any{"slow"},
				"error_count": 1, "warning_count": 1, "match_count": tc.count,
				"sha256": "44fce4a10112d431a7c1743c1f06a75a32a3d4caa263d09a4847fd823dee51ff",
			}
			for name, value := range tc.more {
				a[name], want[name] = value, value
			}
			server := logged(t, smallLog)
			p := configured(t, server)
			got, diags := p.read("github_actions_job_logs", a)
			if len(diags) > 0 || asJSON(t, got) != asJSON(t, want) {
				t.Errorf("data source: got %s %s\nwant %s", asJSON(t, got), diags, asJSON(t, want))
			}
			want["url"] = server.LogLink("acme/app", 1)
			got, diags = p.open("github_actions_job_logs", a)
			if len(diags) > 0 || asJSON(t, got) != asJSON(t, want) {
				t.Errorf("ephemeral: got %s %s\nwant %s", asJSON(t, got), diags, asJSON(t, want))
			}
		})
	}
}

// TestCountsIncludeWhatIsNotListed: the counts include annotations beyond the maximum of the list.
func TestCountsIncludeWhatIsNotListed(t *testing.T) {
	t.Parallel()
	const at = "2026-05-04T10:00:00.0000000Z "
	log := strings.Repeat(at+"##[error]a\nb\n", 120) + strings.Repeat(at+"::warning file=a.go::w%0Ax\n", 130)
	p := configured(t, logged(t, log))
	a := args{"repository": "app", "job_id": 1, "pattern": "^b$|w"}
	for kind, read := range map[string]func(string, args) (map[string]any, messages){"data source": p.read, "ephemeral": p.open} {
		got, diags := read("github_actions_job_logs", a)
		if len(diags) > 0 {
			t.Fatal(kind, diags)
		}
		counts := []any{got["error_count"], got["warning_count"], got["match_count"], got["line_count"]}
		if asJSON(t, counts) != asJSON(t, []any{120, 130, 250, 370}) {
			t.Errorf("%s: counts %s", kind, asJSON(t, counts))
		}
		errs, warnings, matches := got["errors"].([]any), got["warnings"].([]any), got["matches"].([]any)
		if len(errs) != 100 || errs[0] != "a\nb" || len(warnings) != 100 || warnings[99] != "w\nx" || len(matches) != 250 {
			t.Errorf("%s: %d errors, %d warnings, %d matches; %q, %q", kind, len(errs), len(warnings), len(matches), errs[0], warnings[99])
		}
	}
}

// TestAnEmptyLogIsNotNull: absent is null, empty is empty.
func TestAnEmptyLogIsNotNull(t *testing.T) {
	t.Parallel()
	got, diags := configured(t, logged(t, "")).read("github_actions_job_logs", args{"repository": "app", "job_id": 1})
	if len(diags) > 0 || got["content"] != "" || asJSON(t, []any{got["size_bytes"], got["line_count"], got["errors"], got["warnings"], got["error_count"], got["warning_count"], got["match_count"]}) != asJSON(t, []any{0, 0, []any{}, []any{}, 0, 0, nil}) {
		t.Errorf("got %s %s", asJSON(t, got), diags)
	}
}

// TestJobLogsArguments checks the diagnostics for wrong arguments, before any request.
func TestJobLogsArguments(t *testing.T) {
	t.Parallel()
	const re2 = " It takes RE2 syntax, without look-around and back-references. To match a special character itself, write a backslash before it, and two backslashes in a Terraform string."
	for name, tc := range map[string]struct {
		a    args
		want string
	}{
		"no line":           {args{"tail_lines": 0}, "error at tail_lines: Invalid number: tail_lines must be a whole number of at least 1, not 0."},
		"no byte":           {args{"max_bytes": 0}, "error at max_bytes: Invalid number: max_bytes must be a whole number between 1 and 16777216, not 0."},
		"too many bytes":    {args{"max_bytes": 16777217}, "error at max_bytes: Invalid number: max_bytes must be a whole number between 1 and 16777216, not 16777217."},
		"no job":            {args{"job_id": 0}, "error at job_id: Invalid number: job_id must be a whole number of at least 1, not 0."},
		"an open group":     {args{"pattern": "a(b"}, `error at pattern: Invalid pattern: pattern cannot be "a(b": missing closing ) at "a(b".` + re2},
		"look-ahead":        {args{"pattern": "a(?=b)"}, `error at pattern: Invalid pattern: pattern cannot be "a(?=b)": invalid or unsupported Perl syntax at "(?=".` + re2},
		"a back-reference":  {args{"pattern": `(a)\1`}, `error at pattern: Invalid pattern: pattern cannot be "(a)\\1": invalid escape sequence at "\\1".` + re2},
		"two owners":        {args{"repository": "acme/app", "owner": "other"}, `error at owner: Two owners: owner is "other", but repository is "acme/app". Remove owner, or correct repository.`},
		"a bad repository":  {args{"repository": "a/../b"}, `error at repository: Invalid repository: repository cannot be "a/../b": the name contains '/'. Write name or owner/name, with letters, digits, "-", "_" and "." only.`},
		"the largest, fine": {args{"max_bytes": 16777216, "pattern": ""}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := args{"repository": "app", "job_id": 1}
			maps.Copy(a, tc.a)
			server := logged(t, smallLog)
			p := configured(t, server)
			_, ofData := p.read("github_actions_job_logs", a)
			_, ofEphemeral := p.open("github_actions_job_logs", a)
			for kind, diags := range map[string]messages{"data source": ofData, "ephemeral": ofEphemeral} {
				if diags.String() != tc.want {
					t.Errorf("%s: got %s\nwant %s", kind, diags, tc.want)
				}
			}
			if tc.want != "" && len(server.Requests()) > 0 {
				t.Errorf("asked %v", server.Requests())
			}
		})
	}
}

// TestWhatIsNotKnownYetIsValid: unknown arguments are valid, because Terraform reads only after it
// knows all of them.
func TestWhatIsNotKnownYetIsValid(t *testing.T) {
	t.Parallel()
	a := args{"repository": unknown, "owner": unknown, "job_id": unknown, "tail_lines": unknown, "max_bytes": unknown, "pattern": unknown}
	p := newProtocol(t, nil)
	data, err := p.server.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
		TypeName: "github_actions_job_logs", Config: p.value(p.schema.DataSourceSchemas["github_actions_job_logs"].ValueType(), a),
	})
	p.must(err)
	ephemeral, err := p.server.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{
		TypeName: "github_actions_job_logs", Config: p.value(p.schema.EphemeralResourceSchemas["github_actions_job_logs"].ValueType(), a),
	})
	p.must(err)
	if len(data.Diagnostics) > 0 || len(ephemeral.Diagnostics) > 0 {
		t.Errorf("got %s %s", messagesOf(data.Diagnostics), messagesOf(ephemeral.Diagnostics))
	}
}

// TestWhatOfALogIsSensitive: the lines of the log and the link to it are sensitive.
func TestWhatOfALogIsSensitive(t *testing.T) {
	t.Parallel()
	p := newProtocol(t, nil)
	for kind, tc := range map[string]struct {
		schema *tfprotov6.Schema
		want   []string
	}{
		"data source": {p.schema.DataSourceSchemas["github_actions_job_logs"], []string{"content", "matches"}},
		"ephemeral":   {p.schema.EphemeralResourceSchemas["github_actions_job_logs"], []string{"content", "matches", "url"}},
	} {
		var got []string
		for _, a := range tc.schema.Block.Attributes {
			if a.Sensitive {
				got = append(got, a.Name)
			}
			if a.Description == "" {
				t.Errorf("%s: %s has no description", kind, a.Name)
			}
		}
		if slices.Sort(got); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v are sensitive, want %v", kind, got, tc.want)
		}
	}
}

// TestSensitiveIsForStringsAndLists: sensitive panics for other kinds, so that they are not shown
// by mistake.
func TestSensitiveIsForStringsAndLists(t *testing.T) {
	t.Parallel()
	defer func() {
		if got := fmt.Sprint(recover()); got != "n is a schema.Int64Attribute, which cannot be sensitive here" {
			t.Errorf("got %s", got)
		}
	}()
	sensitive(int64Attr("n", "", func(jobLog) *int64 { return nil }))
}

// TestNoLogSaysWhy checks the error of the data source and the ephemeral resource, on the argument.
func TestNoLogSaysWhy(t *testing.T) {
	t.Parallel()
	for job, want := range map[int]string{
		70201: "error at job_id: Cannot read the log of acme/app job 70201: The job has not finished (status in_progress).",
		70202: "error at job_id: Cannot read the log of acme/app job 70202: The job has not finished (status queued).",
		70203: "error at job_id: Cannot read the log of acme/app job 70203: The job never ran (conclusion skipped), so it has no log.",
		70001: "error at job_id: Cannot read the log of acme/app job 70001: GitHub answered 410: Server Error.\n\nThe log has expired or was deleted.",
		70002: "error at job_id: Cannot read the log of acme/app job 70002: GitHub answered 404: Not Found.\n\nThe log has expired or was deleted.",
		99999: "error at job_id: Cannot read acme/app job 99999: GitHub answered 404: Not Found.\n\nThe repository exists, but the job does not",
	} {
		t.Run(fmt.Sprint(job), func(t *testing.T) {
			t.Parallel()
			server := githubtest.New(t, githubtest.Demo())
			server.AllowMissing("/repos/acme/app/actions/jobs/99999", "/repos/acme/app/actions/jobs/99999/logs")
			p := configured(t, server)
			_, ofData := p.read("github_actions_job_logs", args{"repository": "app", "job_id": job})
			_, ofEphemeral := p.open("github_actions_job_logs", args{"repository": "app", "job_id": job})
			for kind, diags := range map[string]messages{"data source": ofData, "ephemeral": ofEphemeral} {
				if len(diags) != 1 || !strings.HasPrefix(diags[0], want) {
					t.Errorf("%s: got %s\nwant %s…", kind, diags, want)
				}
			}
		})
	}
}

func TestAJobsLogHasNoOwner(t *testing.T) {
	t.Parallel()
	server := logged(t, smallLog)
	p := newProtocol(t, nil)
	if diags := p.configure(args{"base_url": server.BaseURL()}); len(diags) > 0 {
		t.Fatal(diags)
	}
	const want = `error at repository: Missing owner: The owner of repository "app" is not set.`
	a := args{"repository": "app", "job_id": 1, "owner": nil}
	for _, read := range []func(string, args) (map[string]any, messages){p.read, p.open} {
		if _, diags := read("github_actions_job_logs", a); len(diags) != 1 || !strings.HasPrefix(diags[0], want) {
			t.Errorf("got %s", diags)
		}
	}
}

// TestALogIsNotLogged reads a log with the data source and the ephemeral resource. The TRACE log
// must not contain the log, its link or the token.
func TestALogIsNotLogged(t *testing.T) {
	t.Parallel()
	server := logged(t, "2026-05-04T10:00:00.0000000Z the passphrase is swordfish\n")
	p := configuredWith(t, server, args{"token": "hunter2secret"})
	var log bytes.Buffer
	ctx := tflogtest.RootLogger(t.Context(), &log)
	a := args{"repository": "app", "job_id": 1, "pattern": "pass"}
	if got, diags := p.readContext(ctx, "github_actions_job_logs", a); len(diags) > 0 || !strings.Contains(asJSON(t, got), "swordfish") {
		t.Fatal(got, diags)
	}
	if got, diags := p.openContext(ctx, "github_actions_job_logs", a); len(diags) > 0 || !strings.Contains(asJSON(t, got), "sig=") {
		t.Fatal(got, diags)
	}
	for _, secret := range []string{"swordfish", "hunter2secret", "sig="} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is in the log:\n%s", secret, log.String())
		}
	}
	if n := strings.Count(log.String(), `"path":"`+server.URL+`/_storage/acme/app/1.txt"`); n != 2 {
		t.Errorf("%d lines for the storage, want 2:\n%s", n, log.String())
	}
}

func TestAccJobLogs(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t, githubtest.Demo())
	const at = "data.github_actions_job_logs.failed"
	config := providerBlock(server) + `
		data "github_actions_job_logs" "failed" {
		  repository = "app"
		  job_id     = 70004
		  tail_lines = 3
		  pattern    = "^--- FAIL"
		}
		output "errors" {
		  value = data.github_actions_job_logs.failed.errors
		}`
	var checks []statecheck.StateCheck
	for name, check := range map[string]knownvalue.Check{
		"owner":      knownvalue.StringExact("acme"),
		"content":    knownvalue.StringExact("##[error]Process completed with exit code 2.\nPost job cleanup.\nCleaning up orphan processes"),
		"truncated":  knownvalue.Bool(true),
		"line_count": knownvalue.Int64Exact(29),
		"sha256":     knownvalue.StringFunc(isSHA256),
		"errors":     exactly([]any{"control/socket_test.go:41: bind: invalid argument", "Process completed with exit code 2."}),
		"warnings":   exactly([]any{"The cache for go-1.26-macos was not found; modules are downloaded."}),
		"matches":    exactly([]any{"--- FAIL: TestListenOnUnixSocket (0.00s)"}),
		"max_bytes":  knownvalue.Null(),

		"error_count": knownvalue.Int64Exact(2), "warning_count": knownvalue.Int64Exact(1), "match_count": knownvalue.Int64Exact(1),
	} {
		checks = append(checks, statecheck.ExpectKnownValue(at, tfjsonpath.New(name), check))
	}
	for _, name := range []string{"content", "matches"} {
		checks = append(checks, statecheck.ExpectSensitiveValue(at, tfjsonpath.New(name)))
	}
	planTwice(t, config, checks...)
}

func isSHA256(s string) error {
	if len(s) != 64 {
		return fmt.Errorf("%q is not a SHA-256", s)
	}
	return nil
}

// memoryTestURL makes this test binary a separate process that reads one large log.
const memoryTestURL = "PROVIDER_TEST_LARGE_LOG"

// TestALargeLogCostsLittle reads a log of 300 MB through the whole provider in a separate process,
// so that only the provider counts. The memory from the system, including garbage, must not grow by
// 32 MiB, which is half of what is promised. This figure never falls, so it includes every peak.
func TestALargeLogCostsLittle(t *testing.T) {
	t.Parallel()
	size := int64(300 << 20)
	if testing.Short() || raceDetector {
		size = 48 << 20
	}
	const allowed = 32 << 20 // has to stay well below size, or the test cannot fail
	if base := os.Getenv(memoryTestURL); base != "" {
		readLargeLog(t, base, size, allowed)
		return
	}
	chunk := []byte(strings.Repeat("2026-05-04T10:00:00.0000000Z "+strings.Repeat("x", 98)+"\n", 8<<10))
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(size))
		for sent := int64(0); sent < size; sent += int64(len(chunk)) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	t.Cleanup(storage.Close)
	server := logged(t, "")
	server.Fail("/repos/acme/app/actions/jobs/1/logs", githubtest.Status(http.StatusFound, "", "Location", storage.URL+"/large?sig=x"))
	for _, s := range []*httptest.Server{storage, server.Server} {
		s.Config.SetKeepAlivesEnabled(false) // that process leaves no connection behind either
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestALargeLogCostsLittle$", "-test.v", fmt.Sprintf("-test.short=%v", testing.Short()))
	cmd.Env = append(os.Environ(), memoryTestURL+"="+server.BaseURL())
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "the provider took") {
		t.Errorf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "the provider took") {
			t.Log(strings.TrimSpace(line))
		}
	}
}

func readLargeLog(t *testing.T, base string, size, allowed int64) {
	t.Helper()
	p := newProtocol(t, nil)
	if diags := p.configure(args{"base_url": base, "owner": "acme"}); len(diags) > 0 {
		t.Fatal(diags)
	}
	before := fromSystem()
	got, diags := p.read("github_actions_job_logs", args{"repository": "app", "job_id": 1})
	if len(diags) > 0 || fmt.Sprint(got["size_bytes"]) != fmt.Sprint(size) || got["truncated"] != true {
		t.Fatalf("read %v bytes of %d, %s", got["size_bytes"], size, diags)
	}
	grown := fromSystem() - before
	t.Logf("the provider took %d KiB more for a log of %d MiB", grown>>10, size>>20)
	if grown > allowed {
		t.Errorf("more than %d MiB", allowed>>20)
	}
}

// fromSystem is all the memory that this process ever took from the system.
func fromSystem() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
