package main

import (
	"testing"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// What verify and repair say of the time that is left comes from the number of rows, of each
// of which there are as many entries as indexes.
func TestSize(t *testing.T) {
	db, err := store.Open(t.Context(), memory.New())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	desc := &catalog.Table{
		Name: "t", Number: 1, Access: access.Public, Key: []int{0},
		Fields:  []catalog.Field{{Name: "id", Number: 1, Type: catalog.Type{Kind: kind.Int64}}, {Name: "n", Number: 2, Type: catalog.Type{Kind: kind.Int64}}},
		Indexes: []catalog.Index{{Name: "n", Number: 1, Columns: []catalog.Column{{Field: 1}}}},
	}
	handle, err := dynamic.Open(t.Context(), db, desc)
	if err != nil {
		t.Fatal(err)
	}
	d := &database{DB: db, tables: []*table{{name: "t", desc: desc, handle: handle}, {name: "not open", desc: desc}}}
	for i := range 10 {
		if _, err := d.tables[0].provider().Insert(t.Context(), provider.Scope{}, []provider.Value{provider.Int64(int64(i)), provider.Int64(7)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := d.size(t.Context()); n != 20 {
		t.Errorf("10 rows with an index are %d rows and entries", n)
	}
}
