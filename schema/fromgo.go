package schema

import "slices"

// goTypes reads the rows and the named types that are there in Go already.
func (d *decoder) goTypes(load GoLoader) {
	var ask GoAsk
	named := map[string]*typeDecl{} // by Go type
	asked := map[string]*node{}     // where the schema names what was asked for
	files := map[string]*source{}
	for _, t := range d.types {
		switch {
		case t.goName == nil:
		case load == nil:
			d.report(ruleGoType, t.goName.pos, "the Go type %s cannot be looked for here", t.goName.text).mend("say what it is: {is: string}")
		case named[t.goName.text] != nil:
			first := named[t.goName.text]
			d.report(ruleGoType, t.goName.pos, "%s is the type %s already", t.goName.text, first.name.text).
				mend("use %s, or declare a Go type of its own", first.name.text).related(first.goName.pos, "first here")
		default:
			named[t.goName.text], asked[t.goName.text], files[t.goName.text] = t, t.goName, t.file
			n := GoNamed{Name: t.name.text, Go: t.goName.text}
			if t.as != nil {
				n.As = t.as.text
			}
			ask.Types = append(ask.Types, n)
		}
	}
	for _, t := range d.tables {
		switch {
		case t.goRow == nil:
		case load == nil:
			d.report(ruleGoRow, t.goRow.pos, "the Go type %s cannot be looked for here", t.goRow.text).mend("name the fields: fields: {id: string}")
		default:
			ask.Rows = append(ask.Rows, t.goRow.text)
			if asked[t.goRow.text] == nil {
				asked[t.goRow.text], files[t.goRow.text] = t.goRow, t.file
			}
		}
	}
	if len(ask.Rows)+len(ask.Types) == 0 {
		return
	}
	found := load(ask)
	d.found = found
	for _, t := range d.types {
		if t.goName == nil || found.Types[t.name.text] == nil || named[t.goName.text] != t {
			continue
		}
		t.goDecl = found.Types[t.name.text]
		d.goProblems(ruleGoType, t.goDecl, t.goName, "the type %s is over it here", t.name.text)
		d.goFields(t)
	}
	for _, s := range found.Structs {
		d.addLine(s.Pos, s.Source)
		t := &typeDecl{name: d.goNode(s.Name, s.Pos), file: files[s.For], goDecl: s}
		d.goProblems(ruleGoType, s, asked[s.For], "it is stored within what is named here")
		d.goFields(t)
		d.types = append(d.types, t)
	}
	for _, t := range d.tables {
		if t.goRow == nil || found.Rows[t.goRow.text] == nil {
			continue
		}
		s := found.Rows[t.goRow.text]
		d.goProblems(ruleGoRow, s, t.goRow, "it is the row of a table here")
		t.goType = &s.Type
		t.hasFields = len(s.Problems) == 0
		t.fields = d.goFieldDecls(s)
		d.goOptions(t)
	}
}

// goProblems reports what stands in the way of a Go type; at is where the schema
// names it.
func (d *decoder) goProblems(rule string, s *GoDecl, at *node, why string, args ...any) {
	for _, p := range s.Problems {
		pos := p.Pos
		if pos.File == "" {
			pos = at.pos
		} else {
			d.addLine(pos, p.Source)
		}
		e := d.report(rule, pos, "%s", p.Message).mend("%s", p.Mend)
		if pos != at.pos {
			e.related(at.pos, why, args...)
		}
	}
}

// goFields gives a named type what was found of it.
func (d *decoder) goFields(t *typeDecl) {
	s := t.goDecl
	t.broken = len(s.Problems) > 0
	if t.doc == "" {
		t.doc = s.Doc
	}
	if s.Scalar == "" {
		t.kind = Struct
		t.fields = d.goFieldDecls(s)
	}
}

// goNode is text as if it were written in the schema where it stands in Go.
func (d *decoder) goNode(text string, pos Pos) *node {
	return &node{kind: scalarNode, text: text, pos: pos, src: d.at(pos.File)}
}

// goFieldDecls are the fields of a struct, as if the schema declared them.
func (d *decoder) goFieldDecls(s *GoDecl) []*fieldDecl {
	var out []*fieldDecl
	for _, f := range s.Fields {
		d.addLine(f.Pos, f.Source)
		decl := &fieldDecl{name: d.goNode(f.Name, f.Pos), typ: d.goNode(f.Type, f.Pos), doc: f.Doc, goName: f.GoName, goType: f.Go, goKey: f.Key}
		if f.Hidden {
			decl.hidden = d.goNode("true", f.Pos)
		}
		out = append(out, decl)
	}
	return out
}

// goOptions gives the fields of a row what the schema says of them beside their
// types.
func (d *decoder) goOptions(t *tableDecl) {
	var names []string
	for _, f := range t.fields {
		names = append(names, f.name.text)
	}
	for _, o := range t.options {
		i := slices.Index(names, o.name.text)
		if i < 0 {
			if t.hasFields {
				d.report(ruleFieldUnknown, o.name.pos, "unknown field %q", o.name.text).meant(o.name.text, names)
			}
			continue
		}
		f := t.fields[i]
		f.options = o.name
		f.def, f.defHex, f.max, f.min, f.was, f.optional = o.def, o.defHex, o.max, o.min, o.was, o.optional
		if o.hidden != nil {
			f.hidden = o.hidden
		}
		if o.doc != "" {
			f.doc = o.doc
		}
	}
}
