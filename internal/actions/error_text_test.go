package actions

import (
	"strings"
	"testing"
)

// TestTextOfAnError: GitHub's errors are JSON, those of proxies and of GitHub's own edge often are not.
func TestTextOfAnError(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 300)
	for _, tc := range []struct {
		name, body string
		want       errorText
	}{
		{"nothing", " \n", errorText{isEmpty: true}},
		{"a message", `{"message":"Not Found","documentation_url":"https://docs.github.com/rest"}`, errorText{message: "Not Found", isJSON: true}},
		{"details as objects", `{"message":"Validation Failed","errors":[{"resource":"Search","field":"created","code":"invalid"},{"code":"custom","message":"is too old"}]}`,
			errorText{message: "Validation Failed: created invalid; is too old", isJSON: true}},
		{"details as texts", `{"message":"Validation Failed","errors":["a","b","c","d"]}`, errorText{message: "Validation Failed: a; b; c", isJSON: true}},
		{"details as one text", `{"message":"Validation Failed","errors":"page is too high"}`, errorText{message: "Validation Failed: page is too high", isJSON: true}},
		{"details of other types", `{"message":"No","errors":[5,null,{"field":5}]}`, errorText{message: "No", isJSON: true}},
		{"null as details", `{"message":"No","errors":null}`, errorText{message: "No", isJSON: true}},
		{"a message of another type", `{"message":{"a":1},"errors":["b"]}`, errorText{message: "b", isJSON: true}},
		{"a web page", "\n<!DOCTYPE html><p>Forbidden", errorText{isHTML: true}},
		{"a plain text", "\r\nRequest forbidden by administrative rules.\r\nMore.", errorText{message: "Request forbidden by administrative rules."}},
		{"a secret in a URL", "see https://me:s3cret@proxy.test/x?key=s3cret", errorText{message: "see https://***@proxy.test/x?***"}},
		{"a long text", long, errorText{message: strings.Repeat("é", maxQuote/2) + "…"}},
		{"no text", "\x00\x01", errorText{}},
		{"invalid UTF-8", "a\xff", errorText{}},
		{"an array", `["x"]`, errorText{message: `["x"]`}},
	} {
		if got := errorTextOf([]byte(tc.body)); got != tc.want {
			t.Errorf("%s: got %+v, want %+v", tc.name, got, tc.want)
		}
	}
}
