package actions

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/runner-audit/terraform-provider-github-actions/internal/transport"
)

const (
	// maxErrorBody is the maximum that is read of an error's body. GitHub sends a few hundred bytes.
	maxErrorBody = 64 << 10
	// maxQuote is the maximum that is quoted of a text that is not JSON, in bytes.
	maxQuote = 200
	// maxDetails is the maximum number of entries that are quoted of GitHub's list of errors.
	maxDetails = 3
)

// errorText is what the body of an error says.
type errorText struct {
	message string // GitHub's message with its details, or the first line of a plain text; not sanitised
	isJSON  bool   // an API answered
	isHTML  bool   // a proxy may have answered
	isEmpty bool
}

// isForeign reports whether something else than an API has answered.
func (t errorText) isForeign() bool { return !t.isJSON && !t.isEmpty }

// errorTextOf reads the body of an error. Only its message has to have the documented type.
func errorTextOf(raw []byte) errorText {
	var body struct {
		Message json.RawMessage `json:"message"`
		Errors  json.RawMessage `json:"errors"`
	}
	text := bytes.TrimSpace(raw)
	switch {
	case len(text) == 0:
		return errorText{isEmpty: true}
	case json.Unmarshal(text, &body) == nil:
		return errorText{message: joinMessage(stringIn(body.Message), detailsIn(body.Errors)), isJSON: true}
	case bytes.HasPrefix(text, []byte("<")):
		return errorText{isHTML: true}
	}
	return errorText{message: firstLine(text)}
}

func joinMessage(message string, details []string) string {
	if message != "" && len(details) > 0 {
		message += ": "
	}
	return message + strings.Join(details, "; ")
}

// detailsIn returns the entries of `errors`. GitHub sends objects, or texts, or one text.
func detailsIn(raw json.RawMessage) []string {
	var entries []json.RawMessage
	if json.Unmarshal(raw, &entries) != nil {
		entries = []json.RawMessage{raw}
	}
	var details []string
	for _, entry := range entries {
		var object struct {
			Message string `json:"message"`
			Field   string `json:"field"`
			Code    string `json:"code"`
		}
		detail := stringIn(entry)
		if json.Unmarshal(entry, &object) == nil {
			detail = object.Message
		}
		if detail == "" {
			detail = strings.TrimSpace(object.Field + " " + object.Code)
		}
		if detail != "" && len(details) < maxDetails {
			details = append(details, detail)
		}
	}
	return details
}

func stringIn(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // of another type: there is no text
	return s
}

// firstLine is the first line of a plain text, without what URLs in it can carry. It is empty if the
// body is not text.
func firstLine(text []byte) string {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	if !utf8.Valid(line) || bytes.ContainsRune(line, 0) {
		return ""
	}
	quote := transport.SafeErrorText(errors.New(string(bytes.TrimSpace(line))))
	if len(quote) > maxQuote {
		quote = strings.ToValidUTF8(quote[:maxQuote], "") + "…"
	}
	return quote
}
