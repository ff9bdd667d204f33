package schema

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// maxDepth is how deep mappings and lists may be nested. The language itself
// needs far less.
const maxDepth = 64

// parseYAML reads a text that holds one YAML document. It returns nil when the
// text is empty or cannot be read; what is wrong is reported.
func parseYAML(r *reporter, src *source) *node {
	if !checkCharacters(r, src) {
		return nil
	}
	text, mark := hideQuestions(strings.TrimPrefix(string(src.data), "\ufeff"))
	decoder := yaml.NewDecoder(strings.NewReader(text))
	document, err := decodeNode(decoder)
	if errors.Is(err, io.EOF) || err == nil && document.Kind == 0 {
		r.report(ruleFileEmpty, src.wholeLine(1), "the file holds nothing").
			mend("declare a table (table: name) or types (types:), or remove the file")
		return nil
	}
	if err != nil {
		syntaxError(r, src, err)
		return nil
	}
	next, err := decodeNode(decoder)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		syntaxError(r, src, err)
		return nil
	case err == nil:
		// What is missing in the first may well be in the second: nothing else is said.
		r.report(ruleYAMLDocuments, src.wholeLine(next.Line), "a second document begins here").
			mend("keep one document a file: remove the line ---, or move what follows to a file of its own")
		return nil
	}
	c := converter{r: r, src: src, mark: mark}
	if len(document.Content) != 1 {
		return nil
	}
	root := c.convert(document.Content[0], 0)
	if c.tooDeep {
		return nil
	}
	return root
}

// hideQuestions puts another character, which it returns, in the place of every
// question mark that follows a word: inside braces the library ends a text there,
// so that {type: string?} would be no YAML for it, which it is. Columns stay the
// same.
func hideQuestions(text string) (string, rune) {
	mark := '\uE000' // the first of a range without meaning
	for strings.ContainsRune(text, mark) {
		mark++
	}
	var b strings.Builder
	done := 0
	for i := 1; i < len(text); i++ {
		if text[i] == '?' && endsWord(text[i-1]) {
			b.WriteString(text[done:i])
			b.WriteRune(mark)
			done = i + 1
		}
	}
	b.WriteString(text[done:])
	return b.String(), mark
}

func endsWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == ']'
}

// decodeNode reads the next document. The library panics on a few malformed
// texts; whatever it cannot read is an error here.
func decodeNode(d *yaml.Decoder) (n *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	n = new(yaml.Node)
	return n, d.Decode(n)
}

// checkCharacters reports the first byte that is no UTF-8, and the first
// character that YAML does not allow.
func checkCharacters(r *reporter, src *source) bool {
	for i, line := range src.lines {
		col := 0
		for at, c := range line {
			col++
			pos := Pos{File: src.path, Line: i + 1, Col: col, EndCol: col + 1}
			if c == utf8.RuneError {
				if _, size := utf8.DecodeRuneInString(line[at:]); size == 1 {
					r.report(ruleYAMLCharacter, pos, "byte 0x%02x is not UTF-8", line[at]).mend("save the file as UTF-8")
					return false
				}
			}
			if c < ' ' && c != '\t' || c >= 0x7f && c < 0xa0 || c == 0xfffe || c == 0xffff {
				r.report(ruleYAMLCharacter, pos, "the control character %U is not allowed", c).mend("remove it")
				return false
			}
		}
	}
	return true
}

var (
	errorLine = regexp.MustCompile(`^yaml: line ([0-9]+): `)
	// What the library's parser says, as opposed to its scanner.
	parserError = regexp.MustCompile(`^did not find expected (<|node|key|'|',)`)
	// A list or map type that is not quoted where YAML takes its bracket for its own.
	unquotedType = regexp.MustCompile(`[:,]\s+(\[\]\w+|map\[\w*\]\w+)`)
)

// syntaxError reports that the library could not read the text. It knows the
// line at best.
func syntaxError(r *reporter, src *source, err error) {
	text := err.Error()
	line := 1
	if m := errorLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
		if parserError.MatchString(text) {
			line++ // the library counts these from 0
		}
	} else if name, ok := strings.CutPrefix(text, "yaml: unknown anchor '"); ok {
		name, _, _ = strings.Cut(name, "'")
		pos := find(src, "*"+name)
		d := r.report(ruleYAMLAlias, pos, "an alias is not part of the language").mend("write the value out where it is needed")
		if write := foreignType("*" + name); isScalar(strings.TrimSuffix(write, "?")) || upperName.MatchString(name) {
			d.mend("write %s for a value that may be absent", write)
		}
		return
	}
	text = strings.TrimPrefix(text, "yaml: ")
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	for i, l := range src.lines {
		code, _, _ := strings.Cut(l, " #")
		m := unquotedType.FindStringSubmatchIndex(code)
		if m == nil || code[m[2]] == 'm' && !strings.Contains(code, "{") {
			continue
		}
		col := 1 + utf8.RuneCountInString(l[:m[2]])
		name := l[m[2]:m[3]]
		r.report(ruleYAMLSyntax, Pos{File: src.path, Line: i + 1, Col: col, EndCol: col + utf8.RuneCountInString(name)},
			"the type %s needs quotes: YAML reads [ as the beginning of a list", name).mend("write %q", name)
		return
	}
	if open := unclosed(src); open != nil && unclosedError.MatchString(text) {
		r.report(ruleYAMLSyntax, open.pos, "%s", open.what).mend("%s", open.mend).note("YAML says: %s", text)
		return
	}
	pos := src.wholeLine(line)
	code := src.line(pos.Line)
	switch {
	case strings.HasPrefix(strings.TrimLeft(code, " "), "\t"):
		at := utf8.RuneCountInString(code) - utf8.RuneCountInString(strings.TrimLeft(code, " ")) + 1
		r.report(ruleYAMLSyntax, Pos{File: pos.File, Line: pos.Line, Col: at, EndCol: at + 1}, "the line is indented with a tab").mend("indent with spaces; YAML takes no tabs")
		return
	case strings.Contains(text, "mapping values are not allowed"):
		if m := secondColon.FindStringSubmatchIndex(code); m != nil {
			pos.Col, pos.EndCol = 1+utf8.RuneCountInString(code[:m[2]]), 1+utf8.RuneCountInString(strings.TrimRight(code, " \t"))
			r.report(ruleYAMLSyntax, pos, "the text after the first colon holds another one").
				mend("put it in quotes, or the rest on lines of its own").note("YAML says: %s", text)
			return
		}
		if above, ok := withoutColon(src, pos); ok {
			r.report(ruleYAMLSyntax, above, "the line has no colon").mend("write it as name: value").note("YAML says: %s", text)
			return
		}
		r.report(ruleYAMLSyntax, pos, "the line belongs to nothing above it").
			mend("indent it like the lines that it stands beside").note("YAML says: %s", text)
		return
	case strings.TrimSpace(code) == "" && pos.Line > 1:
		pos = src.wholeLine(pos.Line - 1) // the text ended too early
	}
	r.report(ruleYAMLSyntax, pos, "this is not YAML: %s", text).
		mend("look here and a line or two above for a missing bracket, quote or colon, or a wrong indentation")
}

var (
	// What the library says where a bracket or a quote is not closed.
	unclosedError = regexp.MustCompile(`did not find expected|unexpected end of stream|could not find expected|unexpected document indicator|mapping values are not allowed`)
	// The value of a plain key that holds a colon itself.
	secondColon = regexp.MustCompile(`^[^:"'{\[#]*: +([^"'{\[|>\s].*:(?: .*)?)$`)
)

// An opening is a bracket or a quote without its other half.
type opening struct {
	pos        Pos
	what, mend string
}

// unclosed finds the innermost bracket that is not closed, the first that closes
// nothing, or a quote that is not closed; nil where there is none. It reads YAML as
// far as that takes: quotes where they can begin a text, comments, and texts
// behind | and >.
func unclosed(s *source) *opening {
	type bracket struct {
		r   rune
		pos Pos
	}
	var open []bracket
	closes := map[rune]rune{'}': '{', ']': '['}
	names := map[rune]string{'{': "}", '[': "]"}
	blockIndent := -1 // of the line whose text is on the lines below
	var quote rune
	var quotePos Pos
	for i, line := range s.lines {
		runes := []rune(line)
		indent := len(runes) - len([]rune(strings.TrimLeft(line, " ")))
		if blockIndent >= 0 && (strings.TrimSpace(line) == "" || indent > blockIndent) {
			continue
		}
		blockIndent = -1
		before := ' '
		for col := 0; col < len(runes); col++ {
			c := runes[col]
			pos := Pos{File: s.path, Line: i + 1, Col: col + 1, EndCol: col + 2}
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

// withoutColon returns the line above a place that stands as far to the right and
// is no key with a value.
func withoutColon(s *source, pos Pos) (Pos, bool) {
	for n := pos.Line - 1; n >= 1; n-- {
		above := s.wholeLine(n)
		code, _, _ := strings.Cut(s.line(n), " #")
		switch {
		case strings.TrimSpace(code) == "" || strings.HasPrefix(strings.TrimSpace(code), "#"):
		case above.Col == pos.Col && !strings.Contains(code, ":") && !strings.HasPrefix(strings.TrimSpace(code), "-"):
			return above, true
		default:
			return Pos{}, false
		}
	}
	return Pos{}, false
}

// blockText matches a line with a text on the lines below it.
var blockText = regexp.MustCompile(`[:-] +[|>][-+0-9]*\s*(#.*)?$`)

// find returns the place of the first occurrence of text; of the first line when
// there is none.
func find(s *source, text string) Pos {
	for i, l := range s.lines {
		if at := strings.Index(l, text); at >= 0 {
			col := 1 + utf8.RuneCountInString(l[:at])
			return Pos{File: s.path, Line: i + 1, Col: col, EndCol: col + utf8.RuneCountInString(text)}
		}
	}
	return s.wholeLine(1)
}

// A converter makes nodes of the library's.
type converter struct {
	r       *reporter
	src     *source
	mark    rune // of hideQuestions
	tooDeep bool
	nodes   []node // made ahead: there are many
}

func (c *converter) node(pos Pos) *node {
	if len(c.nodes) == 0 {
		c.nodes = make([]node, 16)
	}
	n := &c.nodes[0]
	c.nodes = c.nodes[1:]
	n.pos, n.src = pos, c.src
	return n
}

func (c *converter) convert(y *yaml.Node, depth int) *node {
	n := c.node(c.position(y))
	switch {
	case depth > maxDepth:
		if !c.tooDeep {
			c.r.report(ruleYAMLDepth, n.pos, "nested more than %d deep", maxDepth).mend("nothing in the language needs this; look for stray brackets or indentation")
		}
		c.tooDeep = true
		return n
	case y.Kind == yaml.AliasNode:
		c.r.report(ruleYAMLAlias, n.pos, "an alias is not part of the language").mend("write the value out where it is needed")
		return n
	case y.Anchor != "":
		c.r.report(ruleYAMLAlias, n.pos, "an anchor is not part of the language").mend("remove &%s, and write the value out where it is needed", strings.ReplaceAll(y.Anchor, string(c.mark), "?"))
	case y.Style&yaml.TaggedStyle != 0:
		c.r.report(ruleYAMLTag, n.pos, "a tag (%s) is not part of the language", strings.ReplaceAll(y.Tag, string(c.mark), "?")).
			mend("remove it; a text that begins with ! needs quotes, and an expression says not")
		return n
	}
	switch y.Kind {
	case yaml.ScalarNode:
		c.scalar(n, y)
	case yaml.SequenceNode:
		n.kind = listNode
		n.items = make([]*node, 0, len(y.Content))
		for _, item := range y.Content {
			n.items = append(n.items, c.convert(item, depth+1))
		}
	case yaml.MappingNode:
		n.kind = mapNode
		c.mapping(n, y, depth)
	}
	return n
}

func (c *converter) scalar(n *node, y *yaml.Node) {
	n.kind, n.text = scalarNode, strings.ReplaceAll(y.Value, string(c.mark), "?")
	switch {
	case y.Style&yaml.DoubleQuotedStyle != 0:
		n.quoting = doubleQuoted
	case y.Style&yaml.SingleQuotedStyle != 0:
		n.quoting = singleQuoted
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		n.quoting = block
	case y.Value == "":
		n.kind = emptyNode
		return
	}
	n.pos.EndCol = n.endCol()
}

func (c *converter) mapping(n *node, y *yaml.Node, depth int) {
	n.pairs = make([]pair, 0, len(y.Content)/2)
	var seen map[string]*node // in a large one; the keys of others are found sooner one by one
	if len(y.Content) > 64 {
		seen = make(map[string]*node, len(y.Content)/2)
	}
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := c.convert(y.Content[i], depth+1)
		value := c.convert(y.Content[i+1], depth+1)
		switch {
		case key.kind == badNode:
			n.dropped = true
			continue
		case key.kind != scalarNode:
			c.r.report(ruleValueShape, key.pos, "a key must be text, and this is %s", key.kind).mend("write a name before the colon")
			n.dropped = true
			continue
		case key.text == "<<" && key.quoting == plain:
			c.r.report(ruleYAMLAlias, key.pos, "a merge key is not part of the language").mend("write the values out where they are needed")
			n.dropped = true
			continue
		}
		first := seen[key.text]
		if seen == nil {
			first = n.key(key.text)
		} else if first == nil {
			seen[key.text] = key
		}
		if first != nil {
			c.r.report(ruleYAMLDuplicate, key.pos, "%q is here twice", key.text).
				mend("remove or rename one of them").related(first.pos, "first here")
			continue
		}
		if value.kind == emptyNode {
			value.pos = key.pos
		}
		n.pairs = append(n.pairs, pair{key: key, value: value})
	}
}

// position returns where a node begins; its end is the end of its line until
// more is known. What the library says is kept inside the text.
func (c *converter) position(y *yaml.Node) Pos {
	line := max(1, min(y.Line, len(c.src.lines)))
	text := c.src.line(line)
	width := utf8.RuneCountInString(text)
	col := max(1, y.Column)
	if line == 1 && strings.HasPrefix(text, "\ufeff") {
		col++
	}
	col = min(col, width+1)
	end := 1 + utf8.RuneCountInString(strings.TrimRight(text, " \t"))
	return Pos{File: c.src.path, Line: line, Col: col, EndCol: max(end, col+1)}
}
