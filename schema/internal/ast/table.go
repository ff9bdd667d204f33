package ast

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/naming"
	"github.com/storegen/storegen/schema/rules"
)

func (d *Decoder) table(src *diag.Text, root *syntax.Node) {
	grammar := lang.DeclaredTable
	row := root.Get(lang.WordRow)
	inGo := row != nil && row.Kind == syntax.MapNode
	switch {
	case !inGo:
	case row.Get(lang.WordProto) != nil:
		grammar = lang.MessageTable
	case row.Get(lang.WordCodec) != nil:
		grammar = lang.OwnTable
	default:
		grammar = lang.GoTable
	}
	at := root.Pos
	if name := root.Get(lang.WordTable); name.Kind == syntax.ScalarNode {
		at = name.Pos
	}
	t := &Table{File: src, Words: d.words(d.decidedInGo(root, grammar), grammar, "", at)}
	t.Name = t.Node(lang.WordTable)
	if inGo {
		d.row(t, row)
	}
	t.HasFields = !inGo && len(t.Items(lang.WordFields)) > 0
	for _, v := range t.Items(lang.WordFields) {
		if f := d.field(v); inGo {
			t.Options = append(t.Options, f)
		} else {
			t.Fields = append(t.Fields, f)
		}
	}
	for _, v := range t.Items(lang.WordPer) {
		t.Per = append(t.Per, d.field(v))
	}
	for _, v := range t.Items(lang.WordIndexes) {
		if v.Words != nil {
			t.Indexes = append(t.Indexes, &Index{v.Key, v.Words})
		}
	}
	for _, v := range t.Items(lang.WordCheck) {
		if v.Words.Node(lang.WordRule) != nil {
			t.Checks = append(t.Checks, v.Words)
		}
	}
	d.Tables = append(d.Tables, t)
}

// row reads what is in Go: a struct or a message.
func (d *Decoder) row(t *Table, n *syntax.Node) {
	row := t.In(lang.WordRow)
	for _, p := range n.Pairs {
		if word := p.Key.Text; word == lang.WordGo || word == lang.WordProto {
			if name := d.goTypeName(row.Node(word), rules.GoRow); name != nil {
				t.GoRow, t.Message = name, word == lang.WordProto
			}
		}
	}
	if codec := row.Node(lang.WordCodec); codec != nil && codec.Text != lang.OwnCodec {
		d.Report(rules.GoRow, codec.Pos, "unknown codec %q", codec.Text).Help("write %s, or leave it out", lang.OwnCodec)
	}
	t.Own = n.Get(lang.WordCodec) != nil
	if t.Own && t.Message {
		d.Report(rules.GoRow, n.Get(lang.WordCodec).Pos, "a protobuf message has its own codec").Help("remove codec")
		t.Own = false
	}
	switch goType, message := n.Get(lang.WordGo), n.Get(lang.WordProto); {
	case goType != nil && message != nil:
		d.Report(rules.GoRow, n.Pos, "row names a struct and a message").Help("keep go for a struct that is stored field by field, or proto for a message that is stored whole")
		t.GoRow = nil
	case goType == nil && message == nil && missing(n, lang.WordGo, lang.RowGrammar) && missing(n, lang.WordProto, lang.RowGrammar):
		d.Report(rules.ValueMissing, n.Pos, "row names no type").Help("write a name, or {go: example.com/app/model.User}, or {proto: example.com/app/pb.Invoice}")
	}
}

// decidedInGo reports fields whose types the schema says where Go does, and those that
// do not say what in Go gives them. It returns the table without them.
func (d *Decoder) decidedInGo(root *syntax.Node, g *lang.Grammar) *syntax.Node {
	at := slices.IndexFunc(root.Pairs, func(p syntax.Pair) bool { return p.Key.Text == lang.WordFields })
	if at < 0 || root.Pairs[at].Value.Kind != syntax.MapNode || g != lang.GoTable && g != lang.OwnTable {
		return root
	}
	fields := *root.Pairs[at].Value
	fields.Pairs = slices.DeleteFunc(slices.Clone(fields.Pairs), func(p syntax.Pair) bool {
		typ := p.Value
		if typ.Kind == syntax.MapNode {
			typ = typ.Get(lang.WordType)
		}
		switch {
		case g == lang.OwnTable && p.Value.Kind != syntax.MapNode:
			d.Report(rules.GoRow, p.Value.Pos, "the field %s does not say what gives its value", p.Key.Text).Help("write {get: Method}")
		case g == lang.GoTable && typ != nil && (typ != p.Value || typ.Kind == syntax.ScalarNode):
			d.Report(rules.GoRow, typ.Pos, "the struct in Go decides the type of %s", p.Key.Text).
				Help("remove the type; a field can have %s here", strings.Join(lang.GoFieldGrammar.Names(), ", "))
		default:
			return false
		}
		fields.Dropped = true
		return true
	})
	table := *root
	table.Pairs = slices.Clone(root.Pairs)
	table.Pairs[at].Value = &fields
	return &table
}

// goNameForm matches an exported name in Go.
var goNameForm = regexp.MustCompile(`^[A-Z][A-Za-z0-9_]*$`)

// goTypeName checks the name of a Go type: import path, dot, name.
func (d *Decoder) goTypeName(name *syntax.Node, rule string) *syntax.Node {
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
