package schema

import (
	"slices"
	"strings"
)

func (d *decoder) typesFile(src *source, root, typesKey *node, both bool) {
	for _, p := range root.pairs {
		switch {
		case p.key == typesKey:
			if !d.mapping(p.value, "types", "declare a type: Name: {is: string}") {
				continue
			}
			for _, t := range p.value.pairs {
				decl := d.typeDecl(t.key, t.value)
				decl.file = src
				d.types = append(d.types, decl)
			}
		case !both:
			d.unknownKey(p.key, "a file of types", fileTypeKeys...)
		}
	}
}

func (d *decoder) typeDecl(name, n *node) *typeDecl {
	t := &typeDecl{name: name, broken: true}
	if n.kind == scalarNode {
		t.is, t.broken = n, false
		return t
	}
	if n.kind == listNode {
		d.report(ruleValueShape, n.pos, "the type %s must be a mapping, and this is a list", name.text).
			mend("say what it is: {enum: [%s]}", strings.Join(scalarTexts(n.items), ", "))
		return t
	}
	if !d.mapping(n, "the type "+name.text, "write {is: a scalar}, {struct: {field: Type}}, {enum: [value]} or {go: a Go type}") {
		return t
	}
	var what []*node // the keys that say what it is
	var as *node     // the key
	for _, p := range n.pairs {
		switch p.key.text {
		case "is":
			what = append(what, p.key)
			t.is = d.text(p.value, "is")
			t.broken = t.is == nil
		case "struct":
			what = append(what, p.key)
			t.kind = Struct
			if d.mapping(p.value, "the struct", "name its fields: {field: Type}") {
				for _, f := range p.value.pairs {
					t.fields = append(t.fields, d.fieldDecl(f.key, f.value, "the struct's field "+f.key.text, structKeys))
				}
				t.broken = false
			}
		case "enum":
			what = append(what, p.key)
			t.kind = Enum
			t.values, t.broken = d.enumValues(p.value), false
		case "go":
			what = append(what, p.key)
			t.goName = d.goTypeName(p.value, ruleGoType)
		case "as":
			as = p.key
			t.as = d.text(p.value, "as")
			if t.as != nil && !slices.Contains(goFormNames, t.as.text) {
				d.report(ruleGoType, t.as.pos, "a Go type is not stored as %q", t.as.text).meant(t.as.text, goFormNames)
				t.as = nil
			}
		case "max":
			t.max = d.text(p.value, "max")
		case "min":
			t.min = d.text(p.value, "min")
		case "doc":
			t.doc = d.docText(p.value)
		case "was":
			t.was = d.texts(p.value, "was")
		default:
			d.foreignKey(p.key, "the type "+name.text, typeHabits, typeKeys...)
		}
	}
	if as != nil && n.get("go") == nil {
		d.report(ruleGoType, as.pos, "as says how a Go type is stored, and there is none").mend("remove it, or name the type: go: example.com/app/model.%s", name.text)
	}
	switch {
	case len(what) == 0 && slices.ContainsFunc([]string{"is", "struct", "enum", "go"}, func(key string) bool { return !missing(n, key, typeHabits, typeKeys) }):
	case len(what) == 0:
		d.report(ruleTypeKind, name.pos, "the type %s does not say what it is", name.text).
			mend("give it one of is: a scalar, struct: {field: Type}, enum: [value], go: a Go type")
	case len(what) > 1:
		t.broken, t.goName = true, nil
		d.report(ruleTypeKind, what[1].pos, "the type %s says twice what it is: %s and %s", name.text, what[0].text, what[1].text).
			mend("keep one of is, struct, enum and go").related(what[0].pos, "first here")
	}
	return t
}

// scalarTexts are the texts of nodes that are scalars.
func scalarTexts(nodes []*node) []string {
	var out []string
	for _, n := range nodes {
		if n.kind == scalarNode {
			out = append(out, n.text)
		}
	}
	return out
}

func (d *decoder) enumValues(n *node) []*valueDecl {
	if n.kind == badNode {
		return nil
	}
	if n.kind != listNode {
		e := d.report(ruleValueShape, n.pos, "an enum must be a list of names, and this is %s", n.kind).mend("write [first, second]")
		if n.kind == mapNode {
			var names []string
			for _, p := range n.pairs {
				names = append(names, p.key.text)
			}
			e.mend("write the names alone, [%s]: the lock keeps their numbers", strings.Join(names, ", "))
		}
		return nil
	}
	if len(n.items) == 0 {
		d.report(ruleValueMissing, n.pos, "the enum has no values").mend("write [first, second]")
	}
	var out []*valueDecl
	for _, item := range n.items {
		if item.kind != mapNode {
			if name := d.text(item, "an enum's value"); name != nil {
				out = append(out, &valueDecl{name: name})
			}
			continue
		}
		v := &valueDecl{}
		for _, p := range item.pairs {
			switch p.key.text {
			case "name":
				v.name = d.text(p.value, "name")
			case "doc":
				v.doc = d.docText(p.value)
			case "was":
				v.was = d.texts(p.value, "was")
			default:
				d.unknownKey(p.key, "an enum's value", enumValueKeys...)
			}
		}
		if v.name != nil {
			out = append(out, v)
		} else if missing(item, "name", nil, enumValueKeys) {
			d.report(ruleValueMissing, item.pos, "an enum's value has no name").mend("write {name: value, doc: text}")
		}
	}
	return out
}
