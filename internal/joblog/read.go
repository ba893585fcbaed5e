// Package joblog reads the log of a GitHub Actions job once, as a stream, and returns what a plan
// can use: the end of the text, the error and warning annotations, the lines that match a pattern,
// and figures about the whole log.
//
// Anyone who can open a pull request can write into a log, so its text is only data: nothing that
// this package returns can control a terminal. [Sanitize] says what is removed, replaced and kept.
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
	// DefaultMaxBytes is how much of a log's end to keep by default: 1 MiB.
	DefaultMaxBytes = 1 << 20

	// LargestMaxBytes is the most of a log's end that a caller should ask for: 16 MiB. Read does
	// not enforce it. While Read builds Content, it needs about twice MaxBytes.
	LargestMaxBytes = 16 << 20

	// MaxPatternBytes is how much of a line, in bytes after sanitising, Options.Pattern is compared
	// with: 64 KiB. For the pattern, a longer line ends there, so "$" matches at the cut.
	MaxPatternBytes = 64 << 10

	// pieceBytes is the longest part of a line that is processed at once. A longer line takes the
	// slower way through scanner.piece.
	pieceBytes = 64 << 10
)

// Options say what to keep of a log. The zero value keeps no text, only annotations and figures.
type Options struct {
	// TailLines is the maximum number of lines in Content. 0 or less: as many as MaxBytes allows.
	TailLines int

	// MaxBytes is the maximum size of Content, counted after sanitising. The cut is in front of a
	// rune, never inside one, and can leave only the end of the first line. 0 or less: no Content.
	// See DefaultMaxBytes.
	MaxBytes int

	// Pattern selects the lines for Matches. It sees a line as Content shows it: without time
	// stamp, sanitised, without the line end, and at most MaxPatternBytes of it. It must come from
	// regexp.Compile, not from regexp.CompilePOSIX. nil: no line is selected.
	Pattern *regexp.Regexp
}

// Summary is what Read keeps of a log.
//
// Errors, Warnings and Matches are in the order of the log. Each entry is cut in front of a rune at
// MaxLineBytes. If there are more entries than a list can hold, it has the first half and the last
// half: the first error is often the cause of those that follow, and the last one ended the job.
// The count beside each list includes every entry, so a count above the list's length means that
// the middle is missing.
//
// An annotation is a message that the runner wrote with the marker ##[error] or ##[warning], with
// all its lines, joined by "\n"; or a workflow command ::error:: or ::warning:: that the runner did
// not translate, without its properties. A command does not count while ::stop-commands:: holds.
// Notices are not kept.
type Summary struct {
	// Content is the sanitised end of the log: lines without their time stamps, joined by "\n",
	// with no "\n" after the last one. So if the log ends in an empty line, Content ends in "\n".
	Content string

	// Truncated says that Content is less than the whole sanitised log, because of TailLines or
	// MaxBytes.
	Truncated bool

	// SizeBytes is the length of the whole log as it was received, in bytes.
	SizeBytes int64

	// LineCount is the number of lines of the whole log. Lines end in "\n", and a last line without
	// it counts too. An empty log has no lines, and a byte order mark alone is not a line.
	LineCount int64

	// SHA256 is the digest of the whole log as it was received, in lower-case hex.
	SHA256 string

	// Errors are the texts of the error annotations, at most MaxAnnotations. Never nil.
	Errors []string
	// ErrorCount is the number of all error annotations.
	ErrorCount int64

	// Warnings are the texts of the warning annotations, at most MaxAnnotations. Never nil.
	Warnings []string
	// WarningCount is the number of all warning annotations.
	WarningCount int64

	// Matches are the lines that match Options.Pattern, with their markers if they have any, at
	// most MaxMatches. nil if and only if there was no pattern.
	Matches []string
	// MatchCount is the number of all lines that match.
	MatchCount int64
}

// Read reads r to its end. If r fails, Read returns that error, wrapped, and the zero Summary,
// because half a log must not be taken for a whole one. The sizes of r's reads do not change the
// result.
func Read(r io.Reader, o Options) (Summary, error) {
	raw := &meter{hash: sha256.New()}
	in := bufio.NewReaderSize(io.TeeReader(r, raw), pieceBytes)
	s := newScanner(o)
	for {
		text, err := in.ReadSlice('\n')
		// Compared directly, without errors.Is: only io.EOF itself is the end. An error that wraps
		// it means that the log broke off.
		switch {
		case err == nil:
			s.endLine(text[:len(text)-1])
			if text[0] == '\n' || text[0] == '\r' {
				s.skipEmptyLines(in)
			}
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

// A meter measures the raw bytes that pass through it.
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
	tailLines int

	tail        tail
	preface     prefaceReader
	annotations annotations
	pattern     *pattern // nil: none was given
	matches     excerpt
	lines       int64

	cleaner cleaner
	cleaned []byte // the line, or the piece of a line, after cleaner

	// The rest serves lines that come in pieces.
	open   bool      // such a line has begun and not ended
	from   origin    // where it comes from
	head   beginning // its sanitised start
	carry  []byte    // the start of a rune at the end of the last piece
	joined []byte    // carry and the next piece
}

func newScanner(o Options) *scanner {
	return &scanner{
		tailLines:   o.TailLines,
		tail:        newTail(o.MaxBytes),
		annotations: newAnnotations(),
		pattern:     newPattern(o.Pattern),
		matches:     excerpt{limit: MaxMatches},
		head:        beginning{limit: MaxPatternBytes},
	}
}

// endLine takes the rest of a line without its "\n". That is the whole line unless pieces came
// before.
func (s *scanner) endLine(raw []byte) {
	if s.open {
		s.piece(raw, true)
		return
	}
	line := trimReturns(raw)
	n, from := s.preface.read(line)
	line = line[n:]
	// Most lines of most logs need neither state nor copy.
	if n := textLen(line); n < len(line) {
		s.cleaner.reset()
		s.cleaned, _ = s.cleaner.append(append(s.cleaned[:0], line[:n]...), line[n:], true)
		line = s.cleaned
	}
	s.beginLine()
	s.tail.write(line)
	s.report(clip(line, MaxPatternBytes), from)
}

// skipEmptyLines takes the lines that in holds in its buffer and that have no text, up to the first
// one that has. There can be millions of them.
func (s *scanner) skipEmptyLines(in *bufio.Reader) {
	ahead, _ := in.Peek(in.Buffered())
	size, count := emptyLines(ahead)
	if count == 0 {
		return
	}
	_, _ = in.Discard(size) // cannot fail: this much is in the buffer
	s.lines += count
	s.tail.writeNewlines(count)
	s.annotations.emptyLines(count)
	if s.pattern != nil && s.pattern.matches(nil) {
		for range count {
			s.matches.add(nil)
		}
	}
}

// emptyLines returns how many lines at the start of text have nothing but carriage returns, and
// their size in bytes.
func emptyLines(text []byte) (size int, count int64) {
	for i, b := range text {
		switch b {
		case '\n':
			count++
			size = i + 1
		case '\r':
		default:
			return size, count
		}
	}
	return size, count
}

// endLog takes what follows the last "\n".
func (s *scanner) endLog(raw []byte) {
	onlyMark := s.lines == 0 && bytes.Equal(raw, byteOrderMark)
	if !onlyMark && (s.open || len(raw) > 0) {
		s.endLine(raw)
	}
	s.annotations.flush()
}

// piece takes a part of a line that is too long to be processed at once; last says that the line
// ends here.
func (s *scanner) piece(raw []byte, last bool) {
	if !s.open {
		s.open = true
		s.beginLine()
		s.cleaner.reset()
		s.head.reset()
		var n int
		n, s.from = s.preface.read(trimReturns(raw))
		raw = raw[n:]
	}
	if len(s.carry) > 0 {
		s.joined = append(append(s.joined[:0], s.carry...), raw...)
		raw = s.joined
	}
	var rest []byte
	s.cleaned, rest = s.cleaner.append(s.cleaned[:0], raw, last)
	s.carry = append(s.carry[:0], rest...)
	s.tail.write(s.cleaned)
	s.head.add(s.cleaned)
	if last {
		s.open = false
		s.report(s.head.text, s.from)
	}
}

// beginLine counts a line and separates it from the one before.
func (s *scanner) beginLine() {
	if s.lines > 0 {
		s.tail.write(newline)
	}
	s.lines++
}

// report passes a sanitised line on to the lists that it may belong to.
func (s *scanner) report(line []byte, from origin) {
	s.annotations.line(line, from)
	if s.pattern != nil && s.pattern.matches(line) {
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
		Errors:       s.annotations.errors.entries(),
		ErrorCount:   s.annotations.errors.count,
		Warnings:     s.annotations.warnings.entries(),
		WarningCount: s.annotations.warnings.count,
	}
	if s.pattern != nil {
		sum.Matches = s.matches.entries()
		sum.MatchCount = s.matches.count
	}
	return sum
}
