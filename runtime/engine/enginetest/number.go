package enginetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
)

// commitNumber runs fn in a transaction until it does not conflict, and returns the
// number of the commit.
func commitNumber(e engine.Engine, o engine.TxOptions, fn func(tx engine.Tx) error) (uint64, error) {
	for {
		tx, err := e.Begin(ctx, o)
		if err != nil {
			return 0, err
		}
		if err := fn(tx); err != nil {
			if lost := tx.Rollback(); lost == nil {
				return 0, err
			}
			continue
		}
		n, err := tx.Commit(ctx)
		if !errors.Is(err, engine.ErrConflict) {
			return n, err
		}
	}
}

// testNumbers: the numbers of commits are in the order of what they did to counters,
// and of the calls that made them.
func testNumbers(t *testing.T, e engine.Engine) {
	const workers, rounds, keys = 8, 40, 3
	for k := range keys {
		put(t, e, fmt.Sprintf("n%d", k), string(numBytes(0)))
	}
	var mu sync.Mutex
	numbers := [keys]map[uint64]uint64{} // of the commit that set a counter to a value
	for k := range numbers {
		numbers[k] = map[uint64]uint64{}
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			before := uint64(0)
			for i := range rounds {
				k := (w + i) % keys
				key := fmt.Appendf(nil, "n%d", k)
				var value uint64
				n, err := commitNumber(e, engine.TxOptions{Sync: i%8 == 0, Hint: mayDiffer(i%2 == 0)}, func(tx engine.Tx) error {
					v, err := tx.GetForUpdate(ctx, key)
					if err != nil {
						return err
					}
					value = num(v) + 1
					return tx.Put(key, numBytes(value))
				})
				if err != nil || n <= before {
					t.Errorf("commit: number %d after %d in the same goroutine, %v", n, before, err)
					return
				}
				before = n
				mu.Lock()
				numbers[k][value] = n
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	seen := map[uint64]bool{}
	for k, of := range numbers {
		for value := uint64(1); value <= uint64(len(of)); value++ {
			n := of[value]
			if n == 0 || n <= of[value-1] || seen[n] {
				t.Fatalf("counter %d was set to %d by commit %d, and to the value before by %d", k, value, n, of[value-1])
			}
			seen[n] = true
		}
	}
	if len(seen) != workers*rounds {
		t.Errorf("%d numbers of %d commits", len(seen), workers*rounds)
	}
}

// testNumbersOfReads: a commit that read what another one wrote, or overwrote what
// another one read, comes behind it, whatever key it writes itself.
func testNumbersOfReads(t *testing.T, e engine.Engine) {
	one := func(read, write string) uint64 {
		t.Helper()
		n, err := commitNumber(e, engine.TxOptions{}, func(tx engine.Tx) error {
			get(t, tx, read)
			return tx.Put([]byte(write), []byte("1"))
		})
		must(t, "Commit", err)
		return n
	}
	last := uint64(0)
	for _, c := range [][2]string{{"a", "b"}, {"b", "c"}, {"x", "b"}, {"y", "x"}, {"p", "q"}} {
		n := one(c[0], c[1])
		if n <= last {
			t.Errorf("the commit that read %s and wrote %s has number %d, after %d", c[0], c[1], n, last)
		}
		last = n
	}
}

// testNumberOfNothing: there is no number where nothing was committed.
func testNumberOfNothing(t *testing.T, e engine.Engine) {
	put(t, e, "a", "1")
	none := func(what string, want error, o engine.TxOptions, fn func(tx engine.Tx)) {
		t.Helper()
		tx := begin(t, e, o)
		fn(tx)
		n, err := tx.Commit(ctx)
		if n != 0 {
			t.Errorf("%s: number %d", what, n)
		}
		wantErr(t, what, err, want)
	}
	for _, o := range []engine.TxOptions{{}, {Hint: mayConflict}, {Hint: mayDiffer(true)}} {
		none("nothing written", nil, o, func(tx engine.Tx) { get(t, tx, "a") })
		none("nothing done", nil, o, func(engine.Tx) {})
		none("a conflict", engine.ErrConflict, o, func(tx engine.Tx) {
			get(t, tx, "a")
			put(t, e, "a", "2")
			must(t, "Put", tx.Put([]byte("a"), []byte("3")))
		})
		none("a write that is refused", engine.ErrInvalid, o, func(tx engine.Tx) {
			wantErr(t, "Put", tx.Put(nil, []byte("x")), engine.ErrInvalid)
		})
		none("a transaction that has ended", engine.ErrTxDone, o, func(tx engine.Tx) {
			must(t, "Put", tx.Put([]byte("b"), []byte("3")))
			must(t, "Rollback", tx.Rollback())
		})
	}
	done, cancel := context.WithCancel(ctx)
	tx := begin(t, e, engine.TxOptions{})
	must(t, "Put", tx.Put([]byte("a"), []byte("9")))
	cancel()
	if n, err := tx.Commit(done); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("a commit that was cancelled: number %d, %v", n, err)
	}
	wantGet(t, e, "b", "-")
}
