package templates

import (
	"github.com/dave/jennifer/jen"
	"github.com/storegen/storegen/schema"
)

// guards emits declarations that compile only for as long as the Go types of the user's
// are as they were when the code was generated: a field that was added would not be
// stored, and a number that has become narrower would lose its upper bits.
//
//	var (
//		_ = (*struct {
//			ID   plain.ID
//			Name string
//		})((*model.User)(nil))
//		_ = (*int64)((*plain.Count)(nil))
//	)
func (g *generator) guards(s *source, row *schema.GoType, fields []*schema.Field, more ...*schema.Field) {
	var list []jen.Code
	add := func(x jen.Code) { list = append(list, id("_").Op("=").Add(x)) }
	if row != nil {
		list = append(list, g.guardStruct(row, fields)...)
	}
	seen := map[string]bool{}
	for _, f := range append(append([]*schema.Field{}, fields...), more...) {
		for _, t := range []*schema.Type{f.Type, f.Type.Elem, f.Type.MapKey} {
			if t == nil || t.Go == nil || t.Go.Path == "" || t.Marshalled() || t.Kind == schema.Struct || seen[t.Go.String()] {
				continue
			}
			seen[t.Go.String()] = true
			plain := g.plainType(t)
			if t.Go.Under != "" {
				plain = jen.Id(t.Go.Under)
			}
			add(sameUnder(plain, ownType(t.Go)))
		}
	}
	if len(list) == 0 {
		return
	}
	s.Add(doc("The types of the program's own, as they were when this was generated. Where this does not compile, one of them has changed since: run go generate."))
	s.Var().Defs(list...)
	s.Line()
}

// guardStruct emits what compiles for as long as a struct has its fields. One that has
// fields which are not stored is held to the types of those that are, and to its size.
func (g *generator) guardStruct(t *schema.GoType, fields []*schema.Field) []jen.Code {
	if !t.Partly {
		var parts []jen.Code
		for _, f := range fields {
			parts = append(parts, jen.Id(f.GoName).Add(g.fieldType(f)))
		}
		return []jen.Code{id("_").Op("=").Add(sameUnder(jen.Struct(parts...), ownType(t)))}
	}
	var parts []jen.Code
	stored := map[string]*schema.Field{}
	for _, f := range fields {
		stored[f.GoName] = f
		parts = append(parts, jen.Var().Id("_").Op("*").Add(g.fieldType(f)).Op("=").Op("&").Id("v").Dot(f.GoName))
	}
	out := []jen.Code{id("_").Op("=").Func().Params(id("v").Op("*").Add(ownType(t))).Block(parts...)}
	if len(t.Layout) == 0 {
		return out
	}
	size := func(x *jen.Statement) *jen.Statement { return jen.Index(jen.Qual("unsafe", "Sizeof").Call(x)).Byte() }
	like := g.layout(schema.GoLayout{Fields: t.Layout}, stored)
	return append(out, id("_").Add(size(ownType(t).Values())).Op("=").Add(size(like.Values())).Values())
}

// layout emits a type that takes as much room as what it stands for.
func (g *generator) layout(l schema.GoLayout, stored map[string]*schema.Field) *jen.Statement {
	switch {
	case l.Field != "":
		return g.fieldType(stored[l.Field])
	case l.Type != nil:
		return ownType(l.Type)
	case l.Text != "":
		return jen.Id(l.Text)
	case l.Len > 0:
		return jen.Index(jen.Lit(int(l.Len))).Add(g.layout(l.Fields[0], nil))
	}
	var parts []jen.Code
	for _, f := range l.Fields {
		parts = append(parts, id("_").Add(g.layout(f, stored)))
	}
	return jen.Struct(parts...)
}

// sameUnder converts a nil pointer, which Go does where both types are the same below
// their names.
func sameUnder(to, from *jen.Statement) *jen.Statement {
	return jen.Parens(jen.Op("*").Add(to)).Call(jen.Parens(jen.Op("*").Add(from)).Call(jen.Nil()))
}
