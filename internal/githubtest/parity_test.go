package githubtest_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// The properties that GitHub's schema requires of each object, and those that its answers always
// have.
const (
	requiredOfUser = "login id node_id avatar_url gravatar_id url html_url followers_url following_url gists_url " +
		"starred_url subscriptions_url organizations_url repos_url events_url received_events_url type site_admin"
	requiredOfRepository = "id node_id name full_name owner private html_url description fork url archive_url " +
		"assignees_url blobs_url branches_url collaborators_url comments_url commits_url compare_url contents_url " +
		"contributors_url deployments_url downloads_url events_url forks_url git_commits_url git_refs_url " +
		"git_tags_url issue_comment_url issue_events_url issues_url keys_url labels_url languages_url merges_url " +
		"milestones_url notifications_url pulls_url releases_url stargazers_url statuses_url subscribers_url " +
		"subscription_url tags_url teams_url trees_url hooks_url"
	requiredOfWholeRepository = requiredOfRepository + " archived clone_url created_at default_branch disabled " +
		"forks forks_count git_url has_discussions has_downloads has_issues has_pages has_projects has_wiki homepage " +
		"language license mirror_url network_count open_issues open_issues_count pushed_at size ssh_url " +
		"stargazers_count subscribers_count svn_url updated_at watchers watchers_count visibility permissions"
	requiredOfRun = "id node_id head_branch head_sha path run_number event status conclusion workflow_id url " +
		"html_url pull_requests created_at updated_at jobs_url logs_url check_suite_url artifacts_url cancel_url " +
		"rerun_url workflow_url head_commit repository head_repository display_title " +
		// not required, but always there
		"name check_suite_id check_suite_node_id run_attempt referenced_workflows actor triggering_actor " +
		"run_started_at previous_attempt_url head_repository_id"
	requiredOfJob = "id run_id run_url run_attempt node_id head_sha url html_url status conclusion created_at " +
		"started_at completed_at name steps check_run_url labels runner_id runner_name runner_group_id " +
		"runner_group_name workflow_name head_branch"
	requiredOfWorkflow = "id node_id name path state created_at updated_at url html_url badge_url"
	requiredOfAccount  = requiredOfUser + " name company blog location email hireable bio public_repos public_gists " +
		"followers following created_at updated_at"
	requiredOfOwnAccount = requiredOfAccount + " private_gists total_private_repos owned_private_repos disk_usage " +
		"collaborators two_factor_authentication"
	requiredOfOrganization = "login id node_id url repos_url events_url hooks_url issues_url members_url " +
		"public_members_url avatar_url description has_organization_projects has_repository_projects public_repos " +
		"public_gists followers following html_url type created_at updated_at archived_at"
)

// TestAnswersHaveWhatTheSchemaRequires compares each kind of answer with GitHub's list of required
// properties.
func TestAnswersHaveWhatTheSchemaRequires(t *testing.T) {
	t.Parallel()
	world := githubtest.Demo().Account("ada")
	world.Repository("ada/notes")
	server := githubtest.New(t, world)
	const run = "/repos/acme/app/actions/runs/700"
	for _, c := range []struct{ path, at, required string }{
		{run, "", requiredOfRun},
		{run + "/attempts/1", "", requiredOfRun},
		{run, "actor", requiredOfUser},
		{run, "triggering_actor", requiredOfUser},
		{run, "repository", requiredOfRepository},
		{run, "repository.owner", requiredOfUser},
		{run, "head_repository", requiredOfRepository},
		{run, "head_commit", "id tree_id message timestamp author committer"},
		{run, "head_commit.author", "name email"},
		{"/repos/acme/app/actions/runs", "", "total_count workflow_runs"},
		{"/repos/acme/app/actions/runs", "workflow_runs", requiredOfRun},
		{run + "/jobs", "jobs", requiredOfJob},
		{run + "/jobs", "jobs.steps", "name status conclusion number started_at completed_at"},
		{"/repos/acme/app/actions/jobs/70001", "", requiredOfJob},
		{"/repos/acme/app/actions/workflows", "workflows", requiredOfWorkflow},
		{"/repos/acme/app/actions/workflows/ci.yml", "", requiredOfWorkflow},
		{"/repos/acme/app", "", requiredOfWholeRepository},
		{"/orgs/acme/repos", "", requiredOfWholeRepository},
		{"/users/ada/repos", "", requiredOfWholeRepository},
		{"/user/repos", "", requiredOfWholeRepository},
		{"/user", "", requiredOfOwnAccount},
		{"/users/ada", "", requiredOfAccount},
		{"/users/acme", "", requiredOfAccount},
		{"/orgs/acme", "", requiredOfOrganization},
	} {
		object := first(t, answerOf(t, server, c.path))
		for name := range strings.SplitSeq(c.at, ".") {
			if name != "" {
				object = first(t, object[name])
			}
		}
		for name := range strings.FieldsSeq(c.required) {
			if _, ok := object[name]; !ok {
				t.Errorf("%s: %s has no %s", c.path, c.at, name)
			}
		}
	}
}

func answerOf(t *testing.T, server *githubtest.Server, path string) any {
	t.Helper()
	status, body, _ := get(t, server, path, "Authorization", "Bearer one")
	var answer any
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != 200 {
		t.Fatalf("%s: %d %v", path, status, err)
	}
	return answer
}

// first is an object, or the first one of a list.
func first(t *testing.T, value any) map[string]any {
	t.Helper()
	if list, ok := value.([]any); ok && len(list) > 0 {
		value = list[0]
	}
	object, ok := value.(map[string]any)
	if !ok {
		t.Fatalf("%v is not an object", value)
	}
	return object
}

// TestARunsFieldsAgree: what depends on a field that a test overrides follows it.
func TestARunsFieldsAgree(t *testing.T) {
	t.Parallel()
	world := githubtest.NewWorld()
	fork := githubtest.Fork("mallory/app")
	world.Repository("acme/app").
		Run(1, 1, nil).
		Run(1, 2, githubtest.Object{
			"workflow_id": 12, "head_sha": "abc", "head_repository": fork, "event": "pull_request",
			"actor": githubtest.User("mallory"), "check_suite_id": 99, "created_at": "2026-06-01T00:00:00Z",
		}).
		Run(2, 1, githubtest.Object{"head_repository": nil, "head_commit": githubtest.Absent})
	server := githubtest.New(t, world)
	const run = "/repos/acme/app/actions/runs/1"
	for _, c := range []struct {
		path, at string
		want     any
	}{
		{run + "/attempts/1", "previous_attempt_url", nil},
		{run + "/attempts/1", "head_repository.full_name", "acme/app"},
		{run + "/attempts/1", "head_repository.owner.type", "Organization"},
		{run, "previous_attempt_url", "https://api.github.com/repos/acme/app/actions/runs/1/attempts/1"},
		{run, "workflow_url", "https://api.github.com/repos/acme/app/actions/workflows/12"},
		{run, "check_suite_url", "https://api.github.com/repos/acme/app/check-suites/99"},
		{run, "head_commit.id", "abc"},
		{run, "head_repository.full_name", "mallory/app"},
		{run, "head_repository.fork", true},
		{run, "head_repository.owner.type", "User"},
		{run, "repository.full_name", "acme/app"},
		{run, "triggering_actor.login", "mallory"},
		{run, "run_started_at", "2026-06-01T00:00:00Z"},
		{"/repos/acme/app/actions/runs/2", "head_repository", nil},
		{"/repos/acme/app/actions/runs/2", "head_repository_id", nil},
	} {
		value := answerOf(t, server, c.path)
		for name := range strings.SplitSeq(c.at, ".") {
			value = first(t, value)[name]
		}
		if value != c.want {
			t.Errorf("%s: %s is %v, want %v", c.path, c.at, value, c.want)
		}
	}
	ids := first(t, answerOf(t, server, run))
	if ids["head_repository_id"] != first(t, ids["head_repository"])["id"] || ids["head_repository_id"] == first(t, ids["repository"])["id"] {
		t.Errorf("head_repository_id is %v", ids["head_repository_id"])
	}
	if left := first(t, answerOf(t, server, "/repos/acme/app/actions/runs/2")); slices.Contains(slices.Collect(maps.Keys(left)), "head_commit") {
		t.Error("an absent field was sent")
	}
}
