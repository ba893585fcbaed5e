package joblog

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// benchLogs are about 8 MiB each.
func benchLogs() map[string]string {
	const size = 8 << 20
	fill := func(line func(i int) string) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			b.WriteString(line(i))
		}
		return b.String()
	}
	stamp := func(i int) string {
		return fmt.Sprintf("2024-05-01T12:%02d:%02d.1234567Z ", i/60%60, i%60)
	}
	return map[string]string{
		"plain": fill(func(i int) string {
			return fmt.Sprintf("%sok  \tgithub.com/example/project/internal/pkg%04d\t0.%03ds\tcoverage: 81.2%% of statements\n", stamp(i), i, i%1000)
		}),
		"coloured": fill(func(i int) string {
			return fmt.Sprintf("%s\x1b[36;1m[%d/900]\x1b[0m \x1b[32mBuilding\x1b[m object \x1b[1mfoo_%d.o\x1b[0m in 12ms\r\n", stamp(i), i, i)
		}),
		"not_ascii": fill(func(i int) string {
			return fmt.Sprintf("%s✓ Prüfung %d: Größe überschritten, 日本語のログ ─────────\n", stamp(i), i)
		}),
		"empty_lines":      strings.Repeat("\n", size),
		"empty_lines_crlf": strings.Repeat("\r\n", size/2),
		"stamped_empty":    fill(func(i int) string { return stamp(i) + "\n" }),
		"short_lines":      strings.Repeat("a\n", size/2),
		"only_escapes":     strings.Repeat("\x1b[31m", size/5),
		"invalid_bytes":    strings.Repeat("\xff", size),
		"truncated_runes":  strings.Repeat("\xe2\x82", size/2),
		"latin_1": fill(func(i int) string {
			return fmt.Sprintf("%sPr\xfcfung %d: Gr\xf6\xdfe \xfcberschritten, der Lauf wird abgebrochen\n", stamp(i), i)
		}),
		"random_bytes": randomBytes(size),
		"one_line":     strings.Repeat("x", size),
		"open_osc":     "\x1b]0;" + strings.Repeat("x", size),
	}
}

// randomBytes looks like a binary file that a program writes to its output.
func randomBytes(size int) string {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b)
	return string(b)
}

func BenchmarkRead(b *testing.B) {
	patterns := map[string]*regexp.Regexp{
		"none":        nil,
		"literal":     regexp.MustCompile(`FAIL: Test`),
		"words":       regexp.MustCompile(`panic|fatal|timed out`),
		"any_case":    regexp.MustCompile(`(?i)error|warn`),
		"alternation": regexp.MustCompile(`(?i)\b(error|fatal|panic):`),
		"frequent":    regexp.MustCompile(`coverage|Building`),
	}
	for name, log := range benchLogs() {
		for kind, pattern := range patterns {
			if kind != "none" && name != "plain" && name != "coloured" && name != "short_lines" {
				continue
			}
			b.Run(name+"/pattern="+kind, func(b *testing.B) {
				b.SetBytes(int64(len(log)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := Read(strings.NewReader(log), Options{MaxBytes: DefaultMaxBytes, Pattern: pattern}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkReadLargestTail(b *testing.B) {
	log := []byte(benchLogs()["plain"])
	b.SetBytes(4 * int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		r := io.MultiReader(bytes.NewReader(log), bytes.NewReader(log), bytes.NewReader(log), bytes.NewReader(log))
		if _, err := Read(r, Options{MaxBytes: LargestMaxBytes}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSanitize(b *testing.B) {
	for name, s := range map[string]string{
		"plain":    "build (ubuntu-latest, 1.26)",
		"coloured": "\x1b[31mbuild\x1b[0m (ubuntu-latest, 1.26) – ✓",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				Sanitize(s)
			}
		})
	}
}

// BenchmarkSHA256 is the part of BenchmarkRead that the code here cannot make faster.
func BenchmarkSHA256(b *testing.B) {
	log := make([]byte, 8<<20)
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		sha256.Sum256(log)
	}
}
