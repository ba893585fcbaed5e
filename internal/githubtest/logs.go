package githubtest

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// storagePrefix is where logs are stored: on this server, but outside the API.
const storagePrefix = "/_storage/"

// Log gives a job its log. The API answers with a signed link to it, as GitHub does. The storage
// behind that link takes no token, and fails the test if it gets one.
func (r *Repository) Log(jobID int64, text string) *Repository {
	r.logs[jobID] = &text
	return r
}

// ExpiredLog gives a job a log that GitHub has deleted because of its age.
func (r *Repository) ExpiredLog(jobID int64) *Repository {
	r.logs[jobID] = nil
	return r
}

// serveLog answers for a job's log: with a link, with 410 for an expired one, and with a plain 404
// for a job without a log.
func (s *Server) serveLog(w http.ResponseWriter, r *http.Request, repository *Repository) {
	id := number(r, "job_id")
	if repository.jobs[id] == nil {
		s.notFound(w, r)
		return
	}
	text, known := repository.logs[id]
	switch {
	case !known:
		missing(w)
	case text == nil:
		Status(http.StatusGone, "Server Error")(w, r)
	default:
		w.Header().Set("Location", s.LogLink(repository.name, id))
		w.WriteHeader(http.StatusFound)
	}
}

// LogLink is the signed link to a job's log.
func (s *Server) LogLink(repository string, jobID int64) string {
	path := storagePath(repository, jobID)
	return s.URL + path + "?sig=" + signature(path) + "&sp=r"
}

func storagePath(repository string, jobID int64) string {
	return fmt.Sprintf("%s%s/%d.txt", storagePrefix, strings.ToLower(repository), jobID)
}

func signature(path string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte("signed "+path)))[:16]
}

// serveStorage answers for a link. A token fails the test, and only the signature counts.
func (s *Server) serveStorage(w http.ResponseWriter, r *http.Request, repository *Repository) {
	if len(r.Header.Values("Authorization")) > 0 {
		s.complain("GET " + r.URL.Path + " with a token")
	}
	id, _ := strconv.ParseInt(strings.TrimSuffix(r.PathValue("file"), ".txt"), 10, 64)
	text := repository.logs[id]
	if text == nil {
		s.notFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if r.URL.Query().Get("sig") != signature(r.URL.Path) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte("<Error><Code>AuthenticationFailed</Code></Error>"))
		return
	}
	_, _ = w.Write([]byte(*text))
}
