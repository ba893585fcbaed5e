package joblog

import (
	"bytes"
	"unicode"
)

// The markers that a runner writes in front of its own messages, and in front of the text of the
// workflow commands ::error::, ::warning:: and ::notice::. They count only at the start of a line.
var (
	errorMarker   = []byte("##[error]")   //nolint:gochecknoglobals // constant
	warningMarker = []byte("##[warning]") //nolint:gochecknoglobals // constant
	noticeMarker  = []byte("##[notice]")  //nolint:gochecknoglobals // constant
)

// commandKey starts a workflow command, and separates its name and properties from its message.
var commandKey = []byte("::") //nolint:gochecknoglobals // constant

// stopCommand makes the runner ignore commands until a command named like its message comes.
const stopCommand = "stop-commands"

type severity uint8

const (
	notAnnotation severity = iota
	notice                 // recognised so that its text is not searched for errors, but not kept
	warning
	failure
)

// annotations collects the error and warning annotations of a log.
//
// A runner writes a message of several lines as one text with one time stamp, at its start. So when
// the line with the marker has a stamp, the lines without one that follow it belong to its message,
// whatever they look like. In a log without stamps every message has one line.
type annotations struct {
	errors, warnings excerpt

	severity severity // of the message that is being collected
	stamped  bool     // its first line has a stamp, so lines without one continue it
	message  beginning
	breaks   int64 // line ends to add before the next line that is not empty

	resume  []byte // the name of the command that ends ::stop-commands::, if it was given
	decoded []byte
	cleaner cleaner
	cleaned []byte
}

func newAnnotations() annotations {
	return annotations{
		errors:   excerpt{limit: MaxAnnotations},
		warnings: excerpt{limit: MaxAnnotations},
		message:  beginning{limit: MaxLineBytes},
	}
}

// line takes the next line of the log, sanitised.
func (a *annotations) line(line []byte, from origin) {
	if from.marked {
		a.resume = a.resume[:0] // a log of a step starts here, and each step has its own commands
	}
	if a.severity != notAnnotation {
		if a.continues(from) {
			a.extend(line)
			return
		}
		a.flush()
	}
	if from.command {
		a.command(line, from)
		return
	}
	if len(line) < 2 || line[0] != '#' || line[1] != '#' {
		return
	}
	for _, marker := range []struct {
		text     []byte
		severity severity
	}{{errorMarker, failure}, {warningMarker, warning}, {noticeMarker, notice}} {
		if text, ok := bytes.CutPrefix(line, marker.text); ok {
			a.begin(marker.severity, from)
			a.message.add(text)
		}
	}
}

// emptyLines takes a number of lines that have neither text nor stamp.
func (a *annotations) emptyLines(count int64) {
	if a.continues(origin{}) {
		a.breaks += count
		return
	}
	a.flush()
}

// continues says whether a line belongs to the message before it. A byte order mark starts another
// log, so it ends the message.
func (a *annotations) continues(from origin) bool {
	return a.stamped && !from.stamped && !from.marked
}

func (a *annotations) begin(s severity, from origin) {
	a.severity, a.stamped = s, from.stamped
	a.message.reset()
	a.breaks = 0
}

// extend adds a line to the message. Empty lines at the end of a message are dropped.
func (a *annotations) extend(line []byte) {
	a.breaks++
	if len(line) == 0 {
		return
	}
	for ; a.breaks > 0 && !a.message.full; a.breaks-- {
		a.message.add(newline)
	}
	a.breaks = 0
	a.message.add(line)
}

// flush keeps the message that was collected, if there is one.
func (a *annotations) flush() {
	switch a.severity {
	case failure:
		a.errors.add(a.message.text)
	case warning:
		a.warnings.add(a.message.text)
	case notice, notAnnotation:
	}
	a.severity, a.stamped = notAnnotation, false
}

// command takes a line that may be a workflow command: "::NAME PROPERTIES::MESSAGE". A server whose
// runner does not translate commands has them in its logs as they are. GitHub has them there only
// where a step has stopped commands.
func (a *annotations) command(line []byte, from origin) {
	line, _ = bytes.CutPrefix(bytes.TrimLeftFunc(line, unicode.IsSpace), commandKey)
	name, message, ok := bytes.Cut(line, commandKey)
	if !ok {
		return
	}
	name, _, _ = bytes.Cut(name, []byte(" "))
	if len(a.resume) > 0 {
		if bytes.EqualFold(name, a.resume) {
			a.resume = a.resume[:0]
		}
		return
	}
	message = a.decode(message)
	if bytes.EqualFold(name, []byte(stopCommand)) {
		if severityOf(message) == notAnnotation { // a runner refuses the names of its commands
			a.resume = append(a.resume, message...)
		}
		return
	}
	severity := severityOf(name)
	if severity == notAnnotation {
		return
	}
	a.begin(severity, from)
	for i, part := range bytes.Split(message, newline) {
		a.cleaner.reset()
		a.cleaned, _ = a.cleaner.append(a.cleaned[:0], trimReturns(part), true)
		if i == 0 {
			a.message.add(a.cleaned)
		} else {
			a.extend(a.cleaned)
		}
	}
}

// severityOf is what the command with this name announces. Case does not count.
func severityOf(name []byte) severity {
	switch {
	case bytes.EqualFold(name, []byte("error")):
		return failure
	case bytes.EqualFold(name, []byte("warning")):
		return warning
	case bytes.EqualFold(name, []byte("notice")):
		return notice
	}
	return notAnnotation
}

// decode replaces the three escapes that a command's message can have. As in the runner, their
// letters must be upper case and any other "%" stands for itself. Of what can come out, only "\r"
// and "\n" are not sanitised.
func (a *annotations) decode(message []byte) []byte {
	a.decoded = a.decoded[:0]
	for {
		before, after, found := bytes.Cut(message, []byte("%"))
		a.decoded = append(a.decoded, before...)
		if !found {
			return a.decoded
		}
		b := byte('%')
		if len(after) >= 2 {
			switch string(after[:2]) {
			case "25":
				after = after[2:]
			case "0D":
				b, after = '\r', after[2:]
			case "0A":
				b, after = '\n', after[2:]
			}
		}
		a.decoded = append(a.decoded, b)
		message = after
	}
}
