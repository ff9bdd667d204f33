package store_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// pairs opens the table "pairs" as some code has it.
func pairs(eng engine.Engine, desc *catalog.Table, opts ...store.Option) (*store.DB, *store.Table[string, pairRow], error) {
	db, err := store.Open(ctx, eng, opts...)
	if err != nil {
		return nil, nil, err
	}
	t, err := store.OpenTyped(ctx, db, pairCodec{desc: desc})
	return db, t, err
}

// filled is an engine with rows of a table.
func filled(t *testing.T, desc *catalog.Table, n int) engine.Engine {
	t.Helper()
	eng := open{memory.New()}
	_, s, err := pairs(eng, desc)
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]*pairRow, n)
	for i := range rows {
		rows[i] = &pairRow{K: fmt.Sprintf("k%04d", i), A: fmt.Sprint("a", i%7), B: fmt.Sprint("b", i)}
	}
	if err := s.InsertMany(ctx, rows); err != nil {
		t.Fatal(err)
	}
	return eng
}

func isWhole(t *testing.T, db *store.DB) {
	t.Helper()
	if err := store.CheckWhole(ctx, db); err != nil {
		t.Errorf("not whole:\n%v", err)
	}
}

func TestOpenThatDoesNotFit(t *testing.T) {
	stored := pairDesc("pairs", "a")
	stored.Number = 7
	change := func(f func(d *catalog.Table)) *catalog.Table {
		d := pairDesc("pairs", "a")
		f(d)
		return d
	}
	for _, c := range []struct {
		name string
		code *catalog.Table
		want []string // all of it is in the error; none is no error
	}{
		{"same", stored, nil},
		{"a renamed field", change(func(d *catalog.Table) { d.Fields[1].Name, d.Fields[1].Was = "z", []string{"a"} }), nil},
		{"another name of a field", change(func(d *catalog.Table) { d.Fields[1].Name = "z" }),
			[]string{"field 2: the database has a, the code has z", "say so in the schema (was: the former name)"}},
		{"another number", change(func(d *catalog.Table) { d.Number = 99 }),
			[]string{"the database has number", "the code has number 99"}},
		{"field without its number", change(func(d *catalog.Table) { d.Fields = d.Fields[:2] }), nil},
		{"type of a field", change(func(d *catalog.Table) { d.Fields[2].Type.Kind = catalog.Int64 }),
			[]string{"schema mismatch in table pairs", "field b: the database has string, the code has int64", "use the program whose schema wrote the table"}},
		{"key", change(func(d *catalog.Table) { d.Key = []int{0, 1} }),
			[]string{"key: the database has (1:string), the code has (1:string, 2:string)"}},
		{"new index", pairDesc("pairs", "a", "b"), []string{"index b: the database has nothing, the code has (2:string)", "store.WithMigrate()"}},
		{"no index", pairDesc("pairs"), []string{"index a: the database has (2:string), the code has nothing", "store.WithMigrate()"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			eng := filled(t, stored, 3)
			before := dump(eng)
			_, _, err := pairs(eng, c.code)
			if c.want == nil {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var schema *store.SchemaError
			if !errors.As(err, &schema) || !errors.Is(err, store.ErrSchema) || schema.Table != "pairs" {
				t.Fatalf("got %v", err)
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error does not say %q:\n%v", part, err)
				}
			}
			same(t, "database", dump(eng), before)
		})
	}
	t.Run("an empty table takes any index", func(t *testing.T) {
		eng := filled(t, stored, 0)
		_, _, err := pairs(eng, pairDesc("pairs", "a", "b"))
		same(t, "error", err, nil)
	})
	t.Run("rows that no migration makes fit", func(t *testing.T) {
		_, _, err := pairs(filled(t, stored, 3), change(func(d *catalog.Table) { d.Key = []int{0, 1} }), store.WithMigrate())
		isErr(t, err, store.ErrSchema)
	})
	t.Run("keys of another program", func(t *testing.T) {
		eng := memory.New()
		b := eng.NewBatch()
		b.Put([]byte("some"), []byte("thing"))
		if err := eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		_, err := store.Open(ctx, eng)
		isErr(t, err, store.ErrSchema)
	})
	t.Run("format of a later program", func(t *testing.T) {
		eng := filled(t, stored, 1)
		b := eng.NewBatch()
		b.Put([]byte{0, 1}, []byte("\x01{\"format\":2}"))
		if err := eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		_, err := store.Open(ctx, eng)
		isErr(t, err, store.ErrSchema)
		if !strings.Contains(fmt.Sprint(err), "has format 2, this program reads format 1") {
			t.Errorf("the error does not say both formats: %v", err)
		}
	})
}

func TestMigrate(t *testing.T) {
	const n = 2500 // several batches
	onB := pairDesc("pairs", "a", "b")
	onB.Indexes[1].Columns[0].Field = 2
	turned := pairDesc("pairs", "a")
	turned.Indexes[0].Columns = []catalog.Column{{Field: 1, Desc: true}, {Field: 2}}
	for _, c := range []struct {
		name string
		code *catalog.Table
	}{
		{"a new index", onB},
		{"an index gone", pairDesc("pairs")},
		{"an index in another form", turned},
	} {
		t.Run(c.name, func(t *testing.T) {
			eng := filled(t, pairDesc("pairs", "a"), n)
			db, s, err := pairs(eng, c.code, store.WithMigrate(), store.WithoutSync())
			if err != nil {
				t.Fatal(err)
			}
			isWhole(t, db)
			for i := range c.code.Indexes {
				same(t, "rows in the index", must(s.Index(i).Count(ctx)), n)
			}
			// From now on the new code opens it as it is, and the old does not.
			_, _, err = pairs(eng, c.code)
			same(t, "error", err, nil)
			_, _, err = pairs(eng, pairDesc("pairs", "a"))
			isErr(t, err, store.ErrSchema)
		})
	}
	t.Run("a unique index over what is not", func(t *testing.T) {
		eng := filled(t, pairDesc("pairs", "a"), 20)
		code := pairDesc("pairs", "a", "u")
		code.Indexes[1].Unique = true
		_, _, err := pairs(eng, code, store.WithMigrate())
		var taken *store.UniqueError
		if !errors.As(err, &taken) || taken.Index != "u" {
			t.Fatalf("got %v", err)
		}
		// The way back: the old code builds its own indexes anew.
		db, s, err := pairs(eng, pairDesc("pairs", "a"), store.WithMigrate())
		if err != nil {
			t.Fatal(err)
		}
		isWhole(t, db)
		same(t, "rows", must(s.Index(0).Count(ctx)), 20)
	})
}

// A migration that is broken off at any of its commits leaves a database that no
// program takes for whole, and that both the new and the old code can mend.
func TestMigrateBrokenOff(t *testing.T) {
	newer := pairDesc("pairs", "a", "b")
	newer.Indexes[0].Columns[0].Desc = true // and the first in another form
	newer.Indexes[1].Columns[0].Field = 2
	older := pairDesc("pairs", "a")
	for at := int64(1); ; at++ {
		eng := &breaking{Engine: filled(t, older, 2100)}
		eng.left = at
		_, _, err := pairs(eng, newer, store.WithMigrate())
		if err == nil {
			if at < 6 {
				t.Errorf("the migration had %d commits only", at)
			}
			return
		}
		isErr(t, err, errSpy)
		eng.left = 1 << 40
		for name, code := range map[string]*catalog.Table{"newer": newer, "older": older} {
			if at == 1 && name == "older" {
				continue // nothing has happened yet
			}
			if _, _, err := pairs(eng.Engine, code); !errors.Is(err, store.ErrSchema) {
				t.Errorf("broken off at commit %d, the %s code opens it: %v", at, name, err)
			}
		}
		end := newer
		if at%2 == 0 {
			end = older
		}
		db, s, err := pairs(eng.Engine, end, store.WithMigrate())
		if err != nil {
			t.Fatalf("broken off at commit %d: %v", at, err)
		}
		isWhole(t, db)
		same(t, "rows in the index", must(s.Index(0).Count(ctx)), 2100)
		_, _, err = pairs(eng.Engine, end)
		same(t, "error", err, nil)
	}
}

// breaking is an engine that dies at one of its commits.
type breaking struct {
	engine.Engine
	left int64
}

func (b *breaking) Begin(ctx context.Context, o engine.WriteOptions) (engine.OpenTx, error) {
	if b.left--; b.left <= 0 {
		return nil, errSpy
	}
	return b.Engine.Begin(ctx, o)
}

// A family is migrated with all its members.
func TestMigrateFamily(t *testing.T) {
	family := func(indexes ...string) pairCodec {
		d := pairDesc("things", indexes...)
		d.Per = []catalog.Field{{Name: "app", Type: catalog.Type{Kind: catalog.String}}}
		return pairCodec{desc: d}
	}
	member := func(db *store.DB, c pairCodec, name string) (*store.Table[string, pairRow], error) {
		return store.OpenTypedMember(ctx, db, c, keys.AppendString(nil, name), name)
	}
	eng := open{memory.New()}
	db := must(store.Open(ctx, eng))
	for i, name := range []string{"x", "y", "z"} {
		s := must(member(db, family("a"), name))
		for k := range i + 1 {
			if err := s.Insert(ctx, &pairRow{K: fmt.Sprint(k), A: name}); err != nil {
				t.Fatal(err)
			}
		}
	}
	db = must(store.Open(ctx, eng))
	_, err := member(db, family("a", "b"), "x")
	isErr(t, err, store.ErrSchema)

	db = must(store.Open(ctx, eng, store.WithMigrate()))
	must(member(db, family("a", "b"), "x"))
	db = must(store.Open(ctx, eng))
	for i, name := range []string{"x", "y", "z"} {
		s := must(member(db, family("a", "b"), name))
		same(t, "rows of "+name, must(s.Index(1).Count(ctx)), i+1)
	}
	isWhole(t, db)
	_, err = store.OpenTyped(ctx, db, family("a", "b"))
	if err == nil || !strings.Contains(err.Error(), "open one of its members") {
		t.Errorf("a family opened as a table: %v", err)
	}
}

// What a program does not know of a row stays in it.
func TestUnknownFields(t *testing.T) {
	wide, narrow := pairDesc("pairs", "a"), pairDesc("pairs", "a")
	narrow.Fields = narrow.Fields[:2]
	for name, write := range map[string]func(s *store.Table[string, pairRow]) error{
		"put": func(s *store.Table[string, pairRow]) error { return s.Put(ctx, &pairRow{K: "k", A: "new"}) },
		"update": func(s *store.Table[string, pairRow]) error {
			return s.Update(ctx, "k", func(r *pairRow) error { r.A = "new"; return nil })
		},
		"twice": func(s *store.Table[string, pairRow]) error {
			return errors.Join(s.Put(ctx, &pairRow{K: "k", A: "newer"}), s.PutMany(ctx, []*pairRow{{K: "k", A: "new"}}))
		},
	} {
		eng := open{memory.New()}
		_, s, err := pairs(eng, wide)
		same(t, "error", err, nil)
		if err := s.Insert(ctx, &pairRow{K: "k", A: "old", B: "kept"}); err != nil {
			t.Fatal(err)
		}
		_, old, err := pairs(eng, narrow)
		same(t, "error", err, nil)
		same(t, "what the narrow code sees", must(old.Get(ctx, "k")), pairRow{K: "k", A: "old"})
		if err := write(old); err != nil {
			t.Fatal(err)
		}
		db, s, err := pairs(eng, wide)
		same(t, "error", err, nil)
		same(t, name, must(s.Get(ctx, "k")), pairRow{K: "k", A: "new", B: "kept"})
		isWhole(t, db)
		// The narrow code's description has not taken the wide one's place.
		same(t, "fields in the catalog", len(must(db.Tables(ctx))[0].Table.Fields), 3)
		// A row that is deleted takes its unknown fields along.
		same(t, "error", errors.Join(old.Delete(ctx, "k"), old.Insert(ctx, &pairRow{K: "k", A: "again"})), nil)
		same(t, "anew", must(s.Get(ctx, "k")), pairRow{K: "k", A: "again"})
	}
}

func TestLivesFor(t *testing.T) {
	last := time.Unix(math.MaxInt64-62135596800, 999999999)
	for _, c := range []struct {
		name      string
		got, want time.Time
	}{
		{"none", store.LivesFor(start, uint32(0)), start},
		{"an hour", store.LivesFor(start, int32(3600)), start.Add(time.Hour)},
		{"backwards", store.LivesFor(start, int64(-60)), start.Add(-time.Minute)},
		{"nanoseconds stay", store.LivesFor(start.Add(7), uint32(1)), start.Add(time.Second + 7)},
		{"longest uint32", store.LivesFor(start, uint32(math.MaxUint32)), start.Add(math.MaxUint32 * time.Second)},
		{"longest int64", store.LivesFor(start, int64(math.MaxInt64)), last},
		{"longest uint64", store.LivesFor(start, uint64(math.MaxUint64)), last},
		{"at the end of time", store.LivesFor(last, uint32(1)), last},
		{"near the end of time", store.LivesFor(last.Add(-10*time.Second), uint32(5)), last.Add(-5 * time.Second)},
		// As far before the year 1 as a time can be, from there and from before.
		{"shortest int64", store.LivesFor(time.Time{}, int64(math.MinInt64)), store.LivesFor(time.Time{}.Add(-time.Hour), int64(math.MinInt64))},
	} {
		if !c.got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	if at := store.LivesFor(time.Time{}, int64(math.MinInt64)); !at.Before(time.Time{}.Add(math.MinInt64)) {
		t.Errorf("the beginning of time is %v", at)
	}
}

// What is stored of a table takes what a program adds, also where the program lacks a
// field that is stored: later programs are held against all of it.
func TestDescriptionGoesOn(t *testing.T) {
	str := catalog.Type{Kind: catalog.String}
	wide, narrow := pairDesc("pairs", "a"), pairDesc("pairs", "a")
	narrow.Fields = append(narrow.Fields[:2:2], catalog.Field{Name: "c", Number: 4, Type: str},
		catalog.Field{Name: "at", Number: 5, Type: catalog.Type{Kind: catalog.Timestamp}, Optional: true})
	narrow.TTL = &catalog.TTL{From: 3, Keep: time.Hour}
	eng := filled(t, wide, 3)
	db, _, err := pairs(eng, narrow)
	same(t, "error", err, nil)
	stored := must(db.Tables(ctx))[0].Table
	var names []string
	for _, f := range stored.Fields {
		names = append(names, f.Name)
	}
	same(t, "fields", fmt.Sprint(names), "[k a c at b]")
	same(t, "expiry", *stored.TTL, *narrow.TTL)
	for name, change := range map[string]func(f *catalog.Field){
		"another type": func(f *catalog.Field) { f.Type.Kind = catalog.Bool },
		"another name": func(f *catalog.Field) { f.Name = "d" },
	} {
		other := pairDesc("pairs", "a")
		other.Fields = append(other.Fields[:2:2], catalog.Field{Name: "c", Number: 4, Type: str})
		change(&other.Fields[2])
		if _, _, err := pairs(eng, other); !errors.Is(err, store.ErrSchema) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _, err = pairs(eng, wide)
	same(t, "error", err, nil)
}
