package githubtest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxFiltered is the maximum number of results in a filtered list of runs on GitHub.
const maxFiltered = 1000

// send answers with an object, or 404 if it is nil.
func (s *Server) send(w http.ResponseWriter, r *http.Request, object Object) {
	if object == nil {
		s.notFound(w, r)
		return
	}
	SendJSON(w, r, object)
}

// sendPage answers with a page of a list, as an object with total_count, which may be more than the
// length of the list. whole converts an element to the object that is sent.
func sendPage[T any](s *Server, w http.ResponseWriter, r *http.Request, name string, list []T, total int, whole func(T) Object) {
	page := []Object{}
	for _, element := range cutPage(s, w, r, list) {
		page = append(page, whole(element))
	}
	SendJSON(w, r, Object{"total_count": total, name: page})
}

func itself(object Object) Object { return object }

// sendList answers with a page of a list, as an array.
func (s *Server) sendList(w http.ResponseWriter, r *http.Request, list []Object) {
	SendJSON(w, r, append([]Object{}, cutPage(s, w, r, list)...))
}

// cutPage returns the requested page of a list and sets the Link header. As on GitHub, a page has
// 30 elements unless the request asks for another size, up to 100.
func cutPage[T any](s *Server, w http.ResponseWriter, r *http.Request, list []T) []T {
	query := r.URL.Query()
	size, number := min(positive(query, "per_page", 30), 100), positive(query, "page", 1)
	from := min((number-1)*size, len(list))
	to := min(from+size, len(list))
	last := max(1, (len(list)+size-1)/size)
	var links []string
	link := func(page int, rel string) {
		q := maps.Clone(query)
		q.Set("page", strconv.Itoa(page))
		links = append(links, fmt.Sprintf(`<%s%s?%s>; rel="%s"`, s.URL, r.URL.EscapedPath(), q.Encode(), rel))
	}
	if number > 1 {
		link(number-1, "prev")
	}
	if number < last {
		link(number+1, "next")
		link(last, "last")
	}
	if len(links) > 0 {
		w.Header().Set("Link", strings.Join(links, ", "))
	}
	return list[from:to]
}

// positive is a parameter's value, or the default if it is not a number above 0.
func positive(query url.Values, parameter string, byDefault int) int {
	if n, err := strconv.Atoi(query.Get(parameter)); err == nil && n > 0 {
		return n
	}
	return byDefault
}

// SendJSON answers 200 with an ETag, or 304 if the client has that ETag already.
func SendJSON(w http.ResponseWriter, r *http.Request, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	// GitHub's ETags depend on the token.
	tag := fmt.Sprintf(`W/"%x"`, sha256.Sum256(append(body, r.Header.Get("Authorization")...)))
	w.Header().Set("ETag", tag)
	w.Header().Set("Cache-Control", "private, max-age=60, s-maxage=60")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(body)
}
