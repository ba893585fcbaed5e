package actions_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/job"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

// stage is the state of the API from a certain time on.
type stage struct {
	from time.Duration // since the start
	run  string        // status, or status/conclusion; "": 404 for the run
	jobs []string      // name=status, or name=status/conclusion
}

// staged is an API that changes with the (virtual) time. It has ETags and records the times of
// requests.
type staged struct {
	began  time.Time
	stages []stage
	polls  []time.Duration // when the first page of the jobs was asked for
	unread int             // conditional requests that found nothing new

	override func() *stage // in place of what the time says; nil: nothing
}

func (s *staged) RoundTrip(req *http.Request) (*http.Response, error) {
	now := time.Since(s.began)
	at := s.stages[0]
	for _, candidate := range s.stages {
		if now >= candidate.from {
			at = candidate
		}
	}
	if s.override != nil {
		if instead := s.override(); instead != nil {
			at = *instead
		}
	}
	w := httptest.NewRecorder()
	body := ""
	switch {
	case at.run == "down":
		w.WriteHeader(http.StatusBadGateway)
	case at.run == "unreachable":
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	case at.run == "refused" && !strings.HasSuffix(req.URL.Path, "/jobs"):
		w.WriteHeader(http.StatusForbidden)
	case strings.HasSuffix(req.URL.Path, "/jobs"):
		s.polls = append(s.polls, now)
		list := []string{}
		for i, job := range at.jobs {
			list = append(list, fmt.Sprintf(`{"id":%d,"run_id":700,%s}`, i+1, fields(job)))
		}
		body = fmt.Sprintf(`{"total_count":%d,"jobs":[%s]}`, len(list), strings.Join(list, ","))
	case strings.Contains(req.URL.Path, "/actions/jobs/"):
		s.polls = append(s.polls, now)
		body = fmt.Sprintf(`{"id":1,"run_id":700,%s}`, fields(at.jobs[0]))
	case at.run == "":
		w.WriteHeader(http.StatusNotFound)
	default:
		body = fmt.Sprintf(`{"id":700,%s}`, fields("x="+at.run))
	}
	if tag := fmt.Sprintf("%q", fmt.Sprint(len(body), at.from)); body != "" {
		w.Header().Set("ETag", tag)
		if req.Header.Get("If-None-Match") == tag {
			s.unread++
			w.WriteHeader(http.StatusNotModified)
			return w.Result(), nil
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.WriteString(body)
	return w.Result(), nil
}

// fields reads name=status/conclusion.
func fields(s string) string {
	name, rest, _ := strings.Cut(s, "=")
	status, conclusion, over := strings.Cut(rest, "/")
	text := fmt.Sprintf(`"name":%q,"status":%q`, name, status)
	if over {
		text += fmt.Sprintf(`,"conclusion":%q`, conclusion)
	}
	return text
}

// inBubble reads api in a bubble, through the real transport, with a timeout. The bubble fails if a
// goroutine is left.
func inBubble(t *testing.T, limit time.Duration, atOnce int, api http.RoundTripper, test func(context.Context, *actions.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		base := &url.URL{Scheme: "https", Host: "api.github.test", Path: "/"}
		client, err := transport.New(transport.Config{BaseURL: base, Base: api, MaxConcurrent: atOnce})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), limit, errors.New("the read's timeout passed"))
		defer cancel()
		test(ctx, actions.NewClient(actions.Config{HTTP: client, BaseURL: base, MaxConcurrent: atOnce}))
		synctest.Wait()
	})
}

// waiting reads api in a bubble.
func waiting(t *testing.T, limit time.Duration, api *staged, wait func(context.Context, *actions.Client)) {
	t.Helper()
	inBubble(t, limit, 1, api, func(ctx context.Context, c *actions.Client) {
		api.began = time.Now()
		wait(ctx, c)
	})
}

var query = actions.RunQuery{Repository: actions.Repository{Owner: "acme", Name: "app"}, RunID: 700}

// TestWaitForARun: it waits for jobs that are listed later, and reads the list once more after the
// run is completed.
func TestWaitForARun(t *testing.T) {
	t.Parallel()
	api := &staged{stages: []stage{
		{0, "queued", []string{"build=in_progress"}},
		{6 * time.Second, "in_progress", []string{"build=completed/success"}}, // all that is listed is done, but more is to come
		{20 * time.Second, "in_progress", []string{"build=completed/success", "deploy=queued"}},
		{40 * time.Second, "completed/success", []string{"build=completed/success", "deploy=completed/success"}},
	}}
	waiting(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
		var seen []string
		got, err := c.WaitRunJobs(ctx, query, func(p actions.Progress) {
			seen = append(seen, fmt.Sprintf("%s: %s, %s, next in %s", p.Object, p.Status, strings.Join(p.Unfinished, " "), p.Next))
		})
		if err != nil || !got.Completed() || !got.Succeeded() || len(got.Jobs) != 2 {
			t.Fatalf("got %+v, %v", got, err)
		}
		want := []string{
			"acme/app run 700: queued, build (in_progress), next in 5s",
			"acme/app run 700: queued, build (in_progress), next in 7.5s",
			"acme/app run 700: in_progress, , next in 11.25s",
			"acme/app run 700: in_progress, deploy (queued), next in 16.875s",
		}
		if !slices.Equal(seen, want) {
			t.Errorf("progress\n%s\nwant\n%s", strings.Join(seen, "\n"), strings.Join(want, "\n"))
		}
	})
	// Five polls, and the listing once more.
	if len(api.polls) != 6 || api.polls[5] != api.polls[4] {
		t.Errorf("polls at %v", api.polls)
	}
	// The second poll has the same answers as the first, and the last reading the same as the fifth
	// poll.
	if api.unread != 4 {
		t.Errorf("%d requests found nothing new, want 4", api.unread)
	}
}

func TestAWaitGrowsRarer(t *testing.T) {
	t.Parallel()
	api := &staged{stages: []stage{{0, "in_progress", []string{"build=in_progress"}}, {10 * time.Minute, "completed/failure", []string{"build=completed/failure"}}}}
	waiting(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
		if got, err := c.WaitRunJobs(ctx, query, func(actions.Progress) {}); err != nil || got.Succeeded() {
			t.Fatalf("got %+v, %v", got, err)
		}
	})
	var gaps []time.Duration
	for i := 1; i < len(api.polls); i++ {
		gaps = append(gaps, api.polls[i]-api.polls[i-1])
	}
	if gaps[0] != 5*time.Second || slices.Max(gaps) != time.Minute || !slices.IsSorted(gaps[:len(gaps)-1]) {
		t.Errorf("gaps %v, want from 5s up to 1m", gaps)
	}
}

// TestAWaitEndsAtItsTimeOut: the error names the unfinished jobs, and the last poll is shortly
// before.
func TestAWaitEndsAtItsTimeOut(t *testing.T) {
	t.Parallel()
	api := &staged{stages: []stage{{0, "in_progress", []string{"build=completed/success", "test=in_progress", "deploy=queued"}}}}
	waiting(t, 10*time.Minute, api, func(ctx context.Context, c *actions.Client) {
		_, err := c.WaitRunJobs(ctx, query, func(actions.Progress) {})
		var e *actions.Error
		if !errors.As(err, &e) || e.Kind != actions.OutOfTime || !e.Waited || e.Object != "acme/app run 700" || e.LastStatus != "in_progress" {
			t.Fatalf("got %+v", err)
		}
		if want := []string{"test (in_progress)", "deploy (queued)"}; !slices.Equal(e.Unfinished, want) {
			t.Errorf("unfinished %q, want %q", e.Unfinished, want)
		}
		if e.Err == nil || e.Err.Error() != "the read's timeout passed" {
			t.Errorf("the cause is %v", e.Err)
		}
	})
	if last := api.polls[len(api.polls)-1]; last < 9*time.Minute+45*time.Second {
		t.Errorf("the last look was at %s of 10m0s", last)
	}
}

func TestAWaitEndsWithCancellation(t *testing.T) {
	t.Parallel()
	api := &staged{stages: []stage{{0, "in_progress", []string{"build=in_progress"}}}}
	waiting(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(7*time.Minute, cancel)
		_, err := c.WaitRunJobs(ctx, query, func(actions.Progress) {})
		if !errors.Is(err, context.Canceled) || time.Since(api.began) != 7*time.Minute {
			t.Errorf("after %s: %v", time.Since(api.began), err)
		}
	})
}

// TestAWaitWithoutARunPage: the jobs decide, and a run without jobs is not completed.
func TestAWaitWithoutARunPage(t *testing.T) {
	t.Parallel()
	api := &staged{stages: []stage{{0, "", nil}, {20 * time.Second, "", []string{"build=queued"}}, {40 * time.Second, "", []string{"build=completed/success"}}}}
	waiting(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
		got, err := c.WaitRunJobs(ctx, query, func(actions.Progress) {})
		if err != nil || got.Run != nil || !got.Succeeded() || time.Since(api.began) < 40*time.Second {
			t.Errorf("after %s: %+v, %v", time.Since(api.began), got, err)
		}
	})
}

func TestAWaitForWhatIsOverDoesNotWait(t *testing.T) {
	t.Parallel()
	api := &staged{stages: []stage{{0, "completed/success", []string{"build=completed/success"}}}}
	waiting(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
		_, err := c.WaitRunJobs(ctx, query, func(actions.Progress) { t.Error("it continues") })
		if err != nil || time.Since(api.began) != 0 {
			t.Errorf("after %s: %v", time.Since(api.began), err)
		}
	})
}

func TestWaitForAJob(t *testing.T) {
	t.Parallel()
	api := &staged{stages: []stage{{0, "", []string{"build=queued"}}, {10 * time.Second, "", []string{"build=completed/failure"}}}}
	waiting(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
		j, err := c.WaitJob(ctx, query.Repository, 1, func(actions.Progress) {})
		if err != nil || job.Value(j.Conclusion) != "failure" {
			t.Errorf("got %+v, %v", j, err)
		}
	})
	if len(api.polls) != 3 {
		t.Errorf("polls at %v", api.polls)
	}
	stuck := &staged{stages: []stage{{0, "", []string{"build=queued"}}}}
	waiting(t, time.Minute, stuck, func(ctx context.Context, c *actions.Client) {
		_, err := c.WaitJob(ctx, query.Repository, 1, func(actions.Progress) {})
		var e *actions.Error
		if !errors.As(err, &e) || !e.Waited || !slices.Equal(e.Unfinished, []string{"build (queued)"}) {
			t.Errorf("got %+v", err)
		}
	})
}

// TestAJobThatItsRunLeftBehind: a job that is not completed although its run is will not change any more.
// GitHub's answers about job and run can disagree for some seconds, which must not end a wait.
func TestAJobThatItsRunLeftBehind(t *testing.T) {
	t.Parallel()
	queued, running, done := []string{"build=queued"}, []string{"build=in_progress"}, []string{"build=completed/cancelled"}
	for _, tc := range []struct {
		name   string
		stages []stage
		after  time.Duration // when the wait ends, at the earliest and, if it fails, at the latest
		reason string        // the run's conclusion; "": the wait succeeds
		status string
	}{
		{"from the start", []stage{{0, "completed/startup_failure", queued}}, 23750 * time.Millisecond, "startup_failure", "queued"},
		{"without a conclusion", []stage{{0, "completed", queued}}, 23750 * time.Millisecond, "", "queued"},
		{"while it ran", []stage{{0, "in_progress", running}, {time.Minute, "completed/cancelled", running}}, 3 * time.Minute, "cancelled", "in_progress"},
		{"job lags behind run", []stage{{0, "in_progress", running}, {12 * time.Second, "completed/cancelled", running}, {20 * time.Second, "completed/cancelled", done}}, 20 * time.Second, "", ""},
		{"run starts again", []stage{{0, "completed/failure", queued}, {13 * time.Second, "queued", queued}, {10 * time.Minute, "in_progress", done}}, 10 * time.Minute, "", ""},
		{"job starts", []stage{{0, "completed/failure", queued}, {13 * time.Second, "completed/failure", running}, {30 * time.Second, "completed/failure", done}}, 30 * time.Second, "", ""},
		{"no one knows the run", []stage{{0, "", queued}, {10 * time.Minute, "", done}}, 10 * time.Minute, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			api := &staged{stages: tc.stages}
			waiting(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
				j, err := c.WaitJob(ctx, query.Repository, 1, func(actions.Progress) {})
				took := time.Since(api.began)
				if tc.status == "" {
					if err != nil || j.Unfinished() || took < tc.after {
						t.Errorf("after %s: got %+v, %v", took, j, err)
					}
					return
				}
				var e *actions.Error
				if !errors.As(err, &e) || e.Kind != actions.JobLeftBehind || e.Reason != tc.reason || e.LastStatus != tc.status || e.Missing != actions.PartJob || e.Object != "acme/app job 1" || len(e.Unfinished) > 0 {
					t.Fatalf("got %+v", err)
				}
				if tc.name == "from the start" && took != tc.after || took > tc.after {
					t.Errorf("it took %s, want %s", took, tc.after)
				}
			})
		})
	}
}

// TestARunThatSaysNothingAboutAJob: the wait goes on, to the end of its time.
func TestARunThatSaysNothingAboutAJob(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		job, run string
		status   int
	}{
		"of an earlier attempt":   {`"run_id":700,"run_attempt":2`, `{"id":700,"run_attempt":1,"status":"completed"}`, 200},
		"that cannot be read":     {`"run_id":700`, `{"message":"no"}`, 403},
		"that does not exist":     {`"run_id":700`, `{"message":"Not Found"}`, 404},
		"that is another":         {`"run_id":700`, `{"id":701,"status":"completed"}`, 200},
		"that the job leaves out": {`"run_id":null`, `{"id":0,"status":"completed"}`, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := roundTripper(func(req *http.Request) *http.Response {
				w := httptest.NewRecorder()
				if strings.Contains(req.URL.Path, "/actions/jobs/") {
					_, _ = fmt.Fprintf(w, `{"id":1,"name":"build","status":"queued",%s}`, tc.job)
					return w.Result()
				}
				w.WriteHeader(tc.status)
				_, _ = w.WriteString(tc.run)
				return w.Result()
			})
			inBubble(t, 20*time.Minute, 1, api, func(ctx context.Context, c *actions.Client) {
				if _, err := c.WaitJob(ctx, query.Repository, 1, func(actions.Progress) {}); !errors.Is(err, actions.OutOfTime) {
					t.Errorf("got %+v", err)
				}
			})
		})
	}
}

// TestAGateStaysShutWhileTheRunsPageIsMissing: after the API has returned the run, the run decides.
// A later 404 does not end the wait, even if all listed jobs are completed.
func TestAGateStaysShutWhileTheRunsPageIsMissing(t *testing.T) {
	t.Parallel()
	done := []string{"build=completed/success"}
	api := &staged{stages: []stage{{0, "in_progress", done}, {4 * time.Second, "", done}, {8 * time.Second, "in_progress", done}, {30 * time.Second, "completed/failure", done}}}
	waiting(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
		got, err := c.WaitRunJobs(ctx, query, func(actions.Progress) {})
		if err != nil || got.Run == nil || got.Succeeded() || time.Since(api.began) < 30*time.Second {
			t.Errorf("after %s: %+v, %v", time.Since(api.began), got, err)
		}
	})
}

// TestARunThatStartsAgainIsWaitedForAgain: a run may start again after it was completed and before
// its jobs are read.
func TestARunThatStartsAgainIsWaitedForAgain(t *testing.T) {
	t.Parallel()
	done := []string{"build=completed/success"}
	api := &staged{stages: []stage{{0, "completed/failure", done}, {30 * time.Second, "completed/success", done}}}
	asked := 0
	api.override = func() *stage {
		if asked++; asked == 3 || asked == 4 { // the second look: the run and its jobs
			return &stage{1, "queued", done}
		}
		return nil
	}
	waiting(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
		got, err := c.WaitRunJobs(ctx, query, func(actions.Progress) {})
		if err != nil || !got.Completed() {
			t.Errorf("after %s: %+v, %v", time.Since(api.began), got, err)
		}
	})
	if len(api.polls) != 4 {
		t.Errorf("polls at %v, want two, then two after the wait", api.polls)
	}
}

// TestAWaitThatFailsSaysWhatItWaitedFor: for each error that can end it.
func TestAWaitThatFailsSaysWhatItWaitedFor(t *testing.T) {
	t.Parallel()
	api := &staged{stages: []stage{{0, "in_progress", []string{"build=in_progress"}}, {4 * time.Second, "refused", []string{"build=in_progress"}}}}
	waiting(t, time.Hour, api, func(ctx context.Context, c *actions.Client) {
		_, err := c.WaitRunJobs(ctx, query, func(actions.Progress) {})
		var e *actions.Error
		if !errors.As(err, &e) || e.Kind != actions.Forbidden || !e.Waited || !slices.Equal(e.Unfinished, []string{"build (in_progress)"}) {
			t.Errorf("got %+v", err)
		}
	})
}

// TestAWaitOutlivesAnOutage: a poll that fails because of an outage does not end the wait. Other
// failures do. At the timeout, the error contains the last cause.
func TestAWaitOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	running, done := []string{"build=in_progress"}, []string{"build=completed/success"}
	for _, tc := range []struct {
		name   string
		stages []stage
		limit  time.Duration
		want   actions.Kind // "": the wait succeeds
		last   actions.Kind // the cause that a timeout names
	}{
		{"server faults", []stage{{0, "in_progress", running}, {4 * time.Second, "down", nil}, {30 * time.Second, "completed/success", done}}, time.Hour, "", ""},
		{"an unreachable host", []stage{{0, "in_progress", running}, {4 * time.Second, "unreachable", nil}, {30 * time.Second, "completed/success", done}}, time.Hour, "", ""},
		{"faults from the start", []stage{{0, "down", nil}, {30 * time.Second, "completed/success", done}}, time.Hour, "", ""},
		{"faults for good", []stage{{0, "in_progress", running}, {4 * time.Second, "down", nil}}, time.Hour, actions.OutOfTime, actions.ServerFault},
		{"faults that passed", []stage{{0, "in_progress", running}, {4 * time.Second, "down", nil}, {30 * time.Second, "in_progress", running}}, time.Hour, actions.OutOfTime, ""},
		{"a host that was never reached", []stage{{0, "unreachable", nil}}, time.Hour, actions.Unreachable, ""},
		{"a refusal", []stage{{0, "in_progress", running}, {4 * time.Second, "refused", running}}, time.Hour, actions.Forbidden, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			waiting(t, tc.limit, &staged{stages: tc.stages}, func(ctx context.Context, c *actions.Client) {
				got, err := c.WaitRunJobs(ctx, query, func(actions.Progress) {})
				if tc.want == "" {
					if err != nil || !got.Succeeded() {
						t.Errorf("got %+v, %v", got, err)
					}
					return
				}
				var e *actions.Error
				if !errors.As(err, &e) || e.Kind != tc.want {
					t.Fatalf("got %v, want %s", err, tc.want)
				}
				if tc.last != "" && !errors.Is(e.LastFailure, tc.last) || tc.last == "" && e.LastFailure != nil {
					t.Errorf("the last failure is %v, want %q", e.LastFailure, tc.last)
				}
			})
		})
	}
}
