package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// Tables get their spaces in the order given, however many there are and whichever
// are there already.
func TestDefineMany(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		had := len(must(e.db.Tables(ctx)))
		var descs []*catalog.Table
		for i := range 600 {
			d := pairDesc(fmt.Sprintf("table%03d", (i*7)%600), "a")
			if i%5 == 0 {
				d.Per = []catalog.Field{{Name: "app", Type: catalog.Type{Kind: kind.String}}}
			}
			descs = append(descs, d)
		}
		e.ok(e.db.Define(ctx))
		e.ok(e.db.Define(ctx, descs[100:300]...))
		e.ok(e.db.Define(ctx, append(descs, descs[:50]...)...))
		e.ok(e.db.Define(ctx, descs...))
		found := slices.DeleteFunc(must(e.db.Tables(ctx)), func(s store.Stored) bool { return !strings.HasPrefix(s.Table.Name, "table") })
		slices.SortFunc(found, func(a, b store.Stored) int { return int(a.Space) - int(b.Space) })
		want := slices.Concat(descs[100:300], descs[:100], descs[300:])
		same(t, "tables", len(found), len(want))
		for i, s := range found {
			same(t, fmt.Sprint("table ", i), s.Table.Name, want[i].Name)
			same(t, "space", s.Space, found[0].Space+uint64(i))
		}
		same(t, "all tables", len(must(e.db.Tables(ctx))), had+len(want))
		for i, d := range descs {
			if len(d.Per) > 0 {
				continue
			}
			s := must(storeimpl.OpenTyped(ctx, e.db, pairCodec{desc: d}))
			e.ok(s.Put(ctx, &pairRow{K: "k", A: d.Name}))
			same(t, "space that it opens", spaceOf(s.Handle()), found[slices.Index(want, d)].Space)
			same(t, "row", must(s.Get(ctx, "k")).A, descs[i].Name)
		}
	})
}

// Define reads each table's record once, and so does the opening of a table.
func TestReadsOfDefineAndOpen(t *testing.T) {
	family := pairDesc("things", "a")
	family.Per = []catalog.Field{{Name: "app", Type: catalog.Type{Kind: kind.String}}}
	descs := []*catalog.Table{pairDesc("pairs", "a"), pairDesc("couples", "a"), family, pairDesc("duos")}
	eng := open{memory.New()}
	if err := must(store.Open(ctx, eng)).Define(ctx, descs...); err != nil {
		t.Fatal(err)
	}
	watched := &spy{Engine: eng}
	db := must(store.Open(ctx, watched))
	reads := func() int64 {
		gets, pairs := watched.reads()
		return gets + pairs
	}
	reads()
	if err := db.Define(ctx, descs...); err != nil {
		t.Fatal(err)
	}
	same(t, "reads of Define", reads(), int64(len(descs)))
	for _, d := range []*catalog.Table{descs[3], descs[0], descs[1], pairDesc("pairs", "a")} {
		must(storeimpl.OpenTyped(ctx, db, pairCodec{desc: d}))
		same(t, "reads of the opening of "+d.Name, reads(), 1)
	}
}

// What is wrong with a table, its opening tells whether Define has seen it or not.
func TestDefineHidesNothing(t *testing.T) {
	desc := pairDesc("pairs", "a")
	key := keys.AppendStringLast(keys.AppendUvarint(keys.AppendUvarint(nil, 0), 2), "pairs")
	put := func(eng engine.Engine, change func(v []byte) []byte) {
		b := eng.NewBatch()
		b.Put(key, change(must(eng.Get(ctx, key))))
		if err := eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		make func(t *testing.T) engine.Engine
		want error
	}{
		{"as described", func(t *testing.T) engine.Engine { return filled(t, desc, 3) }, nil},
		{"another index", func(t *testing.T) engine.Engine { return filled(t, pairDesc("pairs", "a", "b"), 3) }, store.ErrSchema},
		{"another text", func(t *testing.T) engine.Engine {
			d := pairDesc("pairs", "a")
			d.Doc = "Pairs."
			return filled(t, d, 3)
		}, nil},
		{"a half-done migration", func(t *testing.T) engine.Engine {
			eng := &breaking{Engine: filled(t, desc, 3), left: 2}
			_, _, err := pairs(eng, pairDesc("pairs", "a", "b"), store.WithMigrate())
			isErr(t, err, errSpy)
			return eng.Engine
		}, nil},
		{"another name", func(t *testing.T) engine.Engine {
			eng := filled(t, desc, 3)
			d := pairDesc("couples", "a")
			d.Was = []string{"pairs"}
			_, _, err := pairs(eng, d)
			same(t, "error", err, nil)
			return eng
		}, store.ErrSchema},
		{"a damaged record", func(t *testing.T) engine.Engine {
			eng := filled(t, desc, 3)
			put(eng, func(v []byte) []byte { v[len(v)-1] ^= 1; return v })
			return eng
		}, store.ErrCorrupt},
		{"an impossible space", func(t *testing.T) engine.Engine {
			eng := filled(t, desc, 3)
			put(eng, func(v []byte) []byte {
				text := strings.Replace(string(v[1:len(v)-4]), `{"space":8,`, `{"space":1,`, 1)
				return append([]byte{1}, text...)
			})
			return eng
		}, store.ErrCorrupt},
	} {
		t.Run(c.name, func(t *testing.T) {
			message := func(define bool) string {
				db := must(store.Open(ctx, c.make(t)))
				if define {
					if err := db.Define(ctx, desc); err != nil {
						t.Fatal(err)
					}
				}
				_, err := storeimpl.OpenTyped(ctx, db, pairCodec{desc: desc})
				isErr(t, err, c.want)
				return fmt.Sprint(err)
			}
			same(t, "error", message(true), message(false))
		})
	}
}

// A change of the catalog after Define is seen by the opening that follows.
func TestDefineThenChange(t *testing.T) {
	old := pairDesc("pairs", "a")
	renamed := pairDesc("couples", "a")
	renamed.Was = []string{"pairs"}
	t.Run("rename", func(t *testing.T) {
		db := must(store.Open(ctx, filled(t, old, 3)))
		for _, d := range []*catalog.Table{old, renamed} {
			if err := db.Define(ctx, d); err != nil {
				t.Fatal(err)
			}
		}
		_, err := storeimpl.OpenTyped(ctx, db, pairCodec{desc: old})
		isErr(t, err, store.ErrSchema)
	})
	t.Run("migrate", func(t *testing.T) {
		db := must(store.Open(ctx, filled(t, old, 3), store.WithMigrate()))
		if err := db.Define(ctx, old); err != nil {
			t.Fatal(err)
		}
		must(storeimpl.OpenTyped(ctx, db, pairCodec{desc: pairDesc("pairs", "a", "b")}))
		must(storeimpl.OpenTyped(ctx, db, pairCodec{desc: old}))
		same(t, "stored indexes", len(must(db.Tables(ctx))[0].Table.Indexes), 1)
		isWhole(t, db)
	})
	t.Run("rename while Define reads", func(t *testing.T) {
		eng := &between{Engine: filled(t, old, 3)}
		db := must(store.Open(ctx, eng))
		eng.do = func() {
			if err := db.Define(ctx, renamed); err != nil {
				t.Error(err)
			}
		}
		if err := db.Define(ctx, old); err != nil {
			t.Fatal(err)
		}
		_, err := storeimpl.OpenTyped(ctx, db, pairCodec{desc: old})
		isErr(t, err, store.ErrSchema)
	})
}

// between is an engine in which something happens between a GetMany's reading and
// its return, once.
type between struct {
	engine.Engine
	do func()
}

func (b *between) GetMany(ctx context.Context, keys, vals [][]byte) error {
	err := b.Engine.GetMany(ctx, keys, vals)
	if do := b.do; do != nil {
		b.do = nil
		do()
	}
	return err
}

// Where nothing may be read any more, nothing is opened, whatever Define has read.
func TestDefineThenEnd(t *testing.T) {
	desc := pairDesc("pairs", "a")
	db := must(store.Open(ctx, filled(t, desc, 3)))
	if err := db.Define(ctx, desc); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err := storeimpl.OpenTyped(ended, db, pairCodec{desc: desc})
	isErr(t, err, context.Canceled)

	db = must(store.Open(ctx, memory.New()))
	for range 2 {
		if err := db.Define(ctx, desc); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = storeimpl.OpenTyped(ctx, db, pairCodec{desc: desc})
	isErr(t, err, store.ErrClosed)
}
