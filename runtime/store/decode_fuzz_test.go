package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"testing"
	"time"

	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// documented tells whether an error is one that damage may lead to.
func documented(err error) bool {
	return err == nil || errors.Is(err, store.ErrCorrupt) || errors.Is(err, store.ErrSchema) || errors.Is(err, store.ErrNotFound)
}

// garbage is a small database, of a table and a family with a member, into which
// anything is written.
type garbage struct {
	eng   engine.Engine
	db    *store.DB
	pairs [][2][]byte // of the catalog
}

// dueCodec is that of rows that expire.
type dueCodec struct{ pairCodec }

func (dueCodec) Expires(v *pairRow, keep time.Duration) (time.Time, bool) {
	return start.Add(time.Minute), true
}

func (g *garbage) open(ctx context.Context) (*store.Table[string, pairRow], error) {
	var none *store.Table[string, pairRow]
	var err error
	if g.db, err = store.Open(ctx, open{g.eng}, store.WithClock(store.NewManualClock(start)), store.WithoutSync()); err != nil {
		return none, err
	}
	t, err := storeimpl.OpenTyped(ctx, g.db, pairCodec{pairDesc("pairs", "a")})
	if err != nil {
		return none, err
	}
	_, err = storeimpl.OpenTypedMember(ctx, g.db, dueCodec{pairCodec{kinDesc()}}, keys.AppendString(nil, "x"), "x")
	return t, err
}

func kinDesc() *catalog.Table {
	d := pairDesc("kin", "a")
	d.Per = []catalog.Field{{Name: "of", Type: catalog.Type{Kind: kind.String}}}
	return d
}

func newGarbage(f *inputs.F) *garbage {
	g := &garbage{eng: memory.New()}
	f.Cleanup(func() { g.eng.Close() })
	t, err := g.open(ctx)
	if err == nil {
		err = t.Insert(ctx, &pairRow{K: "a", A: "x"})
	}
	if err != nil {
		f.Fatal(err)
	}
	it := g.eng.Iterate(ctx, engine.Range{End: []byte{1}})
	for it.Next() {
		g.pairs = append(g.pairs, [2][]byte{bytes.Clone(it.Key()), bytes.Clone(it.Value())})
	}
	if err := it.Close(); err != nil {
		f.Fatal(err)
	}
	return g
}

func (g *garbage) write(t testing.TB, key, value []byte) {
	b := g.eng.NewBatch()
	if value == nil {
		b.Delete(key)
	} else {
		b.Put(key, value)
	}
	if err := g.eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// look reads what the store makes of the bytes that are not rows.
func (g *garbage) look(t testing.TB) {
	_, tables := g.db.Tables(ctx)
	_, members := g.db.Members(ctx, kinDesc())
	_, aside := admin.Aside(ctx, g.db)
	_, verify := admin.Verify(ctx, g.db, admin.VerifyOptions{Found: func(f admin.Finding) {
		if f.String() == "" {
			t.Error("a finding says nothing")
		}
	}})
	for what, err := range map[string]error{"tables": tables, "members": members, "aside": aside, "verify": verify} {
		if !documented(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// FuzzCatalog puts anything in the place of a record of the catalog, with a
// right checksum and without one, opens the database with it and looks: nothing
// panics, and errors are the documented ones.
// FuzzRecord decodes records of the catalog alone, which is a thousand times as
// fast as opening a database with them, as FuzzCatalog does.
func FuzzRecord(tf *testing.F) {
	f := inputs.New(tf)
	for _, p := range newGarbage(f).pairs {
		f.Add(p[0], p[1][1:len(p[1])-4])
	}
	f.Add([]byte{0}, []byte(`{"space":9,"table":{"name":"t","access":"public","key":[0],"fields":[{"name":"a","type":{"kind":15}}]}}`))
	f.Add([]byte{0}, []byte(`{"space":18446744073709551615,"family":"stream","member":"","text":"x"}`))
	desc := pairDesc("pairs", "a")
	f.Fuzz(func(t *testing.T, key, text []byte) {
		for _, value := range [][]byte{text, append([]byte{1}, text...), checked(key, text)} {
			again, errs := decodeRecords(key, value, desc)
			for _, err := range errs {
				if err != nil && !errors.Is(err, store.ErrCorrupt) {
					t.Errorf("%q: %v", value, err)
				}
			}
			for _, text := range again { // what is taken for whole can be written and read again
				if _, errs := decodeRecords(key, checked(key, text), desc); !slices.Contains(errs, nil) {
					t.Errorf("%q is %q when written again, which cannot be read: %v", value, text, errs)
				}
			}
		}
	})
}

// checked is a record with its checksum.
func checked(key, text []byte) []byte {
	value := append([]byte{3}, text...)
	return binary.BigEndian.AppendUint32(value, crc32.Checksum(append(bytes.Clone(key), value...), crc32.MakeTable(crc32.Castagnoli)))
}

func FuzzCatalog(tf *testing.F) {
	f := inputs.New(tf)
	g := newGarbage(f)
	for i, p := range g.pairs {
		f.Add(uint64(i), p[1][1:len(p[1])-4])
	}
	f.Add(uint64(2), []byte(`{"space":9,"table":{"name":"t","access":"public","key":[0],"fields":[{"name":"a","type":{"kind":15}}]}}`))
	f.Add(uint64(2), []byte(`{"renamed":"x"}`))
	f.Add(uint64(4), []byte(`{"space":18446744073709551615,"family":"stream","member":"","text":"x"}`))
	f.Fuzz(func(t *testing.T, n uint64, text []byte) {
		p := g.pairs[n%uint64(len(g.pairs))]
		value := append([]byte{1}, text...)
		if n%2 == 0 {
			value = checked(p[0], text)
		}
		g.write(t, p[0], value)
		again := &garbage{eng: g.eng}
		if table, err := again.open(ctx); err == nil {
			if _, err = table.Get(ctx, "a"); !documented(err) {
				t.Errorf("get: %v", err)
			}
		} else if !documented(err) {
			t.Errorf("open: %v", err)
		}
		g.look(t)
		for _, p := range g.pairs { // opening may have written more than one
			g.write(t, p[0], p[1])
		}
	})
}

// FuzzKeys puts any key and value into the spaces that hold no rows: the
// catalog, the order of expiry and what was put aside. Sweeping, verifying and
// repairing take it.
func FuzzKeys(tf *testing.F) {
	f := inputs.New(tf)
	g := newGarbage(f)
	at := keys.AppendTime(nil, start.Add(-1))
	f.Add(uint64(1), append(bytes.Clone(at), "\x08a"...), []byte{1})
	f.Add(uint64(1), append(bytes.Clone(at), "\x0aa"...), []byte{1})
	f.Add(uint64(1), append(bytes.Clone(at), 0xFF), []byte{1})
	f.Add(uint64(2), []byte("\x08\x00b"), []byte("\x01\x02"))
	f.Add(uint64(2), []byte("\x08"), []byte{1})
	for _, p := range g.pairs {
		f.Add(uint64(0), p[0][1:], p[1])
	}
	f.Fuzz(func(t *testing.T, space uint64, rest, value []byte) {
		key := append(keys.AppendUvarint(nil, space%3), rest...)
		if there, err := g.eng.Has(ctx, key); err != nil || there || len(value) == 0 {
			return // it is FuzzCatalog that damages what is there, and no value is empty
		}
		g.write(t, key, value)
		if _, err := admin.Sweep(ctx, g.db, 0); !documented(err) {
			t.Errorf("sweep: %v", err)
		}
		g.look(t)
		g.write(t, key, nil)
	})
}
