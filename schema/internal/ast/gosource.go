package ast

import (
	"slices"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/rules"
)

// GoTypes loads the Go types that the schema names as rows and named types.
func (d *Decoder) GoTypes(load schema.GoLoader) {
	var ask schema.GoAsk
	named := map[string]*Type{}        // by Go type
	asked := map[string]*syntax.Node{} // where the schema names a Go type
	files := map[string]*diag.Text{}
	for _, t := range d.Types {
		switch {
		case t.GoName == nil:
		case load == nil:
			d.Report(rules.GoType, t.GoName.Pos, "the Go type %s cannot be looked for here", t.GoName.Text).Help("say what it is: {is: string}")
		case named[t.GoName.Text] != nil:
			first := named[t.GoName.Text]
			d.Report(rules.GoType, t.GoName.Pos, "%s is the type %s already", t.GoName.Text, first.Name.Text).
				Help("use %s, or declare a Go type of its own", first.Name.Text).Related(first.GoName.Pos, "first here")
		default:
			named[t.GoName.Text], asked[t.GoName.Text], files[t.GoName.Text] = t, t.GoName, t.File
			n := schema.GoNamed{Name: t.Name.Text, Go: t.GoName.Text}
			if t.As != nil {
				n.As = t.As.Text
			}
			ask.Types = append(ask.Types, n)
		}
	}
	for _, t := range d.Tables {
		switch {
		case t.GoRow == nil:
		case load == nil:
			d.Report(rules.GoRow, t.GoRow.Pos, "the Go type %s cannot be looked for here", t.GoRow.Text).Help("name the fields: fields: {id: string}")
		default:
			switch {
			case t.Own:
				ask.Own = append(ask.Own, t.own())
				asked[t.own().Key()], files[t.own().Key()] = t.GoRow, t.File
			case t.Message:
				ask.Messages = append(ask.Messages, t.GoRow.Text)
			default:
				ask.Rows = append(ask.Rows, t.GoRow.Text)
			}
			if asked[t.GoRow.Text] == nil {
				asked[t.GoRow.Text], files[t.GoRow.Text] = t.GoRow, t.File
			}
		}
	}
	if len(ask.Rows)+len(ask.Messages)+len(ask.Own)+len(ask.Types) == 0 {
		return
	}
	found := load(ask)
	d.Found = found
	for _, t := range d.Types {
		if t.GoName == nil || found.Types[t.Name.Text] == nil || named[t.GoName.Text] != t {
			continue
		}
		t.Go = found.Types[t.Name.Text]
		d.goProblems(rules.GoType, t.Go, t.GoName, "the type %s is over it here", t.Name.Text)
		d.goFields(t)
	}
	for _, s := range found.Structs {
		d.AddLine(s.Pos, s.Source)
		t := &Type{Name: d.goNode(s.Name, s.Pos), File: files[s.For], Go: s}
		d.goProblems(rules.GoType, s, asked[s.For], "it is stored within what is named here")
		d.goFields(t)
		d.Types = append(d.Types, t)
	}
	for _, t := range d.Tables {
		if t.GoRow == nil {
			continue
		}
		s := found.Rows[t.GoRow.Text]
		if t.Own {
			s = found.Rows[t.own().Key()]
		}
		if s == nil {
			continue
		}
		d.goProblems(rules.GoRow, s, t.GoRow, "it is the row of a table here")
		t.GoType, t.Codec, t.Left = &s.Type, s.Codec, s.Left
		if (t.Message || t.Own) != (s.Codec != nil) && len(s.Problems) == 0 {
			d.Report(rules.GoRow, t.GoRow.Pos, "%s is the row of another table in the other way", t.GoRow.Text).Help("say go in both, or proto in both")
		}
		for _, p := range s.Left {
			if p.Pos.File != "" {
				d.AddLine(p.Pos, p.Source)
			}
		}
		t.HasFields = len(s.Problems) == 0
		t.Fields = d.goFieldDecls(s)
		d.goOptions(t)
	}
}

// goProblems reports why a Go type cannot be stored; at is where the schema names it.
func (d *Decoder) goProblems(rule string, s *schema.GoDecl, at *syntax.Node, why string, args ...any) {
	for _, p := range s.Problems {
		pos := p.Pos
		if pos.File == "" {
			pos = at.Pos
		} else {
			d.AddLine(pos, p.Source)
		}
		e := d.Report(rule, pos, "%s", p.Message).Help("%s", p.Help)
		if pos != at.Pos {
			e.Related(at.Pos, why, args...)
		}
	}
}

// goFields completes a named type with what was found.
func (d *Decoder) goFields(t *Type) {
	s := t.Go
	t.Broken = len(s.Problems) > 0
	if t.Doc == "" {
		t.Doc = s.Doc
	}
	if s.Scalar == "" {
		t.Kind = kind.Struct
		t.Fields = d.goFieldDecls(s)
	}
}

// goNode returns a node for a text of Go source, with its position there.
func (d *Decoder) goNode(text string, pos diag.Pos) *syntax.Node {
	return &syntax.Node{Kind: syntax.ScalarNode, Text: text, Pos: pos, File: d.TextOf(pos.File)}
}

// goFieldDecls returns declarations of the fields of a Go struct.
func (d *Decoder) goFieldDecls(s *schema.GoDecl) []*Field {
	var out []*Field
	for _, f := range s.Fields {
		d.AddLine(f.Pos, f.Source)
		decl := &Field{Name: d.goNode(f.Name, f.Pos), Type: d.goNode(f.Type, f.Pos), GoName: f.GoName, GoType: f.Go, GoKey: f.Key, GoPointers: f.Pointers, GoArray: f.Array, From: f.From}
		if f.Hidden {
			decl.Words = append(decl.Words, &Value{Word: lang.WordHidden, Texts: []*syntax.Node{d.goNode("true", f.Pos)}})
		}
		if f.Doc != "" {
			decl.Words = append(decl.Words, &Value{Word: lang.WordDoc, Texts: []*syntax.Node{d.goNode(f.Doc, f.Pos)}})
		}
		out = append(out, decl)
	}
	return out
}

// goOptions adds the options in the schema to the fields of a Go row.
func (d *Decoder) goOptions(t *Table) {
	var names []string
	for _, f := range t.Fields {
		names = append(names, f.Name.Text)
	}
	for _, o := range t.Options {
		i := slices.Index(names, o.Name.Text)
		if i < 0 {
			if p, left := t.Left[o.Name.Text]; left && t.Own {
				d.Report(rules.GoRow, o.Get.Pos, "%s", p.Message).Help("%s", p.Help)
				continue
			} else if left {
				d.LeftToMessage(o.Name, p)
				continue
			}
			if t.HasFields {
				d.Report(rules.FieldUnknown, o.Name.Pos, "unknown field %q", o.Name.Text).Suggest(o.Name.Text, names)
			}
			continue
		}
		f := t.Fields[i]
		f.Options, f.Get = o.Name, o.Get
		if o.Type != nil {
			f.As = o.Type
		}
		f.Default, f.DefaultHex = o.Default, o.DefaultHex
		f.Words = append(f.Words, o.Words...)
	}
}

// LeftToMessage reports a name of a field of a message that no column can be.
func (d *Decoder) LeftToMessage(n *syntax.Node, p schema.GoProblem) {
	ReportLeft(d.Reporter, n.Text, n.Pos, p)
}

// ReportLeft reports a use of a field of a message that no column can be.
func ReportLeft(r *diag.Reporter, name string, pos diag.Pos, p schema.GoProblem) {
	r.Report(rules.FieldUnknown, pos, "the field %s of the message %s", name, p.Message).Help("%s", p.Help).Related(p.Pos, "it is here")
}

// own is what a table whose rows make their bytes themselves asks for.
func (t *Table) own() schema.GoOwn {
	o := schema.GoOwn{Go: t.GoRow.Text}
	for _, f := range t.Options {
		if f.Get != nil {
			o.Gets = append(o.Gets, schema.GoGet{Column: f.Name.Text, Get: f.Get.Text})
		}
	}
	return o
}
