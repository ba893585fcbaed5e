package actions_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
	"github.com/runner-audit/terraform-provider-github-actions/internal/githubtest"
	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

const (
	logToken = "hunter2secret"
	logsPath = "/repos/acme/app/actions/jobs/1/logs"
	logText  = "one\ntwo\n"
)

// newLogClient reads the stand-in through the real transport, with a token.
func newLogClient(tb testing.TB, server *githubtest.Server, change func(*transport.Config)) *actions.Client {
	tb.Helper()
	base, err := url.Parse(server.BaseURL())
	if err != nil {
		tb.Fatal(err)
	}
	cfg := transport.Config{
		BaseURL: base, Credential: transport.StaticToken(logToken, "GITHUB_TOKEN"),
		MaxConcurrent: 1, MaxRetries: 2, RetryDelay: time.Millisecond,
	}
	if change != nil {
		change(&cfg)
	}
	client, err := transport.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(client.CloseIdleConnections)
	return actions.NewClient(actions.Config{HTTP: client, BaseURL: base, UserAgent: "test", TokenSource: "GITHUB_TOKEN"})
}

// oneJob is a world with job 1, that ran, and its log.
func oneJob() (*githubtest.World, *githubtest.Repository) {
	w := githubtest.NewWorld()
	return w, w.Repository("acme/app").Run(700, 1, nil).Job(1, 700, nil).Log(1, logText)
}

// readLog reads the whole log of job 1.
func readLog(t *testing.T, c *actions.Client) (text, link string, err error) {
	t.Helper()
	link, err = c.JobLog(t.Context(), app(t), 1, func(r io.Reader) error {
		b, err := io.ReadAll(r)
		text = string(b)
		return err
	})
	return text, link, err
}

// storage is a second host. It records its requests.
type storage struct {
	*httptest.Server
	mu  sync.Mutex
	got []*http.Request
}

func newStorage(t *testing.T, start func(*httptest.Server), h http.HandlerFunc) *storage {
	t.Helper()
	s := &storage{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.got = append(s.got, r.Clone(r.Context()))
		s.mu.Unlock()
		h(w, r)
	}))
	start(s.Server)
	t.Cleanup(s.Close)
	return s
}

func (s *storage) requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got
}

func sendLog(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(logText)) }

// to answers with a redirect.
func to(status int, location string) githubtest.Fault {
	return githubtest.Status(status, "", "Location", location)
}

// TestTheLinkIsFollowedWithoutTheToken: on another host, and on the API's own origin.
func TestTheLinkIsFollowedWithoutTheToken(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status, " to another host"), func(t *testing.T) {
			t.Parallel()
			world, _ := oneJob()
			server, other := githubtest.New(t, world), newStorage(t, (*httptest.Server).Start, sendLog)
			link := other.URL + "/log?sig=signed"
			server.Fail(logsPath, to(status, link))
			text, from, err := readLog(t, newLogClient(t, server, nil))
			if err != nil || text != logText || from != link {
				t.Fatalf("got %q from %s, %v", text, from, err)
			}
			got := other.requests()
			if len(got) != 1 || got[0].URL.String() != "/log?sig=signed" || len(got[0].Header.Values("Authorization")) > 0 {
				t.Fatalf("the storage got %v", got)
			}
			if got[0].Header.Get("Referer") != "" || got[0].Header.Get("Accept") != "" {
				t.Errorf("the storage got GitHub's headers: %v", got[0].Header)
			}
			if asked := server.Requests(); len(asked) != 2 || asked[1].Header.Get("Authorization") != "Bearer "+logToken {
				t.Errorf("the API got %v", asked)
			}
		})
		t.Run(fmt.Sprint(status, " to the API's own origin"), func(t *testing.T) {
			t.Parallel()
			world, _ := oneJob()
			server := githubtest.New(t, world) // whose storage fails the test when a token comes
			link := server.LogLink("acme/app", 1)
			server.Fail(logsPath, to(status, strings.TrimPrefix(link, server.URL)))
			text, from, err := readLog(t, newLogClient(t, server, nil))
			if err != nil || text != logText || from != link {
				t.Fatalf("got %q from %s, %v", text, from, err)
			}
			if asked := server.Requests(); len(asked) != 3 || asked[2].Header.Get("Authorization") != "" {
				t.Errorf("requests: %v", asked)
			}
		})
	}
}

func TestADirectLogNeedsNoLink(t *testing.T) {
	t.Parallel()
	world, _ := oneJob()
	server := githubtest.New(t, world)
	server.Handle(logsPath, http.HandlerFunc(sendLog))
	text, link, err := readLog(t, newLogClient(t, server, nil))
	if err != nil || text != logText || link != "" {
		t.Errorf("got %q from %q, %v", text, link, err)
	}
}

// TestARenamedRepositoryHasItsLogs: the API redirects to itself, and that request needs the token
// too. A link that only looks similar does not get it.
func TestARenamedRepositoryHasItsLogs(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, location string // below the server's address
		token          bool
	}{
		{"by the repository's id", "/api/v3/repositories/7/actions/jobs/1/logs", true},
		{"by its new name", "/api/v3/repos/acme/new/actions/jobs/1/logs", true},
		{"another job", "/api/v3/repositories/7/actions/jobs/2/logs", false},
		{"a query", "/api/v3/repositories/7/actions/jobs/1/logs?sig=x", false},
		{"outside the API", "/repositories/7/actions/jobs/1/logs", false},
		{"another endpoint", "/api/v3/repositories/7/actions/jobs/1", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			world, _ := oneJob()
			server := githubtest.New(t, world)
			server.Fail(logsPath, to(301, server.URL+tc.location))
			path, _, _ := strings.Cut(tc.location, "?")
			server.Handle(strings.TrimPrefix(path, githubtest.Prefix), http.HandlerFunc(sendLog))
			if text, _, err := readLog(t, newLogClient(t, server, nil)); err != nil || text != logText {
				t.Fatalf("got %q, %v", text, err)
			}
			asked := server.Requests()
			if len(asked) != 3 || (asked[2].Header.Get("Authorization") != "") != tc.token {
				t.Errorf("requests %v, the last with %q", asked, asked[len(asked)-1].Header.Get("Authorization"))
			}
		})
	}
}

// TestAStorageCannotSteerTheToken: a link back to the API is still a link, and does not get the
// token.
func TestAStorageCannotSteerTheToken(t *testing.T) {
	t.Parallel()
	world, _ := oneJob()
	server := githubtest.New(t, world)
	const moved = "/repositories/7/actions/jobs/1/logs"
	server.Handle(moved, http.HandlerFunc(sendLog))
	other := newStorage(t, (*httptest.Server).Start, http.HandlerFunc(to(302, server.URL+githubtest.Prefix+moved+"#fragment")))
	server.Fail(logsPath, to(302, other.URL))
	text, link, err := readLog(t, newLogClient(t, server, nil))
	if err != nil || text != logText || link != server.URL+githubtest.Prefix+moved {
		t.Fatalf("got %q from %s, %v", text, link, err)
	}
	if asked := server.Requests(); len(asked) != 3 || asked[2].Header.Get("Authorization") != "" {
		t.Errorf("requests: %v", asked)
	}
}

// TestLinksThatAreNotFollowed: no request is sent, and the link is not quoted.
func TestLinksThatAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, location, reason string }{
		{"plain http", "http://blob.test/log?sig=S1GNED", "it is an address for http, and only https is safe"},
		{"another scheme", "ftp://blob.test/log?sig=S1GNED", "it is an address for ftp, and only https is safe"},
		{"user info", "https://user:S1GNED@127.0.0.1/log", "it has a user name or password in it"},
		{"no host", "https:///log?sig=S1GNED", "it has no host"},
		{"opaque", "https:blob.test?sig=S1GNED", "it has no host"},
		{"no address", "https://blob.test/%zz?sig=S1GNED", "it is not an address"},
		{"a bad host", "https://[::1?sig=S1GNED", "it is not an address"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			world, _ := oneJob()
			server := githubtest.New(t, world)
			server.Fail(logsPath, to(302, tc.location))
			_, link, err := readLog(t, newLogClient(t, server, nil))
			var e *actions.Error
			if !errors.As(err, &e) || e.Kind != actions.LinkUnusable || e.Reason != tc.reason || e.RequestID == "" || link != "" {
				t.Fatalf("got %q, %+v", link, err)
			}
			if strings.Contains(fmt.Sprintf("%v %+v", err, e), "S1GNED") {
				t.Errorf("the error quotes the link: %v", err)
			}
			if n := len(server.Requests()); n != 2 {
				t.Errorf("%d requests, want the job's and the log's", n)
			}
		})
	}
}

// TestPlainHTTPIsForPlainLoopback: with an https API, even a loopback link has to be https.
func TestPlainHTTPIsForPlainLoopback(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		start func(*httptest.Server)
		want  error
	}{
		{"http", (*httptest.Server).Start, actions.LinkUnusable},
		{"https", (*httptest.Server).StartTLS, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			other := newStorage(t, tc.start, sendLog)
			api := newStorage(t, (*httptest.Server).StartTLS, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, other.URL+"/log?sig=signed", http.StatusFound)
			})
			base, err := url.Parse(api.URL + "/")
			if err != nil {
				t.Fatal(err)
			}
			// Both servers of httptest have the same certificate.
			wire, ok := api.Client().Transport.(*http.Transport)
			if !ok {
				t.Fatalf("a %T", api.Client().Transport)
			}
			client, err := transport.New(transport.Config{BaseURL: base, Base: wire})
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = readLog(t, actions.NewClient(actions.Config{HTTP: client, BaseURL: base}))
			if !errors.Is(err, tc.want) || tc.want != nil && len(other.requests()) > 0 {
				t.Errorf("got %v after %d requests, want %v", err, len(other.requests()), tc.want)
			}
		})
	}
}

// TestFiveHopsAndNoMore: each redirect is checked like the first.
func TestFiveHopsAndNoMore(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		hops   int
		last   string // where the last hop leads; "": to the log
		reason string
	}{
		{hops: 5},
		{hops: 6, reason: "it leads on through more than 5 addresses"},
		{hops: 5, last: "http://blob.test/log?sig=S1GNED", reason: "it is an address for http, and only https is safe"},
	} {
		t.Run(fmt.Sprint(tc.hops, tc.last), func(t *testing.T) {
			t.Parallel()
			other := newStorage(t, (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request) {
				var n int
				_, _ = fmt.Sscanf(r.URL.Path, "/hop/%d", &n)
				switch {
				case n < tc.hops-1, n == tc.hops-1 && tc.last == "":
					http.Redirect(w, r, fmt.Sprintf("/hop/%d?sig=S1GNED", n+1), http.StatusFound)
				case n == tc.hops-1:
					http.Redirect(w, r, tc.last, http.StatusFound)
				default:
					sendLog(w, r)
				}
			})
			world, _ := oneJob()
			server := githubtest.New(t, world)
			server.Fail(logsPath, to(302, other.URL+"/hop/1"))
			text, link, err := readLog(t, newLogClient(t, server, nil))
			if tc.reason == "" {
				if err != nil || text != logText || link != other.URL+"/hop/5?sig=S1GNED" {
					t.Errorf("got %q from %s, %v", text, link, err)
				}
				return
			}
			var e *actions.Error
			if !errors.As(err, &e) || e.Kind != actions.LinkUnusable || e.Reason != tc.reason || strings.Contains(err.Error(), "S1GNED") {
				t.Errorf("got %v, want %s", err, tc.reason)
			}
		})
	}
}

// TestALinkIsNotLoggedOrQuoted reads logs over links on both hosts, with and without success. The
// TRACE log and the errors must not contain the signature.
func TestALinkIsNotLoggedOrQuoted(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"a log": sendLog,
		"a refusal": func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "signed was "+r.URL.RawQuery, http.StatusForbidden)
		},
		"a server fault": func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, r.URL.String(), http.StatusInternalServerError)
		},
		"a reset":         func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"a truncated log": truncated,
		"a bad next hop": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "https://x.test/%zz?"+r.URL.RawQuery)
			w.WriteHeader(http.StatusFound)
		},
	} {
		for _, query := range []string{"?sig=S1GNED&page=S1GNED", "?S1GNED"} {
			t.Run(name+query, func(t *testing.T) {
				t.Parallel()
				world, _ := oneJob()
				server := githubtest.New(t, world)
				server.Handle("/_storage/log", h)
				other := newStorage(t, (*httptest.Server).Start, h)
				var text bytes.Buffer
				ctx := tflogtest.RootLogger(t.Context(), &text)
				client := newLogClient(t, server, nil)
				for _, link := range []string{server.URL + "/_storage/log" + query, other.URL + "/log" + query} {
					again := to(302, link)
					server.Handle(logsPath, http.HandlerFunc(again))
					_, err := client.JobLog(ctx, app(t), 1, func(r io.Reader) error {
						_, err := io.Copy(io.Discard, r)
						return err
					})
					if (err == nil) != (name == "a log") {
						t.Errorf("%s: %v", link, err)
					}
					fmt.Fprintf(&text, "%v %+v\n", err, err)
				}
				for _, secret := range []string{"S1GNED", logToken} {
					if strings.Contains(text.String(), secret) {
						t.Errorf("%s shows:\n%s", secret, text.String())
					}
				}
				if !strings.Contains(text.String(), "/_storage/log") || !strings.Contains(text.String(), other.URL+"/log") {
					t.Errorf("the log lacks the requests:\n%s", text.String())
				}
			})
		}
	}
}

// truncated announces a longer body than it sends.
func truncated(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte("one\n"))
}

// chunkedAndCut closes the connection before the last chunk.
func chunkedAndCut(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("one\n"))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// TestALogThatBreaksOffIsReadAgainOrAnError: it is read once more from its start, with a new link.
func TestALogThatBreaksOffIsReadAgainOrAnError(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]http.HandlerFunc{"by its length": truncated, "in chunks": chunkedAndCut} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world, _ := oneJob()
			server := githubtest.New(t, world)
			path := strings.TrimPrefix(server.LogLink("acme/app", 1), server.URL)
			path, _, _ = strings.Cut(path, "?")
			client := newLogClient(t, server, nil)

			server.Fail(path, githubtest.Fault(cut))
			if text, _, err := readLog(t, client); err != nil || text != logText {
				t.Errorf("got %q, %v, want the whole log", text, err)
			}
			if n := len(server.Requests()); n != 5 {
				t.Errorf("%d requests, want one for the job, two for a link and two for the log", n)
			}

			server.Fail(path, githubtest.Fault(cut), githubtest.Fault(cut))
			_, link, err := readLog(t, client)
			var e *actions.Error
			if !errors.As(err, &e) || e.Kind != actions.Interrupted || !errors.Is(err, io.ErrUnexpectedEOF) || e.Location != server.URL || link != "" {
				t.Errorf("got %v over %q", err, link)
			}

			server.Fail(path, githubtest.Fault(cut), githubtest.Fault(cut))
			_, err = client.JobLog(t.Context(), app(t), 1, func(r io.Reader) error {
				_, _ = io.Copy(io.Discard, r) // and does not care how it ends
				return nil
			})
			if !errors.Is(err, actions.Interrupted) {
				t.Errorf("a careless reader gets %v", err)
			}
		})
	}
}

func TestAnErrorOfTheReaderComesBackAsItIs(t *testing.T) {
	t.Parallel()
	world, _ := oneJob()
	server := githubtest.New(t, world)
	enough := errors.New("enough")
	link, err := newLogClient(t, server, nil).JobLog(t.Context(), app(t), 1, func(io.Reader) error { return enough })
	if err != enough || link != "" || len(server.Requests()) != 3 { //nolint:errorlint // as it is
		t.Errorf("got %v over %q after %d requests", err, link, len(server.Requests()))
	}
}

// TestAnExpiredLinkIsReplacedOnce: for each status that storages send.
func TestAnExpiredLinkIsReplacedOnce(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 404, 410} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			world, _ := oneJob()
			server := githubtest.New(t, world)
			other := newStorage(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "expired", status) })
			server.Fail(logsPath, to(302, other.URL+"/old?sig=1"))
			if text, _, err := readLog(t, newLogClient(t, server, nil)); err != nil || text != logText || len(other.requests()) != 1 {
				t.Errorf("got %q, %v", text, err)
			}
		})
	}
}

func TestAStorageThatRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status, asked int // how often the storage is asked
		want          actions.Kind
	}{
		{403, 2, actions.StorageRefused},
		{404, 2, actions.LogExpired},
		{410, 2, actions.LogExpired},
		{206, 2, actions.StorageRefused},
		{503, 3, actions.StorageRefused}, // the transport's retries, and no fresh link
	} {
		t.Run(fmt.Sprint(tc.status), func(t *testing.T) {
			t.Parallel()
			world, _ := oneJob()
			server := githubtest.New(t, world)
			other := newStorage(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(tc.status) })
			server.Handle(logsPath, http.HandlerFunc(to(302, other.URL+"/log?sig=S1GNED")))
			_, _, err := readLog(t, newLogClient(t, server, nil))
			var e *actions.Error
			if !errors.As(err, &e) || e.Kind != tc.want || e.Status != tc.status || e.Location != other.URL || e.TokenSource != "GITHUB_TOKEN" {
				t.Errorf("got %+v, want %s", err, tc.want)
			}
			if n := len(other.requests()); n != tc.asked {
				t.Errorf("the storage was asked %d times, want %d", n, tc.asked)
			}
		})
	}
}

func TestAStorageThatIsNotThere(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.NotFoundHandler())
	other.Close()
	world, _ := oneJob()
	server := githubtest.New(t, world)
	server.Fail(logsPath, to(302, other.URL+"/log?sig=S1GNED"))
	_, _, err := readLog(t, newLogClient(t, server, nil))
	var e *actions.Error
	if !errors.As(err, &e) || e.Kind != actions.Unreachable || e.Location != other.URL || strings.Contains(err.Error(), "S1GNED") {
		t.Errorf("got %+v", err)
	}
}

// TestWhatIsNotALog: status 200 is not enough.
func TestWhatIsNotALog(t *testing.T) {
	t.Parallel()
	const zipReason, gzipReason = "the answer is application/zip, not a log", "the answer is application/gzip, not a log"
	for _, tc := range []struct{ header, value, body, reason string }{
		{"Content-Type", "text/html; charset=utf-8", logText, "the answer is text/html, not a log"},
		{"Content-Type", "application/json", logText, "the answer is application/json, not a log"},
		{"Content-Type", "application/xml", logText, "the answer is application/xml, not a log"},
		{"Content-Type", "application/zip", zipped(t), zipReason},
		{"Content-Type", "application/x-zip-compressed", zipped(t), zipReason},
		{"Content-Type", "application/octet-stream", zipped(t), zipReason},
		{"Content-Type", "text/plain", zipped(t), zipReason},
		{"Content-Type", "text/plain", zipped(t)[:4], zipReason},
		{"Content-Type", "text/plain", "PK\x05\x06" + strings.Repeat("\x00", 18), zipReason}, // without files
		{"Content-Type", "application/gzip", gzipped(logText), gzipReason},
		{"Content-Type", "application/x-gzip", gzipped(logText), gzipReason},
		{"Content-Type", "application/octet-stream", gzipped(logText), gzipReason},
		{"Content-Type", "text/plain", gzipped(logText), gzipReason},
		{"Content-Encoding", "br", logText, "the log is encoded as br, which was not asked for"},
		{"Content-Type", "text/plain", logText, ""},
		{"Content-Type", "text/plain", "", ""},
		{"Content-Type", "text/plain", "P", ""},
		{"Content-Type", "text/plain", "PK\n", ""},
		{"Content-Type", "text/plain", "PK zip\n" + logText, ""},
		{"Content-Type", "text/plain", "\ufeff" + logText, ""},
		{"Content-Type", "application/octet-stream", logText, ""},
		{"Content-Encoding", "identity", logText, ""},
	} {
		t.Run(fmt.Sprintf("%s %.8q", tc.value, tc.body), func(t *testing.T) {
			t.Parallel()
			world, _ := oneJob()
			server := githubtest.New(t, world)
			other := newStorage(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set(tc.header, tc.value)
				_, _ = io.WriteString(w, tc.body)
			})
			server.Fail(logsPath, to(302, other.URL))
			text, _, err := readLog(t, newLogClient(t, server, nil))
			if tc.reason == "" {
				if err != nil || text != tc.body {
					t.Errorf("got %q, %v", text, err)
				}
				return
			}
			var e *actions.Error
			if !errors.As(err, &e) || e.Kind != actions.Malformed || e.Reason != tc.reason || text != "" {
				t.Errorf("got %q, %v, want %s", text, err, tc.reason)
			}
		})
	}
}

// zipped is an archive as GitHub sends it for all logs of a run.
func zipped(t *testing.T) string {
	t.Helper()
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	w, err := z.Create("0_build.txt")
	if err == nil {
		_, err = io.WriteString(w, logText)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

func gzipped(text string) string {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return packed.String()
}

// TestALogStreamsAsItArrives: the check of the first bytes does not wait for more of the log.
func TestALogStreamsAsItArrives(t *testing.T) {
	t.Parallel()
	world, _ := oneJob()
	server := githubtest.New(t, world)
	read := make(chan struct{})
	other := newStorage(t, (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "one\n")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-read:
		case <-r.Context().Done():
		}
		_, _ = io.WriteString(w, "two\n")
	})
	server.Fail(logsPath, to(302, other.URL))
	var text []byte
	_, err := newLogClient(t, server, nil).JobLog(t.Context(), app(t), 1, func(r io.Reader) error {
		first := make([]byte, len("one\n"))
		if _, err := io.ReadFull(r, first); err != nil {
			return err
		}
		close(read)
		rest, err := io.ReadAll(r)
		text = slices.Concat(first, rest)
		return err
	})
	if err != nil || string(text) != logText {
		t.Errorf("got %q, %v", text, err)
	}
}

// TestACompressedLogIsTheLog: a storage may send gzip. It is decompressed, and must be complete
// too.
func TestACompressedLogIsTheLog(t *testing.T) {
	t.Parallel()
	packed := gzipped(strings.Repeat(logText, 100))
	for _, keep := range []int{len(packed), len(packed) - 10} {
		for _, kind := range []string{"text/plain", "application/x-gzip"} { // some storages name the encoding twice
			world, _ := oneJob()
			server := githubtest.New(t, world)
			other := newStorage(t, (*httptest.Server).Start, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", kind)
				w.Header().Set("Content-Encoding", "gzip")
				_, _ = io.WriteString(w, packed[:keep])
			})
			server.Handle(logsPath, http.HandlerFunc(to(302, other.URL)))
			text, _, err := readLog(t, newLogClient(t, server, nil))
			if whole := keep == len(packed); whole && (err != nil || text != strings.Repeat(logText, 100)) || !whole && !errors.Is(err, actions.Interrupted) {
				t.Errorf("%s, %d of %d bytes: %d characters, %v", kind, keep, len(packed), len(text), err)
			}
		}
	}
}

// TestWhyThereIsNoLog: the job, which is read first, shows the reason.
func TestWhyThereIsNoLog(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	const wasCancelled, stopped = "the job was cancelled", `the runner stopped reporting before the end of the step "Static Code Analysis"`
	cancelled := githubtest.Object{"conclusion": "cancelled"}
	lost := githubtest.Object{"conclusion": "failure", "steps": []any{
		githubtest.Object{"number": 1, "name": "Set up job", "status": "completed", "conclusion": "success"},
		githubtest.Object{"number": 2, "name": "Static Code Analysis", "status": "in_progress", "conclusion": nil},
		githubtest.Object{"number": 3, "name": "Post", "status": "pending", "conclusion": nil},
	}}
	lostBetweenSteps := githubtest.Object{"conclusion": "failure", "steps": []any{
		githubtest.Object{"number": 1, "name": "Set up job", "status": "completed", "conclusion": "success"},
		githubtest.Object{"number": 2, "name": "Static Code Analysis", "status": "pending", "conclusion": nil},
	}}
	for _, tc := range []struct {
		name   string
		job    githubtest.Object
		age    time.Duration // since the job was completed; 0 if it was not
		status int
		want   actions.Kind
		reason string
	}{
		{"under way", githubtest.Object{"status": "in_progress", "conclusion": nil}, 0, 404, actions.JobUnfinished, "in_progress"},
		{"queued", githubtest.Object{"status": "queued", "conclusion": nil, "runner_id": 0, "runner_name": ""}, 0, 404, actions.JobUnfinished, "queued"},
		{"skipped", githubtest.Object{"conclusion": "skipped"}, time.Minute, 404, actions.JobNeverRan, "skipped"},
		{"skipped, says 410", githubtest.Object{"conclusion": "skipped"}, time.Minute, 410, actions.JobNeverRan, "skipped"},
		{"skipped, says 500", githubtest.Object{"conclusion": "skipped"}, time.Minute, 500, actions.JobNeverRan, "skipped"},
		{"cancelled in the queue", githubtest.Object{"conclusion": "cancelled", "runner_id": 0, "runner_name": ""}, time.Minute, 404, actions.JobNeverRan, "cancelled"},
		{"cancelled on its runner", cancelled, time.Minute, 404, actions.LogNotStored, wasCancelled},
		{"cancelled on its runner, 90 days ago", cancelled, 90 * day, 404, actions.LogNotStored, wasCancelled},
		{"cancelled on its runner, longer ago", cancelled, 90*day + time.Second, 404, actions.LogExpired, wasCancelled},
		{"cancelled on its runner, no one says when", cancelled, 0, 404, actions.LogNotStored, wasCancelled},
		{"cancelled on its runner, says 410", cancelled, time.Minute, 410, actions.LogExpired, ""},
		{"cancelled on its runner, says 500", cancelled, 100 * day, 500, actions.LogNotStored, wasCancelled},
		{"with a lost runner", lost, 10 * time.Minute, 404, actions.LogNotStored, stopped},
		{"with a runner lost between steps", lostBetweenSteps, 10 * time.Minute, 404, actions.LogNotStored, stopped},
		{"with a lost runner, a month ago", lost, 30 * day, 404, actions.LogNotStored, stopped},
		{"with a lost runner, a year ago", lost, 365 * day, 404, actions.LogExpired, stopped},
		{"with a lost runner, says 410", lost, time.Minute, 410, actions.LogExpired, ""},
		{"with a lost runner, says 500", lost, time.Minute, 500, actions.LogNotStored, stopped},
		{"just finished", nil, time.Second, 404, actions.LogMissing, ""},
		{"finished in the future of this machine", nil, -time.Hour, 404, actions.LogMissing, ""},
		{"finished a day ago", nil, day, 404, actions.LogMissing, ""},
		{"finished longer ago", nil, day + time.Second, 404, actions.LogExpired, ""},
		{"finished, no one says when", nil, 0, 404, actions.LogExpired, ""},
		{"just finished, says 410", nil, time.Second, 410, actions.LogExpired, ""},
		{"finished, says 500", nil, time.Second, 500, actions.ServerFault, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				world := githubtest.NewWorld()
				repo := world.Repository("acme/app").Job(1, 700, with(tc.job, completed(tc.age)))
				if tc.status == 410 {
					repo.ExpiredLog(1)
				}
				server := githubtest.NewInMemory(t, world)
				if tc.status == 500 {
					server.FailAlways("the log", githubtest.Path(logsPath), githubtest.Status(500, "Failed to generate URL to download logs"))
				}
				base, err := url.Parse(server.BaseURL())
				if err != nil {
					t.Fatal(err)
				}
				client := actions.NewClient(actions.Config{HTTP: &http.Client{Transport: server.RoundTripper()}, BaseURL: base})
				_, _, err = readLog(t, client)
				checkWhyNoLog(t, server, err, tc.status, tc.want, tc.reason)
			})
		})
	}
}

// completed is when a job was completed, by the age that it has now.
func completed(age time.Duration) githubtest.Object {
	if age == 0 {
		return githubtest.Object{"completed_at": nil}
	}
	return githubtest.Object{"completed_at": time.Now().Add(-age).UTC().Format(time.RFC3339)}
}

func with(o, more githubtest.Object) githubtest.Object {
	all := maps.Clone(o)
	if all == nil {
		all = githubtest.Object{}
	}
	maps.Copy(all, more)
	return all
}

func checkWhyNoLog(t *testing.T, server *githubtest.Server, err error, status int, want actions.Kind, reason string) {
	t.Helper()
	requests := 2
	if want == actions.JobUnfinished {
		requests, status = 1, 0 // nothing asked for the log
	}
	var e *actions.Error
	if !errors.As(err, &e) || e.Kind != want || e.Status != status || e.Object != "the log of acme/app job 1" {
		t.Fatalf("got %+v, want %s: %s", err, want, reason)
	}
	if want != actions.ServerFault && (e.Reason != reason || e.Missing != actions.PartJob) {
		t.Errorf("got %+v, want %s: %s", err, want, reason)
	}
	if asked := server.Requests(); asked[0].Path != jobPath || status < 500 && (len(asked) != requests || e.RequestID != fmt.Sprint("TEST:", requests)) {
		t.Errorf("requests %v for %q, want the job's and then the log's", asked, e.RequestID)
	}
}

// TestNoJobNoLog: the error names the argument at fault, as for a job.
func TestNoJobNoLog(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		repo string
		want actions.Part
	}{{"acme/app", actions.PartJob}, {"acme/none", actions.PartRepository}} {
		world := githubtest.NewWorld()
		world.Repository("acme/app")
		server := githubtest.New(t, world)
		server.ExpectMissing("/repos/" + tc.repo + "/actions/jobs/1")
		server.AllowMissing("/repos/" + tc.repo)
		_, err := newLogClient(t, server, nil).JobLog(t.Context(), repository(t, tc.repo), 1, nil)
		var e *actions.Error
		if !errors.As(err, &e) || e.Kind != actions.NotFound || e.Missing != tc.want {
			t.Errorf("%s: got %+v, want %s", tc.repo, err, tc.want)
		}
	}
}

// TestAJobThatCannotBeAskedFor: the error stays GitHub's first answer.
func TestAJobThatCannotBeAskedFor(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status int
		want   actions.Kind
	}{{404, actions.NotFound}, {410, actions.Gone}} {
		world, _ := oneJob()
		server := githubtest.New(t, world)
		server.Fail(logsPath, githubtest.Status(tc.status, "No"))
		server.Fail(jobPath, githubtest.Status(403, "Resource not accessible"))
		_, _, err := readLog(t, newLogClient(t, server, nil))
		var e *actions.Error
		if !errors.As(err, &e) || e.Kind != tc.want || e.Missing != "" || e.Message != "No" {
			t.Errorf("%d: got %+v", tc.status, err)
		}
	}
}

// TestAMissingLogOfAJobThatFails: without the job, no one can say why its log is missing. So the fault is the
// error, and not a missing job.
func TestAMissingLogOfAJobThatFails(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault githubtest.Fault
		want  actions.Kind
	}{
		"5xx":       {githubtest.Status(502, "Bad Gateway"), actions.ServerFault},
		"no answer": {githubtest.Reset(), actions.Unreachable},
	} {
		for _, status := range []int{404, 410} {
			world, _ := oneJob()
			server := githubtest.New(t, world)
			server.Fail(logsPath, githubtest.Status(status, "No"))
			server.FailAlways("the job", githubtest.Path(jobPath), tc.fault)
			_, _, err := readLog(t, newLogClient(t, server, nil))
			var e *actions.Error
			if !errors.As(err, &e) || e.Kind != tc.want || e.Missing != "" || e.Object != "the log of acme/app job 1" {
				t.Errorf("%s, %d: got %+v", name, status, err)
			}
		}
	}
}

// TestTheLogsEndpointFailsAsAnyOther: errors that are not about logs have their usual kind.
func TestTheLogsEndpointFailsAsAnyOther(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]actions.Kind{401: actions.BadCredentials, 403: actions.Forbidden, 451: actions.Forbidden, 501: actions.ServerFault, 302: actions.Unexpected} {
		world, _ := oneJob()
		server := githubtest.New(t, world)
		server.Fail(logsPath, githubtest.Status(status, "No"))
		if _, _, err := readLog(t, newLogClient(t, server, nil)); !errors.Is(err, want) {
			t.Errorf("%d: got %v, want %s", status, err, want)
		}
	}
}

// TestFaultsBeforeTheLogAreRetried: faults of the API and of the storage.
func TestFaultsBeforeTheLogAreRetried(t *testing.T) {
	t.Parallel()
	world, _ := oneJob()
	server := githubtest.New(t, world)
	path, _, _ := strings.Cut(strings.TrimPrefix(server.LogLink("acme/app", 1), server.URL), "?")
	server.Fail(logsPath, githubtest.Status(502, "no"), githubtest.Reset())
	server.Fail(path, githubtest.Reset(), githubtest.Status(503, "no"))
	if text, _, err := readLog(t, newLogClient(t, server, nil)); err != nil || text != logText {
		t.Errorf("got %q, %v", text, err)
	}
}

// TestALogEndsWithItsTime: a storage that stalls does not block a plan.
func TestALogEndsWithItsTime(t *testing.T) {
	t.Parallel()
	world, _ := oneJob()
	server := githubtest.New(t, world)
	stalled := make(chan struct{})
	other := newStorage(t, (*httptest.Server).Start, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("one\n"))
		_ = http.NewResponseController(w).Flush()
		close(stalled)
		<-r.Context().Done()
	})
	server.Fail(logsPath, to(302, other.URL))
	errTime := errors.New("the time is over")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-stalled
		cancel(errTime)
	}()
	_, err := newLogClient(t, server, nil).JobLog(ctx, app(t), 1, func(r io.Reader) error {
		_, err := io.ReadAll(r)
		return err
	})
	if !errors.Is(err, actions.OutOfTime) || !errors.Is(err, errTime) {
		t.Errorf("got %v", err)
	}
}
