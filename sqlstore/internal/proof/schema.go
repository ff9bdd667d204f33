package proof

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// grade is the enum of made-up tables. The order of its names is not that of its numbers.
var grade = catalog.Type{Kind: kind.Enum, Name: "Grade", Params: kind.Params{Values: []kind.EnumValue{{Name: "low", Number: 1}, {Name: "mid", Number: 2}, {Name: "high", Number: 3}}}}

// inKeys are the kinds that keys and indexes have.
var inKeys = slices.DeleteFunc(kind.Scalars(), func(s *kind.Scalar) bool { return !s.Kind.InKeys() })

// usual are the kinds that most tables have, which come more often than others.
var usual = []catalog.Kind{kind.Int32, kind.Int64, kind.String, kind.String, kind.Float64, kind.Timestamp, kind.Enum, kind.Bytes, kind.Bool, kind.Uint64}

func typeOf(k catalog.Kind) catalog.Type {
	if k == kind.Enum {
		return grade
	}
	return catalog.Type{Kind: k, Params: kind.Of(k).FormExample}
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// chance is true once in n times.
func chance(rng *rand.Rand, n int) bool { return rng.IntN(n) == 0 }

// MakeTable makes up the description of a table. The first ones have each kind in the key,
// one after the other. rules adds what keeps rows out: none for tables that are only read.
func MakeTable(rng *rand.Rand, name string, at int) *catalog.Table {
	t := &catalog.Table{Name: name, Access: access.Public, Row: "row"}
	words := []string{"order", "group", "a b", "select", "Name", "rowid", "value"}
	add := func(typ catalog.Type, optional, hidden bool) int {
		n := len(t.Fields)
		field := "f" + strconv.Itoa(n)
		if chance(rng, 12) {
			if w := pick(rng, words); t.FieldNamed(w) < 0 {
				field = w
			}
		}
		t.Fields = append(t.Fields, catalog.Field{Name: field, Number: n + 1, Type: typ, Optional: optional, Hidden: hidden})
		return n
	}
	keyed := func() catalog.Type {
		if chance(rng, 2) {
			return typeOf(pick(rng, usual))
		}
		return typeOf(pick(rng, inKeys).Kind)
	}
	switch {
	case at < len(inKeys):
		t.Key = []int{add(typeOf(inKeys[at].Kind), false, false)}
		if chance(rng, 2) {
			t.Key = append(t.Key, add(keyed(), false, false))
		}
	case chance(rng, 8):
		key := catalog.Type{Kind: kind.Struct, Name: "Key"}
		for i := range 2 {
			key.Fields = append(key.Fields, catalog.Field{Name: string(rune('a' + i)), Number: i + 1, Type: keyed()})
		}
		t.Key = []int{add(key, false, false)}
	default:
		for range 1 + rng.IntN(3) {
			t.Key = append(t.Key, add(keyed(), false, false))
		}
		rng.Shuffle(len(t.Key), func(i, j int) { t.Key[i], t.Key[j] = t.Key[j], t.Key[i] })
	}
	for range 3 + rng.IntN(6) {
		typ := typeOf(pick(rng, kind.Scalars()).Kind)
		if chance(rng, 2) {
			typ = typeOf(pick(rng, usual))
		}
		if chance(rng, 6) {
			elem := typ
			add(catalog.Type{Kind: kind.List, Elem: &elem}, false, chance(rng, 10))
			continue
		}
		add(typ, chance(rng, 2), chance(rng, 12))
	}
	for range 1 + rng.IntN(6) {
		addIndex(rng, t)
	}
	return t
}

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

func addIndex(rng *rand.Rand, t *catalog.Table) {
	ix := catalog.Index{Name: "ix" + strconv.Itoa(len(t.Indexes)), Number: len(t.Indexes) + 1, Unique: chance(rng, 8)}
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
		ix.Where = makeCondition(rng, t, 2)
	}
	for f := range t.Fields {
		if !t.IsKey(f) && chance(rng, 4) {
			ix.Include = append(ix.Include, f)
		}
	}
	t.Indexes = append(t.Indexes, ix)
}

// makeCondition makes up the condition of an index, or returns nil.
func makeCondition(rng *rand.Rand, t *catalog.Table, depth int) *catalog.Expr {
	if depth > 0 && chance(rng, 3) {
		x, y := makeCondition(rng, t, depth-1), makeCondition(rng, t, depth-1)
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
		return &catalog.Expr{Op: catalog.Has, Field: f}
	case k == kind.Bool && chance(rng, 2):
		return &catalog.Expr{Op: catalog.True, Field: f}
	case !k.Ordered():
		op = pick(rng, []catalog.Op{catalog.Eq, catalog.Ne})
	}
	// Descriptions are stored as JSON, which has UTF-8 only.
	lit := kind.Of(field.Type.Kind).Lit(makeValue(rng, &field.Type))
	if !utf8.ValidString(lit) {
		return nil
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
