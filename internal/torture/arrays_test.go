package torture

import (
	"context"
	"errors"
	"testing"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"

	"github.com/storegen/storegen/internal/torture/dynamic"
)

// arrays is a table with an array of n in a column, and in a struct that an index
// includes; with 0, they are slices.
func arrays(n int) *catalog.Table {
	axes := catalog.Field{Name: "axes", Number: 2, Type: catalog.Type{Kind: kind.List, Len: n, Elem: &catalog.Type{Kind: kind.Int64}}}
	part := &catalog.Type{Kind: kind.Struct, Name: "Part", Sealed: true, Fields: []catalog.Field{axes}}
	return &catalog.Table{
		Name: "shapes", Number: 1, Row: "Shape",
		Fields: []catalog.Field{{Name: "id", Number: 1, Type: catalog.Type{Kind: kind.String}}, axes, {Name: "part", Number: 3, Type: *part}},
		Key:    []int{0},
		Indexes: []catalog.Index{
			{Name: "axis", Number: 1, Columns: []catalog.Column{{Field: 1, Options: catalog.Options{Each: true}}}},
			{Name: "part", Number: 2, Columns: []catalog.Column{{Field: 0, Options: catalog.Options{Desc: true}}}, Include: []int{2}},
		},
	}
}

// An array that is longer than what is stored, or a slice, reads it once its indexes are
// built again; a shorter one is refused, and so is a row that has too much for it.
func TestArrayLengths(t *testing.T) {
	for name, openEngine := range engines {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			eng := openEngine(t)
			t.Cleanup(func() { eng.Close() })
			var db *store.DB
			open := func(n int, o ...store.Option) (*store.Table[string, dynamic.Row], error) {
				t.Helper()
				if db != nil {
					db.Close()
				}
				var err error
				if db, err = store.Open(ctx, shared{eng}, o...); err != nil {
					t.Fatal(err)
				}
				return storeimpl.OpenTyped(ctx, db, dynamic.New(arrays(n)))
			}
			write := func(s *store.Table[string, dynamic.Row], id string, axes ...int64) {
				t.Helper()
				var list []any
				for _, x := range axes {
					list = append(list, kind.Int64Of(x))
				}
				row := &dynamic.Row{Fields: []any{kind.StringOf(id), list, &dynamic.Struct{Fields: []any{list}}}}
				if err := s.Put(ctx, row); err != nil {
					t.Fatal(err)
				}
			}
			verify := func() {
				t.Helper()
				if _, err := admin.Verify(ctx, db, admin.VerifyOptions{Lookups: true, Found: func(f admin.Finding) { t.Error(f) }}); err != nil {
					t.Error(err)
				}
			}
			shown := func(s *store.Table[string, dynamic.Row]) (out string) {
				t.Helper()
				p := provider.Of(s.Handle())
				axes := p.Def().ColumnNamed("axes")
				c, err := p.Scan(ctx, &provider.ScanRequest{Columns: provider.Cols(axes)})
				if err != nil {
					t.Fatal(err)
				}
				for c.Next() {
					out += c.Value(axes).JSON()
				}
				if err := c.Close(); err != nil {
					t.Fatal(err)
				}
				return out
			}

			s, err := open(3)
			if err != nil {
				t.Fatal(err)
			}
			write(s, "a", 1, 2, 3)
			verify()

			if _, err := open(5); !errors.Is(err, store.ErrSchema) {
				t.Errorf("a longer array, without WithMigrate: %v", err)
			}
			s, err = open(5, store.WithMigrate())
			if err != nil {
				t.Fatal(err)
			}
			if got := shown(s); got != "[1,2,3,0,0]" {
				t.Errorf("with a longer array: %s", got)
			}
			verify()
			write(s, "b", 1, 2, 3, 4, 5)
			verify()

			for _, o := range [][]store.Option{nil, {store.WithMigrate()}} {
				if _, err := open(4, o...); !errors.Is(err, store.ErrSchema) {
					t.Errorf("a shorter array: %v", err)
				}
			}

			s, err = open(0, store.WithMigrate())
			if err != nil {
				t.Fatal(err)
			}
			if got := shown(s); got != "[1,2,3][1,2,3,4,5]" {
				t.Errorf("with a slice: %s", got)
			}
			verify()

			if _, err := open(4, store.WithMigrate()); !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("a row with too many elements: %v", err)
			}
			s, err = open(0, store.WithMigrate())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Delete(ctx, string(keys.AppendStringLast(nil, "b"))); err != nil {
				t.Fatal(err)
			}
			s, err = open(4, store.WithMigrate())
			if err != nil {
				t.Fatal(err)
			}
			if got := shown(s); got != "[1,2,3,0]" {
				t.Errorf("with an array again: %s", got)
			}
			verify()
		})
	}
}
