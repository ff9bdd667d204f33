package ast

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/rules"
)

// typesFile reads a file of types; both says that it has a table too.
func (d *Decoder) typesFile(src *diag.Text, root *syntax.Node, both bool) {
	if both {
		root = &syntax.Node{Kind: syntax.MapNode, Pos: root.Pos, File: root.File, Pairs: []syntax.Pair{{Key: root.Key(lang.WordTypes), Value: root.Get(lang.WordTypes)}}}
	}
	for _, v := range d.words(root, lang.TypesGrammar, "", root.Pos).Items(lang.WordTypes) {
		t := d.typ(v)
		t.File = src
		d.Types = append(d.Types, t)
	}
}

func (d *Decoder) typ(v *Value) *Type {
	t := &Type{Name: v.Key, Words: v.Words, Doc: v.Words.Doc(), Broken: true}
	if v.Words == nil {
		return t
	}
	t.As, t.GoName = t.Node(lang.WordAs), d.goTypeName(t.Node(lang.WordGo), rules.GoType)
	if t.As != nil && !slices.Contains(lang.GoFormNames, t.As.Text) {
		d.Report(rules.GoType, t.As.Pos, "a Go type is not stored as %q", t.As.Text).Suggest(t.As.Text, lang.GoFormNames)
		t.As = nil
	}
	order := t.Node(lang.WordOrder)
	if order != nil && order.Text != lang.TextOrder {
		d.Report(rules.GoType, order.Pos, "a Go type has no order %q", order.Text).Help("write order: %s, or remove it", lang.TextOrder)
	}
	if t.At(lang.WordGo) == nil {
		if as := t.value(lang.WordAs).Key; as != nil {
			d.Report(rules.GoType, as.Pos, "as says how a Go type is stored, and there is none").Help("remove it, or name the type: go: example.com/app/model.%s", t.Name.Text)
		}
		if order != nil && order.Text == lang.TextOrder {
			d.Report(rules.GoType, order.Pos, "order is of the text of a Go type, and there is none").Help("remove it, or name the type: go: example.com/app/model.%s", t.Name.Text)
		}
	}
	d.typeKind(t, v)
	return t
}

// typeKind reads what a type is.
func (d *Decoder) typeKind(t *Type, v *Value) {
	var what []*syntax.Node // the words that say it
	for _, p := range append([]syntax.Pair{{Key: v.Key}}, v.At.Pairs...) {
		if slices.Contains(lang.TypeForm.OneOf, p.Key.Text) && p.Value != nil {
			what = append(what, p.Key)
		}
	}
	switch {
	case v.At.Kind == syntax.ScalarNode || t.At(lang.WordIs) != nil:
		t.Broken = t.Node(lang.WordIs) == nil
	case t.At(lang.WordStruct) != nil:
		t.Kind, t.Broken = kind.Struct, len(t.Items(lang.WordStruct)) == 0
		for _, f := range t.Items(lang.WordStruct) {
			t.Fields = append(t.Fields, d.field(f))
		}
	case t.At(lang.WordEnum) != nil:
		t.Kind, t.Broken = kind.Enum, false
		t.Values = d.enumValues(t.value(lang.WordEnum))
	}
	switch {
	case v.At.Kind == syntax.ScalarNode:
	case len(what) == 0 && slices.ContainsFunc(lang.TypeForm.OneOf, func(word string) bool { return !missing(v.At, word, lang.TypeGrammar) }):
	case len(what) == 0:
		d.Report(rules.TypeKind, t.Name.Pos, "the type %s does not say what it is", t.Name.Text).
			Help("give it one of is: a scalar, struct: {field: Type}, enum: [value], go: a Go type")
	case len(what) > 1:
		t.Broken, t.GoName = true, nil
		d.Report(rules.TypeKind, what[1].Pos, "the type %s says twice what it is: %s and %s", t.Name.Text, what[0].Text, what[1].Text).
			Help("keep one of is, struct, enum and go").Related(what[0].Pos, "first here")
	}
}

// enumValues reads the values of an enum, which are always in a list.
func (d *Decoder) enumValues(v *Value) []*Value {
	switch n := v.At; {
	case n.Kind == syntax.BadNode:
	case n.Kind == syntax.MapNode:
		var names []string
		for _, p := range n.Pairs {
			names = append(names, p.Key.Text)
		}
		d.Report(rules.ValueShape, n.Pos, "an enum must be a list of names, and this is %s", n.Kind).
			Help("write the names alone, [%s]: the lock keeps their numbers", strings.Join(names, ", "))
	case n.Kind != syntax.ListNode:
		d.Report(rules.ValueShape, n.Pos, "an enum must be a list of names, and this is %s", n.Kind).Help("write [first, second]")
	case len(n.Items) == 0:
		d.Report(rules.ValueMissing, n.Pos, "the enum has no values").Help("write [first, second]")
	}
	return slices.DeleteFunc(v.Items, func(item *Value) bool { return item.Words.Node(lang.WordName) == nil })
}
