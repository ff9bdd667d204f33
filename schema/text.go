package schema

import (
	"strings"
	"unicode/utf8"
)

// A source is a text with mistakes to be found in it.
type source struct {
	name  string // relative to the schema folder, with slashes
	path  string // as it is shown
	data  []byte
	lines []string
}

func newSource(name, path string, data []byte) *source {
	return &source{name: name, path: path, data: data, lines: splitLines(string(data))}
}

// splitLines splits text where YAML ends a line, so that line numbers agree with
// the parser's.
func splitLines(text string) []string {
	lines := make([]string, 0, strings.Count(text, "\n")+1)
	start := 0
	for i, r := range text {
		if i < start {
			continue // the line feed of a CR LF
		}
		switch r {
		case '\n', '\u0085', '\u2028', '\u2029':
			lines = append(lines, text[start:i])
			start = i + utf8.RuneLen(r)
		case '\r':
			lines = append(lines, text[start:i])
			start = i + 1
			if strings.HasPrefix(text[start:], "\n") {
				start++
			}
		}
	}
	return append(lines, text[start:])
}

// line returns the text of a line, from 1; "" when there is none.
func (s *source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

// wholeLine returns the position of a line without the blanks around its text.
// A line number outside the text becomes the nearest one inside.
func (s *source) wholeLine(n int) Pos {
	n = max(1, min(n, len(s.lines)))
	text := s.line(n)
	trimmed := strings.TrimLeft(text, " \t")
	col := 1 + utf8.RuneCountInString(text) - utf8.RuneCountInString(trimmed)
	return Pos{File: s.path, Line: n, Col: col, EndCol: col + utf8.RuneCountInString(strings.TrimRight(trimmed, " \t"))}
}
