package templates

import (
	"fmt"
	"path"

	"github.com/dave/jennifer/jen"
	"github.com/storegen/storegen/schema"
)

// modelsDoc emits the package comment of the named types.
func (g *generator) modelsDoc() ([]File, error) {
	if g.one {
		s := g.newSource("storegen_doc.go", g.base)
		s.PackageComment("// Package " + path.Base(g.base) + " holds the tables of the schema, each with its rows, store, indexes and provider, and the named types.")
		return renderAll(s)
	}
	s := g.newSource("models/models_doc.go", g.models)
	s.PackageComment("// Package models holds the named types of the schema: identifiers, enums and structs.")
	return renderAll(s)
}

// typeFile emits a named type in a file of its own.
func (g *generator) typeFile(t *schema.Type) ([]File, error) {
	s := g.newSource(path.Join(g.modelsDir(), typeFileName(t.Name)), g.models, t.File)
	switch {
	case t.Go != nil && t.Kind != schema.Struct:
		return nil, nil // it is in Go already
	case t.Go != nil:
		if g.one || t.InModels {
			g.goStruct(s, t, true)
		}
		g.typeVar(s, t)
	case t.Kind == schema.Enum:
		g.enum(s, t)
	case t.Kind == schema.Struct:
		g.structType(s, t)
		s.Line()
		g.guards(s, nil, t.Fields)
	case isAlias(t):
		s.Add(doc(t.Name+" is a "+t.Kind.String()+".", t.Doc))
		s.Type().Id(t.Name).Op("=").Add(g.plainType(t))
	default:
		g.scalar(s, t)
	}
	return renderAll(s)
}

// scalar emits a defined type over a scalar.
func (g *generator) scalar(s *source, t *schema.Type) {
	what := t.Kind.String()
	if t.Kind == schema.Bytes {
		what = "bytes, held in a string so that it can be compared"
	}
	s.Add(doc(t.Name+" is a "+what+"."+limitsDoc(t.Min, t.Max), t.Doc))
	s.Type().Id(t.Name).Add(g.plainType(t))
	recv := id("v").Id(t.Name)
	text := jen.Qual("fmt", "Sprint").Call(g.plainType(t).Call(id("v")))
	var parse []jen.Code
	switch t.Kind {
	case schema.String:
		text = jen.String().Call(id("v"))
		parse = []jen.Code{jen.Return(id("New" + t.Name).Call(id("text")))}
		g.newString(s, t, jen.String())
	case schema.Bytes:
		text = jen.Qual(pathKeys, "FormatBytes").Call(jen.String().Call(id("v")))
		parse = []jen.Code{
			jen.List(id("b"), id("err")).Op(":=").Qual(pathKeys, "ParseBytes").Call(id("text")),
			jen.If(id("err").Op("!=").Nil()).Block(jen.Return(jen.Lit(""), jen.Qual("fmt", "Errorf").Call(jen.Lit("parsing "+t.Name+": %w"), id("err")))),
			jen.Return(id("New" + t.Name).Call(jen.Index().Byte().Call(id("b")))),
		}
		g.newString(s, t, jen.Index().Byte())
		s.Add(doc("Bytes returns a copy of the bytes."))
		s.Func().Params(recv.Clone()).Id("Bytes").Params().Index().Byte().Add(line(jen.Return(jen.Index().Byte().Call(id("v")))))
	case schema.Bool:
		parse = parseNumber(t, jen.Qual("strconv", "ParseBool").Call(id("text")))
	case schema.Float64:
		parse = parseNumber(t, jen.Qual("strconv", "ParseFloat").Call(id("text"), jen.Lit(64)))
	case schema.Int32, schema.Int64:
		parse = parseNumber(t, jen.Qual("strconv", "ParseInt").Call(id("text"), jen.Lit(10), jen.Lit(bits(t))))
	default:
		parse = parseNumber(t, jen.Qual("strconv", "ParseUint").Call(id("text"), jen.Lit(10), jen.Lit(bits(t))))
	}
	s.Add(doc("Parse" + t.Name + " is the inverse of String."))
	s.Func().Id("Parse"+t.Name).Params(id("text").String()).Params(id(t.Name), jen.Error()).Add(block(parse))
	s.Add(doc("String returns the value as text."))
	s.Func().Params(recv.Clone()).Id("String").Params().String().Add(line(jen.Return(text)))
	if t.Kind == schema.String || t.Kind == schema.Bytes {
		g.textMethods(s, t)
	}
	g.keyMethods(s, t)
}

func bits(t *schema.Type) int {
	if t.Kind == schema.Int32 || t.Kind == schema.Uint32 {
		return 32
	}
	return 64
}

// n, err := strconv.ParseInt(text, 10, 64)
// return Priority(n), err
func parseNumber(t *schema.Type, call *jen.Statement) []jen.Code {
	return []jen.Code{
		jen.List(id("n"), id("err")).Op(":=").Add(call),
		jen.Return(id(t.Name).Call(id("n")), id("err")),
	}
}

func limitsDoc(min, max int) string {
	switch {
	case min > 0 && max > 0:
		return fmt.Sprintf(" It has %d to %d bytes.", min, max)
	case max > 0:
		return fmt.Sprintf(" It has at most %d bytes.", max)
	case min > 0:
		return fmt.Sprintf(" It has at least %d bytes.", min)
	}
	return ""
}

// newString emits the constructor of a type over strings or bytes.
//
//	func NewUserID(v string) (UserID, error) {
//		if err := record.Length("UserID", len(v), 0, 256); err != nil {
//			return "", err
//		}
//		return UserID(v), nil
//	}
func (g *generator) newString(s *source, t *schema.Type, from *jen.Statement) {
	body := []jen.Code{jen.Return(id(t.Name).Call(id("v")), jen.Nil())}
	text := "New" + t.Name + " makes one of its value. The error is always nil: every value will do."
	if t.Min > 0 || t.Max > 0 {
		text = "New" + t.Name + " makes one of its value, and returns an error for a value beyond the limits."
		body = append([]jen.Code{checkError(length(t.Name, id("v"), t.Min, t.Max), jen.Lit(""))}, body...)
	}
	s.Add(doc(text))
	s.Func().Id("New"+t.Name).Params(id("v").Add(from)).Params(id(t.Name), jen.Error()).Add(block(body))
}

// textMethods emits what makes a type work with JSON and other texts.
func (g *generator) textMethods(s *source, t *schema.Type) {
	s.Add(doc("MarshalText implements encoding.TextMarshaler."))
	s.Func().Params(id("v").Id(t.Name)).Id("MarshalText").Params().Params(jen.Index().Byte(), jen.Error()).Add(
		line(jen.Return(jen.Index().Byte().Call(id("v").Dot("String").Call()), jen.Nil())))
	s.Add(doc("UnmarshalText implements encoding.TextUnmarshaler."))
	s.Func().Params(id("v").Op("*").Id(t.Name)).Id("UnmarshalText").Params(id("text").Index().Byte()).Params(id("err").Error()).Block(
		jen.List(jen.Op("*").Id("v"), id("err")).Op("=").Id("Parse"+t.Name).Call(jen.String().Call(id("text"))),
		jen.Return(id("err")))
}

// keyMethods emits the encoding of a type as a whole key.
func (g *generator) keyMethods(s *source, t *schema.Type) {
	s.Add(doc("AppendKey appends the value as a key: bytes compare as values do. Nothing may follow it in the key."))
	s.Func().Params(id("v").Id(t.Name)).Id("AppendKey").Params(id("dst").Index().Byte()).Index().Byte().Add(
		block(g.appendKeyBody(id("v"), t)))
	s.Add(doc("Decode" + t.Name + " reads what AppendKey wrote. The value points into b, which must not change any more."))
	s.Func().Id("Decode"+t.Name).Params(id("b").Index().Byte()).Params(id("v").Id(t.Name), id("err").Error()).Block(
		g.decodeKeyBody(id("v"), t)...)
}

// enum emits an enum.
func (g *generator) enum(s *source, t *schema.Type) {
	s.Add(doc(t.Name+" is an enum. Its values are ordered by their numbers; the zero value is not set.",
		"A number that has no name here, written by a newer program, is kept as it is.", t.Doc))
	s.Type().Id(t.Name).Int32()
	s.Add(doc("The values of " + t.Name + "."))
	s.Const().DefsFunc(func(defs *jen.Group) {
		for _, v := range t.Values {
			if v.Doc != "" {
				defs.Add(doc(v.Doc))
			}
			defs.Id(v.GoName).Id(t.Name).Op("=").Lit(int(v.Number))
		}
	})
	s.Add(doc("String returns the value's name, or " + t.Name + "(n) for one that has none."))
	s.Func().Params(id("v").Id(t.Name)).Id("String").Params().String().Block(
		jen.Switch(id("v")).BlockFunc(func(b *jen.Group) {
			for _, v := range t.Values {
				b.Case(id(v.GoName)).Block(jen.Return(jen.Lit(v.Name)))
			}
		}),
		jen.Return(jen.Lit(t.Name+"(").Op("+").Qual("strconv", "Itoa").Call(jen.Int().Call(id("v"))).Op("+").Lit(")")))
	s.Add(doc("Parse" + t.Name + " is the inverse of String. Text that names no value is an error."))
	s.Func().Id("Parse"+t.Name).Params(id("text").String()).Params(id(t.Name), jen.Error()).Block(
		jen.Switch(id("text")).BlockFunc(func(b *jen.Group) {
			for _, v := range t.Values {
				b.Case(jen.Lit(v.Name)).Block(jen.Return(id(v.GoName), jen.Nil()))
			}
		}),
		jen.List(id("n"), id("err")).Op(":=").Qual(pathRecord, "ParseEnum").Call(jen.Lit(t.Name), id("text")),
		jen.Return(id(t.Name).Call(id("n")), id("err")))
	g.textMethods(s, t)
	g.keyMethods(s, t)
	g.typeVar(s, t)
}

// structType emits a struct.
func (g *generator) structType(s *source, t *schema.Type) {
	s.Add(doc(t.Name+" is a struct.", t.Doc))
	s.Type().Id(t.Name).StructFunc(func(b *jen.Group) {
		for _, f := range t.Fields {
			if f.Doc != "" {
				b.Add(doc(f.Doc))
			}
			b.Id(f.GoName).Add(g.fieldType(f)).Tag(map[string]string{"json": jsonTag(f)})
		}
		if !t.UsedInKey {
			b.Line()
			b.Add(doc("fields that a newer program has written"))
			b.Id("unknown").String()
		}
	})
	if t.UsedInKey {
		g.structText(s, t)
		g.keyMethods(s, t)
	} else {
		s.Add(doc("Equal reports whether two values are stored as the same bytes."))
		s.Func().Params(id("v").Id(t.Name)).Id("Equal").Params(id("o").Id(t.Name)).Bool().Block(
			jen.Return(jen.String().Call(id("v").Dot("AppendRecord").Call(jen.Nil())).Op("==").
				String().Call(id("o").Dot("AppendRecord").Call(jen.Nil()))))
	}
	g.recordMethods(s, t)
	if checks := g.checks(id("v"), t.Fields); len(checks) > 0 {
		s.Add(doc("Check returns an error for a value that breaks a rule of the schema."))
		s.Func().Params(id("v").Id(t.Name)).Id("Check").Params().Error().Block(checkBody(checks)...)
	}
	g.typeVar(s, t)
}

// structText emits the text form of a key struct: its parts, joined by slashes.
func (g *generator) structText(s *source, t *schema.Type) {
	parts := leaves(id("v"), t)
	s.Add(doc("String returns the parts joined by slashes; a slash within a part is %2F."))
	s.Func().Params(id("v").Id(t.Name)).Id("String").Params().String().Block(
		jen.Return(jen.Qual(pathKeys, "JoinText").CallFunc(func(b *jen.Group) {
			for _, l := range parts {
				b.Add(g.leafText(l))
			}
		})))
	s.Add(doc("Parse" + t.Name + " is the inverse of String."))
	s.Func().Id("Parse"+t.Name).Params(id("text").String()).Params(id("v").Id(t.Name), id("err").Error()).BlockFunc(func(b *jen.Group) {
		b.List(id("parts"), id("err")).Op(":=").Qual(pathKeys, "SplitText").Call(id("text"), jen.Lit(len(parts)))
		b.If(id("err").Op("!=").Nil()).Block(jen.Return(id("v"), jen.Qual("fmt", "Errorf").Call(jen.Lit("parsing "+t.Name+": %w"), id("err"))))
		for i, l := range parts {
			g.parseLeaf(b, l, id("parts").Index(jen.Lit(i)))
		}
		b.Return(id("v"), jen.Nil())
	})
	g.textMethods(s, t)
}

// leafText is a part of a key as text.
func (g *generator) leafText(l leaf) *jen.Statement {
	switch {
	case l.typ.Marshalled():
		return jen.Qual(pathKeys, "Text").Call(jen.Op("&").Add(l.at.Clone()))
	case needsPlain(l.typ):
		return g.leafText(leaf{at: g.bare(l.typ, l.at.Clone()), typ: &schema.Type{Kind: l.typ.Kind}})
	case l.typ.Kind == schema.String:
		return jen.String().Call(l.at.Clone())
	case heldInString(l.typ):
		return jen.String().Call(l.at.Clone())
	case l.typ.Go == nil && isConverted(l.typ), l.typ.Kind == schema.UUID, l.typ.Kind == schema.Duration:
		return l.at.Clone().Dot("String").Call()
	case l.typ.Kind == schema.Timestamp:
		return l.at.Clone().Dot("UTC").Call().Dot("Format").Call(jen.Qual("time", "RFC3339Nano"))
	}
	if l.typ.Go != nil {
		return jen.Qual("fmt", "Sprint").Call(g.plain(l.typ, l.at.Clone())) // whatever text its type gives it
	}
	return jen.Qual("fmt", "Sprint").Call(l.at.Clone())
}

// parseLeaf emits the inverse of leafText.
func (g *generator) parseLeaf(b *jen.Group, l leaf, text *jen.Statement) {
	var call *jen.Statement
	narrow := false
	switch {
	case l.typ.Marshalled():
		b.If(id("err").Op("=").Add(l.at.Clone()).Dot("UnmarshalText").Call(jen.Index().Byte().Call(text)), id("err").Op("!=").Nil()).Block(jen.Return(id("v"), id("err")))
		return
	case l.typ.Kind == schema.String || l.typ.Kind == schema.Bytes:
		b.Add(l.at.Clone().Op("=").Add(g.convert(l.typ, text)))
		return
	case l.typ.Go == nil && isConverted(l.typ):
		call = jen.Qual(g.models, "Parse"+l.typ.Name).Call(text)
	case l.typ.Kind == schema.UUID:
		call = jen.Qual(pathUUID, "Parse").Call(text)
	case l.typ.Kind == schema.Duration:
		call = jen.Qual("time", "ParseDuration").Call(text)
	case l.typ.Kind == schema.Timestamp:
		call = jen.Qual("time", "Parse").Call(jen.Qual("time", "RFC3339Nano"), text)
	case l.typ.Kind == schema.Bool:
		call = jen.Qual("strconv", "ParseBool").Call(text)
	case l.typ.Kind == schema.Float64:
		call = jen.Qual("strconv", "ParseFloat").Call(text, jen.Lit(64))
	case l.typ.Kind == schema.Int32 || l.typ.Kind == schema.Int64:
		call = jen.Qual("strconv", "ParseInt").Call(text, jen.Lit(10), jen.Lit(bits(l.typ)))
		narrow = l.typ.Kind == schema.Int32
	default:
		call = jen.Qual("strconv", "ParseUint").Call(text, jen.Lit(10), jen.Lit(bits(l.typ)))
		narrow = l.typ.Kind == schema.Uint32
	}
	fail := jen.If(id("err").Op("!=").Nil()).Block(jen.Return(id("v"), id("err")))
	if narrow || l.typ.Go != nil {
		b.BlockFunc(func(b *jen.Group) {
			b.List(id("n"), id("err")).Op(":=").Add(call)
			b.Add(fail)
			b.Add(l.at.Clone().Op("=").Add(g.goType(l.typ)).Call(id("n")))
		})
		return
	}
	b.If(jen.List(l.at.Clone(), id("err")).Op("=").Add(call), id("err").Op("!=").Nil()).Block(jen.Return(id("v"), id("err")))
}

// recordMethods emits the encoding of a struct as a field of a value.
func (g *generator) recordMethods(s *source, t *schema.Type) {
	var body []jen.Code
	for _, f := range stored(t.Fields) {
		body = append(body, g.appendField(id("v"), f))
	}
	last := id("dst")
	if !t.UsedInKey {
		last = jen.Append(id("dst"), id("v").Dot("unknown").Op("..."))
	}
	s.Add(doc("AppendRecord appends the value in the protobuf wire format."))
	s.Func().Params(id("v").Id(t.Name)).Id("AppendRecord").Params(id("dst").Index().Byte()).Index().Byte().Block(
		append(body, jen.Return(last))...)

	s.Add(doc("DecodeRecord reads what AppendRecord wrote. The value points into b, which must not change any more."))
	keep := id("v").Dot("unknown").Op("+=").String().Call(id("r").Dot("AppendRaw").Call(jen.Nil()))
	var fields jen.Code = keep
	if t.UsedInKey {
		fields = jen.Comment("fields of a key are all there are")
	}
	s.Func().Params(id("v").Op("*").Id(t.Name)).Id("DecodeRecord").Params(id("b").Index().Byte()).Error().Block(
		g.decodeBody(id("r").Dot("Next").Call(), t.Fields, fields, id("r").Dot("Err").Call())...)
}

// typeVar emits the description of an enum or struct, for the tables that use
// it.
func (g *generator) typeVar(s *source, t *schema.Type) {
	s.Add(doc(descOf(t) + " describes " + t.Name + "; it must not be changed."))
	s.Var().Id(descOf(t)).Op("=").Add(g.typeDesc(t, true))
}

func jsonTag(f *schema.Field) string {
	if f.Optional {
		return f.Name + ",omitempty"
	}
	return f.Name
}
