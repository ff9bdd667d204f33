package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// A raw table is as guarded as the table that it was made of, and once it is
// guarded it stays so.
func TestRawStaysGuarded(t *testing.T) {
	e := newEnv(t, "")
	if who := rawstore.Of(e.sys.Users.Handle()).Principal(); who != nil {
		t.Errorf("trusted code is guarded for %v", who)
	}
	alice, bob := access.Principal{User: "alice", Role: access.User}, access.Principal{User: "bob", Role: access.System}
	raw := rawstore.Of(e.sys.Users.As(alice).Handle())
	for name, r := range map[string]*access.Principal{
		"as":          raw.Principal(),
		"as another":  raw.As(bob).Principal(),
		"raw, and as": rawstore.Of(e.sys.Users.Handle()).As(alice).Principal(),
	} {
		if r == nil || *r != alice {
			t.Errorf("%s: guarded for %v, not for %v", name, r, alice)
		}
	}
	if err := raw.Allow(false); err == nil {
		t.Error("a user may read a system table")
	}
}

// A raw cursor says what ended it: nothing, or the damage that it met.
func TestRawCursorErr(t *testing.T) {
	for _, damaged := range []bool{false, true} {
		w := newWard(t)
		if damaged {
			w.put(t, key(usersSpace, 0, []byte("u03")...), []byte{0xFF})
		}
		c, err := rawstore.Of(w.users.Handle()).Scan(ctx, rawstore.Scan{Index: rawstore.ByKey})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for c.Next() {
			n++
		}
		switch err := c.Err(); {
		case !damaged && (n != 20 || err != nil):
			t.Errorf("%d rows, %v", n, err)
		case damaged && (n != 3 || !errors.Is(err, store.ErrCorrupt)):
			t.Errorf("with a damaged row: %d rows, %v", n, err)
		}
		if err := c.Close(); damaged == (err == nil) {
			t.Errorf("closing says %v", err)
		}
	}
}

// A range whose iterator fails ends a raw cursor, which does not go on with the next one.
func TestRawCursorEndsWhereAnIteratorFails(t *testing.T) {
	eng := newSpy(filled(t, pairDesc("pairs", "a"), 20))
	_, s, err := pairs(eng, pairDesc("pairs", "a"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []rawstore.Scan{
		{Index: rawstore.ByKey, End: []byte("k0010"), Then: []rawstore.Range{{Start: []byte("k0010")}}},
		{Index: 0}, {Index: 0, NoValues: true}, {Index: rawstore.ByKey, NoValues: true, Reverse: true},
	} {
		eng.failNext.Store(5)
		c, err := rawstore.Of(s.Handle()).Scan(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for c.Next() {
			n++
		}
		if !errors.Is(c.Err(), errSpy) || n > 5 {
			t.Errorf("%+v: %d rows, %v", q, n, c.Err())
		}
		isErr(t, c.Close(), errSpy)
		eng.failNext.Store(0)
	}
}

// A cursor over several ranges shows one state of the database, also of ranges that it
// comes to after others have written.
func TestRawRangesAreOfOneState(t *testing.T) {
	const rows = 300 // more than are read at once
	onEngines(t, func(t *testing.T, e *env) {
		s := &e.sys.Users
		for i := range rows {
			e.ok(s.Insert(ctx, newUser(models.UserID(fmt.Sprintf("u%03d", i)), models.UserName(fmt.Sprintf("n%03d", i)), models.RoleUser)))
		}
		for _, index := range []int{rawstore.ByKey, 0, 1} { // those that each row is in
			for _, noValues := range []bool{false, true} {
				// The whole of it, twice.
				c := must(rawstore.Of(s.Handle()).Scan(ctx, rawstore.Scan{Index: index, NoValues: noValues, Then: []rawstore.Range{{}}}))
				n := 0
				for ; c.Next(); n++ {
					if n == 0 {
						e.ok(second(s.Delete(ctx, "u299")))
						e.ok(s.Insert(ctx, newUser("u999", "n999", models.RoleUser)))
					}
					if string(c.Key()) == "u999" {
						t.Errorf("index %d, no values %v: a row that was written since", index, noValues)
					}
				}
				e.ok(c.Close())
				same(t, fmt.Sprintf("rows of index %d, no values %v", index, noValues), n, 2*rows)
				e.ok(second(s.Delete(ctx, "u999")))
				e.ok(s.Insert(ctx, newUser("u299", "n299", models.RoleUser)))
			}
		}
	})
}

// lengthCodec is mortalCodec with an index over the length of B, whose columns are all as
// long.
type lengthCodec struct{ mortalCodec }

func (lengthCodec) Entries(e *storeimpl.Entries, v *pairRow) {
	e.End(keys.AppendUint32(e.Begin(0), uint32(len(v.B))))
}

// Ranges are walked one behind the other in any order, also several times, and each shows
// what it shows alone.
func TestRawRangesInAnyOrder(t *testing.T) {
	desc := mortalDesc("pairs")
	desc.Indexes[0].Columns[0].Field, desc.Fields[2].Type.Kind = 2, kind.Uint32
	db := must(store.Open(ctx, memory.New(), store.WithClock(store.NewManualClock(start))))
	defer db.Close()
	h := must(storeimpl.OpenTable(ctx, db, storeimpl.Typed(lengthCodec{mortalCodec{pairCodec{desc}}})))
	for i := range 12 {
		row := &pairRow{K: fmt.Sprint("k", i), B: strings.Repeat("b", i%3)}
		if i%2 == 0 && len(row.B) != 1 {
			row.A = "mortal" // and the entry has the time too
		}
		if err := h.Insert(ctx, row); err != nil {
			t.Fatal(err)
		}
	}
	walk := func(q rawstore.Scan, ranges ...rawstore.Range) (shown []string) {
		q.Start, q.End, q.Then = ranges[0].Start, ranges[0].End, ranges[1:]
		c := must(rawstore.Of(&h).Scan(ctx, q))
		for c.Next() {
			shown = append(shown, fmt.Sprintf("%x %s", c.Columns(), c.Key()))
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		return shown
	}
	rng := rand.New(rand.NewPCG(3, 3))
	for range 200 {
		q := rawstore.Scan{NoValues: rng.IntN(2) == 0, Reverse: rng.IntN(2) == 0, Limit: rng.IntN(20)}
		var ranges []rawstore.Range
		var want []string
		for range 1 + rng.IntN(5) {
			from := rng.Uint32N(3)
			r := rawstore.Range{Start: keys.AppendUint32(nil, from), End: keys.AppendUint32(nil, from+1+rng.Uint32N(2))}
			ranges, want = append(ranges, r), append(want, walk(q, r)...)
		}
		same(t, fmt.Sprintf("%+v, %x", q, ranges), walk(q, ranges...), want)
	}
}
