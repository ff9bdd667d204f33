package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// events inserts n rows into a member of the stream family; row i expires i
// seconds after the start.
func (e *env) events(table models.TableName, n int) *stream.Store {
	e.Helper()
	s := must(stream.Open(ctx, e.db, "app", table))
	rows := make([]*stream.Row, n)
	for i := range rows {
		rows[i] = &stream.Row{RowID: models.RowID(fmt.Sprintf("%04d", i)), TTLSeconds: ptr(uint32(i)), InsertedAt: start}
	}
	e.ok(s.InsertMany(ctx, rows))
	return s
}

func TestSweep(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		s := e.events("a", 700)
		keep := e.events("b", 3)
		var gone []models.RowID
		store.OnExpired(s, func(r stream.Row) { gone = append(gone, r.RowID) })
		others := 0
		store.OnExpired(keep, func(stream.Row) { others++ })

		same(t, "of 1 that is due", must(admin.Sweep(ctx, e.db, 0)), admin.Swept{Removed: 2}) // one of each
		e.clock.Advance(599 * time.Second)
		same(t, "with a limit", must(admin.Sweep(ctx, e.db, 10)), admin.Swept{Removed: 10, More: true})
		same(t, "over several commits", must(admin.Sweep(ctx, e.db, 0)), admin.Swept{Removed: 599 + 2 - 10})
		same(t, "nothing left", must(admin.Sweep(ctx, e.db, 0)), admin.Swept{})
		same(t, "observed", len(gone), 600)
		same(t, "the longest expired first", slices.IsSorted(gone), true)
		same(t, "of the other member", others, 3)
		same(t, "rows left", must(s.Count(ctx)), 100)
		same(t, "places left", countKeys(e.eng, keys.AppendUvarint(nil, 1)), 100)

		// A limit that is just enough says so.
		e.clock.Advance(5 * time.Second)
		same(t, "exactly", must(admin.Sweep(ctx, e.db, 5)), admin.Swept{Removed: 5})
		// A row whose time changes is swept by its last one.
		e.ok(s.Update(ctx, "0699", func(r *stream.Row) error { r.TTLSeconds = ptr(uint32(1 << 30)); return nil }))
		e.clock.Advance(time.Hour)
		same(t, "all but one", must(admin.Sweep(ctx, e.db, 0)), admin.Swept{Removed: 94})
		same(t, "the one", must(s.Has(ctx, "0699")), true)
	})
}

func TestOnExpired(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		var gone []string
		store.OnExpired(&e.sys.Users, func(u users.User) { gone = append(gone, string(u.UserID)+" "+string(u.Username)) })
		observe := func(what string, want ...string) {
			t.Helper()
			same(t, what, gone, want)
			gone = nil
		}
		add := func(id models.UserID, name models.UserName) {
			t.Helper()
			u := newUser(id, name, 0)
			u.DeletedAt = ptr(e.clock.Now())
			e.ok(e.sys.Users.Insert(ctx, u))
		}
		for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
			add(models.UserID(name), models.UserName(name))
		}
		e.ok(second(e.sys.Users.Delete(ctx, "f")))
		observe("deleted by hand")
		e.clock.Advance(31 * 24 * time.Hour)
		observe("expired and not swept")

		e.ok(e.sys.Users.Insert(ctx, newUser("a", "anna", 0)))
		observe("replaced under its key", "a a")
		e.ok(e.sys.Users.Insert(ctx, newUser("x", "b", 0)))
		observe("its name taken over", "b b")
		e.ok(second(e.sys.Users.Delete(ctx, "c")))
		observe("deleted behind its time", "c c")

		// A transaction that is rolled back, and a write that is refused in one that
		// is not, have removed nothing.
		isErr(t, e.db.Update(ctx, func(tx *store.Tx) error {
			e.ok(e.sys.Users.In(tx).Insert(ctx, newUser("d", "dora", 0)))
			return errSpy
		}), errSpy)
		e.ok(e.db.Update(ctx, func(tx *store.Tx) error {
			isErr(t, e.sys.Users.In(tx).Insert(ctx, newUser("d", "anna", 0)), store.ErrUnique)
			return nil
		}))
		observe("not committed")
		same(t, "swept", must(admin.Sweep(ctx, e.db, 0)), admin.Swept{Removed: 2})
		observe("swept", "d d", "e e")
	})
}

// waitFor waits until the sweeper waits for the clock.
func waitFor(c *store.ManualClock, waiting int) {
	for c.Waiting() < waiting {
		time.Sleep(50 * time.Microsecond)
	}
}

func TestSweeper(t *testing.T) {
	e := newEnv(t, "")
	s := e.events("a", 10)
	e.clock.Advance(time.Hour) // all are due
	done := make(chan admin.Swept)
	stop := admin.StartSweeper(ctx, e.db, admin.SweepOptions{Every: time.Second, Rate: 4, Report: func(r admin.Swept, err error) {
		e.ok(err)
		done <- r
	}})
	for _, want := range []admin.Swept{{Removed: 4, More: true}, {Removed: 4, More: true}, {Removed: 2}, {}} {
		waitFor(e.clock, 1)
		e.clock.Advance(time.Second)
		same(t, "sweep", <-done, want)
	}
	same(t, "rows in the engine", countKeys(e.eng, keys.AppendUvarint(nil, spaceOf(s.Handle()))), 0)
	waitFor(e.clock, 1)
	stop()
	stop() // twice is no error
	e.clock.Advance(time.Hour)
	select {
	case r := <-done:
		t.Errorf("a stopped sweeper did %v", r)
	default:
	}
}

// An error does not end a sweeper; its context and the end of the database do.
func TestSweeperEnds(t *testing.T) {
	for _, end := range []string{"context", "close"} {
		t.Run(end, func(t *testing.T) {
			eng := newSpy(memory.New())
			clock := store.NewManualClock(start)
			db := must(store.Open(ctx, eng, store.WithClock(clock)))
			s := must(stream.Open(ctx, db, "app", "a"))
			for _, id := range []models.RowID{"a", "b"} {
				if err := s.Insert(ctx, &stream.Row{RowID: id, TTLSeconds: ptr(uint32(0))}); err != nil {
					t.Fatal(err)
				}
			}
			c, cancel := context.WithCancel(ctx)
			defer cancel()
			errs := make(chan error, 1)
			stop := admin.StartSweeper(c, db, admin.SweepOptions{Report: func(_ admin.Swept, err error) { errs <- err }})
			tick := func() error {
				waitFor(clock, 1)
				clock.Advance(time.Minute) // the default
				return <-errs
			}
			eng.failNext.Store(1)
			isErr(t, tick(), errSpy)
			eng.failNext.Store(0)
			isErr(t, tick(), nil)
			same(t, "rows in the engine", countKeys(eng, keys.AppendUvarint(nil, spaceOf(s.Handle()))), 0)
			if end == "context" {
				waitFor(clock, 1)
				cancel()
			} else {
				waitFor(clock, 1)
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
				clock.Advance(time.Minute)
				isErr(t, <-errs, store.ErrClosed)
			}
			stop()
		})
	}
}
