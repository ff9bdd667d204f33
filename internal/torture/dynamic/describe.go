package dynamic

import (
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// Describe is a table as generated code describes it to a database.
func Describe(t *schema.Table) *catalog.Table {
	out := &catalog.Table{
		Name: t.Name, Number: t.Number, Doc: t.Doc, Row: t.Row, Was: t.Was, KeyType: t.Key.Named,
		Fields: describedFields(t.Fields), Per: describedFields(t.Per),
		Access: map[schema.Access]access.Level{
			schema.System: access.SystemTable, schema.Public: access.Public, schema.Private: access.Private,
			schema.Restricted: access.Restricted, schema.Owned: access.Owned,
		}[t.Access],
	}
	for _, f := range t.Key.Fields {
		out.Key = append(out.Key, f.Index)
	}
	for _, ix := range t.Indexes {
		i := catalog.Index{Name: ix.Name, Number: ix.Number, Doc: ix.Doc, Unique: ix.Unique}
		for _, c := range ix.Columns {
			i.Columns = append(i.Columns, catalog.Column{Field: c.Field.Index, Desc: c.Desc, Each: c.Each, Fold: c.Fold})
		}
		for _, f := range ix.Include {
			i.Include = append(i.Include, f.Index)
		}
		if ix.Where != nil {
			x := describedExpr(ix.Where)
			i.Where = &x
		}
		out.Indexes = append(out.Indexes, i)
	}
	if t.TTL != nil {
		out.TTL = &catalog.TTL{From: t.TTL.From.Index, Keep: t.TTL.Keep}
		if t.TTL.KeepField != nil {
			out.TTL.KeepField = t.TTL.KeepField.Index + 1
		}
	}
	return out
}

func describedFields(fields []*schema.Field) []catalog.Field {
	var out []catalog.Field
	for _, f := range fields {
		out = append(out, catalog.Field{Name: f.Name, Number: f.Number, Was: f.Was, Doc: f.Doc, Type: describedType(f.Type), Optional: f.Optional, Hidden: f.Hidden})
	}
	return out
}

func describedType(t *schema.Type) catalog.Type {
	out := catalog.Type{Kind: t.Kind, Name: t.Name, Params: *t.Params()}
	switch t.Kind {
	case kind.List, kind.Map:
		elem := describedType(t.Elem)
		out.Elem = &elem
	case kind.Struct:
		out.Fields, out.Sealed = describedFields(t.Fields), t.Go != nil
	}
	return out
}

func describedExpr(x schema.Expr) catalog.Expr {
	operand := func(o schema.Operand) catalog.Expr {
		switch {
		case o.Lit != nil:
			return catalog.Expr{Op: catalog.Lit, Lit: kind.Of(o.Lit.Kind()).Lit(o.Lit.Stored())}
		case o.Len:
			return catalog.Expr{Op: catalog.LenOf, Field: o.Field.Index}
		}
		return catalog.Expr{Op: catalog.FieldOf, Field: o.Field.Index}
	}
	switch x := x.(type) {
	case schema.And:
		return catalog.Expr{Op: catalog.And, Args: []catalog.Expr{describedExpr(x.L), describedExpr(x.R)}}
	case schema.Or:
		return catalog.Expr{Op: catalog.Or, Args: []catalog.Expr{describedExpr(x.L), describedExpr(x.R)}}
	case schema.Not:
		return catalog.Expr{Op: catalog.Not, Args: []catalog.Expr{describedExpr(x.X)}}
	case schema.Has:
		return catalog.Expr{Op: catalog.Has, Field: x.Field.Index}
	case schema.BoolField:
		return catalog.Expr{Op: catalog.True, Field: x.Field.Index}
	case schema.Compare:
		return catalog.Expr{Op: catalog.Op(x.Op), Args: []catalog.Expr{operand(x.Left), operand(x.Right)}}
	}
	panic("unknown expression")
}
