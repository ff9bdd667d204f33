package queries

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// grade is the enum of made-up tables.
var grade = catalog.Type{Kind: kind.Enum, Name: "Grade", Params: kind.Params{Values: []kind.EnumValue{{Name: "low", Number: 1}, {Name: "mid", Number: 2}, {Name: "high", Number: 3}}}}

// inKeys are the kinds that keys and indexes have.
var inKeys = slices.DeleteFunc(kind.Scalars(), func(s *kind.Scalar) bool { return !s.Kind.InKeys() })

func typeOf(s *kind.Scalar) catalog.Type {
	if s.Kind == kind.Enum {
		return grade
	}
	return catalog.Type{Kind: s.Kind, Params: s.FormExample}
}

// makeTable makes up the table of a number: the first have one column of each kind
// for a key, others up to three or a struct.
func makeTable(rng *rand.Rand, at int) *catalog.Table {
	t := &catalog.Table{Name: fmt.Sprintf("made.t%d", at), Access: access.Public, Row: "row"}
	add := func(typ catalog.Type, optional, hidden bool) int {
		n := len(t.Fields)
		t.Fields = append(t.Fields, catalog.Field{Name: fmt.Sprintf("f%d", n), Number: n + 1, Type: typ, Optional: optional, Hidden: hidden})
		return n
	}
	scalar := func() catalog.Type { return typeOf(pick(rng, inKeys)) }
	switch {
	case at < len(inKeys):
		t.Key = []int{add(typeOf(inKeys[at]), false, false)}
	case chance(rng, 5):
		key := catalog.Type{Kind: kind.Struct, Name: "Key"}
		for i := range 2 {
			key.Fields = append(key.Fields, catalog.Field{Name: string(rune('a' + i)), Number: i + 1, Type: scalar()})
		}
		t.Key = []int{add(key, false, false)}
	default:
		for range 1 + rng.IntN(3) {
			t.Key = append(t.Key, add(scalar(), false, false))
		}
		rng.Shuffle(len(t.Key), func(i, j int) { t.Key[i], t.Key[j] = t.Key[j], t.Key[i] })
	}
	if first := t.Fields[t.Key[0]].Type; first.Kind == kind.String && !chance(rng, 3) {
		t.Access = access.Owned
	}
	for range 3 + rng.IntN(6) {
		typ := typeOf(pick(rng, kind.Scalars()))
		if chance(rng, 4) {
			elem := typ
			add(catalog.Type{Kind: kind.List, Elem: &elem}, false, chance(rng, 8))
			continue
		}
		at := add(typ, chance(rng, 2), chance(rng, 8))
		if typ.Kind == kind.Timestamp && t.TTL == nil && chance(rng, 2) {
			t.TTL = &catalog.TTL{From: at, Keep: 2 * time.Hour}
		}
	}
	for range rng.IntN(6) {
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
	ix := catalog.Index{Name: fmt.Sprintf("ix%d", len(t.Indexes)), Number: len(t.Indexes) + 1, Unique: chance(rng, 6)}
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
	if chance(rng, 2) {
		ix.Where = makeCondition(rng, t, 2)
	}
	for f := range t.Fields {
		if !t.IsKey(f) && chance(rng, 5) {
			ix.Include = append(ix.Include, f)
		}
	}
	t.Indexes = append(t.Indexes, ix)
}

// makeCondition makes up the condition of an index, or returns nil.
func makeCondition(rng *rand.Rand, t *catalog.Table, depth int) *catalog.Expr {
	if depth > 0 && chance(rng, 2) {
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
	if field.Optional && chance(rng, 4) {
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
	lit := kind.Of(field.Type.Kind).Lit(anyOf(rng, &field.Type).(kind.Value))
	if !utf8.ValidString(lit) || chance(rng, 6) {
		return &catalog.Expr{Op: op, Args: []catalog.Expr{this, this}}
	}
	return &catalog.Expr{Op: op, Args: []catalog.Expr{this, {Op: catalog.Lit, Lit: lit}}}
}

// describe describes a table, for messages.
func describe(t *catalog.Table) string {
	out := ""
	for i, f := range t.Fields {
		k := kind.TypeText(f.Type.Kind, &f.Type.Params)
		if f.Type.Elem != nil {
			k += " of " + kind.TypeText(f.Type.Elem.Kind, &f.Type.Elem.Params)
		}
		out += fmt.Sprintf("%s: %s key=%t optional=%t hidden=%t\n", f.Name, k, t.IsKey(i), f.Optional, f.Hidden)
	}
	return out
}
