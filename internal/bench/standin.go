package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
)

// The contents of the stand-in.
const (
	runOf256   = 900
	runOf10000 = 901
	smallRun   = 902
	smallJobs  = 3_000_000 // the first of 200
	fleetRuns  = 1000
	fleetJobs  = 10
	steps      = 12

	// Two organizations, whose repositories have this many runs each.
	large, largeRepositories = "large", 500
	small, smallRepositories = "small", 50
	runsEach                 = 20
	jobsEach                 = 4
)

// standIn is the stand-in for GitHub. It builds each answer once, so that the measured process
// waits as little as possible.
type standIn struct {
	*httptest.Server
	github *githubtest.Server

	mu      sync.Mutex
	answers map[string]*httptest.ResponseRecorder
}

func newStandIn() *standIn {
	world := githubtest.NewWorld()
	app := world.Repository("acme/app")
	app.Run(runOf256, 1, nil).Matrix(1, runOf256, 256, steps)
	app.Run(runOf10000, 1, nil).Matrix(1_000_000, runOf10000, 10_000, steps)
	app.Run(smallRun, 1, nil).Matrix(smallJobs, smallRun, 200, steps)
	fleet := world.Repository("acme/fleet")
	for i := range int64(fleetRuns) {
		fleet.Run(10_000+i, 1, nil).Matrix(4_000_000+i*fleetJobs, 10_000+i, fleetJobs, steps)
	}
	addOrganization(world, large, largeRepositories)
	addOrganization(world, small, smallRepositories)
	s := &standIn{github: githubtest.NewInMemory(nil, world), answers: map[string]*httptest.ResponseRecorder{}}
	s.github.OmitRateLimit() // an hour's requests would not suffice
	s.Server = httptest.NewServer(s)
	return s
}

func addOrganization(world *githubtest.World, name string, repositories int) {
	for i := range repositories {
		repository := world.Repository(fmt.Sprintf("%s/app-%d", name, i))
		for n := range int64(runsEach) {
			repository.Run(n+1, 1, nil).Matrix(n*jobsEach+1, n+1, jobsEach, 0)
		}
	}
}

func (s *standIn) baseURL() string { return s.URL + githubtest.Prefix + "/" }

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	answer := s.answers[r.URL.String()]
	s.mu.Unlock()
	if answer == nil {
		answer = httptest.NewRecorder()
		s.github.ServeHTTP(answer, r)
		s.mu.Lock()
		s.answers[r.URL.String()] = answer
		s.mu.Unlock()
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}
