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

var (
	grade = catalog.Type{Kind: kind.Enum, Name: "Grade", Params: kind.Params{Values: []kind.EnumValue{{Name: "low", Number: 1}, {Name: "mid", Number: 2}, {Name: "high", Number: 3}}}}
	// inKeys are the kinds that keys and indexes have.
	inKeys = []catalog.Kind{kind.String, kind.Bytes, kind.Float64, kind.Bool, kind.Int32, kind.Int64, kind.Uint32, kind.Uint64,
		kind.Timestamp, kind.Duration, kind.UUID, kind.Enum}
)

func typeOf(k catalog.Kind) catalog.Type {
	if k == kind.Enum {
		return grade
	}
	return catalog.Type{Kind: k}
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
		typ := typeOf(pick(rng, append(inKeys, kind.JSON, kind.Float64)))
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
		if slices.Contains(inKeys, typ.Kind) {
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
		c := catalog.Column{Field: f, Desc: chance(rng, 3)}
		typ := &t.Fields[f].Type
		if typ.Kind == kind.List {
			if each {
				continue
			}
			each, c.Each, typ = true, true, typ.Elem
		}
		c.Fold = typ.Kind == kind.String && chance(rng, 3)
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
	switch field.Type.Kind {
	case kind.Struct, kind.JSON:
		return nil
	case kind.List:
		if chance(rng, 2) {
			return &catalog.Expr{Op: catalog.Has, Field: f}
		}
		return &catalog.Expr{Op: op, Args: []catalog.Expr{{Op: catalog.LenOf, Field: f}, {Op: catalog.Lit, Lit: strconv.Itoa(rng.IntN(3))}}}
	case kind.Bool:
		if chance(rng, 2) {
			return &catalog.Expr{Op: catalog.True, Field: f}
		}
		op = pick(rng, []catalog.Op{catalog.Eq, catalog.Ne})
	}
	lit, ok := literal(anyOf(rng, &field.Type))
	if !ok || chance(rng, 6) {
		return &catalog.Expr{Op: op, Args: []catalog.Expr{this, this}}
	}
	return &catalog.Expr{Op: op, Args: []catalog.Expr{this, {Op: catalog.Lit, Lit: lit}}}
}

// literal is a value as a condition has it. Some have no literal.
func literal(v any) (string, bool) {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), v-v == 0
	case string:
		return v, utf8.ValidString(v)
	case blob:
		return string(v), utf8.ValidString(string(v))
	case time.Duration:
		return strconv.FormatInt(int64(v), 10), true
	case bool, int32, int64, uint32, uint64, number:
		return fmt.Sprint(v), true
	}
	return "", false
}

// meets tells whether a row meets a condition, as schemas define it.
func meets(t *catalog.Table, r *row, e *catalog.Expr) bool {
	switch e.Op {
	case catalog.And:
		return !slices.ContainsFunc(e.Args, func(e catalog.Expr) bool { return !meets(t, r, &e) })
	case catalog.Or:
		return slices.ContainsFunc(e.Args, func(e catalog.Expr) bool { return meets(t, r, &e) })
	case catalog.Not:
		return !meets(t, r, &e.Args[0])
	case catalog.True:
		return r.fields[e.Field] == true
	case catalog.Has:
		if l, ok := r.fields[e.Field].(list); ok {
			return len(l) > 0
		}
		return r.fields[e.Field] != nil
	}
	x := r.fields[e.Args[0].Field]
	if e.Args[0].Op == catalog.LenOf {
		x = int64(len(x.(list)))
	}
	y := x
	if e.Args[1].Op == catalog.Lit {
		y = literalOf(x, e.Args[1].Lit)
	}
	if x == nil {
		return e.Op == catalog.Ne
	}
	switch d := compare(x, y); e.Op {
	case catalog.Eq:
		return d == 0
	case catalog.Ne:
		return d != 0
	case catalog.Lt:
		return d < 0
	case catalog.Le:
		return d <= 0
	case catalog.Gt:
		return d > 0
	case catalog.Ge:
		return d >= 0
	}
	panic("no condition " + e.Op)
}

// literalOf reads a literal as a value of the type that another value has.
func literalOf(like any, text string) any {
	must := func(v any, err error) any {
		if err != nil {
			panic(err)
		}
		return v
	}
	i, _ := strconv.ParseInt(text, 10, 64)
	u, _ := strconv.ParseUint(text, 10, 64)
	switch like.(type) {
	case bool:
		return must(strconv.ParseBool(text))
	case int32:
		return int32(i)
	case int64:
		return i
	case uint32:
		return uint32(u)
	case uint64:
		return u
	case number:
		return number(i)
	case time.Duration:
		return time.Duration(i)
	case float64:
		return must(strconv.ParseFloat(text, 64))
	case blob:
		return blob(text)
	}
	return text
}

// text describes the table, for messages.
func (c codec) text() string {
	out := ""
	for i, f := range c.t.Fields {
		k := f.Type.Kind.String()
		if f.Type.Elem != nil {
			k += " of " + f.Type.Elem.Kind.String()
		}
		out += fmt.Sprintf("%s: %s key=%t optional=%t hidden=%t\n", f.Name, k, c.t.IsKey(i), f.Optional, f.Hidden)
	}
	return out
}
