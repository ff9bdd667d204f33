package queries

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/storegen/storegen/internal/madeup"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// makeTable makes up the table of a number: the first have one column of each kind
// for a key, others up to three or a struct.
func makeTable(rng *rand.Rand, at int) *catalog.Table {
	t := &catalog.Table{Name: fmt.Sprintf("made.t%d", at), Access: access.Public, Row: "row"}
	add := func(typ catalog.Type, optional, hidden bool) int {
		n := len(t.Fields)
		t.Fields = append(t.Fields, catalog.Field{Name: fmt.Sprintf("f%d", n), Number: n + 1, Type: typ, Optional: optional, Hidden: hidden})
		return n
	}
	scalar := func() catalog.Type { return madeup.TypeOf(pick(rng, madeup.InKeys).Kind) }
	switch {
	case at < len(madeup.InKeys):
		t.Key = []int{add(madeup.TypeOf(madeup.InKeys[at].Kind), false, false)}
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
		typ := madeup.TypeOf(pick(rng, kind.Scalars()).Kind)
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
		madeup.AddIndex(rng, t, func(typ *catalog.Type) kind.Value { return anyOf(rng, typ).(kind.Value) })
	}
	return t
}
