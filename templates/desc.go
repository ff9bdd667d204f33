package templates

import (
	"strconv"

	"github.com/dave/jennifer/jen"
	"github.com/storegen/storegen/schema"
)

// kindNames are the names of the kinds in package catalog.
var kindNames = map[schema.Kind]string{
	schema.Bool: "Bool", schema.Int32: "Int32", schema.Int64: "Int64", schema.Uint32: "Uint32", schema.Uint64: "Uint64",
	schema.Float64: "Float64", schema.String: "String", schema.Bytes: "Bytes", schema.Timestamp: "Timestamp",
	schema.Duration: "Duration", schema.UUID: "UUID", schema.JSON: "JSON", schema.Enum: "Enum", schema.Struct: "Struct",
	schema.List: "List", schema.Map: "Map",
}

var accessNames = map[schema.Access]string{
	schema.System: "SystemTable", schema.Public: "Public", schema.Private: "Private", schema.Restricted: "Restricted",
	schema.Owned: "Owned",
}

// pair is a field of a composite literal that keeps its place.
type pair struct {
	name string
	x    jen.Code
}

// literalOf emits a composite literal with a line for each field.
func literalOf(typ *jen.Statement, pairs ...pair) *jen.Statement {
	return typ.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, pairCodes(pairs)...)
}

// shortOf emits a composite literal on one line.
func shortOf(typ *jen.Statement, pairs ...pair) *jen.Statement {
	return typ.Values(pairCodes(pairs)...)
}

func pairCodes(pairs []pair) []jen.Code {
	var out []jen.Code
	for _, p := range pairs {
		if p.x != nil {
			out = append(out, id(p.name).Op(":").Add(p.x))
		}
	}
	return out
}

// listOf emits a slice literal with a line for each element.
func listOf(elem *jen.Statement, items []jen.Code) jen.Code {
	if len(items) == 0 {
		return nil
	}
	return jen.Index().Add(elem).Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, items...)
}

func ints(n []int) jen.Code {
	if len(n) == 0 {
		return nil
	}
	var items []jen.Code
	for _, i := range n {
		items = append(items, jen.Lit(i))
	}
	return jen.Index().Int().Values(items...)
}

func texts(list []string) jen.Code {
	if len(list) == 0 {
		return nil
	}
	var items []jen.Code
	for _, s := range list {
		items = append(items, jen.Lit(s))
	}
	return jen.Index().String().Values(items...)
}

func optional(set bool) jen.Code {
	if !set {
		return nil
	}
	return jen.True()
}

func text(s string) jen.Code {
	if s == "" {
		return nil
	}
	return jen.Lit(s)
}

func number(n int) jen.Code {
	if n == 0 {
		return nil
	}
	return jen.Lit(n)
}

// typeDesc describes a type; that of a named enum or struct stands in its own
// file and is only referred to, unless whole is set.
//
//	catalog.Type{Kind: catalog.String, Name: "UserID"}
func (g *generator) typeDesc(t *schema.Type, whole bool) *jen.Statement {
	if !whole && t.Name != "" && (t.Kind == schema.Enum || t.Kind == schema.Struct) {
		return jen.Qual(g.models, descOf(t))
	}
	pairs := []pair{{"Kind", jen.Qual(pathCatalog, kindNames[t.Kind])}, {"Name", text(t.Name)}}
	switch t.Kind {
	case schema.List, schema.Map:
		pairs = append(pairs, pair{"Elem", jen.Op("&").Add(g.elemDesc(t.Elem))})
	case schema.Enum:
		var values []jen.Code
		for _, v := range t.Values {
			values = append(values, jen.Values(pairCodes([]pair{{"Name", jen.Lit(v.Name)}, {"Number", jen.Lit(int(v.Number))}, {"Was", texts(v.Was)}})...))
		}
		pairs = append(pairs, pair{"Values", listOf(jen.Qual(pathCatalog, "EnumValue"), values)})
	case schema.Struct:
		pairs = append(pairs, pair{"Fields", g.fieldDescs(t.Fields)}, pair{"Sealed", optional(t.Go != nil)})
	}
	if t.Kind == schema.Enum || t.Kind == schema.Struct {
		return literalOf(jen.Qual(pathCatalog, "Type"), pairs...)
	}
	return shortOf(jen.Qual(pathCatalog, "Type"), pairs...)
}

// descOf is the variable that describes a named enum or struct.
func descOf(t *schema.Type) string { return "DescOf" + t.Name }

// elemDesc is a type whose address can be taken.
func (g *generator) elemDesc(t *schema.Type) *jen.Statement { return g.typeDesc(t, false) }

func (g *generator) fieldDescs(fields []*schema.Field) jen.Code {
	var items []jen.Code
	for _, f := range fields {
		items = append(items, jen.Values(pairCodes([]pair{
			{"Name", jen.Lit(f.Name)}, {"Number", number(f.Number)}, {"Was", texts(f.Was)}, {"Type", g.typeDesc(f.Type, false)},
			{"Optional", optional(f.Optional)}, {"Hidden", optional(f.Hidden)}, {"Doc", text(f.Doc)},
		})...))
	}
	return listOf(jen.Qual(pathCatalog, "Field"), items)
}

// tableDesc describes a table.
//
//	var Desc = &catalog.Table{ ... }
func (g *generator) tableDesc(t *schema.Table) jen.Code {
	var key []int
	for _, f := range t.Key.Fields {
		key = append(key, f.Index)
	}
	var indexes []jen.Code
	for _, ix := range t.Indexes {
		indexes = append(indexes, g.indexDesc(ix))
	}
	pairs := []pair{
		{"Name", jen.Lit(t.Name)}, {"Number", number(t.Number)}, {"Doc", text(t.Doc)}, {"Row", jen.Lit(t.Row)}, {"Was", texts(t.Was)},
		{"Access", jen.Qual(pathAccess, accessNames[t.Access])}, {"Fields", g.fieldDescs(t.Fields)},
		{"Key", ints(key)}, {"KeyType", text(t.Key.Named)},
		{"Indexes", listOf(jen.Qual(pathCatalog, "Index"), indexes)}, {"TTL", g.ttlDesc(t.TTL)}, {"Per", g.fieldDescs(t.Per)},
	}
	return literalOf(jen.Op("&").Qual(pathCatalog, "Table"), pairs...)
}

func (g *generator) ttlDesc(t *schema.TTL) jen.Code {
	if t == nil {
		return nil
	}
	pairs := []pair{{"From", jen.Lit(t.From.Index)}}
	if t.KeepField != nil {
		pairs = append(pairs, pair{"KeepField", jen.Lit(t.KeepField.Index + 1)})
	} else {
		pairs = append(pairs, pair{"Keep", jen.Id(strconv.FormatInt(int64(t.Keep), 10))})
	}
	return shortOf(jen.Op("&").Qual(pathCatalog, "TTL"), pairs...)
}

func (g *generator) indexDesc(ix *schema.Index) jen.Code {
	var cols []jen.Code
	for _, c := range ix.Columns {
		cols = append(cols, jen.Values(pairCodes([]pair{
			{"Field", jen.Lit(c.Field.Index)}, {"Desc", optional(c.Desc)}, {"Each", optional(c.Each)}, {"Fold", optional(c.Fold)},
		})...))
	}
	var include []int
	for _, f := range ix.Include {
		include = append(include, f.Index)
	}
	var where jen.Code
	if ix.Where != nil {
		where = g.exprDesc(jen.Op("&").Qual(pathCatalog, "Expr"), ix.Where)
	}
	return jen.Values(pairCodes([]pair{
		{"Name", jen.Lit(ix.Name)}, {"Number", number(ix.Number)}, {"Doc", text(ix.Doc)},
		{"Columns", jen.Index().Qual(pathCatalog, "Column").Values(cols...)}, {"Unique", optional(ix.Unique)},
		{"Where", where}, {"Include", ints(include)},
	})...)
}

// exprDesc describes a condition.
//
//	catalog.Expr{Op: "not", Args: []catalog.Expr{{Op: "bool", Field: 4}}}
func (g *generator) exprDesc(typ *jen.Statement, e schema.Expr) *jen.Statement {
	args := func(op string, xs ...schema.Expr) *jen.Statement {
		var items []jen.Code
		for _, x := range xs {
			items = append(items, g.exprDesc(jen.Null(), x))
		}
		return shortOf(typ, pair{"Op", jen.Lit(op)}, pair{"Args", jen.Index().Qual(pathCatalog, "Expr").Values(items...)})
	}
	switch e := e.(type) {
	case schema.And:
		return args("and", e.L, e.R)
	case schema.Or:
		return args("or", e.L, e.R)
	case schema.Not:
		return args("not", e.X)
	case schema.Has:
		return shortOf(typ, pair{"Op", jen.Lit("has")}, pair{"Field", number(e.Field.Index)})
	case schema.BoolField:
		return shortOf(typ, pair{"Op", jen.Lit("bool")}, pair{"Field", number(e.Field.Index)})
	case schema.Compare:
		return shortOf(typ, pair{"Op", jen.Lit(e.Op)}, pair{"Args", jen.Index().Qual(pathCatalog, "Expr").Values(
			operandDesc(e.Left), operandDesc(e.Right))})
	}
	panic("templates: unknown expression")
}

func operandDesc(o schema.Operand) jen.Code {
	switch {
	case o.Lit != nil:
		return shortOf(jen.Null(), pair{"Op", jen.Lit("lit")}, pair{"Lit", text(literalText(o.Lit))})
	case o.Len:
		return shortOf(jen.Null(), pair{"Op", jen.Lit("len")}, pair{"Field", number(o.Field.Index)})
	}
	return shortOf(jen.Null(), pair{"Op", jen.Lit("field")}, pair{"Field", number(o.Field.Index)})
}

// literalText is a literal as catalog.Expr holds it.
func literalText(l *schema.Literal) string {
	switch l.Kind {
	case schema.Bool:
		return strconv.FormatBool(l.Bool)
	case schema.Int32, schema.Int64:
		return strconv.FormatInt(l.Int, 10)
	case schema.Uint32, schema.Uint64:
		return strconv.FormatUint(l.Uint, 10)
	case schema.Float64:
		return strconv.FormatFloat(l.Float, 'g', -1, 64)
	case schema.Duration:
		return strconv.FormatInt(int64(l.Dur), 10)
	case schema.Enum:
		return strconv.Itoa(int(l.Enum.Number))
	}
	return l.Str
}
