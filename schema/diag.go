package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Pos is a place in a file. Lines and columns count from 1, columns in
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
	Rule    string // the id of the rule, one of Rules
	File    string
	Line    int    // from 1
	Col     int    // from 1, in characters
	EndCol  int    // the column after the last character in question
	Source  string // the line itself
	Message string // what is wrong
	Note    string // what explains it; may be empty
	Mend    string // what to do about it; may be empty
	Related []Related
}

// A Related is a further place that a mistake has to do with.
type Related struct {
	File    string
	Line    int
	Col     int
	EndCol  int
	Source  string
	Message string
}

// String returns the diagnostic as a person reads it: position and message, the
// source line with the place marked, note, mend and related places.
func (d Diagnostic) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: %s [%s]\n", d.File, d.Line, d.Col, d.Message, d.Rule)
	writeExcerpt(&b, d.Line, d.Col, d.EndCol, d.Source)
	if d.Note != "" {
		fmt.Fprintf(&b, "  note: %s\n", d.Note)
	}
	if d.Mend != "" {
		fmt.Fprintf(&b, "  mend: %s\n", d.Mend)
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

// Diagnostics are the mistakes of one run, by file and place. They are an error
// when there is at least one.
type Diagnostics []Diagnostic

// Error returns all diagnostics as a person reads them.
func (ds Diagnostics) Error() string {
	parts := make([]string, len(ds))
	for i, d := range ds {
		parts[i] = d.String()
	}
	return strings.Join(parts, "\n")
}

// article returns a word with a or an before it, as its sound asks.
func article(word string) string {
	if strings.ContainsRune("aeioAEIO", rune((word + " ")[0])) {
		return "an " + word
	}
	return "a " + word
}

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

// A report is a diagnostic while it is put together.
type report struct{ Diagnostic }

// A reporter collects the diagnostics of a run.
type reporter struct {
	sources map[string]*source // by path
	diags   []*report
	warned  []*report // what is no mistake
}

func newReporter() *reporter { return &reporter{sources: map[string]*source{}} }

func (r *reporter) source(s *source) { r.sources[s.path] = s }

// addLine keeps a line of a file that is not read whole, for messages about it.
func (r *reporter) addLine(pos Pos, line string) {
	s := r.sources[pos.File]
	if s == nil {
		s = &source{name: pos.File, path: pos.File}
		r.source(s)
	}
	for len(s.lines) < pos.Line {
		s.lines = append(s.lines, "")
	}
	s.lines[pos.Line-1] = line
}

// report adds a diagnostic and returns it, for a note, a mend and related places
// to be added.
func (r *reporter) report(rule string, pos Pos, format string, args ...any) *report {
	d := &report{Diagnostic{
		Rule: rule, File: pos.File, Line: pos.Line, Col: pos.Col, EndCol: max(pos.EndCol, pos.Col+1),
		Message: fmt.Sprintf(format, args...),
	}}
	r.diags = append(r.diags, d)
	return d
}

func (d *report) mend(format string, args ...any) *report {
	d.Diagnostic.Mend = fmt.Sprintf(format, args...)
	return d
}

func (d *report) note(format string, args ...any) *report {
	d.Diagnostic.Note = fmt.Sprintf(format, args...)
	return d
}

func (d *report) related(pos Pos, format string, args ...any) *report {
	d.Diagnostic.Related = append(d.Diagnostic.Related, Related{
		File: pos.File, Line: pos.Line, Col: pos.Col, EndCol: max(pos.EndCol, pos.Col+1), Message: fmt.Sprintf(format, args...),
	})
	return d
}

// result returns what was reported, sorted, each once, with its source lines; nil
// when nothing was.
func (r *reporter) result() Diagnostics { return r.sorted(r.diags) }

// failed reports whether there is a mistake.
func (r *reporter) failed() bool { return len(r.diags) > 0 }

// warnings is result for what is no mistake.
func (r *reporter) warnings() Diagnostics { return r.sorted(r.warned) }

// texts returns the sources.
func (r *reporter) texts() []*source { return slices.Collect(maps.Values(r.sources)) }

// at returns the source of a path; nil where there is none.
func (r *reporter) at(path string) *source { return r.sources[path] }

// warn is report for what is no mistake.
func (r *reporter) warn(rule string, pos Pos, format string, args ...any) *report {
	d := r.report(rule, pos, format, args...)
	r.diags = r.diags[:len(r.diags)-1]
	r.warned = append(r.warned, d)
	return d
}

func (r *reporter) sorted(diags []*report) Diagnostics {
	if len(diags) == 0 {
		return nil
	}
	out := make(Diagnostics, 0, len(diags))
	for _, d := range diags {
		if s := r.sources[d.File]; s != nil {
			d.Source = s.line(d.Line)
		}
		for i := range d.Diagnostic.Related {
			at := &d.Diagnostic.Related[i]
			if s := r.sources[at.File]; s != nil {
				at.Source = s.line(at.Line)
			}
		}
		out = append(out, d.Diagnostic)
	}
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col),
			strings.Compare(a.Rule, b.Rule), strings.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(out, func(a, b Diagnostic) bool {
		return a.File == b.File && a.Line == b.Line && a.Col == b.Col && a.Rule == b.Rule && a.Message == b.Message
	})
}
