package actions

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Link contains the names and IDs in a URL of GitHub Actions.
type Link struct {
	// Host is the host of the web pages: github.com for api.github.com, SUBDOMAIN.ghe.com for
	// api.SUBDOMAIN.ghe.com. In lower case, with its port unless it is the default of the scheme.
	Host       string
	Repository Repository
	// RunID, AttemptNumber and JobID are nil if the link does not contain them.
	RunID         *int64
	AttemptNumber *int64
	JobID         *int64
}

// ParseLink parses the URL of a page or an API endpoint of GitHub Actions on github.com, GitHub
// Enterprise Server, GHE.com or an API-compatible server. Of the query, only check_run_id on a page
// of checks matters. The error says what is wrong but does not quote the link, because a link can
// contain a password or a token.
func ParseLink(s string) (Link, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	switch {
	case err != nil:
		return Link{}, errors.New("it is not a URL")
	case u.Scheme != "https" && u.Scheme != "http":
		return Link{}, errors.New("it does not start with https:// or http://")
	case u.User != nil:
		return Link{}, errors.New("it contains a user name or password")
	}
	host, isAPI, err := linkHost(u)
	if err != nil {
		return Link{}, err
	}
	// The path stays escaped, so that %2f does not become a slash. Names with a % are refused
	// later.
	parts := strings.Split(strings.TrimRight(strings.TrimPrefix(u.EscapedPath(), "/"), "/"), "/")
	forms := webForms
	if below, ok := belowAPI(parts); ok && !isAPI {
		isAPI, parts = true, below
	}
	if isAPI {
		if parts[0] != "repos" {
			return Link{}, errNoActions
		}
		forms, parts = apiForms, parts[1:]
	}
	if len(parts) < 3 {
		return Link{}, errNoActions
	}
	link := Link{Host: host}
	if err := link.read(forms(), withCheckRun(parts[2:], u)); err != nil {
		return Link{}, err
	}
	link.Repository, err = ParseRepository(parts[0] + "/" + parts[1])
	if err != nil {
		return Link{}, err
	}
	return link, nil
}

// belowAPI returns the path below the prefix of an API that shares its host with the web pages, as
// on GitHub Enterprise Server and API-compatible servers.
func belowAPI(parts []string) ([]string, bool) {
	if len(parts) < 3 || parts[0] != "api" || parts[1] != "v3" && parts[1] != "v1" {
		return nil, false
	}
	return parts[2:], true
}

var errNoActions = errors.New("it does not lead to a run, a job or a workflow")

// withCheckRun adds the check run that a page of checks shows. Its ID is in the query.
func withCheckRun(path []string, u *url.URL) []string {
	id := u.Query().Get("check_run_id")
	if id == "" || len(path) != 3 || path[2] != "checks" {
		return path
	}
	return append(slices.Clone(path), id)
}

// linkHost returns the host of the web pages, and whether the given host serves only the API.
func linkHost(u *url.URL) (host string, isAPI bool, err error) {
	host = strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if host == "" {
		return "", false, errors.New("it has no host")
	}
	for _, r := range host {
		if !isNameRune(r) && r != ':' { // the colons of an IPv6 address
			return "", false, errors.New("its host is not valid")
		}
	}
	if web, ok := strings.CutPrefix(host, "api."); ok && (web == "github.com" || strings.HasSuffix(web, ".ghe.com")) {
		host, isAPI = web, true
	}
	if host == "www.github.com" {
		host = "github.com"
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	usual := map[string]string{"https": "443", "http": "80"}
	if port := u.Port(); port != "" && port != usual[u.Scheme] {
		host += ":" + port
	}
	return host, isAPI, nil
}

// Forms of a path below its repository. A longer form comes before any form that it starts with.
// {run}, {attempt} and {job} are IDs, {number} and {count} are numbers that are not, * is any name, and …
// is a page about the object before it, such as usage or logs.
//
// A check run that Actions made has the ID of its job, so its page names a job. The number in
// actions/runs/{run}/jobs/{number} is not a job ID: GitHub's pages used an internal ID there, and
// other servers count the jobs of the run. Forgejo counts the attempts of each job, so the number in
// its attempt/{count} is not the attempt of the run.
func webForms() []string {
	return []string{
		"actions/runs/{run}/attempts/{attempt}/job/{job}/…",
		"actions/runs/{run}/attempts/{attempt}/…",
		"actions/runs/{run}/job/{job}/…",
		"actions/runs/{run}/jobs/{number}/attempt/{count}/…",
		"actions/runs/{run}/jobs/{number}/…",
		"actions/runs/{run}/…",
		"actions/workflows/*/…",
		"actions",
		"runs/{run}/jobs/{job}/…",
		"runs/{job}",
		"commit/*/checks/{job}/…",
		"pull/*/checks/{job}/…",
	}
}

func apiForms() []string {
	return []string{
		"actions/runs/{run}/attempts/{attempt}/…",
		"actions/runs/{run}/…",
		"actions/runs",
		"actions/jobs/{job}/…",
		"actions/workflows/*/…",
		"actions/workflows",
		"check-runs/{job}/…",
	}
}

// read takes the IDs from the first form that fits the path.
func (l *Link) read(forms, path []string) error {
	for _, form := range forms {
		form, open := strings.CutSuffix(form, "/…")
		words := strings.Split(form, "/")
		if !fits(words, path) {
			continue
		}
		if rest := path[len(words):]; len(rest) > 0 && (!open || !isPage(rest) && !isStepLog(words, rest)) {
			continue
		}
		return l.take(words, path)
	}
	return errNoActions
}

// fits compares all but the ids.
func fits(words, path []string) bool {
	if len(path) < len(words) {
		return false
	}
	for i, word := range words {
		if word != path[i] && word != "*" && !strings.HasPrefix(word, "{") {
			return false
		}
	}
	return true
}

// isPage reports whether the rest of a path is a page about the object before it. A number would
// name another object, which must not be ignored, and so would the word before a number that is missing.
// The number of an artifact is not part of a Link.
func isPage(rest []string) bool {
	return rest[0] == "artifacts" || !slices.ContainsFunc(rest, func(part string) bool {
		_, err := strconv.ParseUint(part, 10, 64)
		return err == nil || part == "" || part == "attempts" || part == "attempt" || part == "job"
	})
}

// isStepLog reports whether the rest of a path is the raw log of one step of a job. The number of a step
// is not part of a Link.
func isStepLog(words, rest []string) bool {
	if words[len(words)-1] != "{job}" || len(rest) != 2 || rest[0] != "logs" {
		return false
	}
	_, err := strconv.ParseUint(rest[1], 10, 64)
	return err == nil
}

func (l *Link) take(words, path []string) error {
	for i, word := range words {
		var into **int64
		var what string
		switch word {
		case "{run}":
			into, what = &l.RunID, "run ID"
		case "{attempt}":
			into, what = &l.AttemptNumber, "attempt number"
		case "{job}":
			into, what = &l.JobID, "job ID"
		case "{number}", "{count}":
			if _, err := strconv.ParseUint(path[i], 10, 63); err != nil {
				return fmt.Errorf("its %s number is not a whole number", map[string]string{"{number}": "job", "{count}": "attempt"}[word])
			}
			continue
		default:
			continue
		}
		// ParseUint refuses a sign.
		id, err := strconv.ParseUint(path[i], 10, 63)
		if err != nil || id == 0 {
			return fmt.Errorf("its %s is not a whole number from 1 to 9223372036854775807", what)
		}
		*into = new(int64(id))
	}
	return nil
}
