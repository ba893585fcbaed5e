package joblog

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file implements the rules of Read and Sanitize a second time, in a slow and simple way with
// everything in memory. Tests compare the two.

// A referenceLine is a sanitised line and what stood before it.
type referenceLine struct {
	text            string
	marked, stamped bool
	command         bool
}

func referenceRead(log string, o Options) Summary {
	lines := referenceLines(log)
	var texts, matches []string
	for _, line := range lines {
		texts = append(texts, line.text)
		seen := referenceClip(line.text, MaxPatternBytes)
		if o.Pattern != nil && o.Pattern.MatchString(seen) {
			matches = append(matches, referenceClip(seen, MaxLineBytes))
		}
	}
	content, truncated := referenceTail(texts, o.TailLines, o.MaxBytes)
	sum := Summary{
		Content:   content,
		Truncated: truncated,
		SizeBytes: int64(len(log)),
		LineCount: int64(len(lines)),
		SHA256:    fmt.Sprintf("%x", sha256.Sum256([]byte(log))),
	}
	annotations := referenceAnnotations(lines)
	errs, warnings := annotations["error"], annotations["warning"]
	sum.Errors, sum.ErrorCount = referenceEnds(errs, 100), int64(len(errs))
	sum.Warnings, sum.WarningCount = referenceEnds(warnings, 100), int64(len(warnings))
	if o.Pattern != nil {
		sum.Matches, sum.MatchCount = referenceEnds(matches, 1000), int64(len(matches))
	}
	return sum
}

var (
	referenceMark     = regexp.MustCompile(`^\x{FEFF}?`)
	referenceStamp    = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.(\d{1,9})Z(?: |$)`)
	referenceMarker   = regexp.MustCompile(`^##\[(error|warning|notice)\]`)
	referenceCommand  = regexp.MustCompile(`^\pZ*::([^ ]*?)(?: .*?)?::`)
	referenceSeverity = regexp.MustCompile(`(?i)^(?:error|warning|notice)$`)
)

func referenceLines(log string) []referenceLine {
	if log == "" || log == "\ufeff" {
		return nil
	}
	var lines []referenceLine
	anyFraction := false
	for i, raw := range strings.Split(strings.TrimSuffix(log, "\n"), "\n") {
		raw = strings.TrimRight(raw, "\r")
		afterFirstPiece := raw[min(len(raw), pieceBytes):]
		mark := referenceMark.FindString(raw)
		raw = raw[len(mark):]
		line := referenceLine{marked: mark != ""}
		if stamp := referenceStamp.FindStringSubmatch(raw); stamp != nil {
			seven := len(stamp[1]) == 7
			if i == 0 {
				anyFraction = !seven
			}
			if seven || anyFraction {
				line.stamped = true
				raw = raw[len(stamp[0]):]
			}
		}
		// Commands are looked for at the start of the first piece.
		start := strings.TrimSuffix(raw, afterFirstPiece)
		line.command = strings.HasPrefix(strings.TrimLeftFunc(start, unicode.IsSpace), "::")
		line.text = referenceClean(raw)
		lines = append(lines, line)
	}
	return lines
}

// referenceAnnotations returns the texts of the annotations by severity. It collects the lines of
// each message before it looks at the next one.
func referenceAnnotations(lines []referenceLine) map[string][]string {
	found := map[string][]string{}
	stopped := ""
	for len(lines) > 0 {
		first := lines[0]
		if first.marked {
			stopped = ""
		}
		seen := referenceClip(first.text, MaxPatternBytes)
		severity, text := "", ""
		if first.command {
			severity, text, stopped = referenceRunCommand(seen, stopped)
		} else if marker := referenceMarker.FindStringSubmatch(seen); marker != nil {
			severity, text = marker[1], seen[len(marker[0]):]
		}
		message := []string{text}
		length := 1
		for severity != "" && first.stamped && length < len(lines) && !lines[length].stamped && !lines[length].marked {
			message = append(message, referenceClip(lines[length].text, MaxPatternBytes))
			length++
		}
		text = strings.TrimRight(strings.Join(message, "\n"), "\n")
		found[severity] = append(found[severity], referenceClip(text, MaxLineBytes))
		lines = lines[length:]
	}
	return found
}

// referenceRunCommand does what a line that may be a command says: it returns the annotation that
// it makes, and the token that commands are stopped by afterwards.
func referenceRunCommand(line, stopped string) (severity, text, stoppedBy string) {
	line = strings.TrimLeftFunc(line, unicode.IsSpace)
	command := referenceCommand.FindStringSubmatch(line)
	if command == nil {
		return "", "", stopped
	}
	name, message := command[1], line[len(command[0]):]
	message = strings.ReplaceAll(strings.ReplaceAll(message, "%0D", "\r"), "%0A", "\n")
	message = strings.ReplaceAll(message, "%25", "%")
	switch {
	case stopped != "" && strings.EqualFold(name, stopped):
		return "", "", ""
	case stopped != "":
		return "", "", stopped
	case strings.EqualFold(name, "stop-commands") && !referenceSeverity.MatchString(message):
		return "", "", message
	case !referenceSeverity.MatchString(name):
		return "", "", ""
	}
	parts := strings.Split(message, "\n")
	for i, part := range parts {
		parts[i] = referenceClean(strings.TrimRight(part, "\r"))
	}
	return strings.ToLower(name), strings.Join(parts, "\n"), ""
}

func referenceTail(lines []string, tailLines, maxBytes int) (string, bool) {
	whole := strings.Join(lines, "\n")
	if tailLines > 0 && len(lines) > tailLines {
		lines = lines[len(lines)-tailLines:]
	}
	content := strings.Join(lines, "\n")
	if over := len(content) - max(maxBytes, 0); over > 0 {
		for over < len(content) && !utf8.RuneStart(content[over]) {
			over++
		}
		// Only the line end is left of the first line.
		if over < len(content) && content[over] == '\n' && content[over-1] != '\n' {
			over++
		}
		content = content[over:]
	}
	return content, content != whole
}

// referenceEnds is the first and the last half of limit.
func referenceEnds(lines []string, limit int) []string {
	if len(lines) <= limit {
		return append([]string{}, lines...)
	}
	return slices.Concat(lines[:limit/2], lines[len(lines)-limit/2:])
}

// referenceClip is the longest start of s in whole runes within limit.
func referenceClip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := 0
	for i, r := range s {
		if i+utf8.RuneLen(r) > limit {
			break
		}
		end = i + utf8.RuneLen(r)
	}
	return s[:end]
}

// move represents anything that moves the cursor, between the two passes below.
const move = '\n'

// referenceClean sanitises one line: it writes C1 controls as ESC sequences, then removes sequences
// one by one, then turns moves into spaces.
func referenceClean(line string) string {
	var runes []rune
	for _, r := range line {
		if 0x80 <= r && r < 0xa0 {
			runes = append(runes, 0x1b, r-0x40)
		} else {
			runes = append(runes, r)
		}
	}
	var kept []rune
	for len(runes) > 0 {
		r := runes[0]
		runes = runes[1:]
		switch {
		case r == 0x1b:
			var extra []rune
			extra, runes = referenceSequence(runes)
			kept = append(kept, extra...)
		case ' ' <= r && r <= '~':
			kept = append(kept, r)
		default:
			kept = append(kept, referenceCharacter(r)...)
		}
	}
	return referenceMoves(kept)
}

var (
	moving = regexp.MustCompile(`^\[[ -?]*[A-IZ\x60adef]$|^[DEM]$`)
	ended  = regexp.MustCompile(`^(?:\[[ -?]*[@-~]|[ -/]+[0-~]|[0-OQ-WYZ\\\x60-~])$`)
	begun  = regexp.MustCompile(`^(?:\[[ -?]*|[ -/]*)$`)
)

// referenceSequence takes what follows ESC. It returns the characters that the sequence leaves, and
// what follows it.
func referenceSequence(runes []rune) (kept, rest []rune) {
	if len(runes) > 0 && strings.ContainsRune("]PX^_", withoutControls(runes)) {
		return referenceString(runes)
	}
	var seen string
	for i, r := range runes {
		switch {
		case r == 0x1b, r == 0x18, r == 0x1a, r >= 0x80:
			return kept, runes[i:]
		case r < ' ' || r == 0x7f:
			kept = append(kept, referenceCharacter(r)...)
			continue
		}
		seen += string(r)
		switch {
		case ended.MatchString(seen):
			if moving.MatchString(seen) {
				kept = append(kept, move)
			}
			return kept, runes[i+1:]
		case !begun.MatchString(seen):
			// A string, after control characters.
			more, rest := referenceString(runes[i:])
			return append(kept, more...), rest
		}
	}
	return kept, nil
}

// withoutControls is the first character, or 0 if it is a control or outside ASCII.
func withoutControls(runes []rune) rune {
	if r := runes[0]; r >= ' ' && r < 0x7f {
		return r
	}
	return 0
}

// referenceString takes a string from its introducer on.
func referenceString(runes []rune) (kept, rest []rune) {
	for i, r := range runes {
		switch {
		case r == 0x1b, r == 0x18, r == 0x1a:
			return nil, runes[i:]
		case r == 0x07 && runes[0] == ']':
			return nil, runes[i+1:]
		}
	}
	return nil, nil
}

// unseen matches the characters that the comment of Sanitize lists.
var unseen = regexp.MustCompile(`[\x{061C}\x{180E}\x{200B}\x{200E}\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}\x{FFF9}-\x{FFFB}\x{E0000}-\x{E007F}]`)

func referenceCharacter(r rune) []rune {
	switch {
	case r == '\t', ' ' <= r && r <= '~':
		return []rune{r}
	case strings.ContainsRune("\r\v\f\u2028\u2029", r):
		return []rune{move}
	case r < ' ' || r == 0x7f || r > 0x600 && r != utf8.RuneError && unseen.MatchString(string(r)):
		return nil
	}
	return []rune{r}
}

func referenceMoves(runes []rune) string {
	var out string
	for text := range strings.SplitSeq(string(runes), string(move)) {
		switch {
		case text == "":
		case out == "", strings.ContainsAny(out[len(out)-1:]+text[:1], " \t"):
			out += text
		default:
			out += " " + text
		}
	}
	return out
}
