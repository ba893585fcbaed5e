package transport

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
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
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
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
		if token, source := gh.Token(t.Context(), c.host); token != c.token || source != c.source {
			t.Errorf("%s with %v: %q from %q, want %q from %q", c.host, c.env, token, source, c.token, c.source)
		}
	}
}

func TestGHProgram(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, script, token, source string }{
		{"answers", `[ "$*" = "auth token --hostname github.acme.example" ] && echo gho_x`, "gho_x", "gh auth token"},
		{"not logged in", `echo "no oauth token" >&2; exit 1`, "", ""},
		{"prints nothing", `true`, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			gh := GH{Getenv: noEnv, ConfigToken: noEnv, LookPath: fakeGH(t, c.script)}
			if token, source := gh.Token(t.Context(), "github.acme.example"); token != c.token || source != c.source {
				t.Errorf("%q from %q, want %q from %q", token, source, c.token, c.source)
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
	if token, _ := gh.Token(t.Context(), "github.com"); token != "gho_path" {
		t.Errorf("token %q", token)
	}
}

func TestGHIsNotThere(t *testing.T) {
	t.Parallel()
	gh := GH{Getenv: noEnv, ConfigToken: noEnv, LookPath: func(string) (string, error) { return "", errNoProgram }}
	if token, source := gh.Token(t.Context(), "github.com"); token != "" || source != "" {
		t.Errorf("%q from %q", token, source)
	}
}

// One hangs itself, the other leaves a child behind that keeps its output open.
func TestGHThatHangs(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{"itself": "exec sleep 60", "a child": "sleep 3 & echo gho_late; wait"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gh := GH{Getenv: noEnv, ConfigToken: noEnv, LookPath: fakeGH(t, script), Timeout: 50 * time.Millisecond}
			began := time.Now()
			if token, _ := gh.Token(t.Context(), "github.com"); token != "" {
				t.Errorf("token %q", token)
			}
			if d := time.Since(began); d > 2*time.Second {
				t.Errorf("it took %s", d)
			}
		})
	}
}

func TestGHEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	gh := GH{Getenv: noEnv, ConfigToken: noEnv, LookPath: fakeGH(t, "echo gho_x")}
	if token, _ := gh.Token(ctx, "github.com"); token != "" {
		t.Errorf("token %q", token)
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
