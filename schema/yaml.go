package schema

import (
	"errors"
	"fmt"
	"io"
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
