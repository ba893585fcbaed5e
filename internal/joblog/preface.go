package joblog

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// What stands before the text of a line: a byte order mark and a time stamp.

var (
	newline       = []byte("\n")     //nolint:gochecknoglobals // constant
	byteOrderMark = []byte("\ufeff") //nolint:gochecknoglobals // constant
)

const (
	// stampForm is the form of a time stamp up to its fraction; 0 stands for any digit. Only the
	// form counts: 99 is as good a month as 12.
	stampForm = "0000-00-00T00:00:00."

	// runnerFraction is how many fraction digits a runner writes, those of GitHub and Gitea too.
	runnerFraction = 7
)

// An origin says where a line comes from, as far as its start tells.
type origin struct {
	marked  bool // a byte order mark: a page of a log starts here
	stamped bool // the time stamp of the runner: a message starts here
	command bool // the text may be a workflow command
}

// A prefaceReader finds what stands before the text of each line.
//
// A program can print time stamps too, and they must stay where the runner wrote none. Programs
// hardly ever write seven fraction digits, so that is how to tell them apart. A server that writes
// another form has it on the first line of its logs: then any number of digits from 1 to 9 counts.
type prefaceReader struct {
	started     bool // the first line was seen
	anyFraction bool
}

// read returns the length of what stands before the text of a line: a byte order mark, a time stamp
// with one space, both, or nothing. The mark is looked for on every line because a log consists of
// pages, each with its own mark. line has no line end, but can be only the start of a line.
func (p *prefaceReader) read(line []byte) (n int, from origin) {
	if len(line) >= len(byteOrderMark) && string(line[:len(byteOrderMark)]) == string(byteOrderMark) {
		n = len(byteOrderMark)
		from.marked = true
	}
	length, digits := stampLen(line[n:])
	if !p.started {
		p.started = true
		p.anyFraction = length > 0 && digits != runnerFraction
	}
	if length > 0 && (digits == runnerFraction || p.anyFraction) {
		n += length
		from.stamped = true
	}
	from.command = startsCommand(line[n:])
	return n, from
}

// stampLen returns the length of the time stamp at the start of line, with the space after it, and
// how many digits its fraction has. A stamp is the date and time in UTC with 1 to 9 fraction
// digits, and after it comes a space or the end of the line. The length is 0 if there is none.
func stampLen(line []byte) (length, digits int) {
	if len(line) < len(stampForm) || !digit(line[0]) {
		return 0, 0
	}
	for i, got := range line[:len(stampForm)] {
		if want := stampForm[i]; want != got && (want != '0' || !digit(got)) {
			return 0, 0
		}
	}
	end := len(stampForm)
	for end < len(line) && digit(line[end]) {
		end++
	}
	digits = end - len(stampForm)
	if digits < 1 || digits > 9 || end == len(line) || line[end] != 'Z' {
		return 0, 0
	}
	end++
	if end == len(line) {
		return end, digits
	}
	if line[end] != ' ' {
		return 0, 0
	}
	return end + 1, digits
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

// startsCommand says whether a workflow command may start here, perhaps after blanks. It looks at
// the text as the runner saw it: to the runner, a command in colour is not a command. That is how a
// step's script is printed, whose own lines can look like commands.
func startsCommand(text []byte) bool {
	if len(text) == 0 || text[0] > ' ' && text[0] != ':' && text[0] < utf8.RuneSelf {
		return false
	}
	return bytes.HasPrefix(bytes.TrimLeftFunc(text, unicode.IsSpace), commandKey)
}

// trimReturns removes the carriage returns from the end of a line. There can be several: "\r\r\n"
// is what a text-mode write makes of "\r\n".
func trimReturns(line []byte) []byte {
	for len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	return line
}
