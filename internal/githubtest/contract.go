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

// Contract is what GitHub's own description says of the operations in use.
func Contract() *contract.Facts {
	facts, err := parseContract()
	if err != nil {
		panic(err)
	}
	return facts
}

// AllowOutsideContract lets requests come that GitHub does not describe, for tests of what happens to
// requests of any kind.
func (s *Server) AllowOutsideContract() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outside = true
}

// holdToContract remembers a request to the API that is none of GitHub's operations, or that has a
// parameter which its operation does not take. Below /repositories are the addresses that GitHub itself
// sends a client to after a repository was renamed. It does not describe them.
func (s *Server) holdToContract(request Request) {
	if s.outside || strings.HasPrefix(request.Path, "/repositories/") {
		return
	}
	if wrong := Contract().CheckRequest(request.Method, request.Path, request.Query); wrong != "" {
		s.unexpected = append(s.unexpected, request.Method+" "+request.String()+": "+wrong)
	}
}
