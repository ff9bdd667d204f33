package dynamic_test

import (
	"errors"
	"testing"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// A part of a key that is not given has its default, and the key that Insert returns is that
// of the row.
func TestKeysWithDefaults(t *testing.T) {
	ctx := t.Context()
	db := must(store.Open(ctx, memory.New()))
	defer db.Close()
	table := must(dynamic.Open(ctx, db, &catalog.Table{
		Name: "t", Row: "row", Access: access.Public, Key: []int{0, 1, 2},
		Fields: []catalog.Field{
			{Name: "id", Number: 1, Type: catalog.Type{Kind: kind.UUID}, Default: &catalog.Default{New: true}},
			{Name: "zone", Number: 2, Type: catalog.Type{Kind: kind.String}, Default: &catalog.Default{Lit: "eu"}},
			{Name: "n", Number: 3, Type: catalog.Type{Kind: kind.Int32}},
		},
	}))
	p := provider.New(table)
	var ids [2]provider.Value
	for i := range ids {
		key, err := p.Insert(ctx, provider.Scope{}, []provider.Value{{}, {}, provider.Int32(7)})
		if err != nil {
			t.Fatal(err)
		}
		parts := must(p.Def().DecodeKey(key))
		if ids[i] = parts[0].Clone(); ids[i].UUID() == [16]byte{} || parts[1].Text() != "eu" || parts[2].Int64() != 7 {
			t.Errorf("the key is %v", parts)
		}
		if there, err := p.Delete(ctx, provider.Scope{}, key); !there || err != nil {
			t.Errorf("the row is not at the key that Insert returned: %v", err)
		}
	}
	if ids[0].Equal(ids[1]) {
		t.Error("two rows have one new key")
	}
	if _, err := p.Insert(ctx, provider.Scope{}, make([]provider.Value, 3)); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("a part without a default is not given: %v", err)
	}
}
