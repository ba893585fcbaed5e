// Command update extracts the contract's facts from an unpacked npm package @octokit/openapi. With
// -spec, it writes the description of only the operations in use instead.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/runner-audit/terraform-provider-github-actions/internal/contract"
)

const dotcom = "api.github.com"

func main() {
	dir := flag.String("package", "", "the folder of the unpacked package")
	facts := flag.String("facts", "", "the file to write the facts to")
	spec := flag.String("spec", "", "the file to write the description of the operations in use to")
	server := flag.String("server", dotcom, "the server that -spec describes")
	flag.Parse()
	if err := run(*dir, *facts, *spec, *server); err != nil {
		fmt.Fprintln(os.Stderr, "contract:", err)
		os.Exit(1)
	}
}

func run(dir, facts, spec, server string) error {
	switch {
	case dir == "" || (facts == "") == (spec == ""):
		return errors.New("give -package, and either -facts or -spec")
	case spec != "":
		document, err := read(dir, server)
		if err != nil {
			return err
		}
		text, err := json.Marshal(contract.CutOut(document))
		if err != nil {
			return err
		}
		return os.WriteFile(spec, text, 0o600)
	}
	return writeFacts(dir, facts)
}

func writeFacts(dir, file string) error {
	var about struct{ Name, Version string }
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &about); err != nil {
		return err
	}
	servers, err := servers(dir)
	if err != nil {
		return err
	}
	documents := map[string]contract.Document{}
	for _, server := range servers {
		if documents[server], err = read(dir, server); err != nil {
			return err
		}
	}
	facts, err := contract.Extract("npm "+about.Name+"@"+about.Version, servers, documents)
	if err != nil {
		return err
	}
	if text, err = facts.Encode(); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// servers are GitHub itself and the oldest and the newest Enterprise Server in the package.
func servers(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "generated", "ghes-*.json"))
	if err != nil {
		return nil, err
	}
	var enterprise []string
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".json"); !strings.HasSuffix(name, ".deref") {
			enterprise = append(enterprise, name)
		}
	}
	if len(enterprise) == 0 {
		return nil, fmt.Errorf("%s describes no Enterprise Server", dir)
	}
	slices.SortFunc(enterprise, func(a, b string) int { return cmp.Compare(release(a), release(b)) })
	return slices.Compact([]string{dotcom, enterprise[0], enterprise[len(enterprise)-1]}), nil
}

// release converts a name such as ghes-3.9 to a number that sorts by release.
func release(name string) int {
	major, minor, _ := strings.Cut(strings.TrimPrefix(name, "ghes-"), ".")
	x, _ := strconv.Atoi(major)
	y, _ := strconv.Atoi(minor)
	return x*1000 + y
}

func read(dir, server string) (contract.Document, error) {
	text, err := os.ReadFile(filepath.Join(dir, "generated", server+".json"))
	if err != nil {
		return nil, err
	}
	document := contract.Document{}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("the description of %s is not readable: %w", server, err)
	}
	return document, nil
}
