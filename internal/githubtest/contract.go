package githubtest

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/runner-audit/terraform-provider-github-actions/internal/contract"
)

//go:embed testdata/contract.json
var contractText []byte

var parseContract = sync.OnceValues(func() (*contract.Facts, error) { //nolint:gochecknoglobals // read once
	return contract.Parse(contractText)
})

// Contract returns the facts from GitHub's description about the operations in use.
func Contract() *contract.Facts {
	facts, err := parseContract()
	if err != nil {
		panic(err)
	}
	return facts
}

// AllowOutsideContract allows requests that GitHub does not describe, for tests that are not about
// the API.
func (s *Server) AllowOutsideContract() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outside = true
}

// holdToContract records a request to the API that is not an operation of GitHub, or that has a
// parameter which its operation does not accept. Below /repositories are the URLs that GitHub
// redirects to after a repository was renamed. The description does not contain them.
func (s *Server) holdToContract(request Request) {
	if s.outside || strings.HasPrefix(request.Path, "/repositories/") {
		return
	}
	if wrong := Contract().CheckRequest(request.Method, request.Path, request.Query); wrong != "" {
		s.unexpected = append(s.unexpected, request.Method+" "+request.String()+": "+wrong)
	}
}
