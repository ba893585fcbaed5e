package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestServers: GitHub itself, the oldest and the newest Enterprise Server, compared as numbers and
// not as text.
func TestServers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := servers(dir); err == nil || !strings.HasSuffix(err.Error(), " describes no Enterprise Server") {
		t.Errorf("an empty package: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "generated"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"api.github.com", "ghes-3.9", "ghes-3.10", "ghes-3.10.deref", "ghes-3.11.deref", "ghes-3.8"} {
		if err := os.WriteFile(filepath.Join(dir, "generated", name+".json"), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := servers(dir)
	if want := []string{"api.github.com", "ghes-3.8", "ghes-3.10"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][3]string{{}, {"x", "", ""}, {"", "x", ""}, {"x", "x", "x"}} {
		if err := run(args[0], args[1], args[2], ""); err == nil || err.Error() != "give -package, and either -facts or -spec" {
			t.Errorf("%v: %v", args, err)
		}
	}
}
