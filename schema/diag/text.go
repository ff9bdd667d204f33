package diag

import (
	"strings"
	"unicode/utf8"
)

// A Text is a file in which mistakes are looked for.
type Text struct {
	Name  string // relative to the schema folder, with slashes
	Path  string // as messages show it
	Data  []byte
	Lines []string
}

func NewText(name, path string, data []byte) *Text {
	return &Text{Name: name, Path: path, Data: data, Lines: splitLines(string(data))}
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

// Line returns the text of a line, from 1; "" when there is none.
func (s *Text) Line(n int) string {
	if n < 1 || n > len(s.Lines) {
		return ""
	}
	return s.Lines[n-1]
}

// WholeLine returns the position of a line without the blanks around its text.
// A line number outside the text becomes the nearest one inside.
func (s *Text) WholeLine(n int) Pos {
	n = max(1, min(n, len(s.Lines)))
	text := s.Line(n)
	trimmed := strings.TrimLeft(text, " \t")
	col := 1 + utf8.RuneCountInString(text) - utf8.RuneCountInString(trimmed)
	return Pos{File: s.Path, Line: n, Col: col, EndCol: col + utf8.RuneCountInString(strings.TrimRight(trimmed, " \t"))}
}
