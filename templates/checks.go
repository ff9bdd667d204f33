package templates

import (
	"slices"
	"strings"

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

// addBroken emits a rule that a row has to meet.
//
//	broken.Add(record.Length("username", len(v.Username), 1, 64))
func addBroken(rule *jen.Statement) jen.Code { return id("broken").Dot("Add").Call(rule) }

// checkBody emits the body of a function that tells which rules a value breaks.
//
//	var broken record.Broken
//	...
//	return broken.Err()
func checkBody(checks []jen.Code, before ...jen.Code) []jen.Code {
	if len(checks) == 0 {
		return []jen.Code{jen.Return(jen.Nil())}
	}
	body := append(slices.Clone(before), jen.Var().Id("broken").Qual(pathRecord, "Broken"))
	return append(append(body, checks...), jen.Return(id("broken").Dot("Err").Call()))
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
		case byPointer(f.Type) && f.Optional:
			check = g.checkAt(f.Name, f.Type, x.Clone(), f.Min, f.Max)
		case byPointer(f.Type):
			check = g.checkField(x, f)
		}
		switch {
		case check == nil:
		case isPointer(f):
			out = append(out, jen.If(x.Clone().Op("!=").Nil()).Block(check))
		case isSlice(f.Type) && f.Optional && f.Type.Kind != schema.JSON:
			out = append(out, jen.If(x.Clone().Op("!=").Nil()).Block(check))
		default:
			out = append(out, check)
		}
		if c := g.checkDefault(x, f); c != nil {
			out = append(out, c)
		}
	}
	return out
}

// checkValue emits the limits of one value, or returns nil if it has none. least
// and most are those of its field, beside its type's.
func (g *generator) checkValue(name string, t *schema.Type, x *jen.Statement, least, most int) jen.Code {
	if byPointer(t) {
		return nil // checkAt does
	}
	least, most = tighter(t, least, most)
	switch t.Kind {
	case schema.String, schema.Bytes:
		if least > 0 || most > 0 {
			return addBroken(length(name, x, least, most))
		}
	case schema.Enum:
		return addBroken(jen.Qual(pathRecord, "EnumSet").Call(jen.Lit(name), g.plain(t, x)))
	case schema.JSON:
		return addBroken(jen.Qual(pathRecord, "ValidJSON").Call(jen.Lit(name), g.bare(t, x)))
	case schema.Struct:
		if g.checksAnything(t) {
			return addBroken(jen.Qual(pathRecord, "In").Call(jen.Lit(name), x.Dot("Check").Call()))
		}
	case schema.List:
		if byPointer(t.Elem) {
			if inner := g.checkAt(name, t.Elem, jen.Op("&").Add(x.Clone()).Index(id("i")), 0, 0); inner != nil {
				return jen.For(id("i").Op(":=").Range().Add(x)).Block(inner)
			}
			return nil
		}
		if inner := g.checkValue(name, t.Elem, id("x"), 0, 0); inner != nil {
			return jen.For(jen.List(jen.Id("_"), id("x")).Op(":=").Range().Add(x)).Block(inner)
		}
	case schema.Map:
		key := g.checkValue(name, t.MapKey, id("k"), 0, 0)
		elem := g.checkValue(name, t.Elem, id("x"), 0, 0)
		if byPointer(t.Elem) {
			elem = g.checkAt(name, t.Elem, jen.Op("&").Id("x"), 0, 0)
		}
		if t.MapKey.Marshalled() {
			keys := addBroken(jen.Qual(pathRecord, "ValidTextKeys").Call(jen.Lit(name), x.Clone(), jen.Lit(t.MapKey.Min), jen.Lit(t.MapKey.Max)))
			if elem == nil {
				return keys
			}
			return jen.Add(keys).Line().For(jen.List(jen.Id("_"), id("x")).Op(":=").Range().Add(x)).Block(elem)
		}
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

// tighter are the limits of a field together with those of its type.
func tighter(t *schema.Type, least, most int) (int, int) {
	if t.Kind != schema.List && t.Kind != schema.Map {
		least = max(least, t.Min)
		if most == 0 || t.Max > 0 && t.Max < most {
			most = t.Max
		}
	}
	return least, most
}

// checksAnything reports whether a struct has limits.
func (g *generator) checksAnything(t *schema.Type) bool { return len(g.checks(id("v"), t.Fields)) > 0 }

// rules emits the check rules of a table.
//
//	if !(v.Status != models.JobStatusCompleted || v.StartedAt != nil) {
//		broken.Add(record.Invalid("", "breaks the check \"status != completed or has started_at\": What is completed was started"))
//	}
func (g *generator) rules(v *jen.Statement, checks []*schema.Check) []jen.Code {
	var out []jen.Code
	for _, c := range checks {
		out = append(out, jen.If(g.condition(v, schema.Not{X: c.Expr})).Block(
			addBroken(jen.Qual(pathRecord, "Invalid").Call(jen.Lit(""), jen.Lit(ruleText(c))))))
	}
	return out
}

// ruleText is a rule in an error message: what it is, and why it holds.
//
//	breaks the check "status != completed or has started_at": What is completed was started
func ruleText(c *schema.Check) string {
	text := "breaks the check \"" + strings.Join(strings.Fields(c.Text), " ") + "\""
	if why := strings.TrimRight(strings.Join(strings.Fields(c.Doc), " "), ".:"); why != "" {
		return text + ": " + why
	}
	return text
}
