package schema

import (
	"slices"
	"strings"
)

// A decoder makes declarations of nodes.
type decoder struct {
	*reporter
	types  []*typeDecl
	tables []*tableDecl
	found  *GoSource // of Go types; nil where none is named
}

// file takes one file's root apart. It returns false when types may be missing
// because of a mistake.
func (d *decoder) file(src *source, root *node) bool {
	if root.kind == badNode {
		return false
	}
	if root.kind != mapNode {
		d.report(ruleValueShape, root.pos, "a schema file must be a mapping, and this is %s", root.kind).
			mend("begin with table: or types:")
		return false
	}
	types, table := root.get("types"), root.get("table")
	var typesKey, tableKey *node
	for _, p := range root.pairs {
		switch p.key.text {
		case "types":
			typesKey = p.key
		case "table":
			tableKey = p.key
		}
	}
	switch {
	case types != nil && table != nil:
		d.report(ruleFileKind, typesKey.pos, "a file holds types or one table, not both").
			mend("move the types to a file of their own").related(tableKey.pos, "the table is here")
		d.typesFile(src, root, typesKey, true)
		return true
	case types != nil:
		d.typesFile(src, root, typesKey, false)
		return true
	case table != nil:
		d.table(src, root)
		return true
	}
	if root.dropped && len(root.pairs) == 0 {
		return false
	}
	keys := make([]string, 0, len(root.pairs))
	for _, p := range root.pairs {
		keys = append(keys, p.key.text)
	}
	e := d.report(ruleFileKind, root.pos, "the file declares neither a table nor types").mend("begin with table: or types:")
	for _, k := range keys {
		if best := Nearest(k, []string{"table", "types"}); best != "" {
			e.mend("did you mean %q instead of %q?", best, k)
			break
		}
	}
	return false
}

// unknownKey reports a key that has no meaning where it stands.
func (d *decoder) unknownKey(key *node, where string, allowed ...string) {
	d.foreignKey(key, where, nil, allowed...)
}

// foreignKey is unknownKey where other languages have words of their own.
func (d *decoder) foreignKey(key *node, where string, known habits, allowed ...string) {
	e := d.report(ruleKeyUnknown, key.pos, "unknown key %q in %s", key.text, where)
	if h, ok := known[squash(key.text)]; ok {
		e.mend("%s", h.mend)
		return
	}
	e.meant(key.text, allowed)
}

// missing reports whether a mapping lacks a key, and no other of its keys, which
// is reported as unknown, looks like it or is another language's word for it.
func missing(n *node, key string, known habits, allowed []string) bool {
	if n.get(key) != nil {
		return false
	}
	for _, p := range n.pairs {
		if slices.Contains(allowed, p.key.text) {
			continue
		}
		if known.means(p.key.text, key) || Nearest(p.key.text, allowed) == key {
			return false
		}
	}
	return true
}

// text returns a node that must be a scalar, or nil.
func (d *decoder) text(n *node, what string) *node {
	switch n.kind {
	case badNode:
		return nil
	case scalarNode:
		if strings.TrimSpace(n.text) != "" {
			return n
		}
		d.report(ruleValueMissing, n.pos, "%s is empty", what).mend("write a value, or remove the key")
	case emptyNode:
		d.report(ruleValueMissing, n.pos, "%s is empty", what).mend("write a value, or remove the key")
	default:
		d.report(ruleValueShape, n.pos, "%s must be text, and this is %s", what, n.kind).
			mend("write one value there; text that begins with a bracket or brace needs quotes")
	}
	return nil
}

// texts returns the scalars of a node that must be a scalar or a list of them.
func (d *decoder) texts(n *node, what string) []*node {
	if n.kind != listNode {
		if t := d.text(n, what); t != nil {
			return []*node{t}
		}
		return nil
	}
	if len(n.items) == 0 {
		d.report(ruleValueMissing, n.pos, "%s is an empty list", what).mend("name at least one")
	}
	var out []*node
	for _, item := range n.items {
		if t := d.text(item, "an entry of "+what); t != nil {
			out = append(out, t)
		}
	}
	return out
}

func (d *decoder) docText(n *node) string {
	if t := d.text(n, "doc"); t != nil {
		return strings.TrimSpace(t.text)
	}
	return ""
}

// flag returns the node of a true; nil of a false.
func (d *decoder) flag(n *node, what string) *node {
	t := d.text(n, what)
	if t == nil {
		return nil
	}
	if t.quoting == plain && t.text == "true" {
		return t
	}
	if t.quoting != plain || t.text != "false" {
		d.report(ruleValueBool, t.pos, "%s must be true or false, and this is %q", what, t.text).mend("write true or false, without quotes")
	}
	return nil
}

// mapping reports whether a node is a mapping with something in it.
func (d *decoder) mapping(n *node, what, mend string) bool {
	switch n.kind {
	case badNode:
		return false
	case mapNode:
		if len(n.pairs) > 0 || n.dropped {
			return len(n.pairs) > 0
		}
		fallthrough
	case emptyNode:
		d.report(ruleValueMissing, n.pos, "%s is empty", what).mend("%s", mend)
	default:
		e := d.report(ruleValueShape, n.pos, "%s must be a mapping, and this is %s", what, n.kind).mend("%s", mend)
		if n.kind == listNode {
			e.note("a mapping has a name and a colon before each value, and no dashes")
		}
	}
	return false
}
