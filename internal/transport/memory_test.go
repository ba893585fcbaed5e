package transport

import (
	"context"
	"net/http"
	"slices"
	"testing"
)

// TestMemoryAsksByETag: who polls asks for what has changed only; who does not, and the next who polls,
// start anew.
func TestMemoryAsksByETag(t *testing.T) {
	t.Parallel()
	var asked []string
	base := roundTrip(func(req *http.Request) (*http.Response, error) {
		tag := req.Header.Get("If-None-Match")
		asked = append(asked, tag)
		if tag == `"1"` {
			return response(req, http.StatusNotModified, ""), nil
		}
		return response(req, http.StatusOK, `{"v":1}`, "ETag", `"1"`, "Content-Type", "application/json"), nil
	})
	client := newClient(t, Config{Base: base})
	polling := WithMemory(t.Context())
	for _, ctx := range []context.Context{polling, polling, t.Context(), polling, WithMemory(t.Context())} {
		if status, body, _, err := fetch(ctx, client, testBase); err != nil || status != http.StatusOK || body != `{"v":1}` {
			t.Fatalf("%d %s, %v", status, body, err)
		}
	}
	if want := []string{"", `"1"`, "", `"1"`, ""}; !slices.Equal(asked, want) {
		t.Errorf("asked with %q, want %q", asked, want)
	}
}
