// Command terraform-provider-github-actions is a Terraform provider for GitHub Actions workflow jobs.
// Terraform starts it; by hand it only serves a debugger.
package main

import (
	"flag"
	"log"

	"github.com/runner-audit/terraform-provider-github-actions/internal/provider"
)

// version is set by the release build.
var version = "dev"

const address = "registry.terraform.io/runner-audit/github-actions"

func main() {
	debug := flag.Bool("debug", false, "wait for a debugger, and print how Terraform reaches this process")
	flag.Parse()
	if err := provider.Serve(address, version, *debug); err != nil {
		log.Fatal(err)
	}
}
