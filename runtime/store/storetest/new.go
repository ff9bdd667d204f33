package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// Start is where the clock of New stands.
var Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// New opens a group of tables, or anything else that is opened over a database,
// in memory, with a clock that only the test moves. The database is closed when
// the test ends.
//
//	sys, clock := storetest.New(t, system.Open)
//
// The Open of one table takes options too, so it needs a function around it:
//
//	users, clock := storetest.New(t, func(ctx context.Context, db *store.DB) (*users.Store, error) {
//		return users.Open(ctx, db)
//	})
func New[G any](t testing.TB, open func(ctx context.Context, db *store.DB) (G, error)) (G, *store.ManualClock) {
	t.Helper()
	ctx := context.Background()
	clock := store.NewManualClock(Start)
	db, err := store.Open(ctx, memory.New(), store.WithClock(clock))
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	t.Cleanup(func() { db.Close() })
	g, err := open(ctx, db)
	if err != nil {
		t.Fatalf("storetest: %v", err)
	}
	return g, clock
}
