package transport

import (
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

const (
	// replicationLag is how long after its making a new installation token can be unknown to a part of
	// GitHub's servers.
	replicationLag = 5 * time.Second
	// firstLagWait is the first wait of a repeated request; it doubles with each.
	firstLagWait = 250 * time.Millisecond
)

// appRetrier repeats requests that GitHub refuses because of the installation token: with the same
// token while that one is new, and, after a 401, once with a token from another exchange. It is above
// retry, so each repetition can meet faults of its own, and a 403 for a rate limit never gets here.
type appRetrier struct {
	next http.RoundTripper
	app  *appCredential
}

func (r *appRetrier) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	renewed := false
	for attempt := 0; ; attempt++ {
		resp, err := r.next.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		made, refused := refusedToken(resp)
		if !refused {
			return resp, nil
		}
		wait, isNew := lagWait(made, attempt)
		if !isNew {
			if renewed || resp.StatusCode != http.StatusUnauthorized {
				return resp, nil
			}
			if err := r.app.renew(ctx, made); err != nil {
				return resp, nil //nolint:nilerr // the refusal says more than the end of the context
			}
			renewed, attempt, wait = true, -1, 0
		}
		next, ok := again(req)
		if !ok || wait > 0 && endsWithin(ctx, wait) {
			return resp, nil
		}
		tflog.Debug(ctx, "GitHub refused the App's token, trying again", map[string]any{
			"status": resp.StatusCode, "wait_ms": wait.Milliseconds(), "new_token": !isNew,
		})
		_ = resp.Body.Close()
		if err := Sleep(ctx, wait); err != nil {
			return nil, err
		}
		req = next
	}
}

// refusedToken reports whether the answer refuses an installation token, and when that was made.
func refusedToken(resp *http.Response) (made time.Time, refused bool) {
	if resp.StatusCode != http.StatusUnauthorized && resp.StatusCode != http.StatusForbidden {
		return time.Time{}, false
	}
	body, ok := resp.Body.(*memoryBody)
	if !ok || body.tokenMade.IsZero() {
		return time.Time{}, false
	}
	return body.tokenMade, true
}

// lagWait is the time until a token that was made then is tried again; false if it is not new any
// more. The upper half of the wait is random, so that many requests do not come back together.
func lagWait(made time.Time, attempt int) (time.Duration, bool) {
	left := replicationLag - time.Since(made)
	if left <= 0 {
		return 0, false
	}
	wait := min(firstLagWait<<min(attempt, 10), replicationLag)
	wait = wait/2 + rand.N(wait/2+1) //nolint:gosec // jitter need not be secret
	return min(wait, left), true
}
