package templates

import (
	"github.com/dave/jennifer/jen"
	"github.com/storegen/storegen/schema"
)

// This file emits what is done with values that are the user's own and not made of
// the schema: those whose methods alone know their form, and structs. Methods may
// have a pointer for a receiver, so that all of it is done by pointer.

// byPointer reports whether values of a type are of that sort.
func byPointer(t *schema.Type) bool {
	return t.Marshalled() || t.Go != nil && t.Kind == schema.Struct
}

// pointer points to a field's value, which is there.
func pointer(x *jen.Statement, f *schema.Field) *jen.Statement {
	if isPointer(f) {
		return x.Clone()
	}
	return jen.Op("&").Add(x.Clone())
}

// dst = record.AppendText(dst, 2, &v.Addr)
//
// b, at := record.Begin(dst, 3)
// dst = record.End(appendPlace(b, &v.Home), at)
func (g *generator) appendAt(num int, t *schema.Type, ptr *jen.Statement) []jen.Code {
	name := "AppendText"
	switch {
	case t.Kind == schema.Struct:
		return []jen.Code{
			jen.List(id("b"), id("at")).Op(":=").Qual(pathRecord, "Begin").Call(id("dst"), jen.Lit(num)),
			id("dst").Op("=").Qual(pathRecord, "End").Call(id("append"+t.Name).Call(id("b"), ptr), id("at")),
		}
	case t.Go.Form == schema.GoBinary:
		name = "AppendBinary"
	}
	return []jen.Code{id("dst").Op("=").Qual(pathRecord, name).Call(id("dst"), jen.Lit(num), ptr)}
}

//	if v.Addr != (netip.Addr{}) {
//		dst = record.AppendText(dst, 2, &v.Addr)
//	}
func (g *generator) appendPointed(x *jen.Statement, f *schema.Field) jen.Code {
	add := g.appendAt(f.Number, f.Type, pointer(x, f))
	switch {
	case f.Optional:
		return jen.If(x.Clone().Op("!=").Nil()).Block(add...)
	case f.Type.Kind == schema.Struct:
		return jen.Block(add...)
	case f.Type.Go.Zero == "":
		return add[0]
	}
	return jen.If(g.zero(x.Clone(), f.Type, false)).Block(add...)
}

// zero is the condition that a value is the zero one of its type, or that it is
// another.
//
//	v.Addr == (netip.Addr{})
func (g *generator) zero(x *jen.Statement, t *schema.Type, is bool) *jen.Statement {
	op := "!="
	if is {
		op = "=="
	}
	switch t.Go.Zero {
	case "IsZero":
		if is {
			return x.Dot("IsZero").Call()
		}
		return jen.Op("!").Add(x).Dot("IsZero").Call()
	case "false":
		if is {
			return jen.Op("!").Add(x)
		}
		return x
	case "{}":
		return x.Op(op).Parens(g.goType(t).Values())
	case `""`:
		return x.Op(op).Lit("")
	case "nil":
		return x.Op(op).Nil()
	}
	return x.Op(op).Lit(0)
}

// r.Text(&v.Addr)
//
// r.Nested(decodePlace(&v.Home, r.Bytes()))
func (g *generator) readAt(r *jen.Statement, t *schema.Type, ptr *jen.Statement) jen.Code {
	switch {
	case t.Kind == schema.Struct:
		return r.Clone().Dot("Nested").Call(id("decode"+t.Name).Call(ptr, r.Clone().Dot("Bytes").Call()))
	case t.Go.Form == schema.GoBinary:
		return r.Clone().Dot("Binary").Call(ptr)
	}
	return r.Clone().Dot("Text").Call(ptr)
}

// checkAt emits the rules of one value, or returns nil if it has none.
//
//	broken.Add(record.ValidText("addr", &v.Addr, 0, 64))
func (g *generator) checkAt(name string, t *schema.Type, ptr *jen.Statement, least, most int) jen.Code {
	least, most = tighter(t, least, most)
	switch {
	case t.Kind == schema.Struct && !g.checksAnything(t):
		return nil
	case t.Kind == schema.Struct:
		return addBroken(jen.Qual(pathRecord, "In").Call(jen.Lit(name), id("check"+t.Name).Call(ptr)))
	case t.Go.Form == schema.GoBinary:
		return addBroken(jen.Qual(pathRecord, "ValidBinary").Call(jen.Lit(name), ptr, jen.Lit(least), jen.Lit(most)))
	}
	return addBroken(jen.Qual(pathRecord, "ValidText").Call(jen.Lit(name), ptr, jen.Lit(least), jen.Lit(most)))
}

// checkField emits the rules of a field that is not optional. The zero value is not
// stored, unless in a key or an index, and is not asked for a form then; a limit counts for it
// as for an empty one.
func (g *generator) checkField(x *jen.Statement, f *schema.Field) jen.Code {
	check := g.checkAt(f.Name, f.Type, pointer(x, f), f.Min, f.Max)
	least, _ := tighter(f.Type, f.Min, f.Max)
	if check == nil || f.Type.Kind == schema.Struct || f.Type.Go.Zero == "" || f.Keyed || least > 0 {
		return check
	}
	return jen.If(g.zero(x.Clone(), f.Type, false)).Block(check)
}

// checkDefault emits that the default of a field that has its zero value can be
// read; nil for a field that is none of this sort.
func (g *generator) checkDefault(x *jen.Statement, f *schema.Field) jen.Code {
	if !f.Type.Marshalled() || f.Default == nil || f.Default.Str == "" {
		return nil
	}
	var when []jen.Code
	zero := f.Type.Go.Zero != ""
	switch {
	case f.Optional && zero:
		when = append(when, x.Clone().Op("!=").Nil().Op("&&").Add(g.zero(dereferenced(x, f.Type), f.Type, true)))
	case f.Optional:
		when = append(when, x.Clone().Op("!=").Nil())
	case zero:
		when = append(when, g.zero(x.Clone(), f.Type, true))
	}
	check := addBroken(jen.Qual(pathRecord, "ValidDefault").Call(jen.Lit(f.Name), jen.New(g.goType(f.Type)), jen.Lit(f.Default.Str)))
	return jen.If(when...).Block(check)
}

// dereferenced is what an optional field points to; a method is called on it as it
// is.
func dereferenced(x *jen.Statement, t *schema.Type) *jen.Statement {
	if t.Go.Zero == "IsZero" {
		return x.Clone()
	}
	return jen.Op("*").Add(x.Clone())
}

// goStructs are the structs of the user's that fields hold, directly or not, in the
// order in which they are met.
func goStructs(fields []*schema.Field) []*schema.Type {
	var out []*schema.Type
	seen := map[*schema.Type]bool{}
	var visit func(fields []*schema.Field)
	visit = func(fields []*schema.Field) {
		for _, f := range fields {
			t := f.Type
			if t.Elem != nil {
				t = t.Elem
			}
			if t.Kind == schema.Struct && t.Go != nil && !seen[t] {
				seen[t] = true
				out = append(out, t)
				visit(t.Fields)
			}
		}
	}
	visit(fields)
	return out
}

// goStruct emits the encoding of a struct of the user's as a field of a value. It
// cannot have methods of its own here, and the package of the named types cannot
// hold it where the struct's package imports that one: each package has it that
// needs it. Of one that is in keys alone only the rules are needed, unless inValue
// is set.
func (g *generator) goStruct(s *source, t *schema.Type, inValue bool) {
	v := func() *jen.Statement { return id("v").Op("*").Add(g.goType(t)) }
	s.Line()
	g.guards(s, t.Go, t.Fields)
	if inValue {
		g.goStructRecord(s, t, v)
	}
	if checks := g.checks(id("v"), t.Fields); len(checks) > 0 {
		s.Line()
		s.Comment("check" + t.Name + " returns an error for a value that breaks a rule of the schema.")
		s.Func().Id("check" + t.Name).Params(v()).Error().Block(checkBody(checks)...)
	}
}

// goStructRecord emits the encoding of goStruct; v is the parameter of the value.
func (g *generator) goStructRecord(s *source, t *schema.Type, v func() *jen.Statement) {
	var body []jen.Code
	for _, f := range stored(t.Fields) {
		body = append(body, g.appendField(id("v"), f))
	}
	s.Line()
	s.Comment("append" + t.Name + " appends the value in the protobuf wire format.")
	s.Func().Id("append"+t.Name).Params(id("dst").Index().Byte(), v()).Index().Byte().Block(append(body, jen.Return(id("dst")))...)

	s.Line()
	s.Comment("decode" + t.Name + " reads what append" + t.Name + " wrote. The value points into b, which must not change any more.")
	s.Func().Id("decode"+t.Name).Params(v(), id("b").Index().Byte()).Error().Block(
		g.decodeBody(id("r").Dot("Next").Call(), t.Fields, jen.Comment("a struct of the program's own has no place for what it does not know"), id("r").Dot("Err").Call())...)
}
