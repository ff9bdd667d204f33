package format

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/storegen/storegen/schema/lang"
	"gopkg.in/yaml.v3"
)

// foldWidth is the length of the longest line that several lines are joined to.
const foldWidth = 120

// sectionWidth is the length of the longest section that stays on one line.
const sectionWidth = 80

// A formatter writes YAML nodes with their comments.
type formatter struct {
	lines []string // of the file
	out   strings.Builder
	lost  bool // the output lacks something
}

func (p *formatter) document(d *yaml.Node) {
	if len(d.Content) != 1 || d.Content[0].Kind != yaml.MappingNode {
		p.lost = true
		return
	}
	root := d.Content[0]
	p.comment(d.HeadComment, 0)
	if d.HeadComment != "" {
		p.out.WriteByte('\n')
	}
	p.comment(root.HeadComment, 0)
	s := tableStyle
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value == lang.WordTypes {
			s = typesFileStyle
		}
	}
	p.mapping(root, s, 0)
	for _, foot := range []string{root.FootComment, d.FootComment} {
		if foot != "" {
			p.out.WriteByte('\n')
			p.comment(foot, 0)
		}
	}
}

// comment writes a comment on lines of its own.
func (p *formatter) comment(text string, indent int) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			line = strings.Repeat(" ", indent) + strings.TrimRight(line, " \t")
		}
		p.out.WriteString(line + "\n")
	}
}

// end ends a line, with its comments.
func (p *formatter) end(comments ...string) {
	for _, c := range comments {
		if c == "" {
			continue
		}
		if strings.Contains(c, "\n") {
			p.lost = true
		}
		p.out.WriteString(" " + strings.TrimRight(c, " \t"))
	}
	p.out.WriteByte('\n')
}

type entry struct{ key, value *yaml.Node }

func entries(n *yaml.Node, s *style) []entry {
	var out []entry
	for i := 0; i+1 < len(n.Content); i += 2 {
		out = append(out, entry{n.Content[i], n.Content[i+1]})
	}
	if s.order != nil {
		slices.SortStableFunc(out, func(a, b entry) int { return s.rank(a.key.Value) - s.rank(b.key.Value) })
	}
	return out
}

// mapping writes a mapping in block style.
func (p *formatter) mapping(n *yaml.Node, s *style, indent int) {
	for i, e := range entries(n, s) {
		if e.key.HeadComment != "" && i > 0 && s.each == typeStyle {
			p.out.WriteByte('\n')
		}
		p.comment(e.key.HeadComment, indent)
		p.comment(e.value.HeadComment, indent)
		p.out.WriteString(strings.Repeat(" ", indent) + p.scalar(e.key, blockKey) + ":")
		p.value(e.value, s.child(e.key.Value), indent, len(e.key.Value)+2, e.key.LineComment)
		p.comment(e.key.FootComment, indent)
		p.comment(e.value.FootComment, indent)
	}
}

// value writes the value after "key:", which takes used columns.
func (p *formatter) value(n *yaml.Node, s *style, indent, used int, behind string) {
	switch {
	case n.Kind == yaml.ScalarNode && n.Value == "" && n.Style == 0:
		p.end(behind, n.LineComment)
	case n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		p.text(n, indent+2, behind)
	case n.Kind == yaml.ScalarNode:
		p.out.WriteString(" " + p.scalar(n, blockValue))
		p.end(behind, n.LineComment)
	case p.oneLine(n, s, indent+used):
		p.out.WriteString(" " + p.flow(n, s))
		p.end(behind, n.LineComment)
	case n.Kind == yaml.MappingNode:
		p.end(behind, n.LineComment)
		p.mapping(n, s, indent+2)
	default:
		p.end(behind, n.LineComment)
		p.list(n, s, indent+2)
	}
}

// list writes a list in block style.
func (p *formatter) list(n *yaml.Node, s *style, indent int) {
	item := noStyle
	if s.each != nil {
		item = s.each
	}
	for _, c := range n.Content {
		p.comment(c.HeadComment, indent)
		p.out.WriteString(strings.Repeat(" ", indent) + "-")
		switch {
		case c.Kind == yaml.MappingNode && !p.oneLine(c, item, indent+2):
			if c.LineComment != "" {
				p.lost = true
			}
			inner := &formatter{lines: p.lines}
			inner.mapping(c, item, indent+2)
			p.lost = p.lost || inner.lost
			p.out.WriteString(" " + strings.TrimLeft(inner.out.String(), " "))
		default:
			p.value(c, item, indent, 2, "")
		}
		p.comment(c.FootComment, indent)
	}
}

// oneLine reports whether a mapping or list is written on one line: if it was so, or
// if it is short and not nested. Each entry of a section has its own line, unless the
// section was on one line and is very short.
func (p *formatter) oneLine(n *yaml.Node, s *style, used int) bool {
	if len(n.Content) == 0 {
		return true
	}
	if !p.canFlow(n) {
		return false
	}
	if s.section && n.Kind == yaml.MappingNode {
		nested := slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return c.Kind != yaml.ScalarNode })
		return n.Style&yaml.FlowStyle != 0 && !nested && used+utf8.RuneCountInString(p.flow(n, s)) <= sectionWidth
	}
	if s.section {
		return false
	}
	if n.Style&yaml.FlowStyle != 0 {
		return true
	}
	for _, c := range n.Content {
		if c.Kind == yaml.MappingNode || c.Kind == yaml.SequenceNode && slices.ContainsFunc(c.Content, func(x *yaml.Node) bool { return x.Kind != yaml.ScalarNode }) {
			return false
		}
	}
	return used+utf8.RuneCountInString(p.flow(n, s)) <= foldWidth
}

// canFlow reports whether nothing inside a node needs a line of its own.
func (p *formatter) canFlow(n *yaml.Node) bool {
	for i, c := range n.Content {
		if c.HeadComment != "" || c.LineComment != "" || c.FootComment != "" ||
			c.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || strings.Contains(c.Value, "\n") || !p.canFlow(c) {
			return false
		}
		at := flowValue
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			at = flowKey
		}
		if _, ok := p.scalarText(c, at); c.Kind == yaml.ScalarNode && !ok {
			return false
		}
	}
	return true
}

// flow writes a node on one line.
func (p *formatter) flow(n *yaml.Node, s *style) string {
	var parts []string
	switch n.Kind {
	case yaml.MappingNode:
		for _, e := range entries(n, s) {
			part := p.scalar(e.key, flowKey) + ":"
			if v := p.flow(e.value, s.child(e.key.Value)); v != "" {
				part += " " + v
			}
			parts = append(parts, part)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case yaml.SequenceNode:
		item := noStyle
		if s.each != nil {
			item = s.each
		}
		for _, c := range n.Content {
			parts = append(parts, p.flow(c, item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return p.scalar(n, flowValue)
}

// text writes a text of several lines, as it was or folded again.
func (p *formatter) text(n *yaml.Node, indent int, behind string) {
	body, chomp := n.Value, "-"
	if cut, ok := strings.CutSuffix(body, "\n"); ok {
		body, chomp = cut, ""
	}
	var lines []string
	mark := "|"
	if n.Style&yaml.FoldedStyle != 0 && !strings.Contains(body, "\n") && strings.Join(strings.Fields(body), " ") == body {
		mark = ">"
		line := ""
		for _, word := range strings.Fields(body) {
			if line != "" && indent+utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > 80 {
				lines = append(lines, line)
				line = ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		lines = append(lines, line)
	} else {
		lines = strings.Split(body, "\n")
	}
	if lines[0] == "" || strings.HasPrefix(lines[0], " ") || strings.HasSuffix(body, "\n") {
		p.lost = true // would need an indentation indicator
	}
	p.out.WriteString(" " + mark + chomp)
	p.end(behind, n.LineComment)
	for _, line := range lines {
		if line != "" {
			line = strings.Repeat(" ", indent) + line
		}
		p.out.WriteString(line + "\n")
	}
}
