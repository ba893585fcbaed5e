// Package rawjson looks at the text of JSON without decoding it.
package rawjson

import "bytes"

// EndOfString returns the index of the quote that ends the string that begins at start, or the length
// of the text if the string does not end.
func EndOfString(text []byte, start int) int {
	for i := start + 1; i < len(text); i++ {
		next := bytes.IndexByte(text[i:], '"')
		if next < 0 {
			break
		}
		i += next
		if before := text[start+1 : i]; (len(before)-len(bytes.TrimRight(before, `\`)))%2 == 0 {
			return i // an odd number of backslashes would escape it
		}
	}
	return len(text)
}

// IsCut reports whether a text begins with an object or array and ends before that is closed. It only
// looks for the end. Whether the text is JSON is for the decoder to say.
//
// It misses a cut directly after a closing bracket if brackets inside strings make up for those that
// the cut removed.
func IsCut(text []byte) bool {
	text = bytes.TrimSpace(text)
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return false
	}
	// Counting is ten times as fast as looking at each string, and decides for nearly all texts.
	if end := text[len(text)-1]; (end == '}' || end == ']') && balanced(text, "{", "}") && balanced(text, "[", "]") {
		return false
	}
	open := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = EndOfString(text, i)
		case '{', '[':
			open++
		case '}', ']':
			if open--; open == 0 {
				return false
			}
		}
	}
	return true
}

func balanced(text []byte, opening, closing string) bool {
	return bytes.Count(text, []byte(opening)) == bytes.Count(text, []byte(closing))
}
