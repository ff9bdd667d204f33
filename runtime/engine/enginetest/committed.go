package enginetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
)

// testCommitted: notices come one at a time, once for each commit, before it
// returns, and in the order of commits, which the values of counters tell.
func testCommitted(t *testing.T, e engine.Engine) {
	const workers, rounds, keys = 8, 40, 3
	for k := range keys {
		put(t, e, fmt.Sprintf("n%d", k), string(numBytes(0)))
	}
	type commit struct {
		key   string
		value uint64
	}
	var seen []commit // without a lock: that is what the engine promises
	var inside atomic.Int32
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range rounds {
				key := fmt.Sprintf("n%d", (w+i)%keys)
				var value uint64
				told := 0
				o := engine.WriteOptions{Sync: i%8 == 0, Point: i%2 == 0, Committed: func() {
					if inside.Add(1) != 1 {
						t.Error("two notices at once")
					}
					told++
					seen = append(seen, commit{key, value})
					inside.Add(-1)
				}}
				err := update(e, o, func(ctx context.Context, tx engine.Tx) error {
					v, err := tx.GetForUpdate(ctx, []byte(key))
					if err != nil {
						return err
					}
					value = num(v) + 1
					return tx.Put([]byte(key), numBytes(value))
				})
				if err != nil || told != 1 {
					t.Errorf("Update: %v, with %d notices", err, told)
					return
				}
			}
		})
	}
	wg.Wait()
	last := map[string]uint64{}
	for i, c := range seen {
		if c.value != last[c.key]+1 {
			t.Fatalf("notice %d is of %s = %d, after %d", i, c.key, c.value, last[c.key])
		}
		last[c.key] = c.value
	}
	if len(seen) != workers*rounds {
		t.Errorf("%d notices of %d commits", len(seen), workers*rounds)
	}
}

// testCommittedOnlyThen: no notice where nothing was committed.
func testCommittedOnlyThen(t *testing.T, e engine.Engine) {
	put(t, e, "a", "1")
	told := 0
	o := engine.WriteOptions{Committed: func() { told++ }}
	want := func(what string, n int) {
		t.Helper()
		if told != n {
			t.Errorf("%s: %d notices, want %d", what, told, n)
		}
		told = 0
	}
	errMine := errors.New("mine")
	err := e.Update(ctx, o, func(_ context.Context, tx engine.Tx) error {
		must(t, "Put", tx.Put([]byte("a"), []byte("2")))
		return errMine
	})
	wantErr(t, "Update", err, errMine)
	want("a function that fails", 0)

	err = e.Update(ctx, o, func(ctx context.Context, tx engine.Tx) error {
		if _, err := tx.Get(ctx, []byte("a")); err != nil {
			return err
		}
		put(t, e, "a", "3")
		return tx.Put([]byte("a"), []byte("4"))
	})
	wantErr(t, "Update", err, engine.ErrConflict)
	want("a conflict", 0)

	err = e.Update(ctx, o, func(_ context.Context, tx engine.Tx) error {
		if err := tx.Put(nil, []byte("x")); err == nil {
			t.Error("an empty key was taken")
		}
		return nil
	})
	wantErr(t, "Update", err, engine.ErrInvalid)
	want("a write that is refused", 0)

	must(t, "Update", e.Update(ctx, o, func(ctx context.Context, tx engine.Tx) error {
		_, err := tx.Get(ctx, []byte("a"))
		return err
	}))
	must(t, "Write", e.Write(ctx, e.NewBatch(), o))
	want("nothing to write", 0)

	b := e.NewBatch()
	b.Put([]byte("b"), []byte("1"))
	must(t, "Write", e.Write(ctx, b, o))
	want("a batch", 1)

	must(t, "Close", e.Close())
	wantErr(t, "Write", e.Write(ctx, b, o), engine.ErrClosed)
	want("a closed engine", 0)
}
