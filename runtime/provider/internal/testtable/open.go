package testtable

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// Start is where the clock of an Env stands at first.
var Start = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

// Env is a database in memory for a test.
type Env struct {
	DB     *store.DB
	Engine *Counting
	Clock  *store.ManualClock
	Items  *store.Table[ItemKey, Item]
	Notes  *store.Table[NoteID, Note]
}

// Open returns an empty database, closed at the end of the test.
func Open(tb testing.TB) *Env {
	tb.Helper()
	e, err := OpenEnv()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := e.Close(); err != nil {
			tb.Error(err)
		}
	})
	return e
}

// OpenEnv returns an empty database.
func OpenEnv() (*Env, error) {
	ctx := context.Background()
	e := &Env{Engine: &Counting{Engine: memory.New()}, Clock: store.NewManualClock(Start)}
	var err error
	if e.DB, err = store.Open(ctx, e.Engine, store.WithClock(e.Clock)); err != nil {
		return nil, err
	}
	if e.Items, err = storeimpl.OpenTyped(ctx, e.DB, Items{}); err != nil {
		return nil, err
	}
	e.Notes, err = storeimpl.OpenTypedMember(ctx, e.DB, Notes{}, keys.AppendStringLast(nil, "diary"), "diary")
	return e, err
}

// Close closes the database. It is an error if snapshots or iterators are open.
func (e *Env) Close() error {
	var left error
	if n := e.Engine.Open.Load(); n != 0 {
		left = fmt.Errorf("%d snapshots or iterators were left open", n)
	}
	return errors.Join(left, e.DB.Close())
}
