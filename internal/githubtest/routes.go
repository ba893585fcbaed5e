package githubtest

import (
	"net/http"
	"strconv"
	"strings"
)

// routes are the endpoints that the world answers.
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	handle := func(pattern string, h http.HandlerFunc) { mux.HandleFunc("GET "+Prefix+pattern, h) }
	handle("/user", s.serveAccount)
	handle("/user/repos", s.serveAccountRepositories)
	handle("/users/{user}", s.serveUser)
	handle("/users/{user}/repos", s.serveUserRepositories)
	handle("/orgs/{org}", s.serveOrganization)
	handle("/orgs/{org}/repos", s.serveOrganizationRepositories)
	const repository = "/repos/{owner}/{repo}"
	handle(repository, s.of(s.serveRepository))
	handle(repository+"/actions/workflows", s.of(s.serveWorkflows))
	handle(repository+"/actions/workflows/{workflow}", s.of(s.serveWorkflow))
	handle(repository+"/actions/workflows/{workflow}/runs", s.of(s.serveWorkflowRuns))
	handle(repository+"/actions/runs", s.of(s.serveRuns))
	handle(repository+"/actions/runs/{run_id}", s.of(s.serveRun))
	handle(repository+"/actions/runs/{run_id}/jobs", s.of(s.serveRunJobs))
	handle(repository+"/actions/runs/{run_id}/attempts/{attempt_number}", s.of(s.serveAttempt))
	handle(repository+"/actions/runs/{run_id}/attempts/{attempt_number}/jobs", s.of(s.serveAttemptJobs))
	handle(repository+"/actions/jobs/{job_id}", s.of(s.serveJob))
	handle(repository+"/actions/jobs/{job_id}/logs", s.of(s.serveLog))
	mux.HandleFunc("GET "+storagePrefix+"{owner}/{repo}/{file}", s.of(s.serveStorage))
	mux.HandleFunc("/", s.notFound)
	return mux
}

// of finds the repository that a path names; 404 if the world does not have it.
func (s *Server) of(h func(http.ResponseWriter, *http.Request, *Repository)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		repository := s.world.repositories[strings.ToLower(r.PathValue("owner")+"/"+r.PathValue("repo"))]
		if repository == nil {
			s.notFound(w, r)
			return
		}
		if repository.isRefused && strings.Contains(r.URL.Path, "/actions/") {
			Status(http.StatusForbidden, "Resource not accessible by personal access token")(w, r)
			return
		}
		h(w, r, repository)
	}
}

// number is an ID or attempt number in the path; 0 if it is not a number.
func number(r *http.Request, name string) int64 {
	n, _ := strconv.ParseInt(r.PathValue(name), 10, 64)
	return n
}

func (s *Server) serveRepository(w http.ResponseWriter, r *http.Request, repository *Repository) {
	s.send(w, r, repository.whole())
}

func (s *Server) serveJob(w http.ResponseWriter, r *http.Request, repository *Repository) {
	s.send(w, r, repository.jobs[number(r, "job_id")])
}

func (s *Server) serveRun(w http.ResponseWriter, r *http.Request, repository *Repository) {
	id := number(r, "run_id")
	s.send(w, r, repository.answer(r, attemptKey{id, repository.attempts[id]}))
}

func (s *Server) serveAttempt(w http.ResponseWriter, r *http.Request, repository *Repository) {
	s.send(w, r, repository.answer(r, attemptKey{number(r, "run_id"), number(r, "attempt_number")}))
}

// answer is a run, without its pull requests if the request asks for that.
func (r *Repository) answer(request *http.Request, key attemptKey) Object {
	run := r.wholeRun(key)
	if run != nil && request.URL.Query().Get("exclude_pull_requests") == "true" {
		run["pull_requests"] = []any{}
	}
	return run
}

func (s *Server) serveRunJobs(w http.ResponseWriter, r *http.Request, repository *Repository) {
	id := number(r, "run_id")
	attempt := repository.attempts[id]
	s.sendJobs(w, r, repository, attempt, r.URL.Query().Get("filter") == "all")
}

func (s *Server) serveAttemptJobs(w http.ResponseWriter, r *http.Request, repository *Repository) {
	s.sendJobs(w, r, repository, number(r, "attempt_number"), false)
}

func (s *Server) sendJobs(w http.ResponseWriter, r *http.Request, repository *Repository, attempt int64, all bool) {
	id := number(r, "run_id")
	if repository.runs[attemptKey{id, attempt}] == nil {
		s.notFound(w, r)
		return
	}
	if all {
		attempt = 0
	}
	jobs := repository.runJobs(id, attempt)
	sendPage(s, w, r, "jobs", jobs, len(jobs), itself)
}

func (s *Server) serveRuns(w http.ResponseWriter, r *http.Request, repository *Repository) {
	s.sendRuns(w, r, repository, "")
}

func (s *Server) serveWorkflowRuns(w http.ResponseWriter, r *http.Request, repository *Repository) {
	workflow := r.PathValue("workflow")
	if repository.workflow(workflow) == nil {
		s.notFound(w, r)
		return
	}
	s.sendRuns(w, r, repository, workflow)
}

// sendRuns answers with runs, newest first. Of a filtered list GitHub shows 1,000 at most, although
// total_count tells how many there are.
func (s *Server) sendRuns(w http.ResponseWriter, r *http.Request, repository *Repository, workflow string) {
	match, err := parseFilters(r.URL.Query())
	if err != nil {
		s.complain("GET " + newRequest(r).String() + ": " + err.Error())
		Status(http.StatusUnprocessableEntity, "Validation Failed")(w, r)
		return
	}
	keys := repository.newest(workflow, match)
	total := len(keys)
	if match != nil {
		keys = keys[:min(total, maxFiltered)]
	}
	sendPage(s, w, r, "workflow_runs", keys, total, func(key attemptKey) Object { return repository.answer(r, key) })
}

func (s *Server) serveWorkflows(w http.ResponseWriter, r *http.Request, repository *Repository) {
	workflows := repository.listWorkflows()
	sendPage(s, w, r, "workflows", workflows, len(workflows), itself)
}

func (s *Server) serveWorkflow(w http.ResponseWriter, r *http.Request, repository *Repository) {
	s.send(w, r, repository.workflow(r.PathValue("workflow")))
}
