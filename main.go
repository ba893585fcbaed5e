// Command terraform-provider-github-actions is a Terraform provider for GitHub Actions workflow jobs.
// Terraform starts it. Start it by hand only to attach a debugger.
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
	debug := flag.Bool("debug", false, "support a debugger: wait for Terraform, and print the environment variable that connects it to this process")
	flag.Parse()
	if err := provider.Serve(address, version, *debug); err != nil {
		log.Fatal(err)
	}
}
