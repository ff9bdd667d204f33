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

func (d *Decoder) typesFile(src *diag.Text, root, typesKey *syntax.Node, both bool) {
	for _, p := range root.Pairs {
		switch {
		case p.Key == typesKey:
			if !d.Mapping(p.Value, "types", "declare a type: Name: {is: string}") {
				continue
			}
			for _, t := range p.Value.Pairs {
				decl := d.typ(t.Key, t.Value)
				decl.File = src
				d.Types = append(d.Types, decl)
			}
		case !both:
			d.UnknownKey(p.Key, "a file of types", lang.FileTypeKeys...)
		}
	}
}

func (d *Decoder) typ(name, n *syntax.Node) *Type {
	t := &Type{Name: name, Broken: true}
	if n.Kind == syntax.ScalarNode {
		t.Is, t.Broken = n, false
		return t
	}
	if n.Kind == syntax.ListNode {
		d.Report(rules.ValueShape, n.Pos, "the type %s must be a mapping, and this is a list", name.Text).
			Help("say what it is: {enum: [%s]}", strings.Join(scalarTexts(n.Items), ", "))
		return t
	}
	if !d.Mapping(n, "the type "+name.Text, "write {is: a scalar}, {struct: {field: Type}}, {enum: [value]} or {go: a Go type}") {
		return t
	}
	var what []*syntax.Node // the keys is, struct, enum and go
	var as *syntax.Node     // the key as
	for _, p := range n.Pairs {
		switch p.Key.Text {
		case "is":
			what = append(what, p.Key)
			t.Is = d.Text(p.Value, "is")
			t.Broken = t.Is == nil
		case "struct":
			what = append(what, p.Key)
			t.Kind = kind.Struct
			if d.Mapping(p.Value, "the struct", "name its fields: {field: Type}") {
				for _, f := range p.Value.Pairs {
					t.Fields = append(t.Fields, d.field(f.Key, f.Value, "the struct's field "+f.Key.Text, lang.StructKeys))
				}
				t.Broken = false
			}
		case "enum":
			what = append(what, p.Key)
			t.Kind = kind.Enum
			t.Values, t.Broken = d.enumValues(p.Value), false
		case "go":
			what = append(what, p.Key)
			t.GoName = d.goTypeName(p.Value, rules.GoType)
		case "as":
			as = p.Key
			t.As = d.Text(p.Value, "as")
			if t.As != nil && !slices.Contains(lang.GoFormNames, t.As.Text) {
				d.Report(rules.GoType, t.As.Pos, "a Go type is not stored as %q", t.As.Text).Suggest(t.As.Text, lang.GoFormNames)
				t.As = nil
			}
		case "order":
			t.Order = d.Text(p.Value, "order")
			if t.Order != nil && t.Order.Text != "text" {
				d.Report(rules.GoType, t.Order.Pos, "a Go type has no order %q", t.Order.Text).Help("write order: text, or remove it")
				t.Order = nil
			}
		case "max":
			t.Max = d.Text(p.Value, "max")
		case "min":
			t.Min = d.Text(p.Value, "min")
		case "doc":
			t.Doc = d.docText(p.Value)
		case "was":
			t.Was = d.texts(p.Value, "was")
		default:
			d.foreignKey(p.Key, "the type "+name.Text, lang.TypeSynonyms, lang.TypeKeys...)
		}
	}
	if as != nil && n.Get("go") == nil {
		d.Report(rules.GoType, as.Pos, "as says how a Go type is stored, and there is none").Help("remove it, or name the type: go: example.com/app/model.%s", name.Text)
	}
	if t.Order != nil && n.Get("go") == nil {
		d.Report(rules.GoType, t.Order.Pos, "order is of the text of a Go type, and there is none").Help("remove it, or name the type: go: example.com/app/model.%s", name.Text)
	}
	switch {
	case len(what) == 0 && slices.ContainsFunc([]string{"is", "struct", "enum", "go"}, func(key string) bool { return !Missing(n, key, lang.TypeSynonyms, lang.TypeKeys) }):
	case len(what) == 0:
		d.Report(rules.TypeKind, name.Pos, "the type %s does not say what it is", name.Text).
			Help("give it one of is: a scalar, struct: {field: Type}, enum: [value], go: a Go type")
	case len(what) > 1:
		t.Broken, t.GoName = true, nil
		d.Report(rules.TypeKind, what[1].Pos, "the type %s says twice what it is: %s and %s", name.Text, what[0].Text, what[1].Text).
			Help("keep one of is, struct, enum and go").Related(what[0].Pos, "first here")
	}
	return t
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

func (d *Decoder) enumValues(n *syntax.Node) []*Value {
	if n.Kind == syntax.BadNode {
		return nil
	}
	if n.Kind != syntax.ListNode {
		e := d.Report(rules.ValueShape, n.Pos, "an enum must be a list of names, and this is %s", n.Kind).Help("write [first, second]")
		if n.Kind == syntax.MapNode {
			var names []string
			for _, p := range n.Pairs {
				names = append(names, p.Key.Text)
			}
			e.Help("write the names alone, [%s]: the lock keeps their numbers", strings.Join(names, ", "))
		}
		return nil
	}
	if len(n.Items) == 0 {
		d.Report(rules.ValueMissing, n.Pos, "the enum has no values").Help("write [first, second]")
	}
	var out []*Value
	for _, item := range n.Items {
		if item.Kind != syntax.MapNode {
			if name := d.Text(item, "an enum's value"); name != nil {
				out = append(out, &Value{Name: name})
			}
			continue
		}
		v := &Value{Words: d.words(item, lang.EnumValueGrammar, func(key *syntax.Node) { d.UnknownKey(key, "an enum's value", lang.EnumValueKeys...) })}
		v.Name = v.Node("name")
		if v.Name != nil {
			out = append(out, v)
		} else if Missing(item, "name", nil, lang.EnumValueKeys) {
			d.Report(rules.ValueMissing, item.Pos, "an enum's value has no name").Help("write {name: value, doc: text}")
		}
	}
	return out
}
