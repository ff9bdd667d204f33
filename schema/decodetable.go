package schema

import (
	"fmt"
	"regexp"
	"strings"
)

func (d *decoder) table(src *source, root *node) {
	t := &tableDecl{file: src}
	for _, p := range root.pairs {
		switch p.key.text {
		case "table":
			t.name = d.text(p.value, "table")
		case "doc":
			t.doc = d.docText(p.value)
		case "row":
			d.row(t, p.value)
		case "access":
			d.access(t, p.value)
		case "key":
			d.key(t, p.value)
		case "fields":
			if d.mapping(p.value, "fields", "name at least one field: id: string") {
				row := root.get("row")
				inGo := row != nil && row.kind == mapNode
				t.hasFields = !inGo
				for _, f := range p.value.pairs {
					if inGo {
						if o := d.goFieldDecl(f.key, f.value); o != nil {
							t.options = append(t.options, o)
						}
						continue
					}
					t.fields = append(t.fields, d.fieldDecl(f.key, f.value, "the field "+f.key.text, fieldKeys))
				}
			}
		case "per":
			if d.mapping(p.value, "per", "name at least one parameter: namespace: string") {
				for _, f := range p.value.pairs {
					t.per = append(t.per, d.fieldDecl(f.key, f.value, "the parameter "+f.key.text, perKeys))
				}
			}
		case "indexes":
			if d.mapping(p.value, "indexes", "name at least one index: name: field") {
				for _, ix := range p.value.pairs {
					if decl := d.index(ix.key, ix.value); decl != nil {
						t.indexes = append(t.indexes, decl)
					}
				}
			}
		case "ttl":
			d.ttl(t, p.value)
		case "check":
			d.checks(t, p.value)
		case "was":
			t.was = d.texts(p.value, "was")
		default:
			d.foreignKey(p.key, "a table", tableHabits, tableKeys...)
		}
	}
	required := func(key, mend string) {
		if missing(root, key, tableHabits, tableKeys) {
			pos := root.pos
			if t.name != nil {
				pos = t.name.pos
			}
			d.report(ruleValueMissing, pos, "the table has no %s", key).mend("%s", mend)
		}
	}
	if row := root.get("row"); row == nil || row.kind != mapNode {
		required("fields", "add fields: {id: string}")
	}
	required("key", "add key: with the name of a field, or a list of them")
	required("access", "add access: system, public, private or restricted, or {owner: field}")
	d.tables = append(d.tables, t)
}

func (d *decoder) row(t *tableDecl, n *node) {
	if n.kind != mapNode {
		t.row = d.text(n, "row")
		return
	}
	for _, p := range n.pairs {
		if p.key.text != "go" {
			d.unknownKey(p.key, "a row", rowKeys...)
			continue
		}
		if name := d.goTypeName(p.value, ruleGoRow); name != nil {
			t.goRow = name
		}
	}
	if missing(n, "go", nil, rowKeys) {
		d.report(ruleValueMissing, n.pos, "row names no type").mend("write a name, or {go: example.com/app/model.User}")
	}
}

// goNameForm is an exported name in Go.
var goNameForm = regexp.MustCompile(`^[A-Z][A-Za-z0-9_]*$`)

// goTypeName returns the name of a Go type, as a schema writes it.
func (d *decoder) goTypeName(n *node, rule string) *node {
	name := d.text(n, "go")
	if name == nil {
		return nil
	}
	dot := strings.LastIndexByte(name.text, '.')
	if dot < strings.LastIndexByte(name.text, '/') || dot < 1 || !upperName.MatchString(name.text[dot+1:]) || strings.ContainsAny(name.text, " \t") {
		e := d.report(rule, name.pos, "%q is no exported type of a package", name.text).mend("write the import path, a dot and the name: example.com/app/model.User")
		switch typ := name.text[dot+1:]; {
		case strings.ContainsAny(typ, "[]"):
			e.Message = fmt.Sprintf("%q has type arguments, and a type that is stored has none", name.text)
			e.mend("declare a struct of its own for it in Go, without type parameters")
		case dot > 0 && strings.Contains(typ, "_") && goNameForm.MatchString(typ):
			e.Message = fmt.Sprintf("%q has an underscore, which the names of types in a schema do not have", name.text)
			e.mend("rename it in Go: %s", strings.ReplaceAll(typ, "_", ""))
		}
		return nil
	}
	return name
}

func (d *decoder) access(t *tableDecl, n *node) {
	if n.kind != mapNode {
		t.access = d.text(n, "access")
		return
	}
	for _, p := range n.pairs {
		if p.key.text == "owner" {
			t.owner = d.text(p.value, "owner")
			continue
		}
		d.unknownKey(p.key, "access", accessKeys...)
	}
	if missing(n, "owner", nil, accessKeys) {
		d.report(ruleValueMissing, n.pos, "access names no owner").mend("write {owner: field}, or one of system, public, private, restricted")
	}
}

func (d *decoder) key(t *tableDecl, n *node) {
	t.key = n
	if n.kind != mapNode {
		t.keyOf = d.texts(n, "key")
		return
	}
	for _, p := range n.pairs {
		switch p.key.text {
		case "type":
			t.keyType = d.text(p.value, "type")
		case "of":
			t.keyOf = d.texts(p.value, "of")
		default:
			d.unknownKey(p.key, "a key", keyKeys...)
		}
	}
	if missing(n, "of", nil, keyKeys) {
		d.report(ruleValueMissing, n.pos, "the key names no fields").mend("add of: [field, field]")
	}
}

func (d *decoder) index(name, n *node) *indexDecl {
	ix := &indexDecl{name: name}
	what := "the index " + name.text
	if n.kind == scalarNode || n.kind == listNode {
		ix.on = d.texts(n, what)
		return ix
	}
	if !d.mapping(n, what, "name its columns: {on: [field]}") {
		return nil
	}
	for _, p := range n.pairs {
		switch p.key.text {
		case "on":
			ix.on = d.texts(p.value, "on")
		case "unique":
			ix.unique = d.flag(p.value, "unique") != nil
		case "where":
			ix.where = d.text(p.value, "where")
		case "include":
			ix.include = d.texts(p.value, "include")
		case "doc":
			ix.doc = d.docText(p.value)
		case "was":
			ix.was = d.texts(p.value, "was")
		default:
			d.foreignKey(p.key, what, indexHabits, indexKeys...)
		}
	}
	if missing(n, "on", indexHabits, indexKeys) {
		d.report(ruleValueMissing, name.pos, "%s names no columns", what).mend("add on: [field]")
	}
	return ix
}

func (d *decoder) ttl(t *tableDecl, n *node) {
	t.ttl = n
	if !d.mapping(n, "ttl", "write {from: field, keep: 30d}") {
		return
	}
	for _, p := range n.pairs {
		switch p.key.text {
		case "from":
			t.ttlFrom = d.text(p.value, "from")
		case "keep":
			t.ttlKeep = d.text(p.value, "keep")
		default:
			d.foreignKey(p.key, "ttl", ttlHabits, ttlKeys...)
		}
	}
	for _, key := range ttlKeys {
		if missing(n, key, ttlHabits, ttlKeys) {
			d.report(ruleValueMissing, n.pos, "ttl has no %s", key).mend("write {from: field, keep: 30d}")
		}
	}
}

func (d *decoder) checks(t *tableDecl, n *node) {
	if n.kind != listNode {
		if rule := d.text(n, "check"); rule != nil {
			t.checks = append(t.checks, &checkDecl{rule: rule})
		}
		return
	}
	for _, item := range n.items {
		if item.kind != mapNode {
			if rule := d.text(item, "a check"); rule != nil {
				t.checks = append(t.checks, &checkDecl{rule: rule})
			}
			continue
		}
		c := &checkDecl{}
		for _, p := range item.pairs {
			switch p.key.text {
			case "rule":
				c.rule = d.text(p.value, "rule")
			case "doc":
				c.doc = d.docText(p.value)
			default:
				d.unknownKey(p.key, "a check", checkKeys...)
			}
		}
		if c.rule != nil {
			t.checks = append(t.checks, c)
		} else if missing(item, "rule", nil, checkKeys) {
			d.report(ruleValueMissing, item.pos, "a check has no rule").mend("write {rule: a < b, doc: text}")
		}
	}
}
