package actions

import (
	"bytes"
	"strconv"

	"github.com/runner-audit/terraform-provider-github-actions/internal/rawjson"
)

// cutSteps removes lists of steps from the JSON of a page. Steps are four fifths of the page, and
// encoding/json reads each byte twice even if it does not decode it.
//
// Of the removed text, only brackets and strings are parsed. Whether it is valid JSON is checked
// when it is decoded.
type cutSteps struct {
	lists [][]byte // their places in the answer
}

// from is text with [N] in the place of the N-th list that is the value of a key "steps".
func (c *cutSteps) from(text []byte) []byte {
	rest := make([]byte, 0, len(text)/4)
	kept := 0 // the text before it is in rest or was removed
	for i := 0; i < len(text); i++ {
		if text[i] != '"' {
			continue
		}
		end := rawjson.EndOfString(text, i)
		isSteps := end < len(text) && string(text[i:end+1]) == `"steps"`
		i = end
		if !isSteps {
			continue
		}
		start, ok := startOfList(text, end+1)
		if !ok {
			continue
		}
		end, ok = endOfList(text, start)
		if !ok {
			break // the decoder reports the incomplete answer
		}
		c.lists = append(c.lists, text[start:end])
		rest = append(append(rest, text[kept:start]...), '[')
		rest = append(strconv.AppendInt(rest, int64(len(c.lists)), 10), ']')
		kept, i = end, end-1
	}
	return append(rest, text[kept:]...)
}

// startOfList is where the list begins that is the value of the key before.
func startOfList(text []byte, after int) (start int, ok bool) {
	value, isKey := bytes.CutPrefix(bytes.TrimLeft(text[after:], " \t\r\n"), []byte{':'})
	value = bytes.TrimLeft(value, " \t\r\n")
	return len(text) - len(value), isKey && len(value) > 0 && value[0] == '['
}

// endOfList is the place after the bracket that closes the list at start.
func endOfList(text []byte, start int) (end int, ok bool) {
	depth := 0
	for i := start; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = rawjson.EndOfString(text, i)
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i + 1, true
			}
		}
	}
	return 0, false
}
