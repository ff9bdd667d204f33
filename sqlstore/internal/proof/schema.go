package proof

import (
	"math/rand/v2"
	"strconv"

	"github.com/storegen/storegen/internal/madeup"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// usual are the kinds that most tables have, which come more often than others.
var usual = []catalog.Kind{kind.Int32, kind.Int64, kind.String, kind.String, kind.Float64, kind.Timestamp, kind.Enum, kind.Bytes, kind.Bool, kind.Uint64}

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
			return madeup.TypeOf(pick(rng, usual))
		}
		return madeup.TypeOf(pick(rng, madeup.InKeys).Kind)
	}
	switch {
	case at < len(madeup.InKeys):
		t.Key = []int{add(madeup.TypeOf(madeup.InKeys[at].Kind), false, false)}
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
		typ := madeup.TypeOf(pick(rng, kind.Scalars()).Kind)
		if chance(rng, 2) {
			typ = madeup.TypeOf(pick(rng, usual))
		}
		if chance(rng, 6) {
			elem := typ
			add(catalog.Type{Kind: kind.List, Elem: &elem}, false, chance(rng, 10))
			continue
		}
		add(typ, chance(rng, 2), chance(rng, 12))
	}
	for range 1 + rng.IntN(6) {
		madeup.AddIndex(rng, t, func(typ *catalog.Type) kind.Value { return makeValue(rng, typ) })
	}
	for i := range t.Fields {
		// Of texts in any letter case alone, which few of the others are.
		if f := &t.Fields[i]; f.Type.Kind == kind.String && !f.Hidden && chance(rng, 2) {
			t.Indexes = append(t.Indexes, catalog.Index{Name: "case" + strconv.Itoa(i), Number: len(t.Indexes) + 1, Columns: []catalog.Column{{Field: i, Options: catalog.Options{Fold: true}}}})
		}
	}
	return t
}
