package joblog

// What stands before the text of a line: a byte order mark and a time stamp.

var (
	newline       = []byte("\n")     //nolint:gochecknoglobals // constant
	byteOrderMark = []byte("\ufeff") //nolint:gochecknoglobals // constant
)

// stampForm is GitHub's time stamp up to its fraction: 0 is any digit. Only
// the form counts, 99 is as good a month as 12.
const stampForm = "0000-00-00T00:00:00."

// prefaceLen is the length of what GitHub put before the text of a line: a byte
// order mark, a time stamp with one space, both, or nothing. The mark is looked
// for on every line because a job's log is its steps' logs end to end. line
// has no line end.
func prefaceLen(line []byte) int {
	n := 0
	if len(line) >= len(byteOrderMark) && string(line[:len(byteOrderMark)]) == string(byteOrderMark) {
		n = len(byteOrderMark)
	}
	return n + stampLen(line[n:])
}

// stampLen is the length of the time stamp that line starts with, with the
// space after it, or 0: the date and time in UTC with 1 to 9 fraction digits,
// and then a space or the end of the line.
func stampLen(line []byte) int {
	if len(line) < len(stampForm) {
		return 0
	}
	for i, got := range line[:len(stampForm)] {
		if want := stampForm[i]; want != got && (want != '0' || !digit(got)) {
			return 0
		}
	}
	end := len(stampForm)
	for end < len(line) && digit(line[end]) {
		end++
	}
	fraction := end - len(stampForm)
	if fraction < 1 || fraction > 9 || end == len(line) || line[end] != 'Z' {
		return 0
	}
	end++
	if end == len(line) {
		return end
	}
	if line[end] != ' ' {
		return 0
	}
	return end + 1
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

// trimReturns takes the carriage returns off the end of a line. There can be
// several: "\r\r\n" is what a text-mode write makes of "\r\n".
func trimReturns(line []byte) []byte {
	for len(line) > 0 && line[len(line)-1] == '\r' {
		line = line[:len(line)-1]
	}
	return line
}
