package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/namespaces"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// blindly makes the puts of namespaces, which have no index, such that do not read, for
// as long as the test runs.
func blindly(t *testing.T) {
	namespaces.Desc.Blind = true
	t.Cleanup(func() { namespaces.Desc.Blind = false })
}

// What a cache promises holds where puts do not read.
func TestBlindRowCache(t *testing.T) {
	blindly(t)
	t.Run("writes", TestRowCacheWrites)
	t.Run("between", TestRowCacheBetween)
	t.Run("never stale", TestRowCacheNeverStale)
}

// A hook is told the old row, whatever the put would do without the hook.
func TestBlindHooks(t *testing.T) {
	blindly(t)
	onEngines(t, func(t *testing.T, e *env) {
		ns := &e.sys.Namespaces
		put := func(name string) {
			t.Helper()
			e.ok(ns.Put(ctx, &namespaces.Namespace{NamespaceID: "a", Name: name}))
		}
		put("1")
		var seen []string
		stop := store.OnCommit(ns, func(c store.TableCommit[models.NamespaceID, namespaces.Namespace]) {
			for _, c := range c.Changes {
				old := "none"
				if c.Old != nil {
					old = c.Old.Name
				}
				seen = append(seen, old+" to "+c.New.Name)
			}
		})
		put("2")
		e.ok(ns.PutMany(ctx, []*namespaces.Namespace{{NamespaceID: "a", Name: "3"}, {NamespaceID: "b", Name: "1"}}))
		e.ok(e.sys.Update(ctx, func(tx *system.Tx) error {
			return tx.Namespaces.Put(ctx, &namespaces.Namespace{NamespaceID: "a", Name: "4"})
		}))
		e.settle()
		stop()
		put("5")
		e.settle()
		if want := []string{"1 to 2", "2 to 3", "none to 1", "3 to 4"}; !slices.Equal(seen, want) {
			t.Errorf("hooks saw %q, want %q", seen, want)
		}
	})
}

// A walk of a transaction shows what was there when it began, whatever is put meanwhile.
func TestBlindWalk(t *testing.T) {
	blindly(t)
	onEngines(t, func(t *testing.T, e *env) {
		for i := range 9 {
			e.ok(e.sys.Namespaces.Put(ctx, &namespaces.Namespace{NamespaceID: models.NamespaceID(fmt.Sprint(i)), Name: "old"}))
		}
		var seen []string
		e.ok(e.sys.Update(ctx, func(tx *system.Tx) error {
			for v, err := range tx.Namespaces.Scan().All(ctx) {
				if err != nil {
					return err
				}
				seen = append(seen, v.Name)
				for i := range 9 {
					if err := tx.Namespaces.Put(ctx, &namespaces.Namespace{NamespaceID: models.NamespaceID(fmt.Sprint(i)), Name: "new"}); err != nil {
						return err
					}
				}
			}
			return nil
		}))
		if want := slices.Repeat([]string{"old"}, 9); !slices.Equal(seen, want) {
			t.Errorf("the walk showed %q, want %q", seen, want)
		}
	})
}

// syncedWrites is an engine that counts the batches that are to be on stable storage, and
// knows how much the last one wrote. It fails where it is told to.
type syncedWrites struct {
	engine.Engine
	synced int
	last   int
	fail   error
}

func (e *syncedWrites) Write(ctx context.Context, b engine.Batch, o engine.WriteOptions) error {
	if o.Sync {
		e.synced++
	}
	if e.last = b.Len(); e.fail != nil {
		return e.fail
	}
	return e.Engine.Write(ctx, b, o)
}

// A single put is on stable storage where commits are to be, takes part in a transaction,
// and is refused in a view.
func TestBlindPut(t *testing.T) {
	blindly(t)
	eng := &syncedWrites{Engine: memory.New()}
	sys := must(system.Open(ctx, must(store.Open(ctx, eng))))
	defer sys.Close()
	put := func(ns *namespaces.Store, id models.NamespaceID) error {
		return ns.Put(ctx, &namespaces.Namespace{NamespaceID: id, Name: "x"})
	}
	before := eng.synced
	if err := put(&sys.Namespaces, "a"); err != nil || eng.synced != before+1 {
		t.Errorf("a put gave %v, and %d synced batches", err, eng.synced-before)
	}
	stop := errors.New("stop")
	eng.fail = stop
	many := func(id models.NamespaceID) error {
		return sys.Namespaces.PutMany(ctx, []*namespaces.Namespace{{NamespaceID: id, Name: "x"}, {NamespaceID: id + "2", Name: "x"}})
	}
	if err := errors.Join(put(&sys.Namespaces, "d"), many("d")); !errors.Is(err, stop) {
		t.Errorf("puts that the engine refuses gave %v", err)
	}
	eng.fail = nil
	if err := put(&sys.Namespaces, "a"); err != nil || eng.last != 1 {
		t.Errorf("a put gave %v, and a batch of %d", err, eng.last)
	}
	if err := many("a"); err != nil || eng.last != 2 {
		t.Errorf("two puts gave %v, and a batch of %d", err, eng.last)
	}
	err := sys.Update(ctx, func(tx *system.Tx) error {
		if err := put(&tx.Namespaces, "b"); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Errorf("the transaction gave %v", err)
	}
	err = sys.View(ctx, func(tx *system.Tx) error { return put(&tx.Namespaces, "c") })
	if !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a put in a view gave %v", err)
	}
	if n := must(sys.Namespaces.Count(ctx)); n != 2 {
		t.Errorf("there are %d rows, want those of the puts that were not refused", n)
	}
}

// Puts that are written together are all written, or none.
func TestBlindPutMany(t *testing.T) {
	blindly(t)
	onEngines(t, func(t *testing.T, e *env) {
		ns := &e.sys.Namespaces
		row := func(id models.NamespaceID, name string) *namespaces.Namespace {
			return &namespaces.Namespace{NamespaceID: id, Name: name}
		}
		e.ok(ns.PutMany(ctx, nil))
		e.ok(ns.PutMany(ctx, []*namespaces.Namespace{row("a", "1"), row("b", "1"), row("a", "2")}))
		for name, rows := range map[string][]*namespaces.Namespace{
			"a nil row":      {row("a", "3"), nil},
			"a key too long": {row("b", "3"), row(models.NamespaceID(strings.Repeat("x", 300)), "3")},
		} {
			err := ns.PutMany(ctx, rows)
			if !errors.Is(err, store.ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		e.ok(ns.Put(ctx, row("c", "1"))) // and nothing of what was refused goes along
		var got []string
		for v, err := range ns.ScanAll(ctx) {
			e.ok(err)
			got = append(got, string(v.NamespaceID)+v.Name)
		}
		if want := []string{"a2", "b1", "c1"}; !slices.Equal(got, want) {
			t.Errorf("there is %q, want %q", got, want)
		}
	})
}

// ticking is a clock that shows another time whenever it is looked at.
type ticking struct{ store.Clock }

var ticks atomic.Int64

func (ticking) Now() time.Time { return start.Add(time.Duration(ticks.Add(1)) * time.Second) }

// Puts that are written together have one time, and none of them is refused as some are,
// whether they read or not.
func TestBlindPutManyOfTimeAndNone(t *testing.T) {
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for name, blind := range map[string]bool{"reading": false, "blind": true} {
		t.Run(name, func(t *testing.T) {
			if blind {
				blindly(t)
			}
			sys := must(system.Open(ctx, must(store.Open(ctx, memory.New(), store.WithClock(ticking{store.SystemClock})))))
			rows := []*namespaces.Namespace{{NamespaceID: "a", Name: "x"}, {NamespaceID: "b", Name: "x"}}
			if err := sys.Namespaces.PutMany(ctx, rows); err != nil || rows[0].CreatedAt != rows[1].CreatedAt {
				t.Errorf("%v, written at %v and %v", err, rows[0].CreatedAt, rows[1].CreatedAt)
			}
			later := &namespaces.Namespace{NamespaceID: "c", Name: "x"}
			if err := sys.Namespaces.Put(ctx, later); err != nil || !later.CreatedAt.After(rows[1].CreatedAt) {
				t.Errorf("%v, written at %v and then at %v", err, rows[1].CreatedAt, later.CreatedAt)
			}
			for _, some := range [][]*namespaces.Namespace{nil, rows} {
				if err := sys.Namespaces.PutMany(cancelled, some); !errors.Is(err, context.Canceled) {
					t.Errorf("%d rows, cancelled: %v", len(some), err)
				}
			}
			if err := sys.Close(); err != nil {
				t.Fatal(err)
			}
			for _, some := range [][]*namespaces.Namespace{nil, rows} {
				if err := sys.Namespaces.PutMany(ctx, some); !errors.Is(err, store.ErrClosed) {
					t.Errorf("%d rows, closed: %v", len(some), err)
				}
			}
		})
	}
}
