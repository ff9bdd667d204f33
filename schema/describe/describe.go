// Package describe turns a checked schema into the description that databases keep of
// it, package catalog's. Generated code, the lock, explanations and tools that have no
// generated code all go by this one description. It knows nothing of databases.
package describe

import (
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// levels are the access levels, by those of the schema.
var levels = map[schema.Access]access.Level{
	schema.System: access.SystemTable, schema.Public: access.Public, schema.Private: access.Private,
	schema.Restricted: access.Restricted, schema.Owned: access.Owned,
}

// Table describes a table as databases keep it.
func Table(t *schema.Table) *catalog.Table { return describer{}.table(t) }

// Field describes a field. The limits of its type are those of the field too.
func Field(f *schema.Field) catalog.Field { return describer{}.field(f) }

// Type describes a type.
func Type(t *schema.Type) catalog.Type { return describer{}.typ(t) }

// Outline describes a field, and of a struct that it holds the name only: what a line of
// the lock says. So the struct may hold itself, as one that is made from a lock can.
func Outline(f *schema.Field) catalog.Field { return describer{outline: true}.field(f) }

// OutlineType is Outline for a type.
func OutlineType(t *schema.Type) catalog.Type { return describer{outline: true}.typ(t) }

type describer struct {
	outline bool // without the fields of structs
	// keyNames says that the types of the keys of maps are told by name also where a
	// database keeps nothing of them.
	keyNames bool
}

func (d describer) table(t *schema.Table) *catalog.Table {
	out := &catalog.Table{
		Name: t.Name, Number: t.Number, Doc: t.Doc, Row: t.Row, Was: t.Was, Access: levels[t.Access],
		Fields: d.fields(t.Fields), Key: places(t.Key.Fields), KeyType: t.Key.Named, Per: d.fields(t.Per), Blind: t.Blind,
	}
	switch {
	case t.Codec != nil && t.Codec.Own:
		out.Form = catalog.Own
	case t.Codec != nil:
		out.Form = catalog.Message
	}
	for _, ix := range t.Indexes {
		out.Indexes = append(out.Indexes, index(ix))
	}
	if t.TTL != nil {
		out.TTL = &catalog.TTL{From: t.TTL.From.Index, Keep: t.TTL.Keep}
		if t.TTL.KeepField != nil {
			out.TTL.KeepField = t.TTL.KeepField.Index + 1
		}
	}
	for _, c := range t.Checks {
		out.Checks = append(out.Checks, catalog.Check{Expr: Expr(c.Expr), Text: c.Text, Doc: c.Doc})
	}
	return out
}

func (d describer) fields(of []*schema.Field) []catalog.Field {
	var out []catalog.Field
	for _, f := range of {
		out = append(out, d.field(f))
	}
	return out
}

func (d describer) field(f *schema.Field) catalog.Field {
	out := catalog.Field{Name: f.Name, Number: f.Number, Was: f.Was, Doc: f.Doc, Type: d.typ(f.Type), Optional: f.Optional, Hidden: f.Hidden, Wire: f.Wire()}
	out.Type.Min = max(out.Type.Min, f.Min)
	if f.Max > 0 && (out.Type.Max == 0 || f.Max < out.Type.Max) {
		out.Type.Max = f.Max
	}
	if f.Default != nil {
		out.Default = literal(f.Default)
	}
	return out
}

func literal(l *schema.Literal) *catalog.Default {
	if l.Now || l.New {
		return &catalog.Default{Now: l.Now, New: l.New}
	}
	return &catalog.Default{Lit: kind.Of(l.Kind()).Lit(l.Stored())}
}

func (d describer) typ(t *schema.Type) catalog.Type {
	out := catalog.Type{Kind: t.Kind, Name: t.Name, Params: *t.Params(), Min: t.Min, Max: t.Max}
	switch t.Kind {
	case kind.List, kind.Map:
		elem := d.typ(t.Elem)
		out.Elem, out.Len = &elem, t.Len()
		if k := t.MapKey; t.Kind == kind.Map && (k.Kind != kind.String || k.Min > 0 || k.Max > 0 || d.keyNames && k.Name != "") {
			key := d.typ(k)
			out.MapKey = &key
		}
	case kind.Struct:
		if out.Sealed = t.Go != nil; !d.outline {
			out.Fields = d.fields(t.Fields)
		}
	}
	return out
}

func index(ix *schema.Index) catalog.Index {
	out := catalog.Index{Name: ix.Name, Number: ix.Number, Doc: ix.Doc, Unique: ix.Unique, Include: places(ix.Include)}
	for _, c := range ix.Columns {
		out.Columns = append(out.Columns, catalog.Column{Field: c.Field.Index, Options: c.Options})
	}
	if ix.Where != nil {
		where := Expr(ix.Where)
		out.Where = &where
	}
	return out
}

// places are those of fields in their table.
func places(fields []*schema.Field) []int {
	var out []int
	for _, f := range fields {
		out = append(out, f.Index)
	}
	return out
}

// Written is a condition over the fields of a table as schemas write it.
func Written(t *schema.Table, e schema.Expr) string {
	x := Expr(e)
	return named(t).WrittenExpr(&x)
}

// ExprShape is a condition with the numbers of fields and values in the place of names.
func ExprShape(t *schema.Table, e schema.Expr) string {
	x := Expr(e)
	return named(t).ExprShape(&x)
}

// named is a table with what a condition has to know of the fields.
func named(t *schema.Table) *catalog.Table {
	out := &catalog.Table{}
	for _, f := range t.Fields {
		typ := catalog.Type{Kind: f.Type.Kind, Params: *f.Type.Params(), Len: f.Type.Len()}
		out.Fields = append(out.Fields, catalog.Field{Name: f.Name, Number: f.Number, Type: typ, Optional: f.Optional})
	}
	return out
}

// Expr describes a condition.
func Expr(e schema.Expr) catalog.Expr {
	switch e := e.(type) {
	case schema.And:
		return catalog.Expr{Op: catalog.And, Args: []catalog.Expr{Expr(e.L), Expr(e.R)}}
	case schema.Or:
		return catalog.Expr{Op: catalog.Or, Args: []catalog.Expr{Expr(e.L), Expr(e.R)}}
	case schema.Not:
		return catalog.Expr{Op: catalog.Not, Args: []catalog.Expr{Expr(e.X)}}
	case schema.Has:
		return catalog.Expr{Op: catalog.Has, Field: e.Field.Index}
	case schema.BoolField:
		return catalog.Expr{Op: catalog.True, Field: e.Field.Index}
	case schema.Compare:
		return catalog.Expr{Op: catalog.Op(e.Op), Args: []catalog.Expr{operand(e.Left), operand(e.Right)}}
	}
	panic("describe: unknown expression")
}

func operand(o schema.Operand) catalog.Expr {
	switch {
	case o.Lit != nil:
		return catalog.Expr{Op: catalog.Lit, Lit: kind.Of(o.Lit.Kind()).Lit(o.Lit.Stored())}
	case o.Len:
		return catalog.Expr{Op: catalog.LenOf, Field: o.Field.Index}
	}
	return catalog.Expr{Op: catalog.FieldOf, Field: o.Field.Index}
}
