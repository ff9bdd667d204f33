package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// Spaces of what dropBase makes, in the order in which it is opened.
const (
	goneSpace = 8
	keptSpace = 9
	appsSpace = 10 // a family, with members x and y
	lastSpace = 13
	pastSpace = 14
)

func appsDesc() *catalog.Table {
	d := mortalDesc("apps")
	d.Per = []catalog.Field{{Name: "app", Type: catalog.Type{Kind: kind.String}}}
	return d
}

// mortalDesc is what mortalCodec is of: a table whose rows may expire.
func mortalDesc(name string) *catalog.Table {
	d := pairDesc(name, "a")
	d.Fields = append(d.Fields, catalog.Field{Name: "at", Number: 4, Type: catalog.Type{Kind: kind.Timestamp}})
	d.TTL = &catalog.TTL{From: 3}
	return d
}

// dropBase is an engine with two tables and a family, of which some rows expire, and a
// table whose rows do not.
func dropBase(t *testing.T) engine.Engine {
	t.Helper()
	eng := open{memory.New()}
	db := must(store.Open(ctx, eng))
	fill := func(s *store.Table[string, pairRow], err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for i := range 40 {
			kind := "mortal"
			if i%3 == 0 {
				kind = "a"
			}
			if err := s.Insert(ctx, &pairRow{K: fmt.Sprintf("k%02d", i), A: kind}); err != nil {
				t.Fatal(err)
			}
		}
	}
	old := mortalDesc("old")
	fill(storeimpl.OpenTyped(ctx, db, mortalCodec{pairCodec{old}}))
	fill(storeimpl.OpenTyped(ctx, db, mortalCodec{pairCodec{mortalDesc("kept")}}))
	for _, m := range []string{"x", "y"} {
		fill(storeimpl.OpenTypedMember(ctx, db, mortalCodec{pairCodec{appsDesc()}}, keys.AppendString(nil, m), m))
	}
	fill(storeimpl.OpenTyped(ctx, db, pairCodec{pairDesc("lasting", "a")}))
	// One whose new rows do not expire any more.
	past := mortalDesc("past")
	fill(storeimpl.OpenTyped(ctx, db, mortalCodec{pairCodec{past}}))
	past.TTL = nil
	if _, _, err := pairs(eng, past); err != nil {
		t.Fatal(err)
	}
	// The first one has another name now.
	renamed := mortalDesc("gone")
	renamed.Was = []string{"old"}
	if _, _, err := pairs(eng, renamed); err != nil {
		t.Fatal(err)
	}
	// And a row whose value does not tell when it expires, and one that is put aside.
	b := eng.NewBatch()
	b.Put([]byte{goneSpace, 0, 'k', '0', '1'}, []byte{9})
	b.Put([]byte{2, goneSpace, 0, 'z'}, []byte{1, 9})
	b.Put([]byte{2, keptSpace, 0, 'z'}, []byte{1, 9})
	if err := eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return eng
}

// without is what an engine holds, without spaces and what the catalog says of them.
func without(eng engine.Engine, names []string, spaces ...uint64) map[string]string {
	all := dump(eng)
	for k := range all {
		r := keys.NewReader([]byte(k))
		at := r.Uvarint()
		switch at {
		case 0:
			if part := r.Uvarint(); part == 3 || part >= 4 && part != 6 {
				at = r.Uvarint() // a space, or the next one
				if part == 4 {
					at = spaceOfMember(string(r.Rest()))
				}
			}
			for _, name := range names {
				if k == string(append([]byte{0, 2}, name...)) {
					delete(all, k)
				}
			}
		case 1:
			r.Time()
			at = r.Uvarint()
		case 2:
			at = r.Uvarint()
		}
		for _, space := range spaces {
			if at == space {
				delete(all, k)
			}
		}
	}
	return all
}

func spaceOfMember(parts string) uint64 {
	if strings.HasPrefix(parts, "x") {
		return appsSpace + 1
	}
	return appsSpace + 2
}

// What is dropped is gone, whatever it is broken off by, and nothing else is.
func TestDrop(t *testing.T) {
	x := keys.AppendString(nil, "x")
	for _, c := range []struct {
		name   string
		drop   func(db *store.DB) error
		names  []string
		spaces []uint64
		again  func(db *store.DB) (*store.Table[string, pairRow], error)
	}{
		{"a table", func(db *store.DB) error { return db.DropTable(ctx, "gone") }, []string{"gone", "old"}, []uint64{goneSpace},
			func(db *store.DB) (*store.Table[string, pairRow], error) {
				return storeimpl.OpenTyped(ctx, db, pairCodec{pairDesc("gone", "a")})
			}},
		{"a table whose rows last", func(db *store.DB) error { return db.DropTable(ctx, "lasting") }, []string{"lasting"}, []uint64{lastSpace},
			func(db *store.DB) (*store.Table[string, pairRow], error) {
				return storeimpl.OpenTyped(ctx, db, pairCodec{pairDesc("lasting", "a")})
			}},
		{"a table whose older rows may expire", func(db *store.DB) error { return db.DropTable(ctx, "past") }, []string{"past"}, []uint64{pastSpace},
			func(db *store.DB) (*store.Table[string, pairRow], error) {
				return storeimpl.OpenTyped(ctx, db, pairCodec{pairDesc("past", "a")})
			}},
		{"a member", func(db *store.DB) error { return db.DropMember(ctx, "apps", x) }, nil, []uint64{appsSpace + 1},
			func(db *store.DB) (*store.Table[string, pairRow], error) {
				return storeimpl.OpenTypedMember(ctx, db, pairCodec{appsDesc()}, x, "x")
			}},
		{"a family", func(db *store.DB) error { return db.DropTable(ctx, "apps") }, []string{"apps"}, []uint64{appsSpace, appsSpace + 1, appsSpace + 2},
			func(db *store.DB) (*store.Table[string, pairRow], error) {
				return storeimpl.OpenTypedMember(ctx, db, pairCodec{appsDesc()}, x, "x")
			}},
	} {
		test := func(t *testing.T, ranges bool) {
			base := dropBase(t)
			want := without(base, c.names, c.spaces...)
			for dies := 0; ; dies++ {
				eng := &bounded{Engine: copyOf(base), limits: engine.Limits{MaxTxOps: 20}}
				through := engine.Engine(eng)
				if ranges {
					through = ranging{eng}
				}
				db := must(store.Open(ctx, through))
				if eng.dies = dies; dies > 0 {
					err := c.drop(db)
					if err == nil {
						if dies < 4 || ranges != (eng.ranges > 0) {
							t.Errorf("%d commits only, and %d ranges", dies, eng.ranges)
						}
						return
					}
					isErr(t, err, errSpy)
					db = must(store.Open(ctx, through))
					same(t, "findings while it is broken off", must(admin.Verify(ctx, db, admin.VerifyOptions{})).Findings, 0)
					eng.dies = 0
				}
				same(t, "error", c.drop(db), nil)
				same(t, "what is left", without(eng, nil, 1<<40), want)
				same(t, "findings", must(admin.Verify(ctx, db, admin.VerifyOptions{})).Findings, 0)
				isErr(t, c.drop(db), store.ErrNotFound)
				// The name is free, for a table of its own; which is open then.
				eng.limits = engine.Limits{}
				s, err := c.again(must(store.Open(ctx, eng)))
				same(t, "error", err, nil)
				same(t, "rows", must(s.Count(ctx)), 0)
				isErr(t, c.drop(store.DBOf(s.Handle())), store.ErrInUse)
			}
		}
		t.Run(c.name, func(t *testing.T) { test(t, false) })
		t.Run(c.name+", by ranges", func(t *testing.T) { test(t, true) })
	}
}

// ranging is a bounded engine that deletes ranges.
type ranging struct{ *bounded }

func (r ranging) DeleteRange(tx engine.Tx, start, end []byte) error {
	t := tx.(*boundedTx)
	t.ops++
	r.ranges++
	return r.Engine.(open).Engine.(engine.RangeDeleter).DeleteRange(t.Tx, start, end)
}
