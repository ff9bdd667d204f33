package kinds

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"unicode/utf8"

	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// subject is a scalar type, with values of it.
type subject struct {
	row    *kind.Scalar
	typ    catalog.Type
	values []kind.Value // in ascending order, all different
	shown  []kind.Value // those that documents show as they are
	keyed  bool         // may be in keys
}

func newSubject(row *kind.Scalar, p kind.Params) (*subject, error) {
	s := &subject{row: row, typ: catalog.Type{Kind: row.Kind, Params: p}, keyed: row.Keys != ""}
	if row.Kind == kind.Enum {
		s.typ.Name = "Grade"
	}
	rng := rand.New(rand.NewPCG(3, uint64(row.Kind)))
	values := []kind.Value{row.Zero(&p), row.Example(&p)}
	for range 100 {
		values = append(values, row.Random(rng, &p))
	}
	if row.Kind == kind.Enum {
		values = values[1:] // a row whose enum is not set is refused
	}
	slices.SortFunc(values, kind.Value.Compare)
	values = slices.CompactFunc(values, kind.Value.Equal)
	for len(values) > 7 { // the least and the greatest stay
		values = slices.Delete(values, len(values)/2, len(values)/2+1)
	}
	if len(values) < 2 {
		return nil, fmt.Errorf("there are %d different values", len(values))
	}
	s.values = values
	for _, v := range values {
		if w, ok := kind.ParseJSON(row.Kind, &p, row.AppendJSON(nil, v)); ok && w.Equal(v) {
			s.shown = append(s.shown, v)
		}
	}
	if len(s.shown) < 2 {
		return nil, fmt.Errorf("documents show %d of the values as they are: %v", len(s.shown), values)
	}
	return s, nil
}

// value is one of the values, those that documents show if doc is set.
func (s *subject) value(n int, doc bool) kind.Value {
	if doc {
		return s.shown[n%len(s.shown)]
	}
	return s.values[n%len(s.values)]
}

// literal is the value that is the default, and that a condition compares with. Stored
// descriptions are JSON, and so its text is UTF-8.
func (s *subject) literal() kind.Value {
	for _, v := range s.shown[1:] {
		if utf8.ValidString(s.row.Lit(v)) && !v.Equal(s.row.Zero(&s.typ.Params)) {
			return v
		}
	}
	return s.shown[1]
}

// The fields of the table.
const (
	part, number, field, optional, list, entries, structure, single, given = 0, 1, 2, 3, 4, 5, 6, 7, 8
)

// table has the type in all places. Where it is in no keys the number is the key.
func (s *subject) table() *catalog.Table {
	lit := s.row.Lit(s.literal())
	t := &catalog.Table{Name: "test.places", Row: "Place", Access: access.Public, Key: []int{part, number}, Fields: []catalog.Field{
		part:      {Name: "part", Number: 1, Type: s.typ},
		number:    {Name: "number", Number: 2, Type: catalog.Type{Kind: kind.Int64}},
		field:     {Name: "field", Number: 3, Type: s.typ},
		optional:  {Name: "optional", Number: 4, Type: s.typ, Optional: true},
		list:      {Name: "list", Number: 5, Type: catalog.Type{Kind: kind.List, Elem: &s.typ}},
		entries:   {Name: "entries", Number: 6, Type: catalog.Type{Kind: kind.Map, Elem: &s.typ}},
		structure: {Name: "structure", Number: 7, Type: catalog.Type{Kind: kind.Struct, Name: "Pair", Fields: []catalog.Field{{Name: "a", Number: 1, Type: s.typ}, {Name: "b", Number: 2, Type: s.typ, Optional: true}}}},
		single:    {Name: "single", Number: 8, Type: s.typ, Optional: true},
		given:     {Name: "given", Number: 9, Type: s.typ, Default: &catalog.Default{Lit: lit}},
	}}
	if !s.keyed {
		t.Key = []int{number}
		return t
	}
	up := func(field int) catalog.Column { return catalog.Column{Field: field} }
	down := func(field int) catalog.Column {
		return catalog.Column{Field: field, Options: catalog.Options{Desc: true}}
	}
	each := catalog.Column{Field: list, Options: catalog.Options{Each: true}}
	eachDown := catalog.Column{Field: list, Options: catalog.Options{Each: true, Desc: true}}
	where := &catalog.Expr{Op: catalog.Ne, Args: []catalog.Expr{{Op: catalog.FieldOf, Field: field}, {Op: catalog.Lit, Lit: lit}}}
	for _, ix := range []catalog.Index{
		{Name: "up", Columns: []catalog.Column{up(field), down(optional)}},
		{Name: "down", Columns: []catalog.Column{down(field)}, Include: []int{optional, list}},
		{Name: "sparse", Columns: []catalog.Column{up(optional)}},
		{Name: "each", Columns: []catalog.Column{each}},
		{Name: "each_down", Columns: []catalog.Column{eachDown}},
		{Name: "one", Columns: []catalog.Column{up(single), down(single)}, Unique: true},
		{Name: "some", Columns: []catalog.Column{up(field)}, Where: where},
	} {
		ix.Number = len(t.Indexes) + 1
		t.Indexes = append(t.Indexes, ix)
	}
	return t
}

// keyTable has a key of the type alone, or of a struct of two such.
func (s *subject) keyTable(ofStruct bool) *catalog.Table {
	t := &catalog.Table{Name: "test.key", Row: "Key", Access: access.Public, Key: []int{0}, Fields: []catalog.Field{{Name: "key", Number: 1, Type: s.typ}}}
	if ofStruct {
		t.Name = "test.struct_key"
		t.Fields[0].Type = catalog.Type{Kind: kind.Struct, Name: "Pair", Fields: []catalog.Field{{Name: "a", Number: 1, Type: s.typ}, {Name: "b", Number: 2, Type: s.typ}}}
	}
	return t
}

// rows are those of the table, in the order of their keys.
func (s *subject) rows() []*dynamic.Row {
	var out []*dynamic.Row
	for n := range 3 * len(s.values) {
		r := &dynamic.Row{Fields: []any{
			part: s.values[n/3], number: kind.Int64Of(int64(n)), field: s.value(5*n+1, false), optional: nil,
			list: []any{}, entries: map[string]any{}, structure: &dynamic.Struct{Fields: []any{s.value(n, true), nil}}, single: nil, given: nil,
		}}
		if n%2 == 0 {
			r.Fields[optional] = s.value(n/2+3, false)
			r.Fields[structure].(*dynamic.Struct).Fields[1] = s.value(n+1, true)
			r.Fields[given] = s.value(n, true)
		}
		if n%3 == 0 {
			r.Fields[single] = s.values[n/3]
		}
		for i := range n % 4 {
			r.Fields[list] = append(r.Fields[list].([]any), s.value(n+i, true))
			r.Fields[entries].(map[string]any)[string(rune('a'+i))] = s.value(n+2*i, true)
		}
		out = append(out, r)
	}
	return out
}

// stored is a row as it is read: with its default.
func (s *subject) stored(r *dynamic.Row) *dynamic.Row {
	out := &dynamic.Row{Fields: slices.Clone(r.Fields)}
	zero := s.row.Zero(&s.typ.Params)
	if v, ok := out.Fields[given].(kind.Value); !ok || v.Equal(zero) {
		out.Fields[given] = s.literal()
	}
	return out
}

// same tells whether two values of a field are one. Where it is not optional, nil is the
// zero value.
func same(t *catalog.Type, optional bool, a, b any) bool {
	switch {
	case optional && (a == nil || b == nil):
		return a == nil && b == nil
	case t.Kind.Scalar():
		zero := kind.Of(t.Kind).Zero(&t.Params)
		v, w := zero, zero
		if a != nil {
			v = a.(kind.Value)
		}
		if b != nil {
			w = b.(kind.Value)
		}
		return v.Equal(w)
	}
	switch t.Kind {
	case kind.List:
		v, _ := a.([]any)
		w, _ := b.([]any)
		return slices.EqualFunc(v, w, func(a, b any) bool { return same(t.Elem, false, a, b) })
	case kind.Map:
		v, _ := a.(map[string]any)
		w, _ := b.(map[string]any)
		return maps.EqualFunc(v, w, func(a, b any) bool { return same(t.Elem, false, a, b) })
	case kind.Struct:
		v, _ := a.(*dynamic.Struct)
		w, _ := b.(*dynamic.Struct)
		return v != nil && w != nil && sameFields(t.Fields, v.Fields, w.Fields)
	}
	panic("no values of the kind " + t.Kind.String())
}

func sameFields(fields []catalog.Field, a, b []any) bool {
	for i := range fields {
		if !same(&fields[i].Type, fields[i].Optional, a[i], b[i]) {
			return false
		}
	}
	return true
}

// document is a value as documents show it.
func document(t *catalog.Type, x any) string {
	var b []byte
	switch t.Kind {
	case kind.List:
		b = append(b, '[')
		for i, v := range x.([]any) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, document(t.Elem, v)...)
		}
		return string(append(b, ']'))
	case kind.Map:
		b = append(b, '{')
		m := x.(map[string]any)
		for i, k := range slices.Sorted(maps.Keys(m)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, '"')
			b = append(b, k+`":`+document(t.Elem, m[k])...)
		}
		return string(append(b, '}'))
	case kind.Struct:
		b = append(b, '{')
		for i, v := range x.(*dynamic.Struct).Fields {
			if v == nil {
				continue
			}
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, '"')
			b = append(b, t.Fields[i].Name+`":`+document(&t.Fields[i].Type, v)...)
		}
		return string(append(b, '}'))
	}
	return string(kind.Of(t.Kind).AppendJSON(nil, x.(kind.Value)))
}
