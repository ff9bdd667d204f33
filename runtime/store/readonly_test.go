package store_test

import (
	"testing"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// Where nothing can be written, what is not there yet reads as empty, and what has another
// name by now reads as it is.
func TestReadOnly(t *testing.T) {
	renamed, renamedApps := pairDesc("left", "a"), appsDesc()
	renamed.Was = []string{"kept"}
	renamedApps.Name, renamedApps.Was = "programs", []string{"apps"}
	for _, c := range []struct {
		name string
		eng  func() engine.Engine
		open func(db *store.DB) (*store.Table[string, pairRow], error)
		rows int
	}{
		{"an empty database", func() engine.Engine { return memory.New() }, func(db *store.DB) (*store.Table[string, pairRow], error) {
			return storeimpl.OpenTyped(ctx, db, pairCodec{pairDesc("gone", "a")})
		}, 0},
		{"a table", func() engine.Engine { return dropBase(t) }, func(db *store.DB) (*store.Table[string, pairRow], error) {
			return storeimpl.OpenTyped(ctx, db, pairCodec{pairDesc("later", "a")})
		}, 0},
		{"a member", func() engine.Engine { return dropBase(t) }, func(db *store.DB) (*store.Table[string, pairRow], error) {
			return storeimpl.OpenTypedMember(ctx, db, pairCodec{appsDesc()}, keys.AppendString(nil, "z"), "z")
		}, 0},
		{"a family", func() engine.Engine { return memory.New() }, func(db *store.DB) (*store.Table[string, pairRow], error) {
			return storeimpl.OpenTypedMember(ctx, db, pairCodec{appsDesc()}, keys.AppendString(nil, "x"), "x")
		}, 0},
		{"a table that is renamed", func() engine.Engine { return dropBase(t) }, func(db *store.DB) (*store.Table[string, pairRow], error) {
			return storeimpl.OpenTyped(ctx, db, mortalCodec{pairCodec{renamed}})
		}, 40},
		{"a family that is renamed", func() engine.Engine { return dropBase(t) }, func(db *store.DB) (*store.Table[string, pairRow], error) {
			return storeimpl.OpenTypedMember(ctx, db, mortalCodec{pairCodec{renamedApps}}, keys.AppendString(nil, "x"), "x")
		}, 40},
	} {
		t.Run(c.name, func(t *testing.T) {
			eng := c.eng()
			before := dump(eng)
			for _, opts := range [][]store.Option{nil, {store.WithMigrate()}} {
				db, err := store.Open(ctx, readOnly{eng}, append(opts, store.WithClock(store.NewManualClock(start)))...)
				if err != nil {
					t.Fatal(err)
				}
				s, err := c.open(db)
				if err != nil {
					t.Fatal(err)
				}
				same(t, "rows in the index", must(s.Index(0).Count(ctx)), c.rows)
				_, err = s.Get(ctx, "none")
				isErr(t, err, store.ErrNotFound)
				same(t, "page", len(must(s.Scan().Page(ctx, 3, "")).Rows), min(3, c.rows))
				isErr(t, s.Put(ctx, &pairRow{K: "k"}), store.ErrReadOnly)
				isErr(t, second(s.Delete(ctx, "k00")), store.ErrReadOnly)
				must(admin.Verify(ctx, db, admin.VerifyOptions{}))
			}
			same(t, "database", dump(eng), before)
		})
	}
}
