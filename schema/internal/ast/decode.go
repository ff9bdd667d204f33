package ast

import (
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/rules"
)

// A Decoder turns nodes into declarations.
type Decoder struct {
	*diag.Reporter
	Types  []*Type
	Tables []*Table
	Found  *schema.GoSource // the Go types; nil if the schema names none
}

// text returns a node that must be a scalar; nil if it is not.
func (d *Decoder) text(n *syntax.Node, what string) *syntax.Node {
	switch n.Kind {
	case syntax.BadNode:
		return nil
	case syntax.ScalarNode:
		if strings.TrimSpace(n.Text) != "" {
			return n
		}
		d.Report(rules.ValueMissing, n.Pos, "%s is empty", what).Help("write a value, or remove the key")
	case syntax.EmptyNode:
		d.Report(rules.ValueMissing, n.Pos, "%s is empty", what).Help("write a value, or remove the key")
	default:
		d.Report(rules.ValueShape, n.Pos, "%s must be text, and this is %s", what, n.Kind).
			Help("write one value there; text that begins with a bracket or brace needs quotes")
	}
	return nil
}

// texts returns the scalars of a node that must be a scalar or a list of scalars.
func (d *Decoder) texts(n *syntax.Node, what string) []*syntax.Node {
	items := []*syntax.Node{n}
	if n.Kind == syntax.ListNode {
		if items = n.Items; len(items) == 0 {
			d.Report(rules.ValueMissing, n.Pos, "%s is an empty list", what).Help("name at least one")
		}
		what = "an entry of " + what
	}
	var out []*syntax.Node
	for _, item := range items {
		if t := d.text(item, what); t != nil {
			out = append(out, t)
		}
	}
	return out
}

// flag returns the node if it is true, and nothing if it is false.
func (d *Decoder) flag(n *syntax.Node, what string) []*syntax.Node {
	t := d.text(n, what)
	if t == nil {
		return nil
	}
	if t.Quoting == syntax.Plain && t.Text == "true" {
		return []*syntax.Node{t}
	}
	if t.Quoting != syntax.Plain || t.Text != "false" {
		d.Report(rules.ValueBool, t.Pos, "%s must be true or false, and this is %q", what, t.Text).Help("write true or false, without quotes")
	}
	return nil
}

// mapping reports whether a node is a mapping that is not empty.
func (d *Decoder) mapping(n *syntax.Node, what, help string) bool {
	switch n.Kind {
	case syntax.BadNode:
		return false
	case syntax.MapNode:
		if len(n.Pairs) > 0 || n.Dropped {
			return len(n.Pairs) > 0
		}
		fallthrough
	case syntax.EmptyNode:
		d.Report(rules.ValueMissing, n.Pos, "%s is empty", what).Help("%s", help)
	default:
		e := d.Report(rules.ValueShape, n.Pos, "%s must be a mapping, and this is %s", what, n.Kind).Help("%s", help)
		if n.Kind == syntax.ListNode {
			e.Note("a mapping has a name and a colon before each value, and no dashes")
		}
	}
	return false
}

// scalarTexts returns the texts of those nodes that are scalars.
func scalarTexts(nodes []*syntax.Node) []string {
	var out []string
	for _, n := range nodes {
		if n.Kind == syntax.ScalarNode {
			out = append(out, n.Text)
		}
	}
	return out
}
