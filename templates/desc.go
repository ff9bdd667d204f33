package templates

import (
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

var accessNames = map[schema.Access]string{
	schema.System: "SystemTable", schema.Public: "Public", schema.Private: "Private", schema.Restricted: "Restricted",
	schema.Owned: "Owned",
}

// pair is a field of a composite literal; one with no value is left out.
type pair struct{ name, x string }

// literalOf is a composite literal with a line for each field.
func literalOf(typ string, pairs ...pair) string { return listOf(typ, fieldsOf(pairs)) }

// shortOf is a composite literal on one line.
func shortOf(typ string, pairs ...pair) string {
	return typ + "{" + strings.Join(fieldsOf(pairs), ", ") + "}"
}

func fieldsOf(pairs []pair) []string {
	var out []string
	for _, p := range pairs {
		if p.x != "" {
			out = append(out, p.name+": "+p.x)
		}
	}
	return out
}

// listOf is a literal with a line for each element, "" where there is none.
func listOf(typ string, items []string) string {
	if len(items) == 0 {
		return ""
	}
	return typ + "{\n" + strings.Join(items, ",\n") + ",\n}"
}

// sliceOf is a slice on one line, "" where it is empty.
func sliceOf[T any](typ string, list []T, text func(T) string) string {
	if len(list) == 0 {
		return ""
	}
	var items []string
	for _, x := range list {
		items = append(items, text(x))
	}
	return "[]" + typ + "{" + strings.Join(items, ", ") + "}"
}

// unlessZero is text, or "" for a zero value, which a literal leaves out.
func unlessZero[T comparable](x T, text string) string {
	if x == *new(T) {
		return ""
	}
	return text
}

func optional(set bool) string { return unlessZero(set, "true") }
func text(s string) string     { return unlessZero(s, strconv.Quote(s)) }
func number(n int) string      { return unlessZero(n, strconv.Itoa(n)) }

// typeDesc describes a type; that of a named enum or struct stands in its own
// file and is only referred to, unless whole is set.
func (g *generator) typeDesc(t *schema.Type, whole bool) string {
	if !whole && t.Name != "" && (t.Kind == kind.Enum || t.Kind == kind.Struct) {
		return "models." + descOf(t)
	}
	k, name := pair{"Kind", "kind." + t.Kind.Ident()}, pair{"Name", text(t.Name)}
	switch t.Kind {
	case kind.List, kind.Map:
		return shortOf("catalog.Type", k, name, pair{"Elem", "&" + g.typeDesc(t.Elem, false)})
	case kind.Enum:
		var values []string
		for _, v := range t.Values {
			values = append(values, shortOf("", pair{"Name", strconv.Quote(v.Name)}, pair{"Number", strconv.Itoa(int(v.Number))},
				pair{"Was", sliceOf("string", v.Was, strconv.Quote)}))
		}
		return literalOf("catalog.Type", k, name, pair{"Params", shortOf("kind.Params", pair{"Values", listOf("[]kind.EnumValue", values)})})
	case kind.Struct:
		return literalOf("catalog.Type", k, name, pair{"Fields", g.fieldDescs(t.Fields)}, pair{"Sealed", optional(t.Go != nil)})
	}
	return shortOf("catalog.Type", k, name, pair{"Params", unlessEmpty(shortOf("kind.Params",
		pair{"Size", number(t.Args.Size)}, pair{"Precision", number(t.Args.Precision)}, pair{"Scale", number(t.Args.Scale)}))})
}

// unlessEmpty is a literal, or "" for one without fields.
func unlessEmpty(literal string) string {
	if strings.HasSuffix(literal, "{}") {
		return ""
	}
	return literal
}

// descOf is the variable that describes a named enum or struct.
func descOf(t *schema.Type) string { return "DescOf" + t.Name }

func (g *generator) fieldDescs(fields []*schema.Field) string {
	var items []string
	for _, f := range fields {
		items = append(items, shortOf("", pair{"Name", strconv.Quote(f.Name)}, pair{"Number", number(f.Number)},
			pair{"Was", sliceOf("string", f.Was, strconv.Quote)}, pair{"Type", g.typeDesc(f.Type, false)},
			pair{"Optional", optional(f.Optional)}, pair{"Hidden", optional(f.Hidden)}, pair{"Doc", text(f.Doc)}))
	}
	return listOf("[]catalog.Field", items)
}

// tableDesc describes a table.
func (g *generator) tableDesc(t *schema.Table) string {
	var indexes []string
	for _, ix := range t.Indexes {
		indexes = append(indexes, g.indexDesc(ix))
	}
	return literalOf("&catalog.Table",
		pair{"Name", strconv.Quote(t.Name)}, pair{"Number", number(t.Number)}, pair{"Doc", text(t.Doc)}, pair{"Row", strconv.Quote(t.Row)},
		pair{"Was", sliceOf("string", t.Was, strconv.Quote)}, pair{"Access", "access." + accessNames[t.Access]},
		pair{"Fields", g.fieldDescs(t.Fields)}, pair{"Key", places(t.Key.Fields)}, pair{"KeyType", text(t.Key.Named)},
		pair{"Indexes", listOf("[]catalog.Index", indexes)}, pair{"TTL", g.ttlDesc(t.TTL)}, pair{"Per", g.fieldDescs(t.Per)})
}

// places are those of fields in their table.
func places(fields []*schema.Field) string {
	return sliceOf("int", fields, func(f *schema.Field) string { return strconv.Itoa(f.Index) })
}

func (g *generator) ttlDesc(t *schema.TTL) string {
	if t == nil {
		return ""
	}
	from := pair{"From", strconv.Itoa(t.From.Index)}
	if t.KeepField != nil {
		return shortOf("&catalog.TTL", from, pair{"KeepField", strconv.Itoa(t.KeepField.Index + 1)})
	}
	return shortOf("&catalog.TTL", from, pair{"Keep", durationOf(t.Keep)})
}

func (g *generator) indexDesc(ix *schema.Index) string {
	column := func(c *schema.Column) string {
		return shortOf("", pair{"Field", strconv.Itoa(c.Field.Index)}, pair{"Desc", optional(c.Desc)}, pair{"Each", optional(c.Each)}, pair{"Fold", optional(c.Fold)})
	}
	where := ""
	if ix.Where != nil {
		where = g.exprDesc("&catalog.Expr", ix.Where)
	}
	return shortOf("", pair{"Name", strconv.Quote(ix.Name)}, pair{"Number", number(ix.Number)}, pair{"Doc", text(ix.Doc)},
		pair{"Columns", sliceOf("catalog.Column", ix.Columns, column)}, pair{"Unique", optional(ix.Unique)},
		pair{"Where", where}, pair{"Include", places(ix.Include)})
}

// exprDesc describes a condition.
func (g *generator) exprDesc(typ string, e schema.Expr) string {
	op := func(op string, more pair) string { return shortOf(typ, pair{"Op", "catalog." + op}, more) }
	args := func(xs ...schema.Expr) pair {
		return pair{"Args", sliceOf("catalog.Expr", xs, func(x schema.Expr) string { return g.exprDesc("", x) })}
	}
	switch e := e.(type) {
	case schema.And:
		return op("And", args(e.L, e.R))
	case schema.Or:
		return op("Or", args(e.L, e.R))
	case schema.Not:
		return op("Not", args(e.X))
	case schema.Has:
		return op("Has", pair{"Field", number(e.Field.Index)})
	case schema.BoolField:
		return op("True", pair{"Field", number(e.Field.Index)})
	case schema.Compare:
		return op(comparisons[e.Op], pair{"Args", sliceOf("catalog.Expr", []schema.Operand{e.Left, e.Right}, operandDesc)})
	}
	panic("templates: unknown expression")
}

// comparisons are the names of the operators in package catalog.
var comparisons = map[string]string{
	schema.Equal: "Eq", schema.NotEqual: "Ne", schema.Less: "Lt", schema.LessOrEqual: "Le", schema.Greater: "Gt", schema.GreaterOrEqual: "Ge",
}

func operandDesc(o schema.Operand) string {
	switch {
	case o.Lit != nil:
		return shortOf("", pair{"Op", "catalog.Lit"}, pair{"Lit", text(kind.Of(o.Lit.Kind()).Lit(o.Lit.Stored()))})
	case o.Len:
		return shortOf("", pair{"Op", "catalog.LenOf"}, pair{"Field", number(o.Field.Index)})
	}
	return shortOf("", pair{"Op", "catalog.FieldOf"}, pair{"Field", number(o.Field.Index)})
}
