package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// pairs opens the table "pairs" as some code has it.
func pairs(eng engine.Engine, desc *catalog.Table, opts ...store.Option) (*store.DB, *store.Table[string, pairRow], error) {
	db, err := store.Open(ctx, eng, opts...)
	if err != nil {
		return nil, nil, err
	}
	t, err := storeimpl.OpenTyped(ctx, db, pairCodec{desc: desc})
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
	if err := checkWhole(ctx, db); err != nil {
		t.Errorf("not whole:\n%v", err)
	}
}

// A unique index that cannot be built names the rows, changes nothing, and leaves the
// table to the program that it was of.
func TestMigrateDuplicates(t *testing.T) {
	code := pairDesc("pairs", "a", "u")
	code.Indexes[0].Columns[0].Desc = true // another form of what is there
	code.Indexes[1].Unique = true
	for _, c := range []struct {
		rows, pairs, more int
		text              string
	}{
		{8, 1, 0, `u of pairs: k0007 has "a0", as k0000 has; change`},
		{20, 13, 0, `u of pairs: k0013 has "a6", as k0006 has; change`},
		{2500, 100, 2393, "; and 2393 more; change"},
	} {
		t.Run(fmt.Sprint(c.rows), func(t *testing.T) {
			eng := filled(t, pairDesc("pairs", "a"), c.rows)
			before := dump(eng)
			_, _, err := pairs(eng, code, store.WithMigrate())
			isErr(t, err, store.ErrUnique)
			var twice *store.DuplicatesError
			if !errors.As(err, &twice) {
				t.Fatalf("got %v", err)
			}
			same(t, "pairs", len(twice.Pairs), c.pairs)
			same(t, "more", twice.More, c.more)
			same(t, "first", twice.Pairs[0], store.Duplicate{Table: "pairs", Index: "u", Value: `"a0"`, Rows: [2]string{"k0000", "k0007"}, HolderKey: []byte("k0000")})
			if !strings.Contains(err.Error(), c.text) {
				t.Errorf("the error does not say %q:\n%.2000v", c.text, err)
			}
			var taken *store.UniqueError
			if !errors.As(err, &taken) || taken.Index != "u" || taken.Holder != "k0000" {
				t.Errorf("as a unique violation: %v", taken)
			}
			same(t, "database", dump(eng), before)
			_, _, err = pairs(outlivesIngesting{&ingesting{Engine: copyOf(eng)}}, code, store.WithMigrate())
			isErr(t, err, store.ErrUnique)
			db, s, err := pairs(eng, pairDesc("pairs", "a"))
			same(t, "error", err, nil)
			isWhole(t, db)
			same(t, "rows", must(s.Index(0).Count(ctx)), c.rows)
		})
	}
}

// mortalCodec is a codec whose rows live for a minute if A says so.
type mortalCodec struct{ pairCodec }

func (mortalCodec) Expires(v *pairRow, _ time.Duration) (time.Time, bool) {
	return start.Add(time.Minute), strings.HasPrefix(v.A, "mortal")
}

// A row that has expired keeps nobody from a unique value, whichever comes first, and
// leaves nothing behind.
func TestMigrateDuplicatesOfExpired(t *testing.T) {
	unique := pairDesc("pairs", "x", "a", "b")
	unique.Indexes[1].Unique, unique.Indexes[2].Unique = true, true
	unique.Indexes[2].Columns[0].Field = 2
	row := func(k, a, b string) *pairRow { return &pairRow{K: k, A: a, B: b} }
	for _, c := range []struct {
		name string
		rows []*pairRow
		want []string // the keys of those that are left, expired ones included
	}{
		{"before", []*pairRow{row("1", "mortal1", "b"), row("2", "a", "b")}, []string{"2"}},
		{"behind", []*pairRow{row("1", "a", "b"), row("2", "mortal2", "b")}, []string{"1"}},
		{"both", []*pairRow{row("1", "mortal1", "b"), row("2", "mortal2", "b")}, []string{"1"}},
		{"between", []*pairRow{row("1", "a1", "b1"), row("2", "mortal2", "b"), row("3", "a3", "b"), row("4", "mortal4", "b1")}, []string{"1", "3"}},
		{"beside", []*pairRow{row("1", "mortal1", "b1"), row("2", "a2", "b2")}, []string{"1", "2"}},
	} {
		for what, eng := range map[string]engine.Engine{"": open{memory.New()}, ", ingested": outlivesIngesting{&ingesting{Engine: memory.New()}}} {
			t.Run(c.name+what, func(t *testing.T) {
				clock := store.NewManualClock(start)
				open := func(desc *catalog.Table, opts ...store.Option) (*store.DB, *store.Table[string, pairRow]) {
					db := must(store.Open(ctx, eng, append(opts, store.WithClock(clock))...))
					return db, must(storeimpl.OpenTyped(ctx, db, mortalCodec{pairCodec{desc}}))
				}
				_, s := open(pairDesc("pairs", "x"))
				if err := s.InsertMany(ctx, c.rows); err != nil {
					t.Fatal(err)
				}
				clock.Advance(time.Hour)
				db, s := open(unique, store.WithMigrate())
				isWhole(t, db)
				same(t, "rows left", countKeys(eng, keys.AppendUvarint(keys.AppendUvarint(nil, spaceOf(s.Handle())), 0)), len(c.want))
				clock.Set(start) // to see the expired ones too
				var left []string
				for k, err := range s.Scan().Keys(ctx) {
					same(t, "error", err, nil)
					left = append(left, k)
				}
				same(t, "rows", left, c.want)
			})
		}
	}
}

// laterCodec is mortalCodec for rows that live for a day if A says so.
type laterCodec struct{ mortalCodec }

func (c laterCodec) Expires(v *pairRow, keep time.Duration) (time.Time, bool) {
	if strings.HasPrefix(v.A, "later") {
		return start.Add(24 * time.Hour), true
	}
	return c.mortalCodec.Expires(v, keep)
}

// Of several rows that want a unique value, one that has expired gives way, and the others
// are told of, also where they will expire.
func TestMigrateDuplicatesBesideExpired(t *testing.T) {
	unique := pairDesc("pairs", "x", "b")
	unique.Indexes[1].Columns[0].Field, unique.Indexes[1].Unique = 2, true
	eng, clock := open{memory.New()}, store.NewManualClock(start)
	db := must(store.Open(ctx, eng, store.WithClock(clock)))
	s := must(storeimpl.OpenTyped(ctx, db, laterCodec{mortalCodec{pairCodec{pairDesc("pairs", "x")}}}))
	if err := s.InsertMany(ctx, []*pairRow{{K: "1", A: "mortal", B: "b"}, {K: "2", A: "later2", B: "b"}, {K: "3", A: "later3", B: "b"}}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	db = must(store.Open(ctx, eng, store.WithClock(clock), store.WithMigrate()))
	_, err := storeimpl.OpenTyped(ctx, db, laterCodec{mortalCodec{pairCodec{unique}}})
	var twice *store.DuplicatesError
	if !errors.As(err, &twice) {
		t.Fatalf("got %v", err)
	}
	same(t, "pairs", twice.Pairs, []store.Duplicate{{Table: "pairs", Index: "b", Value: `"b"`, Rows: [2]string{"2", "3"}, HolderKey: []byte("2")}})
}

// outlivesIngesting is outlives for an engine that takes sorted pairs.
type outlivesIngesting struct{ *ingesting }

func (outlivesIngesting) Close() error { return nil }

// An engine that takes sorted pairs is given the entries of all indexes at once.
func TestMigrateIngested(t *testing.T) {
	older, newer := pairDesc("pairs", "a"), pairDesc("pairs", "a", "b", "c")
	newer.Indexes[0].Columns[0].Desc = true
	newer.Indexes[2].Columns[0].Field, newer.Indexes[2].Unique = 2, true
	full := filled(t, older, 2100)
	want := copyOf(full)
	_, _, err := pairs(want, newer, store.WithMigrate())
	same(t, "error", err, nil)
	eng := &ingesting{Engine: copyOf(full)}
	_, _, err = pairs(eng, newer, store.WithMigrate())
	same(t, "error", err, nil)
	same(t, "ingested", eng.took, 3*2100)
	same(t, "stored", stored(eng), stored(want))
}

// A migration that breaks off at any of its commits leaves a database that is whole for
// one of the two programs: the former one until all is built, the new one from then on.
// The other one gets there by a migration.
func TestMigrateBrokenOff(t *testing.T) {
	newer := pairDesc("pairs", "a", "b")
	newer.Indexes[0].Columns[0].Desc = true // and the first in another form
	newer.Indexes[1].Columns[0].Field = 2
	older := pairDesc("pairs", "a", "c") // of which one is no more
	older.Indexes[1].Number = 7
	for name, way := range map[string]struct{ from, to *catalog.Table }{"there": {older, newer}, "back": {newer, older}} {
		test := func(t *testing.T, ranges bool) {
			full, switched := filled(t, way.from, 2100), false
			for at := int64(1); ; at++ {
				eng := &breaking{Engine: copyOf(full)}
				through := engine.Engine(eng)
				if ranges {
					through = struct {
						engine.Engine
						engine.RangeDeleter
					}{eng, eng.Engine.(open).Engine.(engine.RangeDeleter)}
				}
				eng.left = at
				_, _, err := pairs(through, way.to, store.WithMigrate())
				if err == nil {
					if at < 6 || !switched {
						t.Errorf("the migration had %d commits, and the new program opened it before: %v", at, switched)
					}
					return
				}
				isErr(t, err, errSpy)
				switched = breakOff(t, eng.Engine, way.from, way.to, switched, at)
			}
		}
		t.Run(name, func(t *testing.T) { test(t, false) })
		t.Run(name+", by ranges", func(t *testing.T) { test(t, true) })
	}
}

// breakOff looks at what a migration left that broke off, and tells whether the new
// program opens it.
func breakOff(t *testing.T, eng engine.Engine, from, to *catalog.Table, before bool, at int64) bool {
	t.Helper()
	opens := func(code *catalog.Table, opts ...store.Option) error {
		copied := copyOf(eng)
		db, s, err := pairs(copied, code, opts...)
		if err != nil {
			return err
		}
		isWhole(t, db)
		verified := must(admin.Verify(ctx, db, admin.VerifyOptions{Found: func(f admin.Finding) { t.Errorf("broken off at commit %d: %v", at, f) }}))
		same(t, "rows verified", verified.Rows, 2100)
		for i := range code.Indexes {
			same(t, "rows in the index", must(s.Index(i).Count(ctx)), 2100)
		}
		_, _, err = pairs(copied, code)
		return err
	}
	former, next := opens(from), opens(to)
	switch {
	case former == nil && !before:
		isErr(t, next, store.ErrSchema)
	case next == nil:
		isErr(t, former, store.ErrSchema)
	default:
		t.Fatalf("broken off at commit %d: the former program: %v; the new one: %v", at, former, next)
	}
	for _, code := range []*catalog.Table{from, to} {
		same(t, "error of a migration", opens(code, store.WithMigrate()), nil)
	}
	return next == nil
}

// copyOf is an engine with the same content.
func copyOf(eng engine.Engine) engine.Engine {
	to := open{memory.New()}
	b := to.NewBatch()
	it := eng.Iterate(ctx, engine.Range{})
	for it.Next() {
		b.Put(it.Key(), it.Value())
	}
	if err := errors.Join(it.Close(), to.Write(ctx, b, engine.WriteOptions{})); err != nil {
		panic(err)
	}
	return to
}

// breaking is an engine that dies at one of its commits.
type breaking struct {
	engine.Engine
	left   int64
	before func() // each commit
}

func (b *breaking) Begin(ctx context.Context, o engine.TxOptions) (engine.Tx, error) {
	if b.left--; b.left <= 0 {
		return nil, errSpy
	}
	if b.before != nil {
		b.before()
	}
	return b.Engine.Begin(ctx, o)
}

func TestLivesFor(t *testing.T) {
	last := time.Unix(math.MaxInt64-62135596800, 999999999)
	for _, c := range []struct {
		name      string
		got, want time.Time
	}{
		{"none", storeimpl.LivesFor(start, uint32(0)), start},
		{"an hour", storeimpl.LivesFor(start, int32(3600)), start.Add(time.Hour)},
		{"seconds of eight bits", storeimpl.LivesFor(start, int8(-128)), start.Add(-128 * time.Second)},
		{"seconds of sixteen bits", storeimpl.LivesFor(start, uint16(65535)), start.Add(65535 * time.Second)},
		{"backwards", storeimpl.LivesFor(start, int64(-60)), start.Add(-time.Minute)},
		{"nanoseconds stay", storeimpl.LivesFor(start.Add(7), uint32(1)), start.Add(time.Second + 7)},
		{"longest uint32", storeimpl.LivesFor(start, uint32(math.MaxUint32)), start.Add(math.MaxUint32 * time.Second)},
		{"longest int64", storeimpl.LivesFor(start, int64(math.MaxInt64)), last},
		{"longest uint64", storeimpl.LivesFor(start, uint64(math.MaxUint64)), last},
		{"at the end of time", storeimpl.LivesFor(last, uint32(1)), last},
		{"near the end of time", storeimpl.LivesFor(last.Add(-10*time.Second), uint32(5)), last.Add(-5 * time.Second)},
		// As far before the year 1 as a time can be, from there and from before.
		{"shortest int64", storeimpl.LivesFor(time.Time{}, int64(math.MinInt64)), storeimpl.LivesFor(time.Time{}.Add(-time.Hour), int64(math.MinInt64))},
	} {
		if !c.got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
	if at := storeimpl.LivesFor(time.Time{}, int64(math.MinInt64)); !at.Before(time.Time{}.Add(math.MinInt64)) {
		t.Errorf("the beginning of time is %v", at)
	}
}

// A program that opens a table while another one builds its indexes ends that build.
func TestMigrateBesideAnother(t *testing.T) {
	older, newer := pairDesc("pairs", "a"), pairDesc("pairs", "a", "b")
	eng := &breaking{Engine: filled(t, older, 2100), left: 1 << 40}
	begun := 0
	eng.before = func() {
		if begun++; begun == 4 {
			_, s, err := pairs(eng.Engine, older)
			same(t, "error", err, nil)
			if err := s.Insert(ctx, &pairRow{K: "a", A: "early"}); err != nil {
				t.Error(err)
			}
		}
	}
	_, _, err := pairs(eng, newer, store.WithMigrate())
	isErr(t, err, store.ErrSchema)
	if !strings.Contains(fmt.Sprint(err), "another program has opened the table") {
		t.Errorf("got %v", err)
	}
	db, _, err := pairs(eng.Engine, older)
	same(t, "error", err, nil)
	isWhole(t, db)
	db, s, err := pairs(eng.Engine, newer, store.WithMigrate())
	same(t, "error", err, nil)
	isWhole(t, db)
	same(t, "rows", must(s.Index(1).Count(ctx)), 2101)
}

// A database that a program of before has left unfinished is built anew.
func TestMigrateUnfinished(t *testing.T) {
	desc := pairDesc("pairs", "a")
	eng := filled(t, desc, 2100)
	text := must(json.Marshal(map[string]any{"space": 8, "table": desc, "unfinished": true}))
	b := eng.NewBatch()
	b.Put(append([]byte{0, 2}, "pairs"...), append([]byte{1}, text...))
	b.Delete(append(keys.AppendString([]byte{8, 1}, "a0"), "k0000"...)) // entries are missing
	b.Put([]byte{8, 9, 'x'}, []byte{1})                                 // and others too many
	if err := eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, code := range []*catalog.Table{desc, pairDesc("pairs", "b")} {
		_, _, err := pairs(eng, code)
		isErr(t, err, store.ErrSchema)
		for at := int64(1); ; at++ {
			broken := &breaking{Engine: copyOf(eng), left: at}
			_, _, err := pairs(broken, code, store.WithMigrate())
			if err == nil {
				break
			}
			_, _, err = pairs(broken.Engine, code)
			isErr(t, err, store.ErrSchema)
		}
		copied := copyOf(eng)
		db, s, err := pairs(copied, code, store.WithMigrate())
		same(t, "error", err, nil)
		isWhole(t, db)
		same(t, "rows", must(s.Index(0).Count(ctx)), 2100)
		_, _, err = pairs(copied, code)
		same(t, "error", err, nil)
	}
}

// What needs no write opens where none is possible, also beside what a build has left.
func TestMigrateReadOnly(t *testing.T) {
	older, newer := pairDesc("pairs", "a"), pairDesc("pairs", "a", "b")
	newer.Indexes[0].Columns[0].Desc = true
	documented := pairDesc("pairs", "a")
	documented.Doc = "Pairs."
	full := filled(t, older, 2100)
	for at := int64(1); at < 9; at++ {
		eng := &breaking{Engine: copyOf(full), left: at}
		_, _, err := pairs(eng, newer, store.WithMigrate())
		if err == nil {
			break
		}
		before := dump(eng.Engine)
		read := readOnly{eng.Engine}
		code := documented
		db, s, err := pairs(read, code)
		if errors.Is(err, store.ErrSchema) { // all was built before it broke off
			code = newer
			db, s, err = pairs(read, code)
		}
		same(t, "error", err, nil)
		for i := range code.Indexes {
			same(t, "rows", must(s.Index(i).Count(ctx)), 2100)
		}
		must(admin.Verify(ctx, db, admin.VerifyOptions{Found: func(f admin.Finding) { t.Errorf("broken off at commit %d: %v", at, f) }}))
		isErr(t, s.Put(ctx, &pairRow{K: "k"}), store.ErrReadOnly)
		same(t, "database", dump(eng.Engine), before)
	}
}

// readOnly is an engine that takes no writes.
type readOnly struct{ engine.Engine }

func (readOnly) Begin(context.Context, engine.TxOptions) (engine.Tx, error) {
	return nil, engine.ErrReadOnly
}

func (readOnly) Write(context.Context, engine.Batch, engine.WriteOptions) error {
	return engine.ErrReadOnly
}
