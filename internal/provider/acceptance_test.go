package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// factories serve the provider to Terraform with the test's own environment.
func factories(env map[string]string) map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"github-actions": func() (tfprotov6.ProviderServer, error) {
			return newServer(newProvider("test", machineWith(env))), nil
		},
	}
}

// planTwice plans a configuration, runs checks on the state, and plans again: data sources must
// never cause a change.
func planTwice(t *testing.T, config string, checks ...statecheck.StateCheck) {
	t.Helper()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(nil),
		Steps: []resource.TestStep{
			{Config: config, ConfigStateChecks: checks},
			{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		},
	})
}

// requiredProviders declares the provider as users do.
const requiredProviders = `
	terraform {
	  required_providers {
	    github = { source = "runner-audit/github-actions" }
	  }
	}
`

// providerBlock is the start of a configuration that reads server.
func providerBlock(server *githubtest.Server) string {
	return requiredProviders + fmt.Sprintf(`
	provider "github" {
	  owner    = "acme"
	  base_url = %q
	}
`, server.BaseURL())
}
