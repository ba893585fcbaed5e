package provider

import (
	"slices"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// Why a property that GitHub describes is not shown.
const (
	isAddress = "a URL that can be built from the IDs; the URLs of the page and the API are shown"
	isNodeID  = "an ID of the GraphQL API, which Terraform does not use"
)

// mapping says for an object in GitHub's description which properties this provider leaves out,
// with the reason for each, and which attributes the provider adds.
type mapping struct {
	shown   map[string]bool
	leftOut map[string]string
	ours    []string
}

func shownBy[T any](o object[T]) map[string]bool {
	shown := map[string]bool{}
	for name := range o.attributes() {
		shown[name] = true
	}
	return shown
}

func mappedJobs() mapping {
	return mapping{shown: shownBy(jobObject()), ours: []string{"queued_seconds", "duration_seconds", "carried_over"}}
}

func mappedSteps() mapping {
	return mapping{shown: shownBy(stepObject()), ours: []string{"duration_seconds"}}
}

func mappedRuns() mapping {
	return mapping{shown: shownBy(runObject()), leftOut: map[string]string{
		"node_id": isNodeID, "check_suite_node_id": isNodeID,
		"url": isAddress, "jobs_url": isAddress, "logs_url": isAddress, "check_suite_url": isAddress,
		"artifacts_url": isAddress, "cancel_url": isAddress, "rerun_url": isAddress, "workflow_url": isAddress,
		"pull_requests":        "each page would be much larger, and pull requests of a fork are not in it; the provider requests runs without it",
		"referenced_workflows": "one entry for each reusable workflow: workflow_name and name of the jobs show which ran",
		"head_commit":          "text by the author of the commit; head_sha names the commit",
		"repository":           "the requested repository; used to check the answer",
		"head_repository_id":   "head_repository has the name; the same ID is in that object",
	}}
}

// TestEveryDescribedPropertyIsMapped fails if GitHub's description adds or removes a property of a
// job, a step or a run, until mapping contains the decision about it.
func TestEveryDescribedPropertyIsMapped(t *testing.T) {
	t.Parallel()
	facts := githubtest.Contract()
	for _, server := range facts.Servers {
		job := facts.Schema(server, "job")
		for name, c := range map[string]struct {
			properties []string
			mapped     mapping
		}{
			"job":  {propertiesOf(job.Properties), mappedJobs()},
			"step": {propertiesOf(job.Properties["steps"].Items.Properties), mappedSteps()},
			"run":  {propertiesOf(facts.Schema(server, "workflow-run").Properties), mappedRuns()},
		} {
			for _, property := range c.properties {
				_, isLeftOut := c.mapped.leftOut[property]
				switch shown := c.mapped.shown[property]; {
				case shown && isLeftOut:
					t.Errorf("%s: %s of a %s is shown, so it cannot be left out", server, property, name)
				case !shown && !isLeftOut:
					t.Errorf("%s: %s of a %s is neither shown nor left out with a reason", server, property, name)
				}
			}
			for property := range c.mapped.leftOut {
				if !slices.Contains(c.properties, property) {
					t.Errorf("%s: a %s has no %s to leave out", server, name, property)
				}
			}
			for attribute := range c.mapped.shown {
				if !slices.Contains(c.properties, attribute) && !slices.Contains(c.mapped.ours, attribute) {
					t.Errorf("%s: %s of a %s is shown, but where does it come from?", server, attribute, name)
				}
			}
		}
	}
}

func propertiesOf[V any](properties map[string]V) []string {
	var names []string
	for name := range properties {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
