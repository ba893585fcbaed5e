package provider

import (
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

const examplesDir = "../../examples"

// TestAccExamples plans every example against the stand-in, once as it is written and once under the
// local name github-actions, as users write it beside the GitHub provider. The second time the runs may
// be of any age, since those of the stand-in are older than what the examples ask for. The third time the
// answers lack what older and API-compatible servers leave out.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	for _, file := range exampleFiles(t) {
		for name, rewrite := range map[string]func(string) string{
			"as written":            func(s string) string { return s },
			"under the other local": func(s string) string { return ofAnyAge(underOtherLocalName(s)) },
			"on an older server":    ofAnyAge,
		} {
			t.Run(file+" "+name, func(t *testing.T) {
				t.Parallel()
				text, err := os.ReadFile(filepath.Join(examplesDir, file))
				if err != nil {
					t.Fatal(err)
				}
				server := githubtest.New(t, githubtest.Demo())
				env := map[string]string{"GITHUB_BASE_URL": server.BaseURL(), "GITHUB_OWNER": "acme"}
				if name == "on an older server" {
					env["GITHUB_BASE_URL"] = olderServer(t, server)
				}
				resource.Test(t, resource.TestCase{
					TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(neededVersion(string(text)))},
					ProtoV6ProviderFactories: factories(env),
					Steps: []resource.TestStep{{
						Config:             rewrite(runnable(string(text))),
						PlanOnly:           true,
						ExpectNonEmptyPlan: strings.Contains("\n"+string(text), "\noutput ") || strings.Contains(string(text), "\nresource "),
					}},
				})
				if wants := regexp.MustCompile(`(?m)^(data|ephemeral) `).Match(text); wants != (len(server.Requests()) > 0) {
					t.Errorf("%d requests from an example with data sources: %v", len(server.Requests()), wants)
				}
			})
		}
	}
}

// olderServer leaves out properties of runs and jobs that not every server sends, and the labels of skipped
// jobs. It returns the base URL.
func olderServer(t *testing.T, server *githubtest.Server) string {
	t.Helper()
	var strip func(any)
	strip = func(value any) {
		switch value := value.(type) {
		case []any:
			for _, element := range value {
				strip(element)
			}
		case map[string]any:
			for _, name := range []string{"workflow_name", "html_url", "runner_group_name", "display_title", "actor"} {
				delete(value, name)
			}
			if value["name"] == "lint" {
				value["labels"] = []any{}
			}
			for _, property := range value {
				strip(property)
			}
		}
	}
	older := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, r)
		maps.Copy(w.Header(), answer.Header())
		body := answer.Body.Bytes()
		if strings.Contains(answer.Header().Get("Content-Type"), "json") && answer.Code == http.StatusOK {
			var value any
			if err := json.Unmarshal(body, &value); err != nil {
				t.Error(err)
			}
			strip(value)
			body, _ = json.Marshal(value)
			w.Header().Del("Content-Length")
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body)
	}))
	t.Cleanup(older.Close)
	return older.URL + githubtest.Prefix + "/"
}

// TestAccReadme plans the README's first configuration, and compares the plan with the README.
func TestAccReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(examplesDir, "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```terraform\n")
	config, _, found := strings.Cut(rest, "```")
	if !found || !strings.Contains(string(readme), "```mermaid\n"+demoChart+"\n```") {
		t.Error("the README lacks a configuration, or shows another chart than the function draws")
	}
	const line = 14
	condition := strings.Split(config, "\n")[line-1]
	if !strings.Contains(string(readme), "on main.tf line 14, in check") || !strings.Contains(string(readme), "  14: "+condition) {
		t.Errorf("line %d is %q; the README says something else", line, condition)
	}
	server := githubtest.New(t, githubtest.Demo())
	const at = "data.github_actions_run_jobs.release"
	resource.Test(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(neededVersion(config))},
		ProtoV6ProviderFactories: factories(map[string]string{"GITHUB_BASE_URL": server.BaseURL()}),
		Steps: []resource.TestStep{{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(at, tfjsonpath.New("labels"), knownvalue.ListSizeExact(7)),
			statecheck.ExpectKnownValue(at, tfjsonpath.New("labels").AtSliceIndex(4), knownvalue.StringExact("ubuntu-20.04")),
		}}},
	})
}

// neededVersion is the first version of Terraform that knows all that a configuration uses. The table
// of versions in the documentation says the same.
func neededVersion(config string) *version.Version {
	needed := tfversion.Version1_0_0
	for _, c := range []struct {
		uses  string
		since *version.Version
	}{
		{`(?m)^\s+(pre|post)condition \{`, tfversion.Version1_2_0},
		{`"terraform_data"`, tfversion.Version1_4_0},
		{`(?m)^check "`, tfversion.Version1_5_0},
		{`provider::`, tfversion.Version1_8_0},
		{`(?m)^ephemeral "`, tfversion.Version1_10_0},
	} {
		if regexp.MustCompile(c.uses).MatchString(config) && needed.LessThan(c.since) {
			needed = c.since
		}
	}
	return needed
}

func TestNeededVersion(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"plan/main.tf": "1.0.0", "failed-steps/main.tf": "1.2.0", "gate-apply/main.tf": "1.4.0", "demo/main.tf": "1.5.0",
		"functions/timeline/function.tf": "1.8.0", "ephemeral-resources/github_actions_job_logs/ephemeral-resource.tf": "1.10.0",
	} {
		text, err := os.ReadFile(filepath.Join(examplesDir, file))
		if err != nil {
			t.Fatal(err)
		}
		if got := neededVersion(string(text)).String(); got != want {
			t.Errorf("%s needs %s, want %s", file, got, want)
		}
	}
}

// exampleFiles are all configurations below examples.
func exampleFiles(t *testing.T) (files []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(examplesDir), ".", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".tf") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 7 {
		t.Fatalf("examples: %v, %v", files, err)
	}
	return files
}

// runnable adds what the short examples of single data sources leave out, and takes out the GitHub
// provider, which needs a network to install and which the examples do not read.
func runnable(text string) string {
	if !strings.Contains(text, "required_providers") {
		text = requiredProviders + text
	}
	text = regexp.MustCompile(`(?s)\n    github = \{\s*source = "integrations/github"\s*\}`).ReplaceAllString(text, "")
	if strings.Contains(text, `provider "github-actions"`) {
		text = regexp.MustCompile(`(?s)\nprovider "github" \{.*?\n\}`).ReplaceAllString(text, "")
	}
	return text
}

// ofAnyAge lifts the limit on the age of runs.
func ofAnyAge(text string) string {
	return regexp.MustCompile(`created_within( *)= "\d+[dh]"`).ReplaceAllString(text, `created$1       = ">=2026-01-01"`)
}

// underOtherLocalName gives the provider the local name that users need beside integrations/github.
func underOtherLocalName(text string) string {
	if strings.Contains(text, "provider = github-actions") {
		return text
	}
	text = regexp.MustCompile(`\bgithub(\s*)= \{`).ReplaceAllString(text, "github-actions$1= {")
	text = strings.ReplaceAll(text, `provider "github"`, `provider "github-actions"`)
	text = strings.ReplaceAll(text, "provider::github::", "provider::github-actions::")
	return regexp.MustCompile(`(?m)^((?:data|ephemeral) "github_[^\n]*\{)$`).ReplaceAllString(text, "$1\n  provider = github-actions\n")
}
