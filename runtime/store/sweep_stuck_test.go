package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// What a sweep cannot read does not stop it, is met once, and is counted.
func TestSweepOfWhatCannotBeRead(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		s := e.events("a", 1000)
		space := spaceOf(s.Handle())
		place := func(second int, rest ...byte) []byte {
			return append(keys.AppendTime([]byte{1}, start.Add(time.Duration(second)*time.Second)), rest...)
		}
		b := e.eng.NewBatch()
		for i := range 20 {
			u := newUser(models.UserID(fmt.Sprintf("u%02d", i)), models.UserName(fmt.Sprint("n", i)), 0)
			u.DeletedAt = ptr(start)
			e.ok(e.sys.Users.Insert(ctx, u))
		}
		for _, id := range []string{"u03", "u07"} { // a message that is cut
			k := key(spaceOf(e.sys.Users.Handle()), 0, []byte(id)...)
			b.Put(k, append(must(e.eng.Get(ctx, k)), 0x0A, 0xFF))
		}
		b.Put(key(space, 0, []byte("0700")...), []byte{9, 9})                         // no format
		b.Put(place(4, append(keys.AppendUvarint(nil, space), "x"...)...), []byte{1}) // of no row
		b.Put(place(7, append(keys.AppendUvarint(nil, space), "0008"...)...), []byte{1})
		b.Put(place(5), []byte{1}) // of no table
		b.Put([]byte{1, 0, 0}, []byte{1})
		e.ok(e.eng.Write(ctx, b, engine.WriteOptions{}))

		e.clock.Advance(31 * 24 * time.Hour)
		same(t, "the first sweep", must(admin.Sweep(ctx, e.db, 0)), admin.Swept{Removed: 999 + 18, Aside: 3, Orphans: 4})
		same(t, "the second", must(admin.Sweep(ctx, e.db, 0)), admin.Swept{})
		same(t, "places left", countKeys(e.eng, []byte{1}), 0)
		var aside []string
		for _, r := range must(admin.Aside(ctx, e.db)) {
			aside = append(aside, fmt.Sprintf("%s/%s", r.Table, r.Row))
		}
		same(t, "put aside", aside, []string{"system.users/u03", "system.users/u07", "stream[app/a]/0700"})
		// Their names can be had by others.
		e.ok(e.sys.Users.Insert(ctx, newUser("x", "n3", 0)))
		must(admin.Repair(ctx, e.db, admin.VerifyOptions{}))
		same(t, "findings", must(admin.Verify(ctx, e.db, admin.VerifyOptions{})).Findings, 0)
		same(t, "rows", must(s.Count(ctx)), 0)
		e.ok(e.eng.Write(ctx, cleared(e.eng, []byte{2}), engine.WriteOptions{}))
	})
}

// cleared is a batch that deletes all keys with a prefix.
func cleared(eng engine.Engine, prefix []byte) engine.Batch {
	b := eng.NewBatch()
	it := eng.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
	defer it.Close()
	for it.Next() {
		b.Delete(it.Key())
	}
	return b
}

// Rows of a table that nobody opens are not gone through by each sweep, and are not lost
// from sight.
func TestSweepsPassOverUnopenedTables(t *testing.T) {
	eng := newSpy(memory.New())
	clock := store.NewManualClock(start)
	program := func() *store.DB { return must(store.Open(ctx, open{eng}, store.WithClock(clock))) }
	finished := func(id models.JobID, ago time.Duration) *jobs.Job {
		j := newJob(id, models.JobStatusCompleted, start)
		j.FinishedAt = ptr(clock.Now().Add(-30*24*time.Hour - ago))
		return j
	}
	db := program()
	clicks := must(stream.Open(ctx, db, "app", "a"))
	for i := range 500 {
		if err := clicks.Insert(ctx, &stream.Row{RowID: models.RowID(fmt.Sprint(i)), TTLSeconds: ptr(uint32(i))}); err != nil {
			t.Fatal(err)
		}
	}
	clock.Advance(time.Hour)

	db = program() // which does not know the family
	work := must(jobs.Open(ctx, db))
	sweep := func(what string, want admin.Swept, read int64) {
		t.Helper()
		eng.reads()
		same(t, what, must(admin.Sweep(ctx, db, 0)), want)
		if _, pairs := eng.reads(); pairs > read {
			t.Errorf("%s: %d pairs were read, want %d at most", what, pairs, read)
		}
	}
	sweep("the first", admin.Swept{Left: 500}, 501)
	sweep("the next", admin.Swept{Left: 500}, 0)
	put := func(j *jobs.Job) {
		t.Helper()
		if err := work.Put(ctx, j); err != nil {
			t.Fatal(err)
		}
	}
	put(finished("early", 50*time.Minute)) // among those that were passed over
	sweep("behind a row among them", admin.Swept{Removed: 1, Left: 500}, 502)
	sweep("the next", admin.Swept{Left: 500}, 0)
	clock.Advance(time.Minute)
	put(finished("late", time.Second))
	sweep("a row behind them", admin.Swept{Removed: 1, Left: 500}, 2)

	// Another program sweeps them; this one finds out.
	other := program()
	must(stream.Open(ctx, other, "app", "a"))
	same(t, "another program", must(admin.Sweep(ctx, other, 0)), admin.Swept{Removed: 500})
	for range 16 {
		must(admin.Sweep(ctx, db, 0))
	}
	sweep("in the end", admin.Swept{}, 0)

	// Once the table is opened its rows go.
	again := must(stream.Open(ctx, other, "app", "b"))
	if err := again.Insert(ctx, &stream.Row{RowID: "x", TTLSeconds: ptr(uint32(1))}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	sweep("one more", admin.Swept{Left: 1}, 1)
	must(stream.Open(ctx, db, "app", "b"))
	sweep("opened", admin.Swept{Removed: 1}, 2)
}
