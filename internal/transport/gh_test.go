package transport

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

var errNoProgram = errors.New("not found")

// fakeGH writes a program that stands in for gh.
func fakeGH(t *testing.T, script string) func(string) (string, error) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a shell script")
	}
	path := filepath.Join(t.TempDir(), "gh")
	// A program that another test starts now would inherit the open file for a moment, and Linux runs
	// no file that somebody can write to ("text file busy").
	syscall.ForkLock.RLock()
	err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	return func(name string) (string, error) {
		if name != "gh" {
			t.Errorf("looked for %q", name)
		}
		return path, nil
	}
}

func TestGHRulesByHost(t *testing.T) {
	t.Parallel()
	all := map[string]string{"GH_TOKEN": "gh", "GITHUB_TOKEN": "actions", "GH_ENTERPRISE_TOKEN": "ent", "GITHUB_ENTERPRISE_TOKEN": "ent2"}
	only := func(names ...string) map[string]string {
		m := map[string]string{}
		for _, n := range names {
			m[n] = all[n]
		}
		return m
	}
	for _, c := range []struct {
		host   string
		env    map[string]string
		token  string
		source string
	}{
		{"github.com", all, "gh", "GH_TOKEN"},
		{"acme.ghe.com", all, "gh", "GH_TOKEN"},
		{"github.acme.example", all, "ent", "GH_ENTERPRISE_TOKEN"},
		{"notgithub.com", all, "ent", "GH_ENTERPRISE_TOKEN"},
		{"github.com", only("GITHUB_TOKEN"), "actions", "GITHUB_TOKEN"},
		{"github.acme.example", only("GITHUB_ENTERPRISE_TOKEN"), "ent2", "GITHUB_ENTERPRISE_TOKEN"},
		{"github.com", only("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"), "file", "gh's configuration"},
		{"github.acme.example", only("GH_TOKEN", "GITHUB_TOKEN"), "file", "gh's configuration"},
	} {
		gh := GH{
			Getenv: func(n string) string { return c.env[n] },
			ConfigToken: func(host string) string {
				if host != c.host {
					t.Errorf("asked for host %q, want %q", host, c.host)
				}
				return "file"
			},
			LookPath: func(string) (string, error) { t.Error("looked for gh"); return "", errNoProgram },
		}
		if got := gh.Token(t.Context(), c.host); got != (GHResult{Token: c.token, Source: c.source}) {
			t.Errorf("%s with %v: %+v, want %q from %q", c.host, c.env, got, c.token, c.source)
		}
	}
}

func TestGHProgram(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, script, token, finding string }{
		{"answers", `[ "$*" = "auth token --hostname github.acme.example" ] && echo gho_x`, "gho_x", ""},
		{"answers without a line break", `printf gho_x`, "gho_x", ""},
		{"answers after an empty line", `printf '\n \ngho_x\nmore\n'`, "gho_x", ""},
		{"answers and fails", `echo gho_x; exit 3`, "gho_x", ""},
		{"answers and complains", `echo "A new release is available" >&2; echo gho_x`, "gho_x", ""},
		{"answers and leaves a child", `sleep 30 & echo gho_x`, "gho_x", ""},
		{"answers and hangs", `echo gho_x; exec sleep 30`, "gho_x", ""},
		{"not logged in", `echo "no oauth token found for github.acme.example" >&2; exit 1`, "", "gh auth token said: no oauth token found for github.acme.example"},
		{"fails in silence", `exit 4`, "", "gh auth token failed with exit status 4"},
		{"prints nothing", `true`, "", "gh auth token printed no token"},
		{"prints nothing and leaves a child", `sleep 30 & true`, "", "gh auth token printed no token"},
		{"prints something else", `echo "You are not logged in."; sleep 1`, "", "gh auth token printed no token"},
		{"complains in colour", `printf '\033[31merror:\033[0m\tno\007 token.\nmore' >&2; exit 1`, "", "gh auth token said: [31merror: [0m no token"},
		{"complains with secrets", `echo "https://me:hunter2@acme.example/x?y=hunter2 refused gho_hunter2" >&2; exit 1`, "", "gh auth token said: https://***@acme.example/x?*** refused ***"},
		{"complains at length", `printf 'x%.0s' $(seq 5000) >&2; exit 1`, "", "gh auth token said: " + strings.Repeat("x", 200) + "…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			gh := GH{Getenv: noEnv, ConfigToken: noEnv, LookPath: fakeGH(t, c.script), Timeout: 20 * time.Second}
			began := time.Now()
			want := GHResult{Token: c.token, Finding: c.finding}
			if c.token != "" {
				want.Source = "gh auth token"
			}
			if got := gh.Token(t.Context(), "github.acme.example"); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

func noEnv(string) string { return "" }

func TestGHPathNamesTheProgram(t *testing.T) {
	t.Parallel()
	path, _ := fakeGH(t, "echo gho_path")("gh")
	gh := GH{
		Getenv:      func(n string) string { return map[string]string{"GH_PATH": path}[n] },
		ConfigToken: noEnv,
		LookPath:    func(string) (string, error) { return "", errNoProgram },
	}
	if got := gh.Token(t.Context(), "github.com"); got.Token != "gho_path" {
		t.Errorf("got %+v", got)
	}
}

func TestGHIsNotThere(t *testing.T) {
	t.Parallel()
	gh := GH{Getenv: noEnv, ConfigToken: noEnv, LookPath: func(string) (string, error) { return "", errNoProgram }}
	if got := gh.Token(t.Context(), "github.com"); got != (GHResult{Finding: "gh was not found"}) {
		t.Errorf("got %+v", got)
	}
}

// One hangs itself, the other leaves a child behind that keeps its output open.
func TestGHThatHangs(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{"itself": "exec sleep 60", "a child": "sleep 60 & wait", "half a token": "printf gho_; exec sleep 60"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gh := GH{Getenv: noEnv, ConfigToken: noEnv, LookPath: fakeGH(t, script), Timeout: 300 * time.Millisecond}
			began := time.Now()
			if got := gh.Token(t.Context(), "github.com"); got != (GHResult{Finding: "gh auth token did not answer within 300ms"}) {
				t.Errorf("got %+v", got)
			}
			if d := time.Since(began); d > 20*time.Second {
				t.Errorf("it took %s", d)
			}
		})
	}
}

func TestGHThatCannotBeStarted(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "gh")
	if err := os.WriteFile(file, []byte("not a program"), 0o600); err != nil {
		t.Fatal(err)
	}
	gh := GH{Getenv: noEnv, ConfigToken: noEnv, LookPath: func(string) (string, error) { return file, nil }}
	if got := gh.Token(t.Context(), "github.com"); got != (GHResult{Finding: "gh could not be started"}) {
		t.Errorf("got %+v", got)
	}
}

func TestGHEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	gh := GH{Getenv: noEnv, ConfigToken: noEnv, LookPath: fakeGH(t, "echo gho_x")}
	if got := gh.Token(ctx, "github.com"); got != (GHResult{Finding: "gh auth token was stopped"}) {
		t.Errorf("got %+v", got)
	}
}

// The real reader of gh's configuration reads the environment of the process, so this test uses
// t.Setenv and cannot run in parallel.
func TestGHRealConfiguration(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GH_CONFIG_DIR", dir)
	hosts := "github.com:\n    oauth_token: gho_file\n    user: someone\n"
	if err := os.WriteFile(filepath.Join(dir, "hosts.yml"), []byte(hosts), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := ghConfigToken("github.com"); got != "gho_file" {
		t.Errorf("token %q", got)
	}
	if got := ghConfigToken("github.acme.example"); got != "" {
		t.Errorf("token %q for a host that is not in the file", got)
	}
}

func TestGHHost(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"https://api.github.com/":              "github.com",
		"https://API.github.com:443/":          "github.com",
		"https://api.acme.ghe.com/":            "acme.ghe.com",
		"https://github.acme.example/api/v3/":  "github.acme.example",
		"https://api.acme.example/":            "api.acme.example",
		"https://github.acme.example:8443/api": "github.acme.example",
		"http://127.0.0.1:8080/":               "127.0.0.1",
	} {
		if got := GHHost(mustURL(t, base)); got != want {
			t.Errorf("GHHost(%s) = %q, want %q", base, got, want)
		}
	}
}
