package diag

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Pos is a position in a file. Lines and columns count from 1, columns in
// characters (Unicode code points). EndCol is the column after the last
// character of the thing, on the same line.
type Pos struct {
	File   string
	Line   int
	Col    int
	EndCol int
}

// String returns file:line:col.
func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// A Diagnostic is one mistake in a schema, a lock or a configuration.
type Diagnostic struct {
	Rule    string // the id of the rule
	File    string
	Line    int    // from 1
	Col     int    // from 1, in characters
	EndCol  int    // the column after the last character in question
	Source  string // the line itself
	Message string // what is wrong
	Note    string // what explains it; may be empty
	Help    string // what to do about it; may be empty
	Related []Related
}

// A Related is another position that explains a mistake.
type Related struct {
	File    string
	Line    int
	Col     int
	EndCol  int
	Source  string
	Message string
}

// String returns the diagnostic as a person reads it: position and message, the
// source line with a mark under what is wrong, the note, the help and the related
// positions.
func (d Diagnostic) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s [%s]\n", d.File, d.Line, d.Col, d.Message, d.Rule)
	writeExcerpt(&b, d.Line, d.Col, d.EndCol, d.Source)
	if d.Note != "" {
		fmt.Fprintf(&b, "  note: %s\n", d.Note)
	}
	if d.Help != "" {
		fmt.Fprintf(&b, "  help: %s\n", d.Help)
	}
	for _, r := range d.Related {
		fmt.Fprintf(&b, "  %s:%d:%d: %s\n", r.File, r.Line, r.Col, r.Message)
		writeExcerpt(&b, r.Line, r.Col, r.EndCol, r.Source)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// excerptWidth is the longest part of a source line that is shown, in
// characters.
const excerptWidth = 160

// writeExcerpt writes a source line and, below it, a mark under the columns from
// col to end. A long line is cut around the mark.
func writeExcerpt(b *strings.Builder, line, col, end int, source string) {
	if strings.TrimSpace(source) == "" {
		return
	}
	text := []rune(source)
	for i, r := range text {
		if r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 {
			text[i] = utf8.RuneError // nothing that moves a terminal's cursor
		}
	}
	from, to := min(col-1, len(text)), min(max(end-1, col), len(text)+1)
	cutFrom, cutTo := 0, len(text)
	if cutTo > excerptWidth {
		cutFrom = max(0, min(from-excerptWidth/4, cutTo-excerptWidth))
		cutTo = cutFrom + excerptWidth
		to = min(to, cutTo)
	}
	gutter := strconv.Itoa(line)
	pad := make([]rune, 0, from-cutFrom)
	for _, r := range text[cutFrom:from] {
		if r != '\t' {
			r = ' '
		}
		pad = append(pad, r)
	}
	marks := strings.Repeat("^", max(1, to-from))
	fmt.Fprintf(b, "    %s | %s\n", gutter, string(text[cutFrom:cutTo]))
	fmt.Fprintf(b, "    %s | %s%s\n", strings.Repeat(" ", len(gutter)), string(pad), marks)
}

// Diagnostics are the mistakes of one run, sorted by position. A list with at least
// one is an error.
type Diagnostics []Diagnostic

// Error returns all diagnostics as a person reads them.
func (ds Diagnostics) Error() string {
	parts := make([]string, len(ds))
	for i, d := range ds {
		parts[i] = d.String()
	}
	return strings.Join(parts, "\n")
}

// Command is how people run the command, for messages that tell them to.
const Command = "go tool storegen"

// Count returns a number of things: "1 byte", "3 bytes".
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// Article returns a word with "a" or "an" before it.
func Article(word string) string {
	if strings.ContainsRune("aeioAEIO", rune((word + " ")[0])) {
		return "an " + word
	}
	return "a " + word
}
