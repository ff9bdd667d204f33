package ast

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/rules"
)

// A Decoder turns nodes into declarations.
type Decoder struct {
	*diag.Reporter
	Types  []*Type
	Tables []*Table
	Found  *schema.GoSource // the Go types; nil if the schema names none
}

// UnknownKey reports a key that is not allowed.
func (d *Decoder) UnknownKey(key *syntax.Node, where string, allowed ...string) {
	d.foreignKey(key, where, nil, allowed...)
}

// foreignKey is UnknownKey for mappings whose keys have synonyms in other languages.
func (d *Decoder) foreignKey(key *syntax.Node, where string, known lang.Synonyms, allowed ...string) {
	e := d.Report(rules.KeyUnknown, key.Pos, "unknown key %q in %s", key.Text, where)
	if h, ok := known[diag.Squash(key.Text)]; ok {
		e.Help("%s", h.Help)
		return
	}
	e.Suggest(key.Text, allowed)
}

// Missing reports whether a mapping lacks a key. A key that looks like it, or is a
// synonym of it, is reported as unknown, so that the key does not count as missing.
func Missing(n *syntax.Node, key string, known lang.Synonyms, allowed []string) bool {
	if n.Get(key) != nil {
		return false
	}
	for _, p := range n.Pairs {
		if slices.Contains(allowed, p.Key.Text) {
			continue
		}
		if known.Means(p.Key.Text, key) || diag.Nearest(p.Key.Text, allowed) == key {
			return false
		}
	}
	return true
}

// Text returns a node that must be a scalar; nil if it is not.
func (d *Decoder) Text(n *syntax.Node, what string) *syntax.Node {
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
	if n.Kind != syntax.ListNode {
		if t := d.Text(n, what); t != nil {
			return []*syntax.Node{t}
		}
		return nil
	}
	if len(n.Items) == 0 {
		d.Report(rules.ValueMissing, n.Pos, "%s is an empty list", what).Help("name at least one")
	}
	var out []*syntax.Node
	for _, item := range n.Items {
		if t := d.Text(item, "an entry of "+what); t != nil {
			out = append(out, t)
		}
	}
	return out
}

func (d *Decoder) docText(n *syntax.Node) string {
	if t := d.Text(n, "doc"); t != nil {
		return strings.TrimSpace(t.Text)
	}
	return ""
}

// flag returns the node if it is true, and nil if it is false.
func (d *Decoder) flag(n *syntax.Node, what string) *syntax.Node {
	t := d.Text(n, what)
	if t == nil {
		return nil
	}
	if t.Quoting == syntax.Plain && t.Text == "true" {
		return t
	}
	if t.Quoting != syntax.Plain || t.Text != "false" {
		d.Report(rules.ValueBool, t.Pos, "%s must be true or false, and this is %q", what, t.Text).Help("write true or false, without quotes")
	}
	return nil
}

// Mapping reports whether a node is a mapping that is not empty.
func (d *Decoder) Mapping(n *syntax.Node, what, help string) bool {
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
