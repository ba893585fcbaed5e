package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
)

// AllRepositories is the name in the problem of an owner whose list of repositories is not complete.
const AllRepositories = "*"

// Problem is a repository that a pattern matched, or a run, and that could not be read, or the list of an
// owner's repositories that is not complete; see AllRepositories.
type Problem struct {
	Repository actions.Repository
	RunID      *int64 // nil: the repository itself
	Reason     Reason
	Err        *actions.Error
}

// Reason is why something could not be read.
type Reason string

// The reasons.
const (
	ReasonNotFound    Reason = "not_found"    // 404, 410: deleted since it was listed, or not visible
	ReasonForbidden   Reason = "forbidden"    // 403
	ReasonBlocked     Reason = "blocked"      // 451
	ReasonServerError Reason = "server_error" // 5xx, even after retries
	ReasonUnreachable Reason = "unreachable"  // no answer, or an incomplete one
	ReasonUnreadable  Reason = "unreadable"   // an answer that cannot be used
)

func newProblem(repo actions.Repository, runID *int64, err error) Problem {
	p := Problem{Repository: repo, RunID: runID, Reason: reasonOf(err)}
	errors.As(err, &p.Err)
	return p
}

func (r *reader) addProblem(t *target, runID *int64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t.failed = err
	r.report.Problems = append(r.report.Problems, newProblem(t.Repository, runID, err))
}

func compareProblems(a, b Problem) int {
	return cmp.Or(cmp.Compare(key(a.Repository), key(b.Repository)), cmp.Compare(job.Value(b.RunID), job.Value(a.RunID)))
}

// reasonOf is empty for an error that ends the read because it is not about a single repository or
// run.
func reasonOf(err error) Reason {
	var e *actions.Error
	if !errors.As(err, &e) {
		return ""
	}
	switch e.Kind {
	case actions.NotFound, actions.Gone:
		return ReasonNotFound
	case actions.Forbidden:
		if e.Status == http.StatusUnavailableForLegalReasons {
			return ReasonBlocked
		}
		return ReasonForbidden
	case actions.SSO:
		return ReasonForbidden
	case actions.ServerFault:
		return ReasonServerError
	case actions.Interrupted, actions.Unreachable:
		return ReasonUnreachable
	case actions.Malformed, actions.Incomplete, actions.Redirected:
		return ReasonUnreadable
	case actions.BadCredentials, actions.NoToken, actions.PrimaryLimit, actions.SecondaryLimit, actions.OutOfTime,
		actions.FilterIgnored, actions.Unexpected, actions.OwnerRenamed,
		actions.JobLeftBehind, actions.JobUnfinished, actions.JobNeverRan, actions.LogExpired, actions.LogNotStored, actions.LogMissing, actions.LinkUnusable, actions.StorageRefused:
		return ""
	}
	return ""
}

func isProblem(err error) bool { return reasonOf(err) != "" }

// isOutage reports whether the host may be down.
func isOutage(err error) bool {
	reason := reasonOf(err)
	return reason == ReasonServerError || reason == ReasonUnreachable
}

// mayPass reports whether a retry may succeed.
func mayPass(err error) bool {
	switch reasonOf(err) {
	case ReasonServerError, ReasonUnreachable, ReasonUnreadable:
		return true
	case ReasonNotFound, ReasonForbidden, ReasonBlocked:
	}
	return false
}

// maxOutage is the number of failures in a row after which the host may be down.
const maxOutage = 20

// outage counts failures in a row.
type outage struct {
	mu       sync.Mutex
	failures int
	where    map[*target]bool // the repositories of these failures
}

// note records the result of a request. It returns the number of failures in a row, and whether they
// are of several repositories.
func (o *outage) note(t *target, err error) (failures int, several bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case isOutage(err):
		o.failures++
		o.where[t] = true
	case err == nil || isProblem(err):
		o.failures = 0
		clear(o.where)
	}
	return o.failures, len(o.where) > 1
}

// isDown records the result of a request. It reports whether the host is down, so that the read must
// end. If all of many failures are of one repository, a request about another one tells whether it is
// the host or the repository.
func (r *reader) isDown(ctx context.Context, t *target, err error) bool {
	switch failures, several := r.outage.note(t, err); {
	case failures < maxOutage:
		return false
	case several || len(r.targets) == 1:
		return true
	}
	other := r.targets[0]
	if other == t {
		other = r.targets[1]
	}
	_, probe := r.client.WorkflowRuns(ctx, actions.RunsQuery{Repository: other.Repository, Listed: true, Max: 1})
	r.outage.note(other, probe)
	return isOutage(probe)
}

// EntryError says which entry of Selection.Repositories cannot be read: a repository that is named in
// full, or the owner of a pattern.
type EntryError struct {
	Index int
	Err   error
}

func (e *EntryError) Error() string { return fmt.Sprintf("repositories[%d]: %v", e.Index, e.Err) }

func (e *EntryError) Unwrap() error { return e.Err }

// NoWorkflowError says that none of the repositories that match the patterns has the workflow.
type NoWorkflowError struct {
	Workflow     string
	Repositories int
	Err          error // the server's answer for the first one
}

func (e *NoWorkflowError) Error() string {
	return fmt.Sprintf("none of %d repositories has the workflow %s: %v", e.Repositories, e.Workflow, e.Err)
}

func (e *NoWorkflowError) Unwrap() error { return e.Err }
