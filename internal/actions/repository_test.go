package actions_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/runner-audit/terraform-provider-github-actions/internal/actions"
)

func TestParseRepository(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in   string
		want actions.Repository
		err  string // part of the message; empty: none
	}{
		{in: "app", want: actions.Repository{Name: "app"}},
		{in: "acme/app", want: actions.Repository{Owner: "acme", Name: "app"}},
		{in: "A-c_m.e/.github", want: actions.Repository{Owner: "A-c_m.e", Name: ".github"}},
		{in: "app.git", err: "the name ends in .git"},
		{in: "acme/app.git", err: "the name ends in .git"},
		{in: ".github", want: actions.Repository{Name: ".github"}},
		{in: "", err: "the name is empty"},
		{in: "acme/", err: "the name is empty"},
		{in: "/app", err: "the owner is empty"},
		{in: "..", err: "the name is not valid"},
		{in: "./app", err: "the owner is not valid"},
		{in: "acme/app/extra", err: "contains '/'"},
		{in: "acme/app?x", err: "contains '?'"},
		{in: "acme/app#x", err: "contains '#'"},
		{in: "acme/%2e%2e", err: "contains '%'"},
		{in: "acme/app ", err: "contains ' '"},
		{in: "acme/äpp", err: "contains 'ä'"},
		{in: `acme\app`, err: `contains '\\'`},
		{in: "acme/app\n", err: `contains '\n'`},
	} {
		t.Run(tc.in, func(t *testing.T) {
			t.Parallel()
			got, err := actions.ParseRepository(tc.in)
			if tc.err == "" && err != nil || tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)) {
				t.Fatalf("error %v, want %q in it", err, tc.err)
			}
			if got != tc.want {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
		})
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, repository, beside, fallback, want string
		err                                      string
	}{
		{name: "its own owner", repository: "acme/app", fallback: "other", want: "acme/app"},
		{name: "its own owner, repeated in other case", repository: "acme/app", beside: "ACME", want: "acme/app"},
		{name: "the owner beside it", repository: "app", beside: "acme", fallback: "other", want: "acme/app"},
		{name: "the provider's", repository: "app", fallback: "acme", want: "acme/app"},
		{name: "two owners", repository: "acme/app", beside: "other", err: actions.ErrTwoOwners.Error()},
		{name: "none", repository: "app", err: actions.ErrNoOwner.Error()},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := repository(t, tc.repository).Resolve(tc.beside, tc.fallback)
			if tc.err != "" {
				if err == nil || err.Error() != tc.err {
					t.Fatalf("error %v, want %q", err, tc.err)
				}
				return
			}
			if err != nil || got.String() != tc.want {
				t.Errorf("got %v, %v, want %s", got, err, tc.want)
			}
		})
	}
	if _, err := repository(t, "app").Resolve("", ""); !errors.Is(err, actions.ErrNoOwner) {
		t.Errorf("no owner at all: %v", err)
	}
}
