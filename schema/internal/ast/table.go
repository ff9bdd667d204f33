package ast

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/naming"
	"github.com/storegen/storegen/schema/rules"
)

func (d *Decoder) table(src *diag.Text, root *syntax.Node) {
	t := &Table{File: src}
	for _, p := range root.Pairs {
		switch p.Key.Text {
		case "table":
			t.Name = d.Text(p.Value, "table")
		case "doc":
			t.Doc = d.docText(p.Value)
		case "row":
			d.row(t, p.Value)
		case "access":
			d.access(t, p.Value)
		case "key":
			d.key(t, p.Value)
		case "fields":
			if d.Mapping(p.Value, "fields", "name at least one field: id: string") {
				row := root.Get("row")
				inGo := row != nil && row.Kind == syntax.MapNode
				t.HasFields = !inGo
				for _, f := range p.Value.Pairs {
					if inGo {
						if o := d.goField(f.Key, f.Value, row); o != nil {
							t.Options = append(t.Options, o)
						}
						continue
					}
					t.Fields = append(t.Fields, d.field(f.Key, f.Value, "the field "+f.Key.Text, lang.FieldKeys))
				}
			}
		case "per":
			if d.Mapping(p.Value, "per", "name at least one parameter: namespace: string") {
				for _, f := range p.Value.Pairs {
					t.Per = append(t.Per, d.field(f.Key, f.Value, "the parameter "+f.Key.Text, lang.PerKeys))
				}
			}
		case "indexes":
			if d.Mapping(p.Value, "indexes", "name at least one index: name: field") {
				for _, ix := range p.Value.Pairs {
					if decl := d.index(ix.Key, ix.Value); decl != nil {
						t.Indexes = append(t.Indexes, decl)
					}
				}
			}
		case "ttl":
			d.ttl(t, p.Value)
		case "check":
			d.checks(t, p.Value)
		case "was":
			t.Was = d.texts(p.Value, "was")
		default:
			d.foreignKey(p.Key, "a table", lang.TableSynonyms, lang.TableKeys...)
		}
	}
	required := func(key, help string) {
		if Missing(root, key, lang.TableSynonyms, lang.TableKeys) {
			pos := root.Pos
			if t.Name != nil {
				pos = t.Name.Pos
			}
			d.Report(rules.ValueMissing, pos, "the table has no %s", key).Help("%s", help)
		}
	}
	if row := root.Get("row"); row == nil || row.Kind != syntax.MapNode {
		required("fields", "add fields: {id: string}")
	} else if row.Get("codec") != nil {
		required("fields", "add fields: {id: {get: ID}}")
	}
	required("key", "add key: with the name of a field, or a list of them")
	required("access", "add access: system, public, private or restricted, or {owner: field}")
	d.Tables = append(d.Tables, t)
}

func (d *Decoder) row(t *Table, n *syntax.Node) {
	if n.Kind != syntax.MapNode {
		t.Row = d.Text(n, "row")
		return
	}
	for _, p := range n.Pairs {
		switch p.Key.Text {
		case "go", "proto":
			if name := d.goTypeName(p.Value, rules.GoRow); name != nil {
				t.GoRow, t.Message = name, p.Key.Text == "proto"
			}
		case "codec":
			if v := d.Text(p.Value, "codec"); v != nil && v.Text != "own" {
				d.Report(rules.GoRow, v.Pos, "unknown codec %q", v.Text).Help("write own, or leave it out")
			}
			t.Own = true
		default:
			d.UnknownKey(p.Key, "a row", lang.RowKeys...)
		}
	}
	if t.Own && t.Message {
		d.Report(rules.GoRow, n.Get("codec").Pos, "a protobuf message has its own codec").Help("remove codec")
		t.Own = false
	}
	switch goType, message := n.Get("go"), n.Get("proto"); {
	case goType != nil && message != nil:
		d.Report(rules.GoRow, n.Pos, "row names a struct and a message").Help("keep go for a struct that is stored field by field, or proto for a message that is stored whole")
		t.GoRow = nil
	case goType == nil && message == nil && Missing(n, "go", nil, lang.RowKeys) && Missing(n, "proto", nil, lang.RowKeys):
		d.Report(rules.ValueMissing, n.Pos, "row names no type").Help("write a name, or {go: example.com/app/model.User}, or {proto: example.com/app/pb.Invoice}")
	}
}

// goNameForm matches an exported name in Go.
var goNameForm = regexp.MustCompile(`^[A-Z][A-Za-z0-9_]*$`)

// goTypeName reads the name of a Go type: import path, dot, name.
func (d *Decoder) goTypeName(n *syntax.Node, rule string) *syntax.Node {
	name := d.Text(n, "go")
	if name == nil {
		return nil
	}
	dot := strings.LastIndexByte(name.Text, '.')
	if dot < strings.LastIndexByte(name.Text, '/') || dot < 1 || !naming.Upper.MatchString(name.Text[dot+1:]) || strings.ContainsAny(name.Text, " \t") {
		e := d.Report(rule, name.Pos, "%q is no exported type of a package", name.Text).Help("write the import path, a dot and the name: example.com/app/model.User")
		switch typ := name.Text[dot+1:]; {
		case strings.ContainsAny(typ, "[]"):
			e.Message = fmt.Sprintf("%q has type arguments, and a type that is stored has none", name.Text)
			e.Help("declare a struct of its own for it in Go, without type parameters")
		case dot > 0 && strings.Contains(typ, "_") && goNameForm.MatchString(typ):
			e.Message = fmt.Sprintf("%q has an underscore, which the names of types in a schema do not have", name.Text)
			e.Help("rename it in Go: %s", strings.ReplaceAll(typ, "_", ""))
		}
		return nil
	}
	return name
}

func (d *Decoder) access(t *Table, n *syntax.Node) {
	if n.Kind != syntax.MapNode {
		t.Access = d.Text(n, "access")
		return
	}
	for _, p := range n.Pairs {
		if p.Key.Text == "owner" {
			t.Owner = d.Text(p.Value, "owner")
			continue
		}
		d.UnknownKey(p.Key, "access", lang.AccessKeys...)
	}
	if Missing(n, "owner", nil, lang.AccessKeys) {
		d.Report(rules.ValueMissing, n.Pos, "access names no owner").Help("write {owner: field}, or one of system, public, private, restricted")
	}
}

func (d *Decoder) key(t *Table, n *syntax.Node) {
	t.Key = n
	if n.Kind != syntax.MapNode {
		t.KeyOf = d.texts(n, "key")
		return
	}
	for _, p := range n.Pairs {
		switch p.Key.Text {
		case "type":
			t.KeyType = d.Text(p.Value, "type")
		case "of":
			t.KeyOf = d.texts(p.Value, "of")
		default:
			d.UnknownKey(p.Key, "a key", lang.KeyKeys...)
		}
	}
	if Missing(n, "of", nil, lang.KeyKeys) {
		d.Report(rules.ValueMissing, n.Pos, "the key names no fields").Help("add of: [field, field]")
	}
}

func (d *Decoder) index(name, n *syntax.Node) *Index {
	ix := &Index{Name: name}
	what := "the index " + name.Text
	if n.Kind == syntax.ScalarNode || n.Kind == syntax.ListNode {
		ix.Words = Words{"on": d.texts(n, what)}
		return ix
	}
	if !d.Mapping(n, what, "name its columns: {on: [field]}") {
		return nil
	}
	ix.Words = d.words(n, lang.IndexGrammar, func(key *syntax.Node) { d.foreignKey(key, what, lang.IndexSynonyms, lang.IndexKeys...) })
	if Missing(n, "on", lang.IndexSynonyms, lang.IndexKeys) {
		d.Report(rules.ValueMissing, name.Pos, "%s names no columns", what).Help("add on: [field]")
	}
	return ix
}

func (d *Decoder) ttl(t *Table, n *syntax.Node) {
	t.TTL = &TTL{At: n}
	if !d.Mapping(n, "ttl", "write {from: field, keep: 30d}") {
		return
	}
	t.TTL.Words = d.words(n, lang.TTLGrammar, func(key *syntax.Node) { d.foreignKey(key, "ttl", lang.TTLSynonyms, lang.TTLKeys...) })
	for _, key := range lang.TTLKeys {
		if Missing(n, key, lang.TTLSynonyms, lang.TTLKeys) {
			d.Report(rules.ValueMissing, n.Pos, "ttl has no %s", key).Help("write {from: field, keep: 30d}")
		}
	}
}

func (d *Decoder) checks(t *Table, n *syntax.Node) {
	if n.Kind != syntax.ListNode {
		if rule := d.Text(n, "check"); rule != nil {
			t.Checks = append(t.Checks, &Check{Words{"rule": {rule}}})
		}
		return
	}
	for _, item := range n.Items {
		if item.Kind != syntax.MapNode {
			if rule := d.Text(item, "a check"); rule != nil {
				t.Checks = append(t.Checks, &Check{Words{"rule": {rule}}})
			}
			continue
		}
		c := &Check{d.words(item, lang.CheckGrammar, func(key *syntax.Node) { d.UnknownKey(key, "a check", lang.CheckKeys...) })}
		if c.Node("rule") != nil {
			t.Checks = append(t.Checks, c)
		} else if Missing(item, "rule", nil, lang.CheckKeys) {
			d.Report(rules.ValueMissing, item.Pos, "a check has no rule").Help("write {rule: a < b, doc: text}")
		}
	}
}
