// Package madeup makes up parts of the descriptions of tables at random, for the tests that
// hold queries against an answer found in another way. It knows no rows and no queries.
package madeup

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// Grade is the enum of made-up tables. The order of its names is not that of its numbers.
var Grade = catalog.Type{Kind: kind.Enum, Name: "Grade", Params: kind.Params{Values: []kind.EnumValue{{Name: "low", Number: 1}, {Name: "mid", Number: 2}, {Name: "high", Number: 3}}}}

// InKeys are the kinds that keys and indexes have.
var InKeys = slices.DeleteFunc(kind.Scalars(), func(s *kind.Scalar) bool { return !s.Kind.InKeys() })

// TypeOf is a type of a kind of scalars.
func TypeOf(k catalog.Kind) catalog.Type {
	if k == kind.Enum {
		return Grade
	}
	return catalog.Type{Kind: k, Params: kind.Of(k).FormExample}
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// chance is true once in n times.
func chance(rng *rand.Rand, n int) bool { return rng.IntN(n) == 0 }

// columnsOf are the fields that indexes can be on.
func columnsOf(t *catalog.Table) []int {
	var out []int
	for i := range t.Fields {
		typ := &t.Fields[i].Type
		if typ.Kind == kind.List {
			typ = typ.Elem
		}
		if typ.Kind.InKeys() {
			out = append(out, i)
		}
	}
	return out
}

// AddIndex adds an index to a table. value makes a value of a scalar type, for conditions.
func AddIndex(rng *rand.Rand, t *catalog.Table, value func(t *catalog.Type) kind.Value) {
	ix := catalog.Index{Name: "ix" + strconv.Itoa(len(t.Indexes)), Number: len(t.Indexes) + 1, Unique: chance(rng, 7)}
	from := columnsOf(t)
	if len(from) == 0 {
		return
	}
	rng.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
	each := false
	for _, f := range from[:1+rng.IntN(min(3, len(from)))] {
		c := catalog.Column{Field: f, Options: catalog.Options{Desc: chance(rng, 3)}}
		typ := &t.Fields[f].Type
		if typ.Kind == kind.List {
			if each {
				continue
			}
			each, c.Each, typ = true, true, typ.Elem
		}
		for _, m := range catalog.Mappings {
			*c.Option(m.Word) = typ.Kind == kind.String && chance(rng, 3)
		}
		ix.Columns = append(ix.Columns, c)
	}
	if chance(rng, 3) {
		ix.Where = condition(rng, t, value, 2)
	}
	for f := range t.Fields {
		if !t.IsKey(f) && chance(rng, 4) {
			ix.Include = append(ix.Include, f)
		}
	}
	t.Indexes = append(t.Indexes, ix)
}

// condition makes up the condition of an index, or returns nil.
func condition(rng *rand.Rand, t *catalog.Table, value func(t *catalog.Type) kind.Value, depth int) *catalog.Expr {
	if depth > 0 && chance(rng, 3) {
		x, y := condition(rng, t, value, depth-1), condition(rng, t, value, depth-1)
		if x == nil || y == nil {
			return x
		}
		switch rng.IntN(3) {
		case 0:
			return &catalog.Expr{Op: catalog.And, Args: []catalog.Expr{*x, *y}}
		case 1:
			return &catalog.Expr{Op: catalog.Or, Args: []catalog.Expr{*x, *y}}
		}
		return &catalog.Expr{Op: catalog.Not, Args: []catalog.Expr{*x}}
	}
	f := rng.IntN(len(t.Fields))
	field := &t.Fields[f]
	this := catalog.Expr{Op: catalog.FieldOf, Field: f}
	op := pick(rng, []catalog.Op{catalog.Eq, catalog.Ne, catalog.Lt, catalog.Le, catalog.Gt, catalog.Ge})
	if field.Optional && chance(rng, 3) {
		return &catalog.Expr{Op: catalog.Has, Field: f}
	}
	switch k := field.Type.Kind; {
	case k == kind.Struct, k == kind.JSON:
		return nil
	case k == kind.List:
		if chance(rng, 2) {
			return &catalog.Expr{Op: catalog.Has, Field: f}
		}
		return &catalog.Expr{Op: op, Args: []catalog.Expr{{Op: catalog.LenOf, Field: f}, {Op: catalog.Lit, Lit: strconv.Itoa(rng.IntN(3))}}}
	case k == kind.Bool && chance(rng, 2):
		return &catalog.Expr{Op: catalog.True, Field: f}
	case !k.Ordered():
		op = pick(rng, []catalog.Op{catalog.Eq, catalog.Ne})
	}
	// Descriptions are stored as JSON, which has UTF-8 only.
	lit := kind.Of(field.Type.Kind).Lit(value(&field.Type))
	if !utf8.ValidString(lit) || chance(rng, 8) {
		return &catalog.Expr{Op: op, Args: []catalog.Expr{this, this}}
	}
	return &catalog.Expr{Op: op, Args: []catalog.Expr{this, {Op: catalog.Lit, Lit: lit}}}
}

// Describe is a table as reports show it.
func Describe(t *catalog.Table) string {
	var b strings.Builder
	fmt.Fprintf(&b, "table %s\n", t.Name)
	for i := range t.Fields {
		f := &t.Fields[i]
		typ := kind.TypeText(f.Type.Kind, &f.Type.Params)
		switch f.Type.Kind {
		case kind.List:
			typ = "[]" + kind.TypeText(f.Type.Elem.Kind, &f.Type.Elem.Params)
		case kind.Struct:
			typ = "struct"
			for _, p := range f.Type.Fields {
				typ += " " + p.Name + ":" + kind.TypeText(p.Type.Kind, &p.Type.Params)
			}
		}
		for _, w := range []struct {
			say  bool
			word string
		}{{f.Optional, "?"}, {t.IsKey(i), " (key)"}, {f.Hidden, " (hidden)"}} {
			if w.say {
				typ += w.word
			}
		}
		fmt.Fprintf(&b, "  %s: %s\n", f.Name, typ)
	}
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		var columns, include []string
		for _, c := range ix.Columns {
			columns = append(columns, c.Text(t.Fields[c.Field].Name))
		}
		for _, f := range ix.Include {
			include = append(include, t.Fields[f].Name)
		}
		where := ""
		if ix.Where != nil {
			where = exprText(t, ix.Where)
		}
		fmt.Fprintf(&b, "  index %s: %s\n", ix.Name, catalog.IndexText(ix.Unique, columns, include, where))
	}
	return b.String()
}

func exprText(t *catalog.Table, e *catalog.Expr) string {
	switch e.Op {
	case catalog.Lit:
		return strconv.Quote(e.Lit)
	case catalog.FieldOf:
		return t.Fields[e.Field].Name
	case catalog.Has, catalog.True, catalog.LenOf:
		return string(e.Op) + " " + t.Fields[e.Field].Name
	case catalog.Not:
		return "not (" + exprText(t, &e.Args[0]) + ")"
	case catalog.And, catalog.Or, catalog.Eq, catalog.Ne, catalog.Lt, catalog.Le, catalog.Gt, catalog.Ge:
		var parts []string
		for i := range e.Args {
			parts = append(parts, exprText(t, &e.Args[i]))
		}
		return "(" + strings.Join(parts, " "+string(e.Op)+" ") + ")"
	}
	panic("no text of the operation " + string(e.Op))
}
