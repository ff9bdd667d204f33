package templates

import (
	"cmp"
	"slices"

	"github.com/dave/jennifer/jen"
	"github.com/storegen/storegen/schema"
)

// recordFuncs are the names of the kinds in package record.
var recordFuncs = map[schema.Kind]string{
	schema.Bool: "Bool", schema.Int32: "Int32", schema.Int64: "Int64", schema.Uint32: "Uint32", schema.Uint64: "Uint64",
	schema.Float64: "Float64", schema.String: "String", schema.Bytes: "Bytes", schema.Timestamp: "Time",
	schema.Duration: "Duration", schema.UUID: "UUID", schema.JSON: "Bytes", schema.Enum: "Enum",
}

// optionalFuncs are those of recordFuncs that package record has for optional fields
// too.
var optionalFuncs = map[string]bool{"String": true, "Bytes": true, "Time": true}

// listFuncs are the packed lists: appended in one call, read in one call.
var listFuncs = map[schema.Kind]string{
	schema.Int32: "Ints", schema.Int64: "Ints", schema.Uint32: "Uints", schema.Uint64: "Uints",
	schema.Float64: "Float64s", schema.Enum: "Enums", schema.Duration: "Ints", schema.Bool: "Bools",
}

// isPacked reports whether a list of a type is one packed field.
func isPacked(elem *schema.Type) bool {
	return listFuncs[elem.Kind] != "" && !(elem.Kind == schema.Bool && isConverted(elem))
}

// stored are the fields of a value, by number: those of the key are not in it.
func stored(fields []*schema.Field) []*schema.Field {
	out := slices.DeleteFunc(slices.Clone(fields), func(f *schema.Field) bool { return f.InKey })
	slices.SortFunc(out, func(a, b *schema.Field) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

// dst = record.AppendString(dst, 2, x)
func (g *generator) appendOne(num int, t *schema.Type, x *jen.Statement) jen.Code {
	if t.Kind == schema.Struct {
		return appendBy("AppendMessage", num, x)
	}
	return appendBy("Append"+recordFunc(t), num, g.plain(t, x))
}

// appendBy calls a function of package record.
func appendBy(name string, num int, x *jen.Statement) jen.Code {
	return id("dst").Op("=").Qual(pathRecord, name).Call(id("dst"), jen.Lit(num), x)
}

// recordFunc is the name of a scalar type in package record.
func recordFunc(t *schema.Type) string {
	if heldInString(t) {
		return "String"
	}
	return recordFuncs[t.Kind]
}

// dst = record.AddString(dst, 2, string(v.Username))
//
// dst = record.AddOptString(dst, 9, (*string)(v.StorageID))
func (g *generator) appendField(v *jen.Statement, f *schema.Field) jen.Code {
	x := v.Clone().Dot(f.GoName)
	t := f.Type
	switch {
	case byPointer(t):
		return g.appendPointed(x, f)
	case t.Kind == schema.List && byPointer(t.Elem):
		return jen.For(id("i").Op(":=").Range().Add(x)).Block(g.appendAt(f.Number, t.Elem, jen.Op("&").Add(x.Clone()).Index(id("i")))...)
	case f.Optional && optionalFuncs[recordFunc(t)]:
		if isPointer(f) && isConverted(t) {
			x = jen.Parens(jen.Op("*").Add(g.plainType(t))).Call(x)
		}
		return appendBy("AddOpt"+recordFunc(t), f.Number, x)
	case f.Optional:
		return jen.If(x.Clone().Op("!=").Nil()).Block(g.appendOne(f.Number, t, value(x.Clone(), f)))
	case t.Kind == schema.List && isPacked(t.Elem):
		return id("dst").Op("=").Qual(pathRecord, "Append"+listFuncs[t.Elem.Kind]).Call(id("dst"), jen.Lit(f.Number), x)
	case t.Kind == schema.List:
		return jen.For(jen.List(jen.Id("_"), id("x")).Op(":=").Range().Add(x)).Block(g.appendOne(f.Number, t.Elem, id("x")))
	case t.Kind == schema.Map:
		return g.appendMap(x, f)
	case t.Kind == schema.Struct:
		return g.appendOne(f.Number, t, x)
	}
	return appendBy("Add"+recordFunc(t), f.Number, g.plain(t, x))
}

//	for _, k := range record.SortedKeys(v.Labels) {
//		var at int
//		dst, at = record.Begin(dst, 5)
//		dst = record.AppendString(dst, 1, k)
//		dst = record.AppendString(dst, 2, v.Labels[k])
//		dst = record.End(dst, at)
//	}
func (g *generator) appendMap(x *jen.Statement, f *schema.Field) jen.Code {
	sorted, key := "SortedKeys", g.appendOne
	if f.Type.MapKey.Marshalled() {
		sorted = "SortedTexts"
		key = func(num int, t *schema.Type, x *jen.Statement) jen.Code {
			return g.appendAt(num, t, jen.Op("&").Add(x))[0]
		}
	}
	body := []jen.Code{
		jen.Var().Id("at").Int(),
		jen.List(id("dst"), id("at")).Op("=").Qual(pathRecord, "Begin").Call(id("dst"), jen.Lit(f.Number)),
		key(1, f.Type.MapKey, id("k")),
	}
	if byPointer(f.Type.Elem) {
		body = append(body, id("x").Op(":=").Add(x.Clone()).Index(id("k")))
		add := g.appendAt(2, f.Type.Elem, jen.Op("&").Id("x"))
		if len(add) > 1 {
			add = []jen.Code{jen.Block(add...)}
		}
		body = append(body, add...)
	} else {
		body = append(body, g.appendOne(2, f.Type.Elem, x.Clone().Index(id("k"))))
	}
	body = append(body, id("dst").Op("=").Qual(pathRecord, "End").Call(id("dst"), id("at")))
	return jen.For(jen.List(jen.Id("_"), id("k")).Op(":=").Range().Qual(pathRecord, sorted).Call(x.Clone())).Block(body...)
}

// models.UserID(r.String())
func (g *generator) readOne(r *jen.Statement, t *schema.Type) *jen.Statement {
	return g.convert(t, r.Clone().Dot(readFunc(t, recordFunc(t))).Call())
}

// readFunc is the method of a reader for a type: the usual one, or one that refuses
// what a machine's int cannot hold.
func readFunc(t *schema.Type, usual string) string {
	if t.Go != nil && !t.Marshalled() {
		switch t.Go.Under {
		case "int":
			return "Int"
		case "uint":
			return "Uint"
		}
	}
	return usual
}

// case 2:
//
//	v.Username = r.String()
func (g *generator) readField(v *jen.Statement, f *schema.Field) jen.Code {
	x := v.Clone().Dot(f.GoName)
	t := f.Type
	r := id("r")
	var body []jen.Code
	switch {
	case byPointer(t) && f.Optional:
		body = []jen.Code{x.Clone().Op("=").New(g.goType(t)), g.readAt(r, t, x)}
	case byPointer(t):
		body = []jen.Code{g.readAt(r, t, jen.Op("&").Add(x))}
	case t.Kind == schema.List && byPointer(t.Elem):
		body = []jen.Code{
			x.Clone().Op("=").Append(room(x), jen.Op("*").New(g.goType(t.Elem))),
			g.readAt(r, t.Elem, jen.Op("&").Add(x.Clone()).Index(jen.Len(x.Clone()).Op("-").Lit(1))),
		}
	case t.Kind == schema.Struct && f.Optional:
		body = []jen.Code{
			x.Clone().Op("=").New(g.goType(t)),
			r.Dot("Nested").Call(x.Clone().Dot("DecodeRecord").Call(id("r").Dot("Bytes").Call())),
		}
	case t.Kind == schema.Struct:
		body = []jen.Code{r.Dot("Nested").Call(x.Clone().Dot("DecodeRecord").Call(id("r").Dot("Bytes").Call()))}
	case t.Kind == schema.List && t.Elem.Kind == schema.Bool && isPacked(t.Elem):
		body = []jen.Code{x.Clone().Op("=").Add(r).Dot("Bools").Call(x)}
	case t.Kind == schema.List && isPacked(t.Elem):
		body = []jen.Code{x.Clone().Op("=").Qual(pathRecord, listFuncs[t.Elem.Kind]).Call(jen.Op("&").Add(r), x)}
	case t.Kind == schema.List && t.Elem.Kind == schema.Struct:
		body = []jen.Code{
			jen.Var().Id("x").Add(g.goType(t.Elem)),
			r.Dot("Nested").Call(id("x").Dot("DecodeRecord").Call(id("r").Dot("Bytes").Call())),
			x.Clone().Op("=").Append(room(x), id("x")),
		}
	case t.Kind == schema.List:
		body = []jen.Code{x.Clone().Op("=").Append(room(x), g.readOne(r, t.Elem))}
	case t.Kind == schema.Map:
		body = g.readMap(x, t)
	case isPointer(f) && optionalFuncs[recordFunc(t)]:
		read := r.Dot("Opt" + recordFunc(t)).Call()
		if isConverted(t) {
			read = jen.Parens(jen.Op("*").Add(g.goType(t))).Call(read)
		}
		body = []jen.Code{x.Clone().Op("=").Add(read)}
	case isPointer(f):
		body = []jen.Code{x.Clone().Op("=").New(g.readOne(r, t))}
	default:
		body = []jen.Code{x.Clone().Op("=").Add(g.readOne(r, t))}
	}
	return jen.Case(jen.Lit(f.Number)).Block(body...)
}

// room is a list with room for all that is to come.
//
//	record.Room(&r, v.Tags)
func room(x *jen.Statement) *jen.Statement {
	return jen.Qual(pathRecord, "Room").Call(jen.Op("&").Id("r"), x.Clone())
}

// var k string
// var x string
// e := r.Message()
//
//	for e.Next() {
//		switch e.Num() {
//		case 1:
//			k = e.String()
//		case 2:
//			x = e.String()
//		}
//	}
//
// r.Nested(e.Err())
//
//	if v.Labels == nil {
//		v.Labels = map[string]string{}
//	}
//
// v.Labels[k] = x
func (g *generator) readMap(x *jen.Statement, t *schema.Type) []jen.Code {
	e := id("e")
	var key, elem jen.Code
	if t.MapKey.Marshalled() {
		key = g.readAt(e, t.MapKey, jen.Op("&").Id("k"))
	} else {
		key = id("k").Op("=").Add(g.readOne(e, t.MapKey))
	}
	switch {
	case byPointer(t.Elem):
		elem = g.readAt(e, t.Elem, jen.Op("&").Id("x"))
	case t.Elem.Kind != schema.Struct:
		elem = id("x").Op("=").Add(g.readOne(e, t.Elem))
	default:
		elem = e.Clone().Dot("Nested").Call(id("x").Dot("DecodeRecord").Call(e.Clone().Dot("Bytes").Call()))
	}
	return []jen.Code{
		jen.Var().Id("k").Add(g.goType(t.MapKey)),
		jen.Var().Id("x").Add(g.goType(t.Elem)),
		e.Clone().Op(":=").Id("r").Dot("Message").Call(),
		jen.For(e.Clone().Dot("Next").Call()).Block(
			jen.Switch(e.Clone().Dot("Num").Call()).Block(
				jen.Case(jen.Lit(1)).Block(key),
				jen.Case(jen.Lit(2)).Block(elem),
			),
		),
		id("r").Dot("Nested").Call(e.Clone().Dot("Err").Call()),
		jen.If(x.Clone().Op("==").Nil()).Block(x.Clone().Op("=").Add(g.goType(t)).Values()),
		x.Clone().Index(id("k")).Op("=").Id("x"),
	}
}

// r := record.NewReader(b)
//
//	for r.Next() {
//		switch r.Num() {
//		case 2: ...
//		default:
//			unknown = r.AppendRaw(unknown)
//		}
//	}
//
// return unknown, r.Err()
//
// next is the call that moves to the next field.
func (g *generator) decodeBody(next *jen.Statement, fields []*schema.Field, unknown jen.Code, result ...jen.Code) []jen.Code {
	var cases []jen.Code
	for _, f := range stored(fields) {
		cases = append(cases, g.readField(id("v"), f))
	}
	cases = append(cases, jen.Default().Block(unknown))
	return []jen.Code{
		id("r").Op(":=").Qual(pathRecord, "NewReader").Call(id("b")),
		jen.For(next).Block(jen.Switch(id("r").Dot("Num").Call()).Block(cases...)),
		jen.Return(result...),
	}
}
