package templates

import (
	"strconv"

	"github.com/dave/jennifer/jen"
	"github.com/storegen/storegen/schema"
)

// checkError emits what passes an error on.
//
//	if err := ...; err != nil {
//		return err
//	}
func checkError(call *jen.Statement, before ...jen.Code) jen.Code {
	return jen.If(id("err").Op(":=").Add(call), id("err").Op("!=").Nil()).Block(jen.Return(append(before, id("err"))...))
}

// record.Length("username", len(v.Username), 1, 64)
func length(field string, x *jen.Statement, min, max int) *jen.Statement {
	return jen.Qual(pathRecord, "Length").Call(jen.Lit(field), jen.Len(x), jen.Lit(min), jen.Lit(max))
}

// checks emits the limits of fields: those of lengths, that enums are set, that
// JSON is JSON, and those within structs and lists.
func (g *generator) checks(v *jen.Statement, fields []*schema.Field) []jen.Code {
	var out []jen.Code
	for _, f := range fields {
		x := v.Clone().Dot(f.GoName)
		present := value(x.Clone(), f)
		if isPointer(f) && f.Type.Kind == schema.Struct {
			present = x.Clone() // methods take a pointer as well
		}
		check := g.checkValue(f.Name, f.Type, present, f.Min, f.Max)
		switch {
		case check == nil:
		case isPointer(f):
			out = append(out, jen.If(x.Clone().Op("!=").Nil()).Block(check))
		case isSlice(f.Type) && f.Optional && f.Type.Kind != schema.JSON:
			out = append(out, jen.If(x.Clone().Op("!=").Nil()).Block(check))
		default:
			out = append(out, check)
		}
	}
	return out
}

// checkValue emits the limits of one value, or returns nil if it has none. least
// and most are those of its field, beside its type's.
func (g *generator) checkValue(name string, t *schema.Type, x *jen.Statement, least, most int) jen.Code {
	if t.Kind != schema.List && t.Kind != schema.Map {
		least = max(least, t.Min)
		if most == 0 || t.Max > 0 && t.Max < most {
			most = t.Max
		}
	}
	switch t.Kind {
	case schema.String, schema.Bytes:
		if least > 0 || most > 0 {
			return checkError(length(name, x, least, most))
		}
	case schema.Enum:
		return checkError(jen.Qual(pathRecord, "EnumSet").Call(jen.Lit(name), x))
	case schema.JSON:
		return checkError(jen.Qual(pathRecord, "ValidJSON").Call(jen.Lit(name), x))
	case schema.Struct:
		if g.checksAnything(t) {
			return checkError(jen.Qual(pathRecord, "In").Call(jen.Lit(name), x.Dot("Check").Call()))
		}
	case schema.List:
		if inner := g.checkValue(name, t.Elem, id("x"), 0, 0); inner != nil {
			return jen.For(jen.List(jen.Id("_"), id("x")).Op(":=").Range().Add(x)).Block(inner)
		}
	case schema.Map:
		key := g.checkValue(name, t.MapKey, id("k"), 0, 0)
		elem := g.checkValue(name, t.Elem, id("x"), 0, 0)
		switch {
		case key != nil && elem != nil:
			return jen.For(jen.List(id("k"), id("x")).Op(":=").Range().Add(x)).Block(key, elem)
		case key != nil:
			return jen.For(id("k").Op(":=").Range().Add(x)).Block(key)
		case elem != nil:
			return jen.For(jen.List(jen.Id("_"), id("x")).Op(":=").Range().Add(x)).Block(elem)
		}
	}
	return nil
}

// checksAnything reports whether a struct has limits.
func (g *generator) checksAnything(t *schema.Type) bool { return len(g.checks(id("v"), t.Fields)) > 0 }

// rules emits the check rules of a table.
//
//	if !(v.Status != models.JobStatusCompleted || v.StartedAt != nil) {
//		return record.Invalid("", "a completed job has started")
//	}
func (g *generator) rules(v *jen.Statement, checks []*schema.Check) []jen.Code {
	var out []jen.Code
	for _, c := range checks {
		text := c.Text
		if c.Doc != "" {
			text = c.Doc + " (" + c.Text + ")"
		}
		out = append(out, jen.If(jen.Op("!").Parens(g.condition(v, c.Expr))).Block(
			jen.Return(jen.Qual(pathRecord, "Invalid").Call(jen.Lit(""), jen.Lit(text)))))
	}
	return out
}

// condition is an expression over the row's fields as a Go condition.
func (g *generator) condition(v *jen.Statement, e schema.Expr) *jen.Statement {
	switch e := e.(type) {
	case schema.And:
		return jen.Add(g.operand(v, e.L, true), jen.Op("&&"), g.operand(v, e.R, true))
	case schema.Or:
		return jen.Add(g.operand(v, e.L, false), jen.Op("||"), g.operand(v, e.R, false))
	case schema.Not:
		if b, ok := e.X.(schema.BoolField); ok && !b.Field.Optional {
			return jen.Op("!").Add(v.Clone().Dot(b.Field.GoName))
		}
		return jen.Op("!").Parens(g.condition(v, e.X))
	case schema.Has:
		x := v.Clone().Dot(e.Field.GoName)
		if e.Field.Optional {
			return x.Op("!=").Nil()
		}
		return jen.Len(x).Op(">").Lit(0)
	case schema.BoolField:
		x := v.Clone().Dot(e.Field.GoName)
		if e.Field.Optional {
			return x.Clone().Op("!=").Nil().Op("&&").Op("*").Add(x)
		}
		return x
	case schema.Compare:
		return g.compare(v, e)
	}
	panic("templates: unknown expression")
}

// operand puts parentheses around what binds less than its surroundings.
func (g *generator) operand(v *jen.Statement, e schema.Expr, and bool) *jen.Statement {
	c := g.condition(v, e)
	switch e := e.(type) {
	case schema.Or:
		if and {
			return jen.Parens(c)
		}
	case schema.And:
		if !and {
			return jen.Parens(c)
		}
	case schema.Compare:
		if isAbsentable(e.Left) || isAbsentable(e.Right) {
			return jen.Parens(c)
		}
	case schema.BoolField:
		if e.Field.Optional {
			return jen.Parens(c)
		}
	}
	return c
}

// compare emits a comparison. With an absent field it is false, except for !=.
func (g *generator) compare(v *jen.Statement, e schema.Compare) *jen.Statement {
	typ := e.Left.Field.Type
	left, right := g.side(v, e.Left, typ), g.side(v, e.Right, typ)
	var c *jen.Statement
	switch {
	case e.Left.Len:
		c = left.Op(e.Op).Add(right)
	case typ.Kind == schema.Timestamp:
		c = left.Dot("Compare").Call(right).Op(e.Op).Lit(0)
	case typ.Kind == schema.Bytes && typ.Name == "":
		c = jen.Qual("bytes", "Compare").Call(left, right).Op(e.Op).Lit(0)
	default:
		c = left.Op(e.Op).Add(right)
	}
	join, test := "&&", "!="
	if e.Op == "!=" {
		join, test = "||", "=="
	}
	var guards *jen.Statement
	for _, o := range []schema.Operand{e.Left, e.Right} {
		if o.Field == nil || o.Len || !o.Field.Optional {
			continue
		}
		guard := v.Clone().Dot(o.Field.GoName).Op(test).Nil().Op(join)
		if guards == nil {
			guards = guard
		} else {
			guards.Add(guard)
		}
	}
	if guards == nil {
		return c
	}
	return guards.Add(c)
}

// side is one side of a comparison.
func (g *generator) side(v *jen.Statement, o schema.Operand, typ *schema.Type) *jen.Statement {
	switch {
	case o.Lit != nil:
		return g.literal(o.Lit, typ)
	case o.Len && isPointer(o.Field):
		return jen.Qual(pathRecord, "Len").Call(v.Clone().Dot(o.Field.GoName))
	case o.Len:
		return jen.Len(v.Clone().Dot(o.Field.GoName))
	}
	x := v.Clone().Dot(o.Field.GoName)
	if isPointer(o.Field) {
		return jen.Parens(jen.Op("*").Add(x))
	}
	return x
}

// literal is a literal as Go.
func (g *generator) literal(l *schema.Literal, typ *schema.Type) *jen.Statement {
	switch l.Kind {
	case schema.Bool:
		return jen.Lit(l.Bool)
	case schema.Int32, schema.Int64:
		return jen.Id(strconv.FormatInt(l.Int, 10))
	case schema.Uint32, schema.Uint64:
		return jen.Id(strconv.FormatUint(l.Uint, 10))
	case schema.Float64:
		return jen.Lit(l.Float)
	case schema.Duration:
		return jen.Qual("time", "Duration").Call(jen.Id(strconv.FormatInt(int64(l.Dur), 10)))
	case schema.Enum:
		return jen.Qual(g.models, l.Enum.GoName)
	case schema.Bytes:
		if typ.Name == "" {
			return jen.Index().Byte().Call(jen.Lit(l.Str))
		}
		return jen.Lit(l.Str)
	case schema.JSON:
		return jen.Qual("encoding/json", "RawMessage").Call(jen.Lit(l.Str))
	}
	return jen.Lit(l.Str)
}

// isAbsentable reports whether an operand may be absent.
func isAbsentable(o schema.Operand) bool { return o.Field != nil && !o.Len && o.Field.Optional }
