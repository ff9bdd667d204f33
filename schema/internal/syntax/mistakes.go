package syntax

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/naming"
	"github.com/storegen/storegen/schema/rules"
)

var (
	errorLine = regexp.MustCompile(`^yaml: line ([0-9]+): `)
	// An error of the library's parser, not of its scanner.
	parserError = regexp.MustCompile(`^did not find expected (<|node|key|'|',)`)
	// A type without quotes, whose bracket YAML takes for a list, or whose comma for the end
	// of a value.
	unquotedType = regexp.MustCompile(`[:,{[]\s*((?:\[\]|map\[\w*\])?[a-z]\w*(?:\[ *\d+ *\]|\( *\d+ *, *\d+ *\))\??|(?:\[\]|map\[\w*\])\w+\??)`)
)

// syntaxError reports that the library could not read the text. The library tells at
// most the line.
func syntaxError(r *diag.Reporter, src *diag.Text, err error) {
	text := err.Error()
	line := 1
	if m := errorLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
		if parserError.MatchString(text) {
			line++ // the parser counts lines from 0
		}
	} else if name, ok := strings.CutPrefix(text, "yaml: unknown anchor '"); ok {
		name, _, _ = strings.Cut(name, "'")
		pos := find(src, "*"+name)
		d := r.Report(rules.YAMLAlias, pos, "an alias is not part of the language").Help("write the value out where it is needed")
		if write := lang.ForeignType("*" + name); lang.IsScalar(strings.TrimSuffix(write, "?")) || naming.Upper.MatchString(name) {
			d.Help("write %s for a value that may be absent", write)
		}
		return
	}
	text = strings.TrimPrefix(text, "yaml: ")
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	if unquoted(r, src) {
		return
	}
	if open := unclosed(src); open != nil && unclosedError.MatchString(text) {
		r.Report(rules.YAMLSyntax, open.pos, "%s", open.what).Help("%s", open.help).Note("YAML says: %s", text)
		return
	}
	pos := src.WholeLine(line)
	code := src.Line(pos.Line)
	switch {
	case strings.HasPrefix(strings.TrimLeft(code, " "), "\t"):
		at := utf8.RuneCountInString(code) - utf8.RuneCountInString(strings.TrimLeft(code, " ")) + 1
		r.Report(rules.YAMLSyntax, diag.Pos{File: pos.File, Line: pos.Line, Col: at, EndCol: at + 1}, "the line is indented with a tab").Help("indent with spaces; YAML takes no tabs")
		return
	case strings.Contains(text, "mapping values are not allowed"):
		if m := secondColon.FindStringSubmatchIndex(code); m != nil {
			pos.Col, pos.EndCol = 1+utf8.RuneCountInString(code[:m[2]]), 1+utf8.RuneCountInString(strings.TrimRight(code, " \t"))
			r.Report(rules.YAMLSyntax, pos, "the text after the first colon holds another one").
				Help("put it in quotes, or the rest on lines of its own").Note("YAML says: %s", text)
			return
		}
		if above, ok := withoutColon(src, pos); ok {
			r.Report(rules.YAMLSyntax, above, "the line has no colon").Help("write it as name: value").Note("YAML says: %s", text)
			return
		}
		r.Report(rules.YAMLSyntax, pos, "the line belongs to nothing above it").
			Help("indent it like the lines that it stands beside").Note("YAML says: %s", text)
		return
	case strings.TrimSpace(code) == "" && pos.Line > 1:
		pos = src.WholeLine(pos.Line - 1) // the text ends too early
	}
	r.Report(rules.YAMLSyntax, pos, "this is not YAML: %s", text).
		Help("look here and a line or two above for a missing bracket, quote or colon, or a wrong indentation")
}

// unquoted reports the types that need quotes and have none, if there are any.
func unquoted(r *diag.Reporter, src *diag.Text) (found bool) {
	for i, l := range src.Lines {
		code, _, _ := strings.Cut(l, " #")
		for _, m := range unquotedType.FindAllStringSubmatchIndex(code, -1) {
			if code[m[2]] != '[' && !strings.Contains(code[:m[2]], "{") {
				continue
			}
			col := 1 + utf8.RuneCountInString(l[:m[2]])
			name := l[m[2]:m[3]]
			pos := diag.Pos{File: src.Path, Line: i + 1, Col: col, EndCol: col + utf8.RuneCountInString(name)}
			needsQuotes(r, pos, name)
			found = true
		}
	}
	return found
}

func needsQuotes(r *diag.Reporter, pos diag.Pos, name string) {
	reads := "[ as the beginning of a list"
	if !strings.Contains(name, "[") {
		reads = "the comma as the end of a value"
	}
	r.Report(rules.YAMLSyntax, pos, "the type %s needs quotes: YAML reads %s", name, reads).Help("write %q", name)
}

var (
	// The two parts of a type with a comma that is in braces without quotes.
	typeBegin = regexp.MustCompile(`^(?:\[\]|map\[\w*\])?[a-z]\w*\( *\d+$`)
	typeEnd   = regexp.MustCompile(`^\d+ *\)\??$`)
)

var (
	// What the library says of a bracket or a quote that is not closed.
	unclosedError = regexp.MustCompile(`did not find expected|unexpected end of stream|could not find expected|unexpected document indicator|mapping values are not allowed`)
	// The value of a plain key that holds a colon itself.
	secondColon = regexp.MustCompile(`^[^:"'{\[#]*: +([^"'{\[|>\s].*:(?: .*)?)$`)
)

// An opening is a bracket or a quote without its closing one.
type opening struct {
	pos        diag.Pos
	what, help string
}

// unclosed finds the innermost bracket that is not closed, the first that closes
// nothing, or a quote that is not closed; nil if there is none. Of YAML it knows
// only quotes, comments, and the texts after | and >.
func unclosed(s *diag.Text) *opening {
	type bracket struct {
		r   rune
		pos diag.Pos
	}
	var open []bracket
	closes := map[rune]rune{'}': '{', ']': '['}
	names := map[rune]string{'{': "}", '[': "]"}
	blockIndent := -1 // of the line whose text is on the lines below
	var quote rune
	var quotePos diag.Pos
	for i, line := range s.Lines {
		runes := []rune(line)
		indent := len(runes) - len([]rune(strings.TrimLeft(line, " ")))
		if blockIndent >= 0 && (strings.TrimSpace(line) == "" || indent > blockIndent) {
			continue
		}
		blockIndent = -1
		before := ' '
		for col := 0; col < len(runes); col++ {
			c := runes[col]
			pos := diag.Pos{File: s.Path, Line: i + 1, Col: col + 1, EndCol: col + 2}
			switch {
			case quote == '"' && c == '\\':
				col++
			case quote == '\'' && c == '\'' && col+1 < len(runes) && runes[col+1] == '\'':
				col++
			case quote != 0 && c == quote:
				quote = 0
			case quote != 0:
			case c == '#' && (before == ' ' || before == '\t'):
				col = len(runes)
			case (c == '"' || c == '\'') && strings.ContainsRune(" \t{[,", before):
				quote, quotePos = c, pos
			case c == '{' || c == '[':
				if len(open) > 0 || strings.ContainsRune(" \t{[,", before) {
					open = append(open, bracket{c, pos})
				}
			case closes[c] != 0:
				switch {
				case len(open) == 0:
				case open[len(open)-1].r != closes[c]:
					last := open[len(open)-1]
					return &opening{pos, fmt.Sprintf("%c closes nothing: what is open is %c", c, last.r), fmt.Sprintf("write %s first", names[last.r])}
				default:
					open = open[:len(open)-1]
				}
			}
			before = c
		}
		if quote == 0 && len(open) == 0 && blockText.MatchString(line) {
			blockIndent = indent
		}
	}
	switch {
	case quote != 0:
		return &opening{quotePos, fmt.Sprintf("the quote %c is not closed", quote), fmt.Sprintf("write %c where the text ends", quote)}
	case len(open) > 0:
		last := open[len(open)-1]
		return &opening{last.pos, fmt.Sprintf("%c is not closed", last.r), fmt.Sprintf("write %s where it ends", names[last.r])}
	}
	return nil
}

// withoutColon returns the line above a position that has the same indentation and
// no colon.
func withoutColon(s *diag.Text, pos diag.Pos) (diag.Pos, bool) {
	for n := pos.Line - 1; n >= 1; n-- {
		above := s.WholeLine(n)
		code, _, _ := strings.Cut(s.Line(n), " #")
		switch {
		case strings.TrimSpace(code) == "" || strings.HasPrefix(strings.TrimSpace(code), "#"):
		case above.Col == pos.Col && !strings.Contains(code, ":") && !strings.HasPrefix(strings.TrimSpace(code), "-"):
			return above, true
		default:
			return diag.Pos{}, false
		}
	}
	return diag.Pos{}, false
}

// blockText matches a line with a text on the lines below it.
var blockText = regexp.MustCompile(`[:-] +[|>][-+0-9]*\s*(#.*)?$`)

// find returns the position of the first occurrence of text, or of the first line.
func find(s *diag.Text, text string) diag.Pos {
	for i, l := range s.Lines {
		if at := strings.Index(l, text); at >= 0 {
			col := 1 + utf8.RuneCountInString(l[:at])
			return diag.Pos{File: s.Path, Line: i + 1, Col: col, EndCol: col + utf8.RuneCountInString(text)}
		}
	}
	return s.WholeLine(1)
}
