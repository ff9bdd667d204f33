package syntax

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/rules"
	"gopkg.in/yaml.v3"
)

// MaxDepth is how deep mappings and lists may be nested. The language needs far
// less.
const MaxDepth = 64

// Parse reads a text that holds one YAML document. It returns nil when the
// text is empty or cannot be read; what is wrong is reported.
func Parse(r *diag.Reporter, src *diag.Text) *Node {
	if !checkCharacters(r, src) {
		return nil
	}
	text, mark := HideQuestions(strings.TrimPrefix(string(src.Data), "\ufeff"))
	decoder := yaml.NewDecoder(strings.NewReader(text))
	document, err := DecodeYAML(decoder)
	if errors.Is(err, io.EOF) || err == nil && document.Kind == 0 {
		r.Report(rules.FileEmpty, src.WholeLine(1), "the file is empty").
			Help("declare a table (table: name) or types (types:), or remove the file")
		return nil
	}
	if err != nil {
		syntaxError(r, src, err)
		return nil
	}
	next, err := DecodeYAML(decoder)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		syntaxError(r, src, err)
		return nil
	case err == nil:
		// What the first document lacks may be in the second: no other message helps.
		r.Report(rules.YAMLDocuments, src.WholeLine(next.Line), "a second document begins here").
			Help("keep one document in a file: remove the line ---, or move what follows to a file of its own")
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

// HideQuestions replaces every question mark after a word by another character,
// which it returns. The library ends a text in braces at a question mark, and so
// refuses {type: string?}, which is valid YAML. Columns stay the same.
func HideQuestions(text string) (string, rune) {
	mark := '\uE000' // the first character for private use
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

// DecodeYAML reads the next document. The library panics on a few malformed texts:
// a panic is returned as an error.
func DecodeYAML(d *yaml.Decoder) (n *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	n = new(yaml.Node)
	return n, d.Decode(n)
}

// checkCharacters reports the first byte that is not UTF-8, or the first character
// that YAML does not allow.
func checkCharacters(r *diag.Reporter, src *diag.Text) bool {
	for i, line := range src.Lines {
		col := 0
		for at, c := range line {
			col++
			pos := diag.Pos{File: src.Path, Line: i + 1, Col: col, EndCol: col + 1}
			if c == utf8.RuneError {
				if _, size := utf8.DecodeRuneInString(line[at:]); size == 1 {
					r.Report(rules.YAMLCharacter, pos, "byte 0x%02x is not UTF-8", line[at]).Help("save the file as UTF-8")
					return false
				}
			}
			if c < ' ' && c != '\t' || c >= 0x7f && c < 0xa0 || c == 0xfffe || c == 0xffff {
				r.Report(rules.YAMLCharacter, pos, "the control character %U is not allowed", c).Help("remove it")
				return false
			}
		}
	}
	return true
}

// A converter turns the library's nodes into nodes of this package.
type converter struct {
	r       *diag.Reporter
	src     *diag.Text
	mark    rune // of HideQuestions
	tooDeep bool
	nodes   []Node // allocated in blocks
}

func (c *converter) node(pos diag.Pos) *Node {
	if len(c.nodes) == 0 {
		c.nodes = make([]Node, 16)
	}
	n := &c.nodes[0]
	c.nodes = c.nodes[1:]
	n.Pos, n.File = pos, c.src
	return n
}

func (c *converter) convert(y *yaml.Node, depth int) *Node {
	n := c.node(c.position(y))
	switch {
	case depth > MaxDepth:
		if !c.tooDeep {
			c.r.Report(rules.YAMLDepth, n.Pos, "nested more than %d deep", MaxDepth).Help("the language needs no such depth; look for a stray bracket or a wrong indentation")
		}
		c.tooDeep = true
		return n
	case y.Kind == yaml.AliasNode:
		c.r.Report(rules.YAMLAlias, n.Pos, "an alias is not part of the language").Help("write the value out where it is needed")
		return n
	case y.Anchor != "":
		c.r.Report(rules.YAMLAlias, n.Pos, "an anchor is not part of the language").Help("remove &%s, and write the value out where it is needed", strings.ReplaceAll(y.Anchor, string(c.mark), "?"))
	case y.Style&yaml.TaggedStyle != 0:
		c.r.Report(rules.YAMLTag, n.Pos, "a tag (%s) is not part of the language", strings.ReplaceAll(y.Tag, string(c.mark), "?")).
			Help("remove it; a text that begins with ! needs quotes, and an expression says not")
		return n
	}
	switch y.Kind {
	case yaml.ScalarNode:
		c.scalar(n, y)
	case yaml.SequenceNode:
		n.Kind = ListNode
		n.Items = make([]*Node, 0, len(y.Content))
		for _, item := range y.Content {
			n.Items = append(n.Items, c.convert(item, depth+1))
		}
	case yaml.MappingNode:
		n.Kind = MapNode
		c.mapping(n, y, depth)
	}
	return n
}

func (c *converter) scalar(n *Node, y *yaml.Node) {
	n.Kind, n.Text = ScalarNode, strings.ReplaceAll(y.Value, string(c.mark), "?")
	switch {
	case y.Style&yaml.DoubleQuotedStyle != 0:
		n.Quoting = DoubleQuoted
	case y.Style&yaml.SingleQuotedStyle != 0:
		n.Quoting = SingleQuoted
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		n.Quoting = Block
	case y.Value == "":
		n.Kind = EmptyNode
		return
	}
	n.Pos.EndCol = n.endCol()
}

func (c *converter) mapping(n *Node, y *yaml.Node, depth int) {
	n.Pairs = make([]Pair, 0, len(y.Content)/2)
	var seen map[string]*Node // only for large mappings: for small ones a linear search is faster
	if len(y.Content) > 64 {
		seen = make(map[string]*Node, len(y.Content)/2)
	}
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := c.convert(y.Content[i], depth+1)
		value := c.convert(y.Content[i+1], depth+1)
		switch {
		case key.Kind == BadNode:
			n.Dropped = true
			continue
		case key.Kind != ScalarNode:
			c.r.Report(rules.ValueShape, key.Pos, "a key must be text, and this is %s", key.Kind).Help("write a name before the colon")
			n.Dropped = true
			continue
		case key.Text == "<<" && key.Quoting == Plain:
			c.r.Report(rules.YAMLAlias, key.Pos, "a merge key is not part of the language").Help("write the values out where they are needed")
			n.Dropped = true
			continue
		}
		if len(n.Pairs) > 0 && value.Kind == EmptyNode && typeEnd.MatchString(key.Text) {
			// {type: decimal(12,2)}
			if before := n.Pairs[len(n.Pairs)-1].Value; before.Quoting == Plain && typeBegin.MatchString(before.Text) && before.Pos.Line == key.Pos.Line {
				pos := before.Pos
				pos.EndCol = key.Pos.EndCol
				needsQuotes(c.r, pos, between(c.src.Line(pos.Line), pos))
				n.Pairs = n.Pairs[:len(n.Pairs)-1]
				n.Dropped = true
				continue
			}
		}
		first := seen[key.Text]
		if seen == nil {
			first = n.Key(key.Text)
		} else if first == nil {
			seen[key.Text] = key
		}
		if first != nil {
			c.r.Report(rules.YAMLDuplicate, key.Pos, "%q is here twice", key.Text).
				Help("remove or rename one of them").Related(first.Pos, "first here")
			continue
		}
		if value.Kind == EmptyNode {
			value.Pos = key.Pos
		}
		n.Pairs = append(n.Pairs, Pair{Key: key, Value: value})
	}
}

// between is the part of a line that a position is about.
func between(line string, pos diag.Pos) string {
	runes := []rune(line)
	return string(runes[pos.Col-1 : min(pos.EndCol-1, len(runes))])
}

// position returns the position of a node. Its end is the end of the line, as the
// library does not tell more. A position outside the text is moved inside.
func (c *converter) position(y *yaml.Node) diag.Pos {
	line := max(1, min(y.Line, len(c.src.Lines)))
	text := c.src.Line(line)
	width := utf8.RuneCountInString(text)
	col := max(1, y.Column)
	if line == 1 && strings.HasPrefix(text, "\ufeff") {
		col++
	}
	col = min(col, width+1)
	end := 1 + utf8.RuneCountInString(strings.TrimRight(text, " \t"))
	return diag.Pos{File: c.src.Path, Line: line, Col: col, EndCol: max(end, col+1)}
}
