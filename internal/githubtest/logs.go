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

// Log gives a job its log. The API answers with a signed link to it, as GitHub does; the storage behind
// that link knows no tokens, and fails the test when it gets one.
func (r *Repository) Log(jobID int64, text string) *Repository {
	r.logs[jobID] = &text
	return r
}

// ExpiredLog gives a job a log that is not kept any longer.
func (r *Repository) ExpiredLog(jobID int64) *Repository {
	r.logs[jobID] = nil
	return r
}

// serveLog answers for a job's log: with a link, 410 for an expired one, and 404 for a job that has
// none. A job that the world does not know is for others to answer.
func (s *Server) serveLog(w http.ResponseWriter, r *Repository, path []string) bool {
	if len(path) != 4 || path[0] != "actions" || path[1] != "jobs" || path[3] != "logs" {
		return false
	}
	id, err := strconv.ParseInt(path[2], 10, 64)
	if err != nil || r.job(id) == nil {
		return false
	}
	text, known := r.logs[id]
	switch {
	case !known:
		Status(http.StatusNotFound, "Not Found")(w, nil)
	case text == nil:
		Status(http.StatusGone, "Server Error")(w, nil)
	default:
		w.Header().Set("Location", s.LogLink(r.name, id))
		w.WriteHeader(http.StatusFound)
	}
	return true
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

// serveStorage answers for a link.
func (s *Server) serveStorage(w http.ResponseWriter, r *http.Request, request Request) bool {
	path, below := strings.CutPrefix(request.Path, storagePrefix)
	if !below || r.Method != http.MethodGet {
		return false
	}
	if len(r.Header.Values("Authorization")) > 0 {
		s.mu.Lock()
		s.unexpected = append(s.unexpected, "GET "+request.Path+" with a token")
		s.mu.Unlock()
	}
	parts := strings.Split(path, "/")
	if len(parts) != 3 {
		return false
	}
	id, _ := strconv.ParseInt(strings.TrimSuffix(parts[2], ".txt"), 10, 64)
	repository := s.world.repositories[parts[0]+"/"+parts[1]]
	if repository == nil || repository.logs[id] == nil {
		return false
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if r.URL.Query().Get("sig") != signature(request.Path) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte("<Error><Code>AuthenticationFailed</Code></Error>"))
		return true
	}
	_, _ = w.Write([]byte(*repository.logs[id]))
	return true
}
