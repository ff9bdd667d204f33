package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// manyUsers inserts users.
func (e *env) manyUsers(n int) {
	e.Helper()
	var batch []*users.User
	for i := range n {
		batch = append(batch, newUser(models.UserID(fmt.Sprint("u", i)), models.UserName(fmt.Sprint("n", i)), models.RoleUser))
		if len(batch) == 1000 || i == n-1 {
			e.ok(e.sys.Users.InsertMany(ctx, batch))
			batch = batch[:0]
		}
	}
}

// Verify keeps to its rate, by the clock of the database, and says how far it is.
func TestVerifyRate(t *testing.T) {
	e := newEnv(t, "")
	e.manyUsers(2000) // with two entries each
	var progress []store.Verified
	done := make(chan error, 1)
	begun := e.clock.Now()
	go func() {
		_, err := e.db.Verify(ctx, store.VerifyOptions{Rate: 100, Progress: func(v store.Verified) { progress = append(progress, v) }})
		done <- err
	}()
	for over := false; !over; {
		select {
		case err := <-done:
			e.ok(err)
			over = true
		default:
			if e.clock.Waiting() > 0 {
				e.clock.Advance(100 * time.Millisecond)
			} else {
				runtime.Gosched()
			}
		}
	}
	if took := e.clock.Now().Sub(begun); took < 55*time.Second || took > 65*time.Second {
		t.Errorf("6000 keys at 100 a second took %v", took)
	}
	if len(progress) < 20 {
		t.Fatalf("progress was reported %d times", len(progress))
	}
	for i := 1; i < len(progress); i++ {
		if a, b := progress[i-1], progress[i]; b.Rows+b.Entries < a.Rows+a.Entries {
			t.Errorf("progress goes back from %+v to %+v", a, b)
		}
	}

	// A wait ends with its context.
	c, cancel := context.WithCancel(ctx)
	go func() {
		_, err := e.db.Verify(c, store.VerifyOptions{Rate: 1})
		done <- err
	}()
	for e.clock.Waiting() == 0 {
		runtime.Gosched()
	}
	cancel()
	isErr(t, <-done, context.Canceled)
}

// Verify needs no more memory for many rows than for few.
func TestVerifyMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("collects garbage many times over many rows; not in the short form")
	}
	grows := func(rows int) int64 {
		e := newEnv(t, "")
		e.manyUsers(rows)
		heap := func() int64 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return int64(m.HeapAlloc)
		}
		first, most, n := int64(0), int64(math.MinInt64), 0
		v := must(e.db.Verify(ctx, store.VerifyOptions{Progress: func(store.Verified) {
			if n++; n == 1 {
				first = heap()
			} else if n%(rows/1000) == 0 {
				most = max(most, heap()-first)
			}
		}}))
		same(t, "rows", v.Rows, rows)
		return most
	}
	few, many := grows(3000), grows(60000)
	t.Logf("the heap grows by %d bytes over 3,000 rows, by %d over 60,000", few, many)
	// What other tests have left may go meanwhile, so that it shrinks.
	if many > max(few, 0)+256<<10 {
		t.Errorf("the heap grows by %d bytes over 3,000 rows, and by %d over 60,000", few, many)
	}
}

// Wherever a backup is cut, and whichever of its bytes is altered, it is refused,
// and the target is left empty.
func TestRestoreRefusesEveryCut(t *testing.T) {
	eng := memory.New()
	db, table, err := pairs(eng, pairDesc("pairs", "a"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, k := range []string{"x", "y"} {
		if err := table.Insert(ctx, &pairRow{K: k, A: k}); err != nil {
			t.Fatal(err)
		}
	}
	var stream bytes.Buffer
	if err := db.Backup(ctx, &stream); err != nil {
		t.Fatal(err)
	}
	whole := stream.Bytes()
	target := memory.New()
	defer target.Close()
	refuse := func(what string, at int, b []byte) {
		t.Helper()
		if err := store.Restore(ctx, target, bytes.NewReader(b)); !errors.Is(err, store.ErrBackup) {
			t.Errorf("%s at %d: %v", what, at, err)
		}
		it := target.Iterate(ctx, engine.Range{})
		defer it.Close()
		if it.Next() {
			t.Fatalf("%s at %d: the target is not empty", what, at)
		}
	}
	for i := range whole {
		refuse("cut", i, whole[:i])
		for bit := range 8 {
			altered := bytes.Clone(whole)
			altered[i] ^= 1 << bit
			refuse("altered", i, altered)
		}
	}
	if err := store.Restore(ctx, target, bytes.NewReader(whole)); err != nil {
		t.Errorf("the whole stream: %v", err)
	}
}

// An iteration over rows that is left open when its transaction ends is closed
// with it, and says so to whoever goes on with it. One of a view may be gone on
// with: it shows the one state to its end, whatever was written since.
func TestIteratorsLeftOpen(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		const n = 1000 // more than is read ahead
		e.manyUsers(n)
		for name, c := range map[string]struct {
			within func(fn func(tx *store.Tx) error) error
			want   error
		}{
			"view":   {func(fn func(tx *store.Tx) error) error { return e.db.View(ctx, fn) }, nil},
			"update": {func(fn func(tx *store.Tx) error) error { return e.db.Update(ctx, fn) }, store.ErrTxDone},
			"held": {func(fn func(tx *store.Tx) error) error {
				tx, err := e.db.Begin(ctx)
				if err != nil {
					return err
				}
				return errors.Join(fn(tx.Tx()), tx.Commit())
			}, store.ErrTxDone},
		} {
			var next func() (users.User, error, bool)
			var stop func()
			e.ok(c.within(func(tx *store.Tx) error {
				next, stop = iter.Pull2(e.sys.Users.In(tx).Scan().All(ctx))
				_, err, ok := next()
				if !ok {
					t.Errorf("%s: nothing is there", name)
				}
				return err
			}))
			late := models.UserID("z late in " + name)
			e.ok(e.sys.Users.Put(ctx, newUser(late, models.UserName(late), models.RoleUser)))
			var last error
			rows := 1
			for {
				u, err, ok := next()
				if !ok {
					break
				}
				if last = err; err == nil {
					rows++
				}
				if u.UserID == late {
					t.Errorf("%s: shows a row that was written later", name)
				}
			}
			stop()
			isErr(t, last, c.want)
			if c.want == nil && rows != n {
				t.Errorf("%s: %d rows of %d", name, rows, n)
			}
			if c.want != nil && rows == n {
				t.Errorf("%s: all rows were shown", name)
			}
			e.ok(e.sys.Users.Delete(ctx, late))
		}
	})
}
