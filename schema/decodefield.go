package schema

import (
	"encoding/hex"
	"slices"
	"strings"
)

// fieldDecl takes a field apart, in its short form or its long one with the keys
// allowed where it stands.
func (d *decoder) fieldDecl(name, n *node, what string, allowed []string) *fieldDecl {
	f := &fieldDecl{name: name}
	switch n.kind {
	case scalarNode:
		f.typ = d.text(n, what)
		return f
	case listNode:
		d.report(ruleValueShape, n.pos, "%s must be a type, and this is a list", what).mend(`write a list's type in quotes: "[]string"`)
		return f
	}
	mend := "write its type: " + name.text + ": string"
	if !slices.Contains(allowed, "type") {
		mend = "write {doc: what it is}, or remove it"
	}
	if !d.mapping(n, what, mend) {
		return f
	}
	for _, p := range n.pairs {
		if !slices.Contains(allowed, p.key.text) {
			e := d.report(ruleKeyUnknown, p.key.pos, "unknown key %q in %s", p.key.text, what)
			switch help, ok := fieldHelp[squash(p.key.text)]; {
			case slices.Contains(fieldKeys, p.key.text):
				e.mend("%s is for the fields of a table", p.key.text)
			case ok:
				e.mend("%s", strings.ReplaceAll(help, "FIELD", name.text))
			default:
				e.meant(p.key.text, allowed)
			}
			continue
		}
		switch p.key.text {
		case "type":
			f.typ = d.text(p.value, "type")
		case "optional":
			f.optional = d.flag(p.value, "optional") != nil
		case "default":
			f.def, f.defHex = d.defaultValue(p.value)
		case "hidden":
			f.hidden = d.flag(p.value, "hidden")
		case "max":
			f.max = d.text(p.value, "max")
		case "min":
			f.min = d.text(p.value, "min")
		case "doc":
			f.doc = d.docText(p.value)
		case "was":
			f.was = d.texts(p.value, "was")
		}
	}
	if slices.Contains(allowed, "type") && missing(n, "type", nil, allowed) {
		d.report(ruleValueMissing, name.pos, "%s has no type", what).mend("add type: string, or what it is")
	}
	return f
}

// goFieldDecl takes apart what the schema says of a field of a Go row.
func (d *decoder) goFieldDecl(name, n *node) *fieldDecl {
	what := "the field " + name.text
	decides := func(at *node) {
		d.report(ruleGoRow, at.pos, "the struct in Go decides the type of %s", name.text).
			mend("remove the type; a field can have %s here", strings.Join(goFieldKeys, ", "))
	}
	if n.kind == scalarNode {
		decides(n)
		return nil
	}
	if n.kind == mapNode {
		if typ := n.get("type"); typ != nil {
			decides(typ)
			return nil
		}
	}
	// Without a type, which is the struct's.
	return d.fieldDecl(name, n, what, goFieldKeys)
}

// defaultValue returns a default's node. A quoted empty text is a value too. Bytes may be
// written as {hex: 00ff}.
func (d *decoder) defaultValue(n *node) (def *node, inHex bool) {
	if n.kind == scalarNode && n.quoting != plain {
		return n, false
	}
	if n.kind != mapNode || len(n.pairs) != 1 || n.pairs[0].key.text != "hex" {
		return d.text(n, "default"), false
	}
	digits := d.text(n.pairs[0].value, "hex")
	if digits == nil {
		return nil, false
	}
	b, err := hex.DecodeString(digits.text)
	if err != nil {
		d.report(ruleLiteral, digits.pos, "%q is no hexadecimal text: %v", digits.text, err).mend("write two digits for each byte: {hex: 00ff}")
		return nil, false
	}
	def = new(node)
	*def = *digits
	def.text = string(b)
	return def, true
}
