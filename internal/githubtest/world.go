package githubtest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"
)

// Object is one JSON object as the server sends it. It is a map and not the client's own struct, so
// that a wrong field name on either side shows.
type Object map[string]any

// World is what the stand-in serves: accounts, and repositories with their runs and jobs. Make it
// before the server starts; later changes go through Server.Update.
type World struct {
	repositories map[string]*Repository // by full name in lower case
	owners       map[string]Object      // by login in lower case
	account      string                 // the login of the token's user
	bot          *shared                // who starts runs unless a test says otherwise
}

// NewWorld is a world without repositories.
func NewWorld() *World {
	bot := User("acme-bot")
	bot["type"] = "Bot"
	return &World{repositories: map[string]*Repository{}, owners: map[string]Object{}, bot: &shared{Object: bot}}
}

// firstDay is when the first repository was created. Each further one is an hour younger.
const firstDay = "2026-01-01T00:00:00Z"

// Repository returns the repository of that name (owner/name). If there is none, it adds one.
func (w *World) Repository(name string) *Repository {
	key := strings.ToLower(name)
	if w.repositories[key] == nil {
		first, _ := time.Parse(time.RFC3339, firstDay)
		createdAt := first.Add(time.Duration(len(w.repositories)) * time.Hour).Format(time.RFC3339)
		owner, _, _ := strings.Cut(name, "/")
		w.repositories[key] = &Repository{
			name: name, minimal: &shared{Object: minimalRepository(name, w.owner(owner))},
			details: repositoryDetails(name, createdAt), bot: w.bot,
			runs: map[attemptKey]Object{}, workflows: map[int64]Object{}, jobs: map[int64]Object{},
			jobsOf: map[int64][]int64{}, attempts: map[int64]int64{}, logs: map[int64]*string{},
		}
	}
	return w.repositories[key]
}

// Absent as a field's value leaves the field out of what is sent.
var Absent = &struct{ absent bool }{true} //nolint:gochecknoglobals // a mark that never changes

func overlay(object, fields Object) Object {
	maps.Copy(object, fields)
	maps.DeleteFunc(object, func(_ string, v any) bool { return v == any(Absent) })
	return object
}

//go:embed documented_job.json
var documentedJob []byte

// DocumentedJob is the example in GitHub's documentation of the endpoint, unchanged. It lacks
// created_at, which the schema requires.
func DocumentedJob() Object {
	job := Object{}
	if err := json.Unmarshal(documentedJob, &job); err != nil {
		panic(err)
	}
	return job
}

// AddDocumentedJob adds the documented example, which belongs to octo-org/octo-repo, and its run.
func (w *World) AddDocumentedJob() *World {
	job := DocumentedJob()
	w.Repository("octo-org/octo-repo").Run(29679449, 1, nil).add(integer(job["id"]), 29679449, job)
	return w
}

// integer reads an ID, as Go or encoding/json made it.
func integer(v any) int64 {
	switch n := v.(type) {
	case int64:
		return n
	case int:
		return int64(n)
	case float64:
		return int64(n)
	}
	return 0
}

// text is a value as a query spells it.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return fmt.Sprint(v)
}
