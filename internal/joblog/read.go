// Package joblog reads the log of a GitHub Actions job once, as a stream, and
// returns what a plan can use: the end of the text, the error and warning
// lines, the lines that match a pattern, and figures of the whole.
//
// Whoever can open a pull request can write into a log, so its text is data:
// nothing that this package returns can steer a terminal. What is removed,
// replaced and kept is told at [Sanitize].
//
// Memory does not grow with the log, nor with its longest line.
package joblog

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"regexp"
)

const (
	// DefaultMaxBytes is how much of a log's end to keep when nobody says:
	// 1 MiB.
	DefaultMaxBytes = 1 << 20

	// LargestMaxBytes is how much of a log's end is sensible to ask for:
	// 16 MiB. Read does not enforce it; it needs about twice MaxBytes for a
	// moment, when it hands Content over.
	LargestMaxBytes = 16 << 20

	// MaxPatternBytes is how much of a line, in bytes after sanitising,
	// Options.Pattern is compared with: 64 KiB. A longer line ends there for
	// the pattern, so "$" matches at the cut.
	MaxPatternBytes = 64 << 10

	// pieceBytes is the longest stretch of a line that is looked at in one
	// go. A line that is longer takes the slower way through scanner.piece.
	pieceBytes = 64 << 10
)

// Options say what to keep of a log. The zero value keeps no text, only
// annotations and figures.
type Options struct {
	// TailLines is how many lines of the end Content holds at most. 0 or
	// less: as many as MaxBytes allows.
	TailLines int

	// MaxBytes is how many bytes Content holds at most, counted after
	// sanitising. The cut is made in front of a rune, never inside one, and
	// may leave only the end of the first line, or of the only one. 0 or
	// less: no Content. See DefaultMaxBytes.
	MaxBytes int

	// Pattern picks the lines for Matches. It sees a line as Content shows
	// it: without time stamp, sanitised, the line end not included, no more
	// than MaxPatternBytes of it. nil: no line is picked.
	Pattern *regexp.Regexp
}

// Summary is what is left of a log after it was read once.
//
// Errors, Warnings and Matches hold lines in the order of the log, each cut in
// front of a rune at MaxLineBytes. When there were more lines than the list
// may hold, it has the first half and the last half: the first error is often
// the cause of those that follow, the last one is what ended the job. The
// count beside each list is that of all lines, so a count above the list's
// length says that the middle is missing.
type Summary struct {
	// Content is the sanitised end of the log: lines without their time
	// stamps, joined by "\n", with no "\n" after the last. A log that ends
	// in an empty line therefore ends in "\n" here.
	Content string

	// Truncated says that Content is less than the whole sanitised log,
	// because of TailLines or MaxBytes.
	Truncated bool

	// SizeBytes is the length of the whole log as it came, in bytes.
	SizeBytes int64

	// LineCount is the number of lines of the whole log. Lines end in "\n";
	// a last one without it counts; an empty log has none, and a byte order
	// mark alone is no line.
	LineCount int64

	// SHA256 is the digest of the whole log as it came, in lower-case hex.
	SHA256 string

	// Errors are the texts of the ##[error] lines without that marker, at
	// most MaxAnnotations. Never nil.
	Errors []string
	// ErrorCount is the number of all ##[error] lines.
	ErrorCount int64

	// Warnings are the texts of the ##[warning] lines without that marker,
	// at most MaxAnnotations. Never nil.
	Warnings []string
	// WarningCount is the number of all ##[warning] lines.
	WarningCount int64

	// Matches are the lines that match Options.Pattern, with their markers
	// if they have any, at most MaxMatches. nil when there was no pattern,
	// and only then.
	Matches []string
	// MatchCount is the number of all lines that match.
	MatchCount int64
}

// Read reads r to its end. An error is r's own, wrapped, and comes with the
// zero Summary: half a log must not pass for a whole one. How r cuts the log
// into reads makes no difference to the result.
func Read(r io.Reader, o Options) (Summary, error) {
	raw := &meter{hash: sha256.New()}
	in := bufio.NewReaderSize(io.TeeReader(r, raw), pieceBytes)
	s := newScanner(o)
	for {
		text, err := in.ReadSlice('\n')
		// Compared as they are, without errors.Is: only io.EOF itself is the
		// end; an error that wraps it is a log that broke off.
		switch {
		case err == nil:
			s.endLine(text[:len(text)-1])
		case err == io.EOF:
			s.endLog(text)
			return s.summary(raw), nil
		case err == bufio.ErrBufferFull && len(text) == pieceBytes: //nolint:errorlint // see above
			s.piece(text, false)
		default:
			return Summary{}, fmt.Errorf("reading the log, after %d bytes: %w", raw.size, err)
		}
	}
}

// A meter measures the raw bytes that pass by.
type meter struct {
	hash hash.Hash
	size int64
}

func (m *meter) Write(p []byte) (int, error) {
	m.size += int64(len(p))
	return m.hash.Write(p)
}

// A scanner takes a log line by line, or piece by piece where a line is long.
type scanner struct {
	pattern   *regexp.Regexp
	tailLines int

	tail     tail
	errors   excerpt
	warnings excerpt
	matches  excerpt
	lines    int64

	cleaner cleaner
	cleaned []byte // what cleaner made of the line, or of its piece

	// The rest serves lines that come in pieces.
	open   bool   // such a line has begun and not ended
	head   []byte // its sanitised start, at most MaxPatternBytes
	full   bool   // head takes no more
	carry  []byte // the start of a rune that its last piece ended in
	joined []byte // carry and the next piece
}

func newScanner(o Options) *scanner {
	return &scanner{
		pattern:   o.Pattern,
		tailLines: o.TailLines,
		tail:      newTail(o.MaxBytes),
		errors:    excerpt{limit: MaxAnnotations},
		warnings:  excerpt{limit: MaxAnnotations},
		matches:   excerpt{limit: MaxMatches},
	}
}

// endLine takes the rest of a line, which is all of it unless pieces came
// before, without its "\n".
func (s *scanner) endLine(raw []byte) {
	if s.open {
		s.piece(raw, true)
		return
	}
	line := trimReturns(raw)
	line = line[prefaceLen(line):]
	// Most lines of most logs need neither state nor copy.
	if n := textLen(line); n < len(line) {
		s.cleaner.reset()
		s.cleaned, _ = s.cleaner.append(append(s.cleaned[:0], line[:n]...), line[n:], true)
		line = s.cleaned
	}
	s.beginLine()
	s.tail.write(line)
	s.report(clip(line, MaxPatternBytes))
}

// endLog takes what follows the last "\n".
func (s *scanner) endLog(raw []byte) {
	if s.lines == 0 && bytes.Equal(raw, byteOrderMark) {
		return
	}
	if s.open || len(raw) > 0 {
		s.endLine(raw)
	}
}

// piece takes a part of a line that is too long to be seen as a whole; last
// says that the line ends here.
func (s *scanner) piece(raw []byte, last bool) {
	if !s.open {
		s.open = true
		s.beginLine()
		s.cleaner.reset()
		s.head, s.full = s.head[:0], false
		raw = raw[prefaceLen(trimReturns(raw)):]
	}
	if len(s.carry) > 0 {
		s.joined = append(append(s.joined[:0], s.carry...), raw...)
		raw = s.joined
	}
	var rest []byte
	s.cleaned, rest = s.cleaner.append(s.cleaned[:0], raw, last)
	s.carry = append(s.carry[:0], rest...)
	s.tail.write(s.cleaned)
	s.keepHead(s.cleaned)
	if last {
		s.open = false
		s.report(s.head)
	}
}

func (s *scanner) keepHead(text []byte) {
	if s.full {
		return
	}
	part := clip(text, MaxPatternBytes-len(s.head))
	s.head = append(s.head, part...)
	// Once something was left out, what follows is not the next of it.
	s.full = len(part) < len(text)
}

// beginLine counts a line and parts it from the one before.
func (s *scanner) beginLine() {
	if s.lines > 0 {
		s.tail.write(newline)
	}
	s.lines++
}

// report files a sanitised line under what it is.
func (s *scanner) report(line []byte) {
	if text, ok := bytes.CutPrefix(line, errorMarker); ok {
		s.errors.add(text)
	} else if text, ok := bytes.CutPrefix(line, warningMarker); ok {
		s.warnings.add(text)
	}
	if s.pattern != nil && s.pattern.Match(line) {
		s.matches.add(line)
	}
}

func (s *scanner) summary(raw *meter) Summary {
	content, truncated := s.tail.text(s.tailLines)
	sum := Summary{
		Content:      content,
		Truncated:    truncated,
		SizeBytes:    raw.size,
		LineCount:    s.lines,
		SHA256:       hex.EncodeToString(raw.hash.Sum(nil)),
		Errors:       s.errors.lines(),
		ErrorCount:   s.errors.count,
		Warnings:     s.warnings.lines(),
		WarningCount: s.warnings.count,
	}
	if s.pattern != nil {
		sum.Matches = s.matches.lines()
		sum.MatchCount = s.matches.count
	}
	return sum
}
