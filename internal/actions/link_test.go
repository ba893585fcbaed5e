package actions_test

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

// ids formats the names and IDs of a link, with 0 for nil.
func ids(l actions.Link) string {
	show := func(n *int64) string {
		if n == nil {
			return "-"
		}
		return strconv.FormatInt(*n, 10)
	}
	return fmt.Sprintf("%s %s run %s attempt %s job %s", l.Host, l.Repository, show(l.RunID), show(l.AttemptNumber), show(l.JobID))
}

func TestParseLink(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		// Pages.
		"https://github.com/acme/app/actions/runs/700":                                                              "github.com acme/app run 700 attempt - job -",
		"https://github.com/acme/app/actions/runs/700/":                                                             "github.com acme/app run 700 attempt - job -",
		"https://github.com/acme/app/actions/runs/700?pr=1&x=/job/5":                                                "github.com acme/app run 700 attempt - job -",
		"https://github.com/acme/app/actions/runs/700#artifacts":                                                    "github.com acme/app run 700 attempt - job -",
		"https://github.com/acme/app/actions/runs/700/usage":                                                        "github.com acme/app run 700 attempt - job -",
		"https://github.com/acme/app/actions/runs/700/artifacts/12":                                                 "github.com acme/app run 700 attempt - job -",
		"https://github.com/acme/app/actions/runs/700/attempts/2":                                                   "github.com acme/app run 700 attempt 2 job -",
		"https://github.com/acme/app/actions/runs/700/attempts/2/workflow":                                          "github.com acme/app run 700 attempt 2 job -",
		"https://github.com/acme/app/actions/runs/700/attempts/2/job/70004":                                         "github.com acme/app run 700 attempt 2 job 70004",
		"https://github.com/acme/app/actions/runs/700/job/70004?pr=9#step:4:12":                                     "github.com acme/app run 700 attempt - job 70004",
		"https://github.com/acme/app/actions/runs/700/jobs/70004":                                                   "github.com acme/app run 700 attempt - job -",
		"https://github.com/acme/app/actions/runs/3600099564/jobs/6064387337#step:2:75":                             "github.com acme/app run 3600099564 attempt - job -",
		"https://gitea.example.com/acme/app/actions/runs/1484/jobs/0":                                               "gitea.example.com acme/app run 1484 attempt - job -",
		"https://gitea.example.com/acme/app/actions/runs/1484/jobs/5/logs":                                          "gitea.example.com acme/app run 1484 attempt - job -",
		"https://gitea.example.com/api/v1/repos/acme/app/actions/runs/1484":                                         "gitea.example.com acme/app run 1484 attempt - job -",
		"https://gitea.example.com/api/v1/repos/acme/app/actions/jobs/82":                                           "gitea.example.com acme/app run - attempt - job 82",
		"https://github.com/acme/app/pull/42/checks?check_run_id=372560184":                                         "github.com acme/app run - attempt - job 372560184",
		"https://github.com/acme/app/commit/f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0/checks/372560184":              "github.com acme/app run - attempt - job 372560184",
		"https://github.com/acme/app/commit/f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0/checks?check_run_id=372560184": "github.com acme/app run - attempt - job 372560184",
		"https://github.com/acme/app/commit/f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0/checks/5/logs":                 "github.com acme/app run - attempt - job 5",
		"https://github.com/acme/app/commit/f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0/checks/5/logs/4":               "github.com acme/app run - attempt - job 5",
		"https://github.com/acme/app/commit/f83a356604ae3c5d03e1b46ef4d1ca77d64a90b0/checks/5/logs/4?x=1#L3":        "github.com acme/app run - attempt - job 5",
		"https://github.com/acme/app/pull/42/checks/5":                                                              "github.com acme/app run - attempt - job 5",
		"https://github.com/acme/app/pull/42/checks/5/logs":                                                         "github.com acme/app run - attempt - job 5",
		"https://github.com/acme/app/pull/42/checks/5/logs/4":                                                       "github.com acme/app run - attempt - job 5",
		"https://github.com/acme/app/actions/runs/700/job/70004/logs":                                               "github.com acme/app run 700 attempt - job 70004",
		"https://github.com/acme/app/actions/runs/700/job/70004/logs/4":                                             "github.com acme/app run 700 attempt - job 70004",
		"https://github.com/acme/app/actions/runs/700/attempts/2/job/70004/logs/4":                                  "github.com acme/app run 700 attempt 2 job 70004",
		"https://github.com/acme/app/runs/700/jobs/70004/logs/4":                                                    "github.com acme/app run 700 attempt - job 70004",
		"https://codeberg.org/acme/app/actions/runs/14/jobs/0/attempt/1":                                            "codeberg.org acme/app run 14 attempt - job -",
		"https://codeberg.org/acme/app/actions/runs/14/jobs/0/attempt/1/logs":                                       "codeberg.org acme/app run 14 attempt - job -",
		"https://codeberg.org/acme/app/actions/runs/14/jobs/0/attempt/1#jobstep-2-5":                                "codeberg.org acme/app run 14 attempt - job -",
		"https://github.com/octo-org/octo-repo/runs/29679449/jobs/399444496":                                        "github.com octo-org/octo-repo run 29679449 attempt - job 399444496",
		"https://github.com/acme/app/runs/70004?check_suite_focus=true":                                             "github.com acme/app run - attempt - job 70004",
		"https://github.com/acme/app/actions":                                                                       "github.com acme/app run - attempt - job -",
		"https://github.com/acme/app/actions?query=branch%3Amain":                                                   "github.com acme/app run - attempt - job -",
		"https://github.com/acme/app/actions/workflows/ci.yml?query=x":                                              "github.com acme/app run - attempt - job -",
		"https://github.com/acme/app/actions/workflows/ci.yml/badge.svg":                                            "github.com acme/app run - attempt - job -",
		"https://github.com/actions/runs/actions/runs/9":                                                            "github.com actions/runs run 9 attempt - job -",
		"https://www.github.com/acme/.github/actions/runs/1":                                                        "github.com acme/.github run 1 attempt - job -",
		"  HTTPS://GitHub.COM:443/Acme/App/actions/runs/700\n":                                                      "github.com Acme/App run 700 attempt - job -",
		"https://octo.ghe.com/acme/app/actions/runs/700/job/1":                                                      "octo.ghe.com acme/app run 700 attempt - job 1",
		"https://ghe.corp.test:8443/acme/app/actions/runs/700/job/1":                                                "ghe.corp.test:8443 acme/app run 700 attempt - job 1",
		"http://ghe.corp.test:80/acme/app/actions/runs/700":                                                         "ghe.corp.test acme/app run 700 attempt - job -",
		"http://[2001:DB8::1]:8080/acme/app/actions/runs/700":                                                       "[2001:db8::1]:8080 acme/app run 700 attempt - job -",
		"https://api.ghe.corp.test/acme/app/actions/runs/700":                                                       "api.ghe.corp.test acme/app run 700 attempt - job -",
		"https://github.com/acme/app/actions/runs/9223372036854775807":                                              "github.com acme/app run 9223372036854775807 attempt - job -",
		"https://github.com/repos/app/actions/runs/7":                                                               "github.com repos/app run 7 attempt - job -",
		"https://api.github.com/repos/acme/app/actions/runs/700":                                                    "github.com acme/app run 700 attempt - job -",
		"https://api.github.com/repos/acme/app/actions/runs/700/jobs?filter=all&page=2":                             "github.com acme/app run 700 attempt - job -",
		"https://api.github.com/repos/acme/app/actions/runs/700/logs":                                               "github.com acme/app run 700 attempt - job -",
		"https://api.github.com/repos/acme/app/actions/runs/700/attempts/2":                                         "github.com acme/app run 700 attempt 2 job -",
		"https://api.github.com/repos/acme/app/actions/runs/700/attempts/2/jobs":                                    "github.com acme/app run 700 attempt 2 job -",
		"https://api.github.com/repos/acme/app/actions/runs/700/attempts/2/logs":                                    "github.com acme/app run 700 attempt 2 job -",
		"https://api.github.com/repos/acme/app/actions/runs?branch=main":                                            "github.com acme/app run - attempt - job -",
		"https://api.github.com/repos/acme/app/actions/workflows/ci.yml/runs":                                       "github.com acme/app run - attempt - job -",
		"https://api.github.com/repos/acme/app/actions/workflows":                                                   "github.com acme/app run - attempt - job -",
		"https://api.github.com/repos/acme/app/actions/jobs/70004":                                                  "github.com acme/app run - attempt - job 70004",
		"https://api.github.com/repos/acme/app/actions/jobs/70004/logs":                                             "github.com acme/app run - attempt - job 70004",
		"https://api.github.com/repos/acme/app/check-runs/70004":                                                    "github.com acme/app run - attempt - job 70004",
		"https://api.octo.ghe.com/repos/acme/app/actions/jobs/70004":                                                "octo.ghe.com acme/app run - attempt - job 70004",
		"https://ghe.corp.test/api/v3/repos/acme/app/actions/runs/700/attempts/2/jobs":                              "ghe.corp.test acme/app run 700 attempt 2 job -",
		"https://ghe.corp.test:8443/api/v3/repos/acme/app/actions/jobs/70004":                                       "ghe.corp.test:8443 acme/app run - attempt - job 70004",
		"https://api.github.com./repos/acme/app/actions/runs/700":                                                   "github.com acme/app run 700 attempt - job -",
		"https://api.github.com/repos/acme/app/actions/runs/700/deployment_protection_rule":                         "github.com acme/app run 700 attempt - job -",
		"https://api.github.com/repos/acme/app/actions/runs/700/attempts/2/jobs?per_page=100#x":                     "github.com acme/app run 700 attempt 2 job -",
	} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			got, err := actions.ParseLink(in)
			if err != nil {
				t.Fatal(err)
			}
			if s := ids(got); s != want {
				t.Errorf("got  %s\nwant %s", s, want)
			}
		})
	}
}

func TestParseLinkRefuses(t *testing.T) {
	t.Parallel()
	const nothing, scheme = "it does not lead to a run, a job or a workflow", "it does not start with https:// or http://"
	wholeNumber := func(what string) string {
		return "its " + what + " is not a whole number from 1 to 9223372036854775807"
	}
	for in, want := range map[string]string{
		"":                                     scheme,
		"acme/app":                             scheme,
		"github.com/acme/app/actions/runs/700": scheme,
		"ssh://git@github.com/acme/app/actions/runs/700":                        scheme,
		"javascript:https://github.com/acme/app/actions/runs/7":                 scheme,
		"https://github.com/acme/app/actions/runs/%zz":                          "it is not a URL",
		"https://github.com/acme/app\x00/actions/runs/7":                        "it is not a URL",
		"https:///acme/app/actions/runs/700":                                    "it has no host",
		"https:github.com/acme/app/actions/runs/700":                            "it has no host",
		"https://:443/acme/app/actions/runs/700":                                "it has no host",
		"https://git'hub.com/acme/app/actions/runs/700":                         "its host is not valid",
		"https://gıthub.com/acme/app/actions/runs/700":                          "its host is not valid",
		"https://me:hunter2@github.com/acme/app/actions/runs/700":               "it contains a user name or password",
		"https://hunter2@github.com/acme/app/actions/runs/700":                  "it contains a user name or password",
		"https://github.com":                                                    nothing,
		"https://github.com/":                                                   nothing,
		"https://github.com/acme":                                               nothing,
		"https://github.com/acme/app":                                           nothing,
		"https://github.com/acme/app/issues/1":                                  nothing,
		"https://github.com/acme/app/pull/1/checks":                             nothing,
		"https://github.com/acme/app/actions/runs":                              nothing,
		"https://github.com/acme/app/actions/jobs/70004":                        nothing,
		"https://github.com/acme/app/actions/caches":                            nothing,
		"https://github.com/acme/app/actions/workflows":                         nothing,
		"https://github.com/acme/app/Actions/runs/700":                          nothing,
		"https://github.com/acme/app/actions/runs/700/attempts":                 nothing,
		"https://github.com/acme/app/actions/runs/700/attempt/2":                nothing,
		"https://github.com/acme/app/actions/runs/700/job":                      nothing,
		"https://github.com/acme/app/actions/runs/700/attempts/2/job/":          nothing,
		"https://github.com//app/actions/runs/1":                                "the owner is empty",
		"https://github.com///actions/runs/1":                                   "the owner is empty",
		"https://github.com/acme//actions/runs/1":                               "the name is empty",
		"https://api.github.com//app/actions/runs/1":                            nothing,
		"https://github.com/acme/app/actions/runs/700//usage":                   nothing,
		"https://github.com/acme/app/commit/main/checks/5/logs/4/5":             nothing,
		"https://github.com/acme/app/commit/main/checks/5/6":                    nothing,
		"https://github.com/acme/app/commit/main/checks/logs/4":                 nothing,
		"https://github.com/acme/app/pull/42/checks/5/job/6":                    nothing,
		"https://github.com/acme/app/actions/runs/700/logs/4":                   nothing,
		"https://codeberg.org/acme/app/actions/runs/14/jobs/0/attempt":          nothing,
		"https://codeberg.org/acme/app/actions/runs/14/jobs/0/attempt/x":        "its attempt number is not a whole number",
		"https://codeberg.org/acme/app/actions/runs/14/jobs/0/attempt/1/2":      nothing,
		"https://github.com/acme/app/runs":                                      nothing,
		"https://github.com/acme/app/runs/700/job/1":                            nothing,
		"https://github.com/acme/app/runs/700/steps":                            nothing,
		"https://github.com//acme/app/extra/actions/runs/700":                   nothing,
		"https://api.github.com/acme/app/actions/runs/700":                      nothing,
		"https://api.github.com/repositories/1/actions/runs/700":                nothing,
		"https://api.github.com/repos/acme/app":                                 nothing,
		"https://api.github.com/repos/acme/app/runs/700":                        nothing,
		"https://api.github.com/repos/acme/app/actions/runs/700/job/1":          nothing,
		"https://ghe.corp.test/api/v3/orgs/acme/actions/runs/1":                 nothing,
		"https://ghe.corp.test/api/graphql":                                     nothing,
		"https://github.com/acme/app/actions/runs/abc":                          wholeNumber("run ID"),
		"https://github.com/acme/app/actions/runs/0":                            wholeNumber("run ID"),
		"https://github.com/acme/app/actions/runs/-1":                           wholeNumber("run ID"),
		"https://github.com/acme/app/actions/runs/+1":                           wholeNumber("run ID"),
		"https://github.com/acme/app/actions/runs/1e3":                          wholeNumber("run ID"),
		"https://github.com/acme/app/actions/runs/9223372036854775808":          wholeNumber("run ID"),
		"https://github.com/acme/app/actions/runs/700/attempts/x":               wholeNumber("attempt number"),
		"https://github.com/acme/app/actions/runs/700/attempts/0":               wholeNumber("attempt number"),
		"https://github.com/acme/app/actions/runs/700/job/99999999999999999999": wholeNumber("job ID"),
		"https://api.github.com/repos/acme/app/actions/jobs/x/logs":             wholeNumber("job ID"),
		"https://github.com/acme/app%2factions/runs/actions/runs/7":             nothing,
		"https://github.com/acme/%2e%2e/actions/runs/700":                       "the name contains '%'",
		"https://github.com/acme/../actions/runs/700":                           "the name is not valid",
		"https://github.com/ac me/app/actions/runs/700":                         "the owner contains '%'",
		"https://ghe.corp.test/api/v3/repos/./app/actions/runs/700":             "the owner is not valid",
	} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			got, err := actions.ParseLink(in)
			if err == nil {
				t.Fatalf("no error, but %s", ids(got))
			}
			if err.Error() != want {
				t.Errorf("got  %s\nwant %s", err, want)
			}
			if got != (actions.Link{}) {
				t.Errorf("a link beside an error: %s", ids(got))
			}
		})
	}
}

// TestEveryLinkComesBack builds links from parts, in every form that GitHub uses, and reads them.
func TestEveryLinkComesBack(t *testing.T) {
	t.Parallel()
	name := rapid.StringMatching(`[A-Za-z0-9_-][A-Za-z0-9._-]{0,20}`)
	id := rapid.Int64Range(1, math.MaxInt64)
	rapid.Check(t, func(t *rapid.T) {
		host := rapid.SampledFrom([]struct{ web, webBase, apiBase string }{
			{"github.com", "https://github.com", "https://api.github.com"},
			{"octo.ghe.com", "https://octo.ghe.com", "https://api.octo.ghe.com"},
			{"ghe.corp.test", "https://ghe.corp.test", "https://ghe.corp.test/api/v3"},
			{"ghe.corp.test:8443", "http://ghe.corp.test:8443", "http://ghe.corp.test:8443/api/v3"},
		}).Draw(t, "host")
		owner, repository := name.Draw(t, "owner"), name.Draw(t, "repository")
		run, attempt, job := id.Draw(t, "run"), id.Draw(t, "attempt"), id.Draw(t, "job")
		web := host.webBase + "/" + owner + "/" + repository
		api := host.apiBase + "/repos/" + owner + "/" + repository
		const runOnly, runAndAttempt, runAndJob, jobOnly, all = "run %d attempt - job -", "run %d attempt %d job -", "run %d attempt - job %d", "run - attempt - job %d", "run %d attempt %d job %d"
		form := rapid.SampledFrom([]struct{ link, want string }{
			{fmt.Sprintf("%s/actions/runs/%d", web, run), fmt.Sprintf(runOnly, run)},
			{fmt.Sprintf("%s/actions/runs/%d/attempts/%d", web, run, attempt), fmt.Sprintf(runAndAttempt, run, attempt)},
			{fmt.Sprintf("%s/actions/runs/%d/attempts/%d/job/%d", web, run, attempt, job), fmt.Sprintf(all, run, attempt, job)},
			{fmt.Sprintf("%s/actions/runs/%d/job/%d", web, run, job), fmt.Sprintf(runAndJob, run, job)},
			{fmt.Sprintf("%s/runs/%d/jobs/%d", web, run, job), fmt.Sprintf(runAndJob, run, job)},
			{fmt.Sprintf("%s/runs/%d", web, job), fmt.Sprintf(jobOnly, job)},
			{fmt.Sprintf("%s/commit/%040x/checks/%d", web, run, job), fmt.Sprintf(jobOnly, job)},
			{fmt.Sprintf("%s/commit/%040x/checks/%d/logs/%d", web, run, job, attempt), fmt.Sprintf(jobOnly, job)},
			{fmt.Sprintf("%s/pull/%d/checks/%d/logs", web, run, job), fmt.Sprintf(jobOnly, job)},
			{fmt.Sprintf("%s/actions/runs/%d/jobs/%d/attempt/%d", web, run, job, attempt), fmt.Sprintf(runOnly, run)},
			{fmt.Sprintf("%s/actions/runs/%d/jobs", api, run), fmt.Sprintf(runOnly, run)},
			{fmt.Sprintf("%s/actions/runs/%d/attempts/%d/jobs", api, run, attempt), fmt.Sprintf(runAndAttempt, run, attempt)},
			{fmt.Sprintf("%s/actions/jobs/%d", api, job), fmt.Sprintf(jobOnly, job)},
			{fmt.Sprintf("%s/actions/jobs/%d/logs", api, job), fmt.Sprintf(jobOnly, job)},
			{fmt.Sprintf("%s/check-runs/%d", api, job), fmt.Sprintf(jobOnly, job)},
		}).Draw(t, "form")
		link := form.link + rapid.SampledFrom([]string{"", "/", "?pr=12", "#step:4:12", "/?check_suite_focus=true#step:1:1"}).Draw(t, "end")
		got, err := actions.ParseLink(link)
		if err != nil {
			t.Fatalf("%s: %s", link, err)
		}
		if want := fmt.Sprintf("%s %s/%s %s", host.web, owner, repository, form.want); ids(got) != want {
			t.Fatalf("%s\ngot  %s\nwant %s", link, ids(got), want)
		}
	})
}

// FuzzParseLink: no text makes the parser panic, and its results can be used in a request path.
func FuzzParseLink(f *testing.F) {
	for _, seed := range []string{
		"https://github.com/acme/app/actions/runs/700/attempts/2/job/70004?pr=1#step:4:12",
		"https://api.github.com/repos/acme/app/actions/jobs/70004/logs",
		"https://ghe.corp.test/api/v3/repos/acme/app/actions/runs/700/jobs",
		"https://github.com/acme/app/commit/f83a356/checks/70004/logs/4", "https://codeberg.org/acme/app/actions/runs/14/jobs/0/attempt/1",
		"https://[::1]:8/acme/app/runs/1", "https://", "api/v3", "https://h/api/v3", "https://api.github.com/repos", "https://h//////", "https://h/a/b/actions/runs/1/%2f",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		link, err := actions.ParseLink(s)
		if err != nil {
			return
		}
		if _, err := actions.ParseRepository(link.Repository.String()); err != nil || link.Repository.Owner == "" {
			t.Errorf("%q passes on the repository %q", s, link.Repository)
		}
		for _, id := range []*int64{link.RunID, link.AttemptNumber, link.JobID} {
			if id != nil && *id < 1 {
				t.Errorf("%q passes on the id %d", s, *id)
			}
		}
		if link.AttemptNumber != nil && link.RunID == nil {
			t.Errorf("%q has an attempt of no run", s)
		}
		if u, err := url.Parse("https://" + link.Host + "/"); err != nil || u.Host != link.Host || link.Host != strings.ToLower(link.Host) {
			t.Errorf("%q passes on the host %q: %v", s, link.Host, err)
		}
	})
}
